"""Sprints, links that come and go, and names in the language of an account."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import requests

from okrsync.sandbox import Sandbox, World
from okrsync.sandbox.jira.site import SPRINT, Site


@pytest.fixture
def person(sandbox: Sandbox) -> Any:
    """An edit as a person makes it."""

    def edit(path: str, status: int = 200, **body: Any) -> Any:
        url = f"{sandbox.url}/_sandbox/jira/acme/{path}"
        answer = requests.post(url, json=body, timeout=5)
        assert answer.status_code == status, answer.text
        return answer.json()

    return edit


def items(client: Any, key: str) -> list[dict[str, Any]]:
    log = client.ask("GET", f"/issue/{key}/changelog")
    return [item for history in log["values"] for item in history["items"]]


def test_an_issue_goes_through_sprints(client: Any, person: Any) -> None:
    assert person("sprints", 201, name="One", state="active")["id"] == 1
    person("sprints", 201, name="Two, later")
    person("issues/SHOP-2", sprint={"add": 1})
    person("sprints/1", state="closed", completeDate="2026-03-02T12:00:00.000Z")
    person("issues/SHOP-2", sprint={"add": 2})
    person("issues/SHOP-2", sprint={"remove": 2})
    (field,) = [row["id"] for row in client.ask("GET", "/field") if row.get("schema", {}).get("custom") == SPRINT]
    held = client.ask("GET", "/issue/SHOP-2")["fields"][field]
    assert [(one["id"], one["state"]) for one in held] == [(1, "closed")]
    moves = [(i["from"], i["fromString"], i["to"], i["toString"]) for i in items(client, "SHOP-2")]
    assert moves == [
        ("", "", "1", "One"),
        ("1", "One", "1, 2", "One, Two, later"),
        ("1, 2", "One, Two, later", "1", "One"),
    ]
    assert {(i["field"], i["fieldId"]) for i in items(client, "SHOP-2")} == {("Sprint", field)}


def test_an_open_sprint_is_left_for_another(client: Any, person: Any) -> None:
    for name in ("One", "Two"):
        person("sprints", 201, name=name, state="active")
    person("issues/SHOP-2", sprint={"add": 1})
    person("issues/SHOP-2", sprint={"add": 1})
    person("issues/SHOP-2", sprint={"add": 2})
    assert [(item["from"], item["to"]) for item in items(client, "SHOP-2")] == [("", "1"), ("1", "2")]
    assert client.keys("sprint = 2") == client.keys("sprint in openSprints()") == ["SHOP-2"]
    assert client.keys("sprint in closedSprints()") == client.keys("sprint = One") == []
    assert len(client.keys("project in (SHOP, PAY) AND sprint is EMPTY")) == 4


def test_renaming_a_sprint_updates_no_issue(client: Any, person: Any, site: Site) -> None:
    person("sprints", 201, name="One")
    person("issues/SHOP-2", sprint={"add": 1})
    before = client.ask("GET", "/issue/SHOP-2")["fields"]
    person("sprints/1", name="First", state="active")
    after = client.ask("GET", "/issue/SHOP-2")["fields"]
    field = site.sprint_field()["id"]
    assert (after[field][0]["name"], after["updated"]) == ("First", before["updated"])
    for body in ({"state": "lost"}, {"colour": "red"}):
        person("sprints/1", 400, **body)
    person("issues/SHOP-2", 400, sprint={"add": 9})


def test_sprints_survive_a_folder(client: Any, person: Any, sandbox: Sandbox, tmp_path: Path) -> None:
    person("sprints", 201, name="One")
    person("sprints", 201, name="Nobody's")
    person("issues/SHOP-2", sprint={"add": 1})
    sandbox.world.save(tmp_path)
    again = World.load(tmp_path).jira.sites["acme"]
    (held,) = again.find("SHOP-2").fields[again.sprint_field()["id"]]  # type: ignore[union-attr]
    assert held is again.sprints[1]
    assert list(again.sprints) == [1, 2]


def test_links_come_and_go_in_both_histories(client: Any, person: Any) -> None:
    person("issues/SHOP-2", blocked_by="PAY-1")
    person("issues/SHOP-2", unblocked_by="PAY-1")
    person("issues/SHOP-2", 400, unblocked_by="PAY-1")
    come, go = items(client, "SHOP-2")
    assert (come["from"], come["to"], come["toString"]) == (None, "PAY-1", "This issue is blocked by PAY-1")
    assert (go["from"], go["fromString"], go["to"]) == ("PAY-1", "This issue is blocked by PAY-1", None)
    assert [i["fromString"] or i["toString"] for i in items(client, "PAY-1")] == ["This issue blocks SHOP-2"] * 2
    assert client.ask("GET", "/issue/PAY-1")["fields"]["issuelinks"] == []


def test_the_words_of_a_link_are_the_sites(client: Any, person: Any) -> None:
    person("site", link_type={"name": "Bloquant", "inward": "est bloqué par", "outward": "bloque"})
    person("issues/SHOP-2", blocked_by="PAY-1")
    assert [item["toString"] for item in items(client, "SHOP-2")] == ["This issue est bloqué par PAY-1"]
    (kind,) = client.ask("GET", "/issueLinkType")["issueLinkTypes"]
    assert (kind["id"], kind["inward"]) == ("10000", "est bloqué par")


@pytest.mark.parametrize(
    ("language", "done", "blocked"), [("de", "Fertig", "wird blockiert durch"), ("zh", "已完成", "被阻塞于")]
)
def test_names_follow_the_language_of_the_account(
    language: str, done: str, blocked: str, client: Any, person: Any
) -> None:
    person("issues/SHOP-3", blocked_by="SHOP-2", fields={"parent": "SHOP-1"})
    plain = client.ask("GET", "/issue/SHOP-3")["fields"]
    person("account", language=language)
    (found,) = client.ask("POST", "/search/jql", {"jql": "key = SHOP-3", "fields": ["*all"]})["issues"]
    status, (link,) = found["fields"]["status"], found["fields"]["issuelinks"]
    assert (status["name"], status["statusCategory"]["name"], link["type"]["inward"]) == (done, done, blocked)
    assert link["inwardIssue"]["fields"]["status"]["statusCategory"]["name"] not in ("To Do", "À faire")
    assert status["id"] == plain["status"]["id"]
    assert status["statusCategory"]["key"] == "done"
    assert done in [row["name"] for row in client.ask("GET", "/status")]
    assert client.ask("GET", "/myself")["locale"].startswith(language)
    assert client.keys("statusCategory = Done") == ["SHOP-3"]
    person("account", language="")
    assert client.ask("GET", "/issue/SHOP-3")["fields"] == plain
    person("account", 400, language="tlh")
