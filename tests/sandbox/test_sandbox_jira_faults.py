"""What Jira does wrong, on demand: an index that lags, pages that break, limits, archives, fields without sense."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
import requests

from okrsync.sandbox import Sandbox
from okrsync.sandbox.jira.site import Site

BOTH = "project in (SHOP, PAY) ORDER BY updated ASC, key ASC"


@pytest.fixture
def person(sandbox: Sandbox) -> Callable[..., requests.Response]:
    """An edit as a person makes it: the path below the site, and what is in the body."""

    def edit(path: str, **body: Any) -> requests.Response:
        return requests.post(f"{sandbox.url}/_sandbox/jira/acme/{path}", json=body, timeout=5)

    return edit


def test_an_index_that_flips_finds_nothing_once(client: Any, sandbox: Sandbox, site: Site) -> None:
    sandbox.fault("index_flip", path=r".*/search/jql")
    assert client.keys(BOTH) == []
    assert len(client.keys(BOTH)) == 5
    sandbox.fault("index_flip")
    assert client.ask("POST", "/search/approximate-count", {"jql": "project = SHOP"}) == {"count": 0}
    site.datacenter = True
    sandbox.fault("index_flip")
    client.base = client.base.replace("/3", "/2")
    assert client.ask("GET", "/search", jql=BOTH)["total"] == 0
    assert client.ask("GET", "/search", jql=BOTH)["total"] == 5


def test_an_index_that_lags_finds_an_issue_later(client: Any, sandbox: Sandbox, person: Any) -> None:
    assert person("site", index_lag=30).ok
    person("issues/SHOP-2", labels=["new"])
    assert client.keys("project = SHOP ORDER BY key") == ["SHOP-1", "SHOP-3", "SHOP-4"]
    assert client.ask("GET", "/issue/SHOP-2")["fields"]["labels"] == ["new"]
    assert client.keys("key = SHOP-2", reconcileIssues=[10002]) == ["SHOP-2"]
    sandbox.world.clock.advance(timedelta(seconds=30))
    assert client.keys("labels = new") == ["SHOP-2"]


def test_a_deep_page_breaks_above_a_size(client: Any, sandbox: Sandbox) -> None:
    sandbox.fault("duplicate_key", times=None, rows=2)
    body = {"jql": BOTH, "fields": ["summary"], "maxResults": 3}
    first = client.ask("POST", "/search/jql", body)
    deep = {**body, "nextPageToken": first["nextPageToken"]}
    assert "Duplicate key" in client.ask("POST", "/search/jql", deep, status=500)["errorMessages"][0]
    assert len(client.ask("POST", "/search/jql", {**deep, "maxResults": 2})["issues"]) == 2


def test_a_token_may_be_too_old(client: Any, sandbox: Sandbox) -> None:
    body = {"jql": BOTH, "maxResults": 3}
    token = client.ask("POST", "/search/jql", body)["nextPageToken"]
    sandbox.fault("expired_token")
    client.ask("POST", "/search/jql", {**body, "nextPageToken": token}, status=400)


def test_counts_are_of_the_query_and_may_be_wrong(client: Any, site: Site, person: Any) -> None:
    person("issues/SHOP-2", labels=["tech-debt"])
    person("issues/SHOP-3", labels=["tech-debt"])
    query = {"jql": "labels = tech-debt AND statusCategory != Done"}
    assert client.ask("POST", "/search/approximate-count", query) == {"count": 1}
    site.count_off_by = 3
    assert client.ask("POST", "/search/approximate-count", query) == {"count": 4}
    site.count_off_by = -3
    assert client.ask("POST", "/search/approximate-count", query) == {"count": 0}


@pytest.mark.parametrize(
    ("kind", "reason", "hit", "free"),
    [
        ("jira_quota_global", "jira-quota-global-based", "GET /field", None),
        ("jira_quota_tenant", "jira-quota-tenant-based", "GET /issue/SHOP-2", None),
        ("jira_burst", "jira-burst-based", "GET /issue/SHOP-2", "GET /field"),
        ("jira_per_issue", "jira-per-issue-on-write", "DELETE /issue/SHOP-1/properties/a", "GET /issue/SHOP-1"),
        ("jira_per_issue", "jira-per-issue-on-write", "PUT /issue/SHOP-1", "DELETE /issue/SHOP-2/properties/a"),
    ],
)
def test_each_limit_covers_what_it_covers(
    kind: str, reason: str, hit: str, free: str | None, client: Any, sandbox: Sandbox
) -> None:
    sandbox.fault(kind, seconds=30)
    method, path = ("PUT", "/issue/SHOP-1") if kind == "jira_per_issue" else ("GET", "/issue/SHOP-1")
    first = client.request(method, client.base + path, json={}, timeout=5)
    assert (first.status_code, first.headers["RateLimit-Reason"], first.headers["Retry-After"]) == (429, reason, "30")
    sandbox.world.clock.advance(timedelta(seconds=10))
    method, path = hit.split()
    again = client.request(method, client.base + path, json={}, timeout=5)
    assert (again.status_code, again.headers["Retry-After"]) == (429, "20")
    if free:
        method, path = free.split()
        assert client.request(method, client.base + path, timeout=5).status_code in (200, 404)
    sandbox.world.clock.advance(timedelta(seconds=21))
    method, path = hit.split()
    assert client.request(method, client.base + path, json={}, timeout=5).status_code != 429


def test_archived_issues_are_found_by_no_search_and_read_by_id(client: Any, site: Site, person: Any) -> None:
    assert person("issues/SHOP-2", archived=True).ok
    assert client.keys("project = SHOP ORDER BY key") == ["SHOP-1", "SHOP-3", "SHOP-4"]
    assert "archiveddate" in client.ask("GET", "/issue/SHOP-2")["fields"]
    assert len(client.ask("POST", "/issue/bulkfetch", {"issueIdsOrKeys": ["SHOP-2"]})["issues"]) == 1
    person("issues/SHOP-2", archived=False)
    assert len(client.keys("project = SHOP")) == 4


def test_archived_projects_are_no_longer_known_to_a_query(client: Any, person: Any) -> None:
    assert person("projects/PAY", archived=True).json()["archived"] is True
    assert client.refusal("project in (SHOP, PAY)") == "The value 'PAY' does not exist for the field 'project'."
    assert client.refusal("project = 10002") == "A value with ID '10002' does not exist for the field 'project'."
    assert "PAY-1" not in client.keys("created > 0")
    listed = client.ask("GET", "/project/search")
    assert "PAY" not in [row["key"] for row in listed["values"]]
    archived = client.ask("GET", "/project/search?status=archived&keys=PAY")
    assert [row["archived"] for row in archived["values"]] == [True]


def test_a_project_with_another_key_takes_its_issues_along(client: Any, person: Any) -> None:
    person("issues/PAY-1", blocked_by="SHOP-4")
    before = client.ask("GET", "/issue/SHOP-4")["fields"]["updated"]
    assert person("projects/SHOP", key="STORE").json()["key"] == "STORE"
    assert client.keys("project = STORE ORDER BY key") == ["STORE-1", "STORE-2", "STORE-3", "STORE-4"]
    part = client.ask("GET", "/issue/SHOP-4")
    assert (part["key"], part["fields"]["parent"]["key"], part["fields"]["updated"]) == ("STORE-4", "STORE-2", before)
    assert part["fields"]["project"]["key"] == "STORE"
    (link,) = client.ask("GET", "/issue/PAY-1")["fields"]["issuelinks"]
    assert link["inwardIssue"]["key"] == "STORE-4"
    assert client.ask("GET", "/project/SHOP")["key"] == "STORE"
    assert [row["key"] for row in client.ask("GET", "/project/search?keys=SHOP")["values"]] == []
    assert person("projects/NOPE", key="X").status_code == 400


def test_fields_without_sense_are_served_as_they_were_written(client: Any, person: Any) -> None:
    raw = {"duedate": "20222-13-45", "customfield_10016": "many", "resolutiondate": "0000-00-00", "labels": None}
    assert person("issues/SHOP-2", raw=raw).ok
    fields = client.ask("GET", "/issue/SHOP-2")["fields"]
    assert (fields["duedate"], fields["customfield_10016"], "labels" in fields) == ("20222-13-45", "many", False)
    assert client.keys("due > 2000-01-01 OR resolved > 2000-01-01") == ["PAY-1", "SHOP-3"]
    assert "no issue is without status" in person("issues/SHOP-2", raw={"status": None}).text


def test_the_site_itself_is_edited(site: Site, person: Any) -> None:
    wanted = {
        "datacenter": True,
        "epochs": "past",
        "count_off_by": 2,
        "page_limits": [5, 1],
        "token_expires": "2026-12-31T00:00:00Z",
        "bucket": {"limit": 3},
    }
    assert person("site", **wanted).ok
    assert (site.datacenter, site.epochs, site.count_off_by, site.page_limits) == (True, "past", 2, (5, 1))
    assert site.bucket is not None
    assert person("site", token_expires=None, bucket=None, datacenter=False).ok
    assert (site.bucket, site.token_expires, site.datacenter) == (None, None, False)
    for wrong in ({"epochs": "soon"}, {"colour": 1}, {"token_expires": "2026-12-31"}, {"bucket": {"size": 1}}):
        assert person("site", **wrong).status_code == 400
