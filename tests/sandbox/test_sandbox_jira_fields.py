"""Fields that people made, screens, what an issue shows of its comments, and what people see of it."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from okrsync.sandbox import Sandbox
from okrsync.sandbox.clock import Clock
from okrsync.sandbox.jira import shown
from okrsync.sandbox.jira.adf import document, kept
from okrsync.sandbox.jira.site import Site

ISSUE = "/issue/SHOP-2"
FIELD = "customfield_10200"


def admin(client: Any, sandbox: Sandbox, path: str, body: Any, status: int = 200) -> Any:
    answer = client.post(f"{sandbox.url}/_sandbox/jira/acme/{path}", json=body, timeout=10)
    assert answer.status_code == status, answer.text
    return answer.json()


def seen(client: Any, sandbox: Sandbox, key: str) -> Any:
    return client.get(f"{sandbox.url}/_sandbox/jira/acme/issues/{key}", timeout=10).json()


@pytest.fixture
def select(client: Any, sandbox: Sandbox) -> Any:
    body = {"id": FIELD, "name": "Objective", "type": "select", "options": ["O-1", {"value": "O-2", "disabled": True}]}
    return admin(client, sandbox, "fields", body, 201)


def test_a_select_field_takes_its_options_only(client: Any, select: Any) -> None:
    assert select["schema"]["type"] == "option"
    meta = client.ask("GET", f"{ISSUE}/editmeta")["fields"]
    first, second = meta[FIELD]["allowedValues"]
    assert (first["value"], second["disabled"]) == ("O-1", True)
    assert {"summary", "labels"} <= meta.keys()
    assert not {"status", "created", "comment"} & meta.keys()
    for value in ({"id": first["id"]}, {"value": "O-1"}):
        client.ask("PUT", ISSUE, {"fields": {FIELD: value}}, status=204)
        held = client.ask("GET", ISSUE, fields=FIELD)["fields"][FIELD]
        assert (held["id"], held["value"]) == (first["id"], "O-1")
    for value, words in (({"value": "O-2"}, "Option value 'O-2'"), ({"id": "1"}, "Option id '1'")):
        errors = client.ask("PUT", ISSUE, {"fields": {FIELD: value}}, status=400)["errors"]
        assert errors == {FIELD: f"{words} is not valid"}
    (item,) = client.ask("GET", f"{ISSUE}/changelog")["values"][-1]["items"]
    assert (item["field"], item["fieldId"], item["to"], item["toString"]) == ("Objective", FIELD, first["id"], "O-1")


def test_a_field_that_is_on_no_screen_of_a_project_is_not_edited_there(
    client: Any, sandbox: Sandbox, select: Any
) -> None:
    admin(client, sandbox, "fields", {"id": FIELD, "off_screens": ["SHOP"]}, 201)
    assert FIELD not in client.ask("GET", f"{ISSUE}/editmeta")["fields"]
    assert FIELD in client.ask("GET", "/issue/PAY-1/editmeta")["fields"]
    assert FIELD in client.ask("PUT", ISSUE, {"fields": {FIELD: {"value": "O-1"}}}, status=400)["errors"]
    client.ask("PUT", "/issue/PAY-1", {"fields": {FIELD: {"value": "O-1"}}}, status=204)
    admin(client, sandbox, "account", {"denied": ["EDIT_ISSUES"]})
    assert client.ask("GET", "/issue/PAY-1/editmeta")["fields"] == {}


@pytest.mark.parametrize(
    ("body", "words"),
    [({"type": "date"}, "type 'date': one of"), ({"id": FIELD, "type": "text", "off_screens": ["NOPE"]}, "no project")],
)
def test_a_field_that_cannot_be_made_is_told(client: Any, sandbox: Sandbox, body: Any, words: str) -> None:
    assert words in admin(client, sandbox, "fields", body, 400)["errorMessages"][0]


def test_options_and_screens_are_kept_in_the_folder(client: Any, sandbox: Sandbox, select: Any, tmp_path: Path) -> None:
    admin(client, sandbox, "fields", {"id": FIELD, "off_screens": ["PAY"]}, 201)
    sandbox.world.save(tmp_path)
    site = sandbox.world.jira.sites["acme"]
    again = Site.load(tmp_path / "jira" / "acme", Clock())
    assert (again.options, again.off_screens) == (site.options, site.off_screens)
    assert again.fields == site.fields


def test_an_issue_shows_no_more_than_some_of_its_comments(client: Any, sandbox: Sandbox) -> None:
    for number in range(25):
        admin(client, sandbox, "issues/SHOP-2", {"comment": f"c{number}"})
    (issue,) = client.ask("POST", "/issue/bulkfetch", {"issueIdsOrKeys": ["SHOP-2"], "fields": ["comment"]})["issues"]
    page = issue["fields"]["comment"]
    assert (len(page["comments"]), page["total"]) == (20, 25)
    assert client.ask("GET", f"{ISSUE}/comment")["total"] == 25


def test_a_comment_that_is_late_is_seen_nowhere(client: Any, sandbox: Sandbox) -> None:
    sandbox.fault("late", method="POST", path=".*/comment", seconds=0.1)
    made = client.ask("POST", f"{ISSUE}/comment", {"body": document("one")}, status=201)

    def found() -> list[int]:
        body = {"issueIdsOrKeys": ["SHOP-2"], "fields": ["comment"]}
        (issue,) = client.ask("POST", "/issue/bulkfetch", body)["issues"]
        listed = client.ask("POST", "/comment/list", {"ids": [int(made["id"])]})
        return [issue["fields"]["comment"]["total"], client.ask("GET", f"{ISSUE}/comment")["total"], listed["total"]]

    assert found() == [0, 0, 0]
    sandbox.world.clock.advance(timedelta(milliseconds=100))
    assert found() == [1, 1, 1]


def test_a_document_is_stored_as_jira_does() -> None:
    """Blocks get ids, equal neighbours are one text, empty paragraphs at the end go; what it says stays."""

    def text(words: str, *marks: str) -> dict[str, Any]:
        return {"type": "text", "text": words, "marks": [{"type": mark} for mark in marks]}

    paragraph = {"type": "paragraph", "content": [text("a"), text("b"), text("c", "strong"), text("d", "strong")]}
    given = {"type": "doc", "version": 1, "content": [paragraph, {"type": "paragraph", "content": []}]}
    (block,) = kept(given)["content"]
    assert block["attrs"]["localId"]
    assert [(one["text"], len(one.get("marks", ()))) for one in block["content"]] == [("ab", 0), ("cd", 1)]
    assert len(given["content"]) == 2, "what was sent is left as it is"


def test_a_person_edits_and_deletes_a_comment(client: Any, sandbox: Sandbox) -> None:
    made = client.ask("POST", f"{ISSUE}/comment", {"body": document("one")}, status=201)
    admin(client, sandbox, "issues/SHOP-2", {"comment": {"id": made["id"], "text": "two"}, "by": "Zoé"})
    edited = client.ask("GET", f"{ISSUE}/comment/{made['id']}")
    assert (edited["author"]["displayName"], edited["updateAuthor"]["displayName"]) == ("okrsync", "Zoé")
    (comment,) = seen(client, sandbox, "SHOP-2")["comments"]
    assert (comment["text"], comment["live"]) == ("two", [])
    admin(client, sandbox, "issues/SHOP-2", {"comment": {"id": made["id"], "delete": True}})
    assert seen(client, sandbox, "SHOP-2")["comments"] == []
    admin(client, sandbox, "issues/SHOP-2", {"comment": {"id": "1", "text": "x"}}, 400)


def test_what_people_see_of_an_issue(client: Any, sandbox: Sandbox, select: Any) -> None:
    link = {"type": "text", "text": "here", "marks": [{"type": "link", "attrs": {"href": "https://x.test"}}]}
    mention = {"type": "mention", "attrs": {"id": "1", "text": "@Bo"}}
    macro = {"type": "extension", "attrs": {"extensionKey": "toc"}}
    words = [{"type": "text", "text": "see "}, link, {"type": "text", "text": " "}, mention]
    body = {"type": "doc", "version": 1, "content": [{"type": "paragraph", "content": words}, macro]}
    client.ask("POST", f"{ISSUE}/comment", {"body": body}, status=201)
    client.ask("PUT", ISSUE, {"fields": {FIELD: {"value": "O-1"}, "labels": ["a"]}}, status=204)
    issue = seen(client, sandbox, "SHOP-2")
    assert (issue["labels"], issue["fields"][FIELD]) == (["a"], "O-1")
    (comment,) = issue["comments"]
    assert comment["text"] == "see here @Bo\ntoc"
    assert comment["live"] == [["link", "https://x.test"], ["mention", "@Bo"], ["extension", "toc"]]
    assert client.get(f"{sandbox.url}/_sandbox/jira/acme/issues/NOPE-1", timeout=10).status_code == 404


@pytest.mark.parametrize(
    ("markup", "words", "live"),
    [
        ("[~admin] and [x|https://x.test]", "admin and x|https://x.test", {"mention", "link"}),
        ("{panel:title=x}in{panel}", "in", {"macro"}),
        ("!a.png! and https://x.test/a", "a.png and https://x.test/a", {"image", "link"}),
        ("*b* _i_ -s- +u+ ^a^", "b i s u a", {"strong", "emphasis", "struck", "inserted", "raised"}),
        ("h1. Big\n# one\n|| head |", "Big\n• one\n head |", {"heading", "list", "table"}),
        ("ok (y) :)", "ok (y) :)", {"emoticon"}),
        ("SHOP-12 is half-done, 3*4, a_b", "SHOP-12 is half-done, 3*4, a_b", set()),
        ("&#91;~admin] \\*no\\* \\{x}", "[~admin] *no* {x}", set()),
        ("text\n- one\n{anchor:okrsync-acme}", "text\n• one", set()),
    ],
)
def test_wiki_text_is_rendered_as_data_center_does(markup: str, words: str, live: set[str]) -> None:
    text, found = shown.wiki(markup)
    assert {kind for kind, _ in found} == live
    assert text == words
