"""When items were worked on and what they served then, straight from their rows into columns (``rollup.worked``)."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from typing import Any, NamedTuple

import numpy as np
from sqlalchemy import ColumnElement, Connection, case, func, literal, or_, select

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


def worked(
    tx: Connection,
    period: Period,
    seats: Seats,
    thresholds: Thresholds,
    *,
    labels: bool,
    alive: Alive = lambda _: EVER,
    people: Names | None = None,
    groups: Names | None = None,
) -> Array:
    """All counted tickets, and what else was judged, by growing uid; ``labels``: the seats depend on them.

    The names of the scales join ``groups``, those of the assignees ``people``: the columns hold their places. Where
    people are not given, nobody's name is read.
    """
    reader = _Reader(
        tx, period, seats, refusals(thresholds), labels, alive, people, Names() if groups is None else groups
    )
    last = tx.scalar(select(func.max(t.item.c.uid))) or 0
    windows = [reader.window(start, start + WINDOW - 1) for start in range(0, last + 1, WINDOW)]
    work = np.concatenate([np.zeros(0, WORK), *windows])
    work["parent"] = parents.of(parents.every(tx), work["uid"])
    return work


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
        period: Period,
        seats: Seats,
        refused: Collection[str],
        labels: bool,
        alive: Alive,
        people: Names | None,
        groups: Names,
    ) -> None:
        self._tx = tx
        self._period = period
        self._seats = seats
        self._refused = refused
        self._labels = t.item.c.labels if labels else literal(None)
        self._alive = alive
        self._people = people
        self._assignee = literal(None) if people is None else t.item.c.assignee
        self._groups = groups
        self._places: dict[tuple[str, str, str | None], tuple[int, int]] = {}
        self._targets = Names()

    def window(self, first: int, last: int) -> Array:
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
        if not uid:
            return work
        work["uid"], work["points"] = uid, points
        codes = np.array(code)
        work["kind"], work["state"], work["verdict"] = codes % 8, codes // 8 % 8, codes // 64
        given_up = {one: is_cancelled(one, self._refused) for one in set(resolution)}
        work["given_up"] = [given_up[one] for one in resolution]
        alike: dict[tuple[str, str, str | None], int] = {}
        sorts = [alike.setdefault(one, len(alike)) for one in zip(source, project, labels, strict=True)]
        seats = np.array([self._where(*one) for one in alike], np.int64)[sorts]
        work["group"], work["place"] = seats.T
        work["chosen"] = True
        if self._people is not None:
            work["assignee"] = [self._people.place(one) for one in who]
        ended = np.array(completed)
        tell(work, np.array(created), ended, lives_of(self._tx, work, ended, chosen), self._period)
        tell_served(work, *self._held(chosen), self._period)
        return work

    def _where(self, source: str, project: str, labels: str | None) -> tuple[int, int]:
        known = self._places.get((source, project, labels))
        if known is None:
            seat = self._seats(source, project, labels)
            group = self._groups.place("\0".join(seat.scale))
            known = self._places[source, project, labels] = (group, seat.place)
        return known

    def _held(self, chosen: Chosen) -> tuple[Array, Array]:
        """The links that held at any of the ends, and when their goals took work."""
        link, ends = t.link.c, min(last for _, _, last in self._period.spans)
        statement = (
            select(link.uid, link.valid_from, func.coalesce(link.valid_to, NEVER), link.target)
            .where(chosen(link.uid), or_(link.valid_to.is_(None), link.valid_to > ends))
            .order_by(link.uid)
        )
        uid, since, until, targets = in_columns(raw(self._tx, statement), 4)
        held = np.zeros(len(uid), HELD)
        held["uid"], held["since"], held["until"] = uid, since, until
        places = {name: self._targets.place(name) for name in set(targets)}
        held["target"] = [places[name] for name in targets]
        alive = [self._alive(name) for name in self._targets.known if name is not None]
        return held, np.array(alive, np.uint32)
