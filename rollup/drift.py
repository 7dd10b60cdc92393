"""How a scope has moved since its window began: what came, what was cancelled, and whether that hides progress."""

from __future__ import annotations

from okrsync.model import Cause, Flag, Say, Thresholds
from rollup.facts import percent, tidy
from rollup.keys import because
from rollup.scope import Scope
from rollup.span import EPSILON, WEEK, Span, micros


def initial(scope: Scope, span: Span) -> float | None:
    """N0: the weight of what had been linked when the window began; None for a window without a beginning."""
    return None if span.window.start is None else scope.linked_by(micros(span.window.start))


def added(scope: Scope, span: Span) -> float | None:
    """The weight of what was linked after the window began; None for a window without a beginning."""
    start = span.window.start
    return None if start is None else scope.weight(scope.linked > micros(start))


def report(scope: Scope, span: Span, thresholds: Thresholds, removed: float) -> tuple[set[Flag], list[Cause]]:
    """The flags of a scope that grew or is closed by cancelling, each in words, with the items behind it."""
    flags: set[Flag] = set()
    causes = _fall(scope, span, removed)
    start, begun = span.window.start, initial(scope, span)
    if start is not None and begun and scope.total > thresholds.scope_growth * begun + EPSILON:  # from 0, all is new
        flags.add(Flag.SCOPE_GROWTH)
        code = "progress.scope_growth_points" if scope.unit == "points" else "progress.scope_growth_items"
        causes.append(_newest(Say.of(code, initial=tidy(begun), scope=tidy(scope.total)), scope, micros(start)))
    everything = scope.total + scope.cancelled
    if everything > 0 and scope.cancelled / everything > thresholds.cancelled_share + EPSILON:
        flags.add(Flag.CLOSING_BY_CANCELLING)
        say = Say.of("progress.closing_by_cancelling", share=percent(scope.cancelled / everything))
        causes.append(because(say, scope.given_up))
    return flags, causes


def _fall(scope: Scope, span: Span, removed: float) -> list[Cause]:
    """Says so where the share done fell over the last week and the work done did not."""
    before = micros(span.now - WEEK)
    then = scope.linked <= before
    total = scope.weight(then)
    if not total or not scope.total:
        return []
    done = scope.weight(then & scope.done_by(before))
    if scope.finished < done - EPSILON or scope.finished / scope.total >= done / total - EPSILON:
        return []
    code = "progress.scope_fall_points" if scope.unit == "points" else "progress.scope_fall_items"
    return [_newest(Say.of(code, added=tidy(added(scope, span) or 0), removed=tidy(removed)), scope, before)]


def _newest(say: Say, scope: Scope, after: int) -> Cause:
    """With what was linked after an instant, the newest first."""
    new = scope.linked > after
    return because(say, scope.leaves[new], -scope.linked[new])
