"""P20 to P24, in each of three tools: what is refused, hidden, moved, renamed or gone, over sockets (design: promises).

Each tool has two scopes, and one of them gets into trouble: SHOP and PAY of Jira, two repositories, two projects.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event, select
from structlog.testing import capture_logs
from trio import BOARD, CAMPAIGNS, TASK, WORKSPACE, Trio, adds_up, three_tools

from okrsync.model import SourceState
from okrsync.sandbox.github.repository import Repository
from okrsync.store import Store, queries, sources
from okrsync.store import tables as t
from okrsync.sync import SourceResult

TOOLS = ("jira", "github", "asana")
MANY = 15  # items more in each scope


@dataclass(frozen=True)
class Ground:
    """One tool, as its people use it."""

    tool: str
    key: str  # of the scope that gets into trouble
    hide: Callable[[bool], Any]
    create: Callable[[str], str]  # an item of that title in that scope; the remote id
    create_beside: Callable[[str], str]
    delete: Callable[[str], Any]  # an item by its remote id
    hiding: tuple[str, dict[str, Any]]  # the same as ``hide``, through the sandbox's own door
    listing: str  # path of the request that lists a scope
    probe: str  # path of a request that any cycle sends


class Three:
    """Three tools of two scopes each."""

    def __init__(self, trio: Trio) -> None:
        self.trio, self.company = trio, trio.company
        self.tools = Repository("acme/tools")
        self.company.sandbox.world.github.add(self.tools)
        self.tools.push(["Begin"])
        self.company.replace('repositories = ["acme/shop"]', 'repositories = ["acme/shop", "acme/tools"]')
        self.company.replace(f'projects = ["{BOARD}"]', f'projects = ["{BOARD}", "{CAMPAIGNS}"]')
        self.grounds = {one.tool: one for one in (self._jira(), self._github(), self._asana())}

    def _jira(self) -> Ground:
        site = self.company.site
        return Ground(
            "jira",
            "PAY",
            lambda hidden: (site.hide if hidden else site.show)("PAY"),
            lambda title: self.company.create("PAY", summary=title).id,
            lambda title: self.company.create("SHOP", summary=title).id,
            lambda identity: self.company.edit(site.issues[identity], delete=True),
            ("jira/acme/account", {"hide": ["PAY"]}),
            "/jira/acme/rest/api/3/search/jql",
            "/jira/.*",
        )

    def _github(self) -> Ground:
        def create(where: Repository, title: str) -> str:
            return f"{where.id}#{where.issue(title).number}"

        return Ground(
            "github",
            "acme/tools",
            lambda hidden: self.tools.hide(hidden),
            partial(create, self.tools),
            partial(create, self.trio.repository),
            lambda identity: self.tools.delete(int(identity.partition("#")[2])),
            ("github/acme/tools", {"hide": True}),
            "/github/(repos/acme/tools|repositories/[0-9]+)/issues",
            "/github/.*",
        )

    def _asana(self) -> Ground:
        workspace = self.trio.workspace
        return Ground(
            "asana",
            CAMPAIGNS,
            lambda hidden: (workspace.hide if hidden else workspace.show)(CAMPAIGNS),
            lambda title: workspace.task(title, project=CAMPAIGNS),
            lambda title: workspace.task(title, project=BOARD),
            lambda gid: workspace.edit(f"tasks/{gid}", {"delete": True}),
            (f"asana/{WORKSPACE}/account", {"hide": [CAMPAIGNS]}),
            "/asana/api/1.0/(tasks|workspaces/[0-9]+/tasks/search)",
            "/asana/.*",
        )

    def sync(self, store: Store, **how: Any) -> dict[str, SourceResult]:
        return {one.id: one for one in self.company.sync(store, **how)}


@pytest.fixture
def three(tmp_path: Path) -> Iterator[Three]:
    with three_tools(tmp_path) as found:
        yield Three(found)


def readable(store: Store, source: str) -> dict[str, bool]:
    with store.read() as tx:
        return {scope.key: scope.readable for scope in sources.scopes(tx, source)}


def live(store: Store, source: str) -> set[str]:
    with store.read() as tx:
        return set(tx.scalars(select(t.item.c.remote_id).where(t.item.c.source == source, t.LIVE)))


@contextmanager
def writes(store: Store) -> Iterator[list[str]]:
    """The statements that change rows, as they are sent."""
    seen: list[str] = []

    def note(connection: Any, cursor: Any, statement: str, *_: Any) -> None:
        if statement.split()[0] in ("INSERT", "UPDATE", "DELETE"):
            seen.append(statement)

    event.listen(store._engine, "after_cursor_execute", note)
    yield seen
    event.remove(store._engine, "after_cursor_execute", note)


# ── P20: refused credentials ─────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("tool", TOOLS)
def test_refused_credentials_stop_one_source_and_a_new_token_heals_it(three: Three, tool: str) -> None:
    store = three.company.store()
    three.sync(store)
    known = live(store, tool)
    three.company.sandbox.fault("answer", status=401, path=three.grounds[tool].probe, times=None)
    created = {one: three.grounds[one].create("New") for one in TOOLS}
    results = three.sync(store)
    assert {one: results[one].state for one in TOOLS} == {
        one: SourceState.AUTH_FAILED if one == tool else SourceState.OK for one in TOOLS
    }
    assert results[tool].requests <= 2
    assert live(store, tool) == known
    assert all(created[one] in live(store, one) for one in TOOLS if one != tool)
    three.company.sandbox.clear()
    assert three.sync(store)[tool].state is SourceState.OK
    assert created[tool] in live(store, tool)


# ── P21: one scope is refused ────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("tool", TOOLS)
def test_a_scope_that_is_hidden_between_two_cycles_keeps_its_items(three: Three, tool: str) -> None:
    ground, store = three.grounds[tool], three.company.store()
    kept = ground.create("Kept")
    three.sync(store)
    before = three.company.state(store)
    ground.hide(True)
    beside = ground.create_beside("Beside")
    result = three.sync(store, sure=False)[tool]
    assert (result.state, result.error) == (SourceState.OK, "")
    assert [key for key, fine in readable(store, tool).items() if not fine] == [ground.key]
    assert {kept, beside} <= live(store, tool)
    adds_up(store)
    ground.hide(False)
    late = ground.create("Meanwhile")
    three.sync(store, sure=False)
    assert all(readable(store, tool).values())
    assert {kept, beside, late} <= live(store, tool)
    gone = before["items"].keys() - three.company.state(store)["items"].keys()
    assert gone == set()


@pytest.mark.parametrize("tool", TOOLS)
def test_a_scope_that_is_hidden_is_logged_when_that_begins_and_when_it_ends(three: Three, tool: str) -> None:
    ground, store = three.grounds[tool], three.company.store()
    told = []
    for hidden in (False, True, True, False, False):
        ground.hide(hidden)
        with capture_logs() as lines:
            result = three.sync(store, sure=False)[tool]
        told.append([(one["event"], one["log_level"]) for one in lines if one.get("scope") == ground.key])
        assert list(result.unreadable) == ([ground.key] if hidden else [])
        assert all(result.unreadable.values()), "each says why"
    assert told == [[], [("not readable", "warning")], [], [("readable again", "info")], []]


@pytest.mark.parametrize("census", [timedelta(), timedelta(days=400)])
@pytest.mark.parametrize("tool", TOOLS)
def test_a_scope_that_is_refused_in_the_middle_of_a_pull_stops_no_other(
    three: Three, tool: str, census: timedelta
) -> None:
    """It could be listed, and is hidden right after the first page of anything."""
    ground, store = three.grounds[tool], three.company.store()
    kept = [ground.create(f"Kept {number}") for number in range(3)]
    three.sync(store)
    three.company.wait(minutes=30)
    three.company.census = census
    known = live(store, tool)
    beside = ground.create_beside("Beside")
    missed = ground.create("Missed")
    three.company.sandbox.fault("meanwhile", path=ground.listing, edits=[ground.hiding])
    for cycle in range(2):
        result = three.sync(store, sure=False)[tool]
        assert (result.state, result.error) == (SourceState.OK, ""), cycle
        assert live(store, tool) >= {*known, beside}
        adds_up(store)
    assert [key for key, fine in readable(store, tool).items() if not fine] == [ground.key]
    assert set(kept) <= live(store, tool)
    ground.hide(False)
    three.sync(store, sure=False)
    assert all(readable(store, tool).values())
    assert missed in live(store, tool)


@pytest.mark.parametrize("status", [403, 404])
def test_a_repository_whose_issues_are_refused_is_marked_and_healed(three: Three, status: int) -> None:
    """The listing of one repository is refused for good; the cycles after that write no row for it."""
    ground, store = three.grounds["github"], three.company.store()
    kept = ground.create("Kept")
    three.sync(store)
    three.company.wait(minutes=30)
    three.company.census = timedelta(days=400)
    tools = f"(repos/acme/tools|repositories/{three.tools.id})"
    three.company.sandbox.fault("answer", status=status, path=f"/github/{tools}/issues.*", times=None)
    late, beside = ground.create("Late"), ground.create_beside("Beside")
    for cycle in range(3):
        with writes(store) as made:
            result = three.sync(store)["github"]
        assert (result.state, result.error) == (SourceState.OK, ""), cycle
        assert readable(store, "github") == {"acme/shop": True, "acme/tools": False}
        assert {kept, beside} <= live(store, "github")
    assert all(one.startswith("UPDATE source SET state") for one in made), "nothing flaps"
    with store.read() as tx:
        (scope,) = [one for one in sources.scopes(tx, "github") if not one.readable]
        assert str(status) in scope.error
        assert queries.unreachable(tx)
    three.company.sandbox.clear()
    three.sync(store)
    assert readable(store, "github") == {"acme/shop": True, "acme/tools": True}
    assert late in live(store, "github")


# ── P22: identity ────────────────────────────────────────────────────────────────────────────────────────────────────


def test_what_moves_keeps_its_identity_and_what_is_transferred_has_another(three: Three) -> None:
    """Jira and Asana keep the id, GitHub makes a new issue elsewhere: in no case two rows for one."""
    store = three.company.store()
    basket = three.company.site.find("SHOP-3")
    ours = three.grounds["github"].create("Passing by")
    three.sync(store)
    three.company.wait(minutes=5)
    three.company.edit(basket, project="PAY")
    three.trio.workspace.edit(f"tasks/{TASK}", {"project": CAMPAIGNS, "remove_from": BOARD})
    moved = three.tools.transfer(int(ours.partition("#")[2]), three.trio.repository)
    three.sync(store)
    found = three.company.state(store)["items"]
    assert found["jira", basket.id].key == basket.key != "SHOP-3"
    assert found["asana", TASK].project == CAMPAIGNS
    titles = [(source, one.title) for (source, _), one in found.items()]
    assert titles.count(("github", "Passing by")) == 1
    assert ("github", f"{three.trio.repository.id}#{moved.number}") in found
    assert titles.count(("asana", "Flyer")) == 1
    assert titles.count(("jira", "Basket")) == 1
    fresh = three.company.store()
    three.sync(fresh)
    assert found == three.company.state(fresh)["items"]


def test_a_renamed_scope_is_the_same_scope(three: Three) -> None:
    store = three.company.store()
    three.sync(store)
    before = {tool: live(store, tool) for tool in TOOLS}
    three.company.wait(days=2)
    three.company.rename_project("PAY", "CASH")
    three.company.replace('"SHOP", "PAY"]', '"SHOP", "CASH"]')
    three.tools.rename("toolbox")
    three.trio.workspace.edit(f"projects/{CAMPAIGNS}", {"name": "Fairs"})
    assert {one.state for one in three.sync(store).values()} == {SourceState.OK}
    assert {tool: live(store, tool) for tool in TOOLS} == before
    keys = {one.key for one in three.company.state(store)["items"].values()}
    assert {"CASH-1"} <= keys
    assert not [key for key in keys if key.startswith(("PAY-", "acme/tools#"))]
    assert set(readable(store, "github")) == {"acme/shop", "acme/toolbox"}


# ── P24: much that is gone at once ───────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("tool", TOOLS)
def test_a_mass_deletion_is_not_believed_until_a_person_confirms_it(three: Three, tool: str) -> None:
    ground, store = three.grounds[tool], three.company.store()
    created = [ground.create(f"Work {number}") for number in range(MANY)]
    three.sync(store)
    three.company.wait(days=2)
    held = live(store, tool)
    for identity in created:
        ground.delete(identity)
    for _ in range(2):
        results = three.sync(store, sure=False)
        assert results[tool].state is SourceState.NEEDS_CONFIRMATION
        assert f"okrsync sync --source {tool} --full --allow-mass-delete" in results[tool].error
        assert live(store, tool) == held
        assert all(results[one].state is SourceState.OK for one in TOOLS if one != tool)
    assert three.sync(store, full=True)[tool].state is SourceState.OK
    assert live(store, tool) == held - set(created)


@pytest.mark.parametrize("tool", TOOLS)
def test_a_few_that_are_gone_go(three: Three, tool: str) -> None:
    ground, store = three.grounds[tool], three.company.store()
    created = [ground.create(f"Work {number}") for number in range(MANY)]
    three.sync(store)
    three.company.wait(days=2)
    held = live(store, tool)
    for identity in created[:2]:
        ground.delete(identity)
    assert three.sync(store, sure=False)[tool].state is SourceState.OK
    assert live(store, tool) == held - set(created[:2])


# ── P31: the same key twice ──────────────────────────────────────────────────────────────────────────────────────────


def test_the_same_key_in_two_sites_is_two_items(three: Three) -> None:
    other = three.company.second_site()
    theirs = [three.company.create(site=other, summary=f"Over there {number}") for number in range(3)]
    store = three.company.store()
    three.sync(store)
    with store.read() as tx:
        found = [(one.source, one.title) for one in queries.find(tx, "SHOP-1")]
        assert sorted(found) == [("beta", "Over there 0"), ("jira", "Checkout")]
    assert live(store, "beta") == {issue.id for issue in theirs}
    with other.lock:
        three.company.wait(minutes=5)
    three.company.edit(three.company.site.find("SHOP-1"), fields={"summary": "Till"})
    three.sync(store)
    items = three.company.state(store)["items"]
    assert items["beta", theirs[0].id].title == "Over there 0"
    assert items["jira", three.company.site.find("SHOP-1").id].title == "Till"
