"""``GET /_sandbox/asana/<workspace>/tasks/<gid>`` and ``…/goals/<gid>``: what people see of an object in Asana."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from okrsync.sandbox.asana import rich
from okrsync.sandbox.asana.records import Record

if TYPE_CHECKING:
    from okrsync.sandbox.asana.workspace import Workspace


def shown(workspace: Workspace, path: str) -> dict[str, Any] | None:
    """The object of this path, None where there is none."""
    kinds, _, gid = path.partition("/")
    record = workspace.find(kinds.removesuffix("s"), gid) if kinds in ("tasks", "goals") else None
    if record is None:
        return None
    stories = workspace.of("story", "target", record)
    return {
        "name": record["name"],
        **(_task(record) if kinds == "tasks" else _goal(workspace, record)),
        "comments": [_post(workspace, one) for one in stories if one["type"] == "comment"],
    }


def _task(task: Record) -> dict[str, Any]:
    return {
        "tags": [tag["name"] for tag in task.get("tags", ())],
        "fields": {entry["name"]: entry["display_value"] for entry in task.get("custom_fields", ())},
    }


def _goal(workspace: Workspace, goal: Record) -> dict[str, Any]:
    updates = workspace.of("status_update", "parent", goal)
    return {
        "status": goal.get("status"),
        "updates": [
            {
                **_post(workspace, one),
                "status_type": one["status_type"],
                "title": rich.seen(one.get("title", ""), None, workspace.any),
            }
            for one in updates
        ],
    }


def _post(workspace: Workspace, post: Record) -> dict[str, Any]:
    author = post.get("created_by") or {}
    told = {"by": author.get("name", ""), "pinned": post.get("is_pinned", False)}
    return {**told, **rich.seen(post.get("text", ""), post.get("html_text"), workspace.any)}
