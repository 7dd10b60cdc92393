"""Every remote write from its plan to its end, and what is known to stand in the tools because of it.

The row that ends a write and the row of what is known change in one transaction, so that a crash leaves a write either
intended, and then it is read back, or settled.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, and_, delete, func, insert, select, update

from okrsync.model import Json, Receipt, Slot, Surface, Write, WriteState
from okrsync.store import codec
from okrsync.store import tables as t
from okrsync.store.bulk import AnyRow, insert_rows, upsert_rows

PLANNED = ("run", "seq", "source", "remote_id", "surface", "name", "key", "url", "before", "after", "why", "state")
SLOT = ("source", "remote_id", "surface", "name")

OVERTAKEN = "changed since the plan; okrsync plan shows it anew"
"""Why a write is skipped where somebody else wrote after it was planned."""


@dataclass(frozen=True, slots=True)
class Run:
    """A set of writes that were planned together."""

    id: int
    at: datetime
    by: str


@dataclass(frozen=True, slots=True)
class RunSummary:
    """A run and how its writes ended; ``waiting`` are planned, on their way, or of unknown outcome."""

    id: int
    at: datetime
    by: str
    writes: int
    applied: int
    skipped: int
    failed: int
    undone: int
    waiting: int


@dataclass(frozen=True, slots=True)
class Entry:
    """One write as the journal has it."""

    write: Write
    run: int
    state: WriteState
    intent_at: datetime | None
    settled_at: datetime | None
    receipt: Receipt | None
    error: str


# ── runs ─────────────────────────────────────────────────────────────────────────────────────────────────────────────


def save_run(tx: Connection, by: str, writes: Sequence[Write], now: datetime) -> Run:
    """The writes are planned, in this order, as one run."""
    key = tx.execute(insert(t.run).values(at=now, by=by)).inserted_primary_key
    assert key is not None, "a run is numbered by the database"
    insert_rows(
        tx,
        t.write,
        (*PLANNED, "error"),
        [
            (
                *(key[0], n, *_slot(write.slot), codec.clean(write.key), codec.clean(write.url)),
                *(codec.dumps(write.before), codec.dumps(write.after), codec.dumps(codec.dump_say(write.why))),
                *(WriteState.PLANNED.value, ""),
            )
            for n, write in enumerate(writes)
        ],
    )
    return Run(key[0], now, by)


def run(tx: Connection, run_id: int) -> Run | None:
    """The run of this number, or None."""
    row = tx.execute(select(t.run).where(t.run.c.id == run_id)).one_or_none()
    return None if row is None else Run(row.id, row.at, row.by)


def newest_run(tx: Connection) -> Run | None:
    """The run that was saved last, or None."""
    newest = tx.scalar(select(func.max(t.run.c.id)))
    return None if newest is None else run(tx, newest)


def runs(tx: Connection) -> list[RunSummary]:
    """Every run, the newest first."""
    states = select(t.write.c.run, t.write.c.state, func.count()).group_by(t.write.c.run, t.write.c.state)
    counts: dict[int, dict[WriteState, int]] = {}
    for run_id, state, count in tx.execute(states):
        counts.setdefault(run_id, {})[WriteState(state)] = count
    return [_summary(row, counts.get(row.id, {})) for row in tx.execute(select(t.run).order_by(t.run.c.id.desc()))]


def _summary(row: AnyRow, counts: dict[WriteState, int]) -> RunSummary:
    waiting = (WriteState.PLANNED, WriteState.INTENDED, WriteState.UNKNOWN)
    return RunSummary(
        id=row.id,
        at=row.at,
        by=row.by,
        writes=sum(counts.values()),
        applied=counts.get(WriteState.APPLIED, 0),
        skipped=counts.get(WriteState.SKIPPED, 0),
        failed=counts.get(WriteState.FAILED, 0),
        undone=counts.get(WriteState.UNDONE, 0),
        waiting=sum(counts.get(state, 0) for state in waiting),
    )


# ── writes ───────────────────────────────────────────────────────────────────────────────────────────────────────────


def entries(tx: Connection, run_id: int) -> list[Entry]:
    """The writes of a run with their fate, in the order of the plan."""
    return [_entry(row) for row in tx.execute(select(t.write).where(t.write.c.run == run_id).order_by(t.write.c.seq))]


def writes(tx: Connection, run_id: int) -> list[Write]:
    """The writes of a run, in the order of the plan."""
    return [entry.write for entry in entries(tx, run_id)]


def pending(tx: Connection) -> list[Write]:
    """Writes whose outcome is unknown: on their way when a run ended, or sent and never answered."""
    on_their_way = t.write.c.state.in_([WriteState.INTENDED.value, WriteState.UNKNOWN.value])
    return [_entry(row).write for row in tx.execute(select(t.write).where(on_their_way).order_by(t.write.c.id))]


def applied_count(tx: Connection) -> int:
    """How many writes this installation ever applied, undone ones included."""
    applied = t.write.c.state.in_([WriteState.APPLIED.value, WriteState.UNDONE.value])
    return tx.scalar(select(func.count()).select_from(t.write).where(applied)) or 0


def conflicts(tx: Connection) -> list[tuple[int, Write]]:
    """(run, write) of the slots in which somebody else wrote between the last plan and its application; what they wrote
    stands there still."""
    newest = select(func.max(t.write.c.id)).where(t.write.c.state != WriteState.PLANNED.value)
    newest = newest.group_by(t.write.c.source, t.write.c.remote_id, t.write.c.surface, t.write.c.name)
    skipped = and_(t.write.c.id.in_(newest), t.write.c.state == WriteState.SKIPPED.value, t.write.c.error == OVERTAKEN)
    return [(row.run, _entry(row).write) for row in tx.execute(select(t.write).where(skipped).order_by(t.write.c.id))]


def intend(tx: Connection, write_id: int, now: datetime) -> None:
    """The write is about to be sent; to be committed before it is."""
    _set(tx, write_id, state=WriteState.INTENDED.value, intent_at=now)


def confirm(tx: Connection, write_id: int, receipt: Receipt, now: datetime) -> None:
    """The write is applied, and what the tool confirmed is known to stand there."""
    _set(
        tx,
        write_id,
        state=WriteState.APPLIED.value,
        settled_at=now,
        receipt=receipt.value,
        handle=receipt.handle,
        error="",
    )
    _know(tx, write_id, receipt.value, now)


def adopt(tx: Connection, write_id: int, value: Json, why: str, now: datetime) -> None:
    """``value`` is known to stand there, without a write now: the write is skipped, for this reason.

    One that was on its way and is found to have arrived is applied.
    """
    entry = _entry(tx.execute(select(t.write).where(t.write.c.id == write_id)).one())
    arrived = entry.state in (WriteState.INTENDED, WriteState.UNKNOWN) and value == entry.write.after
    state = WriteState.APPLIED if arrived else WriteState.SKIPPED
    _set(tx, write_id, state=state.value, settled_at=now, receipt=value, error=why)
    _know(tx, write_id, value, now)


def settle(tx: Connection, write_id: int, state: WriteState, error: str, now: datetime) -> None:
    """The write ended so, and what is known stays as it was."""
    _set(tx, write_id, state=state.value, settled_at=now, error=error)


# ── what is known ────────────────────────────────────────────────────────────────────────────────────────────────────


def known(tx: Connection) -> dict[Slot, Json]:
    """What was last confirmed in every slot where something of ours stands."""
    return {_slot_of(row): row.value for row in tx.execute(select(t.known))}


def known_at(tx: Connection) -> dict[Slot, datetime]:
    """When that was confirmed."""
    return {_slot_of(row): row.at for row in tx.execute(select(t.known))}


def _know(tx: Connection, write_id: int, value: Json, now: datetime) -> None:
    slot = tx.execute(select(*(t.write.c[name] for name in SLOT)).where(t.write.c.id == write_id)).one()
    if value is None:
        tx.execute(delete(t.known).where(*(t.known.c[name] == getattr(slot, name) for name in SLOT)))
    else:
        row = (*slot, codec.dumps(value), write_id, codec.micros(now))
        upsert_rows(tx, t.known, (*SLOT, "value", "write", "at"), [row])


def _set(tx: Connection, write_id: int, **values: Any) -> None:
    tx.execute(update(t.write).where(t.write.c.id == write_id).values(**values))


def _slot(slot: Slot) -> tuple[str, str, str, str]:
    return slot.source, codec.clean(slot.remote_id), slot.surface.value, codec.clean(slot.name)


def _slot_of(row: AnyRow) -> Slot:
    return Slot(row.source, row.remote_id, Surface(row.surface), row.name)


def _entry(row: AnyRow) -> Entry:
    write = Write(
        slot=_slot_of(row),
        key=row.key,
        url=row.url,
        before=row.before,
        after=row.after,
        why=codec.load_say(codec.loads(row.why)),
        id=row.id,
    )
    state = WriteState(row.state)
    return Entry(
        write=write,
        run=row.run,
        state=state,
        intent_at=row.intent_at,
        settled_at=row.settled_at,
        receipt=Receipt(row.receipt, row.handle) if state is WriteState.APPLIED else None,
        error=row.error,
    )
