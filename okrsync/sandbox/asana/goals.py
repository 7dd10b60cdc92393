"""Goals: lists, relationships, time periods, and the one number that programs may set."""

from __future__ import annotations

from okrsync.sandbox.asana import goal_changes
from okrsync.sandbox.asana.call import Call, answer, refuse
from okrsync.sandbox.asana.paging import born, page
from okrsync.sandbox.web import Response

_RELATION = "goal_relationship"
_NEEDS = "Must specify one of workspace, team, portfolio, project, or task"


def listed(call: Call) -> Response:
    """GET goals: of a workspace or a team, or those that a project or a task supports."""
    call.needs_goals()
    found = list(call.workspace.held["goal"].values())
    if not any(call.first(name) for name in ("workspace", "team", "portfolio", "project", "task")):
        raise refuse(400, _NEEDS)
    if (gid := call.first("workspace")) and gid != call.workspace.gid:
        raise refuse(400, f"workspace: Unknown object: {gid}")
    if (level := call.flag("is_workspace_level")) is not None:
        if not call.first("workspace"):
            raise refuse(400, "is_workspace_level: Must be used with the workspace parameter")
        found = [goal for goal in found if goal.get("is_workspace_level", True) == level]
    if team := call.first("team"):
        found = [goal for goal in found if (goal.get("team") or {}).get("gid") == team]
    for kind in ("project", "task"):
        if work := call.asked(kind):
            supported = [one["supported_goal"] for one in call.workspace.of(_RELATION, "supporting_resource", work)]
            found = [goal for goal in found if any(goal is one for one in supported)]
    if portfolio := call.first("portfolio"):
        raise refuse(400, f"portfolio: Unknown object: {portfolio}")
    if periods := call.request.every("time_periods"):
        found = [goal for goal in found if (goal.get("time_period") or {}).get("gid") in periods]
    return page(call, lambda: born(call, found))


def read(call: Call) -> Response:
    call.needs_goals()
    return call.one(call.record("goal"))


def relationships(call: Call) -> Response:
    """GET goal_relationships: what supports a goal; what may not be seen is left out."""
    call.needs_goals()
    goal = call.required("supported_goal", "goal")
    subtype = call.first("resource_subtype")
    found = [
        one
        for one in call.workspace.of(_RELATION, "supported_goal", goal)
        if subtype in (None, one["resource_subtype"]) and call.workspace.sees(one["supporting_resource"])
    ]
    return page(call, lambda: born(call, found))


def relationship(call: Call) -> Response:
    call.needs_goals()
    return call.one(call.record(_RELATION))


def parents(call: Call) -> Response:
    """GET goals/{gid}/parentGoals: all at once; a goal may have several."""
    call.needs_goals()
    found = [one["supported_goal"] for one in call.workspace.of(_RELATION, "supporting_resource", call.record("goal"))]
    return answer({"data": call.every(goal for goal in found if call.workspace.sees(goal))})


def periods(call: Call) -> Response:
    """GET time_periods: those that overlap ``start_on`` … ``end_on``."""
    call.needs_goals()
    if call.first("workspace") != call.workspace.gid:
        gid = call.first("workspace")
        raise refuse(400, f"workspace: Unknown object: {gid}" if gid else "workspace: Missing input")
    start, end = call.first("start_on") or "", call.first("end_on") or "9999"
    held = call.workspace.held["time_period"].values()
    return page(call, lambda: born(call, [one for one in held if one["end_on"] >= start and one["start_on"] <= end]))


def period(call: Call) -> Response:
    return call.one(call.record("time_period"))


# ── the number ───────────────────────────────────────────────────────────────────────────────────────────────────────


def set_current_value(call: Call) -> Response:
    """POST setMetricCurrentValue: only where people, or the program that made the metric, keep the number."""
    call.needs_goals()
    goal, data = call.writable(call.record("goal")), call.data()
    metric = goal.get("metric")
    if not metric:
        raise refuse(400, "This goal does not have a metric.")
    source = metric["progress_source"]
    if source == "external" and not metric.get("can_manage"):
        raise refuse(403, "You do not have permission to update the metric of this goal.")
    if source not in ("manual", "external"):
        raise refuse(400, f"The current value of this metric is calculated ({source}) and cannot be set.")
    if "current_number_value" not in data:
        raise refuse(400, "current_number_value: Missing input")
    try:
        given = {"current_number_value": data["current_number_value"]}
        goal_changes.measure(call.workspace, goal, given, call.hand())
    except ValueError as error:
        raise refuse(400, str(error)) from None
    return call.one(goal)
