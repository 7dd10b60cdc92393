"""What somebody writes into a task, and what Asana stores of it; ValueError in Asana's words where it does not fit."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from typing import TYPE_CHECKING, Any

from okrsync.sandbox.asana import custom
from okrsync.sandbox.asana.records import Record, instant

if TYPE_CHECKING:
    from okrsync.sandbox.asana.workspace import Workspace

NOT_BY_UPDATE = frozenset({"projects", "tags", "memberships", "parent", "workspace", "dependencies", "followers"})
_SUBTYPES = ("default_task", "milestone", "approval", "custom")
_APPROVALS = ("pending", "approved", "rejected", "changes_requested")


def stored(workspace: Workspace, task: Record | None, given: Mapping[str, Any]) -> dict[str, Any]:
    """The stored values of all writable fields that are given; unknown ones are ignored, as Asana does."""
    if given.get("due_on") and given.get("due_at"):
        raise ValueError("You may only provide one of due_on or due_at!")
    found: dict[str, Any] = {}
    for name, value in given.items():
        if name == "custom_fields":
            found[name] = _custom_fields(workspace, task, value)
        elif name == "assignee":
            found[name] = None if value is None else user(workspace, name, value)
        elif reader := _READERS.get(name):
            found[name] = reader(name, value)
    return found


def _text(name: str, value: Any) -> str:
    if not isinstance(value, str):
        raise ValueError(f"{name}: Value is not a string: {value}")
    return value


def _flag(name: str, value: Any) -> bool:
    if not isinstance(value, bool):
        raise ValueError(f"{name}: Value is not a boolean: {value}")
    return value


def _day(name: str, value: Any) -> str | None:
    if value is None:
        return None
    try:
        return date.fromisoformat(value).isoformat()
    except (TypeError, ValueError):
        raise ValueError(f"{name}: Date must be in ISO-8601 (yyyy-mm-dd) format, not: {value}") from None


def _time(name: str, value: Any) -> str | None:
    if value is None:
        return None
    try:
        return instant(value)
    except (TypeError, ValueError):
        raise ValueError(f"{name}: Datetime must be in ISO-8601 format, not: {value}") from None


def _one_of(allowed: tuple[str, ...]) -> Callable[[str, Any], str]:
    def chosen(name: str, value: Any) -> str:
        if value not in allowed:
            raise ValueError(f"{name}: Value is not one of {', '.join(allowed)}: {value}")
        return str(value)

    return chosen


_READERS: Mapping[str, Callable[[str, Any], Any]] = {
    "name": _text,
    "notes": _text,
    "html_notes": _text,
    "completed": _flag,
    "liked": _flag,
    "due_on": _day,
    "due_at": _time,
    "start_on": _day,
    "start_at": _time,
    "resource_subtype": _one_of(_SUBTYPES),
    "approval_status": _one_of(_APPROVALS),
}


def user(workspace: Workspace, field: str, value: Any) -> Record:
    """The user that a gid, an e-mail address or ``me`` names."""
    if value == "me":
        return workspace.me
    found = workspace.find("user", value) if isinstance(value, str) else None
    if found is None and isinstance(value, str) and "@" in value:
        found = workspace.named("user", value)
    if found is None:
        raise ValueError(f"{field}: Not a user in Organization: {value}")
    return found


def _custom_fields(workspace: Workspace, task: Record | None, given: Any) -> list[Record]:
    """All entries of the task, those that are given with their new values."""
    if not isinstance(given, dict):
        raise ValueError(f"custom_fields: Value is not a JSON object: {given}")
    entries = {entry["gid"]: entry for entry in (task or {}).get("custom_fields", ())}
    for gid, value in given.items():
        if gid not in entries:
            raise ValueError(f"Custom field with ID {gid} is not on given object")
        field = workspace.custom.fields[gid]
        found = custom.stored(field, value, lambda one: user(workspace, "custom_fields", one))
        entries[gid] = workspace.custom.entry(field, found)
    return list(entries.values())
