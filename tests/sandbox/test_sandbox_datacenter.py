"""The same site as Jira Data Center shows it: offsets, epics and sprints by fields of their own, wiki texts, names."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from okrsync.sandbox import Sandbox, World
from okrsync.sandbox.jira import changes, sprints
from okrsync.sandbox.jira.account import Account
from okrsync.sandbox.jira.adf import document
from okrsync.sandbox.jira.admin import change
from okrsync.sandbox.jira.changes import Hand
from okrsync.sandbox.jira.limits import Bucket
from okrsync.sandbox.jira.site import Site
from okrsync.sandbox.jira.wiki import wiki

HAND = Hand(Account("acc-1", "Ada"), datetime(2026, 3, 2, 11, 30, tzinfo=UTC))


@pytest.fixture
def server(site: Site, sandbox: Sandbox, connect: Callable[..., Any]) -> Any:
    site.datacenter = True
    client = connect(f"{sandbox.url}/jira/acme")
    client.base = f"{sandbox.url}/jira/acme/rest/api/2"
    return client


def custom(server: Any, kind: str) -> str:
    (found,) = [row["id"] for row in server.ask("GET", "/field") if row.get("schema", {}).get("custom", "") == kind]
    return str(found)


def test_it_says_what_it_is(server: Any) -> None:
    info = server.ask("GET", "/serverInfo")
    assert (info["deploymentType"], info["versionNumbers"][:2]) == ("Server", [10, 3])
    me = server.ask("GET", "/myself")
    assert (me["name"], me["key"], me["timeZone"]) == ("acc-okrsync", "acc-okrsync", "UTC")
    assert "accountId" not in me
    given = server.ask("GET", "/mypermissions")["permissions"]
    assert given["EDIT_ISSUES"]["havePermission"] is True
    assert [row["key"] for row in server.ask("GET", "/project")] == ["SHOP", "DATA", "PAY", "PLAT", "SEC"]
    assert all("hierarchyLevel" not in row for row in server.ask("GET", "/issuetype"))
    assert [row["inward"] for row in server.ask("GET", "/issueLinkType")["issueLinkTypes"]] == ["is blocked by"]


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("POST", "/search/jql", 404),
        ("POST", "/search/approximate-count", 404),
        ("POST", "/issue/bulkfetch", 405),  # reads as an issue of that name
        ("POST", "/changelog/bulkfetch", 404),
        ("GET", "/issue/SHOP-1/changelog", 404),
        ("POST", "/comment/list", 404),
        ("GET", "/project/search", 404),
    ],
)
def test_what_only_cloud_has_is_not_there(method: str, path: str, status: int, server: Any) -> None:
    server.ask(method, path, {} if method == "POST" else None, status=status)


def test_offsets_lead_through_a_search(server: Any, site: Site) -> None:
    query = {"jql": "project in (SHOP, PAY) ORDER BY created ASC, key ASC"}
    first = server.ask("GET", "/search", maxResults=2, **query)
    assert (first["startAt"], first["maxResults"], first["total"]) == (0, 2, 5)
    assert [issue["key"] for issue in first["issues"]] == ["SHOP-1", "SHOP-2"]
    assert {"summary", "created", "status"} <= set(first["issues"][0]["fields"])
    assert "comment" not in first["issues"][0]["fields"]
    site.page_limits = (3,)
    second = server.ask("POST", "/search", {**query, "startAt": 2, "maxResults": 5000, "fields": ["summary"]})
    assert (second["maxResults"], [issue["key"] for issue in second["issues"]]) == (3, ["SHOP-3", "SHOP-4", "PAY-1"])
    assert server.ask("GET", "/search", startAt=5, **query)["issues"] == []
    assert server.ask("GET", "/search", maxResults=0, **query)["total"] == 5
    assert server.ask("GET", "/search")["total"] == 5  # no restriction is needed here
    for wrong in ({"properties": ["a"]}, {"nextPageToken": "a"}, {"expand": "changelog"}, {"startAt": -1}):
        server.ask("POST", "/search", {**query, **wrong}, status=400)


def test_a_query_that_is_not_validated_finds_nothing_for_what_is_not_there(server: Any, site: Site) -> None:
    query = {"jql": "key in (SHOP-1, NOPE-1)", "fields": ["summary"]}
    refused = server.ask("POST", "/search", query, status=400)
    assert refused["errorMessages"] == ["An issue with key 'NOPE-1' does not exist for field 'key'."]
    found = server.ask("POST", "/search", {**query, "validateQuery": False})
    assert [issue["key"] for issue in found["issues"]] == ["SHOP-1"]
    site.hide("PAY")
    found = server.ask("GET", "/search", jql="project in (SHOP, PAY)", validateQuery="false")
    assert found["total"] == 4


def test_an_issue_hangs_below_its_parent_by_one_of_three_fields(server: Any, site: Site) -> None:
    link, name = (custom(server, f"com.pyxis.greenhopper.jira:{kind}") for kind in ("gh-epic-link", "gh-epic-label"))
    above = custom(server, "com.atlassian.jpo:jpo-custom-field-parent")
    site.issue_types.append({"id": "10009", "name": "Initiative", "hierarchyLevel": 2, "subtask": False})
    goal = changes.create(site, {"project": "PLAT", "issuetype": "Initiative", "summary": "Goal"}, HAND)
    epic = site.find("SHOP-1")
    assert epic is not None
    changes.change(site, epic, {"parent": {"id": goal.id, "key": goal.key}}, HAND)

    def fields(key: str) -> dict[str, Any]:
        return dict(server.ask("GET", f"/issue/{key}")["fields"])

    shown = fields("SHOP-1")
    assert (shown[name], shown[above], shown[link], shown.get("parent")) == ("Epic", "PLAT-1", None, None)
    assert (fields("SHOP-2")[link], "parent" in fields("SHOP-2")) == ("SHOP-1", False)
    part = fields("SHOP-4")
    assert (part["parent"]["key"], part[link]) == ("SHOP-2", None)
    assert "hierarchyLevel" not in part["issuetype"] | part["parent"]["fields"]["issuetype"]
    assert not {"parent", "statuscategorychangedate"} & {row["id"] for row in server.ask("GET", "/field")}
    found = server.ask("GET", "/search", jql='"Epic Link" = SHOP-1', fields="summary")
    assert [issue["key"] for issue in found["issues"]] == ["SHOP-3", "SHOP-2"]


def test_histories_come_whole_oldest_first_and_without_ids_of_fields(server: Any, site: Site) -> None:
    issue = site.find("SHOP-2")
    assert issue is not None
    for number in range(130):
        changes.change(site, issue, {"labels": [f"n{number}"]}, HAND)
    change(site, issue, {"fields": {"parent": None, "customfield_10016": 5}})
    (found,) = server.ask("GET", "/search", jql="key = SHOP-2", expand="changelog")["issues"]
    log = found["changelog"]
    assert log["total"] == log["maxResults"] == len(log["histories"]) == 131
    assert log["histories"][0]["items"][0]["toString"] == "n0"
    (parent, points) = log["histories"][-1]["items"]
    assert (parent["field"], parent["fieldtype"], parent["fromString"]) == ("Epic Link", "custom", "SHOP-1")
    assert (points["field"], points["toString"], "fieldId" in points) == ("Story Points", "5", False)
    assert log["histories"][0]["author"]["name"] == "acc-1"
    site.histories_shown = 3
    (found,) = server.ask("GET", "/search", jql="key = SHOP-2", expand="changelog")["issues"]
    cut = found["changelog"]
    assert (cut["total"], cut["maxResults"], [one["id"] for one in cut["histories"]]) == (
        131,
        3,
        [one["id"] for one in log["histories"][:3]],
    )
    assert len(server.ask("GET", "/issue/SHOP-2", expand="changelog")["changelog"]["histories"]) == 131


def test_sprints_are_what_java_prints_of_them(server: Any, site: Site) -> None:
    sprints.create(site, "A, b] c=1", state="active", startDate="2026-03-01T09:00:00.000Z")
    sprints.create(site, "Next", goal="More")
    first, second = site.find("SHOP-2"), site.find("SHOP-3")
    assert first is not None
    assert second is not None
    sprints.put(site, first, 1, HAND)
    sprints.put(site, second, 2, HAND)
    field = custom(server, "com.pyxis.greenhopper.jira:gh-sprint")
    texts = [server.ask("GET", f"/issue/{key}")["fields"][field][0] for key in ("SHOP-2", "SHOP-3")]
    assert texts[0].startswith("com.atlassian.greenhopper.service.sprint.Sprint@")
    assert texts[0].endswith(
        "[id=1,rapidViewId=1,state=ACTIVE,name=A, b] c=1,startDate=2026-03-01T09:00:00.000Z,endDate=<null>,"
        "completeDate=<null>,sequence=1,goal=<null>]"
    )
    assert texts[1].endswith("completeDate=<null>,sequence=2,goal=More,id=2]")  # the keys stand in another order


def test_texts_are_wiki_markup_and_documents_are_refused(server: Any, site: Site) -> None:
    text = "h2. Progress\n\n\n* one [~ada]\n* two"
    made = server.ask("POST", "/issue/SHOP-1/comment", {"body": text}, status=201)
    path = f"/issue/SHOP-1/comment/{made['id']}"
    assert made["body"] == server.ask("GET", path)["body"] == text
    assert made["author"]["name"] == "acc-okrsync"
    server.ask("PUT", path, {"body": "done"})
    assert [one["body"] for one in server.ask("GET", "/issue/SHOP-1/comment")["comments"]] == ["done"]
    server.ask("POST", "/issue/SHOP-1/comment", {"body": document(text)}, status=400)
    server.ask("PUT", "/issue/SHOP-1", {"fields": {"description": "*Why*\n\nwhat"}}, status=204)
    assert server.ask("GET", "/issue/SHOP-1")["fields"]["description"] == "*Why*\n\nwhat"
    server.ask("PUT", "/issue/SHOP-1", {"fields": {"description": document("x")}}, status=400)
    site.datacenter = False
    server.base = server.base.replace("/2", "/3")
    assert server.ask("GET", path)["body"] == document("done")


def test_documents_as_wiki_markup() -> None:
    def text(value: str, *marks: str) -> dict[str, Any]:
        return {"type": "text", "text": value, "marks": [{"type": mark} for mark in marks]}

    def block(kind: str, *content: Any, **attrs: Any) -> dict[str, Any]:
        return {"type": kind, "content": list(content), "attrs": attrs}

    link = {"type": "text", "text": "here", "marks": [{"type": "link", "attrs": {"href": "https://a.test"}}]}
    inner = block("bulletList", block("listItem", block("paragraph", text("b"))))
    page = block(
        "doc",
        block("heading", text("Title"), level=2),
        block("paragraph", text("a", "strong"), text("b", "code"), {"type": "hardBreak"}, link),
        block("orderedList", block("listItem", block("paragraph", text("a")), inner)),
        block("codeBlock", text("x = 1")),
        block("table", block("tableRow", block("tableHeader", block("paragraph", text("H"))))),
        block("paragraph", {"type": "mention", "attrs": {"id": "ada"}}),
        {"type": "rule"},
    )
    assert wiki(page) == (
        "h2. Title\n\n*a*{{b}}\n[here|https://a.test]\n\n# a\n#* b\n\n{code}\nx = 1\n{code}\n\n||H||\n\n[~ada]\n\n----"
    )


def test_labels_properties_and_old_keys(server: Any, site: Site) -> None:
    server.ask("PUT", "/issue/SHOP-2", {"update": {"labels": [{"add": "okr-orphan"}]}}, status=204)
    server.ask("PUT", "/issue/SHOP-2/properties/okrsync", {"p": 0.5}, status=201)
    assert server.ask("GET", "/issue/SHOP-2/properties/okrsync")["value"] == {"p": 0.5}
    issue, project = site.find("SHOP-2"), site.project("PAY")
    assert issue is not None
    assert project is not None
    changes.move(site, issue, project, HAND)
    assert server.ask("GET", "/issue/SHOP-2")["key"] == "PAY-2"


def test_a_token_tells_when_it_ends(server: Any, site: Site) -> None:
    address = server.base.replace("/rest/api/2", "/rest/pat/latest/tokens")
    assert "expiringAt" not in server.get(address, timeout=5).json()[0]
    site.token_expires = datetime(2026, 4, 1, tzinfo=UTC)
    assert server.get(address, timeout=5).json()[0]["expiringAt"] == "2026-04-01T00:00:00.000+0000"


def test_a_bucket_for_each_user(server: Any, site: Site, sandbox: Sandbox) -> None:
    assert not [name for name in server.get(f"{server.base}/myself", timeout=5).headers if "ratelimit" in name.lower()]
    site.bucket = Bucket(limit=2, interval=10.0)
    left = [server.get(f"{server.base}/myself", timeout=5) for _ in range(3)]
    assert [answer.status_code for answer in left] == [200, 200, 429]
    assert [answer.headers["X-RateLimit-Remaining"] for answer in left] == ["1", "0", "0"]
    assert left[2].headers["retry-after"] == "10"
    sandbox.world.clock.advance(timedelta(seconds=9.5))
    assert server.get(f"{server.base}/myself", timeout=5).headers["retry-after"] == "0"
    sandbox.world.clock.advance(timedelta(seconds=1))
    assert server.get(f"{server.base}/myself", timeout=5).status_code == 200


def test_a_recorded_site_has_both_faces(shared: Any, connect: Callable[..., Any]) -> None:
    world = World.load(shared / "recorded" / "world")
    for site in world.jira.sites.values():
        site.datacenter = True
    with Sandbox(world) as sandbox:
        client = connect(f"{sandbox.url}/jira/merico")
        client.base = client.base.replace("/3", "/2")
        found = client.ask("GET", "/search", jql="project in (EE, K5)", maxResults=100, expand="changelog")
        assert found["total"] == len(found["issues"]) == 33
        link = custom(client, "com.pyxis.greenhopper.jira:gh-epic-link")
        epics = {issue["key"]: issue["fields"][link] for issue in found["issues"] if issue["fields"][link]}
        assert epics == {"K5-2": "K5-1", "K5-3": "K5-4"}
        client.base = client.base.replace("merico", "appcelerator")
        assert client.ask("GET", "/search", jql="", maxResults=-1, fields="*all")["total"] == 1816
