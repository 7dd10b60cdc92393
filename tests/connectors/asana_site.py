"""A site of Asana made of answers that a test writes: how to connect to it, and what its answers look like."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import responses

from connectors import registry
from connectors.asana import Asana, AsanaSettings
from okrsync.model import Cursor, Json, Say, Secret, SecretRef, Slot, SourceConfig, Surface, Write

API = "https://asana.test/api/1.0"
NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)

opened: list[Asana] = []
"""What :func:`connect` made, to be closed at the end of the test."""


def connect(token: str = "t0k3n", **settings: Any) -> Asana:
    given = AsanaSettings(**{"workspace": "1", "projects": ("20", "21"), **settings})
    source = SourceConfig("asana", "asana", API, None, SecretRef("env", "X"), given)
    made: Any = registry.connect(source, Secret(token))
    made._api._transport._wait = lambda seconds: False
    made._clock = lambda: NOON + timedelta(hours=1)
    opened.append(made)
    return made


def task(gid: str, updated: str = "2026-03-01T10:00:00.000Z", **fields: Any) -> dict[str, Any]:
    return {"gid": gid, "name": f"Task {gid}", "modified_at": updated, "completed": False, **fields}


def cursor(at: datetime = NOON, token: str = "t0", *, read: datetime = NOON) -> Cursor:
    """A cursor of a project that was read whole at ``read``."""
    return Cursor(at, f"{read.isoformat()} {token}")


def page(tasks: list[Any], offset: Any = None) -> dict[str, Any]:
    return {"data": tasks, "next_page": None if offset is None else {"offset": offset}}


def sent(mock: responses.RequestsMock) -> list[str]:
    return [
        f"{call.request.method} {(call.request.url or '').removeprefix(API).partition('?')[0]}" for call in mock.calls
    ]


UPDATE: Json = {"status_type": "at_risk", "title": "KR-UX", "text": "50 %\n\nokrsync · acme · KR-UX"}


def write(surface: Surface, name: str, after: Json, remote_id: str = "10") -> Write:
    return Write(Slot("asana", remote_id, surface, name), "key", API, None, after, Say("why"))
