"""What each item reaches: by the direct rules on its own, by ``parent`` through what hangs above it.

Nothing here walks by recursion, and what an item inherits is worked out once for all that hang below it: the cost is
linear in items and references, whatever the depth, and circles of parents end. What pull requests and commits inherit
besides is in :mod:`mapping.ties`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import TypeAlias

from mapping.book import Book
from mapping.evidence import handed_down
from mapping.graph import Graph, climbing, components, joined
from mapping.lexicon import Lexicon
from mapping.naming import naming
from mapping.rules import EXEMPT, RULES, Desk, Rule
from mapping.ties import Ties
from mapping.tree import GoalTree
from okrsync.model import Dangling, Goals, Hop, ItemKind, Link, Node, Override, RuleName, Rules, Say

_Asked: TypeAlias = Sequence[tuple[RuleName, Rule]]
_Rank: TypeAlias = Callable[["Chains", Node, Hop, "list[Dangling]"], "list[Link]"]


@dataclass(frozen=True, slots=True)
class Standing:
    """What an inner node reaches: its links (the target EXEMPT: it is exempt), and how far above they stand."""

    depth: int
    links: tuple[Link, ...]


@dataclass(frozen=True, slots=True)
class _Offer:
    """A link as a parent hands it down; ``tail`` is the path from the parent on."""

    target: str
    evidence: Say
    tail: tuple[Hop, ...]
    since: datetime


class Chains:
    """All chains of one run. Only *inner* nodes, those with something below them, are remembered; leaves pass by.

    ``standing`` holds the inner nodes that reach anything. A link or an exemption is handed down level by level from
    the nodes that have one of their own, so that the nearest wins and parents at equal distance add up.
    """

    def __init__(
        self, nodes: Iterable[Node], goals: Goals, rules: Rules, overrides: Mapping[int, Override], now: datetime
    ) -> None:
        self.nodes = {node.uid: node for node in nodes}
        self.tree = GoalTree(goals, now)
        desk = Desk(goals, rules, overrides, self.tree, Lexicon(self.tree.ids, rules.label_patterns))
        book = Book(self.nodes)
        inherits = RuleName.PARENT in rules.order
        rank = rules.order.index(RuleName.PARENT) if inherits else len(rules.order)
        self._before: _Asked = _made(rules.order[:rank], desk)
        self._after: _Asked = _made(rules.order[rank:], desk)
        self._first_only = rules.conflict == "first"
        self.graph = climbing(self.nodes, book) if inherits else Graph()
        self.naming = naming(self.nodes, book, rules)
        self.standing: dict[int, Standing] = {}
        self._offers: dict[int, tuple[_Offer, ...]] = {}
        self._unmoved: set[int] = set()  # where a rule after ``parent`` spoke; in a circle they would inherit it back
        self._ranks = self._ranked(rules.order)
        self._ranks_unmoved = self._ranked(
            [*(name for name in rules.order if name is not RuleName.PARENT), RuleName.PARENT]
        )
        self._settle()
        self.ties = Ties(self.nodes, self.naming)
        self.ties.settle(self.links)

    def _ranked(self, order: Sequence[RuleName]) -> Sequence[_Rank]:
        """What each rule of this order finds, as links; those that have nothing to look for are left out.

        These are functions and not methods of this object, which would live on in a circle with them.
        """
        direct = dict([*self._before, *self._after])
        ranks: list[_Rank] = []
        for name in order:
            if name in direct:
                ranks.append(partial(Chains._direct, name=name, rule=direct[name]))
            elif name is RuleName.PARENT and self.graph.parents:
                ranks.append(Chains._inherited)
            elif name is RuleName.REFERENCE and (self.naming.named or self.naming.nameless):
                ranks.append(Chains._named)
            elif name is RuleName.REVERT and self.naming.reverted:
                ranks.append(Chains._reverted)
        return ranks

    # ── one item ─────────────────────────────────────────────────────────────────────────────────────────────────────

    def results(self, node: Node, dangling: list[Dangling]) -> list[list[Link]]:
        """What each rule found, the highest first; rules that found nothing are left out."""
        hop = _first_hop(node)
        results = []
        for ask in self._ranks_unmoved if node.uid in self._unmoved else self._ranks:
            found = ask(self, node, hop, dangling)
            if found:
                results.append(found)
        return results

    def links(self, node: Node) -> tuple[Link, ...]:
        """What the item reaches in the end, exemptions included."""
        standing = self.standing.get(node.uid)
        if standing is not None and node.kind is ItemKind.TICKET:
            return standing.links
        results = self.results(node, [])
        return self.choose(results)[0] if results else ()

    def choose(self, results: Sequence[list[Link]]) -> tuple[tuple[Link, ...], tuple[Link, ...]]:
        """What the first result says, and what was overruled: the other goals, and exemptions, that the rest name."""
        if len(results) == 1 and len(results[0]) == 1:
            return (results[0][0],), ()
        first = _once(results[0])
        links = [link for link in first if link.target != EXEMPT] or first
        if self._first_only:
            links = links[:1]
        chosen = {link.target for link in links}
        lost = (link for result in results for link in _once(result) if link.target not in chosen)
        return tuple(links), tuple(lost)

    def dangling(self, node: Node) -> list[Dangling]:
        """What the item says of goals and items that do not exist."""
        found: list[Dangling] = []
        self.results(node, found)
        return found

    def holder(self, node: Node, link: Link) -> Node:
        """The item, at or above ``node``, on which the ``link`` of that node stands."""
        uid = node.uid
        for hop in link.path:
            if hop.hop in (RuleName.REFERENCE, RuleName.REVERT):
                uid = self.ties.giver(uid, hop, link.target)
        above = sum(hop.hop == RuleName.PARENT for hop in link.path)
        for depth in range(above - 1, -1, -1):
            uid = next(parent for parent in self.graph.parents[uid] if self._hands_down(parent, depth, link.target))
        return self.nodes[uid]

    def _hands_down(self, uid: int, depth: int, target: str) -> bool:
        standing = self.standing.get(uid)
        return standing is not None and standing.depth == depth and any(one.target == target for one in standing.links)

    def _ask(self, rules: _Asked, node: Node) -> list[list[Link]]:
        hop = _first_hop(node)
        return [found for name, rule in rules if (found := self._direct(node, hop, [], name, rule))]

    def _direct(self, node: Node, hop: Hop, dangling: list[Dangling], name: RuleName, rule: Rule) -> list[Link]:
        found = rule(node, dangling)
        if not found:
            return []
        steps = self.tree.steps
        return [
            Link(node.uid, one.target, name, one.evidence, (hop, *steps(one.target, name)), one.since) for one in found
        ]

    def _named(self, node: Node, hop: Hop, dangling: list[Dangling]) -> list[Link]:
        for key in self.naming.nameless.get(node.uid, ()):
            dangling.append(Dangling(key, "key", None))
        return self.ties.links(node, hop, RuleName.REFERENCE) if node.uid in self.naming.named else []

    def _reverted(self, node: Node, hop: Hop, _: list[Dangling]) -> list[Link]:
        return self.ties.links(node, hop, RuleName.REVERT) if node.uid in self.naming.reverted else []

    # ── inheriting ───────────────────────────────────────────────────────────────────────────────────────────────────

    def _inherited(self, node: Node, hop: Hop, _: list[Dangling] | None = None) -> list[Link]:
        """What the nearest of its ancestors that reach anything hand down."""
        above = [parent for parent in self.graph.parents.get(node.uid, ()) if parent in self.standing]
        if len(above) > 1:
            nearest = min(self.standing[parent].depth for parent in above)
            above = [parent for parent in above if self.standing[parent].depth == nearest]
        links = []
        for parent in above:
            since = joined(node, self.nodes[parent])
            for offer in self._offered(parent):
                path, valid = (hop, *offer.tail), max(since, offer.since)
                links.append(Link(node.uid, offer.target, RuleName.PARENT, offer.evidence, path, valid))
        return links

    def _offered(self, parent: int) -> tuple[_Offer, ...]:
        offers = self._offers.get(parent)
        if offers is None:
            node, standing = self.nodes[parent], self.standing[parent]
            hop = Hop(node.kind, node.source, node.key, node.title, RuleName.PARENT)
            offers = self._offers[parent] = tuple(
                _Offer(
                    link.target,
                    link.evidence if standing.depth else handed_down(link.evidence, node.key),
                    (hop, *link.path[1:]),
                    link.since,
                )
                for link in standing.links
            )
        return offers

    def _settle(self) -> None:
        sources = []
        later: set[int] = set()
        for uid in self.graph.children:
            if self._stand(uid, self._before):
                sources.append(uid)
            elif self._after and self._ask(self._after, self.nodes[uid]):
                later.add(uid)
        self._spread(sources)
        if later:
            self._settle_later(later - self.standing.keys())

    def _settle_later(self, later: set[int]) -> None:
        """Rules that come after ``parent`` speak only for items above which nothing speaks.

        In a circle, where everybody is above everybody, each speaks for himself.
        """
        unsettled = {uid for uid in self.graph.children if uid not in self.standing}
        spoken_for: set[int] = set()
        for together in components(unsettled, self.graph.parents):
            above = {up for uid in together for up in self.graph.parents.get(uid, ())} - set(together)
            if not above.isdisjoint(spoken_for):
                spoken_for.update(together)
            elif speaking := later.intersection(together):
                spoken_for.update(together)
                self._unmoved.update(uid for uid in speaking if self._stand(uid, self._after))
        self._spread(self._unmoved)

    def _stand(self, uid: int, rules: _Asked) -> bool:
        node = self.nodes[uid]
        results = self._ask(rules, node)
        if results:
            self.standing[uid] = Standing(0, self.choose(results)[0])
        return bool(results)

    def _spread(self, frontier: Iterable[int]) -> None:
        depth = 0
        while frontier:
            depth += 1
            children = self.graph.children
            reached = {child for uid in frontier for child in children[uid] if child not in self.standing}
            found = {uid: self._inherited(self.nodes[uid], _first_hop(self.nodes[uid])) for uid in reached}
            for uid, links in found.items():
                self.standing[uid] = Standing(depth, self.choose([links])[0])
            frontier = reached


def _made(order: Sequence[RuleName], desk: Desk) -> _Asked:
    """The direct rules of this order that have anything to look for."""
    made = [(name, RULES[name](desk)) for name in order if name in RULES]
    return [(name, rule) for name, rule in made if rule is not None]


def _first_hop(node: Node) -> Hop:
    return Hop(node.kind, node.source, node.key, node.title, "item")


def _once(result: list[Link]) -> list[Link]:
    """Each target once, in the order in which they were found, by the link that is valid since longest."""
    best: dict[str, Link] = {}
    for link in result:
        known = best.get(link.target)
        if known is None or link.since < known.since:
            best[link.target] = link
    return list(best.values())
