"""What is known of a key result at one instant, whatever its kind (docs/status.md)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from okrsync.model import Cause, Flag, KeyResult, KeyResultKind, Progress, Reading, Say, Status, Thresholds, Ticket
from rollup import drift
from rollup.facts import percent
from rollup.keys import named
from rollup.metric import measure_metric
from rollup.scope import Scope, scope
from rollup.span import EPSILON, Span
from rollup.work import alongside, measure_work
from rollup.workload import Linked, workload


def measure_key_result(
    kr: KeyResult,
    tickets: Linked | Sequence[Ticket],
    readings: Sequence[Reading],
    thresholds: Thresholds,
    now: datetime,
    timezone: str,
    *,
    stale: bool,
    removed: float = 0,
    published: Status | None = None,
) -> Progress:
    """Progress, status, forecast and cause of one key result: the same input gives the same answer, in any order.

    ``tickets`` are all that are linked to it now, ``readings`` all that are known, ``stale`` says that a source behind
    it is late, ``removed`` how many items left its scope since its window began, ``published`` is the status that was
    last published, which damping holds. Items of a workload are named by uid in the causes, until ``named`` tells their
    keys.
    """
    if not isinstance(tickets, Linked):
        linked = workload({kr.id: tickets}).linked(kr.id)
        known = measure_key_result(
            kr, linked, readings, thresholds, now, timezone, stale=stale, removed=removed, published=published
        )
        return named(known, {ticket.uid: ticket.key for ticket in tickets})
    span = Span(kr.window, now)
    if kr.kind is KeyResultKind.WORK:
        work = scope(tickets, kr.counts, thresholds)
        return measure_work(kr, work, span, thresholds, timezone, stale=stale, removed=removed, published=published)
    metric = measure_metric(kr, readings, span, thresholds, timezone, stale=stale)
    if kr.kind is not KeyResultKind.MIXED:
        return metric
    work = scope(tickets, kr.counts, thresholds)
    flags, causes = alongside(kr, work, span, thresholds, timezone, status=metric.status, removed=removed)
    more, why = _against(work, metric, span, thresholds)
    return replace(
        metric,
        done=work.earned,
        scope=work.total,
        unit=work.unit,
        estimated=work.estimated,
        initial=drift.initial(work, span),
        added=drift.added(work, span),
        removed=removed,
        cancelled=work.cancelled,
        flags=metric.flags | flags | more,
        causes=(*metric.causes, *why, *causes),
    )


def _against(work: Scope, metric: Progress, span: Span, thresholds: Thresholds) -> tuple[set[Flag], list[Cause]]:
    """Late enough in the window: work that moves nothing, and a metric that moves without it."""
    elapsed, done, value = span.elapsed, work.progress, metric.progress
    if metric.status is Status.DROPPED or elapsed is None or done is None or value is None:
        return set(), []
    if elapsed <= thresholds.outcome_elapsed:
        return set(), []
    facts = {"work": percent(done), "metric": percent(value)}
    much, little = thresholds.output_share - EPSILON, thresholds.outcome_share - EPSILON
    if done >= much and value < little:
        return {Flag.OUTPUT_WITHOUT_OUTCOME}, [Cause(Say.of("progress.output_without_outcome", **facts))]
    if done < little and value >= much:
        return {Flag.OUTCOME_WITHOUT_OUTPUT}, [Cause(Say.of("progress.outcome_without_output", **facts))]
    return set(), []
