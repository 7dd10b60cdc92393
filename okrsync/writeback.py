"""Plan → apply → confirm: the shell around what ``rollup`` says should stand in the tools.

Every remote write is an intent row, then a write to something that okrsync owns, then a confirmation row that is
committed together with what is now known to stand there. Just before a write is sent its target is read: a value that
stands there already is adopted, one that somebody changed is left alone. So a crash at any point, and a lost answer,
are mended by the next run without a second visible write (docs/writing-back.md).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING

import structlog

import rollup
from config import Config
from okrsync.assess import GOAL, Assessment, assess, freshness
from okrsync.errors import AuthError, ConfigError, MalformedPage, Refused, Rejected, ToolError, Unavailable, UsageError
from okrsync.linking import told
from okrsync.model import ItemKind, ItemRef, RemoteGoal, Say, SourceConfig, Surface, Write, WriteMode, WriteState
from okrsync.ports import Sink, Source
from okrsync.store import Store, doubts, goals, journal, queries
from okrsync.texts import speaker

if TYPE_CHECKING:
    from sqlalchemy import Connection

log = structlog.get_logger(__name__)

GONE = 404

Connect = Callable[[SourceConfig], Source]
Clock = Callable[[], datetime]


@dataclass(frozen=True, slots=True)
class Plan:
    """A saved run and what it would write; ``run`` is None where there is nothing to write."""

    run: int | None
    writes: tuple[Write, ...]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one write: why it was skipped, or what the tool said where it failed."""

    write: Write
    state: WriteState
    note: str = ""
    fault: ToolError | None = None

    @property
    def failed(self) -> bool:
        """The write should stand there now, and is not known to."""
        return self.state in (WriteState.FAILED, WriteState.UNKNOWN)


Watch = Callable[[Outcome], None]


def plan(store: Store, config: Config, *, by: str, now: datetime) -> Plan:
    """The difference between what should stand in the tools and what was last confirmed, saved as a run.

    The newest run is that run still, where it plans just this and nothing of it was carried out.
    """
    with store.begin() as tx:
        writes = compute(tx, config, assess(tx, config, now))
        if not writes:
            return Plan(None, ())
        newest = journal.newest_run(tx)
        same = newest is not None and _still(journal.entries(tx, newest.id), writes)
        run = newest if newest is not None and same else journal.save_run(tx, by, writes, now)
        return Plan(run.id, tuple(journal.writes(tx, run.id)))


def _still(entries: Sequence[journal.Entry], writes: Sequence[Write]) -> bool:
    waiting = [replace(entry.write, id=None) for entry in entries if entry.state is WriteState.PLANNED]
    return len(waiting) == len(entries) and waiting == list(writes)


def compute(tx: Connection, config: Config, assessment: Assessment) -> list[Write]:
    """The writes that are due; reads the store only. What okrsync cannot reach now is left as it stands."""
    configured = {source.id for source in config.sources}
    closed = queries.unreachable(tx)

    def reached(source: str, remote_id: str) -> bool:
        return source in configured and (source, remote_id) not in closed

    targets = {ref: one for ref, one in write_targets(tx, config).items() if reached(ref.source, one.remote_id)}
    confirmed = {slot: value for slot, value in journal.known(tx).items() if reached(slot.source, slot.remote_id)}
    known = {**rollup.found_there(targets), **confirmed}
    objects = {(slot.source, slot.remote_id) for slot in known}
    objects |= {(ref.source, target.remote_id) for ref, target in targets.items()}
    judged = (one for one in queries.addressed(tx, objects) if reached(one.source, one.remote_id))
    desired = rollup.desired(
        config.goals,
        assessment.progress,
        assessment.objectives,
        told(tx, config, judged, queries.spoken_to(tx), assessment.now),
        targets,
        known,
        journal.known_at(tx),
        config.writeback,
        offers=offers(config),
        late=assessment.freshness.late,
        instance=config.instance,
        now=assessment.now,
        render=speaker(config.language),
    )
    return rollup.plan(desired, known)


def offers(config: Config) -> Mapping[str, frozenset[Surface]]:
    """Source → what can be written there, by the word of its connector; nothing is sent to know that."""
    return {source.id: getattr(source.settings, "surfaces", frozenset()) for source in config.sources}


def write_targets(tx: Connection, config: Config) -> Mapping[ItemRef, rollup.Target]:
    """The stored object behind each ``write_to``; one that names nothing that can be read, or two, is left out."""
    named = sorted({ref for kr in config.goals.key_results.values() for ref in kr.write_to}, key=str)
    remote = goals.goals(tx) if any(ref.key.startswith(GOAL) for ref in named) else {}
    found = {ref: _target(tx, ref, remote) for ref in named}
    return {ref: target for ref, target in found.items() if target is not None}


def _target(tx: Connection, ref: ItemRef, remote: Mapping[tuple[str, str], RemoteGoal]) -> rollup.Target | None:
    if ref.key.startswith(GOAL):
        goal = remote.get((ref.source, ref.key.removeprefix(GOAL)))
        return None if goal is None else rollup.Target(ref.key, ref.key, goal.url, goal=goal)
    matches = queries.find(tx, str(ref))
    if len(matches) != 1 or not matches[0].readable or matches[0].kind is ItemKind.COMMIT:
        return None
    return rollup.Target(matches[0].remote_id, matches[0].key, matches[0].url, matches[0].project)


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
) -> tuple[int | None, list[Outcome]]:
    """Carry out a saved run, or plan one now and carry it out; the run and what became of each write.

    Raises Refused where a person has to confirm first, UsageError where there is no such run. A write of a source whose
    mode is not ``apply`` stays planned, and, where ``patient``, one of a source that could not be read or not in time;
    one of a saved run that nothing asks for any more is skipped.
    """
    with closing(_Sinks(config, connect)) as sinks:
        _recover(store, sinks, clock)
        saved = run is not None
        run = run if saved else plan(store, config, by=by, now=clock()).run
        if run is None:
            return None, []
        with store.read() as tx:
            planned = [entry.write for entry in _entries(tx, run) if entry.state is WriteState.PLANNED]
            wanted = compute(tx, config, assess(tx, config, clock())) if saved and planned else planned
            first = journal.applied_count(tx) == 0
            late = freshness(tx, config, clock()).late if patient else frozenset()
        slots = {write.slot for write in wanted}
        mine = [
            write
            for write in planned
            if config.writeback.of(write.slot.source) is WriteMode.APPLY and write.slot.source not in late
        ]
        due = [write for write in mine if write.slot in slots]
        _ask(run, len(due), first=first, cap=config.writeback.cap, confirmed=confirmed)
        stale = [_stale(store, write, clock, watch) for write in mine if write.slot not in slots]
        return run, [*stale, *(_settled(store, sinks, write, clock, watch) for write in due)]


def undo(
    store: Store, config: Config, run: int, *, connect: Connect, clock: Clock, by: str, watch: Watch = lambda _: None
) -> tuple[int | None, list[Outcome]]:
    """Put back what a run replaced, the last write first; the run that does so and what became of each write.

    A slot that a later run, or somebody in the tool, changed since is left as it is.
    """
    with closing(_Sinks(config, connect)) as sinks:
        _recover(store, sinks, clock)
        with store.begin() as tx:
            known = journal.known(tx)
            applied = [
                entry.write
                for entry in reversed(_entries(tx, run))
                if entry.state is WriteState.APPLIED and known.get(entry.write.slot) == entry.write.after
            ]
            if not applied:
                return None, []
            back = [
                replace(write, before=write.after, after=write.before, why=Say.of("report.undo", run=run), id=None)
                for write in applied
            ]
            saved = journal.save_run(tx, by, back, clock())
            writes = journal.writes(tx, saved.id)
        outcomes = []
        for original, write in zip(applied, writes, strict=True):
            outcome = _settled(store, sinks, write, clock, watch)
            if outcome.state is WriteState.APPLIED:
                with store.begin() as tx:
                    journal.settle(tx, _id(original), WriteState.UNDONE, f"by run {saved.id}", clock())
            outcomes.append(outcome)
        return saved.id, outcomes


def _entries(tx: Connection, run: int) -> list[journal.Entry]:
    if journal.run(tx, run) is None:
        raise UsageError(f"there is no run {run}; type: okrsync runs")
    return journal.entries(tx, run)


def _ask(run: int, count: int, *, first: bool, cap: int, confirmed: bool) -> None:
    if confirmed or not count:
        return
    if first:
        raise Refused(
            f"this is the first apply of this installation: {count} writes. Read them with okrsync plan, then type: "
            f"okrsync apply {run} --yes"
        )
    if count > cap:
        raise Refused(f"{count} writes are more than writeback.cap = {cap}; if you mean it: okrsync apply {run} --yes")


class _Sinks:
    """The sinks of the sources, connected when first used; one that is down is asked no more in this run."""

    def __init__(self, config: Config, connect: Connect) -> None:
        self._sources = {source.id: source for source in config.sources}
        self._connect = connect
        self._open: dict[str, Sink] = {}
        self._down: dict[str, ToolError] = {}

    def of(self, source: str) -> Sink:
        if source in self._down:
            raise self._down[source]
        if source not in self._open:
            if source not in self._sources:
                raise Rejected(f"{source} is no longer configured")
            try:
                remote = self._connect(self._sources[source])
            except ConfigError as fault:  # its secret is missing: the other sources have theirs
                raise AuthError(str(fault)) from fault
            if not isinstance(remote, Sink):
                remote.close()
                raise Rejected(f"{source} cannot be written")
            self._open[source] = remote
        return self._open[source]

    def close(self) -> None:
        for sink in self._open.values():
            sink.close()

    def down(self, source: str) -> bool:
        return source in self._down

    def failed(self, source: str, fault: ToolError) -> None:
        """Whatever is not about one object alone is about the source."""
        if not isinstance(fault, Rejected):
            self._down[source] = fault


def _stale(store: Store, write: Write, clock: Clock, watch: Watch) -> Outcome:
    """A write that nothing asks for any more: what it answers was mended, or was written by a later run."""
    outcome = Outcome(write, WriteState.SKIPPED, "not called for any more")
    with store.begin() as tx:
        journal.settle(tx, _id(write), outcome.state, outcome.note, clock())
    watch(outcome)
    return outcome


def _settled(store: Store, sinks: _Sinks, write: Write, clock: Clock, watch: Watch) -> Outcome:
    """One write carried out, its end in the journal, and somebody told."""
    told_before = sinks.down(write.slot.source)  # an outage is logged once
    outcome = _carried_out(store, sinks, write, clock)
    if outcome.failed:
        with store.begin() as tx:
            journal.settle(tx, _id(write), outcome.state, outcome.note, clock())
    told = log.info if not outcome.failed else log.debug if told_before else log.error
    told(
        outcome.state.value,
        source=write.slot.source,
        key=write.key,
        surface=write.slot.surface.value,
        name=write.slot.name,
        **({"note": outcome.note} if outcome.note else {}),
    )
    watch(outcome)
    return outcome


def _carried_out(store: Store, sinks: _Sinks, write: Write, clock: Clock) -> Outcome:
    """From the look at the target to the confirmation row; a failure is for the caller to record."""
    source = write.slot.source
    try:
        sink = sinks.of(source)
        stands = sink.read(write.slot)
    except Rejected as fault:
        if fault.status != GONE or write.after is not None:
            _doubt(store, write, fault)
            return Outcome(write, WriteState.FAILED, str(fault), fault)
        stands = None  # what should go went with its object
    except ToolError as fault:
        sinks.failed(source, fault)
        return Outcome(write, WriteState.FAILED, str(fault), fault)
    if stands == write.after or stands != write.before:
        why = "stands there already" if stands == write.after else journal.OVERTAKEN
        with store.begin() as tx:
            journal.adopt(tx, _id(write), stands, why, clock())
        return Outcome(write, WriteState.SKIPPED, why)
    with store.begin() as tx:
        journal.intend(tx, _id(write), clock())
    try:
        receipt = sink.push(write)
    except ToolError as fault:
        sinks.failed(source, fault)
        lost = isinstance(fault, MalformedPage) or (isinstance(fault, Unavailable) and fault.sent)
        return Outcome(write, WriteState.UNKNOWN if lost else WriteState.FAILED, str(fault), fault)
    with store.begin() as tx:
        journal.confirm(tx, _id(write), receipt, clock())
    return Outcome(write, WriteState.APPLIED)


def _doubt(store: Store, write: Write, fault: Rejected) -> None:
    """The next sync looks whether an object that was not found is gone."""
    if fault.status == GONE:
        with store.begin() as tx:
            doubts.doubt(tx, write.slot.source, [write.slot.remote_id])


def _recover(store: Store, sinks: _Sinks, clock: Clock) -> None:
    """Writes of a run that ended in mid-air are read back: what arrived is confirmed, the rest is planned anew."""
    with store.read() as tx:
        pending = journal.pending(tx)
    for write in pending:
        source = write.slot.source
        try:
            stands = sinks.of(source).read(write.slot)
        except Rejected as fault:
            with store.begin() as tx:
                journal.settle(tx, _id(write), WriteState.FAILED, str(fault), clock())
            continue
        except ToolError as fault:
            sinks.failed(source, fault)
            log.error("not read back", source=source, key=write.key, error=str(fault))
            continue
        with store.begin() as tx:
            if stands == write.after:
                journal.adopt(tx, _id(write), stands, "read back after an interrupted run", clock())
            else:
                journal.settle(tx, _id(write), WriteState.FAILED, "did not arrive; planned anew", clock())


def _id(write: Write) -> int:
    assert write.id is not None, "only journalled writes are carried out"
    return write.id
