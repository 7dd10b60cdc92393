"""When items were worked on and what they served then, straight from their rows into columns (``rollup.worked``)."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

import numpy as np
from sqlalchemy import ColumnElement, Connection, case, func, literal, or_, select, true

from okrsync.model import ChangeKind, ItemKind, State, Thresholds
from okrsync.store import parents
from okrsync.store import tables as t
from okrsync.store.bulk import in_columns, raw
from okrsync.store.tickets import Chosen
from rollup.history import CHANGE, Lives, lives
from rollup.scope import is_cancelled, refusals
from rollup.worked import EVER, HELD, VERDICTS, WORK, Period, tell, tell_served
from rollup.workload import KINDS, NEVER, STATES, Array, Names

WINDOW = 1 << 16
"""So many uids are read at once: memory stays the same however many there are."""

MOVING = np.dtype([("uid", "<i8"), ("completed", "<i8"), ("state", "u1")])
"""What it takes to tell when an item moved."""


class Seat(NamedTuple):
    """Of items from one source and project with the same labels: whose scale their estimates have, and their ``place``,
    whatever that means to whoever asks."""

    scale: tuple[str, ...]
    place: int = 0


Seats = Callable[[str, str, str | None], Seat]
"""From the source, the project and the labels (as they are stored)."""

Alive = Callable[[str], int]
"""From a goal, to the bits of the ends (``Period.spans``) at which it took work."""

_STATES = {state.value: place for place, state in enumerate(STATES)}
_UNKNOWN = _STATES[State.UNKNOWN.value]


def _place(column: ColumnElement[Any], names: Sequence[str | None]) -> ColumnElement[int]:
    """The place of what stands in the column: numbers are read in a third of the time that texts take."""
    return case({name: place for place, name in enumerate(names) if name is not None}, value=column, else_=0)


STATE = _place(t.item.c.state, STATES)
"""The state of an item, as a place in STATES."""
VERDICT = _place(t.verdict.c.kind, [kind and kind.value for kind in VERDICTS])
"""The verdict on an item, as a place in VERDICTS."""
_CODE = _place(t.item.c.kind, KINDS) + 8 * STATE + 64 * VERDICT
"""Kind, state and verdict of an item in one number."""


@dataclass(frozen=True, slots=True, eq=False)
class Records:
    """What is known of some items by growing uid, whatever the period: what ``work`` says by weeks is not told yet."""

    work: Array
    created: Array
    completed: Array
    lives: Lives
    held: Array  # links, those that ended too, by growing uid
    targets: Sequence[str | None]  # what the places in ``held`` mean; of records that are read later there may be more

    def sealed(self) -> Records:
        """The same, of which nothing can be changed any more."""
        lives = self.lives
        arrays = (self.work, self.created, self.completed, self.held)
        for one in (*arrays, lives.first, lives.bounds, lives.at, lives.state, lives.run):
            one.setflags(write=False)
        return self

    def told(self, period: Period, alive: Alive) -> Array:
        """The items as they were worked on in a period."""
        work = self.work.copy()
        tell(work, self.created, self.completed, self.lives, period)
        bits = np.array([alive(name) for name in self.targets if name is not None], np.uint32)
        tell_served(work, self.held, bits, period)
        return work


def records(
    tx: Connection,
    seats: Seats,
    thresholds: Thresholds,
    *,
    labels: bool,
    groups: Names,
    people: Names | None = None,
    since: datetime | None = None,
) -> Iterator[Records]:
    """All counted tickets, and what else was judged, by growing uid, part by part as they are asked for; ``labels``:
    the seats depend on them. Links that ended before ``since`` are left out, for periods that begin no earlier.

    The names of the scales join ``groups``, those of the assignees ``people``: the columns hold their places. Where
    people are not given, nobody's name is read.
    """
    reader = _Reader(tx, seats, refusals(thresholds), labels, groups, people, since)
    last = tx.scalar(select(func.max(t.item.c.uid))) or 0
    for start in range(0, last + 1, WINDOW):
        yield reader.window(start, start + WINDOW - 1)


def worked(parts: Iterable[Records], period: Period, alive: Alive = lambda _: EVER) -> Array:
    """What all these records tell of a period."""
    return np.concatenate([np.zeros(0, WORK), *(part.told(period, alive) for part in parts)])


def lives_of(tx: Connection, work: Array, completed: Array, chosen: Chosen) -> Lives:
    """When the items of ``work``, which are those that are chosen, moved from state to state."""
    change = t.change.c
    moves = select(change.uid, change.at, change.before, change.after)
    moves = moves.where(change.kind == ChangeKind.STATE.value, chosen(change.uid))
    uid, at, before, after = in_columns(raw(tx, moves.order_by(change.uid, change.n)), 4)
    told = np.zeros(len(uid), CHANGE)
    told["uid"], told["at"] = uid, at
    told["before"], told["after"] = ([_STATES.get(one, _UNKNOWN) for one in states] for states in (before, after))
    items = np.zeros(len(work), MOVING)
    items["uid"], items["state"], items["completed"] = work["uid"], work["state"], completed
    return lives(items, told)


class _Reader:
    def __init__(
        self,
        tx: Connection,
        seats: Seats,
        refused: Collection[str],
        labels: bool,
        groups: Names,
        people: Names | None,
        since: datetime | None,
    ) -> None:
        self._tx = tx
        self._seats = seats
        self._refused = refused
        self._labels = t.item.c.labels if labels else literal(None)
        self._people = people
        self._assignee = literal(None) if people is None else t.item.c.assignee
        self._groups = groups
        self._places: dict[tuple[str, str, str | None], tuple[int, int]] = {}
        self._since = since
        self._targets = Names()
        self._parents = parents.every(tx)

    def window(self, first: int, last: int) -> Records:
        """What is counted between these uids."""

        def chosen(column: ColumnElement[Any]) -> ColumnElement[bool]:
            return column.between(first, last)

        item, verdict = t.item.c, t.verdict.c
        statement = (
            select(
                *(item.uid, item.source, item.project, self._labels, _CODE, item.resolution, item.points),
                *(item.created_at, func.coalesce(item.completed_at, NEVER), self._assignee),
            )
            .outerjoin(t.verdict, verdict.uid == item.uid)
            .where(t.LIVE, chosen(item.uid), or_(item.kind == ItemKind.TICKET.value, verdict.kind.is_not(None)))
            .order_by(item.uid)
        )
        columns = in_columns(raw(self._tx, statement), len(statement.selected_columns))
        uid, source, project, labels, code, resolution, points, created, completed, who = columns
        work = np.zeros(len(uid), WORK)
        work["uid"], work["points"] = uid, points
        work["parent"] = parents.of(self._parents, work["uid"])
        codes = np.array(code, np.int64)
        work["kind"], work["state"], work["verdict"] = codes % 8, codes // 8 % 8, codes // 64
        given_up = {one: is_cancelled(one, self._refused) for one in set(resolution)}
        work["given_up"] = [given_up[one] for one in resolution]
        alike: dict[tuple[str, str, str | None], int] = {}
        sorts = [alike.setdefault(one, len(alike)) for one in zip(source, project, labels, strict=True)]
        seats = np.array([self._where(*one) for one in alike], np.int64).reshape(-1, 2)[sorts]
        work["group"], work["place"] = seats.T
        work["chosen"] = True
        if self._people is not None:
            work["assignee"] = [self._people.place(one) for one in who]
        ended = np.array(completed, np.int64)
        moves = lives_of(self._tx, work, ended, chosen)
        return Records(work, np.array(created, np.int64), ended, moves, self._held(chosen), self._targets.known)

    def _where(self, source: str, project: str, labels: str | None) -> tuple[int, int]:
        known = self._places.get((source, project, labels))
        if known is None:
            seat = self._seats(source, project, labels)
            group = self._groups.place("\0".join(seat.scale))
            known = self._places[source, project, labels] = (group, seat.place)
        return known

    def _held(self, chosen: Chosen) -> Array:
        """The links that held, ever or since."""
        link = t.link.c
        held_since = true() if self._since is None else or_(link.valid_to.is_(None), link.valid_to > self._since)
        statement = (
            select(link.uid, link.valid_from, func.coalesce(link.valid_to, NEVER), link.target)
            .where(chosen(link.uid), held_since)
            .order_by(link.uid)
        )
        uid, since, until, targets = in_columns(raw(self._tx, statement), 4)
        held = np.zeros(len(uid), HELD)
        held["uid"], held["since"], held["until"] = uid, since, until
        places = {name: self._targets.place(name) for name in set(targets)}
        held["target"] = [places[name] for name in targets]
        return held
