"""The conformance suite over the connector that has no tool: its cases are about the ports, not about HTTP."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import ClassVar

import pytest
from conformance import FAULTS, TOKEN, SourceConformance, Trial
from memory import Memory, Tool, refused

from okrsync.errors import MalformedPage, RateLimited, Rejected, ToolError, Unavailable
from okrsync.model import Slot, State, Surface

NO_WIRE = "there is no wire between the connector and its tool"
MEANINGS: dict[str, Callable[[], ToolError]] = {
    "401": refused,
    "429 for an hour": lambda: RateLimited("wait", retry_at=datetime(2026, 3, 1, 9, tzinfo=UTC)),
    "503": lambda: Unavailable("memory answered 503", status=503),
    "500": lambda: Unavailable("memory answered 500", status=500),
    "400": lambda: Rejected("memory answered 400", status=400),
    "403": lambda: Rejected("memory answered 403", status=403),
    "html": lambda: MalformedPage("memory answered with what is no item"),
}


class MemoryHarness:
    page = 5
    unknown = "999"
    quiet = 2
    indispensable: ClassVar[frozenset[str]] = frozenset()
    open_query = bad_query = ""
    timeout = timedelta()
    cannot: ClassVar[Mapping[str, str]] = {
        **{fault: NO_WIRE for fault in FAULTS if fault not in MEANINGS and fault != "lost answer once"},
        "repeated token": "there are no tokens",
        "empty pages": "there are no tokens",
        "edited answers": "there is no JSON",
        "nth request": NO_WIRE,
        "nothing before the time": "what waits is the transport",
        "reword": "an item says itself what it is",
    }

    def __init__(self) -> None:
        self.tool = Tool(datetime(2026, 3, 1, 8, tzinfo=UTC))

    def connect(self, token: str = TOKEN) -> Memory:
        return Memory(self.tool, self.page)

    def seed(self, count: int, *, at: datetime | None = None) -> list[str]:
        found = []
        for number in range(count):
            self.advance(timedelta(minutes=7))
            found.append(self.tool.create("12"[number % 2], at or self.tool.now))
        self.advance(timedelta(hours=1))
        return found

    def touch(self, remote_id: str) -> None:
        self.tool.edit(remote_id, title="touched")

    def label(self, remote_id: str, name: str) -> None:
        self.tool.edit(remote_id, labels=(*self.tool.items[remote_id].labels, name))

    def finish(self, remote_id: str) -> None:
        self.tool.edit(remote_id, state=State.DONE, status="done")

    def delete(self, remote_id: str) -> None:
        del self.tool.items[remote_id]

    def move(self, remote_id: str) -> tuple[str, str]:
        before = self.tool.items[remote_id]
        self.tool.edit(remote_id, scope="2", project="PAY", key=f"PAY-{remote_id}")
        return before.key, f"PAY-{remote_id}"

    def hide(self, remote_id: str) -> None:
        self.tool.hidden.add(remote_id)

    def hide_scope(self) -> str:
        self.tool.hidden.add("2")
        return "PAY"

    def advance(self, by: timedelta) -> None:
        self.tool.now += by

    def trials(self) -> Sequence[Trial]:
        (identity,) = self.seed(1)
        return (
            Trial(Slot("it", identity, Surface.LABEL, "okr-orphan"), True, True),
            Trial(Slot("it", identity, Surface.COMMENT, "acme"), "one", "two"),
        )

    def fail(self, fault: str, where: str) -> None:
        if fault == "lost answer once":
            self.tool.lost = 1
        elif fault == "bad token":
            self.tool.trouble = lambda _: refused()
        else:
            self.tool.trouble = lambda about: MEANINGS[fault]() if about == where else None

    def heal(self) -> None:
        self.tool.trouble = lambda _: None

    def unsafe(self) -> int:
        return self.tool.writes


@pytest.fixture
def harness() -> MemoryHarness:
    return MemoryHarness()


class TestMemory(SourceConformance):
    """No tool at all."""
