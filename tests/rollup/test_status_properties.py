"""What holds of every metric, objective and tree, whatever is in it."""

from __future__ import annotations

import math
import random
from dataclasses import replace

import pytest
from cases import cases
from hypothesis import given
from hypothesis import strategies as st

import rollup
from okrsync.model import GoalState, KeyResultKind, Objective, Progress, Relation, State, Status

WORST_FIRST = (Status.OFF_TRACK, Status.AT_RISK, Status.ON_TRACK, Status.ACHIEVED)
SILENT = {Status.TOO_EARLY, Status.NOT_STARTED, Status.NO_DATA}
VALUES = st.floats(-50, 150).map(lambda value: round(value, 3))
SHARES = st.floats(0.16, 0.99)


# ── metrics ──────────────────────────────────────────────────────────────────────────────────────────────────────────


@given(
    bounds=st.tuples(VALUES, VALUES).filter(lambda two: two[0] != two[1]),
    values=st.tuples(VALUES, VALUES),
    share=SHARES,
    curve=st.sampled_from(["linear", "s"]),
)
def test_a_better_reading_never_lowers_progress_or_status_up_or_down(make, bounds, values, share, curve):
    baseline, target = bounds
    worse, better = sorted(values, reverse=target < baseline)
    now = make.at(share)
    kr = make.metric(baseline=baseline, target=target, curve=curve)
    first, second = (make.measure(kr, readings=[make.reading(value, now)], now=now) for value in (worse, better))
    assert first.progress <= second.progress
    assert WORST_FIRST.index(first.status) <= WORST_FIRST.index(second.status)
    mirrored = replace(kr, baseline=-baseline, target=-target)
    other = make.measure(mirrored, readings=[make.reading(-better, now)], now=now)
    assert (other.status, other.progress) == (second.status, second.progress)


@given(
    kind=st.sampled_from([KeyResultKind.METRIC, KeyResultKind.KEEP, KeyResultKind.MIXED]),
    told=st.lists(st.tuples(st.integers(-20, 120), VALUES), max_size=8, unique_by=lambda one: one[0]),
    share=st.floats(-0.1, 1.1),
    seed=st.integers(0, 99),
)
def test_the_order_of_the_readings_is_irrelevant_and_null_is_never_0(make, kind, told, share, seed):
    kr = make.kr(kind=kind, baseline=0.0, target=100.0, low=20.0, high=80.0)
    readings = [make.reading(value, make.at(at / 100)) for at, value in told]
    mixed = readings[:]
    random.Random(seed).shuffle(mixed)
    work, now = make.tickets(3, 3), make.at(share)
    known = make.measure(kr, work, readings, now=now)
    assert make.measure(kr, work[::-1], mixed, now=now) == known
    read = [at for at, _ in told if make.at(at / 100) <= now and (kind is not KeyResultKind.KEEP or 0 <= at < 100)]
    assert (known.progress is None) == (not read)
    if known.progress is None:
        assert known.status in (Status.NO_DATA, Status.NOT_STARTED)
        assert known.grade is None


# ── objectives ───────────────────────────────────────────────────────────────────────────────────────────────────────

JUDGED = st.sampled_from(sorted(set(Status) - {Status.DROPPED}))
INPUT = st.tuples(JUDGED, st.none() | st.floats(-1, 2), st.sampled_from([0.0, 0.04, 0.5, 1.0, 1.0, 7.0]))


@given(st.lists(INPUT, max_size=14))
def test_an_objective_is_the_mean_of_what_has_a_value_and_as_bad_as_the_worst_that_weighs(make, inputs):
    """The page, by the word."""
    krs = [make.kr(f"KR-{n}", weight=weight) for n, (_, _, weight) in enumerate(inputs)]
    progress = {f"KR-{n}": Progress(f"KR-{n}", status, value) for n, (status, value, _) in enumerate(inputs)}
    found = rollup.measure_objectives(make.goals(krs), progress, {}, make.thresholds, make.middle)["O-1"]
    valued = [(min(max(value, 0), 1), weight) for _, value, weight in inputs if value is not None]
    weight = sum(one for _, one in valued)
    assert found.measured == (len(valued), len(inputs))
    if not weight:
        assert found.progress is None
    else:
        assert found.progress == pytest.approx(sum(value * share for value, share in valued) / weight)
    total = sum(weight for *_, weight in inputs)
    heavy = {status for status, _, weight in inputs if total and weight / total >= 0.1 - 1e-9}
    order = [
        {Status.MISSED, Status.OFF_TRACK},
        {Status.AT_RISK},
        {Status.STALE},
        {Status.NO_DUE_DATE, Status.ON_TRACK},
        {Status.DONE, Status.ACHIEVED},
    ]
    if heavy - SILENT:
        assert found.status in next(alike for alike in order if alike & heavy)
    elif inputs and not heavy and {status for status, *_ in inputs} - SILENT:
        assert found.status not in SILENT
    counted = sum(status in SILENT for status, *_ in inputs)
    told = [dict(cause.text.args) for cause in found.causes if "count" in dict(cause.text.args)]
    assert [one["count"] for one in told] == ([counted] if counted else [])


@st.composite
def trees(draw):
    """(parent, relation, weight, state) of each objective, and (objective, uids) of each key result."""
    count = draw(st.integers(1, 6))
    objectives = [
        (
            draw(st.integers(0, n - 1)) if n else None,
            draw(st.sampled_from([Relation.CONTRIBUTES, Relation.CONTRIBUTES, Relation.SUPPORTS])),
            draw(st.sampled_from([0.5, 1.0, 4.0])),
            draw(st.sampled_from([GoalState.APPROVED, GoalState.APPROVED, GoalState.APPROVED, GoalState.DROPPED])),
        )
        for n in range(count)
    ]
    uids = st.sets(st.integers(1, 15), max_size=6)
    return objectives, draw(st.lists(st.tuples(st.integers(0, count - 1), uids), min_size=1, max_size=7))


def grown(make, tree, done, factor=1.0):
    """Every objective of a tree whose key results are measured from their tickets, of which these are done."""
    objectives, served = tree
    every = [
        Objective(
            f"O-{n}", "Goal", parent=None if above is None else f"O-{above}", relation=relation, state=state,
            weight=weight * factor,
        )
        for n, (above, relation, weight, state) in enumerate(objectives)
    ]  # fmt: skip
    krs = [make.kr(f"KR-{n}", objective=f"O-{one}", weight=factor) for n, (one, _) in enumerate(served)]
    tickets = {
        f"KR-{n}": [make.ticket(uid, State.DONE if uid in done else State.TODO) for uid in sorted(uids)]
        for n, (_, uids) in enumerate(served)
    }
    progress = {kr.id: make.measure(kr, tickets[kr.id]) for kr in krs}
    return rollup.measure_objectives(make.goals(krs, every), progress, tickets, make.thresholds, make.middle)


def below(objectives, top):
    """The objective itself and all that contributes to it at any depth, by the word."""
    mine = {top}
    for n, (above, relation, _, state) in enumerate(objectives):  # parents come first
        if n != top and above in mine and relation is Relation.CONTRIBUTES and state is not GoalState.DROPPED:
            mine.add(n)
    return mine


@cases(80)
@given(trees(), st.sets(st.integers(1, 15)), st.integers(1, 15))
def test_in_a_tree_an_item_counts_once_and_finishing_it_lowers_nothing(make, tree, done, one):
    objectives, served = tree
    before, after = grown(make, tree, done), grown(make, tree, done | {one})
    for n in range(len(objectives)):
        mine = set().union(*(uids for at, uids in served if at in below(objectives, n)))
        known, more = before[f"O-{n}"], after[f"O-{n}"]
        assert known.scope == (len(mine) or None)
        assert known.done == (len(mine & done) if mine else None)
        assert (known.progress is None) == (more.progress is None) == (not mine)
        if mine:
            assert known.progress <= more.progress + 1e-12
            assert known.done <= more.done


@cases(60)
@given(trees(), st.sets(st.integers(1, 15)), st.sampled_from([0.01, 3.0, 1000.0]))
def test_the_weights_of_a_tree_have_no_scale(make, tree, done, factor):
    plain, scaled = grown(make, tree, done), grown(make, tree, done, factor)
    for goal, known in plain.items():
        other = scaled[goal]
        assert (other.status, other.measured, other.causes) == (known.status, known.measured, known.causes)
        assert other.progress == (None if known.progress is None else pytest.approx(known.progress))


@cases(80)
@given(st.sets(st.integers(1, 40), min_size=1), st.sets(st.integers(1, 40)), SHARES)
def test_what_was_published_changes_only_what_damping_holds(make, served, done, share):
    """A rebuild that is told the same of what was published says the same: it is an input as any other."""
    now = make.at(share)
    tickets = [make.ticket(uid, State.DONE if uid in done else State.TODO) for uid in sorted(served)]

    def measured(published):
        return rollup.measure_key_result(
            make.kr(), tickets, (), make.thresholds, now, "Europe/Paris", stale=False, published=published
        )

    free = measured(None)
    for published in Status:
        known = measured(published)
        assert known == measured(published)
        assert known.status is free.status or (known.status, known.undamped) == (published, free.status) or (
            known.undamped is free.status
        )  # fmt: skip
        plain = replace(known, status=free.status, undamped=None, causes=())
        assert plain == replace(free, causes=())
        assert math.isclose(known.progress, len(served & done) / len(served))
