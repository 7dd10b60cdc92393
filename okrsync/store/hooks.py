"""Webhooks that we made, and those that we are making."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, and_, select

from okrsync.store import tables as t
from okrsync.store.bulk import delete_rows, insert_rows, update_rows
from okrsync.store.codec import clean, micros

_HOOK = t.hook.c


@dataclass(frozen=True, slots=True)
class Hook:
    """A webhook of ours. ``place`` is what it tells of; ``remote_id`` what the tool calls it, None until it is made.
    ``sealed`` is the secret that signs it, encrypted by the one of its source."""

    id: str
    source: str
    place: str
    remote_id: str | None
    sealed: str | None
    expected_until: datetime | None
    created_at: datetime


def hooks(tx: Connection, source: str | None = None) -> list[Hook]:
    """All of them, or those of one source; the oldest first."""
    rows = select(t.hook).order_by(_HOOK.created_at, _HOOK.id)
    return [Hook(*row) for row in tx.execute(rows if source is None else rows.where(_HOOK.source == source))]


def find(tx: Connection, source: str, hook: str) -> Hook | None:
    """The one of this id."""
    row = tx.execute(select(t.hook).where(_HOOK.id == clean(hook), _HOOK.source == source)).one_or_none()
    return None if row is None else Hook(*row)


def expect(tx: Connection, hook: str, source: str, place: str, until: datetime, now: datetime) -> None:
    """A webhook is about to be made; until then its tool may tell a secret for it, once."""
    columns = ("id", "source", "target", "expected_until", "created_at")
    insert_rows(tx, t.hook, columns, [(hook, source, place, micros(until), micros(now))])


def keep_secret(tx: Connection, source: str, hook: str, sealed: str, now: datetime) -> bool:
    """The secret of a webhook is remembered; False where none is expected (any more)."""
    awaited = and_(_HOOK.expected_until > now, _HOOK.sealed.is_(None))
    known = select(_HOOK.id).where(_HOOK.id == clean(hook), _HOOK.source == source, awaited).with_for_update()
    if tx.scalar(known) is None:
        return False
    update_rows(tx, t.hook, ("sealed", "expected_until"), ("id",), [(sealed, None, clean(hook))])
    return True


def made(tx: Connection, hook: str, remote_id: str, sealed: str | None = None) -> None:
    """The tool has made it; ``sealed`` where the secret was ours to choose."""
    update_rows(tx, t.hook, ("remote_id", "expected_until"), ("id",), [(clean(remote_id), None, hook)])
    if sealed is not None:
        update_rows(tx, t.hook, ("sealed",), ("id",), [(sealed, hook)])


def drop(tx: Connection, hook: str) -> None:
    """Nothing is known of it any more."""
    delete_rows(tx, t.hook, ("id",), [(hook,)])
