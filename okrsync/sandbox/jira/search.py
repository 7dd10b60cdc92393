"""search/jql, approximate-count, bulkfetch, and the search that Atlassian removed."""

from __future__ import annotations

import base64
import binascii
import hashlib
from bisect import bisect_right
from typing import Any

import orjson

from okrsync.sandbox.jira import query as jql_query
from okrsync.sandbox.jira.call import Call, refuse
from okrsync.sandbox.jira.issue import Issue
from okrsync.sandbox.jira.jql import JqlError, Query, parse
from okrsync.sandbox.jira.show import View, expansions, issue_of, view
from okrsync.sandbox.web import Response

MAX_RESULTS = 5000
MAX_RECONCILED = 50
MAX_FETCHED = 100
CACHED_QUERIES = 8
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
    query = _parsed(jql)
    if query.where is None:
        raise refuse(400, _UNBOUNDED)
    token = asked.get("nextPageToken")
    page, last = _page(jql, query, token, _limit(size, shape, call), call)
    ids_only = fields == ["id"] and not expand and not shape.properties
    shown = [{"id": issue.id} if ids_only else issue_of(issue, shape, call) for issue in page]
    answer: dict[str, Any] = {"issues": shown, "isLast": last is None}
    if last is not None:
        answer["nextPageToken"] = _token(jql, last)
    _spoil(answer, jql, token, call)
    answer.update(expansions(expand, call))
    return Response.of(answer)


def _spoil(answer: dict[str, Any], jql: str, token: str | None, call: Call) -> None:
    """What a fault makes of a page: an empty one with a token that leads on, or the same token once more."""
    kind = call.request.fault.kind if call.request.fault else ""
    if kind == "empty_page":
        answer |= {"issues": [], "isLast": False, "nextPageToken": token or _token(jql, None)}
    elif kind == "repeated_token" and (token or "nextPageToken" in answer):
        answer |= {"isLast": False, "nextPageToken": token or answer["nextPageToken"]}


def _limit(size: int, shape: View, call: Call) -> int:
    """Jira gives fewer than asked, except where only ids and keys are wanted."""
    if shape.choose is None and not shape.changelog:
        return size
    limits = call.site.page_limits
    call.site.pages_served += 1
    return min(size, limits[(call.site.pages_served - 1) % len(limits)])


def _parsed(jql: str) -> Query:
    try:
        return parse(jql)
    except JqlError as error:
        raise refuse(400, str(error)) from None


def _page(
    jql: str, query: Query, token: str | None, size: int, call: Call
) -> tuple[list[Issue], jql_query.SortKey | None]:
    """The issues behind a token, and the sort key of the last where more follow.

    A token names a place in the order, not a number: an issue that moves while somebody pages is met where it is now.
    """
    keys, issues = _sorted(jql, query, call)
    start = bisect_right(keys, after) if (after := _after(jql, query, token)) else 0
    page = issues[start : start + size]
    more = start + size < len(issues)
    return page, keys[start + size - 1] if more else None


def _sorted(jql: str, query: Query, call: Call) -> tuple[list[jql_query.SortKey], list[Issue]]:
    """Every issue that matches, in order, beside its sort key; remembered until the site changes."""
    site = call.site
    remembered = (call.account.account_id, call.account.time_zone, jql)
    cached = site.searches.get(remembered)
    if cached is not None and cached[0] == site.revision:
        return cached[1], cached[2]
    if call.account.anonymous or query.where is None:
        return [], []
    asker = jql_query.Asker(site, call.account, site.clock())
    try:
        matches = jql_query.test(query.where, asker)
        key = jql_query.order(query, site)
    except JqlError as error:
        raise refuse(400, str(error)) from None
    found = sorted(((key(issue), issue) for issue in site.visible(call.account) if matches(issue)), key=lambda p: p[0])
    keys, issues = [pair[0] for pair in found], [pair[1] for pair in found]
    if not jql_query.depends_on_time(query.where):
        while len(site.searches) >= CACHED_QUERIES:
            site.searches.pop(next(iter(site.searches)))
        site.searches[remembered] = (site.revision, keys, issues)
    return keys, issues


def _digest(jql: str) -> str:
    return hashlib.sha256(jql.encode()).hexdigest()[:12]


def _token(jql: str, after: jql_query.SortKey | None) -> str:
    """An opaque place in the result of one query; None is the place before the first issue."""
    place = jql_query.plain(after) if after is not None else None
    return base64.urlsafe_b64encode(orjson.dumps([_digest(jql), place])).decode()


def _after(jql: str, query: Query, token: str | None) -> jql_query.SortKey | None:
    if token is None:
        return None
    try:
        digest, place = orjson.loads(base64.urlsafe_b64decode(token))
        if digest != _digest(jql):
            raise ValueError
        return jql_query.restored(place, query) if place is not None else None
    except (ValueError, TypeError, IndexError, binascii.Error):
        raise refuse(400, "The provided next page token is invalid.") from None


def count(call: Call) -> Response:
    """POST search/approximate-count."""
    jql = call.bean({"jql": str}).get("jql", "")
    query = _parsed(jql)
    if query.where is None:
        raise refuse(400, _UNBOUNDED)
    return Response.of({"count": len(_sorted(jql, query, call)[1])})


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
