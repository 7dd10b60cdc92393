"""P12: no overlap, no pile-up, no silent skip; and what a failing database does to the work."""

from __future__ import annotations

import gc
import threading
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from itertools import pairwise
from pathlib import Path
from statistics import median

import pytest
from running import until
from small_company import Company
from structlog.testing import capture_logs

from okrsync.daemon import Daemon, jobs, reading
from okrsync.errors import StoreError
from okrsync.model import SourceState
from okrsync.sync import SourceResult

OK = SourceResult("jira", SourceState.OK, 0, 0, 0, 0.0)


def daemon_of(small: Company, every: float) -> Daemon:
    sources = tuple(replace(one, every=timedelta(seconds=every)) for one in small.config.sources)
    return Daemon(
        small.store(),
        replace(small.config, sources=sources),
        connect=small.connect,
        token=lambda _: "t",
        clock=small.now,
        stop=threading.Event(),
    )


def test_a_cycle_five_times_longer_than_its_interval(small: Company, monkeypatch: pytest.MonkeyPatch) -> None:
    """At most one runs and one waits; every tick was read, waits, or is counted and logged."""
    running, most, ran, ticks = 0, 0, 0, 0

    def slow(*_: object, **__: object) -> SourceResult:
        nonlocal running, most, ran
        running, ran = running + 1, ran + 1
        most = max(most, running)
        time.sleep(0.5)
        running -= 1
        return OK

    monkeypatch.setattr(reading, "reconcile", slow)
    daemon = daemon_of(small, 0.1)
    real: Callable[[str], None] = daemon.reading.tick

    def counted(source: str) -> None:
        nonlocal ticks
        ticks += 1
        real(source)

    monkeypatch.setattr(daemon.reading, "tick", counted)
    with capture_logs() as lines:
        daemon.start()
        time.sleep(2.2)
        daemon._timetable.stop()
        waits = len(daemon.reading.waiting())
        started, said = ran, daemon.skipped().get("jira", 0)
        assert daemon.stop()
    assert most == 1
    assert ticks >= 15
    assert said > ticks / 2
    assert started - 1 + waits + said == ticks, "the first cycle is the start's"
    told = [line["skipped"] for line in lines if line["event"] == "tick skipped"]
    assert told == list(range(1, said + 1))


def test_a_slow_source_delays_no_other(small: Company, monkeypatch: pytest.MonkeyPatch) -> None:
    small.create(site=small.second_site(), summary="Over there")
    go, read = threading.Event(), []

    def slow(_: object, source: object, **__: object) -> SourceResult:
        if source.id == "jira":  # type: ignore[attr-defined]
            go.wait(20)
        else:
            read.append(source.id)  # type: ignore[attr-defined]
        return OK

    monkeypatch.setattr(reading, "reconcile", slow)
    daemon = daemon_of(small, 0.1)
    daemon.start()
    try:
        until(lambda: len(read) > 5, 5)
    finally:
        go.set()
        assert daemon.stop()


def test_a_database_that_is_away_is_told_once_and_what_it_kept_comes_back(
    small: Company, monkeypatch: pytest.MonkeyPatch
) -> None:
    """P38: of a source that is read twice a day, soon after the database is back, however long it was away."""
    away, tried = True, list[float]()

    def cycle(*_: object, **__: object) -> SourceResult:
        tried.append(time.monotonic())
        if away:
            raise StoreError("the database is away")
        return OK

    assert timedelta(0) < 2 * jobs.AGAIN < timedelta(seconds=30)
    tries, soon = timedelta(minutes=5) // jobs.AGAIN, timedelta(seconds=0.05)
    monkeypatch.setattr(jobs, "AGAIN", soon)
    monkeypatch.setattr(reading, "reconcile", cycle)
    daemon = daemon_of(small, 43200)
    with capture_logs() as lines:
        daemon.start()
        until(lambda: len(tried) > tries)
        away = False
        until(lambda: daemon.reading.states.get("jira") is SourceState.OK)
        assert daemon.stop()
    said = [(line["event"], line["log_level"]) for line in lines if line["event"].startswith("database")]
    assert [one for one in said if one[1] != "debug"] == [
        ("database trouble", "error"),
        ("database well again", "info"),
    ]
    assert daemon.skipped() == {}
    pauses = [later - one for one, later in pairwise(tried)]
    assert median(pauses[-10:]) < 4 * soon.total_seconds(), "the last pauses are as short as the first"


def test_a_bug_in_a_job_is_told_and_the_next_one_has_its_chance(
    small: Company, monkeypatch: pytest.MonkeyPatch
) -> None:
    done: list[int] = []

    def cycle(*_: object, **__: object) -> SourceResult:
        done.append(1)
        if len(done) == 1:
            raise ZeroDivisionError
        return OK

    monkeypatch.setattr(reading, "reconcile", cycle)
    daemon = daemon_of(small, 0.1)
    with capture_logs() as lines:
        daemon.start()
        until(lambda: len(done) > 2)
        assert daemon.stop()
    assert [line["job"] for line in lines if line["event"] == "failed unexpectedly"] == ["reconcile:jira"]


def held() -> tuple[float, int, int]:
    """Resident memory in MB, open handles and threads of this process."""
    status = dict(line.split(":", 1) for line in Path("/proc/self/status").read_text().splitlines())
    rss = int(status["VmRSS"].split()[0]) / 1024
    return rss, len(list(Path("/proc/self/fd").iterdir())), int(status["Threads"])


@pytest.mark.parametrize("cycles", [pytest.param(40), pytest.param(10_000, marks=pytest.mark.soak)])
def test_nothing_is_left_over_from_cycle_to_cycle(small: Company, cycles: int) -> None:
    """P39: each fifth fails, each third by a webhook; memory at the full number."""
    daemon = daemon_of(small, 43200)
    daemon.start()

    def turn(number: int) -> None:
        if number % 5 == 0:
            small.sandbox.fault("answer", status=500, times=None)
        if number % 3 == 0:
            daemon.reading._touches.note("jira", None, [])
        daemon.reading.soon("jira")
        assert daemon._engine.drain(30)
        assert (daemon.reading.states["jira"] is SourceState.OK) is (number % 5 > 0)
        small.sandbox.clear()
        small.sandbox.clear_requests()

    try:
        for number in range(cycles // 10):
            turn(number)
        gc.collect()
        rss, handles, threads = held()
        for number in range(cycles):
            turn(number)
        gc.collect()
        after = held()
    finally:
        assert daemon.stop()
    print(f"{cycles} cycles, MB, handles and threads: {rss:.0f}, {handles}, {threads} → {after}")
    assert after[1] <= handles + 2
    assert after[2] <= threads + 1
    assert cycles < 10_000 or after[0] < rss * 1.05
