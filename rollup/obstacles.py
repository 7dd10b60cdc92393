"""What stands in the way of open work, whatever its pace: it is blocked, or nothing comes to an end."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

import numpy as np

from okrsync.model import Cause, Flag, Say, Thresholds
from rollup.facts import day, percent, short_of
from rollup.keys import because
from rollup.scope import Scope
from rollup.span import EPSILON, Span, instant, micros, whole_days
from rollup.workload import NEVER, Array


@dataclass(frozen=True, slots=True, eq=False)
class Blockage:
    """The open leaves that have been blocked for as long as the threshold says, and what that leaves within reach."""

    leaves: Array  # ITEM
    longest: timedelta
    ceiling: float  # progress once all open work but the blocked is done
    decisive: bool  # the ceiling is below the share to reach


def blockage(scope: Scope, span: Span, share: float, thresholds: Thresholds) -> Blockage:
    """The blocked part of a scope that weighs something."""
    latest = micros(span.now - timedelta(days=thresholds.blocked_days))
    blocked = scope.open & (scope.leaves["blocked"] <= latest)
    leaves = scope.leaves[blocked]
    ceiling = (scope.finished + scope.weight(scope.open) - scope.weight(blocked)) / scope.total
    longest = span.now - instant(int(leaves["blocked"].min())) if len(leaves) else timedelta()
    return Blockage(leaves, longest, ceiling, decisive=bool(len(leaves)) and ceiling < share - EPSILON)


def stalled_since(scope: Scope, span: Span, thresholds: Thresholds) -> datetime | None:
    """Since when nothing has been completed, where that is too long; counted from the window's first instant on.

    A window without a beginning counts from the first link, one without an end knows the fixed limit only.
    """
    start, end = span.window.start, span.window.end
    begun = start if start is not None else instant(int(scope.linked.min()))
    finished = scope.leaves["finished"]
    since = instant(int(np.max(finished, where=finished < NEVER, initial=micros(begun))))
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
    if blocked is not None and len(blocked.leaves):
        if blocked.decisive:
            flags.add(Flag.BLOCKED)
        causes.append(_blocked(blocked, scope, span, share, timezone))
    if stalled is not None:
        flags.add(Flag.STALLED)
        say = Say.of("progress.stalled", days=whole_days(span.now - stalled), since=day(stalled, timezone))
        causes.append(because(say, scope.leaves[scope.begun], scope.linked[scope.begun]))
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
    code = "progress.blocked"
    if blocked.decisive:
        code = "progress.blocked_out_of_reach"
        facts |= {"ceiling": short_of(blocked.ceiling, share), "share": percent(share)}
    return because(Say.of(code, **facts), blocked.leaves, blocked.leaves["blocked"])
