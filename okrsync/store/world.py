"""All items, or some, as plain columns: what the link job feeds mapping's ``World`` with.

Each stream comes by growing uid, a tuple a row as the driver gives it: instants are microseconds since 1970, truth is
what the database keeps.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import Any

from sqlalchemy import ColumnElement, Connection, case, false, literal_column, select, true

from mapping.world import COUNTED, DONE, READABLE
from okrsync.model import ChangeKind, ItemKind, ReferenceKind, State
from okrsync.store import tables as t
from okrsync.store.bulk import among, packed, raw

LEADING = tuple(kind.value for kind in ReferenceKind if kind is not ReferenceKind.BLOCKED_BY)
"""The references by which links come."""

DATING = tuple(kind.value for kind in (ChangeKind.LABEL_ADDED, ChangeKind.PARENT, ChangeKind.FIELD, ChangeKind.MEMBER))
"""The changes that tell since when a link holds."""

FEW = 50_000
"""The rows of so many items may be in memory at once."""

Uids = Collection[int] | None
"""The items that are wanted; None: all."""


def references(tx: Connection, uids: Uids = None) -> Iterator[tuple[Any, ...]]:
    """(uid, source, kind, target, target_id, target_source, since, textual), in the order of each item."""
    reference = t.reference.c
    return raw(
        tx,
        select(
            *(reference.uid, reference.source, reference.kind, reference.target, reference.target_id),
            *(reference.target_source, reference.since, reference.textual),
        )
        .where(reference.kind.in_(LEADING), _of(reference.uid, uids))
        .order_by(reference.uid, reference.textual, reference.n),
        few=_are_few(uids),
    )


def aliases(tx: Connection, uids: Uids = None) -> Iterator[tuple[Any, ...]]:
    """(uid, key) of the keys that items had before."""
    alias = t.alias.c
    statement = select(alias.uid, alias.key).where(_of(alias.uid, uids)).order_by(alias.uid, alias.folded)
    return raw(tx, statement, few=_are_few(uids))


def items(tx: Connection, uids: Uids = None) -> Iterator[tuple[Any, ...]]:
    """(uid, origin, author, remote_id, key, flags, created_at, title, labels, fields) of what is not deleted; the
    title of commits alone."""
    item = t.item.c
    origin = packed(item.source, item.kind, item.project, item.type)
    done = case((item.state == literal_column(f"'{State.DONE.value}'"), DONE), else_=0)
    flags = case((item.counted, COUNTED), else_=0) + case((item.readable, READABLE), else_=0) + done
    title = case((item.kind == literal_column(f"'{ItemKind.COMMIT.value}'"), item.title))
    return raw(
        tx,
        select(
            *(item.uid, origin, item.author, item.remote_id, item.key, flags, item.created_at),
            *(title, item.labels, item.fields),
        )
        .where(item.deleted_at.is_(None), _of(item.uid, uids))
        .order_by(item.uid),
        few=_are_few(uids),
    )


def changes(tx: Connection, uids: Uids = None) -> Iterator[tuple[Any, ...]]:
    """(uid, at, kind, after) of the changes that date a link, in the tool's order."""
    change = t.change.c
    return raw(
        tx,
        select(change.uid, change.at, change.kind, change.after)
        .where(change.kind.in_(DATING), _of(change.uid, uids))
        .order_by(change.uid, change.n),
        few=_are_few(uids),
    )


def _of(column: ColumnElement[Any], uids: Uids) -> ColumnElement[bool]:
    return true() if uids is None else among(column, uids) if uids else false()


def _are_few(uids: Uids) -> bool:
    return uids is not None and len(uids) <= FEW
