"""Jira's JSON → items and changes: what every field becomes, and that no field can stop an issue."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import orjson
import pytest

from connectors.jira_changes import Reading, in_order, read_changes, sprint_ids
from connectors.jira_fields import Blocking, Chosen, Fields, read_blocking, read_fields, read_statuses
from connectors.jira_wire import Site, read_issue
from connectors.raw import instant
from okrsync.errors import MalformedPage
from okrsync.model import COMPONENTS, Change, ChangeKind, FieldValue, Item, Reference, ReferenceKind, State

POINTS, POINTS2, FLAG, SELECT, TEXT, MULTI = (f"customfield_{n}" for n in (10016, 10034, 10021, 1, 2, 3))
FIELDS = Fields(points=(POINTS, POINTS2), flagged=FLAG, values={SELECT: "KR", TEXT: "Goal", MULTI: "Goals"})
SITE = Site("jira", "https://acme.test/browse/", FIELDS, {"SHOP": "10001"})

ISSUE: dict[str, Any] = {
    "id": "10123",
    "key": "SHOP-12",
    "fields": {
        "summary": "Refonte",
        "status": {"name": "Terminé", "id": "3", "statusCategory": {"key": "done", "name": "Terminé"}},
        "issuetype": {"name": "Histoire", "hierarchyLevel": 0, "subtask": False},
        "project": {"id": "10001", "key": "SHOP"},
        "parent": {"id": "10100", "key": "SHOP-1", "fields": {"summary": "Epic"}},
        "labels": ["okr:KR-UX", "okr-orphan", "mobile"],
        "issuelinks": [
            {"type": {"name": "Blocks", "inward": "is blocked by"}, "inwardIssue": {"id": "9", "key": "PAY-1"}},
            {"type": {"name": "Blocks", "inward": "is blocked by"}, "outwardIssue": {"id": "8", "key": "PAY-2"}},
            {"type": {"name": "Relates", "inward": "relates to"}, "inwardIssue": {"id": "7", "key": "PAY-3"}},
        ],
        "resolution": {"name": "Done"},
        "resolutiondate": "2026-03-02T09:00:00.000+0100",
        "statuscategorychangedate": "2026-03-01T23:30:00.000-0500",
        "created": "2026-01-05T08:00:00.000+0800",
        "updated": "2026-03-02T10:00:00.000+0100",
        "duedate": "2026-04-01",
        "assignee": {"displayName": "Bo"},
        "reporter": {"displayName": "Ada"},
        "description": {
            "type": "doc",
            "content": [{"type": "paragraph", "content": [{"type": "text", "text": "Why"}]}],
        },
        POINTS: None,
        POINTS2: "5",
        FLAG: [{"value": "Impediment"}],
        SELECT: {"value": "KR-UX", "id": "1"},
        TEXT: " KR-CHURN ",
        MULTI: [{"value": "A"}, {"value": "B"}],
    },
}


def test_a_full_issue() -> None:
    item = read_issue(ISSUE, SITE)
    assert (item.source, item.remote_id, item.key, item.scope, item.project) == (
        "jira",
        "10123",
        "SHOP-12",
        "10001",
        "SHOP",
    )
    assert (item.title, item.url, item.body) == ("Refonte", "https://acme.test/browse/SHOP-12", "Why")
    assert (item.state, item.status, item.type, item.level) == (State.DONE, "Terminé", "Histoire", 0)
    assert item.created_at == datetime(2026, 1, 5, tzinfo=UTC)
    assert item.updated_at == datetime(2026, 3, 2, 9, tzinfo=UTC)
    assert item.completed_at == datetime(2026, 3, 2, 4, 30, tzinfo=UTC)
    assert item.created_at.tzinfo is UTC
    assert (item.due, item.points, item.assignee, item.author) == (date(2026, 4, 1), 5.0, "Bo", "Ada")
    assert item.labels == ("okr:KR-UX", "mobile")
    assert (item.resolution, item.flagged) == ("Done", True)
    assert item.fields == (
        FieldValue(SELECT, "KR", "KR-UX"),
        FieldValue(TEXT, "Goal", "KR-CHURN"),
        FieldValue(MULTI, "Goals", "A"),
        FieldValue(MULTI, "Goals", "B"),
    )
    assert item.references == (
        Reference(ReferenceKind.PARENT, "SHOP-1", "10100", "parent"),
        Reference(ReferenceKind.BLOCKED_BY, "PAY-1", "9", "is blocked by"),
    )


def test_components_are_a_field_of_their_names() -> None:
    site = Site("jira", SITE.browse, Fields(values={COMPONENTS: "Composants"}))
    held = [{"id": "7", "name": "Paiement "}, {"id": "8", "name": "KR-UX"}, {"id": "9", "name": None}, None, 3]
    item = read_issue({"id": "1", "key": "SHOP-1", "fields": {"components": held}}, site)
    assert item.fields == (
        FieldValue("components", "Composants", "Paiement"),
        FieldValue("components", "Composants", "KR-UX"),
    )


def with_fields(**changed: Any) -> Item:
    return read_issue({**ISSUE, "fields": {**ISSUE["fields"], **changed}}, SITE)


@pytest.mark.parametrize(
    ("category", "state"),
    [
        ({"key": "new"}, State.TODO),
        ({"key": "indeterminate"}, State.IN_PROGRESS),
        ({"key": "done"}, State.DONE),
        ({"key": "undefined"}, State.UNKNOWN),
        ({"id": 3, "name": "已完成"}, State.DONE),
        ({"id": 4}, State.IN_PROGRESS),
        ({"id": 2}, State.TODO),
        ({"id": 1, "name": "Done"}, State.UNKNOWN),
        ({"id": 3, "key": "undefined"}, State.UNKNOWN),
        ({"id": [3]}, State.UNKNOWN),
        (None, State.UNKNOWN),
    ],
)
def test_state_is_the_category_never_the_name(category: Any, state: State) -> None:
    item = with_fields(status={"name": "Done", "statusCategory": category})
    assert item.state is state
    assert (item.completed_at is not None) == (state is State.DONE)


def test_completion_falls_back_to_the_resolution_then_to_the_last_update() -> None:
    assert with_fields(statuscategorychangedate=None).completed_at == datetime(2026, 3, 2, 8, tzinfo=UTC)
    assert with_fields(statuscategorychangedate=None, resolutiondate=None).completed_at == datetime(
        2026, 3, 2, 9, tzinfo=UTC
    )


@pytest.mark.parametrize(
    ("first", "second", "points"),
    [
        (3, 8, 3.0),
        (None, 8, 8.0),
        ("x", "2.5", 2.5),
        ("-1", None, None),
        (True, None, None),
        (0, 5, 0.0),
        ("inf", 1, 1),
    ],
)
def test_points_are_the_first_figure(first: Any, second: Any, points: float | None) -> None:
    assert with_fields(**{POINTS: first, POINTS2: second}).points == points


@pytest.mark.parametrize(
    ("kind", "level"),
    [
        ({"hierarchyLevel": 3}, 3),
        ({"hierarchyLevel": -1, "subtask": True}, -1),
        ({"subtask": True}, -1),
        ({"subtask": False}, None),
        (None, None),
    ],
)
def test_levels(kind: Any, level: int | None) -> None:
    assert with_fields(issuetype=kind).level == level


@pytest.mark.parametrize(
    ("kind", "name", "level"),
    [
        ({"subtask": False}, "Refonte", 1),
        ({"subtask": False}, None, 0),
        ({"subtask": True}, None, -1),
        ({"subtask": False, "hierarchyLevel": 2}, "Refonte", 2),
    ],
)
def test_levels_where_jira_tells_none(kind: Any, name: Any, level: int) -> None:
    """Data Center: an epic is what has the name of one."""
    fields = Fields(epic_name="customfield_9", linked=True)
    issue = {"id": "1", "key": "SHOP-1", "fields": {"issuetype": kind, "customfield_9": name}}
    assert read_issue(issue, Site("jira", "", fields)).level == level


@pytest.mark.parametrize(
    ("epic", "parent", "expected"),
    [
        ("SHOP-1", None, [("epic", "SHOP-1", "7")]),
        (None, " PLAN-9 ", [("parent", "PLAN-9", None)]),
        (None, {"id": 5, "key": "PLAN-9"}, [("parent", "PLAN-9", "5")]),
        (
            None,
            {"data": {"id": "5", "key": "PLAN-9"}, "hasEpicLinkFieldDependency": False},
            [("parent", "PLAN-9", "5")],
        ),
        ({"showField": False, "nonEditableReason": {"reason": "X"}}, {"data": 7}, []),
        (["SHOP-1"], 7, []),
    ],
)
def test_parents_in_fields_of_their_own(epic: Any, parent: Any, expected: list[Any]) -> None:
    fields = Fields(epic="customfield_8", parent="customfield_9", linked=True)
    issue = {"id": "1", "key": "SHOP-2", "fields": {"customfield_8": epic, "customfield_9": parent}}
    for read, found in ((fields, expected), (replace(fields, linked=False), [])):
        item = read_issue(issue, Site("jira", "", read, epics={"SHOP-1": "7"}))
        assert [(one.kind.value, one.target, one.target_id) for one in item.references] == found


JAVA = "com.atlassian.greenhopper.service.sprint.Sprint@1f2e["


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ([{"id": 7, "name": "EE 7", "state": "closed"}, {"id": 8}], ("7", "8")),
        ([JAVA + "id=12,rapidViewId=3,state=ACTIVE,name=a, b],goal=x[1],endDate=<null>]"], ("12",)),
        ([JAVA + "rapidViewId=3,state=CLOSED,name=one,two,sequence=9,goal=<null>,id=9]"], ("9",)),
        ([JAVA + "id=4,name=like ,id=99,]", JAVA + "name=,id=99,x,rapidViewId=77,id=5]"], ("4", "5")),
        ([JAVA + "id=4]", JAVA + "id=4]"], ("4",)),
        (JAVA + "id=4,state=FUTURE]", ("4",)),
        ([JAVA + "name=<null>]", "12", "", None, 7, {}, {"id": None}], ()),
        (None, ()),
    ],
)
def test_sprints(value: Any, expected: tuple[str, ...]) -> None:
    assert sprint_ids(value) == expected
    item = read_issue({"id": "1", "fields": {"s": value}}, Site("jira", "", Fields(sprint="s")))
    assert [one.target for one in item.references] == [f"sprint:{one}" for one in expected]


def linked(kind: dict[str, Any], **ends: Any) -> dict[str, Any]:
    return {"id": "1", "key": "SHOP-1", "fields": {"issuelinks": [{"id": "5", "type": kind, **ends}]}}


RENAMED = {"id": "10000", "name": "Bloque", "inward": "est bloqué par", "outward": "bloque"}
LINK_TYPES = {
    "issueLinkTypes": [RENAMED, {"id": "10003", "name": "Relates", "inward": "relates to"}, None, {"id": None}]
}


@pytest.mark.parametrize(
    ("chosen", "kind", "blocked"),
    [
        (None, {"id": "10000", "name": "Blocks", "inward": "is blocked by"}, True),
        (None, {"id": "10000", "name": "Blocks", "inward": "needs"}, True),
        (None, {"id": "7", "name": "Depends", "inward": "Is Blocked By"}, True),
        (None, RENAMED, False),
        ("10000", RENAMED, True),
        ("10000", {"id": "7", "name": "Blocks", "inward": "is blocked by"}, False),
    ],
)
def test_blockers_are_known_by_type_or_words(chosen: str | None, kind: dict[str, Any], blocked: bool) -> None:
    blocking = read_blocking(None, chosen)
    for side, counts in (("inwardIssue", blocked), ("outwardIssue", False)):
        item = read_issue(linked(kind, **{side: {"id": "9", "key": "PAY-1"}}), Site("jira", "", blocking=blocking))
        assert bool(item.references) is counts


def test_blockers_in_a_history_are_known_by_what_their_type_is_called_now() -> None:
    made = item("Link", None, "EE-2", None, "Ce ticket est bloqué par EE-2")
    removed = item("Link", "EE-2", None, "Ce ticket est bloqué par EE-2", None)
    other = item("Link", None, "EE-2", None, "Ce ticket bloque EE-2")
    entries = [entry("2026-01-01T00:00:00.000+0000", made, removed, other)]
    for chosen, expected in ((None, 0), ("10000", 2)):
        found = in_order(read_changes(entries, Reading(blocking=read_blocking(LINK_TYPES, chosen))))
        assert len(found) == expected
    assert read_blocking({"issueLinkTypes": 7}) == read_blocking(None) == Blocking()


def test_wiki_text_is_kept_as_it_is() -> None:
    assert with_fields(description="h1. Title\n{code}KR-1{code}").body == "h1. Title\n{code}KR-1{code}"


def test_a_long_text_is_no_value() -> None:
    assert [value.id for value in with_fields(**{TEXT: "x" * 300}).fields] == [SELECT, MULTI, MULTI]


@pytest.mark.parametrize("issue", [None, [], {}, {"id": None}, {"id": True}, {"id": []}])
def test_an_issue_without_an_id_is_malformed(issue: Any) -> None:
    with pytest.raises(MalformedPage):
        read_issue(issue, SITE)


@pytest.mark.parametrize(
    ("text", "at"),
    [
        ("2024-09-19T22:00:08.689-0500", datetime(2024, 9, 20, 3, 0, 8, 689_000, UTC)),
        ("2024-09-19T22:00:08.689+08:00", datetime(2024, 9, 19, 14, 0, 8, 689_000, UTC)),
        ("2024-09-19T22:00:08Z", datetime(2024, 9, 19, 22, 0, 8, tzinfo=UTC)),
        ("2024-09-19T22:00:08", datetime(2024, 9, 19, 22, 0, 8, tzinfo=UTC)),
        (1_492_070_429, datetime(2017, 4, 13, 8, 0, 29, tzinfo=UTC)),
        (1_492_070_429_000, datetime(2017, 4, 13, 8, 0, 29, tzinfo=UTC)),
        ("0001-01-01T00:00:00.000+0500", None),
        ("yesterday", None),
        (10**30, None),
        (True, None),
        ({}, None),
    ],
)
def test_instants(text: Any, at: datetime | None) -> None:
    assert instant(text) == at


# ── nothing optional is needed (P30) ─────────────────────────────────────────────────────────────────────────────────

WRONG: list[Any] = [None, 7, -1.5, "x", "", True, [], [None], [7, "x", {}], {}, {"id": 7, "key": [], "name": {}}]


def spoiled(value: Any) -> Iterator[Any]:
    """The value with each member, at any depth, removed and then replaced by everything that it should not be."""
    if isinstance(value, dict):
        for key in value:
            yield {other: held for other, held in value.items() if other != key}
            for wrong in WRONG:
                yield {**value, key: wrong}
            for inner in spoiled(value[key]):
                yield {**value, key: inner}
    elif isinstance(value, list):
        for place, entry in enumerate(value[:3]):
            for inner in (*WRONG, *spoiled(entry)):
                yield [*value[:place], inner, *value[place + 1 :]]


def assert_sound(item: Item) -> None:
    for name in ("remote_id", "key", "title", "url", "status", "scope", "project", "type", "body", "author"):
        assert isinstance(getattr(item, name), str), name
    assert item.remote_id
    assert item.key
    assert isinstance(item.state, State)
    assert item.created_at.tzinfo is UTC
    assert item.updated_at.tzinfo is UTC
    assert (item.completed_at is None) == (item.state is not State.DONE)
    assert item.level is None or type(item.level) is int
    assert item.points is None or type(item.points) is float
    assert type(item.flagged) is bool
    assert all(isinstance(label, str) for label in item.labels)
    assert all(isinstance(value.value, str) for value in item.fields)
    assert all(reference.target for reference in item.references)
    hash(item)


def test_no_field_can_stop_an_issue() -> None:
    count = 0
    for fields in spoiled(ISSUE["fields"]):
        item = read_issue({**ISSUE, "fields": fields}, SITE)
        assert_sound(item)
        assert item.remote_id == "10123"
        count += 1
    assert count > 500
    for wrong in WRONG:
        assert_sound(read_issue({**ISSUE, "fields": wrong}, SITE))
        assert_sound(read_issue({**ISSUE, "key": wrong}, SITE))


@pytest.fixture(scope="module")
def recorded(shared: Path) -> list[dict[str, Any]]:
    paths = sorted((shared / "recorded" / "world" / "jira").glob("*/issues.jsonl"))
    return [orjson.loads(line) for path in paths for line in path.read_bytes().splitlines()]


def test_every_recorded_issue_is_read(recorded: list[dict[str, Any]]) -> None:
    items = [read_issue(issue, SITE) for issue in recorded]
    assert len(items) == 1849
    for item in items:
        assert_sound(item)
        assert item.state is not State.UNKNOWN
        assert item.level is not None or item.type == ""
    assert sum(any(r.kind is ReferenceKind.PARENT for r in item.references) for item in items) == 174
    assert sum(bool(item.labels) for item in items) >= 662


def test_no_field_of_a_recorded_issue_can_stop_it(recorded: list[dict[str, Any]]) -> None:
    for issue in recorded[::60]:
        before = copy.deepcopy(issue)
        for name in issue["fields"]:
            for wrong in WRONG:
                assert_sound(read_issue({**issue, "fields": {**issue["fields"], name: wrong}}, SITE))
        assert issue == before


# ── custom fields ────────────────────────────────────────────────────────────────────────────────────────────────────

TYPES = "com.atlassian.jira.plugin.system.customfieldtypes:"


def field(identity: str, name: str, custom: str, kind: str = "string") -> dict[str, Any]:
    return {"id": identity, "name": name, "custom": True, "schema": {"type": kind, "custom": custom}}


SITE_FIELDS = [
    {"id": "summary", "name": "Summary", "schema": {"type": "string", "system": "summary"}},
    field("customfield_34", "Story Points", TYPES + "float", "number"),
    field("customfield_16", "Story point estimate", "com.pyxis.greenhopper.jira:jsw-story-points", "number"),
    field("customfield_21", "Flagged", TYPES + "multicheckboxes", "array"),
    field("customfield_22", "Flagged", TYPES + "textfield"),
    field("customfield_1", "Key result", TYPES + "select", "option"),
    field("customfield_2", "Goal", TYPES + "textfield"),
    field("customfield_3", "Notes", TYPES + "textarea"),
    field("customfield_4", "Story Points", TYPES + "textfield"),
    field("customfield_40", "Été", "com.pyxis.greenhopper.jira:gh-sprint", "array"),
    field("customfield_41", "Lien d'epic", "com.pyxis.greenhopper.jira:gh-epic-link", "any"),
    field("customfield_42", "Nom d'epic", "com.pyxis.greenhopper.jira:gh-epic-label"),
    field("customfield_43", "Lien parent", "com.atlassian.jpo:jpo-custom-field-parent", "any"),
    {
        "id": "components",
        "name": "Composants",
        "schema": {"type": "array", "items": "component", "system": "components"},
    },
    {"id": "customfield_5", "name": None, "schema": None},
    None,
    7,
]


def test_custom_fields_are_found_by_their_type() -> None:
    found = read_fields(SITE_FIELDS)
    assert found.points == ("customfield_16", "customfield_34")
    assert found.flagged == "customfield_21"
    assert found.values == {
        "customfield_22": "Flagged",
        "customfield_1": "Key result",
        "customfield_2": "Goal",
        "customfield_4": "Story Points",
        "components": "Composants",
    }
    assert (found.sprint, found.epic, found.epic_name, found.parent) == (
        *("customfield_40", "customfield_41", "customfield_42", "customfield_43"),
    )
    assert {"summary", "parent", "customfield_16", "customfield_1", "customfield_40"} <= set(found.asked)
    assert "customfield_41" not in found.asked, "Cloud has all parents in one field"
    assert {"customfield_41", "customfield_42", "customfield_43"} <= set(read_fields(SITE_FIELDS, linked=True).asked)
    assert len(found.asked) == len(set(found.asked))


def test_a_configured_field_wins() -> None:
    found = read_fields(SITE_FIELDS, Chosen(points="customfield_99", flagged="customfield_22"))
    assert (found.points, found.flagged) == (("customfield_99",), "customfield_22")
    assert "customfield_22" not in found.values


@pytest.mark.parametrize("answer", [None, {}, [], "x", [None]])
def test_a_site_without_custom_fields(answer: Any) -> None:
    assert read_fields(answer) == Fields()


# ── histories ────────────────────────────────────────────────────────────────────────────────────────────────────────

STATUSES = {"1": State.TODO, "3": State.IN_PROGRESS, "4": State.IN_PROGRESS, "5": State.DONE}


def history(entries: list[Any]) -> tuple[Change, ...]:
    return in_order(read_changes(entries, Reading(FIELDS, STATUSES)))


def entry(created: Any, *items: dict[str, Any], identity: str = "1") -> dict[str, Any]:
    return {"id": identity, "created": created, "items": list(items)}


def item(name: str, before: Any, after: Any, before_text: Any = None, after_text: Any = None, **more: Any) -> Any:
    return {"field": name, "from": before, "to": after, "fromString": before_text, "toString": after_text, **more}


def changes(*items: dict[str, Any]) -> list[tuple[str, str | None, str | None]]:
    found = history([entry("2026-01-01T00:00:00.000+0000", *items)])
    return [(change.kind.value, change.before, change.after) for change in found]


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        (item("status", "1", "3", "Open", "Doing", fieldId="status"), [("state", "todo", "in_progress")]),
        (item("status", "3", "4", "Doing", "Review", fieldId="status"), []),
        (item("status", "5", "77", "Done", "Gone", fieldId="status"), [("state", "done", "unknown")]),
        (
            item("labels", None, None, "a b okr-orphan", "b c", fieldId="labels"),
            [("label_removed", "a", None), ("label_added", None, "c")],
        ),
        (item("labels", None, None, "a", "okr-orphan a", fieldId="labels"), []),
        (item("Flagged", None, None, "", "Impediment", fieldId=FLAG), [("flag", None, "1")]),
        (item("Marqué", None, None, "Impediment", "", fieldId=FLAG), [("flag", "1", None)]),
        (item("Story Points", None, None, None, "3", fieldId=POINTS2), [("points", None, "3")]),
        (item("Story Points", None, None, "3.0", "3", fieldId=POINTS), []),
        (item("IssueParentAssociation", "1", "2", "A-1", "A-2"), [("parent", "1", "2")]),
        (item("IssueParentAssociation", "1", None, "A-1", None), [("parent", "1", None)]),
        (item("Epic Link", "", "9", "", "A-9", fieldId="customfield_10014"), [("parent", None, "9")]),
        (item("Key", None, None, "IMP-88", "PROMO-1"), [("key", "IMP-88", "PROMO-1")]),
        (item("Link", None, "EE-2", None, "This issue is blocked by EE-2"), [("blocked_by", None, "EE-2")]),
        (item("Link", "EE-2", None, "This issue is blocked by EE-2", None), [("blocked_by", "EE-2", None)]),
        (item("Link", None, "EE-2", None, "This issue blocks EE-2"), []),
        (
            item("Key result", None, None, "KR-1", "KR-2", fieldId=SELECT),
            [("field", f"{SELECT}=KR-1", f"{SELECT}=KR-2")],
        ),
        (item("Rank", "", "", "", "Ranked higher", fieldId="customfield_10019"), []),
        (item("Sprint", "", "34", "", "EE 24", fieldId="customfield_10020"), [("member", None, "sprint:34")]),
        (
            item("Sprint", "7, 8", "8, 34", "a, b, c", "x", fieldId="customfield_10020"),
            [("member", "sprint:7", None), ("member", None, "sprint:34")],
        ),
        (item("Parent Link", None, None, None, "PLAN-1"), [("parent", None, "PLAN-1")]),
        (item("RemoteIssueLink", None, "1", None, "x is blocked by y"), []),
        (item("Parent", "7", "8", "Ann", "Bo", fieldtype="custom", fieldId="customfield_77"), []),
        (item("Key", "7", "8", "a", "b", fieldtype="custom", fieldId="customfield_78"), []),
        (item("Link", None, "EE-2", None, "This issue is blocked by EE-2", fieldtype="custom"), []),
        (item("Parent", "1", "2", "A-1", "A-2", fieldtype="jira"), [("parent", "1", "2")]),
    ],
)
def test_changes(given: dict[str, Any], expected: list[Any]) -> None:
    assert changes(given) == expected


def test_fields_that_share_a_name_with_another() -> None:
    """Data Center tells names alone: that of a system field means it, that of several custom fields the one read by."""
    rows = [
        field("customfield_4", "Story Points", TYPES + "textarea"),
        field("customfield_5", "Story Points", TYPES + "float", "number"),
        field("customfield_6", "Story Points", TYPES + "textfield"),
        field("customfield_7", "Status", TYPES + "textfield"),
        field("customfield_8", "Labels", TYPES + "labels"),
    ]
    reading = Reading(read_fields(rows, linked=True), STATUSES)
    items = [
        item("Story Points", None, None, "3", "5", fieldtype="custom"),
        item("status", "1", "3", "Open", "Doing", fieldtype="jira"),
        item("Status", "1", "3", "Open", "Doing", fieldtype="custom"),
        item("labels", None, None, "", "a", fieldtype="jira"),
        item("Labels", None, None, "", "b", fieldtype="custom"),
    ]
    found = in_order(read_changes([entry("2026-01-01T00:00:00.000+0000", *items)], reading))
    assert [(change.kind.value, change.before, change.after) for change in found] == [
        ("points", "3", "5"),
        ("state", "todo", "in_progress"),
        ("field", "customfield_7=Open", "customfield_7=Doing"),
        ("label_added", None, "a"),
    ]


def test_changes_are_oldest_first_whatever_the_order_of_pages() -> None:
    flag = (item("Flagged", None, None, "", "x", fieldId=FLAG), item("Flagged", None, None, "x", "", fieldId=FLAG))
    found = history(
        [
            entry("2026-01-02T00:00:00.000+0100", flag[0], identity="3"),
            entry(1_767_225_600_000, flag[1], identity="2"),
            entry("2026-01-01T00:00:00.000+0000", flag[0], identity="1"),
        ]
    )
    first, second = datetime(2026, 1, 1, tzinfo=UTC), datetime(2026, 1, 1, 23, tzinfo=UTC)
    assert found == (
        Change(first, ChangeKind.FLAG, None, "1"),
        Change(first, ChangeKind.FLAG, "1", None),
        Change(second, ChangeKind.FLAG, None, "1"),
    )


def test_a_change_of_parent_that_is_written_down_twice_is_one() -> None:
    now, before = item("IssueParentAssociation", "", "9"), item("Epic Link", "", "9", "", "A-9")
    away, back = item("Epic Link", "9", "", "A-9", ""), item("Epic Link", "", "9", "", "A-9")
    at = [f"2026-01-01T00:00:0{n}.000+0000" for n in range(4)]
    found = history([entry(at[0], now), entry(at[1], before), entry(at[2], away), entry(at[3], back)])
    assert [(change.before, change.after) for change in found] == [(None, "9"), ("9", None), (None, "9")]


def test_no_entry_can_stop_a_history() -> None:
    good = entry("2026-01-01T00:00:00.000+0000", item("status", "1", "3", "a", "b", fieldId="status"))
    for wrong in (*WRONG, *spoiled(good)):
        found = history([wrong, good])
        assert found[-1] == Change(datetime(2026, 1, 1, tzinfo=UTC), ChangeKind.STATE, "todo", "in_progress")


def test_recorded_changelogs_are_read(shared: Path) -> None:
    folder = shared / "recorded" / "world" / "jira" / "merico"
    statuses = read_statuses([orjson.loads(line) for line in (folder / "statuses.jsonl").read_bytes().splitlines()])
    assert len(statuses) == 53
    moves = 0
    for line in (folder / "issues.jsonl").read_bytes().splitlines():
        histories = orjson.loads(line).get("changelog", {}).get("histories", [])
        found = in_order(read_changes(histories, Reading(FIELDS, statuses)))
        assert [change.at for change in found] == sorted(change.at for change in found)
        moves += sum(change.kind is ChangeKind.STATE for change in found)
    assert moves > 30
