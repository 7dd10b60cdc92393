"""Asana: lists, fields, tokens, and what the ways to ask for changes miss."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
import requests

from okrsync.errors import UsageError
from okrsync.sandbox import Sandbox
from okrsync.sandbox.asana.workspace import Workspace

SINCE = "2026-03-02T12:00:00.000Z"


def later(sandbox: Sandbox, minutes: int = 1) -> None:
    sandbox.world.clock.advance(timedelta(minutes=minutes))


# ── fields ───────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_fields_are_those_that_are_named_to_the_leaf(asana: Any) -> None:
    def task(fields: str) -> Any:
        return asana.ask("GET", "/tasks/104", opt_fields=fields)

    assert task("gid") == task("nope,nope.neither") == {"gid": "104"}
    assert task("name,completed") == {"gid": "104", "name": "Task 104", "completed": False}
    assert task("memberships") == {"gid": "104", "memberships": [{}, {}]}
    assert task("memberships.project,assignee,dependencies") == {
        "gid": "104",
        "memberships": [{"project": {"gid": "10"}}, {"project": {"gid": "20"}}],
        "assignee": None,
        "dependencies": [{"gid": "100"}],
    }
    assert task("dependencies.assignee.(name|email)") == {
        "gid": "104",
        "dependencies": [{"gid": "100", "assignee": {"gid": "7", "name": "Ana", "email": "ana@example.test"}}],
    }
    assert task("this.projects.name")["projects"] == [{"gid": "10", "name": "Shop"}, {"gid": "20", "name": "Pay"}]
    values = {one["name"]: one for one in task("custom_fields")["custom_fields"]}
    assert [option["name"] for option in values["OKR"]["enum_options"]] == ["KR-1", "KR-2"]
    assert {name: one["display_value"] for name, one in values.items()} == {
        "OKR": "KR-1",
        "Points": "3",
        "Note": "soon",
        "Teams": "A, B",
        "From": "2026-01-02",
        "With": "Ana",
    }
    assert "number_value" not in values["OKR"]
    named = task("custom_fields.enum_value.name,custom_fields.number_value")["custom_fields"]
    assert [set(one) for one in named[:2]] == [{"gid", "enum_value"}, {"gid", "number_value"}]


def test_lists_are_compact_and_single_records_are_full(asana: Any) -> None:
    assert asana.ask("GET", "/tasks/101/subtasks") == [
        {"gid": "102", "name": "Task 102", "resource_type": "task", "resource_subtype": "default_task"}
    ]
    (goal,) = asana.ask("GET", "/goals", project="10")
    assert goal == {
        "gid": "500",
        "name": "Faster",
        "resource_type": "goal",
        "owner": {"gid": "7", "name": "Ana", "resource_type": "user"},
    }
    whole = asana.ask("GET", "/tasks/100", opt_pretty="true")
    assert whole["assignee"] == {"gid": "7", "name": "Ana", "resource_type": "user"}
    assert whole["permalink_url"] == "https://app.asana.com/1/77/project/10/task/100"
    assert {"num_subtasks", "dependencies", "dependents", "is_rendered_as_separator", "html_notes"}.isdisjoint(whole)
    asked = asana.ask("GET", "/tasks/100", opt_fields="num_subtasks,dependents")
    assert (asked["num_subtasks"], asked["dependents"]) == (1, [{"gid": "104"}])
    assert asana.ask("GET", "/tasks/102", opt_fields="is_rendered_as_separator,parent.parent.name") == {
        "gid": "102",
        "is_rendered_as_separator": True,
        "parent": {"gid": "101", "parent": {"gid": "100", "name": "Task 100"}},
    }


# ── pages ────────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_pages_follow_the_board_and_meet_what_moves_where_it_is(asana: Any, workspace: Workspace) -> None:
    assert asana.gids("/projects/10/tasks") == asana.gids("/tasks", project="10") == ["100", "104", "103"]
    first, offset = asana.page("/projects/10/tasks", limit=2)
    assert first == ["100", "104"]
    workspace.edit("tasks/104", {"delete": True})
    workspace.edit("tasks/100", {"section": "Doing"})
    added = workspace.task("Late", section="12")
    second, last = asana.page("/projects/10/tasks", limit=2, offset=offset)
    assert (second, last is not None) == (["103", "100"], True), "the border is gone; nothing behind it is lost"
    assert asana.page("/projects/10/tasks", limit=2, offset=last) == ([added], None)


def test_offset_tokens_belong_to_their_list_and_die(asana: Any, asana_sandbox: Sandbox) -> None:
    _, offset = asana.page("/tasks", project="10", limit=1)
    ask = {"project": "10", "limit": 1, "opt_fields": "name", "offset": offset}
    assert asana.gids("/tasks", **ask) == asana.gids("/tasks", **ask) == ["104"]
    invalid = ["offset: Your pagination token is invalid."]
    for other in ({"project": "20"}, {"modified_since": SINCE}, {"offset": "abc"}, {"offset": ""}):
        assert asana.ask("GET", "/tasks", status=400, **{**ask, **other}) == invalid
    later(asana_sandbox, 16)
    assert asana.ask("GET", "/tasks", status=400, **ask) == ["offset: Your pagination token has expired."]
    asana_sandbox.fault("expired_token", path=".*/tasks", skip=1)
    assert asana.page("/tasks", project="10", limit=1)[0] == ["100"]
    assert "expired" in asana.ask("GET", "/tasks", status=400, project="10", limit=1)[0]


def test_limits_and_lists_that_are_too_large(asana: Any, workspace: Workspace, asana_sandbox: Sandbox) -> None:
    for limit in ("0", "101", "-1", "many"):
        assert "limit" in asana.ask("GET", "/tasks", status=400, project="10", limit=limit)[0]
    for number in range(998):
        workspace.task(f"{number}")
    assert "The result is too large" in asana.ask("GET", "/tasks", status=400, project="10")[0]
    assert len(asana.gids("/tasks", project="10", limit=100)) == 100
    asana_sandbox.fault("empty_page")
    empty, offset = asana.page("/tasks", project="10", limit=2)
    assert (empty, asana.page("/tasks", project="10", limit=2, offset=offset)[0]) == ([], ["100", "104"])
    asana_sandbox.fault("repeated_token")
    assert asana.page("/tasks", project="10", limit=2, offset=offset)[1] == offset


def test_lists_of_tasks_take_one_filter(asana: Any) -> None:
    for query in ({}, {"project": "10", "tag": "30"}, {"assignee": "7"}, {"workspace": "77"}):
        assert "exactly one of project" in asana.ask("GET", "/tasks", status=400, **query)[0]
    assert asana.gids("/tasks", assignee="7", workspace="77") == ["100"]
    assert asana.gids("/tasks", section="12") == asana.gids("/sections/12/tasks") == ["103"]
    assert asana.gids("/tasks", project="20", completed_since="now") == ["104"]
    assert asana.gids("/tasks", project="20", completed_since="2026-03-02T11:00:00Z") == ["104", "105"]
    assert asana.gids("/projects", workspace="77", archived="true") == ["20"]
    assert "boolean" in asana.ask("GET", "/projects", status=400, workspace="77", archived="True")[0]
    counts = "num_tasks,num_completed_tasks,num_milestones"
    assert asana.ask("GET", "/projects/20/task_counts", opt_fields=counts) == {
        "num_tasks": 2,
        "num_completed_tasks": 1,
        "num_milestones": 1,
    }
    assert asana.ask("GET", "/projects/20/task_counts") == {}
    found = asana.ask("GET", "/workspaces/77/typeahead", resource_type="tag", query="KR")
    assert found == [{"gid": "30", "name": "okr:KR-1", "resource_type": "tag"}]


# ── what changed, and what the filters miss ──────────────────────────────────────────────────────────────────────────


def test_modified_since_includes_its_instant_and_misses_what_asana_misses(
    asana: Any, workspace: Workspace, asana_sandbox: Sandbox
) -> None:
    def changed(project: str = "10", since: str = SINCE) -> list[str]:
        return asana.gids("/tasks", project=project, modified_since=since)  # type: ignore[no-any-return]

    assert changed(since="2026-03-02T09:00:00.000Z") == ["104", "103"]
    assert changed(since="2026-03-02T10:00:00.001+01:00") == ["104"]
    assert "ISO-8601" in asana.ask("GET", "/tasks", status=400, project="10", modified_since="yesterday")[0]

    later(asana_sandbox)
    workspace.edit("tasks/101", {"completed": True})
    workspace.task("Below", parent="100")
    workspace.edit("tasks/100", {"tags": {"add": ["okr-orphan"]}})
    workspace.edit("tasks/105", {"project": "Shop"})
    workspace.edit("tasks/103", {"blocked_by": "100"})
    assert changed() == [], "subtasks, tags, moves and dependencies move nothing"
    workspace.edit("tasks/104", {"delete": True})
    assert changed() == [], "what is deleted is only missing"
    assert asana.ask("GET", "/tasks/104", status=404) == ["task: Unknown object: 104"]

    asana.ask("POST", "/tasks/100/stories", {"text": "A comment counts"}, status=201)
    asana.ask("PUT", "/tasks/103", {"notes": "so does a field"})
    assert changed() == ["100", "103"]
    before = asana.ask("GET", "/tasks/103")["modified_at"]
    later(asana_sandbox)
    asana.ask("PUT", "/tasks/103", {"notes": "so does a field"})
    assert asana.ask("GET", "/tasks/103")["modified_at"] == before, "writing the same again moves nothing"


def test_subtasks_are_in_no_project_unless_they_were_added(asana: Any, workspace: Workspace) -> None:
    below = asana.ask("GET", "/tasks/101", opt_fields="projects,memberships,parent.gid")
    assert below == {"gid": "101", "projects": [], "memberships": [], "parent": {"gid": "100"}}
    workspace.edit("tasks/102", {"project": "10", "section": "To do", "tags": ["okr:KR-1"]})
    assert asana.gids("/projects/10/tasks") == ["100", "104", "102", "103"]
    assert asana.gids("/tasks/101/subtasks") == ["102"]
    assert asana.gids("/tags/30/tasks") == ["100", "102"]
    workspace.edit("tasks/102", {"parent": None})
    assert asana.ask("GET", "/tasks/101", opt_fields="num_subtasks")["num_subtasks"] == 0
    with pytest.raises(UsageError, match="subtask of itself"):
        workspace.edit("tasks/100", {"parent": "101"})


def test_a_task_in_many_projects_is_one_task(asana: Any, workspace: Workspace) -> None:
    workspace.edit("tasks/104", {"section": "Doing", "remove_from": "Pay"})
    shown = asana.ask("GET", "/tasks/104", opt_fields="memberships.(project|section).name")["memberships"]
    assert [(one["project"]["name"], one["section"]["name"]) for one in shown] == [("Shop", "Doing")]
    assert asana.gids("/tasks", project="20") == ["105"]
    workspace.edit("tasks/105", {"project": "Shop"})
    assert len(asana.ask("GET", "/tasks/105")["custom_fields"]) == 6, "it has the fields of the project that it joined"
    workspace.edit("projects/20", {"delete": True})
    assert asana.ask("GET", "/tasks/105", opt_fields="projects")["projects"] == [{"gid": "10"}]


def test_approvals_complete_a_task_whatever_they_say(asana: Any, asana_sandbox: Sandbox) -> None:
    assert asana.ask("GET", "/tasks/103", opt_fields="completed,approval_status,resource_subtype") == {
        "gid": "103",
        "completed": True,
        "approval_status": "rejected",
        "resource_subtype": "approval",
    }
    later(asana_sandbox)
    for status, done in (("pending", False), ("changes_requested", True), ("approved", True)):
        shown = asana.ask("PUT", "/tasks/103", {"approval_status": status})
        assert (shown["completed"], shown["completed_at"] is not None) == (done, done)
    assert asana.ask("PUT", "/tasks/103", {"completed": False})["approval_status"] == "pending"
    kinds = [one["resource_subtype"] for one in asana.ask("GET", "/tasks/103/stories")]
    assert {"approval_status_changed", "marked_complete", "marked_incomplete"} <= set(kinds)


def test_custom_fields_are_written_whole_or_refused(asana: Any) -> None:
    def write(value: Any, status: int = 200, gid: str = "104") -> Any:
        return asana.ask("PUT", f"/tasks/{gid}", {"custom_fields": value}, status, opt_fields="custom_fields")

    first = write({"41": 2.5, "42": None})["custom_fields"]
    assert [one["display_value"] for one in first[:3]] == ["KR-1", "2.50", None]
    second = first[0]["enum_options"][1]
    assert write({"40": second["gid"]})["custom_fields"][0]["enum_value"] == second
    assert write({"44": {"date": "2026-05-01"}, "45": []})["custom_fields"][4]["display_value"] == "2026-05-01"
    assert "not a recognized enum option" in write({"40": "9"}, 400)[0].lower()
    assert write({"41": "3"}, 400) == ["custom_fields: 41: Value is not of type number: 3"]
    assert write({"99": 1}, 400) == ["Custom field with ID 99 is not on given object"]
    assert write("x", 400) == ["custom_fields: Value is not a JSON object: x"]


def test_writes_are_checked(asana: Any, workspace: Workspace) -> None:
    for data, words in (
        ({"tags": ["30"]}, "tags: Cannot write this property"),
        ({"due_on": "1/2/2026"}, "due_on: Date must be in ISO-8601 (yyyy-mm-dd) format, not: 1/2/2026"),
        ({"due_on": "2026-01-02", "due_at": SINCE}, "You may only provide one of due_on or due_at!"),
        ({"completed": "true"}, "completed: Value is not a boolean: true"),
        ({"assignee": "12"}, "assignee: Not a user in Organization: 12"),
    ):
        assert asana.ask("PUT", "/tasks/100", data, status=400) == [words]
    assert asana.ask("POST", "/tasks", {"name": "x"}, status=400) == [
        "You should specify one of workspace, parent, projects"
    ]
    assert asana.ask("POST", "/tasks/100/addTag", {}, status=400) == ["tag: Missing input"]
    assert asana.ask("POST", "/tasks/100/addTag", {"tag": "9"}, status=400) == ["tag: Unknown object: 9"]
    assert asana.ask("GET", "/tasks/abc", status=400) == ["task: Not a recognized ID: abc"]
    assert asana.ask("GET", "/nowhere", status=404) == ["No matching route for request"]
    bare = asana.post(asana.base + "/tasks", json={"name": "x"}, timeout=5)
    assert (bare.status_code, "nest your request fields" in bare.text) == (400, True)
    assert asana.put(asana.base + "/tasks/100", data="{", timeout=5).status_code == 400
    made = asana.post(asana.base + "/tasks", json={"data": {"workspace": "77", "due_at": SINCE}}, timeout=5)
    assert made.headers["Location"] == f"{asana.base}/tasks/{made.json()['data']['gid']}"
    assert made.json()["data"]["due_on"] == "2026-03-02"
    place = {"memberships": [{"project": "10", "section": "12"}], "tags": ["30"], "custom_fields": {"41": 1}}
    placed = asana.ask(
        "POST", "/tasks", place, status=201, opt_fields="memberships.section.name,tags.name,custom_fields"
    )
    assert placed["memberships"] == [{"section": {"gid": "12", "name": "Doing"}}]
    assert (placed["tags"][0]["name"], len(placed["custom_fields"])) == ("okr:KR-1", 6)
    assert placed["custom_fields"][1]["number_value"] == 1
    workspace.read_only = {"100"}
    assert "permission" in asana.ask("POST", "/tasks/100/addTag", {"tag": "30"}, status=403)[0]


def test_tokens(asana_sandbox: Sandbox, workspace: Workspace) -> None:
    url = f"{asana_sandbox.url}/asana/api/1.0/users/me"
    for headers in ({}, {"Authorization": "Bearer bad"}, {"Authorization": "Basic dG9rZW46"}):
        answer = requests.get(url, headers=headers, timeout=5)
        assert (answer.status_code, answer.json()["errors"][0]["message"]) == (401, "Not Authorized")
    me = requests.get(url, headers={"Authorization": "Bearer anything"}, timeout=5).json()["data"]
    assert (me["name"], [one["gid"] for one in me["workspaces"]]) == ("okrsync", ["77"])


# ── what may not be seen ─────────────────────────────────────────────────────────────────────────────────────────────


def test_what_is_hidden_is_refused_and_left_out(asana: Any, workspace: Workspace) -> None:
    for gid in ("20", "100"):
        workspace.hide(gid)
    assert asana.ask("GET", "/projects/20", status=403) == ["You do not have access to this project."]
    (section,) = workspace.sections_of(workspace.held["project"]["20"])
    assert asana.ask("GET", f"/sections/{section['gid']}/tasks", status=403)
    assert asana.gids("/projects", workspace="77") == ["10"]
    assert asana.gids("/projects/10/tasks") == ["104", "103"]
    for gid in ("105", "100", "101", "102"):
        assert asana.ask("GET", f"/tasks/{gid}", status=403) == ["You do not have access to this task."]
    seen = asana.ask("GET", "/tasks/104", opt_fields="projects.name,memberships.project.name,dependencies.name")
    assert seen == {
        "gid": "104",
        "projects": [{"gid": "10", "name": "Shop"}],
        "dependencies": [],
        "memberships": [{"project": {"gid": "10", "name": "Shop"}}],
    }
    workspace.hide("500")
    assert asana.gids("/goals", workspace="77") == ["501"]
    assert asana.gids("/goal_relationships", supported_goal="501") == []
    assert asana.ask("POST", "/goals/500/setMetricCurrentValue", {"current_number_value": 1}, status=403)
    workspace.show("100")
    assert asana.gids("/tasks/100/subtasks") == ["101"]
    with pytest.raises(UsageError, match="has no task, project, portfolio or goal '9'"):
        workspace.hide("9")
