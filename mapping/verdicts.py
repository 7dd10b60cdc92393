"""The verdict on each item: traced, exempt, orphan or unresolvable; decided alone for many, explained for some."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from datetime import datetime

from mapping.explain import Explanation
from mapping.judging import Judgement
from mapping.rules import Desk
from mapping.tree import GoalTree
from mapping.world import World
from okrsync.model import Goals, Node, Override, Rules, Ruling, Verdict


class Court:
    """A configuration at one instant, ready to judge any number of worlds.

    ``overrides`` holds the newest word of a person for each uid.
    """

    def __init__(self, goals: Goals, rules: Rules, now: datetime) -> None:
        self._goals = goals
        self._desk = Desk(goals, rules, GoalTree(goals, now))

    def world(self, nodes: Iterable[Node]) -> World:
        """The world of these nodes, for this court."""
        return World.of(nodes, self._goals)

    def rulings(
        self, world: World, overrides: Mapping[int, Override], *, only: Collection[int] | None = None
    ) -> Iterator[Ruling]:
        """What is decided of each counted item, or of those of ``only``, by growing uid."""
        return Judgement(world, self._desk, overrides).rulings(only)

    def verdicts(
        self, world: World, overrides: Mapping[int, Override], *, only: Collection[int] | None = None
    ) -> Iterator[Verdict]:
        """The same, explained; ``world`` has to be made of nodes."""
        judgement = Judgement(world, self._desk, overrides)
        return map(Explanation(judgement).verdict, judgement.chosen(only))

    def trace(self, uid: int, world: World, overrides: Mapping[int, Override]) -> Verdict:
        """The explanation of one item, counted or not. Raises KeyError where it is not in the world."""
        position = world.position(uid)
        if position < 0:
            raise KeyError(uid)
        return Explanation(Judgement(world, self._desk, overrides)).verdict(position)


def rulings(
    world: World,
    goals: Goals,
    rules: Rules,
    overrides: Mapping[int, Override],
    now: datetime,
    *,
    only: Collection[int] | None = None,
) -> Iterator[Ruling]:
    """What is decided of each counted item, or of those of ``only``, by growing uid: the same as ``judge``, without the
    words. Of the world the same has to be there as ``judge`` asks for."""
    return Court(goals, rules, now).rulings(world, overrides, only=only)


def judge(
    nodes: Iterable[Node],
    goals: Goals,
    rules: Rules,
    overrides: Mapping[int, Override],
    now: datetime,
    *,
    only: Collection[int] | None = None,
) -> Iterator[Verdict]:
    """One verdict for every counted node, or for those of ``only``, by growing uid.

    ``overrides`` holds the newest word for each uid. For the result to be that of a full run, ``only`` has to hold
    every node that changed and everything below it, before and after the change, and ``nodes`` also all that stands
    above these. *Above* a node are, however often this is applied:

    - what its PARENT and EPIC references name, whatever its kind;
    - of a pull request or a commit also what its CLOSES, MENTIONS and REVERTS references name;
    - of a commit the pull requests of its source whose MERGED_AS names it.

    A reference with ``target_id`` names the item of its own source with that remote id, and no other. Any other names
    every item of any source whose key, or a key that it had before, is the target after :func:`mapping.words.fold`; a
    REVERTS reference to 7 to 40 hexadecimal digits every commit whose sha begins with these. All of them are needed,
    for a key that fits two items is ambiguous. *Below* is the reverse.
    """
    court = Court(goals, rules, now)
    return court.verdicts(court.world(nodes), overrides, only=only)


def trace(
    uid: int,
    nodes: Iterable[Node],
    goals: Goals,
    rules: Rules,
    overrides: Mapping[int, Override],
    now: datetime,
) -> Verdict:
    """The whole explanation of one node, counted or not; ``nodes`` holds it and the chain above it.

    Raises KeyError where ``uid`` is not among ``nodes``.
    """
    court = Court(goals, rules, now)
    return court.trace(uid, court.world(nodes), overrides)
