"""Search as people use it, its own limit, and the budgets as each place tells them."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from github_client import Client

from okrsync.sandbox import Sandbox, World
from okrsync.sandbox.clock import Clock
from okrsync.sandbox.github.repository import Repository

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    """acme/shop: #1 open bug in v1, #2 closed as not planned, #3 a merged and #4 a draft pull request; bob/lab: #1."""
    shop = Repository("acme/shop", commits=[{"commit": {"message": "first"}}])
    shop.milestone("v 1", at=NOON)
    shop.issue(
        "Pay by card", labels=["Bug", "tech debt"], milestone=1, assignees=["ada"], type="Bug", by="ada", at=NOON
    )
    shop.issue("Refund", body="no card", at=NOON - timedelta(days=10))
    shop.edit(2, state="closed", state_reason="not_planned", at=NOON - timedelta(days=1))
    shop.pull("Card form", head="a", commits=["x"], by="bo", at=NOON)
    shop.merge(3, at=NOON)
    shop.pull("Later", head="b", draft=True, by="dependabot[bot]", at=NOON)
    lab = Repository("bob/lab", repo={"private": True})
    lab.issue("Card reader", at=NOON)
    with Sandbox(World(github=[shop, lab], clock=Clock(NOON))) as running:
        yield running


@pytest.fixture
def client(sandbox: Sandbox) -> Iterator[Client]:
    with Client(sandbox.url) as found:
        yield found


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("repo:acme/shop is:issue", {"shop#1", "shop#2"}),
        ("org:acme is:pr", {"shop#3", "shop#4"}),
        ("user:acme type:pr is:merged", {"shop#3"}),
        ("card", {"shop#1", "shop#2", "shop#3", "lab#1"}),
        ("card -repo:bob/lab", {"shop#1", "shop#2", "shop#3"}),
        ('"pay by"', {"shop#1"}),
        ("is:issue state:closed reason:not_planned", {"shop#2"}),
        ('reason:"not planned"', {"shop#2"}),
        ('is:open label:"tech debt"', {"shop#1"}),
        ("is:open label:BUG,missing", {"shop#1"}),
        ("is:issue -label:bug repo:acme/shop", {"shop#2"}),
        ("no:label is:issue org:acme", {"shop#2"}),
        ('milestone:"v 1"', {"shop#1"}),
        ("author:app/dependabot", {"shop#4"}),
        ("assignee:ADA type:bug", {"shop#1"}),
        ("is:draft", {"shop#4"}),
        ("is:private", {"lab#1"}),
        ("created:<2026-03-01 repo:acme/shop", {"shop#2"}),
        ("created:>=2026-03-02 is:issue org:acme", {"shop#1"}),
        ("created:>2026-03-02 org:acme", set()),
        ("closed:2026-03-01", {"shop#2"}),
        ("updated:2026-03-01..2026-03-02 is:issue org:acme", {"shop#1", "shop#2"}),
        ("created:*..2026-02-28 org:acme", {"shop#2"}),
        ("repo:acme/none repo:acme/shop is:draft", {"shop#4"}),
    ],
)
def test_what_a_search_finds(client: Client, query: str, found: set[str]) -> None:
    answer = client.ask("GET", "/search/issues", q=query)
    names = {f"{one['repository_url'].rpartition('/')[2]}#{one['number']}" for one in answer["items"]}
    assert (names, answer["total_count"], answer["incomplete_results"]) == (found, len(found), False)


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ("", "missing"),
        ("repo:acme/none", "do not have permission to view them"),
        ("is:issue OR is:pr", "does not search with OR"),
        ("(is:issue)", "does not search with (is:issue)"),
        ("involves:ada", "does not search with involves:ada"),
        ("created:yesterday", "not a recognized date"),
        ("x" * 257, "longer than 256"),
    ],
)
def test_a_search_that_cannot_be_made_is_refused(client: Client, query: str, words: str) -> None:
    assert words in str(client.ask("GET", "/search/issues", status=422, q=query))


def test_a_search_pages_and_may_be_incomplete(client: Client, sandbox: Sandbox) -> None:
    answer = client.send_to("GET", "/search/issues", q="org:acme", per_page=3, sort="created", order="asc")
    assert answer.json()["items"][0]["number"] == 2
    assert len(client.ask("GET", answer.links["next"]["url"])["items"]) == 1
    sandbox.fault("incomplete_search")
    answer = client.ask("GET", "/search/issues", q="org:acme")
    assert (answer["total_count"], answer["incomplete_results"]) == (2, True)
    client.ask("GET", "/search/issues", status=422, q="org:acme", per_page=100, page=11)


def test_each_resource_has_its_own_budget_told_alike_everywhere(client: Client, sandbox: Sandbox) -> None:
    for _ in range(30):
        answer = client.send_to("GET", "/search/issues", q="card")
    told = answer.headers
    assert (told["X-RateLimit-Resource"], told["X-RateLimit-Limit"], told["X-RateLimit-Remaining"]) == (
        "search",
        "30",
        "0",
    )
    client.ask("GET", "/search/issues", status=403, q="card")
    client.ask("GET", "/repos/acme/shop")
    client.query("{ viewer { login } }")
    resources = client.ask("GET", "/rate_limit")["resources"]
    assert {name: one["remaining"] for name, one in resources.items()} == {"core": 4999, "search": 0, "graphql": 4999}
    assert str(resources["search"]["reset"]) == told["X-RateLimit-Reset"]
    sandbox.world.clock.advance(timedelta(minutes=1))
    client.ask("GET", "/search/issues", q="card")


def test_what_github_tells_of_a_token(client: Client, sandbox: Sandbox) -> None:
    first = client.send_to("GET", "/user").headers
    assert first["X-OAuth-Scopes"] == "repo, read:org"
    assert "GitHub-Authentication-Token-Expiration" not in first
    end = (NOON + timedelta(days=1)).isoformat()
    client.person("account", {"scopes": None, "expires_at": end, "denied": ["issues:read", "contents:read"]})
    told = client.send_to("GET", "/user").headers
    assert told["GitHub-Authentication-Token-Expiration"] == "2026-03-03 12:00:00 UTC"
    assert "X-OAuth-Scopes" not in told
    for path, needs in (("issues", "issues=read"), ("commits", "contents=read"), ("branches", "contents=read")):
        refused = client.send_to("GET", f"/repos/acme/shop/{path}")
        assert (refused.status_code, refused.headers["X-Accepted-GitHub-Permissions"]) == (403, needs)
    client.ask("GET", "/repos/acme/shop")
    client.person("account", {"expires_at": "2026-03-03T12:00:00"}, status=400)
    sandbox.world.clock.advance(timedelta(days=1))
    client.ask("GET", "/user", status=401)
