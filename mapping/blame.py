"""What stops the items that reach nothing: for each, the one place to mend."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from enum import IntEnum
from typing import NamedTuple

from mapping.book import NOTHING
from mapping.graph import circles
from mapping.links import Chains
from mapping.rules import DANGLES
from mapping.world import READABLE, TICKET


class Cause(IntEnum):
    """Why a chain stops, the first that holds."""

    CLOSED = 0  # it runs through what we may not read: nobody can say what stands above
    UNLINKED = 1  # it ends at an item that names no goal
    CIRCLE = 2  # it never ends


class What(IntEnum):
    """What is to be mended on an item."""

    UNREADABLE = 0  # we may not read it
    MISSING = 1  # it has a parent that is not stored
    UNSEEN = 2  # it closes something that is not stored
    MISNAMED = 3  # something that it says of itself names nothing
    AMBIGUOUS = 4  # it names a parent, or anything, that could be any of several
    TOP = 5  # it is the highest of its chain, and leads to no goal
    NOTHING = 6  # it points nowhere, and nothing stands above it
    DEAD = 7  # its own link leads to a goal that takes no more work
    CIRCLE = 8  # it stands above itself
    TURNING = 9  # it reverts what reverts it


ELSEWHERE = frozenset({What.MISSING, What.UNSEEN})
"""What is mended on something that is not stored."""


class Fault(NamedTuple):
    """What is to be mended, and the item on which it is found."""

    what: What
    at: int


class Trouble(NamedTuple):
    """What stops one chain; of several, that of the gravest cause is told, then the nearest."""

    cause: Cause
    depth: int
    fault: Fault
    up: int  # the next item on the way to the fault; of the faulty one, itself


class Blame:
    """The trouble of every inner item that reaches nothing, handed down level by level from where it arises.

    Inner is what has something below it: children, or pull requests and commits that name or revert it. An unlinked
    chain is mended where one link serves the most: at its highest item. An item on the way whose label is mistyped
    comes before that, for its mend is known.

    ``ambiguous`` holds the items that name a parent, or anything, that could be any of several, and by which reference.
    """

    def __init__(self, chains: Chains) -> None:
        self._world = chains.world
        self._graph, self._naming, self._notes = chains.graph, chains.naming, chains.notes
        self.ambiguous = {**self._naming.ambiguous, **self._graph.ambiguous}
        self._troubles: dict[int, Trouble] = {}
        tied = chains.ties.inner - chains.ties.standing.keys()
        lost = (self._graph.inner - chains.standing.keys()) | tied | {up for one in tied for up in self.above(one)}
        self._below: dict[int, list[int]] = {}
        for one in lost:
            for up in self.above(one):  # which are lost as well, or else this one would reach something
                self._below.setdefault(up, []).append(one)
        self._mark(Cause.CLOSED, lost, self.closed)
        self._mark(Cause.UNLINKED, lost, self._unlinked)
        self._mark_circles([one for one in lost if one not in self._troubles])

    def above(self, position: int) -> Sequence[int]:
        """All that stands right above an item."""
        parents = self._graph.parents(position)
        return parents if self._world.kinds[position] == TICKET else [*parents, *self._naming.above(position)]

    def of(self, position: int) -> Trouble:
        """What stops the chain at an item that reaches nothing and stands above others."""
        return self._troubles.get(position) or self._of_leaf(position)

    def _of_leaf(self, position: int) -> Trouble:
        """The same of a ticket that has no children, and that only leaves name: such are not remembered."""
        closed = self.closed(position)
        if closed is not None:
            return Trouble(Cause.CLOSED, 0, Fault(closed, position), position)
        above = self.trouble(position)
        if above and above.cause is Cause.CLOSED:
            return above
        unlinked = self._unlinked(position)
        if unlinked is not None or above is None:
            return Trouble(Cause.UNLINKED, 0, Fault(unlinked or What.TOP, position), position)
        return above

    def trouble(self, position: int) -> Trouble | None:
        """What stops the chain above an item that reaches nothing; None where nothing stands above it."""
        return self._worst([(up, self.of(up)) for up in self.above(position)])

    def way(self, position: int, fault: Fault) -> Iterator[int]:
        """The items above this one up to the faulty one, which stops the chain."""
        trouble = self.trouble(position)
        while trouble is not None:
            yield trouble.up
            trouble = self.of(trouble.up) if trouble.up != fault.at else None

    def closed(self, position: int) -> What | None:
        """The item itself may not be read, or has a parent, or closes something, that is not stored."""
        if not self._world.flags[position] & READABLE:
            return What.UNREADABLE
        if position in self._graph.missing:
            return What.MISSING
        return What.UNSEEN if position in self._naming.missing else None

    def ring(self, first: int) -> list[int]:
        """The circle of which this is the smallest, each under the next."""
        ring = [first]
        while (up := self._troubles[ring[-1]].up) != first:
            ring.append(up)
        return ring

    def _unlinked(self, position: int) -> What | None:
        if self._notes[position] & DANGLES:
            return What.MISNAMED
        if self.above(position):
            return None
        return What.AMBIGUOUS if position in self.ambiguous else What.TOP

    def _rank(self, trouble: Trouble) -> tuple[Cause, int, str, str]:
        at = trouble.fault.at
        return trouble.cause, trouble.depth, self._world.origins[at].source, self._world.keys[at] or ""

    def _mark(self, cause: Cause, lost: Iterable[int], find: Callable[[int], What | None]) -> None:
        sources = []
        for one in lost:
            if one not in self._troubles and (what := find(one)) is not None:
                self._troubles[one] = Trouble(cause, 0, Fault(what, one), one)
                sources.append(one)
        self._spread(sources)

    def _mark_circles(self, turning: Sequence[int]) -> None:
        up = dict.fromkeys(turning, NOTHING)
        up.update((one, next(above for above in self.above(one) if above in up)) for one in turning)
        for ring in circles(up, self._world.identity):
            by_parents = bool(self._graph.parents(ring[0]))
            fault = Fault(What.CIRCLE if by_parents else What.TURNING, ring[0])
            for one in ring:
                self._troubles[one] = Trouble(Cause.CIRCLE, 0, fault, up[one])
        self._spread([one for one in turning if one in self._troubles])

    def _spread(self, frontier: Iterable[int]) -> None:
        troubles = self._troubles
        while frontier:
            reached = {below for one in frontier for below in self._below.get(one, ()) if below not in troubles}
            ways = {one: [(up, troubles[up]) for up in self.above(one) if up in troubles] for one in reached}
            troubles.update((one, worst) for one, way in ways.items() if (worst := self._worst(way)))
            frontier = reached

    def _worst(self, above: Sequence[tuple[int, Trouble]]) -> Trouble | None:
        """The worst of what stops the items above one, as that one has it."""
        if not above:
            return None
        up, known = above[0] if len(above) == 1 else min(above, key=lambda one: self._rank(one[1]))
        return Trouble(known.cause, known.depth + 1, known.fault, up)
