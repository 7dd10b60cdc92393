"""What should stand in the tools: marks on the work, progress on the objects that key results name (docs/status.md).

Only differences are told: a slot that holds what it should is passed over, and so is what the policy puts out of reach.
The items come by one at a time, however many they are.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import TypeAlias

from okrsync.model import (
    Goals,
    ItemRef,
    Json,
    ObjectiveProgress,
    Progress,
    SaidStatus,
    Say,
    Slot,
    Standing,
    State,
    Surface,
    Thresholds,
    Ticket,
    Verdict,
    WritebackPolicy,
)
from rollup.author import ADDRESS, Author
from rollup.comment import block, comment
from rollup.commit_status import Reviewer, bears_status
from rollup.goal_metric import metric
from rollup.goal_update import overriding, told, update
from rollup.marks import marks
from rollup.number import number
from rollup.objective_marks import SURFACES, Compass, keeps_objective
from rollup.reach import Reach
from rollup.record import record
from rollup.restraint import Restraint, last_said
from rollup.targets import Offers, Served, Target, Targets, metric_slot, read_from, served
from rollup.yielding import Move, decide, same

HISTORY = frozenset({Surface.STATUS, Surface.METRIC, Surface.UPDATE})
"""What is never withdrawn: it was true of its commit or its day, and people have read it."""


@dataclass(frozen=True, slots=True)
class Desired:
    """What should stand in one slot, None for nothing, and why. ``key`` and ``url`` name the object for people.

    Of a status update, ``said`` is the newer word of somebody else on the goal, and ``serves`` are the key results that
    it speaks of.
    """

    slot: Slot
    value: Json
    key: str
    url: str
    why: Say
    said: SaidStatus | None = None
    serves: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class _Place:
    """What is known of the object of a slot; ``project`` is None where that is not known."""

    key: str
    url: str
    project: str | None
    finished: bool = False


_Object: TypeAlias = "tuple[str, str]"  # source, remote id


def desired(
    goals: Goals,
    progress: Mapping[str, Progress],
    objectives: Mapping[str, ObjectiveProgress],
    marked: Iterable[tuple[Ticket, Verdict]],
    targets: Targets,
    standing: Mapping[Slot, Standing],
    policy: WritebackPolicy,
    *,
    offers: Offers,
    late: Collection[str],
    instance: str,
    now: datetime,
    thresholds: Thresholds,
    render: Callable[[Say], str],
    narratives: Mapping[str, str],
    base: str = "",
) -> list[Desired]:
    """Every slot within the policy in which something else should stand than does, or than is known of it.

    ``marked`` are the counted items with their verdicts; what is of no concern may be left out: work that is neither an
    orphan, nor dangling, nor an open pull request, that nothing stands on, and, where its objective is not marked
    (:func:`rollup.bearing`), that is traced. Of the links of a verdict only the targets are looked at. ``targets`` are
    the objects of ``write_to`` that could be resolved, ``standing`` what is known to stand in the slots; ``offers``
    says what can be written in each source, ``late`` which sources were not read in time; ``render`` turns a Say into
    the language of the installation, in which the ``narratives`` of the key results are. ``base`` is where people reach
    the pages of okrsync, to which each mark that can bear a link then leads.
    """
    ledger = _Ledger(Reach(policy, offers), standing)
    author = Author(goals, objectives, instance, Restraint(thresholds, now), render, narratives, base)
    for (source, remote_id), (target, krs) in served(goals, progress, targets).items():
        place = _Place(target.key, target.url, target.project or target.key)
        for one in _published(author, policy, ledger, (source, remote_id), target, krs):
            ledger.want(one, place)
    reviewed = _items(ledger, marked, Compass.at(goals, now), policy, late, now)
    for status in Reviewer.at(goals, now, late, standing, render, base).statuses(reviewed):
        ticket = status.ticket
        place = _Place(ticket.key, ticket.url, ticket.project)
        ledger.want(Desired(status.slot, status.value, ticket.key, ticket.url, status.why), place)
    for ref, target in targets.items():
        ledger.withdraw((ref.source, target.remote_id), _Place(target.key, target.url, target.project or target.key))
    for source, remote_id in list(ledger.waiting):
        ledger.withdraw((source, remote_id), _Place(remote_id, "", None))
    return ledger.differences


@dataclass(frozen=True, slots=True)
class _Ledger:
    """What was found to differ so far; ``waiting`` are the slots that something stands in and nothing wanted yet."""

    reach: Reach
    standing: Mapping[Slot, Standing]
    differences: list[Desired] = field(default_factory=list)
    waiting: dict[_Object, list[Slot]] = field(default_factory=dict)
    _reached: set[Slot] = field(default_factory=set)

    def __post_init__(self) -> None:
        for slot, stands in self.standing.items():
            if slot.surface not in HISTORY and (stands.value is not None or stands.ours is not None):
                self.waiting.setdefault((slot.source, slot.remote_id), []).append(slot)

    def want(self, one: Desired, place: _Place) -> None:
        """Something should stand in this slot, if the policy lets us."""
        if not self.reach.has(one.slot, place.key, place.project):
            return
        stands = self.standing.get(one.slot)
        if stands is not None:
            self._reached.add(one.slot)
        if stands is None or one.value is None or not same(one.slot.surface, one.value, stands.value):
            self.differences.append(one)

    def withdraw(self, where: _Object, place: _Place, keep: Collection[Surface] = ()) -> None:
        """Of all that stands on an object, what nothing wants should go, but for the surfaces to ``keep``."""
        for slot in self.waiting.pop(where, ()):
            if slot in self._reached or slot.surface in keep or not self.reach.has(slot, place.key, place.project):
                continue
            why = Say.of("write.withdrawn")
            if slot.surface is Surface.LABEL:
                why = Say.of("write.finished" if place.finished else "write.mended")
            elif slot.surface in SURFACES:
                why = Say.of("write.objective_gone")
            self.differences.append(Desired(slot, None, place.key, place.url, why))


def _items(
    ledger: _Ledger,
    marked: Iterable[tuple[Ticket, Verdict]],
    compass: Compass,
    policy: WritebackPolicy,
    late: Collection[str],
    now: datetime,
) -> list[tuple[Ticket, Verdict]]:
    """Every item goes by once, and its marks are entered; the pull requests that bear a status are given back.

    A ticket climbs in its own tool: while that was not read in time, or not whole, no new mark is put on it, and what
    stands there of its objective stays.
    """
    reviewed = []
    keep: Collection[Surface]
    for ticket, verdict in marked:
        if bears_status(ticket):
            reviewed.append((ticket, verdict))
        place = _Place(ticket.key, ticket.url, ticket.project, ticket.state is State.DONE)
        behind = ticket.source in late
        for label, why in marks(ticket, verdict, policy.quiet, now):
            slot = Slot(ticket.source, ticket.remote_id, Surface.LABEL, label)
            if not behind or slot in ledger.standing:
                ledger.want(Desired(slot, True, ticket.key, ticket.url, why), place)
        if behind or keeps_objective(ticket, verdict):
            keep = SURFACES
        else:
            keep = ()
            if not SURFACES.isdisjoint(ledger.reach.surfaces(ticket.source)):
                field_id = policy.source(ticket.source).objective_field
                for slot, value, why in compass.marks(ticket, verdict, field_id):
                    ledger.want(Desired(slot, value, ticket.key, ticket.url, why), place)
        ledger.withdraw((ticket.source, ticket.remote_id), place, keep)
    return reviewed


def _published(
    author: Author, policy: WritebackPolicy, ledger: _Ledger, where: _Object, target: Target, krs: Served
) -> Iterator[Desired]:
    """What should stand on one object of ``write_to``."""
    source, remote_id = where
    standing = ledger.standing

    def wanted(slot: Slot, found: tuple[Json, Say], said: SaidStatus | None = None) -> Desired:
        value, why = found
        serves = tuple(kr.id for kr, _ in krs) if said is not None else ()
        return Desired(slot, value, target.key, target.url, why, said, serves)

    def goes(one: Desired) -> bool:
        """Whether this is news that okrsync may tell: what goes with it is written together with it."""
        move = decide(one.slot.surface, one.value, standing.get(one.slot), policy.deleted)
        return one.said is None and one.slot.surface in surfaces and move in (Move.WRITE, Move.RESTORE)

    surfaces = target.surfaces & ledger.reach.surfaces(source)
    if target.goal is not None:
        slot = Slot(source, remote_id, Surface.UPDATE, author.instance)
        said = overriding(target.goal.said, standing.get(slot), author.instance)
        one = wanted(slot, update(author, krs, standing.get(slot)), said)
        moved = goes(one) and told(one.value) != told(last_said(standing.get(slot)))
        yield one
        if ItemRef(source, remote_id) not in read_from(author.goals):
            slot = metric_slot(source, target)
            yield wanted(slot, metric(author.restraint, target.goal, krs, standing.get(slot), status_moved=moved))
        return
    if Surface.BLOCK in surfaces:
        slot = Slot(source, remote_id, Surface.BLOCK, author.instance)
        yield wanted(slot, block(author, krs, standing.get(slot)))
    news = False
    if Surface.PROPERTY in surfaces:
        slot = Slot(source, remote_id, Surface.PROPERTY, f"okrsync-{author.instance}")
        stands = standing.get(slot)
        yield wanted(slot, record(author.restraint, krs, stands, instance=author.instance, page=author.page))
    if Surface.COMMENT in surfaces:
        slot = Slot(source, remote_id, Surface.COMMENT, author.instance)
        one = wanted(slot, comment(author, target.key, krs, standing.get(slot)))
        news = goes(one) and one.value != last_said(standing.get(slot)) and one.why != ADDRESS
        yield one
    if Surface.NUMBER in surfaces:
        slot = Slot(source, remote_id, Surface.NUMBER, policy.source(source).progress_field)
        stands = standing.get(slot)
        yield wanted(slot, number(author.restraint, author.goals, author.objectives, krs, stands, told=news))
