"""Effort by goal beside the weights: what adds up, what is compared, and when it is a gap."""

from __future__ import annotations

import math
from dataclasses import replace
from datetime import timedelta

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from okrsync.model import GapKind, GoalState, KeyResultKind, Objective, Relation, Thresholds, Window
from rollup.balance import balances, effort_gaps
from rollup.streams import by_goal, shares
from rollup.workload import LINK


def of(found, goal):
    return next(one for one in found if one.goal == goal)


def gaps(make, krs, effort, *, objectives=(), excused=(), now=None):
    goals, now = make.goals(krs, objectives), now or make.middle
    found = balances(goals, effort, Window(make.start, now))
    return effort_gaps(found, goals, excused, "2026-10-01", Thresholds(), now)


@given(st.lists(st.tuples(st.floats(0, 50), st.sets(st.integers(0, 4)))))
def test_the_effort_of_a_ticket_is_split_evenly_and_nothing_is_lost(tickets):
    uids, effort = np.arange(len(tickets)), np.array([cost for cost, _ in tickets])
    links = np.array([(uid, 0, target) for uid, (_, served) in enumerate(tickets) for target in sorted(served)], LINK)
    names = [f"KR-{number}" for number in range(5)]
    found = by_goal(*shares(uids, effort, links), names)
    assert math.fsum(found.values()) == pytest.approx(math.fsum(cost for cost, served in tickets if served))
    for place, name in enumerate(names):
        own = math.fsum(cost / len(served) for cost, served in tickets if place in served)
        assert found.get(name, 0.0) == pytest.approx(own)


def test_five_percent_of_the_effort_on_forty_percent_of_the_weight(make):
    krs = [make.kr("KR-A", weight=4.0), make.kr("KR-B", weight=3.0), make.kr("KR-C", weight=3.0)]
    (starved, fed) = gaps(make, krs, {"KR-A": 5.0, "KR-B": 30.0, "KR-C": 65.0})
    assert (starved.kind, starved.subject, fed.subject) == (GapKind.EFFORT_AGAINST_WEIGHT, "KR-A", "KR-C")
    facts = dict(starved.evidence.args)
    assert (facts["effort"], facts["weight"], facts["above"]) == (5, 40, "O-1")
    assert (starved.fix.code, fed.fix.code) == ("goal.fix.effort_less", "goal.fix.effort_more")


@pytest.mark.parametrize("effort", [{"KR-A": 5.0, "KR-B": 95.0}, {"KR-A": 80.0, "KR-B": 20.0}])
def test_the_weight_to_type_is_that_of_the_effort(make, effort):
    krs = [make.kr("KR-A", weight=4.0), make.kr("KR-B", weight=6.0)]
    (gap,) = gaps(make, krs, effort)
    name, _, typed = gap.typed.partition(" = ")
    assert name == "weight"
    mended = [replace(kr, weight=float(typed)) if kr.id == gap.subject else kr for kr in krs]
    assert gaps(make, mended, effort) == []
    again = of(balances(make.goals(mended), effort, Window(make.start, make.middle)), gap.subject)
    assert again.difference == pytest.approx(0, abs=0.01)


def test_what_chance_may_do_is_no_gap(make):
    krs = [make.kr("KR-A"), make.kr("KR-B")]
    assert gaps(make, krs, {"KR-A": 1.0, "KR-B": 4.0}) == []
    assert len(gaps(make, krs, {"KR-A": 10.0, "KR-B": 40.0})) == 1, "of two beside one another the starved one"


def test_what_is_excused_too_young_or_ended_is_not_told(make):
    krs, effort = [make.kr("KR-A"), make.kr("KR-B")], {"KR-A": 0.0, "KR-B": 90.0}
    assert [gap.subject for gap in gaps(make, krs, effort, excused={"KR-A"})] == ["KR-B"]
    assert gaps(make, krs, effort, now=make.at(0.1)) == []
    over = make.kr("KR-A", window=Window(make.start - timedelta(days=90), make.start))
    assert gaps(make, [over, krs[1]], effort) == []
    assert gaps(make, [make.kr("KR-A", state=GoalState.DROPPED), krs[1]], effort) == []


def test_a_key_result_that_is_only_measured_is_compared_where_work_is_linked_to_it(make):
    krs = [make.metric(id="KR-A"), make.kr("KR-B"), make.kr("KR-C", kind=KeyResultKind.KEEP, low=1.0, high=2.0)]
    found = balances(make.goals(krs), {"KR-B": 9.0}, Window(make.start, make.middle))
    assert [of(found, kr).weight_share for kr in ("KR-A", "KR-B", "KR-C")] == [None, 1.0, None]
    found = balances(make.goals(krs), {"KR-A": 1.0, "KR-B": 9.0}, Window(make.start, make.middle))
    assert [of(found, kr).weight_share for kr in ("KR-A", "KR-B", "KR-C")] == [0.5, 0.5, None]


def test_an_objective_has_what_contributes_to_it_and_the_top_adds_up(make):
    objectives = [
        Objective("O-TOP", "x"),
        Objective("O-1", "x", parent="O-TOP"),
        Objective("O-SIDE", "x", parent="O-TOP", relation=Relation.SUPPORTS),
        Objective("O-ELSE", "x", weight=3.0),
    ]
    effort = {"O-TOP": 1.0, "KR-A": 2.0, "O-SIDE": 4.0, "KR-E": 8.0}
    goals = make.goals([make.kr("KR-A"), make.kr("KR-E", objective="O-ELSE")], objectives)
    found = balances(goals, effort, Window(make.start, make.middle))
    assert [(one.goal, one.effort) for one in found if one.above is None] == [
        ("O-TOP", 3.0),
        ("O-ELSE", 8.0),
        ("O-SIDE", 4.0),
    ]
    assert of(found, "O-TOP").effort_share == pytest.approx(3 / 11)
    assert of(found, "O-TOP").weight_share == 0.25
    assert of(found, "O-SIDE").difference is None, "what only supports is not compared"


@given(st.floats(0.01, 1000))
def test_weights_have_no_scale(make, factor):
    krs = [make.kr("KR-A", weight=4.0), make.kr("KR-B", weight=1.0)]
    scaled = [replace(kr, weight=kr.weight * factor) for kr in krs]
    effort, period = {"KR-A": 5.0, "KR-B": 30.0}, Window(make.start, make.middle)
    for one, other in zip(*(balances(make.goals(some), effort, period) for some in (krs, scaled)), strict=True):
        assert one.difference == pytest.approx(other.difference)
