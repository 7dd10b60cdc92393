"""The stand-in GitHub behaves as the real one: paging over a live order, tags, redirects, limits, merges, folders."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from github_client import Client

from okrsync.errors import UsageError
from okrsync.sandbox import Sandbox, World
from okrsync.sandbox.clock import Clock
from okrsync.sandbox.github.closing import closed_by
from okrsync.sandbox.github.repository import Repository

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
SHOP = "/repos/acme/shop"


def many(count: int) -> Repository:
    """So many issues, a second apart."""
    times = [(NOON - timedelta(seconds=count - place)).isoformat() for place in range(count)]
    issues = [{"number": place + 1, "created_at": at, "updated_at": at} for place, at in enumerate(times)]
    return Repository("acme/shop", issues=issues)


@pytest.fixture
def shop() -> Repository:
    """#1 and #2 issues, #3 a pull request into main that closes #2; a milestone; two commits on main."""
    found = Repository("acme/shop", commits=[{"commit": {"message": "second"}}, {"commit": {"message": "first"}}])
    found.milestone("v1", at=NOON)
    found.issue("One", labels=["Bug"], milestone=1, at=NOON)
    found.issue("Two", at=NOON)
    found.pull("Three", head="feat/x", body="Fixes #2", commits=["work"], at=NOON)
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


# ── paging ──


@pytest.fixture
def crowd() -> Iterator[tuple[Client, Repository, Sandbox]]:
    repository = many(60)
    with Sandbox(World(github=[repository], clock=Clock(NOON))) as running, Client(running.url) as found:
        yield found, repository, running


def numbers(page: list[Any]) -> list[int]:
    return [issue["number"] for issue in page]


def drifting(repository: Repository, clock: Clock) -> Callable[[], None]:
    """Edits the oldest three, as others do while somebody reads."""
    left = iter(list(range(1, 60)))

    def edit() -> None:
        clock.advance(timedelta(seconds=1))
        for _ in range(3):
            number = next(left)
            repository.edit(number, title=f"Edited {number}")

    return edit


def test_pages_by_number_lose_what_moves_and_the_since_walk_does_not(
    crowd: tuple[Client, Repository, Sandbox],
) -> None:
    client, repository, sandbox = crowd
    query = {"state": "all", "sort": "updated", "direction": "asc", "per_page": 10}
    edit = drifting(repository, sandbox.world.clock)
    seen: set[int] = set()
    for page in range(1, 7):
        seen.update(numbers(client.ask("GET", f"{SHOP}/issues", page=page, **query)))
        edit()
    assert len(seen) < 60, "each edit draws the rest of the listing forward"

    edit = drifting(repository, sandbox.world.clock)
    seen, since = set(), ""
    for _ in range(12):
        page = client.ask("GET", f"{SHOP}/issues", **query, **({"since": since} if since else {}))
        seen.update(numbers(page))
        since = page[-1]["updated_at"]
        edit()
    assert len(seen) == 60


def test_links_name_the_repository_by_id_and_keep_the_query(crowd: tuple[Client, Repository, Sandbox]) -> None:
    client, repository, _ = crowd
    first = client.send_to("GET", f"{SHOP}/issues", state="all", per_page=25)
    assert set(first.links) == {"next", "last"}
    at = f"{client.base}/repositories/{repository.id}/issues?state=all&per_page=25"
    assert first.links["next"]["url"] == f"{at}&page=2"
    last = client.send_to("GET", first.links["last"]["url"])
    assert set(last.links) == {"prev", "first"}
    assert [len(page) for page in client.pages(f"{SHOP}/issues", per_page=500)] == [60]
    assert [len(page) for page in client.pages(f"{SHOP}/issues")] == [30, 30]
    assert client.ask("GET", f"{SHOP}/issues", page=9) == []


def test_large_listings_go_on_by_cursor_and_refuse_deep_pages() -> None:
    repository = many(1_050)
    with Sandbox(World(github=[repository], clock=Clock(NOON))) as running, Client(running.url) as client:
        query = {"state": "all", "per_page": 100}
        first = client.send_to("GET", f"{SHOP}/issues", **query)
        assert set(first.links) == {"next"}, "no last page is told"
        assert "after=" in first.links["next"]["url"]
        pages = client.pages(f"{SHOP}/issues", **query)
        assert sorted(number for page in pages for number in numbers(page)) == list(range(1, 1_051))
        assert numbers(pages[0])[0] == 1_050
        upwards = client.pages(f"{SHOP}/issues", sort="updated", direction="asc", **query)
        assert [number for page in upwards for number in numbers(page)] == list(range(1, 1_051))
        client.ask("GET", f"{SHOP}/issues", page=10, **query)
        refusal = client.ask("GET", f"{SHOP}/issues", page=11, status=422, **query)
        assert "cursor based pagination" in refusal["message"]


def test_issues_are_filtered_and_ordered_as_the_query_says(client: Client, shop: Repository) -> None:
    shop.edit(2, state="closed", state_reason="not_planned", at=NOON + timedelta(minutes=1))
    asked: list[tuple[dict[str, Any], list[int]]] = [
        ({}, [3, 1]),
        ({"state": "closed"}, [2]),
        ({"state": "all", "sort": "updated"}, [2, 3, 1]),
        ({"state": "all", "labels": "bug"}, [1]),
        ({"state": "all", "milestone": "none"}, [3, 2]),
        ({"state": "all", "milestone": 1}, [1]),
        ({"state": "all", "since": "2026-03-02T12:00:01Z"}, [2]),
        ({"state": "all", "since": "2026-03-02T13:01:00+01:00"}, [2]),
    ]
    for query, expected in asked:
        assert numbers(client.ask("GET", f"{SHOP}/issues", **query)) == expected, query
    client.ask("GET", f"{SHOP}/issues", state="everything", status=422)
    client.ask("GET", f"{SHOP}/issues", since="yesterday", status=422)
    assert numbers(client.ask("GET", f"{SHOP}/pulls", state="all")) == [3]
    entry = client.ask("GET", f"{SHOP}/issues/3")
    assert entry["id"] != client.ask("GET", f"{SHOP}/pulls/3")["id"]
    assert entry["pull_request"]["merged_at"] is None


# ── tags, redirects, limits ──


def test_a_tag_belongs_to_one_token_and_one_address_and_saves_the_limit(client: Client, sandbox: Sandbox) -> None:
    at = f"{client.base}{SHOP}/issues"
    first = client.get(at, timeout=10)
    tag, left = first.headers["ETag"], int(first.headers["X-RateLimit-Remaining"])
    assert tag.startswith('W/"')
    again = client.get(at, headers={"If-None-Match": tag}, timeout=10)
    assert (again.status_code, again.content, again.headers["ETag"]) == (304, b"", tag)
    assert int(again.headers["X-RateLimit-Remaining"]) == left, "an answer that says nothing costs nothing"
    assert client.get(f"{at}?per_page=30", headers={"If-None-Match": tag}, timeout=10).status_code == 200
    other = {"If-None-Match": tag, "Authorization": "Bearer other"}
    assert client.get(at, headers=other, timeout=10).status_code == 200
    client.person("acme/shop/issues/1", {"comment": "Hello"})
    assert client.get(at, headers={"If-None-Match": tag}, timeout=10).status_code == 200


def test_a_renamed_repository_is_found_under_its_old_name(client: Client, shop: Repository, sandbox: Sandbox) -> None:
    client.person("acme/shop", {"rename": "store"})
    moved = client.send_to("GET", f"{SHOP}/issues", state="all", per_page=1)
    assert moved.status_code == 301
    assert moved.headers["Location"] == f"{client.base}/repositories/{shop.id}/issues?state=all&per_page=1"
    assert len(client.ask("GET", moved.headers["Location"])) == 1
    assert client.send_to("PATCH", f"{SHOP}/issues/1", {"title": "x"}).status_code == 307
    assert shop.issues[1].title == "One"
    found = client.ask("GET", f"/repositories/{shop.id}")
    assert (found["full_name"], found["url"]) == ("acme/store", f"{client.base}/repos/acme/store")
    assert client.ask("GET", "/repos/ACME/Store")["id"] == shop.id, "names are the same in any case"


def test_issues_that_went_elsewhere_or_nowhere(client: Client, shop: Repository, pay: Repository) -> None:
    shop.edit(2, parent=1)
    client.person("acme/shop/issues/1", {"transfer": "acme/pay"})
    moved = client.send_to("GET", f"{SHOP}/issues/1/comments", per_page=5)
    assert moved.status_code == 301
    assert moved.headers["Location"] == f"{client.base}/repositories/{pay.id}/issues/1/comments?per_page=5"
    there = client.ask("GET", "/repos/acme/pay/issues/1")
    assert (there["title"], [label["name"] for label in there["labels"]]) == ("One", ["Bug"])
    assert there["milestone"] is None
    assert client.ask("GET", f"{SHOP}/issues/2")["parent_issue_url"] == there["url"], "its sub-issue stays one"
    client.person("acme/shop/issues/2", {"delete": True})
    assert client.ask("GET", f"{SHOP}/issues/2", status=410)["message"] == "This issue was deleted"
    assert client.person("acme/shop/issues", {"title": "Next"})["number"] == 4, "numbers are never given twice"
    client.person("acme/shop/issues/3", {"delete": True}, status=400)
    client.person("acme/pay", {"hide": True})
    client.ask("GET", f"{SHOP}/issues/1", status=404)
    client.ask("GET", "/repos/acme/pay", status=404)
    assert [one["name"] for one in client.ask("GET", "/orgs/acme/repos")] == ["shop"]


def test_limits(client: Client, sandbox: Sandbox) -> None:
    path = f"/github{SHOP}"
    sandbox.fault("primary_limit", path=path, seconds=90)
    refused = client.send_to("GET", SHOP)
    assert (refused.status_code, refused.headers["X-RateLimit-Remaining"]) == (403, "0")
    assert int(refused.headers["X-RateLimit-Reset"]) == int(NOON.timestamp()) + 90
    assert refused.json()["message"].startswith("API rate limit exceeded")
    sandbox.fault("secondary_limit", path=path, headers={"Retry-After": "7"})
    refused = client.send_to("GET", SHOP)
    assert (refused.status_code, refused.headers["Retry-After"]) == (403, "7")
    assert int(refused.headers["X-RateLimit-Remaining"]) > 0
    assert "secondary rate limit" in refused.json()["message"]
    sandbox.fault("secondary_limit", path=path, status=429)
    refused = client.send_to("GET", SHOP)
    assert (refused.status_code, "Retry-After" in refused.headers) == (429, False)
    sandbox.fault("primary_limit", path="/github/graphql")
    answer = client.query("{ viewer { login } }")
    assert [error["type"] for error in answer["errors"]] == ["RATE_LIMITED"]
    assert "data" not in answer


def test_an_hour_has_so_many_requests(client: Client, sandbox: Sandbox) -> None:
    sandbox.world.github.limits.allowed["core"] = 2
    client.ask("GET", SHOP)
    assert client.ask("GET", "/rate_limit")["rate"]["remaining"] == 1
    client.ask("GET", SHOP)
    assert client.ask("GET", SHOP, status=403)["message"].startswith("API rate limit exceeded")
    assert client.ask("GET", "/rate_limit")["resources"]["graphql"]["remaining"] == 5000
    sandbox.world.clock.advance(timedelta(hours=1))
    client.ask("GET", SHOP)


def test_who_asks(client: Client, sandbox: Sandbox, pay: Repository) -> None:
    pay.facts["private"] = True
    answer = client.send_to("GET", "/user")
    assert answer.headers["X-OAuth-Scopes"] == "repo, read:org"
    assert client.get(f"{client.base}/user", headers={"X-GitHub-Api-Version": "2022-11-28"}, timeout=10).ok
    assert (
        client.get(f"{client.base}/user", headers={"X-GitHub-Api-Version": "2099-01-01"}, timeout=10).status_code == 400
    )
    assert answer.headers["Date"] == "Mon, 02 Mar 2026 12:00:00 GMT", "the clock of the world"
    with Client(sandbox.url, token="bad") as refused, Client(sandbox.url, token="") as stranger:
        assert refused.ask("GET", SHOP, status=401)["message"] == "Bad credentials"
        stranger.ask("GET", "/user", status=401)
        stranger.ask("GET", "/repos/acme/pay", status=404)
        assert stranger.send_to("GET", SHOP).headers["X-RateLimit-Limit"] == "60"
        stranger.ask("POST", f"{SHOP}/issues/1/comments", {"body": "x"}, status=401)
    sandbox.world.github.account.denied = {"issues", "push"}
    answer = client.send_to("POST", f"{SHOP}/issues/1/labels", {"labels": ["x"]})
    assert (answer.status_code, answer.headers["X-Accepted-GitHub-Permissions"]) == (403, "issues=write")
    client.ask("POST", f"{SHOP}/statuses/{'0' * 40}", {"state": "success"}, status=403)
    assert client.ask("GET", SHOP)["permissions"]["push"] is False


def test_faults_of_paging_and_late_comments(client: Client, sandbox: Sandbox) -> None:
    sandbox.fault("empty_page", path=".*/issues")
    pages = client.pages(f"{SHOP}/issues", state="all")
    assert [len(page) for page in pages] == [0, 3]
    sandbox.fault("repeated_token", path=".*/issues")
    answer = client.send_to("GET", f"{SHOP}/issues", state="all")
    assert client.send_to("GET", answer.links["next"]["url"]).json() == answer.json()
    sandbox.fault("late", method="POST", path=".*/comments", seconds=5)
    made = client.ask("POST", f"{SHOP}/issues/1/comments", {"body": "x"}, status=201)
    assert client.ask("GET", f"{SHOP}/issues/1/comments") == []
    sandbox.world.clock.advance(timedelta(seconds=5))
    assert [one["id"] for one in client.ask("GET", f"{SHOP}/issues/1/comments")] == [made["id"]]


# ── what moves the update time ──


def test_what_moves_an_issue_and_what_does_not(client: Client, shop: Repository, sandbox: Sandbox) -> None:
    def updated() -> str:
        sandbox.world.clock.advance(timedelta(minutes=1))
        return str(client.ask("GET", f"{SHOP}/issues/1")["updated_at"])

    before = updated()
    client.person("acme/shop/milestones/1", {"title": "v2", "due_on": "2026-05-01T07:00:00Z"})
    client.person("acme/shop/labels/Bug", {"rename": "defect"})
    client.ask("POST", f"{SHOP}/issues/1/labels", {"labels": ["DEFECT"]})
    assert updated() == before
    issue = client.ask("GET", f"{SHOP}/issues/1")
    assert (issue["milestone"]["title"], issue["labels"][0]["name"]) == ("v2", "defect")
    for edit in ({"labels": {"add": ["x"]}}, {"comment": "Hello"}, {"assignees": ["ada"]}, {"state": "closed"}):
        client.person("acme/shop/issues/1", {**edit, "by": "ada"})
        now = updated()
        assert now > before, edit
        before = now
    found = client.ask("GET", f"{SHOP}/issues/1")
    assert (found["closed_by"]["login"], found["state_reason"], found["comments"]) == ("ada", "completed", 1)
    client.person("acme/shop/issues/1", {"state": "open"})
    found = client.ask("GET", f"{SHOP}/issues/1")
    assert (found["closed_at"], found["closed_by"], found["state_reason"]) == (None, None, "reopened")


def test_edits_that_cannot_be_made_say_why(client: Client) -> None:
    for path, body, words in (
        ("acme/shop/issues/1", {"titel": "x"}, "unknown keys: titel"),
        ("acme/shop/issues/9", {"title": "x"}, "no #9"),
        ("acme/shop/issues/1", {"milestone": 9}, "no milestone 9"),
        ("acme/shop/issues/1", {"transfer": "acme/none"}, "no repository 'acme/none'"),
        ("acme/shop/issues/1", {"title": "x", "at": "2026-01-01T00:00:00"}, "has no offset"),
        ("acme/shop/pulls/3", {"merge": "octopus"}, "merge, squash, rebase"),
        ("acme/shop/commits", {"commits": 5}, "not as GitHub has it"),
        ("acme/pay", {"rename": "shop"}, "acme/shop is taken"),
    ):
        assert words in client.person(path, body, status=400)["message"], path


# ── commits, merges, what they close ──


def test_a_merge_closes_what_the_body_closes(client: Client, shop: Repository) -> None:
    client.person("acme/shop/pulls/3", {"merge": "squash", "by": "bo"})
    pull = client.ask("GET", f"{SHOP}/pulls/3")
    newest = client.ask("GET", f"{SHOP}/commits")[0]
    assert (pull["merged"], pull["merged_by"]["login"], pull["merge_commit_sha"]) == (True, "bo", newest["sha"])
    assert newest["commit"]["message"] == "Three (#3)\n\nFixes #2"
    assert (newest["author"]["login"], newest["committer"]["login"]) == ("bo", "web-flow")
    closed = client.ask("GET", f"{SHOP}/issues/2")
    assert (closed["state"], closed["closed_by"]["login"]) == ("closed", "bo")
    assert client.ask("GET", f"{SHOP}/commits/{newest['sha']}/pulls")[0]["number"] == 3
    assert [one["number"] for one in client.ask("GET", f"{SHOP}/issues", state="all", labels="")] == [3, 2, 1]


def test_keywords_close_nothing_where_the_base_is_another_branch(client: Client, shop: Repository) -> None:
    shop.push(["start"], branch="next")
    number = shop.pull("Four", head="feat/y", base="next", body="Closes #1", closes=[2], commits=["more"]).number
    query = 'query($n: Int!) { repository(owner: "acme", name: "shop") { pullRequest(number: $n) {'
    query += " closingIssuesReferences(first: 9) { totalCount nodes { number } } } } }"
    found = client.query(query, n=number)["data"]["repository"]["pullRequest"]["closingIssuesReferences"]
    assert found == {"totalCount": 1, "nodes": [{"number": 2}]}, "only what people linked by hand"
    shop.merge(number)
    assert shop.issues[1].state == "open"
    shop.commit("Resolves: #1")
    assert shop.issues[1].state == "closed", "a commit on the default branch closes"


def test_pushes_comparisons_and_force_pushes(client: Client, shop: Repository) -> None:
    old = shop.head
    shop.push(["third", "fourth"])
    found = client.ask("GET", f"{SHOP}/compare/{old}...main", per_page=1)
    assert (found["status"], found["total_commits"], found["merge_base_commit"]["sha"]) == ("ahead", 2, old)
    assert [one["commit"]["message"] for one in found["commits"]] == ["third"], "oldest first"
    pages = client.pages(f"{SHOP}/compare/{old}...main", per_page=1)
    assert [page["commits"][0]["commit"]["message"] for page in pages] == ["third", "fourth"]
    assert client.ask("GET", f"{SHOP}/compare/main...{old}")["status"] == "behind"
    assert client.ask("GET", f"{SHOP}/compare/main...main")["status"] == "identical"
    moved = shop.head
    client.person("acme/shop/commits", {"commits": ["instead"], "drop": 1})
    found = client.ask("GET", f"{SHOP}/compare/{moved}...main")
    assert (found["status"], found["ahead_by"], found["behind_by"]) == ("diverged", 1, 1)
    assert [one["commit"]["message"] for one in client.ask("GET", f"{SHOP}/commits")][:2] == ["instead", "third"]
    moved = shop.head
    client.person("acme/shop/commits", {"commits": ["again"], "drop": 1, "forget": True})
    client.ask("GET", f"{SHOP}/compare/{moved}...main", status=404)
    assert len(client.ask("GET", f"{SHOP}/commits", sha="feat/x")) == 3
    client.ask("GET", f"{SHOP}/commits", sha="none", status=404)


def test_a_push_moves_the_pull_request_whose_head_it_is(client: Client, shop: Repository, sandbox: Sandbox) -> None:
    sandbox.world.clock.advance(timedelta(minutes=1))
    (made,) = client.person("acme/shop/commits", {"commits": ["more"], "branch": "feat/x"})
    pull = client.ask("GET", f"{SHOP}/pulls/3")
    assert (pull["head"]["sha"], pull["commits"], pull["updated_at"]) == (made["sha"], 2, "2026-03-02T12:01:00Z")
    assert client.ask("GET", f"{SHOP}/branches/feat/x")["commit"]["sha"] == made["sha"]


def test_statuses_come_to_an_end(client: Client, shop: Repository) -> None:
    at = f"{SHOP}/statuses/{shop.head}"
    client.ask("POST", at, {"state": "pending", "context": "a"}, status=201)
    known = shop.statuses[str(shop.head)]
    known.extend([known[0]] * 999)
    client.ask("POST", at, {"state": "success", "context": "a"}, status=422)
    client.ask("POST", at, {"state": "success", "context": "b"}, status=201)
    client.ask("POST", at, {"state": "success", "context": "b", "description": "x" * 141}, status=422)


@pytest.mark.parametrize(
    ("text", "closed"),
    [
        ("Fixes #1, #2", ["acme/shop#1"]),
        (
            "fix #1\nCloses: acme/pay#2 and resolved https://github.com/acme/pay/issues/3",
            [1, "acme/pay#2", "acme/pay#3"],
        ),
        ("FIXED GH-4", [4]),
        ("prefix #1, fixes#1, fixes 1, fix: #12a, see #3", []),
        ("`fixes #1` <!-- fixes #2 --> \n> fixes #3\n```\nfixes #4\n```\ncloses #5", [5]),
    ],
)
def test_closing_keywords(text: str, closed: list[str | int]) -> None:
    expected = [f"acme/shop#{one}" if isinstance(one, int) else one for one in closed]
    assert [str(ref) for ref in closed_by(text, "acme/shop")] == expected


# ── GraphQL ──


def test_graphql_answers_in_part(client: Client, shop: Repository) -> None:
    answer = client.query(
        "query($ids: [ID!]!) { nodes(ids: $ids) { __typename id ...on Issue { n: number } ... pr ... also } } "
        "fragment pr on PullRequest { number mergeCommit { oid } author { __typename login } }"
        "fragment also on PullRequest { repository { id: name } author { url } }",
        ids=[shop.issues[1].node_id, "gone", shop.issues[3].node_id],
    )
    issue, gone, pull = answer["data"]["nodes"]
    assert (issue["__typename"], issue["n"], gone) == ("Issue", 1, None)
    assert pull["mergeCommit"] is None
    assert pull["author"] == {"__typename": "User", "login": "a-person", "url": "https://github.com/a-person"}
    assert pull["repository"] == {"id": "shop"}
    (error,) = answer["errors"]
    assert (error["type"], error["path"]) == ("NOT_FOUND", ["nodes", 1])


def test_graphql_pages_connections(client: Client, shop: Repository) -> None:
    numbers_ = [shop.issue(f"More {place}").number for place in range(5)]
    shop.edit(3, closes=numbers_)
    query = "query($id: ID!, $after: String) { node(id: $id) { ... on PullRequest { closingIssuesReferences(first: 4,"
    query += " after: $after) { nodes { number } pageInfo { hasNextPage endCursor } } } } }"
    seen: list[int] = []
    after = None
    for _ in range(2):
        found = client.query(query, id=shop.issues[3].node_id, after=after)["data"]["node"]["closingIssuesReferences"]
        seen += numbers(found["nodes"])
        after = found["pageInfo"]["endCursor"]
    assert seen == [2, *numbers_]
    assert not found["pageInfo"]["hasNextPage"]


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ("{ viewer { login }", "Expected a name"),
        ("{ viewer { nope } }", "Field 'nope' doesn't exist on type 'User'"),
        ("{ viewer }", "must have selections"),
        ('{ repository(owner: "acme", name: $x) { name } }', "$x was not provided"),
        ("mutation { addStar { x } }", "no mutations"),
    ],
)
def test_graphql_refuses_a_whole_query(client: Client, query: str, words: str) -> None:
    answer = client.query(query)
    assert words in answer["errors"][0]["message"]
    assert "data" not in answer


def test_graphql_wants_bounds_and_knows_what_is_not_there(client: Client) -> None:
    for text, type_ in (
        ('{ repository(owner: "acme", name: "none") { name } }', "NOT_FOUND"),
        ('{ repository(owner: "acme", name: "shop") { issue(number: 3) { title } } }', "NOT_FOUND"),
        ('{ repository(owner: "acme", name: "shop") { issues { totalCount } } }', "MISSING_PAGINATION_BOUNDARIES"),
        ('{ repository(owner: "acme", name: "shop") { issues(first: 101) { totalCount } } }', "EXCESSIVE_PAGINATION"),
    ):
        assert client.query(text)["errors"][0]["type"] == type_, text


# ── worlds ──


def test_a_world_is_written_and_read_again(shop: Repository, pay: Repository, tmp_path: Path) -> None:
    with Sandbox(World(github=[shop, pay], clock=Clock(NOON))) as running, Client(running.url) as client:
        shop.merge(3)
        shop.transfer(1, pay)
        shop.rename("store")
        shop.comment(3, "Done")
        client.ask("POST", f"/repos/acme/store/statuses/{shop.head}", {"state": "success"}, status=201)
        running.world.save(tmp_path)
        asked = [
            f"/repos/acme/store{path}"
            for path in ("", "/issues?state=all", "/pulls?state=all", "/commits", "/branches", "/issues/3/comments")
        ]
        before = [client.send_to("GET", path).json() for path in asked]
        statuses = client.ask("GET", "/repos/acme/store/commits/main/statuses")
    with Sandbox(World.load(tmp_path), port=running.port) as again, Client(again.url) as client:
        again.world.clock.set(NOON)
        assert [client.send_to("GET", path).json() for path in asked] == before
        assert client.ask("GET", "/repos/acme/store/commits/main/statuses") == statuses
        assert client.send_to("GET", f"{SHOP}/issues").status_code == 301
        assert client.send_to("GET", "/repos/acme/store/issues/1").status_code == 301


def test_minimal_objects_are_filled_in() -> None:
    found = Repository(
        "acme/shop",
        issues=[
            {"title": "A", "milestone": {"number": 3, "title": "v3"}},
            {"number": 7, "user": {"login": "bot[bot]"}},
        ],
        pulls=[{"number": 8, "merged_at": "2026-02-01T12:00:00+01:00", "body": "Fixes #7"}],
        commits=[{"commit": {"message": "Add it (#8)"}}, {"commit": {"message": "Start"}}],
        comments=[{"number": 7, "body": "Hi"}],
    )
    assert sorted(found.issues) == [7, 8, 9]
    assert (found.issues[7].user.type, found.milestones[3].title) == ("Bot", "v3")  # type: ignore[union-attr]
    pull = found.issues[8]
    assert (pull.state, pull.closed_at) == ("closed", "2026-02-01T11:00:00Z")
    assert pull.pull is not None
    assert pull.pull.merge_sha == found.head, "the commit says which pull request it was"
    assert [commit.message for commit in found.history.log(str(found.head))] == ["Add it (#8)", "Start"]


def test_a_broken_world_names_the_object(tmp_path: Path) -> None:
    folder = tmp_path / "github" / "acme" / "shop"
    folder.mkdir(parents=True)
    (folder / "issues.jsonl").write_text('{"number": 3, "created_at": "yesterday"}\n', encoding="utf-8")
    with pytest.raises(UsageError, match=r"acme/shop: issues 3: not as GitHub lists it"):
        World.load(tmp_path)


def test_the_recorded_world(shared: Path) -> None:
    world = World.load(shared / "recorded" / "world")
    with Sandbox(world) as running, Client(running.url) as client:
        seen: dict[str, list[int]] = {}
        for name in ("panjf2000/ants", "simonw/datasette", "tidev/alloy"):
            issues = [one for page in client.pages(f"/repos/{name}/issues", state="all") for one in page]
            shas = {one["sha"] for page in client.pages(f"/repos/{name}/commits", per_page=100) for one in page}
            pulls = sum("pull_request" in one for one in issues)
            seen[name] = [len(issues) - pulls, pulls, len(shas)]
        assert seen == {"panjf2000/ants": [26, 49, 90], "simonw/datasette": [0, 0, 3402], "tidev/alloy": [0, 0, 4388]}
