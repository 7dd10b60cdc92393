"""The cases of the status page for key results of work, each by its name."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest

import rollup
from okrsync.model import (
    Blocker,
    ChangeKind,
    Commitment,
    Flag,
    GoalState,
    ItemKind,
    State,
    Status,
    Thresholds,
    Window,
)
from okrsync.texts import say

DAY = timedelta(days=1)


def causes(progress):
    return {cause.text.code: cause for cause in progress.causes}


def test_all_cancelled(make):
    tickets = make.tickets(3, 0, resolution="Won't Do")
    known = make.measure(make.kr(), tickets)
    assert (known.status, known.progress, known.done, known.scope) == (Status.NO_DATA, None, 0, 0)
    assert known.cancelled == 3
    assert Flag.CLOSING_BY_CANCELLING in known.flags
    assert causes(known)["progress.all_cancelled"].items == ("SHOP-1", "SHOP-2", "SHOP-3")


def test_cancelled_resolutions_are_configurable_and_read_in_any_case(make):
    tickets = [*make.tickets(1, 2), make.ticket(9, State.DONE, resolution="wont do (legacy)")]
    limits = Thresholds(cancelled_resolutions=("Wont Do (Legacy)",))
    assert make.measure(make.kr(), tickets).scope == 4
    assert make.measure(make.kr(), tickets, thresholds=limits).scope == 3


def test_no_work_at_all_is_null_and_not_zero(make):
    known = make.measure(make.kr())
    assert (known.status, known.progress, known.grade) == (Status.NO_DATA, None, None)


def test_nothing_estimated(make):
    known = make.measure(make.kr(), make.tickets(1, 3))
    assert (known.unit, known.estimated, known.progress) == ("items", 0.0, 0.25)


def test_points_from_four_fifths_of_the_leaves_on_and_the_median_for_the_missing(make):
    points = [1, 2, 8, 20, None]
    tickets = [make.ticket(n, "done" if n == 5 else "todo", points=p) for n, p in enumerate(points, start=1)]
    known = make.measure(make.kr(), tickets)
    assert (known.unit, known.estimated, known.scope, known.done) == ("points", 0.8, 36, 5)  # the median of four is 5
    fewer = [replace(one, points=None) if one.uid == 4 else one for one in tickets]
    known = make.measure(make.kr(), fewer)
    assert (known.unit, known.estimated, known.scope, known.done) == ("items", 0.6, 5, 1)


@pytest.mark.parametrize("points", [-1, 1e16, 1e200, float("inf"), float("nan")])
def test_what_cannot_be_an_estimate_is_none(make, points):
    tickets = [*make.tickets(1, 3, points=2), make.ticket(9, points=points)]
    known = make.measure(make.kr(), tickets)
    assert (known.unit, known.estimated, known.scope, known.done) == ("points", 0.8, 10, 2)


def test_the_share_estimated_is_taken_over_live_leaves_only(make):
    tickets = [make.ticket(n, points=3) for n in range(1, 5)]
    tickets += [make.ticket(10, "done", resolution="Duplicate"), make.ticket(11, "done", resolution="Duplicate")]
    tickets += [make.ticket(20, parent=None), make.ticket(21, points=3, parent=20)]
    known = make.measure(make.kr(), tickets)
    assert (known.estimated, known.scope, known.unit) == (1.0, 15, "points")
    assert known.cancelled == 6  # in the unit of the scope: the median


def test_an_item_with_live_children_in_the_scope_weighs_nothing(make):
    epic, story = make.ticket(1, "in_progress"), make.ticket(2, "done", parent=1)
    tasks = [make.ticket(3, "done", parent=2), make.ticket(4, "todo", parent=2)]
    known = make.measure(make.kr(), [epic, story, *tasks])
    assert (known.done, known.scope) == (1, 2)
    cancelled = [replace(task, state=State.DONE, resolution="Declined") for task in tasks]
    known = make.measure(make.kr(), [epic, story, *cancelled])
    assert (known.done, known.scope, known.cancelled) == (1, 1, 2)


def test_what_was_cancelled_is_counted_in_leaves_too(make):
    gone = {"state": "done", "resolution": "Won't Do"}
    story, tasks = make.ticket(1, **gone), [make.ticket(n, parent=1, **gone) for n in (2, 3)]
    assert make.measure(make.kr(), [story, *tasks, make.ticket(4)]).cancelled == 2
    assert make.measure(make.kr(), [story, make.ticket(2, parent=1)]).cancelled == 0


def test_parents_in_a_circle_lose_no_work(make):
    circle = [make.ticket(1, parent=2), make.ticket(2, "done", parent=3), make.ticket(3, parent=1)]
    below = make.ticket(4, "done", parent=3)
    itself = make.ticket(5, parent=5)
    known = make.measure(make.kr(), [*circle, below, itself])
    assert (known.done, known.scope) == (2, 4)  # SHOP-3 has a child that is on no circle: it weighs nothing


def test_an_item_reached_by_two_paths_counts_once(make):
    tickets = make.tickets(1, 1)
    known = make.measure(make.kr(), [*tickets, *tickets])
    assert (known.done, known.scope) == (1, 2)


def test_pull_requests_weigh_nothing_unless_counts_says_so(make):
    tickets = [make.ticket(1, "done"), make.ticket(2, "todo", kind=ItemKind.PULL_REQUEST)]
    assert make.measure(make.kr(), tickets).scope == 1
    both = make.kr(counts=frozenset({ItemKind.TICKET, ItemKind.PULL_REQUEST}))
    assert make.measure(both, tickets).scope == 2


def test_weights_that_sum_to_zero(make):
    known = make.measure(make.kr(), make.tickets(1, 4, points=0))
    assert (known.status, known.progress, known.unit) == (Status.NO_DATA, None, "points")
    assert "progress.weightless" in causes(known)


def test_reopened(make):
    done = make.steady(6, 14, make.middle)
    was = make.change(ChangeKind.STATE, done[0].completed_at, "todo", "done")
    again = make.change(ChangeKind.STATE, make.middle - DAY, "done", "in_progress")
    reopened = replace(done[0], state=State.IN_PROGRESS, completed_at=None, changes=(was, again))
    known = make.measure(make.kr(), [reopened, *done[1:]])
    assert (known.done, known.scope) == (5, 20)
    assert not {"progress.scope_fall_items"} & causes(known).keys()  # work was undone: no fault of the scope


def test_work_in_progress_earns_nothing_unless_credit_is_set(make):
    tickets = [*make.tickets(1, 2), make.ticket(8, "in_progress")]
    assert make.measure(make.kr(), tickets).progress == 0.25
    known = make.measure(make.kr(), tickets, thresholds=Thresholds(in_progress_credit=0.5))
    assert (known.progress, known.done) == (0.375, 1.5)


def test_dropped_is_frozen_before_anything_else(make):
    known = make.measure(make.kr(state=GoalState.DROPPED), make.tickets(5, 0), now=make.end)
    assert (known.status, known.forecast, known.flags) == (Status.DROPPED, None, frozenset())


def test_not_started_until_the_first_instant_of_the_window(make):
    tickets = make.tickets(0, 8)
    assert make.measure(make.kr(), tickets, now=make.start - timedelta(seconds=1)).status is Status.NOT_STARTED
    assert make.measure(make.kr(), tickets, now=make.start).status is Status.TOO_EARLY


def test_done_whatever_the_date(make):
    tickets = make.tickets(4, 0)
    assert make.measure(make.kr(), tickets, now=make.at(0.01)).status is Status.DONE
    after = make.measure(make.kr(), tickets, now=make.end + DAY)
    assert (after.status, after.grade) == (Status.DONE, 1.0)


@pytest.mark.parametrize(
    ("done", "commitment", "status", "grade"),
    [
        (18, Commitment.COMMITTED, Status.ACHIEVED, 0.9),
        (17, Commitment.COMMITTED, Status.MISSED, 0.9),  # .85 rounds half up
        (14, Commitment.ASPIRATIONAL, Status.ACHIEVED, 0.7),
        (13, Commitment.ASPIRATIONAL, Status.MISSED, 0.7),
        (1, Commitment.COMMITTED, Status.MISSED, 0.1),  # .05
    ],
)
def test_after_the_end(make, done, commitment, status, grade):
    known = make.measure(make.kr(commitment=commitment), make.tickets(done, 20 - done), now=make.end)
    assert (known.status, known.grade) == (status, grade)


def test_due_today(make):
    tickets = make.steady(17, 3, make.end - DAY)
    last = make.measure(make.kr(), tickets, now=make.end - timedelta(microseconds=1))
    assert last.status is Status.OFF_TRACK
    assert last.grade is None
    assert last.forecast.probability < 0.07  # one in 15 is the least that is ever said
    assert make.measure(make.kr(), tickets, now=make.end).status is Status.MISSED


def test_29_february(make):
    window = make.days(date(2028, 2, 29), date(2028, 2, 29))
    assert window.end - window.start == DAY
    kr = make.kr(window=window)
    tickets = [replace(one, created_at=window.start, linked_since=window.start) for one in make.tickets(0, 30)]
    known = make.measure(kr, tickets, now=window.start + DAY / 2)
    assert known.status in (Status.AT_RISK, Status.OFF_TRACK)
    assert make.measure(kr, tickets, now=window.end).status is Status.MISSED


def test_dst_day_has_25_hours(make):
    """2026-10-25 in Paris: half of the day has passed at 11:30, by the clock of the wall."""
    window = make.days(date(2026, 10, 25), date(2026, 10, 25))
    assert window.end - window.start == timedelta(hours=25)
    known = make.measure(make.kr(window=window), make.tickets(0, 2), now=window.start + timedelta(hours=12.5))
    assert causes(known).keys() >= {"progress.too_few"}  # e·n = 1, exactly half of two


def test_no_due_date_tells_progress_and_stalled_only(make):
    kr = make.kr(window=Window(make.start, None))
    known = make.measure(kr, make.tickets(2, 2, flagged=True), now=make.start + 25 * DAY)
    assert (known.status, known.progress, known.forecast) == (Status.NO_DUE_DATE, 0.5, None)
    assert known.flags == {Flag.STALLED}
    fresh = make.measure(kr, make.tickets(2, 2), now=make.start + 23 * DAY)
    assert Flag.STALLED not in fresh.flags  # the limit is 14 days


def test_failed_source(make):
    tickets = make.steady(5, 15, make.middle)
    known = make.measure(make.kr(), tickets, stale=True)
    assert (known.status, known.progress, known.forecast) == (Status.STALE, 0.25, None)
    assert make.measure(make.kr(), tickets, stale=True, now=make.end).status is Status.MISSED  # line 5 comes first


def test_too_early_by_time_and_by_size(make):
    tickets = make.steady(1, 19, make.at(0.1))
    assert make.measure(make.kr(), tickets, now=make.at(0.1499)).status is Status.TOO_EARLY
    assert make.measure(make.kr(), tickets, now=make.at(0.1501)).status is not Status.TOO_EARLY
    four = make.tickets(0, 4)
    assert make.measure(make.kr(), four, now=make.at(0.49)).status is Status.TOO_EARLY
    assert make.measure(make.kr(), four, now=make.at(0.5)).status is not Status.TOO_EARLY


def test_a_kr_of_one_item_is_too_early_until_it_is_done_or_over(make):
    assert make.measure(make.kr(), make.tickets(0, 1), now=make.at(0.99)).status is Status.TOO_EARLY
    assert make.measure(make.kr(), make.tickets(1, 0), now=make.at(0.2)).status is Status.DONE
    assert make.measure(make.kr(), make.tickets(0, 1), now=make.end).status is Status.MISSED


def test_a_kr_added_mid_cycle_is_judged_by_its_own_window(make):
    tickets = make.tickets(0, 20)
    whole = make.measure(make.kr(), tickets, now=make.at(0.55))
    own = make.measure(make.kr(window=Window(make.middle, make.end)), tickets, now=make.at(0.55))
    assert (whole.status, own.status) == (Status.OFF_TRACK, Status.TOO_EARLY)


def test_on_track_and_off_track(make):
    on = make.measure(make.kr(), make.steady(24, 16, make.middle))
    assert on.status is Status.ON_TRACK
    assert on.forecast.probability >= 0.55
    assert on.forecast.date < date(2026, 12, 31)
    off = make.measure(make.kr(), make.steady(4, 36, make.middle))
    assert off.status is Status.OFF_TRACK
    assert off.forecast.probability < 0.25


def test_a_small_scope_that_lags_is_not_given_up_as_soon_as_a_large_one(make):
    small = make.measure(make.kr(), make.steady(1, 4, make.at(0.45)), now=make.at(0.45))
    large = make.measure(make.kr(), make.steady(10, 40, make.at(0.45)), now=make.at(0.45))
    assert small.progress == large.progress
    assert (small.status, large.status) == (Status.AT_RISK, Status.OFF_TRACK)


@pytest.mark.parametrize(("days", "out_of_reach"), [(3, True), (2, False)])
def test_15_of_40_items_blocked(make, days, out_of_reach):
    tickets = make.steady(24, 16, make.middle)
    since = make.middle - days * DAY
    raised = (make.change(ChangeKind.FLAG, since, None, "1"),)
    for index in range(24, 39):
        tickets[index] = replace(tickets[index], flagged=True, changes=raised, updated_at=make.middle)
    known = make.measure(make.kr(), tickets)
    assert known.status is (Status.AT_RISK if out_of_reach else Status.ON_TRACK)
    assert (Flag.BLOCKED in known.flags) is out_of_reach
    found = causes(known).get("progress.blocked_out_of_reach")
    assert (found is not None) is out_of_reach
    if found is not None:
        facts = dict(found.text.args)
        assert (facts["blocked"], facts["items"], facts["days"], facts["due"]) == (15, 40, 3, "2026-12-31")
        assert found.items == tuple(f"SHOP-{number}" for number in range(25, 40))


def test_a_few_blocked_items_are_told_and_decide_nothing(make):
    tickets = make.steady(24, 16, make.middle)
    tickets[30] = replace(tickets[30], flagged=True)  # no change ever touched the flag: it stood there from the start
    known = make.measure(make.kr(), tickets)
    assert (known.status, known.flags) == (Status.ON_TRACK, frozenset())
    assert dict(causes(known)["progress.blocked"].text.args)["days"] == 56
    assert causes(known)["progress.blocked"].items == ("SHOP-31",)


@pytest.mark.parametrize(
    ("link", "change", "created", "blocked"),
    [
        (None, None, 30, True),  # no date known: the later of both creations
        (None, None, 2, False),
        (2, None, 30, False),  # the link is younger than both
        (None, 2, 30, False),
        (None, 4, 30, True),
    ],
)
def test_blocked_since_by_an_open_blocker(make, link, change, created, blocked):
    def ago(days):
        return None if days is None else make.middle - days * DAY

    blocker = Blocker("PAY-1", open=True, created_at=ago(created), since=ago(link))
    changes = () if change is None else (make.change(ChangeKind.BLOCKED_BY, ago(change), None, "PAY-1"),)
    tickets = [replace(one, blockers=(blocker,), changes=changes) for one in make.tickets(0, 20)]
    known = make.measure(make.kr(), tickets)
    assert (Flag.BLOCKED in known.flags) is blocked
    closed = [replace(one, blockers=(replace(blocker, open=False),)) for one in tickets]
    assert Flag.BLOCKED not in make.measure(make.kr(), closed).flags


def test_a_flag_taken_down_and_raised_again_counts_from_the_last_time(make):
    changes = tuple(
        make.change(ChangeKind.FLAG, make.middle - days * DAY, before, after)
        for days, before, after in [(20, None, "1"), (5, "1", None), (1, None, "1")]
    )
    tickets = [replace(one, flagged=True, changes=changes) for one in make.tickets(0, 20)]
    assert Flag.BLOCKED not in make.measure(make.kr(), tickets).flags


def test_stalled(make):
    """18.4 days are 20 % of the quarter; half of the work done early and nothing since is at risk."""
    last = make.middle - timedelta(days=18)
    tickets = [
        replace(one, completed_at=min(one.completed_at, last)) if one.completed_at else one
        for one in make.steady(30, 10, make.middle)
    ]
    assert make.measure(make.kr(), tickets).status is Status.ON_TRACK
    known = make.measure(make.kr(), tickets, now=make.middle + DAY)
    assert known.forecast.probability >= 0.4
    assert (known.status, Flag.STALLED in known.flags) == (Status.AT_RISK, True)
    assert dict(causes(known)["progress.stalled"].text.args)["days"] == 19


def test_stalled_counts_from_the_start_before_the_first_completion(make):
    window = Window(make.start, make.start + 60 * DAY)
    before = make.tickets(10, 10, completed_at=None)
    tickets = [replace(one, completed_at=make.start - 3 * DAY if one.uid <= 10 else None) for one in before]
    early = make.measure(make.kr(window=window), tickets, now=make.start + 13 * DAY)
    late = make.measure(make.kr(window=window), tickets, now=make.start + 14 * DAY)
    assert (Flag.STALLED in early.flags, Flag.STALLED in late.flags) == (False, True)


def test_scope_doubling(make):
    old = make.steady(10, 10, make.middle)
    came = make.middle - 2 * DAY
    new = [make.ticket(100 + n, linked_since=came, created_at=came) for n in range(20)]
    known = make.measure(make.kr(), [*old, *new], removed=4)
    assert (known.initial, known.added, known.removed, known.scope, known.done) == (20, 20, 4, 40, 10)
    assert Flag.SCOPE_GROWTH in known.flags
    grown = causes(known)["progress.scope_growth_items"]
    assert dict(grown.text.args) == {"initial": 20, "scope": 40}
    assert len(grown.items) == 20
    fall = causes(known)["progress.scope_fall_items"]
    assert dict(fall.text.args) == {"added": 20, "removed": 4}
    alone = make.measure(make.kr(), old)
    assert alone.forecast.probability > known.forecast.probability
    assert not alone.flags
    assert "progress.scope_fall_items" not in causes(alone)


def test_what_left_a_scope_in_points_is_told_in_items(make):
    old = make.steady(10, 10, make.middle, points=5.0)
    new = [make.ticket(100 + n, linked_since=make.middle - 2 * DAY, points=5.0) for n in range(20)]
    fall = causes(make.measure(make.kr(), [*old, *new], removed=4))["progress.scope_fall_points"]
    assert "scope +100 points, −4 items" in say(fall.text, "en")


@pytest.mark.parametrize(("done", "of", "told"), [(44, 49, 89.8), (1799, 2000, 89.9), (43, 49, 88)])
def test_what_was_missed_never_reads_like_what_was_needed(make, done, of, told):
    known = make.measure(make.kr(), make.tickets(done, of - done), now=make.end)
    assert known.status is Status.MISSED
    assert dict(causes(known)["progress.missed"].text.args) == {"progress": told, "share": 90}


def test_a_ceiling_out_of_reach_never_reads_like_the_share_to_reach(make):
    blocked = [make.ticket(100 + n, flagged=True) for n in range(5)]
    known = make.measure(make.kr(), [*make.steady(24, 20, make.middle), *blocked])
    args = dict(causes(known)["progress.blocked_out_of_reach"].text.args)
    assert (args["ceiling"], args["share"]) == (89.8, 90)


def test_a_slow_pace_never_reads_like_none(make):
    year = make.days(date(2026, 1, 1), date(2026, 12, 31))
    now = year.start + timedelta(weeks=47)
    early = {"created_at": year.start - DAY, "linked_since": year.start - DAY}
    done = make.ticket(1, "done", completed_at=now - timedelta(weeks=16, days=1), **early)
    tickets = [done, make.ticket(2, **early), make.ticket(3, **early)]
    pace = dict(causes(make.measure(make.kr(window=year), tickets, now=now))["progress.pace_items"].text.args)["pace"]
    assert pace == 0.02


def test_a_scope_that_began_empty_did_not_grow(make):
    known = make.measure(make.kr(), [make.ticket(n, linked_since=make.start + DAY) for n in range(1, 9)])
    assert (known.initial, known.scope) == (0, 8)
    assert Flag.SCOPE_GROWTH not in known.flags


def test_scope_growth_starts_above_one_fifth(make):
    def grown(new):
        tickets = make.steady(2, 8, make.middle)
        tickets += [make.ticket(100 + n, linked_since=make.start + DAY) for n in range(new)]
        return Flag.SCOPE_GROWTH in make.measure(make.kr(), tickets).flags

    assert (grown(2), grown(3)) == (False, True)


def test_closing_by_cancelling_starts_above_one_fifth(make):
    def closing(cancelled):
        gone = [make.ticket(100 + n, "done", resolution="Won't Fix") for n in range(cancelled)]
        return Flag.CLOSING_BY_CANCELLING in make.measure(make.kr(), [*make.tickets(4, 4), *gone]).flags

    assert (closing(2), closing(3)) == (False, True)


def test_a_link_without_a_date_counts_from_the_creation(make):
    late = [make.ticket(n, linked_since=None, created_at=make.start + DAY) for n in range(1, 4)]
    known = make.measure(make.kr(), late)
    assert (known.initial, known.added) == (0, 3)


def test_the_same_item_counts_fully_in_each_of_two_krs(make):
    tickets = make.tickets(2, 2)
    assert make.measure(make.kr("KR-A"), tickets).done == make.measure(make.kr("KR-B"), tickets).done == 2


def test_every_threshold_is_taken_from_the_settings(make):
    tickets = make.steady(24, 16, make.middle)
    strict = Thresholds(at_risk_probability=1.0)
    assert make.measure(make.kr(), tickets, thresholds=strict).status is Status.AT_RISK
    assert make.measure(make.kr(), tickets, thresholds=Thresholds(early_elapsed=0.6)).status is Status.TOO_EARLY
    assert make.measure(make.kr(), tickets, thresholds=Thresholds(early_weight=30)).status is Status.TOO_EARLY
    assert make.measure(make.kr(), tickets, thresholds=Thresholds(committed=1.0)).forecast.probability < (
        make.measure(make.kr(), tickets).forecast.probability
    )


def test_nothing_is_called_whole_before_it_is() -> None:
    assert [rollup.percent(share) for share in (0.0, 0.625, 0.994, 0.9999, 1.0, 1.2)] == [0, 63, 99, 99, 100, 120]
