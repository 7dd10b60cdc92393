"""What a French Jira site knows besides its issues: statuses, issue types, fields, and the shape of a project."""

from __future__ import annotations

from typing import Any

from okrsync.sandbox.jira.derive import CATEGORIES

POINTS = "customfield_10016"
FLAGGED = "customfield_10021"


def project(id_: str, key: str, name: str) -> dict[str, Any]:
    """A company-managed software project."""
    return {
        "id": id_,
        "key": key,
        "name": name,
        "projectTypeKey": "software",
        "simplified": False,
        "style": "classic",
        "isPrivate": False,
    }


def _status(id_: str, name: str, category: str) -> dict[str, Any]:
    return {"id": id_, "name": name, "description": "", "statusCategory": CATEGORIES[category]}


def _type(id_: str, name: str, level: int) -> dict[str, Any]:
    return {"id": id_, "name": name, "description": "", "subtask": level < 0, "hierarchyLevel": level}


def _field(id_: str, name: str, schema: dict[str, Any]) -> dict[str, Any]:
    number = int(id_.removeprefix("customfield_"))
    return {
        "id": id_,
        "key": id_,
        "name": name,
        "custom": True,
        "orderable": True,
        "navigable": True,
        "searchable": True,
        "clauseNames": [f"cf[{number}]", name],
        "schema": {**schema, "customId": number},
    }


STATUSES = (
    _status("10000", "À faire", "new"),
    _status("3", "En cours", "indeterminate"),
    _status("10002", "En revue", "indeterminate"),
    _status("10001", "Terminé", "done"),
)
ISSUE_TYPES = (
    _type("10000", "Epic", 1),
    _type("10001", "Histoire", 0),
    _type("10002", "Tâche", 0),
    _type("10004", "Bug", 0),
    _type("10003", "Sous-tâche", -1),
)
FIELDS = (
    _field(POINTS, "Story point estimate", {"type": "number", "custom": "com.pyxis.greenhopper.jira:jsw-story-points"}),
    _field(
        FLAGGED,
        "Flagged",
        {
            "type": "array",
            "items": "option",
            "custom": "com.atlassian.jira.plugin.system.customfieldtypes:multicheckboxes",
        },
    ),
)

TODO, DOING, REVIEW, DONE = (str(row["name"]) for row in STATUSES)
EPIC, STORY, TASK, BUG, SUBTASK = (str(row["name"]) for row in ISSUE_TYPES)
