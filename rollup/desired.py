"""What should stand in the tools: marks on the work, progress on the objects that key results name (docs/status.md).

Of what is known to stand there nothing is passed over: what must go is said as plainly as what must come, and what
the policy puts out of reach stays as it is known.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TypeAlias

from okrsync.model import (
    Goals,
    ItemKind,
    ItemRef,
    Json,
    ObjectiveProgress,
    Progress,
    Say,
    Slot,
    State,
    Surface,
    Ticket,
    Verdict,
    WritebackPolicy,
    WriteMode,
)
from rollup.author import Author
from rollup.comment import comment
from rollup.commit_status import Reviewer, bears_status
from rollup.facts import lies_in
from rollup.goal_metric import metric
from rollup.goal_update import told, update
from rollup.marks import marks, may_be_marked
from rollup.record import record
from rollup.targets import Offers, Target, Targets, metric_slot, read_from, served

HISTORY = frozenset({Surface.STATUS, Surface.METRIC, Surface.UPDATE})
"""What is never withdrawn: it was true of its commit or its day, and people have read it."""


@dataclass(frozen=True, slots=True)
class Desired:
    """What should stand in one slot, None for nothing, and why. ``key`` and ``url`` name the object for people."""

    slot: Slot
    value: Json
    key: str
    url: str
    why: Say


@dataclass(frozen=True, slots=True)
class _Place:
    """What is known of the object of a slot."""

    key: str
    url: str
    project: str
    finished: bool


_Marked: TypeAlias = "Sequence[tuple[Ticket, Verdict]]"
_Places: TypeAlias = "Mapping[tuple[str, str], _Place]"


def desired(
    goals: Goals,
    progress: Mapping[str, Progress],
    objectives: Mapping[str, ObjectiveProgress],
    marked: Iterable[tuple[Ticket, Verdict]],
    targets: Targets,
    known: Mapping[Slot, Json],
    known_at: Mapping[Slot, datetime],
    policy: WritebackPolicy,
    *,
    offers: Offers,
    late: Collection[str],
    instance: str,
    now: datetime,
    render: Callable[[Say], str],
) -> list[Desired]:
    """What should stand in every slot within the policy, and what stands in every known slot beyond it.

    ``marked`` are the counted items with their verdicts; what is of no concern may be left out: work that is neither an
    orphan, nor dangling, nor an open pull request, and that nothing is known to stand on. ``targets`` are the objects
    of ``write_to`` that could be resolved, ``known`` is what was last confirmed, or found there, and ``known_at`` when
    it was confirmed; ``offers`` says what can be written in each source, ``late`` which sources were not read in time;
    ``render`` turns a Say into the language of the installation.
    """
    spoken_of = {(slot.source, slot.remote_id) for slot in known}
    spoken_of |= {(ref.source, target.remote_id) for ref, target in targets.items()}
    every = [one for one in marked if _concerned(*one) or (one[0].source, one[0].remote_id) in spoken_of]
    places = _places(every, targets)
    author = Author(goals, objectives, instance, now, render)
    wanted = [
        *_labels(every, policy, known, late, now),
        *_statuses(Reviewer.at(goals, now, late, known, render), every),
        *_published(author, progress, targets, known, known_at),
    ]
    reached = {one.slot: one for one in wanted if _within(policy, offers, one.slot, places)}
    kept = [_known(slot, value, places, policy, offers) for slot, value in known.items() if slot not in reached]
    return [*reached.values(), *kept]


def _concerned(ticket: Ticket, verdict: Verdict) -> bool:
    """Whether something may have to stand on this item, whatever is known to stand there."""
    markable = ticket.kind is ItemKind.TICKET and ticket.state is not State.DONE and may_be_marked(verdict)
    return markable or bears_status(ticket)


def _labels(
    marked: _Marked, policy: WritebackPolicy, known: Mapping[Slot, Json], late: Collection[str], now: datetime
) -> Iterator[Desired]:
    """A ticket climbs in its own tool: while that was not read in time, or not whole, no new mark is put on it."""
    for ticket, label, why in marks(marked, policy.quiet, now):
        slot = Slot(ticket.source, ticket.remote_id, Surface.LABEL, label)
        if ticket.source in late and slot not in known:
            continue
        yield Desired(slot, True, ticket.key, ticket.url, why)


def _statuses(reviewer: Reviewer, marked: _Marked) -> Iterator[Desired]:
    for one in reviewer.statuses(marked):
        yield Desired(one.slot, one.value, one.ticket.key, one.ticket.url, one.why)


def _published(
    author: Author,
    progress: Mapping[str, Progress],
    targets: Targets,
    known: Mapping[Slot, Json],
    known_at: Mapping[Slot, datetime],
) -> Iterator[Desired]:
    sources = read_from(author.goals)
    for (source, remote_id), (target, krs) in served(author.goals, progress, targets).items():
        if target.goal is None:
            slot = Slot(source, remote_id, Surface.PROPERTY, f"okrsync-{author.instance}")
            value, why = record(krs, known.get(slot), known_at.get(slot), instance=author.instance, now=author.now)
            yield Desired(slot, value, target.key, target.url, why)
            slot = Slot(source, remote_id, Surface.COMMENT, author.instance)
            value, why = comment(author, target.key, krs, known.get(slot), known_at.get(slot))
            yield Desired(slot, value, target.key, target.url, why)
            continue
        slot = Slot(source, remote_id, Surface.UPDATE, author.instance)
        value, why = update(author, krs, known.get(slot))
        yield Desired(slot, value, target.key, target.url, why)
        if ItemRef(source, remote_id) not in sources:
            moved = told(value) != told(known.get(slot))
            slot = metric_slot(source, target)
            value, why = metric(target.goal, krs, known.get(slot), known_at.get(slot), author.now, status_moved=moved)
            yield Desired(slot, value, target.key, target.url, why)


def _places(marked: _Marked, targets: Mapping[ItemRef, Target]) -> _Places:
    """The objects on which something may have to change, by source and remote id."""
    places = {
        (ref.source, target.remote_id): _Place(target.key, target.url, target.project or target.key, finished=False)
        for ref, target in targets.items()
    }
    for ticket, _ in marked:
        place = _Place(ticket.key, ticket.url, ticket.project, ticket.state is State.DONE)
        places[ticket.source, ticket.remote_id] = place
    return places


def _within(policy: WritebackPolicy, offers: Offers, slot: Slot, places: _Places) -> bool:
    """Whether the policy lets us touch this slot, and the tool has it; an object of unknown project is beyond
    ``only``."""
    if policy.of(slot.source) is WriteMode.OFF or slot.surface not in policy.surfaces:
        return False
    if slot.surface not in offers.get(slot.source, ()):
        return False
    place = places.get((slot.source, slot.remote_id))
    return not policy.only or (place is not None and lies_in(policy.only, slot.source, place.project))


def _known(slot: Slot, value: Json, places: _Places, policy: WritebackPolicy, offers: Offers) -> Desired:
    """A known slot that nothing wants: kept where it is out of reach or history, else gone."""
    place = places.get((slot.source, slot.remote_id), _Place(slot.remote_id, "", "", finished=False))
    if slot.surface in HISTORY or not _within(policy, offers, slot, places):
        return Desired(slot, value, place.key, place.url, Say.of("write.unchanged"))
    if slot.surface is not Surface.LABEL:
        return Desired(slot, None, place.key, place.url, Say.of("write.withdrawn"))
    return Desired(slot, None, place.key, place.url, Say.of("write.finished" if place.finished else "write.mended"))
