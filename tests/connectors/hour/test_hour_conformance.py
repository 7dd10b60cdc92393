"""The whole suite over the connector of "a connector in an hour"; this is all that a new tool has to give it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, ClassVar

import pytest
import redmine
from conformance import TOKEN, SandboxHarness, SourceConformance, Trial
from redmine_server import RedmineServer

from connectors import registry
from okrsync.model import Secret, SecretRef, SourceConfig
from okrsync.sandbox import Sandbox, World
from okrsync.sandbox.clock import Clock


class RedmineHarness(SandboxHarness):
    page = 5
    unknown = "999"
    quiet = 5  # of each project itself and a page of issues; the statuses
    pulls = r".*/issues\.json"
    indispensable = frozenset({"id", "issues", "total_count", "updated_on"})
    cannot: ClassVar[Mapping[str, str]] = {
        "logged out": "only Jira answers so",
        "repeated token": "a place in the list is a number of ours",
        "empty page once": "a page that is empty and tells of more is an error",
        "lost answer once": "this connector does not write",
    }

    def __init__(self, sandbox: Sandbox, server: RedmineServer) -> None:
        super().__init__(sandbox)
        self.server = server

    def connect(self, token: str = TOKEN) -> Any:
        source = SourceConfig(
            id="it",
            kind="redmine",
            url=f"{self.sandbox.url}/redmine",
            email=None,
            token=SecretRef("env", "REDMINE_KEY"),
            settings=redmine.RedmineSettings(projects=("shop", "pay")),
            timeout=self.timeout,
        )
        made: Any = registry.connect(source, Secret(token))
        made._transport._wait = lambda seconds: False  # tries again at once
        self.opened.append(made)
        return made

    def seed(self, count: int, *, at: datetime | None = None) -> list[str]:
        found = []
        for number in range(count):
            self.advance(timedelta(minutes=7))
            found.append(str(self.server.create(1 + number % 2, at or self.sandbox.world.clock())))
        self.advance(timedelta(hours=1))
        return found

    def touch(self, remote_id: str) -> None:
        self.server.edit(int(remote_id), subject=f"touched at {self.sandbox.world.clock()}")

    def label(self, remote_id: str, name: str) -> None:
        self.server.edit(int(remote_id), category={"id": 7, "name": name})

    def finish(self, remote_id: str) -> None:
        self.server.close_issue(int(remote_id))

    def reword(self) -> None:
        self.server.statuses[5] = "Done"

    def delete(self, remote_id: str) -> None:
        del self.server.issues[int(remote_id)]

    def move(self, remote_id: str) -> tuple[str, str]:
        self.server.edit(int(remote_id), project={"id": 2, "name": "Pay"})
        return f"shop#{remote_id}", f"pay#{remote_id}"

    def hide(self, remote_id: str) -> None:
        self.server.hidden.add(remote_id)

    def hide_scope(self) -> str:
        self.server.hidden.add("pay")
        return "pay"

    def trials(self) -> Sequence[Trial]:
        return ()  # it writes nothing


@pytest.fixture
def harness(monkeypatch: pytest.MonkeyPatch) -> Iterator[RedmineHarness]:
    monkeypatch.setitem(registry.KINDS, "redmine", ("redmine:RedmineSettings", "redmine:connect"))
    monkeypatch.setattr(redmine, "PAGE", RedmineHarness.page)
    clock = Clock(datetime(2026, 3, 1, 8, 0, tzinfo=UTC))
    server, world = RedmineServer(clock), World(clock=clock)
    world.served["redmine"] = server
    with Sandbox(world) as sandbox:
        made = RedmineHarness(sandbox, server)
        yield made
        made.close()


class TestRedmine(SourceConformance):
    """Redmine."""
