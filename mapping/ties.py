"""What pull requests and commits inherit: by ``reference`` from what they name, by ``revert`` from what they undo.

A pull request inherits from tickets, a commit from tickets and pull requests, and a revert from either; so a chain runs
commit → pull request → ticket → parents, and only reverts can bring it back to where it was. Nothing here walks by
recursion: items are settled from above to below, those that stand above each other together.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TypeAlias

from mapping.graph import components
from mapping.naming import Naming
from mapping.reach import Reach, inherited
from mapping.world import TICKET, World
from okrsync.model import RuleName

ReachOf: TypeAlias = Callable[[int], tuple[Reach, ...]]


class Ties:
    """The edges of one run beside those to parents.

    ``inner`` are the pull requests and commits that are named, and ``standing`` holds those that reach anything.
    ``turns`` tells of those in a circle which one it is, and the round in which they came to stand. Tickets that are
    named are not remembered: what they reach, ``reach_of`` tells at any time.
    """

    def __init__(self, world: World, naming: Naming) -> None:
        named = {*naming.named.to, *naming.reverted.to}
        self.inner = {one for one in named if world.kinds[one] != TICKET}
        self.standing: dict[int, tuple[Reach, ...]] = {}
        self.turns: dict[int, tuple[int, int]] = {}
        self._world = world
        self._naming = naming

    def reaches(self, position: int, rule: RuleName, reach_of: ReachOf) -> list[Reach]:
        """What the item inherits by this rule."""
        world = self._world
        edges = self._naming.named if rule is RuleName.REFERENCE else self._naming.reverted
        found = []
        for edge in edges.of(position):
            up, by = edges.to[edge], edges.by[edge]
            offered = reach_of(up) if world.kinds[up] == TICKET else self._offered(up, position)
            for one in offered:
                since = world.stands(by, position)
                found.append(inherited(rule, one, since, world.keys[up] or "", up, by))
        return found

    def _offered(self, up: int, position: int) -> tuple[Reach, ...]:
        """What ``up`` hands down to an item: in a circle, only to those that came to stand after it."""
        reaches = self.standing.get(up, ())
        if reaches and up in self.turns and position in self.turns:
            (circle, stood), (own, now) = self.turns[up], self.turns[position]
            return () if circle == own and stood >= now else reaches
        return reaches

    # ── from above to below ──────────────────────────────────────────────────────────────────────────────────────────

    def settle(self, reach_of: ReachOf) -> None:
        """Find what stands, from above to below; before that there are no links.

        ``reach_of`` answers what an item reaches by all rules together; for what it inherits it comes back to this
        object, which by then has settled all that stands above.
        """
        above = {one: [up for up in self._naming.above(one) if up in self.inner] for one in self.inner}
        for circle, together in enumerate(components(self.inner, above.__getitem__)):
            if len(together) == 1:
                self._stand(together, reach_of)
            else:
                self._settle_circle(circle, together, above, reach_of)

    def _settle_circle(
        self, circle: int, together: Sequence[int], above: Mapping[int, Sequence[int]], reach_of: ReachOf
    ) -> None:
        """First those that reach anything without the others stand, then round by round those right below them."""
        below: dict[int, list[int]] = {one: [] for one in together}
        for one in together:
            self.turns[one] = (circle, 0)
            for up in above[one]:
                if up in below:
                    below[up].append(one)
        stood = self._stand(together, reach_of)
        now = 0
        while stood:
            now += 1
            reached = {one for up in stood for one in below[up] if one not in self.standing}
            self.turns.update(dict.fromkeys(reached, (circle, now)))
            stood = self._stand(reached, reach_of)

    def _stand(self, some: Iterable[int], reach_of: ReachOf) -> list[int]:
        """Note what each of these reaches, none of them seeing the others; answers those that reach anything."""
        found = {one: reaches for one in some if (reaches := reach_of(one))}
        self.standing.update(found)
        return list(found)
