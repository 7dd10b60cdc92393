"""Asana: what depends on the plan (search, portfolios), what a token is granted, and how events can go wrong."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from okrsync.sandbox import Sandbox
from okrsync.sandbox.asana.workspace import Workspace

SEARCH = "/workspaces/77/tasks/search"


def later(sandbox: Sandbox, **by: float) -> None:
    sandbox.world.clock.advance(timedelta(**by))


def found(asana: Any, **query: Any) -> list[str]:
    return sorted(task["gid"] for task in asana.ask("GET", SEARCH, **query))


# ── search ───────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_search_finds_what_passes_every_filter(asana: Any, workspace: Any) -> None:
    everything = sorted(workspace.held["task"])
    assert found(asana) == everything
    within = sorted(set(workspace.boards["20"]))
    assert found(asana, **{"projects.any": "20"}) == within
    assert found(asana, **{"projects.any": "10,20", "is_subtask": "false"}) == sorted(
        gid for gid in {*workspace.boards["10"], *within} if not workspace.held["task"][gid].get("parent")
    )
    assert found(asana, text="task 104") == ["104"]
    for wrong in (
        {"nope.any": "1"},
        {"sort_by": "likes"},
        {"limit": "101"},
        {"projects.any": "9"},
        {"is_subtask": "x"},
    ):
        asana.ask("GET", SEARCH, status=400, **wrong)
    workspace.hide("20")
    asana.ask("GET", SEARCH, status=403, **{"projects.any": "20"})
    workspace.lacks = {"search"}
    asana.ask("GET", SEARCH, status=402)  # Asana says so in words; its file does not list it


def test_a_search_is_walked_by_the_time_of_the_last_change(asana: Any, workspace: Any, asana_sandbox: Sandbox) -> None:
    """``after`` leaves out the instant itself, and equals have no order that holds."""
    for number in range(6):
        if number % 3 == 0:
            later(asana_sandbox, minutes=1)
        workspace.task(f"More {number}")
    query = {"sort_by": "modified_at", "sort_ascending": "true", "opt_fields": "modified_at"}
    rows = asana.ask("GET", SEARCH, **query)
    assert [row["modified_at"] for row in rows] == sorted(row["modified_at"] for row in rows)
    last = rows[-1]["modified_at"]
    assert asana.ask("GET", SEARCH, **query, **{"modified_at.after": last}) == []
    orders = {tuple(row["gid"] for row in asana.ask("GET", SEARCH, **query)[-3:]) for _ in range(10)}
    assert len(orders) > 1
    assert len(asana.ask("GET", SEARCH, **query, limit=2)) == 2


def test_the_index_lags_behind(asana: Any, workspace: Any, asana_sandbox: Sandbox) -> None:
    """It finds a task as it was changed before, and a new one not at all, until it caught up."""
    workspace.index_lag = timedelta(seconds=30)
    later(asana_sandbox, minutes=10)
    since = {"modified_at.after": asana_sandbox.world.clock().isoformat()}
    later(asana_sandbox, seconds=1)
    workspace.edit("tasks/100", {"name": "Renamed"})
    fresh = workspace.task("Fresh")
    assert found(asana, **since) == []
    assert "100" in found(asana)
    assert fresh not in found(asana)
    later(asana_sandbox, seconds=30)
    assert found(asana, **since) == sorted(["100", fresh])


# ── portfolios, own types ────────────────────────────────────────────────────────────────────────────────────────────


def test_portfolios_hold_projects_and_portfolios(asana: Any, workspace: Any, tmp_path: Path) -> None:
    inner = workspace.edit("portfolios", {"name": "Inner", "add": ["Pay"]})["gid"]
    outer = workspace.edit("portfolios", {"name": "Outer", "add": ["10", "Inner"], "owner": "okrsync"})["gid"]

    def items(gid: str) -> list[tuple[str, str]]:
        rows = asana.ask("GET", f"/portfolios/{gid}/items", opt_fields="resource_type")
        return [(row["resource_type"], row["gid"]) for row in rows]

    assert items(outer) == [("project", "10"), ("portfolio", inner)]
    assert [one["gid"] for one in asana.ask("GET", "/portfolios", workspace="77")] == [outer], "a token's own alone"
    assert "items" not in asana.ask("GET", f"/portfolios/{outer}")
    workspace.save(tmp_path / "77")
    again = Workspace.load(tmp_path / "77")
    kinds = [one["resource_type"] for one in again.held["portfolio"][outer]["items"]]
    assert kinds == ["project", "portfolio"]
    workspace.edit(f"portfolios/{outer}", {"remove": ["Inner"], "name": "Alone"})
    assert items(outer) == [("project", "10")]
    workspace.edit("projects/20", {"delete": True})
    assert items(inner) == []
    workspace.lacks = {"portfolios"}
    for path in (f"/portfolios/{outer}", f"/portfolios/{outer}/items", "/portfolios"):
        asana.ask("GET", path, status=402)
    workspace.lacks = set()
    workspace.hide(inner)
    asana.ask("GET", f"/portfolios/{inner}/items", status=403)
    workspace.edit(f"portfolios/{outer}", {"delete": True})
    asana.ask("GET", f"/portfolios/{outer}/items", status=404)


def test_types_of_tasks_that_a_company_made_itself(asana: Any, workspace: Any) -> None:
    workspace.edit("tasks/100", {"custom_type": "Bug", "status": "In review"})
    workspace.edit("tasks/104", {"custom_type": "Bug"})
    fields = "resource_subtype,custom_type.name,custom_type_status_option.name"
    one, other = (asana.ask("GET", f"/tasks/{gid}", opt_fields=fields) for gid in ("100", "104"))
    assert one["resource_subtype"] == "custom"
    assert (one["custom_type"]["name"], one["custom_type_status_option"]["name"]) == ("Bug", "In review")
    assert (other["custom_type"], other["custom_type_status_option"]) == (one["custom_type"], None)


# ── limits ───────────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(("limit", "path"), [("requests", "/tasks/100"), ("searches", SEARCH), ("cost", "/tasks/100")])
def test_what_a_token_is_granted_in_a_minute(
    limit: str, path: str, asana: Any, workspace: Any, asana_sandbox: Any
) -> None:
    """Refused with the time to wait, or without; what is refused counts too, unless it is work that was not done."""
    setattr(workspace.limits, limit, 0.5 if limit == "cost" else 2)

    def get() -> Any:
        return asana.get(asana.base + path, timeout=5)

    answers = [get().status_code for _ in range(4)]
    assert answers[0] == 200
    assert answers[-1] == 429
    later(asana_sandbox, seconds=20)
    assert get().headers["Retry-After"] == "40"
    workspace.limits.silent = True
    assert "Retry-After" not in get().headers
    later(asana_sandbox, minutes=1)
    assert get().status_code == 200
    setattr(workspace.limits, limit, None)
    assert get().status_code == 200


def test_the_last_page_of_a_list_that_is_too_long(asana: Any, workspace: Any) -> None:
    for number in range(4):
        workspace.task(f"More {number}")
    workspace.longest_list = 6
    query = {"project": "10", "limit": 3}
    first = asana.get(asana.base + "/tasks", params=query, timeout=5).json()
    second = asana.get(
        asana.base + "/tasks", params={**query, "offset": first["next_page"]["offset"]}, timeout=5
    ).json()
    asana.ask("GET", "/tasks", status=400, **query, offset=second["next_page"]["offset"])


# ── events and headers ───────────────────────────────────────────────────────────────────────────────────────────────


def since(asana: Any, resource: str = "10") -> Any:
    """Asks for what happened since now."""
    token = asana.get(asana.base + "/events", params={"resource": resource}, timeout=5).json()["sync"]

    def ask() -> list[tuple[Any, ...]]:
        rows = asana.ask("GET", "/events", resource=resource, sync=token)
        return [
            (
                row["action"],
                (row["resource"] or {}).get("gid"),
                (row["parent"] or {}).get("resource_type"),
                row.get("change", {}).get("field"),
            )
            for row in rows
            if row["type"] == "task"
        ]

    return ask


def test_every_edit_raises_its_event(asana: Any, workspace: Any) -> None:
    ask = since(asana)
    workspace.edit("sections", {"name": "Later", "project": "10"})
    workspace.edit("tasks/100", {"section": "Later"})
    workspace.edit("tasks/104", {"remove_from": "10"})
    workspace.edit("tasks/101", {"parent": None})
    workspace.edit("tasks/101", {"parent": "100"})
    told = ask()
    assert ("removed", "100", "section", None) in told
    assert ("added", "100", "section", None) in told
    assert ("removed", "104", "project", None) in told
    assert ("removed", "101", "task", None) in told
    assert ("added", "101", "task", None) in told


def test_what_was_deleted_comes_back_as_it_stood(asana: Any, workspace: Any) -> None:
    ask = since(asana)
    before = asana.ask("GET", "/tasks/101", opt_fields="parent,memberships.section,num_subtasks")
    workspace.edit("tasks/100", {"delete": True})
    asana.ask("GET", "/tasks/101", status=404)
    workspace.edit("tasks/100", {"restore": True})
    assert asana.ask("GET", "/tasks/101", opt_fields="parent,memberships.section,num_subtasks") == before
    told = [(action, gid) for action, gid, _, _ in ask()]
    assert told.index(("deleted", "101")) < told.index(("deleted", "100")) < told.index(("undeleted", "100"))
    assert ("undeleted", "101") in told


def test_events_in_disorder(asana: Any, workspace: Any) -> None:
    ask = since(asana)
    for name in ("a", "b"):
        workspace.edit("tasks/100", {"tags": {"add": [name]}})
    calm = since(asana)
    workspace.disorder = True
    told = ask()
    assert (None in [gid for _, gid, _, _ in told], len(told) > len(set(told))) == (True, True)
    assert calm() == []


def test_the_time_of_the_world_and_what_is_announced(asana: Any, workspace: Any, asana_sandbox: Sandbox) -> None:
    workspace.announced = ("string_ids", "new_memberships")
    answer = asana.get(asana.base + "/tasks/100", timeout=5)
    assert answer.headers["Date"] == f"{asana_sandbox.world.clock():%a, %d %b %Y %H:%M:%S} GMT"
    assert answer.raw.headers.getlist("Asana-Change") == [
        f"name={name};info=https://asana.test/{name};affected=true" for name in workspace.announced
    ]
