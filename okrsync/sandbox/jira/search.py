"""search/jql, approximate-count, bulkfetch, and the search that Atlassian removed."""

from __future__ import annotations

import base64
import binascii
import hashlib
from bisect import bisect_right
from typing import Any

import orjson

from okrsync.sandbox.jira.call import Call, refuse
from okrsync.sandbox.jira.issue import Issue
from okrsync.sandbox.jira.jql import Query
from okrsync.sandbox.jira.order import SortKey, plain, restored
from okrsync.sandbox.jira.results import matching, parsed
from okrsync.sandbox.jira.show import View, expansions, issue_of, view
from okrsync.sandbox.web import Response

MAX_RESULTS = 5000
MAX_RECONCILED = 50
MAX_FETCHED = 100
PAGE = 100  # issues, where the site has no limits of its own
_SEARCH_BEAN: dict[str, type | tuple[type, ...]] = {
    "jql": str,
    "nextPageToken": str,
    "maxResults": int,
    "fields": list,
    "expand": str,
    "properties": list,
    "fieldsByKeys": bool,
    "reconcileIssues": list,
}
_REMOVED = (
    "The requested API has been removed. Please migrate to the /rest/api/3/search/jql API. A full migration guideline "
    "is available at https://developer.atlassian.com/changelog/#CHANGE-2046"
)
_STALE = "The provided next page token is invalid."
_UNBOUNDED = "Unbounded JQL queries are not allowed here. Please add a search restriction to your query."


def removed(_: Call) -> Response:
    """410 for the search of before 2025."""
    raise refuse(410, _REMOVED)


def search_get(call: Call) -> Response:
    request = call.request
    asked: dict[str, Any] = {
        "jql": request.first("jql", ""),
        "maxResults": call.number("maxResults", 50),
        "fields": request.every("fields"),
        "expand": request.first("expand", ""),
        "properties": request.every("properties"),
        "reconcileIssues": request.every("reconcileIssues"),
    }
    if token := request.first("nextPageToken"):
        asked["nextPageToken"] = token
    return _search(asked, call)


def search_post(call: Call) -> Response:
    return _search(call.bean(_SEARCH_BEAN), call)


def _search(asked: dict[str, Any], call: Call) -> Response:
    jql = asked.get("jql", "")
    size = asked.get("maxResults", 50)
    if not 1 <= size <= MAX_RESULTS:
        raise refuse(400, f"The maxResults parameter must be between 1 and {MAX_RESULTS}.")
    if len(asked.get("reconcileIssues", ())) > MAX_RECONCILED:
        raise refuse(400, f"You may reconcile a maximum of {MAX_RECONCILED} issues.")
    expand = [part.strip() for part in asked.get("expand", "").split(",")] if asked.get("expand") else []
    fields = asked.get("fields") or ["id"]
    shape = view(fields, expand, asked.get("properties", []), call)
    query = parsed(jql)
    if query.where is None:
        raise refuse(400, _UNBOUNDED)
    token = asked.get("nextPageToken")
    _break(token, size, call)
    reconciled = {str(one) for one in asked.get("reconcileIssues", ())}
    found = matching(jql, query, call, reconciled=reconciled)
    page, last = _page(found, _after(jql, query, token), _limit(size, shape, call))
    ids_only = fields == ["id"] and not expand and not shape.properties
    shown = [{"id": issue.id} if ids_only else issue_of(issue, shape, call) for issue in page]
    answer: dict[str, Any] = {"issues": shown, "isLast": last is None}
    if last is not None:
        answer["nextPageToken"] = _token(jql, last)
    _spoil(answer, jql, token, call)
    answer.update(expansions(expand, call))
    return Response.of(answer)


def _break(token: str | None, size: int, call: Call) -> None:
    """The faults that refuse a page behind a token: it is too old, or the page too large for a bug of Jira's."""
    fault = call.request.fault
    if fault is None or token is None:
        return
    if fault.kind == "expired_token":
        raise refuse(400, _STALE)
    if fault.kind == "duplicate_key" and size > fault.rows:
        raise refuse(500, "Internal server error: Duplicate key (attempted merging values)")


def _spoil(answer: dict[str, Any], jql: str, token: str | None, call: Call) -> None:
    """What a fault makes of a page: an empty one with a token that leads on, the same token once more, or nothing at
    all, as if the index did not know the issues."""
    kind = call.request.fault.kind if call.request.fault else ""
    if kind == "empty_page":
        answer |= {"issues": [], "isLast": False, "nextPageToken": token or _token(jql, None)}
    elif kind == "repeated_token" and (token or "nextPageToken" in answer):
        answer |= {"isLast": False, "nextPageToken": token or answer["nextPageToken"]}
    elif kind == "index_flip":
        answer |= {"issues": [], "isLast": True}
        answer.pop("nextPageToken", None)


def _limit(size: int, shape: View, call: Call) -> int:
    """Jira gives fewer than asked, except where only ids and keys are wanted."""
    if call.request.fault and call.request.fault.kind == "short_page":
        return min(size, call.request.fault.rows)
    if shape.choose is None and not shape.changelog:
        return size
    return min(size, call.site.next_limit(PAGE))


def _page(
    found: tuple[list[SortKey], list[Issue]], after: SortKey | None, size: int
) -> tuple[list[Issue], SortKey | None]:
    """The issues behind a place in the order, and the sort key of the last where more follow.

    The place is no number: an issue that moves while somebody pages is met where it is now.
    """
    keys, issues = found
    start = bisect_right(keys, after) if after else 0
    page = issues[start : start + size]
    more = start + size < len(issues)
    return page, keys[start + size - 1] if more else None


def _digest(jql: str) -> str:
    return hashlib.sha256(jql.encode()).hexdigest()[:12]


def _token(jql: str, after: SortKey | None) -> str:
    """An opaque place in the result of one query; None is the place before the first issue."""
    place = plain(after) if after is not None else None
    return base64.urlsafe_b64encode(orjson.dumps([_digest(jql), place])).decode()


def _after(jql: str, query: Query, token: str | None) -> SortKey | None:
    if token is None:
        return None
    try:
        digest, place = orjson.loads(base64.urlsafe_b64decode(token))
        if digest != _digest(jql):
            raise ValueError
        return restored(place, query) if place is not None else None
    except (ValueError, TypeError, IndexError, binascii.Error):
        raise refuse(400, _STALE) from None


def count(call: Call) -> Response:
    """POST search/approximate-count: as wrong as the site has it."""
    jql = call.bean({"jql": str}).get("jql", "")
    query = parsed(jql)
    if query.where is None:
        raise refuse(400, _UNBOUNDED)
    found = len(matching(jql, query, call)[1])
    if call.request.fault and call.request.fault.kind == "index_flip":
        return Response.of({"count": 0})
    return Response.of({"count": max(0, found + call.site.count_off_by)})


def bulk_fetch(call: Call) -> Response:
    """POST issue/bulkfetch: ascending ids, moved keys resolved, what may not be seen left out."""
    asked = call.bean(
        {"issueIdsOrKeys": list, "fields": list, "expand": list, "properties": list, "fieldsByKeys": bool}
    )
    names = asked.get("issueIdsOrKeys", [])
    if not names:
        raise refuse(400, "The issueIdsOrKeys must not be empty.")
    if len(names) > MAX_FETCHED:
        raise refuse(400, f"The number of issue IDs or keys must not exceed {MAX_FETCHED}.")
    expand = asked.get("expand", [])
    shape = view(asked.get("fields") or ["*navigable"], expand, asked.get("properties", []), call)
    found = {issue.id: issue for name in names if (issue := call.site.find(str(name))) is not None}
    seen = sorted(
        (issue for issue in found.values() if call.site.sees(call.account, issue)), key=lambda i: i.numeric_id
    )
    return Response.of(
        {
            "issues": [issue_of(issue, shape, call) for issue in seen],
            "issueErrors": [],
            **expansions(expand, call),
        }
    )
