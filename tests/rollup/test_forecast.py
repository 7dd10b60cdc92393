"""The forecast against slow and exact computations, and its behaviour at the edges."""

from __future__ import annotations

import math
import time
from datetime import date, timedelta
from fractions import Fraction

import pytest
from cases import cases
from hypothesis import given
from hypothesis import strategies as st

from okrsync.model import Commitment, State, Status, Thresholds, Ticket
from rollup.forecast import SUREST, Ahead, Counts, Rate, calibrated, evidence, finish, probability
from rollup.scope import Scope, scope
from rollup.span import Span
from rollup.workload import KINDS, workload

WEEK = timedelta(weeks=1)
DEFAULTS = Thresholds()


def scope_of(tickets: list[Ticket]) -> Scope:
    return scope(workload({"KR-1": tickets}).linked("KR-1"), KINDS, DEFAULTS)


def reach(done: Counts, added: Counts, scope: float, finished: float, share: float) -> float:
    return Ahead.of(done, added, scope, finished).chance(share)


def probability_of(rate: Rate, weeks: float, count: int) -> float:
    """The textbook negative binomial, by log-gamma."""
    odds = weeks / (rate.rate + weeks)
    log = math.lgamma(rate.shape + count) - math.lgamma(rate.shape) - math.lgamma(count + 1)
    return math.exp(log + rate.shape * math.log1p(-odds) + count * math.log(odds))


@pytest.mark.parametrize(
    ("shape", "rate", "weeks"),
    [(0.004, 1.4, 11), (0.7, 2.0, 0.01), (3.0, 4.0, 6.5), (55.5, 3.3, 9.0), (4000.0, 6.0, 12.0), (9.0, 6.0, 500.0)],
)
def test_counts_are_the_negative_binomial(shape, rate, weeks):
    counts = Rate(shape, rate).counts(weeks)
    assert math.fsum(counts.probabilities) == pytest.approx(1, abs=1e-12)
    for index in range(0, len(counts.probabilities), max(len(counts.probabilities) // 40, 1)):
        expected = probability_of(Rate(shape, rate), weeks, counts.first + index)
        assert counts.probabilities[index] == pytest.approx(expected, rel=1e-9, abs=1e-16)


@pytest.mark.parametrize(("shape", "rate", "weeks"), [(2.5, 1.8, 6.0), (0.8, 2.7, 10.0)])
def test_counts_are_a_poisson_whose_rate_is_gamma(shape, rate, weeks):
    """The mixture identity, by integration over the rate (substituting r = x²: no pole at 0)."""
    steps, top = 40_000, 5.0
    counts = Rate(shape, rate).counts(weeks)
    for count in (0, 1, 5, 20):

        def density(x, count=count):
            r = x * x
            gamma = shape * math.log(rate) + (shape - 1) * math.log(r) - rate * r - math.lgamma(shape)
            poisson = count * math.log(r * weeks) - r * weeks - math.lgamma(count + 1)
            return math.exp(gamma + poisson) * 2 * x

        integral = math.fsum(density((step + 0.5) * top / steps) for step in range(steps)) * top / steps
        assert counts.probabilities[count - counts.first] == pytest.approx(integral, rel=1e-6)


@pytest.mark.parametrize("share", [Fraction(9, 10), Fraction(7, 10), Fraction(1)])
@pytest.mark.parametrize(("total", "finished"), [(12, 3), (40, 22), (7, 7), (10, 9)])
def test_reach_equals_the_exact_convolution_in_fractions(share, total, finished):
    done_shape, added_shape, odds = 6, 2, Fraction(3, 7)
    rate, weeks = 4.0, 3.0  # odds = 3/7 for both

    def exact(shape, count):
        return math.comb(shape + count - 1, count) * (1 - odds) ** shape * odds**count

    def at_least(needed):
        return 1 - sum((exact(done_shape, count) for count in range(max(needed, 0))), Fraction(0))

    expected = sum(
        exact(added_shape, more) * at_least(math.ceil(share * (total + more) - finished)) for more in range(120)
    )
    found = reach(
        Rate(done_shape, rate).counts(weeks), Rate(added_shape, rate).counts(weeks), total, finished, float(share)
    )
    assert found == pytest.approx(float(expected), abs=1e-12)


def test_no_rate_at_all_is_a_certain_zero():
    assert Rate(0.0, 2.0).counts(5.0) == Counts(0, (1.0,))
    assert reach(Rate(0, 2).counts(5), Rate(0, 2).counts(5), 10, 9, 0.9) == 1
    assert reach(Rate(0, 2).counts(5), Rate(0, 2).counts(5), 10, 8, 0.9) == 0


def test_a_goal_that_is_reached_exactly_is_not_missed_by_a_rounding_error():
    """0.7 · 190 is 133 for people and a little less or more for a float; so are other sizes."""
    none = Rate(0, 2).counts(5)
    for total in range(10, 1000, 10):
        for share, reached in ((0.7, total * 7 // 10), (0.9, total * 9 // 10)):
            assert reach(none, none, total, reached, share) == 1
            assert reach(none, none, total / 0.3, reached / 0.3, share) == 1
            assert reach(none, none, total, reached - 1, share) == 0


def test_evidence_by_hand(make):
    """Three weeks and a half into the window: bins of one week back from now, the last one half outside."""
    now = make.start + 3.5 * WEEK
    ages = [0.0, 0.99, 1.0, 3.4, 3.5, 4.0]  # in weeks; the last two are not after the first instant
    tickets = [make.ticket(n, State.DONE, completed_at=now - age * WEEK) for n, age in enumerate(ages)]
    tickets += [make.ticket(20, linked_since=now - 2.5 * WEEK)]
    seen = evidence(scope_of(tickets), Span(make.window, now), DEFAULTS)
    fade = [2 ** (-age / 8) for age in range(4)]
    assert seen.done == pytest.approx(2 * fade[0] + fade[1] + fade[3])
    assert seen.added == pytest.approx(fade[2])
    assert seen.weeks == pytest.approx(fade[0] + fade[1] + fade[2] + fade[3] / 2)


def test_probability_is_the_formula_of_the_page(make):
    """One key result in points, worked through from the page with textbook distributions."""
    now = make.start + 6 * WEEK
    points = [1, 2, 3, 5, 8, 3, 2, 1, 5, 5]
    tickets = []
    for number, size in enumerate(points):
        when = {"completed_at": make.start + (number + 0.25) * WEEK} if number < 5 else {}
        linked = make.start + 4.5 * WEEK if number == 9 else make.start - WEEK
        state = State.DONE if when else State.TODO
        tickets.append(make.ticket(number, state, points=size, linked_since=linked, **when))
    mean = sum(points) / len(points)
    fade = [2 ** (-age / 8) for age in range(6)]
    e_done = sum(points[n] / mean * fade[5 - n] for n in range(5))
    e_added, e_weeks = points[9] / mean * fade[1], sum(fade)
    length, left = (make.end - make.start) / WEEK, (make.end - now) / WEEK
    initial = sum(points[:9]) / mean
    done = Rate((2 * initial / length + e_done) / 1.5, (2 + e_weeks) / 1.5)
    added = Rate((2 * 0.1 * initial / length + e_added) / 1.5, (2 + e_weeks) / 1.5)
    total, finished = sum(points) / mean, sum(points[:5]) / mean
    expected = 0.0
    for more in range(60):
        needed = math.ceil(0.9 * (total + more) - finished - 1e-9)
        tail = 1 - sum(probability_of(done, left, count) for count in range(max(needed, 0)))
        expected += probability_of(added, left, more) * tail
    known = make.measure(make.kr(), tickets, now=now)
    assert known.unit == "points"
    odds = math.sqrt(expected / (1 - expected))
    assert known.forecast.probability == pytest.approx(odds / (1 + odds), abs=1e-9)


def test_the_date_is_open_work_over_the_pace_so_far(make):
    now = make.start + 6 * WEEK
    tickets = make.tickets(6, 6)
    mine = scope_of(tickets)
    seen = evidence(mine, Span(make.window, now), DEFAULTS)
    expected = now + 6 / (seen.done / seen.weeks) * WEEK
    assert finish(mine, Span(make.window, now), seen, "Europe/Paris") == expected.astimezone(make.paris).date()
    idle = make.measure(make.kr(), make.tickets(0, 12), now=now)
    assert idle.forecast.date is None
    assert [cause.text.code for cause in idle.causes if "pace" in cause.text.code] == ["progress.no_pace"]


def test_a_pace_that_needs_a_century_is_no_date(make):
    now = make.start + 6 * WEEK
    tickets = make.tickets(1, 5000)
    assert make.measure(make.kr(), tickets, now=now).forecast.date is None


def test_the_date_is_the_day_in_the_time_zone(make):
    """At 23:30 UTC it is tomorrow in Paris."""
    now = make.start + 4 * WEEK + timedelta(hours=1, minutes=30)
    tickets = [make.ticket(n, State.DONE, completed_at=now - timedelta(days=1)) for n in range(5000)]
    known = make.measure(make.kr(), [*tickets, make.ticket(9000)], now=now, thresholds=Thresholds(committed=1.0))
    assert known.forecast.date == date(2026, 10, 29)
    assert now.date() == date(2026, 10, 28)


def test_a_scope_that_began_empty_speaks_by_its_data_alone(make):
    late = make.start + 2 * WEEK
    tickets = [make.ticket(n, linked_since=late) for n in range(10)]
    known = make.measure(make.kr(), tickets, now=make.middle)
    assert known.initial == 0
    assert known.status is Status.OFF_TRACK  # nothing done, nothing planned: no rate
    plain = Thresholds(certainty=1)
    sure = make.measure(make.kr(), tickets, now=make.middle, thresholds=plain).forecast.probability
    assert sure == pytest.approx(1 - SUREST)


@cases(60)
@given(
    done=st.integers(0, 300),
    todo=st.integers(1, 300),
    share=st.floats(0.16, 0.999),
    late=st.integers(0, 40),
    commitment=st.sampled_from(Commitment),
)
def test_probability_lies_in_0_to_1_and_rises_with_what_is_done(make, done, todo, share, late, commitment):
    now = make.at(share)
    span = Span(make.window, now)
    tickets = make.steady(done, todo, now)
    tickets += [make.ticket(1000 + n, linked_since=make.at(share / 2)) for n in range(late)]
    mine = scope_of(tickets)
    seen = evidence(mine, span, DEFAULTS)
    tau = {Commitment.COMMITTED: 0.9, Commitment.ASPIRATIONAL: 0.7}[commitment]
    chance = probability(mine, span, seen, tau, DEFAULTS)
    assert 0 <= chance <= 1
    one_more = make.steady(done + 1, todo - 1, now) + tickets[done + todo :]
    more = scope_of(one_more)
    assert probability(more, span, seen, tau, DEFAULTS) >= chance


@cases(100)
@given(chance=st.floats(0, 1), more=st.floats(0, 1), certainty=st.floats(0.01, 3))
def test_a_calibrated_chance_is_a_chance_and_keeps_the_order(chance, more, certainty):
    low, high = (calibrated(one, Thresholds(certainty=certainty)) for one in sorted((chance, more)))
    assert 0 < low <= high < 1


def test_a_calibrated_chance_keeps_a_power_of_its_odds():
    assert calibrated(0.9, DEFAULTS) == pytest.approx(0.75)  # 9 to 1 becomes 3 to 1
    assert calibrated(0.2, Thresholds(certainty=0.5)) == pytest.approx(1 / 3)
    assert calibrated(0.5, DEFAULTS) == 0.5
    assert calibrated(0.8, Thresholds(certainty=1)) == pytest.approx(0.8)
    assert calibrated(1.0, DEFAULTS) == calibrated(SUREST, DEFAULTS) == 1 - calibrated(0.0, DEFAULTS)


@cases(40)
@given(shape=st.floats(1e-6, 1e5), rate=st.floats(0.5, 50), weeks=st.floats(1e-6, 600), finished=st.integers(0, 1000))
def test_no_overflow_anywhere(shape, rate, weeks, finished):
    counts = Rate(shape, rate).counts(weeks)
    chance = reach(counts, Rate(shape / 10, rate).counts(weeks), 1000, finished, 0.9)
    assert 0 <= chance <= 1
    assert all(math.isfinite(one) for one in counts.probabilities)


@pytest.mark.parametrize("size", [50, 500, 5000])
def test_time_of_a_key_result(make, record_property, size):
    """Reported, never asserted: what one key result costs, from tickets to status and forecast."""
    tickets = make.steady(size // 2, size // 2, make.middle, points=3)
    started = time.perf_counter()
    known = make.measure(make.kr(), tickets)
    record_property("ms", round((time.perf_counter() - started) * 1000, 2))
    assert 0 <= known.forecast.probability <= 1
