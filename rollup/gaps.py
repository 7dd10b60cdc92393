"""What is broken among the goals themselves: no work, no owner, no data, output without outcome (docs/status.md)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime
from itertools import count

from okrsync.model import (
    Flag,
    Gap,
    GapKind,
    Goals,
    KeyResult,
    KeyResultKind,
    Objective,
    Progress,
    Relation,
    Say,
    Severity,
    Status,
)
from rollup.alive import GONE, dead
from rollup.facts import day, percent, tidy
from rollup.keys import natural

FEWEST, MOST = 2, 5
"""How many key results an objective should have."""

ONLINE = "okrsync check-config --online"
"""What tells whether a tool can be read, and what it says to each query."""

WITH_WORK = frozenset({KeyResultKind.WORK, KeyResultKind.MIXED})

GRAVITY = {severity: rank for rank, severity in enumerate((Severity.HIGH, Severity.MEDIUM, Severity.LOW))}

SEVERITIES = {
    GapKind.KR_WITHOUT_WORK: Severity.HIGH,
    GapKind.KR_NO_DATA: Severity.HIGH,
    GapKind.OBJECTIVE_WITHOUT_KR: Severity.HIGH,
    GapKind.KR_WITHOUT_BASELINE: Severity.HIGH,
    GapKind.OUTPUT_WITHOUT_OUTCOME: Severity.HIGH,
    GapKind.KR_WITHOUT_OWNER: Severity.MEDIUM,
    GapKind.KR_WITHOUT_DUE_DATE: Severity.MEDIUM,
    GapKind.STALE_READING: Severity.MEDIUM,
    GapKind.SCOPE_GROWTH: Severity.MEDIUM,
    GapKind.CLOSING_BY_CANCELLING: Severity.MEDIUM,
    GapKind.OUTCOME_WITHOUT_OUTPUT: Severity.LOW,
    GapKind.KR_COUNT: Severity.LOW,
}


def goal_gaps(
    goals: Goals, progress: Mapping[str, Progress], refused: Mapping[str, str] | None = None, until: date | None = None
) -> list[Gap]:
    """The gaps of every goal that still runs, the gravest first. ``refused``: key result → why its source would not
    count by its query; ``until``: the day on which a goal without an end may end, such as that of the current cycle.

    Goals that are dropped or closed have none, nor has a key result that ended and was graded; one that ended without a
    value still says so.
    """
    gone = dead(goals.objectives)
    alive = [one for one in goals.key_results.values() if one.objective not in gone and one.state not in GONE]
    gaps = [gap for objective in goals.objectives.values() if objective.id not in gone
            for gap in _of_objective(objective, goals, alive)]  # fmt: skip
    for kr in alive:
        known = progress[kr.id]
        if known.grade is None:
            gaps += _of_definition(kr, goals.objectives[kr.objective], until)
            gaps += _of_measure(kr, known, goals.timezone, (refused or {}).get(kr.id))
    return sorted(gaps, key=lambda gap: (GRAVITY[gap.severity], gap.kind, natural(gap.subject)))


def _of_objective(objective: Objective, goals: Goals, alive: Sequence[KeyResult]) -> Iterator[Gap]:
    own = [kr.id for kr in alive if kr.objective == objective.id]
    children = [
        child.id
        for child in goals.objectives.values()
        if child.parent == objective.id and child.relation is Relation.CONTRIBUTES and child.state not in GONE
    ]
    if not own and not children:
        evidence = Say.of("goal.gap.objective_without_kr")
        yield _gap(GapKind.OBJECTIVE_WITHOUT_KR, objective.id, evidence, typed=_another(objective, goals))
    if own and not FEWEST <= len(own) <= MOST:
        evidence = Say.of("goal.gap.kr_count", count=len(own), fewest=FEWEST, most=MOST)
        few = len(own) < FEWEST
        fix = Say.of("goal.fix.kr_count.few" if few else "goal.fix.kr_count.many", id=objective.id)
        typed = (
            _another(objective, goals) if few else f"okrsync prune --keep {len(goals.key_results) - len(own) + MOST}"
        )
        yield _gap(GapKind.KR_COUNT, objective.id, evidence, fix=fix, typed=typed)


def _another(objective: Objective, goals: Goals) -> str:
    """One more key result of an objective, as it may be written below it."""
    name = objective.id.partition("-")[2] or objective.id
    free = (f"KR-{name}-{number}" for number in count(1))
    taken = {one.casefold() for one in (*goals.objectives, *goals.key_results)}
    kr = next(one for one in free if one.casefold() not in taken)
    return f'[[objectives.key_results]]\nid = "{kr}"\ntitle = "TITLE"'


def _of_definition(kr: KeyResult, objective: Objective, until: date | None) -> Iterator[Gap]:
    """What the configuration leaves open."""
    if kr.owner is None and objective.owner is None:
        evidence = Say.of("goal.gap.kr_without_owner", objective=objective.id)
        yield _gap(GapKind.KR_WITHOUT_OWNER, kr.id, evidence, typed='owner = "NAME"')
    if kr.kind in {KeyResultKind.METRIC, KeyResultKind.MIXED} and kr.baseline is None:
        yield _gap(GapKind.KR_WITHOUT_BASELINE, kr.id, Say.of("goal.gap.kr_without_baseline"), typed="baseline = VALUE")
    if kr.window.end is None:
        fix = Say.of("goal.fix.kr_without_due_date", id=kr.id, objective=objective.id)
        typed = f"end = {'DATE' if until is None else until.isoformat()}"
        evidence = Say.of("goal.gap.kr_without_due_date")
        yield _gap(GapKind.KR_WITHOUT_DUE_DATE, kr.id, evidence, fix=fix, typed=typed)


def _of_measure(kr: KeyResult, known: Progress, timezone: str, refused: str | None) -> Iterator[Gap]:
    """What the numbers say."""
    if kr.kind in WITH_WORK and known.estimated is None and not known.cancelled:
        evidence = Say.of("goal.gap.kr_without_work")
        yield _gap(GapKind.KR_WITHOUT_WORK, kr.id, evidence, typed='epics = ["SOURCE:KEY"]')
    elif known.status is Status.NO_DATA and kr.kind is KeyResultKind.WORK:
        evidence = Say.of("goal.gap.no_live_work", cancelled=tidy(known.cancelled or 0))
        fix = Say.of("goal.fix.no_live_work", id=kr.id)
        yield _gap(GapKind.KR_NO_DATA, kr.id, evidence, fix=fix, typed='state = "dropped"')
    if refused is not None:
        evidence = Say.of("goal.gap.count_refused", source=kr.metric.source, why=refused)
        yield _gap(GapKind.KR_NO_DATA, kr.id, evidence, fix=Say.of("goal.fix.count_refused", id=kr.id), typed=ONLINE)
    elif known.status is Status.NO_DATA and kr.kind is not KeyResultKind.WORK:
        yield from _without_value(kr, known)
    if Flag.STALE_READING in known.flags and known.read_at is not None:
        evidence = Say.of("goal.gap.stale_reading", at=day(known.read_at, timezone))
        again = Say.of("goal.fix.stale_count", source=kr.metric.source) if kr.metric.source else None
        typed = ONLINE if kr.metric.source else _record(kr)
        yield _gap(GapKind.STALE_READING, kr.id, evidence, fix=again, since=known.read_at, typed=typed)
    yield from _of_drift(kr, known)
    yield from _of_outcome(kr, known)


def _without_value(kr: KeyResult, known: Progress) -> Iterator[Gap]:
    """A metric without a value, by where its values come from."""
    if known.value is None and kr.metric.source:
        evidence = Say.of("goal.gap.not_counted", source=kr.metric.source)
        fix = Say.of("goal.fix.not_counted", source=kr.metric.source)
        typed = f"okrsync sync --source {kr.metric.source}"
        yield _gap(GapKind.KR_NO_DATA, kr.id, evidence, fix=fix, typed=typed)
    elif known.value is None and kr.metric.goal is not None:
        goal = str(kr.metric.goal)
        fix = Say.of("goal.fix.no_goal_value", id=kr.id, goal=goal)
        yield _gap(GapKind.KR_NO_DATA, kr.id, Say.of("goal.gap.no_goal_value", goal=goal), fix=fix, typed=ONLINE)
    elif known.value is None:
        yield _gap(GapKind.KR_NO_DATA, kr.id, Say.of("goal.gap.no_reading"), typed=_record(kr))
    elif kr.kind is KeyResultKind.KEEP:
        yield _gap(GapKind.KR_NO_DATA, kr.id, Say.of("goal.gap.no_reading_inside"), typed=_record(kr))


def _record(kr: KeyResult) -> str:
    return f"okrsync metric set {kr.id} VALUE"


def _of_drift(kr: KeyResult, known: Progress) -> Iterator[Gap]:
    if Flag.SCOPE_GROWTH in known.flags and known.initial is not None and known.scope is not None:
        points = known.unit == "points"
        code = "goal.gap.scope_growth_points" if points else "goal.gap.scope_growth_items"
        evidence = Say.of(code, initial=tidy(known.initial), scope=tidy(known.scope))
        items = _behind(known, "progress.scope_growth")
        yield _gap(
            GapKind.SCOPE_GROWTH, kr.id, evidence, items=items, typed=f"okrsync backlog --objective {kr.objective}"
        )
    if Flag.CLOSING_BY_CANCELLING in known.flags and known.scope is not None and known.cancelled:
        share = percent(known.cancelled / (known.scope + known.cancelled))
        evidence = Say.of("goal.gap.closing_by_cancelling", share=share)
        items = _behind(known, "progress.closing_by_cancelling")
        yield _gap(GapKind.CLOSING_BY_CANCELLING, kr.id, evidence, items=items, typed='state = "dropped"')


def _of_outcome(kr: KeyResult, known: Progress) -> Iterator[Gap]:
    if not known.scope or known.done is None or known.progress is None:
        return
    facts = {"work": percent(known.done / known.scope), "metric": percent(known.progress)}
    if Flag.OUTPUT_WITHOUT_OUTCOME in known.flags:
        evidence = Say.of("goal.gap.output_without_outcome", **facts)
        manual = not kr.metric.source and kr.metric.goal is None
        typed = _record(kr) if manual else f"okrsync backlog --objective {kr.objective}"
        yield _gap(GapKind.OUTPUT_WITHOUT_OUTCOME, kr.id, evidence, typed=typed)
    if Flag.OUTCOME_WITHOUT_OUTPUT in known.flags:
        evidence = Say.of("goal.gap.outcome_without_output", **facts)
        yield _gap(GapKind.OUTCOME_WITHOUT_OUTPUT, kr.id, evidence, typed=f'okrsync link ITEM {kr.id} --why "WHY"')


def _gap(
    kind: GapKind,
    subject: str,
    evidence: Say,
    *,
    fix: Say | None = None,
    since: datetime | None = None,
    items: tuple[str, ...] = (),
    typed: str,
) -> Gap:
    mend = fix or Say.of(f"goal.fix.{kind}", id=subject)
    return Gap(kind, SEVERITIES[kind], subject, evidence, mend, since, items, typed)


def _behind(known: Progress, code: str) -> tuple[str, ...]:
    return next((cause.items for cause in known.causes if cause.text.code.startswith(code)), ())
