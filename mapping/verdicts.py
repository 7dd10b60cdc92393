"""The verdict on each item: traced, exempt, orphan or unresolvable, with everything that explains it."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from datetime import datetime

from mapping import breaks
from mapping.blame import Blame, Cause
from mapping.links import Chains
from mapping.rules import EXEMPT
from okrsync.model import (
    Dangling,
    Goals,
    Node,
    OrphanClass,
    Override,
    Rules,
    State,
    Verdict,
    VerdictKind,
)


def judge(
    nodes: Iterable[Node],
    goals: Goals,
    rules: Rules,
    overrides: Mapping[int, Override],
    now: datetime,
    *,
    only: Collection[int] | None = None,
) -> Iterator[Verdict]:
    """One verdict for every counted node, or for those of ``only``.

    ``overrides`` holds the newest word for each uid. For the result to be that of a full run, ``only`` has to hold
    every node that changed and everything below it, before and after the change, and ``nodes`` also all that stands
    above these. *Above* a node are, however often this is applied:

    - what its PARENT and EPIC references name, whatever its kind;
    - of a pull request or a commit also what its CLOSES, MENTIONS and REVERTS references name;
    - of a commit the pull requests of its source whose MERGED_AS names it.

    A reference with ``target_id`` names the item of its own source with that remote id, and no other. Any other names
    every item of any source whose key, or a key that it had before, is the target after :func:`mapping.words.fold`; a
    REVERTS reference to 7 to 40 hexadecimal digits every commit whose sha begins with these. All of them are needed,
    for a key that fits two items is ambiguous. *Below* is the reverse.
    """
    bench = _Bench(Chains(nodes, goals, rules, overrides, now))
    for uid, node in bench.chains.nodes.items():
        if node.counted and (only is None or uid in only):
            yield bench.verdict(node)


def trace(
    uid: int,
    nodes: Iterable[Node],
    goals: Goals,
    rules: Rules,
    overrides: Mapping[int, Override],
    now: datetime,
) -> Verdict:
    """The whole explanation of one node, counted or not; ``nodes`` holds it and the chain above it.

    Raises KeyError where ``uid`` is not among ``nodes``.
    """
    bench = _Bench(Chains(nodes, goals, rules, overrides, now))
    return bench.verdict(bench.chains.nodes[uid])


class _Bench:
    def __init__(self, chains: Chains) -> None:
        self.chains = chains
        self._blame = Blame(chains)
        self._example = chains.tree.example

    def verdict(self, node: Node) -> Verdict:
        dangling: list[Dangling] = []
        results = self.chains.results(node, dangling)
        if not results:
            return self._unlinked(node, tuple(dangling))
        links, lost = self.chains.choose(results)
        if links[0].target == EXEMPT:
            return Verdict(node.uid, VerdictKind.EXEMPT, None, (), lost, tuple(dangling), links[0].evidence)
        traced = Verdict(node.uid, VerdictKind.TRACED, None, links, lost, tuple(dangling))
        deaths = self.chains.tree.deaths
        if node.state is State.DONE or not deaths or any(link.target not in deaths for link in links):
            return traced
        return self._dead(node, traced)

    def _dead(self, node: Node, traced: Verdict) -> Verdict:
        """Open work, and every goal that it reaches takes no more; the links stay."""
        orphan = OrphanClass.DANGLING if traced.dangling else OrphanClass.DEAD
        if traced.dangling:
            broken = breaks.misnamed(node, traced.dangling[0], self._example)
        else:
            link = traced.links[0]
            death = self.chains.tree.deaths[link.target]
            broken = breaks.dead(self.chains.holder(node, link), link, death, self._example)
        return Verdict(
            node.uid, VerdictKind.ORPHAN, orphan, traced.links, traced.lost, traced.dangling, broken_at=broken
        )

    def _unlinked(self, node: Node, dangling: tuple[Dangling, ...]) -> Verdict:
        """The first that fits: what nobody can know, then the classes of orphans in their order."""
        above = self._blame.above(node)
        closed = self._blame.closed(node) or (above.at if above and above.cause is Cause.CLOSED else None)
        if closed:
            return Verdict(node.uid, VerdictKind.UNRESOLVABLE, dangling=dangling, broken_at=closed)
        if dangling:
            orphan, broken = OrphanClass.DANGLING, breaks.misnamed(node, dangling[0], self._example)
        elif ambiguous := self._blame.ambiguous(node):
            orphan, broken = OrphanClass.AMBIGUOUS, ambiguous
        elif above:
            orphan, broken = OrphanClass.TRANSITIVE, above.at
        else:
            orphan, broken = OrphanClass.DIRECT, breaks.nothing(node, self._example)
        return Verdict(node.uid, VerdictKind.ORPHAN, orphan, dangling=dangling, broken_at=broken)
