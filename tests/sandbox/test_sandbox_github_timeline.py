"""What happened to an issue: every edit leaves its event, in REST and in GraphQL alike; hierarchy and dependencies."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from github_client import Client

from okrsync.sandbox import Sandbox, World
from okrsync.sandbox.clock import Clock
from okrsync.sandbox.github.repository import Repository

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
SHOP = "/repos/acme/shop"
END = "{ number repository { databaseId nameWithOwner } }"
ENTRY = f"""__typename ... on LabeledEvent {{ createdAt actor {{ login }} label {{ name }} }}
... on UnlabeledEvent {{ label {{ name }} }} ... on ClosedEvent {{ createdAt stateReason }}
... on MilestonedEvent {{ milestoneTitle }} ... on DemilestonedEvent {{ milestoneTitle }}
... on AssignedEvent {{ assignee {{ ... on User {{ login }} }} }}
... on RenamedTitleEvent {{ previousTitle currentTitle }} ... on ParentIssueAddedEvent {{ parent {END} }}
... on ParentIssueRemovedEvent {{ parent {END} }} ... on SubIssueAddedEvent {{ subIssue {END} }}
... on BlockedByAddedEvent {{ blockingIssue {END} }} ... on BlockingAddedEvent {{ blockedIssue {END} }}
... on TransferredEvent {{ fromRepository {{ nameWithOwner }} }} ... on IssueComment {{ body }}
... on IssueTypeChangedEvent {{ issueType {{ name }} prevIssueType {{ name }} }}"""


@pytest.fixture
def shop() -> Repository:
    found = Repository("acme/shop", commits=[{"commit": {"message": "first"}}])
    found.milestone("v1", at=NOON)
    found.issue("One", labels=["a"], milestone=1, type="Bug", by="ada", at=NOON)
    found.issue("Two", at=NOON)
    found.pull("Three", head="feat/x", draft=True, commits=["work"], body="Fixes #2", at=NOON)
    return found


@pytest.fixture
def pay() -> Repository:
    found = Repository("acme/pay")
    found.issue("Elsewhere", at=NOON)
    return found


@pytest.fixture
def sandbox(shop: Repository, pay: Repository) -> Iterator[Sandbox]:
    with Sandbox(World(github=[shop, pay], clock=Clock(NOON))) as running:
        yield running


@pytest.fixture
def client(sandbox: Sandbox) -> Iterator[Client]:
    with Client(sandbox.url) as found:
        yield found


def timeline(client: Client, number: int, arguments: str = "first: 100", repository: str = "shop") -> Any:
    """The whole connection of an issue."""
    query = f'{{ repository(owner: "acme", name: "{repository}") {{ issue(number: {number}) {{'
    query += f" timelineItems({arguments}) {{ totalCount filteredCount pageCount pageInfo {{ hasNextPage endCursor }}"
    answer = client.query(f"{query} nodes {{ {ENTRY} }} }} }} }} }}")
    assert "errors" not in answer, answer
    return answer["data"]["repository"]["issue"]["timelineItems"]


def words(client: Client, number: int, repository: str = "shop") -> list[str]:
    return [one["event"] for one in client.ask("GET", f"/repos/acme/{repository}/issues/{number}/events")]


def test_an_issue_begins_with_what_it_was_given(client: Client) -> None:
    assert words(client, 1) == ["labeled", "milestoned", "issue_type_added"]
    assert timeline(client, 1)["nodes"][0] == {
        "__typename": "LabeledEvent",
        "createdAt": "2026-03-02T12:00:00Z",
        "actor": {"login": "ada"},
        "label": {"name": "a"},
    }


def test_each_edit_leaves_its_event_with_its_time(client: Client, sandbox: Sandbox) -> None:
    edits: list[tuple[dict[str, Any], list[str]]] = [
        ({"labels": {"add": ["b"], "remove": ["a"]}}, ["unlabeled", "labeled"]),
        ({"title": "Uno"}, ["renamed"]),
        ({"assignees": ["bo"]}, ["assigned"]),
        ({"assignees": []}, ["unassigned"]),
        ({"milestone": None}, ["demilestoned"]),
        ({"type": "Task"}, ["issue_type_changed"]),
        ({"parent": "acme/pay#1"}, ["parent_issue_added"]),
        ({"parent": 2}, ["parent_issue_removed", "parent_issue_added"]),
        ({"parent": None}, ["parent_issue_removed"]),
        ({"blocked_by": ["acme/pay#1", 2]}, ["blocked_by_added", "blocked_by_added"]),
        ({"blocked_by": {"remove": ["acme/pay#1"]}}, ["blocked_by_removed"]),
        ({"state": "closed", "state_reason": "not_planned"}, ["closed"]),
        ({"state": "open"}, ["reopened"]),
        ({"body": "More", "comment": "Hello"}, []),
        ({"title": "Uno"}, []),
    ]
    for edit, expected in edits:
        sandbox.world.clock.advance(timedelta(minutes=1))
        before = client.ask("GET", f"{SHOP}/issues/1/events", per_page=100)
        client.person("acme/shop/issues/1", {**edit, "by": "bo"})
        after = client.ask("GET", f"{SHOP}/issues/1/events", per_page=100)
        new = after[len(before) :]
        assert [one["event"] for one in new] == expected, edit
        now = sandbox.world.clock().strftime("%Y-%m-%dT%H:%M:%SZ")
        assert all((one["created_at"], one["actor"]["login"]) == (now, "bo") for one in new)
    assert words(client, 1, "pay") == ["sub_issue_added", "sub_issue_removed", "blocking_added", "blocking_removed"]
    assert words(client, 2) == ["sub_issue_added", "sub_issue_removed", "blocking_added"]
    found = {one["__typename"]: one for one in timeline(client, 1)["nodes"]}
    assert found["IssueComment"]["body"] == "Hello"
    assert found["ClosedEvent"]["stateReason"] == "NOT_PLANNED"
    assert found["RenamedTitleEvent"]["previousTitle"] == "One"
    assert found["IssueTypeChangedEvent"]["prevIssueType"] == {"name": "Bug"}
    assert found["BlockedByAddedEvent"]["blockingIssue"]["repository"]["nameWithOwner"] == "acme/shop"


def test_what_a_client_writes_leaves_events_too(client: Client) -> None:
    client.ask("POST", f"{SHOP}/issues/2/labels", {"labels": ["okr-orphan"]})
    client.ask("DELETE", f"{SHOP}/issues/2/labels/okr-orphan")
    client.ask("PATCH", f"{SHOP}/issues/2", {"state": "closed", "state_reason": "completed"})
    events = client.ask("GET", f"{SHOP}/issues/2/events")
    assert [one["event"] for one in events] == ["labeled", "unlabeled", "closed"]
    assert {one["actor"]["login"] for one in events} == {"okrsync-bot"}
    assert events[0]["label"]["name"] == "okr-orphan"


def test_kinds_pages_and_totals_of_a_timeline(client: Client, sandbox: Sandbox, shop: Repository) -> None:
    for place in range(5):
        shop.edit(1, labels=["a", f"l{place}"])
    shop.comment(1, "Hello")
    labels = "itemTypes: [LABELED_EVENT, UNLABELED_EVENT]"
    first = timeline(client, 1, f"first: 4, {labels}")
    assert (first["totalCount"], first["filteredCount"], first["pageCount"]) == (13, 10, 4)
    after = first["pageInfo"]["endCursor"]
    rest = timeline(client, 1, f'first: 100, after: "{after}", {labels}')
    assert len(first["nodes"]) + len(rest["nodes"]) == 10
    assert not rest["pageInfo"]["hasNextPage"]
    assert timeline(client, 1, "first: 9, itemTypes: [ISSUE_COMMENT]")["nodes"][0]["body"] == "Hello"
    assert timeline(client, 1, 'first: 9, since: "2026-03-03T00:00:00Z"')["nodes"] == []
    sandbox.fault("repeated_token", path=".*/graphql")
    stuck = timeline(client, 1, f'first: 4, after: "{after}", {labels}')
    assert stuck["pageInfo"] == {"hasNextPage": True, "endCursor": after}, "a page that leads to itself"
    query = '{ repository(owner: "acme", name: "shop") { issue(number: 1) { timelineItems(first: 1, itemTypes: [NOPE])'
    error = client.query(f"{query} {{ totalCount }} }} }} }}")["errors"][0]
    assert error["extensions"]["code"] == "argumentLiteralsIncompatible"


def test_a_pull_request_tells_of_its_drafts_its_pushes_and_its_end(client: Client) -> None:
    client.person("acme/shop/pulls/3", {"draft": False})
    client.person("acme/shop/commits", {"commits": ["again"], "branch": "feat/x", "drop": 1})
    client.person("acme/shop/pulls/3", {"merge": "squash", "by": "bo"})
    kinds = ["ready_for_review", "head_ref_force_pushed", "merged", "closed"]
    assert words(client, 3) == kinds
    assert words(client, 2) == ["closed"], "by its closing keyword"
    query = '{ repository(owner: "acme", name: "shop") { pullRequest(number: 3) { mergeCommit { oid } timelineItems('
    query += "first: 9, itemTypes: [MERGED_EVENT, HEAD_REF_FORCE_PUSHED_EVENT]) { nodes { ... on MergedEvent { actor {"
    query += " login } commit { oid } } ... on HeadRefForcePushedEvent { beforeCommit { oid } afterCommit { oid } } } }"
    found = client.query(f"{query} }} }} }}")["data"]["repository"]["pullRequest"]
    pushed, merged = found["timelineItems"]["nodes"]
    assert merged == {"actor": {"login": "bo"}, "commit": found["mergeCommit"]}
    assert pushed["beforeCommit"]["oid"] != pushed["afterCommit"]["oid"]


def test_the_events_of_a_repository_come_newest_first_with_their_issues(client: Client, sandbox: Sandbox) -> None:
    sandbox.world.clock.advance(timedelta(minutes=1))
    client.person("acme/shop/issues/2", {"state": "closed"})
    pages = client.pages(f"{SHOP}/issues/events", per_page=2)
    assert [len(page) for page in pages] == [2, 2]
    assert (pages[0][0]["event"], pages[0][0]["issue"]["number"]) == ("closed", 2)


def test_a_transferred_issue_takes_its_history_along(client: Client, shop: Repository) -> None:
    shop.block(2, 1)
    client.person("acme/shop/issues/1", {"transfer": "acme/pay"})
    assert words(client, 2, "pay") == ["labeled", "milestoned", "issue_type_added", "blocking_added", "transferred"]
    last = timeline(client, 2, repository="pay")["nodes"][-1]
    assert last["fromRepository"] == {"nameWithOwner": "acme/shop"}
    (blocker,) = client.ask("GET", f"{SHOP}/issues/2/dependencies/blocked_by")
    assert blocker["repository_url"].endswith("/repos/acme/pay")


def test_a_renamed_label_is_called_by_its_new_name_in_graphql_and_by_its_old_one_in_rest(client: Client) -> None:
    client.person("acme/shop/labels/a", {"rename": "z"})
    assert timeline(client, 1)["nodes"][0]["label"] == {"name": "z"}
    assert client.ask("GET", f"{SHOP}/issues/1/events")[0]["label"]["name"] == "a"
    client.person("acme/shop/labels/z", {"delete": True})
    assert timeline(client, 1)["nodes"][0]["label"] == {"name": "z"}, "history outlives the label"


def test_dependencies_cross_repositories_and_move_no_issue(client: Client, sandbox: Sandbox, pay: Repository) -> None:
    sandbox.world.clock.advance(timedelta(minutes=1))
    client.person("acme/shop/issues/1", {"blocked_by": ["acme/pay#1", 2]})
    issue = client.ask("GET", f"{SHOP}/issues/1")
    assert issue["updated_at"] == "2026-03-02T12:00:00Z"
    assert issue["issue_dependencies_summary"]["blocked_by"] == 2
    client.person("acme/pay/issues/1", {"state": "closed"})
    query = '{ repository(owner: "acme", name: "shop") { issue(number: 1) { blockedBy(first: 9) { nodes { number closed'
    query += " repository { nameWithOwner } } } issueDependenciesSummary { blockedBy totalBlockedBy } } } }"
    found = client.query(query)["data"]["repository"]["issue"]
    assert [(one["repository"]["nameWithOwner"], one["closed"]) for one in found["blockedBy"]["nodes"]] == [
        ("acme/pay", True),
        ("acme/shop", False),
    ]
    assert found["issueDependenciesSummary"] == {"blockedBy": 1, "totalBlockedBy": 2}
    pay.hide()
    assert len(client.ask("GET", f"{SHOP}/issues/1/dependencies/blocked_by")) == 1
    client.person("acme/shop/issues/2", {"delete": True})
    assert client.ask("GET", f"{SHOP}/issues/1/dependencies/blocked_by") == []
    client.person("acme/shop/issues/1", {"blocked_by": [1]}, status=400)
    client.person("acme/shop/issues/1", {"blocked_by": [99]}, status=400)


def test_a_loaded_world_tells_of_what_it_shows(tmp_path: Path) -> None:
    shop = Repository(
        "acme/shop",
        issues=[
            {"number": 1, "labels": ["a"], "closed_at": "2026-02-01T12:00:00Z", "state_reason": "not_planned"},
            {"number": 2, "blocked_by": ["#1"]},
        ],
        pulls=[{"number": 3, "merged_at": "2026-02-01T12:00:00Z"}],
        events=[
            {"event": "closed", "created_at": "2026-01-20T12:00:00Z", "issue": {"number": 1}},
            {"event": "reopened", "created_at": "2026-01-21T12:00:00Z", "issue": {"number": 1}},
            {"event": "labeled", "created_at": "2026-01-20T11:00:00Z", "issue": {"number": 1}, "label": {"name": "x"}},
        ],
    )
    assert [one.kind for one in shop.issues[1].events] == ["labeled", "closed", "reopened"], "as they were told"
    assert [one.kind for one in shop.issues[3].events] == ["merged", "closed"], "as it ended"
    with Sandbox(World(github=[shop], clock=Clock(NOON))) as running, Client(running.url) as client:
        client.person("acme/shop/issues/2", {"parent": 1, "labels": ["b"], "title": "Zwei", "type": "Bug"})
        asked = [f"{SHOP}/issues/events?per_page=100", f"{SHOP}/issues/2/dependencies/blocked_by"]
        before = [client.ask("GET", path) for path in asked]
        running.world.save(tmp_path)
    with Sandbox(World.load(tmp_path), port=running.port) as again, Client(again.url) as client:
        assert [client.ask("GET", path) for path in asked] == before


def test_edits_meanwhile_make_the_order_drift_between_two_pages(client: Client, sandbox: Sandbox) -> None:
    edits = [("github/acme/shop/issues/1", {"comment": "Hello"})]
    sandbox.world.clock.advance(timedelta(minutes=1))
    sandbox.fault("meanwhile", path=".*/issues", edits=edits)
    query = {"state": "all", "sort": "updated", "direction": "asc", "per_page": 1}
    pages = client.pages(f"{SHOP}/issues", **query)
    assert [page[0]["number"] for page in pages] == [1, 3, 1], "#2 slipped onto the page that was read"
