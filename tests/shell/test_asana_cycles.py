"""Cycles over Asana with connections that are kept: what a quiet one costs, what leaves, and what is read twice."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from disk import failing

from okrsync.cli.session import Session
from okrsync.connections import Connections
from okrsync.model import SourceConfig, SourceState
from okrsync.sandbox import Sandbox, World
from okrsync.sandbox.asana.workspace import Workspace
from okrsync.sandbox.clock import Clock
from okrsync.store import sources
from okrsync.sync import Options, SourceResult, Watcher, reconcile

NOW = datetime(2026, 11, 20, 9, tzinfo=UTC)
CONFIG = """
[okrsync]
database = "sqlite:///okrsync.db"

[[sources]]
id = "asana"
kind = "asana"
url = "{url}/asana/api/1.0"
auth = {{ token = {{ file = "token" }} }}
workspace = "77"
projects = [{projects}]
requests_per_minute = 1000000

[[cycles]]
id = "2026"
start = 2026-01-01
end = 2026-12-31
"""


class Company:
    """A workspace of so many projects, and the cycles of its source, by a clock that goes for all."""

    def __init__(self, folder: Path, projects: int) -> None:
        self.gids = [str(9000 + number) for number in range(projects)]
        self.workspace = Workspace("77", projects=[{"gid": gid, "name": f"P {gid}"} for gid in [*self.gids, "1"]])
        self.clock = Clock(NOW)
        self.sandbox = Sandbox(World(asana=[self.workspace], clock=self.clock))
        (folder / "token").write_text("good")
        listed = ", ".join(f'"{gid}"' for gid in self.gids)
        (folder / "okrsync.toml").write_text(CONFIG.format(url=self.sandbox.url, projects=listed))
        self.session = Session(str(folder / "okrsync.toml"))
        self.connections = Connections(self._connect)
        with self.session.store.begin() as tx:
            sources.register(tx, self.session.config.sources)

    def _connect(self, source: SourceConfig) -> Any:
        made: Any = self.session.connect(source)
        made._clock = self.clock
        return made

    def cycle(self, **options: Any) -> SourceResult:
        (source,) = self.session.config.sources
        return reconcile(
            self.session.store,
            source,
            goals=self.session.config.goals,
            borrow=self.connections.borrow,
            clock=self.clock,
            options=Options(**options),
            watcher=Watcher(),
        )

    def unreadable(self) -> list[str]:
        with self.session.store.read() as tx:
            return [scope.id for scope in sources.scopes(tx, "asana") if not scope.readable]

    def asked(self) -> list[str]:
        paths = [one.path.removeprefix("/asana/api/1.0") for one in self.sandbox.requests]
        self.sandbox.clear_requests()
        return paths


@pytest.fixture
def projects() -> int:
    return 100


@pytest.fixture
def company(tmp_path: Path, projects: int) -> Iterator[Company]:
    made = Company(tmp_path, projects)
    with made.sandbox:
        yield made
        made.connections.close()
        made.session.store.close()


def items(company: Company) -> int:
    with company.session.store.read() as tx:
        (status,) = sources.statuses(tx)
    return status.items


@pytest.mark.parametrize("lacks", [set(), {"search"}])
def test_a_quiet_cycle_over_a_hundred_projects(lacks: set[str], company: Company) -> None:
    """One search, or one request a project; and one row, the heartbeat."""
    company.workspace.lacks = set(lacks)
    for gid in company.gids:
        company.workspace.task("One", project=gid)
    for _ in range(2):
        assert company.cycle().state is SourceState.OK
        company.clock.advance(timedelta(minutes=6))
    company.asked()
    with failing(company.session.store, 0) as came:
        result = company.cycle()
    assert (result.pulled, result.changed) == (0, 0)
    assert company.asked() == (["/events"] * 100 if lacks else ["/workspaces/77/tasks/search"])
    written = [one.split()[:2] for one in came if one.lstrip()[:6] in ("INSERT", "UPDATE", "DELETE")]
    assert written == [["UPDATE", "source"]]


def test_what_leaves_is_noticed_in_the_next_cycle(company: Company) -> None:
    """Deleted, or gone to a project that is not configured, with what is below it; no census is needed."""
    shop = company.gids[0]
    gone, left, stays = (company.workspace.task(name, project=shop) for name in ("Gone", "Left", "Stays"))
    for parent in (gone, left):
        company.workspace.task("below", parent=parent)
    company.workspace.lacks = {"search"}
    company.cycle()
    assert items(company) == 5
    company.clock.advance(timedelta(minutes=10))
    company.workspace.edit(f"tasks/{gone}", {"delete": True})
    company.workspace.edit(f"tasks/{left}", {"project": "1", "remove_from": shop})
    company.asked()
    assert company.cycle().error == ""
    assert items(company) == 1
    assert not [path for path in company.asked() if path.startswith("/tasks?")]
    company.workspace.edit(f"tasks/{gone}", {"restore": True})
    company.workspace.edit(f"tasks/{left}", {"project": shop})
    company.clock.advance(timedelta(minutes=10))
    assert company.cycle().error == ""
    assert items(company) == 5
    assert stays


@pytest.mark.parametrize("projects", [20])
def test_nothing_is_read_twice_in_a_day(projects: int, company: Company) -> None:
    """Everything is read anew once in the interval of the census, which that is too, and not all projects at once."""
    for gid in company.gids:
        company.workspace.task("One", project=gid)
    company.workspace.lacks = {"search"}
    company.cycle()
    company.asked()
    waves: list[int] = []
    for _ in range(26):
        company.clock.advance(timedelta(hours=1))
        company.sandbox.clear_requests()
        assert company.cycle().error == ""
        waves.append(
            sum("modified_since" not in one.query for one in company.sandbox.requests if one.path.endswith("/tasks"))
        )
    assert sum(waves) == projects, "each once, and no census beside it"
    assert max(waves) < projects // 2
    with company.session.store.read() as tx:
        assert sources.census_due(tx, "asana", timedelta(hours=24), company.clock()) == []


@pytest.mark.parametrize("projects", [3])
def test_a_project_that_was_refused_heals_with_the_next_cycle(company: Company) -> None:
    """With what happened in it meanwhile."""
    shop = company.gids[0]
    gid = company.workspace.task("One", project=shop)
    company.workspace.task("Two", project=company.gids[1])
    company.cycle()
    company.workspace.hide(shop)
    company.workspace.edit(f"tasks/{gid}", {"delete": True})
    for _ in range(2):
        company.clock.advance(timedelta(minutes=10))
        company.cycle()
        assert (company.unreadable(), items(company)) == ([shop], 2)
    company.workspace.show(shop)
    company.workspace.task("Three", project=shop)
    company.workspace.task("Four", project=shop)
    company.clock.advance(timedelta(minutes=10))
    assert company.cycle().error == ""
    assert (company.unreadable(), items(company)) == ([], 3)
