"""Effort of a period: what it is made of, what share served no objective, and how that moved."""

from __future__ import annotations

import math
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from itertools import groupby, pairwise
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
from okrsync.store.worked import MOVING
from rollup.cuts import cut, whole
from rollup.effort import week_name
from rollup.effort import weigh as weigh_columns
from rollup.history import CHANGE, lives
from rollup.scope import is_cancelled, refusals
from rollup.span import micros
from rollup.streams import by_goal, shares
from rollup.timeline import completed_at, state_at
from rollup.worked import EVER, HELD, VERDICTS, WHOLE, WORK, Period, stood, tell, tell_served
from rollup.workload import KINDS, LINK, NEVER, NOBODY, STATES

DAY, WEEK = timedelta(days=1), timedelta(weeks=1)
TEAMS = (
    Team("mobile", projects=(ItemRef("jira", "SHOP"),), repositories=(ItemRef("github", "acme/mobile-*"),)),
    Team("pay", projects=(ItemRef("jira", "PAY"),), labels=("team-pay",)),
)


def judged(make, uid, state, verdict="traced", **more):
    return make.ticket(uid, state, verdict=VerdictKind(verdict), **more)


def columns(tickets, period, teams=TEAMS, chosen=lambda one: True, held=None, alive=None):
    """These tickets as the store gives them. ``held`` are their links, (uid, since, until, goal), by default those of
    the traced ones; ``alive`` when these goals took work."""
    tickets = sorted(tickets, key=lambda one: one.uid)
    groups: dict[tuple[str, ...], int] = {}
    work = np.zeros(len(tickets), WORK)
    for row, one in zip(work, tickets, strict=True):
        team = rollup.team_of(one, teams)
        row["uid"], row["parent"] = one.uid, NOBODY if one.parent is None else one.parent
        row["points"] = math.nan if one.points is None else one.points
        row["group"] = groups.setdefault((one.source, one.project) if team is None else (team,), len(groups))
        row["kind"], row["state"] = KINDS.index(one.kind), STATES.index(one.state)
        row["verdict"] = VERDICTS.index(one.verdict)
        row["given_up"] = is_cancelled(one.resolution, refusals(Thresholds()))
        row["chosen"] = chosen(one)
    created = np.array([micros(one.created_at) for one in tickets], np.int64)
    completed = [NEVER if one.completed_at is None else micros(one.completed_at) for one in tickets]
    items = np.zeros(len(tickets), MOVING)
    items["uid"], items["state"], items["completed"] = work["uid"], work["state"], completed
    moves = [(one.uid, micros(move.at), STATES.index(move.before), STATES.index(move.after))
             for one in tickets for move in one.changes]  # fmt: skip
    tell(work, created, items["completed"], lives(items, np.array(moves, CHANGE)), period)
    if held is None:
        served = [one for one in tickets if one.verdict is VerdictKind.TRACED]
        held = [(one.uid, one.linked_since or one.created_at, None, 0) for one in served]
    links = [(uid, micros(since), NEVER if until is None else micros(until), goal) for uid, since, until, goal in held]
    tell_served(work, np.array(sorted(links), HELD), np.array(alive or [EVER], np.uint32), period)
    return work


def share(make, tickets, since=None, teams=TEAMS, now=None, goals=None, **more):
    now = now or make.middle
    period = Period(since or rollup.period_start(goals or make.goals([]), now), now)
    return rollup.orphan_share(columns(tickets, period, teams, **more), Thresholds())


def costs(tickets, found):
    """Ticket → what it cost."""
    uids = sorted(one.uid for one in tickets)
    return {uids[row]: size for row, size in zip(found.rows.tolist(), found.sizes.tolist(), strict=True)}


def trend(tickets, weeks, teams=TEAMS, **more):
    period = Period(weeks[0].start, weeks[-1].end, weeks)
    [told] = rollup.weekly(columns(tickets, period, teams, **more), period, Thresholds())
    return [(week.name, week.spent.orphan_share) for week in told]


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
    assert costs(tickets, found) == {1: 1.0, 3: 1.0, 5: 1.0, 6: 1.0, 7: 1.0}
    assert found.spent == rollup.Spent(traced=1, exempt=1, orphan=2, unresolvable=1)
    assert (found.spent.total, found.orphans, found.tickets) == (5, 2, 5)
    assert (found.spent.orphan_share, found.spent.coverage) == (0.4, 0.4)


def test_no_effort_is_null_and_not_zero(make):
    assert share(make, [judged(make, 1, "todo", "orphan")]).spent.orphan_share is None


def test_only_leaf_tickets_and_nothing_that_was_given_up(make):
    tickets = [
        judged(make, 1, "in_progress"),
        judged(make, 2, "done", parent=1),
        judged(make, 3, "done", resolution="Won't Do"),
        judged(make, 4, "done", kind=ItemKind.PULL_REQUEST),
        judged(make, 5, "in_progress"),
        judged(make, 6, "done", parent=5, resolution="Duplicate"),
    ]
    assert set(costs(tickets, share(make, tickets))) == {2, 5}


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
    period = Period(make.start, make.middle)

    def part(**more):
        work = columns(tickets, period, **more)
        return whole(work, rollup.orphan_share(work, Thresholds()))

    assert part().spent == rollup.Spent(orphan=1)
    assert part().beside == {ItemKind.PULL_REQUEST: (1, 2), ItemKind.COMMIT: (1, 2)}
    only = part(chosen=lambda one: one.uid == 2)
    assert only.beside == {ItemKind.PULL_REQUEST: (1, 1), ItemKind.COMMIT: (0, 0)}


def test_open_work_on_a_dead_goal_is_orphan_effort(make):
    dead = judged(make, 1, "in_progress", "orphan", orphan=OrphanClass.DEAD)
    assert share(make, [dead, judged(make, 2, "done")]).spent.orphan_share == 0.5


def test_teams_that_estimate_in_their_own_scale_add_up(make):
    """SHOP counts in tens, PAY does not estimate: three tickets and two tickets, five in all."""
    shop = [judged(make, n, "done", "orphan" if n == 1 else "traced", points=p) for n, p in [(1, 60), (2, 20), (3, 40)]]
    pay = [judged(make, n, "done", project="PAY", points=p) for n, p in [(4, 8), (5, None)]]
    found = share(make, [*shop, *pay])
    assert costs([*shop, *pay], found) == {1: 1.5, 2: 0.5, 3: 1.0, 4: 1.0, 5: 1.0}
    assert found.spent.orphan_share == 0.3


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
    assert found.spent.total == pytest.approx(len(rows))  # items of average size
    assert sum(costs(tickets, found).values()) == pytest.approx(found.spent.total)
    assert math.fsum(getattr(found.spent, kind) for kind in VerdictKind) == found.spent.total
    traced = [(one, row[3]) for one, row in zip(tickets, rows, strict=True) if one.verdict is VerdictKind.TRACED]
    links = np.array([(one.uid, 0, goal) for one, goals in traced for goal in sorted(goals)], LINK)
    mine = found.verdicts == VERDICTS.index(VerdictKind.TRACED)
    parts = by_goal(*shares(found.rows[mine], found.sizes[mine], links), [f"KR-{goal}" for goal in range(4)])
    assert sum(parts.values()) == pytest.approx(found.spent.traced), "what serves several goals is split"
    again = share(make, tickets[::-1])
    assert (again.spent, costs(tickets, again)) == (found.spent, costs(tickets, found)), "the order says nothing"


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
    assert set(costs(tickets, share(make, tickets))) == {2}
    later = make.end + DAY
    assert rollup.period_start(make.goals([]), make.middle) == make.start
    assert rollup.period_start(make.goals([]), later) == later - timedelta(weeks=13)


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
    assert (report.spent.total, report.spent.orphan) == (2, 1)
    shop = share(make, tickets, since, (), now, chosen=lambda one: one.project == "SHOP")
    assert (shop.spent.total, shop.spent.orphan, set(costs(tickets, shop))) == (1, 0, {5})
    weeks = [Window(since, now)]
    assert trend(tickets, weeks, (), chosen=lambda one: one.project == "SHOP")[0][1] == 0


STATES_OF_HISTORY = (State.TODO, State.IN_PROGRESS, State.DONE, State.UNKNOWN)


@given(st.lists(st.tuples(
    st.sampled_from(STATES_OF_HISTORY), st.integers(-3, 40), st.none() | st.integers(-3, 40),
    st.lists(st.tuples(st.integers(-3, 40), st.sampled_from(STATES_OF_HISTORY)), max_size=4),
), max_size=12))  # fmt: skip
def test_columns_tell_what_the_histories_of_single_tickets_do(make, rows):
    """As ``rollup.timeline`` says it, where a log ends with what the tool says of the present."""
    weeks = rollup.iso_weeks(make.start + 27 * DAY, "Europe/Paris", 4)
    period = Period(make.start, make.start + 27 * DAY, weeks)
    tickets = []
    for uid, (first, born, completed, moves) in enumerate(rows):
        path = [state for state, _ in groupby([first, *(state for _, state in moves)])]
        days = [max(born, day) for day in sorted(day for day, _ in moves)][: len(path) - 1]
        changes = tuple(
            make.change(ChangeKind.STATE, make.start + day * DAY, before, after)
            for day, (before, after) in zip(days, pairwise(path), strict=True)
        )
        ended = (days[-1] if days else completed) if path[-1] is State.DONE else None
        tickets.append(replace(
            judged(make, uid, path[-1]), created_at=make.start + born * DAY, changes=changes,
            completed_at=None if ended is None else make.start + max(born, ended) * DAY,
        ))  # fmt: skip
    work = columns(tickets, period)
    for row, one in zip(work, tickets, strict=True):
        for bit, start, last in period.spans:
            done, state = completed_at(one, last), state_at(one, last)
            expected = (done is not None and start <= done) or state is State.IN_PROGRESS
            assert bool(row["weeks"] >> np.uint32(bit) & 1) == expected, (one, last)
            assert bool(row["begun"] >> np.uint32(bit) & 1) == (state is State.IN_PROGRESS)


# ── what it served then ──────────────────────────────────────────────────────────────────────────────────────────────


def told_by_weeks(make, ticket, held, alive=None):
    """The orphan share of each of four weeks in which this one ticket was worked on."""
    weeks = rollup.iso_weeks(make.start + 27 * DAY, "Europe/Paris", 4)
    links = [(ticket.uid, weeks[0].start + since * DAY, until and weeks[0].start + until * DAY, goal)
             for since, until, goal in held]  # fmt: skip
    return [share for _, share in trend([ticket], weeks, held=links, alive=alive)]


def test_a_label_that_was_removed_leaves_the_weeks_before_as_they_were(make):
    lost = judged(make, 1, "in_progress", "orphan")
    assert told_by_weeks(make, lost, [(-30, 15, 0)]) == [0.0, 0.0, 1.0, 1.0]


def test_work_that_was_relabelled_is_no_orphan_in_between(make):
    moved = judged(make, 1, "in_progress")
    assert told_by_weeks(make, moved, [(-30, 8, 0), (8, None, 1)], [EVER, EVER]) == [0.0] * 4
    assert told_by_weeks(make, moved, [(-30, 8, 0), (15, None, 1)], [EVER, EVER]) == [0.0, 1.0, 0.0, 0.0]


def test_open_work_is_an_orphan_from_the_end_of_its_goal_on_and_done_work_is_not(make):
    two = 0b0011  # the goal took work at the end of the first two weeks
    dead = judged(make, 1, "in_progress", "orphan", orphan=OrphanClass.DEAD)
    assert told_by_weeks(make, dead, [(-30, None, 0)], [two]) == [0.0, 0.0, 1.0, 1.0]
    assert told_by_weeks(make, dead, [(-30, None, 0), (-30, None, 1)], [two, EVER]) == [0.0] * 4
    first = rollup.iso_weeks(make.start + 27 * DAY, "Europe/Paris", 4)[0].start
    done = judged(make, 1, "done", completed_at=first + 15 * DAY)
    assert told_by_weeks(make, done, [(-30, None, 0)], [two]) == [None, None, 0.0, None]


def test_what_was_exempt_then_is_no_orphan_then(make):
    weeks = rollup.iso_weeks(make.start + 27 * DAY, "Europe/Paris", 4)
    period = Period(weeks[0].start, weeks[-1].end, weeks)
    work = columns([judged(make, 1, "in_progress", "exempt"), judged(make, 2, "in_progress", "orphan")], period)
    work["exempt"] = [0b1000 | 1 << WHOLE, 0b0011]  # exempted in the last week; until the second
    [told] = rollup.weekly(work, period, Thresholds())
    assert [(week.spent.exempt, week.spent.orphan) for week in told] == [(1, 1), (1, 1), (0, 2), (1, 1)]


def test_a_period_of_the_past_is_told_as_it_was(make):
    """Done in the third week: asked at the end of the second, it was in progress, and its goal took work."""
    first = rollup.iso_weeks(make.start + 27 * DAY, "Europe/Paris", 4)[0].start
    changes = (
        make.change(ChangeKind.STATE, first + DAY, "todo", "in_progress"),
        make.change(ChangeKind.STATE, first + 16 * DAY, "in_progress", "done"),
    )
    one = judged(make, 1, "done", "orphan", changes=changes, completed_at=first + 16 * DAY)
    period = Period(first, first + 14 * DAY)
    work = columns([one], period, held=[(1, first, first + 15 * DAY, 0)])
    assert rollup.orphan_share(work, Thresholds()).spent == rollup.Spent(traced=1)
    assert rollup.orphan_share(columns([one], Period(first - WEEK, first)), Thresholds()).tickets == 0


# ── cuts ─────────────────────────────────────────────────────────────────────────────────────────────────────────────

rows_of_groups = st.lists(
    st.tuples(
        st.sampled_from([None, 0.5, 3, 13]), st.sampled_from(["SHOP", "PAY", "OPS"]),
        st.sampled_from(list(VerdictKind)), st.sampled_from(list(ItemKind)),
        st.sampled_from(["done", "in_progress", "todo"]), st.integers(0, 3), st.booleans(),
    ),
    max_size=30,
)  # fmt: skip


@given(rows_of_groups)
def test_groups_add_up_and_every_item_is_in_one_of_them(make, rows):
    weeks = rollup.iso_weeks(make.middle, "Europe/Paris", 3)
    period = Period(make.start, make.middle, weeks)
    tickets = [
        judged(make, uid, state, verdict, kind=kind, points=points, project=project)
        for uid, (points, project, verdict, kind, state, _, _) in enumerate(rows)
    ]
    work = columns(tickets, period, chosen=lambda one: rows[one.uid][-1])
    by = np.array([row[-2] for row in rows], np.uint8)
    found = rollup.orphan_share(work, Thresholds())
    parts, everything = cut(work, found, by, 4), whole(work, found)
    for kind in VerdictKind:
        assert sum(part.items[kind] for part in parts) == everything.items[kind]
        assert sum(getattr(part.spent, kind) for part in parts) == pytest.approx(getattr(found.spent, kind))
    for kind in (ItemKind.PULL_REQUEST, ItemKind.COMMIT):
        assert tuple(map(sum, zip(*(part.beside[kind] for part in parts), strict=True))) == everything.beside[kind]
    [all_weeks] = rollup.weekly(work, period, Thresholds())
    by_week = zip(*rollup.weekly(work, period, Thresholds(), by, 4), strict=True)
    for groups, week in zip(by_week, all_weeks, strict=True):
        assert {one.name for one in groups} == {week.name}
        summed = sum((one.spent for one in groups), rollup.Spent())
        assert [getattr(summed, kind) for kind in VerdictKind] == pytest.approx(
            [getattr(week.spent, kind) for kind in VerdictKind]
        )
    last = stood(work, WHOLE)
    counted = found.rows.tolist()
    assert [VERDICTS[last[row]] for row in counted] == [tickets[row].verdict for row in counted]


def test_the_orphan_rate_of_the_commits_of_each_team(make):
    commit = {"kind": ItemKind.COMMIT}
    tickets = [
        judged(make, 1, "done", "orphan", **commit),
        judged(make, 2, "done", "traced", **commit),
        judged(make, 3, "done", "orphan", project="PAY", **commit),
        judged(make, 4, "done", "orphan", project="PAY", kind=ItemKind.PULL_REQUEST),
        judged(make, 5, "done", "orphan", project="PAY", resolution="not_merged", kind=ItemKind.PULL_REQUEST),
    ]
    period = Period(make.start, make.middle)
    work = columns(tickets, period)
    mobile, pay = cut(work, rollup.orphan_share(work, Thresholds()), np.array([0, 0, 1, 1, 1]), 2)
    assert (mobile.beside[ItemKind.COMMIT], pay.beside[ItemKind.COMMIT]) == ((1, 2), (1, 1))
    assert (mobile.beside[ItemKind.PULL_REQUEST], pay.beside[ItemKind.PULL_REQUEST]) == ((0, 0), (1, 1))
    assert pay.items[VerdictKind.ORPHAN] == 3
