"""Status updates of projects and goals: made, read and deleted, never edited."""

from __future__ import annotations

from okrsync.sandbox.asana import goal_changes
from okrsync.sandbox.asana.call import Call, nothing, refuse
from okrsync.sandbox.asana.paging import born, page
from okrsync.sandbox.asana.records import Record, instant
from okrsync.sandbox.web import Response


def listed(call: Call) -> Response:
    """GET status_updates: of one project or goal, the newest first."""
    parent = _parent(call, call.required("parent", "goal", "project"))
    since = call.first("created_since")
    try:
        after = instant(since) if since else ""
    except ValueError:
        raise refuse(400, f"created_since: Datetime must be in ISO-8601 format, not: {since}") from None
    found = [one for one in call.workspace.of("status_update", "parent", parent) if one["created_at"] >= after]
    return page(call, lambda: born(call, found, newest_first=True))


def _parent(call: Call, parent: Record) -> Record:
    if parent["resource_type"] == "goal":
        call.needs_goals()
    return parent


def _update(call: Call) -> Record:
    update = call.record("status_update")
    parent = _parent(call, update["parent"])
    if not call.workspace.sees(parent):
        raise refuse(403, f"You do not have access to this {parent['resource_type']}.")
    return update


def read(call: Call) -> Response:
    return call.one(_update(call))


def create(call: Call) -> Response:
    """POST status_updates: the parent shows it from now on, and a goal takes its status."""
    data = call.data()
    for name in ("parent", "text", "status_type"):
        if not data.get(name):
            raise refuse(400, f"{name}: Missing input")
    parent = call.writable(_parent(call, call.seen(["goal", "project"], data["parent"], "parent")))
    try:
        update = goal_changes.post(call.workspace, parent, data, call.hand())
    except ValueError as error:
        raise refuse(400, str(error)) from None
    call.delay(update)
    return call.one(update, 201)


def delete(call: Call) -> Response:
    update = _update(call)
    goal_changes.take_back(call.workspace, update, call.hand())
    return nothing()
