"""What is known of the slots in the tools: what stands there, and what of it is ours.

Only ``okrsync.store.journal`` says that something is ours, in the transaction that ends the write which made it so.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import BigInteger, Connection, Text, and_, false, func, not_, or_, select, type_coerce

from okrsync.model import Json, Slot, Standing, State, Surface
from okrsync.store import codec
from okrsync.store import tables as t
from okrsync.store.bulk import AnyRow, among, delete_rows, raw, update_rows, upsert_rows

SLOT = ("source", "remote_id", "surface", "name")

SKEW = timedelta(minutes=5)
"""How far the clock of a tool may be behind ours."""

MARKED = frozenset({Surface.COMMENT, Surface.BLOCK, Surface.PROPERTY, Surface.STATUS, Surface.UPDATE})
"""What bears our mark, so that it is ours wherever it is found."""

MARKS = frozenset({Surface.LABEL, Surface.OBJECTIVE_LABEL, Surface.OBJECTIVE_FIELD})
"""What is kept on open work."""

NOTHING = (None, codec.dumps(None))
"""How the database keeps that nothing stands there."""

LOOKS = 2000
"""So many slots of a source are looked at again in one plan only because that was long ago."""

_ALL = (*SLOT, "value", "ours", "write", "at", "restored", "seen_at")

_SURFACES = {surface.value: surface for surface in Surface}


def standing(tx: Connection, surface: Surface | None = None, but: Collection[int] = ()) -> dict[Slot, Standing]:
    """What is known of every slot (of one surface) that was written or looked at, on all ``but`` these items, by uid;
    of some only that nothing stands there."""
    known, item = t.known.c, t.item.c
    rows = select(*(known[name] for name in (*SLOT, "value", "ours", "at", "restored", "seen_at")))
    if surface is not None:
        rows = rows.where(known.surface == surface.value)
    if not but:
        return _standing(raw(tx, rows))
    same = and_(item.source == known.source, item.remote_id == known.remote_id)
    several = raw(tx, rows.add_columns(item.uid).select_from(t.known.outerjoin(t.item, same)))
    return _standing(row[:-1] for row in several if row[-1] not in but)


def overruled(tx: Connection) -> dict[Slot, Standing]:
    """The same, of the slots in which something else stands than okrsync wrote."""
    known = t.known.c
    rows = select(*(known[name] for name in (*SLOT, "value", "ours", "at", "restored", "seen_at")))
    return _standing(raw(tx, rows.where(or_(known.ours.is_(None), known.value.is_(None), known.value != known.ours))))


def of(tx: Connection, slots: Collection[Slot]) -> dict[Slot, Standing]:
    """The same, of these slots."""
    rows = {slot: row for slot, row in _rows(tx, slots).items() if row is not None}
    return {slot: Standing(row.value, row.ours, row.at, row.restored, row.seen_at) for slot, row in rows.items()}


def _standing(rows: Iterable[tuple[Any, ...]]) -> dict[Slot, Standing]:
    """Of rows as the database keeps them."""
    return {
        Slot(source, remote_id, _SURFACES[surface], name): Standing(
            None if value is None else codec.loads(value),
            None if ours is None else codec.loads(ours),
            *(codec.instant(at), restored, codec.maybe_instant(seen_at)),
        )
        for source, remote_id, surface, name, value, ours, at, restored, seen_at in rows
    }


def stale(tx: Connection, before: datetime) -> list[Slot]:
    """The slots in which something may stand that we do not know: those whose item was updated since they were last
    seen, and of those that hold something and were not seen since ``before`` the oldest of each source.

    What nothing would ever be written to again is not asked for: the marks of finished work, and the statuses of
    commits that no open pull request ends with.
    """
    known, item = t.known.c, t.item.c
    same = and_(item.source == known.source, item.remote_id == known.remote_id)
    slots = select(*(known[name] for name in SLOT)).select_from(t.known.outerjoin(t.item, same))
    skew = int(SKEW / timedelta(microseconds=1))
    seen, updated = type_coerce(known.seen_at, BigInteger), type_coerce(item.updated_at, BigInteger)
    moved = slots.where(or_(known.seen_at.is_(None), updated > seen - skew))
    filled = or_(known.ours.is_not(None), type_coerce(known.value, Text).not_in([one for one in NOTHING if one]))
    marks = [surface.value for surface in MARKS]
    idle = and_(item.state == State.DONE.value, known.surface.in_(marks))
    told = and_(item.state != State.DONE.value, item.head == known.name)
    asked = and_(not_(func.coalesce(idle, false())), or_(known.surface != Surface.STATUS.value, told))
    aged = slots.where(filled, asked, known.seen_at < before).order_by(known.seen_at, *(known[name] for name in SLOT))
    found = [slot_of(row) for row in tx.execute(moved)]
    for (source,) in tx.execute(select(known.source).distinct()).all():
        found += [slot_of(row) for row in tx.execute(aged.where(known.source == source).limit(LOOKS))]
    return list(dict.fromkeys(found))


def saw(tx: Connection, slot: Slot, value: Json, now: datetime) -> bool:
    """``value`` was found in the slot; whether that is news. What was ours stays so."""
    return looked(tx, {slot: value}, now)


def looked(tx: Connection, found: Mapping[Slot, Json], now: datetime) -> bool:
    """These values were found in these slots; whether any is news. What was ours stays so."""
    rows, news = [], False
    for slot, row in _rows(tx, found).items():
        value = found[slot]
        mark = value if slot.surface in MARKED else None
        if row is None:
            news |= value is not None
            rows.append(_row(slot, value, mark, None, now, 0, now))
            continue
        news |= row.value != value
        at = now if row.ours is None and row.value != value else row.at
        rows.append(_row(slot, value, mark if row.ours is None else row.ours, row.write, at, row.restored, now))
    upsert_rows(tx, t.known, _ALL, rows)
    return news


def looked_for(tx: Connection, slots: Collection[Slot], now: datetime) -> None:
    """These slots could not be read: what is known of them stays, and they are not asked for again at once."""
    seen = codec.micros(now)
    update_rows(tx, t.known, ("seen_at",), SLOT, [(seen, *columns(slot)) for slot in slots])


def wrote(
    tx: Connection, slot: Slot, value: Json, ours: Json, write: int | None, now: datetime, *, restored: bool
) -> None:
    """``value`` stands in the slot now, because of this write."""
    if value is None and ours is None:
        forget(tx, [slot])
        return
    row = _rows(tx, [slot])[slot]
    written = _row(slot, value, ours, write, now, (row.restored if row else 0) + restored, now)
    upsert_rows(tx, t.known, _ALL, [written])


def accept(tx: Connection, slots: Collection[Slot], now: datetime) -> None:
    """These slots are okrsync's again: what a person made of them is taken for our own, and what one took away was
    never written."""
    rows = {slot: row for slot, row in _rows(tx, slots).items() if row is not None}
    forget(tx, [slot for slot, row in rows.items() if row.value is None])
    kept = [(slot, row) for slot, row in rows.items() if row.value is not None]
    mine = [_row(slot, row.value, row.value, row.write, now, 0, row.seen_at) for slot, row in kept]
    upsert_rows(tx, t.known, _ALL, mine)


def forget(tx: Connection, slots: Collection[Slot]) -> None:
    """Nothing is known of these slots."""
    delete_rows(tx, t.known, SLOT, [columns(slot) for slot in slots])


def columns(slot: Slot) -> tuple[str, str, str, str]:
    """The values of the columns ``SLOT``."""
    return slot.source, codec.clean(slot.remote_id), slot.surface.value, codec.clean(slot.name)


def slot_of(row: AnyRow) -> Slot:
    return Slot(row.source, row.remote_id, Surface(row.surface), row.name)


def _rows(tx: Connection, slots: Collection[Slot]) -> dict[Slot, AnyRow | None]:
    """What is known of each of these slots."""
    ids: dict[str, set[str]] = {}
    for slot in slots:
        ids.setdefault(slot.source, set()).add(codec.clean(slot.remote_id))
    found = {
        tuple(row[:4]): row
        for source, wanted in ids.items()
        for row in tx.execute(select(t.known).where(t.known.c.source == source, among(t.known.c.remote_id, wanted)))
    }
    return {slot: found.get(columns(slot)) for slot in slots}


def _row(
    slot: Slot, value: Json, ours: Json, write: int | None, at: datetime, restored: int, seen_at: datetime | None
) -> tuple[Any, ...]:
    """The values of the columns ``_ALL``."""
    said = (codec.dumps(value), None if ours is None else codec.dumps(ours))
    return (*columns(slot), *said, write, codec.micros(at), restored, codec.maybe_micros(seen_at))
