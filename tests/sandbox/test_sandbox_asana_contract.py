"""Asana: every endpoint against Asana's own specification, and the real client against the sandbox."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import asana as library
import pytest

from okrsync.sandbox import Sandbox, World
from okrsync.sandbox.asana.routes import ROUTER

FIELDS = (
    "name,resource_subtype,completed,completed_at,created_at,modified_at,due_on,due_at,start_on,assignee.gid,"
    "assignee.name,parent.gid,num_subtasks,permalink_url,approval_status,projects.gid,memberships.project.gid,"
    "memberships.section.gid,memberships.section.name,tags.gid,tags.name,dependencies.gid,custom_fields.gid,"
    "custom_fields.name,custom_fields.resource_subtype,custom_fields.display_value,custom_fields.enum_value.gid,"
    "custom_fields.enum_value.name,custom_fields.multi_enum_values.name,custom_fields.number_value"
)
GOAL = "name,metric.unit,metric.current_number_value,current_status_update.status_type,time_period.display_name,owner"


READING = (
    ("/users/me", {}),
    ("/users/7", {}),
    ("/users", {"workspace": "77", "limit": 1}),
    ("/workspaces/77/users", {}),
    ("/workspaces", {}),
    ("/workspaces/77", {}),
    ("/workspaces/77/projects", {"limit": 1}),
    ("/projects", {"workspace": "77", "archived": "false"}),
    ("/projects/10", {}),
    ("/projects/10/sections", {}),
    ("/projects/10/task_counts", {"opt_fields": "num_tasks,num_completed_tasks"}),
    ("/projects/10/tasks", {"completed_since": "now", "limit": 1}),
    ("/sections/11/tasks", {}),
    ("/tags", {"workspace": "77"}),
    ("/workspaces/77/tags", {}),
    ("/tags/30", {}),
    ("/tags/30/tasks", {}),
    ("/tasks", {"project": "10", "limit": 1, "modified_since": "2026-03-02T07:00:00Z"}),
    ("/tasks", {"project": "10", "opt_fields": FIELDS}),
    ("/tasks", {"project": "10", "opt_fields": "custom_fields,html_notes,memberships"}),
    ("/tasks", {"assignee": "7", "workspace": "77"}),
    ("/tasks/100", {}),
    ("/tasks/101", {}),
    ("/tasks/104", {}),
    ("/tasks/100/subtasks", {}),
    ("/tasks/104/dependencies", {}),
    ("/tasks/100/dependents", {}),
    ("/tasks/100/stories", {}),
    ("/stories/800", {}),
    ("/goals", {"workspace": "77", "is_workspace_level": "true"}),
    ("/goals", {"project": "10", "opt_fields": GOAL}),
    ("/goals/500", {}),
    ("/goals/501", {}),
    ("/goals/500/parentGoals", {}),
    ("/goals/500/stories", {}),
    ("/goal_relationships", {"supported_goal": "500"}),
    ("/goal_relationships/600", {}),
    ("/time_periods", {"workspace": "77"}),
    ("/time_periods/55", {}),
    ("/status_updates", {"parent": "500", "created_since": "2025-01-01T00:00:00Z"}),
    ("/status_updates/700", {}),
    ("/workspaces/77/tasks/search", {"projects.any": "10,20", "sort_by": "modified_at", "opt_fields": FIELDS}),
    ("/workspaces/77/tasks/search", {"modified_at.after": "2026-03-02T07:00:00Z", "completed": "false"}),
    ("/portfolios/40", {}),
    ("/portfolios/40/items", {"limit": 1}),
)


def test_reading_endpoints_answer_as_specified(checked_asana: Any, workspace: Any) -> None:
    workspace.next_gid = lambda: "40"
    workspace.edit("portfolios", {"name": "All", "add": ["10", "20"]})
    del workspace.next_gid
    workspace.edit("tasks/100", {"custom_type": "Bug", "status": "In review"})
    for path, query in READING:
        assert checked_asana.ask("GET", path, **query), path


def test_writes_answer_as_specified(checked_asana: Any) -> None:
    ask = checked_asana.ask
    assert ask("POST", "/tags", {"name": "new", "workspace": "77"}, status=201)["name"] == "new"
    ask("POST", "/workspaces/77/tags", {"name": "newer"}, status=201)
    made = ask("POST", "/tasks", {"name": "Made", "projects": ["10"], "due_on": "2026-05-01"}, status=201)
    ask("POST", f"/tasks/{made['gid']}/subtasks", {"name": "Below"}, status=201)
    ask("PUT", "/tasks/104", {"completed": True, "assignee": None, "custom_fields": {"42": "later"}})
    assert ask("GET", "/custom_fields/42")["gid"] == "42"
    assert ask("POST", "/tasks/104/addTag", {"tag": "30"}) == {}
    assert ask("POST", "/tasks/104/removeTag", {"tag": "30"}) == {}
    story = ask("POST", "/tasks/104/stories", {"text": "Said"}, status=201)
    ask("PUT", f"/stories/{story['gid']}", {"text": "Said better", "is_pinned": True})
    ask("GET", "/tasks/104/stories")
    assert ask("DELETE", f"/stories/{story['gid']}") == {}
    assert ask("DELETE", "/tags/30") == {}
    ask("POST", "/goals/500/stories", {"text": "On a goal"}, status=201)
    ask("POST", "/goals/500/setMetricCurrentValue", {"current_number_value": 0.5})
    update = {"parent": "500", "text": "Well", "status_type": "on_track"}
    gid = ask("POST", "/status_updates", update, status=201)["gid"]
    assert ask("DELETE", f"/status_updates/{gid}") == {}
    assert ask("DELETE", f"/tasks/{made['gid']}") == {}


def test_refusals_and_events_answer_as_specified(checked_asana: Any, workspace: Any) -> None:
    first = checked_asana.get(checked_asana.base + "/events", params={"resource": "10"}, timeout=5)
    assert first.status_code == 412
    checked_asana.ask("PUT", "/tasks/100", {"name": "Renamed"})
    assert checked_asana.ask("GET", "/events", resource="10", sync=first.json()["sync"])
    checked_asana.ask("GET", "/tasks/9", status=404)
    checked_asana.ask("GET", "/tasks", status=400)
    workspace.hide("20")
    checked_asana.ask("GET", "/projects/20", status=403)
    workspace.lacks = {"goals"}
    checked_asana.ask("GET", "/goals/500", status=402)
    workspace.limits.requests = 0
    checked_asana.ask("GET", "/tasks/104", status=429)


def test_the_contract_can_fail(checked_asana: Any, workspace: Any) -> None:
    workspace.find("task", "100")["completed"] = "yes"
    with pytest.raises(pytest.fail.Exception, match="'yes' is not of type 'boolean'"):
        checked_asana.ask("GET", "/tasks/100")


def test_every_endpoint_is_one_of_asana(shared: Path) -> None:
    paths = json.loads((shared / "specs" / "asana-openapi.json").read_text(encoding="utf-8"))["paths"]
    theirs = {
        (method.upper(), "/".join("{gid}" if part.startswith("{") else part for part in path.split("/")))
        for path, methods in paths.items()
        for method in methods
    }
    # left out of the trimmed file; documented at developers.asana.com
    theirs |= {("GET", "/workspaces/{gid}/typeahead"), ("GET", "/sections/{gid}")}
    assert set(ROUTER.routes()) <= theirs


# ── the real client ──────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.fixture
def real(asana_sandbox: Sandbox) -> Iterator[Any]:
    configuration = library.Configuration()
    configuration.access_token = "token"
    configuration.host = f"{asana_sandbox.url}/asana/api/1.0"
    client = library.ApiClient(configuration)
    client.pool.close()
    client.pool.join()
    yield client
    client.rest_client.pool_manager.clear()


def test_the_real_client_pages_through_a_project(real: Any, workspace: Any, asana_sandbox: Sandbox) -> None:
    for number in range(250):
        workspace.task(f"More {number}")
    tasks = library.TasksApi(real)
    found = list(tasks.get_tasks_for_project("10", {"opt_fields": "name,memberships.section.name"}))
    assert len({one["gid"] for one in found}) == len(found) == 253
    assert found[0] == {"gid": "100", "name": "Task 100", "memberships": [{"section": {"gid": "11", "name": "To do"}}]}
    assert len(asana_sandbox.requests) == 3
    whole = tasks.get_tasks({"project": "10", "limit": 2}, full_payload=True)
    assert set(whole) == {"data", "next_page"}
    assert whole["next_page"]["uri"] == f"{real.configuration.host}{whole['next_page']['path']}"
    assert [one["gid"] for one in tasks.get_tasks({"project": "10", "limit": 2}, item_limit=3)][:1] == ["100"]


def test_the_real_client_turns_hard_spaces_into_soft_ones(real: Any, workspace: Any) -> None:
    """Which it can only do where they stand raw in the answer, as Asana sends them."""
    workspace.edit("tasks/100", {"name": "5\u00a0000\u00a0€"})
    assert library.TasksApi(real).get_task("100", {})["name"] == "5 000 €"


def test_the_real_client_reads_and_writes_goals(real: Any) -> None:
    goals, updates = library.GoalsApi(real), library.StatusUpdatesApi(real)
    assert goals.get_goal("500", {})["metric"]["current_display_value"] == "20%"
    written = goals.update_goal_metric({"data": {"current_number_value": 0.431}}, "500", {})
    assert written["metric"]["current_number_value"] == 0.43
    made = updates.create_status_for_object(
        {"data": {"parent": "500", "text": "Ahead", "status_type": "on_track"}}, {"opt_fields": "status_type"}
    )
    newest = next(updates.get_statuses_for_object("500", {}))
    assert newest["gid"] == made["gid"]
    relations = library.GoalRelationshipsApi(real).get_goal_relationships("501", {})
    assert [one["supporting_resource"]["gid"] for one in relations] == ["500"]
    assert [one["gid"] for one in goals.get_parent_goals_for_goal("500", {})] == ["501"]
    assert [one["period"] for one in library.TimePeriodsApi(real).get_time_periods("77", {})] == ["Q1"]
    with pytest.raises(library.rest.ApiException) as caught:
        goals.update_goal_metric({"data": {"current_number_value": 1}}, "501", {})
    assert (caught.value.status, b"does not have a metric" in caught.value.body) == (400, True)


def test_the_real_client_tags_comments_and_reads_events(real: Any) -> None:
    with pytest.raises(library.rest.ApiException) as caught:
        library.EventsApi(real).get_events("10", {}, full_payload=True)
    assert caught.value.status == 412
    sync = json.loads(caught.value.body)["sync"]
    tag = library.TagsApi(real).create_tag({"data": {"name": "okr-orphan", "workspace": "77"}}, {})
    library.TasksApi(real).add_tag_for_task({"data": {"tag": tag["gid"]}}, "104")
    story = library.StoriesApi(real).create_story_for_task({"data": {"text": "Orphan"}}, "104", {})
    assert library.StoriesApi(real).update_story({"data": {"text": "No more"}}, story["gid"], {})["is_edited"]
    seen = library.EventsApi(real).get_events("10", {"sync": sync}, full_payload=True)
    assert ("task", "changed", "tags") in {
        (one["type"], one["action"], one.get("change", {}).get("field")) for one in seen["data"]
    }
    assert (seen["has_more"], seen["sync"] != sync) == (False, True)


def test_the_recorded_tasks_are_in_their_only_project(shared: Path) -> None:
    with Sandbox(World.load(shared / "recorded" / "world")) as sandbox:
        workspace = sandbox.world.asana.workspaces["1100000000000000"]
        (project,) = workspace.held["project"].values()
        assert len(workspace.boards[project["gid"]]) == len(workspace.held["task"]) == 3
        task = workspace.held["task"]["1201076013221043"]
        assert [entry["display_value"] for entry in task["custom_fields"]] == ["Low", "On track"]
        assert [story["text"][:5] for story in workspace.held["story"].values()] == ["Great", "Added"]
