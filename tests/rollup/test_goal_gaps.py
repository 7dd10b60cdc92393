"""Gaps of the goals: each kind, what has none, and that each says what to do."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import rollup
from okrsync.model import GapKind, GoalState, KeyResultKind, Objective, Relation, Severity, Window


def gaps(make, krs, objectives=(), tickets=None, readings=(), now=None):
    goals = make.goals(krs, objectives)
    progress = {kr.id: make.measure(kr, (tickets or {}).get(kr.id, ()), readings, now=now) for kr in krs}
    return rollup.goal_gaps(goals, progress)


def kinds(found):
    return {(gap.kind, gap.subject) for gap in found}


def healthy(make, *ids):
    return [make.kr(one) for one in ids], {one: make.steady(24, 16, make.middle) for one in ids}


def test_a_healthy_tree_has_none(make):
    krs, tickets = healthy(make, "KR-A", "KR-B")
    assert gaps(make, krs, tickets=tickets) == []


def test_kr_without_work(make):
    found = gaps(make, [make.kr("KR-A"), make.kr("KR-B", kind=KeyResultKind.MIXED, baseline=1.0, target=2.0)])
    assert kinds(found) == {
        (GapKind.KR_WITHOUT_WORK, "KR-A"),
        (GapKind.KR_WITHOUT_WORK, "KR-B"),
        (GapKind.KR_NO_DATA, "KR-B"),
    }
    assert dict(found[-1].fix.args) == {"id": "KR-B"}


def test_kr_no_data(make):
    cancelled = make.tickets(2, 0, resolution="Won't Do")
    krs = [make.kr("KR-A"), make.metric(id="KR-B")]
    found = gaps(make, krs, tickets={"KR-A": cancelled})
    assert {(GapKind.KR_NO_DATA, "KR-A"), (GapKind.KR_NO_DATA, "KR-B")} <= kinds(found)
    assert (GapKind.KR_WITHOUT_WORK, "KR-A") not in kinds(found)


def test_work_that_weighs_nothing_is_no_missing_work_and_no_number_mends_it(make):
    found = gaps(make, [make.kr("KR-A")], tickets={"KR-A": make.tickets(1, 3, points=0.0)})
    (gap,) = [gap for gap in found if gap.subject == "KR-A"]
    assert (gap.kind, gap.fix.code) == (GapKind.KR_NO_DATA, "goal.fix.no_live_work")


def test_a_band_that_was_only_read_before_its_window_has_no_data(make):
    keep = make.kr("KR-A", kind=KeyResultKind.KEEP, low=1.0, high=2.0)
    before = make.reading(1.5, make.start - timedelta(days=3), kr="KR-A")
    assert (GapKind.KR_NO_DATA, "KR-A") in kinds(gaps(make, [keep], readings=[before]))
    inside = make.reading(1.5, make.at(0.4), kr="KR-A")
    assert (GapKind.KR_NO_DATA, "KR-A") not in kinds(gaps(make, [keep], readings=[before, inside]))


def test_objective_without_kr(make):
    krs, tickets = healthy(make, "KR-A", "KR-B")
    objectives = [
        Objective("O-TOP", "Has a child that contributes", owner="x"),
        Objective("O-1", "Has key results", owner="x", parent="O-TOP"),
        Objective("O-LONE", "Has a child that only supports", owner="x"),
        Objective("O-SIDE", "Has nothing", owner="x", parent="O-LONE", relation=Relation.SUPPORTS),
    ]
    found = gaps(make, krs, objectives, tickets)
    assert kinds(found) == {(GapKind.OBJECTIVE_WITHOUT_KR, "O-LONE"), (GapKind.OBJECTIVE_WITHOUT_KR, "O-SIDE")}


def test_kr_without_owner_only_where_its_objective_has_none_either(make):
    krs, tickets = healthy(make, "KR-A", "KR-B")
    krs[1] = replace(krs[1], owner="cto@acme.test")
    assert kinds(gaps(make, krs, [Objective("O-1", "Lead")], tickets)) == {(GapKind.KR_WITHOUT_OWNER, "KR-A")}


def test_kr_without_baseline_and_without_due_date(make):
    krs = [make.metric(id="KR-A", baseline=None), make.metric(id="KR-B", window=Window(make.start, None))]
    readings = [make.reading(82, make.middle, kr="KR-A"), make.reading(82, make.middle, kr="KR-B")]
    found = gaps(make, krs, readings=readings)
    assert kinds(found) == {(GapKind.KR_WITHOUT_BASELINE, "KR-A"), (GapKind.KR_WITHOUT_DUE_DATE, "KR-B")}


def test_kr_count_below_two_and_above_five(make):
    for count, counted in [(1, True), (2, False), (5, False), (6, True)]:
        krs, tickets = healthy(make, *(f"KR-{n}" for n in range(count)))
        dropped = make.kr("KR-X", state=GoalState.DROPPED)
        found = gaps(make, [*krs, dropped], tickets=tickets)
        assert ((GapKind.KR_COUNT, "O-1") in kinds(found)) is counted


def test_flags_become_gaps_with_the_items_behind_them(make):
    old, late = make.steady(20, 10, make.middle), make.start + timedelta(days=30)
    new = [make.ticket(100 + n, linked_since=late) for n in range(10)]
    gone = [make.ticket(200 + n, "done", resolution="Duplicate") for n in range(20)]
    krs, tickets = healthy(make, "KR-A")
    krs += [make.kr("KR-B"), make.metric(id="KR-C", kind=KeyResultKind.MIXED)]
    tickets |= {"KR-B": [*old, *new, *gone], "KR-C": make.tickets(8, 2)}
    now = make.at(0.6)
    found = gaps(make, krs, tickets=tickets, readings=[make.reading(80.5, now, kr="KR-C")], now=now)
    by_kind = {gap.kind: gap for gap in found}
    assert set(by_kind) == {GapKind.SCOPE_GROWTH, GapKind.CLOSING_BY_CANCELLING, GapKind.OUTPUT_WITHOUT_OUTCOME}
    assert by_kind[GapKind.SCOPE_GROWTH].items == tuple(f"SHOP-{100 + n}" for n in range(10))
    assert dict(by_kind[GapKind.SCOPE_GROWTH].evidence.args) == {"initial": 30, "scope": 40}
    assert len(by_kind[GapKind.CLOSING_BY_CANCELLING].items) == 20
    assert dict(by_kind[GapKind.OUTPUT_WITHOUT_OUTCOME].evidence.args) == {"work": 80, "metric": 10}


def test_outcome_without_output_and_stale_reading(make):
    now = make.at(0.6)
    krs = [
        make.metric(id="KR-A", kind=KeyResultKind.MIXED),
        make.metric(id="KR-B", stale_after=timedelta(days=7)),
    ]
    old = make.at(0.2)
    readings = [make.reading(84, now, kr="KR-A"), make.reading(82, old, kr="KR-B")]
    found = gaps(make, krs, tickets={"KR-A": make.tickets(1, 9)}, readings=readings, now=now)
    assert kinds(found) == {(GapKind.OUTCOME_WITHOUT_OUTPUT, "KR-A"), (GapKind.STALE_READING, "KR-B")}
    assert next(gap for gap in found if gap.kind is GapKind.STALE_READING).since == old


def test_goals_that_are_over_dropped_or_closed_have_none(make):
    objectives = [
        Objective("O-GONE", "Dropped", state=GoalState.DROPPED),
        Objective("O-1", "Below it", parent="O-GONE"),
        Objective("O-2", "Beside it", parent="O-GONE", relation=Relation.SUPPORTS),
    ]
    krs = [make.kr("KR-A"), make.kr("KR-B", objective="O-2", state=GoalState.CLOSED)]
    assert kinds(gaps(make, krs, objectives)) == {(GapKind.OBJECTIVE_WITHOUT_KR, "O-2")}
    ended = gaps(make, [make.kr("KR-A"), make.kr("KR-B")], [Objective("O-1", "Lead")], now=make.end,
                 tickets={"KR-A": make.tickets(1, 1), "KR-B": make.tickets(2, 0)})  # fmt: skip
    assert kinds(ended) == set()  # missed, and done


def test_what_is_reached_before_its_end_still_runs(make):
    krs = [make.metric(id="KR-A"), make.kr("KR-B")]
    found = gaps(make, krs, [Objective("O-1", "Lead")], {"KR-B": make.tickets(2, 0)},
                 [make.reading(85, make.at(0.4), kr="KR-A")])  # fmt: skip
    assert kinds(found) == {(GapKind.KR_WITHOUT_OWNER, "KR-A"), (GapKind.KR_WITHOUT_OWNER, "KR-B")}


def test_the_gravest_come_first_in_an_order_of_their_own(make):
    krs = [make.kr(f"KR-{n}", window=Window(make.start, None)) for n in (10, 9, 2)]
    found = gaps(make, krs, [Objective("O-1", "Lead")])
    assert [gap.severity for gap in found] == [Severity.HIGH] * 3 + [Severity.MEDIUM] * 6
    assert [gap.subject for gap in found[:3]] == ["KR-2", "KR-9", "KR-10"]
    assert found == gaps(make, krs[::-1], [Objective("O-1", "Lead")])
