"""Fields that people made, the options of select fields, and the screens on which an issue is edited."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from okrsync.sandbox.jira import derive
from okrsync.sandbox.jira.call import Call
from okrsync.sandbox.jira.issue import Issue
from okrsync.sandbox.jira.site import Site
from okrsync.sandbox.web import Response

_KINDS = {"select": "option", "number": "number", "text": "string", "paragraph": "string"}
_CUSTOM = {"select": "select", "number": "float", "text": "textfield", "paragraph": "textarea"}
_PREFIX = "com.atlassian.jira.plugin.system.customfieldtypes:"
_READ_ONLY = frozenset(
    {"status", "resolutiondate", "created", "updated", "creator", "project", "comment", "issuelinks", "subtasks"}
    | {"statuscategorychangedate"}
)


def define(site: Site, body: Mapping[str, Any]) -> dict[str, Any]:
    """A custom field from ``{"id"?, "name", "type", "options"?, "off_screens"?}``, or another choice of options and of
    projects whose screens lack it; ValueError where the type is unknown."""
    identity = str(body.get("id") or site.free_field(10100))
    row = next((one for one in site.fields if one["id"] == identity), None)
    if row is None:
        kind = body.get("type")
        if kind not in _KINDS:
            raise ValueError(f"type {kind!r}: one of {', '.join(sorted(_KINDS))}")
        row = derive.custom_field(identity, body.get("name", identity), _KINDS[kind], None, _PREFIX + _CUSTOM[kind])
        site.fields.append(row)
    if "options" in body:
        site.choose(identity, body["options"])
    if "off_screens" in body:
        projects = {name: site.project(name) for name in body["off_screens"]}
        if unknown := [name for name, project in projects.items() if project is None]:
            raise ValueError(f"{site.name} has no project {unknown[0]!r}")
        site.off_screens[identity] = {project["id"] for project in projects.values() if project}
    site.revision += 1
    return row


def editable(site: Site, issue: Issue, field: str) -> bool:
    """Whether a field is on the screen on which this issue is edited."""
    if field in _READ_ONLY or not any(one["id"] == field for one in site.fields):
        return False
    return issue.project_id not in site.off_screens.get(field, ())


def edit_meta(call: Call) -> Response:
    """GET issue/{id}/editmeta: the fields that this account can edit on this issue, none without the right to."""
    issue, site = call.issue(), call.site
    rows = call.face.fields() if call.account.may("EDIT_ISSUES") else []
    fields = {row["id"]: _meta(row, call) for row in rows if "schema" in row and editable(site, issue, row["id"])}
    return Response.of({"fields": fields})


def _meta(row: Mapping[str, Any], call: Call) -> dict[str, Any]:
    schema = row["schema"]
    found: dict[str, Any] = {
        "required": row["id"] == "summary",
        "schema": schema,
        "name": row["name"],
        "key": row["id"],
        "operations": ["add", "set", "remove"] if schema.get("type") == "array" else ["set"],
    }
    if call.site.datacenter:
        found["fieldId"] = found.pop("key")
    options = call.site.options.get(row["id"])
    if options is not None:
        address = f"{call.api}/customFieldOption/"
        found["allowedValues"] = [{"self": address + one["id"], **one} for one in options]
    return found
