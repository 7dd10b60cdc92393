"""All items, or some, as plain columns: what the link job feeds mapping's ``World`` with.

Each stream comes by growing uid, a tuple a row as the driver gives it: instants are microseconds since 1970, truth is
what the database keeps.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import Any

from sqlalchemy import ColumnElement, Connection, case, false, literal_column, select, true

from okrsync.model import ChangeKind, ItemKind, ReferenceKind, State
from okrsync.store import tables as t
from okrsync.store.bulk import among, raw

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
    """(uid, source, remote_id, key, kind, done, created_at, project, type, author, title, labels, fields, counted,
    readable) of what is not deleted; the title of commits alone."""
    item = t.item.c
    done = item.state == literal_column(f"'{State.DONE.value}'")
    title = case((item.kind == literal_column(f"'{ItemKind.COMMIT.value}'"), item.title), else_=literal_column("''"))
    return raw(
        tx,
        select(
            *(item.uid, item.source, item.remote_id, item.key, item.kind, done, item.created_at),
            *(item.project, item.type, item.author, title, item.labels, item.fields, item.counted, item.readable),
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
