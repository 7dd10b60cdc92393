"""When work is due: jitter without drift, one tick for all that were missed, and a clock that somebody sets."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from apscheduler.triggers.date import DateTrigger
from hypothesis import given
from hypothesis import strategies as st
from running import until

from okrsync.daemon import timetable
from okrsync.daemon.timetable import Every, Plan, Timetable

SECOND, HOUR = timedelta(seconds=1), timedelta(hours=1)
SINCE = datetime(2026, 10, 24, 9, 30, tzinfo=UTC)


@pytest.fixture
def table() -> Iterator[Timetable]:
    found = Timetable()
    found.start()
    yield found
    found.stop()


@given(st.integers(1, 7200), st.integers(0, 600))
def test_an_interval_comes_a_little_later_and_never_later_and_later(seconds: int, jitter: int) -> None:
    every = timedelta(seconds=seconds)
    trigger = Every(every, SINCE, timedelta(seconds=jitter))
    at: datetime | None = None
    for number in range(1, 200):
        at = trigger.get_next_fire_time(at, SINCE)
        late = at - (SINCE + number * every)
        assert timedelta() <= late <= min(timedelta(seconds=jitter), every / timetable.SHARE)


@pytest.mark.parametrize("plan", [Plan("UTC", timedelta(minutes=1)), Plan("UTC", cron="* * * * *")])
def test_what_was_missed_is_made_up_for_once(plan: Plan, table: Timetable) -> None:
    """The process slept for an hour, of which sixty ticks are made."""
    done: list[int] = []
    table.put("a", plan, lambda: done.append(1))
    table._scheduler.modify_job("a", next_run_time=datetime.now(UTC) - HOUR)
    until(lambda: done)
    threading.Event().wait(0.2)
    assert len(done) == 1
    due = table.next("a")
    assert due is not None
    assert timedelta() < due - datetime.now(UTC) <= timedelta(minutes=1)


def test_a_plan_that_stays_keeps_its_next_tick_and_another_one_counts_from_now(table: Timetable) -> None:
    table.put("a", Plan("UTC", HOUR), lambda: None)
    due = table.next("a")
    table.put("a", Plan("UTC", HOUR), lambda: None)
    assert table.next("a") == due
    table.put("a", Plan("UTC", cron="0 0 * * *"), lambda: None)
    assert table.next("a") != due
    table.drop("a")
    table.drop("a")
    assert table.next("a") is None


def test_what_is_done_once_is_done_at_the_last_time_told(table: Timetable) -> None:
    done: list[str] = []
    table.once("a", HOUR, lambda: done.append("late"))
    table.once("a", timedelta(), lambda: done.append("now"))
    until(lambda: done)
    assert done == ["now"]
    assert table.next("a") is None


@pytest.mark.parametrize("moved", [-HOUR, HOUR])
def test_a_clock_that_is_set_delays_nothing(
    table: Timetable, moved: timedelta, monkeypatch: pytest.MonkeyPatch
) -> None:
    """P7: as after the clock was set, an interval, a time of the day and a pause seem to lie an hour away, or past;
    what was arranged since then lies where it should."""
    done: list[str] = []
    table.put("often", Plan("UTC", SECOND / 5), lambda: done.append("often"))
    table.put("daily", Plan("UTC", cron="0 0 * * *"), lambda: None)
    table.once("pause", 4 * HOUR, lambda: done.append("pause"))
    at = datetime.now(UTC)
    table._scheduler.modify_job("once pause", next_run_time=at + 4 * HOUR - moved)
    if moved < timedelta():
        table._scheduler.modify_job("often", next_run_time=at - moved)
    table.once("since", 2 * HOUR, lambda: None)
    ahead = timetable._ahead() + moved.total_seconds()
    monkeypatch.setattr(timetable, "_ahead", lambda: ahead)
    assert table.mind_the_clock()
    assert not table.mind_the_clock(), "once is enough"
    until(lambda: "often" in done, 5)
    for name, hours in ("pause", 4), ("since", 2):
        due = table.next(name)
        assert due is not None
        assert abs(due - (at + hours * HOUR)) < 10 * SECOND
    daily = table.next("daily")
    assert daily is not None
    assert timedelta() < daily - at <= timedelta(days=1)


def test_ticks_are_handed_on_in_the_thread_of_the_timetable(table: Timetable) -> None:
    """However many are due at once, none waits for a free thread."""
    threads: list[str] = []
    for number in range(50):
        table._scheduler.add_job(
            lambda: threads.append(threading.current_thread().name), DateTrigger(datetime.now(UTC)), id=str(number)
        )
    until(lambda: len(threads) == 50)
    assert set(threads) == {"APScheduler"}
