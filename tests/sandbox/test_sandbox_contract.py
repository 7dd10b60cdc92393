"""Every endpoint against Atlassian's own specification: our requests, and the sandbox's answers to them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from okrsync.sandbox import Sandbox, World
from okrsync.sandbox.jira.adf import document
from okrsync.sandbox.jira.routes import ROUTER

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


def test_refusals_answer_as_specified(checked: Any) -> None:
    checked.ask("GET", "/issue/SHOP-99", status=404)
    checked.ask("POST", "/search/jql", {"jql": "project = NOPE"}, status=400)
    checked.ask("PUT", "/issue/SHOP-1", {"fields": {"nope": 1}}, status=400)
    checked.ask("GET", "/mypermissions", status=400)


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
        for ours, theirs in names.items():
            pattern = pattern.replace(f"{{{ours}}}", f"{{{theirs}}}")
        assert method.lower() in paths.get(pattern, {}), f"{method} {pattern}"
