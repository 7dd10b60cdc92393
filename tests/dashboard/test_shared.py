"""What pages are made of is made once for all of them, and let go."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from itertools import count
from typing import Any

import pytest
from web_server import Served

from okrsync.dashboard import look, shared, shelf
from okrsync.dashboard.pages import backlog, gaps
from okrsync.dashboard.shared import Shared
from okrsync.store import Store, meta

SOON = 10


class Parts:
    """Shared parts, of which a test asks for what they are."""

    def __init__(self) -> None:
        self.shared = Shared()
        self.tidy = self.shared.tidy

    def take(self, name: str, mark: str, make: Callable[[], Any], rest: float = 0.0) -> Any:
        value, new = self.shared.take(name, mark, make, rest=rest)
        assert new
        return value


def test_of_one_moment_it_is_made_once() -> None:
    parts, number = Parts(), count()
    assert [parts.take("work", mark, lambda: next(number)) for mark in "aab"] == [0, 0, 1]
    assert parts.take("goals", "b", lambda: next(number)) == 2
    assert parts.take("work", "b", lambda: next(number)) == 1


def test_time_passes(monkeypatch: pytest.MonkeyPatch) -> None:
    parts, number = Parts(), count()
    now = 100.0
    monkeypatch.setattr(shared, "monotonic", lambda: now)
    assert parts.take("work", "a", lambda: next(number)) == 0
    now += shared.FRESH
    assert parts.take("work", "a", lambda: next(number)) == 0
    now += 1.0
    assert parts.take("work", "a", lambda: next(number)) == 1


def test_one_that_took_long_counts_as_new_for_a_while(monkeypatch: pytest.MonkeyPatch) -> None:
    parts, number, now = Shared(), count(), 100.0
    monkeypatch.setattr(shared, "monotonic", lambda: now)

    def make() -> int:
        nonlocal now
        now += 2.0
        return next(number)

    assert parts.take("work", "a", make, rest=4.0) == (0, True)
    now += 7.9
    assert parts.take("work", "b", make, rest=4.0) == (0, False)
    assert parts.take("work", "a", make, rest=4.0) == (0, True)
    now += 0.2
    assert parts.take("work", "b", make, rest=4.0) == (1, True)
    assert parts.take("work", "c", make) == (2, True)


def test_whoever_needs_it_meanwhile_waits_for_it() -> None:
    parts, number, begun, goes = Parts(), count(), threading.Semaphore(0), threading.Event()

    def make() -> int:
        begun.release()
        assert goes.wait(SOON)
        return next(number)

    with ThreadPoolExecutor(4) as pool:
        asked = [pool.submit(parts.take, "work", "a", make) for _ in range(4)]
        assert begun.acquire(timeout=SOON)
        goes.set()
        assert [one.result(SOON) for one in asked] == [0, 0, 0, 0]
    assert not begun.acquire(blocking=False)


def test_one_may_be_made_of_another() -> None:
    parts = Parts()
    assert parts.take("backlog", "a", lambda: ["ranked by", parts.take("goals", "a", lambda: "status")]) == [
        *("ranked by", "status")
    ]


def test_a_fault_is_told_and_not_kept() -> None:
    parts = Parts()
    assert parts.take("work", "a", lambda: 1) == 1
    with pytest.raises(ZeroDivisionError):
        parts.take("work", "b", lambda: 1 // 0)
    assert parts.take("work", "a", lambda: 2) == 2


def test_what_is_old_is_let_go(monkeypatch: pytest.MonkeyPatch) -> None:
    parts, number = Parts(), count()
    now = 100.0
    monkeypatch.setattr(shared, "monotonic", lambda: now)
    parts.take("work", "a", lambda: next(number))
    now += 40.0
    parts.take("goals", "a", lambda: next(number))
    now += 40.0
    parts.tidy()
    now -= 40.0  # both would still be new
    assert parts.take("goals", "a", lambda: next(number)) == 1
    assert parts.take("work", "a", lambda: next(number)) == 2


def test_what_is_being_made_is_not_let_go(monkeypatch: pytest.MonkeyPatch) -> None:
    parts, now = Parts(), 100.0
    monkeypatch.setattr(shared, "monotonic", lambda: now)

    def make() -> int:
        nonlocal now
        now += 2 * shared.FRESH
        parts.tidy()
        return 1

    assert parts.take("work", "a", make) == 1
    assert parts.take("work", "a", lambda: 2) == 1


@pytest.mark.parametrize(
    ("door", "filters", "where", "reading"),
    [
        ("/orphans", ("?source=jira", "?team=boutique", "?age=older", "?verdict=exempt"), look, "work_of"),
        ("/", ("?status=at_risk", "?status=on_track"), look, "work_of"),
        ("/backlog", ("?source=jira", "?offset=50"), backlog.report, "ranked"),
        ("/gaps", ("?source=jira", "?severity=high"), gaps.report, "collect"),
    ],
)
def test_a_filter_reads_nothing_twice(
    site: Served, monkeypatch: pytest.MonkeyPatch, door: str, filters: tuple[str, ...], where: object, reading: str
) -> None:
    """Of one moment of the store, the whole is read once; what another filter shows of it is cut from that."""
    told, read = 0, getattr(where, reading)

    def counted(*args: object, **named: object) -> object:
        nonlocal told
        told += 1
        return read(*args, **named)

    monkeypatch.setattr(where, reading, counted)
    _written(site.store)
    for path in (door, *(door + one for one in filters)):
        assert site.get(path).status_code == 200
    assert told == 1


def test_while_much_is_written_a_filter_is_cut_from_what_was_read_a_moment_ago(
    site: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And a page that was made so is not taken for that of now; a file always is."""
    told, read = 0, backlog.report.ranked

    def counted(*args: Any) -> object:
        nonlocal told
        told += 1
        return read(*args)

    monkeypatch.setattr(backlog.report, "ranked", counted)
    _written(site.store)
    assert site.get("/backlog?limit=7").status_code == 200
    monkeypatch.setattr(shelf, "REST", 10_000.0)
    _written(site.store)
    assert site.get("/backlog?limit=8").status_code == 200
    assert told == 1
    assert site.get("/backlog.json").status_code == 200
    assert told == 2
    monkeypatch.setattr(shelf, "REST", 0.0)
    _written(site.store)
    assert site.get("/backlog?limit=8").status_code == 200
    assert told == 3


def test_what_is_shared_cannot_be_changed(site: Served) -> None:
    made: list[object] = []

    def once(_: object, make: object) -> object:
        made.append(make())  # type: ignore[operator]
        return made[-1]

    with site.store.read() as tx:
        seen = look.Look(tx, site.config, site.now, str, "en", site.beside, once)  # type: ignore[arg-type]
        worked = seen.worked()
    assert made == [worked]
    with pytest.raises(ValueError, match="read-only"):
        worked.work["chosen"] = False
    part = worked.only(sources={"jira"})
    part.work["chosen"] = False  # a part is of its own
    assert worked.work["chosen"].all()


def _written(store: Store) -> None:
    with store.begin() as tx:
        meta.set_meta(tx, "seen", str(time.monotonic()))
