"""The forecast band against a slow and exact computation, and against the chance that is published."""

from __future__ import annotations

from datetime import timedelta
from itertools import pairwise

import pytest
from cases import cases
from hypothesis import given
from hypothesis import strategies as st

from okrsync.model import State, Thresholds
from rollup.band import BOLD, EVEN, SURE, band, quantiles
from rollup.forecast import SUREST, Ahead, Rate, calibrated, evidence, probability, uncalibrated
from rollup.scope import scope
from rollup.span import Span
from rollup.workload import KINDS, workload

DEFAULTS = Thresholds()
WEEK = timedelta(weeks=1)
rates = st.builds(Rate, st.one_of(st.just(0.0), st.floats(0.05, 60)), st.floats(0.3, 12))
nothing = Rate(0.0, 1.0)


def stages(make, done, todo, elapsed=0.5, **more):
    now = make.at(elapsed)
    mine = scope(workload({"KR-1": make.steady(done, todo, now, **more)}).linked("KR-1"), KINDS, DEFAULTS)
    span = Span(make.window, now)
    return band(make.kr(), mine, span, DEFAULTS, "Europe/Paris"), mine, span


@pytest.mark.parametrize(("done", "scope_", "weeks"), [(3, 8, 2.0), (0, 5, 6.5), (6, 7, 0.4)])
def test_quantiles_are_those_of_every_outcome_there_is(done, scope_, weeks):
    """Each outcome with its probability, in order of the share that it reaches."""
    rates_ = Rate(3.0, 2.0).counts(weeks), Rate(0.6, 2.0).counts(weeks)
    outcomes = sorted(
        (
            (min((done + more) / (scope_ + new), 1.0), chance * other)
            for more, chance in enumerate(rates_[0].probabilities, rates_[0].first)
            for new, other in enumerate(rates_[1].probabilities, rates_[1].first)
        ),
        reverse=True,
    )

    def exact(level):
        reached = 0.0
        for share, chance in outcomes:
            reached += chance
            if reached >= level:
                return share
        return 0.0

    levels = [0.97, 0.8, 0.5, 0.2, 0.03]
    found = quantiles(Ahead.of(*rates_, scope_, done), levels)
    assert found == pytest.approx([exact(level) for level in levels], abs=1e-6)


@given(done=rates, added=rates, finished=st.integers(0, 30), todo=st.integers(0, 30), weeks=st.floats(0.01, 30))
def test_a_likelier_share_is_never_greater(done, added, finished, todo, weeks):
    ahead = Ahead.of(done.counts(weeks), added.counts(weeks), max(finished + todo, 1), finished)
    found = quantiles(ahead, [0.99, SURE, EVEN, BOLD, 0.01])
    assert found == sorted(found)
    assert all(0 <= share <= 1 for share in found)


@given(done=rates, finished=st.integers(0, 30), todo=st.integers(0, 30), weeks=st.lists(st.floats(0.01, 30)))
def test_where_nothing_is_added_what_is_reached_never_falls(done, finished, todo, weeks):
    """Where work keeps coming in it may: then the scope can outgrow what is done."""
    total = max(finished + todo, 1)
    told = [
        quantiles(Ahead.of(done.counts(left), nothing.counts(left), total, finished), [SURE, EVEN, BOLD])
        for left in sorted(weeks)
    ]
    for earlier, later in pairwise(told):
        assert all(after >= before - 1e-6 for before, after in zip(earlier, later, strict=True))


@cases(40)
@given(done=st.integers(2, 60), todo=st.integers(1, 60), elapsed=st.floats(0.2, 0.95))
def test_the_end_of_the_band_is_the_published_chance(make, done, todo, elapsed):
    """The line of a chance crosses a share at the end exactly where the chance of that share is published so."""
    told, mine, span = stages(make, done, todo, elapsed)
    last, seen = told[-1], evidence(mine, span, DEFAULTS)
    assert last.at == make.end

    def published(share):
        return calibrated(probability(mine, span, seen, share, DEFAULTS), DEFAULTS)

    for level, share in ((SURE, last.low), (EVEN, last.middle), (BOLD, last.high)):
        assert published(share) >= level - 1e-9
        if share < 1:
            assert published(share + 1e-6) < level + 1e-9


@given(chance=st.floats(0.07, 0.93), certainty=st.floats(0.2, 3))
def test_what_softens_a_chance_is_taken_back(chance, certainty):
    thresholds = Thresholds(certainty=certainty)
    plain = uncalibrated(chance, thresholds)
    assert 1 - SUREST - 1e-12 <= plain <= SUREST + 1e-12
    if 1 - SUREST + 1e-9 < plain < SUREST - 1e-9:
        assert calibrated(plain, thresholds) == pytest.approx(chance)


def test_it_begins_with_what_is_done_and_tells_the_end_of_each_week(make):
    told, mine, span = stages(make, 20, 20)
    first, *weeks, last = told
    assert (first.at, first.low, first.high) == (span.now, 0.5, 0.5)
    assert mine.progress == first.middle
    assert last.at == make.end
    ends = [one.at.astimezone(make.paris) for one in weeks]
    assert all((at + timedelta(microseconds=1)).weekday() == 0 for at in ends)
    assert all(timedelta() < later.at - earlier.at <= WEEK for earlier, later in pairwise(told))
    widths = [one.high - one.low for one in told if one.high < 1]
    assert widths == sorted(widths)


def test_nothing_is_told_where_no_pace_can_be(make):
    for window in (
        make.window.__class__(make.start, None),
        make.window.__class__(None, make.end),
        make.window.__class__(make.start, make.start + WEEK),
        make.window.__class__(make.middle + WEEK, make.end),
    ):
        mine = scope(workload({"KR-1": make.steady(5, 5, make.middle)}).linked("KR-1"), KINDS, DEFAULTS)
        assert band(make.kr(), mine, Span(window, make.middle), DEFAULTS, "Europe/Paris") == ()
    empty = scope(workload({"KR-1": [make.ticket(1, State.TODO, points=0.0)]}).linked("KR-1"), KINDS, DEFAULTS)
    assert band(make.kr(), empty, Span(make.window, make.middle), DEFAULTS, "Europe/Paris") == ()
