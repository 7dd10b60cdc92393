"""Searching, paging and fetching, as Jira Cloud does them."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest

from okrsync.sandbox import Sandbox
from okrsync.sandbox.bulk import many
from okrsync.sandbox.jira import changes
from okrsync.sandbox.jira.changes import Hand
from okrsync.sandbox.jira.site import Site

BOTH = "project in (SHOP, PAY) ORDER BY updated ASC, key ASC"


def pages(client: Any, jql: str, **body: Any) -> list[list[str]]:
    found: list[list[str]] = []
    token: dict[str, str] = {}
    while True:
        page = client.ask("POST", "/search/jql", {"jql": jql, "fields": ["summary"], **body, **token})
        assert set(page) <= {"issues", "isLast", "nextPageToken"}
        found.append([issue["key"] for issue in page["issues"]])
        assert page["isLast"] is ("nextPageToken" not in page)
        if page["isLast"]:
            return found
        token = {"nextPageToken": page["nextPageToken"]}


def test_only_ids_come_unless_fields_are_named(client: Any) -> None:
    page = client.ask("POST", "/search/jql", {"jql": "key = SHOP-1"})
    assert page == {"issues": [{"id": "10001"}], "isLast": True}
    (issue,) = client.ask("GET", "/search/jql", jql="key = SHOP-1", fields=["summary", "nope"])["issues"]
    assert issue["fields"] == {"summary": "Epic"}
    assert issue["self"].endswith("/rest/api/3/issue/10001")
    (issue,) = client.ask("POST", "/search/jql", {"jql": "key = SHOP-1", "fields": ["*all", "-summary"]})["issues"]
    assert "summary" not in issue["fields"]
    assert "comment" in issue["fields"]


@pytest.mark.parametrize(
    "body",
    [
        {"jql": "key = SHOP-1", "startAt": 0},
        {"jql": "key = SHOP-1", "expand": None},
        {"jql": "key = SHOP-1", "maxResults": "10"},
        {"jql": "key = SHOP-1", "maxResults": 5001},
        {"jql": "key = SHOP-1", "properties": "okrsync"},
        {"jql": "key = SHOP-1", "properties": list("abcdef")},
        {"jql": "key = SHOP-1", "reconcileIssues": list(range(51))},
        {"jql": "key = SHOP-1", "nextPageToken": "nonsense"},
        [],
    ],
)
def test_bodies_that_jira_refuses(client: Any, body: object) -> None:
    answer = client.ask("POST", "/search/jql", body, status=400)
    assert answer["errorMessages"]


def test_a_token_belongs_to_its_query(client: Any) -> None:
    page = client.ask("POST", "/search/jql", {"jql": BOTH, "maxResults": 1})
    other = {"jql": "project = SHOP", "nextPageToken": page["nextPageToken"]}
    client.ask("POST", "/search/jql", other, status=400)


def test_pages_shrink_as_the_site_likes_and_lose_nothing(client: Any, site: Site) -> None:
    site.page_limits = (2, 1)
    assert pages(client, BOTH) == [["SHOP-1", "SHOP-2"], ["SHOP-3"], ["SHOP-4", "PAY-1"]]
    ids = client.ask("POST", "/search/jql", {"jql": BOTH, "maxResults": 5000, "fields": ["id"]})
    assert len(ids["issues"]) == 5


@pytest.mark.parametrize("size", [1, 2, 3, 5, 100])
def test_equal_times_across_an_edge_come_once_each(sandbox: Sandbox, connect: Any, size: int) -> None:
    with Sandbox(many(60)) as large:
        client = connect(f"{large.url}/jira/bulk")
        found = pages(client, "project in (P0, P1) ORDER BY updated ASC, key ASC", maxResults=size)
        keys = [key for page in found for key in page]
        assert len(keys) == len(set(keys)) == 60


def test_an_issue_that_moves_while_paging_is_met_where_it_is_now(client: Any, site: Site) -> None:
    body = {"jql": BOTH, "fields": ["updated"], "maxResults": 2}
    first = client.ask("POST", "/search/jql", body)
    client.ask("PUT", "/issue/SHOP-1", {"update": {"labels": [{"add": "new"}]}}, status=204)
    client.ask("DELETE", "/issue/SHOP-3", status=204)
    changes.create(site, {"project": "PAY", "issuetype": "Epic", "summary": "x"}, Hand(site.account, site.clock()))
    rest = client.ask("POST", "/search/jql", {**body, "maxResults": 100, "nextPageToken": first["nextPageToken"]})
    assert [issue["key"] for issue in first["issues"]] == ["SHOP-1", "SHOP-2"]
    assert [issue["key"] for issue in rest["issues"]] == ["SHOP-4", "PAY-1", "PAY-2", "SHOP-1"]


def test_the_newest_hundred_histories_come_with_an_issue(client: Any, site: Site) -> None:
    issue = site.find("SHOP-2")
    assert issue is not None
    for number in range(120):
        changes.change(site, issue, {"summary": f"Version {number}"}, Hand(site.account, site.clock()))
    (found,) = client.ask("POST", "/search/jql", {"jql": "key = SHOP-2", "expand": "changelog"})["issues"]
    assert (found["changelog"]["total"], len(found["changelog"]["histories"])) == (120, 100)
    assert found["changelog"]["histories"][0]["items"][0]["toString"] == "Version 119"
    page = client.ask("GET", "/issue/SHOP-2/changelog", startAt=100)
    assert page["values"][0]["items"][0]["toString"] == "Version 100"
    assert page["isLast"]


def test_bulk_histories_are_oldest_first_and_an_issue_may_span_pages(client: Any, site: Site) -> None:
    for number in range(4):
        for key in ("SHOP-1", "SHOP-2"):
            issue = site.find(key)
            assert issue is not None
            at = site.clock().replace(minute=number)
            changes.change(site, issue, {"summary": f"{key} {number}"}, Hand(site.account, at))
    body = {"issueIdsOrKeys": ["SHOP-2", "SHOP-1", "SHOP-99"], "maxResults": 3}
    seen: dict[str, list[str]] = {}
    for _ in range(3):
        page = client.ask("POST", "/changelog/bulkfetch", body)
        for entry in page["issueChangeLogs"]:
            words = [history["items"][0]["toString"] for history in entry["changeHistories"]]
            seen.setdefault(entry["issueId"], []).extend(words)
        body["nextPageToken"] = page.get("nextPageToken")
    assert body["nextPageToken"] is None
    assert seen["10002"] == [f"SHOP-2 {number}" for number in range(4)]
    assert seen["10001"] == [f"SHOP-1 {number}" for number in range(4)]
    none = client.ask("POST", "/changelog/bulkfetch", {"issueIdsOrKeys": ["SHOP-1"], "fieldIds": ["status"]})
    assert none == {"issueChangeLogs": []}
    client.ask("POST", "/changelog/bulkfetch", {"issueIdsOrKeys": [str(n) for n in range(1001)]}, status=400)
    client.ask("POST", "/changelog/bulkfetch", {"issueIdsOrKeys": ["1"], "fieldIds": list("abcdefghijk")}, status=400)


def test_a_fetch_ascends_by_id_resolves_moves_and_leaves_out_what_is_not_there(client: Any, site: Site) -> None:
    issue, pay = site.find("SHOP-4"), site.project("PAY")
    assert issue is not None
    assert pay is not None
    changes.move(site, issue, pay, Hand(site.account, site.clock()))
    site.hide("SHOP-3")
    body = {"issueIdsOrKeys": ["shop-4", "PAY-1", "SHOP-3", "10001", "999999"], "fields": ["summary"]}
    answer = client.ask("POST", "/issue/bulkfetch", body)
    assert [found["key"] for found in answer["issues"]] == ["SHOP-1", "PAY-2", "PAY-1"]
    assert answer["issueErrors"] == []
    client.ask("POST", "/issue/bulkfetch", {"issueIdsOrKeys": [str(n) for n in range(101)]}, status=400)
    client.ask("POST", "/issue/bulkfetch", {"issueIdsOrKeys": []}, status=400)


def test_what_is_hidden_is_nowhere_and_its_project_breaks_the_query(client: Any, site: Site) -> None:
    site.hide("SHOP-1")
    assert client.keys("project = SHOP ORDER BY key") == ["SHOP-2", "SHOP-3", "SHOP-4"]
    client.ask("GET", "/issue/SHOP-1", status=404)
    parent = client.ask("GET", "/issue/SHOP-2", fields="parent")["fields"]["parent"]
    assert set(parent) == {"id", "key", "self"}
    issue, blocker = site.find("SHOP-2"), site.find("PAY-1")
    assert issue is not None
    assert blocker is not None
    changes.block(site, issue, blocker, Hand(site.account, site.clock()))
    assert len(client.ask("GET", "/issue/SHOP-2")["fields"]["issuelinks"]) == 1
    site.hide("PAY")
    assert client.ask("GET", "/issue/SHOP-2", fields="issuelinks")["fields"]["issuelinks"] == []
    assert "'PAY' does not exist" in client.refusal("project in (SHOP, PAY)")
    client.ask("GET", "/project/PAY", status=404)
    assert [row["key"] for row in client.ask("GET", "/project/search")["values"]] == ["DATA", "PLAT", "SEC", "SHOP"]
    site.show("PAY")
    assert client.keys("project = PAY") == ["PAY-1"]


def test_who_is_not_signed_in_sees_nothing_and_a_bad_token_is_refused(client: Any) -> None:
    client.auth = None
    assert client.ask("POST", "/search/jql", {"jql": "project = SHOP"}) == {"issues": [], "isLast": True}
    assert client.ask("GET", "/serverInfo")["deploymentType"] == "Cloud"
    client.ask("GET", "/myself", status=401)
    client.ask("PUT", "/issue/SHOP-1", {"fields": {}}, status=404)
    client.auth = ("okrsync@example.test", "bad")
    client.ask("POST", "/search/jql", {"jql": "project = SHOP"}, status=401)
    client.auth = None
    client.headers["Authorization"] = "Bearer any"
    assert client.ask("GET", "/myself")["displayName"] == "okrsync"


def test_the_removed_search_says_where_to_go(client: Any) -> None:
    assert "/rest/api/3/search/jql" in client.ask("GET", "/search", status=410, jql="x")["errorMessages"][0]


def test_many_clients_at_once_get_whole_answers(sandbox: Sandbox, connect: Any) -> None:
    def work(number: int) -> set[int]:
        client = connect(f"{sandbox.url}/jira/acme")
        found = set()
        for turn in range(15):
            sandbox.world.clock.advance(timedelta(seconds=1))  # an issue takes 20 writes in 2 s
            client.ask("PUT", f"/issue/SHOP-{turn % 4 + 1}/properties/p{number}-{turn}", {"n": turn}, status=201)
            client.ask("PUT", "/issue/SHOP-2", {"update": {"labels": [{"add": f"l{number}-{turn}"}]}}, status=204)
            found.add(len(client.keys("project in (SHOP, PAY)")))
        return found

    with ThreadPoolExecutor(8) as pool:
        assert set().union(*pool.map(work, range(8))) == {5}
    assert len(sandbox.requests) == 8 * 45
    issue = sandbox.world.jira.sites["acme"].find("SHOP-2")
    assert issue is not None
    assert len(issue.fields["labels"]) == len(issue.histories) == 8 * 15
