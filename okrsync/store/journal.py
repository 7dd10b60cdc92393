"""Every remote write from its plan to its end, and what is known to stand in the tools because of it.

The row that ends a write and the row of what is known change in one transaction, so that a crash leaves a write either
intended, and then it is read back, or settled.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Connection, and_, bindparam, func, insert, or_, select, update

from okrsync.model import Json, Receipt, Slot, Surface, Write, WriteState
from okrsync.store import codec, known, veil
from okrsync.store import tables as t
from okrsync.store.bulk import AnyRow, among, insert_rows
from okrsync.store.known import SLOT, columns, slot_of
from okrsync.store.known import accept as accept
from okrsync.store.known import forget as forget
from okrsync.store.known import looked as looked
from okrsync.store.known import saw as saw
from okrsync.store.known import standing as standing

PLANNED = ("run", "seq", "source", "remote_id", "surface", "name", "key", "url", "before", "after", "why", "state")

PLAN, UNDO, UNDO_ALL = "plan", "undo", "undo_all"
"""The kinds of runs."""

RESTORED = "write.restored"
"""The reason of a write that puts back what a person changed."""

_PLANS = select(t.run.c.id).where(t.run.c.kind == PLAN)
REPLACED = and_(
    t.write.c.state == WriteState.PLANNED.value,
    t.write.c.approved_at.is_(None),
    t.write.c.run.in_(_PLANS),
    t.write.c.run < select(func.max(t.run.c.id)).where(t.run.c.kind == PLAN).scalar_subquery(),
)
"""Writes that wait for nothing any more: nobody approved them, and a newer plan says what is due."""

_DONE = [WriteState.APPLIED.value, WriteState.UNDONE.value]
_ON_THEIR_WAY = [WriteState.INTENDED.value, WriteState.UNKNOWN.value]


@dataclass(frozen=True, slots=True)
class Run:
    """A set of writes that were planned together, or that take back those of the run that it ``undoes``."""

    id: int
    at: datetime
    by: str
    kind: str = PLAN
    undoes: int | None = None


@dataclass(frozen=True, slots=True)
class RunSummary:
    """A run and how its writes ended; ``waiting`` are planned, on their way, or of unknown outcome, ``replaced`` were
    planned before a newer plan said what is due, and nobody approved them."""

    id: int
    at: datetime
    by: str
    writes: int
    applied: int
    skipped: int
    failed: int
    undone: int
    waiting: int
    replaced: int = 0
    kind: str = PLAN
    undoes: int | None = None


class Approval(NamedTuple):
    """A person's word that a write may be sent."""

    by: str
    at: datetime


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
    approved_by: str | None = None
    approved_at: datetime | None = None


# ── runs ─────────────────────────────────────────────────────────────────────────────────────────────────────────────


def save_run(
    tx: Connection,
    by: str,
    writes: Sequence[Write],
    now: datetime,
    *,
    kind: str = PLAN,
    undoes: int | None = None,
    approvals: Mapping[Slot, Approval] | None = None,
) -> Run:
    """The writes are planned, in this order, as one run; ``approvals`` are those that were given already."""
    key = tx.execute(insert(t.run).values(at=now, by=by, kind=kind, undoes=undoes)).inserted_primary_key
    assert key is not None, "a run is numbered by the database"
    given = {slot: (codec.clean(one.by), codec.micros(one.at)) for slot, one in (approvals or {}).items()}
    insert_rows(
        tx,
        t.write,
        (*PLANNED, "error", "refused", "approved_by", "approved_at"),
        [
            (
                *(key[0], n, *columns(write.slot), codec.clean(write.key), codec.clean(write.url)),
                *(codec.dumps(write.before), codec.dumps(write.after), codec.dumps(codec.dump_say(write.why))),
                *(WriteState.PLANNED.value, "", False, *given.get(write.slot, (None, None))),
            )
            for n, write in enumerate(writes)
        ],
    )
    return Run(key[0], now, by, kind, undoes)


def run(tx: Connection, run_id: int) -> Run | None:
    """The run of this number, or None."""
    row = tx.execute(select(t.run).where(t.run.c.id == run_id)).one_or_none()
    return None if row is None else Run(row.id, row.at, row.by, row.kind, row.undoes)


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
    idle = select(t.write.c.run, func.count()).where(REPLACED).group_by(t.write.c.run)
    replaced = {row.run: row[1] for row in tx.execute(idle)}
    rows = tx.execute(select(t.run).order_by(t.run.c.id.desc()))
    return [_summary(row, counts.get(row.id, {}), replaced.get(row.id, 0)) for row in rows]


def replaced(tx: Connection, run_id: int | None = None) -> set[int]:
    """The ids of the writes (of one run) that wait for nothing any more: nobody approved them, and a newer plan says
    what is due. Asked for by the number of its run, such a write is sent all the same where it is still due."""
    rows = select(t.write.c.id).where(REPLACED)
    return set(tx.scalars(rows if run_id is None else rows.where(t.write.c.run == run_id)))


def _summary(row: AnyRow, counts: dict[WriteState, int], replaced: int) -> RunSummary:
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
        waiting=sum(counts.get(state, 0) for state in waiting) - replaced,
        replaced=replaced,
        kind=row.kind,
        undoes=row.undoes,
    )


# ── writes ───────────────────────────────────────────────────────────────────────────────────────────────────────────


def entries(tx: Connection, run_id: int) -> list[Entry]:
    """The writes of a run with their fate, in the order of the plan."""
    return [entry_of(row) for row in tx.execute(select(t.write).where(t.write.c.run == run_id).order_by(t.write.c.seq))]


def writes(tx: Connection, run_id: int) -> list[Write]:
    """The writes of a run, in the order of the plan."""
    return [entry.write for entry in entries(tx, run_id)]


def pending(tx: Connection) -> list[Entry]:
    """Writes whose outcome is unknown: on their way when a run ended, or sent and never answered."""
    rows = select(t.write).where(t.write.c.state.in_(_ON_THEIR_WAY)).order_by(t.write.c.id)
    return [entry_of(row) for row in tx.execute(rows)]


def approved(tx: Connection) -> dict[Slot, Entry]:
    """What waits with the approval of a person: of each slot the write that was planned last."""
    write = t.write.c
    rows = select(t.write).where(write.state == WriteState.PLANNED.value, write.approved_at.is_not(None))
    return {entry.write.slot: entry for entry in map(entry_of, tx.execute(rows.order_by(write.id)))}


def newest_approval(tx: Connection) -> datetime | None:
    """When a write was approved last."""
    newest: datetime | None = tx.scalar(select(func.max(t.write.c.approved_at)))
    return newest


def applied_count(tx: Connection) -> int:
    """How many writes this installation ever applied, undone ones included."""
    return tx.scalar(select(func.count()).select_from(t.write).where(t.write.c.state.in_(_DONE))) or 0


def touched(tx: Connection, since: datetime) -> dict[tuple[str, str], int]:
    """(source, remote id) → how many runs wrote on that object since then; what was taken back by an undo counts, the
    undo does not."""
    write = t.write.c
    ended = and_(write.state.in_(_DONE), write.settled_at >= since)
    rows = (
        select(write.source, write.remote_id, func.count(write.run.distinct()))
        .join(t.run, t.run.c.id == write.run)
        .where(or_(ended, write.state.in_(_ON_THEIR_WAY)), write.intent_at >= since, t.run.c.kind == PLAN)
        .group_by(write.source, write.remote_id)
    )
    return {(source, remote_id): count for source, remote_id, count in tx.execute(rows)}


def sent(tx: Connection, source: str, since: datetime) -> list[tuple[Surface, datetime]]:
    """The surface and the moment of every write that may have gone to a source since then, the oldest first."""
    write = t.write.c
    recent = or_(write.settled_at >= since, write.state.in_(_ON_THEIR_WAY))
    rows = select(write.surface, write.intent_at).where(recent, write.source == source, write.intent_at >= since)
    return [(Surface(surface), at) for surface, at in tx.execute(rows.order_by(write.intent_at))]


def first_values(tx: Connection) -> dict[Slot, Json]:
    """Of every slot in which something of ours was left: what stood there before our first write, None for nothing."""
    rows = select(*(t.write.c[name] for name in SLOT), t.write.c.before, t.write.c.after)
    found: dict[Slot, Json] = {}
    for row in tx.execute(rows.where(t.write.c.state.in_(_DONE)).order_by(t.write.c.id)):
        _follow(found, slot_of(row), row.before, row.after)
    return found


def _follow(first: dict[Slot, Json], slot: Slot, before: Json, after: Json) -> None:
    """One more write was done: it is our first in this slot, or put back what stood there before that."""
    if first.setdefault(slot, before) == after:
        del first[slot]


# ── how a write ends ─────────────────────────────────────────────────────────────────────────────────────────────────


def approve(tx: Connection, write_ids: Collection[int], by: str, now: datetime) -> int:
    """How many of these writes wait for this word; they may be sent now."""
    waiting = and_(among(t.write.c.id, write_ids), t.write.c.state == WriteState.PLANNED.value)
    values = {"approved_by": by, "approved_at": now}
    return tx.execute(update(t.write).where(waiting, t.write.c.approved_at.is_(None)).values(values)).rowcount


def intend(tx: Connection, write_id: int, now: datetime) -> None:
    """The write is about to be sent; to be committed before it is."""
    _set(tx, write_id, state=WriteState.INTENDED.value, intent_at=now)


def postpone(tx: Connection, write_id: int) -> None:
    """The write was not sent after all: it is planned, as it was."""
    _set(tx, write_id, state=WriteState.PLANNED.value, intent_at=None)


def confirm(tx: Connection, write_id: int, receipt: Receipt, now: datetime) -> None:
    """The write is applied, and what the tool confirmed is known to stand there, as ours; an alias in the place of who
    was forgotten while it was on its way."""
    entry, value = _get(tx, write_id), veil.stored(tx).document(receipt.value)
    _set(
        tx,
        write_id,
        state=WriteState.APPLIED.value,
        settled_at=now,
        receipt=value,
        handle=receipt.handle,
        error="",
    )
    _wrote(tx, entry, value, now)


def adopt(tx: Connection, write_id: int, value: Json, why: str, now: datetime) -> WriteState:
    """``value`` is known to stand there, without a write now: the write is skipped, for this reason; how it ended.

    One that we sent, now or before, and that is found to have arrived is applied. Only what we sent is ours.
    """
    entry = _get(tx, write_id)
    sent = entry.state in (WriteState.INTENDED, WriteState.UNKNOWN) or _given_up(tx, entry.write)
    arrived = value == entry.write.after and sent
    state = WriteState.APPLIED if arrived else WriteState.SKIPPED
    _set(tx, write_id, state=state.value, settled_at=now, receipt=value, error=why)
    if arrived:
        _wrote(tx, entry, value, now)
    else:
        saw(tx, entry.write.slot, value, now)
    return state


def settle(
    tx: Connection, write_id: int, state: WriteState, error: str, now: datetime, *, refused: bool = False
) -> None:
    """The write ended so, and what is known stays as it was; ``refused`` tells that the tool said no to just this."""
    _set(tx, write_id, state=state.value, settled_at=now, error=error, refused=refused)


def _wrote(tx: Connection, entry: Entry, value: Json, now: datetime) -> None:
    """What stands there is ours, but where a run that takes back found what stood there before we came."""
    write = entry.write
    undoing = tx.scalar(select(t.run.c.kind).where(t.run.c.id == entry.run)) != PLAN
    restored = write.why.code == RESTORED
    if undoing and not _is_ours(tx, write.slot):
        known.wrote(tx, write.slot, value, None, entry.write.id, now, restored=restored)
    else:
        known.wrote(tx, write.slot, value, value, entry.write.id, now, restored=restored)


def _is_ours(tx: Connection, slot: Slot) -> bool:
    """Whether something of ours is left there, by all that was done."""
    first: dict[Slot, Json] = {}
    done = select(t.write.c.before, t.write.c.after).where(_about(slot), t.write.c.state.in_(_DONE))
    for before, after in tx.execute(done.order_by(t.write.c.id)):
        _follow(first, slot, before, after)
    return slot in first


def _given_up(tx: Connection, write: Write) -> bool:
    """Whether just this was sent before and not found when it was looked for: it came late."""
    lost = and_(t.write.c.state == WriteState.FAILED.value, t.write.c.intent_at.is_not(None))
    values = tx.execute(select(t.write.c.after).where(_about(write.slot), lost)).scalars()
    return any(value == write.after for value in values)


def _about(slot: Slot) -> ColumnElement[bool]:
    return and_(*(t.write.c[name] == value for name, value in zip(SLOT, columns(slot), strict=True)))


# those of every write: made once
_OF_ID = t.write.c.id == bindparam("write_id")
_ROW, _CHANGED = select(t.write).where(_OF_ID), update(t.write).where(_OF_ID)


def _get(tx: Connection, write_id: int) -> Entry:
    return entry_of(tx.execute(_ROW, {"write_id": write_id}).one())


def _set(tx: Connection, write_id: int, **values: Any) -> None:
    tx.execute(_CHANGED, {"write_id": write_id, **values})


def entry_of(row: AnyRow) -> Entry:
    """The write that a row of the table holds."""
    write = Write(
        slot=slot_of(row),
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
        approved_by=row.approved_by,
        approved_at=row.approved_at,
    )
