"""Every endpoint of the stand-in GitHub against GitHub's own specification, and the real library over it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import graphql_contract
import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from github import Auth, Github, GithubException, UnknownObjectException
from github_client import Check, Client, contract
from graphql import get_named_type, is_abstract_type, is_enum_type

from okrsync.sandbox import Sandbox, World
from okrsync.sandbox.clock import Clock
from okrsync.sandbox.github.graphql.schema import OLDER, SCHEMA
from okrsync.sandbox.github.repository import Repository
from okrsync.sandbox.github.routes import ROUTER

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
SHOP = "/repos/acme/shop"


@pytest.fixture(scope="module")
def agreed(shared: Path) -> Callable[[str], Check]:
    return contract(shared / "specs")


@pytest.fixture
def shop() -> Repository:
    """#1 parent of #2, both in milestone 1; #3 a pull request that closes #2; #4 all that can happen; three commits."""
    found = Repository("acme/shop", commits=[{"commit": {"message": text}} for text in ("third", "second", "first")])
    found.milestone("v1", due_on="2026-04-01T07:00:00Z", at=NOON)
    found.issue("Epic", body="All of it", labels=["okr:KR-UX"], milestone=1, type="Epic", by="ada", at=NOON)
    found.issue("Part", parent=1, milestone=1, assignees=["bo"], labels=["bug"], by="bo", at=NOON)
    found.pull("Do it", head="feat/part", body="Fixes #2", commits=["one", "two"], labels=["bug"], by="bo", at=NOON)
    found.comment(1, "Hello", by="ada", at=NOON)
    found.issue("Later", milestone=1, type="Bug", parent=1, assignees=["bo"], labels=["bug"], at=NOON)
    found.edit(
        4, title="Soon", milestone=None, type="Task", parent=None, assignees=[], labels=[], state="closed", at=NOON
    )
    found.edit(4, type=None, state="open", at=NOON)
    found.block(4, 1)
    return found


@pytest.fixture
def sandbox(shop: Repository) -> Iterator[Sandbox]:
    with Sandbox(World(github=[shop], clock=Clock(NOON))) as running:
        yield running


@pytest.fixture
def app_token() -> str:
    """What the App 42 signs with a key that nobody registered."""
    now, key = int(datetime.now(UTC).timestamp()), rsa.generate_private_key(public_exponent=65537, key_size=2048)
    return jwt.encode({"iss": "42", "iat": now - 60, "exp": now + 300}, key, algorithm="RS256")


@pytest.fixture
def checked(sandbox: Sandbox, agreed: Callable[[str], Check]) -> Iterator[Client]:
    with Client(sandbox.url, agreed(f"{sandbox.url}/github")) as client:
        yield client


def test_reading_endpoints_answer_as_specified(checked: Client, shop: Repository) -> None:
    head = shop.head
    asked: set[object] = set()
    for path, query in (
        ("/user", {}),
        ("/rate_limit", {}),
        ("/orgs/acme/repos", {"sort": "pushed"}),
        (SHOP, {}),
        (f"{SHOP}/issues", {"state": "all", "sort": "updated", "direction": "asc", "since": "2026-01-01T00:00:00Z"}),
        (f"{SHOP}/issues", {"labels": "bug", "milestone": "1", "per_page": 1}),
        (f"{SHOP}/issues/1", {}),
        (f"{SHOP}/issues/3", {}),
        (f"{SHOP}/issues/1/comments", {}),
        (f"{SHOP}/issues/comments", {"sort": "updated"}),
        (f"{SHOP}/issues/comments/{shop.issues[1].comments[0].id}", {}),
        (f"{SHOP}/issues/1/labels", {}),
        (f"{SHOP}/issues/1/sub_issues", {}),
        (f"{SHOP}/issues/2/parent", {}),
        (f"{SHOP}/issues/4/dependencies/blocked_by", {}),
        (f"{SHOP}/issues/1/dependencies/blocking", {}),
        (f"{SHOP}/issues/events", {"per_page": 100}),
        (f"{SHOP}/issues/1/events", {}),
        (f"{SHOP}/issues/2/events", {}),
        (f"{SHOP}/issues/3/events", {}),
        (f"{SHOP}/issues/4/events", {}),
        ("/search/issues", {"q": "repo:acme/shop is:open label:bug", "sort": "updated"}),
        (f"{SHOP}/pulls", {"state": "all"}),
        (f"{SHOP}/pulls/3", {}),
        (f"{SHOP}/pulls/3/commits", {}),
        (f"{SHOP}/commits", {"sha": "feat/part", "since": "2026-01-01T00:00:00Z", "per_page": 2}),
        (f"{SHOP}/commits/{head}", {}),
        (f"{SHOP}/commits/{head}/pulls", {}),
        (f"{SHOP}/commits/{head}/statuses", {}),
        (f"{SHOP}/compare/main...feat%2Fpart", {"per_page": 1}),
        (f"{SHOP}/branches", {}),
        (f"{SHOP}/labels", {}),
        (f"{SHOP}/labels/okr:KR-UX", {}),
        (f"{SHOP}/milestones", {"state": "all"}),
        (f"{SHOP}/milestones/1", {}),
    ):
        checked.ask("GET", path, **query)
        found = ROUTER.find("GET", path)
        asked.add(found[0] if found else None)
    for method, pattern in ROUTER.routes():
        if (
            method == "GET"
            and pattern.startswith("/repos/")
            and not pattern.endswith(("/branches/{branch+}", "/status"))
            and "/hooks" not in pattern
        ):
            found = ROUTER.find(method, pattern.replace("{", "").replace("}", ""))
            assert found is not None
            assert found[0] in asked, f"{pattern} is not held against the specification"


def test_writes_answer_as_specified_and_are_read_back(checked: Client, shop: Repository) -> None:
    made = checked.ask("POST", f"{SHOP}/issues", {"title": "New", "labels": ["a"]}, status=201)
    at = f"{SHOP}/issues/{made['number']}"
    checked.ask("PATCH", at, {"state": "closed", "state_reason": "not_planned", "milestone": 1, "assignees": ["ada"]})
    found = checked.ask("GET", at)
    assert (found["state"], found["state_reason"], found["closed_by"]["login"]) == (
        "closed",
        "not_planned",
        "okrsync-bot",
    )
    assert (found["milestone"]["title"], found["assignee"]["login"]) == ("v1", "ada")
    names = [one["name"] for one in checked.ask("POST", f"{at}/labels", {"labels": ["okr/KR 3", "A"]})]
    assert names == ["a", "okr/KR 3"], "a label is the same in any case"
    checked.ask("DELETE", f"{at}/labels/okr%2FKR%203")
    checked.ask("DELETE", f"{at}/labels/okr%2FKR%203", status=404)
    comment = checked.ask("POST", f"{at}/comments", {"body": "one"}, status=201)
    path = f"{SHOP}/issues/comments/{comment['id']}"
    checked.ask("PATCH", path, {"body": "two"})
    assert checked.ask("GET", path)["body"] == "two"
    assert [one["id"] for one in checked.ask("GET", f"{at}/comments")] == [comment["id"]]
    checked.ask("DELETE", path, status=204)
    checked.ask("GET", path, status=404)
    checked.ask("POST", f"{SHOP}/labels", {"name": "okr-orphan", "color": "B60205"}, status=201)
    checked.ask("POST", f"{SHOP}/labels", {"name": "OKR-orphan"}, status=422)
    checked.ask("DELETE", f"{SHOP}/labels/okr-orphan", status=204)
    checked.ask("PATCH", f"{SHOP}/milestones/1", {"title": "v2"})
    checked.ask("PATCH", f"{SHOP}/pulls/3", {"title": "Done"})
    status = {"state": "failure", "context": "okrsync/traceability", "description": "no objective"}
    checked.ask("POST", f"{SHOP}/statuses/{shop.head}", status, status=201)
    checked.ask("POST", f"{SHOP}/statuses/{shop.head}", {**status, "state": "success"}, status=201)
    assert [one["state"] for one in checked.ask("GET", f"{SHOP}/commits/main/statuses")] == ["success", "failure"]
    assert checked.ask("GET", f"{SHOP}/commits/main/status")["state"] == "success"


def test_refusals_answer_as_specified(checked: Client, shop: Repository) -> None:
    shop.delete(2)
    checked.ask("GET", f"{SHOP}/issues/2", status=410)
    checked.ask("GET", f"{SHOP}/issues/99", status=404)
    checked.ask("GET", "/repos/acme/none", status=404)
    checked.ask("GET", f"{SHOP}/compare/main...{'0' * 40}", status=404)
    checked.ask("POST", f"{SHOP}/issues/1/comments", {"body": ""}, status=422)
    checked.ask("POST", f"{SHOP}/statuses/{'0' * 40}", {"state": "success"}, status=422)
    checked.ask("POST", f"{SHOP}/statuses/{shop.head}", {"state": "done"}, status=422)
    checked.ask("PATCH", f"{SHOP}/issues/1", {"milestone": 77}, status=422)
    shop.empty()
    assert checked.ask("GET", f"{SHOP}/commits", status=409)["message"] == "Git Repository is empty."
    assert checked.ask("GET", f"{SHOP}/branches") == []


def test_hierarchy_and_dependencies_answer_as_specified(checked: Client, shop: Repository) -> None:
    one, two = shop.issues[1].id, shop.issues[2].id
    checked.ask("POST", f"{SHOP}/issues/2/dependencies/blocked_by", {"issue_id": one}, status=201)
    summary = checked.ask("GET", f"{SHOP}/issues/1")["issue_dependencies_summary"]
    assert summary == {"blocked_by": 0, "total_blocked_by": 0, "blocking": 2, "total_blocking": 2}
    checked.ask("DELETE", f"{SHOP}/issues/2/dependencies/blocked_by/{one}")
    checked.ask("DELETE", f"{SHOP}/issues/2/dependencies/blocked_by/{one}", status=404)
    checked.ask("POST", f"{SHOP}/issues/2/dependencies/blocked_by", {"issue_id": 7}, status=422)
    checked.ask("POST", f"{SHOP}/issues/4/sub_issues", {"sub_issue_id": two}, status=422)
    checked.ask("POST", f"{SHOP}/issues/4/sub_issues", {"sub_issue_id": two, "replace_parent": True}, status=201)
    assert checked.ask("GET", f"{SHOP}/issues/2/parent")["number"] == 4
    checked.ask("DELETE", f"{SHOP}/issues/4/sub_issue", {"sub_issue_id": two})
    checked.ask("GET", f"{SHOP}/issues/2/parent", status=404)


def test_apps_answer_as_specified(sandbox: Sandbox, agreed: Callable[[str], Check], app_token: str) -> None:
    check = agreed(f"{sandbox.url}/github")
    with Client(sandbox.url, check, token=app_token) as signed:
        made = signed.ask("POST", "/app/installations/7/access_tokens", {}, status=201)
        assert signed.ask("GET", "/app")["id"] == 42
        assert signed.ask("GET", "/app/installations/7")["permissions"] == made["permissions"]
    with Client(sandbox.url, check, token=made["token"]) as installed:
        assert installed.ask("GET", "/installation/repositories")["total_count"] == 1
        installed.ask("GET", "/user", status=403)


def test_every_graphql_field_is_one_of_githubs(shared: Path) -> None:
    types = graphql_contract.schema(shared / "specs" / "github-graphql-schema.graphql")
    for type_, fields in SCHEMA.types.items():
        given = getattr(types.type_map[type_], "fields", {})
        assert fields.keys() <= given.keys(), f"{type_}: {fields.keys() - given.keys()}"
        for name, kind in fields.items():
            named = get_named_type(given[name].type).name
            assert kind.type in (None, named), f"{type_}.{name}: {kind.type}, not {named}"
    for type_, concrete in SCHEMA.abstract.items():
        abstract = types.type_map[type_]
        assert is_abstract_type(abstract)
        assert concrete <= {one.name for one in types.get_possible_types(abstract)}, type_
    for enumeration, words in SCHEMA.words.items():
        known = types.type_map[enumeration]
        assert is_enum_type(known)
        assert words <= set(known.values), enumeration


def test_an_enterprise_server_has_less_of_it() -> None:
    for type_, fields in OLDER.types.items():
        assert fields.keys() <= SCHEMA.types[type_].keys()
    assert not OLDER.types.keys() & {"IssueType", "ParentIssueAddedEvent", "BlockedByAddedEvent"}
    assert "parent" not in OLDER.types["Issue"]


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ('{ repository(owner: "a") { name } }', "Argument 'Query.repository(name:)' of type 'String!' is required"),
        ('{ repository(owner: "a", name: "b") { nam } }', "Cannot query field 'nam' on type 'Repository'"),
        ('{ repository(owner: "a", name: "b") { issues(frist: 1) { totalCount } } }', "Unknown argument 'frist'"),
        ("{ viewer { login { x } } }", "must not have a selection since type 'String!' has no subfields"),
        ("{ viewer { ... on Issue { number } } }", "objects of type 'User' can never be of type 'Issue'"),
        (
            '{ repositoryOwner(login: "a") { repositories(first: 1, orderBy: {field: SIZE}) { totalCount } } }',
            "Value 'SIZE' does not exist",
        ),
    ],
)
def test_the_check_of_queries_can_fail(shared: Path, query: str, words: str) -> None:
    types = graphql_contract.schema(shared / "specs" / "github-graphql-schema.graphql")
    assert any(words in one for one in graphql_contract.problems(types, query))


# ── the real library ──


@pytest.fixture
def library(sandbox: Sandbox) -> Iterator[Github]:
    url = f"{sandbox.url}/github"
    found = Github(base_url=url, auth=Auth.Token("t"), retry=None, seconds_between_requests=0, seconds_between_writes=0)
    yield found
    found.close()


def test_the_real_library_cannot_tell(library: Github, shop: Repository) -> None:
    assert library.get_user().login == "okrsync-bot"
    repo = library.get_repo("acme/shop")
    assert (repo.id, repo.default_branch) == (shop.id, "main")
    assert [issue.number for issue in repo.get_issues(state="all", sort="updated", direction="asc")] == [1, 2, 3, 4]
    issue = repo.get_issue(2)
    assert (issue.milestone.title, issue.type, issue.parent_issue_url) == ("v1", None, f"{repo.url}/issues/1")
    assert [one.number for one in repo.get_issue(1).get_sub_issues()] == [2]
    listed = next(iter(repo.get_pulls()))
    assert (listed.head.ref, listed.commits, listed.mergeable) == ("feat/part", 2, True), "what a list lacks it gets"
    assert [one.commit.message for one in repo.compare("main", "feat/part").commits] == ["one", "two"]
    assert [one.commit.message for one in repo.get_commits()] == ["third", "second", "first"]
    issue.add_to_labels("okr-orphan")
    assert [label.name for label in repo.get_issue(2).labels] == ["bug", "okr-orphan"]
    comment = issue.create_comment("Hello")
    comment.edit("Bye")
    assert [one.body for one in issue.get_comments()] == ["Bye"]
    assert issue.update()
    assert not issue.update(), "nothing changed since: 304"
    issue.edit(state="closed", state_reason="completed")
    repo.get_commit(listed.head.sha).create_status("success", context="okrsync/traceability", description="KR-UX")
    assert repo.get_commit(listed.head.sha).get_combined_status().state == "success"
    assert library.get_repos is not None
    assert library.get_rate_limit().rate.remaining < 5000
    with pytest.raises(UnknownObjectException):
        repo.get_issue(99)
    shop.empty()
    with pytest.raises(GithubException, match="409"):
        list(repo.get_commits())


def test_the_real_library_loses_the_query_over_a_renamed_repository(library: Github, shop: Repository) -> None:
    repo = library.get_repo("acme/shop")
    shop.edit(1, state="closed")
    shop.rename("store")
    status, _, body = library.requester.requestJson("GET", f"{repo.url}/issues", parameters={"state": "closed"})
    assert status == 200
    assert '"state":"closed"' not in (body or ""), "it follows the path alone, as measured"
    status, _, _ = library.requester.requestJson("POST", f"{repo.url}/issues", input={"title": "Lost"})
    assert status == 307
    assert library.get_repo("acme/shop").full_name == "acme/store"


def test_the_real_graphql_of_the_library(library: Github, shop: Repository) -> None:
    pull: Any = shop.issues[3]
    _, answer = library.requester.graphql_query(
        "query($id: ID!) { node(id: $id) { ... on PullRequest { number closingIssuesReferences(first: 5) {"
        " nodes { number } } } } }",
        {"id": pull.node_id},
    )
    assert answer["data"]["node"] == {"number": 3, "closingIssuesReferences": {"nodes": [{"number": 2}]}}
