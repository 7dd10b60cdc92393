"""References → edges: which stored item is the parent of which, and which references lead nowhere or two ways."""

from __future__ import annotations

from array import array
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import accumulate, repeat
from typing import Any

from mapping.book import NOTHING, SEVERAL
from mapping.world import EPIC, RELATION, TICKET, World
from okrsync.model import ChangeKind


class Edges:
    """Edges among positions: those from one stand together, at ``start[one]`` up to ``start[one + 1]``; each leads to
    ``to[edge]`` by the reference ``by[edge]``."""

    def __init__(self, size: int, edges: Iterable[tuple[int, int, int]] = ()) -> None:
        """``edges`` of so many items, each (from, to, by), by growing position from which they lead."""
        self.to = array("i")
        self.by = array("i")
        count = array("i", repeat(0, size))
        to, by = self.to.append, self.by.append
        for one, target, reference in edges:
            count[one] += 1
            to(target)
            by(reference)
        self.start = array("i", accumulate(count, initial=0))

    def __bool__(self) -> bool:
        return bool(self.to)

    def of(self, position: int) -> range:
        """The edges that lead from an item."""
        return range(self.start[position], self.start[position + 1])

    def targets(self, position: int) -> Sequence[int]:
        """Where they lead."""
        return self.to[self.start[position] : self.start[position + 1]]


@dataclass(slots=True)
class Graph:
    """The parents of each item, nearest word of the tool first, and what could not be resolved: for these, a reference.

    Parents are tickets: no tool hangs anything below a pull request or a commit. What fits two items equally is
    ambiguous and leads nowhere. *Inner* are items that have something below them.
    """

    edges: Edges
    missing: dict[int, int] = field(default_factory=dict)
    ambiguous: dict[int, int] = field(default_factory=dict)
    inner: set[int] = field(default_factory=set)
    below: dict[int, list[int]] = field(default_factory=dict)  # inner items right below inner ones
    odd: set[int] = field(default_factory=set)  # pull requests and commits that have a parent

    def parents(self, position: int) -> Sequence[int]:
        return self.edges.targets(position)


def climbing(world: World) -> Graph:
    """The graph of all parent and epic references. Linear in items and references."""
    graph = Graph(Edges(0))
    graph.edges = edges = Edges(len(world), _climbing(world, graph))
    graph.inner = set(edges.to)
    for one in graph.inner:
        for parent in edges.targets(one):
            graph.below.setdefault(parent, []).append(one)
    return graph


def _climbing(world: World, graph: Graph) -> Iterator[tuple[int, int, int]]:
    """Each parent of each item once, by the reference that tells since when, if any does."""
    found, kinds, since = world.book.found, world.kinds, world.since
    item = NOTHING
    parents: dict[int, int] = {}
    for reference, (holder, relation, name) in enumerate(zip(world.holders, world.relations, world.names, strict=True)):
        if relation & RELATION > EPIC or holder == NOTHING:
            continue
        if holder != item:
            for parent, by in parents.items():
                yield item, parent, by
            item, parents = holder, {}
            if kinds[item] != TICKET:
                graph.odd.add(item)
        target = found[name]
        if target == SEVERAL:
            targets = world.targets(reference)
            if len(targets) > 1:
                graph.ambiguous[item] = reference
                continue
            target = targets[0]
        if target == NOTHING:
            graph.missing[item] = reference
        elif kinds[target] == TICKET and (
            target not in parents or (reference in since and parents[target] not in since)
        ):
            parents[target] = reference
    for parent, by in parents.items():
        yield item, parent, by


def joined(world: World, position: int, parent: int, by: int) -> int:
    """When an item came under a parent, to which it hangs ``by`` a reference: since that one stands, or the change that
    put it there, else its own creation."""
    since = world.since.get(by)
    if since is None:
        since = world.latest(position, ChangeKind.PARENT, world.remote_ids[parent] or "")
    return world.created[position] if since is None else since


def circles(up: Mapping[int, int], key: Callable[[int], Any]) -> Iterator[list[int]]:
    """Every circle of a graph with at most one way up from each node, each from its smallest member (by ``key``) on."""
    seen: set[int] = set()
    for start in up:
        way: dict[int, int] = {}  # node → its place on this way
        uid: int | None = start
        while uid is not None and uid not in seen:
            seen.add(uid)
            way[uid] = len(way)
            uid = up.get(uid)
        if uid is not None and uid in way:
            ring = list(way)[way[uid] :]
            first = min(range(len(ring)), key=lambda place: key(ring[place]))
            yield ring[first:] + ring[:first]


def components(nodes: Collection[int], up: Callable[[int], Sequence[int]]) -> Iterator[list[int]]:
    """The nodes that stand above each other, together: single ones, and circles; those above before those below.

    Tarjan's strongly connected components, without recursion.
    """
    number: dict[int, int] = {}
    lowest: dict[int, int] = {}
    open_: dict[int, None] = {}  # in the order of their numbers
    for root in nodes:
        if root in number:
            continue
        way = [(root, iter(up(root)))]
        number[root] = lowest[root] = len(number)
        open_[root] = None
        while way:
            uid, ups = way[-1]
            parent = next((one for one in ups if one in nodes and (one in open_ or one not in number)), None)
            if parent is None:
                way.pop()
                if way:
                    lowest[way[-1][0]] = min(lowest[way[-1][0]], lowest[uid])
                if lowest[uid] == number[uid]:
                    together = []
                    while uid in open_:
                        together.append(open_.popitem()[0])
                    yield together
            elif parent in number:
                lowest[uid] = min(lowest[uid], number[parent])
            else:
                number[parent] = lowest[parent] = len(number)
                open_[parent] = None
                way.append((parent, iter(up(parent))))
