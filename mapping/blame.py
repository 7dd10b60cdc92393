"""What stops the items that reach nothing: for each, the one place to mend."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from enum import IntEnum

from mapping import breaks
from mapping.graph import circles, identity
from mapping.links import Chains
from okrsync.model import Break, Node


class Cause(IntEnum):
    """Why a chain stops, the first that holds."""

    CLOSED = 0  # it runs through what we may not read: nobody can say what stands above
    UNLINKED = 1  # it ends at an item that names no goal
    CIRCLE = 2  # it never ends


@dataclass(frozen=True, slots=True, order=True)
class Trouble:
    """What stops one chain; of several, the smallest is told: the gravest cause, then the nearest place."""

    cause: Cause
    depth: int
    where: tuple[str, str]
    at: Break = field(compare=False)


class Blame:
    """The trouble of every inner node that reaches nothing, handed down level by level from where it arises.

    An unlinked chain is mended where one link serves the most: at its highest item. An item on the way whose label is
    mistyped comes before that, for its mend is known.
    """

    def __init__(self, chains: Chains) -> None:
        self._chains = chains
        self._graph = chains.graph
        self._example = chains.tree.example
        self._troubles: dict[int, Trouble] = {}
        lost = [uid for uid in self._graph.children if uid not in chains.standing]
        self._mark(Cause.CLOSED, lost, self.closed)
        self._mark(Cause.UNLINKED, lost, self._unlinked)
        self._mark_circles({uid for uid in lost if uid not in self._troubles})

    def above(self, node: Node) -> Trouble | None:
        """What stops the chain above an item that reaches nothing; None where nothing stands above it."""
        return min((self._troubles[parent] for parent in self._graph.parents.get(node.uid, ())), default=None)

    def closed(self, node: Node) -> Break | None:
        """The item itself may not be read, or names a parent that is not stored."""
        if not node.readable:
            return breaks.unreadable(node)
        reference = self._graph.missing.get(node.uid)
        return breaks.missing(node, reference) if reference else None

    def ambiguous(self, node: Node) -> Break | None:
        """The item names a parent that could be any of several."""
        if node.uid not in self._graph.ambiguous:
            return None
        reference, candidates = self._graph.ambiguous[node.uid]
        return breaks.ambiguous(node, reference, [self._chains.nodes[uid] for uid in candidates])

    def _unlinked(self, node: Node) -> Break | None:
        if dangling := self._chains.dangling(node):
            return breaks.misnamed(node, dangling[0], self._example)
        if node.uid in self._graph.parents:
            return None
        return self.ambiguous(node) or breaks.top(node, self._example)

    def _mark(self, cause: Cause, lost: Iterable[int], find: Callable[[Node], Break | None]) -> None:
        sources = []
        for uid in lost:
            if uid not in self._troubles and (broken := find(self._chains.nodes[uid])):
                self._troubles[uid] = Trouble(cause, 0, (broken.source, broken.key), broken)
                sources.append(uid)
        self._spread(sources)

    def _mark_circles(self, turning: set[int]) -> None:
        up = {uid: next(one for one in self._graph.parents[uid] if one in turning) for uid in turning}
        for ring in circles(up, key=lambda uid: identity(self._chains.nodes[uid])):
            broken = breaks.circle([self._chains.nodes[uid] for uid in ring])
            for uid in ring:
                self._troubles[uid] = Trouble(Cause.CIRCLE, 0, (broken.source, broken.key), broken)
        self._spread(self._troubles.keys() & turning)

    def _spread(self, frontier: Iterable[int]) -> None:
        standing, troubles = self._chains.standing, self._troubles
        while frontier:
            reached = {
                child
                for uid in frontier
                for child in self._graph.children[uid]
                if child not in standing and child not in troubles
            }
            found = {
                uid: min(troubles[parent] for parent in self._graph.parents[uid] if parent in troubles)
                for uid in reached
            }
            for uid, trouble in found.items():
                troubles[uid] = Trouble(trouble.cause, trouble.depth + 1, trouble.where, trouble.at)
            frontier = reached
