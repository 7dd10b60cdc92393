"""Asana: goals, status updates, stories and events; edits as people make them; worlds in folders."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import requests

from okrsync.errors import UsageError
from okrsync.sandbox import Sandbox, World
from okrsync.sandbox.asana.workspace import Workspace

METRIC = "/goals/500/setMetricCurrentValue"


def later(sandbox: Sandbox, **by: float) -> None:
    sandbox.world.clock.advance(timedelta(**by))


# ── goals ────────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_goals_are_found_by_what_supports_them(asana: Any, workspace: Workspace) -> None:
    assert asana.gids("/goals", workspace="77") == ["500", "501"]
    assert asana.gids("/goals", project="10") == ["500"]
    assert asana.gids("/goals", workspace="77", time_periods="55,56") == ["500"]
    assert asana.gids("/goals", workspace="77", is_workspace_level="false") == []
    assert "Must specify one of" in asana.ask("GET", "/goals", status=400)[0]
    workspace.edit("goals/501", {"support": ["Task 105", "Shop"], "weight": 1})
    assert asana.gids("/goals", task="105") == ["501"]
    found = asana.ask("GET", "/goal_relationships", supported_goal="501")
    assert [(one["resource_subtype"], one["supporting_resource"]["resource_type"]) for one in found] == [
        ("subgoal", "goal"),
        ("supporting_work", "task"),
        ("supporting_work", "project"),
    ]
    workspace.edit("goals/501", {"forsake": ["Task 105"]})
    assert len(asana.gids("/goal_relationships", supported_goal="501", resource_subtype="supporting_work")) == 1
    workspace.edit("goals", {"name": "Third", "support": ["500"]})
    assert len(asana.gids("/goals/500/parentGoals")) == 2, "a goal may have several parents"
    with pytest.raises(UsageError, match="cannot support itself"):
        workspace.edit("goals/500", {"support": ["501"]})
    goal = asana.ask("GET", "/goals/500")
    assert (goal["start_on"], goal["due_on"], goal["status"]) == ("2026-01-01", "2026-03-31", "yellow")


def test_a_plan_without_goals(asana: Any, workspace: Workspace) -> None:
    workspace.edit("account", {"lacks": ["goals"]})
    for path in ("/goals?workspace=77", "/goals/500", "/goal_relationships?supported_goal=500", "/goals/500/stories"):
        assert asana.ask("GET", path, status=402)
    assert asana.ask("GET", "/status_updates", status=402, parent="500")
    assert asana.ask("POST", METRIC, {"current_number_value": 1}, status=402)
    assert asana.gids("/projects/10/tasks")


def test_only_a_number_that_people_keep_can_be_set(asana: Any, workspace: Workspace) -> None:
    shown = asana.ask("POST", METRIC, {"current_number_value": 0.4567}, opt_fields="metric.current_number_value")
    assert shown["metric"]["current_number_value"] == 0.46, "rounded to two places more than are shown"
    workspace.edit("goals/500", {"metric": {"unit": "currency", "currency_code": "EUR", "precision": 1}})
    shown = asana.ask("POST", METRIC, {"current_number_value": -1234.56}, opt_fields="metric.current_display_value")
    assert shown["metric"]["current_display_value"] == "-1,234.6 EUR"
    for data in ({}, {"current_number_value": "1"}, {"current_number_value": True}):
        assert "current_number_value" in asana.ask("POST", METRIC, data, status=400)[0]
    for source, manage, status in (
        ("subgoal_progress", True, 400),
        ("external", False, 403),
        ("external", True, 200),
    ):
        workspace.edit("goals/500", {"metric": {"progress_source": source, "can_manage": manage}})
        asana.ask("POST", METRIC, {"current_number_value": 1}, status=status)
    workspace.edit("goals/500", {"metric": None})
    assert asana.ask("POST", METRIC, {"current_number_value": 1}, status=400) == ["This goal does not have a metric."]
    with pytest.raises(UsageError, match="Must differ from initial"):
        workspace.edit("goals/501", {"metric": {"initial_number_value": 5, "target_number_value": 5}})
    workspace.edit("goals/501", {"metric": {"initial_number_value": 9, "target_number_value": 2}})
    assert asana.ask("GET", "/goals/501")["metric"]["current_number_value"] == 9


# ── status updates ───────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_status_update_moves_the_goal_and_can_only_be_taken_back(asana: Any, asana_sandbox: Sandbox) -> None:
    def goal() -> tuple[Any, Any]:
        found = asana.ask("GET", "/goals/500", opt_fields="status,current_status_update.title")
        return found["status"], found["current_status_update"] and found["current_status_update"]["title"]

    later(asana_sandbox, hours=1)
    data = {"parent": "500", "text": "okrsync:KR-1\nAhead", "title": "Good", "status_type": "on_track"}
    made = asana.ask("POST", "/status_updates", data, status=201)
    assert (made["resource_subtype"], made["author"]["name"], goal()) == (
        "goal_status_update",
        "okrsync",
        ("green", "Good"),
    )
    assert asana.gids("/status_updates", parent="500") == [made["gid"], "700"], "the newest first"
    assert asana.gids("/status_updates", parent="500", created_since=made["created_at"]) == [made["gid"]]
    assert asana.put(f"{asana.base}/status_updates/{made['gid']}", json={"data": {}}, timeout=5).status_code == 404
    closed = asana.ask("POST", "/status_updates", {**data, "status_type": "achieved", "title": "Done"}, status=201)
    assert goal() == ("achieved", "Done")
    for gid, status in ((closed["gid"], ("green", "Good")), (made["gid"], ("yellow", "")), ("700", (None, None))):
        asana.ask("DELETE", f"/status_updates/{gid}")
        assert goal() == status
    asana.ask("GET", "/status_updates/700", status=404)


def test_status_updates_are_checked(asana: Any, asana_sandbox: Sandbox) -> None:
    data = {"parent": "500", "text": "x", "status_type": "on_track"}
    for name in data:
        missing = {key: value for key, value in data.items() if key != name}
        assert asana.ask("POST", "/status_updates", missing, status=400) == [f"{name}: Missing input"]
    for parent, kind in (("500", "complete"), ("10", "achieved"), ("10", "green")):
        wrong = {**data, "parent": parent, "status_type": kind}
        assert "status_type: Must be one of" in asana.ask("POST", "/status_updates", wrong, status=400)[0]
    assert asana.ask("POST", "/status_updates", {**data, "parent": "100"}, status=400) == [
        "parent: Unknown object: 100"
    ]
    asana.ask("POST", "/status_updates", {**data, "parent": "10", "status_type": "complete"}, status=201)
    asana_sandbox.fault("late", method="POST", seconds=30)
    late = asana.ask("POST", "/status_updates", data, status=201)
    assert asana.gids("/status_updates", parent="500") == ["700"]
    later(asana_sandbox, seconds=31)
    assert asana.gids("/status_updates", parent="500") == [late["gid"], "700"]


# ── stories ──────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_comments_are_edited_by_their_author_alone(asana: Any, workspace: Workspace) -> None:
    own = asana.ask("POST", "/tasks/100/stories", {"text": "One"}, status=201)
    assert (own["is_editable"], own["type"], own["created_by"]["name"]) == (True, "comment", "okrsync")
    assert asana.ask("PUT", f"/stories/{own['gid']}", {"text": "Two", "is_pinned": True})["is_pinned"]
    assert "permission" in asana.ask("PUT", "/stories/800", {"text": "Mine now"}, status=403)[0]
    assert "permission" in asana.ask("DELETE", "/stories/800", status=403)[0]
    workspace.edit("tasks/100", {"completed": True, "by": "Bo"})
    *_, system = asana.ask("GET", "/tasks/100/stories", opt_fields="type,resource_subtype,created_by.name,is_editable")
    assert system | {"gid": ""} == {
        "gid": "",
        "type": "system",
        "resource_subtype": "marked_complete",
        "created_by": {"gid": workspace.named("user", "Bo")["gid"], "name": "Bo"},  # type: ignore[index]
        "is_editable": False,
    }
    assert "Only comment stories" in asana.ask("PUT", f"/stories/{system['gid']}", {"text": "x"}, status=400)[0]
    assert "text: Missing input" in asana.ask("POST", "/goals/500/stories", {"text": " "}, status=400)
    asana.ask("DELETE", f"/stories/{own['gid']}")
    assert asana.gids("/tasks/100/stories") == ["800", system["gid"]]


# ── events ───────────────────────────────────────────────────────────────────────────────────────────────────────────


class Stream:
    """The events of one resource, polled as a client does."""

    def __init__(self, client: Any, resource: str) -> None:
        self._client, self._resource = client, resource
        self.sync = self.poll("", status=412)["sync"]

    def poll(self, sync: str | None = None, status: int = 200) -> Any:
        query = {"resource": self._resource, "sync": self.sync if sync is None else sync}
        answer = self._client.get(self._client.base + "/events", params=query, timeout=5)
        assert answer.status_code == status, answer.text
        return answer.json()

    def next(self) -> list[tuple[str, str, str]]:
        answer = self.poll()
        self.sync = answer["sync"]
        return [(one["type"], one["action"], one["resource"]["gid"]) for one in answer["data"]]


def test_events_tell_what_listings_do_not(asana: Any, workspace: Workspace) -> None:
    project, goal = Stream(asana, "10"), Stream(asana, "500")
    assert project.next() == []
    workspace.edit("tasks/102", {"name": "Two levels down"})
    workspace.edit("tasks/100", {"tags": []})
    workspace.edit("tasks/104", {"remove_from": "Shop"})
    workspace.edit("tasks/103", {"delete": True})
    seen = project.next()
    for wanted in (("changed", "102"), ("changed", "100"), ("removed", "104"), ("deleted", "103")):
        assert ("task", *wanted) in seen
    assert all(gid != "105" for _, _, gid in seen)
    asana.ask("POST", METRIC, {"current_number_value": 0.9})
    assert goal.next() == [("goal", "changed", "500")]
    assert project.next() == []


def test_events_are_delivered_once_a_hundred_at_a_time(asana: Any, workspace: Workspace) -> None:
    stream = Stream(asana, "20")
    first = stream.sync
    for number in range(80):
        workspace.edit("tasks/105", {"name": f"Name {number}"})
    answer = stream.poll()
    assert (len(answer["data"]), answer["has_more"]) == (100, True)
    again = stream.poll(first)
    assert (len(again["data"]), again["has_more"]) == (60, False), "what the token has answered it does not repeat"
    assert stream.poll(first)["data"] == []


def test_sync_tokens_die_and_belong_to_their_resource(asana: Any, asana_sandbox: Sandbox) -> None:
    stream = Stream(asana, "10")
    foreign = Stream(asana, "20")
    assert stream.poll(foreign.sync, status=412)["errors"][0]["message"].startswith("Sync token invalid or too old.")
    asana_sandbox.fault("expired_token", path=".*/events")
    assert stream.poll(status=412)["sync"] != stream.sync
    assert stream.poll()["data"] == []
    later(asana_sandbox, hours=25)
    stream.sync = stream.poll(status=412)["sync"]
    assert stream.poll()["data"] == []


# ── people ───────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_people_edit_over_http(asana_sandbox: Sandbox, asana: Any) -> None:
    def edit(path: str, body: Any, status: int = 200) -> Any:
        answer = requests.post(f"{asana_sandbox.url}/_sandbox/asana/{path}", json=body, timeout=5)
        assert answer.status_code == status, answer.text
        return answer.json()

    at = "2026-03-02T15:00:00+01:00"
    body = {"name": "New", "project": "Shop", "section": "Doing", "assignee": "Ana", "tags": ["hot"], "due_on": None}
    made = edit("77/tasks", {**body, "custom_fields": {"OKR": "KR-2", "Points": 8}, "at": at, "by": "Bo"})
    shown = asana.ask("GET", f"/tasks/{made['gid']}")
    assert (shown["assignee"]["gid"], shown["tags"][0]["name"]) == ("7", "hot")
    assert (shown["created_at"], shown["modified_at"]) == ("2026-03-02T14:00:00.000Z",) * 2
    assert [one["display_value"] for one in shown["custom_fields"][:2]] == ["KR-2", "8"]
    assert shown["memberships"][0]["section"]["name"] == "Doing"
    edit(f"77/tasks/{made['gid']}", {"approval_status": "changes_requested", "blocked_by": ["100"], "comment": "No"})
    assert asana.ask("GET", f"/tasks/{made['gid']}")["completed"] is True
    update = {"status_type": "off_track", "text": "Late"}
    assert edit("77/goals/500", {"status_update": update, "by": "Bo"})["status"] == "red"
    assert edit("77/projects/10", {"name": "Shop 2", "status_update": update})["name"] == "Shop 2"
    archive = edit("77/projects", {"name": "Old", "archived": True})
    assert asana.gids("/projects", workspace="77", archived="true") == ["20", archive["gid"]]
    section = edit("77/sections", {"name": "Done", "project": "Shop 2"})
    edit("77/tasks/100", {"section": section["gid"]})
    assert edit(f"77/tasks/{made['gid']}", {"delete": True}) is None
    edit("77/account", {"hide": ["10"], "read_only": ["104"]})
    asana.ask("GET", "/projects/10", status=403)
    edit("77/account", {"show": ["10"]})
    for path, wrong, words in (
        ("77/tasks", {"project": "Shop 2"}, 'write at least {"name": "…"}'),
        ("77/tasks/100", {"nme": "x"}, "unknown keys: nme; allowed: approval_status, assignee"),
        ("77/tasks/1", {}, "workspace 77 has no task '1'"),
        ("77/tasks/100", {"section": "Nowhere"}, "workspace 77 has no section 'Nowhere'"),
        ("77/tasks/100", {"name": "x", "at": "2026-01-01"}, "has no offset"),
        ("77/tasks/104", {"custom_fields": {"OKR": "KR-9"}}, "Not a recognized enum option: KR-9"),
        ("77/goals/500", {"status_update": {"text": "x"}}, "'status_type' is missing"),
        ("77/account", {"lacks": ["tasks"]}, "a plan cannot lack 'tasks' here; it may lack 'goals', 'search'"),
        ("77/status_updates/700", {}, "a status update cannot be edited"),
        ("77/nothing", {}, "no edit 'nothing': there are tasks, tasks/<gid>"),
        ("77/tasks", [], "the body must be a JSON object"),
    ):
        assert words in edit(path, wrong, status=400)["message"]
    assert edit("78/tasks", {}, status=404)["message"] == "there is no Asana workspace '78' in this world"


# ── worlds ───────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_saved_workspace_loads_as_it_was(asana: Any, workspace: Workspace, tmp_path: Path) -> None:
    workspace.edit("tasks/105", {"project": "Shop", "comment": "moved", "completed": False})
    asana.ask("POST", METRIC, {"current_number_value": 0.7})
    paths = ("/tasks/100", "/tasks/104", "/tasks/105", "/goals/500", "/projects/10/tasks", "/tasks/105/stories")
    paths += ("/status_updates/700", "/goal_relationships/601", "/users?workspace=77", "/projects/10/sections")
    before = [asana.ask("GET", path) for path in paths]
    for _ in range(2):
        workspace.save(tmp_path / "77")
        workspace = Workspace.load(tmp_path / "77")
    with Sandbox(World(asana=[workspace])) as again:
        asana.base = f"{again.url}/asana/api/1.0"
        assert [asana.ask("GET", path) for path in paths] == before


def test_what_a_world_leaves_out_is_worked_out(asana: Any) -> None:
    found = Workspace(
        "9",
        tasks=[
            {"name": "Below", "parent": {"gid": "1"}},
            {"gid": "1", "name": "Top", "completed_at": "2026-02-01T10:00:00+01:00", "projects": [{"gid": "2"}]},
            {"gid": "3", "memberships": [{}], "assignee": {"gid": "4", "name": "Eve"}},
            {"gid": "5", "projects": []},
        ],
        goals=[{"gid": "6", "current_status_update": {"gid": "8", "title": "Now"}, "status": "red"}],
    )
    with Sandbox(World(asana=[found])) as sandbox:
        asana.base = f"{sandbox.url}/asana/api/1.0"
        assert asana.gids("/projects/2/tasks") == ["1", "3"]
        top = asana.ask("GET", "/tasks/1", opt_fields="completed,modified_at,num_subtasks,memberships.section.name")
        assert top["memberships"] == [
            {"section": {"gid": top["memberships"][0]["section"]["gid"], "name": "Untitled section"}}
        ]
        assert (top["completed"], top["modified_at"], top["num_subtasks"]) == (True, "2026-02-01T09:00:00.000Z", 1)
        assert asana.ask("GET", "/users/4")["name"] == "Eve"
        assert asana.ask("GET", "/tasks/5")["projects"] == []
        update = asana.ask("GET", "/status_updates/8")
        assert (update["status_type"], update["parent"]["gid"]) == ("off_track", "6")


@pytest.mark.parametrize(
    ("name", "rows", "words"),
    [
        ("tasks", ['{"gid": "1"}', "{oops"], "tasks.jsonl, line 2: not JSON"),
        (
            "tasks",
            ['{"gid": "1"}', '{"gid": "1"}'],
            "tasks.jsonl, line 2: task 1 is not as Asana lists it: it is there",
        ),
        ("tasks", ['{"gid": "1", "modified_at": "soon"}'], "tasks.jsonl, line 1: task 1 is not as Asana lists it"),
        ("stories", ['{"gid": "1"}'], "stories.jsonl, line 1: story 1 is not as Asana lists it: 'target' is missing"),
        ("sections", ['{"gid": "1", "project": 5}'], "sections.jsonl, line 1: section 1 is not as Asana lists it"),
        ("tasks", ['{"gid": "1", "tags": [{"name": "a"}]}'], "task 1 is not as Asana lists it: it names a tag without"),
    ],
)
def test_a_broken_line_of_a_workspace_is_named(tmp_path: Path, name: str, rows: list[str], words: str) -> None:
    folder = tmp_path / "asana" / "77"
    folder.mkdir(parents=True)
    (folder / f"{name}.jsonl").write_text("\n".join(rows), encoding="utf-8")
    with pytest.raises(UsageError) as caught:
        World.load(tmp_path)
    assert words in str(caught.value)


def test_two_workspaces_share_an_address_and_a_user(workspace: Workspace) -> None:
    other = Workspace("88", projects=[{"gid": "80", "name": "Other"}])
    gid = other.task("There")
    with Sandbox(World(asana=[workspace, other])) as sandbox:
        url = f"{sandbox.url}/asana/api/1.0"
        headers = {"Authorization": "Bearer x"}
        for path in (
            f"tasks/{gid}",
            "projects/80",
            "projects?workspace=88",
            "tasks?project=80",
            "users/me",
            "tasks/100",
        ):
            assert requests.get(f"{url}/{path}", headers=headers, timeout=5).status_code == 200, path
        body = json.dumps({"data": {"name": "Made", "projects": ["80"]}})
        assert requests.post(f"{url}/tasks", data=body, headers=headers, timeout=5).status_code == 201
        assert len(other.held["task"]) == 2
