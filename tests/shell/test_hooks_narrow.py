"""A narrowed cycle reads the scopes that were named, asks nothing else, and says nothing of the source."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select
from trio import BOARD, LINKED, Trio, three_tools

from okrsync.connections import Connections
from okrsync.model import SourceState
from okrsync.store import Store, sources
from okrsync.store import tables as t
from okrsync.sync import Options, SourceResult, Watcher, reconcile


class Narrow:
    """Cycles of the company, over connections that are kept."""

    def __init__(self, trio: Trio) -> None:
        self.trio, self.company = trio, trio.company
        self.company.census = timedelta(days=400)
        self.store: Store = trio.synced()
        self.config = self.company.config
        self.connections = Connections(self.company.connect)
        for source in self.config.sources:
            self(source.id)  # each connector knows its site
        self.company.wait(hours=1)
        self.company.sandbox.clear_requests()

    def __call__(self, name: str, scopes: set[str] | None = None, items: set[str] = frozenset()) -> SourceResult:  # type: ignore[assignment]
        source = next(one for one in self.config.sources if one.id == name)
        return reconcile(
            self.store,
            source,
            goals=self.config.goals,
            borrow=self.connections.borrow,
            clock=self.company.now,
            options=Options(scopes=None if scopes is None else frozenset(scopes), items=frozenset(items)),
            watcher=Watcher(),
        )

    def asked(self) -> list[str]:
        found = [f"{one.method} {one.path}" for one in self.company.sandbox.requests]
        self.company.sandbox.clear_requests()
        return found

    def states(self, name: str) -> dict[str, Any]:
        with self.store.read() as tx:
            rows = tx.execute(select(t.item.c.key, t.item.c.state).where(t.item.c.source == name))
            return {row.key: row.state for row in rows}

    def status(self, name: str) -> Any:
        with self.store.read() as tx:
            row = tx.execute(select(t.source).where(t.source.c.id == name)).one()
        return row.state, row.last_success, row.ok, row.cycles


@pytest.fixture
def cycle(tmp_path: Path) -> Iterator[Narrow]:
    with three_tools(tmp_path) as trio:
        found = Narrow(trio)
        yield found
        found.connections.close()


def project(cycle: Narrow, key: str) -> str:
    found = cycle.company.site.project(key)
    assert found is not None
    return str(found["id"])


def test_only_the_named_scope_is_read(cycle: Narrow) -> None:
    site = cycle.company.site
    for key in ("SHOP-3", "PAY-2"):
        cycle.company.edit(site.find(key), status="Terminé")  # type: ignore[arg-type]
    before = cycle.status("jira")
    result = cycle("jira", {project(cycle, "SHOP")})
    assert (result.state, result.changed) == (SourceState.OK, 1)
    states = cycle.states("jira")
    assert (states["SHOP-3"], states["PAY-2"]) == ("done", "todo")
    assert cycle.status("jira") == before, "neither when the source was read, nor how many cycles ended"
    assert len(cycle.asked()) <= 4
    assert cycle("jira").changed == 1, "what was not named is left to polling"
    assert cycle.states("jira")["PAY-2"] == "done"


@pytest.mark.parametrize("tool", ["jira", "github", "asana"])
def test_no_gate_hides_what_was_named(tool: str, cycle: Narrow) -> None:
    """Whatever says that nothing changed: the scope itself is asked."""
    scope = {"jira": project(cycle, "SHOP"), "github": str(cycle.trio.repository.id), "asana": BOARD}[tool]
    kind = {"jira": "/search/jql", "github": "/issues", "asana": "/events"}[tool]
    cycle(tool)
    cycle.asked()
    assert cycle(tool, {scope}).changed == 0
    asked = cycle.asked()
    assert any(one.endswith(kind) for one in asked), asked
    assert not any("/goals" in one or "/tasks/search" in one for one in asked), asked
    assert len(asked) <= 4, asked


def test_a_search_that_lags_behind_hides_nothing(cycle: Narrow) -> None:
    """Jira's index and Asana's search know of a change later than its webhook does."""
    cycle.company.site.index_lag = timedelta(minutes=5)
    cycle.trio.workspace.index_lag = timedelta(minutes=5)
    issue = cycle.company.site.find("SHOP-3")
    assert issue is not None
    cycle.company.edit(issue, status="Terminé")
    cycle.trio.workspace.edit(f"tasks/{LINKED}", {"completed": True})
    assert cycle("jira", {project(cycle, "SHOP")}).changed == 0
    assert cycle("jira", {project(cycle, "SHOP")}, {issue.id}).changed == 1
    assert cycle("asana", {BOARD}).changed == 1


@pytest.mark.parametrize("tool", ["jira", "github", "asana"])
def test_a_scope_that_may_not_be_read_any_more_is_no_fault_of_the_source(tool: str, cycle: Narrow) -> None:
    """Also where it is the only one that was named: what is stored of it stays, and it is marked until it is read."""
    site, workspace = cycle.company.site, cycle.trio.workspace
    hide, show = {
        "jira": (lambda: site.hide("PAY"), lambda: site.show("PAY")),
        "github": (cycle.trio.repository.hide, lambda: cycle.trio.repository.hide(False)),
        "asana": (lambda: workspace.hide(BOARD), lambda: workspace.show(BOARD)),
    }[tool]
    scope = {"jira": project(cycle, "PAY"), "github": str(cycle.trio.repository.id), "asana": BOARD}[tool]
    before, stored = cycle.status(tool), cycle.states(tool)
    hide()
    result = cycle(tool, {scope}, {"424242"})
    assert (result.state, result.error, result.changed) == (SourceState.OK, "", 0)
    assert len(result.unreadable) == (tool != "github"), "of a repository that is not found a whole cycle tells"
    assert (cycle.status(tool), cycle.states(tool)) == (before, stored)
    show()
    assert cycle(tool).unreadable == {}


def test_scopes_of_others_cost_nothing(cycle: Narrow) -> None:
    for tool in ("jira", "github", "asana"):
        result = cycle(tool, {"999999"}, {"424242"})
        assert (result.state, result.requests) == (SourceState.OK, 0)
    assert cycle.asked() == []


def test_what_was_never_read_is_left_to_a_whole_cycle(cycle: Narrow) -> None:
    with cycle.store.begin() as tx:
        sources.forget(tx, "github")
    assert cycle("github", {str(cycle.trio.repository.id)}).requests == 0


def test_an_item_that_is_nobodys_is_not_kept(cycle: Narrow) -> None:
    """A webhook of the whole site names issues of projects that are not configured."""
    stranger = cycle.company.create("PLAT", summary="Not ours")
    assert cycle("jira", {project(cycle, "SHOP")}, {stranger.id}).state is SourceState.OK
    assert stranger.key not in cycle.states("jira")


def test_what_is_gone_goes_and_much_of_it_waits_for_a_whole_cycle(cycle: Narrow) -> None:
    site, pay = cycle.company.site, project(cycle, "PAY")
    one = site.find("SHOP-5")
    rest = [issue for issue in site.issues.values() if issue.project_id == pay]
    assert one is not None
    for issue in (one, *rest):
        cycle.company.edit(issue, delete=True)
    assert cycle("jira", {project(cycle, "SHOP")}, {one.id}).changed >= 1
    with cycle.store.read() as tx:
        gone = set(tx.scalars(select(t.item.c.remote_id).where(t.item.c.deleted_at.is_not(None))))
    assert gone == {one.id}
    result = cycle("jira", {pay}, {issue.id for issue in rest})
    assert (result.state, result.error) == (SourceState.OK, ""), "nothing to confirm yet"
    with cycle.store.read() as tx:
        assert set(tx.scalars(select(t.item.c.remote_id).where(t.item.c.deleted_at.is_not(None)))) == {one.id}
    assert cycle("jira").state is SourceState.OK
    with cycle.store.read() as tx:
        gone = set(tx.scalars(select(t.item.c.remote_id).where(t.item.c.deleted_at.is_not(None))))
    assert gone >= {one.id, *(issue.id for issue in rest)}


def test_a_failure_is_told_by_whole_cycles_alone(cycle: Narrow, capsys: pytest.CaptureFixture[str]) -> None:
    cycle.company.sandbox.fault("answer", path=r"/jira/.*", status=500, times=50)
    before = cycle.status("jira")
    capsys.readouterr()
    result = cycle("jira", {project(cycle, "SHOP")})
    assert result.state is SourceState.DEGRADED
    assert result.error
    assert cycle.status("jira") == before
    assert "not synced" not in capsys.readouterr().out


def test_no_census_is_taken_though_it_is_due(cycle: Narrow) -> None:
    """What is gone without a word is found by the next whole cycle."""

    def gone() -> set[str]:
        with cycle.store.read() as tx:
            return set(tx.scalars(select(t.item.c.remote_id).where(t.item.c.deleted_at.is_not(None))))

    one = cycle.company.site.find("SHOP-5")
    assert one is not None
    cycle("jira")
    cycle.company.edit(one, delete=True)
    always = tuple(replace(source, census=timedelta()) for source in cycle.config.sources)
    cycle.config = replace(cycle.config, sources=always)
    cycle("jira", {project(cycle, "SHOP")})
    assert gone() == set()
    cycle("jira")
    assert gone() == {one.id}
