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
from okrsync.store.bulk import AnyRow, AnySelect, Groups, among, raw, stream
from okrsync.store.closures import CLIMBS
from okrsync.store.columns import Instant
from okrsync.store.rulings import ORPHANS, VERDICTS

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
    found: dict[str, int] = {}
    for since in set(windows.values()):
        targets = [target for target, begun in windows.items() if begun == since]
        ended = (
            select(link.target, t.item.c.kind, func.count(link.uid.distinct()))
            .join(t.item, t.item.c.uid == link.uid)
            .where(
                among(link.target, targets),
                link.valid_to >= since,
                ~exists().where(still.c.uid == link.uid, still.c.target == link.target, still.c.valid_to.is_(None)),
            )
            .group_by(link.target, t.item.c.kind)
        )
        for target, kind, count in tx.execute(ended):
            if counts is None or KINDS[kind] in counts[target]:
                found[target] = found.get(target, 0) + count
    return found


def keys(tx: Connection, uids: Collection[int]) -> dict[int, str]:
    """The keys of these items."""
    return dict(raw(tx, select(t.item.c.uid, t.item.c.key).where(among(t.item.c.uid, sorted(uids))))) if uids else {}


def called(tx: Connection, keys: Collection[str]) -> Iterator[Ticket]:
    """The counted items that have one of these keys, in any case, by growing uid."""
    folded = {codec.fold(key) for key in keys}
    if not folded:
        return iter(())
    uids = select(t.item.c.uid).where(among(t.item.c.folded, folded))
    return read(tx, chosen=lambda uid: uid.in_(uids))


def briefly(tx: Connection, uids: Collection[int], up: Mapping[int, int]) -> Iterator[Ticket]:
    """Those of these items that are counted and were judged, by growing uid, with no more than what they are, their
    labels, and their parent as ``up`` tells it."""
    item = t.item.c
    columns = (item.uid, item.source, item.key, item.kind, item.state, item.created_at, item.labels)
    rows = select(*columns).join(t.verdict, t.verdict.c.uid == item.uid).where(t.LIVE, among(item.uid, sorted(uids)))
    for uid, source, key, kind, state, created, labels in raw(tx, rows.order_by(item.uid)):
        yield Ticket(
            *(uid, source, key, KINDS[kind], STATES[state], codec.instant(created)),
            labels=codec.load_labels(labels),
            parent=up.get(uid),
        )


def read(
    tx: Connection,
    *,
    chosen: Chosen = lambda _: true(),
    changes: Collection[str] = (),
    blockers: bool = False,
    placed: bool = True,
) -> Iterator[Ticket]:
    """The counted items that are chosen, by growing uid, with their verdict, and where they are to be ``placed``, with
    their parent and the beginning of their first link.

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
        if placed
        else iter(())
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
    above = Groups(stream(tx, parents(chosen)) if placed else iter(()))
    blocking = _blockers(tx, chosen) if blockers else None
    for row in rows:
        begun = links.take(row.uid)
        up = above.take(row.uid)
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
            parent=up[0][1] if up else None,
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


def parents(chosen: Chosen) -> AnySelect:
    """(uid, uid of its parent) by growing uid, the parent by its own field before an epic named beside it,
    and the one that was stored first of two that share a key."""
    reference, by_id, by_key = t.reference.c, t.item.alias("by_id"), t.item.alias("by_key")
    parent = func.coalesce(by_id.c.uid, by_key.c.uid)
    return (
        select(reference.uid, parent)
        .outerjoin(by_id, and_(_has_id(by_id.c), by_id.c.deleted_at.is_(None)))
        .outerjoin(by_key, and_(_has_key(by_key.c), by_key.c.deleted_at.is_(None)))
        .where(reference.kind.in_(CLIMBS), chosen(reference.uid), parent.is_not(None))
        .order_by(reference.uid, reference.kind.desc(), reference.n, parent)
    )


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
