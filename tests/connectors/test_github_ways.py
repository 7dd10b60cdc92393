"""By whatever way GitHub is asked, it says the same: by query, by its REST interface, by name, by pattern, by id."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import orjson
import pytest
from conformance import drain
from github_world import Connect

from connectors import github_graphql as graphql
from okrsync.model import ChangeKind, Item, ItemKind
from okrsync.sandbox import Sandbox
from okrsync.sandbox.github.repository import Repository

JSON = {"Content-Type": "application/json"}


@pytest.fixture
def full(shop: Repository, plan: Repository, hub: Sandbox) -> Sandbox:
    """Two repositories with one of everything, and what hangs between them."""
    first, second = shop.milestone("v1"), shop.milestone("v2")
    plan.issue("Initiative")
    shop.push(["Begin", "More\n\nOKR: KR-A"])
    shop.issue("Plain")
    shop.issue("Rich", body="Text", labels=["bug", "okr-orphan", "okr:KR-A"], milestone=first.number, type="Bug")
    shop.issue("Child", parent="acme/plan#1", assignees=["bo", "ada"], milestone=second.number, by="renovate[bot]")
    shop.issue("Sub-issue", parent=1)
    shop.block(1, "acme/plan#1")
    shop.block(1, "acme/shop#2")
    shop.block(3, "acme/plan#1")
    shop.unblock(3)
    for number, why in ((2, "not_planned"), (3, "completed"), (4, "duplicate")):
        hub.world.clock.advance(timedelta(minutes=1))
        shop.edit(number, state="closed", state_reason=why)
    shop.edit(3, state="open")
    shop.pull("Draft", head="draft", draft=True, labels=["bug"], milestone=first.number)
    shop.pull("Merged", head="merged", commits=["Work"])
    shop.pull("Squashed", head="squashed", commits=["a", "b"], assignees=["bo"])
    refused = shop.pull("Refused", head="no", commits=["c"])
    shop.merge(6)
    shop.merge(7, method="squash")
    shop.edit(refused.number, state="closed")
    hub.world.clock.advance(timedelta(days=1))
    return hub


WAYS: dict[str, tuple[tuple[str, ...], bool]] = {
    "by name and query": (("acme/shop", "acme/plan"), True),
    "by pattern and query": (("acme/*",), True),
    "by name without queries": (("acme/shop", "acme/plan"), False),
    "by pattern without queries": (("acme/*",), False),
}


def told(source: Any, held: dict[str, Item] | None = None) -> dict[str, Item]:
    """All items by id; each is what reading it by its id gives."""
    scopes = {scope.id: None for scope in source.scopes()}
    items = {item.remote_id: item for item in drain(source, scopes)[0]}
    assert {item.remote_id: item for item in source.fetch(list(items))} == items
    return items


@pytest.mark.parametrize("server", ["/github", "/ghes/api/v3"])
def test_every_way_finds_the_same(server: str, full: Sandbox, connect: Connect) -> None:
    found: dict[str, dict[str, Item]] = {}
    pasts: dict[str, dict[str, Any]] = {}
    for way, (entries, queries) in WAYS.items():
        full.faults.clear()
        if not queries:
            full.fault("answer", status=404, headers=JSON, body="{}", path=r".*/graphql", times=None)
        source = connect(*entries, url=full.url + server)
        found[way] = told(source)
        ids = [one for one, item in found[way].items() if item.kind is not ItemKind.COMMIT]
        pasts[way] = {one.remote_id: one.changes for one in source.history(ids)}
        assert pasts[way].keys() == {*ids}
    assert len(found["by name and query"]) == 14
    for way in WAYS:
        assert found[way] == found["by name and query"], way
        assert pasts[way] == pasts["by name and query"], way


@pytest.mark.parametrize("field", sorted(graphql.NEWER))
def test_what_only_the_rest_interface_of_a_server_knows_is_found_by_id_too(
    field: str, full: Sandbox, connect: Connect
) -> None:
    """An Enterprise Server between two versions: an item that is read by its id loses nothing."""
    fields = [{"name": name} for name in graphql.NEWER - {field}]
    schema = {"data": {"issue": {"fields": fields}, "events": {"enumValues": []}, "pullEvents": {"enumValues": []}}}
    source = connect("acme/shop", "acme/plan")
    full.fault("answer", status=200, headers=JSON, body=orjson.dumps(schema).decode(), path=r".*/graphql", times=1)
    assert source._timelines._queries.known()
    told(source)


def partial(*path: str, kind: str = "", node: object = None) -> str:
    """An answer that has a hole there, for no reason that would last."""
    error = {"path": path, "message": "Something went wrong", **({"type": kind} if kind else {})}
    return orjson.dumps({"data": {path[0]: {path[1]: node}}, "errors": [error]}).decode()


def test_what_a_query_leaves_out_is_asked_for_by_itself(full: Sandbox, connect: Connect) -> None:
    """An answer in parts is no answer on the rest: neither labels nor a past are lost."""
    source = connect("acme/shop")
    (scope,) = source.scopes()
    identity = f"{scope.id}#2"
    (item,), (past,) = list(source.fetch([identity])), list(source.history([identity]))
    assert item.labels
    assert past.changes
    known = {"id": "I", "number": 2, "__typename": "Issue", "labels": None, "timelineItems": None}
    for node in (None, known):
        for place, read, whole in (("repository", source.fetch, item), ("r0", source.history, past)):
            body = partial(place, "n2", "labels", node=node) if node else partial(place, "n2")
            full.fault("answer", status=200, headers=JSON, body=body, path=r".*/graphql", times=1)
            assert list(read([identity])) == [whole]
    gone = partial("r0", "n2", kind="NOT_FOUND")
    full.fault("answer", status=200, headers=JSON, body=gone, path=r".*/graphql", times=1)
    assert list(source.history([identity])) == []


def test_a_past_is_whole_or_asked_for_in_another_way(shop: Repository, full: Sandbox, connect: Connect) -> None:
    for number in range(60):
        shop.edit(1, labels=[f"label-{number}"])
    source = connect("acme/shop")
    (scope,) = source.scopes()
    identity = f"{scope.id}#1"
    (past,) = source.history([identity])
    assert len(past.changes) > 100
    lost = '{"data": {"node": null}, "errors": [{"path": ["node"], "message": "Something went wrong"}]}'
    full.fault("answer", status=200, headers=JSON, body=lost, path=r".*/graphql", skip=1, times=1)
    assert list(source.history([identity])) == [past]


def test_more_milestones_than_a_page_are_all_known(shop: Repository, full: Sandbox, connect: Connect) -> None:
    numbers = [shop.milestone(f"m{number:03}").number for number in range(130)]
    for number in (numbers[0], numbers[-1], None):
        full.world.clock.advance(timedelta(minutes=1))
        shop.edit(1, milestone=number)
    source = connect("acme/shop")
    (scope,) = source.scopes()
    (past,) = source.history([f"{scope.id}#1"])
    joined = [change.after for change in past.changes if change.kind is ChangeKind.MEMBER and change.after]
    assert joined == [f"milestone:acme/shop#{number}" for number in (numbers[0], numbers[-1])]


def test_a_transferred_issue_has_no_past_where_it_was(
    shop: Repository, plan: Repository, full: Sandbox, connect: Connect
) -> None:
    """Its old address leads to the new one, whose past is not that of the old identity."""
    shop.transfer(2, plan)
    source = connect("acme/shop")
    assert list(source.history([f"{shop.id}#2"])) == []
    full.fault("answer", status=404, headers=JSON, body="{}", path=r".*/graphql", times=None)
    assert list(connect("acme/shop").history([f"{shop.id}#2"])) == []
