"""Columns say of items what tickets say: when they were done, which of them weigh, and which tell most."""

from __future__ import annotations

import time
from datetime import timedelta

import numpy as np
from cases import cases
from hypothesis import given
from hypothesis import strategies as st

import rollup
from okrsync.model import Blocker, Cause, ChangeKind, ItemKind, Say, State, Thresholds
from rollup.author import _with_items
from rollup.scope import bottom, scope
from rollup.span import instant, micros
from rollup.timeline import done_turns, state_at
from rollup.workload import ITEM, KINDS, together, workload

DAY = timedelta(days=1)
STATES = st.sampled_from(list(State))


@st.composite
def lives(draw):
    """(state, completed on a day or never, moves as (day, before, after)); logs that contradict themselves too."""
    moves = draw(st.lists(st.tuples(st.integers(-12, 40), STATES, STATES), max_size=5))
    if draw(st.booleans()):
        moves.sort(key=lambda move: move[0])
    return draw(STATES), draw(st.none() | st.integers(-12, 40)), moves


def living(make, uid, life):
    state, completed, moves = life
    changes = tuple(make.change(ChangeKind.STATE, make.start + at * DAY, before, after) for at, before, after in moves)
    done = None if completed is None else make.start + completed * DAY
    return make.ticket(uid, state, changes=changes, completed_at=done)


@cases(200)
@given(st.lists(lives(), min_size=1, max_size=5), st.integers(-15, 45))
def test_what_was_done_at_an_instant_is_what_the_history_tells(make, drawn, day):
    tickets = [living(make, uid, life) for uid, life in enumerate(drawn, start=1)]
    at = make.start + day * DAY
    then = [state_at(ticket, at) is State.DONE for ticket in tickets]
    assert [len([turn for turn in done_turns(one) if turn <= at]) % 2 == 1 for one in tickets] == then
    mine = scope(workload({"KR-1": tickets}).linked("KR-1"), KINDS, Thresholds())
    assert mine.done_by(micros(at)).tolist() == then


def parents_that_count(parents: dict[int, int]) -> set[int]:
    """By the word: those that are named by something that lies on no circle."""

    def circles(uid: int) -> bool:
        above = parents.get(uid)
        for _ in parents:
            if above == uid:
                return True
            above = parents.get(above) if above is not None else None
        return False

    return {above for uid, above in parents.items() if above in parents and not circles(uid)}


@cases(200)
@given(st.dictionaries(st.integers(0, 30), st.integers(0, 35), max_size=25))
def test_leaves_are_those_that_no_child_names_whatever_the_circles(parents):
    known = {uid: parents[uid] for uid in sorted(parents)}
    items = np.zeros(len(known), ITEM)
    items["uid"], items["parent"] = list(known), list(known.values())
    above = parents_that_count(known)
    assert bottom(items).tolist() == [uid not in above for uid in known]


def test_a_circle_of_a_thousand_above_a_chain_of_ten_thousand_takes_no_time():
    items = np.zeros(11_000, ITEM)
    items["uid"] = range(11_000)
    items["parent"] = [999, *range(10_999)]
    items["parent"][1000] = 500
    started = time.perf_counter()
    leaves = np.flatnonzero(bottom(items)).tolist()
    assert time.perf_counter() - started < 1
    assert leaves == [uid for uid in range(1000) if uid != 500] + [10_999]


def test_of_very_many_items_a_cause_names_those_that_tell_most(make):
    tickets = [
        make.ticket(n, blockers=(Blocker("PAY-1", True, make.start, since=make.start - n * DAY),))
        for n in range(1, 251)
    ]
    known = make.measure(make.kr(), tickets)
    cause = next(one for one in known.causes if one.text.code.startswith("progress.blocked"))
    assert dict(cause.text.args)["blocked"] == 250
    assert cause.items == tuple(f"SHOP-{n}" for n in range(151, 251))  # the longest blocked, in natural order
    assert (cause.more, cause.uids) == (150, ())
    assert _with_items("Blocked", cause).endswith("SHOP-160, +240)")


def test_a_workload_knows_items_by_uid_until_they_are_named(make):
    tickets = make.tickets(2, 3)
    linked = workload({"KR-1": tickets}).linked("KR-1")
    known = rollup.measure_key_result(
        make.kr(), linked, [], make.thresholds, make.middle, "Europe/Paris", stale=False, removed=0
    )
    keys = {ticket.uid: ticket.key for ticket in tickets}
    assert rollup.unnamed([known]) <= keys.keys()
    assert rollup.named(known, keys) == make.measure(make.kr(), tickets)
    assert known != rollup.named(known, keys)


def test_items_of_several_goals_stand_together_once_since_the_earliest(make):
    early, late = make.ticket(1, linked_since=make.start), make.ticket(1, linked_since=make.start + DAY)
    other = make.ticket(2, kind=ItemKind.COMMIT)
    work = workload({"KR-1": [late], "KR-2": [early, other]})
    both = together([work.linked("KR-1"), work.linked("KR-2"), work.linked("KR-9")])
    assert work.items["uid"][both.rows].tolist() == [1, 2]
    assert instant(int(both.since[0])) == make.start
    assert work.items["uid"][both.of_kinds({ItemKind.COMMIT}).rows].tolist() == [2]
    assert not len(work.linked("KR-9").rows)


def test_a_cause_without_items_stays_bare():
    assert _with_items("Nothing", Cause(Say.of("progress.no_work"))) == "Nothing"
