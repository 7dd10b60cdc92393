"""Asana's JSON as items and goals: recorded answers, each meaning, and every way in which a field can be missing."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import orjson
import pytest
from damaged import damaged

from connectors import asana_wire as wire
from okrsync.errors import MalformedPage
from okrsync.model import FieldValue, Item, ItemKind, Reference, ReferenceKind, RemoteGoal, State

DESK = wire.Desk("asana", supported={"7": ("91",), "20": ("92", "91")})

TASK: dict[str, Any] = {
    "gid": "7",
    "resource_type": "task",
    "resource_subtype": "default_task",
    "name": "Refonte du panier",
    "notes": "Voir\u00a0la maquette",
    "completed": True,
    "completed_at": "2026-03-02T09:00:00.123Z",
    "created_at": "2026-02-01T08:00:00.000Z",
    "modified_at": "2026-03-03T10:00:00.456Z",
    "due_on": "2026-03-31",
    "num_subtasks": 2,
    "is_rendered_as_separator": False,
    "approval_status": None,
    "permalink_url": "https://app.asana.com/1/1/project/20/task/7",
    "assignee": {"gid": "2", "name": "Ada"},
    "created_by": {"gid": "3", "name": "Bo"},
    "parent": {"gid": "6"},
    "memberships": [
        {"project": {"gid": "20"}, "section": {"gid": "201"}},
        {"project": {"gid": "21"}, "section": {"gid": "211"}},
    ],
    "tags": [{"gid": "30", "name": "okr:KR-1"}, {"gid": "31", "name": "OKR-Orphan"}],
    "dependencies": [{"gid": "8"}],
    "custom_fields": [
        {"gid": "40", "name": "Story Points", "resource_subtype": "number", "number_value": 3},
        {"gid": "41", "name": "KR", "resource_subtype": "enum", "enum_value": {"gid": "410", "name": "KR-UX"}},
        {
            "gid": "42",
            "name": "Goals",
            "resource_subtype": "multi_enum",
            "multi_enum_values": [{"gid": "420", "name": "A"}, {"gid": "421", "name": "B"}],
        },
        {"gid": "43", "name": "Note", "resource_subtype": "text", "text_value": "  O-1 "},
        {"gid": "44", "name": "Long", "resource_subtype": "text", "text_value": "x" * 256},
        {"gid": "45", "name": "Who", "resource_subtype": "people", "people_value": [{"gid": "2"}]},
    ],
}


def read(**fields: Any) -> Item:
    return wire.read_task({**TASK, **fields}, "20", DESK)


def test_a_whole_task() -> None:
    member = ReferenceKind.MEMBER
    assert read() == Item(
        source="asana",
        remote_id="7",
        key="7",
        kind=ItemKind.TICKET,
        title="Refonte du panier",
        url="https://app.asana.com/1/1/project/20/task/7",
        state=State.DONE,
        status="completed",
        created_at=datetime(2026, 2, 1, 8, tzinfo=UTC),
        updated_at=datetime(2026, 3, 3, 10, 0, 0, 456_000, tzinfo=UTC),
        scope="20",
        project="20",
        type="default_task",
        body="Voir\u00a0la maquette",
        completed_at=datetime(2026, 3, 2, 9, 0, 0, 123_000, tzinfo=UTC),
        due=date(2026, 3, 31),
        points=3.0,
        assignee="Ada",
        author="Bo",
        labels=("okr:KR-1",),
        fields=(
            FieldValue("41", "KR", "KR-UX"),
            FieldValue("42", "Goals", "A"),
            FieldValue("42", "Goals", "B"),
            FieldValue("43", "Note", "O-1"),
        ),
        references=(
            Reference(ReferenceKind.PARENT, "6", "6", "parent task"),
            Reference(ReferenceKind.BLOCKED_BY, "8", "8", "dependency"),
            Reference(member, "project:20", evidence="project"),
            Reference(member, "section:201", evidence="section"),
            Reference(member, "project:21", evidence="project"),
            Reference(member, "section:211", evidence="section"),
            Reference(member, "goal:91", evidence="supporting work"),
            Reference(member, "goal:92", evidence="supporting work"),
        ),
    )


@pytest.mark.parametrize(
    ("said", "completed", "state", "status", "resolution"),
    [
        (None, False, State.TODO, "incomplete", None),
        (None, True, State.DONE, "completed", None),
        ("pending", False, State.TODO, "pending", None),
        ("approved", True, State.DONE, "approved", None),
        ("rejected", True, State.DONE, "rejected", "rejected"),
        ("changes_requested", True, State.IN_PROGRESS, "changes_requested", None),
        ("something new", True, State.DONE, "completed", None),
    ],
)
def test_completed_is_not_always_done(
    said: str | None, completed: bool, state: State, status: str, resolution: str | None
) -> None:
    item = read(resource_subtype="approval", approval_status=said, completed=completed)
    assert (item.state, item.status, item.resolution) == (state, status, resolution)
    assert (item.completed_at is not None) == (state is State.DONE)


def test_the_approval_of_what_is_no_approval_says_nothing() -> None:
    assert read(approval_status="pending").state is State.DONE


def test_headings_are_no_work() -> None:
    assert wire.is_work(TASK)
    assert not wire.is_work({**TASK, "is_rendered_as_separator": True})
    assert not wire.is_work({**TASK, "resource_subtype": "section"})


@pytest.mark.parametrize(
    ("field", "points"),
    [
        ({"name": "Points"}, 5.0),
        ({"name": "estimation", "number_value": 0}, 0.0),
        ({"name": "Estimated time"}, None),
        ({"name": "Points", "number_value": -1}, None),
        ({"name": "Points", "number_value": True}, None),
        ({"name": "Points", "number_value": None}, None),
        ({"name": "Points", "resource_subtype": "text"}, None),
    ],
)
def test_points_are_a_number_field_of_a_known_name(field: dict[str, Any], points: float | None) -> None:
    held = {"gid": "9", "resource_subtype": "number", "number_value": 5, **field}
    assert read(custom_fields=[held]).points == points


def test_a_configured_points_field_wins_over_the_names() -> None:
    desk = wire.Desk("asana", points="50")
    fields = [*TASK["custom_fields"], {"gid": "50", "name": "XL", "resource_subtype": "number", "number_value": 8.5}]
    assert wire.read_task({**TASK, "custom_fields": fields}, "20", desk).points == 8.5


def _never_stops(answer: dict[str, Any]) -> None:
    """Without its gid a task is malformed; whatever else is damaged, it is an item."""
    for task in damaged(answer):
        if isinstance(task.get("gid"), str) and task["gid"]:
            assert hash(wire.read_task(task, "20", DESK))
            assert wire.is_work(task) in (True, False)
            assert wire.has_subtasks(task) in (True, False)
        else:
            with pytest.raises(MalformedPage):
                wire.read_task(task, "20", DESK)


def test_nothing_missing_stops_a_task() -> None:
    _never_stops(TASK)


@pytest.mark.parametrize("task", [{}, {"gid": 7}, {"gid": ""}, {"gid": None}])
def test_a_task_without_a_gid_is_malformed(task: Any) -> None:
    with pytest.raises(MalformedPage):
        wire.read_task(task, "20", DESK)


def test_memberships_that_were_not_asked_for_leaf_by_leaf_are_none() -> None:
    item = read(memberships=[{}], parent=None)
    assert [one.target for one in item.references] == ["8", "goal:91"]
    assert wire.projects_of({"memberships": [{}]}) == []


# ── goals ────────────────────────────────────────────────────────────────────────────────────────────────────────────

METRIC = {
    "unit": "percentage",
    "precision": 1,
    "initial_number_value": 0.8,
    "target_number_value": 0.85,
    "current_number_value": 0.82,
    "progress_source": "manual",
}


def goal(**metric: Any) -> RemoteGoal:
    return wire.read_goal({"gid": "9", "name": "Rétention", "metric": {**METRIC, **metric}}, "app.asana.com")


def test_a_goal() -> None:
    url = "https://app.asana.com/0/goal/9"
    assert goal() == RemoteGoal("9", "Rétention", url, "percentage", 1, 0.8, 0.85, 0.82, writable=True)


@pytest.mark.parametrize(
    ("metric", "why_not"),
    [
        ({"progress_source": "external", "can_manage": True}, ""),
        ({"progress_source": "external", "can_manage": False}, "integration"),
        ({"progress_source": "external"}, "integration"),
        ({"progress_source": "subgoal_progress"}, "computed"),
        ({"progress_source": None}, "computed"),
    ],
)
def test_which_metrics_are_ours_to_set(metric: dict[str, Any], why_not: str) -> None:
    found = goal(**metric)
    assert found.writable == (not why_not)
    assert found.why_not == why_not
    assert not why_not or wire.WHY_NOT[why_not]


@pytest.mark.parametrize("metric", [None, {}, 7, {"precision": "x", "current_number_value": "1"}])
def test_a_goal_without_a_metric(metric: Any) -> None:
    found = wire.read_goal({"gid": "9", "metric": metric}, "h")
    assert (found.current, found.target, found.unit, found.precision, found.writable) == (None, None, "none", 0, False)


@pytest.mark.parametrize(
    ("unit", "precision", "value", "shown"),
    [
        ("percentage", 0, 0.2549, 0.25),
        ("percentage", 1, 0.2549, 0.255),
        ("none", 0, 7.6, 8),
        ("currency", 2, 1.234, 1.23),
    ],
)
def test_values_are_rounded_as_the_goal_shows_them(unit: str, precision: int, value: float, shown: float) -> None:
    assert wire.rounded(goal(unit=unit, precision=precision), value) == shown


def test_supporting_work_is_tasks_and_projects() -> None:
    kinds = ("task", "project", "portfolio", "goal")
    found = [{"supporting_resource": {"gid": str(n), "resource_type": kind}} for n, kind in enumerate(kinds)]
    assert wire.read_support([*found, None, {}, {"supporting_resource": None}]) == ["0", "1"]


# ── recorded ─────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_recorded_tasks(shared: Path) -> None:
    folder = shared / "recorded" / "world" / "asana" / "1100000000000000"
    tasks = [orjson.loads(line) for line in (folder / "tasks.jsonl").read_bytes().splitlines()]
    items = [wire.read_task(task, "1201076013221028", DESK) for task in tasks]
    assert [item.title for item in items] == ["Create Asana's converter", "Create Asana's converter tests", "Task 3"]
    assert [[field.value for field in item.fields] for item in items] == [
        ["Low", "On track"],
        ["Medium", "At risk"],
        ["High", "Off track"],
    ]
    assert items[0].updated_at == datetime(2021, 9, 28, 9, 51, 22, 887_000, tzinfo=UTC)
    assert items[0].url == "https://app.asana.com/0/0/1201076013221043"
    assert items[0].references == ()


def test_nothing_missing_stops_what_was_recorded(shared: Path) -> None:
    folder = shared / "recorded" / "world" / "asana" / "1100000000000000"
    for line in (folder / "tasks.jsonl").read_bytes().splitlines():
        _never_stops(orjson.loads(line))
    lines = (shared / "recorded" / "asana" / "spec_example_responses.jsonl").read_bytes().splitlines()
    examples = {(one["method"], one["path"], one["status"]): one["body"] for one in map(orjson.loads, lines)}
    _never_stops(examples["GET", "/tasks/1", 200]["data"])
    for goal in damaged(examples["GET", "/goals/1", 200]["data"]):
        found = wire.read_goal(goal, "app.asana.com")
        assert hash(found)
        assert isinstance(wire.rounded(found, 0.123456789), float | int)


def test_the_examples_of_the_vendor(shared: Path) -> None:
    lines = (shared / "recorded" / "asana" / "spec_example_responses.jsonl").read_bytes().splitlines()
    examples = {(one["method"], one["path"], one["status"]): one["body"] for one in map(orjson.loads, lines)}
    task = wire.read_task(examples["GET", "/tasks/1", 200]["data"], "12345", DESK)
    assert (task.title, task.assignee, task.labels) == ("Buy catnip", "Greg Sanchez", ("Grade A",))
    found = wire.read_goal(examples["GET", "/goals/1", 200]["data"], "app.asana.com")
    assert (found.initial, found.target, found.current, found.writable) == (5.2, 10.2, 8.12, True)
