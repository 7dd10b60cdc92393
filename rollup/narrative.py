"""The draft of a status in words: what moved, what the scope did, what blocks, where the pace leads, what to decide.

Every clause is one fact or two, with the items behind it; what is not known is not said. The order is that in which
a reader asks, and of more than ``MOST_CLAUSES`` those are left out that a reader misses least.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from okrsync.model import Cause, Flag, KeyResultKind, Status
from rollup.account import Account, Facts, clause, names
from rollup.choices import decision
from rollup.facts import percent, quantity, short_of, tidy
from rollup.moves import Some
from rollup.span import EPSILON, whole_days

MOST_CLAUSES = 6

JUDGED = frozenset({Status.ON_TRACK, Status.AT_RISK, Status.OFF_TRACK})
"""The states that a pace decides."""

_MISSED_LEAST = ("narrative.held.", "narrative.scope.", "narrative.cancelling", "narrative.outlook.")


def narrative(told: Account) -> tuple[Cause, ...]:
    """The clauses on one key result, in the order in which they are read."""
    clauses = [*_situation(told), *decision(told)]
    for start in _MISSED_LEAST:
        if len(clauses) <= MOST_CLAUSES:
            break
        clauses = [one for one in clauses if not one.text.code.startswith(start)]
    return tuple(clauses)


def _situation(told: Account) -> list[Cause]:
    match told.progress.status:
        case Status.DROPPED:
            return [clause("state.dropped")]
        case Status.NOT_STARTED:
            return _not_started(told)
        case Status.NO_DATA:
            return _no_data(told)
        case Status.ACHIEVED | Status.MISSED if told.span.over:
            return [_ended(told), *_outcome(told)]
        case Status.DONE:
            return [_all_done(told), *_scope(told)]
        case Status.STALE:
            return [_stale(told)]
        case Status.TOO_EARLY | Status.NO_DUE_DATE:
            return [*_moved(told), *_scope(told), *_obstacles(told), _unjudged(told)]
        case _:
            return [
                *_moved(told),
                *_scope(told),
                *_obstacles(told),
                *_forecast(told),
                *_held(told),
            ]


# ── where nothing is judged by its pace ──────────────────────────────────────────────────────────────────────────────


def _not_started(told: Account) -> list[Cause]:
    start = told.kr.window.start
    return [] if start is None else [clause("state.not_started", start=told.day(start))]


def _no_data(told: Account) -> list[Cause]:
    codes = {cause.text.code for cause in told.progress.causes}
    if "progress.all_cancelled" in codes:
        gone = told.moves.given_up
        return [clause("state.all_cancelled", gone, cancelled=gone.count, keys=names(gone))]
    if "progress.weightless" in codes:
        return [clause("state.weightless", told.moves.open)]
    if "progress.no_baseline" in codes:
        return [clause("state.no_baseline")]
    return [clause("state.no_reading" if "progress.no_reading" in codes else "state.no_work")]


def _ended(told: Account) -> Cause:
    status, progress = told.progress.status, told.progress.progress
    assert progress is not None
    facts: Facts = {"share": percent(told.share), "end": told.due}
    if status is Status.MISSED:
        still = told.moves.open
        if told.works and still:
            facts |= {"open": still.count, "keys": names(still)}
            return clause("state.missed_work", still, **facts, progress=short_of(progress, told.share))
        return clause("state.missed", **facts, progress=short_of(progress, told.share))
    return clause("state.achieved", **facts, progress=told.whole)


def _all_done(told: Account) -> Cause:
    finished = told.moves.finished
    if finished:
        return clause("state.done_now", finished, items=told.items, finished=finished.count, keys=names(finished))
    return clause("state.done", items=told.items)


def _stale(told: Account) -> Cause:
    read = told.progress.read_at
    if told.has(Flag.STALE_READING) and read is not None:
        return clause("state.stale_reading", at=told.day(read), days=whole_days(told.now - read), progress=told.whole)
    return clause("state.stale_source", progress=told.whole)


def _unjudged(told: Account) -> Cause:
    if told.progress.status is Status.NO_DUE_DATE:
        return clause("state.no_due_date")
    codes = {cause.text.code for cause in told.progress.causes}
    if "progress.too_few" in codes:
        return clause("state.too_few", items=told.items)
    if "progress.no_reading_yet" in codes:
        return clause("state.no_reading_yet")
    if "progress.nothing_due" in codes:
        return clause("state.nothing_due")
    return clause("state.too_early", elapsed=percent(told.span.elapsed or 0.0))


# ── what moved ───────────────────────────────────────────────────────────────────────────────────────────────────────


def _moved(told: Account) -> list[Cause]:
    if told.kr.kind is KeyResultKind.KEEP:
        return _band(told)
    if not told.works:
        return [*_metric(told), *_way(told), *_outcome(told), *_work_beside(told)]
    if told.moves.first:
        return [_first_days(told)]
    return [] if _says_it_all(told) else [_work(told)]


def _says_it_all(told: Account) -> bool:
    """Whether that nothing was finished for long is all there is to say of what moved."""
    moves = told.moves
    before = told.whole if moves.progress is None else percent(moves.progress)
    return told.has(Flag.STALLED) and before == told.whole and not moves.reopened


def _first_days(told: Account) -> Cause:
    finished = told.moves.finished
    facts: Facts = {"start": told.day(told.moves.since), "progress": told.whole, "items": told.items}
    if finished:
        return clause("move.first_days", finished, **facts, finished=finished.count, keys=names(finished))
    return clause("move.first_days_idle", **facts)


def _work(told: Account) -> Cause:
    moves, whole = told.moves, told.whole
    finished, reopened = moves.finished, moves.reopened
    facts: Facts = {"progress": whole}
    before = None if moves.progress is None else percent(moves.progress)
    if before is None or before == whole:
        if reopened and finished:
            return clause("move.swapped", finished, reopened, **facts, finished=finished.count, keys=names(finished),
                          reopened=reopened.count, back=names(reopened))  # fmt: skip
        if finished:
            return clause("move.level", finished, **facts, finished=finished.count, keys=names(finished))
        if reopened:
            return clause("move.reopened_level", reopened, **facts, reopened=reopened.count, back=names(reopened))
        return clause("move.nothing", moves.open, **facts)
    facts["before"] = before
    if whole > before:
        if not finished:
            return clause("move.rose_by_scope", moves.removed, moves.cancelled, moves.added, **facts)
        facts |= {"finished": finished.count, "keys": names(finished)}
        if _shrunk(told, whole - before):
            return clause("move.rose_cut", finished, moves.removed, moves.cancelled, **facts)
        if reopened:
            return clause("move.rose_reopened", finished, reopened, **facts, reopened=reopened.count,
                          back=names(reopened))  # fmt: skip
        return clause("move.rose", finished, **facts)
    if reopened:
        return clause("move.fell_reopened", reopened, **facts, reopened=reopened.count, back=names(reopened))
    if finished:
        facts |= {"finished": finished.count, "keys": names(finished)}
        return clause("move.fell_although", finished, moves.added, moves.removed, **facts)
    return clause("move.fell_by_scope", moves.added, moves.removed, **facts)


def _shrunk(told: Account, points: int) -> bool:
    """Whether what was finished explains less than half of a rise by so many percent points, and the scope the rest."""
    moves, scope = told.moves, told.progress.scope
    return bool((moves.removed or moves.cancelled) and scope and moves.finished.weight / scope * 200 < points)


def _metric(told: Account) -> list[Cause]:
    progress, moves, kr = told.progress, told.moves, told.kr
    if progress.value is None or progress.read_at is None or kr.target is None or kr.baseline is None:
        return []
    value, unit = quantity(progress.value), kr.unit
    facts: Facts = {"value": value, "unit": unit, "at": told.day(progress.read_at)}
    if progress.status is Status.ACHIEVED:
        code = "metric.beyond" if told.has(Flag.EXCEEDED) else "metric.reached"
        return [clause(code, **facts, target=quantity(kr.target))]
    facts["target"] = quantity(kr.target)
    before = moves.value
    if progress.read_at <= moves.since:
        code = "metric.unread"
    elif before is None:
        code = "metric.first"
    elif quantity(before) == value:
        code = "metric.level"
    else:
        closer = (progress.value - before) * (kr.target - kr.baseline) > 0
        code = "metric.closer" if closer else "metric.farther"
        facts["before"] = quantity(before)
    clauses = [clause(code, **facts)]
    if told.has(Flag.REGRESSED):
        clauses.append(clause("metric.regressed", baseline=quantity(kr.baseline), unit=unit))
    return clauses


def _work_beside(told: Account) -> list[Cause]:
    """The work of a mixed key result, in one sentence, where something came to an end."""
    finished = told.moves.finished
    if not finished or told.progress.status is Status.ACHIEVED:
        return []
    return [clause("move.beside", finished, finished=finished.count, keys=names(finished), open=told.moves.open.count)]


def _band(told: Account) -> list[Cause]:
    progress, kr = told.progress, told.kr
    if progress.value is None or progress.read_at is None:
        return []
    facts: Facts = {"value": quantity(progress.value), "unit": kr.unit}
    facts |= {"at": told.day(progress.read_at), "progress": told.whole}
    out = told.moves.out_since
    if out is not None:
        return [clause("band.out", **facts, since=told.day(out))]
    return [clause("band.in", **facts)]


# ── the scope, and what stands in the way ────────────────────────────────────────────────────────────────────────────


def _scope(told: Account) -> list[Cause]:
    progress, moves = told.progress, told.moves
    closing = told.has(Flag.CLOSING_BY_CANCELLING)  # and said there
    came = [moves.added, moves.removed, Some() if closing else moves.cancelled]
    clauses = []
    if any(came) and not moves.first:
        code = "_".join(name for name, some in zip(("added", "removed", "cancelled"), came, strict=True) if some)
        facts: Facts = {}
        for name, some in zip(("added", "removed", "cancelled"), came, strict=True):
            if some:
                facts |= {name: some.count, f"{name}_keys": names(some)}
        clauses.append(clause(f"scope.{code}", *came, **facts))
    if told.has(Flag.SCOPE_GROWTH) and progress.initial is not None and progress.scope is not None:
        code = f"growth.{progress.unit}"
        grown = next(one for one in progress.causes if one.text.code.startswith("progress.scope_growth"))
        said = clause(code, initial=tidy(progress.initial), scope=tidy(progress.scope))
        clauses.append(replace(said, items=grown.items, more=grown.more))
    if closing and progress.scope is not None and progress.cancelled:
        given, share = moves.given_up, progress.cancelled / (progress.scope + progress.cancelled)
        clauses.append(clause("cancelling", given, share=percent(share), cancelled=given.count, keys=names(given)))
    return clauses


def _obstacles(told: Account) -> list[Cause]:
    clauses = []
    moves, blocked = told.moves, told.moves.blocked
    if blocked and moves.blocked_since is not None and told.last_day is not None and not told.span.over:
        facts: Facts = {"blocked": blocked.count, "open": moves.open.count}
        facts |= {"key": blocked.names[0], "since": told.day(moves.blocked_since)}
        facts |= {"days": whole_days(told.now - moves.blocked_since), "due": told.due}
        alone = "one" if blocked.count == 1 else "all" if blocked.count == moves.open.count else "many"
        if told.has(Flag.BLOCKED) and told.works:
            facts |= {"ceiling": short_of(moves.ceiling, told.share), "share": percent(told.share)}
            clauses.append(clause(f"blocked.{alone}.ceiling", blocked, **facts))
        else:
            clauses.append(clause(f"blocked.{alone}", blocked, **facts))
    if told.has(Flag.STALLED) and (told.works or not clauses):
        clauses.insert(0, _stalled(told))
    return clauses


def _stalled(told: Account) -> Cause:
    moves = told.moves
    facts = next(dict(one.text.args) for one in told.progress.causes if one.text.code == "progress.stalled")
    since = str(facts["since"])
    said: Facts = {"days": int(facts["days"]), "since": told.told(date.fromisoformat(since))}
    if told.works and not moves.first and not _says_it_all(told):
        code = "stalled.plain"
    else:
        code = "stalled" if told.works else "stalled.beside"
        said["progress"] = told.whole
    if moves.begun:
        return clause(f"{code}.begun", moves.begun, **said, begun=moves.begun.count, keys=names(moves.begun))
    return clause(code, **said)


def _outcome(told: Account) -> list[Cause]:
    progress = told.progress
    if not progress.scope or progress.done is None or progress.progress is None:
        return []
    facts = {"work": percent(progress.done / progress.scope)}
    if told.has(Flag.OUTPUT_WITHOUT_OUTCOME):
        return [clause("output_without_outcome", told.moves.open, **facts)]
    if told.has(Flag.OUTCOME_WITHOUT_OUTPUT):
        return [clause("outcome_without_output", told.moves.open, **facts)]
    return []


# ── where the pace leads ─────────────────────────────────────────────────────────────────────────────────────────────


def _forecast(told: Account) -> list[Cause]:
    """Of work; of a metric it is told with the way that it has gone."""
    if told.progress.status not in JUDGED or told.last_day is None or not told.works:
        return []
    outlook, progress, due = told.outlook(), told.progress, told.last_day
    assert due is not None
    if outlook is None:
        return [] if told.has(Flag.STALLED) or progress.forecast is None else [clause("pace.none", told.moves.open)]
    facts: Facts = {"end": told.told(outlook.end), "due": told.due}
    facts |= {"share": percent(told.share), "reach": told.told(outlook.reach)}
    late, still = (outlook.reach - due).days, told.moves.open
    if late > 0:
        same = "" if outlook.reach != outlook.end else ".whole"
        if told.has(Flag.STALLED) and progress.status is not Status.ON_TRACK:
            return [clause("pace.late.stalled", still, **facts, late=late)]
        return [clause(f"pace.late{same}{_nuance(told, late=True)}", still, **facts, late=late, **_chance(told))]
    spare = (due - outlook.end).days
    if spare < 0:
        return [clause(f"pace.enough{_nuance(told, late=False)}", still, **facts, **_chance(told))]
    code = "pace.early" if spare else "pace.just"
    return [clause(f"{code}{_nuance(told, late=False)}", still, **facts, spare=spare, **_chance(told))]


def _nuance(told: Account, *, late: bool) -> str:
    """What has to be added for the forecast to agree with the status."""
    judged = told.progress.status
    if judged is Status.ON_TRACK:
        return ".likely" if late else ""
    if late:
        return ""
    return ".blocked" if told.has(Flag.BLOCKED) else ".stalled" if told.has(Flag.STALLED) else ".thin"


def _chance(told: Account) -> dict[str, int]:
    forecast = told.progress.forecast
    return {} if forecast is None or forecast.probability is None else {"chance": percent(forecast.probability)}


def _way(told: Account) -> list[Cause]:
    """How far a metric has come, how far it should be, and where that leads."""
    if told.progress.status not in JUDGED:
        return []
    kr, progress, due = told.kr, told.progress.progress, told.expected
    if progress is None or due is None or kr.baseline is None or kr.target is None or due <= EPSILON:
        return []
    facts: Facts = {"progress": percent(progress), "expected": percent(due)}
    facts |= {"due": told.due, "target": quantity(kr.target), "unit": kr.unit}
    if progress <= 0:
        return [clause("way.none", **facts)]
    if progress >= due - EPSILON:
        reach = told.reached
        return [clause("way.ahead", **facts) if reach is None else clause("way.ahead.linear", **facts, reach=reach)]
    near = ".near" if told.progress.status is Status.ON_TRACK else ""
    return [clause(f"way.behind{near}", **facts, end=told.ending or 0.0)]


def _held(told: Account) -> list[Cause]:
    alone = told.progress.undamped
    return [] if alone is None else [clause(f"held.{alone}")]
