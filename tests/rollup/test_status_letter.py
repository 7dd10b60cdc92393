"""The letter of the status page where no other test holds it, each sentence with its counter-example."""

from __future__ import annotations

import ast
from dataclasses import FrozenInstanceError, replace
from datetime import date, timedelta
from pathlib import Path

import pytest

import rollup
from okrsync.model import (
    ChangeKind,
    Commitment,
    Flag,
    GoalState,
    KeyResultKind,
    Objective,
    Progress,
    Relation,
    State,
    Status,
    Thresholds,
    Window,
)
from okrsync.texts import say
from rollup.borders import Borders
from rollup.overview import overviews
from rollup.workload import workload

CLOCKS = {"datetime.now", "datetime.utcnow", "datetime.today", "date.today"}
DAY = timedelta(days=1)
SECOND = timedelta(seconds=1)


def causes(progress):
    return {cause.text.code: cause for cause in progress.causes}


# ── work ─────────────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("resolution", "scope"),
    [
        *((word, 3) for word in Thresholds().cancelled_resolutions),
        *((word, 4) for word in ("Done", "Fixed", "completed", "approved", "Won't", "planned", "", None)),
    ],
)
def test_each_word_for_cancelled_takes_an_item_out_and_no_other_does(make, resolution, scope):
    known = make.measure(make.kr(), [*make.tickets(1, 2), make.ticket(9, State.DONE, resolution=resolution)])
    assert (known.scope, known.cancelled, known.done) == (scope, 4 - scope, scope - 2)


@pytest.mark.parametrize(("estimated", "unit"), [(80, "points"), (79, "items")])
def test_points_begin_at_exactly_four_fifths(make, estimated, unit):
    tickets = [make.ticket(n, points=3 if n < estimated else None) for n in range(100)]
    known = make.measure(make.kr(), tickets)
    assert (known.unit, known.scope) == (unit, 300 if unit == "points" else 100)


def test_an_item_weighs_where_its_live_children_are_in_another_scope(make):
    epic, task = make.ticket(1), make.ticket(2, State.DONE, parent=1)
    assert make.measure(make.kr(), [epic]).scope == 1
    assert make.measure(make.kr(), [epic, task]).done == make.measure(make.kr(), [epic, task]).scope == 1


def test_n_is_the_number_of_items_of_equal_weight(make):
    """One item of 98 points beside four of one: e·n stays below two until the end, that of five alike does not."""
    uneven = [make.ticket(n, points=98 if n == 1 else 1) for n in range(1, 6)]
    assert make.measure(make.kr(), uneven, now=make.at(0.99)).status is Status.TOO_EARLY
    alike = [make.ticket(n, points=20) for n in range(1, 6)]
    assert make.measure(make.kr(), alike, now=make.at(0.5)).status is not Status.TOO_EARLY


# ── the first line that matches ──────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("status", "at", "done", "todo", "facts", "stale"),
    [
        (Status.DROPPED, -0.1, 0, 0, {"state": GoalState.DROPPED}, True),  # 1 before 2
        (Status.DROPPED, 1.1, 2, 0, {"state": GoalState.DROPPED}, True),  # and before 4 and 5
        (Status.NOT_STARTED, -0.1, 0, 0, {}, True),  # 2 before 3
        (Status.NOT_STARTED, -0.1, 2, 0, {}, True),  # and before 4
        (Status.NO_DATA, 1.1, 0, 0, {}, True),  # 3 before 5
        (Status.DONE, 1.1, 2, 0, {}, True),  # 4 before 5
        (Status.DONE, 0.5, 2, 0, {"window": Window()}, True),  # and before 6
        (Status.DONE, 0.1, 2, 0, {}, True),  # and before 7 and 8
        (Status.MISSED, 1.1, 1, 9, {}, True),  # 5 before 7
        (Status.NO_DUE_DATE, 0.5, 1, 9, {"window": Window()}, True),  # 6 before 7
        (Status.STALE, 0.1, 1, 9, {}, True),  # 7 before 8
        (Status.TOO_EARLY, 0.1, 0, 900, {}, False),  # 8 before 9
        (Status.OFF_TRACK, 0.9, 0, 900, {}, False),  # 9 before 10: it is stalled too
    ],
)
def test_the_first_line_that_matches_wins(make, status, at, done, todo, facts, stale):
    known = make.measure(make.kr(**facts), make.tickets(done, todo), now=make.at(at), stale=stale)
    assert known.status is status


def test_off_track_is_said_of_what_is_blocked_and_stalled_too(make):
    hopeless = [replace(one, flagged=True) for one in make.tickets(0, 60)]
    known = make.measure(make.kr(), hopeless, now=make.at(0.9))
    assert (known.status, known.flags) == (Status.OFF_TRACK, {Flag.BLOCKED, Flag.STALLED})


def test_a_border_belongs_to_the_better_side(make):
    borders = Borders.of(make.thresholds)
    assert borders.status(borders.off_track) is Status.AT_RISK
    assert borders.status(borders.off_track - 1e-9) is Status.OFF_TRACK
    assert borders.status(borders.at_risk) is Status.ON_TRACK
    assert borders.status(borders.at_risk - 1e-9) is Status.AT_RISK


@pytest.mark.parametrize(
    ("value", "grade"), [(80.24, 0.0), (80.25, 0.1), (81.25, 0.3), (82.24, 0.4), (82.25, 0.5), (79, 0.0), (99, 1.0)]
)
def test_the_grade_is_rounded_half_up_and_stays_in_0_to_1(make, value, grade):
    readings = [make.reading(value, make.middle)]
    assert make.measure(make.metric(), readings=readings, now=make.end).grade == grade
    assert make.measure(make.metric(), readings=readings, now=make.end - SECOND).grade is None


def test_there_is_a_grade_whatever_the_line_and_none_of_what_is_not_known(make):
    dropped = make.measure(make.kr(state=GoalState.DROPPED), make.tickets(1, 3), now=make.end)
    assert (dropped.status, dropped.grade) == (Status.DROPPED, 0.3)
    assert make.measure(make.kr(), make.tickets(2, 0), now=make.end).grade == 1.0
    assert make.measure(make.kr(), now=make.end).grade is None


def test_a_window_that_ends_on_29_february_runs_until_the_end_of_that_day(make):
    kr = make.kr(window=make.days(date(2028, 2, 1), date(2028, 2, 29)))
    tickets = make.tickets(0, 30)
    last = make.measure(kr, tickets, now=kr.window.end - SECOND)
    assert last.status is Status.OFF_TRACK
    assert dict(causes(last)["progress.chance"].text.args)["due"] == "2028-02-29"
    assert make.measure(kr, tickets, now=kr.window.end).status is Status.MISSED


# ── metric ───────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_what_it_is_too_early_to_say_of_a_metric_and_of_a_band(make):
    keep = make.kr(kind=KeyResultKind.KEEP, low=99.0)
    for kr, bad in ((make.metric(), 80.0), (keep, 10.0)):
        early, late = make.at(0.149), make.at(0.151)
        assert make.measure(kr, readings=[make.reading(bad, early)], now=early).status is Status.TOO_EARLY
        assert make.measure(kr, readings=[make.reading(bad, late)], now=late).status is Status.OFF_TRACK


def test_a_metric_needs_no_work_to_be_judged(make):
    """e·n is the line of work alone."""
    assert make.measure(make.metric(), readings=[make.reading(82.5, make.middle)]).status is Status.ON_TRACK


@pytest.mark.parametrize(
    ("curve", "share", "due"),
    [("linear", 0.3, 0.3), ("s", 0.5, 0.5), ("s", 0.2, 0.104), ("s", 0.8, 0.896)],
)
def test_what_is_due_by_now(make, curve, share, due):
    def status(progress):
        now = make.at(share)
        readings = [make.reading(80 + 5 * progress, now)]
        return make.measure(make.metric(curve=curve), readings=readings, now=now).status

    assert (status(0.9 * due), status(0.9 * due - 0.001)) == (Status.ON_TRACK, Status.AT_RISK)
    assert (status(0.7 * due), status(0.7 * due - 0.001)) == (Status.AT_RISK, Status.OFF_TRACK)


def test_a_band_is_never_achieved_nor_exceeded_while_it_runs(make):
    known = make.measure(make.kr(kind=KeyResultKind.KEEP, low=1.0), readings=[make.reading(5, make.middle)])
    assert (known.status, known.progress, known.flags) == (Status.ON_TRACK, 1.0, frozenset())


@pytest.mark.parametrize(
    ("value", "flags"), [(80, set()), (79.9, {Flag.REGRESSED}), (85, set()), (85.1, {Flag.EXCEEDED})]
)
def test_regressed_is_below_the_baseline_and_exceeded_above_the_target(make, value, flags):
    assert make.measure(make.metric(), readings=[make.reading(value, make.middle)]).flags == flags


def test_a_band_holds_its_bounds(make):
    kr = make.kr(kind=KeyResultKind.KEEP, low=20.0, high=80.0)
    for value, status in (
        (20, Status.ON_TRACK),
        (80, Status.ON_TRACK),
        (19.9, Status.OFF_TRACK),
        (80.1, Status.OFF_TRACK),
    ):
        assert make.measure(kr, readings=[make.reading(value, make.middle)]).status is status


def test_the_raw_progress_is_kept_and_an_objective_takes_it_between_0_and_1(make):
    krs = [make.metric(), make.metric(id="KR-2")]
    readings = [make.reading(95, make.middle), make.reading(70, make.middle, kr="KR-2")]
    progress = {kr.id: make.measure(kr, readings=readings) for kr in krs}
    assert [one.progress for one in progress.values()] == [3.0, -2.0]
    found = rollup.measure_objectives(make.goals(krs), progress, {}, make.thresholds, make.middle)["O-1"]
    assert found.progress == 0.5


# ── mixed ────────────────────────────────────────────────────────────────────────────────────────────────────────────

PAIR = {Flag.OUTPUT_WITHOUT_OUTCOME, Flag.OUTCOME_WITHOUT_OUTPUT}


def test_a_dropped_key_result_is_frozen_and_holds_nothing_against_anybody(make):
    facts = (make.tickets(9, 1), [make.reading(80.1, make.middle)])
    now = make.at(0.6)
    alive = make.measure(make.metric(kind=KeyResultKind.MIXED), *facts, now=now)
    assert alive.flags & PAIR == {Flag.OUTPUT_WITHOUT_OUTCOME}
    dropped = make.measure(make.metric(kind=KeyResultKind.MIXED, state=GoalState.DROPPED), *facts, now=now)
    assert (dropped.status, dropped.flags, dropped.causes) == (Status.DROPPED, frozenset(), ())


def test_thirty_and_seventy_percent_are_that_whatever_a_float_makes_of_them(make):
    """(1.3 − 1) ÷ (2 − 1) is a little more than 30 %, and (0.13 − 0.1) ÷ (0.2 − 0.1) a little less."""
    now = make.at(0.6)
    for baseline, target, value in ((1.0, 2.0, 1.3), (0.1, 0.2, 0.13)):
        kr = make.metric(kind=KeyResultKind.MIXED, baseline=baseline, target=target)
        assert not make.measure(kr, make.tickets(7, 3), [make.reading(value, now)], now=now).flags & PAIR


def test_when_work_and_outcome_are_compared_is_a_setting(make):
    kr = make.metric(kind=KeyResultKind.MIXED)
    facts = (make.tickets(9, 1), [make.reading(80.1, make.middle)])
    late = Thresholds(outcome_elapsed=0.7)
    assert make.measure(kr, *facts, now=make.at(0.6)).flags & PAIR
    assert not make.measure(kr, *facts, now=make.at(0.6), thresholds=late).flags & PAIR


# ── what stands in the way ───────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("age", "count", "status"),
    [(3 * DAY, 15, Status.AT_RISK), (3 * DAY - SECOND, 15, Status.ON_TRACK), (30 * DAY, 4, Status.ON_TRACK)],
)
def test_what_is_blocked_decides_from_three_days_on_where_the_goal_is_out_of_reach(make, age, count, status):
    """Four of 40 leave 90 % within reach."""
    raised = (make.change(ChangeKind.FLAG, make.middle - age, None, "1"),)
    tickets = make.steady(24, 16, make.middle)
    tickets[24 : 24 + count] = [replace(one, flagged=True, changes=raised) for one in tickets[24 : 24 + count]]
    assert make.measure(make.kr(), tickets).status is status


def test_the_cause_names_the_items_their_age_and_the_due_date_in_words(make):
    tickets = make.steady(24, 16, make.middle)
    raised = (make.change(ChangeKind.FLAG, make.middle - 3 * DAY, None, "1"),)
    tickets[24:39] = [replace(one, flagged=True, changes=raised) for one in tickets[24:39]]
    cause = causes(make.measure(make.kr(), tickets))["progress.blocked_out_of_reach"]
    for language in ("en", "fr"):
        told = say(cause.text, language)
        assert all(word in told for word in ("15", "40", "3", "2026-12-31")), told
    assert cause.items == tuple(f"SHOP-{number}" for number in range(25, 40))


def test_done_work_that_is_still_flagged_blocks_nothing(make):
    tickets = [replace(one, flagged=one.state is State.DONE) for one in make.steady(24, 16, make.middle)]
    known = make.measure(make.kr(), tickets)
    assert (known.status, known.flags) == (Status.ON_TRACK, frozenset())


def test_of_work_that_was_not_read_in_time_nobody_says_that_it_is_blocked_or_stalled(make):
    tickets = [replace(one, flagged=True) for one in make.tickets(0, 20)]
    assert make.measure(make.kr(), tickets).flags == {Flag.BLOCKED, Flag.STALLED}
    known = make.measure(make.kr(), tickets, stale=True)
    assert (known.status, known.flags, known.forecast) == (Status.STALE, frozenset(), None)
    assert list(causes(known)) == ["progress.stale_source"]


def test_stalled_work_is_at_risk_at_once_whatever_was_published(make):
    last = make.middle - timedelta(days=18)
    tickets = [
        replace(one, completed_at=min(one.completed_at, last)) if one.completed_at else one
        for one in make.steady(30, 10, make.middle)
    ]
    known = rollup.measure_key_result(
        *(make.kr(), tickets, (), make.thresholds, make.middle + DAY, "Europe/Paris"),
        stale=False,
        published=Status.ON_TRACK,
    )
    assert (known.status, known.undamped) == (Status.AT_RISK, None)
    assert known.forecast.probability >= make.thresholds.at_risk_probability


# ── the scope ────────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(("finished", "told"), [(0, True), (1, True), (5, False)])
def test_scope_plus_six_minus_four_points_is_said_where_progress_fell_and_the_work_done_did_not(make, finished, told):
    """Ten of 20 points a week ago, then six more came: five more finished ones (15 of 26) make up for them."""
    tickets = make.steady(10, 10, make.middle - 8 * DAY, points=1.0)
    came = make.middle - 2 * DAY
    tickets += [make.ticket(100 + n, created_at=came, linked_since=came, points=1.0) for n in range(6)]
    done = [replace(one, state=State.DONE, completed_at=came) for one in tickets[10 : 10 + finished]]
    known = make.measure(make.kr(), [*tickets[:10], *done, *tickets[10 + finished :]], removed=4)
    fall = causes(known).get("progress.scope_fall_points")
    assert (fall is not None) is told
    if fall is not None:
        assert "scope +6 points, −4 items" in say(fall.text, "en")
        assert fall.items == tuple(f"SHOP-{100 + n}" for n in range(6))
    assert (known.initial, known.added, known.removed, known.cancelled) == (20, 6, 4, 0)


def test_where_work_was_undone_the_scope_is_not_to_blame(make):
    tickets = make.steady(10, 10, make.middle - 8 * DAY)
    came = make.middle - 2 * DAY
    moves = ((tickets[0].completed_at, "todo", "done"), (came, "done", "in_progress"))
    changes = tuple(make.change(ChangeKind.STATE, *move) for move in moves)
    reopened = replace(tickets[0], state=State.IN_PROGRESS, completed_at=None, changes=changes)
    new = make.ticket(100, created_at=came, linked_since=came)
    assert "progress.scope_fall_items" in causes(make.measure(make.kr(), [*tickets, new]))
    assert "progress.scope_fall_items" not in causes(make.measure(make.kr(), [reopened, *tickets[1:], new]))


def test_what_is_linked_by_the_first_instant_was_there_and_what_is_linked_after_it_was_added(make):
    moments = [make.start, make.start + SECOND, make.start - SECOND]
    known = make.measure(make.kr(), [make.ticket(n, linked_since=at) for n, at in enumerate(moments)])
    assert (known.initial, known.added) == (2, 1)


# ── objectives ───────────────────────────────────────────────────────────────────────────────────────────────────────


def objective(make, *inputs, objectives=()):
    """The objective over key results given as (status, progress, weight)."""
    krs = [make.kr(f"KR-{n}", weight=weight) for n, (_, _, weight) in enumerate(inputs)]
    progress = {f"KR-{n}": Progress(f"KR-{n}", status, value) for n, (status, value, _) in enumerate(inputs)}
    goals = make.goals(krs, objectives)
    found = rollup.measure_objectives(goals, progress, {}, make.thresholds, make.middle)
    before, nothing = dict.fromkeys(progress), dict.fromkeys(progress, ())
    told = overviews(goals, progress, found, before, nothing, make.thresholds, make.middle)
    return found["O-1"], " ".join(say(clause.text, "en") for clause in told["O-1"])


def test_what_is_done_of_one_in_three_is_not_said_of_all(make):
    """The rule says done, for nothing else can be judged; the words say of how much that holds."""
    known, told = objective(make, (Status.DONE, 1.0, 1), (Status.NO_DATA, None, 2), (Status.TOO_EARLY, None, 1))
    assert (known.status, known.progress, known.measured) == (Status.DONE, 1.0, (1, 3))
    (cause,) = known.causes
    assert cause.text.code == "progress.ended_in_part"
    assert dict(cause.text.args) == {"count": 2, "of": 3, "share": 75, "goals": "KR-1, KR-2"}
    for language in ("en", "fr"):
        assert all(word in say(cause.text, language) for word in ("2", "3", "75", "KR-1, KR-2"))
    assert "the objective with it" not in told
    assert "KR-0 is reached." in told
    assert "To decide: what measures KR-1." in told


def test_what_is_done_of_all_is_said_of_all(make):
    known, told = objective(make, (Status.DONE, 1.0, 1), (Status.ACHIEVED, 1.2, 2))
    assert (known.status, known.causes) == (Status.ACHIEVED, ())
    assert "All that counts in it is reached: KR-0 and KR-1. To decide: close it" in told


def test_an_objective_is_not_to_be_closed_before_what_is_to_come(make):
    _, told = objective(make, (Status.DONE, 1.0, 1), (Status.NOT_STARTED, 0.0, 1))
    assert told.endswith("Nothing to decide yet.")


def test_a_light_one_in_trouble_decides_nothing_and_is_not_called_well(make):
    known, told = objective(make, (Status.ON_TRACK, 0.5, 95), (Status.OFF_TRACK, 0.1, 5))
    assert known.status is Status.ON_TRACK
    assert "KR-1" not in told


def test_where_none_is_heavy_the_heaviest_that_can_be_judged_speaks(make):
    """Nineteen are off track; that the heaviest is unknown is counted, and does not hide them."""
    many = [(Status.OFF_TRACK, 0.1, 1.0)] * 19
    known, _ = objective(make, *many, (Status.NO_DATA, None, 1.5))
    assert (known.status, known.measured) == (Status.OFF_TRACK, (19, 20))
    known, _ = objective(make, *[(Status.TOO_EARLY, 0.1, 1.0)] * 19, (Status.NO_DATA, None, 1.5))
    assert known.status is Status.NO_DATA


def test_a_child_enters_with_its_own_weight_which_is_one_by_default(make):
    def progress(**child):
        objectives = [Objective("O-1", "Up"), Objective("O-2", "Below", parent="O-1", **child)]
        krs = [make.kr("KR-A", weight=3), make.kr("KR-B", objective="O-2", weight=50)]
        known = {"KR-A": Progress("KR-A", Status.ON_TRACK, 0.0), "KR-B": Progress("KR-B", Status.ON_TRACK, 1.0)}
        goals = make.goals(krs, objectives)
        return rollup.measure_objectives(goals, known, {}, make.thresholds, make.middle)["O-1"].progress

    assert progress() == 0.25
    assert progress(weight=1) == 0.25
    assert progress(weight=3) == 0.5
    assert progress(weight=0) == 0
    assert progress(weight=9, relation=Relation.SUPPORTS) == 0


def test_a_child_that_has_no_value_takes_no_part_in_the_mean(make):
    objectives = [Objective("O-1", "Up"), Objective("O-2", "Below", parent="O-1", weight=9)]
    krs = [make.kr("KR-A"), make.kr("KR-B", objective="O-2")]
    known = {"KR-A": Progress("KR-A", Status.ON_TRACK, 0.5), "KR-B": Progress("KR-B", Status.NO_DATA, None)}
    goals = make.goals(krs, objectives)
    found = rollup.measure_objectives(goals, known, {}, make.thresholds, make.middle)
    assert (found["O-2"].progress, found["O-1"].progress, found["O-1"].measured) == (None, 0.5, (1, 2))


def test_an_item_of_a_window_that_is_over_and_of_one_that_runs_counts_once_as_it_stands_now(make):
    krs = [make.kr("KR-OLD"), make.kr("KR-NEW")]
    then = workload({"KR-OLD": [make.ticket(1), make.ticket(2)]})
    served = {
        "KR-NEW": [make.ticket(1, State.DONE)],
        "KR-OLD": [make.ticket(1, State.DONE), make.ticket(2, State.DONE)],
    }
    progress = {kr.id: Progress(kr.id, Status.ON_TRACK, 0.5) for kr in krs}
    closed = {"KR-OLD": then.linked("KR-OLD")}
    found = rollup.measure_objectives(make.goals(krs), progress, served, make.thresholds, make.middle, closed)["O-1"]
    assert (found.done, found.scope) == (1, 2)  # the second one as its window left it


# ── one deterministic algorithm ──────────────────────────────────────────────────────────────────────────────────────


def test_the_engine_reads_no_clock_and_draws_no_lots():
    for path in sorted(Path(rollup.__file__).parent.glob("*.py")):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Import):
                assert not {one.name for one in node.names} & {"random", "time", "secrets", "uuid"}, path.name
            if isinstance(node, ast.ImportFrom):
                assert node.module not in {"random", "time", "secrets", "uuid"}, path.name
            if isinstance(node, ast.Call):
                assert ast.unparse(node.func) not in CLOCKS, path.name


# ── the settings ─────────────────────────────────────────────────────────────────────────────────────────────────────


def test_the_thresholds_are_frozen(make):
    with pytest.raises(FrozenInstanceError):
        make.thresholds.committed = 0.5


def test_what_a_commitment_asks_for(make):
    tickets = make.tickets(8, 2)
    kinds = {one: make.measure(make.kr(commitment=one), tickets, now=make.end).status for one in Commitment}
    assert kinds == {Commitment.COMMITTED: Status.MISSED, Commitment.ASPIRATIONAL: Status.ACHIEVED}
