"""What GitHub refuses and why, answers that lead nowhere, and accounts side by side."""

from __future__ import annotations

import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from typing import Any

import pytest
from conformance import drain, start
from github_world import NO_QUERIES, Connect, push, read, write
from misbehaving import Loopback, reply

from okrsync.errors import AuthError, MalformedPage, RateLimited, Rejected, ToolError, Unavailable
from okrsync.model import ReferenceKind, Say, Slot, Surface, Write
from okrsync.sandbox import Sandbox
from okrsync.sandbox.github.repository import Repository

JSON = {"Content-Type": "application/json"}

# ── limits and refusals ──────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("fault", "least", "most"),
    [
        ({"kind": "secondary_limit"}, 60, 70),
        ({"kind": "secondary_limit", "status": 429}, 60, 70),
        ({"kind": "secondary_limit", "headers": {"Retry-After": "120"}}, 120, 130),
        ({"kind": "primary_limit", "seconds": 1800}, 1800, 1810),
        ({"kind": "primary_limit", "seconds": 1800, "status": 429}, 1800, 1810),
    ],
)
@pytest.mark.parametrize("path", [r".*/issues", r".*/graphql"])
def test_a_limit_is_waited_out_and_never_an_empty_list(
    fault: dict[str, Any], least: int, most: int, path: str, shop: Repository, hub: Sandbox, connect: Connect
) -> None:
    shop.commit("Begin")
    shop.pull("Pull", head="topic")
    source = connect()
    since = start(source)
    hub.fault(times=None, path=path, **fault)
    with pytest.raises(RateLimited) as caught:
        drain(source, since)
    asked = (caught.value.retry_at - datetime.now(UTC)).total_seconds()
    assert least - 2 <= asked <= most
    hub.faults.clear()
    assert len(read(connect(token="another"), since)[0]) == 2


def test_what_is_too_much_for_one_query_is_asked_in_halves(shop: Repository, hub: Sandbox, connect: Connect) -> None:
    shop.commit("Begin")
    for number in range(30):
        shop.pull(f"Pull {number}", head=f"topic-{number}")
    source = connect()
    since = start(source)
    hub.fault("answer", status=502, body="<html>", path=r".*/graphql", times=10)  # the whole, and its first half
    items, _ = read(source, since)
    assert {item.branch for item in items.values() if item.branch} == {f"topic-{number}" for number in range(30)}
    assert sum(one.path.endswith("/graphql") for one in hub.requests) == 1 + 5 + 5 + 2 + 1  # the gate before them


def test_a_query_over_which_github_broke_down_is_asked_in_halves(
    shop: Repository, hub: Sandbox, connect: Connect
) -> None:
    """With 200 and no data. To do without the answer would lose what the pull requests close, for good."""
    shop.commit("Begin")
    closed = [shop.issue(f"Issue {number}").number for number in range(20)]
    for number in closed:
        shop.pull(f"Pull {number}", head=f"topic-{number}", closes=[f"acme/shop#{number}"])
    source = connect()
    since = start(source)
    said = '{"data": null, "errors": [{"message": "Something went wrong while executing your query."}]}'
    broken = {"status": 200, "body": said, "headers": JSON, "path": r".*/graphql"}
    hub.fault("answer", times=None, **broken)
    with pytest.raises(Unavailable, match="Something went wrong"):
        drain(source, since)
    hub.faults.clear()
    hub.fault("answer", times=1, **broken)
    items, _ = read(source, since)
    assert sum(r.kind is ReferenceKind.CLOSES for item in items.values() for r in item.references) == 20


def test_what_a_query_is_refused_with_shows_no_token(shop: Repository, hub: Sandbox, connect: Connect) -> None:
    shop.commit("Begin")
    shop.pull("Pull", head="topic")
    source = connect(token="canary-0123456789")
    since = start(source)
    said = '{"errors": [{"type": "RATE_LIMITED", "message": "rate limit of canary-0123456789"}, {"message": 7}, null]}'
    hub.fault("answer", times=None, status=200, body=said, headers=JSON, path=r".*/graphql")
    with pytest.raises(RateLimited, match="rate limit of …") as caught:
        drain(source, since)
    assert "canary" not in str(caught.value)


def test_a_limit_of_queries_for_ever(shop: Repository, hub: Sandbox, connect: Connect) -> None:
    shop.commit("Begin")
    shop.pull("Pull", head="topic")
    source = connect()
    since = start(source)
    said = '{"errors": [{"type": "RATE_LIMITED", "message": "API rate limit exceeded"}]}'
    headers = {**JSON, "Retry-After": "1e300"}
    hub.fault("answer", times=None, status=200, body=said, headers=headers, path=r".*/graphql")
    with pytest.raises(RateLimited) as caught:
        drain(source, since)
    assert caught.value.retry_at.year == 9999


def test_one_repository_that_is_refused_stops_no_other(
    shop: Repository, plan: Repository, hub: Sandbox, connect: Connect
) -> None:
    shop.issue("Here")
    plan.issue("There")
    source = connect("acme/shop", "acme/plan")
    since = start(source)
    body = '{"message": "Resource not accessible by personal access token"}'
    hub.fault("answer", status=403, headers=JSON, body=body, path=r".*/acme/shop/issues", times=None)
    pages = list(source.pull(since))
    assert "Resource not accessible" in pages[-1].refused[str(shop.id)]
    assert [item.title for page in pages for item in page.items] == ["There"]
    assert {scope for page in pages for scope in page.cursors} == {str(plan.id)}


def test_a_limit_on_a_write_says_that_nothing_was_done(shop: Repository, hub: Sandbox, connect: Connect) -> None:
    issue = shop.issue("Issue")
    shop.label("okr-orphan")
    hub.fault("secondary_limit", method="POST", path=r".*/labels", times=None)
    with pytest.raises(RateLimited):
        push(connect(), write(shop, issue.number, Surface.LABEL, "okr-orphan", True))
    assert issue.labels == []


@pytest.mark.parametrize(
    ("headers", "words"),
    [
        ({"X-Accepted-GitHub-Permissions": "issues=read"}, "the token needs issues=read"),
        ({"X-GitHub-SSO": "required; url=https://github.com/orgs/acme/sso?x=1"}, "single sign-on"),
        ({"X-RateLimit-Limit": "0", "X-RateLimit-Remaining": "0", "X-RateLimit-Reset": "0"}, "Resource not"),
        ({}, "Resource not accessible"),
    ],
)
def test_a_missing_right_is_refused_and_says_what_it_takes(
    headers: dict[str, str], words: str, hub: Sandbox, connect: Connect
) -> None:
    """A server without limits says 0 of 0, which is no limit."""
    source = connect()
    since = start(source)
    body = '{"message": "Resource not accessible by personal access token"}'
    headers = {"Content-Type": "application/json", **headers}
    hub.fault("answer", status=403, headers=headers, body=body, path=r".*/issues", times=None)
    with pytest.raises(Rejected, match=words):
        drain(source, since)
    assert source.waits == []


def test_a_next_page_elsewhere_is_not_asked_for(loopback: Loopback, connect: Connect) -> None:
    repo = {"id": 1, "full_name": "acme/shop", "default_branch": "main"}
    link = '<https://evil.test/repositories/1/issues?page=2>; rel="next"'
    entries = [{"number": 1, "updated_at": None}]
    url = loopback.script(NO_QUERIES, reply(repo), reply([]), reply([]), reply(entries, Link=link))
    source = connect(url=url)
    with pytest.raises(MalformedPage, match=r"another host \(evil.test\)"):
        drain(source, start(source))


def test_a_next_page_that_is_no_address(loopback: Loopback, connect: Connect) -> None:
    pages = connect(url=loopback.script(reply([], Link='<http://[acme>; rel="next"')))._api.pages("/x")
    with pytest.raises(MalformedPage, match="no address"):
        next(pages)


def test_closing_references_that_page_in_a_circle(loopback: Loopback, connect: Connect) -> None:
    more = {"nodes": [], "pageInfo": {"hasNextPage": True, "endCursor": "x"}}
    node = {"id": "PR", "number": 1, "closingIssuesReferences": more}
    url = loopback.script(
        NO_QUERIES,
        reply({"id": 1, "full_name": "acme/shop"}),
        reply([]),
        reply([]),
        reply([{"number": 1, "node_id": "PR", "pull_request": {}}]),
        reply({"data": {"nodes": [node]}}),
        reply({"data": {"node": node}}),
    )
    source = connect(url=url)
    with pytest.raises(MalformedPage, match="in a circle"):
        drain(source, start(source))


def test_an_answer_that_is_still_worked_out_is_no_answer(loopback: Loopback, connect: Connect) -> None:
    url = loopback.script(NO_QUERIES, reply({"message": "try again"}, "202 Accepted"))
    with pytest.raises(Unavailable):
        connect(url=url).scopes()
    assert len(loopback.requests) == 2


JUNK: list[Any] = [
    None,
    7,
    "text",
    [],
    [None],
    {},
    {"data": None},
    {"data": {"nodes": 7, "repository": 7}},
    [{"number": "1"}],
    True,
]


@pytest.mark.parametrize("junk", JUNK, ids=str)
def test_junk_is_an_error_of_ours_or_nothing(junk: Any, loopback: Loopback, connect: Connect) -> None:
    repo = {"id": 10, "full_name": "acme/shop", "default_branch": "main"}
    where = {surface: Slot("github", "10#1", surface, "a" * 40) for surface in Surface}
    asks: list[Callable[[Any], Any]] = [
        lambda it: it.check(),
        lambda it: it.scopes(),
        lambda it: drain(it, {"10": None}),
        lambda it: list(it.fetch(["10#1", f"10@{'a' * 40}"])),
        *(lambda it, slot=slot: it.read([slot]) for slot in where.values()),
        *(lambda it, slot=slot: it.push([Write(slot, "k", "u", None, "x", Say("why"))]) for slot in where.values()),
    ]
    for ask in asks:
        loopback.requests.clear()
        source = connect(url=loopback.script(NO_QUERIES, reply(repo), reply(junk)))
        try:
            ask(source)
        except ToolError:
            continue


# ── one account beside another ───────────────────────────────────────────────────────────────────────────────────────


def test_threads_and_accounts_never_meet(hub: Sandbox, connect: Connect) -> None:
    """Sixteen threads over two sources of one host, of which one has a token that is refused."""
    names = [f"acme/repo-{number}" for number in range(8)]
    for name in names:
        repository = Repository(name)
        hub.world.github.add(repository)
        repository.issue(f"Only in {name}")
    good, bad = connect(*names), connect(*names, token="bad")
    scopes = {scope.id: scope.key for scope in good.scopes()}

    def ask(turn: int) -> None:
        scope, name = list(scopes.items())[turn % 8]
        if turn % 3:
            (item,) = good.fetch([f"{scope}#1"])
            assert item.title == f"Only in {name}"
            assert {one.project for one in drain(good, {scope: None})[0]} == {name}
        else:
            with pytest.raises(AuthError):
                bad.check()

    switch = sys.getswitchinterval()
    sys.setswitchinterval(1e-5)
    try:
        with ThreadPoolExecutor(16) as pool:
            list(pool.map(ask, range(120)))
    finally:
        sys.setswitchinterval(switch)


def test_what_is_remembered_belongs_to_one_token(shop: Repository, hub: Sandbox, connect: Connect) -> None:
    shop.issue("Issue")
    for token, status in (("one", 200), ("one", 304), ("two", 200), ("two", 304), ("one", 304)):
        items = list(connect(token=token).fetch([f"{shop.id}#1"]))
        assert [item.title for item in items] == ["Issue"]
        (asked,) = [one for one in hub.requests if one.path.endswith(f"/repositories/{shop.id}")]
        assert asked.status == status
        hub.clear_requests()
