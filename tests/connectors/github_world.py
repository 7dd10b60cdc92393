"""What the tests of the GitHub connector share: pulls and writes in few words."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any, TypeAlias

from conformance import drain, start
from misbehaving import reply

from okrsync.errors import Rejected
from okrsync.model import Cursor, Item, Json, ReferenceKind, Say, Slot, Surface, Write
from okrsync.sandbox.github.repository import Repository

NO_QUERIES = reply({"message": "Not Found"}, "404 Not Found")
"""What the first query of a cycle gets from a server without such a thing."""
NOW = datetime(2026, 3, 1, 8, 0, tzinfo=UTC)
Connect: TypeAlias = Callable[..., Any]
Since: TypeAlias = "dict[str, Cursor | None]"


def read(source: Any, since: Since | None = None) -> tuple[dict[str, Item], Since]:
    """Items by key, and where to go on."""
    items, after = drain(source, since if since is not None else start(source))
    return {item.key: item for item in items}, after


def pages(source: Any, since: Since) -> Iterator[tuple[list[str], Since]]:
    """Keys page by page, and where to go on after each."""
    for page in source.pull(since):
        since = {**since, **page.cursors}
        yield [item.key for item in page.items], since


def references(item: Item, kind: ReferenceKind) -> list[str]:
    return [reference.target for reference in item.references if reference.kind is kind]


def stands(sink: Any, slot: Slot) -> Json:
    """What stands in one slot; its refusal is raised."""
    found = sink.read([slot])[slot]
    if isinstance(found, Rejected):
        raise found
    return found


def push(sink: Any, *writes: Write) -> Any:
    """The receipt of one write, those of several."""
    receipts = sink.push(writes)
    return receipts[0] if len(writes) == 1 else receipts


def block(repository: Repository, number: int, value: Json) -> Write:
    slot = Slot("github", f"milestone:{repository.id}:{number}", Surface.BLOCK, "acme")
    return Write(slot, "key", "url", None, value, Say("why"))


def write(repository: Repository, number: int, surface: Surface, name: str, value: Json) -> Write:
    slot = Slot("github", f"{repository.id}#{number}", surface, name)
    return Write(slot, "key", "url", None, value, Say("why"))
