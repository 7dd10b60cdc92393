"""References → edges: which stored item is the parent of which, and which references lead nowhere or two ways."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from mapping.book import CLIMBING, Book
from mapping.words import fold
from okrsync.model import ChangeKind, ItemKind, Node, Reference


@dataclass(slots=True)
class Graph:
    """The parents of each item by uid, nearest word of the tool first, and what could not be resolved.

    Parents are tickets: no tool hangs anything below a pull request or a commit. What fits two items equally is
    ambiguous and leads nowhere.
    """

    parents: dict[int, tuple[int, ...]] = field(default_factory=dict)
    missing: dict[int, Reference] = field(default_factory=dict)
    ambiguous: dict[int, tuple[Reference, tuple[int, ...]]] = field(default_factory=dict)
    children: dict[int, list[int]] = field(default_factory=dict)  # parents among the children only: the inner nodes


def climbing(nodes: Mapping[int, Node], book: Book) -> Graph:
    """The graph of all parent and epic references among ``nodes``. Linear in nodes and references."""
    graph = Graph()
    shared: dict[tuple[int, ...], tuple[int, ...]] = {}
    for uid, node in nodes.items():
        found: list[int] = []
        for reference in node.references:
            if reference.kind in CLIMBING:
                targets = book.find(node, reference)
                if not targets:
                    graph.missing[uid] = reference
                elif len(targets) > 1:
                    graph.ambiguous[uid] = (reference, targets)
                elif targets[0] not in found and nodes[targets[0]].kind is ItemKind.TICKET:
                    found.append(targets[0])
        if found:
            parents = tuple(found)
            graph.parents[uid] = shared.setdefault(parents, parents)
    for parents in shared:
        for parent in parents:
            graph.children.setdefault(parent, [])
    for uid in graph.children:
        for parent in graph.parents.get(uid, ()):
            graph.children[parent].append(uid)
    return graph


def joined(node: Node, parent: Node) -> datetime:
    """When ``node`` came under ``parent``: the change that put it there, else its own creation."""
    for reference in node.references:
        if reference.since is not None and reference.kind in CLIMBING and _means(reference, parent):
            return reference.since
    moved = [
        change.at for change in node.changes if change.kind is ChangeKind.PARENT and change.after == parent.remote_id
    ]
    return max(moved, default=node.created_at)


def _means(reference: Reference, parent: Node) -> bool:
    if reference.target_id is not None:
        return reference.target_id == parent.remote_id
    return fold(reference.target) in map(fold, (parent.key, *parent.aliases))


def circles(up: Mapping[int, int], key: Callable[[int], tuple[str, str]]) -> Iterator[list[int]]:
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


def components(nodes: Collection[int], up: Mapping[int, Sequence[int]]) -> Iterator[list[int]]:
    """The nodes that stand above each other, together: single ones, and circles; those above before those below.

    Tarjan's strongly connected components, without recursion.
    """
    number: dict[int, int] = {}
    lowest: dict[int, int] = {}
    open_: dict[int, None] = {}  # in the order of their numbers
    for root in nodes:
        if root in number:
            continue
        way = [(root, iter(up.get(root, ())))]
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
                way.append((parent, iter(up.get(parent, ()))))
