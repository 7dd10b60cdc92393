"""How a scope has moved since its window began: what came, what was cancelled, and whether that hides progress."""

from __future__ import annotations

from okrsync.model import Cause, Flag, Say, State, Thresholds
from rollup.facts import percent, tidy
from rollup.scope import Scope, keys
from rollup.span import EPSILON, WEEK, Span
from rollup.timeline import state_at


def initial(scope: Scope, span: Span) -> float | None:
    """N0: the weight of what had been linked when the window began; None for a window without a beginning."""
    return None if span.window.start is None else scope.linked_by(span.window.start)


def added(scope: Scope, span: Span) -> float | None:
    """The weight of what was linked after the window began; None for a window without a beginning."""
    start = span.window.start
    return None if start is None else scope.weight(leaf for leaf in scope.leaves if leaf.linked_at > start)


def report(scope: Scope, span: Span, thresholds: Thresholds, removed: float) -> tuple[set[Flag], list[Cause]]:
    """The flags of a scope that grew or is closed by cancelling, each in words, with the items behind it."""
    flags: set[Flag] = set()
    causes = _fall(scope, span, removed)
    start, begun = span.window.start, initial(scope, span)
    if start is not None and begun and scope.total > thresholds.scope_growth * begun + EPSILON:  # from 0, all is new
        flags.add(Flag.SCOPE_GROWTH)
        code = "progress.scope_growth_points" if scope.unit == "points" else "progress.scope_growth_items"
        came = keys(leaf.ticket for leaf in scope.leaves if leaf.linked_at > start)
        causes.append(Cause(Say.of(code, initial=tidy(begun), scope=tidy(scope.total)), came))
    everything = scope.total + scope.cancelled
    if everything > 0 and scope.cancelled / everything > thresholds.cancelled_share + EPSILON:
        flags.add(Flag.CLOSING_BY_CANCELLING)
        say = Say.of("progress.closing_by_cancelling", share=percent(scope.cancelled / everything))
        causes.append(Cause(say, scope.cancelled_keys))
    return flags, causes


def _fall(scope: Scope, span: Span, removed: float) -> list[Cause]:
    """Says so where the share done fell over the last week and the work done did not."""
    before = span.now - WEEK
    then = [leaf for leaf in scope.leaves if leaf.linked_at <= before]
    total = scope.weight(then)
    if not total or not scope.total:
        return []
    done = scope.weight(leaf for leaf in then if state_at(leaf.ticket, before) is State.DONE)
    if scope.finished < done - EPSILON or scope.finished / scope.total >= done / total - EPSILON:
        return []
    code = "progress.scope_fall_points" if scope.unit == "points" else "progress.scope_fall_items"
    new = keys(leaf.ticket for leaf in scope.leaves if leaf.linked_at > before)
    return [Cause(Say.of(code, added=tidy(added(scope, span) or 0), removed=tidy(removed)), new)]
