"""What there is to decide about a key result: the choice that its facts leave, never a general advice."""

from __future__ import annotations

from okrsync.model import Cause, Flag, KeyResultKind, Status
from rollup.account import Account, Facts, Outlook, clause, names
from rollup.facts import percent, quantity

LATER = 0.5
"""Where more than this share of the open work does not fit, the question is what to carry over, not what to cut."""


def decision(told: Account) -> list[Cause]:
    """One sentence, or none where nothing follows from the facts."""
    status = told.progress.status
    match status:
        case Status.DROPPED:
            still = told.moves.open
            return [clause("decide.dropped", still, open=still.count, keys=names(still))] if still else []
        case Status.NOT_STARTED:
            return _before(told)
        case Status.NO_DATA:
            return _unmeasured(told)
        case Status.DONE | Status.ACHIEVED | Status.MISSED:
            return _ended(told)
        case Status.STALE:
            if told.has(Flag.STALE_READING):
                return [_ask(told, "decide.read_again")]
            return [clause("decide.mend_source")]
        case Status.NO_DUE_DATE:
            return [clause("decide.due_date")]
        case Status.TOO_EARLY:
            if told.progress.value is None and told.kr.kind is not KeyResultKind.WORK:
                return [_ask(told, "decide.read_first")]
            return _unblock(told) or _resume(told) or [clause("decide.wait")]
        case _ if told.kr.kind is KeyResultKind.KEEP:
            return _keep(told)
        case _ if told.kr.kind is not KeyResultKind.WORK:
            return _metric(told)
        case _:
            return _work(told)


def _before(told: Account) -> list[Cause]:
    if told.kr.kind in (KeyResultKind.METRIC, KeyResultKind.KEEP):
        return []
    still = told.moves.open
    if still:
        return [clause("decide.ready", still, open=still.count)]
    return [clause("decide.link_before")] if not told.moves.items else []


def _unmeasured(told: Account) -> list[Cause]:
    codes = {cause.text.code for cause in told.progress.causes}
    if "progress.all_cancelled" in codes:
        return [clause("decide.replace_or_drop")]
    if "progress.weightless" in codes:
        return [clause("decide.estimate", told.moves.open)]
    if "progress.no_baseline" in codes:
        return [_ask(told, "decide.baseline")]
    return [_ask(told, "decide.read_first") if "progress.no_reading" in codes else _ask(told, "decide.link")]


def _ask(told: Account, code: str) -> Cause:
    """A request to its owner, or to name one where nobody owns it."""
    owner = told.kr.owner
    return clause(f"{code}.owner", owner=owner) if owner else clause(code)


def _ended(told: Account) -> list[Cause]:
    status, still, grade = told.progress.status, told.moves.open, told.progress.grade
    if told.span.over and grade is not None:
        if status is Status.MISSED:
            facts: Facts = {"grade": grade}
            if still:
                return [clause("decide.carry_over", still, **facts, open=still.count)]
            return [clause("decide.close_missed", **facts)]
        if still:
            return [clause("decide.leftovers", still, grade=grade, open=still.count, keys=names(still))]
        return [clause("decide.close", grade=grade)]
    if told.left is not None and told.left > 0:
        code = "decide.close_early_metric" if status is Status.ACHIEVED else "decide.close_early"
        return [clause(code, spare=told.left, due=told.due)]
    return [clause("decide.close_now")]


def _unblock(told: Account) -> list[Cause]:
    blocked = told.moves.blocked
    if not blocked:
        return []
    return [clause("decide.unblock", blocked, key=blocked.names[0], more=blocked.count - 1)]


def _resume(told: Account) -> list[Cause]:
    begun, still = told.moves.begun, told.moves.open
    if not told.has(Flag.STALLED):
        return []
    if begun:
        several = ".several" if begun.count > 1 else ""
        return [clause(f"decide.resume_begun{several}", begun, begun=begun.count, key=begun.names[0])]
    return [clause("decide.resume", still, open=still.count)]


def _work(told: Account) -> list[Cause]:
    moves, still, outlook = told.moves, told.moves.open, told.outlook()
    if told.has(Flag.BLOCKED):
        facts: Facts = {"enough": moves.enough, "key": moves.blocked.names[0], "due": told.due}
        facts |= {"blocked": moves.blocked.count, "share": percent(told.share)}
        alone = "_one" if moves.blocked.count == 1 else "_all" if moves.enough == moves.blocked.count else ""
        return [clause(f"decide.free{alone}", moves.blocked, **facts)]
    if told.has(Flag.STALLED):
        return _resume(told)
    if told.progress.status is Status.ON_TRACK:
        return _unblock(told) or _watch(told, outlook)
    if outlook is None:
        return [clause("decide.no_pace", still, open=still.count)]
    return [_fit(told, outlook)]


def _fit(told: Account, outlook: Outlook) -> Cause:
    """What to do about work that does not fit into the time that is left."""
    moves, still, last = told.moves, told.moves.open, told.last_day
    assert last is not None
    excess = told.excess(outlook)
    unit = told.progress.unit
    first = {"key": moves.blocked.names[0]} if moves.blocked else {}
    code = ".unblock" if moves.blocked else ""
    if outlook.reach <= last or not excess:
        return clause(f"decide.guard{code}", moves.blocked if moves.blocked else still, due=told.due, **first)
    facts: Facts = {"excess": excess, "due": told.due, "reach": told.told(outlook.reach)}
    if told.closing:
        return clause(f"decide.closing.{unit}", still, **facts, open=still.count)
    if excess > LATER * still.weight:
        return clause(f"decide.carry.{unit}{code}", still, **facts, **first, fits=max(int(still.weight - excess), 0))
    return clause(f"decide.cut.{unit}{code}", still, **facts, **first)


def _watch(told: Account, outlook: Outlook | None) -> list[Cause]:
    if told.has(Flag.CLOSING_BY_CANCELLING):
        return [clause("decide.review_cancelled", told.moves.given_up, cancelled=told.moves.given_up.count)]
    if told.has(Flag.SCOPE_GROWTH):
        return [clause("decide.freeze", told.moves.added)]
    if outlook is not None and told.last_day is not None and outlook.reach > told.last_day:
        return [clause("decide.guard", told.moves.open, due=told.due)]
    return [clause("decide.nothing")]


def _keep(told: Account) -> list[Cause]:
    if told.progress.status is Status.ON_TRACK:
        return [clause("decide.nothing")]
    return [_ask(told, "decide.back_in_band")]


def _metric(told: Account) -> list[Cause]:
    kr, still, end = told.kr, told.moves.open, told.ending
    if told.has(Flag.OUTPUT_WITHOUT_OUTCOME):
        if still:
            return [clause("decide.other_work", still, open=still.count, keys=names(still))]
        return [_ask(told, "decide.other_work_none")]
    if told.has(Flag.OUTCOME_WITHOUT_OUTPUT) and still:
        return [clause("decide.still_needed", still, open=still.count)]
    if told.progress.status is Status.ON_TRACK:
        return _unblock(told) or [clause("decide.nothing")]
    if told.has(Flag.BLOCKED):
        return _unblock(told)
    if kr.target is None or end is None or told.last_day is None or (told.progress.progress or 0.0) <= 0:
        return [_ask(told, "decide.turn")]
    facts: Facts = {"target": quantity(kr.target), "end": end, "unit": kr.unit, "due": told.due}
    if kr.owner:
        return [clause("decide.close_gap.owner", still, **facts, owner=kr.owner)]
    return [clause("decide.close_gap", still, **facts)]
