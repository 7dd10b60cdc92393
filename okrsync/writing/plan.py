"""What is due, saved as a run: what should stand in the tools minus what stands there, after a look at what people
changed. Sends reads only."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

import rollup
from config import Config
from okrsync.assess import Assessment, assess
from okrsync.connections import Connect
from okrsync.linking import told
from okrsync.model import (
    Link,
    RuleName,
    Say,
    Slot,
    Standing,
    Ticket,
    Verdict,
    VerdictKind,
    Write,
    WriteMode,
    WriteState,
)
from okrsync.reports.narrative import draft, narratives
from okrsync.store import Store, journal, queries, written
from okrsync.texts import speaker
from okrsync.writing import approval, inspecting
from okrsync.writing.settled import settled
from okrsync.writing.sinks import Sinks
from okrsync.writing.targets import offers, write_targets
from rollup.desired import HISTORY

if TYPE_CHECKING:
    from sqlalchemy import Connection

DAY = timedelta(days=1)
"""In which an object is touched ``writeback.daily`` times at most."""


@dataclass(frozen=True, slots=True)
class Plan:
    """A saved run and what it would write; ``run`` is None where there is nothing to write.

    ``left`` is what people have the last word on, or what was touched too often; ``unread`` says of which sources it
    could not be looked up what people did, and why.
    """

    run: int | None
    writes: tuple[Write, ...]
    left: tuple[rollup.Left, ...] = ()
    unread: Mapping[str, str] = field(default_factory=dict)


def plan(store: Store, config: Config, *, connect: Connect, by: str, now: datetime) -> Plan:
    """The difference between what should stand in the tools and what stands there, saved as a run.

    The newest run is that run still, where it plans just this and nothing of it was carried out.
    """
    with closing(Sinks(store, config, connect, lambda: now)) as sinks:
        return made(store, config, sinks, by=by, now=now)


def saved(tx: Connection) -> Plan:
    """The newest plan as it was saved, with those of its writes that still wait; one of no run where none does."""
    newest = next((one for one in journal.runs(tx) if one.kind == journal.PLAN), None)
    if newest is None or not newest.waiting:
        return Plan(None, ())
    waiting = [one.write for one in journal.entries(tx, newest.id) if one.state is WriteState.PLANNED]
    return Plan(newest.id if waiting else None, tuple(waiting))


def made(store: Store, config: Config, sinks: Sinks, *, by: str, now: datetime) -> Plan:
    """The same, over sinks that are open already."""
    with store.read() as tx:
        assessment = assess(tx, config, now)
        words = _narratives(tx, config, assessment)
        planned = compute(tx, config, assessment, words)
        reached = _reach(tx, config)
        wanted = [write.slot for write in planned.writes]
        heard = inspecting.speaking(tx, wanted)
        slots = [
            slot
            for slot in inspecting.due(tx, wanted, now)
            if reached(slot.source, slot.remote_id) and config.writeback.of(slot.source) is not WriteMode.OFF
        ]
    sight = inspecting.inspect(store, sinks, slots, now, heard)
    with store.begin() as tx:
        if sight.news:
            planned = compute(tx, config, assessment, words)
        journal.forget(tx, planned.forgotten)
        writes, approvals = _as_approved(tx, planned.writes)
        if not writes:
            return Plan(None, (), planned.left, sight.unread)
        newest = journal.newest_run(tx)
        same = newest is not None and _still(journal.entries(tx, newest.id), writes)
        run = newest if newest is not None and same else _save(tx, by, writes, approvals, now)
        return Plan(run.id, tuple(journal.writes(tx, run.id)), planned.left, sight.unread)


def compute(
    tx: Connection,
    config: Config,
    assessment: Assessment,
    words: Mapping[str, str] | None = None,
    *,
    insist: bool = False,
) -> rollup.Planned:
    """The writes that are due and what is left; reads the store only. What okrsync cannot reach now is left as it
    stands, and what is settled is passed over. ``words`` are the narratives of the key results, where they were made
    already; a person who ``insists`` has sent again what its tool refused today."""
    now, reached = assessment.now, _reach(tx, config)
    targets = {ref: one for ref, one in write_targets(tx, config).items() if reached(ref.source, one.remote_id)}
    spoken = queries.spoken_to(tx)
    bearing = rollup.bearing(config.writeback, offers(config))
    calm = settled(tx, config, spoken, bearing, now)
    confirmed = {
        slot: one for slot, one in journal.standing(tx, but=calm).items() if reached(slot.source, slot.remote_id)
    }
    found = {slot: Standing(value, None, now) for slot, value in rollup.found_there(targets).items()}
    standing = {**found, **confirmed}
    objects = {(slot.source, slot.remote_id) for slot in standing if slot.surface not in HISTORY}
    objects |= {(ref.source, target.remote_id) for ref, target in targets.items()}
    judged = (
        ticket
        for ticket in queries.addressed(tx, objects, traced=bearing, but=calm)
        if reached(ticket.source, ticket.remote_id)
    )
    verdicts = told(tx, config, judged, spoken, now)
    desired = rollup.desired(
        config.goals,
        assessment.progress,
        assessment.objectives,
        _served(tx, verdicts) if bearing else verdicts,
        targets,
        standing,
        config.writeback,
        offers=offers(config),
        late=assessment.freshness.late,
        instance=config.instance,
        now=now,
        thresholds=config.thresholds,
        render=speaker(config.language),
        narratives=_narratives(tx, config, assessment) if words is None else words,
        base=config.server.url,
    )
    return rollup.plan(
        desired,
        standing,
        config.writeback,
        touched=journal.touched(tx, now - DAY),
        pending={entry.write.slot for entry in journal.pending(tx)},
        released=approval.released(tx),
        refused={} if insist else written.refused(tx, now),
    )


def _reach(tx: Connection, config: Config) -> Callable[[str, str], bool]:
    """Tells whether (source, remote id) stands in a source that is configured, in no scope that cannot be read, and is
    not gone."""
    configured = {source.id for source in config.sources}
    closed = queries.unreachable(tx) | queries.gone(tx)

    def reached(source: str, remote_id: str) -> bool:
        return source in configured and (source, remote_id) not in closed

    return reached


def _narratives(tx: Connection, config: Config, assessment: Assessment) -> dict[str, str]:
    """What is said of each key result in the language of the installation, where any is written anywhere."""
    if not any(kr.write_to for kr in config.goals.key_results.values()):
        return {}
    speak = speaker(config.language)
    found = narratives(tx, config, assessment).key_results
    return {kr: text for kr, clauses in found.items() if (text := draft(clauses, speak)["narrative"])}


# ── the work that is marked ──────────────────────────────────────────────────────────────────────────────────────────


def _served(tx: Connection, verdicts: Iterator[tuple[Ticket, Verdict]]) -> Iterator[tuple[Ticket, Verdict]]:
    """These items by growing uid, those that are traced with their goals."""
    served = queries.served(tx)
    following = next(served, None)
    for ticket, verdict in verdicts:
        goals = []
        while following is not None and following[0] <= ticket.uid:
            if following[0] == ticket.uid:
                goals.append(following[1])
            following = next(served, None)
        if goals and verdict.kind is VerdictKind.TRACED and not verdict.links:
            verdict = replace(verdict, links=tuple(_link(ticket, goal) for goal in dict.fromkeys(goals)))
        yield ticket, verdict


def _link(ticket: Ticket, goal: str) -> Link:
    """A link of which only the target is known."""
    return Link(ticket.uid, goal, RuleName.LABEL, Say(""), (), ticket.created_at)


# ── runs ─────────────────────────────────────────────────────────────────────────────────────────────────────────────


def _still(entries: Sequence[journal.Entry], writes: Sequence[Write]) -> bool:
    waiting = [replace(entry.write, id=None) for entry in entries if entry.state is WriteState.PLANNED]
    return len(waiting) == len(entries) and waiting == list(writes)


def _as_approved(tx: Connection, writes: Sequence[Write]) -> tuple[list[Write], dict[Slot, journal.Entry]]:
    """The writes that are due, in the words in which a person approved them while nothing changed there since; and
    those approvals."""
    waiting = journal.approved(tx)
    kept = {
        write.slot: waiting[write.slot]
        for write in writes
        if write.slot in waiting and waiting[write.slot].write.before == write.before
    }
    said = {slot: replace(entry.write, id=None) for slot, entry in kept.items()}
    return [said.get(write.slot, write) for write in writes], kept


def _save(
    tx: Connection, by: str, writes: Sequence[Write], approved: Mapping[Slot, journal.Entry], now: datetime
) -> journal.Run:
    """A new run, into which approvals move from the runs that they were given to."""
    approvals = {
        slot: journal.Approval(entry.approved_by or "", entry.approved_at)
        for slot, entry in approved.items()
        if entry.approved_at is not None
    }
    run = journal.save_run(tx, by, writes, now, approvals=approvals)
    for entry in approved.values():
        if entry.write.id is not None:
            journal.settle(tx, entry.write.id, WriteState.SKIPPED, f"part of run {run.id} now", now)
    return run
