"""One issue: read, edit, delete, its histories."""

from __future__ import annotations

import base64
import binascii
from itertools import groupby
from typing import Any
from urllib.parse import urlencode

from okrsync.sandbox.jira import changes, screens, values
from okrsync.sandbox.jira.call import Call, refuse
from okrsync.sandbox.jira.changes import Hand
from okrsync.sandbox.jira.issue import Issue, millis
from okrsync.sandbox.jira.show import expansions, issue_of, view
from okrsync.sandbox.web import Response

_NOT_ON_SCREEN = "Field '{}' cannot be set. It is not on the appropriate screen, or unknown."
_NO_NOTIFICATION = "To discard the user notification either admin or project admin permissions are required."
HISTORY_PAGE = 100
MAX_HISTORY_ISSUES = 1000
MAX_HISTORY_FIELDS = 10
MAX_HISTORIES = 10_000


def hand(call: Call) -> Hand:
    return Hand(call.account, call.site.clock(), call.base)


def read(call: Call) -> Response:
    issue = call.issue()
    request = call.request
    expand = request.every("expand")
    shape = view(request.every("fields") or ["*all"], expand, request.every("properties"), call)
    return Response.of({**issue_of(issue, shape, call), **expansions(expand, call)})


def check_silence(call: Call) -> None:
    """403 where the caller wants nobody notified and may not ask for it."""
    quiet = call.request.first("notifyUsers") == "false"
    if quiet and not (call.account.may("ADMINISTER") or call.account.may("ADMINISTER_PROJECTS")):
        raise refuse(403, _NO_NOTIFICATION)


def edit(call: Call) -> Response:
    """PUT: fields and update operations, all or nothing."""
    issue = call.editable()
    check_silence(call)
    body = call.body()
    fields, update = body.get("fields") or {}, body.get("update") or {}
    if not isinstance(fields, dict) or not isinstance(update, dict):
        raise refuse(400, "Invalid request payload. Refer to the REST API documentation and try again.")
    errors = {name: f"Field '{name}' cannot appear in both 'fields' and 'update'" for name in set(fields) & set(update)}
    wanted: dict[str, Any] = {}
    for name in (*fields, *update):
        if name in errors:
            continue
        if not screens.editable(call.site, issue, name):
            errors[name] = _NOT_ON_SCREEN.format(name)
            continue
        try:
            given = fields[name] if name in fields else _operated(_value(issue, name, call), name, update[name])
            wanted[name] = values.stored(name, call.face.taken(name, given), call.site)
        except ValueError as error:
            errors[name] = str(error)
    if errors:
        raise refuse(400, **errors)
    changes.change(call.site, issue, wanted, hand(call))
    return Response(204)


def _value(issue: Issue, field: str, call: Call) -> Any:
    """What stands in a field now; an empty list where a field of many values was never set."""
    value = issue.fields.get(field)
    described = call.site.field(field) or {}
    return [] if value is None and described.get("schema", {}).get("type") == "array" else value


def _operated(value: Any, field: str, operations: Any) -> Any:
    """The value after operations such as ``[{"add": "x"}, {"remove": "y"}]``."""
    if not isinstance(operations, list):
        raise ValueError("data was not an array")
    for operation in operations:
        if not isinstance(operation, dict) or len(operation) != 1:
            raise ValueError("an operation is an object with one key: add, remove or set")
        ((verb, operand),) = operation.items()
        match verb:
            case "set":
                value = operand
            case "add" if isinstance(value, list):
                value = value if operand in value else [*value, operand]
            case "remove" if isinstance(value, list):
                value = [entry for entry in value if entry != operand]
            case _:
                raise ValueError(f"Field '{field}' does not support operation '{verb}'")
    return value


def delete(call: Call) -> Response:
    issue = call.issue()
    if not call.account.may("DELETE_ISSUES"):
        raise refuse(403, "You do not have permission to delete issues in this project.")
    if call.request.first("deleteSubtasks") != "true" and changes.has_subtasks(call.site, issue):
        raise refuse(400, f"The issue '{issue.key}' has subtasks. You must specify the 'deleteSubtasks' parameter.")
    changes.delete(call.site, issue)
    return Response(204)


# ── histories ────────────────────────────────────────────────────────────────────────────────────────────────────────


def histories(call: Call) -> Response:
    """GET issue/{id}/changelog: oldest first, a page at a time."""
    issue = call.issue()
    start, size = call.number("startAt", 0), min(call.number("maxResults", HISTORY_PAGE, least=1), HISTORY_PAGE)
    page = issue.histories[start : start + size]
    total = len(issue.histories)
    address = f"{call.api}/issue/{issue.id}/changelog"
    answer: dict[str, Any] = {
        "self": f"{address}?{urlencode({'startAt': start, 'maxResults': size})}",
        "maxResults": size,
        "startAt": start,
        "total": total,
        "isLast": start + len(page) >= total,
        "values": page,
    }
    if not answer["isLast"]:
        answer["nextPage"] = f"{address}?{urlencode({'startAt': start + size, 'maxResults': size})}"
    return Response.of(answer)


def bulk_histories(call: Call) -> Response:
    """POST changelog/bulkfetch: histories of many issues, oldest first over all; a page groups them by issue."""
    asked = call.bean({"issueIdsOrKeys": list, "fieldIds": list, "maxResults": int, "nextPageToken": str})
    names, size = asked.get("issueIdsOrKeys", []), asked.get("maxResults", MAX_HISTORY_ISSUES)
    fields = set(asked.get("fieldIds", ()))
    if not 1 <= len(names) <= MAX_HISTORY_ISSUES:
        raise refuse(400, f"issueIdsOrKeys must hold between 1 and {MAX_HISTORY_ISSUES} entries.")
    if len(fields) > MAX_HISTORY_FIELDS:
        raise refuse(400, f"fieldIds must not hold more than {MAX_HISTORY_FIELDS} entries.")
    if not 1 <= size <= MAX_HISTORIES:
        raise refuse(400, f"maxResults must be between 1 and {MAX_HISTORIES}.")
    found = {issue.id: issue for name in names if (issue := call.site.find(str(name))) is not None}
    rows = [
        (millis(history["created"]), issue.numeric_id, history)
        for issue in found.values()
        if call.site.sees(call.account, issue)
        for history in issue.histories
        if not fields or any(entry.get("fieldId") in fields for entry in history["items"])
    ]
    rows.sort(key=lambda row: (row[0], row[1], int(row[2]["id"])))
    start = _place(asked.get("nextPageToken"))
    page = sorted(rows[start : start + size], key=lambda row: row[1])
    answer: dict[str, Any] = {
        "issueChangeLogs": [
            {"issueId": str(issue), "changeHistories": [_dated(row, call) for row in group]}
            for issue, group in groupby(page, key=lambda row: row[1])
        ]
    }
    if start + size < len(rows):
        answer["nextPageToken"] = base64.urlsafe_b64encode(b"histories:%d" % (start + size)).decode()
    return Response.of(answer)


def _dated(row: tuple[int, int, dict[str, Any]], call: Call) -> dict[str, Any]:
    return {**row[2], "created": row[0]} if call.site.epoch_histories else row[2]


def _place(token: str | None) -> int:
    if token is None:
        return 0
    try:
        kind, _, place = base64.urlsafe_b64decode(token).decode().partition(":")
        if kind != "histories":
            raise ValueError
        return int(place)
    except (ValueError, binascii.Error):
        raise refuse(400, "The provided next page token is invalid.") from None
