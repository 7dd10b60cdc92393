"""Objectives: weights, the worst that weighs, trees of cycles, and each item once."""

from __future__ import annotations

import random
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

import rollup
from okrsync.model import GoalState, Objective, Progress, Relation, State, Status, Window


def known(status: Status, progress: float | None, kr: str = "") -> Progress:
    return Progress(kr, status, progress)


def measure(make, krs, progress, objectives=(), tickets=None, now=None):
    goals = make.goals(krs, objectives)
    return rollup.measure_objectives(goals, progress, tickets or {}, make.thresholds, now or make.middle)


def one(make, *inputs):
    """The objective over key results given as (status, progress, weight)."""
    krs = [make.kr(f"KR-{n}", weight=weight) for n, (_, _, weight) in enumerate(inputs)]
    progress = {f"KR-{n}": known(status, value) for n, (status, value, _) in enumerate(inputs)}
    return measure(make, krs, progress)["O-1"]


def test_weighted_mean_of_what_has_a_value(make):
    found = one(make, (Status.ON_TRACK, 0.5, 2), (Status.AT_RISK, 0.2, 1), (Status.NO_DATA, None, 5))
    assert (found.progress, found.measured) == (pytest.approx(0.4), (2, 3))


def test_exceeding_never_makes_up_for_a_sibling(make):
    found = one(make, (Status.ACHIEVED, 3.0, 1), (Status.OFF_TRACK, -1.0, 1))
    assert found.progress == 0.5


def test_dropped_are_out_and_not_started_are_in(make):
    krs = [make.kr("KR-A"), make.kr("KR-B", state=GoalState.DROPPED), make.kr("KR-C")]
    progress = {
        "KR-A": known(Status.DONE, 1.0),
        "KR-B": known(Status.DROPPED, 1.0),
        "KR-C": known(Status.NOT_STARTED, 0.0),
    }
    found = measure(make, krs, progress)["O-1"]
    assert (found.progress, found.measured, found.status) == (0.5, (2, 2), Status.DONE)


def test_weights_that_sum_to_zero_are_null(make):
    found = one(make, (Status.DONE, 1.0, 0), (Status.OFF_TRACK, 0.1, 0))
    assert (found.progress, found.measured) == (None, (2, 2))


def test_nothing_below_is_null_and_no_data(make):
    found = measure(make, [], {})["O-1"]
    assert (found.progress, found.status, found.measured) == (None, Status.NO_DATA, (0, 0))
    early = measure(make, [], {}, now=make.start.replace(year=2025))["O-1"]
    assert early.status is Status.NOT_STARTED


@pytest.mark.parametrize(
    ("inputs", "status"),
    [
        ([(Status.ON_TRACK, 9), (Status.OFF_TRACK, 1)], Status.OFF_TRACK),  # exactly a tenth
        ([(Status.ON_TRACK, 9.2), (Status.OFF_TRACK, 0.8)], Status.ON_TRACK),
        ([(Status.MISSED, 1), (Status.AT_RISK, 1)], Status.MISSED),
        ([(Status.STALE, 1), (Status.AT_RISK, 1)], Status.AT_RISK),
        ([(Status.STALE, 1), (Status.ON_TRACK, 1)], Status.STALE),
        ([(Status.NO_DUE_DATE, 1), (Status.ON_TRACK, 2)], Status.ON_TRACK),  # alike: the heavier says it
        ([(Status.DONE, 5), (Status.ON_TRACK, 1)], Status.ON_TRACK),
        ([(Status.ACHIEVED, 2), (Status.DONE, 1)], Status.ACHIEVED),
        ([(Status.NO_DATA, 5), (Status.TOO_EARLY, 5), (Status.DONE, 5)], Status.DONE),
        ([(Status.NO_DATA, 5), (Status.TOO_EARLY, 1)], Status.TOO_EARLY),
        ([(Status.NO_DATA, 1), (Status.NOT_STARTED, 1)], Status.NOT_STARTED),
        ([(Status.NO_DATA, 1)], Status.NO_DATA),
        ([(Status.ON_TRACK, 1)] * 19 + [(Status.OFF_TRACK, 1.5)], Status.OFF_TRACK),  # none is heavy: the heaviest
        ([(Status.ON_TRACK, 1.5)] * 19 + [(Status.OFF_TRACK, 1)], Status.ON_TRACK),
    ],
)
def test_the_worst_of_those_that_weigh(make, inputs, status):
    found = one(make, *((state, 0.5, weight) for state, weight in inputs))
    assert found.status is status


def test_five_on_track_and_one_off_track_are_off_track(make):
    found = one(make, *[(Status.ON_TRACK, 0.6, 1)] * 5, (Status.OFF_TRACK, 0.1, 1))
    assert found.status is Status.OFF_TRACK
    assert dict(found.causes[0].text.args) == {"goals": "KR-5", "share": 17}


def test_who_is_not_judged_yet_is_counted(make):
    found = one(make, (Status.ON_TRACK, 0.6, 1), (Status.TOO_EARLY, 0.1, 1), (Status.NO_DATA, None, 1))
    assert dict(found.causes[-1].text.args) == {"count": 2, "of": 3, "goals": "KR-1, KR-2"}


def test_quarterly_team_goals_feed_annual_ones(make):
    year = make.days(date(2026, 1, 1), date(2026, 12, 31))
    objectives = [
        Objective("O-TEAM", "Quarter", window=make.window, parent="O-YEAR", weight=3),
        Objective("O-YEAR", "Year", window=year, parent="O-LEAD"),
        Objective("O-LEAD", "Lead", window=year),
    ]
    krs = [make.kr("KR-Q", objective="O-TEAM"), make.kr("KR-Y", objective="O-YEAR", window=year)]
    progress = {"KR-Q": known(Status.OFF_TRACK, 0.2), "KR-Y": known(Status.ON_TRACK, 0.6)}
    found = measure(make, krs, progress, objectives)
    assert list(found) == ["O-TEAM", "O-YEAR", "O-LEAD"]
    assert found["O-YEAR"].progress == pytest.approx((3 * 0.2 + 0.6) / 4)
    assert found["O-LEAD"].progress == found["O-YEAR"].progress
    assert found["O-LEAD"].status is Status.OFF_TRACK


def test_a_child_that_supports_is_shown_and_never_counts(make):
    objectives = [Objective("O-1", "Up"), Objective("O-2", "Side", parent="O-1", relation=Relation.SUPPORTS)]
    krs = [make.kr("KR-A"), make.kr("KR-B", objective="O-2")]
    progress = {"KR-A": known(Status.DONE, 1.0), "KR-B": known(Status.OFF_TRACK, 0.0)}
    tickets = {"KR-A": make.tickets(1, 0), "KR-B": [make.ticket(50)]}
    found = measure(make, krs, progress, objectives, tickets)
    assert (found["O-1"].progress, found["O-1"].status, found["O-1"].measured) == (1.0, Status.DONE, (1, 1))
    assert (found["O-1"].scope, found["O-2"].scope) == (1, 1)


def test_a_dropped_child_is_out_with_all_below_it(make):
    objectives = [Objective("O-1", "Up"), Objective("O-2", "Gone", parent="O-1", state=GoalState.DROPPED)]
    krs = [make.kr("KR-A"), make.kr("KR-B", objective="O-2")]
    progress = {"KR-A": known(Status.ON_TRACK, 0.4), "KR-B": known(Status.MISSED, 0.0)}
    found = measure(make, krs, progress, objectives)
    assert (found["O-1"].progress, found["O-1"].status) == (0.4, Status.ON_TRACK)
    assert found["O-2"].status is Status.DROPPED


def test_one_item_in_two_krs_and_two_objectives_counts_once_above(make):
    objectives = [Objective("O-1", "Up"), Objective("O-2", "A", parent="O-1"), Objective("O-3", "B", parent="O-1")]
    krs = [make.kr("KR-A", objective="O-2"), make.kr("KR-B", objective="O-2"), make.kr("KR-C", objective="O-3")]
    shared = make.tickets(1, 1)
    tickets = {"KR-A": shared, "KR-B": [*shared, make.ticket(7)], "KR-C": [shared[0]], "O-1": [make.ticket(8)]}
    progress = {kr.id: known(Status.ON_TRACK, 0.5) for kr in krs}
    found = measure(make, krs, progress, objectives, tickets)
    assert (found["O-2"].done, found["O-2"].scope) == (1, 3)
    assert (found["O-3"].done, found["O-3"].scope) == (1, 1)
    assert (found["O-1"].done, found["O-1"].scope) == (1, 4)


def test_an_epic_of_one_kr_and_its_stories_of_another_are_the_same_work(make):
    krs = [make.kr("KR-A"), make.kr("KR-B")]
    tickets = {"KR-A": [make.ticket(1)], "KR-B": [make.ticket(2, State.DONE, parent=1), make.ticket(3, parent=1)]}
    progress = {kr.id: known(Status.ON_TRACK, 0.5) for kr in krs}
    found = measure(make, krs, progress, tickets=tickets)["O-1"]
    assert (found.done, found.scope) == (1, 2)


def test_a_chain_of_5000_objectives(make):
    objectives = [Objective(f"O-{n}", "Deep", parent=f"O-{n - 1}" if n else None) for n in range(5000)]
    krs = [make.kr("KR-A", objective="O-4999")]
    found = measure(make, krs, {"KR-A": known(Status.AT_RISK, 0.3)}, objectives, {"KR-A": make.tickets(1, 1)})
    assert (found["O-0"].progress, found["O-0"].status, found["O-0"].scope) == (0.3, Status.AT_RISK, 2)


STATUSES = st.sampled_from([status for status in Status if status is not Status.DROPPED])


@given(
    inputs=st.lists(st.tuples(STATUSES, st.floats(0, 1), st.integers(1, 40)), min_size=1, max_size=12),
    factor=st.sampled_from([0.001, 0.5, 3, 1000]),
    seed=st.integers(0, 999),
)
def test_weights_have_no_scale_and_siblings_no_order(make, inputs, factor, seed):
    def found(rows):
        krs = [make.kr(f"KR-{n}", weight=weight) for n, _, _, weight in rows]
        return measure(make, krs, {f"KR-{n}": known(status, value) for n, status, value, _ in rows})["O-1"]

    rows = [(n, *row) for n, row in enumerate(inputs)]
    shuffled = rows[:]
    random.Random(seed).shuffle(shuffled)
    plain, mixed = found(rows), found(shuffled)
    scaled = found([(n, status, value, weight * factor) for n, status, value, weight in rows])
    assert plain == mixed
    assert (scaled.status, scaled.measured) == (plain.status, plain.measured)
    assert scaled.progress == pytest.approx(plain.progress)


@given(served=st.lists(st.sets(st.integers(1, 12)), min_size=1, max_size=5), done=st.sets(st.integers(1, 12)))
def test_each_item_counts_once_however_many_krs_it_serves(make, served, done):
    krs = [make.kr(f"KR-{n}") for n in range(len(served))]
    tickets = {
        f"KR-{n}": [make.ticket(uid, State.DONE if uid in done else State.TODO) for uid in sorted(uids)]
        for n, uids in enumerate(served)
    }
    every = set().union(*served)
    found = measure(make, krs, {kr.id: known(Status.ON_TRACK, 0.5) for kr in krs}, tickets=tickets)["O-1"]
    assert found.scope == (len(every) or None)
    assert found.done == (len(every & done) if every else None)


def test_a_window_of_the_objective_without_key_results_speaks_before_it_begins(make):
    objectives = [Objective("O-1", "Next", window=Window(make.end, None))]
    assert measure(make, [], {}, objectives)["O-1"].status is Status.NOT_STARTED
