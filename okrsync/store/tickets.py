"""Items as the roll-up weighs them."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, and_, exists, func, select, true

from okrsync.model import Blocker, Change, ChangeKind, ItemKind, ReferenceKind, State, Ticket
from okrsync.store import codec
from okrsync.store import tables as t
from okrsync.store.bulk import AnyRow, Groups, among, stream
from okrsync.store.closures import CLIMBS
from okrsync.store.columns import Instant
from okrsync.store.verdicts import ORPHANS, VERDICTS

KINDS = {kind.value: kind for kind in ItemKind}
STATES = {state.value: state for state in State}
CHANGES = {kind.value: kind for kind in ChangeKind}

Chosen = Callable[[ColumnElement[Any]], ColumnElement[bool]]
"""Which uids are wanted, as a condition on whichever column holds them."""


Counts = Mapping[str, Collection[ItemKind]]
"""Target → the kinds of item that weigh there."""


def linked(tx: Connection, targets: Iterable[str], counts: Counts | None = None) -> dict[str, list[Ticket]]:
    """Target → the counted items linked to it now, by growing uid; ``linked_since`` is the beginning of that link.

    With ``counts``, which then names every target, items of other kinds are not read.
    """
    open_link = and_(among(t.link.c.target, list(targets)), t.link.c.valid_to.is_(None))
    links = select(t.link.c.uid, t.link.c.target, t.link.c.valid_from).where(open_link)
    uids = select(t.link.c.uid).where(open_link)
    if counts is not None:
        weighing = t.item.c.kind.in_({kind.value for kinds in counts.values() for kind in kinds})
        links, uids = (one.join(t.item, t.item.c.uid == t.link.c.uid).where(weighing) for one in (links, uids))
    since: dict[int, dict[str, datetime]] = {}
    for uid, target, begun in tx.execute(links):
        begins = since.setdefault(uid, {})
        begins[target] = min(begun, begins.get(target, begun))
    found: dict[str, list[Ticket]] = {}
    for ticket in read(tx, chosen=lambda uid: uid.in_(uids), changes=CHANGES, blockers=True):
        for target, begun in since[ticket.uid].items():
            if counts is None or ticket.kind in counts[target]:
                same = ticket.linked_since == begun
                found.setdefault(target, []).append(ticket if same else replace(ticket, linked_since=begun))
    return found


def removed(tx: Connection, windows: Mapping[str, datetime], counts: Counts | None = None) -> dict[str, int]:
    """Target → how many items (of the kinds that weigh there) lost their link to it at or after the given instant, and
    have none to it now."""
    link, still = t.link.c, t.link.alias("still")
    ended = (
        select(link.target, t.item.c.kind, func.max(link.valid_to, type_=Instant()))
        .join(t.item, t.item.c.uid == link.uid)
        .where(
            among(link.target, list(windows)),
            link.valid_to.is_not(None),
            ~exists().where(still.c.uid == link.uid, still.c.target == link.target, still.c.valid_to.is_(None)),
        )
        .group_by(link.target, link.uid, t.item.c.kind)
    )
    found: dict[str, int] = {}
    for target, kind, at in tx.execute(ended):
        if at >= windows[target] and (counts is None or KINDS[kind] in counts[target]):
            found[target] = found.get(target, 0) + 1
    return found


def counted(tx: Connection) -> Iterator[Ticket]:
    """All counted items by growing uid, with their changes of state."""
    return read(tx, changes=(ChangeKind.STATE.value,))


def read(
    tx: Connection,
    *,
    chosen: Chosen = lambda _: true(),
    changes: Collection[str] = (),
    blockers: bool = False,
) -> Iterator[Ticket]:
    """The counted items that are chosen, by growing uid, with parent, verdict and the beginning of their first link.

    ``changes`` are the kinds of change to tell.
    """
    item, link, change = t.item.c, t.link.c, t.change.c
    rows = stream(
        tx,
        select(
            *(item.uid, item.source, item.remote_id, item.key, item.kind, item.state, item.created_at, item.title),
            *(item.url, item.project, item.type, item.labels, item.assignee, item.resolution, item.completed_at),
            *(
                item.points,
                item.flagged,
                item.updated_at,
                item.head,
                t.verdict.c.kind.label("verdict"),
                t.verdict.c.orphan,
            ),
        )
        .outerjoin(t.verdict, t.verdict.c.uid == item.uid)
        .where(t.LIVE, chosen(item.uid))
        .order_by(item.uid),
    )
    links = Groups(
        stream(
            tx,
            select(link.uid, func.min(link.valid_from, type_=Instant()))
            .where(link.valid_to.is_(None), chosen(link.uid))
            .group_by(link.uid)
            .order_by(link.uid),
        )
    )
    past = Groups(
        stream(
            tx,
            select(change.uid, change.at, change.kind, change.before, change.after, change.observed)
            .where(change.kind.in_(changes), chosen(change.uid))
            .order_by(change.uid, change.n),
        )
        if changes
        else iter(())
    )
    parents = _parents(tx, chosen)
    blocking = _blockers(tx, chosen) if blockers else None
    for row in rows:
        begun = links.take(row.uid)
        above = parents.take(row.uid)
        yield Ticket(
            uid=row.uid,
            source=row.source,
            key=row.key,
            kind=KINDS[row.kind],
            state=STATES[row.state],
            created_at=row.created_at,
            title=row.title,
            url=row.url,
            project=row.project,
            type=row.type,
            labels=codec.load_labels(row.labels),
            assignee=row.assignee,
            parent=above[0][1] if above else None,
            resolution=row.resolution,
            completed_at=row.completed_at,
            points=row.points,
            flagged=row.flagged,
            blockers=tuple(_blocker(one, row.created_at) for one in blocking.take(row.uid)) if blocking else (),
            changes=tuple(
                Change(at, CHANGES[kind], before, after, observed)
                for _, at, kind, before, after, observed in past.take(row.uid)
            ),
            updated_at=row.updated_at,
            verdict=VERDICTS[row.verdict] if row.verdict else None,
            orphan=ORPHANS[row.orphan] if row.orphan else None,
            linked_since=begun[0][1] if begun else None,
            remote_id=row.remote_id,
            head=row.head,
        )


def _parents(tx: Connection, chosen: Chosen) -> Groups:
    """(uid, uid of its parent), the parent by its own field before an epic named beside it."""
    reference, by_id, by_key = t.reference.c, t.item.alias("by_id"), t.item.alias("by_key")
    parent = func.coalesce(by_id.c.uid, by_key.c.uid)
    statement = (
        select(reference.uid, parent)
        .outerjoin(by_id, and_(_has_id(by_id.c), by_id.c.deleted_at.is_(None)))
        .outerjoin(by_key, and_(_has_key(by_key.c), by_key.c.deleted_at.is_(None)))
        .where(reference.kind.in_(CLIMBS), chosen(reference.uid), parent.is_not(None))
        .order_by(reference.uid, reference.kind.desc(), reference.n)
    )
    return Groups(stream(tx, statement))


def _blockers(tx: Connection, chosen: Chosen) -> Groups:
    """Named tuples (uid, target, since) with what is stored of the blocker: key, state, created_at, deleted_at."""
    reference, by_id, by_key = t.reference.c, t.item.alias("by_id"), t.item.alias("by_key")
    stored = (
        func.coalesce(by_id.c[name], by_key.c[name], type_=t.item.c[name].type).label(name)
        for name in ("key", "state", "created_at", "deleted_at", "readable")
    )
    statement = (
        select(reference.uid, reference.target, reference.since, *stored)
        .outerjoin(by_id, _has_id(by_id.c))
        .outerjoin(by_key, _has_key(by_key.c))
        .where(reference.kind == ReferenceKind.BLOCKED_BY.value, chosen(reference.uid))
        .order_by(reference.uid, reference.n)
    )
    return Groups(stream(tx, statement))


def _has_id(item: Any) -> ColumnElement[bool]:
    """The reference names this item by its id."""
    return and_(item.source == t.reference.c.source, item.remote_id == t.reference.c.target_id)


def _has_key(item: Any) -> ColumnElement[bool]:
    """The reference has no id, and names this item of its own source by its key."""
    reference = t.reference.c
    return and_(reference.target_id.is_(None), item.folded == reference.folded, item.source == reference.source)


def _blocker(row: AnyRow, created_at: datetime) -> Blocker:
    """One of which nothing is known blocks since its link was made, else since the blocked item exists."""
    known = row.state is not None and row.readable
    return Blocker(
        key=row.key or row.target,
        open=not known or (row.state != State.DONE.value and row.deleted_at is None),
        created_at=row.created_at if known else created_at,
        since=row.since,
    )
