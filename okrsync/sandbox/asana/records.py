"""Records: what Asana holds of each kind, and what it shows when nobody names fields.

A record is a dict in the shape of the API, but what it names (assignee, parent, tags …) is the other record itself, not
a copy: a name that changes is changed wherever it is shown, and ``opt_fields`` can follow any path. Only what differs
from the usual is held; the rest stands in :data:`FIELDS`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from html import escape
from typing import Any, TypeAlias

Record: TypeAlias = dict[str, Any]
Computed: TypeAlias = Callable[[Record], Any]

BEGINNING = "2026-01-01T00:00:00.000Z"
"""When what names no time was made."""

ME = "1100000000000001"
"""The user whose token is used; the same in every workspace."""

GOALS, SEARCH, PORTFOLIOS = "goals", "search", "portfolios"
"""What a plan may lack."""

WEB = "https://app.asana.com/1"


def stamp(at: datetime) -> str:
    """``2026-03-02T12:00:00.000Z``: UTC, milliseconds. Such texts compare as the instants do."""
    utc = at.astimezone(UTC)
    return f"{utc:%Y-%m-%dT%H:%M:%S}.{utc.microsecond // 1000:03d}Z"


def instant(text: str) -> str:
    """The same form for any ISO 8601 time; one without offset is read as UTC, as Asana does. ValueError where none."""
    if len(text) == 24 and text[10] == "T" and text[19] == "." and text[23] == "Z":
        return text
    at = datetime.fromisoformat(text)
    return stamp(at if at.tzinfo else at.replace(tzinfo=UTC))


def compact(kind: str, gid: str, name: str) -> Record:
    """The least that a record of a kind holds."""
    return {"gid": gid, "resource_type": kind, "name": name}


# ── fields that are worked out when they are shown ───────────────────────────────────────────────────────────────────


def _html(field: str) -> Computed:
    return lambda record: f"<body>{escape(record.get(field) or '', quote=False)}</body>"


def projects_of(task: Record) -> list[Record]:
    """The projects that a task is in, the first one first."""
    return [membership["project"] for membership in task.get("memberships", ())]


def _task_address(task: Record) -> str:
    within = projects_of(task)
    middle = f"/project/{within[0]['gid']}" if within else ""
    return f"{WEB}/{task['workspace']['gid']}{middle}/task/{task['gid']}"


def _address(word: str) -> Computed:
    return lambda record: f"{WEB}/{record['workspace']['gid']}/{word}/{record['gid']}"


def _metric_text(metric: Record) -> str:
    value, places = metric["current_number_value"], metric["precision"]
    match metric["unit"]:
        case "percentage":
            return f"{value * 100:.{places}f}%"
        case "currency":
            return f"{value:,.{places}f} {metric['currency_code']}"
    return f"{value:,.{places}f}"


_LIKES: Record = {"liked": False, "likes": [], "num_likes": 0, "hearted": False, "hearts": [], "num_hearts": 0}

FIELDS: Mapping[str, Mapping[str, Any]] = {
    "task": {
        "name": "",
        "resource_subtype": "default_task",
        "actual_time_minutes": None,
        "assignee": None,
        "assignee_status": "upcoming",
        "completed": False,
        "completed_at": None,
        "created_at": BEGINNING,
        "custom_fields": [],
        "custom_type": None,
        "custom_type_status_option": None,
        "dependencies": [],
        "dependents": [],
        "due_at": None,
        "due_on": None,
        "followers": [],
        "html_notes": _html("notes"),
        "is_rendered_as_separator": False,
        "memberships": [],
        "modified_at": BEGINNING,
        "notes": "",
        "num_subtasks": 0,
        "parent": None,
        "permalink_url": _task_address,
        "projects": projects_of,
        "start_at": None,
        "start_on": None,
        "tags": [],
        **_LIKES,
    },
    "project": {
        "archived": False,
        "color": None,
        "completed": False,
        "completed_at": None,
        "created_at": BEGINNING,
        "current_status_update": None,
        "custom_fields": [],
        "default_view": "list",
        "due_on": None,
        "followers": [],
        "html_notes": _html("notes"),
        "members": [],
        "modified_at": BEGINNING,
        "notes": "",
        "owner": None,
        "permalink_url": _address("project"),
        "privacy_setting": "public_to_workspace",
        "public": True,
        "start_on": None,
    },
    "portfolio": {
        "color": "light-green",
        "created_at": BEGINNING,
        "current_status_update": None,
        "custom_fields": [],
        "due_on": None,
        "members": [],
        "permalink_url": _address("portfolio"),
        "public": True,
        "start_on": None,
    },
    "section": {"created_at": BEGINNING},
    "tag": {"color": None, "created_at": BEGINNING, "followers": [], "notes": "", "permalink_url": _address("tag")},
    "user": {"photo": None},
    "workspace": {"email_domains": [], "is_organization": True},
    "goal": {
        "custom_fields": [],
        "current_status_update": None,
        "due_on": None,
        "followers": [],
        "html_notes": _html("notes"),
        "is_workspace_level": True,
        "metric": None,
        "notes": "",
        "owner": None,
        "privacy_setting": "public_to_workspace",
        "start_on": None,
        "status": None,
        "team": None,
        "time_period": None,
        "liked": False,
        "likes": [],
        "num_likes": 0,
    },
    "goal_metric": {
        "resource_subtype": "number",
        "can_manage": False,
        "currency_code": None,
        "current_display_value": _metric_text,
        "is_custom_weight": False,
    },
    "goal_relationship": {"contribution_weight": 0},
    "time_period": {"parent": None},
    "story": {"is_edited": False, "is_pinned": False, "html_text": _html("text"), "previews": [], **_LIKES},
    "status_update": {"title": "", "html_text": _html("text"), "reaction_summary": [], **_LIKES},
}
"""Kind → field → what it holds where the record says nothing: a value, or a function of the record."""

OPT_IN = frozenset(
    {
        "dependencies",
        "dependents",
        "html_notes",
        "html_text",
        "is_rendered_as_separator",
        "items",
        "num_subtasks",
        "previews",
        "reaction_summary",
    }
)
"""Fields that even a full record leaves out until ``opt_fields`` names them."""

COMPACT: Mapping[str, tuple[str, ...]] = {
    "task": ("gid", "name", "resource_type", "resource_subtype"),
    "goal": ("gid", "name", "resource_type", "owner"),
    "goal_relationship": ("gid", "resource_type", "resource_subtype", "supporting_resource", "contribution_weight"),
    "time_period": ("gid", "resource_type", "end_on", "start_on", "period", "display_name"),
    "status_update": ("gid", "resource_type", "resource_subtype", "title"),
    "story": ("gid", "created_at", "created_by", "resource_type", "text", "type", "resource_subtype"),
}
"""Kind → the fields of a record in a list, and of one inside another."""

WHOLE = frozenset({"custom_field", "enum_option", "goal_metric"})
"""Kinds that are always shown with all that they hold."""

NAMED = ("gid", "name", "resource_type")
"""The compact fields of every other kind."""
