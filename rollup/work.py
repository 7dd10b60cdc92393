"""Key results of kind ``work``: progress, status and cause from the tickets linked to them."""

from __future__ import annotations

from okrsync.model import Cause, Flag, Forecast, GoalState, KeyResult, Progress, Say, Status, Thresholds
from rollup import drift, obstacles
from rollup.borders import Borders, explain_held
from rollup.facts import percent, tidy
from rollup.forecast import Evidence, calibrated, evidence, finish, probability
from rollup.keys import because
from rollup.lines import explain_settled, grade, settled, share_to_reach
from rollup.scope import Scope
from rollup.span import Span
from rollup.workload import NEVER


def measure_work(
    kr: KeyResult,
    scope: Scope,
    span: Span,
    thresholds: Thresholds,
    timezone: str,
    *,
    stale: bool,
    removed: float,
    published: Status | None = None,
) -> Progress:
    """What is known of a key result of work at one instant; ``published`` is the status that was last published."""
    share = share_to_reach(kr, thresholds)
    progress = scope.progress
    status = settled(kr, span, progress, full=Status.DONE, share=share, stale=stale)
    flags, beside = alongside(kr, scope, span, thresholds, timezone, status=status, removed=removed)
    forecast = undamped = None
    if status is None:
        status, undamped, forecast, causes = _judge(scope, span, flags, share, thresholds, timezone, published)
    elif status is Status.NO_DATA:
        causes = [_no_data(scope)]
    else:
        causes = explain_settled(status, span, timezone, progress, share)
    return Progress(
        key_result=kr.id,
        status=status,
        progress=progress,
        grade=grade(span, progress),
        done=scope.earned,
        scope=scope.total,
        unit=scope.unit,
        estimated=scope.estimated,
        initial=drift.initial(scope, span),
        added=drift.added(scope, span),
        removed=removed,
        cancelled=scope.cancelled,
        forecast=forecast,
        flags=frozenset(flags),
        causes=(*causes, *beside),
        undamped=undamped,
    )


def alongside(
    kr: KeyResult,
    scope: Scope,
    span: Span,
    thresholds: Thresholds,
    timezone: str,
    *,
    status: Status | None,
    removed: float,
) -> tuple[set[Flag], list[Cause]]:
    """What stands beside the status of a key result with work: obstacles while it runs, drift once it has begun.

    ``status`` is that of lines 1 to 7, None where the judgement is still to come.
    """
    if kr.state is GoalState.DROPPED or not span.started:
        return set(), []
    flags, causes = drift.report(scope, span, thresholds, removed)
    progress = scope.progress
    if progress is None or progress >= 1 or span.over or status is Status.STALE:
        return flags, causes
    share = share_to_reach(kr, thresholds)
    judged = span.elapsed is not None
    blocked = obstacles.blockage(scope, span, share, thresholds) if judged else None
    stalled = obstacles.stalled_since(scope, span, thresholds)
    more, why = obstacles.report(blocked, stalled, scope, span, share, timezone)
    return flags | more, [*why, *causes]


def _judge(
    scope: Scope,
    span: Span,
    flags: set[Flag],
    share: float,
    thresholds: Thresholds,
    timezone: str,
    published: Status | None,
) -> tuple[Status, Status | None, Forecast | None, list[Cause]]:
    # lines 8 to 11, for a scope with a progress below 1 inside a whole window; the second is what damping holds back
    elapsed, progress, due = span.elapsed, scope.progress, span.last_day(timezone)
    assert elapsed is not None
    assert progress is not None
    assert due is not None
    if elapsed < thresholds.early_elapsed:
        return Status.TOO_EARLY, None, None, [Cause(Say.of("progress.too_early", elapsed=percent(elapsed)))]
    if elapsed * scope.independent < thresholds.early_weight:
        return Status.TOO_EARLY, None, None, [Cause(Say.of("progress.too_few", items=len(scope.leaves)))]
    seen = evidence(scope, span, thresholds)
    chance = calibrated(probability(scope, span, seen, share, thresholds), thresholds)
    forecast = Forecast(chance, finish(scope, span, seen, timezone))

    def status_by(borders: Borders) -> Status:
        status = borders.status(chance)
        return Status.AT_RISK if status is Status.ON_TRACK and flags & {Flag.BLOCKED, Flag.STALLED} else status

    borders = Borders.of(thresholds)
    around = borders.around(published, thresholds.damping)
    alone, status = status_by(borders), status_by(around)
    facts = {"progress": percent(progress), "elapsed": percent(elapsed), "share": percent(share)}
    causes = [Cause(Say.of("progress.chance", chance=percent(chance), due=due.isoformat(), **facts))]
    if status is not alone:
        causes.append(explain_held(status, alone, around))
    return status, None if status is alone else alone, forecast, [*causes, _pace(scope, seen, forecast)]


def _pace(scope: Scope, seen: Evidence, forecast: Forecast) -> Cause:
    if forecast.date is None:
        return Cause(Say.of("progress.no_pace"))
    done = scope.leaves[scope.leaves["finished"] < NEVER]
    code = "progress.pace_points" if scope.unit == "points" else "progress.pace_items"
    pace = seen.pace * scope.mean
    slow = float(f"{pace:.1g}")  # a pace that is not 0 never reads like 0
    return because(Say.of(code, pace=tidy(pace) or slow, date=forecast.date.isoformat()), done, -done["finished"])


def _no_data(scope: Scope) -> Cause:
    if len(scope.leaves):
        return because(Say.of("progress.weightless"), scope.leaves)
    if len(scope.given_up):
        return because(Say.of("progress.all_cancelled"), scope.given_up)
    return Cause(Say.of("progress.no_work"))
