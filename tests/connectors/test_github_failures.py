"""What other connectors to GitHub failed on, case by case (the numbers are those of the facts on GitHub, section 3)."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from conformance import drain, start
from github_world import NO_QUERIES, Connect, push, read, references, write
from misbehaving import Loopback, reply

from okrsync.errors import MalformedPage, RateLimited, Rejected, Unavailable
from okrsync.model import Item, ReferenceKind, Surface
from okrsync.sandbox import Sandbox
from okrsync.sandbox.github.repository import Repository

JSON = {"Content-Type": "application/json"}
GRAPHQL = r".*/graphql"


def test_github_failure_01_a_transferred_or_deleted_issue_stops_no_batch(
    shop: Repository, plan: Repository, connect: Connect
) -> None:
    for number in range(60):
        shop.issue(f"Issue {number}")
    shop.delete(7)
    shop.transfer(8, plan)
    source = connect("acme/shop", "acme/plan")
    ids = [f"{shop.id}#{number}" for number in range(1, 61)]
    assert len(list(source.fetch(ids))) == len(list(source.history(ids))) == 58
    items, _ = read(source)
    assert len(items) == 59  # the transferred one is there under its new number, once
    assert items["acme/plan#1"].title == "Issue 7"


def test_github_failure_02_a_server_without_limits_says_nothing_is_left(
    shop: Repository, hub: Sandbox, connect: Connect
) -> None:
    shop.issue("Issue")
    nothing = {"X-RateLimit-Limit": "0", "X-RateLimit-Remaining": "0", "X-RateLimit-Reset": "0"}
    source = connect()
    since = start(source)
    hub.fault("answer", status=200, headers=JSON | nothing, body="[]", path=r".*/issues", times=1)
    assert drain(source, since)[0] == []
    hub.fault("answer", status=403, headers=JSON | nothing, body='{"message": "No"}', path=r".*/issues", times=1)
    with pytest.raises(Rejected):
        drain(source, start(source))
    assert len(read(source)[0]) == 1
    assert source.waits == []


def test_github_failure_03_a_user_that_is_gone_costs_no_other_item(
    shop: Repository, hub: Sandbox, connect: Connect
) -> None:
    """A query answers with errors beside its data; only what is null is missing."""
    for number in range(5):
        shop.issue(f"Issue {number}")
    source = connect()
    ids = [f"{shop.id}#{number}" for number in range(1, 6)]
    assert len(list(source.fetch(ids))) == 5
    node = '{"__typename": "Issue", "id": "I", "number": %d, "title": "T", "author": null}'
    nodes = ", ".join(f'"n{number}": {node % number}' for number in range(1, 5))
    error = '{"type": "NOT_FOUND", "path": ["repository", "n3", "author"], "message": "Could not resolve to a User"}'
    body = f'{{"data": {{"repository": {{{nodes}, "n5": null}}}}, "errors": [{error}]}}'
    hub.fault("answer", status=200, headers=JSON, body=body, path=GRAPHQL, times=1)
    items = list(source.fetch(ids))
    assert [item.title for item in items] == ["T", "T", "T", "T", "Issue 4"]  # the fifth was asked for by itself
    assert items[2].author == "ghost"


def test_github_failure_04_pages_that_time_out_are_made_smaller(
    shop: Repository, hub: Sandbox, connect: Connect
) -> None:
    shop.commit("Begin")
    for number in range(40):
        shop.pull(f"Pull {number}", head=f"topic-{number}", draft=True)
        shop.edit(number + 1, draft=False)
    source = connect()
    since = start(source)
    hub.fault("answer", status=504, body="<html>", path=GRAPHQL, times=10)
    items, _ = read(source, since)
    assert {item.branch for item in items.values() if item.branch} == {f"topic-{number}" for number in range(40)}
    ids = [item.remote_id for item in items.values() if item.branch]
    list(source.history(ids[:1]))
    hub.fault("answer", status=504, body="<html>", path=GRAPHQL, times=5)
    assert all(history.changes for history in source.history(ids))


def test_github_failure_05_a_label_that_was_taken_off_is_off(shop: Repository, hub: Sandbox, connect: Connect) -> None:
    shop.issue("Issue", labels=["okr:KR-A", "bug"])
    source = connect()
    items, since = read(source)
    hub.world.clock.advance(timedelta(minutes=1))
    shop.edit(1, labels=["bug"])
    source.scopes()
    (item,), _ = drain(source, since)
    assert (items["acme/shop#1"].labels, item.labels) == (("okr:KR-A", "bug"), ("bug",))


def test_github_failure_06_no_inner_page_is_cut(shop: Repository, connect: Connect) -> None:
    shop.commit("Begin")
    closes = [f"acme/shop#{shop.issue(f'Issue {number}').number}" for number in range(45)]
    pull = shop.pull("Pull", head="topic", closes=closes, labels=[f"label-{number}" for number in range(120)])
    source = connect()
    items, _ = read(source)
    item = items[f"acme/shop#{pull.number}"]
    assert references(item, ReferenceKind.CLOSES) == closes
    assert len(item.labels) == 120
    assert list(source.fetch([item.remote_id])) == [item]


def test_github_failure_07_a_nul_in_a_text_is_cleaned(loopback: Loopback, connect: Connect) -> None:
    entry = {"number": 1, "title": "Ti\x00tle", "body": "Bo\x00dy", "updated_at": "2026-03-01T00:00:00Z"}
    url = loopback.script(NO_QUERIES, reply({"id": 10, "full_name": "acme/shop"}), reply([]), reply([]), reply([entry]))
    (item,) = read(connect(url=url))[0].values()
    assert (item.title, item.body) == ("Title", "Body")


def test_github_failure_08_no_page_is_asked_for_by_its_number(shop: Repository, hub: Sandbox, connect: Connect) -> None:
    for number in range(350):
        hub.world.clock.advance(timedelta(seconds=7))
        shop.issue(f"Issue {number}")
    source = connect()
    assert len(read(source)[0]) == 350
    assert sum(one.path.endswith("/issues") for one in hub.requests) == 4
    assert not any("page=2" in one.query or "after=" in one.query for one in hub.requests)


@pytest.mark.parametrize("end", ['"x"', "null"])
def test_github_failure_09_a_broken_cursor_is_an_error_not_a_loop(end: str, hub: Sandbox, connect: Connect) -> None:
    page = f'{{"nodes": [], "pageInfo": {{"hasNextPage": true, "endCursor": {end}}}}}'
    body = f'{{"data": {{"repositoryOwner": {{"repositories": {page}}}}}}}'
    hub.fault("answer", status=200, headers=JSON, body=body, path=GRAPHQL, times=None)
    with pytest.raises(MalformedPage, match="circle"):
        connect("acme/*").scopes()
    assert len(hub.requests) <= 3


def test_github_failure_10_commits_that_are_older_than_the_cursor_come(
    shop: Repository, hub: Sandbox, connect: Connect
) -> None:
    """Merged late, or on a branch that is configured later: each branch has a cursor of its own."""
    shop.commit("Begin")
    shop.push(["Early work"], branch="topic", at=hub.world.clock() - timedelta(days=90))
    shop.push(["Released"], branch="release/1", at=hub.world.clock() - timedelta(days=60))
    hub.world.clock.advance(timedelta(days=1))
    source = connect()
    _, since = read(source)
    shop.merge(shop.pull("Topic", head="topic").number)
    source.scopes()
    items, since = drain(source, since)
    assert "Early work" in {item.title for item in items}
    later = connect(branches=("main", "release/*"))
    later.scopes()
    assert "Released" in {item.title for item in drain(later, since)[0]}


@pytest.mark.parametrize("queries", [True, False])
def test_github_failure_11_an_empty_repository_stops_nothing(
    queries: bool, shop: Repository, plan: Repository, hub: Sandbox, connect: Connect
) -> None:
    shop.empty()
    plan.commit("Begin")
    plan.issue("Issue")
    if not queries:
        hub.fault("answer", status=404, headers=JSON, body="{}", path=GRAPHQL, times=None)
    source = connect("acme/shop", "acme/plan")
    items, since = read(source)
    assert len(items) == 2
    (scope, _) = source.scopes()
    assert list(source.census(scope)) == []
    assert list(source.fetch([f"{shop.id}@{'0' * 40}"])) == []
    shop.issue("First")
    source.scopes()
    assert [item.title for item in drain(source, since)[0] if item.project == "acme/shop"] == ["First"]


def test_github_failure_12_accounts_that_are_gone(loopback: Loopback, connect: Connect) -> None:
    entries = [
        {"number": 1, "title": "A", "updated_at": "2026-03-01T00:00:00Z", "user": None, "assignee": None},
        {"number": 2, "title": "B", "updated_at": "2026-03-01T00:00:00Z", "user": {}, "assignees": [None]},
    ]
    commit = {"sha": "a" * 40, "author": None, "committer": None, "commit": {"message": "C", "author": None}}
    url = loopback.script(
        NO_QUERIES,
        reply({"id": 10, "full_name": "acme/shop", "default_branch": "main"}),
        reply([]),
        reply([]),
        reply(entries),
        reply({"name": "main", "commit": {"sha": "a" * 40}}),
        reply([commit]),
    )
    source = connect(url=url)
    items, _ = read(source)
    assert {item.title: item.author for item in items.values()} == {"A": "ghost", "B": "ghost", "C": "ghost"}


def test_github_failure_13_a_502_that_comes_back_ends_the_cycle_and_loses_nothing(
    shop: Repository, hub: Sandbox, connect: Connect
) -> None:
    for number in range(250):
        hub.world.clock.advance(timedelta(minutes=1))
        shop.issue(f"Issue {number}")
    source = connect()
    since = start(source)
    held: list[Item] = []
    hub.fault("answer", status=502, body="<html>", path=r".*/issues", skip=1, times=None)
    pages = source.pull(since)
    page = next(pages)
    held += page.items
    since = {**since, **page.cursors}
    with pytest.raises(Unavailable):
        next(pages)
    assert len(held) == 100
    hub.faults.clear()
    hub.fault("answer", status=502, body="<html>", path=r".*/issues", times=3)
    held += drain(source, since)[0]
    assert {item.key for item in held} == {f"acme/shop#{number}" for number in range(1, 251)}


@pytest.mark.parametrize("status", [403, 429])
def test_github_failure_14_a_secondary_limit_is_never_an_empty_stream(
    status: int, shop: Repository, hub: Sandbox, connect: Connect
) -> None:
    shop.push(["Begin"])
    shop.issue("Issue")
    source = connect()
    since = start(source)
    for path in (r".*/issues", r".*/commits"):
        hub.fault("secondary_limit", status=status, path=path, times=None)
        with pytest.raises(RateLimited) as caught:
            drain(source, since)
        assert caught.value.retry_at > datetime.now(UTC) + timedelta(seconds=50)
        hub.faults.clear()
        source._api._transport._quota.lift()


def test_github_failure_15_a_part_of_the_quota_is_left_to_people(
    shop: Repository, hub: Sandbox, connect: Connect
) -> None:
    """And a request that fails is tried a few times, not for days."""
    hub.world.github.limits.allowed["core"] = 50
    for number in range(3000):
        shop.issue(f"Issue {number}", at=hub.world.clock() + timedelta(seconds=number))
    hub.world.clock.advance(timedelta(days=1))
    source = connect()
    (scope,) = source.scopes()
    assert len(list(source.census(scope))) == 3000
    with pytest.raises(RateLimited, match=r"4 of 50 requests \(core\) are left until .* 10% are kept for others"):
        list(source.census(scope))
    with pytest.raises(RateLimited):
        drain(source, {scope.id: None})
    assert hub.world.github.limits.budget("good", "core").left == 4
    hub.fault("answer", status=500, path=GRAPHQL, times=None)
    hub.clear_requests()
    with pytest.raises(Unavailable):
        source.scopes()
    assert len(hub.requests) == 5


def test_github_failure_16_two_at_once_leave_one_comment(shop: Repository, connect: Connect) -> None:
    """okrsync takes no webhooks yet and holds a lock while it writes; should two write all the same, the next write
    leaves one comment, and what both read is one item."""
    issue = shop.issue("Issue")
    pushed = write(shop, issue.number, Surface.COMMENT, "acme", "KR-UX: 50 %")
    sources = [connect() for _ in range(4)]
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda source: push(source, pushed), sources))
    assert push(connect(), pushed).value == "KR-UX: 50 %"
    later = write(shop, issue.number, Surface.COMMENT, "acme", "KR-UX: 60 %")
    push(sources[0], later)
    assert len(issue.comments) == 1
    assert len({item.remote_id for source in sources for item in read(source)[0].values()}) == 1


def test_github_failure_17_an_etag_of_another_token_is_only_a_miss(
    shop: Repository, hub: Sandbox, connect: Connect
) -> None:
    shop.issue("Issue", labels=["bug"])
    for token in ("one", "two", "one"):
        source = connect(token=token)
        (item,) = source.fetch([f"{shop.id}#1"])
        assert item.labels == ("bug",)
    statuses = [one.status for one in hub.requests if one.path.endswith(f"/repositories/{shop.id}")]
    assert statuses == [200, 200, 304]


@pytest.mark.parametrize("link", ["http://replica.test:8080{path}", "https://{host}{path}", "http://127.0.0.1:9{path}"])
def test_github_failure_18_a_server_that_names_itself_otherwise_is_told_so(
    link: str, loopback: Loopback, connect: Connect
) -> None:
    """Behind a proxy, say: an error that names the setting, and no token goes elsewhere or in clear text."""
    repo = {"id": 1, "full_name": "acme/shop", "default_branch": "main"}
    address = link.format(host=loopback.url.partition("//")[2], path="/api/v3/repositories/1/labels?page=2")
    url = loopback.script(NO_QUERIES, reply(repo), reply([], Link=f'<{address}>; rel="next"'))
    source = connect(url=f"{url}/api/v3")
    since = start(source)
    sent = len(loopback.requests)
    with pytest.raises(MalformedPage, match="the url of this source must be the one that GitHub gives itself"):
        drain(source, since)
    assert len(loopback.requests) == sent + 1


def test_github_failure_19_threads_get_their_own_answers(hub: Sandbox, connect: Connect) -> None:
    names = [f"acme/repo-{number}" for number in range(6)]
    for name in names:
        repository = Repository(name)
        hub.world.github.add(repository)
        repository.issue(f"Only in {name}")
    source = connect(*names)
    scopes = {scope.id: scope.key for scope in source.scopes()}

    def ask(turn: int) -> bool:
        scope, name = list(scopes.items())[turn % 6]
        (item,) = source.fetch([f"{scope}#1"])
        return bool(item.title == f"Only in {name}")

    with ThreadPoolExecutor(8) as pool:
        assert all(pool.map(ask, range(64)))


def test_github_failure_20_pages_without_a_last_and_milestones_with_another_name(
    shop: Repository, hub: Sandbox, loopback: Loopback, connect: Connect
) -> None:
    repo: dict[str, Any] = {"id": 1, "full_name": "acme/shop"}
    entries = [[{"number": number, "updated_at": "2026-03-01T00:00:00Z"}] for number in (1, 2, 3)]
    url = loopback.script(NO_QUERIES)
    following = [f'<{url}/repositories/1/issues?after=C{number}>; rel="next"' for number in (1, 2)]
    pages = [reply(entries[0], Link=following[0]), reply(entries[1], Link=following[1]), reply(entries[2])]
    loopback.script(NO_QUERIES, reply(repo), *pages)
    source = connect(url=url)
    (scope,) = source.scopes()
    assert list(source.census(scope)) == ["1#1", "1#2", "1#3"]

    milestone = shop.milestone("v1")
    shop.issue("Issue", milestone=milestone.number)
    source = connect()
    items, since = read(source)
    shop.edit_milestone(milestone.number, title="v2")
    source.scopes()
    (item,), _ = drain(source, since)
    assert references(item, ReferenceKind.MEMBER) == references(items["acme/shop#1"], ReferenceKind.MEMBER)
    assert item.references[0].evidence == "v2"
