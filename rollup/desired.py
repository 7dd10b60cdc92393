"""What should stand in the tools: marks on the work, progress on the objects that key results name (docs/status.md).

Of what is known to stand there nothing is passed over: what must go is said as plainly as what must come, and what
the policy puts out of reach stays as it is known.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TypeAlias

from okrsync.model import (
    Gap,
    GapKind,
    Goals,
    ItemRef,
    Json,
    KeyResult,
    ObjectiveProgress,
    Progress,
    Say,
    Severity,
    Slot,
    State,
    Surface,
    Ticket,
    Verdict,
    WritebackPolicy,
    WriteMode,
)
from rollup.comment import Author
from rollup.marks import marks, may_be_marked
from rollup.record import record


@dataclass(frozen=True, slots=True)
class Target:
    """The object behind a ``write_to``; ``project`` is the key of its project, needed only outside the scope."""

    remote_id: str
    key: str
    url: str
    project: str = ""


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


_Places: TypeAlias = "Mapping[tuple[str, str], _Place]"


def desired(
    goals: Goals,
    progress: Mapping[str, Progress],
    objectives: Mapping[str, ObjectiveProgress],
    marked: Iterable[tuple[Ticket, Verdict]],
    targets: Mapping[ItemRef, Target],
    known: Mapping[Slot, Json],
    known_at: Mapping[Slot, datetime],
    policy: WritebackPolicy,
    *,
    instance: str,
    now: datetime,
    render: Callable[[Say], str],
) -> list[Desired]:
    """What should stand in every slot within the policy, and what stands in every known slot beyond it.

    ``marked`` are all counted items with their verdicts, ``targets`` the objects of ``write_to`` that could be
    resolved, ``known`` and ``known_at`` what was last confirmed and when; ``render`` turns a Say into the language of
    the installation.
    """
    every = list(marked)
    places = _places(every, targets, known)
    author = Author(goals, objectives, instance, now, render)
    wanted = [*_labels(every, policy, now), *_published(author, progress, targets, known, known_at)]
    reached = {one.slot: one for one in wanted if _within(policy, one.slot, places)}
    kept = [_known(slot, value, places, policy) for slot, value in known.items() if slot not in reached]
    return [*reached.values(), *kept]


def unresolved_targets(goals: Goals, targets: Mapping[ItemRef, Target], policy: WritebackPolicy) -> list[Gap]:
    """A gap for every ``write_to`` that names nothing we know, in a source that may be written."""
    return [
        Gap(
            GapKind.WRITE_CONFLICT,
            Severity.MEDIUM,
            kr.id,
            Say.of("goal.gap.write_to_unknown", target=str(ref)),
            Say.of("goal.fix.write_to_unknown", id=kr.id, target=str(ref)),
        )
        for kr in goals.key_results.values()
        for ref in kr.write_to
        if ref not in targets and policy.of(ref.source) is not WriteMode.OFF
    ]


def _labels(marked: Sequence[tuple[Ticket, Verdict]], policy: WritebackPolicy, now: datetime) -> Iterator[Desired]:
    for ticket, label, why in marks(marked, policy.quiet, now):
        slot = Slot(ticket.source, ticket.remote_id, Surface.LABEL, label)
        yield Desired(slot, True, ticket.key, ticket.url, why)


def _published(
    author: Author,
    progress: Mapping[str, Progress],
    targets: Mapping[ItemRef, Target],
    known: Mapping[Slot, Json],
    known_at: Mapping[Slot, datetime],
) -> Iterator[Desired]:
    for (source, remote_id), (target, served) in _served(author.goals, progress, targets).items():
        slot = Slot(source, remote_id, Surface.PROPERTY, f"okrsync-{author.instance}")
        value, why = record(served, known.get(slot), known_at.get(slot), instance=author.instance, now=author.now)
        yield Desired(slot, value, target.key, target.url, why)
        slot = Slot(source, remote_id, Surface.COMMENT, author.instance)
        value, why = author.comment(target.key, served, known.get(slot), known_at.get(slot))
        yield Desired(slot, value, target.key, target.url, why)


def _served(
    goals: Goals, progress: Mapping[str, Progress], targets: Mapping[ItemRef, Target]
) -> dict[tuple[str, str], tuple[Target, list[tuple[KeyResult, Progress]]]]:
    """The key results that each object stands for, each once, in the order of the configuration."""
    served: dict[tuple[str, str], tuple[Target, list[tuple[KeyResult, Progress]]]] = {}
    for kr in goals.key_results.values():
        found = {(ref.source, targets[ref].remote_id): targets[ref] for ref in kr.write_to if ref in targets}
        for place, target in found.items():
            served.setdefault(place, (target, []))[1].append((kr, progress[kr.id]))
    return served


def _places(
    marked: Sequence[tuple[Ticket, Verdict]], targets: Mapping[ItemRef, Target], known: Iterable[Slot]
) -> _Places:
    """The objects on which something may have to change, by source and remote id."""
    places = {
        (ref.source, target.remote_id): _Place(target.key, target.url, target.project, finished=False)
        for ref, target in targets.items()
    }
    spoken_of = {(slot.source, slot.remote_id) for slot in known} | places.keys()
    for ticket, verdict in marked:
        if may_be_marked(verdict) or (ticket.source, ticket.remote_id) in spoken_of:
            finished = ticket.state is State.DONE
            place = _Place(ticket.key, ticket.url, ticket.project, finished)
            places[ticket.source, ticket.remote_id] = place
    return places


def _within(policy: WritebackPolicy, slot: Slot, places: _Places) -> bool:
    """Whether the policy lets us touch this slot; an object of unknown project is beyond ``only``."""
    if policy.of(slot.source) is WriteMode.OFF or slot.surface not in policy.surfaces:
        return False
    place = places.get((slot.source, slot.remote_id))
    return not policy.only or (place is not None and ItemRef(slot.source, place.project) in policy.only)


def _known(slot: Slot, value: Json, places: _Places, policy: WritebackPolicy) -> Desired:
    """A known slot that nothing wants: kept where it is out of reach, else gone."""
    place = places.get((slot.source, slot.remote_id), _Place(slot.remote_id, "", "", finished=False))
    if not _within(policy, slot, places):
        return Desired(slot, value, place.key, place.url, Say.of("write.unchanged"))
    if slot.surface is not Surface.LABEL:
        return Desired(slot, None, place.key, place.url, Say.of("write.withdrawn"))
    return Desired(slot, None, place.key, place.url, Say.of("write.finished" if place.finished else "write.mended"))
