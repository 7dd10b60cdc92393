"""What a change of the configuration would do: the link job itself is run under it, in a transaction that is undone.

The answer is exact, for nothing is estimated: what stands before and what stands after is compared item by item. Each
change is also tried alone, upon the old configuration; where it cannot stand alone (a cycle that goes, and what
named it), together with those that it needs.
"""

from __future__ import annotations

from bisect import insort
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from itertools import islice
from typing import TYPE_CHECKING

import mapping
from config import Config, Difference, How, applied, differences
from okrsync.assess import Assessment, Freshness, assess
from okrsync.errors import Busy, ConfigError, StoreError
from okrsync.linking import relink
from okrsync.model import Json, ObjectiveProgress, OrphanClass, Progress, Status, VerdictKind
from okrsync.store import faults, revisions
from okrsync.store.bulk import BATCH
from okrsync.store.decisions import Decision, Decisions, Weighed, decisions, weighed

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from okrsync.store import Store

RUNS = 10
"""So many changes are tried alone, unless all are asked for: each takes as long as linking everything."""

EXAMPLES = 3
"""So many items are named of each movement, open ones first, heavy ones before light ones."""

WRITING = frozenset({"write_to", "write_move", "write_every"})
"""Options beside ``[writeback]`` that say what is written in the tools."""

Restore = Callable[[Mapping[str, Json]], Config]
"""The configuration that a document says (``config.restored``)."""


class Movement(StrEnum):
    """What can become of an item; one that was exempt and is an orphan now is in two."""

    ORPHANED = "orphaned"
    LINKED = "linked"
    MOVED = "moved"  # its links lead to other goals than before
    EXEMPTED = "exempted"
    UNEXEMPTED = "unexempted"
    UNRESOLVED = "unresolved"  # it cannot be told any more
    RECLASSED = "reclassed"  # an orphan before and after, for another reason
    LEFT = "left"  # it counts no more


class Effect(StrEnum):
    """What is known of a change."""

    LINKS = "links"  # it moves items
    NUMBERS = "numbers"  # it moves no item, but progress or status
    NOTHING = "nothing"
    LEFT_OUT = "left_out"  # not tried alone: there are too many
    INSEPARABLE = "inseparable"  # it cannot stand without the other changes


@dataclass(slots=True)
class Moved:
    """The items of one movement: how many, how many of them open, their points, and the ``named`` first; of what is an
    orphan now why it is one, of what is linked otherwise from which goals to which."""

    named: int = EXAMPLES
    items: int = 0
    open: int = 0
    points: float = 0.0
    examples: list[Weighed] = field(default_factory=list)
    classes: Counter[OrphanClass] = field(default_factory=Counter)
    routes: Counter[tuple[str, str]] = field(default_factory=Counter)

    def add(self, one: Weighed) -> None:
        self.items += 1
        self.open += one.open
        self.points += one.points or 0.0
        insort(self.examples, one, key=_first)
        del self.examples[self.named :]


@dataclass(frozen=True, slots=True)
class Standing:
    """A goal at one instant."""

    items: int
    progress: float | None
    status: Status


@dataclass(frozen=True, slots=True)
class Outcome:
    """What one configuration makes of the store, against another one."""

    before: Mapping[VerdictKind, int]
    after: Mapping[VerdictKind, int]
    moved: Mapping[Movement, Moved]
    goals: Mapping[str, tuple[Standing | None, Standing | None]]  # those that stand otherwise; None: not there
    freshness: Freshness
    suspect: Mapping[str, int] = field(default_factory=dict)  # goal → links that become suspect

    @property
    def effect(self) -> Effect:
        return Effect.LINKS if self.moved else Effect.NUMBERS if self.goals else Effect.NOTHING


@dataclass(frozen=True, slots=True)
class Judged:
    """One change, and what it would do alone, or with those ``beside`` it that it needs."""

    change: Difference
    effect: Effect
    beside: tuple[Difference, ...] = ()
    outcome: Outcome | None = None
    pull: bool = False  # it changes what is read: the next sync brings what is not stored yet
    written: bool = False  # it changes what okrsync would write in the tools


@dataclass(frozen=True, slots=True)
class Preview:
    changes: tuple[Judged, ...]
    together: Outcome

    @property
    def left_out(self) -> int:
        return sum(one.effect is Effect.LEFT_OUT for one in self.changes)


def preview(
    store: Store,
    old: Config,
    new: Config,
    now: datetime,
    restore: Restore,
    *,
    runs: int | None = RUNS,
    watch: Callable[[str, int], None] = lambda *_: None,
    named: int = EXAMPLES,
) -> Preview:
    """What each change from ``old`` to ``new`` would do to what is stored, at most ``runs`` of them alone, and all of
    them together. Nothing is written, and no tool is asked.

    ``watch`` is told the key of each change before it is tried, and how many runs there are; at most ``named`` items of
    each movement are. Raises Busy where somebody
    else writes to the database for longer than it waits.
    """
    changes = differences(old.given, new.given)
    every = frozenset(range(len(changes)))
    tried = [_alone(old, changes, number, restore) for number in range(len(changes))]
    movers = {one.changes: one.config for one in tried if one and _matters(old, one.config, now)}
    single = len(movers) == 1 and None not in tried  # what it does is what all of them do
    wanted = [] if single else [some for some in movers if some != every]
    chosen = wanted if runs is None else wanted[:runs]
    watch("", len(chosen) + 1)
    together = _outcome(store, old, new, now, named)
    outcomes = dict.fromkeys(movers if single else (), together) | {every: together}
    for some in chosen:
        watch(", ".join(changes[number].key for number in sorted(some)), len(chosen) + 1)
        outcomes[some] = _outcome(store, old, movers[some], now, named)
    found = []
    for number, (change, one) in enumerate(zip(changes, tried, strict=True)):
        outcome = outcomes.get(one.changes) if one else None
        if outcome:
            effect = outcome.effect
        elif one is None:
            effect = Effect.INSEPARABLE
        else:
            effect = Effect.LEFT_OUT if one.changes in movers else Effect.NOTHING
        beside = tuple(changes[other] for other in sorted(one.changes - {number})) if one else ()
        found.append(Judged(change, effect, beside, outcome, _pulls(change, old, new), _writes(change)))
    return Preview(tuple(found), together)


# ── one change alone ─────────────────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True)
class _Alone:
    """The old configuration with some of the changes, by number: one, and those that it needs."""

    config: Config
    changes: frozenset[int]


def _alone(old: Config, changes: Sequence[Difference], number: int, restore: Restore) -> _Alone | None:
    """The old configuration with this change, and with those that are needed for it to be one; None where even those
    that its faults point at do not make it one."""
    chosen = _with_needs({number}, changes)
    while True:
        try:
            made = restore(applied(old.given, [changes[one] for one in sorted(chosen)]))
        except ConfigError as fault:
            places = [problem.place for problem in fault.problems]
            named = {one for one, change in enumerate(changes) if any(_stands_at(change, place) for place in places)}
            more = _with_needs(named - chosen, changes) - chosen
            if not more:
                return None
            chosen |= more
        else:
            return _Alone(made, frozenset(chosen))


def _with_needs(numbers: set[int], changes: Sequence[Difference]) -> set[int]:
    found: set[int] = set()
    waiting = list(numbers)
    while waiting:
        number = waiting.pop()
        if number not in found:
            found.add(number)
            waiting += changes[number].needs
    return found


def _stands_at(change: Difference, place: str) -> bool:
    return f": [{'.'.join(change.table)}]" in place


def _matters(old: Config, new: Config, now: datetime) -> bool:
    """Whether links, or progress and status, can be others; owners, titles and all about writing move neither."""
    return _judged_by(old, now) != _judged_by(new, now) or _measured_by(old) != _measured_by(new)


def _judged_by(config: Config, now: datetime) -> tuple[object, ...]:
    entries = {source.id: (source.kind, source.entries) for source in config.sources}
    return mapping.fingerprint(config.goals, config.rules, now), entries


def _measured_by(config: Config) -> tuple[object, ...]:
    goals = config.goals
    return (
        config.thresholds,
        goals.timezone,
        [replace(one, title="", owner=None) for one in goals.objectives.values()],
        [replace(one, title="", owner=None, write_to=()) for one in goals.key_results.values()],
    )


def _pulls(change: Difference, old: Config, new: Config) -> bool:
    """Whether a source is to be read otherwise than before, or more of it."""
    if change.path[0] not in ("sources", "writeback") or change.how is How.DROPPED:
        return False
    before, after = (
        {one.id: (one.settings if change.path[0] == "sources" else one.written) for one in config.sources}
        for config in (old, new)
    )
    source = change.path[1] if len(change.path) > 1 else ""
    return after.get(source) != before.get(source)


def _writes(change: Difference) -> bool:
    return change.path[0] == "writeback" or change.path[-1] in WRITING


# ── one configuration against another ────────────────────────────────────────────────────────────────────────────────


def _outcome(store: Store, old: Config, new: Config, now: datetime, named: int) -> Outcome:
    """The two link jobs one after the other, and what is different after the second; then all of it is undone."""
    try:
        with store.trial() as tx:
            relink(tx, old, now)
            before, stood, doubted = decisions(tx), assess(tx, old, now), _suspects(tx, old)
            relink(tx, new, now)
            after, stands, doubtful = decisions(tx), assess(tx, new, now), _suspects(tx, new) - doubted
            suspect = Counter(goal for goal, _ in doubtful)
            return replace(_compared(tx, before, after, stood, stands, named), suspect=suspect)
    except StoreError as fault:
        if faults.is_locked(fault):
            raise Busy(
                f"{str(fault).partition(' is locked')[0]} is being written to by another okrsync; when it is done, "
                "type the command again"
            ) from fault
        raise


def _suspects(tx: Connection, config: Config) -> set[tuple[str, int]]:
    """The goal and the item of each link that was made before its goal was reworded."""
    return {(goal, one.uid) for goal, found in revisions.suspects(tx, config.goals).items() for one in found}


def _compared(
    tx: Connection, before: Decisions, after: Decisions, stood: Assessment, stands: Assessment, named: int
) -> Outcome:
    moved: dict[Movement, Moved] = {}
    rest = _changed(before, after)
    while batch := list(islice(rest, BATCH)):
        changed = {uid: (old, new) for uid, old, new in batch}
        for one in weighed(tx, list(changed)):
            old, new = changed[one.uid]
            for movement in _movements(old, new):
                held = moved.setdefault(movement, Moved(named))
                held.add(one)
                if movement in (Movement.ORPHANED, Movement.RECLASSED) and new and new.orphan:
                    held.classes[new.orphan] += 1
                if movement is Movement.MOVED and old and new:
                    held.routes[", ".join(old.targets), ", ".join(new.targets)] += 1
    return Outcome(
        before=_totals(before),
        after=_totals(after),
        moved={movement: moved[movement] for movement in Movement if movement in moved},
        goals=dict(_shifted(_standings(before, stood), _standings(after, stands))),
        freshness=stood.freshness,
    )


def _changed(before: Decisions, after: Decisions) -> Iterator[tuple[int, Decision | None, Decision | None]]:
    """The items of which something else is decided, by growing uid; None: it does not count."""
    known = {meaning: code for code, meaning in enumerate(after.meanings)}
    same = [known.get(meaning, -1) for meaning in before.meanings]
    here = there = 0
    while here < len(before.uids) or there < len(after.uids):
        left = before.uids[here] if here < len(before.uids) else None
        right = after.uids[there] if there < len(after.uids) else None
        if left is not None and left == right:
            if same[before.codes[here]] != after.codes[there]:
                yield left, before.meanings[before.codes[here]], after.meanings[after.codes[there]]
            here, there = here + 1, there + 1
        elif right is None or (left is not None and left < right):
            assert left is not None
            yield left, before.meanings[before.codes[here]], None
            here += 1
        else:
            yield right, None, after.meanings[after.codes[there]]
            there += 1


def _movements(old: Decision | None, new: Decision | None) -> Iterator[Movement]:
    was, now = old.kind if old else None, new.kind if new else None
    if now is None:
        yield Movement.LEFT
    elif was is not now:
        yield _ARRIVED[now]
    elif old and new:
        if old.orphan is not new.orphan:
            yield Movement.RECLASSED
        if old.targets != new.targets:
            yield Movement.MOVED
    if was is VerdictKind.EXEMPT and now is not was and now is not None:
        yield Movement.UNEXEMPTED


_ARRIVED = {
    VerdictKind.TRACED: Movement.LINKED,
    VerdictKind.EXEMPT: Movement.EXEMPTED,
    VerdictKind.ORPHAN: Movement.ORPHANED,
    VerdictKind.UNRESOLVABLE: Movement.UNRESOLVED,
}


def _totals(held: Decisions) -> dict[VerdictKind, int]:
    totals = dict.fromkeys(VerdictKind, 0)
    for code, count in Counter(held.codes).items():
        totals[held.meanings[code].kind] += count
    return totals


def _standings(held: Decisions, assessment: Assessment) -> dict[str, Standing]:
    items: Counter[str] = Counter()
    for code, count in Counter(held.codes).items():
        items.update(dict.fromkeys(held.meanings[code].targets, count))
    states: dict[str, Progress | ObjectiveProgress] = {**assessment.objectives, **assessment.progress}
    return {goal: Standing(items[goal], state.progress, state.status) for goal, state in states.items()}


def _shifted(
    before: Mapping[str, Standing], after: Mapping[str, Standing]
) -> Iterator[tuple[str, tuple[Standing | None, Standing | None]]]:
    for goal in dict.fromkeys((*before, *after)):
        was, now = before.get(goal), after.get(goal)
        if was != now:
            yield goal, (was, now)


def _first(one: Weighed) -> tuple[bool, float, int]:
    return not one.open, -(one.points or 0.0), one.uid
