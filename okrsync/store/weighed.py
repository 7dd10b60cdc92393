"""Items as the roll-up weighs them, straight from their rows into columns.

Most items never become values here. Those with a history that needs to be told are read as tickets, so that what a
history means is said in one place (``rollup.timeline``).
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from itertools import chain
from typing import Any

import numpy as np
from sqlalchemy import ColumnElement, Connection, and_, case, exists, func, select

from okrsync.model import ChangeKind, ItemKind, ReferenceKind, State
from okrsync.store import tables as t
from okrsync.store import tickets
from okrsync.store.bulk import AnySelect, among, in_columns, packed, raw
from okrsync.store.closures import CLIMBS
from okrsync.store.codec import loads
from okrsync.store.tickets import Chosen
from rollup.workload import ITEM, KINDS, LINK, NEVER, NOBODY, STATES, TURN, Array, Names, facts

TOLD = (ChangeKind.STATE.value, ChangeKind.FLAG.value, ChangeKind.BLOCKED_BY.value)
"""The changes that a history is told by."""

DONE = State.DONE.value

_KINDS = {kind.value: place for place, kind in enumerate(KINDS)}
_STATES = {state.value: place for place, state in enumerate(STATES)}


@dataclass(frozen=True, slots=True)
class Columns:
    """Items, their links that hold and their later turns, each by growing uid."""

    items: Array = field(default_factory=lambda: np.zeros(0, ITEM))
    links: Array = field(default_factory=lambda: np.zeros(0, LINK))
    turns: Array = field(default_factory=lambda: np.zeros(0, TURN))


@dataclass(frozen=True, slots=True)
class Legend:
    """What the places in the columns mean."""

    sources: Names = field(default_factory=Names)
    resolutions: Names = field(default_factory=Names)
    targets: Names = field(default_factory=Names)


def weighed(tx: Connection, legend: Legend, kinds: Collection[ItemKind], chosen: Chosen) -> Columns:
    """The counted items of these kinds among the chosen that are linked now; new names join the legend."""
    item, link = t.item.c, t.link.c
    sort = packed(item.source, item.kind, item.state, item.resolution, item.flagged)
    statement = (
        select(
            *(link.uid, link.target, link.valid_from, sort, item.points),
            *(item.created_at, func.coalesce(item.completed_at, NEVER)),
        )
        .join(t.item, item.uid == link.uid)
        .where(chosen(link.uid), link.valid_to.is_(None), t.LIVE, item.kind.in_(kinds))
        .order_by(link.uid, link.target, link.valid_from)
    )
    uid, target, since, sorts, points, created, completed = in_columns(raw(tx, statement, few=True), 7)
    if not uid:
        return Columns()
    links = np.zeros(len(uid), LINK)
    links["uid"], links["since"], links["target"] = _numbers(uid), _numbers(since), _places(legend.targets, target)
    _, first = np.unique(links["uid"], return_index=True)
    items = np.zeros(len(first), ITEM)
    items["uid"] = links["uid"][first]
    items["points"] = np.array(points, float)[first]
    flagged = _sort(items, legend, [sorts[place] for place in first.tolist()])
    items["parent"] = parents_of(tx, lambda uid: and_(chosen(uid), _linked(uid)), items["uid"])
    odd = _tell(tx, chosen, items, _numbers(created)[first], _numbers(completed)[first])
    odd |= (items["state"] != _STATES[DONE]) & flagged
    return Columns(items, _earliest(links), _tell_as_tickets(tx, items, np.flatnonzero(odd)))


def _linked(uid: ColumnElement[Any]) -> ColumnElement[bool]:
    return exists(select(t.link.c.uid).where(t.link.c.uid == uid, t.link.c.valid_to.is_(None)))


def _sort(items: Array, legend: Legend, sorts: Sequence[str]) -> Array:
    """Fill in what many items have in common, of which ``sorts`` tells; which of them are flagged."""
    known = {sort: place for place, sort in enumerate(sorted(set(sorts)))}
    source, kind, state, resolution, flagged = zip(*map(loads, known), strict=True)
    places = np.fromiter(map(known.__getitem__, sorts), np.int64, len(sorts))
    items["source"] = _places(legend.sources, source)[places]
    items["resolution"] = _places(legend.resolutions, resolution)[places]
    items["kind"] = np.array([_KINDS[one] for one in kind])[places]
    items["state"] = np.array([_STATES[one] for one in state])[places]
    of_flagged: Array = np.array(flagged, bool)[places]
    return of_flagged


def _places(names: Names, values: Sequence[str | None]) -> Array:
    places = {value: names.place(value) for value in sorted(set(values), key=str)}
    return np.fromiter(map(places.__getitem__, values), np.int64, len(values))


def _earliest(links: Array) -> Array:
    """Of several links of an item to one goal the earliest."""
    links = links[np.lexsort((links["since"], links["target"], links["uid"]))]
    other = np.ones(len(links), bool)
    other[1:] = (links["uid"][1:] != links["uid"][:-1]) | (links["target"][1:] != links["target"][:-1])
    earliest: Array = links[other]
    return earliest


# ── parents ──────────────────────────────────────────────────────────────────────────────────────────────────────────


def parents_of(tx: Connection, chosen: Chosen, uids: Array) -> Array:
    """The parent of each of these items. Where only one can be it, nothing is read of that but its uid."""
    parents = np.full(len(uids), NOBODY)
    rows = integers(tx, _by_id(chosen), 3, few=True)
    mine, places = at(uids, rows[:, 0])
    parents[places] = rows[mine, 1]
    unclear = np.bincount(places, minlength=len(uids)) > 1
    unclear[places[rows[mine, 2] == 1]] = True
    if unclear.any():
        parents[unclear] = NOBODY
        some = uids[unclear].tolist()
        rows = integers(tx, tickets.parents(lambda column: among(column, some)), 2, few=True)
        rows = rows[np.diff(rows[:, 0], prepend=-1) != 0]  # the first of each
        parents[at(uids, rows[:, 0])[1]] = rows[:, 1]
    return parents


def _by_id(chosen: Chosen) -> AnySelect:
    """(uid, uid of what it names by id, whether it names it by a key alone) of every reference to a parent."""
    item, reference = t.item.c, t.reference.c
    named = and_(item.source == reference.source, item.remote_id == reference.target_id)
    by_key = case((reference.target_id.is_(None), 1), else_=0)
    return (
        select(reference.uid, func.coalesce(item.uid, NOBODY), by_key)
        .outerjoin(t.item, named)
        .where(reference.kind.in_(CLIMBS), chosen(reference.uid))
    )


# ── histories ────────────────────────────────────────────────────────────────────────────────────────────────────────


def _tell(tx: Connection, chosen: Chosen, items: Array, created: Array, completed: Array) -> Array:
    """Fill in what the plain histories of these items tell, and which are not: where it takes the order of the moves to
    know when an item was done, or whatever blocks it."""
    uids, done = items["uid"], items["state"] == _STATES[DONE]
    items["finished"] = np.where(done, completed, NEVER)
    items["done"] = np.where(done, np.maximum(np.where(completed < NEVER, completed, created), created), NEVER)
    items["blocked"] = NEVER
    moves = integers(tx, _moves(chosen), 5, few=True)
    mine, places = at(uids, moves[:, 0])
    _, left, came, last, latest = moves[mine].T
    once = (came == 1) & (last == 1)
    items["done"][places] = np.where(once, np.maximum(latest, created[places]), NEVER)
    odd = np.zeros(len(items), bool)
    odd[places] = (left > 0) | ((came > 0) & ~once) | (done[places] & (completed[places] == NEVER))
    _, held = at(uids, integers(tx, _held(chosen), 1, few=True)[:, 0])
    odd[held] |= ~done[held]
    return odd


def _tell_as_tickets(tx: Connection, items: Array, places: Array) -> Array:
    """Fill in what the histories of the items at these places tell; their later turns."""
    turns: list[tuple[int, int]] = []
    if len(places):
        some = items["uid"][places].tolist()
        histories = tickets.read(tx, chosen=lambda column: among(column, some), changes=TOLD, blockers=True)
        for place, ticket in zip(places.tolist(), histories, strict=True):
            told = facts(ticket)
            for name in ("finished", "done", "blocked"):
                items[name][place] = getattr(told, name)
            turns += [(ticket.uid, at) for at in told.turns]
    return np.array(turns, TURN)


def _moves(chosen: Chosen) -> AnySelect:
    """For each item whose state ever changed: how often it left what is done, how often it came to it, whether that was
    its last move, and the latest moment of a move."""
    change = t.change.c
    came = case((change.after == DONE, change.n))
    return (
        select(
            change.uid,
            func.count(case((change.before == DONE, 1))),
            func.count(came),
            case((func.max(came) == func.max(change.n), 1), else_=0),
            func.max(change.at),
        )
        .where(change.kind == ChangeKind.STATE.value, chosen(change.uid))
        .group_by(change.uid)
    )


def _held(chosen: Chosen) -> AnySelect:
    """The items that name one which blocks them."""
    reference = t.reference.c
    blocked = reference.kind == ReferenceKind.BLOCKED_BY.value
    return select(reference.uid).distinct().where(blocked, chosen(reference.uid))


# ── arrays ───────────────────────────────────────────────────────────────────────────────────────────────────────────


def integers(tx: Connection, statement: AnySelect, width: int, *, few: bool = False) -> Array:
    """The rows of a statement that gives so many integers each; ``few`` as in :func:`raw`."""
    return np.fromiter(chain.from_iterable(raw(tx, statement, few=few)), np.int64).reshape(-1, width)


def _numbers(values: Sequence[int]) -> Array:
    return np.fromiter(values, np.int64, len(values))


def at(uids: Array, found: Array) -> tuple[Array, Array]:
    """Which of the uids ``found`` are among ``uids``, and at which places those are."""
    places = np.minimum(np.searchsorted(uids, found), len(uids) - 1)
    mine = uids[places] == found
    return mine, places[mine]
