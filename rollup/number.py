"""The number field of an object: the progress of the key results that it stands for, in whole percent."""

from __future__ import annotations

from collections.abc import Mapping

from okrsync.model import Goals, GoalState, Json, ObjectiveProgress, Say, Standing, Status
from rollup.facts import percent
from rollup.goal_metric import share
from rollup.restraint import Restraint, last_said, said_at
from rollup.targets import Served


def number(
    restraint: Restraint,
    goals: Goals,
    objectives: Mapping[str, ObjectiveProgress],
    served: Served,
    standing: Standing | None,
    *,
    told: bool,
) -> tuple[Json, Say]:
    """The percent that should stand there, and why; what stands there while nothing may be said.

    Several key results come to the progress of their objective where they are all that it has, else to their weighted
    mean. ``told`` says whether something new is said on the object anyway: the number then goes with it.
    """
    known = last_said(standing)
    mean = share(served)
    if mean is None:
        return known, Say.of("write.unchanged")
    objective = _whole_of(goals, served)
    above = None if objective is None else objectives[objective].progress
    whole = percent(mean if above is None else above)
    names = ", ".join(kr.id for kr, _ in served)
    ours = standing.ours if standing is not None else None
    if not isinstance(ours, int | float):
        moved = Say.of("write.first", id=names)
    elif told:
        moved = Say.of("write.told", id=names)
    elif restraint.apart(percent(ours / 100), whole):
        moved = Say.of("write.progress", id=names, points=restraint.move)
    elif restraint.due(said_at(standing)):
        moved = Say.of("write.weekly")
    else:
        return known, Say.of("write.unchanged")
    if len(served) == 1:
        return whole, moved
    if above is not None and objective is not None:
        return whole, Say.of("write.number.objective", id=objective)
    return whole, Say.of("write.number.mean", ids=names)


def _whole_of(goals: Goals, served: Served) -> str | None:
    """The objective of which these are all the key results that are not dropped; None where it has others, or they are
    of several."""
    alive = {kr.id for kr, progress in served if progress.status is not Status.DROPPED}
    homes = {kr.objective for kr, _ in served if kr.id in alive}
    if len(alive) < 2 or len(homes) != 1:
        return None
    (objective,) = homes
    krs = goals.key_results.values()
    return (
        objective
        if alive == {kr.id for kr in krs if kr.objective == objective and kr.state is not GoalState.DROPPED}
        else None
    )
