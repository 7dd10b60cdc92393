"""Data Center's search: pages by offset, with a total, and all fields that can be shown in a list by default."""

from __future__ import annotations

from typing import Any

from okrsync.sandbox.jira.call import Call, refuse
from okrsync.sandbox.jira.issue import Issue
from okrsync.sandbox.jira.results import matching, parsed
from okrsync.sandbox.jira.show import View, expansions, issue_of, view
from okrsync.sandbox.web import Response

CAP = 1000  # issues a page, whatever is asked for
_BEAN: dict[str, type | tuple[type, ...]] = {
    "jql": str,
    "startAt": int,
    "maxResults": int,
    "fields": list,
    "expand": list,
    "validateQuery": (str, bool),
}
_LENIENT = ("false", "none", "warn")


def search_get(call: Call) -> Response:
    request = call.request
    return _search(
        {
            "jql": request.first("jql", ""),
            "startAt": call.number("startAt", 0),
            "maxResults": call.number("maxResults", 50, least=-1),
            "fields": request.every("fields"),
            "expand": request.every("expand"),
            "validateQuery": request.first("validateQuery", "true"),
        },
        call,
    )


def search_post(call: Call) -> Response:
    return _search(call.bean(_BEAN), call)


def _search(asked: dict[str, Any], call: Call) -> Response:
    start, size = asked.get("startAt", 0), asked.get("maxResults", 50)
    if start < 0:
        raise refuse(400, "The value for 'startAt' must not be negative.")
    jql, expand = asked.get("jql", ""), asked.get("expand", [])
    strict = str(asked.get("validateQuery", True)).casefold() not in _LENIENT
    _, found = matching(jql, parsed(jql), call, strict=strict)
    cap = call.site.next_limit(CAP)
    size = cap if size < 0 else min(size, cap)
    shape = view(asked.get("fields") or ["*navigable"], expand, (), call)
    page = found[start : start + size]
    answer: dict[str, Any] = {
        "expand": "schema,names",
        "startAt": start,
        "maxResults": size,
        "total": len(found),
        "issues": [_shown(issue, shape, call) for issue in page],
    }
    _spoil(answer, call)
    return Response.of({**answer, **expansions(expand, call)})


def _shown(issue: Issue, shape: View, call: Call) -> dict[str, Any]:
    """The issue, with as much of its changelog as the site gives in a search."""
    found = issue_of(issue, shape, call)
    if (most := call.site.histories_shown) is not None and "changelog" in found:
        found["changelog"] |= {"histories": found["changelog"]["histories"][:most], "maxResults": most}
    return found


def _spoil(answer: dict[str, Any], call: Call) -> None:
    """What a fault makes of a page: nothing is there, nothing comes, or less than was promised."""
    fault = call.request.fault
    match fault.kind if fault else "":
        case "index_flip":
            answer |= {"total": 0, "issues": []}
        case "empty_page":
            answer["issues"] = []
        case "short_page" if fault:
            answer["issues"] = answer["issues"][: fault.rows]
