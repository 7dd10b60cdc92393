"""Effort of a period: what it is made of, what share served no objective, and how that moved."""

from __future__ import annotations

import math
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import rollup
from okrsync.model import (
    ChangeKind,
    Cycle,
    Goals,
    ItemKind,
    ItemRef,
    OrphanClass,
    State,
    Team,
    Thresholds,
    Ticket,
    VerdictKind,
    Window,
)
from rollup.effort import week_name
from rollup.effort import weigh as weigh_columns
from rollup.scope import is_cancelled, refusals
from rollup.span import micros
from rollup.worked import VERDICTS, WORK, Period, tell, tell_by_history
from rollup.workload import KINDS, NEVER, NOBODY, STATES

DAY, WEEK = timedelta(days=1), timedelta(weeks=1)
TEAMS = (
    Team("mobile", projects=(ItemRef("jira", "SHOP"),), repositories=(ItemRef("github", "acme/mobile-*"),)),
    Team("pay", projects=(ItemRef("jira", "PAY"),), labels=("team-pay",)),
)


def judged(make, uid, state, verdict="traced", **more):
    return make.ticket(uid, state, verdict=VerdictKind(verdict), **more)


def columns(tickets, period, teams=TEAMS, chosen=lambda one: True, told=lambda one: bool(one.changes)):
    """These tickets as the store gives them: those with a history by their history, all others at once."""
    tickets = sorted(tickets, key=lambda one: one.uid)
    groups: dict[tuple[str, ...], int] = {}
    work = np.zeros(len(tickets), WORK)
    for row, one in zip(work, tickets, strict=True):
        team = rollup.team_of(one, teams)
        row["uid"], row["parent"] = one.uid, NOBODY if one.parent is None else one.parent
        row["created"], row["linked"] = micros(one.created_at), micros(one.linked_since or one.created_at)
        row["completed"] = NEVER if one.completed_at is None else micros(one.completed_at)
        row["points"] = math.nan if one.points is None else one.points
        row["group"] = groups.setdefault((one.source, one.project) if team is None else (team,), len(groups))
        row["kind"], row["state"] = KINDS.index(one.kind), STATES.index(one.state)
        row["verdict"] = VERDICTS.index(one.verdict)
        row["given_up"] = is_cancelled(one.resolution, refusals(Thresholds()))
        row["chosen"] = chosen(one)
    tell(work, period)
    for row, one in zip(work, tickets, strict=True):
        if told(one):
            tell_by_history(row, one, period)
    return work


def share(make, tickets, since=None, teams=TEAMS, now=None, goals=None, **more):
    now = now or make.middle
    period = Period(since or rollup.period_start(goals or make.goals([]), now), now)
    return rollup.orphan_share(columns(tickets, period, teams, **more), period, Thresholds())


def trend(tickets, weeks, teams=TEAMS, **more):
    period = Period(weeks[0].start, weeks[-1].end, weeks)
    return rollup.trend(columns(tickets, period, teams, **more), period, Thresholds())


def weigh(tickets, thresholds):
    work = columns(tickets, Period(datetime(2026, 1, 1, tzinfo=UTC), datetime(2027, 1, 1, tzinfo=UTC)))
    return dict(zip(work["uid"].tolist(), weigh_columns(work, thresholds).tolist(), strict=True))


def test_completed_in_the_period_or_in_progress_at_its_end(make):
    since = make.start + 5 * DAY
    tickets = [
        judged(make, 1, "done", "orphan", completed_at=since),
        judged(make, 2, "done", completed_at=since - timedelta(seconds=1)),
        judged(make, 3, "in_progress", "orphan"),
        judged(make, 4, "todo", "orphan"),
        judged(make, 5, "done", "exempt"),
        judged(make, 6, "in_progress", "unresolvable"),
        judged(make, 7, "done", "traced"),
        judged(make, 8, "unknown", "orphan"),
    ]
    found = share(make, tickets, since)
    assert found.by_ticket == {1: 1.0, 3: 1.0, 5: 1.0, 6: 1.0, 7: 1.0}
    assert (found.total, found.orphan, found.exempt, found.traced, found.unresolvable) == (5, 2, 1, 1, 1)
    assert found.orphan_share == 0.4


def test_no_effort_is_null_and_not_zero(make):
    assert share(make, [judged(make, 1, "todo", "orphan")]).orphan_share is None


def test_only_leaf_tickets_and_nothing_that_was_given_up(make):
    tickets = [
        judged(make, 1, "in_progress"),
        judged(make, 2, "done", parent=1),
        judged(make, 3, "done", resolution="Won't Do"),
        judged(make, 4, "done", kind=ItemKind.PULL_REQUEST),
        judged(make, 5, "in_progress"),
        judged(make, 6, "done", parent=5, resolution="Duplicate"),
    ]
    assert set(share(make, tickets).by_ticket) == {2, 5}


def test_pull_requests_and_commits_are_counted_beside_and_never_added(make):
    pull, commit = {"kind": ItemKind.PULL_REQUEST}, {"kind": ItemKind.COMMIT}
    before = make.start - DAY
    tickets = [
        judged(make, 1, "done", "orphan"),
        judged(make, 2, "in_progress", "orphan", **pull),
        judged(make, 3, "done", "traced", **pull),
        judged(make, 4, "todo", "orphan", **pull),  # a draft
        judged(make, 5, "done", "orphan", resolution="not_merged", **pull),
        judged(make, 6, "done", "orphan", **commit),
        judged(make, 7, "done", "exempt", **commit),
        judged(make, 8, "done", "orphan", completed_at=before, **commit),
        make.ticket(9, State.DONE, **commit),  # not judged yet
    ]
    found = share(make, tickets)
    assert (found.total, found.orphan, set(found.by_ticket)) == (1, 1, {1})
    assert found.beside == {ItemKind.PULL_REQUEST: (1, 2), ItemKind.COMMIT: (1, 2)}
    only = share(make, tickets, chosen=lambda one: one.uid == 2)
    assert only.beside == {ItemKind.PULL_REQUEST: (1, 1), ItemKind.COMMIT: (0, 0)}


def test_open_work_on_a_dead_goal_is_orphan_effort(make):
    dead = judged(make, 1, "in_progress", "orphan", orphan=OrphanClass.DEAD)
    assert share(make, [dead, judged(make, 2, "done")]).orphan_share == 0.5


def test_teams_that_estimate_in_their_own_scale_add_up(make):
    """SHOP counts in tens, PAY does not estimate: three tickets and two tickets, five in all."""
    shop = [judged(make, n, "done", "orphan" if n == 1 else "traced", points=p) for n, p in [(1, 60), (2, 20), (3, 40)]]
    pay = [judged(make, n, "done", project="PAY", points=p) for n, p in [(4, 8), (5, None)]]
    found = share(make, [*shop, *pay])
    assert found.by_ticket == {1: 1.5, 2: 0.5, 3: 1.0, 4: 1.0, 5: 1.0}
    assert found.orphan_share == 0.3


def test_one_missing_estimate_in_five_is_of_average_size(make):
    tickets = [judged(make, n, "done", points=p) for n, p in enumerate([1, 2, 3, 2, None])]
    assert weigh(tickets, Thresholds())[4] == 1.0
    assert weigh(tickets, Thresholds())[0] == 0.5
    assert weigh(tickets, Thresholds(estimated_share=0.9))[0] == 1.0
    assert set(weigh([replace(one, points=0) for one in tickets], Thresholds()).values()) == {1.0}


def test_work_of_no_team_is_scaled_within_its_project(make):
    tickets = [judged(make, 1, "done", project="OPS", points=100), judged(make, 2, "done", project="WEB", points=1)]
    assert weigh(tickets, Thresholds()) == {1: 1.0, 2: 1.0}


@given(
    st.lists(
        st.tuples(
            st.sampled_from([None, 0.5, 3, 13, 400]), st.sampled_from(["SHOP", "PAY", "OPS"]),
            st.sampled_from(list(VerdictKind)), st.sets(st.integers(0, 3), min_size=1),
        ),
        max_size=30,
    )
)  # fmt: skip
def test_effort_adds_up_to_all_of_it(make, rows):
    tickets = [
        judged(make, uid, "done", verdict, points=points, project=project)
        for uid, (points, project, verdict, _) in enumerate(rows)
    ]
    found = share(make, tickets)
    assert found.total == pytest.approx(len(rows))  # items of average size
    assert found.orphan + found.exempt + found.traced + found.unresolvable == pytest.approx(found.total)
    assert sum(found.by_ticket.values()) == pytest.approx(found.total)
    served = {f"KR-{kr}": [one for one, row in zip(tickets, rows, strict=True) if kr in row[3]] for kr in range(4)}
    assert sum(rollup.effort_by_goal(served, found.by_ticket).values()) == pytest.approx(found.total)


def test_effort_of_an_item_with_two_key_results_is_split(make):
    one, two = make.ticket(1), make.ticket(2)
    split = rollup.effort_by_goal({"KR-A": [one, two, one], "KR-B": [two], "KR-C": []}, {1: 1.0, 2: 3.0})
    assert split == {"KR-A": 2.5, "KR-B": 1.5, "KR-C": 0.0}


def test_the_team_is_the_first_match_in_the_order_of_the_file(make):
    both = make.ticket(1, labels=("Team-Pay",))
    assert rollup.team_of(both, TEAMS) == "mobile"
    assert rollup.team_of(both, TEAMS[::-1]) == "pay"
    assert rollup.team_of(replace(both, source="other", labels=()), TEAMS) is None
    assert rollup.team_of(replace(both, source="github", project="Acme/Mobile-App", labels=()), TEAMS) == "mobile"


def test_the_current_cycle_is_the_shortest_that_contains_now(make):
    year = Cycle("2026", make.days(date(2026, 1, 1), date(2026, 12, 31)))
    quarter, open_end = Cycle("2026-Q4", make.window), Cycle("ever", Window(make.start, None))
    goals = Goals({one.id: one for one in (year, quarter, open_end)}, {}, {}, "Europe/Paris")
    assert rollup.current_cycle(goals, make.start) == quarter
    assert rollup.current_cycle(goals, make.start - DAY) == year
    assert rollup.current_cycle(goals, make.end) is None


def test_the_default_period_is_the_current_cycle(make):
    tickets = [judged(make, 1, "done", completed_at=make.start - DAY), judged(make, 2, "done")]
    found = share(make, tickets)
    assert (found.since, found.until, set(found.by_ticket)) == (make.start, make.middle, {2})
    later = make.end + DAY
    assert share(make, tickets, now=later).since == later - timedelta(weeks=13)


def test_weeks_are_iso_weeks_in_the_time_zone(make):
    now = datetime(2027, 1, 4, 0, 30, tzinfo=make.paris).astimezone(UTC)  # Sunday evening in London
    weeks = rollup.iso_weeks(now, "Europe/Paris", 12)
    assert weeks[-1].start == datetime(2027, 1, 3, 23, tzinfo=UTC)
    assert all(one.end == two.start for one, two in pairwise(weeks))
    assert [week_name(week.start) for week in weeks[-3:]] == ["2026-W52", "2026-W53", "2027-W01"]
    assert weeks[0].end - weeks[0].start == WEEK + timedelta(hours=1)  # 2026-10-25


@pytest.mark.parametrize("zone", ["Pacific/Kiritimati", "Pacific/Pago_Pago", "Europe/Paris"])
def test_the_name_of_a_week_is_that_of_its_place(zone):
    weeks = rollup.iso_weeks(datetime(2026, 11, 4, 12, tzinfo=UTC), zone, 1)
    assert [week_name(week.start) for week in weeks] == ["2026-W45"]


def test_trend_reads_the_weeks_from_histories(make):
    """A moved link, seen from before and after: linked in the third week, orphan effort in the first two."""
    weeks = rollup.iso_weeks(make.start + 27 * DAY, "Europe/Paris", 4)
    first = weeks[0].start
    begun = make.change(ChangeKind.STATE, first + DAY, "todo", "in_progress")
    ended = make.change(ChangeKind.STATE, first + 16 * DAY, "in_progress", "done")
    moved = judged(
        make, 1, "done", changes=(begun, ended), completed_at=first + 16 * DAY, linked_since=first + 15 * DAY
    )
    old = judged(make, 2, "done", "exempt", completed_at=first + 2 * DAY)
    lost = judged(make, 3, "done", "orphan", completed_at=first + 17 * DAY)
    again = (
        make.change(ChangeKind.STATE, first + 8 * DAY, "todo", "done"),
        make.change(ChangeKind.STATE, first + 9 * DAY, "done", "todo"),
    )
    reopened = judged(make, 4, "todo", "orphan", changes=again)
    names = [week_name(week.start) for week in weeks]
    shares = trend([moved, old, lost, reopened], weeks)
    assert shares == list(zip(names, [0.5, 1.0, 0.5, None], strict=True))


def test_trend_counts_work_in_progress_at_the_end_of_each_week(make):
    weeks = rollup.iso_weeks(make.start + 27 * DAY, "Europe/Paris", 2)
    first = weeks[0].start
    changes = (
        make.change(ChangeKind.STATE, first + DAY, "todo", "in_progress"),
        make.change(ChangeKind.STATE, first + 5 * DAY, "in_progress", "todo"),
        make.change(ChangeKind.STATE, first + 8 * DAY, "todo", "in_progress"),
    )
    ticket = judged(make, 1, State.IN_PROGRESS, "orphan", changes=changes)
    assert [share for _, share in trend([ticket], weeks)] == [None, 1.0]


def test_trend_sees_work_that_was_done_reopened_and_done_again(make):
    weeks = rollup.iso_weeks(make.start + 27 * DAY, "Europe/Paris", 4)
    first = weeks[0].start
    moves = [(DAY, "todo", "done"), (15 * DAY, "done", "todo"), (22 * DAY, "todo", "done")]
    changes = tuple(make.change(ChangeKind.STATE, first + after, before, now) for after, before, now in moves)
    ticket = judged(make, 1, "done", "orphan", changes=changes, completed_at=first + 22 * DAY)
    assert [share for _, share in trend([ticket], weeks)] == [1.0, None, None, 1.0]


def test_a_parent_is_no_leaf_because_its_children_are_not_asked_for(make) -> None:
    """An epic in progress whose children were done before the period, or belong to another team, is still no leaf."""
    since, now = datetime(2026, 10, 1, tzinfo=UTC), datetime(2026, 11, 1, tzinfo=UTC)

    def ticket(uid: int, state: State, verdict: VerdictKind, project: str = "SHOP", **more: Any) -> Ticket:
        born = datetime(2026, 8, 1, tzinfo=UTC)
        key = f"{project}-{uid}"
        return Ticket(uid, "jira", key, ItemKind.TICKET, state, born, project=project, verdict=verdict, **more)

    before, within = datetime(2026, 9, 1, tzinfo=UTC), datetime(2026, 10, 9, tzinfo=UTC)
    tickets = [
        ticket(1, State.IN_PROGRESS, VerdictKind.ORPHAN),
        ticket(2, State.DONE, VerdictKind.ORPHAN, parent=1, completed_at=before),
        ticket(3, State.IN_PROGRESS, VerdictKind.ORPHAN),
        ticket(4, State.DONE, VerdictKind.ORPHAN, "PAY", parent=3, completed_at=within),
        ticket(5, State.DONE, VerdictKind.TRACED, completed_at=within),
    ]
    report = share(make, tickets, since, (), now)
    assert (report.total, report.orphan) == (2, 1)
    shop = share(make, tickets, since, (), now, chosen=lambda one: one.project == "SHOP")
    assert (shop.total, shop.orphan, set(shop.by_ticket)) == (1, 0, {5})
    weeks = [Window(since, now)]
    assert trend(tickets, weeks, (), chosen=lambda one: one.project == "SHOP")[0][1] == 0


@given(
    st.lists(
        st.tuples(
            st.sampled_from([State.TODO, State.IN_PROGRESS, State.DONE, State.UNKNOWN]),
            st.sampled_from(list(VerdictKind)),
            *[st.none() | st.integers(-3, 40)] * 3,
        ),
        max_size=20,
    )
)
def test_what_has_no_history_is_told_all_at_once_as_it_would_be_one_by_one(make, rows):
    weeks = rollup.iso_weeks(make.start + 27 * DAY, "Europe/Paris", 4)
    period = Period(make.start, make.start + 27 * DAY, weeks)
    tickets = [
        replace(
            judged(make, uid, state, verdict),
            created_at=make.start + (born or 0) * DAY,
            completed_at=None if done is None else make.start + done * DAY,
            linked_since=None if linked is None else make.start + linked * DAY,
        )
        for uid, (state, verdict, born, done, linked) in enumerate(rows)
    ]
    at_once, one_by_one = (columns(tickets, period, told=lambda _, each=each: each) for each in (False, True))
    for name in ("now", "weeks"):
        assert at_once[name].tolist() == one_by_one[name].tolist()
    assert (at_once["lost"] & at_once["weeks"]).tolist() == (one_by_one["lost"] & one_by_one["weeks"]).tolist()
