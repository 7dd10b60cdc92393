"""A run carried out: plan → read → intent → send → confirm, the sources side by side.

Every remote write is an intent row, then a write to something that okrsync owns, then a confirmation row that is
committed together with what is now known to stand there. Just before a write is sent its target is read: a value that
stands there already is adopted, one that somebody changed is left alone. So a crash at any point, and a lost answer,
are mended by the next run without a second visible write (docs/writing-back.md).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from contextlib import closing
from threading import Event, Lock
from typing import TYPE_CHECKING

import structlog

from config import Config
from okrsync.assess import assess, freshness
from okrsync.connections import Connect
from okrsync.cycle import Clock
from okrsync.errors import Refused, UsageError
from okrsync.model import Slot, Write, WriteState
from okrsync.store import Store, fence, journal
from okrsync.texts import speaker
from okrsync.writing import inspecting, pausing
from okrsync.writing.modes import may_be_sent
from okrsync.writing.outcome import Outcome, Watch, write_id
from okrsync.writing.pacing import Patience, Wait
from okrsync.writing.part import Part
from okrsync.writing.plan import compute, made
from okrsync.writing.recovering import recover
from okrsync.writing.sinks import Sinks, side_by_side

if TYPE_CHECKING:
    from sqlalchemy import Connection

log = structlog.get_logger(__name__)

ENGLISH = "en"
"""The language of what the journal says of a write, as of all errors."""


def apply(
    store: Store,
    config: Config,
    *,
    connect: Connect,
    clock: Clock,
    by: str,
    run: int | None = None,
    confirmed: bool = False,
    patient: bool = False,
    watch: Watch = lambda _: None,
    wait: Wait | None = None,
) -> tuple[int | None, list[Outcome]]:
    """Carry out a saved run, or plan one now and carry it out; the run and what became of each write.

    Raises Refused where a person has to confirm first, or during a pause, UsageError where there is no such run. A
    write that its mode does not let out, a draft that is not approved among them, stays planned, and, where
    ``patient``, one of a source that could not be read or not in time; one of a saved run that nothing asks for any
    more is skipped. ``wait`` ends early, with True, where the process is to end.
    """
    waiting = wait or never().wait
    with closing(Sinks(store, config, connect, clock)) as sinks:
        _refuse_paused(store, config, clock)
        recover(store, sinks, clock, waiting)
        saved = run is not None
        run = run if saved else made(store, config, sinks, by=by, now=clock()).run
        if run is None:
            return None, []
        if saved:
            _hear(store, sinks, run, clock)
        with store.read() as tx:
            planned = [entry for entry in entries_of(tx, run) if entry.state is WriteState.PLANNED]
            unasked = _unasked(tx, config, clock, planned) if saved and planned else {}
            first = journal.applied_count(tx) == 0
            late = freshness(tx, config, clock()).late if patient else frozenset()
        mine = [
            entry.write
            for entry in planned
            if may_be_sent(config.writeback, entry) and entry.write.slot.source not in late
        ]
        due = [write for write in mine if write.slot not in unasked]
        ask(run, len(due), first=first, cap=config.writeback.cap, confirmed=confirmed)
        stale = [skipped(store, write, unasked[write.slot], clock, watch) for write in mine if write.slot in unasked]
        return run, [*stale, *carry_out(store, config, sinks, due, clock, watch, waiting)]


def carry_out(
    store: Store,
    config: Config,
    sinks: Sinks,
    writes: Sequence[Write],
    clock: Clock,
    watch: Watch,
    wait: Wait,
    *,
    despite_pause: bool = False,
) -> list[Outcome]:
    """What became of each of these saved writes, in their order; a thread for each source. One whose turn does not come
    in this run, for a limit of its tool or a pause that begins meanwhile, is still planned."""
    by_source: dict[str, list[Write]] = {}
    for write in writes:
        by_source.setdefault(write.slot.source, []).append(write)
    if not by_source:
        return []
    with store.begin() as tx:
        held = fence.take(tx)
    outcomes: dict[int, Outcome] = {}
    said: set[tuple[str, str]] = set()
    halt, telling = Event(), Lock()

    def tell(outcome: Outcome) -> None:
        with telling:
            outcomes[write_id(outcome.write)] = outcome
            _log(outcome, said)
            watch(outcome)

    heeded = None if despite_pause else config.writeback
    parts = {
        source: Part(store, heeded, sinks, source, mine, Patience(clock, wait, halt), held, tell)
        for source, mine in by_source.items()
    }
    side_by_side({source: part.carry_out for source, part in parts.items()}, halt)
    return [outcomes[write_id(write)] for write in writes]


def skipped(store: Store, write: Write, why: str, clock: Clock, watch: Watch) -> Outcome:
    """A write that is not to be sent any more: what it answers was mended, or was written by a later run."""
    outcome = Outcome(write, WriteState.SKIPPED, why)
    with store.begin() as tx:
        journal.settle(tx, write_id(write), outcome.state, why, clock())
    watch(outcome)
    return outcome


def entries_of(tx: Connection, run: int) -> list[journal.Entry]:
    """The writes of a run; UsageError where there is none of this number."""
    if journal.run(tx, run) is None:
        raise UsageError(f"there is no run {run}; type: okrsync runs")
    return journal.entries(tx, run)


def never() -> Event:
    """What nobody sets: waiting for it is waiting."""
    return Event()


def ask(run: int, count: int, *, first: bool, cap: int, confirmed: bool) -> None:
    """Refused where a person has to confirm so many writes first."""
    if confirmed or not count:
        return
    if first:
        raise Refused(
            f"this is the first apply of this installation: {count} writes. Read them with okrsync plan, then type: "
            f"okrsync apply {run} --yes"
        )
    if count > cap:
        raise Refused(f"{count} writes are more than writeback.cap = {cap}; if you mean it: okrsync apply {run} --yes")


def _refuse_paused(store: Store, config: Config, clock: Clock) -> None:
    with store.read() as tx:
        standstill = pausing.current(tx, config.writeback, clock())
    if standstill is not None:
        raise Refused(standstill.told)


def _hear(store: Store, sinks: Sinks, run: int, clock: Clock) -> None:
    """Who spoke last on the goals on which this run is to speak is known."""
    with store.read() as tx:
        due = (entry.write.slot for entry in entries_of(tx, run) if entry.state is WriteState.PLANNED)
        heard = inspecting.speaking(tx, due)
    inspecting.inspect(store, sinks, (), clock(), heard)


def _unasked(tx: Connection, config: Config, clock: Clock, planned: Iterable[journal.Entry]) -> dict[Slot, str]:
    """Of the writes of a saved run those that are not to be sent now, and why."""
    planning = compute(tx, config, assess(tx, config, clock()), insist=True)
    due = {write.slot for write in planning.writes}
    speak = speaker(ENGLISH)
    left = {one.slot: speak(one.why) for one in planning.left}
    slots = {entry.write.slot for entry in planned} - due
    return {slot: left.get(slot, "not called for any more") for slot in slots}


def _log(outcome: Outcome, said: set[tuple[str, str]]) -> None:
    """One line a write; what befell a whole source is ``said`` once."""
    write = outcome.write
    told = (write.slot.source, outcome.note)
    repeated = outcome.state in (WriteState.FAILED, WriteState.UNKNOWN, WriteState.PLANNED) and told in said
    said.add(told)
    tell = log.debug if repeated else log.error if outcome.failed else log.info
    tell(
        outcome.state.value,
        source=write.slot.source,
        key=write.key,
        surface=write.slot.surface.value,
        name=write.slot.name,
        **({"note": outcome.note} if outcome.note else {}),
    )
