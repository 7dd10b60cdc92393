"""How the objects of a world become records: what they name is found or made, what they leave out is worked out."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from okrsync.errors import UsageError
from okrsync.sandbox.asana.records import BEGINNING, FIELDS, ME, Record, compact, instant

if TYPE_CHECKING:
    from okrsync.sandbox.asana.workspace import Workspace

_NAMES: Mapping[str, Mapping[str, str]] = {
    "project": {"owner": "user", "followers": "user", "members": "user"},
    "portfolio": {"owner": "user", "members": "user", "items": "project"},
    "section": {"project": "project"},
    "tag": {"followers": "user"},
    "task": {
        "assignee": "user",
        "followers": "user",
        "completed_by": "user",
        "created_by": "user",
        "parent": "task",
        "tags": "tag",
        "dependencies": "task",
    },
    "goal": {"owner": "user", "followers": "user", "time_period": "time_period"},
    "goal_relationship": {"supported_goal": "goal", "supporting_resource": "task"},
    "time_period": {"parent": "time_period"},
    "story": {"created_by": "user", "target": "task"},
    "status_update": {"author": "user", "created_by": "user"},
}
"""Kind → field → kind of the record, or of each record of the list, that it names, where the world does not tell."""

_COUNTED = ("num_subtasks", "dependents")  # follow from the other tasks
_OF_ANY_KIND = frozenset({"items", "supporting_resource", "target"})
_NAMELESS = frozenset({"goal_relationship", "story", "status_update", "time_period"})
_LIVES_IN = frozenset({"project", "portfolio", "tag", "task", "goal"})  # kinds that name their workspace
_TIMES = ("created_at", "modified_at", "completed_at")
DONE_APPROVALS = frozenset({"approved", "rejected", "changes_requested"})
COLOURS = {"on_track": "green", "at_risk": "yellow", "off_track": "red"}
"""Type of a status update → status of the open goal; a closing type is the status itself."""


def everything(workspace: Workspace, given: Mapping[str, Iterable[Mapping[str, Any]]]) -> None:
    """The workspace holds all of this; UsageError names what cannot be read."""
    for kind, rows in given.items():
        for row in rows:
            try:
                record = _put(workspace, kind, row)
                _link(workspace, record)
                _finish(workspace, record)
            except (KeyError, TypeError, ValueError, AttributeError) as error:
                raise _broken(kind, row, error) from None
        if kind == "task":
            for project in workspace.held["project"].values():
                section_of(workspace, project)
    for parent in (*workspace.held["project"].values(), *workspace.held["goal"].values()):
        settle_status(workspace, parent)


def _put(workspace: Workspace, kind: str, row: Mapping[str, Any]) -> Record:
    usual = FIELDS.get(kind, {})
    record = {name: value for name, value in row.items() if name not in usual or value != usual[name]}
    for name in _COUNTED:
        record.pop(name, None)
    gid = str(record.get("gid") or workspace.next_gid())
    record |= {"gid": gid, "resource_type": kind}
    if kind not in _NAMELESS:
        record.setdefault("name", "")
    for name in _TIMES:
        if record.get(name):
            record[name] = instant(record[name])
    known = workspace.held[kind].pop(gid, None)
    if known is not None:
        if gid not in workspace.stubs:
            raise ValueError("it is there twice")
        workspace.stubs.discard(gid)
        known.pop("memberships", None)
        known.update(record)
        record = known  # what named it goes on naming it
    return workspace.put(record)


def _broken(kind: str, row: Mapping[str, Any], error: Exception) -> UsageError:
    what = f"{error.args[0]!r} is missing" if isinstance(error, KeyError) else str(error)
    return UsageError(f"{kind.replace('_', ' ')} {row.get('gid', '')} is not as Asana lists it: {what}")


def _link(workspace: Workspace, record: Record) -> None:
    """What the record names are records."""
    if record["resource_type"] == "user":
        record["workspaces"] = [workspace.record]
    else:
        inside = record.get("workspace")
        if isinstance(inside, dict) and inside.get("name"):
            workspace.record["name"] = inside["name"]
        record.pop("workspace", None)
    if record["resource_type"] in _LIVES_IN:
        record["workspace"] = workspace.record
    for field, kind in _NAMES.get(record["resource_type"], {}).items():
        value = record.get(field)
        if isinstance(value, list):
            record[field] = [named(workspace, kind, one, of_any_kind=field in _OF_ANY_KIND) for one in value]
        elif value is not None:
            record[field] = named(workspace, kind, value, of_any_kind=field in _OF_ANY_KIND)


def named(workspace: Workspace, kind: str, value: Any, *, of_any_kind: bool = False) -> Record:
    """The record that a gid or an object names; made from what the object says where the world does not hold it."""
    given: Mapping[str, Any] = {"gid": value} if isinstance(value, str) else value
    gid = given.get("gid")
    if not gid:
        raise ValueError(f"it names a {kind.replace('_', ' ')} without a gid")
    found = workspace.find(kind, gid) or (workspace.any(gid) if of_any_kind else None)
    if found is None:
        found = workspace.put({**compact(kind, gid, ""), **given})
        workspace.stubs.add(gid)
        if found["resource_type"] in _LIVES_IN:
            found["workspace"] = workspace.record
        if found["resource_type"] == "task":
            found["memberships"] = []
    elif gid in workspace.stubs and not found.get("name"):
        found["name"] = given.get("name", "")
    return found


# ── kind by kind ─────────────────────────────────────────────────────────────────────────────────────────────────────


def _finish(workspace: Workspace, record: Record) -> None:
    """What the record leaves out is worked out."""
    match record["resource_type"]:
        case "task":
            _task(workspace, record)
        case "goal":
            _goal(workspace, record)
        case "goal_relationship":
            _relationship(record)
        case "story":
            _story(record)
        case "status_update":
            _update(workspace, record)
        case "time_period":
            record.setdefault("display_name", f"{record['period']} {record['start_on'][:4]}")


def _task(workspace: Workspace, task: Record) -> None:
    approval = task.get("approval_status")
    if approval:
        task.setdefault("resource_subtype", "approval")
    if task.get("completed_at") or approval in DONE_APPROVALS:
        task["completed"] = True
    known = task.get("modified_at") or task.get("completed_at") or task.get("created_at")
    if known:
        task.setdefault("created_at", known)
        task.setdefault("modified_at", known)
        if task.get("completed"):
            task.setdefault("completed_at", task["modified_at"])
    if task.get("due_at"):
        task["due_at"] = instant(task["due_at"])
        task.setdefault("due_on", task["due_at"][:10])
    _memberships(workspace, task)
    if parent := task.get("parent"):
        adopt_child(workspace, parent, task)
    for other in task.get("dependencies", ()):
        other.setdefault("dependents", []).append(task)
    for comment in task.pop("comments", ()):
        story = _put(workspace, "story", {**comment, "target": task})
        _link(workspace, story)
        _story(story)
    if entries := task.get("custom_fields"):
        task["custom_fields"] = [workspace.custom.adopt(entry) for entry in entries]
        for project in task["memberships"]:
            attach(workspace, project["project"], task["custom_fields"])


def attach(workspace: Workspace, project: Record, entries: Iterable[Record]) -> None:
    """Tasks of the project have these custom fields."""
    known = workspace.fields.setdefault(project["gid"], {})
    for entry in entries:
        if entry["gid"] not in known and (field := workspace.custom.fields.get(entry["gid"])):
            known[entry["gid"]] = workspace.custom.entry(field, None)


def _memberships(workspace: Workspace, task: Record) -> None:
    """A task whose projects are not told, or told as the API answers ``opt_fields=memberships``, is in the only one."""
    told = task.pop("memberships", None)
    within = task.pop("projects", None)
    places = [(entry["project"], entry.get("section")) for entry in told or () if entry.get("project")]
    pairs = [(named(workspace, "project", project), section) for project, section in places]
    pairs += [
        (project, None)
        for project in (named(workspace, "project", one) for one in within or ())
        if all(project is not other for other, _ in pairs)
    ]
    only = workspace.held["project"] if len(workspace.held["project"]) == 1 else {}
    if not pairs and within is None and told != [] and not task.get("parent"):
        pairs = [(project, None) for project in only.values()]
    task["memberships"] = []
    for project, section in pairs:
        place(workspace, task, project, section_of(workspace, project, section))


def place(workspace: Workspace, task: Record, project: Record, section: Record) -> None:
    """The task stands last in this section of the project."""
    task["memberships"].append({"project": project, "section": section})
    workspace.boards.setdefault(project["gid"], {})[task["gid"]] = workspace.next_place()


def section_of(workspace: Workspace, project: Record, given: Any = None) -> Record:
    """The section that an object names; the project's first one by default, which every project has."""
    if given is not None:
        section = named(workspace, "section", given)
        section.setdefault("project", project)
        return section
    first = workspace.first_sections.get(project["gid"])
    if first is None:
        first = next(iter(workspace.sections_of(project)), None)
        if first is None:
            first = compact("section", workspace.next_gid(), "Untitled section")
            workspace.put(first)
            first["project"] = project
        workspace.first_sections[project["gid"]] = first
    return first


def adopt_child(workspace: Workspace, parent: Record, task: Record) -> None:
    """The task is the last subtask of its parent."""
    children = workspace.subtasks.setdefault(parent["gid"], [])
    children.append(task)
    parent["num_subtasks"] = len(children)


def _goal(workspace: Workspace, goal: Record) -> None:
    if given := goal.get("metric"):
        goal["metric"] = metric(workspace, given)
    period = goal.get("time_period")
    if period:
        goal.setdefault("start_on", period.get("start_on"))
        goal.setdefault("due_on", period.get("end_on"))


def metric(workspace: Workspace, given: Mapping[str, Any]) -> Record:
    """A whole metric from what is given of it; it starts at its initial value, kept by people."""
    initial = given.get("initial_number_value", 0)
    return {
        "gid": workspace.next_gid(),
        "unit": "none",
        "precision": 0,
        "initial_number_value": initial,
        "current_number_value": initial,
        "progress_source": "manual",
        **{name: value for name, value in given.items() if name != "current_display_value"},
        "resource_type": "goal_metric",
    }


def _relationship(relationship: Record) -> None:
    subgoal = relationship["supporting_resource"]["resource_type"] == "goal"
    relationship.setdefault("resource_subtype", "subgoal" if subgoal else "supporting_work")
    if relationship["supported_goal"] is relationship["supporting_resource"]:
        raise ValueError("a goal cannot support itself")


def _story(story: Record) -> None:
    if not story.get("target"):
        raise KeyError("target")
    story.setdefault("resource_subtype", "comment_added")
    story.setdefault("type", "comment" if story["resource_subtype"] == "comment_added" else "system")
    story.setdefault("text", "")
    author = story.setdefault("created_by", None)
    story["is_editable"] = story["type"] == "comment" and author is not None and author["gid"] == ME
    story.setdefault("created_at", story["target"].get("modified_at", BEGINNING))


def _update(workspace: Workspace, update: Record) -> None:
    update["parent"] = named(workspace, "goal", update["parent"], of_any_kind=True)
    update.setdefault("resource_subtype", f"{update['parent']['resource_type']}_status_update")
    update.setdefault("text", "")
    update.setdefault("created_at", BEGINNING)
    update.setdefault("modified_at", update["created_at"])
    update.setdefault("status_type", "on_track")


def settle_status(workspace: Workspace, parent: Record) -> None:
    """A project or goal shows its latest status update, and a goal the status that this says."""
    updates = workspace.of("status_update", "parent", parent)
    shown = parent.get("current_status_update")
    if isinstance(shown, dict) and not updates and workspace.any(shown["gid"]) is None:
        told = next((kind for kind, colour in COLOURS.items() if colour == parent.get("status")), parent.get("status"))
        row = _put(workspace, "status_update", {"status_type": told or "on_track", **shown, "parent": parent})
        _link(workspace, row)
        _update(workspace, row)
        updates = [row]
    latest = max(updates, key=lambda one: (one["created_at"], workspace.born[one["gid"]]), default=None)
    if latest is None:
        parent.pop("current_status_update", None)
        return
    parent["current_status_update"] = latest
    if parent["resource_type"] == "goal":
        parent["status"] = COLOURS.get(latest["status_type"], latest["status_type"])
