"""References → edges: what pull requests and commits close, name, were merged as and revert."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from heapq import merge
from operator import itemgetter
from typing import TypeAlias

from mapping.book import NOTHING, begins_sha
from mapping.graph import Edges
from mapping.world import CLOSES, COMMIT, MENTIONS, MERGED_AS, PULL_REQUEST, RELATION, REVERTS, TEXTUAL, TICKET, World
from okrsync.model import RuleName, Rules

_Edge: TypeAlias = "tuple[int, int, int]"  # from, to, by which reference


class Naming:
    """What each pull request or commit inherits from, and what it names that cannot be resolved: for these, references.

    ``named`` feeds the rule ``reference``. A pull request has tickets there; a commit has tickets, pull requests, and
    the pull request that was merged as this commit. ``reverted`` feeds ``revert``: a commit or a pull request;
    ``reverting`` are the items that have any there.

    ``nameless`` are keys of configured projects that no stored item has. A sha that is not stored, or the address of
    an Asana task that is not, leads out of what is configured and is nothing. ``missing`` is what the tool itself says
    to be closed and what is not stored. Only what the rules ask for that are on is looked at.
    """

    def __init__(self, world: World, rules: Rules) -> None:
        self.nameless: dict[int, list[int]] = {}
        self.missing: dict[int, int] = {}
        self.ambiguous: dict[int, int] = {}
        self._world = world
        self._by_name = RuleName.REFERENCE in rules.order
        self._by_revert = RuleName.REVERT in rules.order
        reverted: list[_Edge] = []
        own, merged = self._own(reverted), self._merged()
        self.named = Edges(len(world), _once(merge(own, merged, key=itemgetter(0))) if merged else own)
        self.reverted = Edges(len(world), reverted)
        self.reverting = {edge[0] for edge in reverted}

    def above(self, position: int) -> list[int]:
        """Whatever an item inherits from."""
        return [*self.named.targets(position), *self.reverted.targets(position)]

    def _merged(self) -> list[_Edge]:
        """From commits to the pull requests that became them."""
        world = self._world
        if not self._by_name:
            return []
        edges = [
            (commit, holder, reference)
            for reference, (holder, relation) in enumerate(zip(world.holders, world.relations, strict=True))
            if relation & RELATION == MERGED_AS and holder != NOTHING and world.kinds[holder] == PULL_REQUEST
            for commit in world.targets(reference)
        ]
        return sorted(edges, key=lambda edge: (edge[0], world.identity(edge[1])))

    def _own(self, reverted: list[_Edge]) -> Iterator[_Edge]:
        """What each item names, and into ``reverted`` what it reverts; each once, by the reference that says most."""
        world, wanted = self._world, self._wanted()
        kinds, found = world.kinds, world.book.found
        item = NOTHING
        names: dict[int, int] = {}
        reverts: dict[int, int] = {}
        for reference, (holder, relation, name) in enumerate(
            zip(world.holders, world.relations, world.names, strict=True)
        ):
            if not wanted[relation] or holder == NOTHING or kinds[holder] == TICKET:
                continue
            if holder != item:
                yield from ((item, up, by) for up, by in names.items())
                reverted += [(item, up, by) for up, by in reverts.items()]
                item, names, reverts = holder, {}, {}
            target = found[name]
            if target < 0:
                targets = world.targets(reference)
                if len(targets) != 1:
                    self._unresolved(item, reference, several=bool(targets))
                    continue
                target = targets[0]
            if target == item:
                continue
            if kinds[target] == TICKET or (
                relation & RELATION != REVERTS and kinds[item] == COMMIT and kinds[target] == PULL_REQUEST
            ):
                if self._by_name:
                    names[target] = self._weightier(names.get(target), reference)
            elif relation & RELATION == REVERTS:
                reverts[target] = self._weightier(reverts.get(target), reference)
        yield from ((item, up, by) for up, by in names.items())
        reverted += [(item, up, by) for up, by in reverts.items()]

    def _wanted(self) -> bytes:
        """Which relations are looked at."""
        wanted = {CLOSES, MENTIONS} if self._by_name else set()
        if self._by_revert:
            wanted.add(REVERTS)
        return bytes(relation & RELATION in wanted for relation in range(2 * TEXTUAL))

    def _unresolved(self, item: int, reference: int, *, several: bool) -> None:
        world = self._world
        relation, words = world.relations[reference], world.book.words[world.names[reference]]
        if several:
            self.ambiguous.setdefault(item, reference)
        elif words is not None and relation & RELATION == REVERTS and begins_sha(words):
            return
        elif words is None or not relation & TEXTUAL:
            self.missing.setdefault(item, reference)
        elif ("-" in words or "#" in words) and self._by_name:
            self.nameless.setdefault(item, []).append(reference)

    def _weightier(self, known: int | None, other: int) -> int:
        """The better evidence of two references to one item: closing before naming, a text before the tool's word."""
        return other if known is None or self._weight(other) < self._weight(known) else known

    def _weight(self, reference: int) -> tuple[bool, bool]:
        relation = self._world.relations[reference]
        return relation & RELATION != CLOSES, not relation & TEXTUAL


def _once(edges: Iterable[_Edge]) -> Iterator[_Edge]:
    """Each edge once, the first of those that lead from one item to one other."""
    last = NOTHING
    seen: set[int] = set()
    for edge in edges:
        if edge[0] != last:
            last, seen = edge[0], set()
        if edge[1] not in seen:
            seen.add(edge[1])
            yield edge
