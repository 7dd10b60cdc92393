"""Questions to the journal that go over all runs: what waits for a person, and what was ever written where."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Connection, and_, false, func, or_, select, true, update

from okrsync.model import Refusal, Slot, Surface, WriteState
from okrsync.store import tables as t
from okrsync.store.bulk import among
from okrsync.store.journal import UNDO_ALL, Entry, entry_of
from okrsync.store.known import SLOT, columns, slot_of

REST = timedelta(days=1)
"""For how long nothing is sent again that its tool refused."""

_NEWEST = func.max(t.write.c.id)
_BY_SLOT = [t.write.c[name] for name in SLOT]
_DONE = [WriteState.APPLIED.value, WriteState.UNDONE.value]


def waiting(tx: Connection) -> list[Entry]:
    """Of every slot the write that was planned last, where it still waits; in the order of runs and plans."""
    newest = select(_NEWEST).group_by(*_BY_SLOT)
    planned = t.write.c.state == WriteState.PLANNED.value
    rows = select(t.write).where(t.write.c.id.in_(newest), planned).order_by(t.write.c.id)
    return [entry_of(row) for row in tx.execute(rows)]


def about(tx: Connection, source: str, remote_id: str) -> list[Entry]:
    """The writes on one object, the newest first."""
    mine = and_(t.write.c.source == source, t.write.c.remote_id == remote_id)
    return [entry_of(row) for row in tx.execute(select(t.write).where(mine).order_by(t.write.c.id.desc()))]


def places(tx: Connection) -> dict[Slot, tuple[str, str]]:
    """Slot → the key and the address of its object, as the last write to it knew them."""
    newest = select(_NEWEST).group_by(*_BY_SLOT)
    rows = select(*_BY_SLOT, t.write.c.key, t.write.c.url).where(t.write.c.id.in_(newest))
    return {slot_of(row): (row.key, row.url) for row in tx.execute(rows)}


def newest(tx: Connection) -> dict[Slot, int]:
    """Slot → the run that wrote there last, also to take something back."""
    last = select(_NEWEST).where(t.write.c.state == WriteState.APPLIED.value).group_by(*_BY_SLOT)
    return {slot_of(row): row.run for row in tx.execute(select(*_BY_SLOT, t.write.c.run).where(t.write.c.id.in_(last)))}


def take_back(tx: Connection, now: datetime) -> None:
    """Whatever was applied where everything was taken back later is undone, by that run."""
    applied = t.write.c.state == WriteState.APPLIED.value
    rows = select(*_BY_SLOT, t.write.c.id, t.write.c.run, t.run.c.kind).join(t.run, t.run.c.id == t.write.c.run)
    earlier: dict[Slot, list[int]] = {}
    undone: dict[int, list[int]] = {}
    for row in tx.execute(rows.where(applied).order_by(t.write.c.id)):
        mine = earlier.setdefault(slot_of(row), [])
        if row.kind == UNDO_ALL:
            undone.setdefault(row.run, []).extend(mine)
            mine.clear()
        else:
            mine.append(row.id)
    for run, ids in undone.items():
        fate = {"state": WriteState.UNDONE.value, "settled_at": now, "error": f"by run {run}"}
        tx.execute(update(t.write).where(among(t.write.c.id, ids)).values(fate))


def ever(tx: Connection, surfaces: Collection[Surface]) -> list[Slot]:
    """Every slot of these surfaces in which okrsync wrote at any time, also where nothing of it is left."""
    done = t.write.c.state.in_(_DONE)
    named = t.write.c.surface.in_([surface.value for surface in surfaces])
    return [slot_of(row) for row in tx.execute(select(*_BY_SLOT).where(done, named).distinct().order_by(*_BY_SLOT))]


def refused(tx: Connection, now: datetime) -> dict[Slot, Refusal]:
    """What a tool refused so lately that it is not sent again, and nothing was written there since."""
    write = t.write.c
    rows = select(*_BY_SLOT, write.after, write.error, write.settled_at, write.run)
    said_no = rows.where(write.refused == true(), write.settled_at > now - REST).order_by(write.settled_at, write.id)
    found = {slot_of(row): Refusal(row.after, row.error, row.settled_at, row.run) for row in tx.execute(said_no)}
    if found:
        first = min(one.at for one in found.values())
        later = rows.where(write.state.in_(_DONE), write.settled_at >= first)
        for row in tx.execute(later):
            slot = slot_of(row)
            if slot in found and found[slot].at <= row.settled_at:
                del found[slot]
    return found


def retry(tx: Connection, refusals: Mapping[Slot, Refusal]) -> None:
    """What was refused may be sent again."""
    for slot in refusals:
        tx.execute(update(t.write).where(_about(slot), t.write.c.refused == true()).values(refused=False))


def _about(slot: Slot) -> ColumnElement[bool]:
    return and_(*(column == value for column, value in zip(_BY_SLOT, columns(slot), strict=True)))


def approved_by(tx: Connection) -> dict[int, list[str]]:
    """Run → who approved writes of it."""
    write = t.write.c
    rows = select(write.run, write.approved_by).where(write.approved_by.is_not(None)).distinct()
    found: dict[int, list[str]] = {}
    for run, by in tx.execute(rows.order_by(write.run, write.approved_by)):
        found.setdefault(run, []).append(by)
    return found


def on(tx: Connection, places: Collection[tuple[str, str]]) -> list[Entry]:
    """Of every slot on these objects (source, remote id) the write that was planned last, and the last one that was
    carried out; the newest first."""
    write = t.write.c
    here = or_(false(), *(and_(write.source == source, write.remote_id == remote_id) for source, remote_id in places))
    ids = [select(_NEWEST).where(here, *more).group_by(*_BY_SLOT) for more in ((), (write.state.in_(_DONE),))]
    rows = select(t.write).where(or_(*(write.id.in_(one) for one in ids))).order_by(write.id.desc())
    return [entry_of(row) for row in tx.execute(rows)]
