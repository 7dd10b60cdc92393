"""All tickets with what their effort in a period takes to tell, in few columns: the database says it of those whose
present state tells it, and only the others are told by their histories."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

import numpy as np
from sqlalchemy import ColumnElement, Connection, and_, case, func, literal, or_, select

from okrsync.model import ChangeKind, ItemKind, State, Thresholds
from okrsync.store import parents
from okrsync.store import tables as t
from okrsync.store.bulk import AnySelect, among, raw
from okrsync.store.tickets import Chosen
from okrsync.store.weighed import integers
from okrsync.store.worked import STATE, VERDICT, WINDOW, lives_of
from rollup.scope import is_cancelled, refusals
from rollup.worked import WORK, Period, tell
from rollup.workload import KINDS, NEVER, Array, Names

Scale = Callable[[str, str, str | None], tuple[str, ...]]
"""From the source, the project and the labels (as they are stored), to the scale that estimates have there."""

_WORKED, _UNCLEAR = 1, 2


def spent(
    tx: Connection,
    pairs: Array,
    since: datetime,
    until: datetime,
    scale: Scale,
    thresholds: Thresholds,
    *,
    labels: bool,
) -> tuple[Array, list[str | None]]:
    """All counted tickets by growing uid, of which ``now`` tells those worked on from ``since`` until ``until``, and
    the scales, whose places are in ``group``. ``pairs`` tell the parents (:func:`okrsync.store.parents.every`);
    ``labels``: the scales depend on them."""
    groups, refused = Names(), refusals(thresholds)
    places: dict[tuple[str, str, str | None], int] = {}
    given_up: dict[str | None, bool] = {}
    statement = _statement(since, until, labels=labels)
    last = tx.scalar(select(func.max(t.item.c.uid))) or 0
    windows = [np.zeros(0, WORK)]
    unclear = [integers(tx, _moved_later(until), 1)[:, 0]]
    for first in range(0, last + 1, WINDOW):
        rows = list(raw(tx, statement.where(t.item.c.uid.between(first, first + WINDOW - 1))))
        if not rows:
            continue
        uid, source, project, label, code, resolution, points = zip(*rows, strict=True)
        where = list(zip(source, project, label, strict=True))
        for place in {*where} - places.keys():
            places[place] = groups.place("\0".join(scale(*place)))
        for one in {*resolution} - given_up.keys():
            given_up[one] = is_cancelled(one, refused)
        work = np.zeros(len(rows), WORK)
        work["uid"], work["points"], codes = uid, points, np.array(code)
        work["group"] = [places[one] for one in where]
        work["given_up"] = [given_up[one] for one in resolution]
        work["verdict"], work["now"] = codes % 8, codes // 8 == _WORKED
        unclear.append(work["uid"][codes // 8 == _UNCLEAR])
        windows.append(work)
    every = np.concatenate(windows)
    every["kind"] = KINDS.index(ItemKind.TICKET)
    every["parent"] = parents.of(pairs, every["uid"])
    _tell(tx, every, np.flatnonzero(np.isin(every["uid"], np.concatenate(unclear))), Period(since, until))
    return every, groups.known


def _statement(since: datetime, until: datetime, *, labels: bool) -> AnySelect:
    item = t.item.c
    done, begun = (item.state == state.value for state in (State.DONE, State.IN_PROGRESS))
    ended = and_(done, item.completed_at >= since, item.completed_at <= until)
    unclear = or_(item.completed_at > until, and_(done, item.completed_at.is_(None)))
    when: ColumnElement[int] = case(
        (unclear, _UNCLEAR), (and_(item.created_at <= until, or_(begun, ended)), _WORKED), else_=0
    )
    return (
        select(
            *(item.uid, item.source, item.project, item.labels if labels else literal(None)),
            *(VERDICT + 8 * when, item.resolution, item.points),
        )
        .outerjoin(t.verdict, t.verdict.c.uid == item.uid)
        .where(t.LIVE, item.kind == ItemKind.TICKET.value)
        .order_by(item.uid)
    )


def _moved_later(until: datetime) -> AnySelect:
    """The items whose state is another one now than it was then, or may be."""
    change = t.change.c
    return select(change.uid).distinct().where(change.kind == ChangeKind.STATE.value, change.at > until)


def _tell(tx: Connection, work: Array, rows: Array, period: Period) -> None:
    """Fill in which of the items in these rows were worked on, as their histories tell it."""
    item = t.item.c
    for first in range(0, len(rows), WINDOW):
        piece = rows[first : first + WINDOW]
        some, uids = work[piece], work["uid"][piece].tolist()
        facts = select(STATE, item.created_at, func.coalesce(item.completed_at, NEVER)).where(among(item.uid, uids))
        state, created, completed = integers(tx, facts.order_by(item.uid), 3).T
        some["state"] = state
        tell(some, created, completed, lives_of(tx, some, completed, _these(uids)), period)
        work["now"][piece] = some["now"]


def _these(uids: list[int]) -> Chosen:
    return lambda uid: among(uid, uids)
