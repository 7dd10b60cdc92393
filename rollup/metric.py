"""Key results that are read, not worked off: ``metric`` runs from a baseline to a target, ``keep`` stays in a band."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime

from okrsync.model import (
    Cause,
    Flag,
    KeyResult,
    KeyResultKind,
    Progress,
    Reading,
    Say,
    Status,
    Thresholds,
    Window,
)
from rollup.facts import day, percent, quantity, suffix
from rollup.lines import explain_settled, grade, settled, share_to_reach
from rollup.span import EPSILON, Span, local_day, whole_days


def measure_metric(
    kr: KeyResult, readings: Sequence[Reading], span: Span, thresholds: Thresholds, timezone: str, *, stale: bool
) -> Progress:
    """What is known of a ``metric`` or ``keep`` key result, or of the metric of a ``mixed`` one, at one instant."""
    mine = sorted((one for one in readings if one.key_result == kr.id and one.at <= span.now), key=lambda one: one.at)
    last = mine[-1] if mine else None
    keep = kr.kind is KeyResultKind.KEEP
    progress = share_in_band(kr, mine, timezone) if keep else raw_progress(kr, last)
    share = share_to_reach(kr, thresholds)
    aged = last is not None and kr.stale_after is not None and span.now - last.at > kr.stale_after
    full = None if keep else Status.ACHIEVED
    status = settled(kr, span, progress, full=full, share=share, stale=stale or aged)
    causes: list[Cause] = []
    if status is None and last is not None and progress is not None:
        inside = any(_within(kr.window, one.at) for one in mine)
        status, causes = (
            _judge_band(kr, last, span, thresholds, timezone)
            if keep
            else _judge_pace(kr, progress, span, thresholds, inside=inside)
        )
    elif status is Status.NO_DATA:
        causes = [Cause(Say.of("progress.no_baseline" if last is not None and not keep else "progress.no_reading"))]
    elif status is Status.STALE and aged and last is not None:
        causes = [
            Cause(Say.of("progress.stale_reading", at=day(last.at, timezone), days=whole_days(span.now - last.at)))
        ]
    elif status is not None:
        causes = explain_settled(status, span, timezone, progress, share)
    assert status is not None
    return Progress(
        key_result=kr.id,
        status=status,
        progress=progress,
        grade=grade(span, progress),
        unit=kr.unit,
        value=last.value if last else None,
        read_at=last.at if last else None,
        flags=_flags(progress, aged=aged, keep=keep),
        causes=tuple(causes),
    )


def raw_progress(kr: KeyResult, last: Reading | None) -> float | None:
    """(v − b)/(g − b), below 0 and above 1 too; None without a reading, a baseline or a target that differs from it."""
    if last is None or kr.baseline is None or kr.target is None or kr.target == kr.baseline:
        return None
    return (last.value - kr.baseline) / (kr.target - kr.baseline)


def share_in_band(kr: KeyResult, readings: Sequence[Reading], timezone: str) -> float | None:
    """The share of the days with a reading inside the window whose last reading lies in the band."""
    days: dict[date, bool] = {}
    for reading in readings:
        if _within(kr.window, reading.at):
            days[local_day(reading.at, timezone)] = in_band(kr, reading.value)
    return sum(days.values()) / len(days) if days else None


def in_band(kr: KeyResult, value: float) -> bool:
    """Whether a value lies in [low, high]; a missing bound is open."""
    return (kr.low is None or value >= kr.low) and (kr.high is None or value <= kr.high)


def expected(kr: KeyResult, span: Span) -> float:
    """c(e): the share that should be reached by now. Milestones run in straight lines, from 0 at the window's start
    to 1 at its end unless they say otherwise."""
    elapsed = span.elapsed
    assert elapsed is not None
    if kr.curve == "s":
        return 3 * elapsed**2 - 2 * elapsed**3
    if isinstance(kr.curve, str):
        return elapsed
    assert span.window.start is not None
    assert span.window.end is not None
    given = dict(kr.curve)
    points = sorted({span.window.start: 0.0, span.window.end: 1.0, **given}.items())
    before, after = points[0], points[-1]
    for point in points:
        if point[0] <= span.now:
            before = point
        else:
            after = point
            break
    return _between(before, after, span.now)


def _between(before: tuple[datetime, float], after: tuple[datetime, float], now: datetime) -> float:
    if after[0] <= before[0]:
        return before[1]
    return before[1] + (after[1] - before[1]) * ((now - before[0]) / (after[0] - before[0]))


def _judge_pace(
    kr: KeyResult, progress: float, span: Span, thresholds: Thresholds, *, inside: bool
) -> tuple[Status, list[Cause]]:
    elapsed = span.elapsed
    assert elapsed is not None
    if elapsed < thresholds.early_elapsed:
        return Status.TOO_EARLY, [Cause(Say.of("progress.too_early", elapsed=percent(elapsed)))]
    if not inside:
        return Status.TOO_EARLY, [Cause(Say.of("progress.no_reading_yet"))]
    due = expected(kr, span)
    if due <= 0:
        return Status.TOO_EARLY, [Cause(Say.of("progress.nothing_due"))]
    ratio = progress / due
    if ratio >= thresholds.metric_on_track - EPSILON:
        status = Status.ON_TRACK
    else:
        status = Status.AT_RISK if ratio >= thresholds.metric_at_risk - EPSILON else Status.OFF_TRACK
    return status, [Cause(Say.of("progress.metric_pace", progress=percent(progress), expected=percent(due)))]


def _judge_band(
    kr: KeyResult, last: Reading, span: Span, thresholds: Thresholds, timezone: str
) -> tuple[Status, list[Cause]]:
    elapsed = span.elapsed
    assert elapsed is not None
    if elapsed < thresholds.early_elapsed:
        return Status.TOO_EARLY, [Cause(Say.of("progress.too_early", elapsed=percent(elapsed)))]
    inside = in_band(kr, last.value)
    code = "progress.in_band" if inside else "progress.out_of_band"
    say = Say.of(code, value=quantity(last.value), unit=suffix(kr.unit), at=day(last.at, timezone))
    return Status.ON_TRACK if inside else Status.OFF_TRACK, [Cause(say)]


def _flags(progress: float | None, *, aged: bool, keep: bool) -> frozenset[Flag]:
    flags = {Flag.STALE_READING} if aged else set()
    if progress is not None and not keep:
        if progress < 0:
            flags.add(Flag.REGRESSED)
        if progress > 1:
            flags.add(Flag.EXCEEDED)
    return frozenset(flags)


def _within(window: Window, at: datetime) -> bool:
    return (window.start is None or at >= window.start) and (window.end is None or at < window.end)
