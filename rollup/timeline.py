"""When things happened to a ticket, read from its changelog; never from the time of its last update."""

from __future__ import annotations

from datetime import datetime

from okrsync.model import Change, ChangeKind, State, Ticket


def state_at(ticket: Ticket, at: datetime) -> State | None:
    """The state of a ticket at an instant; None before it was created.

    Without dated changes of its state, a ticket is done from its completion on, and before that not begun.
    """
    if at < ticket.created_at:
        return None
    moves = _moves(ticket)
    if not moves:
        if ticket.completed_at is not None and at < ticket.completed_at:
            return State.TODO
        return ticket.state
    before: str | None = moves[0].before
    for move in moves:
        if move.at > at:
            break
        before = move.after
    return State(before) if before else State.UNKNOWN


def done_turns(ticket: Ticket) -> list[datetime]:
    """The instants at which a ticket became done, ceased to be, and so on in turn, as ``state_at`` sees it: it is done
    at an instant by which an odd number of them has come."""
    moves = _moves(ticket)
    if not moves:
        since = ticket.completed_at or ticket.created_at
        return [max(since, ticket.created_at)] if ticket.state is State.DONE else []
    at, done = ticket.created_at, moves[0].before == State.DONE
    turns = [at] if done else []
    for move in moves:
        at = max(at, move.at)
        if (move.after == State.DONE) is not done:
            turns.append(at)
            done = not done
    return turns


def completed_at(ticket: Ticket, by: datetime) -> datetime | None:
    """When a ticket became done, as it stood at ``by``; None where it was not done then, or nobody knows since when.

    A ticket that was done, reopened and done again counts from the last time.
    """
    if state_at(ticket, by) is not State.DONE:
        return None
    since = None
    for move in _moves(ticket):
        if move.at > by:
            break
        if move.after != State.DONE:
            since = None
        elif since is None:
            since = move.at
    if since is None and ticket.completed_at is not None and ticket.completed_at <= by:
        return ticket.completed_at
    return since


def finished_at(ticket: Ticket) -> datetime | None:
    """When a ticket that is done now was completed; None where nobody knows."""
    if ticket.completed_at is not None:
        return ticket.completed_at
    moves = _moves(ticket)
    return completed_at(ticket, moves[-1].at) if moves else None


def linked_at(ticket: Ticket) -> datetime:
    """When a ticket came into the scope that it is in now: its link's first day, else its own."""
    return ticket.linked_since or ticket.created_at


def blocked_since(ticket: Ticket) -> datetime | None:
    """Since when a ticket has been blocked without a break; None where it is not, or nobody knows.

    By its flag: the change that raised it, or the ticket's creation where no change ever touched it. By an open
    blocker: the moment of the link, or the later of both creations where the tool does not tell it.
    """
    moments = [_linked_to(ticket, blocker.key, blocker.since, blocker.created_at) for blocker in ticket.blockers
               if blocker.open]  # fmt: skip
    if ticket.flagged:
        flagged = _flagged_since(ticket)
        if flagged is not None:
            moments.append(flagged)
    return min(moments, default=None)


def _moves(ticket: Ticket) -> list[Change]:
    return [change for change in ticket.changes if change.kind is ChangeKind.STATE]


def _flagged_since(ticket: Ticket) -> datetime | None:
    since: datetime | None = ticket.created_at
    for change in ticket.changes:
        if change.kind is ChangeKind.FLAG:
            if not change.after:
                since = None
            elif since is None or not change.before:
                since = change.at
    return since


def _linked_to(ticket: Ticket, key: str, since: datetime | None, created: datetime) -> datetime:
    if since is not None:
        return since
    made = [change.at for change in ticket.changes if change.kind is ChangeKind.BLOCKED_BY and change.after == key]
    return max(made) if made else max(ticket.created_at, created)
