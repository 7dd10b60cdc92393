"""Many repositories in one query: what stands where, what moved last, what of them cannot be read, what it costs."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from github_client import Client

from okrsync.sandbox import Sandbox, World
from okrsync.sandbox.clock import Clock
from okrsync.sandbox.github.bulk import repositories
from okrsync.sandbox.github.repository import Repository

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
GATE = """fragment gate on Repository {
  databaseId nameWithOwner isArchived isEmpty viewerPermission pushedAt updatedAt
  defaultBranchRef { name target { oid } }
  refs(refPrefix: "refs/heads/", first: 10) { totalCount nodes { name target { oid } } pageInfo { hasNextPage } }
  issues(first: 1, orderBy: {field: UPDATED_AT, direction: DESC}) { totalCount nodes { number updatedAt } }
  pullRequests(first: 1, orderBy: {field: UPDATED_AT, direction: DESC}) { totalCount nodes { number updatedAt } }
  labels(first: 50) { totalCount nodes { name id } }
  milestones(first: 1, orderBy: {field: UPDATED_AT, direction: DESC}) { totalCount nodes { number updatedAt } }
}"""


def asked(names: list[str]) -> str:
    """The query for these repositories: the n-th is called ``rN``."""
    fields = []
    for place, name in enumerate(names):
        owner, _, own = name.partition("/")
        fields.append(f'r{place}: repository(owner: "{owner}", name: "{own}") {{ ...gate }}')
    return f"{{ {' '.join(fields)} rateLimit {{ cost limit remaining resetAt nodeCount }} }} {GATE}"


@pytest.fixture
def shop() -> Repository:
    found = Repository("acme/shop", commits=[{"commit": {"message": "first"}}])
    found.milestone("v1", at=NOON)
    found.issue("One", labels=["Bug"], milestone=1, at=NOON)
    found.pull("Two", head="feat/x", at=NOON)
    return found


@pytest.fixture
def pay() -> Repository:
    return Repository("acme/pay")


@pytest.fixture
def sandbox(shop: Repository, pay: Repository) -> Iterator[Sandbox]:
    with Sandbox(World(github=[shop, pay], clock=Clock(NOON))) as running:
        yield running


@pytest.fixture
def client(sandbox: Sandbox) -> Iterator[Client]:
    with Client(sandbox.url) as found:
        yield found


def gate(client: Client, name: str = "acme/shop") -> Any:
    return client.query(asked([name]))["data"]["r0"]


def test_each_alias_answers_for_itself(client: Client, shop: Repository, pay: Repository) -> None:
    shop.rename("store")
    answer = client.query(asked(["acme/shop", "acme/none", "ACME/Pay"]))
    found = answer["data"]["r0"]
    assert (found["databaseId"], found["nameWithOwner"], found["viewerPermission"]) == (shop.id, "acme/store", "WRITE")
    assert found["defaultBranchRef"] == {"name": "main", "target": {"oid": shop.head}}
    assert [one["name"] for one in found["refs"]["nodes"]] == ["feat/x", "main"]
    assert found["issues"] == {"totalCount": 1, "nodes": [{"number": 1, "updatedAt": "2026-03-02T12:00:00Z"}]}
    assert found["pullRequests"]["nodes"][0]["number"] == 2
    assert [one["name"] for one in found["labels"]["nodes"]] == ["Bug"]
    assert found["milestones"]["totalCount"] == 1
    empty = answer["data"]["r2"]
    assert (empty["isEmpty"], empty["defaultBranchRef"], empty["pushedAt"]) == (True, None, None)
    assert answer["data"]["r1"] is None
    assert [(error["type"], error["path"]) for error in answer["errors"]] == [("NOT_FOUND", ["r1"])]
    pay.hide()
    assert [error["path"] for error in client.query(asked(["acme/store", "acme/pay"]))["errors"]] == [["r1"]]
    query = '{ repository(owner: "acme", name: "shop", followRenames: false) { id } }'
    assert client.query(query)["errors"][0]["type"] == "NOT_FOUND"


@pytest.mark.parametrize(
    ("edit", "moved"),
    [
        (("acme/shop/issues/1", {"comment": "Hello"}), {"issues"}),
        (("acme/shop/pulls/2", {"draft": True}), {"pullRequests"}),
        (("acme/shop/labels/bug", {"rename": "defect"}), {"labels"}),
        (("acme/shop/labels/bug", {"delete": True}), {"labels"}),
        (("acme/shop/milestones/1", {"due_on": "2026-05-01T07:00:00Z"}), {"milestones"}),
        (("acme/shop/commits", {"commits": ["second"]}), {"pushedAt", "updatedAt", "defaultBranchRef", "refs"}),
        (("acme/shop/branches", {"name": "next"}), {"pushedAt", "refs"}),
        (("acme/shop/branches", {"name": "feat/x", "delete": True}), {"pushedAt", "refs"}),
        (("acme/shop/tags", {"name": "v1.0"}), {"pushedAt"}),
        (("acme/shop", {"archived": True}), {"isArchived", "updatedAt"}),
        (("acme/shop", {"rename": "store"}), {"nameWithOwner", "updatedAt"}),
        (("acme/shop", {"default_branch": "feat/x"}), {"defaultBranchRef", "updatedAt"}),
        (("acme/shop/issues/1", {"delete": True}), {"issues"}),
        (("acme/shop/issues/1", {"transfer": "acme/pay"}), {"issues"}),
    ],
)
def test_what_a_person_does_moves_what_it_should(
    client: Client, sandbox: Sandbox, edit: tuple[str, object], moved: set[str]
) -> None:
    before = gate(client)
    sandbox.world.clock.advance(timedelta(minutes=1))
    client.person(*edit)
    after = gate(client)
    assert {name for name in before if before[name] != after[name]} == moved


def test_the_same_by_hand(client: Client, shop: Repository) -> None:
    sha = shop.branch("next")
    shop.default("next")
    shop.delete_branch("main")
    assert gate(client)["defaultBranchRef"] == {"name": "next", "target": {"oid": sha}}
    shop.block(1, shop.issue("Before").number)
    shop.unblock(1)
    assert shop.issues[1].blockers == []
    shop.remove()
    assert gate(client) is None


def test_a_server_describes_its_types(client: Client) -> None:
    query = '{ issue: __type(name: "Issue") { fields { name } } none: __type(name: "Nope") { name }'
    query += ' words: __type(name: "IssueTimelineItemsItemType") { kind enumValues { name } } }'
    answer = client.query(query)["data"]
    assert {"name": "blockedBy"} in answer["issue"]["fields"]
    assert {"name": "BLOCKED_BY_ADDED_EVENT"} in answer["words"]["enumValues"]
    assert (answer["none"], answer["words"]["kind"]) == (None, "ENUM")


def test_an_owner_lists_what_the_token_sees(client: Client, shop: Repository, pay: Repository) -> None:
    query = (
        '{ repositoryOwner(login: "Acme") { login repositories(first: 1, orderBy: {field: PUSHED_AT, direction: DESC}) '
        "{ totalCount nodes { nameWithOwner } pageInfo { hasNextPage endCursor } } } }"
    )
    found = client.query(query)["data"]["repositoryOwner"]["repositories"]
    assert (found["totalCount"], found["pageInfo"]["hasNextPage"]) == (2, True)
    pay.hide()
    assert client.query(query)["data"]["repositoryOwner"]["repositories"]["totalCount"] == 1
    shop.set(archived=True)
    query = '{ repositoryOwner(login: "acme") { repositories(first: 9, isArchived: false) { totalCount } } }'
    assert client.query(query)["data"]["repositoryOwner"]["repositories"]["totalCount"] == 0
    assert client.query('{ repositoryOwner(login: "nobody") { login } }') == {"data": {"repositoryOwner": None}}


def test_what_may_not_be_read_is_null_beside_an_error(client: Client, sandbox: Sandbox) -> None:
    account = sandbox.world.github.account
    account.denied = {"contents:read"}
    answer = client.query(asked(["acme/shop"]))
    assert (answer["data"]["r0"]["defaultBranchRef"], answer["data"]["r0"]["refs"]) == (None, None)
    assert {error["type"] for error in answer["errors"]} == {"FORBIDDEN"}
    account.denied = {"issues:read"}
    answer = client.query(asked(["acme/shop", "acme/pay"]))
    assert answer["data"]["r0"] is None, "its issues cannot be null, so it is"
    assert answer["errors"][0]["path"] == ["r0", "issues"]
    client.ask("GET", "/repos/acme/shop")


def test_a_repository_that_is_deleted_is_gone_under_every_name(client: Client, shop: Repository) -> None:
    shop.rename("store")
    client.person("acme/store", {"delete": True})
    for name in ("shop", "store"):
        client.ask("GET", f"/repos/acme/{name}", status=404)
    client.ask("GET", f"/repositories/{shop.id}", status=404)
    assert gate(client) is None


def test_a_tag_and_a_branch_are_refs_and_compare(client: Client, shop: Repository) -> None:
    old = str(shop.head)
    shop.tag("v1")
    shop.commit("second")
    query = '{ repository(owner: "acme", name: "shop") { tag: ref(qualifiedName: "refs/tags/v1") { name prefix '
    query += 'target { oid } } head: ref(qualifiedName: "main") { name prefix } gone: ref(qualifiedName: "x") { name }'
    query += ' refs(refPrefix: "refs/tags/", first: 5) { nodes { name } } } }'
    found = client.query(query)["data"]["repository"]
    assert found["tag"] == {"name": "v1", "prefix": "refs/tags/", "target": {"oid": old}}
    assert (found["head"]["prefix"], found["gone"]) == ("refs/heads/", None)
    assert found["refs"]["nodes"] == [{"name": "v1"}]
    assert client.ask("GET", "/repos/acme/shop/compare/v1...main")["ahead_by"] == 1
    client.person("acme/shop/branches", {"name": "main"}, status=400)
    client.person("acme/shop/branches", {"name": "main", "delete": True}, status=400)
    client.person("acme/shop", {"default_branch": "none"}, status=400)


def test_a_query_costs_what_its_connections_would(client: Client) -> None:
    first = client.query(asked(["acme/shop"]))["data"]["rateLimit"]
    assert (first["cost"], first["limit"], first["remaining"]) == (1, 5000, 4999)
    many = client.query(asked(["acme/shop"] * 100))["data"]["rateLimit"]
    assert (many["cost"], many["remaining"]) == (5, 4994), "five connections a repository"
    assert client.ask("GET", "/rate_limit")["resources"]["graphql"]["used"] == 6
    deep = (
        '{ repository(owner: "acme", name: "shop") { issues(first: 100) { nodes { labels(first: 100) { nodes { id } }'
    )
    deep += " subIssues(first: 100) { nodes { assignees(first: 100) { nodes { login } } } } } } } }"
    answer = client.query(deep)
    assert [error["type"] for error in answer["errors"]] == ["MAX_NODE_LIMIT_EXCEEDED"]
    assert "data" not in answer


def test_two_hundred_repositories_are_asked_in_two_requests() -> None:
    world = World(github=repositories(200, issues=20, commits=5), clock=Clock(NOON))
    names = list(world.github.repositories)
    with Sandbox(world) as running, Client(running.url) as client:
        for start in (0, 100):
            answer = client.query(asked(names[start : start + 100]))
            assert "errors" not in answer
