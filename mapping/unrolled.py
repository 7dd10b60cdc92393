"""The past as one world, in which an item stands once for each time in which it, or what stood above it, was another.

So the engine that judges the items of now judges all these times at once, by the same rules. What a name means does not
depend on when it was said; so each time of an item hangs, by a name of its own, below that time of its parent into
which it falls.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import count, islice
from operator import attrgetter, itemgetter
from typing import NamedTuple, TypeAlias

from mapping.book import CLIMBING
from mapping.chronicle import NOW, Chronicle
from mapping.instants import micros
from mapping.verdicts import Court
from mapping.world import RELATIONS, Row, World, change_rows, item_row, reference_rows
from okrsync.model import Goals, ItemKind, Node, Override, Period, Reference, ReferenceKind

Moments: TypeAlias = Mapping[int, Collection[datetime]]
"""By uid instants at which that item became another."""

Times: TypeAlias = "list[tuple[datetime, tuple[Period, ...]]]"
"""What an item had, and until when, the last first: that until NOW."""

_EVER = datetime.min.replace(tzinfo=NOW.tzinfo)
_until = attrgetter("until")


class _Way(NamedTuple):
    """What leads up from an item, as rows of references tell it, and to whom."""

    kind: ReferenceKind
    since: int | None
    textual: bool
    up: int


@dataclass(slots=True)
class _State:
    """An item as it was until then: the ways that led up from it, and rows without its uid of what it said besides."""

    until: datetime
    node: Node
    ways: list[_Way]
    words: list[Row]


class Unrolled:
    """The items of a chronicle, of which each became another at these ``moments``."""

    def __init__(self, chronicle: Chronicle, moments: Moments) -> None:
        self._chronicle = chronicle
        self._states = {
            uid: [_State(at, chronicle.node(uid, at), [], []) for at in (*sorted(moments.get(uid, ())), NOW)]
            for uid in sorted(chronicle.nodes)
        }
        _lead(self._states)
        self._below: dict[int, list[tuple[datetime, datetime, int]]] = defaultdict(list)  # after, until, who
        for uid, states in self._states.items():
            after = _EVER
            for state in states:
                for way in state.ways:
                    self._below[way.up].append((after, state.until, uid))
                after = state.until

    def above(self, uids: Iterable[int]) -> set[int]:
        """These items, and all that stood above them at any time."""
        reached = set(uids)
        open_ = list(reached)
        while open_:
            ups = {way.up for state in self._states[open_.pop()] for way in state.ways} - reached
            reached |= ups
            open_ += ups
        return reached

    def judged(self, court: Court, goals: Goals, moments: Moments, only: Iterable[int]) -> Iterator[tuple[int, Times]]:
        """What each of these had, counted or not, by growing uid, where nothing but these moments made a difference;
        those that have none, neither of their own nor from above, are left out."""
        cuts = self._cuts(moments)
        asked = sorted(uid for uid in only if uid in cuts)
        times = {uid: (*sorted(cuts.get(uid, ())), NOW) for uid in sorted(self.above(asked))}
        numbered = _Numbered(self._states, times)
        rulings = court.rulings(numbered.world(goals, frozenset(asked)), numbered.words(self._chronicle))
        for uid in asked:
            had = [one.periods for one in islice(rulings, len(times[uid]))]
            yield uid, list(zip(times[uid], had, strict=True))[::-1]

    def _cuts(self, moments: Moments) -> dict[int, set[datetime]]:
        """The moments of each item and, while it stood below others, of those."""
        cuts = {uid: set(own) for uid in self._states if (own := moments.get(uid))}
        open_ = [(uid, at) for uid, own in cuts.items() for at in own]
        while open_:
            up, at = open_.pop()
            for after, until, uid in self._below.get(up, ()):
                if after < at < until and at not in (mine := cuts.setdefault(uid, set())):
                    mine.add(at)
                    open_.append((uid, at))
        return cuts


class _Numbered:
    """Every time of every item with a number of its own, by growing uid, the first first."""

    def __init__(self, states: Mapping[int, Sequence[_State]], times: Mapping[int, Sequence[datetime]]) -> None:
        self._times = times
        self._first: dict[int, int] = {}
        self._all: list[_State] = []  # by number
        for uid, untils in times.items():
            self._first[uid] = len(self._all)
            mine = states[uid]
            self._all += (mine[bisect_left(mine, until, key=_until)] for until in untils)

    def world(self, goals: Goals, counted: Collection[int]) -> World:
        """The world of all these times, to be judged by these goals; those of ``counted`` count, and no others."""
        world = World(goals)
        world.add_references(row for one in self._numbers() for row in self._references(*one))
        world.add_aliases(
            (number, alias) for number, state in enumerate(self._all) for alias in (*state.node.aliases, _name(number))
        )
        world.add_items(
            item_row(replace(state.node, uid=number, counted=state.node.uid in counted, readable=True))
            for number, state in enumerate(self._all)
        )
        world.add_changes(
            (number, *row[1:]) for number, state in enumerate(self._all) for row in change_rows(state.node)
        )
        return world

    def words(self, chronicle: Chronicle) -> dict[int, Override]:
        """The word of a person on each of these times."""
        return {
            number: word
            for number, until, state in self._numbers()
            if state.node.uid in chronicle.words and (word := chronicle.word(state.node.uid, until))
        }

    def _numbers(self) -> Iterator[tuple[int, datetime, _State]]:
        untils = (until for untils in self._times.values() for until in untils)
        return ((number, until, self._all[number]) for number, until in enumerate(untils))

    def _references(self, number: int, until: datetime, state: _State) -> Iterator[Row]:
        for kind, since, textual, up in state.ways:
            above = self._first[up] + bisect_left(self._times[up], until)
            yield number, "", kind, _name(above), None, None, since, textual
        for word in state.words:
            yield number, *word


def _name(number: int) -> str:
    """What no tool calls anything: clean texts hold no NUL."""
    return f"\0{number}"


# ── what leads up ────────────────────────────────────────────────────────────────────────────────────────────────────


def _lead(states: Mapping[int, Sequence[_State]]) -> None:
    """Enter into every state what led up from it, and its words. Whatever was ever said is looked up in one world; who
    became a commit is named by it from then on."""
    nodes = [_ever(one) for one in states.values()]
    world = World()
    world.add_references(row for node in nodes for row in reference_rows(node))
    world.add_aliases((node.uid, alias) for node in nodes for alias in node.aliases)
    world.add_items(map(item_row, nodes))
    became: dict[int, list[tuple[str, str, _Way]]] = defaultdict(list)
    number = count()
    for node in nodes:
        meant: dict[Reference, int] = {}
        for one in node.references:
            if one.kind not in RELATIONS:
                continue
            targets = [nodes[position].uid for position in world.targets(next(number))]
            if one.kind is ReferenceKind.MERGED_AS and node.kind is ItemKind.PULL_REQUEST:
                since = None if one.since is None else micros(one.since)
                for uid in targets:
                    became[uid].append(
                        (node.source, node.remote_id, _Way(ReferenceKind.MENTIONS, since, False, node.uid))
                    )
            elif len(targets) == 1 and (one.kind in CLIMBING or node.kind is not ItemKind.TICKET):
                meant[one] = targets[0]
        for state in states[node.uid]:
            _enter(state, meant)
    for uid, ways in became.items():
        for state in states[uid]:
            state.ways += [way for _, _, way in sorted(ways, key=itemgetter(0, 1))]


def _enter(state: _State, meant: Mapping[Reference, int]) -> None:
    for one, row in zip(state.node.references, reference_rows(state.node), strict=True):
        if one.kind not in RELATIONS:
            state.words.append(row[1:])
        elif one in meant:
            since, textual = row[-2:]
            state.ways.append(_Way(one.kind, since, textual, meant[one]))


def _ever(states: Sequence[_State]) -> Node:
    """The item with all references that it ever had."""
    node = states[-1].node
    if len(states) == 1:
        return node
    return replace(node, references=tuple(dict.fromkeys(one for state in states for one in state.node.references)))
