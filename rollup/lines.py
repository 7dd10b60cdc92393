"""The lines of the status that every kind of key result shares, and what stands beside them (docs/status.md)."""

from __future__ import annotations

from okrsync.model import Cause, Commitment, GoalState, KeyResult, Say, Status, Thresholds
from rollup.facts import day, percent, short_of
from rollup.span import EPSILON, Span


def share_to_reach(kr: KeyResult, thresholds: Thresholds) -> float:
    """τ: the progress from which a key result counts as achieved."""
    return thresholds.committed if kr.commitment is Commitment.COMMITTED else thresholds.aspirational


def settled(
    kr: KeyResult, span: Span, progress: float | None, *, full: Status | None, share: float, stale: bool
) -> Status | None:
    """Lines 1 to 7; None where the judgement is left to the pace.

    ``full`` is the word for a progress of 1 or more, None for a kind that is never full before its end.
    """
    if kr.state is GoalState.DROPPED:
        return Status.DROPPED
    if not span.started:
        return Status.NOT_STARTED
    if progress is None:
        return Status.NO_DATA
    if full is not None and progress >= 1:
        return full
    if span.over:
        return Status.ACHIEVED if progress >= share - EPSILON else Status.MISSED
    if span.elapsed is None:
        return Status.NO_DUE_DATE
    return Status.STALE if stale else None


def grade(span: Span, progress: float | None) -> float | None:
    """From the end of the window on: progress in [0, 1], rounded half up to one decimal."""
    if progress is None or not span.over:
        return None
    return int(clamp(progress) * 10 + 0.5 + EPSILON) / 10


def clamp(progress: float) -> float:
    """Progress as roll-ups use it, in [0, 1]: what is exceeded never makes up for a sibling."""
    return min(max(progress, 0.0), 1.0)


def explain_settled(status: Status, span: Span, timezone: str, progress: float | None, share: float) -> list[Cause]:
    """Lines 2, 5, 6 and 7 in words; nothing for a status that speaks for itself."""
    if status is Status.NOT_STARTED and span.window.start is not None:
        return [Cause(Say.of("progress.not_started", start=day(span.window.start, timezone)))]
    if status is Status.MISSED and progress is not None:
        return [Cause(Say.of("progress.missed", progress=short_of(progress, share), share=percent(share)))]
    if status is Status.NO_DUE_DATE:
        return [Cause(Say.of("progress.no_due_date"))]
    if status is Status.STALE:
        return [Cause(Say.of("progress.stale_source"))]
    return []
