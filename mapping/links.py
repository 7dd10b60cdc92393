"""What each item reaches: by the direct rules on its own, by ``parent`` through what hangs above it.

Nothing here walks by recursion, and what an item inherits is worked out once for all that hang below it: the cost is
linear in items and references, whatever the depth, and circles of parents end. What pull requests and commits inherit
besides is in :mod:`mapping.ties`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial
from operator import or_
from typing import TypeAlias

from mapping.graph import Edges, Graph, climbing, components, joined
from mapping.naming import Naming
from mapping.reach import Reach, inherited, once
from mapping.rules import DANGLES, EXEMPT, RULES, SPEAKS, Desk, Finding, Rule
from mapping.ties import Ties
from mapping.world import World
from okrsync.model import Dangling, Override, RuleName

_Rank: TypeAlias = "Callable[[Chains, int], list[Reach]]"
_Asked: TypeAlias = "Sequence[tuple[RuleName, Rule]]"


class Chains:
    """All chains of one world. Only *inner* items, those with something below them, are remembered; leaves pass by.

    ``standing`` holds the inner items that reach anything. A link or an exemption is handed down level by level from
    the items that have one of their own, so that the nearest wins and parents at equal distance add up. What is handed
    down is one value for all children: a child adds when it came.
    """

    def __init__(self, world: World, desk: Desk, overrides: Mapping[int, Override]) -> None:
        order = desk.rules.order
        self.world = world
        self.desk = desk
        inherits = RuleName.PARENT in order
        self.graph = climbing(world) if inherits else Graph(Edges(len(world)))
        self.naming = Naming(world, desk.rules)
        made = {name: RULES[name](desk, world, overrides) for name in order if name in RULES}
        self._direct = {name: rule for name, rule in made.items() if rule is not None}
        self.notes = _noted(self._direct.values(), self.naming.nameless, len(world))
        rank = order.index(RuleName.PARENT) if inherits else len(order)
        self._before: _Asked = [(name, self._direct[name]) for name in order[:rank] if name in self._direct]
        self._after: _Asked = [(name, self._direct[name]) for name in order[rank:] if name in self._direct]
        self._first_only = desk.rules.conflict == "first"
        self.standing: dict[int, tuple[Reach, ...]] = {}
        self._depths: dict[int, int] = {}  # how far above those that stand there is what they reach
        self._unmoved: set[int] = set()  # where a rule after ``parent`` spoke; in a circle they would inherit it back
        last = [*(name for name in order if name is not RuleName.PARENT), RuleName.PARENT]
        self._ranks = self._ranked(order)
        self._ranks_unmoved = self._ranked(last if inherits else order)
        self._ranks_silent = self._ranked([name for name in order if name not in RULES])
        self._settle()
        self.ties = Ties(world, self.naming)
        self.ties.settle(self.reach)

    def _ranked(self, order: Sequence[RuleName]) -> Sequence[_Rank]:
        """What each rule of this order finds; those that have nothing to look for are left out.

        These are functions and not methods of this object, which would live on in a circle with them.
        """
        ranks: list[_Rank] = []
        for name in order:
            if name in self._direct:
                ranks.append(partial(Chains._found, name=name, rule=self._direct[name]))
            elif name is RuleName.PARENT and self.graph.edges:
                ranks.append(Chains._inherited)
            elif name is RuleName.REFERENCE and self.naming.named:
                ranks.append(Chains._named)
            elif name is RuleName.REVERT and self.naming.reverted:
                ranks.append(Chains._reverted)
        return ranks

    # ── one item ─────────────────────────────────────────────────────────────────────────────────────────────────────

    def reach(self, position: int) -> tuple[Reach, ...]:
        """What the item reaches in the end, exemptions included."""
        if reaches := self.standing.get(position):
            return reaches
        for rank in self._asking(position):
            if found := rank(self, position):
                return self.chosen(found)
        return ()

    def results(self, position: int) -> list[list[Reach]]:
        """What each rule found, the highest first; rules that found nothing are left out."""
        return [found for rank in self._asking(position) if (found := rank(self, position))]

    def chosen(self, result: list[Reach]) -> tuple[Reach, ...]:
        """What the result of the highest rule says: each goal once; an exemption only where it names none."""
        if len(result) == 1:
            return (result[0],)
        first = once(result)
        reaches = [one for one in first if one.target != EXEMPT] or first
        return tuple(reaches[:1] if self._first_only else reaches)

    def lost(self, results: Sequence[list[Reach]]) -> tuple[Reach, ...]:
        """What was overruled: the other goals, and exemptions, that these results name."""
        chosen = {one.target for one in self.chosen(results[0])} if results else ()
        return tuple(one for result in results for one in once(result) if one.target not in chosen)

    def dangling(self, position: int) -> list[Dangling]:
        """What the item says of goals and items that do not exist, in the order of the rules."""
        found: list[Dangling] = []
        for name in self.desk.rules.order:
            if name in self._direct:
                if said := self._direct[name](position):
                    found += said.dangling
            elif name is RuleName.REFERENCE:
                nameless = self.naming.nameless.get(position, ())
                found += [Dangling(self.world.references[one].target, "key", None) for one in nameless]
        return found

    def _asking(self, position: int) -> Sequence[_Rank]:
        if not self.notes[position] & SPEAKS:
            return self._ranks_silent
        return self._ranks_unmoved if position in self._unmoved else self._ranks

    def _found(self, position: int, name: RuleName, rule: Rule) -> list[Reach]:
        said = rule(position)
        if said is None:
            return []
        return [Reach(one.target, name, self._since(position, one), one.via, one) for one in said.findings]

    def _since(self, position: int, finding: Finding) -> int:
        since = finding.since
        if since is None and finding.mark is not None:
            since = self.world.latest(position, *finding.mark)
        return self.world.created[position] if since is None else since

    def _named(self, position: int) -> list[Reach]:
        return self.ties.reaches(position, RuleName.REFERENCE, self.reach)

    def _reverted(self, position: int) -> list[Reach]:
        return self.ties.reaches(position, RuleName.REVERT, self.reach)

    # ── inheriting ───────────────────────────────────────────────────────────────────────────────────────────────────

    def _inherited(self, position: int) -> list[Reach]:
        """What the nearest of its ancestors that reach anything hand down."""
        edges, standing, depths = self.graph.edges, self.standing, self._depths
        above = [edge for edge in edges.of(position) if edges.to[edge] in standing]
        if len(above) > 1:
            nearest = min(depths[edges.to[edge]] for edge in above)
            above = [edge for edge in above if depths[edges.to[edge]] == nearest]
        reaches = []
        for edge in above:
            parent, by = edges.to[edge], edges.by[edge]
            since, via = joined(self.world, position, parent, by), self.world.keys[parent] or ""
            for one in standing[parent]:
                reaches.append(inherited(RuleName.PARENT, one, since, via, parent, by))
        return reaches

    def _settle(self) -> None:
        sources = []
        later: set[int] = set()
        for position in self.graph.inner:
            if self.notes[position] & SPEAKS:
                if self._stand(position, self._before):
                    sources.append(position)
                elif any(found for name, rule in self._after if (found := self._found(position, name, rule))):
                    later.add(position)
        self._spread(sources)
        if later := later - self.standing.keys():
            self._settle_later(later)
            sources = [one for one in self.standing if not self._depths[one]]
            self.standing = {one: self.standing[one] for one in sources}
            self._spread(sources)

    def _settle_later(self, later: set[int]) -> None:
        """Rules that come after ``parent`` speak only for items above which nothing speaks.

        In a circle, where everybody is above everybody, each speaks for himself.
        """
        unsettled = self.graph.inner - self.standing.keys()
        spoken_for: set[int] = set()
        for together in components(unsettled, self.graph.parents):
            above = {up for one in together for up in self.graph.parents(one)} - set(together)
            if not above.isdisjoint(spoken_for):
                spoken_for.update(together)
            elif speaking := later.intersection(together):
                spoken_for.update(together)
                self._unmoved.update(one for one in speaking if self._stand(one, self._after))

    def _stand(self, position: int, rules: _Asked) -> bool:
        for name, rule in rules:
            if found := self._found(position, name, rule):
                self.standing[position] = self.chosen(found)
                self._depths[position] = 0
                return True
        return False

    def _spread(self, frontier: Iterable[int]) -> None:
        depth = 0
        below, standing = self.graph.below, self.standing
        while frontier:
            depth += 1
            reached = {child for one in frontier for child in below.get(one, ()) if child not in standing}
            standing.update([(one, self.chosen(self._inherited(one))) for one in reached])
            self._depths.update(dict.fromkeys(reached, depth))
            frontier = reached


def _noted(rules: Iterable[Rule], nameless: Iterable[int], size: int) -> bytearray:
    """SPEAKS and DANGLES of each item, by all rules together."""
    notes = bytearray(size)
    for rule in rules:
        notes = bytearray(map(or_, notes, rule.notes()))
    for position in nameless:
        notes[position] |= DANGLES
    return notes
