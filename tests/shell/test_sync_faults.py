"""What a sync promises, whatever the tool, the clock and the database do meanwhile (design: promises)."""

from __future__ import annotations

import shutil
from datetime import datetime, timedelta
from typing import Any

import pytest
from disk import failing
from judged import keys, labels, verdict
from small_company import Company, differences

from okrsync.connections import once
from okrsync.errors import ConfigError, Problem, RateLimited, StoreError
from okrsync.model import SourceState, VerdictKind
from okrsync.store import Store, sources
from okrsync.sync import Options, Watcher, reconcile

HOUR = timedelta(hours=1)
WAYS = ("truncated", "login_page", "reset", "503", "400", "logged_out")


# ── P4: whatever call or statement fails, one clean run mends it ──


def a_day_of_work(company: Company) -> None:
    """One change of every kind that a sync has a step for."""
    company.wait(hours=3)
    company.edit(company.site.find("SHOP-1"), labels={"remove": ["okr:KR-UX"], "add": ["okr:KR-PAY"]})
    company.edit(company.site.find("PLAT-1"), labels={"remove": ["okr:KR-UX"]})
    company.edit(company.site.find("PAY-2"), project="PLAT")
    company.edit(company.site.find("PAY-4"), delete=True)
    company.site.hide("SHOP-2")
    above = company.create("DATA", summary="Elsewhere", labels=["KR-PAY"])
    company.create("PAY", summary="New", parent=above.key)
    company.edit(company.site.find("PAY-3"), blocked_by=above.key)


def synced_copy(company: Company, path: Any) -> Store:
    store = company.store()
    store.close()
    shutil.copy(path, company.folder / f"okrsync-{len(company.stores) - 1}.db")
    return store


@pytest.fixture
def before_and_after(small: Company) -> tuple[Any, dict[str, Any], int]:
    """The database of yesterday, today's fault-free state, and how many requests lead there."""
    store = small.store()
    small.sync(store)
    store.close()
    a_day_of_work(small)
    path = small.folder / "okrsync-0.db"
    calm = synced_copy(small, path)
    small.sandbox.clear_requests()
    small.sync(calm)
    return path, small.state(calm), len(small.sandbox.requests)


def armed(company: Company, number: int, way: str) -> None:
    how = {"kind": "answer", "status": int(way), "times": 5} if way.isdecimal() else {"kind": way, "times": 2}
    company.sandbox.fault(skip=number, path=".*/rest/.*", **how)


@pytest.mark.parametrize("ways", [WAYS[:1], pytest.param(WAYS, marks=pytest.mark.soak)])
def test_any_request_may_fail(small: Company, before_and_after: Any, ways: tuple[str, ...]) -> None:
    path, expected, requests = before_and_after
    settings = small.config
    for number in range(requests):
        for way in ways if len(ways) > 1 else (WAYS[number % len(WAYS)],):
            store = synced_copy(small, path)
            armed(small, number, way)
            (result,) = small.sync(store, config=settings)
            small.sandbox.clear()
            assert (result.state is SourceState.OK) == (result.error == ""), (number, way)
            small.sync(store, config=settings)
            assert differences(small.state(store, config=settings), expected) == [], (number, way)


@pytest.mark.parametrize("step", [19, pytest.param(1, marks=pytest.mark.soak)])
def test_any_statement_may_fail(small: Company, before_and_after: Any, step: int) -> None:
    path, expected, _ = before_and_after
    settings = small.config
    number = failures = 0
    while True:
        number += step
        store = synced_copy(small, path)
        with failing(store, number) as came:
            try:
                small.sync(store, config=settings)
            except StoreError:
                failures += 1
        if len(came) < number:
            break
        small.sync(store, config=settings)
        assert differences(small.state(store, config=settings), expected) == [], came[number - 1]
    assert failures > 50 / step


# ── P7, P8: no clock but the tool's moves a cursor ──


def test_a_wrong_clock_misses_nothing(small: Company) -> None:
    small.census = timedelta(days=365)
    store = small.store()
    skews = [HOUR, -HOUR, timedelta(), 48 * HOUR, -48 * HOUR]
    for number in range(10):
        small.skew = skews[number % len(skews)]
        for _ in range(3):
            small.create(summary=f"In round {number}")
            small.wait(seconds=7)
        small.sync(store)
        assert len(keys(small, store)) == sum(issue.key[:4] in ("SHOP", "PAY-") for issue in small.site.issues.values())


def test_a_clock_that_jumps_in_mid_sync_misses_nothing(small: Company) -> None:
    small.census = timedelta(days=365)
    store = small.store()
    small.site.page_limits = (2,)
    served = type(small).now

    def jumping(self: Company) -> datetime:
        self.skew = -self.skew or HOUR
        return served(self)

    for number in range(6):
        small.create(summary=f"In round {number}")
        small.wait(seconds=30)
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(Company, "now", jumping)
            small.sync(store)
        small.skew = timedelta()
        assert len(keys(small, store)) == 8 + number + 1


@pytest.mark.parametrize(
    ("zone", "day"),
    [
        ("Pacific/Kiritimati", "2026-10-25T00:59:59.900+00:00"),
        ("America/St_Johns", "2026-11-01T04:29:59.900+00:00"),
        ("America/St_Johns", "2027-03-14T05:29:59.900+00:00"),
        ("Europe/Paris", "2026-10-25T00:59:59.900+00:00"),
    ],
)
def test_no_time_zone_and_no_minute_hides_an_update(small: Company, zone: str, day: str) -> None:
    nothing_is_hidden(small, zone, datetime.fromisoformat(day) - 3 * HOUR, step=HOUR, count=7)


@pytest.mark.soak
@pytest.mark.timeout(900)
@pytest.mark.parametrize("datacenter", [False, True])
@pytest.mark.parametrize("day", ["2026-11-01T00:00:59.900-02:30", "2027-03-14T00:00:59.900-03:30"])
@pytest.mark.parametrize("zone", ["Pacific/Kiritimati", "America/St_Johns"])
def test_no_minute_of_the_nights_on_which_clocks_are_put_hides_an_update(
    small: Company, zone: str, day: str, datacenter: bool
) -> None:
    """P8: at the end of every minute, from two hours before until two hours after, and in Kiritimati of the same."""
    small.site.datacenter = datacenter
    nothing_is_hidden(small, zone, datetime.fromisoformat(day), step=timedelta(minutes=1), count=240)


def nothing_is_hidden(company: Company, zone: str, start: datetime, *, step: timedelta, count: int) -> None:
    company.census = timedelta(days=3650)
    company.site.account.time_zone = zone
    company.clock.set(start)
    store = company.store()
    company.sync(store)
    for number in range(count):
        company.clock.advance(step)
        assert company.clock().strftime("%S.%f") == "59.900000"
        company.edit(company.site.find("PAY-2"), labels=[f"seen-{number}"])
        issue = company.create(summary="At the edge") if number % 5 == 0 else None
        company.sync(store)
        found = labels(company, store)
        assert issue is None or issue.key in found
        assert found["PAY-2"] == (f"seen-{number}",)


# ── P20: one source's trouble is not another's ──


def test_refused_credentials_stop_one_source_and_a_new_token_heals_it(small: Company) -> None:
    other = small.second_site()
    small.create(site=other, summary="Over there")
    store = small.store()
    small.sandbox.fault("answer", status=401, path="/jira/acme/.*", times=None)
    results = small.sync(store)
    assert [(one.id, one.state) for one in results] == [("jira", SourceState.AUTH_FAILED), ("beta", SourceState.OK)]
    assert results[0].requests <= 2
    assert keys(small, store, "beta") == {"SHOP-1"}
    small.sandbox.clear()
    assert [one.state for one in small.sync(store)] == [SourceState.OK, SourceState.OK]
    assert len(keys(small, store)) == 8


def test_a_missing_secret_stops_one_source_and_is_told_in_the_end(small: Company) -> None:
    other = small.second_site()
    small.create(site=other, summary="Over there")
    store = small.store()
    connect = small.connect

    def half(source: Any) -> Any:
        if source.id == "jira":
            raise ConfigError([Problem("token", "the variable TOKEN is not set")])
        return connect(source)

    small.connect = half  # type: ignore[method-assign]
    with pytest.raises(ConfigError, match="TOKEN"):
        small.sync(store)
    assert keys(small, store, "beta") == {"SHOP-1"}
    assert verdict(small, store, "beta:SHOP-1").kind is VerdictKind.ORPHAN
    with store.read() as tx:
        states = {status.id: status.state for status in sources.statuses(tx)}
    assert states == {"jira": SourceState.AUTH_FAILED, "beta": SourceState.OK}


def test_a_wait_that_a_tool_asked_for_outlives_the_process(small: Company) -> None:
    """P13: the process is told to end just when the tool says when it may be asked again."""
    store, options = small.store(), Options()
    until = small.now() + HOUR

    def limited(_: Any) -> Any:
        options.stop.set()
        raise RateLimited("wait", retry_at=until)

    (source,) = small.config.sources
    with store.begin() as tx:
        sources.register(tx, [source])
    how = {"goals": small.config.goals, "clock": small.now, "watcher": Watcher(), "before": SourceState.OK}
    assert reconcile(store, source, borrow=once(limited), options=options, **how).state is SourceState.OK
    after = reconcile(store, source, borrow=once(small.connect), options=Options(), **how)
    assert (after.state, after.requests) == (SourceState.DEGRADED, 0)


def test_a_cycle_that_takes_too_long_ends_and_the_next_one_goes_on(small: Company) -> None:
    """P18: however many answers come, each just in time, a cycle has an end."""
    store = small.store()
    (source,) = small.config.sources
    with store.begin() as tx:
        sources.register(tx, [source])
    how = {"goals": small.config.goals, "clock": small.now, "watcher": Watcher()}
    small.site.page_limits = (1,)
    cut = reconcile(store, source, borrow=once(small.connect), options=Options(longest=timedelta(0)), **how)
    assert (cut.state, cut.pulled) == (SourceState.DEGRADED, 1)
    assert "the next cycle goes on from there" in cut.error
    after = reconcile(store, source, borrow=once(small.connect), options=Options(), **how)
    assert after.state is SourceState.OK
    assert len(keys(small, store)) > 1
