"""A published state holds until the chance has crossed a border by the damping, and says what the numbers alone say."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

import rollup
from okrsync.model import Flag, Status, Thresholds
from okrsync.texts import say
from rollup.borders import ORDER, Borders

LIMITS = Thresholds()
BORDERS = Borders.of(LIMITS)
OFF, RISK, ON = ORDER
SHARE = st.floats(0, 1)


def damped(chance: float, published: Status | None, by: float = LIMITS.damping, borders: Borders = BORDERS) -> Status:
    return borders.around(published, by).status(chance)


@pytest.mark.parametrize(
    ("published", "chance", "kept"),
    [
        (ON, 0.48, ON),
        (ON, 0.46, RISK),
        (ON, 0.18, RISK),  # it has crossed the first border by far, and the second not by enough
        (ON, 0.16, OFF),
        (RISK, 0.62, RISK),
        (RISK, 0.64, ON),
        (RISK, 0.18, RISK),
        (RISK, 0.16, OFF),
        (OFF, 0.32, OFF),
        (OFF, 0.34, RISK),
        (OFF, 0.62, RISK),
        (OFF, 0.64, ON),
    ],
)
def test_a_border_is_crossed_by_the_damping(published, chance, kept):
    assert damped(chance, published) is kept


@pytest.mark.parametrize("published", [None, *(set(Status) - set(ORDER))])
def test_what_no_chance_decided_holds_nothing(published):
    assert BORDERS.around(published, 0.08) == BORDERS


@given(
    chance=SHARE,
    published=st.sampled_from([None, *ORDER]),
    by=SHARE,
    borders=st.tuples(SHARE, SHARE).map(lambda two: Borders(*sorted(two))),
)
def test_what_was_damped_once_stays(chance, published, by, borders):
    kept = damped(chance, published, by, borders)
    assert damped(chance, kept, by, borders) is kept
    assert damped(chance, published, 0, borders) is borders.status(chance)


@given(chances=st.tuples(SHARE, SHARE).map(sorted), published=st.sampled_from(ORDER))
def test_a_better_chance_never_gives_a_worse_state(chances, published):
    low, high = chances
    assert ORDER.index(damped(low, published)) <= ORDER.index(damped(high, published))


def measured(make, tickets, published, now=None, limits=LIMITS):
    return rollup.measure_key_result(
        *(make.kr(), tickets, (), limits, now or make.middle, "Europe/Paris"), stale=False, published=published
    )


def between(make, low, high):
    """Tickets at the middle of the quarter whose chance lies there."""
    for done in range(1, 40):
        tickets = make.steady(done, 40 - done, make.middle)
        if low <= measured(make, tickets, None).forecast.probability < high:
            return tickets
    raise AssertionError("no such scope")


def wide(low: float) -> Thresholds:
    """Borders and a damping within which some scope of forty items lies."""
    return Thresholds(at_risk_probability=low, off_track_probability=0.05, damping=0.2)


def test_a_key_result_that_is_held_says_so(make):
    tickets = between(make, 0.3, 0.5)
    free = measured(make, tickets, None, limits=wide(0.5))
    held = measured(make, tickets, ON, limits=wide(0.5))
    assert (free.status, free.undamped) == (RISK, None)
    assert (held.status, held.undamped) == (ON, RISK)
    assert held.forecast == free.forecast
    (clause,) = [one.text for one in held.causes if one.text.code.startswith("progress.held")]
    assert say(clause, "en") == "The numbers alone say at risk; that is published once the chance falls below 30%"
    assert "« à risque »" in say(clause, "fr").replace("\u00a0", " ")
    assert not [one for one in free.causes if one.text.code.startswith("progress.held")]


def test_it_is_held_below_a_border_too(make):
    tickets = between(make, 0.5, 0.7)
    held = measured(make, tickets, RISK, limits=wide(0.5))
    assert (held.status, held.undamped) == (RISK, ON)
    assert [one.text.code for one in held.causes if "held" in one.text.code] == ["progress.held.better.on_track"]


def test_measured_again_with_what_was_published_gives_the_same(make):
    for published in (None, *ORDER):
        for done in (2, 10, 16, 20, 26):
            tickets = make.steady(done, 40 - done, make.middle)
            first = measured(make, tickets, published)
            assert measured(make, tickets, first.status).status is first.status


def test_blocked_work_is_at_risk_at_once(make):
    tickets = [replace(one, flagged=one.completed_at is None) for one in between(make, 0.5, 0.99)]
    known = measured(make, tickets, ON)
    assert (known.status, known.undamped) == (RISK, None)
    assert Flag.BLOCKED in known.flags


@pytest.mark.parametrize("published", ORDER)
def test_lines_1_to_8_are_never_damped(make, published):
    tickets = make.steady(4, 36, make.at(0.1))
    assert measured(make, tickets, published, now=make.at(0.1)).status is Status.TOO_EARLY
    assert measured(make, make.tickets(4, 0), published).status is Status.DONE
    assert measured(make, tickets, published, now=make.start - timedelta(days=1)).status is Status.NOT_STARTED
    assert measured(make, tickets, published, now=make.end).status is Status.MISSED
    assert measured(make, (), published).status is Status.NO_DATA
