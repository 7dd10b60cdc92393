"""Since when a ticket had been blocked at an instant of its past: by its flag, or by what it named as its blocker."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime

from okrsync.model import ChangeKind, State, Ticket
from rollup.timeline import state_at


def blocked_at(ticket: Ticket, blockers: Mapping[str, Ticket], at: datetime) -> datetime | None:
    """Since when a ticket had been blocked without a break at an instant; None where it was not.

    ``blockers`` are the tickets behind the keys that it names or named, those that are known: one that is not counts
    as open. A flag that no change ever touched stood there from the start, as ``rollup.timeline`` has it.
    """
    moments = [since for key, since in _named(ticket, blockers, at) if _open(blockers.get(key), at)]
    flagged = _flagged(ticket, at)
    return min(moments if flagged is None else [*moments, flagged], default=None)


def _flagged(ticket: Ticket, at: datetime) -> datetime | None:
    changes = [change for change in ticket.changes if change.kind is ChangeKind.FLAG]
    was = bool(changes[0].before) if changes else ticket.flagged
    since = ticket.created_at if was else None
    for change in changes:
        if change.at > at:
            break
        if not change.after:
            since = None
        elif since is None:
            since = change.at
    return since


def _named(ticket: Ticket, blockers: Mapping[str, Ticket], at: datetime) -> Iterator[tuple[str, datetime]]:
    """Each blocker that was named at an instant, and since when."""
    now = {blocker.key: blocker for blocker in ticket.blockers}
    changes = [change for change in ticket.changes if change.kind is ChangeKind.BLOCKED_BY]
    for key in now.keys() | {name for change in changes for name in (change.before, change.after) if name}:
        for since, until in _times(ticket, key, now=key in now):
            born = blockers[key].created_at if key in blockers else ticket.created_at
            told = now[key].since if until is None else None
            begun = told or since or max(ticket.created_at, born)
            if begun <= at and (until is None or until > at):
                yield key, begun


def _times(ticket: Ticket, key: str, *, now: bool) -> list[tuple[datetime | None, datetime | None]]:
    """From when to when a ticket named a blocker, the oldest first; None: nobody knows, and it still does."""
    times: list[tuple[datetime | None, datetime | None]] = []
    since, held = None, False
    for change in ticket.changes:
        if change.kind is not ChangeKind.BLOCKED_BY:
            continue
        if change.after == key:
            since, held = change.at, True
        elif change.before == key:
            if held or not times:
                times.append((since, change.at))
            since, held = None, False
    return [*times, (since, None)] if now else times


def _open(blocker: Ticket | None, at: datetime) -> bool:
    return blocker is None or state_at(blocker, at) not in (State.DONE, None)
