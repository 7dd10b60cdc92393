"""Changes of goals: the metric, what supports them, and the status updates of goals and projects."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from okrsync.sandbox.asana import adopt
from okrsync.sandbox.asana.changes import Hand, raised
from okrsync.sandbox.asana.records import Record, compact

if TYPE_CHECKING:
    from okrsync.sandbox.asana.workspace import Workspace

TYPES: Mapping[str, tuple[str, ...]] = {
    "goal": ("on_track", "at_risk", "off_track", "achieved", "partial", "missed", "dropped"),
    "project": ("on_track", "at_risk", "off_track", "on_hold", "complete", "dropped"),
}
"""Kind of the parent → the types that its updates may have."""


def create(workspace: Workspace, name: str, hand: Hand) -> Record:
    """A goal of this name, without a metric."""
    goal = {**compact("goal", workspace.next_gid(), name), "workspace": workspace.record, "owner": hand.user}
    workspace.put(goal)
    raised(workspace, hand, goal, "added")
    return goal


def measure(workspace: Workspace, goal: Record, given: Mapping[str, Any], hand: Hand) -> None:
    """The metric of the goal holds these values, rounded as it is shown; a percentage is a fraction, so that it keeps
    two places more. ValueError where a number is none."""
    metric = {**adopt.metric(workspace, given), **(goal.get("metric") or {}), **given}
    for name in ("initial_number_value", "current_number_value", "target_number_value"):
        value = metric.get(name)
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise ValueError(f"{name}: Value is not a number: {value}")
    if metric["initial_number_value"] == metric["target_number_value"]:
        raise ValueError("target_number_value: Must differ from initial_number_value")
    places = metric["precision"] + (2 if metric["unit"] == "percentage" else 0)
    metric["current_number_value"] = round(metric["current_number_value"], places)
    if metric != goal.get("metric"):
        goal["metric"] = metric
        workspace.revision += 1
        raised(workspace, hand, goal, "changed", change={"field": "metric", "action": "changed"})


def support(workspace: Workspace, goal: Record, work: Record, weight: float = 0) -> Record:
    """A project, a task or another goal supports the goal; ValueError where the goal is below that other one."""
    for one in workspace.of("goal_relationship", "supported_goal", goal):
        if one["supporting_resource"] is work:
            return one
    if work is goal or any(work is one for one in _above(workspace, goal)):
        raise ValueError("supporting_resource: A goal cannot support itself")
    kind = "subgoal" if work["resource_type"] == "goal" else "supporting_work"
    return workspace.put(
        {
            "gid": workspace.next_gid(),
            "resource_type": "goal_relationship",
            "resource_subtype": kind,
            "supported_goal": goal,
            "supporting_resource": work,
            "contribution_weight": weight,
        }
    )


def _above(workspace: Workspace, goal: Record) -> list[Record]:
    found: list[Record] = []
    waiting = [goal]
    while waiting:
        for one in workspace.of("goal_relationship", "supporting_resource", waiting.pop()):
            if not any(one["supported_goal"] is known for known in found):
                found.append(one["supported_goal"])
                waiting.append(one["supported_goal"])
    return found


def forsake(workspace: Workspace, goal: Record, work: Record) -> None:
    """What supported the goal supports it no more."""
    for one in workspace.of("goal_relationship", "supported_goal", goal):
        if one["supporting_resource"] is work:
            workspace.drop(one)


def delete(workspace: Workspace, goal: Record, hand: Hand) -> None:
    """The goal is gone, with its relationships, stories and updates."""
    raised(workspace, hand, goal, "deleted")
    for kind, field in (
        ("goal_relationship", "supported_goal"),
        ("goal_relationship", "supporting_resource"),
        ("story", "target"),
        ("status_update", "parent"),
    ):
        for record in workspace.of(kind, field, goal):
            workspace.drop(record)
    workspace.drop(goal)


def post(workspace: Workspace, parent: Record, given: Mapping[str, Any], hand: Hand) -> Record:
    """A new update from ``text``, ``status_type`` and perhaps ``title``; ValueError where the type does not fit."""
    allowed = TYPES[parent["resource_type"]]
    if given["status_type"] not in allowed:
        raise ValueError(f"status_type: Must be one of {', '.join(allowed)}, not: {given['status_type']}")
    if not all(isinstance(given.get(name, ""), str) for name in ("text", "title")):
        raise ValueError("text: Value is not a string")
    now = hand.stamp()
    update = workspace.put(
        {
            "gid": workspace.next_gid(),
            "resource_type": "status_update",
            "resource_subtype": f"{parent['resource_type']}_status_update",
            "title": given.get("title", ""),
            "text": given["text"],
            "status_type": given["status_type"],
            "author": hand.user,
            "created_by": hand.user,
            "created_at": now,
            "modified_at": now,
            "parent": parent,
        }
    )
    adopt.settle_status(workspace, parent)
    raised(workspace, hand, update, "added", parent)
    return update


def take_back(workspace: Workspace, update: Record, hand: Hand) -> None:
    """The update is gone; its parent shows the one before it, or none."""
    parent = update["parent"]
    raised(workspace, hand, update, "deleted", parent)
    workspace.drop(update)
    parent.pop("current_status_update", None)
    if parent["resource_type"] == "goal":
        parent["status"] = None
    adopt.settle_status(workspace, parent)
