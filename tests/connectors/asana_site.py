"""Two sites of Asana: one made of answers that a test writes, and the sandbox's; how to connect to them, and what
their answers look like."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import responses

from connectors import registry
from connectors.asana import Asana, AsanaSettings
from connectors.asana_changes import Mark
from okrsync.errors import Rejected
from okrsync.model import Cursor, Item, Json, Receipt, Say, Secret, SecretRef, Slot, SourceConfig, Surface, Write
from okrsync.sandbox import Sandbox
from okrsync.sandbox.asana.workspace import Workspace

API = "https://asana.test/api/1.0"
NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
ONE = NOON + timedelta(hours=1)
WORKSPACE, SHOP, PAY = "1100", "2001", "2002"

opened: list[Asana] = []
"""What :func:`connect` made, to be closed at the end of the test."""


def connect(token: str = "t0k3n", *, search: bool = False, url: str = API, base: str = "", **settings: Any) -> Asana:
    """A connector, an hour after noon; by default it knows already that the plan has no search."""
    given = AsanaSettings(**{"workspace": "1", "projects": ("20", "21"), **settings})
    source = SourceConfig("asana", "asana", url, None, SecretRef("env", "X"), given, base=base)
    made: Any = registry.connect(source, Secret(token))
    made._api._transport._wait = made._api._wait = lambda seconds: False
    made._clock = lambda: ONE
    made._search._refused_at = None if search else ONE
    opened.append(made)
    return made


class Site:
    """A workspace of the sandbox with two projects, and connectors to it whose clock a test can set ahead."""

    def __init__(self, sandbox: Sandbox, workspace: Workspace) -> None:
        self.sandbox, self.workspace = sandbox, workspace
        self.waits: list[float] = []
        self.later = timedelta()

    def connect(self, *, timeout: float = 5.0, written: frozenset[str] = frozenset(), **settings: Any) -> Any:
        given = AsanaSettings(**{"workspace": WORKSPACE, "projects": (SHOP, PAY), **settings})
        url = f"{self.sandbox.url}/asana/api/1.0"
        token = SecretRef("env", "X")
        limit = timedelta(seconds=timeout)
        source = SourceConfig("asana", "asana", url, None, token, given, timeout=limit, written=written)
        made: Any = registry.connect(source, Secret("t0k3n"))
        made._api._transport._wait = made._api._wait = self._wait
        made._clock = lambda: datetime.now(UTC) + self.later
        opened.append(made)
        return made

    def _wait(self, seconds: float) -> bool:
        self.waits.append(seconds)
        return False

    def edit(self, path: str, **body: Any) -> Any:
        return self.workspace.edit(path, body)

    def task(self, name: str, **more: Any) -> str:
        return self.workspace.task(name, **more)

    def advance(self, **by: float) -> None:
        self.sandbox.world.clock.advance(timedelta(**by))

    def asked(self) -> list[str]:
        """The paths of what was asked since this was called last."""
        paths = [one.path.removeprefix("/asana/api/1.0") for one in self.sandbox.requests]
        self.sandbox.clear_requests()
        return paths


def drained(source: Any, since: Mapping[str, Cursor | None]) -> tuple[dict[str, Item], list[str], dict[str, Any]]:
    """What a pull of these scopes brings: the items by gid, the doubts, and where to go on."""
    items: dict[str, Item] = {}
    doubts: list[str] = []
    after: dict[str, Any] = dict(since)
    for page in source.pull(since):
        items |= {item.remote_id: item for item in page.items}
        doubts += page.doubts
        after |= page.cursors
    return items, doubts, after


FIRST: dict[str, Cursor | None] = {"2001": None, "2002": None}  # nothing was ever read of them


def task(gid: str, updated: str = "2026-03-01T10:00:00.000Z", **fields: Any) -> dict[str, Any]:
    return {"gid": gid, "name": f"Task {gid}", "modified_at": updated, "completed": False, **fields}


def cursor(at: datetime = NOON, token: str = "t0", **times: datetime | None) -> Cursor:
    """A cursor of a project that was read and listed at noon, and asked for its events just now."""
    return Cursor(at, Mark(token, **{"whole": NOON, "polled": ONE, "listed": NOON, **times}).dump())


def page(tasks: list[Any], offset: Any = None) -> dict[str, Any]:
    return {"data": tasks, "next_page": None if offset is None else {"offset": offset}}


def sent(mock: responses.RequestsMock) -> list[str]:
    return [
        f"{call.request.method} {(call.request.url or '').removeprefix(API).partition('?')[0]}" for call in mock.calls
    ]


UPDATE: Json = {"status_type": "at_risk", "title": "KR-UX", "text": "50 %\n\nokrsync · acme · KR-UX"}


def write(surface: Surface, name: str, after: Json, remote_id: str = "10") -> Write:
    return Write(Slot("asana", remote_id, surface, name), "key", API, None, after, Say("why"))


def stands(sink: Any, slot: Slot) -> Json:
    """What stands in one slot; raises Rejected where it cannot be read."""
    found: Json | Rejected = sink.read([slot])[slot]
    if isinstance(found, Rejected):
        raise found
    return found


def push(sink: Any, one: Write) -> Receipt:
    """The receipt of one write."""
    (receipt,) = sink.push([one])
    assert isinstance(receipt, Receipt)
    return receipt
