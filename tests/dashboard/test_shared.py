"""What pages are made of is made once for all of them, and let go."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from itertools import count
from pathlib import Path

import pytest
from demo_company import Company
from sqlalchemy import Connection, select, update
from web_server import Served, installed, served

from okrsync import worked
from okrsync.dashboard import look, shared
from okrsync.dashboard.making import Making, Mark
from okrsync.dashboard.pages import backlog, gaps
from okrsync.dashboard.shared import Shared
from okrsync.dashboard.warming import Warming
from okrsync.store import tables as t
from okrsync.worked import Recorded

SOON = 10


def test_of_one_moment_it_is_made_once() -> None:
    parts, number = Shared(), count()
    assert [parts.take("work", mark, lambda: next(number)) for mark in "aab"] == [0, 0, 1]
    assert parts.take("goals", "b", lambda: next(number)) == 2
    assert parts.take("work", "b", lambda: next(number)) == 1


def test_time_passes(monkeypatch: pytest.MonkeyPatch) -> None:
    parts, number = Shared(), count()
    now = 100.0
    monkeypatch.setattr(shared, "monotonic", lambda: now)
    assert parts.take("work", "a", lambda: next(number)) == 0
    now += shared.FRESH
    assert parts.take("work", "a", lambda: next(number)) == 0
    now += 1.0
    assert parts.take("work", "a", lambda: next(number)) == 1


def test_whoever_needs_it_meanwhile_waits_for_it() -> None:
    parts, number, begun, goes = Shared(), count(), threading.Semaphore(0), threading.Event()

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
    parts = Shared()
    assert parts.take("backlog", "a", lambda: ["ranked by", parts.take("goals", "a", lambda: "status")]) == [
        *("ranked by", "status")
    ]


def test_a_fault_is_told_and_not_kept() -> None:
    parts = Shared()
    assert parts.take("work", "a", lambda: 1) == 1
    with pytest.raises(ZeroDivisionError):
        parts.take("work", "b", lambda: 1 // 0)
    assert parts.take("work", "a", lambda: 2) == 2


def test_what_is_old_is_let_go(monkeypatch: pytest.MonkeyPatch) -> None:
    parts, number = Shared(), count()
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
    parts, now = Shared(), 100.0
    monkeypatch.setattr(shared, "monotonic", lambda: now)

    def make() -> int:
        nonlocal now
        now += 2 * shared.FRESH
        parts.tidy()
        return 1

    assert parts.take("work", "a", make) == 1
    assert parts.take("work", "a", lambda: 2) == 1


def test_only_some_are_held(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shared, "KEPT", 3)
    parts, number = Shared(), count()
    for name in ("work", "goals", "monday", "work", "tuesday"):
        parts.take(name, "a", lambda: next(number))
    assert parts.take("work", "a", lambda: next(number)) == 0
    assert parts.take("goals", "a", lambda: next(number)) == 4, "the one that was taken longest ago went"


# ── the pages ────────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.fixture
def copied(company: Company, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Served]:
    """The company with a store of its own, where nothing is made but what is asked for."""
    monkeypatch.setattr(Warming, "begin", lambda _: None)
    names = company.folder / "okrsync.db", tmp_path / "okrsync.db"
    with closing(sqlite3.connect(names[0])) as here, closing(sqlite3.connect(names[1])) as there:
        here.backup(there)
    with installed(tmp_path, (company.folder / "okrsync.toml").read_text(encoding="utf-8")) as found:
        found.now = company.now
        yield found


@pytest.mark.parametrize(
    ("door", "filters", "where", "reading"),
    [
        ("/orphans", ("?source=jira", "?team=boutique", "?age=older", "?verdict=exempt"), look, "work_of"),
        ("/orphans", ("?since=2026-08-03", "?since=2026-10-05"), worked, "records"),
        ("/teams", ("?since=2026-08-03", "?since=2026-10-05", "?by=value_stream"), worked, "records"),
        ("/", ("?status=at_risk", "?status=on_track"), look, "work_of"),
        ("/backlog", ("?source=jira", "?offset=50"), backlog.report, "ranked"),
        ("/gaps", ("?source=jira", "?severity=high"), gaps.report, "collect"),
    ],
)
def test_a_filter_reads_nothing_twice(
    copied: Served, monkeypatch: pytest.MonkeyPatch, door: str, filters: tuple[str, ...], where: object, reading: str
) -> None:
    """Of one moment of the store, the whole is read once; what another filter shows of it is cut from that."""
    told, read = 0, getattr(where, reading)

    def counted(tx: Connection, *args: object, **named: object) -> object:
        nonlocal told
        told += str(tx.engine.url.database).startswith(str(copied.config.base))
        return read(tx, *args, **named)

    monkeypatch.setattr(where, reading, counted)
    for path in (door, *(door + one for one in filters)):
        assert copied.get(path).status_code == 200
    assert told == 1


@pytest.mark.parametrize(
    ("before", "path"),
    [
        ("/backlog?limit=400", "/backlog?limit=399"),
        ("/orphans?limit=400", "/orphans?limit=399"),
        ("/orphans?mends=20", "/orphans?mends=19"),
        ("/teams", "/teams?since=2026-08-03"),
        ("/teams?since=2026-08-03", "/orphans?since=2026-08-03"),
        ("/?status=at_risk", "/?status=on_track"),
    ],
)
def test_a_page_is_of_one_moment(copied: Served, monkeypatch: pytest.MonkeyPatch, before: str, path: str) -> None:
    """A page that was begun before a write is drawn after it, beside parts from before: it takes none of them."""
    real, begun = Making.mark, list[Mark]()
    marks = list[Mark]()

    def mark(making: Making) -> Mark:
        marks.append(begun.pop() if begun else real(making))
        return marks[-1]

    monkeypatch.setattr(Making, "mark", mark)
    assert copied.get(before).status_code == 200
    with copied.store.begin() as tx:
        shown = select(t.item.c.uid).where(t.item.c.state != "done").order_by(t.item.c.uid).limit(300)
        gone = update(t.item).where(t.item.c.uid.in_(shown.scalar_subquery()))
        tx.execute(gone.values(deleted_at=copied.now))
    begun.append(marks[0])
    after = copied.get(path)
    assert after.status_code == 200
    assert not begun
    with served(copied.config, copied.store, copied.now) as anew:
        assert after.text == anew.get(path).text


def test_what_is_shared_cannot_be_changed(copied: Served) -> None:
    made: list[object] = []

    def once(_: object, make: object) -> object:
        made.append(make())  # type: ignore[operator]
        return made[-1]

    with copied.store.read() as tx:
        seen = look.Look(tx, copied.config, copied.now, str, "en", copied.beside, once)  # type: ignore[arg-type]
        seen_work = seen.worked()
    recorded = made[0]
    assert isinstance(recorded, Recorded)
    assert made[1:] == [seen_work]
    for one in recorded.parts:
        lives = one.lives
        arrays = (one.work, one.created, one.completed, one.held, lives.first, lives.bounds, lives.at, lives.run)
        assert not any(array.flags.writeable for array in (*arrays, lives.state, seen_work.work))
    part = seen_work.only(sources={"jira"})
    part.work["chosen"] = False  # a part is of its own
    assert seen_work.work["chosen"].all()
