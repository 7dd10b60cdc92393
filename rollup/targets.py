"""The objects that key results are written to: which they are, and what is wrong with them."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass

from okrsync.model import (
    Gap,
    GapKind,
    Goals,
    ItemRef,
    Json,
    KeyResult,
    Progress,
    RemoteGoal,
    Say,
    Severity,
    Slot,
    Surface,
    WritebackPolicy,
    WriteMode,
)
from rollup.goal_metric import rounded

ON_ITEMS = frozenset({Surface.PROPERTY, Surface.COMMENT, Surface.NUMBER})
"""Where the progress of a key result can stand on an item."""

ON_MILESTONES = frozenset({Surface.BLOCK})
"""Where it can stand on a milestone."""

ON_GOALS = frozenset({Surface.METRIC, Surface.UPDATE})
"""Where it can stand on a goal that a tool keeps itself."""

CLOSED = frozenset({"no_metric", "integration", "computed"})
"""Why the metric of a goal may not be set."""

MILESTONE = "milestone:"
"""What the key of a milestone begins with."""

Offers = Mapping[str, Collection[Surface]]
"""Source → the surfaces that its tool has."""


@dataclass(frozen=True, slots=True)
class Target:
    """The object behind a ``write_to``: an item, a milestone, or the ``goal`` that its tool keeps itself.

    ``project`` is the key of the project that holds it, needed only outside the scope; a goal stands for itself.
    """

    remote_id: str
    key: str
    url: str
    project: str = ""
    goal: RemoteGoal | None = None

    @property
    def surfaces(self) -> frozenset[Surface]:
        """Where progress can stand on an object of this kind."""
        if self.goal is not None:
            return ON_GOALS
        return ON_MILESTONES if self.key.startswith(MILESTONE) else ON_ITEMS


Targets = Mapping[ItemRef, Target]
Served = list[tuple[KeyResult, Progress]]


def served(
    goals: Goals, progress: Mapping[str, Progress], targets: Targets
) -> dict[tuple[str, str], tuple[Target, Served]]:
    """(source, remote id) → the object, and the key results that it stands for, in the order of the configuration."""
    found: dict[tuple[str, str], tuple[Target, Served]] = {}
    for kr in goals.key_results.values():
        mine = {(ref.source, targets[ref].remote_id): targets[ref] for ref in kr.write_to if ref in targets}
        for place, target in mine.items():
            found.setdefault(place, (target, []))[1].append((kr, progress[kr.id]))
    return found


def read_from(goals: Goals) -> set[ItemRef]:
    """The goals of tools from which a key result takes its values: what is read there is never written there."""
    return {kr.metric.goal for kr in goals.key_results.values() if kr.metric.goal is not None}


def metric_slot(source: str, target: Target) -> Slot:
    return Slot(source, target.remote_id, Surface.METRIC, "metric")


def found_there(targets: Targets) -> dict[Slot, Json]:
    """What stood in a slot before okrsync ever wrote it, where that is known: the current values of goals."""
    return {
        metric_slot(ref.source, target): rounded(target.goal.current, target.goal)
        for ref, target in targets.items()
        if target.goal is not None and target.goal.current is not None
    }


def unresolved_targets(goals: Goals, targets: Targets, policy: WritebackPolicy, offers: Offers) -> list[Gap]:
    """A gap for every ``write_to``, in a source that may be written, where progress can never stand: it names nothing
    that we know, its tool has no place for it, or the tool keeps the progress of the goal to itself."""
    sources = read_from(goals)
    return [
        _gap(kr, ref, fault)
        for kr in goals.key_results.values()
        for ref in kr.write_to
        if policy.at(ref.source, ref.key) is not WriteMode.OFF
        for fault in _faults(
            ref, targets.get(ref), policy.surfaces_of(ref.source) & set(offers.get(ref.source, ())), sources
        )
    ]


def _faults(
    ref: ItemRef, target: Target | None, surfaces: Collection[Surface], sources: Collection[ItemRef]
) -> Iterator[str]:
    """What is wrong."""
    if target is None:
        yield "unknown"
    elif target.goal is None and target.surfaces.isdisjoint(surfaces):
        yield "nowhere"
    elif target.goal is not None and Surface.METRIC in surfaces and not target.goal.writable and ref not in sources:
        yield f"closed_{target.goal.why_not}" if target.goal.why_not in CLOSED else "closed"


def _gap(kr: KeyResult, ref: ItemRef, fault: str) -> Gap:
    others = ", ".join(f'"{other}"' for other in kr.write_to if other != ref)
    return Gap(
        GapKind.WRITE_CONFLICT,
        Severity.MEDIUM,
        kr.id,
        Say.of(f"goal.gap.write_to_{fault}", target=str(ref)),
        Say.of(f"goal.fix.write_to_{fault.partition('_')[0]}", id=kr.id, target=str(ref)),
        typed=f"write_to = [{others}]",
    )
