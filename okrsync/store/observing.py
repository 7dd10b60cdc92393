"""What two syncs saw change in the life of an item, for tools that keep no log of it.

``differences`` is pure: two states of one item in, what moved out. ``observe`` reads the state that is stored, before
it is replaced, and appends what moved to the history. What happened between two syncs and was undone before the second
one is never known.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple, TypeAlias

from sqlalchemy import BigInteger, Connection, func, select, type_coerce

from okrsync.model import ChangeKind, ReferenceKind, State, is_managed
from okrsync.store import codec
from okrsync.store import tables as t
from okrsync.store.bulk import among, insert_rows
from okrsync.store.histories import CHANGE

Moved: TypeAlias = tuple[ChangeKind, str | None, str | None]
"""What moved: its kind, before, after."""

_COLUMNS = ("key", "state", "completed_at", "points", "labels", "fields", "flagged")
_REFERENCES = (ReferenceKind.PARENT.value, ReferenceKind.BLOCKED_BY.value, ReferenceKind.MEMBER.value)


class Pointer(NamedTuple):
    """A reference, as far as its coming and going is a change."""

    kind: str
    target: str
    target_id: str | None


@dataclass(frozen=True, slots=True)
class Facts:
    """What an item says of itself that is worth a date, in the form of its columns."""

    key: str
    state: str
    completed_at: int | None
    points: float | None
    labels: str | None
    fields: str | None
    flagged: bool
    pointers: frozenset[Pointer]


@dataclass(frozen=True, slots=True)
class Seen:
    """A stored item as it is told now."""

    uid: int
    touched: int | None  # when the tool says that it was updated, where that is later than what was known
    facts: Facts


def facts(columns: Mapping[str, Any], pointers: Iterable[Pointer]) -> Facts:
    """What these columns of an item, and these of its references, say that is worth a date."""
    told = frozenset(pointer for pointer in pointers if pointer.kind in _REFERENCES)
    return Facts(**{name: columns[name] for name in _COLUMNS}, pointers=told)


def differences(before: Facts, after: Facts) -> list[Moved]:
    """What moved from one state of an item to a later one; okrsync's own labels do not count."""
    moved: list[Moved] = []
    for kind, old, new in (
        (ChangeKind.KEY, before.key, after.key),
        (ChangeKind.STATE, before.state, after.state),
        (ChangeKind.POINTS, _figure(before.points), _figure(after.points)),
        (ChangeKind.FLAG, "1" if before.flagged else None, "1" if after.flagged else None),
        (ChangeKind.PARENT, _parent(before), _parent(after)),
    ):
        if old != new:
            moved.append((kind, old, new))
    for gone, come, held, holds in (
        (ChangeKind.LABEL_REMOVED, ChangeKind.LABEL_ADDED, _labels(before), _labels(after)),
        (ChangeKind.FIELD, ChangeKind.FIELD, _fields(before), _fields(after)),
        (ChangeKind.BLOCKED_BY, ChangeKind.BLOCKED_BY, _blockers(before), _blockers(after)),
        (ChangeKind.MEMBER, ChangeKind.MEMBER, _containers(before), _containers(after)),
    ):
        moved += [(gone, one, None) for one in sorted(held - holds)]
        moved += [(come, None, one) for one in sorted(holds - held)]
    return moved


def observe(tx: Connection, seen: Sequence[Seen], now: int) -> None:
    """What moved between what is stored of these items and what they say now is appended to their histories.

    It is dated by the completion that the tool tells, else by the update that brought it, else by ``now``; never before
    the item itself, nor before what its history holds already. To be called before the new state is stored.
    """
    stored = _stored(tx, [one.uid for one in seen])
    moved = {one.uid: found for one in seen if (found := differences(stored[one.uid], one.facts))}
    if not moved:
        return
    last = _last(tx, list(moved))
    rows: list[tuple[Any, ...]] = []
    for one in seen:
        if one.uid not in moved:
            continue
        first, floor = last[one.uid]
        dated = [(max(floor, _moment(one, change, now)), *change) for change in moved[one.uid]]
        for n, (at, kind, before, after) in enumerate(sorted(dated, key=lambda row: row[0]), first):
            rows.append((one.uid, n, at, kind.value, before, after, True))
    insert_rows(tx, t.change, CHANGE, rows)


def _moment(one: Seen, change: Moved, now: int) -> int:
    kind, _, after = change
    completed = one.facts.completed_at
    if kind is ChangeKind.STATE and after == State.DONE and completed is not None:
        return completed
    return now if one.touched is None else one.touched


def _stored(tx: Connection, uids: Sequence[int]) -> dict[int, Facts]:
    item, reference = t.item.c, t.reference.c
    pointers: dict[int, list[Pointer]] = {}
    pointing = select(reference.uid, reference.kind, reference.target, reference.target_id).where(
        among(reference.uid, uids), reference.kind.in_(_REFERENCES)
    )
    for uid, *pointer in tx.execute(pointing):
        pointers.setdefault(uid, []).append(Pointer(*pointer))
    columns = (
        type_coerce(item[name], BigInteger).label(name) if name == "completed_at" else item[name] for name in _COLUMNS
    )
    rows = tx.execute(select(item.uid, *columns).where(among(item.uid, uids))).mappings()
    return {row["uid"]: facts(dict(row), pointers.get(row["uid"], ())) for row in rows}


def _last(tx: Connection, uids: Sequence[int]) -> dict[int, tuple[int, int]]:
    """uid → the number of its next change, and the instant of its last one, or of its creation where there is none."""
    item, change = t.item.c, t.change.c
    latest = func.max(type_coerce(change.at, BigInteger), type_=BigInteger())
    statement = (
        select(item.uid, func.max(change.n), latest, type_coerce(item.created_at, BigInteger))
        .outerjoin(t.change, change.uid == item.uid)
        .where(among(item.uid, uids))
        .group_by(item.uid, item.created_at)
    )
    return {
        uid: (0, created) if n is None else (n + 1, max(at, created)) for uid, n, at, created in tx.execute(statement)
    }


def _figure(points: float | None) -> str | None:
    return None if points is None else f"{points:g}"


def _parent(facts: Facts) -> str | None:
    """The id of the parent; of several, whatever a tool may mean by that, always the same one."""
    ids = [pointer.target_id or pointer.target for pointer in facts.pointers if pointer.kind == ReferenceKind.PARENT]
    return min(ids, default=None)


def _labels(facts: Facts) -> set[str]:
    return {label for label in codec.load_labels(facts.labels) if not is_managed(label)}


def _fields(facts: Facts) -> set[str]:
    return {f"{field.id}={field.value}" for field in codec.load_fields(facts.fields)}


def _blockers(facts: Facts) -> set[str]:
    return {pointer.target for pointer in facts.pointers if pointer.kind == ReferenceKind.BLOCKED_BY}


def _containers(facts: Facts) -> set[str]:
    return {pointer.target for pointer in facts.pointers if pointer.kind == ReferenceKind.MEMBER}
