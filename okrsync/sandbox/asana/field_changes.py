"""What people do to custom fields: they add them to projects, take them away, switch them and their options off."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from okrsync.sandbox.asana.custom import VALUES
from okrsync.sandbox.asana.records import Record, projects_of

if TYPE_CHECKING:
    from okrsync.sandbox.asana.workspace import Workspace

_GIVEN = frozenset({"name", "type", "options", "precision", "format"})
_CHANGED = frozenset({"enabled", "formula", "options"})


def add(workspace: Workspace, project: Record, given: Mapping[str, Any]) -> Record:
    """The project has this field, and each of its tasks: one of this name that there is, or a new one from its
    ``type``, and perhaps ``options``, ``precision`` and ``format``."""
    _known(given, _GIVEN)
    field = workspace.custom.named(str(given["name"])) or workspace.custom.define(
        {
            "name": given["name"],
            "resource_subtype": given["type"],
            **({"enum_options": [{"name": name} for name in given["options"]]} if "options" in given else {}),
            **{name: given[name] for name in ("precision", "format") if name in given},
        }
    )
    empty = workspace.custom.entry(field, None)
    workspace.fields.setdefault(project["gid"], {})[field["gid"]] = empty
    for task in _within(workspace, project):
        held = task.get("custom_fields", [])
        if all(one["gid"] != field["gid"] for one in held):
            task["custom_fields"] = [*held, empty]
    workspace.revision += 1
    return field


def drop(workspace: Workspace, project: Record, name: str) -> None:
    """The project has the field no more, nor has any of its tasks that has it by no other project."""
    field = named(workspace, name)
    workspace.fields.get(project["gid"], {}).pop(field["gid"], None)
    for task in _within(workspace, project):
        if not any(field["gid"] in workspace.fields.get(one["gid"], {}) for one in projects_of(task)):
            task["custom_fields"] = [one for one in task.get("custom_fields", ()) if one["gid"] != field["gid"]]
    workspace.revision += 1


def change(workspace: Workspace, field: Record, given: Mapping[str, Any]) -> Record:
    """The field is ``enabled`` or not, a ``formula`` or not; its ``options`` are (name → whether it is enabled, added
    where it is new)."""
    _known(given, _CHANGED)
    if "enabled" in given:
        field["enabled"] = given["enabled"] is True
    if "formula" in given:
        field["is_formula_field"] = given["formula"] is True
        field["representation_type"] = "formula" if given["formula"] is True else field["resource_subtype"]
    for name, enabled in given.get("options", {}).items():
        workspace.custom.option(field, name)["enabled"] = enabled is True
    workspace.custom.forget(field)
    for task in workspace.held["task"].values():
        entries = task.get("custom_fields", [])
        if any(one["gid"] == field["gid"] for one in entries):
            task["custom_fields"] = [_again(workspace, field, one) for one in entries]
    workspace.revision += 1
    return field


def named(workspace: Workspace, name: str) -> Record:
    """The field of this gid or name; ValueError where there is none."""
    found = workspace.custom.named(name)
    if found is None:
        raise ValueError(f"workspace {workspace.gid} has no custom field {name!r}")
    return found


def _again(workspace: Workspace, field: Record, entry: Record) -> Record:
    if entry["gid"] != field["gid"]:
        return entry
    return workspace.custom.entry(field, entry.get(VALUES.get(field["resource_subtype"], "")))


def _within(workspace: Workspace, project: Record) -> list[Record]:
    return [workspace.held["task"][gid] for gid in workspace.boards.get(project["gid"], ())]


def _known(given: Mapping[str, Any], allowed: frozenset[str]) -> None:
    if unknown := sorted(given.keys() - allowed):
        raise ValueError(f"unknown keys: {', '.join(unknown)}; allowed: {', '.join(sorted(allowed))}")
