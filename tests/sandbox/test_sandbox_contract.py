"""Every endpoint against Atlassian's own specification: our requests, and the sandbox's answers to them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import requests

from connectors import registry
from okrsync.model import Cursor, Say, Secret, SecretRef, Slot, SourceConfig, Surface, Write
from okrsync.sandbox import Sandbox, World
from okrsync.sandbox.jira import screens
from okrsync.sandbox.jira.adf import document
from okrsync.sandbox.jira.routes import ROUTER
from okrsync.sandbox.jira.site import Site

FIELDS = ["summary", "status", "parent", "labels", "updated", "created", "description"]


@pytest.fixture
def checked(sandbox: Sandbox, connect: Any, contract: Any) -> Any:
    url = f"{sandbox.url}/jira/acme"
    return connect(url, contract(url))


def test_reading_endpoints_answer_as_specified(checked: Any) -> None:
    for path, query in (
        ("/serverInfo", {}),
        ("/myself", {}),
        ("/mypermissions", {"permissions": "BROWSE_PROJECTS,EDIT_ISSUES", "projectKey": "SHOP"}),
        ("/project/search", {"keys": ["SHOP", "PAY"], "maxResults": 1}),
        ("/project/SHOP", {}),
        ("/project/SHOP/statuses", {}),
        ("/field", {}),
        ("/status", {}),
        ("/issuetype", {}),
        ("/issueLinkType", {}),
        ("/search/jql", {"jql": "project = SHOP", "fields": "summary,status"}),
        ("/issue/SHOP-2", {"expand": "changelog,names", "properties": "a"}),
        ("/issue/SHOP-2/changelog", {"maxResults": 1}),
        ("/issue/SHOP-2/properties", {}),
        ("/issue/SHOP-2/comment", {"expand": "properties"}),
    ):
        checked.ask("GET", path, **query)


def test_posted_searches_answer_as_specified(checked: Any) -> None:
    page = checked.ask("POST", "/search/jql", {"jql": "project = SHOP", "fields": FIELDS, "maxResults": 1})
    assert page["nextPageToken"]
    checked.ask("POST", "/search/approximate-count", {"jql": "project = SHOP"})
    checked.ask("POST", "/issue/bulkfetch", {"issueIdsOrKeys": ["SHOP-1", "10003"], "fields": FIELDS})
    checked.ask("POST", "/changelog/bulkfetch", {"issueIdsOrKeys": ["SHOP-1"], "fieldIds": ["status"]})


def test_writes_answer_as_specified(checked: Any) -> None:
    labels = {"update": {"labels": [{"add": "okr-orphan"}]}}
    checked.ask("PUT", "/issue/SHOP-2", labels, status=204, notifyUsers="false")
    checked.ask("PUT", "/issue/SHOP-2/properties/okrsync", {"a": 1}, status=201)
    checked.ask("GET", "/issue/SHOP-2/properties/okrsync")
    checked.ask("GET", "/issue/SHOP-2/properties")
    comment = checked.ask("POST", "/issue/SHOP-2/comment", {"body": document("Hello")}, status=201)
    path = f"/issue/SHOP-2/comment/{comment['id']}"
    checked.ask("PUT", path, {"body": document("Bye"), "properties": [{"key": "k", "value": {"a": 1}}]})
    checked.ask("GET", path)
    checked.ask("GET", "/issue/SHOP-2/comment")
    checked.ask("DELETE", path, status=204)
    checked.ask("DELETE", "/issue/SHOP-2/properties/okrsync", status=204)
    checked.ask("POST", "/changelog/bulkfetch", {"issueIdsOrKeys": ["SHOP-2"]})
    checked.ask("DELETE", "/issue/SHOP-2", status=204, deleteSubtasks="true")


def test_answers_through_the_gateway_are_as_specified(
    sandbox: Sandbox, site: Site, connect: Any, contract: Any
) -> None:
    url = f"{sandbox.url}/ex/jira/{site.cloud_id}"
    checked = connect(url, contract(url))
    checked.auth = ("okrsync@example.test", "scoped-1")
    for path in ("/serverInfo", "/myself", "/project/search", "/field", "/status", "/issue/SHOP-2"):
        checked.ask("GET", path)
    checked.ask("POST", "/search/jql", {"jql": "project = SHOP", "fields": ["*all"], "expand": "changelog"})


def test_sprints_links_and_languages_answer_as_specified(checked: Any, sandbox: Sandbox) -> None:
    for path, body in (
        ("sprints", {"name": "One", "state": "active"}),
        ("issues/SHOP-2", {"sprint": {"add": 1}, "blocked_by": "PAY-1", "flagged": True}),
        ("issues/SHOP-2", {"sprint": {"remove": 1}, "unblocked_by": "PAY-1", "archived": True}),
        ("issues/SHOP-3", {"sprint": {"add": 1}, "blocked_by": "PAY-1"}),
        ("projects/PAY", {"archived": True}),
        ("account", {"language": "de"}),
    ):
        assert requests.post(f"{sandbox.url}/_sandbox/jira/acme/{path}", json=body, timeout=5).ok
    for path in ("/field", "/status", "/issuetype", "/issueLinkType", "/myself", "/issue/SHOP-2", "/issue/SHOP-3"):
        checked.ask("GET", path)
    checked.ask("GET", "/project/search?status=archived")
    checked.ask("GET", "/issue/SHOP-2/changelog")
    checked.ask("POST", "/changelog/bulkfetch", {"issueIdsOrKeys": ["SHOP-2", "SHOP-3"]})
    checked.ask("POST", "/issue/bulkfetch", {"issueIdsOrKeys": ["SHOP-2", "SHOP-3"], "fields": ["*all"]})
    checked.ask("POST", "/search/jql", {"jql": "sprint in openSprints()", "fields": ["*all"], "expand": "changelog"})


def test_limits_and_broken_pages_answer_in_a_frame_that_is_specified(checked: Any, sandbox: Sandbox) -> None:
    body = {"jql": "project = SHOP", "fields": ["summary"], "maxResults": 2}
    page = checked.ask("POST", "/search/jql", body)
    for fault in ("index_flip", "empty_page", "short_page", "repeated_token"):
        sandbox.fault(fault)
        checked.ask("POST", "/search/jql", {**body, "nextPageToken": page["nextPageToken"]})
    sandbox.fault("expired_token")
    checked.ask("POST", "/search/jql", {**body, "nextPageToken": page["nextPageToken"]}, status=400)
    sandbox.fault("index_flip")
    checked.ask("POST", "/search/approximate-count", {"jql": "project = SHOP"})


def test_refusals_answer_as_specified(checked: Any) -> None:
    checked.ask("GET", "/issue/SHOP-99", status=404)
    checked.ask("POST", "/search/jql", {"jql": "project = NOPE"}, status=400)
    checked.ask("PUT", "/issue/SHOP-1", {"fields": {"nope": 1}}, status=400)
    checked.ask("GET", "/mypermissions", status=400)


@pytest.mark.parametrize("door", ["site", "gateway"])
def test_all_that_the_connector_asks_is_answered_as_specified(
    door: str, sandbox: Sandbox, site: Site, contract: Any
) -> None:
    """Its whole life against one site; only ``serverInfo`` goes to version 2, of which there is no specification."""
    url = f"{sandbox.url}/jira/acme" if door == "site" else f"{sandbox.url}/ex/jira/{site.cloud_id}"
    check, seen = contract(url), set()

    def checked(response: requests.Response, **_: object) -> None:
        path = response.request.path_url.partition("?")[0]
        if not path.endswith("/rest/api/2/serverInfo"):
            seen.add(f"{response.request.method} {path.partition('/rest/api/3')[2]}")
            check(response)

    settings = registry.settings()["jira"](projects=("SHOP", "PAY"))
    auth = SecretRef("env", "TOKEN")
    for number, kind in (("10100", "select"), ("10101", "number")):
        options = {"options": ["O-UX · A path *that* sells"]} if kind == "select" else {}
        screens.define(site, {"id": f"customfield_{number}", "name": kind.title(), "type": kind, **options})
    written = frozenset({"customfield_10100", "customfield_10101"})
    source: Any = registry.connect(
        SourceConfig("jira", "jira", url, "bot@acme.test", auth, settings, written=written),
        Secret("scoped-1" if door == "gateway" else "t"),
    )
    source._api._client._session.hooks["response"].append(checked)
    source.check()
    since: dict[str, Cursor | None] = {scope.id: None for scope in source.scopes()}
    found = []
    for _ in range(2):
        for page in source.pull(since):
            found += [item.remote_id for item in page.items]
            since |= page.cursors
        source.metadata()
    assert list(source.fetch(found[:2]))
    assert list(source.history(found))
    assert list(source.census(source.scopes()[0]))
    assert source.count("labels = tech-debt AND statusCategory != Done") == 0
    for surface, name, value in (
        (Surface.LABEL, "okr-orphan", True),
        (Surface.OBJECTIVE_FIELD, "customfield_10100", "O-UX"),
        (Surface.NUMBER, "customfield_10101", 62.5),
        (Surface.PROPERTY, "okrsync.acme", {"p": 0.5}),
        (Surface.COMMENT, "acme", "half done"),
    ):
        slot = Slot("jira", found[0], surface, name)
        for before, after in ((None, value), (value, None)):
            source.push([Write(slot, "SHOP-1", "", before, after, Say.of("because"))])
            assert source.read([slot]) == {slot: after}
    source.close()
    assert {path.rpartition("/")[2].split()[-1] for path in seen} >= {"myself", "jql", "bulkfetch", "approximate-count"}
    assert {"POST", "PUT", "DELETE"} <= {asked.split()[0] for asked in seen}


def test_recorded_issues_answer_as_specified(shared: Path, connect: Any, contract: Any) -> None:
    """Real issues hold parts that older interfaces left in them; they are served all the same, in the frame of v3."""
    with Sandbox(World.load(shared / "recorded" / "world")) as sandbox:
        url = f"{sandbox.url}/jira/merico"
        checked = connect(url, contract(url))
        for path in ("/field", "/issuetype", "/project/search"):
            checked.ask("GET", path)
        for field in ("changelog", "names"):
            checked.ask("POST", "/search/jql", {"jql": "project = EE", "fields": ["*all"], "expand": field})
        checked.ask("POST", "/changelog/bulkfetch", {"issueIdsOrKeys": ["EE-1", "EE-2"]})


def test_every_endpoint_is_one_of_jira(shared: Path) -> None:
    import json

    paths = json.loads((shared / "specs" / "jira-cloud-v3-openapi.json").read_text(encoding="utf-8"))["paths"]
    names = {"issue": "issueIdOrKey", "project": "projectIdOrKey", "key": "propertyKey", "comment": "id"}
    for method, pattern in ROUTER.routes():
        if pattern.startswith("/rest/webhooks/1.0/"):
            continue  # of administrators, which the file leaves out
        for ours, theirs in names.items():
            pattern = pattern.replace(f"{{{ours}}}", f"{{{theirs}}}")
        assert method.lower() in paths.get(pattern, {}), f"{method} {pattern}"
