"""Worlds: loaded from folders, real ones too, served, and written back."""

from __future__ import annotations

import _thread
import json
import threading
from pathlib import Path
from typing import Any

import pytest
import requests
from jira import JIRA

from okrsync.errors import UsageError
from okrsync.sandbox import Sandbox, World, serve
from okrsync.sandbox.jira.adf import document

ISSUE = {
    "id": "10001",
    "key": "A-1",
    "fields": {
        "summary": "One",
        "project": {"id": "1", "key": "A", "name": "Alpha"},
        "status": {"id": "1", "name": "Open", "statusCategory": {"id": 2, "key": "new", "name": "To Do"}},
        "issuetype": {"id": "1", "name": "Task", "subtask": False},
        "created": "2026-01-01T10:00:00.000+0800",
        "updated": "2026-01-02T10:00:00.123-0330",
        "description": "First line\nsecond\n\nnext block",
        "customfield_10050": 3.0,
    },
}


def written(folder: Path, **files: Any) -> Path:
    site = folder / "jira" / "acme"
    site.mkdir(parents=True)
    for name, rows in files.items():
        text = "\n".join(row if isinstance(row, str) else json.dumps(row) for row in rows)
        (site / f"{name}.jsonl").write_text(text, encoding="utf-8")
    return folder


def test_what_a_folder_does_not_say_is_derived(tmp_path: Path, connect: Any) -> None:
    (tmp_path / "github" / "acme" / "shop").mkdir(parents=True)
    (tmp_path / "okrsync.toml").write_text("[okrsync]\n", encoding="utf-8")
    world = World.load(written(tmp_path, issues=[ISSUE], comments=[{"issueId": "A-1", "id": "7", "body": "Hi"}]))
    assert world.config == "[okrsync]\n"
    with Sandbox(world) as sandbox:
        client = connect(f"{sandbox.url}/jira/acme")
        assert client.ask("GET", "/project/A")["name"] == "Alpha"
        assert [row["name"] for row in client.ask("GET", "/status")] == ["Open"]
        assert [row["hierarchyLevel"] for row in client.ask("GET", "/issuetype")] == [0]
        fields = {row["id"]: row for row in client.ask("GET", "/field")}
        assert fields["customfield_10050"]["schema"]["type"] == "number"
        assert fields["updated"]["schema"] == {"type": "datetime", "system": "updated"}
        issue = client.ask("GET", "/issue/A-1")["fields"]
        assert issue["updated"] == "2026-01-02T10:00:00.123-0330", "stamps stay as they stand"
        assert issue["description"] == document("First line\nsecond\n\nnext block")
        assert issue["comment"]["comments"][0]["body"] == document("Hi")
        assert client.keys('updated >= "2026-01-02 13:30"') == ["A-1"]
        assert client.keys('updated >= "2026-01-02 13:31"') == []


@pytest.mark.parametrize(
    ("files", "words"),
    [
        ({"issues": [ISSUE, "{oops"]}, "issues.jsonl, line 2: not JSON"),
        ({"issues": ["", "[]"]}, "issues.jsonl, line 2: expected a JSON object, found list"),
        ({"issues": [{"id": "1"}]}, "issues.jsonl, line 1: not an issue as Jira lists them: 'key' is missing"),
        (
            {"issues": [{**ISSUE, "fields": {**ISSUE["fields"], "project": {"key": "A"}}}]},
            "issues.jsonl, line 1: not an issue as Jira lists them: the project has no id",
        ),
        ({"issues": [{**ISSUE, "key": "nokey"}]}, "issues.jsonl, line 1: not an issue as Jira lists them"),
        (
            {"issues": [{**ISSUE, "fields": {**ISSUE["fields"], "updated": "yesterday"}}]},  # type: ignore[dict-item]
            "issues.jsonl, line 1: not an issue as Jira lists them: Invalid isoformat string: 'yesterday'",
        ),
        (
            {"issues": [{**ISSUE, "fields": {**ISSUE["fields"], "parent": {"key": "A-9"}}}]},  # type: ignore[dict-item]
            "issues.jsonl, line 1: parent names no issue of the site",
        ),
        ({"issues": [ISSUE], "statuses": [{"id": "3"}]}, "statuses.jsonl, line 1: 'name' is missing or no text"),
        ({"issues": [ISSUE], "comments": [{"id": "3"}]}, "comments.jsonl, line 1: a comment needs an id and the issue"),
    ],
)
def test_a_broken_line_is_named(tmp_path: Path, files: dict[str, Any], words: str) -> None:
    with pytest.raises(UsageError) as caught:
        World.load(written(tmp_path, **files))
    assert words in str(caught.value)


def test_a_parent_and_a_link_may_be_named_by_their_keys(tmp_path: Path, connect: Any) -> None:
    kind = {"id": "1", "name": "Blocks", "inward": "is blocked by", "outward": "blocks"}
    named = {"parent": {"key": "A-1"}, "issuelinks": [{"id": "9", "type": kind, "inwardIssue": {"key": "A-1"}}]}
    child = {"id": "78", "key": "A-2", "fields": {**ISSUE["fields"], **named}}  # type: ignore[dict-item]
    world = World.load(written(tmp_path, issues=[child, ISSUE]))
    with Sandbox(world) as sandbox:
        client = connect(f"{sandbox.url}/jira/acme")
        fields = client.ask("GET", "/issue/A-2")["fields"]
        assert fields["parent"]["id"] == fields["issuelinks"][0]["inwardIssue"]["id"] == "10001"
        world.jira.sites["acme"].hide("A-1")
        fields = client.ask("GET", "/issue/A-2")["fields"]
        assert fields["parent"] == {"id": "10001", "key": "A-1", "self": f"{client.base}/issue/10001"}
        assert fields["issuelinks"] == []


def test_a_missing_folder_and_a_taken_address_are_named(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="no such folder"):
        World.load(tmp_path / "none")
    with pytest.raises(UsageError, match="HOST:PORT"):
        serve(tmp_path, listen="8019")
    with Sandbox(World()) as sandbox, pytest.raises(UsageError, match="cannot listen on 127"):
        Sandbox(World(), port=sandbox.port)


def test_edits_last_where_they_are_persisted(tmp_path: Path, connect: Any) -> None:
    folder = written(tmp_path, issues=[ISSUE])
    with Sandbox(World.load(folder)) as sandbox:
        connect(f"{sandbox.url}/jira/acme").ask("PUT", "/issue/A-1/properties/a", {"x": 1}, status=201)
    sandbox = Sandbox(World.load(folder))
    assert sandbox.world.jira.sites["acme"].issues["10001"].properties == {}, "not unless asked"
    sandbox.persist(folder)
    with sandbox:
        client = connect(f"{sandbox.url}/jira/acme")
        client.ask("PUT", "/issue/A-1/properties/a", {"x": 1}, status=201)
        client.ask("PUT", "/issue/A-1", {"update": {"labels": [{"add": "new"}]}}, status=204)
        client.ask("POST", "/issue/A-1/comment", {"body": document("Hello")}, status=201)
        url = f"{sandbox.url}/_sandbox/jira/acme/issues"
        body = {"fields": {"project": "A", "issuetype": "Task", "summary": "Two"}}
        assert client.post(url, json=body, timeout=5).status_code == 201
        before = client.ask("POST", "/search/jql", {"jql": "project = A", "fields": ["*all"], "expand": "changelog"})
    with Sandbox(World.load(folder), port=sandbox.port) as again:
        client = connect(f"{again.url}/jira/acme")
        assert client.ask("GET", "/issue/A-1/properties/a")["value"] == {"x": 1}
        body = {"jql": "project = A", "fields": ["*all"], "expand": "changelog"}
        assert client.ask("POST", "/search/jql", body) == before


def test_the_recorded_world_is_served_whole(shared: Path, connect: Any) -> None:
    with Sandbox(World.load(shared / "recorded" / "world")) as sandbox:
        seen = {}
        for site, projects in (("merico", "EE, K5"), ("appcelerator", "ALOY, DAEMON")):
            client = connect(f"{sandbox.url}/jira/{site}")
            body = {"jql": f"project in ({projects}) ORDER BY updated ASC, key ASC", "fields": ["*all"]}
            ids: list[str] = []
            updated: list[str] = []
            while True:
                page = client.ask("POST", "/search/jql", {**body, "maxResults": 100})
                ids += [issue["id"] for issue in page["issues"]]
                updated += [issue["fields"]["updated"] for issue in page["issues"]]
                if page["isLast"]:
                    break
                body["nextPageToken"] = page["nextPageToken"]
            count = client.ask("POST", "/search/approximate-count", {"jql": body["jql"]})["count"]
            seen[site] = (len(set(ids)), count)
            assert len(sandbox.world.jira.sites[site].issues) == len(ids)
        assert seen == {"merico": (33, 33), "appcelerator": (1816, 1816)}
        histories = connect(f"{sandbox.url}/jira/merico").ask("GET", "/issue/EE-1/changelog")
        assert histories["total"] == 25
        assert histories["values"][0]["created"] < histories["values"][-1]["created"]


@pytest.fixture
def library(sandbox: Sandbox) -> Any:
    """The real client library, set up as its documentation says."""
    options = {"server": f"{sandbox.url}/jira/acme", "rest_api_version": "3"}
    found = JIRA(options=options, basic_auth=("okrsync@example.test", "token"), max_retries=0, timeout=10)
    yield found
    found.close()


def test_the_real_library_cannot_tell(library: Any) -> None:
    assert library._is_cloud
    assert library.myself()["displayName"] == "okrsync"
    found = library.enhanced_search_issues("project = SHOP ORDER BY key", maxResults=0, fields="summary,status")
    assert [issue.key for issue in found] == ["SHOP-1", "SHOP-2", "SHOP-3", "SHOP-4"]
    raw = library.enhanced_search_issues("project = SHOP ORDER BY key", maxResults=3, json_result=True)
    assert (len(raw["issues"]), raw["isLast"]) == (3, False)
    rest = library.enhanced_search_issues(
        "project = SHOP ORDER BY key", maxResults=3, json_result=True, nextPageToken=raw["nextPageToken"]
    )
    assert len(rest["issues"]) == 1
    assert library.approximate_issue_count("project = SHOP") == 4
    issue = library.issue("SHOP-2", expand="changelog")
    assert issue.fields.parent.key == "SHOP-1"
    issue.update(notify=False, update={"labels": [{"add": "seen"}]})
    assert library.issue("SHOP-2").fields.labels == ["seen"]
    library.add_issue_property("SHOP-2", "okrsync", {"a": 1})
    assert library.issue_property("SHOP-2", "okrsync").value.a == 1
    comment = library.add_comment("SHOP-2", document("Hello"))
    assert [found.id for found in library.comments("SHOP-2")] == [comment.id]
    comment.delete()
    assert library.comments("SHOP-2") == []


def test_the_real_library_pages_without_an_end_over_a_stuck_token(sandbox: Sandbox, library: Any) -> None:
    sandbox.fault("repeated_token", path=r".*/search/jql", times=20)
    sandbox.world.jira.sites["acme"].page_limits = (1,)
    library.enhanced_search_issues("project = SHOP", maxResults=0, fields="summary")
    assert len(sandbox.requests) > 20


def test_serve_runs_until_interrupted(tmp_path: Path) -> None:
    seen: list[int] = []

    def ready(url: str) -> None:
        def ask() -> None:
            seen.append(requests.get(f"{url}/jira/acme/rest/api/3/serverInfo", timeout=5).status_code)
            _thread.interrupt_main()

        threading.Thread(target=ask).start()

    serve(written(tmp_path, issues=[ISSUE]), listen="127.0.0.1:0", ready=ready)
    assert seen == [200]
