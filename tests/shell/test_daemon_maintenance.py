"""Maintenance: when it lasts, by any clock; and that nothing is read or written while it does."""

from __future__ import annotations

import threading
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from running import until
from small_company import Company
from structlog.testing import capture_logs

from config import Maintenance, Schedule
from okrsync.daemon import Daemon
from okrsync.daemon.maintenance import Window, standing
from okrsync.model import SourceState

PARIS = ZoneInfo("Europe/Paris")
HOUR = timedelta(hours=1)


def local(text: str, fold: int = 0) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=PARIS, fold=fold)


def nightly(cron: str = "30 2 * * *", lasts: timedelta = HOUR) -> Schedule:
    return Schedule(maintenance=(Maintenance(cron=cron, lasts=lasts, why="night"),))


@pytest.mark.parametrize(
    ("at", "lasts"),
    [
        ("2026-11-20T02:29:59", False),
        ("2026-11-20T02:30:00", True),
        ("2026-11-20T03:29:59.999999", True),
        ("2026-11-20T03:30:00", False),
    ],
)
def test_it_begins_and_ends_to_the_instant(at: str, lasts: bool) -> None:
    assert (standing(nightly(), PARIS, local(at)) is not None) is lasts


def test_in_the_night_that_has_no_such_time_it_comes_an_hour_later() -> None:
    """On 28 March 2027 the clock goes from 2:00 to 3:00."""
    assert standing(nightly(), PARIS, datetime(2027, 3, 28, 1, 29, tzinfo=UTC)) is None
    found = standing(nightly(), PARIS, datetime(2027, 3, 28, 1, 31, tzinfo=UTC))
    assert found is not None
    assert found.start.astimezone(PARIS) == local("2027-03-28T03:30")
    assert found.end - found.start == HOUR


def test_in_the_night_that_has_it_twice_both_begin_one() -> None:
    """On 25 October 2026 the clock goes from 3:00 back to 2:00; an hour is an hour all the same."""
    first, second = local("2026-10-25T02:30"), local("2026-10-25T02:30", fold=1)
    halves = nightly(lasts=timedelta(minutes=30))
    for start in first, second:
        found = standing(halves, PARIS, start)
        assert found == Window(start.astimezone(UTC), start.astimezone(UTC) + timedelta(minutes=30), "night")
    between = first.astimezone(UTC) + timedelta(minutes=30)
    assert standing(halves, PARIS, between) is None


def test_the_one_that_ends_last_is_told() -> None:
    once = Maintenance(start=local("2026-11-20T01:00"), end=local("2026-11-20T09:00"), why="move")
    schedule = Schedule(maintenance=(*nightly().maintenance, once))
    found = standing(schedule, PARIS, local("2026-11-20T02:45"))
    assert found is not None
    assert found.why == "move"


@given(
    st.sampled_from(["* * * * *", "*/7 * * * *", "30 2 * * *", "0 0 * * mon", "15 1-4 * * sun", "0 12 1 * *"]),
    st.integers(1, 60 * 24 * 9),
    st.datetimes(datetime(2026, 3, 1), datetime(2027, 4, 30), timezones=st.just(UTC)),  # noqa: DTZ001,
)
def test_it_is_as_the_crontab_told_minute_by_minute(cron: str, minutes: int, now: datetime) -> None:
    """Against the plain definition: every time that the crontab names within ``lasts``, counted forward."""
    from apscheduler.triggers.cron import CronTrigger

    trigger, lasts = CronTrigger.from_crontab(cron, timezone=PARIS), timedelta(minutes=minutes)
    if cron == "* * * * *":
        lasts = min(lasts, timedelta(hours=2))
    fires, at = [], trigger.get_next_fire_time(None, (now - lasts).astimezone(PARIS))
    while at is not None and at <= now:
        fires.append(at)
        at = trigger.get_next_fire_time(at, now.astimezone(PARIS))
    ends = [fire.astimezone(UTC) + lasts for fire in fires if now < fire.astimezone(UTC) + lasts]
    found = standing(nightly(cron, lasts), PARIS, now)
    assert (None if found is None else found.end) == max(ends, default=None)


# ── heeded ───────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_nothing_is_read_while_it_lasts_and_everything_when_it_is_over(small: Company) -> None:
    """What a webhook told meanwhile, and a tick of the timetable, are not lost."""
    start = small.now()
    window = Maintenance(start=start - HOUR, end=start + HOUR, why="the tool moves")
    config = replace(small.config, schedule=Schedule(timedelta(), (window,)))
    store, stop = small.store(), threading.Event()
    daemon = Daemon(store, config, connect=small.connect, token=lambda _: "t", clock=small.now, stop=stop)
    with capture_logs() as lines:
        daemon.start()
        try:
            daemon._tick("jira")
            daemon.touched("jira", None)
            daemon._pulse()
            threading.Event().wait(0.5)
            ready = daemon.ready()
            assert not small.sandbox.requests
            assert "left off" not in {line["event"] for line in lines}, "nothing began that would have to"
            assert (ready["ready"], ready["maintenance"]) == (
                True,
                {"until": (start + HOUR).isoformat(), "why": "the tool moves"},
            )
            small.wait(hours=2)
            daemon._pulse()
            until(lambda: daemon.reading.states.get("jira") is SourceState.OK)
        finally:
            assert daemon.stop()
    told = [line["event"] for line in lines if line["event"].startswith("maintenance")]
    assert told == ["maintenance", "maintenance over"]
    assert daemon.skipped() == {}


def test_what_runs_when_it_begins_leaves_off_with_the_page_in_hand(small: Company) -> None:
    """The state of the source stays what it was: a maintenance is no outage."""
    begin = small.now() + HOUR
    window = Maintenance(start=begin, end=begin + HOUR)
    config = replace(small.config, schedule=Schedule(timedelta(), (window,)))
    store, at_page, go = small.store(), threading.Event(), threading.Event()

    class Slow:
        def __init__(self, remote: object) -> None:
            self._remote = remote

        def __getattr__(self, name: str) -> object:
            return getattr(self._remote, name)

        def pull(self, since: object):  # type: ignore[no-untyped-def]
            for page in self._remote.pull(since):  # type: ignore[attr-defined]
                at_page.set()
                go.wait(20)
                yield page

    connect = lambda source: Slow(small.connect(source))  # noqa: E731
    daemon = Daemon(
        store,
        config,
        connect=connect,  # type: ignore[arg-type]
        token=lambda _: "t",
        clock=small.now,
        stop=threading.Event(),
    )
    daemon.start()
    try:
        assert at_page.wait(10)
        small.wait(hours=1)
        assert daemon.maintenance() is not None
        go.set()
        assert daemon._engine.drain(10)
        assert daemon.reading.states.get("jira") is SourceState.NEVER
        sent = len(small.sandbox.requests)
        small.wait(hours=2)
        assert daemon.maintenance() is None
        until(lambda: daemon.reading.states.get("jira") is SourceState.OK)
        assert len(small.sandbox.requests) > sent
    finally:
        go.set()
        assert daemon.stop()
