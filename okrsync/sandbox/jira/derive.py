"""Metadata of a Jira site worked out from its issues, where the world has no file of its own."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

from okrsync.sandbox.jira.issue import Issue

CATEGORIES: dict[str, dict[str, Any]] = {
    "new": {"id": 2, "key": "new", "colorName": "blue-gray", "name": "To Do"},
    "indeterminate": {"id": 4, "key": "indeterminate", "colorName": "yellow", "name": "In Progress"},
    "done": {"id": 3, "key": "done", "colorName": "green", "name": "Done"},
}

EPIC_LINK = "com.pyxis.greenhopper.jira:gh-epic-link"
_RANK = re.compile(r"\d\|\w+:")
_KEY = re.compile(r"[A-Z][A-Z0-9_]+-\d+")
_SYSTEM = (  # id, name, type of the schema, its items, names in JQL
    ("summary", "Summary", "string", None, ("summary",)),
    ("issuetype", "Issue Type", "issuetype", None, ("issuetype", "type")),
    ("parent", "Parent", "issuelink", None, ("parent",)),
    ("status", "Status", "status", None, ("status",)),
    ("statuscategorychangedate", "Status Category Changed", "datetime", None, ("statusCategoryChangedDate",)),
    ("project", "Project", "project", None, ("project",)),
    ("priority", "Priority", "priority", None, ("priority",)),
    ("resolution", "Resolution", "resolution", None, ("resolution",)),
    ("resolutiondate", "Resolved", "datetime", None, ("resolutiondate", "resolved")),
    ("created", "Created", "datetime", None, ("created", "createdDate")),
    ("updated", "Updated", "datetime", None, ("updated", "updatedDate")),
    ("duedate", "Due date", "date", None, ("due", "duedate")),
    ("labels", "Labels", "array", "string", ("labels",)),
    ("assignee", "Assignee", "user", None, ("assignee",)),
    ("reporter", "Reporter", "user", None, ("reporter",)),
    ("creator", "Creator", "user", None, ("creator",)),
    ("components", "Components", "array", "component", ("component",)),
    ("fixVersions", "Fix versions", "array", "version", ("fixVersion",)),
    ("issuelinks", "Linked Issues", "array", "issuelinks", ("issueLink",)),
    ("subtasks", "Sub-tasks", "array", "issuelinks", ("subtasks",)),
    ("description", "Description", "string", None, ("description",)),
    ("environment", "Environment", "string", None, ("environment",)),
    ("comment", "Comment", "comments-page", None, ("comment",)),
)


def projects(known: Iterable[dict[str, Any]], issues: Iterable[Issue]) -> dict[str, dict[str, Any]]:
    """Projects by id: those of the file, then those that issues name."""
    found = {str(project["id"]): dict(project) for project in known}
    for issue in issues:
        project = issue.fields["project"]
        if project["id"] not in found:
            found[project["id"]] = {
                "projectTypeKey": "software",
                "simplified": False,
                "style": "classic",
                "isPrivate": False,
                **project,
            }
    return found


def statuses(known: Iterable[dict[str, Any]], issues: Iterable[Issue]) -> list[dict[str, Any]]:
    """Every status, as ``GET /status`` lists them."""
    found = list(known)
    seen = {status["id"] for status in found}
    for issue in issues:
        status = issue.fields.get("status")
        if status and status["id"] not in seen:
            seen.add(status["id"])
            found.append(status)
    return found


def issue_types(known: Iterable[dict[str, Any]], issues: Iterable[Issue]) -> list[dict[str, Any]]:
    """Every issue type, each with the level of its hierarchy."""
    found = list(known)
    seen = {kind["id"] for kind in found}
    for issue in issues:
        kind = issue.fields.get("issuetype")
        if kind and kind["id"] not in seen:
            seen.add(kind["id"])
            found.append({"hierarchyLevel": level(kind), **kind})
    return found


def level(kind: dict[str, Any]) -> int:
    """The level of an issue type in the hierarchy: -1 for a sub-task, 0, 1 for an epic."""
    if "hierarchyLevel" in kind:
        return int(kind["hierarchyLevel"])
    if kind.get("subtask"):
        return -1
    return 1 if kind.get("name") == "Epic" else 0


def fields(known: Iterable[dict[str, Any]], issues: Iterable[Issue]) -> list[dict[str, Any]]:
    """Every field, as ``GET /field`` lists them; custom ones that no file describes are guessed from their values."""
    found = list(known)
    seen = {field["id"] for field in found}
    found.extend(_system_field(*row) for row in _SYSTEM if row[0] not in seen)
    samples: dict[str, Any] = {}
    names: dict[str, str] = {}
    for issue in issues:
        for field, value in issue.fields.items():
            if field.startswith("customfield_") and field not in seen and samples.get(field) is None:
                samples[field] = value
        for history in issue.histories:
            for item in history["items"]:
                if item.get("fieldtype") == "custom" and item.get("fieldId"):
                    names[item["fieldId"]] = item["field"]
    found.extend(_guessed_field(field, names.get(field, field), samples[field]) for field in sorted(samples))
    return found


def _system_field(id_: str, name: str, type_: str, items: str | None, clauses: tuple[str, ...]) -> dict[str, Any]:
    schema = {"type": type_, "system": id_}
    if items:
        schema["items"] = items
    return {
        "id": id_,
        "key": id_,
        "name": name,
        "custom": False,
        "orderable": True,
        "navigable": True,
        "searchable": True,
        "clauseNames": list(clauses),
        "schema": schema,
    }


def _guessed_field(id_: str, name: str, sample: object) -> dict[str, Any]:
    type_, items, custom = _schema_of(sample)
    return custom_field(id_, name, type_, items, custom)


def custom_field(id_: str, name: str, type_: str, items: str | None, custom: str) -> dict[str, Any]:
    """A custom field as ``GET /field`` lists it; ``custom`` is its kind."""
    number = int(id_.removeprefix("customfield_"))
    schema: dict[str, Any] = {"type": type_, "custom": custom, "customId": number}
    if items:
        schema["items"] = items
    return {
        "id": id_,
        "key": id_,
        "name": name,
        "custom": True,
        "orderable": True,
        "navigable": True,
        "searchable": True,
        "clauseNames": [f"cf[{number}]", name],
        "schema": schema,
    }


def _schema_of(sample: object) -> tuple[str, str | None, str]:
    """(type, items, kind of the custom field) that fit a value."""
    prefix = "com.atlassian.jira.plugin.system.customfieldtypes:"
    match sample:
        case bool() | None:
            return "any", None, prefix + "readonlyfield"
        case int() | float():
            return "number", None, prefix + "float"
        case {"value": _}:
            return "option", None, prefix + "select"
        case [{"value": _}, *_]:
            return "array", "option", prefix + "multicheckboxes"
        case [{"state": _}, *_]:
            return "array", "json", "com.pyxis.greenhopper.jira:gh-sprint"
        case list():
            return "array", "string", prefix + "labels"
        case str() if _RANK.match(sample):
            return "any", None, "com.pyxis.greenhopper.jira:gh-lexo-rank"
        case str() if _KEY.fullmatch(sample):
            return "any", None, EPIC_LINK
        case str():
            return "string", None, prefix + "textfield"
    return "any", None, prefix + "readonlyfield"
