"""What became of what was written: writes that were undone, and those that somebody in the tool changed since.

A person's change is seen where okrsync looks: before the next write to the same slot, which it then skips, and, of a
label, in the labels of its item with each sync.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from itertools import groupby
from typing import NamedTuple

from sqlalchemy import Connection, and_, select

from okrsync.model import Json, Surface, WriteState
from okrsync.store import codec
from okrsync.store import tables as t
from okrsync.store.bulk import AnyRow, among
from okrsync.store.known import SLOT

UNDO = "report.undo"
"""What the writes of an undo say of themselves; they are no writes of their own."""

_ENDED = (WriteState.APPLIED.value, WriteState.UNDONE.value, WriteState.SKIPPED.value)


class How(StrEnum):
    UNDONE = "undone"  # by okrsync undo
    CHANGED = "changed"  # by somebody in the tool


class Reversal(NamedTuple):
    """A write that did not stay."""

    id: int
    source: str
    key: str
    url: str
    surface: str
    name: str
    how: How


@dataclass(frozen=True, slots=True)
class Kept:
    """The writes that were applied in a window, and those of them that did not stay."""

    applied: int
    reversals: tuple[Reversal, ...]


def kept(tx: Connection, since: datetime, source: str | None = None) -> Kept:
    """What became of the writes that were sent at or after an instant, to all sources or to one."""
    write = t.write.c
    rows = select(
        *(write.id, *(write[name] for name in SLOT), write.key, write.url, write.before, write.after, write.why),
        *(write.state, write.intent_at, write.settled_at, write.receipt),
    ).where(write.state.in_(_ENDED), write.settled_at >= since)
    if source is not None:
        rows = rows.where(write.source == source)
    order = (*(write[name] for name in SLOT), write.id)
    applied, reversals = 0, list[Reversal]()
    standing: list[AnyRow] = []
    for _, of_slot in groupby(tx.execute(rows.order_by(*order)), key=lambda row: tuple(row[1:5])):
        known = list(of_slot)
        counted = [row for row in known if _is_write(row) and row.intent_at >= since]
        applied += len(counted)
        found = {one.id: one for one in _reversed(known)}
        reversals += [found[row.id] for row in counted if row.id in found]
        if counted and counted[-1].id not in found and known[-1].id == counted[-1].id:
            standing.append(known[-1])
    reversals += _unlabelled(tx, standing)
    return Kept(applied, tuple(sorted(reversals)))


def _is_write(row: AnyRow) -> bool:
    """Whether it was sent, and not to take another one back."""
    if row.state == WriteState.SKIPPED.value or row.intent_at is None:
        return False
    return codec.load_say(codec.loads(row.why)).code != UNDO


def _reversed(rows: Iterable[AnyRow]) -> Iterator[Reversal]:
    """Of the writes to one slot, the oldest first, those that were undone or found changed by the next one."""
    last: AnyRow | None = None
    for row in rows:
        if row.state == WriteState.UNDONE.value:
            yield _reversal(row, How.UNDONE)
        changed = row.state == WriteState.SKIPPED.value and row.receipt not in (row.before, row.after)
        if changed and last is not None and last.state == WriteState.APPLIED.value and _is_write(last):
            yield _reversal(last, How.CHANGED)
        last = row


def _unlabelled(tx: Connection, standing: Iterable[AnyRow]) -> Iterator[Reversal]:
    """Of the last writes of their slots, the labels that an item which changed since does not bear as they say."""
    labels = {(row.source, row.remote_id, row.name): row for row in standing if row.surface == Surface.LABEL.value}
    by_source: dict[str, list[str]] = {}
    for source, remote_id, _ in labels:
        by_source.setdefault(source, []).append(remote_id)
    item = t.item.c
    for source, ids in by_source.items():
        found = select(item.remote_id, item.labels, item.updated_at).where(
            and_(item.source == source, among(item.remote_id, ids), item.deleted_at.is_(None))
        )
        borne = {remote_id: (codec.load_labels(text), updated) for remote_id, text, updated in tx.execute(found)}
        for (of, remote_id, name), row in labels.items():
            if of != source or remote_id not in borne:
                continue
            present, updated = borne[remote_id]
            if updated > row.settled_at and (name in present) is not _wanted(row.after):
                yield _reversal(row, How.CHANGED)


def _wanted(after: Json) -> bool:
    return after is True


def _reversal(row: AnyRow, how: How) -> Reversal:
    return Reversal(row.id, row.source, row.key, row.url, row.surface, row.name, how)
