"""Tasks: lists of them, one of them, and what programs write."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from okrsync.sandbox.asana import changes, values
from okrsync.sandbox.asana.call import Call, nothing, refuse
from okrsync.sandbox.asana.paging import Rows, born, page
from okrsync.sandbox.asana.records import BEGINNING, Record, instant, stamp
from okrsync.sandbox.web import Response

_ONE_FILTER = "Must specify exactly one of project, tag, section, user task list, or assignee + workspace"


# ── lists ────────────────────────────────────────────────────────────────────────────────────────────────────────────


def listed(call: Call) -> Response:
    """GET tasks: of one project, section, tag or assignee; the only list that takes ``modified_since``."""
    by = [name for name in ("project", "section", "tag", "assignee") if call.first(name)]
    if len(by) != 1 or (by == ["assignee"]) != (call.first("workspace") is not None):
        raise refuse(400, _ONE_FILTER)
    if by == ["assignee"]:
        rows = _assigned(call)
    else:
        record = call.required(by[0])
        rows = {"project": _of_project, "section": _of_section, "tag": _of_tag}[by[0]](call, record)
    return page(call, _since(call, rows, "completed_since", "modified_since"))


def of_project(call: Call) -> Response:
    """GET projects/{gid}/tasks: the board from top to bottom."""
    return page(call, _since(call, _of_project(call, call.record("project")), "completed_since"))


def of_section(call: Call) -> Response:
    return page(call, _since(call, _of_section(call, call.record("section")), "completed_since"))


def of_tag(call: Call) -> Response:
    """GET tags/{gid}/tasks: wherever they live, subtasks too."""
    return page(call, _of_tag(call, call.record("tag")))


def subtasks(call: Call) -> Response:
    task = call.record("task")
    return page(call, lambda: born(call, call.workspace.subtasks.get(task["gid"], ())))


def dependencies(call: Call) -> Response:
    task = call.record("task")
    return page(call, lambda: born(call, task.get("dependencies", ())))


def dependents(call: Call) -> Response:
    task = call.record("task")
    return page(call, lambda: born(call, task.get("dependents", ())))


Listing = Callable[[], Rows]


def _of_project(call: Call, project: Record) -> Listing:
    """The tasks that are in the project itself: section by section, and in each from top to bottom. Subtasks of these
    are not, unless they were added to it."""
    workspace = call.workspace

    def rows() -> Rows:
        order = {section["gid"]: place for place, section in enumerate(workspace.sections_of(project))}
        held = workspace.held["task"]
        found = []
        for gid, place in workspace.boards.get(project["gid"], {}).items():
            task = held[gid]
            section = next(one["section"] for one in task["memberships"] if one["project"] is project)
            found.append(((order[section["gid"]], place), task))
        found.sort(key=lambda pair: pair[0])
        seen = found if not workspace.hidden else [pair for pair in found if workspace.sees(pair[1])]
        return Rows([task for _, task in seen], [rank for rank, _ in seen])

    return rows


def _of_section(call: Call, section: Record) -> Listing:
    whole = _of_project(call, section["project"])

    def rows() -> Rows:
        found = whole()
        kept = [
            (task, rank)
            for task, rank in zip(found.records, found.ranks, strict=True)
            if any(one["section"] is section for one in task["memberships"])
        ]
        return Rows([task for task, _ in kept], [rank for _, rank in kept])

    return rows


def _of_tag(call: Call, label: Record) -> Listing:
    return lambda: born(call, _where(call, lambda task: any(one is label for one in task.get("tags", ()))))


def _assigned(call: Call) -> Listing:
    if call.first("workspace") != call.workspace.gid:
        raise refuse(400, f"workspace: Unknown object: {call.first('workspace')}")
    try:
        user = values.user(call.workspace, "assignee", call.first("assignee"))
    except ValueError as error:
        raise refuse(400, str(error)) from None
    return lambda: born(call, _where(call, lambda task: task.get("assignee") is user))


def _where(call: Call, test: Callable[[Record], bool]) -> Iterable[Record]:
    return [task for task in call.workspace.held["task"].values() if test(task)]


def _since(call: Call, rows: Listing, *filters: str) -> Listing:
    """The rows that pass the filters: completed since then or still open; modified at that instant or after it."""
    completed = _instant(call, "completed_since") if "completed_since" in filters else None
    modified = _instant(call, "modified_since") if "modified_since" in filters else None
    if completed is None and modified is None:
        return rows

    def kept() -> Rows:
        found = rows()
        chosen = [
            (task, rank)
            for task, rank in zip(found.records, found.ranks, strict=True)
            if (modified is None or task.get("modified_at", BEGINNING) >= modified)
            and (completed is None or not task.get("completed") or (task.get("completed_at") or "") >= completed)
        ]
        return Rows([task for task, _ in chosen], [rank for _, rank in chosen])

    return kept


def _instant(call: Call, name: str) -> str | None:
    text = call.first(name)
    if text is None:
        return None
    if text == "now":
        return stamp(call.workspace.clock())
    try:
        return instant(text)
    except ValueError:
        raise refuse(400, f"{name}: Datetime must be in ISO-8601 format, not: {text}") from None


# ── one task ─────────────────────────────────────────────────────────────────────────────────────────────────────────


def read(call: Call) -> Response:
    return call.one(call.record("task"))


def create(call: Call) -> Response:
    """POST tasks: in a workspace, in projects, or below a parent."""
    data = call.data()
    parent = call.seen(["task"], data["parent"], "parent") if data.get("parent") else None
    return _create(call, data, parent)


def create_subtask(call: Call) -> Response:
    """POST tasks/{gid}/subtasks: in no project, unless it names some."""
    return _create(call, call.data(), call.writable(call.record("task")))


def _create(call: Call, data: dict[str, Any], parent: Record | None) -> Response:
    workspace, hand = call.workspace, call.hand()
    places = _places(call, data)
    if parent is None and not places and not data.get("workspace"):
        raise refuse(400, "You should specify one of workspace, parent, projects")
    if data.get("workspace") not in (None, workspace.gid):
        raise refuse(400, f"workspace: Unknown object: {data['workspace']}")
    labels = [call.seen(["tag"], gid, f"tags: [{place}]") for place, gid in enumerate(data.get("tags", ()))]
    fresh: Record = {"custom_fields": [e for p, _ in places for e in workspace.fields.get(p["gid"], {}).values()]}
    task = changes.create(workspace, _stored(call, fresh, data), hand, parent)
    for project, section in places:
        changes.move(workspace, task, project, section, hand)
    for label in labels:
        changes.tag(workspace, task, label, hand, add=True)
    return call.one(task, 201)


def _places(call: Call, data: dict[str, Any]) -> list[tuple[Record, Record | None]]:
    """The projects of ``projects`` and ``memberships``, each with the section that is named."""
    found: list[tuple[Record, Record | None]] = []
    for place, gid in enumerate(data.get("projects", ())):
        found.append((call.writable(call.seen(["project"], gid, f"projects: [{place}]")), None))
    for place, entry in enumerate(data.get("memberships", ())):
        if "project" not in entry:
            raise refuse(400, f"memberships: [{place}]: project: Missing required field")
        project = call.writable(call.seen(["project"], entry["project"], f"memberships: [{place}]: project"))
        section = entry.get("section") and call.seen(["section"], entry["section"], f"memberships: [{place}]: section")
        found.append((project, section or None))
    return found


def _stored(call: Call, task: Record, data: dict[str, Any]) -> dict[str, Any]:
    try:
        return values.stored(call.workspace, task, data)
    except ValueError as error:
        raise refuse(400, str(error)) from None


def update(call: Call) -> Response:
    """PUT: the fields that are given; projects, tags and the parent have calls of their own."""
    task, data = call.writable(call.record("task")), call.data()
    if wrong := sorted(values.NOT_BY_UPDATE & data.keys()):
        raise refuse(400, f"{wrong[0]}: Cannot write this property")
    changes.change(call.workspace, task, _stored(call, task, data), call.hand())
    return call.one(task)


def delete(call: Call) -> Response:
    changes.delete(call.workspace, call.writable(call.record("task")), call.hand())
    return nothing()


def add_tag(call: Call) -> Response:
    return _tag(call, add=True)


def remove_tag(call: Call) -> Response:
    return _tag(call, add=False)


def _tag(call: Call, *, add: bool) -> Response:
    task, data = call.writable(call.record("task")), call.data()
    if "tag" not in data:
        raise refuse(400, "tag: Missing input")
    changes.tag(call.workspace, task, call.seen(["tag"], data["tag"], "tag"), call.hand(), add=add)
    return nothing()
