"""What is decided of each item: traced, exempt, orphan or unresolvable, and what is to be mended; without the words."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from itertools import chain
from operator import and_
from typing import NamedTuple

from mapping.blame import ELSEWHERE, Blame, Cause, Fault, Trouble, What
from mapping.book import NOTHING
from mapping.graph import joined
from mapping.links import Chains
from mapping.reach import Reach
from mapping.rules import DANGLES, EXEMPT, Desk
from mapping.world import COUNTED, DONE, READABLE, TICKET, World
from okrsync.model import OrphanClass, Override, Period, RuleName, Ruling, VerdictKind


class Decision(NamedTuple):
    """What is said of an item that reaches what it reaches; ``fault`` is what brings it home, where that is needed."""

    kind: VerdictKind
    orphan: OrphanClass | None = None
    fault: Fault | None = None


_TRACED, _EXEMPT = Decision(VerdictKind.TRACED), Decision(VerdictKind.EXEMPT)

_SILENT = bytes(notes == 0 for notes in range(256))
_LEGIBLE = bytes(flags & READABLE != 0 for flags in range(256))


class Judgement:
    """The decisions on all items of one world under one configuration."""

    def __init__(self, world: World, desk: Desk, overrides: Mapping[int, Override]) -> None:
        self.world = world
        self.desk = desk
        self.chains = Chains(world, desk, overrides)
        self.blame = Blame(self.chains)
        self._deaths = desk.tree.deaths

    def decide(self, position: int, reaches: tuple[Reach, ...]) -> Decision:
        """What is said of the item, of which ``reaches`` is all that it reaches."""
        if not reaches:
            return self._unlinked(position)
        if decision := self._linked(reaches, self.world.flags[position] & DONE):
            return decision
        if self.chains.notes[position] & DANGLES:
            return Decision(VerdictKind.ORPHAN, OrphanClass.DANGLING, Fault(What.MISNAMED, position))
        return Decision(VerdictKind.ORPHAN, OrphanClass.DEAD, Fault(What.DEAD, holder(position, reaches[0])))

    def _linked(self, reaches: tuple[Reach, ...], done: int) -> Decision | None:
        """What is said of work that reaches anything; None: it is open, and all the goals take no more."""
        if reaches[0].target == EXEMPT:
            return _EXEMPT
        deaths = self._deaths
        return _TRACED if done or not deaths or any(one.target not in deaths for one in reaches) else None

    def _unlinked(self, position: int) -> Decision:
        """The first that fits: what nobody can know, then the classes of orphans in their order."""
        above = self.blame.trouble(position)
        closed = self.blame.closed(position)
        if closed is not None:
            return Decision(VerdictKind.UNRESOLVABLE, None, Fault(closed, position))
        if above and above.cause is Cause.CLOSED:
            return _stopped(above)
        if self.chains.notes[position] & DANGLES:
            return Decision(VerdictKind.ORPHAN, OrphanClass.DANGLING, Fault(What.MISNAMED, position))
        if position in self.blame.ambiguous:
            return Decision(VerdictKind.ORPHAN, OrphanClass.AMBIGUOUS, Fault(What.AMBIGUOUS, position))
        if above:
            return _stopped(above)
        return Decision(VerdictKind.ORPHAN, OrphanClass.DIRECT, Fault(What.NOTHING, position))

    def chosen(self, only: Collection[int] | None) -> Iterable[int]:
        """The positions of the counted items, or of those whose uid is among ``only``."""
        flags = self.world.flags
        if only is None:
            return (position for position, flag in enumerate(flags) if flag & COUNTED)
        asked = sorted(position for uid in only if (position := self.world.position(uid)) != NOTHING)
        return (position for position in asked if flags[position] & COUNTED)

    def rulings(self, only: Collection[int] | None) -> Iterator[Ruling]:
        """What is decided of each counted item, or of those of ``only``, by growing uid.

        One long loop on purpose: most of a million items are plain and hang on one other. What that one reaches, or
        what stops it, is one value for all of them; their own is since when.
        """
        chains, world, make = self.chains, self.world, tuple.__new__
        uids, kinds, flags, keys = world.uids, world.kinds, world.flags, world.keys
        parents, named, standing, tied = chains.graph.edges, chains.naming.named, chains.standing, chains.ties.standing
        plain, stops, mends, reach = self._plain(), self.blame.of, self._mend, chains.reach
        for position in self.chosen(only):
            if not plain[position]:
                yield self._ruling(position)
                continue
            edges, rule = parents, RuleName.PARENT
            edge, end = edges.start[position], edges.start[position + 1]
            if edge == end and kinds[position] != TICKET:
                edges, rule = named, RuleName.REFERENCE
                edge, end = edges.start[position], edges.start[position + 1]
            uid = uids[position]
            if edge == end:
                yield make(Ruling, (uid, VerdictKind.ORPHAN, OrphanClass.DIRECT, uid, False, ()))
                continue
            if end - edge > 1:
                yield self._ruling(position)
                continue
            up, by = edges.to[edge], edges.by[edge]
            if rule is RuleName.PARENT:
                reaches = standing.get(up)
            else:
                reaches = reach(up) if kinds[up] == TICKET else tied.get(up)
            decision = self._linked(reaches, flags[position] & DONE) if reaches else _stopped(stops(up))
            if decision is None:
                yield self._ruling(position)
            elif reaches and decision is _TRACED:
                since = joined(world, position, up, by) if rule is RuleName.PARENT else world.stands(by, position)
                via = keys[up]
                periods = [make(Period, (one.target, rule, max(since, one.since), None, via)) for one in reaches]
                yield make(Ruling, (uid, VerdictKind.TRACED, None, None, False, tuple(periods)))
            else:
                kind, orphan, fault = decision
                yield make(Ruling, (uid, kind, orphan, mends(fault), False, ()))

    def _plain(self) -> bytearray:
        """1 for what says nothing itself, neither of goals nor of what nobody can find; whatever reverts, is not."""
        chains, naming = self.chains, self.chains.naming
        plain = bytearray(map(and_, chains.notes.translate(_SILENT), self.world.flags.translate(_LEGIBLE)))
        strange = (chains.graph.missing, chains.graph.ambiguous, naming.missing, naming.ambiguous, chains.ties.turns)
        for position in chain(*strange, chains.graph.odd, naming.reverting):
            plain[position] = 0
        return plain

    def _ruling(self, position: int) -> Ruling:
        reaches = self.chains.reach(position)
        kind, orphan, fault = self.decide(position, reaches)
        periods = () if kind is VerdictKind.EXEMPT else tuple(map(_period, reaches))
        dangles = bool(self.chains.notes[position] & DANGLES)
        return Ruling(self.world.uids[position], kind, orphan, self._mend(fault), dangles, periods)

    def _mend(self, fault: Fault | None) -> int | None:
        """The uid of what is to be mended, where it is stored."""
        return None if fault is None or fault.what in ELSEWHERE else self.world.uids[fault.at]


def _stopped(trouble: Trouble) -> Decision:
    """What is said of an item that reaches nothing, for what stops the chain above it."""
    if trouble.cause is Cause.CLOSED:
        return Decision(VerdictKind.UNRESOLVABLE, None, trouble.fault)
    return Decision(VerdictKind.ORPHAN, OrphanClass.TRANSITIVE, trouble.fault)


def holder(position: int, reach: Reach) -> int:
    """The item, this one or above it, that says by itself what this one reaches."""
    while reach.through is not None:
        position, reach = reach.above, reach.through
    return position


def _period(reach: Reach) -> Period:
    return Period(reach.target, reach.rule, reach.since, None, reach.via)
