"""Key results of kind metric, keep and mixed: the cases of the status page."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from okrsync.model import Flag, GoalState, KeyResultKind, Status, Window

DAY = timedelta(days=1)


def codes(progress):
    return [cause.text.code for cause in progress.causes]


def keep(make, **more):
    return make.kr(kind=KeyResultKind.KEEP, low=99.0, high=None, unit="%", **more)


@pytest.mark.parametrize(
    ("baseline", "target", "value", "progress"),
    [
        (80, 85, 82, 0.4),  # b ≠ 0
        (0, 10, 4, 0.4),
        (20, 5, 14, 0.4),  # a falling target
        (-10, 10, -2, 0.4),
        (20, 5, 23, -0.2),  # regressed
        (80, 85, 87, 1.4),  # exceeded
    ],
)
def test_the_same_formula_serves_every_direction(make, baseline, target, value, progress):
    kr = make.metric(baseline=baseline, target=target)
    known = make.measure(kr, readings=[make.reading(value, make.middle - DAY)])
    assert known.progress == pytest.approx(progress)
    assert (Flag.REGRESSED in known.flags) is (progress < 0)
    assert (Flag.EXCEEDED in known.flags) is (progress > 1)
    assert (known.status is Status.ACHIEVED) is (progress >= 1)


def test_a_baseline_equal_to_the_target_divides_by_nothing(make):
    """The configuration refuses it; should one get here, its progress is unknown."""
    known = make.measure(make.metric(target=80.0), readings=[make.reading(80, make.middle)])
    assert (known.status, known.progress, known.value) == (Status.NO_DATA, None, 80)


def test_no_reading_is_null(make):
    known = make.measure(make.metric())
    assert (known.status, known.progress, known.value, known.read_at) == (Status.NO_DATA, None, None, None)
    assert codes(known) == ["progress.no_reading"]


def test_no_baseline_has_a_value_and_no_progress(make):
    known = make.measure(make.metric(baseline=None), readings=[make.reading(82, make.middle)])
    assert (known.status, known.progress, known.value) == (Status.NO_DATA, None, 82)
    assert codes(known) == ["progress.no_baseline"]


def test_the_latest_reading_until_now_counts_in_any_order(make):
    readings = [make.reading(value, make.middle + days * DAY) for value, days in [(82, -1), (81, -9), (84.9, 1)]]
    readings.append(make.reading(99, make.middle, kr="KR-OTHER"))
    for order in (readings, readings[::-1]):
        known = make.measure(make.metric(), readings=order)
        assert (known.value, known.read_at) == (82, make.middle - DAY)


@pytest.mark.parametrize(
    ("value", "status"),
    [(82.25, Status.ON_TRACK), (82.24, Status.AT_RISK), (81.75, Status.AT_RISK), (81.74, Status.OFF_TRACK),
     (79.0, Status.OFF_TRACK)],
)  # fmt: skip
def test_linear_pace(make, value, status):
    """Half way 50 % are due: 45 % are on track, 35 % at risk."""
    assert make.measure(make.metric(), readings=[make.reading(value, make.middle)]).status is status


def test_s_curve(make):
    now = make.at(0.25)  # 3e² − 2e³ = 15.6 %
    reading = make.reading(80.75, now)  # 15 %
    assert make.measure(make.metric(curve="s"), readings=[reading], now=now).status is Status.ON_TRACK
    assert make.measure(make.metric(), readings=[reading], now=now).status is Status.OFF_TRACK


def test_milestones_run_in_straight_lines(make):
    curve = ((make.at(0.5), 0.0), (make.at(0.75), 0.8))
    kr = make.metric(curve=curve)

    def status(share, value):
        now = make.at(share)
        return make.measure(kr, readings=[make.reading(value, now)], now=now).status

    assert status(0.4, 81) is Status.TOO_EARLY  # nothing is due yet: c = 0
    assert status(0.625, 81.8) is Status.ON_TRACK  # 40 % are due, 36 % are there
    assert status(0.625, 81.79) is Status.AT_RISK
    assert status(0.875, 84.05) is Status.ON_TRACK  # between the last one and the target: 90 % are due


def test_before_the_first_reading_inside_the_window(make):
    before = make.reading(82, make.start - DAY)
    known = make.measure(make.metric(), readings=[before])
    assert (known.status, known.progress) == (Status.TOO_EARLY, pytest.approx(0.4))
    inside = make.reading(82, make.start)
    assert make.measure(make.metric(), readings=[before, inside]).status is Status.AT_RISK


def test_too_early_by_time(make):
    now = make.at(0.14)
    assert make.measure(make.metric(), readings=[make.reading(80, now)], now=now).status is Status.TOO_EARLY


def test_after_the_end(make):
    for value, status, grade in [(84.5, Status.ACHIEVED, 0.9), (84.4, Status.MISSED, 0.9), (78, Status.MISSED, 0.0)]:
        known = make.measure(make.metric(), readings=[make.reading(value, make.middle)], now=make.end)
        assert (known.status, known.grade) == (status, grade)


def test_a_reading_older_than_stale_after(make):
    kr = make.metric(stale_after=timedelta(days=21))
    fresh = make.measure(kr, readings=[make.reading(84, make.middle - 21 * DAY)])
    old = make.measure(kr, readings=[make.reading(84, make.middle - 21 * DAY - timedelta(seconds=1))])
    assert (fresh.status, fresh.flags) == (Status.ON_TRACK, frozenset())
    assert (old.status, old.flags, old.progress) == (Status.STALE, {Flag.STALE_READING}, pytest.approx(0.8))
    assert codes(old) == ["progress.stale_reading"]


def test_a_failed_source(make):
    known = make.measure(make.metric(), readings=[make.reading(84, make.middle)], stale=True)
    assert (known.status, codes(known)) == (Status.STALE, ["progress.stale_source"])


def test_no_due_date_and_dropped(make):
    readings = [make.reading(84, make.middle)]
    assert make.measure(make.metric(window=Window()), readings=readings).status is Status.NO_DUE_DATE
    assert make.measure(make.metric(state=GoalState.DROPPED), readings=readings).status is Status.DROPPED


def test_keep_is_the_share_of_days_in_the_band_by_the_last_reading_of_each(make):
    def at(day, hour):
        return datetime(2026, 11, day, hour, tzinfo=UTC)

    readings = [
        make.reading(99.5, at(2, 8)), make.reading(98.0, at(2, 20)),  # outside: the last one of the day
        make.reading(98.0, at(3, 8)), make.reading(99.5, at(3, 20)),
        make.reading(98.0, at(4, 8)),
        make.reading(99.5, at(4, 23)),  # already the 5th in Paris
        make.reading(50.0, make.start - DAY),  # before the window
    ]  # fmt: skip
    known = make.measure(keep(make), readings=readings)
    assert known.progress == 0.5
    assert (known.status, known.value) == (Status.ON_TRACK, 99.5)
    outside = make.measure(keep(make), readings=[*readings, make.reading(98.9, at(6, 8))])
    assert (outside.status, outside.progress) == (Status.OFF_TRACK, 0.4)


def test_keep_days_on_the_day_the_clock_goes_back(make):
    """2026-10-25 in Paris begins at 22:00 and ends at 23:00 UTC: 25 hours, one day."""
    first, last = datetime(2026, 10, 24, 22, tzinfo=UTC), datetime(2026, 10, 25, 22, 59, tzinfo=UTC)
    readings = [make.reading(98, first), make.reading(99.5, last)]
    assert make.measure(keep(make), readings=readings).progress == 1
    assert make.measure(keep(make), readings=[*readings, make.reading(98, last + timedelta(minutes=1))]).progress == 0.5


def test_keep_is_never_achieved_before_its_end(make):
    readings = [make.reading(99.9, make.at(share)) for share in (0.2, 0.5, 0.9)]
    assert make.measure(keep(make), readings=readings, now=make.at(0.95)).status is Status.ON_TRACK
    after = make.measure(keep(make), readings=readings, now=make.end)
    assert (after.status, after.grade) == (Status.ACHIEVED, 1.0)
    late = make.measure(keep(make), readings=[*readings, make.reading(10, make.end)], now=make.end + DAY)
    assert (late.status, late.progress) == (Status.ACHIEVED, 1.0)  # its days are over
    bad = [*readings, make.reading(90, make.at(0.4))]
    assert make.measure(keep(make), readings=bad, now=make.end).status is Status.MISSED  # three days of four


def test_mixed_takes_its_status_from_the_metric_and_shows_the_work_beside_it(make):
    kr = make.metric(kind=KeyResultKind.MIXED)
    known = make.measure(kr, make.tickets(8, 2), [make.reading(82.5, make.middle)])
    assert (known.status, known.progress, known.value) == (Status.ON_TRACK, 0.5, 82.5)
    assert (known.done, known.scope, known.unit, known.initial) == (8, 10, "items", 10)


def test_output_without_outcome_and_the_converse(make):
    kr = make.metric(kind=KeyResultKind.MIXED)
    later = make.at(0.6)

    def flags(done, value, now=later):
        pair = {Flag.OUTPUT_WITHOUT_OUTCOME, Flag.OUTCOME_WITHOUT_OUTPUT}
        return make.measure(kr, make.tickets(done, 10 - done), [make.reading(value, now)], now=now).flags & pair

    assert flags(7, 81.49) == {Flag.OUTPUT_WITHOUT_OUTCOME}
    assert flags(7, 81.5) == set()
    assert flags(6, 81) == set()
    assert flags(2, 83.5) == {Flag.OUTCOME_WITHOUT_OUTPUT}
    assert flags(3, 83.5) == set()
    assert flags(7, 81, now=make.middle) == set()  # e > 0.5 only


def test_mixed_without_a_reading_has_no_data_and_still_shows_the_work(make):
    known = make.measure(make.metric(kind=KeyResultKind.MIXED), make.tickets(1, 3))
    assert (known.status, known.progress, known.done, known.scope) == (Status.NO_DATA, None, 1, 4)


def test_mixed_work_that_is_blocked_is_told(make):
    blocked = [replace(one, flagged=True) for one in make.tickets(0, 4)]
    known = make.measure(make.metric(kind=KeyResultKind.MIXED), blocked, [make.reading(83, make.middle)])
    assert known.status is Status.ON_TRACK
    assert Flag.BLOCKED in known.flags
