"""Who depends on whom: what has to be judged again after a change, and what has to be seen to judge it.

*Above* an item stand its parents and epics, what a pull request or a commit closes, names or reverts, and the pull
request that became a commit; *below* is the reverse. A key means every item of every source that has it, or had it: two
that share one make a reference ambiguous. A revert may name a commit by the start of its sha.

What an item was once above or below counts too where it is asked for: what it served in the past depends on it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, partial
from typing import Any, TypeAlias

from sqlalchemy import BindParameter, ColumnElement, Connection, Table, and_, bindparam, exists, func, literal, select

from okrsync.model import ItemKind, ReferenceKind
from okrsync.store import tables as t
from okrsync.store.bulk import AnySelect, Many, among, raw

CLIMBS = (ReferenceKind.PARENT.value, ReferenceKind.EPIC.value)
"""The references by which an item reaches its parents."""

NAMES = (ReferenceKind.CLOSES.value, ReferenceKind.MENTIONS.value, ReferenceKind.REVERTS.value)
"""Those by which a pull request or a commit reaches what it belongs to."""

SHORTEST, FULL = 7, 40
"""The digits of a sha that name a commit, at least and in full."""

_UP = t.reference.c.kind.in_((*CLIMBS, *NAMES))
_BY_KEY = and_(t.KEYED, _UP)
_BY_START = and_(
    t.REVERTING,
    func.length(t.reference.c.folded).between(SHORTEST, FULL - 1),
    ~t.reference.c.folded.contains("#", autoescape=True),
)
_COMMIT = t.item.c.kind == ItemKind.COMMIT.value
_OTHER = t.item.alias("other")

# which ways anybody takes: made once, for they are looked up whenever anything is judged
_KEYED, _MERGED, _MOVED = (select(exists().where(way)) for way in (_BY_KEY, t.MERGED, t.MOVED))
_LENGTHS = select(func.length(t.reference.c.folded)).where(_BY_START).distinct()

Uids: TypeAlias = "BindParameter[Any]"
Step: TypeAlias = Callable[[Uids], AnySelect]
"""From these uids to those that stand one step further down; on the way up, with the uid that each stands above."""

_FRESH: Uids = bindparam("fresh", type_=Many(numbers=True))

Walk: TypeAlias = Callable[[Iterable[int]], set[int]]
"""From these uids to themselves and all that is reached from them."""


@dataclass(frozen=True, slots=True)
class Ever:
    """What stands or once stood above and below.

    ``uids``: among which of them that is known. They hold all that was ever above one of them, so ``above`` misses
    nothing; ``below`` tells what is below and among them. None: of all items.
    """

    uids: set[int] | None
    above: Walk
    below: Walk


class Dependencies:
    """What depends on what, as it is stored now. Ways that nobody takes are not looked at."""

    def __init__(self, tx: Connection) -> None:
        self._tx = tx
        keyed, merged, moved = (bool(tx.scalar(way)) for way in (_KEYED, _MERGED, _MOVED))
        lengths = list(tx.scalars(_LENGTHS))
        self._down = _taken(
            {_children: True, _naming: keyed, _became: merged} | {_reverting(length): True for length in lengths}
        )
        self._up = _taken({_parents: True, _named: keyed, _was: merged, _reverted: bool(lengths)})
        self._down_before, self._up_before = _taken({_left: moved}), _taken({_parted: moved})

    def below(self, uids: Iterable[int], *, former: bool = True) -> set[int]:
        """These items, and all whose verdicts depend on them; with ``former`` also what was below them before."""
        steps = [*self._down, *self._down_before] if former else self._down
        return _closure(uids, lambda fresh: {uid for step in steps for (uid,) in self._took(step, fresh)})

    def above(self, uids: Iterable[int], *, former: bool = False) -> set[int]:
        """These items, and all on which their verdicts depend; with ``former`` also what they depended on before."""
        return _closure(uids, lambda fresh: {above for _, above in self._ups(fresh, former=former)})

    def ever(self, uids: Iterable[int] | None) -> Ever:
        """What is and was above and below: among these items and all above them, which is read now and once; or of
        all (None), read whenever it is asked for."""
        if uids is None:
            return Ever(None, partial(self.above, former=True), self.below)
        up: defaultdict[int, list[int]] = defaultdict(list)
        down: defaultdict[int, list[int]] = defaultdict(list)

        def climb(fresh: Sequence[int]) -> set[int]:
            found = set()
            for below, above in self._ups(fresh, former=True):
                up[below].append(above)
                down[above].append(below)
                found.add(above)
            return found

        return Ever(_closure(uids, climb), partial(_along, up), partial(_along, down))

    def _ups(self, uids: Sequence[int], *, former: bool) -> Iterator[tuple[int, int]]:
        """(uid, uid of what stands right above it), twice where two ways lead there."""
        for step in [*self._up, *self._up_before] if former else self._up:
            yield from self._took(step, uids)

    def _took(self, step: AnySelect, fresh: Sequence[int]) -> Iterator[tuple[Any, ...]]:
        return raw(self._tx, step, {_FRESH.key: fresh}, few=True)


def _closure(start: Iterable[int], step: Callable[[Sequence[int]], set[int]]) -> set[int]:
    """``start`` and all that is reached from it, a step at a time: PostgreSQL, which cannot guess how far one recursive
    statement goes, would read whole tables for it."""
    reached = set(start)
    fresh = list(reached)
    while fresh:
        fresh = list(step(fresh) - reached)
        reached.update(fresh)
    return reached


def _along(ways: Mapping[int, Sequence[int]], start: Iterable[int]) -> set[int]:
    """``start`` and all that is reached from it by ways that are known."""
    return _closure(start, lambda fresh: {uid for one in fresh for uid in ways.get(one, ())})


def _taken(steps: Mapping[Step, bool]) -> list[AnySelect]:
    """Their statements."""
    return [_written(step) for step, taken in steps.items() if taken]


@cache
def _written(step: Step) -> AnySelect:
    """Once for all: a chain of ten thousand parents is as many steps."""
    return step(_FRESH)


# ── by id ────────────────────────────────────────────────────────────────────────────────────────────────────────────


def _children(uids: Uids) -> AnySelect:
    item, reference = t.item.c, t.reference.c
    names_it = and_(reference.source == item.source, reference.target_id == item.remote_id, _UP)
    return select(reference.uid).join(t.item, names_it).where(among(item.uid, uids))


def _parents(uids: Uids) -> AnySelect:
    item, reference = t.item.c, t.reference.c
    is_named = and_(item.source == reference.source, item.remote_id == reference.target_id)
    pairs = select(reference.uid, item.uid).select_from(t.reference).join(t.item, is_named)
    return pairs.where(among(reference.uid, uids), _UP)


# ── by key ───────────────────────────────────────────────────────────────────────────────────────────────────────────


def _naming(uids: Uids) -> AnySelect:
    now = select(t.item.c.folded).where(among(t.item.c.uid, uids))
    before = select(t.alias.c.folded).where(among(t.alias.c.uid, uids))
    return select(t.reference.c.uid).where(_BY_KEY, t.reference.c.folded.in_(now.union(before)))


def _named(uids: Uids) -> AnySelect:
    reference = t.reference.c

    def named(keys: Table) -> AnySelect:
        pairs = select(reference.uid.label("below"), keys.c.uid.label("above")).select_from(t.reference)
        return pairs.join(keys, keys.c.folded == reference.folded).where(among(reference.uid, uids), _BY_KEY)

    either = named(t.item).union_all(named(t.alias)).subquery()
    return select(either.c.below, either.c.above)


# ── by the past ──────────────────────────────────────────────────────────────────────────────────────────────────────


def _left(uids: Uids) -> AnySelect:
    """What was once below these items."""
    ids = select(t.item.c.source, t.item.c.remote_id).where(among(t.item.c.uid, uids)).cte("ids")
    return (
        select(t.change.c.uid)
        .select_from(ids)
        .join(t.change, and_(t.MOVED, t.change.c.before == ids.c.remote_id))
        .join(_OTHER, and_(_OTHER.c.uid == t.change.c.uid, _OTHER.c.source == ids.c.source))
    )


def _parted(uids: Uids) -> AnySelect:
    """What was once above these items."""
    return (
        select(t.change.c.uid, _OTHER.c.uid)
        .select_from(t.change)
        .join(t.item, t.item.c.uid == t.change.c.uid)
        .join(_OTHER, and_(_OTHER.c.source == t.item.c.source, _OTHER.c.remote_id == t.change.c.before))
        .where(among(t.change.c.uid, uids), t.MOVED)
    )


# ── by sha ───────────────────────────────────────────────────────────────────────────────────────────────────────────


def _became(uids: Uids) -> AnySelect:
    """The commits that these pull requests became; a sha is one whatever repository holds it."""
    shas = select(t.reference.c.folded).where(among(t.reference.c.uid, uids), t.MERGED)
    return select(t.item.c.uid).where(t.item.c.folded.in_(shas))


def _was(uids: Uids) -> AnySelect:
    """The pull requests that became these commits."""
    became = and_(t.MERGED, t.reference.c.folded == t.item.c.folded)
    pairs = select(t.item.c.uid, t.reference.c.uid).select_from(t.item).join(t.reference, became)
    return pairs.where(among(t.item.c.uid, uids), _COMMIT)


@cache
def _reverting(length: int) -> Step:
    """What reverts these commits by so many digits."""

    def step(uids: Uids) -> AnySelect:
        starts = select(func.substr(t.item.c.folded, 1, length)).where(among(t.item.c.uid, uids), _COMMIT)
        return select(t.reference.c.uid).where(t.REVERTING, t.reference.c.folded.in_(starts))

    return step


def _reverted(uids: Uids) -> AnySelect:
    """The commits whose shas begin as these items say."""
    return (
        select(t.reference.c.uid, t.item.c.uid)
        .select_from(t.reference)
        .join(t.item, begins_with(t.reference.c.folded))
        .where(among(t.reference.c.uid, uids), _BY_START)
    )


def begins_with(start: str | ColumnElement[str]) -> ColumnElement[bool]:
    """The item is a commit whose sha begins so; in a form that an index serves."""
    first = literal(start) if isinstance(start, str) else start
    return and_(t.item.c.folded >= first, t.item.c.folded < first + "g", _COMMIT)
