"""What may not be read is told and refused, by name as by pattern, and is never taken for nothing."""

from __future__ import annotations

from datetime import timedelta

import pytest
from conformance import start
from github_world import NO_QUERIES, Connect, Since, read
from misbehaving import Loopback, reply

from okrsync.errors import MalformedPage, RateLimited, Rejected, ToolError
from okrsync.model import Surface
from okrsync.sandbox import Sandbox
from okrsync.sandbox.github.repository import Repository

WHERE = "check the url of this source: https://api.github.com, or https://HOST/api/v3 of an Enterprise Server"
ENTRIES = [("acme/shop", "acme/plan"), ("acme/*",), ("acme/shop", "acme/pl*")]
JSON = {"Content-Type": "application/json"}
LACKS = [
    ("contents:read", "commits", "commits cannot be read"),
    ("issues:read", "issues", "issues cannot be read"),
    ("pull_requests:read", "pull_requests", "pull requests cannot be read"),
]


@pytest.fixture(autouse=True)
def _work(shop: Repository, plan: Repository, hub: Sandbox) -> None:
    for repository in (shop, plan):
        repository.commit("Begin")
        repository.issue("Issue")
        repository.pull("Pull", head="topic", commits=["Work"])
    hub.world.clock.advance(timedelta(days=1))


@pytest.mark.parametrize("entries", ENTRIES)
@pytest.mark.parametrize("branches", [(), ("main",), ("mai*",)])
@pytest.mark.parametrize("known", [False, True])
def test_a_repository_whose_commits_may_not_be_read_is_refused(
    entries: tuple[str, ...], branches: tuple[str, ...], known: bool, plan: Repository, hub: Sandbox, connect: Connect
) -> None:
    """Whether it was read before or not. Once the right is given, the commits come."""
    source = connect(*entries, branches=branches)
    since: Since = read(source)[1] if known else start(source)
    if known:
        plan.commit("News")
    hub.world.github.account.denied |= {"contents:read"}
    for scope in source.scopes():
        with pytest.raises(Rejected, match=r"/branches.*answered 403: Resource not accessible.*needs contents=read"):
            list(source.pull({scope.id: since.get(scope.id)}))
    hub.world.github.account.denied.clear()
    source.scopes()
    items, _ = read(source, since)
    assert plan.head in items


def test_one_whose_commits_may_not_be_read_stops_no_other(
    shop: Repository, plan: Repository, hub: Sandbox, connect: Connect
) -> None:
    hub.fault(
        "answer",
        status=403,
        body='{"message": "Resource not accessible by personal access token"}',
        headers=JSON,
        path=r".*/acme/plan/branches.*",
        times=None,
    )
    error = {"type": "FORBIDDEN", "path": ["r0", "defaultBranchRef"], "message": "Resource not accessible"}
    none = {"totalCount": 0, "nodes": []}
    node = {"databaseId": plan.id, "nameWithOwner": "acme/plan", "defaultBranchRef": None, "issues": none}
    body = str({"data": {"r0": node, "r1": 0}, "errors": [error]}).replace("'", '"').replace("None", "null")
    source = connect("acme/plan", "acme/shop")
    hub.fault("answer", status=200, body=body, headers=JSON, path=r".*/graphql")
    pages = list(source.pull(start(source)))
    assert {identity for page in pages for identity in page.refused} == {str(plan.id)}
    assert {item.key for page in pages for item in page.items} >= {"acme/shop#1", shop.head}


@pytest.mark.parametrize("entries", ENTRIES)
@pytest.mark.parametrize(("denied", "name", "words"), LACKS)
def test_what_may_not_be_read_is_told_of_each_repository(
    entries: tuple[str, ...], denied: str, name: str, words: str, hub: Sandbox, connect: Connect
) -> None:
    """By pattern too, where GitHub gives nothing of a repository of which it refuses the issues."""
    hub.world.github.account.denied |= {denied}
    account = connect(*entries).check()
    said = "Resource not accessible by personal access token"
    assert {lack.text for lack in account.lacks} == {f"acme/{one}: {words} ({said})" for one in ("shop", "plan")}
    assert {right for right, has in account.rights.items() if not has} == {
        f"acme/{one} {name}" for one in ("shop", "plan")
    }


def test_a_person_s_repository_that_no_listing_gives_is_asked_for_by_name(hub: Sandbox, connect: Connect) -> None:
    """Without queries GitHub lists the public ones of a person only."""
    hub.world.github.account.denied |= {"contents:read"}
    for path in (r".*/orgs/acme/repos", r".*/users/acme/repos"):
        body = "[]" if "users" in path else '{"message": "Not Found"}'
        status = 200 if "users" in path else 404
        hub.fault("answer", status=status, body=body, headers=JSON, path=path, times=None)
    source = connect("acme/*")
    assert sorted(scope.key for scope in source.scopes()) == ["acme/plan", "acme/shop"]
    with pytest.raises(Rejected, match="needs contents=read"):
        read(source)


def test_a_person_s_repositories_that_have_no_name_are_told(
    plan: Repository, shop: Repository, hub: Sandbox, connect: Connect
) -> None:
    """Of one whose issues are refused a query gives nothing, and GitHub lists the public ones of a person only."""
    hub.world.github.account.denied |= {"issues:read"}
    public = f'[{{"id": {plan.id}, "full_name": "acme/plan"}}]'
    for path, status, body in ((r".*/orgs/acme/repos", 404, "{}"), (r".*/users/acme/repos", 200, public)):
        hub.fault("answer", status=status, body=body, headers=JSON, path=path, times=None)
    scopes = connect("acme/*").scopes()
    assert [(scope.key, scope.readable) for scope in scopes] == [("acme/*", False), ("acme/plan", True)]
    assert scopes[0].why.startswith("GitHub does not name 1 of the repositories of acme: Resource not accessible")
    assert [scope.readable for scope in connect("acme/*", "acme/nothing", "acme/pla?").scopes()] == [
        False,
        True,
        False,
        False,
    ]


def test_a_classic_token_is_told_its_scope_once_for_reading_and_once_for_writing(
    hub: Sandbox, connect: Connect
) -> None:
    hub.world.github.account.scopes = ""
    account = connect().check()
    assert account.rights["scope:repo"] is False
    assert [(lack.text, lack.surfaces) for lack in account.lacks] == [
        ("the token lacks the scope repo: public repositories only", frozenset()),
        ("the token lacks the scope repo: nothing can be written", frozenset({*Surface} & connect().surfaces())),
    ]


def test_a_limit_of_queries_names_its_time(hub: Sandbox, connect: Connect) -> None:
    hub.fault("primary_limit", seconds=1800, path=r".*/graphql", times=None)
    with pytest.raises(RateLimited, match=r"asked to wait until (\d{4}-\d\d-\d\d \d\d:\d\d:\d\d) UTC") as caught:
        connect().scopes()
    assert f"{caught.value.retry_at:%Y-%m-%d %H:%M:%S}" in str(caught.value)


# ── an address that is not that of the API ───────────────────────────────────────────────────────────────────────────


def test_an_address_behind_which_there_is_nothing(hub: Sandbox, connect: Connect) -> None:
    source = connect("acme/shop", "acme/*", url=hub.url)
    with pytest.raises(Rejected, match=WHERE):
        source.check()
    assert all(WHERE in scope.why for scope in source.scopes())


def test_an_address_of_pages_for_people(loopback: Loopback, connect: Connect) -> None:
    page = reply({}, **{"Content-Type": "text/html"})
    source = connect(url=loopback.script(page))
    with pytest.raises(MalformedPage, match=WHERE):
        source.scopes()


def test_a_page_for_people_in_the_middle_is_no_matter_of_the_address(loopback: Loopback, connect: Connect) -> None:
    row = reply({"id": 1, "full_name": "acme/shop", "default_branch": "main"})
    source = connect(url=loopback.script(NO_QUERIES, row, reply({}, **{"Content-Type": "text/html"})))
    (scope,) = source.scopes()
    with pytest.raises(ToolError) as caught:
        list(source.pull({scope.id: None}))
    assert WHERE not in str(caught.value)


def test_a_repository_that_is_hidden_is_no_matter_of_the_address(
    shop: Repository, hub: Sandbox, connect: Connect
) -> None:
    hub.fault("answer", status=404, body="{}", path=r".*/graphql", times=None)
    shop.hide()
    (scope,) = connect().scopes()
    assert scope.why.endswith("/repos/acme/shop answered 404: Not Found")
