"""What is due when: each job by the configuration in force, and what each of them does."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from running import until
from small_company import Company
from sqlalchemy import select

from config import Maintenance, Retention, Schedule
from okrsync.cycle import Halted
from okrsync.daemon import Daemon, upkeep
from okrsync.daemon.daemon import ALARM, BEATING, RETENTION, SNAPSHOT
from okrsync.daemon.halting import Halt
from okrsync.daemon.posting import KEY as REPORT
from okrsync.errors import StoreError, ToolError
from okrsync.model import SourceState
from okrsync.store import Store, accounts, retention
from okrsync.store import tables as t

PARIS = ZoneInfo("Europe/Paris")
LONG = timedelta(hours=12)


def daemon_of(small: Company, store: Store | None = None, **how: Any) -> Daemon:
    sources = tuple(replace(one, every=LONG) for one in small.config.sources)
    config = replace(small.config, sources=sources, **how)
    return Daemon(
        store or small.store(),
        config,
        connect=small.connect,
        token=lambda _: "t",
        clock=small.now,
        stop=threading.Event(),
    )


@pytest.fixture
def daemon(small: Company) -> Iterator[Daemon]:
    found = daemon_of(small, timezone="Europe/Paris")
    found.start()
    assert found._engine.drain(20)
    yield found
    found._connections.close()
    assert found.stop()


def due(daemon: Daemon, name: str) -> datetime:
    found = daemon._timetable.next(name)
    assert found is not None, name
    return found.astimezone(PARIS)


def test_each_job_has_its_time(daemon: Daemon) -> None:
    soon = datetime.now(UTC) + timedelta(minutes=1)
    assert due(daemon, BEATING) <= soon
    assert due(daemon, ALARM) <= soon
    assert (due(daemon, SNAPSHOT).hour in (0, 1), due(daemon, SNAPSHOT).minute) == (True, 0)
    assert daemon._timetable.next(REPORT) is None, "nobody wants one"


def test_a_new_file_moves_what_is_due(daemon: Daemon) -> None:
    config = daemon.config()
    daemon._reread = lambda: replace(
        config,
        schedule=Schedule(timedelta()),
        retention=replace(config.retention, cron="17 4 * * *"),
        reports=replace(config.reports, weeks=1, cron="23 9 * * mon"),
    )
    daemon.reconfigure()
    until(lambda: daemon.config() is not config and daemon._timetable.next(REPORT))
    assert (due(daemon, RETENTION).hour, due(daemon, RETENTION).minute) == (4, 17)
    assert (due(daemon, REPORT).weekday(), due(daemon, REPORT).hour, due(daemon, REPORT).minute) == (0, 9, 23)
    daemon._reread = lambda: config
    daemon.reconfigure()
    until(lambda: daemon._timetable.next(REPORT) is None)


def test_a_quiet_day_is_pinned_too(small: Company, daemon: Daemon) -> None:
    def days() -> int:
        with daemon._store.read() as tx:
            return len(set(tx.scalars(select(t.snapshot.c.day))))

    before = days()
    small.wait(days=1)
    daemon._link_due()
    assert daemon._engine.drain(20)
    assert days() == before + 1


def test_what_is_of_no_use_is_forgotten_a_piece_at_a_time(daemon: Daemon, monkeypatch: pytest.MonkeyPatch) -> None:
    """By the retention in force; nothing is held between two pieces, so that others can write."""
    pieces = [{"items": 3}, {"items": 2, "alerts": 1}, {}]
    asked: list[Retention] = []

    def forget_old(_: object, wanted: Retention, __: datetime) -> dict[str, int]:
        asked.append(wanted)
        return pieces[len(asked) - 1]

    monkeypatch.setattr(retention, "forget_old", forget_old)
    daemon._forget_due()
    assert daemon._engine.drain(20)
    assert asked == [daemon.config().retention] * 3
    asked.clear()
    daemon._halt.set()
    upkeep.forget(daemon._store, daemon.config(), daemon._clock, daemon._halt)
    assert asked == []
    daemon._halt.clear()


def test_an_account_is_looked_at_once_a_day_and_with_another_token(
    small: Company, daemon: Daemon, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What the tool says of it is remembered; where it says nothing now, it is asked again in an hour, not sooner."""
    now, looked, remembered, token = [0.0], [], [], ["a"]
    real = small.connect

    class Looked:
        def __init__(self, remote: Any) -> None:
            self._remote = remote

        def __getattr__(self, name: str) -> Any:
            return getattr(self._remote, name)

        def check(self) -> Any:
            looked.append(now[0])
            if token[0] == "bad":
                raise ToolError("away")
            return self._remote.check()

    monkeypatch.setattr(upkeep, "monotonic", lambda: now[0])
    monkeypatch.setattr(accounts, "remember", lambda _, source, account, __: remembered.append((source, account)))
    daemon._connections.drop("jira")
    monkeypatch.setattr(daemon._connections, "_connect", lambda source: Looked(real(source)))
    (source,) = daemon.config().sources
    look = upkeep.Accounts(daemon._store, daemon._connections, lambda _: token[0], small.now).look
    for instant, with_ in (0, "a"), (86_399, "a"), (86_401, "a"), (86_402, "b"), (86_403, "bad"), (90_002, "bad"):
        now[0], token[0] = instant, with_
        look(source)
    now[0] = 90_004
    look(source)
    assert looked == [0, 86_401, 86_402, 86_403, 90_004]
    assert [name for name, _ in remembered] == ["jira"] * 3


# ── maintenance ──────────────────────────────────────────────────────────────────────────────────────────────────────


def lasting(small: Company) -> Schedule:
    start = small.now()
    return Schedule(timedelta(), (Maintenance(start=start, end=start + timedelta(hours=1)),))


def test_nothing_that_comes_back_is_done_in_a_maintenance(small: Company, monkeypatch: pytest.MonkeyPatch) -> None:
    """What the database kept from being done before it began: it leaves off again, and says nothing of the database."""
    from okrsync.daemon import daemon as module

    daemon = daemon_of(small)
    linked: list[int] = []

    def away(*_: object) -> None:
        linked.append(1)
        raise StoreError("the database is away")

    monkeypatch.setattr(module, "link", away)
    daemon._jobs.submit("link", daemon._link)
    assert daemon._engine.drain(5)
    daemon._read = replace(daemon._read, config=replace(daemon.config(), schedule=lasting(small)))
    assert daemon.maintenance() is not None
    daemon._jobs.submit("link", daemon._link)
    daemon._jobs.submit(ALARM, daemon._look)
    daemon.reading.soon("jira")
    assert daemon._engine.drain(5)
    assert linked == [1]
    assert daemon._jobs._stuck == {"link"}
    assert not small.sandbox.requests
    assert daemon.reading.waiting() == {"jira"}, "not forgotten"


def test_an_apply_leaves_off_after_the_write_in_hand(small: Company) -> None:
    small.wait(days=2)
    store = small.store()
    small.sync(store)
    small.apply(store)
    for number in range(4):
        small.create("PAY", summary=f"Loose {number}")
    small.wait(days=2)
    small.sync(store)
    daemon = daemon_of(small, store, schedule=lasting(small))
    wrote: list[str] = []

    def begins(key: str) -> None:
        wrote.append(key)
        daemon.maintenance()

    daemon.writing._goes_on = begins
    with pytest.raises(Halted):
        daemon.writing.run()
    assert len(wrote) == 1
    small.wait(hours=2)
    daemon.writing._goes_on = wrote.append
    try:
        assert daemon.maintenance() is None
        until(lambda: len(wrote) > 1)
    finally:
        assert daemon.stop()


def test_a_wait_ends_with_the_process_and_tells_of_a_maintenance() -> None:
    stop = threading.Event()
    halt = Halt(stop)
    assert not halt.wait(0.01)
    halt.set()
    assert halt.wait(0.01)
    halt.clear()
    threading.Timer(0.1, stop.set).start()
    assert halt.wait(30)
    assert halt.is_set()


def test_a_source_is_read_once_the_maintenance_is_over_though_its_tick_was_lost(small: Company) -> None:
    daemon = daemon_of(small, schedule=lasting(small))
    daemon.start()
    try:
        daemon.reading.tick("jira")
        small.wait(hours=2)
        daemon._pulse()
        until(lambda: daemon.reading.states.get("jira") is SourceState.OK)
        assert daemon.reading.waiting() == frozenset()
    finally:
        assert daemon.stop()
