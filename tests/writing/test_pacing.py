"""Budgets: never more in any stretch of time, and never later than need be."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from threading import Event

import pytest
from hypothesis import given
from hypothesis import strategies as st

from okrsync.cycle import Halted
from okrsync.model import Surface
from okrsync.ports import Budget
from okrsync.writing.pacing import LONGEST, Pace, Patience, longest

T0 = datetime(2026, 1, 5, 9, 30, tzinfo=UTC)
COMMENTS = frozenset({Surface.COMMENT, Surface.LABEL})


@given(
    st.integers(1, 5),
    st.lists(st.tuples(st.integers(1, 3), st.integers(0, 20)), min_size=1, max_size=40),
)
def test_no_stretch_of_time_holds_more_than_the_budget(most: int, steps: list[tuple[int, int]]) -> None:
    """Each step is a touch of so many writes, so many seconds after the one before was ready."""
    per = timedelta(seconds=30)
    pace, now, sent = Pace([Budget(most, per, COMMENTS)], ()), T0, list[datetime]()
    for count, later in steps:
        now += timedelta(seconds=later)
        surfaces = [Surface.COMMENT] * min(count, most)
        turn = pace.turn(surfaces, now)
        if turn is not None:
            assert turn.at > now
            assert pace.turn(surfaces, turn.at - timedelta(microseconds=1)) is not None, "as early as may be"
            now = turn.at
        assert pace.turn(surfaces, now) is None
        pace.spent(surfaces, now)
        sent += [now] * len(surfaces)
        assert sum(at > now - per for at in sent) <= most


def test_what_was_sent_by_earlier_runs_counts_and_other_surfaces_do_not() -> None:
    budgets = [Budget(2, timedelta(minutes=1), COMMENTS), Budget(3, timedelta(hours=1), COMMENTS)]
    minute = timedelta(minutes=1)
    pace = Pace(budgets, [(Surface.LABEL, T0 - 2 * minute), (Surface.STATUS, T0), (Surface.COMMENT, T0)])
    assert pace.turn([Surface.COMMENT], T0) is None
    assert pace.turn([Surface.STATUS] * 9, T0) is None
    turn = pace.turn([Surface.COMMENT, Surface.LABEL], T0)
    assert turn is not None
    assert (turn.at, turn.budget) == (T0 + 58 * minute, budgets[1]), "the longer wait of the two"
    assert longest(budgets) == timedelta(hours=1)
    assert longest([]) == timedelta()


def test_a_touch_of_more_than_the_budget_waits_for_all_of_it() -> None:
    pace = Pace([Budget(2, timedelta(minutes=1), COMMENTS)], [(Surface.LABEL, T0)])
    turn = pace.turn([Surface.LABEL] * 5, T0)
    assert turn is not None
    assert turn.at == T0 + timedelta(minutes=1)


def test_a_clock_that_stands_still_is_waited_for_all_the_same() -> None:
    waited: list[float] = []
    patience = Patience(lambda: T0, lambda seconds: waited.append(seconds) or False, Event())
    at = T0 + timedelta(seconds=2.5)
    assert patience.until(at)
    assert waited == [1.0, 1.0, 0.5]
    assert patience.now() == at
    assert not patience.until(at + LONGEST + timedelta(seconds=1)), "no thread is held that long"
    assert waited == [1.0, 1.0, 0.5]


def test_waiting_ends_with_the_process_and_with_the_run() -> None:
    at = T0 + timedelta(seconds=5)
    with pytest.raises(Halted):
        Patience(lambda: T0, lambda _: True, Event()).until(at)
    halt = Event()
    halt.set()
    with pytest.raises(Halted):
        Patience(lambda: T0, lambda _: False, halt).until(at)
