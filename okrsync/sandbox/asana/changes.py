"""Changes of tasks: what moves with them, the stories that they write and the events that they raise.

The same for programs and for people. What moves ``modified_at``: a field, a comment. What does not: tags, moves between
sections and projects, dependencies, and whatever happens to a subtask.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from okrsync.sandbox.asana import adopt
from okrsync.sandbox.asana.events import event, watchers
from okrsync.sandbox.asana.fields import show
from okrsync.sandbox.asana.records import FIELDS, Record, compact, projects_of, stamp

if TYPE_CHECKING:
    from okrsync.sandbox.asana.workspace import Workspace

_STORIES = {
    "name": "name_changed",
    "notes": "notes_changed",
    "assignee": "assigned",
    "due_on": "due_date_changed",
    "due_at": "due_date_changed",
    "start_on": "due_date_changed",
    "resource_subtype": "resource_subtype_changed",
    "approval_status": "approval_status_changed",
}
_SILENT = frozenset({"completed_at", "completed_by"})
_IN_EVENT = {"resource_type": None, "resource_subtype": None, "name": None}  # what an event shows of a record


@dataclass(frozen=True, slots=True)
class Hand:
    """Who changes something, when, and through what: ``api`` or ``web``."""

    user: Record
    at: datetime
    source: str

    def stamp(self) -> str:
        return stamp(self.at)


# ── tasks ────────────────────────────────────────────────────────────────────────────────────────────────────────────


def create(workspace: Workspace, values: Mapping[str, Any], hand: Hand, parent: Record | None = None) -> Record:
    """A new task with these stored values; in no project yet."""
    now = hand.stamp()
    task = workspace.put(
        {
            **compact("task", workspace.next_gid(), ""),
            "workspace": workspace.record,
            "created_at": now,
            "modified_at": now,
            "created_by": hand.user,
            "memberships": [],
            "custom_fields": [],
        }
    )
    task.update(_with_consequences(task, values, hand))
    if parent is not None:
        task["parent"] = parent
        adopt.adopt_child(workspace, parent, task)
    raised(workspace, hand, task, "added", parent)
    return task


def change(workspace: Workspace, task: Record, values: Mapping[str, Any], hand: Hand) -> bool:
    """The fields hold these stored values. False where they did already: then nothing moves, not even
    ``modified_at``."""
    moved = False
    for field, new in _with_consequences(task, values, hand).items():
        old = task.get(field, FIELDS["task"].get(field))
        if (old is new) if isinstance(new, dict) else (old == new):
            continue
        moved = True
        task[field] = new
        if field == "notes":
            task.pop("html_notes", None)
        if field not in _SILENT:
            _told(workspace, task, field, old, new, hand)
    if moved:
        touch(workspace, task, hand)
    return moved


def _with_consequences(task: Record, values: Mapping[str, Any], hand: Hand) -> dict[str, Any]:
    """An approval completes or reopens its task; completing sets when and by whom; a due time has a date."""
    found = dict(values)
    approval = found.get("approval_status")
    if approval is not None:
        found["completed"] = approval in adopt.DONE_APPROVALS
        found["resource_subtype"] = "approval"
    elif "completed" in found and (found.get("resource_subtype") or task.get("resource_subtype")) == "approval":
        found["approval_status"] = "approved" if found["completed"] else "pending"
    if "completed" in found and found["completed"] != task.get("completed", False):
        found["completed_at"] = hand.stamp() if found["completed"] else None
        found["completed_by"] = hand.user if found["completed"] else None
    if "due_at" in found:
        found["due_on"] = found["due_at"] and found["due_at"][:10]
    elif "due_on" in found:
        found["due_at"] = None
    return found


def _told(workspace: Workspace, task: Record, field: str, old: Any, new: Any, hand: Hand) -> None:
    """A story and an event of one field that changed."""
    if field == "custom_fields":
        before = {entry["gid"]: entry for entry in old}
        for entry in new:
            if entry is not before.get(entry["gid"]):
                kind = entry["resource_subtype"]
                text = f"changed {entry['name']} to {entry['display_value']}"
                write(workspace, task, f"{kind}_custom_field_changed", text, hand, custom_field=entry)
    else:
        kind = ("marked_complete" if new else "marked_incomplete") if field == "completed" else _STORIES.get(field)
        if field == "assignee" and new is None:
            kind = "unassigned"
        if kind:
            write(workspace, task, kind, f"changed {field.replace('_', ' ')}", hand)
    changed: Record = {"field": field, "action": "changed"}
    if isinstance(new, dict):
        changed["new_value"] = show(new, {"resource_type": None})
    raised(workspace, hand, task, "changed", change=changed)


def touch(workspace: Workspace, task: Record, hand: Hand) -> None:
    """``modified_at`` moves, never back; the parent's does not."""
    workspace.modified_before(task)
    task["modified_at"] = max(task.get("modified_at", ""), hand.stamp())
    workspace.revision += 1


def delete(workspace: Workspace, task: Record, hand: Hand) -> None:
    """The task is gone, its subtasks with it; what named it names it no more. It can be restored."""
    below = list(workspace.subtasks.get(task["gid"], ()))
    for child in below:
        delete(workspace, child, hand)
    workspace.trash[task["gid"]] = [task, *below]
    raised(workspace, hand, task, "deleted")
    workspace.subtasks.pop(task["gid"], None)
    for membership in task["memberships"]:
        del workspace.boards[membership["project"]["gid"]][task["gid"]]
    if parent := task.get("parent"):
        _leave(workspace, parent, task)
    for mine, theirs in (("dependencies", "dependents"), ("dependents", "dependencies")):
        for other in task.get(mine, ()):
            other[theirs] = [one for one in other[theirs] if one is not task]
    for kind, field in (("story", "target"), ("goal_relationship", "supporting_resource")):
        for record in workspace.of(kind, field, task):
            workspace.drop(record)
    workspace.drop(task)


def restore(workspace: Workspace, gid: str, hand: Hand) -> Record:
    """A deleted task is there again, with its subtasks and where it stood; ValueError where nothing was deleted."""
    if gid not in workspace.trash:
        raise ValueError(f"workspace {workspace.gid} has no deleted task {gid!r}")
    task, *below = workspace.trash.pop(gid)
    workspace.put(task)
    for membership in task["memberships"]:
        workspace.boards.setdefault(membership["project"]["gid"], {})[gid] = workspace.next_place()
    task["num_subtasks"] = 0
    if (parent := task.get("parent")) and workspace.find("task", parent["gid"]):
        adopt.adopt_child(workspace, parent, task)
    raised(workspace, hand, task, "undeleted")
    for child in below:
        restore(workspace, child["gid"], hand)
    return task


def _leave(workspace: Workspace, parent: Record, task: Record) -> None:
    children = workspace.subtasks[parent["gid"]]
    children[:] = [one for one in children if one is not task]
    parent["num_subtasks"] = len(children)


# ── places, tags, dependencies, parents ──────────────────────────────────────────────────────────────────────────────


def move(workspace: Workspace, task: Record, project: Record, section: Record | None, hand: Hand) -> None:
    """The task stands last in this section of the project, whether it was in the project or not. A task that joins has
    the custom fields of the project."""
    target = section or adopt.section_of(workspace, project)
    old = next((one for one in task["memberships"] if one["project"] is project), None)
    task["memberships"] = [one for one in task["memberships"] if one is not old]
    adopt.place(workspace, task, project, target)
    if old is not None:
        task["memberships"].sort(key=lambda one: one["project"] is not project)
        write(workspace, task, "section_changed", f"moved this task to {target['name']}", hand, new_section=target)
        raised(workspace, hand, task, "removed", old["section"])
        raised(workspace, hand, task, "added", target)
        raised(workspace, hand, task, "changed", project, {"field": "memberships", "action": "changed"})
    else:
        held = {entry["gid"] for entry in task.get("custom_fields", ())}
        new = [entry for gid, entry in workspace.fields.get(project["gid"], {}).items() if gid not in held]
        task["custom_fields"] = [*task.get("custom_fields", ()), *new]
        adopt.attach(workspace, project, task["custom_fields"])
        write(workspace, task, "added_to_project", f"added to {project['name']}", hand, project=project)
        raised(workspace, hand, task, "added", project)
    workspace.revision += 1


def remove(workspace: Workspace, task: Record, project: Record, hand: Hand) -> None:
    """The task is no longer in the project."""
    if all(one is not project for one in projects_of(task)):
        return
    raised(workspace, hand, task, "removed", project)
    task["memberships"] = [one for one in task["memberships"] if one["project"] is not project]
    del workspace.boards[project["gid"]][task["gid"]]
    write(workspace, task, "removed_from_project", f"removed from {project['name']}", hand, project=project)
    workspace.revision += 1


def tag(workspace: Workspace, task: Record, label: Record, hand: Hand, *, add: bool) -> None:
    """The task has this tag, or has it no more; nothing happens where that is so already."""
    tags = task.get("tags", [])
    if any(one is label for one in tags) == add:
        return
    task["tags"] = [*tags, label] if add else [one for one in tags if one is not label]
    kind, word = ("added_to_tag", "added to") if add else ("removed_from_tag", "removed from")
    write(workspace, task, kind, f"{word} {label['name']}", hand, tag=label)
    raised(workspace, hand, task, "changed", change={"field": "tags", "action": "added" if add else "removed"})
    workspace.revision += 1


def new_tag(workspace: Workspace, name: str, hand: Hand) -> Record:
    """A tag of this name."""
    made = {**compact("tag", workspace.next_gid(), name), "workspace": workspace.record, "created_at": hand.stamp()}
    return workspace.put(made)


def delete_tag(workspace: Workspace, label: Record, hand: Hand) -> None:
    """The tag is gone, and no task bears it any more."""
    for task in list(workspace.held["task"].values()):
        tag(workspace, task, label, hand, add=False)
    workspace.drop(label)


def depend(workspace: Workspace, task: Record, others: Iterable[Record], hand: Hand) -> None:
    """The task waits for these others."""
    for other in others:
        if any(one is other for one in task.get("dependencies", ())):
            continue
        if other is task:
            raise ValueError("dependencies: A task cannot depend on itself")
        task["dependencies"] = [*task.get("dependencies", ()), other]
        other["dependents"] = [*other.get("dependents", ()), task]
        write(workspace, task, "dependency_added", f"marked this task as dependent on {other['name']}", hand)
        added = {"added_value": show(other, {"resource_type": None})}
        raised(workspace, hand, task, "changed", change={"field": "dependencies", "action": "added", **added})
    workspace.revision += 1


def set_parent(workspace: Workspace, task: Record, parent: Record | None, hand: Hand) -> None:
    """The task is a subtask of this parent, or of none. ValueError where the parent is below the task."""
    above = parent
    while above is not None:
        if above is task:
            raise ValueError("parent: A task cannot be a subtask of itself")
        above = above.get("parent")
    if old := task.get("parent"):
        raised(workspace, hand, task, "removed", old)
        _leave(workspace, old, task)
    task["parent"] = parent
    if parent is not None:
        adopt.adopt_child(workspace, parent, task)
        raised(workspace, hand, task, "added", parent)
    touch(workspace, task, hand)


# ── stories and events ───────────────────────────────────────────────────────────────────────────────────────────────


def write(workspace: Workspace, target: Record, kind: str, text: str, hand: Hand, **more: Record) -> Record:
    """A story of a task or goal; a comment moves ``modified_at`` of its task."""
    comment = kind == "comment_added"
    story = workspace.put(
        {
            "gid": workspace.next_gid(),
            "resource_type": "story",
            "resource_subtype": kind,
            "type": "comment" if comment else "system",
            "text": text,
            "created_at": hand.stamp(),
            "created_by": hand.user,
            "source": hand.source,
            "is_editable": comment and hand.user is workspace.me,
            "target": target,
            **more,
        }
    )
    if comment and target["resource_type"] == "task":
        touch(workspace, target, hand)
    raised(workspace, hand, story, "added", target)
    return story


def raised(
    workspace: Workspace,
    hand: Hand,
    record: Record,
    action: str,
    parent: Record | None = None,
    change: Record | None = None,
) -> None:
    """An event in the stream of the record, of its parent here, and of all that these are part of."""
    watched = watchers(record) | (watchers(parent) if parent is not None else frozenset())
    found = event(hand.user, hand.at, record, action, parent, change)
    workspace.log.add(watched, show(found, {**dict.fromkeys(found, _IN_EVENT), "change": None}))
