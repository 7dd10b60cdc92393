"""Asana's JSON → the model's values. Pure and total: a missing, null or mistyped field never stops a task.

An object says only what ``opt_fields`` named to the leaf, so what is asked for stands here, beside what reads it.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Any

from connectors.asana_text import marked_by
from connectors.raw import inner, instant, text
from okrsync.errors import MalformedPage
from okrsync.model import (
    FieldValue,
    Item,
    ItemKind,
    Reference,
    ReferenceKind,
    RemoteGoal,
    SaidStatus,
    State,
    is_managed,
)

SHAPE = "num_subtasks,is_rendered_as_separator,resource_subtype"
"""What a listing of ids has to ask for: enough to know what is work and what has work below it."""

TASK = (
    f"{SHAPE},name,notes,completed,completed_at,created_at,modified_at,due_on,approval_status,permalink_url,"
    "assignee.name,created_by.name,parent.gid,memberships.project.gid,memberships.section.gid,tags.name,"
    "dependencies.gid,custom_fields.gid,custom_fields.name,custom_fields.resource_subtype,custom_fields.number_value,"
    "custom_fields.text_value,custom_fields.enum_value.name,custom_fields.multi_enum_values.name,"
    "custom_type.name,custom_type_status_option.name"
)
PLACE = "parent.gid,memberships.project.gid"  # where a task stands
PROJECT = "name,archived"
GOAL = (
    "name,permalink_url,metric.unit,metric.precision,metric.initial_number_value,metric.target_number_value,"
    "metric.current_number_value,metric.progress_source,metric.can_manage,current_status_update.gid,"
    "current_status_update.status_type,current_status_update.created_at,current_status_update.created_by.name,"
    "current_status_update.text"
)
SUPPORT = "supporting_resource.gid,supporting_resource.resource_type"
UPDATE = "created_at,created_by.gid,status_type,title,text"
STORY = "created_at,created_by.gid,is_editable,is_pinned,text,type"
EVENT = "action,created_at,type,resource.gid,resource.resource_type,parent.resource_type"
ENTRY = f"{PROJECT},resource_type"  # of a portfolio

POINTS = frozenset({"story points", "points", "estimation"})
"""Number fields that hold points, where the configuration names none."""

APPROVALS = {
    "pending": (State.TODO, None),
    "approved": (State.DONE, None),
    "rejected": (State.DONE, "rejected"),
    "changes_requested": (State.IN_PROGRESS, None),  # Asana calls it completed
}
"""What Asana's word for an approval means: state and resolution."""

FOREIGN = "integration"
WHY_NOT = {
    "no_metric": "the goal has no metric",
    FOREIGN: "its progress comes from another integration, and only the account that set that up may write it",
    "computed": "Asana computes its progress itself",
}
"""Why a metric is not ours to set: what the model says of it, and the same in words."""

_EPOCH = datetime.fromtimestamp(0, UTC)
_PLACES = frozenset({"", "project", "task"})  # other than tags and sections: what a task stands in with its subtasks
_SHORT = 255  # characters; a longer text is no id


@dataclass(frozen=True, slots=True)
class Desk:
    """What reading a task takes besides the task."""

    source: str
    points: str | None = None  # gid of the field that holds points
    written: frozenset[str] = frozenset()  # gids of fields that okrsync fills
    supported: Mapping[str, tuple[str, ...]] = field(default_factory=dict)  # task or project → goals that it supports


def gid_of(holder: object) -> str:
    """The gid of a JSON object, "" where it has none."""
    return text(holder, "gid")


def task_gid(task: object) -> str:
    """The immutable id of a task; MalformedPage where it has none."""
    found = gid_of(task)
    if not found:
        raise MalformedPage("Asana gave a task without a gid")
    return found


def is_work(task: Any) -> bool:
    """False for a heading among subtasks, which Asana keeps as a task too."""
    return not (task.get("is_rendered_as_separator") is True or task.get("resource_subtype") == "section")


def has_subtasks(task: Any) -> bool:
    count = task.get("num_subtasks")
    return isinstance(count, int) and count > 0


def projects_of(task: Any) -> list[str]:
    """Gids of the projects that hold a task itself, in Asana's order."""
    return [project for project, _ in _memberships(task) if project]


def parent_of(task: Any) -> str:
    """The gid of the parent task, "" where there is none."""
    return gid_of(task.get("parent"))


def read_task(task: Any, scope: str, desk: Desk) -> Item:
    """The item of one task that stands in ``scope``."""
    gid = task_gid(task)
    state, status, resolution = _state(task)
    created, updated = instant(task.get("created_at")), modified(task)
    fields = task.get("custom_fields")
    points, values = _custom(fields, desk) if fields and isinstance(fields, list) else (None, ())
    return Item(
        source=desk.source,
        remote_id=gid,
        key=gid,
        kind=ItemKind.TICKET,
        title=text(task, "name"),
        url=text(task, "permalink_url") or f"https://app.asana.com/0/0/{gid}",
        state=state,
        status=status,
        created_at=created or updated,
        updated_at=updated,
        scope=scope,
        project=scope,
        type=text(task.get("custom_type"), "name") or text(task, "resource_subtype"),
        body=text(task, "notes"),
        resolution=resolution,
        completed_at=(instant(task.get("completed_at")) or updated) if state is State.DONE else None,
        due=_day(task.get("due_on")),
        points=points,
        assignee=text(task.get("assignee"), "name") or None,
        author=text(task.get("created_by"), "name"),
        labels=_labels(task.get("tags")),
        fields=values,
        references=tuple(_references(task, gid, desk.supported)),
    )


def ways_to(item: Item) -> int:
    """In how many listings a task can come: one a project that holds it, one below its parent."""
    return sum(one.kind is ReferenceKind.PARENT or one.target.startswith("project:") for one in item.references)


@dataclass(slots=True)
class Hint:
    """What events say of one task, however often, and in whatever order, they say it."""

    at: datetime | None = None  # the latest of them
    moved: bool = False  # it came or went, and what is below it with it
    deleted: bool = False

    def add(self, action: str, place: str, at: datetime | None) -> None:
        """One event more; ``place`` is the kind of what the task was added to or removed from."""
        self.at = max((one for one in (self.at, at) if one), default=None)
        self.moved = self.moved or action == "undeleted" or (action in ("added", "removed") and place in _PLACES)
        self.deleted = self.deleted or action == "deleted"


def read_events(events: Sequence[Any]) -> dict[str, Hint]:
    """Gid of each task that something happened to, in order, with what it was."""
    found: dict[str, Hint] = {}
    for one in events:
        resource = one.get("resource") if isinstance(one, dict) else None
        kind = text(resource, "resource_type") or text(one, "type")  # of what is hidden the gid is all that is shown
        if kind == "task" and (gid := gid_of(resource)):
            place = text(one.get("parent"), "resource_type")
            found.setdefault(gid, Hint()).add(text(one, "action"), place, instant(one.get("created_at")))
    return found


def modified(task: Any) -> datetime:
    """When a task was changed last, as far as Asana says so; never so early that no time lies before it."""
    return max(_EPOCH, instant(task.get("modified_at")) or instant(task.get("created_at")) or _EPOCH)


def read_goal(goal: Any, host: str) -> RemoteGoal:
    """A goal with its metric; ``host`` is where it lives, for an address where Asana gives none."""
    metric = goal.get("metric")
    held = metric if isinstance(metric, dict) else {}
    precision, why_not = held.get("precision"), _why_not(held)
    return RemoteGoal(
        id=gid_of(goal),
        name=text(goal, "name"),
        url=text(goal, "permalink_url") or f"https://{host}/0/goal/{gid_of(goal)}",
        unit=text(held, "unit") or "none",
        precision=precision if isinstance(precision, int) else 0,
        initial=_number(held.get("initial_number_value")),
        target=_number(held.get("target_number_value")),
        current=_number(held.get("current_number_value")),
        writable=not why_not,
        why_not=why_not,
        said=_said(goal.get("current_status_update")),
    )


def _said(update: Any) -> SaidStatus | None:
    """The newest status update of a goal; None where there is none."""
    gid, status, at = gid_of(update), text(update, "status_type"), instant(inner(update, "created_at"))
    if not gid or not status or at is None:
        return None
    by = text(inner(update, "created_by"), "name")
    return SaidStatus(gid, status, by, at, marked_by(text(update, "text")))


def rounded(goal: RemoteGoal, value: float) -> float:
    """The value as the goal shows it: a percentage is a fraction, so its precision is two digits further."""
    return round(value, goal.precision + (2 if goal.unit == "percentage" else 0))


def read_support(relationships: Sequence[Any]) -> list[str]:
    """Gids of the tasks and projects that support a goal, of its relationships."""
    resources = (one.get("supporting_resource") for one in relationships if isinstance(one, dict))
    return [gid for one in resources if text(one, "resource_type") in ("task", "project") and (gid := gid_of(one))]


def _state(task: Any) -> tuple[State, str, str | None]:
    """State, Asana's word for it, and the resolution."""
    approval = text(task, "approval_status") if task.get("resource_subtype") == "approval" else ""
    if approval in APPROVALS:
        state, resolution = APPROVALS[approval]
        return state, approval, resolution
    completed, custom = task.get("completed"), text(task.get("custom_type_status_option"), "name")
    if completed is True or (completed is None and task.get("completed_at")):
        return State.DONE, custom or "completed", custom or None
    return (State.TODO, custom or "incomplete", None) if completed is False else (State.UNKNOWN, custom, None)


def _memberships(task: Any) -> Iterator[tuple[str, str]]:
    """Project and section of each membership."""
    held = task.get("memberships")
    for one in held if held and isinstance(held, list) else ():
        if isinstance(one, dict):
            yield gid_of(one.get("project")), gid_of(one.get("section"))


def _custom(fields: Sequence[Any], desk: Desk) -> tuple[float | None, tuple[FieldValue, ...]]:
    """The points, and the values that may hold the id of a goal, of the custom fields that people fill."""
    points = desk.points
    estimate: float | None = None
    values = []
    for one in fields:
        if not isinstance(one, dict):
            continue
        gid, kind = one.get("gid"), one.get("resource_subtype") or one.get("type")
        if text(one, "gid") in desk.written:
            continue
        found: Sequence[str] = ()
        if kind == "enum":
            found = (text(one.get("enum_value"), "name"),)
        elif kind == "multi_enum":
            chosen = one.get("multi_enum_values")
            found = [text(option, "name") for option in chosen] if isinstance(chosen, list) else ()
        elif kind == "text":
            found = (text(one, "text_value"),)
        elif kind == "number" and estimate is None:
            is_points = gid == points if points else text(one, "name").casefold() in POINTS
            number = _number(one.get("number_value")) if is_points else None
            estimate = number if number is not None and number >= 0 else None
        for value in found:
            if isinstance(gid, str) and 0 < len(short := value.strip()) <= _SHORT:
                values.append(FieldValue(gid, text(one, "name"), short))
    return estimate, tuple(values)


def _labels(tags: object) -> tuple[str, ...]:
    if not tags or not isinstance(tags, list):
        return ()
    names = (text(tag, "name") for tag in tags)
    return tuple(name for name in names if name and not is_managed(name))


def _references(task: Any, gid: str, supported: Mapping[str, tuple[str, ...]]) -> Iterator[Reference]:
    if parent := parent_of(task):
        yield Reference(ReferenceKind.PARENT, parent, parent, evidence="parent task")
    blockers = task.get("dependencies")
    for one in blockers if blockers and isinstance(blockers, list) else ():
        if blocker := gid_of(one):
            yield Reference(ReferenceKind.BLOCKED_BY, blocker, blocker, evidence="dependency")
    goals = dict.fromkeys(supported.get(gid, ()))
    for project, section in _memberships(task):
        if project:
            yield Reference(ReferenceKind.MEMBER, f"project:{project}", evidence="project")
            goals |= dict.fromkeys(supported.get(project, ()))
        if section:
            yield Reference(ReferenceKind.MEMBER, f"section:{section}", evidence="section")
    for goal in goals:
        yield Reference(ReferenceKind.MEMBER, f"goal:{goal}", evidence="supporting work")


def _why_not(metric: Mapping[str, Any]) -> str:
    """Why the current value of a metric is not ours to set, as a word of ``WHY_NOT``; "" where it is."""
    source = text(metric, "progress_source")
    if not metric:
        return "no_metric"
    if source == "manual" or (source == "external" and metric.get("can_manage") is True):
        return ""
    return FOREIGN if source == "external" else "computed"


def _number(value: object) -> float | None:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return float(value) if math.isfinite(value) else None


def _day(value: object) -> date | None:
    try:
        return date.fromisoformat(value) if isinstance(value, str) else None
    except ValueError:
        return None
