"""The past of key results: what histories tell of any instant, with the links that held then."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from cases import cases
from hypothesis import given
from hypothesis import strategies as st

from okrsync.model import ChangeKind, Commitment, KeyResultKind, Reading, State, Status, Window
from rollup.blocks import blocked_at
from rollup.burn_up import burn_up, moments
from rollup.churn import churn
from rollup.history import CHANGE, ITEM, PERIOD, Past, lives, measure_at
from rollup.span import last_instant, micros
from rollup.timeline import completed_at, state_at
from rollup.workload import KINDS, NEVER, NOBODY, STATES, Names

DAY = timedelta(days=1)
STATE = {state: place for place, state in enumerate(STATES)}


def past(served, gone=None):
    """The past of tickets: (ticket, its periods as (target, since, until or None)), by growing uid."""
    sources, resolutions, targets = Names(), Names(), Names()
    items, changes, periods = [], [], []
    for ticket, links in served:
        done = NEVER if ticket.completed_at is None else micros(ticket.completed_at)
        points = float("nan") if ticket.points is None else ticket.points
        left = NEVER if ticket.uid not in (gone or {}) else micros(gone[ticket.uid])
        places = (resolutions.place(ticket.resolution), sources.place(ticket.source))
        of = (KINDS.index(ticket.kind), STATE[ticket.state])
        parent = NOBODY if ticket.parent is None else ticket.parent
        items.append((ticket.uid, parent, points, micros(ticket.created_at), done, left, *places, *of))
        changes += [
            (ticket.uid, micros(one.at), STATE[State(one.before)], STATE[State(one.after)])
            for one in ticket.changes
            if one.kind is ChangeKind.STATE
        ]
        for target, since, until in links:
            periods.append(
                (ticket.uid, micros(since), NEVER if until is None else micros(until), targets.place(target))
            )
    rows = np.array(items, ITEM)
    told = lives(rows, np.array(changes, CHANGE))
    return Past(rows, told, np.array(periods, PERIOD), sources.known, resolutions.known, targets.known)


@st.composite
def stories(draw):
    """(first state, moves as (day, state), whether the tool tells the completion): a log that fits its item."""
    states = st.sampled_from([State.TODO, State.IN_PROGRESS, State.DONE])
    days = sorted(draw(st.lists(st.integers(0, 60), max_size=6)))
    return draw(states), [(day, draw(states)) for day in days], draw(st.booleans())


def lived(make, uid, story):
    first, moves, told = story
    before, changes = first, []
    for day, after in moves:
        if after is not before:
            changes.append(make.change(ChangeKind.STATE, make.start + day * DAY, before, after))
            before = after
    ticket = make.ticket(uid, before, changes=tuple(changes), completed_at=None)
    since = completed_at(ticket, make.start + 90 * DAY)
    return replace(ticket, completed_at=since if told else None)


@cases(150)
@given(st.lists(stories(), min_size=1, max_size=5), st.integers(-11, 70))
def test_items_stand_at_any_instant_as_their_histories_tell(make, drawn, day):
    tickets = [lived(make, uid, story) for uid, story in enumerate(drawn, start=1)]
    at = make.start + day * DAY
    known = past([(one, [("KR-1", one.created_at, None)]) for one in tickets]).at(micros(at))
    there = [one for one in tickets if state_at(one, at) is not None]
    assert known.items["uid"].tolist() == [one.uid for one in there]
    assert [STATES[place] for place in known.items["state"]] == [state_at(one, at) for one in there]
    finished = [completed_at(one, at) for one in there]
    assert known.items["finished"].tolist() == [NEVER if one is None else micros(one) for one in finished]


@cases(150)
@given(st.lists(stories(), min_size=1, max_size=8), st.integers(1, 91), st.lists(st.integers(-10, 80), max_size=8))
def test_the_burn_up_ends_with_what_is_measured_now(make, drawn, day, linked):
    """What is measured now, damping aside, is what the past says of now: the number, its cause and its forecast."""
    now = make.start + day * DAY
    tickets = [lived(make, uid, story) for uid, story in enumerate(drawn, start=1)]
    since = [make.start + (linked[uid] if uid < len(linked) else -10) * DAY for uid in range(len(tickets))]
    served = [(one, begun) for one, begun in zip(tickets, since, strict=True) if begun <= now]
    kr = make.kr()
    current = [replace(one, linked_since=begun) for one, begun in served]
    # the log holds nothing that is still to come
    current = [one for one in current if all(change.at <= now for change in one.changes)]
    known = past([(one, [("KR-1", one.linked_since, None)]) for one in current])
    measured = make.measure(kr, current, now=now)
    told = measure_at(kr, known, (), make.thresholds, now, "Europe/Paris")
    assert replace(told, causes=()) == replace(measured, causes=())
    assert [cause.text for cause in told.causes] == [cause.text for cause in measured.causes]
    last = burn_up(kr, known, (), make.thresholds, now, "Europe/Paris")[-1]
    assert (last.progress, last.done, last.scope) == (measured.progress, measured.done, measured.scope)


def test_a_moved_link_is_seen_from_before_and_after(make):
    moved = make.start + 30 * DAY
    ticket = make.ticket(1, State.DONE, completed_at=make.start + 40 * DAY)
    other = make.ticket(2)
    known = past(
        [
            (ticket, [("KR-1", ticket.created_at, moved), ("KR-2", moved, None)]),
            (other, [("KR-1", other.created_at, None), ("KR-2", other.created_at, None)]),
        ]
    )
    of = [make.kr("KR-1"), make.kr("KR-2")]

    def told(day):
        at = make.start + day * DAY
        both = [measure_at(kr, known, (), make.thresholds, at, "Europe/Paris") for kr in of]
        return [(one.done, one.scope, one.initial, one.added, one.removed) for one in both]

    assert told(29) == [(0, 2, 2, 0, 0), (0, 1, 1, 0, 0)]
    assert told(30) == told(31), "from that very instant on"
    assert told(31) == [(0, 1, 1, 0, 1), (0, 2, 1, 1, 0)]
    assert told(41) == [(0, 1, 1, 0, 1), (1, 2, 1, 1, 0)]


def test_what_left_before_the_window_began_was_not_removed_from_it(make):
    tickets = [make.ticket(uid) for uid in (1, 2)]
    left = [make.start - DAY, make.start + DAY]
    known = past([(one, [("KR-1", one.created_at, end)]) for one, end in zip(tickets, left, strict=True)])
    told = measure_at(make.kr(), known, (), make.thresholds, make.start + 2 * DAY, "Europe/Paris")
    assert (told.scope, told.removed) == (0, 1)


def test_the_last_instant_of_a_window_ends_it(make):
    known = past([(make.ticket(1), [("KR-1", make.start, None)])])
    at = [make.end - timedelta(microseconds=one) for one in (2, 1, 0)]
    told = [measure_at(make.kr(), known, (), make.thresholds, one, "Europe/Paris").status for one in at]
    assert (told[0] is Status.MISSED, told[1:]) == (False, [Status.MISSED, Status.MISSED])


def test_a_reading_of_the_end_or_later_is_none_of_the_window(make):
    given = [make.reading(82.5, make.start + DAY), make.reading(85.0, make.end)]
    told = measure_at(make.metric(), past([]), given, make.thresholds, make.end + DAY, "Europe/Paris")
    assert told.value == 82.5


def test_one_item_after_the_other_is_done_since_its_own_move_and_in_the_order_of_its_log(make):
    first, second, third = (make.start + day * DAY for day in (3, 9, 15))
    done = (State.TODO, State.DONE)
    one = make.ticket(1, State.DONE, changes=(make.change(ChangeKind.STATE, first, *done),), completed_at=None)
    back = [(second, *done), (first, State.DONE, State.TODO), (third, *done)]
    changes = tuple(make.change(ChangeKind.STATE, *move) for move in back)
    other = make.ticket(2, State.DONE, changes=changes, completed_at=None)
    last = make.ticket(3, State.DONE, changes=(make.change(ChangeKind.STATE, third + DAY, *done),), completed_at=None)
    known = past([(ticket, [("KR-1", ticket.created_at, None)]) for ticket in (one, other, last)])

    def finished(at):
        return known.at(micros(at)).items["finished"].tolist()

    assert finished(third + DAY) == [micros(first), micros(third), micros(third + DAY)]
    assert finished(second) == [micros(first), NEVER, NEVER], "taken back at once"
    assert finished(first) == [micros(first), NEVER, NEVER]


def test_a_link_weighs_nothing_before_its_item_is_there(make):
    ticket = make.ticket(1, created_at=make.start)
    known = past([(ticket, [("KR-1", make.start - DAY, None)])])
    assert [len(known.at(micros(make.start + day * DAY)).items) for day in (-0.5, 0)] == [0, 1]


def test_nothing_is_done_before_it_is_there_whatever_its_log_says(make):
    early = make.change(ChangeKind.STATE, make.start - 9 * DAY, State.TODO, State.DONE)
    ticket = make.ticket(1, State.DONE, created_at=make.start, completed_at=make.start + DAY, changes=(early,))
    (item,) = past([(ticket, [("KR-1", make.start, None)])]).at(micros(make.start + 9 * DAY)).items
    assert item["done"] == micros(make.start)


def test_an_item_that_two_rules_linked_is_linked_once_and_since_the_first(make):
    ticket = make.ticket(1, created_at=make.start)
    later, latest = make.start + 3 * DAY, make.start + 6 * DAY
    known = past([(ticket, [("KR-1", latest, None), ("KR-1", later, None), ("KR-2", later, None)])])
    held = [known.at(micros(make.start + day * DAY)).links for day in (4, 7)]
    assert [links["target"].tolist() for links in held] == [[0, 1], [0, 1]]
    assert [links["since"].tolist() for links in held] == [[micros(later)] * 2] * 2


def test_where_the_tool_tells_no_completion_the_log_does(make):
    at = [make.start + day * DAY for day in (10, 20, 30)]
    moves = [(State.TODO, State.DONE), (State.DONE, State.IN_PROGRESS), (State.IN_PROGRESS, State.DONE)]
    changes = tuple(make.change(ChangeKind.STATE, when, *move) for when, move in zip(at, moves, strict=True))
    logged = make.ticket(1, State.DONE, completed_at=None, changes=changes)
    silent = make.ticket(2, State.DONE, completed_at=None)
    told = make.ticket(3, State.DONE, completed_at=at[2] + DAY / 2, changes=changes)
    kept = make.ticket(4, State.DONE, completed_at=make.start + DAY, changes=changes[1:])  # done before its log begins
    known = past([(one, [("KR-1", one.created_at, None)]) for one in (logged, silent, told, kept)])
    finished = [known.at(micros(make.start + day * DAY)).items["finished"].tolist() for day in (15, 25, 40)]
    first, last, again, long = (micros(day) for day in (at[0], at[2], at[2] + DAY / 2, make.start + DAY))
    assert finished == [[first, NEVER, first, long], [NEVER, NEVER, NEVER, NEVER], [last, NEVER, again, long]]


def test_a_reopened_item_leaves_the_done_at_its_reopening_and_keeps_its_first_days(make):
    at = [make.start + day * DAY for day in (10, 20, 30)]
    moves = [(State.TODO, State.DONE), (State.DONE, State.IN_PROGRESS), (State.IN_PROGRESS, State.DONE)]
    changes = tuple(make.change(ChangeKind.STATE, when, *move) for when, move in zip(at, moves, strict=True))
    ticket = make.ticket(1, State.DONE, completed_at=at[2], changes=changes)
    known = past([(ticket, [("KR-1", ticket.created_at, None)])])
    points = burn_up(make.kr(), known, (), make.thresholds, make.start + 35 * DAY, "Europe/Paris")
    assert [point.done for point in points] == [0, 1, 1, 0, 1, 1]  # 4, 11, 18, 25 October, 1 and 5 November


def test_what_was_cancelled_or_deleted_counts_until_then(make):
    end = make.start + 20 * DAY
    cancelled = make.ticket(1, State.DONE, completed_at=end, resolution="Won't Do")
    deleted, stays = make.ticket(2), make.ticket(3)
    known = past([(one, [("KR-1", one.created_at, None)]) for one in (cancelled, deleted, stays)], gone={2: end})

    def told(day):
        one = measure_at(make.kr(), known, (), make.thresholds, make.start + day * DAY, "Europe/Paris")
        return one.scope, one.cancelled

    assert [told(19), told(20)] == [(3, 0), (1, 1)]


def test_an_epic_weighs_until_it_has_a_child_there(make):
    epic, child = make.ticket(1), make.ticket(2, parent=1, created_at=make.start + 10 * DAY)
    known = past([(epic, [("KR-1", epic.created_at, None)]), (child, [("KR-1", child.created_at, None)])])
    point = burn_up(make.kr(), known, (), make.thresholds, make.start + 12 * DAY, "Europe/Paris")
    assert [one.scope for one in point] == [1, 1, 1]
    assert known.at(micros(make.start)).items["uid"].tolist() == [1]
    assert known.at(micros(make.start + 11 * DAY)).items["uid"].tolist() == [1, 2]


# ── weeks ────────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_weeks_end_at_local_midnight_whatever_the_clocks_do(make):
    now = make.start + 40 * DAY  # clocks go back on 25 October 2026
    ends = [one.astimezone(ZoneInfo("Europe/Paris")) for one in moments(make.kr(), make.start, now, "Europe/Paris")]
    assert [f"{one:%d.%m. %H:%M:%S %z}" for one in ends[:-1]] == [
        "04.10. 23:59:59 +0200",
        "11.10. 23:59:59 +0200",
        "18.10. 23:59:59 +0200",
        "25.10. 23:59:59 +0100",
        "01.11. 23:59:59 +0100",
        "08.11. 23:59:59 +0100",
    ]
    assert ends[-1] == now


def test_a_day_of_twenty_five_hours_ends_with_its_last_one():
    longest, shortest = (last_instant(date(2026, *day), "Europe/Paris") for day in ((10, 25), (3, 29)))
    assert longest - last_instant(date(2026, 10, 24), "Europe/Paris") == timedelta(hours=25)
    assert shortest - last_instant(date(2026, 3, 28), "Europe/Paris") == timedelta(hours=23)


def test_a_window_that_is_over_ends_the_burn_up_and_one_to_come_has_none(make):
    ticket = make.ticket(1)
    known = past([(ticket, [("KR-1", ticket.created_at, None)])])
    after = make.end + 30 * DAY
    points = burn_up(make.kr(), known, (), make.thresholds, after, "Europe/Paris")
    assert points[-1].at == make.end - timedelta(microseconds=1)
    assert points[-1].planned == pytest.approx(0.9)
    later = make.kr(window=Window(after + DAY, None))
    assert burn_up(later, known, (), make.thresholds, after, "Europe/Paris") == ()


# ── the plan and the metric ──────────────────────────────────────────────────────────────────────────────────────────


def test_the_plan_is_the_pace_to_the_share_to_reach_or_the_curve_of_a_metric(make):
    empty = past([])

    def planned(kr, day):
        reading = [Reading(kr.id, make.start - DAY, 81.0, "cpo@acme.test")]
        return burn_up(kr, empty, reading, make.thresholds, make.start + day * DAY, "Europe/Paris")[-1]

    half = (make.end - make.start) / DAY / 2
    assert planned(make.kr(commitment=Commitment.ASPIRATIONAL), half).planned == pytest.approx(0.35)
    assert planned(make.metric(curve="s"), half / 2).planned == pytest.approx(0.15625)
    assert planned(make.metric(), half).progress == pytest.approx(0.2)
    assert planned(make.kr(kind=KeyResultKind.KEEP, low=80.0), half).planned == pytest.approx(0.9)


def test_readings_count_from_their_day_on(make):
    kr = make.metric()
    given = [make.reading(80.5, make.start + 3 * DAY), make.reading(82.5, make.start + 10 * DAY)]
    points = burn_up(kr, past([]), given, make.thresholds, make.start + 12 * DAY, "Europe/Paris")
    assert [(one.value, one.progress) for one in points] == [(80.5, 0.1), (82.5, 0.5), (82.5, 0.5)]


# ── what was blocked ─────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_flag_blocks_from_its_raising_to_its_end(make):
    up, down = make.start + 5 * DAY, make.start + 9 * DAY
    changes = (make.change(ChangeKind.FLAG, up, None, "1"), make.change(ChangeKind.FLAG, down, "1", None))
    ticket = make.ticket(1, changes=changes)
    assert [blocked_at(ticket, {}, make.start + day * DAY) for day in (4, 6, 10)] == [None, up, None]
    always = make.ticket(2, flagged=True)
    assert blocked_at(always, {}, make.start) == always.created_at


def test_a_blocker_that_is_done_or_taken_away_blocks_no_more(make):
    linked, done, away = (make.start + day * DAY for day in (2, 8, 20))
    changes = (
        make.change(ChangeKind.BLOCKED_BY, linked, None, "PAY-9"),
        make.change(ChangeKind.BLOCKED_BY, away, "PAY-9", None),
    )
    ticket = make.ticket(1, changes=changes)
    ended = make.ticket(9, State.DONE, completed_at=done)

    def told(blockers):
        return [blocked_at(ticket, blockers, make.start + day * DAY) for day in (1, 3, 9, 21)]

    assert told({"PAY-9": ended}) == [None, linked, None, None]
    assert told({}) == [None, linked, linked, None]


def test_the_status_of_then_knows_what_blocked_then(make):
    tickets = make.steady(20, 20, make.middle)
    known = past([(one, [("KR-1", one.linked_since, None)]) for one in tickets])
    held = {uid: micros(make.middle - 5 * DAY) for uid in range(21, 36)}

    def told(blocked):
        return measure_at(make.kr(), known, (), make.thresholds, make.middle, "Europe/Paris", blocked=blocked)

    assert (told({}).status, told(held).status) == (Status.ON_TRACK, Status.AT_RISK)


def test_what_came_into_a_scope_and_left_it_is_told_week_by_week(make):
    """The quarter begins on a Thursday: its first week has four days."""
    week = [make.start + days * DAY for days in (-3, 4.5, 5.5, 11.5, 13)]
    since = [("KR-1", make.start - 10 * DAY, None)]
    given_up = make.ticket(5, State.DONE, completed_at=week[3], resolution="Won't Do")
    told = churn(
        make.kr(),
        past(
            [
                (make.ticket(1), since),
                (make.ticket(2), [("KR-1", make.start - 10 * DAY, week[1])]),  # left for good
                (make.ticket(3), [("KR-1", week[1], week[2])]),  # came and left between two ends
                (make.ticket(4), [("KR-1", week[2], None)]),
                (given_up, since),
                (make.ticket(6), [("KR-1", week[2], None), ("KR-1", make.start - 10 * DAY, week[1])]),  # came back
            ]
        ),
        make.thresholds,
        make.start + 20 * DAY,
        "Europe/Paris",
    )
    second, third = told  # nothing happened in the first
    assert (second.added.uids, second.removed.uids, second.cancelled.uids) == ((4,), (2,), ())
    assert (third.added.uids, third.removed.uids, third.cancelled.uids) == ((), (), (5,))
    ends = moments(make.kr(), make.start, make.start + 20 * DAY, "Europe/Paris")
    assert [second.since, second.until, third.until] == ends[:3]
    assert churn(make.kr(), past([(make.ticket(1), since)]), make.thresholds, make.start - DAY, "Europe/Paris") == ()
