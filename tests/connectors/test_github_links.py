"""Links between issues over repositories: parents and blockers, the same by either interface."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from github_world import Connect, read, references

from okrsync.model import Item, ReferenceKind
from okrsync.sandbox import Sandbox
from okrsync.sandbox.github.repository import Repository

JSON = {"Content-Type": "application/json"}
GONE = {"status": 404, "body": '{"message": "Not Found"}', "headers": JSON, "path": r".*/graphql", "times": None}


def blockers(item: Item) -> list[tuple[str, str | None]]:
    return [(r.target, r.target_id) for r in item.references if r.kind is ReferenceKind.BLOCKED_BY]


@pytest.mark.parametrize("by_query", [True, False])
def test_what_blocks_an_issue_here_and_elsewhere(
    by_query: bool, shop: Repository, plan: Repository, hub: Sandbox, connect: Connect
) -> None:
    issue, here, there = shop.issue("Issue"), shop.issue("Here"), plan.issue("There")
    shop.commit("Begin")
    shop.pull("Pull", head="topic")
    shop.block(issue.number, here.number, f"acme/plan#{there.number}")
    plan.edit(there.number, state="closed")  # what is closed blocks nobody, but it is a fact
    if not by_query:
        hub.fault("answer", **GONE)
    source = connect()
    items, _ = read(source)
    wanted = [("acme/shop#2", f"{shop.id}#2"), ("acme/plan#1", f"{plan.id}#1")]
    assert blockers(items["acme/shop#1"]) == wanted
    assert not any(blockers(items[key]) for key in ("acme/shop#2", "acme/shop#3"))
    asked = [one.path for one in hub.requests if "dependencies" in one.path]
    assert len(asked) == (0 if by_query else 1)
    assert list(source.fetch([f"{shop.id}#1"])) == [items["acme/shop#1"]]


@pytest.mark.parametrize("by_query", [True, False])
def test_more_blockers_than_a_page(by_query: bool, shop: Repository, hub: Sandbox, connect: Connect) -> None:
    shop.issue("Issue")
    shop.block(1, *(shop.issue(f"Blocker {number}").number for number in range(125)))
    if not by_query:
        hub.fault("answer", **GONE)
    source = connect()
    items, _ = read(source)
    assert [key for key, _ in blockers(items["acme/shop#1"])] == [f"acme/shop#{number}" for number in range(2, 127)]
    assert list(source.fetch([f"{shop.id}#1"])) == [items["acme/shop#1"]]


def test_blockers_cost_one_query_a_page(shop: Repository, hub: Sandbox, connect: Connect) -> None:
    """The same one that asks for the pull requests; and one an hour for what the server knows."""
    shop.commit("Begin")
    for number in range(90):
        shop.issue(f"Issue {number}")
        if number:
            shop.block(number + 1, number)
    shop.pull("Pull", head="topic")
    source = connect()
    source.scopes()
    hub.clear_requests()
    items, _ = read(source)
    assert sum(bool(blockers(item)) for item in items.values()) == 89
    assert sum(one.path.endswith("/graphql") for one in hub.requests) == 3


@pytest.mark.parametrize("hides", ["hide", "remove"])
def test_a_sub_issue_is_the_same_whichever_way_it_is_read(
    hides: str, shop: Repository, plan: Repository, hub: Sandbox, connect: Connect
) -> None:
    """Its parent is in a repository that was readable, and is not any more: a query would say that it has none."""
    parent = plan.issue("Parent")
    child = shop.issue("Child", parent=f"acme/plan#{parent.number}")
    before, _ = read(connect())
    assert before["acme/shop#1"].references[0].target_id == f"{plan.id}#1"
    getattr(plan, hides)()
    source = connect()
    listed, _ = read(source)
    (fetched,) = source.fetch([f"{shop.id}#{child.number}"])
    assert fetched == listed["acme/shop#1"]
    if hides == "hide":
        assert references(fetched, ReferenceKind.PARENT) == ["acme/plan#1"]
    hub.fault("answer", **GONE)
    assert list(connect().fetch([f"{shop.id}#{child.number}"])) == [fetched]


def test_a_sub_issue_without_its_parent_any_more(shop: Repository, hub: Sandbox, connect: Connect) -> None:
    parent, child = shop.issue("Parent"), shop.issue("Child")
    shop.edit(child.number, parent=parent.number)
    hub.world.clock.advance(timedelta(minutes=1))
    shop.edit(child.number, parent=None)
    source = connect()
    source.scopes()
    hub.clear_requests()
    (item,) = source.fetch([f"{shop.id}#{child.number}"])
    assert references(item, ReferenceKind.PARENT) == []
    assert not any(one.path.endswith(f"/issues/{child.number}") for one in hub.requests)  # nothing was in doubt


# ── GitHub Enterprise Server ─────────────────────────────────────────────────────────────────────────────────────────


@pytest.fixture
def server(hub: Sandbox, connect: Connect) -> Any:
    """A connector to the same repositories as a server of version 3.17 has them."""
    return connect("acme/shop", "acme/pl*", url=f"{hub.url}/ghes/api/v3")


def test_an_enterprise_server_knows_less_and_is_read_all_the_same(
    shop: Repository, plan: Repository, hub: Sandbox, server: Any
) -> None:
    """No limits, no dependencies, no types, no sub-issues: neither in its REST interface nor in its queries."""
    shop.push(["One", "Two"])
    parent = plan.issue("Parent")
    issue = shop.issue("Issue", parent=f"acme/plan#{parent.number}", type="Bug", labels=["bug"])
    shop.block(issue.number, f"acme/plan#{parent.number}")
    shop.edit(issue.number, state="closed")
    pull = shop.pull("Pull", head="topic", body=f"Fixes #{issue.number}", commits=["Work"])
    hub.world.clock.advance(timedelta(days=1))
    items, since = read(server)
    assert {item.title for item in items.values()} == {"One", "Two", "Parent", "Issue", "Pull"}
    assert references(items[f"acme/shop#{pull.number}"], ReferenceKind.CLOSES) == [f"acme/shop#{issue.number}"]
    ids = [item.remote_id for item in items.values() if "#" in item.key]
    assert {item.remote_id: item for item in server.fetch(ids)} == {
        item.remote_id: item for item in items.values() if "#" in item.key
    }
    (history,) = server.history([f"{shop.id}#{issue.number}"])
    assert [change.after for change in history.changes if change.kind.value == "state"] == ["done"]
    assert not any("dependencies" in one.path for one in hub.requests)
    server.scopes()
    hub.clear_requests()
    assert read(server, since)[0] == {}
    assert not hub.requests  # the gate of scopes() was enough


def test_what_an_enterprise_server_says_of_itself(hub: Sandbox, server: Any) -> None:
    account = server.check()
    assert account.product == "GitHub Enterprise Server 3.17.4"
    assert account.limits == ()
    assert account.lacks == ()


def test_pages_of_an_enterprise_server_stay_on_it(shop: Repository, hub: Sandbox, server: Any) -> None:
    shop.push(f"Commit {number}" for number in range(250))
    items, _ = read(server)
    assert len(items) == 250
    assert all(one.path.startswith("/ghes/api/") for one in hub.requests)
