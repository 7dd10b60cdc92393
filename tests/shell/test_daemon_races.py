"""Two things at once: a source that goes while it is read, a token refused to a webhook, threads that cannot start."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from installation import Installation
from running import Running, until
from small_company import Company
from sqlalchemy import select
from structlog.testing import capture_logs

from config import Config
from okrsync.daemon import Daemon
from okrsync.daemon.notify import Notifier
from okrsync.daemon.timetable import Every, Plan
from okrsync.model import SourceState
from okrsync.store import sources
from okrsync.store import tables as t

LONG = timedelta(hours=12)


def quiet(config: Config) -> Config:
    return replace(config, sources=tuple(replace(one, every=LONG) for one in config.sources))


def daemon_of(small: Company, **how: Any) -> Daemon:
    given: dict[str, Any] = {"connect": small.connect, "token": lambda _: "t", "clock": small.now} | how
    return Daemon(small.store(), quiet(small.config), stop=threading.Event(), **given)


class Held:
    """A connector that waits for ``go`` at its first page, and tells when it was closed."""

    def __init__(self, remote: Any, at_page: threading.Event, go: threading.Event, closed: list[str]) -> None:
        self._remote, self._at_page, self._go, self._closed = remote, at_page, go, closed

    def __getattr__(self, name: str) -> Any:
        return getattr(self._remote, name)

    def pull(self, since: Any) -> Any:
        self._at_page.set()
        self._go.wait(20)
        yield from self._remote.pull(since)

    def close(self) -> None:
        self._closed.append("closed")
        self._remote.close()


def test_a_source_that_goes_while_it_is_read_leaves_nothing(small: Company) -> None:
    """Neither items that count, nor a state, nor a connection; and it comes back as one that was never read."""
    small.create(site=small.second_site(), summary="Over there")
    at_page, go, closed = threading.Event(), threading.Event(), list[str]()
    config = quiet(small.config)
    next_ = [config]

    def connect(source: Any) -> Any:
        remote = small.connect(source)
        return Held(remote, at_page, go, closed) if source.id == "beta" else remote

    daemon = daemon_of(small, connect=connect, reread=lambda: next_[0])
    daemon.start()
    try:
        assert at_page.wait(20)
        daemon.touched("beta", None)
        next_[0] = replace(config, sources=config.sources[:1])
        daemon.reconfigure()
        until(lambda: len(daemon.config().sources) == 1)
        go.set()
        until(lambda: not daemon.reading.busy)
        assert daemon._engine.drain(20)

        def items() -> dict[str, int]:
            with daemon._store.read() as tx:
                return {one.id: one.items for one in sources.statuses(tx)}

        until(lambda: items()["beta"] == 0)
        assert daemon.reading.states.keys() == {"jira"}
        assert daemon._connections._idle.keys() == {"jira"}
        assert closed == ["closed"]
        assert daemon._status() == "1 source"
        next_[0] = config
        daemon.reconfigure()
        until(lambda: items()["beta"] == 1)
    finally:
        go.set()
        assert daemon.stop()


def test_a_token_that_is_refused_to_a_webhook_is_told_by_the_source(small: Company) -> None:
    """P20: not an hour of silence; the whole cycle that confirms it is the last that sends it."""
    daemon = daemon_of(small)
    daemon.start()
    try:
        until(lambda: daemon.reading.states.get("jira") is SourceState.OK)
        assert daemon._engine.drain(20)
        with daemon._store.read() as tx:
            scope = tx.scalars(select(t.scope.c.remote_id)).first()
        small.sandbox.fault("answer", status=401, times=None)
        daemon.touched("jira", [str(scope)])
        until(lambda: daemon.reading.states.get("jira") is SourceState.AUTH_FAILED)
        assert daemon._engine.drain(20)
        with daemon._store.read() as tx:
            assert sources.states(tx)["jira"] == "auth_failed"
        sent = len(small.sandbox.requests)
        daemon.reading.soon("jira")
        assert daemon._engine.drain(20)
        assert len(small.sandbox.requests) == sent
    finally:
        assert daemon.stop()


def test_a_tick_brings_back_what_got_lost(small: Company, monkeypatch: pytest.MonkeyPatch) -> None:
    """No thread can be started for a while: the next tick is as good as this one."""
    daemon = daemon_of(small)
    with daemon._store.begin() as tx:
        sources.register(tx, daemon.config().sources)
    start = threading.Thread.start

    def full(thread: threading.Thread) -> None:
        if thread.name == "reconcile:jira":
            raise RuntimeError("can't start new thread")
        start(thread)

    monkeypatch.setattr(threading.Thread, "start", full)
    with pytest.raises(RuntimeError):
        daemon.reading.tick("jira")
    assert daemon._engine.drain(1), "nothing seems to run"
    monkeypatch.setattr(threading.Thread, "start", start)
    daemon.reading.tick("jira")
    assert daemon._engine.drain(20)
    assert daemon.reading.states["jira"] is SourceState.OK
    daemon.stop()


def test_a_beat_that_fails_is_told_and_the_end_is_clean(small: Company) -> None:
    def broken() -> None:
        raise ZeroDivisionError

    daemon = daemon_of(small)
    daemon._heart.beat = broken  # type: ignore[method-assign]
    with capture_logs() as lines:
        daemon._pulse()
        assert daemon._engine.drain(5)
    assert [line["job"] for line in lines if line["event"] == "failed unexpectedly"] == ["beat"]
    assert daemon.stop()


def test_the_service_manager_waits_for_no_source(small: Company) -> None:
    """READY first: fifty sources that sign in would keep the processors busy for seconds."""
    order: list[str] = []

    class Heard(Notifier):
        def ready(self, status: str) -> None:
            order.append("ready")

    def connect(source: Any) -> Any:
        order.append("connect")
        return small.connect(source)

    daemon = daemon_of(small, connect=connect, notifier=Heard({}, 0))
    daemon.start()
    until(lambda: daemon.reading.states)
    assert daemon.stop()
    assert order[:2] == ["ready", "connect"]


@pytest.mark.parametrize("zone", ["Europe/Paris", "America/St_Johns", "UTC"])
def test_an_interval_knows_no_hour_that_comes_twice_or_never(zone: str) -> None:
    """In the nights in which the clocks are changed a minute is a minute."""
    minute = timedelta(minutes=1)
    for since in datetime(2026, 10, 24, 20, tzinfo=UTC), datetime(2026, 3, 28, 20, tzinfo=UTC):
        trigger = Plan(zone, minute).trigger(since.astimezone(ZoneInfo(zone)))
        at = None
        for number in range(1, 60 * 12):
            now = (since + (number - 1) * minute).astimezone(ZoneInfo(zone))
            at = trigger.get_next_fire_time(at, now)
            assert at.astimezone(UTC) == since + number * minute


def test_a_clock_that_comes_from_the_past_is_not_caught_up_with_tick_by_tick() -> None:
    """A machine without a clock of its own begins in 1970, until the network tells it the time."""
    since = datetime(1970, 1, 1, tzinfo=UTC)
    now = datetime(2026, 11, 23, tzinfo=UTC)
    trigger = Every(timedelta(seconds=1), since, timedelta())
    assert now < trigger.get_next_fire_time(since, now) <= now + timedelta(seconds=1)


def test_what_was_done_just_now_does_not_end_the_watch_over_the_clock(
    small: Company, monkeypatch: pytest.MonkeyPatch
) -> None:
    from okrsync.daemon import timetable

    table = timetable.Timetable()
    table.start()
    try:
        table.once("gone", LONG, lambda: None)
        table.put("stays", Plan("UTC", LONG), lambda: None)
        jobs = table._scheduler.get_jobs()
        table.drop("gone")
        monkeypatch.setattr(table._scheduler, "get_jobs", lambda: jobs)
        monkeypatch.setattr(timetable, "_ahead", partial(float, -7200.0))
        assert table.mind_the_clock()
        assert table.next("stays") is not None
    finally:
        table.stop()


def test_ticks_that_are_skipped_are_what_the_metric_says(eager: Installation, running: Callable[..., Running]) -> None:
    """P12, as who watches sees it."""
    eager.sandbox.fault("hang", path=r".*/search/jql", seconds=4, times=None)
    daemon = running()
    until(lambda: len(daemon.events("tick skipped")) > 1)

    def counted() -> float:
        lines = daemon.get("/metrics").text.splitlines()
        found = [line for line in lines if line.startswith('okrsync_ticks_skipped_total{source="jira"}')]
        return float(found[0].split()[1]) if found else 0.0

    before = len(daemon.events("tick skipped"))
    metric = counted()
    assert before <= metric <= len(daemon.events("tick skipped"))
    assert daemon.events("tick skipped")[-1]["skipped"] == len(daemon.events("tick skipped"))
    assert daemon.end()[0] == 0
