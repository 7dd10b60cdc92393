"""When items were worked on, straight from their rows into columns (``rollup.worked``)."""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import Any

import numpy as np
from sqlalchemy import ColumnElement, Connection, func, literal, or_, select

from okrsync.model import ChangeKind, ItemKind, State, Thresholds
from okrsync.store import codec, tickets
from okrsync.store import tables as t
from okrsync.store.bulk import AnySelect, among, raw
from okrsync.store.tickets import Chosen
from okrsync.store.weighed import at, integers, parents_of
from rollup.scope import is_cancelled, refusals
from rollup.worked import VERDICTS, WORK, Period, tell, tell_by_history
from rollup.workload import KINDS, NEVER, STATES, Array, Names

WINDOW = 1 << 16
"""So many uids are read at once: memory stays the same however many there are."""

MOVES = (ChangeKind.STATE.value,)

Place = Callable[[str, str, str | None], tuple[tuple[str, ...], bool]]
"""From the source, the project and the labels (as they are stored) of an item: whose scale its estimates have, and
whether its effort is asked for."""

_KINDS = {kind.value: place for place, kind in enumerate(KINDS)}
_STATES = {state.value: place for place, state in enumerate(STATES)}
_VERDICTS = {verdict and verdict.value: place for place, verdict in enumerate(VERDICTS)}
_DONE, _BEGUN = _STATES[State.DONE.value], _STATES[State.IN_PROGRESS.value]


def worked(tx: Connection, period: Period, place: Place, thresholds: Thresholds, *, labels: bool) -> Array:
    """All counted tickets, and what else was judged, by growing uid; ``labels``: the place asks for them."""
    reader = _Reader(tx, period, place, refusals(thresholds), labels)
    last = tx.scalar(select(func.max(t.item.c.uid))) or 0
    windows = [reader.window(start, start + WINDOW - 1) for start in range(0, last + 1, WINDOW)]
    return np.concatenate([np.zeros(0, WORK), *windows])


class _Reader:
    def __init__(self, tx: Connection, period: Period, place: Place, refused: Collection[str], labels: bool) -> None:
        self._tx = tx
        self._period = period
        self._place = place
        self._refused = refused
        self._labels = t.item.c.labels if labels else literal(None)
        self._groups: Names = Names()
        self._places: dict[tuple[str, str, str | None], tuple[int, bool]] = {}

    def window(self, first: int, last: int) -> Array:
        """What is counted between these uids."""

        def chosen(column: ColumnElement[Any]) -> ColumnElement[bool]:
            return column.between(first, last)

        item, verdict = t.item.c, t.verdict.c
        statement = (
            select(
                *(item.uid, item.source, item.project, self._labels, item.kind, item.state, item.resolution),
                *(item.points, item.created_at, func.coalesce(item.completed_at, NEVER), verdict.kind),
            )
            .outerjoin(t.verdict, verdict.uid == item.uid)
            .where(t.LIVE, chosen(item.uid), or_(item.kind == ItemKind.TICKET.value, verdict.kind.is_not(None)))
            .order_by(item.uid)
        )
        rows = list(raw(self._tx, statement))
        work = np.zeros(len(rows), WORK)
        if not rows:
            return work
        uid, source, project, labels, kind, state, resolution, points, created, completed, judged = zip(
            *rows, strict=True
        )
        work["uid"], work["created"], work["completed"], work["points"] = uid, created, completed, points
        work["kind"] = [_KINDS[one] for one in kind]
        work["state"] = [_STATES[one] for one in state]
        work["verdict"] = [_VERDICTS[one] for one in judged]
        given_up = {one: is_cancelled(one, self._refused) for one in set(resolution)}
        work["given_up"] = [given_up[one] for one in resolution]
        where = [self._where(*one) for one in zip(source, project, labels, strict=True)]
        work["group"], work["chosen"] = zip(*where, strict=True)
        work["parent"] = parents_of(self._tx, chosen, work["uid"])
        work["linked"] = work["created"]
        linked = integers(self._tx, _linked(chosen), 2)
        mine, places = at(work["uid"], linked[:, 0])
        work["linked"][places] = linked[mine, 1]
        tell(work, self._period)
        self._tell_by_history(work, chosen)
        return work

    def _where(self, source: str, project: str, labels: str | None) -> tuple[int, bool]:
        known = self._places.get((source, project, labels))
        if known is None:
            group, asked_for = self._place(source, project, labels)
            known = self._places[source, project, labels] = (self._groups.place("\0".join(group)), asked_for)
        return known

    def _tell_by_history(self, work: Array, chosen: Chosen) -> None:
        """Of the items that moved, those whose moves matter are told as tickets; all others stand as they stood."""
        change = t.change.c
        moves = select(change.uid, change.at, change.after).where(change.kind.in_(MOVES), chosen(change.uid))
        told = [
            (uid, at, _STATES.get(after, -1)) for uid, at, after in raw(self._tx, moves.order_by(change.uid, change.n))
        ]
        rows = np.array(told, np.int64).reshape(-1, 3)
        if not len(rows):
            return
        moved, first = np.unique(rows[:, 0], return_index=True)
        latest, came_to = np.maximum.reduceat(rows[:, 1], first), rows[np.append(first[1:], len(rows)) - 1, 2]
        mine, places = at(work["uid"], moved)
        state = work["state"][places]
        odd = (latest[mine] >= codec.micros(self._period.begin)) | (came_to[mine] != state)
        odd |= (state == _BEGUN) & (work["completed"][places] < NEVER)
        work["weeks"][places[state == _DONE]] = 0  # done before the first of them
        some = work["uid"][places[odd]].tolist()
        if some:
            histories = tickets.read(self._tx, chosen=lambda column: among(column, some), changes=MOVES)
            for place, ticket in zip(places[odd].tolist(), histories, strict=True):
                tell_by_history(work[place], ticket, self._period)


def _linked(chosen: Chosen) -> AnySelect:
    link = t.link.c
    begun = select(link.uid, func.min(link.valid_from)).where(link.valid_to.is_(None), chosen(link.uid))
    return begun.group_by(link.uid)
