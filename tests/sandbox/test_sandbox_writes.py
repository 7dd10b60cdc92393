"""Edits over REST, and as a person makes them: what they change, what they leave."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from okrsync.sandbox import Sandbox
from okrsync.sandbox.jira.adf import document
from okrsync.sandbox.jira.site import Site

ISSUE = "/issue/SHOP-2"


def updated(client: Any) -> str:
    return str(client.ask("GET", ISSUE, fields="updated")["fields"]["updated"])


def edit(client: Any, sandbox: Sandbox, key: str, body: dict[str, Any], status: int = 200) -> Any:
    answer = client.post(f"{sandbox.url}/_sandbox/jira/acme/issues/{key}", json=body, timeout=10)
    assert answer.status_code == status, answer.text
    return answer.json()


def test_labels_are_added_and_removed_with_history_and_update_time(client: Any, sandbox: Sandbox) -> None:
    before = updated(client)
    operations = {"update": {"labels": [{"add": "okr-orphan"}, {"add": "x"}, {"remove": "x"}]}}
    client.ask("PUT", ISSUE, operations, status=204, notifyUsers="false")
    issue = client.ask("GET", ISSUE, expand="changelog")
    assert issue["fields"]["labels"] == ["okr-orphan"]
    assert issue["fields"]["updated"] > before
    (history,) = issue["changelog"]["histories"]
    assert history["created"] == issue["fields"]["updated"]
    (item,) = history["items"]
    assert (item["field"], item["fieldId"], item["fromString"], item["toString"]) == (
        "labels",
        "labels",
        "",
        "okr-orphan",
    )
    sandbox.world.clock.advance(timedelta(minutes=1))
    now = updated(client)
    client.ask("PUT", ISSUE, {"update": {"labels": [{"add": "okr-orphan"}]}}, status=204)
    assert updated(client) == now, "an edit that changes nothing moves nothing"


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"fields": {"labels": []}, "update": {"labels": [{"add": "a"}]}}, "labels"),
        ({"update": {"labels": [{"add": "a b"}]}}, "labels"),
        ({"update": {"labels": [{"push": "a"}]}}, "labels"),
        ({"fields": {"labels": "a"}}, "labels"),
        ({"fields": {"status": "Terminé"}}, "status"),
        ({"fields": {"customfield_99999": 1}}, "customfield_99999"),
        ({"fields": {"customfield_10016": "3"}}, "customfield_10016"),
        ({"fields": {"description": "text"}}, "description"),
        ({"fields": {"parent": {"key": "SHOP-99"}}}, "parent"),
        ({"fields": {"summary": ""}}, "summary"),
    ],
)
def test_edits_that_jira_refuses_change_nothing(client: Any, body: object, field: str) -> None:
    before = client.ask("GET", ISSUE)
    answer = client.ask("PUT", ISSUE, body, status=400)
    assert set(answer["errors"]) == {field}
    assert client.ask("GET", ISSUE) == before


def test_fields_are_written(client: Any) -> None:
    client.ask("PUT", ISSUE, {"fields": {"customfield_10016": 5, "parent": {"key": "PAY-1"}}}, status=204)
    fields = client.ask("GET", ISSUE)["fields"]
    assert (fields["customfield_10016"], fields["parent"]["key"]) == (5, "PAY-1")
    client.ask("PUT", ISSUE, {"update": {"parent": [{"set": {"none": True}}]}}, status=204)
    assert "parent" not in client.ask("GET", ISSUE)["fields"]


def test_missing_rights(client: Any, site: Site) -> None:
    site.account.denied = {"ADMINISTER", "ADMINISTER_PROJECTS"}
    body = {"update": {"labels": [{"add": "a"}]}}
    client.ask("PUT", ISSUE, body, status=403, notifyUsers="false")
    client.ask("PUT", ISSUE, body, status=204)
    site.account.denied = {"EDIT_ISSUES", "ADD_COMMENTS"}
    client.ask("PUT", ISSUE, body, status=403)
    client.ask("PUT", f"{ISSUE}/properties/x", {}, status=403)
    client.ask("POST", f"{ISSUE}/comment", {"body": document("x")}, status=400)
    rights = client.ask("GET", "/mypermissions", permissions="EDIT_ISSUES,BROWSE_PROJECTS")["permissions"]
    assert [rights[name]["havePermission"] for name in ("EDIT_ISSUES", "BROWSE_PROJECTS")] == [False, True]


def test_properties_come_go_and_leave_the_update_time(client: Any) -> None:
    before = updated(client)
    path = f"{ISSUE}/properties/okrsync.kr%2FUX"
    client.ask("GET", path, status=404)
    client.ask("PUT", path, {"p": 0.5}, status=201)
    client.ask("PUT", path, {"p": 0.6}, status=200)
    assert client.ask("GET", path) == {"key": "okrsync.kr/UX", "value": {"p": 0.6}}
    found = client.ask("POST", "/search/jql", {"jql": "key = SHOP-2", "properties": ["okrsync.kr/UX", "none"]})
    assert found["issues"][0]["properties"] == {"okrsync.kr/UX": {"p": 0.6}}
    client.ask("PUT", path, "x" * 32_767, status=400)
    client.ask("PUT", path, "x" * 32_766, status=200)
    assert client.put(client.base + path, data=b"", timeout=10).status_code == 400
    client.ask("DELETE", path, status=204)
    client.ask("DELETE", path, status=404)
    assert updated(client) == before


def test_comments_take_documents_and_carry_properties(client: Any) -> None:
    before = updated(client)
    assert "comment" in client.ask("POST", f"{ISSUE}/comment", {"body": "plain"}, status=400)["errors"]
    assert updated(client) == before
    mark = {"key": "okrsync", "value": {"instance": "acme"}}
    made = client.ask("POST", f"{ISSUE}/comment", {"body": document("one"), "properties": [mark]}, status=201)
    assert updated(client) > before
    client.ask("POST", f"{ISSUE}/comment", {"body": document("two")}, status=201)
    page = client.ask("GET", f"{ISSUE}/comment", maxResults=1, expand="properties")
    assert (page["total"], [c["id"] for c in page["comments"]]) == (2, [made["id"]])
    assert "properties" not in page["comments"][0], "as documented, only comment/list shows them"
    listed = client.ask("POST", "/comment/list?expand=properties", {"ids": [int(made["id"]), 999_999]})
    assert [one["properties"] for one in listed["values"]] == [[mark]]
    path = f"{ISSUE}/comment/{made['id']}"
    client.ask("PUT", path, {"body": document("three")})
    listed = client.ask("POST", "/comment/list?expand=properties", {"ids": [int(made["id"])]})
    assert listed["values"][0]["properties"] == [mark]
    assert client.ask("GET", path)["body"]["content"][0]["content"][0]["text"] == "three"
    client.ask("DELETE", path, status=204)
    client.ask("GET", path, status=404)


def test_a_person_finishes_and_reopens(client: Any, sandbox: Sandbox) -> None:
    edit(client, sandbox, "SHOP-2", {"status": "Terminé", "at": "2026-03-02T13:00:00Z", "by": "Zoé"})
    issue = client.ask("GET", ISSUE, expand="changelog")
    assert issue["fields"]["resolution"]["name"] == "Done"
    assert issue["fields"]["resolutiondate"] == "2026-03-02T13:00:00.000+0000"
    (history,) = issue["changelog"]["histories"]
    assert history["author"]["displayName"] == "Zoé"
    assert [item["field"] for item in history["items"]] == ["status", "resolution"]
    part = client.ask("GET", "/issue/SHOP-4", fields="parent,updated")["fields"]
    assert part["parent"]["fields"]["status"]["name"] == "Terminé"
    assert part["updated"] == "2026-03-02T10:00:00.000+0000", "what a parent does moves no child"
    edit(client, sandbox, "SHOP-2", {"status": "En cours", "at": "2026-03-02T14:00:00Z"})
    fields = client.ask("GET", ISSUE)["fields"]
    assert (fields["resolution"], fields["resolutiondate"]) == (None, None)


def test_a_person_flags_blocks_labels_comments(client: Any, sandbox: Sandbox) -> None:
    body = {"flagged": True, "blocked_by": "PAY-1", "labels": {"add": ["a"]}, "comment": "Waiting"}
    edit(client, sandbox, "SHOP-2", body)
    fields = client.ask("GET", ISSUE)["fields"]
    assert fields["customfield_10021"][0]["value"] == "Impediment"
    assert fields["issuelinks"][0]["inwardIssue"]["key"] == "PAY-1"
    assert fields["labels"] == ["a"]
    assert fields["comment"]["total"] == 1
    assert client.keys("Flagged is not empty") == ["SHOP-2"]
    blocker = client.ask("GET", "/issue/PAY-1", fields="issuelinks")["fields"]["issuelinks"]
    assert blocker[0]["outwardIssue"]["key"] == "SHOP-2"
    edit(client, sandbox, "SHOP-2", {"flagged": False})
    items = client.ask("GET", f"{ISSUE}/changelog")["values"][-1]["items"]
    assert [(i["field"], i["fromString"], i["toString"]) for i in items] == [("Flagged", "Impediment", None)]


def test_a_person_moves_an_issue_and_its_old_key_still_leads_to_it(client: Any, sandbox: Sandbox) -> None:
    edit(client, sandbox, "SHOP-2", {"project": "PAY"})
    moved = client.ask("GET", ISSUE, expand="changelog")
    assert (moved["id"], moved["key"], moved["fields"]["project"]["key"]) == ("10002", "PAY-2", "PAY")
    assert [i["field"] for i in moved["changelog"]["histories"][0]["items"]] == ["project", "Key"]
    assert client.keys("key = SHOP-2") == ["PAY-2"]
    assert client.ask("GET", "/issue/SHOP-4", fields="parent")["fields"]["parent"]["key"] == "PAY-2"
    edit(client, sandbox, "SHOP-3", {"project": "PAY"})
    edit(client, sandbox, "PAY-3", {"project": "SHOP"})
    assert client.ask("GET", "/issue/PAY-3", fields="id")["key"] == "SHOP-5", "numbers are never given twice"


def test_a_person_deletes_an_epic(client: Any, sandbox: Sandbox) -> None:
    client.ask("DELETE", ISSUE, status=400)  # it has a sub-task
    before = client.ask("GET", "/issue/SHOP-3")["fields"]["updated"]
    edit(client, sandbox, "SHOP-1", {"delete": True})
    client.ask("GET", "/issue/SHOP-1", status=404)
    assert "does not exist" in client.refusal("key in (SHOP-1, SHOP-2)")
    left = client.ask("GET", "/issue/SHOP-3")["fields"]
    assert ("parent" in left, left["updated"]) == (False, before)
    client.ask("DELETE", ISSUE, status=204, deleteSubtasks="true")
    assert client.keys("project = SHOP") == ["SHOP-3"]


def test_a_person_creates(client: Any, sandbox: Sandbox) -> None:
    body = {
        "fields": {"project": "SHOP", "issuetype": "Bug", "summary": "New", "description": "a\nb", "parent": "SHOP-1"}
    }
    answer = client.post(f"{sandbox.url}/_sandbox/jira/acme/issues", json=body, timeout=10)
    assert (answer.status_code, answer.json()["key"]) == (201, "SHOP-5")
    fields = client.ask("GET", "/issue/SHOP-5")["fields"]
    assert fields["description"]["type"] == "doc"
    assert (fields["parent"]["key"], fields["status"]["statusCategory"]["key"]) == ("SHOP-1", "new")


@pytest.mark.parametrize(
    ("key", "body", "words"),
    [
        ("SHOP-2", {"state": "x"}, "unknown keys: state"),
        ("SHOP-2", {"status": "Nope"}, "The status selected is invalid."),
        ("SHOP-2", {"project": "NOPE"}, "no project 'NOPE'"),
        ("SHOP-2", {"at": "2026-01-01T00:00:00", "status": "En cours"}, "has no offset"),
    ],
)
def test_edits_that_cannot_be_made_say_why(client: Any, sandbox: Sandbox, key: str, body: Any, words: str) -> None:
    assert words in edit(client, sandbox, key, body, status=400)["errorMessages"][0]


def test_the_account_can_be_changed_from_outside(client: Any, sandbox: Sandbox) -> None:
    url = f"{sandbox.url}/_sandbox/jira/acme/account"
    body = {"time_zone": "America/St_Johns", "hide": ["PAY"], "denied": ["EDIT_ISSUES"]}
    assert client.post(url, json=body, timeout=10).status_code == 200
    assert client.ask("GET", "/myself")["timeZone"] == "America/St_Johns"
    client.ask("GET", "/project/PAY", status=404)
    client.ask("PUT", ISSUE, {"fields": {"summary": "x"}}, status=403)
    assert client.post(url, json={"hide": ["NOPE"]}, timeout=10).status_code == 400
