"""Which items had been blocked at an instant, and since when: few of all items, read as tickets some at a time."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime

from sqlalchemy import Connection, select

from okrsync.model import Change, ChangeKind, ItemKind, ReferenceKind, State, Ticket
from okrsync.store import codec, tickets
from okrsync.store import tables as t
from okrsync.store.bulk import Groups, among, stream
from okrsync.store.codec import micros
from rollup.blocks import blocked_at

SOME = 5000
"""So many items are in memory at once."""

TOLD = (ChangeKind.FLAG.value, ChangeKind.BLOCKED_BY.value)


def blocked(tx: Connection, at: datetime) -> dict[int, int]:
    """uid → since when (µs) an item that is there now had been blocked at an instant."""
    change, reference, item = t.change.c, t.reference.c, t.item.c
    told = select(change.uid).where(change.kind.in_(TOLD))
    named = select(reference.uid).where(reference.kind == ReferenceKind.BLOCKED_BY.value)
    uids = sorted(tx.scalars(told.union(named, select(item.uid).where(item.flagged))))
    found: dict[int, int] = {}
    for start in range(0, len(uids), SOME):
        some = uids[start : start + SOME]
        held = list(
            tickets.read(tx, chosen=lambda uid: among(uid, some), changes=TOLD, blockers=True, placed=False)  # noqa: B023 (read at once)
        )
        blockers = _blockers(tx, held)
        for ticket in held:
            since = blocked_at(ticket, blockers.get(ticket.source, {}), at)
            if since is not None:
                found[ticket.uid] = micros(since)
    return found


def _blockers(tx: Connection, held: Collection[Ticket]) -> Mapping[str, Mapping[str, Ticket]]:
    """Source → key → what these tickets name or named as their blockers, with its states; what was deleted ended."""
    keys = {blocker.key for ticket in held for blocker in ticket.blockers}
    keys |= {key for ticket in held for one in ticket.changes for key in (one.before, one.after)
             if key and one.kind is ChangeKind.BLOCKED_BY}  # fmt: skip
    folded = {codec.fold(key): key for key in keys}
    if not folded:
        return {}
    item, alias, change = t.item.c, t.alias.c, t.change.c
    mine = select(item.uid, item.folded).where(among(item.folded, list(folded)), item.readable)
    called = {uid: [name] for uid, name in tx.execute(mine)}
    for uid, name in tx.execute(select(alias.uid, alias.folded).where(among(alias.folded, list(folded)))):
        called.setdefault(uid, []).append(name)
    columns = (item.uid, item.source, item.key, item.kind, item.state, item.created_at, item.completed_at)
    chosen = among(item.uid, sorted(called))
    rows = stream(tx, select(*columns, item.deleted_at).where(chosen).order_by(item.uid))
    moves = select(change.uid, change.at, change.before, change.after)
    moves = moves.where(among(change.uid, sorted(called)), change.kind == ChangeKind.STATE.value)
    past = Groups(stream(tx, moves.order_by(change.uid, change.n)))
    found: dict[str, dict[str, Ticket]] = {}
    for uid, source, key, kind, state, created, completed, deleted in rows:
        changes = [Change(at, ChangeKind.STATE, before, after) for _, at, before, after in past.take(uid)]
        if deleted is not None:
            changes.append(Change(deleted, ChangeKind.STATE, state, State.DONE.value))
        known = (uid, source, key, ItemKind(kind), State(state), created)
        ticket = Ticket(*known, completed_at=completed, changes=tuple(changes))
        for name in called[uid]:
            found.setdefault(source, {})[folded[name]] = ticket
    return found
