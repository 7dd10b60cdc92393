"""What stands in the way of open work, whatever its pace: it is blocked, or nothing comes to an end."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from okrsync.model import Cause, Flag, Say, State, Thresholds
from rollup.facts import day, percent, short_of
from rollup.scope import Leaf, Scope, keys
from rollup.span import EPSILON, Span, whole_days
from rollup.timeline import blocked_since


@dataclass(frozen=True, slots=True)
class Blockage:
    """The open leaves that have been blocked for as long as the threshold says, and what that leaves within reach."""

    leaves: tuple[Leaf, ...]
    longest: timedelta
    ceiling: float  # progress once all open work but the blocked is done
    decisive: bool  # the ceiling is below the share to reach


def blockage(scope: Scope, span: Span, share: float, thresholds: Thresholds) -> Blockage:
    """The blocked part of a scope that weighs something."""
    limit = timedelta(days=thresholds.blocked_days)
    ages = [
        (span.now - since, leaf)
        for leaf in scope.leaves
        if not leaf.done and (since := blocked_since(leaf.ticket)) is not None and span.now - since >= limit
    ]
    blocked = tuple(leaf for _, leaf in ages)
    open_weight = scope.weight(leaf for leaf in scope.leaves if not leaf.done)
    ceiling = (scope.finished + open_weight - scope.weight(blocked)) / scope.total
    longest = max((age for age, _ in ages), default=timedelta())
    return Blockage(blocked, longest, ceiling, decisive=bool(blocked) and ceiling < share - EPSILON)


def stalled_since(scope: Scope, span: Span, thresholds: Thresholds) -> datetime | None:
    """Since when nothing has been completed, where that is too long; counted from the window's first instant on.

    A window without a beginning counts from the first link, one without an end knows the fixed limit only.
    """
    start, end = span.window.start, span.window.end
    begun = start if start is not None else min(leaf.linked_at for leaf in scope.leaves)
    last = max((leaf.finished_at for leaf in scope.leaves if leaf.finished_at is not None), default=begun)
    since = max(last, begun)
    limit = timedelta(days=thresholds.stalled_days)
    if start is not None and end is not None:
        limit = max(limit, thresholds.stalled_share * (end - start))
    return since if span.now - since >= limit else None


def report(
    blocked: Blockage | None, stalled: datetime | None, scope: Scope, span: Span, share: float, timezone: str
) -> tuple[set[Flag], list[Cause]]:
    """The flags, and in words: how many are blocked, for how long, until which due date; since when nothing moved."""
    flags: set[Flag] = set()
    causes: list[Cause] = []
    if blocked is not None and blocked.leaves:
        if blocked.decisive:
            flags.add(Flag.BLOCKED)
        causes.append(_blocked(blocked, scope, span, share, timezone))
    if stalled is not None:
        flags.add(Flag.STALLED)
        begun = keys(leaf.ticket for leaf in scope.leaves if leaf.ticket.state is State.IN_PROGRESS)
        say = Say.of("progress.stalled", days=whole_days(span.now - stalled), since=day(stalled, timezone))
        causes.append(Cause(say, begun))
    return flags, causes


def _blocked(blocked: Blockage, scope: Scope, span: Span, share: float, timezone: str) -> Cause:
    due = span.last_day(timezone)
    assert due is not None, "only a window with an end is judged by what is blocked"
    facts: dict[str, str | int | float] = {
        "blocked": len(blocked.leaves),
        "items": len(scope.leaves),
        "days": whole_days(blocked.longest),
        "due": due.isoformat(),
    }
    items = keys(leaf.ticket for leaf in blocked.leaves)
    if blocked.decisive:
        facts |= {"ceiling": short_of(blocked.ceiling, share), "share": percent(share)}
        return Cause(Say.of("progress.blocked_out_of_reach", **facts), items)
    return Cause(Say.of("progress.blocked", **facts), items)
