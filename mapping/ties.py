"""What pull requests and commits inherit: by ``reference`` from what they name, by ``revert`` from what they undo.

A pull request inherits from tickets, a commit from tickets and pull requests, and a revert from either; so a chain runs
commit → pull request → ticket → parents, and only reverts can bring it back to where it was. Nothing here walks by
recursion: items are settled from above to below, those that stand above each other together.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TypeAlias

from mapping.evidence import handed_down, origin, through
from mapping.graph import components
from mapping.naming import Edge, Naming
from okrsync.model import Hop, ItemKind, Link, Node, Reference, RuleName

_LinksOf: TypeAlias = Callable[[Node], tuple[Link, ...]]

_INHERITED = frozenset({RuleName.PARENT, RuleName.REFERENCE, RuleName.REVERT})


class Ties:
    """The edges of one run beside those to parents. ``standing`` holds the items that are named and reach anything."""

    def __init__(self, nodes: Mapping[int, Node], naming: Naming) -> None:
        self.naming = naming
        self.inner = dict.fromkeys(up for edges in naming.edges() for up, _ in edges)  # whatever is named, in order
        self.standing: dict[int, tuple[Link, ...]] = {}
        self._nodes = nodes
        self._turns: dict[int, tuple[int, int]] = {}  # of an item in a circle: which one, and the round of its standing

    def links(self, node: Node, first: Hop, rule: RuleName) -> list[Link]:
        """What the node inherits by this rule, ``first`` being the hop of the node itself."""
        return [
            _inherited(node, first, rule, reference, self._nodes[up], link)
            for up, reference in self._edges(node.uid, rule)
            for link in self._offered(up, node.uid)
        ]

    def giver(self, uid: int, hop: Hop, target: str) -> int:
        """The item above ``uid`` to which this ``hop`` of its link to ``target`` leads."""
        return next(
            up
            for up, _ in self._edges(uid, RuleName(hop.hop))
            if (self._nodes[up].source, self._nodes[up].key) == (hop.source, hop.key)
            and any(link.target == target for link in self._offered(up, uid))
        )

    def _edges(self, uid: int, rule: RuleName) -> Sequence[Edge]:
        return (self.naming.named if rule is RuleName.REFERENCE else self.naming.reverted).get(uid, ())

    def _offered(self, up: int, uid: int) -> tuple[Link, ...]:
        """What ``up`` hands down to ``uid``: in a circle, only to those that came to stand after it."""
        links = self.standing.get(up, ())
        if links and up in self._turns and uid in self._turns:
            (circle, stood), (own, now) = self._turns[up], self._turns[uid]
            return () if circle == own and stood >= now else links
        return links

    # ── from above to below ──────────────────────────────────────────────────────────────────────────────────────────

    def settle(self, links_of: _LinksOf) -> None:
        """Find what stands, from above to below; before that there are no links.

        ``links_of`` answers what an item reaches by all rules together; for what it inherits it comes back to this
        object, which by then has settled all that stands above.
        """
        tied = {uid for uid in self.inner if self._nodes[uid].kind is not ItemKind.TICKET}
        for uid in self.inner:
            if uid not in tied:
                self._stand([uid], links_of)
        above = {uid: [up for up in self.naming.above(uid) if up in tied] for uid in tied}
        for circle, together in enumerate(components(tied, above)):
            if len(together) == 1:
                self._stand(together, links_of)
            else:
                self._settle_circle(circle, together, above, links_of)

    def _settle_circle(
        self, circle: int, together: Sequence[int], above: Mapping[int, Sequence[int]], links_of: _LinksOf
    ) -> None:
        """First those that reach anything without the others stand, then round by round those right below them."""
        below: dict[int, list[int]] = {uid: [] for uid in together}
        for uid in together:
            self._turns[uid] = (circle, 0)
            for up in above[uid]:
                if up in below:
                    below[up].append(uid)
        stood = self._stand(together, links_of)
        now = 0
        while stood:
            now += 1
            reached = {uid for up in stood for uid in below[up] if uid not in self.standing}
            self._turns.update(dict.fromkeys(reached, (circle, now)))
            stood = self._stand(reached, links_of)

    def _stand(self, uids: Iterable[int], links_of: _LinksOf) -> list[int]:
        """Note what each of these reaches, none of them seeing the others; answers those that reach anything."""
        found = {uid: links_of(self._nodes[uid]) for uid in uids}
        stood = [uid for uid, links in found.items() if links]
        self.standing.update((uid, found[uid]) for uid in stood)
        return stood


def _inherited(node: Node, first: Hop, rule: RuleName, reference: Reference, up: Node, link: Link) -> Link:
    evidence = origin(link.evidence) if link.rule in _INHERITED else handed_down(link.evidence, up.key)
    path = (first, Hop(up.kind, up.source, up.key, up.title, rule), *link.path[1:])
    since = max(reference.since or node.created_at, link.since)
    return Link(node.uid, link.target, rule, through(evidence, reference, up.key), path, since)
