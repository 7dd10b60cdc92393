"""Decisions in full: with the path, the evidence, what lost, and the mend in words. For those that somebody looks at;
the world has to be made of nodes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import islice

from mapping import breaks
from mapping.blame import Fault, What
from mapping.evidence import handed_down, led, stood, through, under
from mapping.graph import joined
from mapping.instants import instant
from mapping.judging import Judgement
from mapping.reach import Reach
from okrsync.model import Break, Hop, Link, RuleName, Say, Verdict, VerdictKind

_FAR = 100  # hops: of longer ways, and no team has such, only both ends are told


class Explanation:
    """Tells of single items what was decided, and why."""

    def __init__(self, judgement: Judgement) -> None:
        self._judgement = judgement
        self._chains, self._blame = judgement.chains, judgement.blame
        self._world, self._nodes = judgement.world, judgement.world.nodes
        self._tree = judgement.desk.tree
        self._hops: dict[tuple[int, int, RuleName, int], Hop] = {}
        self._breaks: dict[Fault, Break] = {}  # one for all that it stops, but for the way to it

    def verdict(self, position: int) -> Verdict:
        """The whole explanation of one item."""
        results = self._chains.results(position)
        reaches = self._chains.chosen(results[0]) if results else ()
        kind, orphan, fault = self._judgement.decide(position, reaches)
        links = tuple(self._link(position, one) for one in reaches)
        lost = tuple(self._link(position, one) for one in self._chains.lost(results))
        dangling = tuple(self._chains.dangling(position))
        uid = self._world.uids[position]
        if kind is VerdictKind.EXEMPT:
            (first, *_) = links
            return Verdict(uid, kind, None, (), lost, dangling, first.evidence, exempt_path=_items(first.path))
        broken = self._break(position, fault, links) if fault else None
        return Verdict(uid, kind, orphan, links, lost, dangling, broken_at=broken)

    # ── links ────────────────────────────────────────────────────────────────────────────────────────────────────────

    def _link(self, position: int, reach: Reach) -> Link:
        path = (self._first(position), *self._steps(position, reach))
        since = instant(reach.since)
        return Link(self._world.uids[position], reach.target, reach.rule, self._evidence(position, reach), path, since)

    def _steps(self, position: int, reach: Reach) -> Iterator[Hop]:
        """From an item to the one above it, and so on, and from the last to its goal and all goals above that."""
        while reach.through is not None:
            yield self._step(position, reach.above, reach.rule, reach.by)
            position, reach = reach.above, reach.through
        first, *rest = self._tree.steps(reach.target, reach.rule) or (None,)
        if first is not None:
            why = stood(self._nodes[position], self._evidence(position, reach))
            yield replace(first, why=why, since=instant(reach.since))
            yield from rest

    def _step(self, position: int, above: int, rule: RuleName, by: int) -> Hop:
        """One hop, which is one value for all whose way leads over it."""
        asked = (position, above, rule, by)
        if asked not in self._hops:
            self._hops[asked] = self._hop(*asked)
        return self._hops[asked]

    def _hop(self, position: int, above: int, rule: RuleName, by: int) -> Hop:
        node, up = self._nodes[position], self._nodes[above]
        if rule is RuleName.PARENT:
            why, since = under(node, up), joined(self._world, position, above, by)
        else:
            why = led(node, self._world.references[by], up)
            since = self._world.stands(by, position)
        return Hop(up.kind, up.source, up.key, up.title, rule, up.url, why, instant(since))

    def _first(self, position: int) -> Hop:
        node = self._nodes[position]
        return Hop(node.kind, node.source, node.key, node.title, "item", node.url)

    def _evidence(self, position: int, reach: Reach) -> Say:
        """Of a link of its own that of the rule, else what was handed down from where it stands, and by which text."""
        at, own = position, reach
        while own.through is not None:
            at, own = own.above, own.through
        said = own.finding.evidence if own.finding else None
        if said is None:
            said = self._judgement.desk.exemptions.why(
                self._world.origins[at], self._world.authors[at], self._world.labels[at], self._nodes[at].title
            )
        if reach.through is None:
            return said
        said = handed_down(said, self._nodes[at].key)
        if reach.rule is RuleName.PARENT:
            return said
        return through(said, self._world.references[reach.by], self._nodes[reach.above].key)

    # ── breaks ───────────────────────────────────────────────────────────────────────────────────────────────────────

    def _break(self, position: int, fault: Fault, links: Sequence[Link]) -> Break:
        if fault.what is What.DEAD:
            link, holder = links[0], self._nodes[fault.at]
            broken = breaks.dead(holder, link, self._tree.deaths[link.target], self._tree.example)
            return replace(broken, path=_items(link.path))
        if fault not in self._breaks:
            self._breaks[fault] = self._said(fault)
        return replace(self._breaks[fault], path=tuple(self._way(position, fault)))

    def _way(self, position: int, fault: Fault) -> Iterator[Hop]:
        """From an item to the faulty one; nothing where that is too far to be read."""
        ups = [] if fault.at == position else list(islice(self._blame.way(position, fault), _FAR))
        if len(ups) < _FAR:
            yield self._first(position)
            for up in ups:
                yield self._step(position, up, *self._tie(position, up))
                position = up

    def _tie(self, position: int, up: int) -> tuple[RuleName, int]:
        """The rule and the reference by which an item hangs on the one above it."""
        naming = self._chains.naming
        ways = ((RuleName.PARENT, self._chains.graph.edges), (RuleName.REFERENCE, naming.named))
        for rule, edges in (*ways, (RuleName.REVERT, naming.reverted)):
            for edge in edges.of(position):
                if edges.to[edge] == up:
                    return rule, edges.by[edge]
        raise LookupError(f"{position} does not hang on {up}")

    def _said(self, fault: Fault) -> Break:
        node, example = self._nodes[fault.at], self._tree.example
        match fault.what:
            case What.UNREADABLE:
                return breaks.unreadable(node)
            case What.MISSING:
                return breaks.missing(node, self._world.references[self._chains.graph.missing[fault.at]])
            case What.UNSEEN:
                return breaks.closed_unseen(node, self._world.references[self._chains.naming.missing[fault.at]])
            case What.MISNAMED:
                return breaks.misnamed(node, self._chains.dangling(fault.at)[0], example)
            case What.AMBIGUOUS:
                reference = self._blame.ambiguous[fault.at]
                fitting = self._world.targets(reference)[: breaks.SHOWN]
                return breaks.ambiguous(node, self._world.references[reference], [self._nodes[one] for one in fitting])
            case What.TOP:
                return breaks.top(node, example)
            case What.CIRCLE:
                return breaks.circle([self._nodes[one] for one in self._blame.ring(fault.at)], example)
            case What.TURNING:
                return breaks.turning([self._nodes[one] for one in self._blame.ring(fault.at)], example)
            case _:
                return breaks.nothing(node, example)


def _items(path: Iterable[Hop]) -> tuple[Hop, ...]:
    return tuple(hop for hop in path if hop.source)
