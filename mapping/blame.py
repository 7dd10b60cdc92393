"""What stops the items that reach nothing: for each, the one place to mend."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from enum import IntEnum

from mapping import breaks
from mapping.book import identity
from mapping.graph import circles
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

    Inner is what has something below it: children, or pull requests and commits that name or revert it. An unlinked
    chain is mended where one link serves the most: at its highest item. An item on the way whose label is mistyped
    comes before that, for its mend is known.
    """

    def __init__(self, chains: Chains) -> None:
        self._chains = chains
        self._graph, self._naming = chains.graph, chains.naming
        self._example = chains.tree.example
        self._troubles: dict[int, Trouble] = {}
        inner = dict.fromkeys([*self._graph.children, *chains.ties.inner])
        lost = [uid for uid in inner if uid not in chains.standing and uid not in chains.ties.standing]
        self._below: dict[int, list[int]] = {uid: [] for uid in lost}
        for uid in lost:
            for up in self._above(uid):
                if up in self._below:
                    self._below[up].append(uid)
        self._mark(Cause.CLOSED, lost, self.closed)
        self._mark(Cause.UNLINKED, lost, self._unlinked)
        self._mark_circles({uid for uid in lost if uid not in self._troubles})

    def above(self, node: Node) -> Trouble | None:
        """What stops the chain above an item that reaches nothing; None where nothing stands above it."""
        return min((self._troubles[up] for up in self._above(node.uid) if up in self._troubles), default=None)

    def closed(self, node: Node) -> Break | None:
        """The item itself may not be read, or has a parent, or closes something, that is not stored."""
        if not node.readable:
            return breaks.unreadable(node)
        if reference := self._graph.missing.get(node.uid):
            return breaks.missing(node, reference)
        if reference := self._naming.missing.get(node.uid):
            return breaks.closed_unseen(node, reference)
        return None

    def ambiguous(self, node: Node) -> Break | None:
        """The item names a parent, or anything, that could be any of several."""
        found = self._graph.ambiguous.get(node.uid) or self._naming.ambiguous.get(node.uid)
        if found is None:
            return None
        reference, candidates = found
        return breaks.ambiguous(node, reference, [self._chains.nodes[uid] for uid in candidates[: breaks.SHOWN]])

    def _above(self, uid: int) -> tuple[int, ...]:
        return (*self._graph.parents.get(uid, ()), *self._naming.above(uid))

    def _unlinked(self, node: Node) -> Break | None:
        if dangling := self._chains.dangling(node):
            return breaks.misnamed(node, dangling[0], self._example)
        if self._above(node.uid):
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
        up = {uid: next(one for one in self._above(uid) if one in turning) for uid in turning}
        for ring in circles(up, key=lambda uid: identity(self._chains.nodes[uid])):
            members = [self._chains.nodes[uid] for uid in ring]
            by_parents = members[0].uid in self._graph.parents
            broken = breaks.circle(members) if by_parents else breaks.turning(members, self._example)
            for uid in ring:
                self._troubles[uid] = Trouble(Cause.CIRCLE, 0, (broken.source, broken.key), broken)
        self._spread(self._troubles.keys() & turning)

    def _spread(self, frontier: Iterable[int]) -> None:
        troubles = self._troubles
        while frontier:
            reached = {below for uid in frontier for below in self._below[uid] if below not in troubles}
            found = {uid: min(troubles[up] for up in self._above(uid) if up in troubles) for uid in reached}
            for uid, trouble in found.items():
                troubles[uid] = Trouble(trouble.cause, trouble.depth + 1, trouble.where, trouble.at)
            frontier = reached
