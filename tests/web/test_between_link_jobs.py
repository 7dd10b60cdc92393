"""What is answered between a change and the link job that judges it: what is known, and never a fault."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import delete, func, select, update
from web_server import Served, served

from config import Config
from okrsync.linking import is_current
from okrsync.model import Goals, KeyResult, Objective
from okrsync.store import Store
from okrsync.store import tables as t

ADDRESSES = (
    *("status", "status?at={day}", "orphans", "orphans?group_by=team", "orphans?group_by=class", "gaps"),
    *("gaps?group_by=team", "backlog", "effort", "effort?group_by=key_result", "effort?group_by=value_stream"),
    *("trace/{item}", "plan", "runs", "runs/1", "sources", "alerts", "version"),
)


def fewer_goals(goals: Goals) -> Goals:
    """Without the first objective that has key results, and without every second key result of the others."""
    krs = list(goals.key_results.values())
    gone = krs[0].objective
    left = {kr.id: kr for n, kr in enumerate(krs) if kr.objective != gone and n % 2}
    objectives = {
        one.id: replace(one, parent=None if one.parent == gone else one.parent)
        for one in goals.objectives.values()
        if one.id != gone
    }
    return replace(goals, objectives=objectives, key_results=left)


def more_goals(goals: Goals) -> Goals:
    top = Objective("O-NEW", "Quite new")
    kr = KeyResult("KR-NEW", "O-NEW", "Quite new", epics=next(iter(goals.key_results.values())).epics)
    return replace(
        goals,
        objectives={**goals.objectives, "O-NEW": top},
        key_results={**goals.key_results, "KR-NEW": kr},
    )


CHANGES: dict[str, Callable[[Config], Config]] = {
    "goals go": lambda config: replace(config, goals=fewer_goals(config.goals)),
    "goals come": lambda config: replace(config, goals=more_goals(config.goals)),
    "no goals": lambda config: replace(config, goals=replace(config.goals, objectives={}, key_results={})),
    "a source goes": lambda config: replace(config, sources=config.sources[1:]),
    "no sources, no teams": lambda config: replace(config, sources=(), teams=()),
}


@contextmanager
def copied(site: Served, folder: Path) -> Iterator[Served]:
    """The server over a copy of the store."""
    with site.store.begin():  # nobody writes meanwhile
        for name in ("okrsync.db", "okrsync.db-wal"):
            if (site.config.base / name).is_file():
                shutil.copy(site.config.base / name, folder / name)
    store = Store.open(f"sqlite:///{folder / 'okrsync.db'}")
    try:
        with served(site.config, store, site.now) as found:
            yield found
    finally:
        store.close()


def all_answer(site: Served) -> None:
    item = site.json("/api/v1/orphans")["items"]
    named = f"{item[0]['source']}:{item[0]['key'].replace('#', '%23')}" if item else "none"
    for address in ADDRESSES:
        path = address.format(day=f"{site.now:%Y-%m}-01", item=named)
        answer = site.get(f"/api/v1/{path}")
        known = named.partition(":")[0] in {one.id for one in site.config.sources}
        expected = 200 if known or not path.startswith("trace/") else 404
        assert answer.status_code == expected, (path, answer.text)
    assert "okrsync_database_up 1.0" in site.get("/metrics").text


@pytest.mark.parametrize("change", CHANGES)
def test_another_configuration(site: Served, change: str) -> None:
    site.config = CHANGES[change](site.config)
    all_answer(site)


def test_items_that_go_and_come(site: Served, tmp_path: Path) -> None:
    """Of each kind of verdict some items are deleted, and others were never judged."""
    with copied(site, tmp_path) as later:
        item, verdict = t.item.c, t.verdict.c
        with later.store.begin() as tx:
            gone = [uid for n, uid in enumerate(tx.scalars(select(verdict.uid).order_by(verdict.uid))) if n % 3 == 0]
            tx.execute(update(t.item).where(item.uid.in_(gone)).values(deleted_at=later.now))
            fresh = [uid for n, uid in enumerate(tx.scalars(select(verdict.uid).order_by(verdict.uid))) if n % 3 == 1]
            tx.execute(delete(t.verdict).where(verdict.uid.in_(fresh)))
            tx.execute(delete(t.link).where(t.link.c.uid.in_(fresh)))
        all_answer(later)


def test_nothing_is_linked_by_looking(site: Served, tmp_path: Path) -> None:
    with copied(site, tmp_path) as later:
        later.config = CHANGES["goals go"](later.config)

        def rows() -> list[object]:
            with later.store.read() as tx:
                assert not is_current(tx, later.config, later.now)
                return [tx.scalar(select(func.count()).select_from(table)) for table in t.metadata.sorted_tables]

        before, written = rows(), (tmp_path / "okrsync.db-wal").stat()
        all_answer(later)
        assert rows() == before
        after = (tmp_path / "okrsync.db-wal").stat()
        assert (after.st_size, after.st_mtime_ns) == (written.st_size, written.st_mtime_ns), "not a byte is written"


def test_an_empty_store(site: Served, tmp_path: Path) -> None:
    store = Store.open(f"sqlite:///{tmp_path / 'new.db'}")
    with served(site.config, store, site.now) as fresh:
        found = fresh.json("/api/v1/status")
        assert found["as_of"] is None
        assert not found["complete"]
        assert fresh.get("/api/v1/runs/1").status_code == 404
        for path in ("orphans", "gaps", "backlog", "effort", "plan", "runs", "sources", "alerts"):
            fresh.json(f"/api/v1/{path}")
        assert "okrsync_database_up 1.0" in fresh.get("/metrics").text
    store.close()
