"""What the vendors' files leave open and a tool would refuse, or take in silence: checks of our own.

The files know the paths, most types and most enumerations. Their known holes are closed here: names of query parameters
and of members of a body that nobody described, and what stands only in their prose.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from functools import cached_property
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import orjson

Json = Mapping[str, Any]
Rule = Callable[[str, str, Mapping[str, str], Any], Iterator[str]]
"""Method, path below the server, query and decoded body → what is wrong with them."""


class Described:
    """The operations of an OpenAPI document: what each may be asked."""

    def __init__(self, document: Json, server: str) -> None:
        self.document = document
        self._base = urlsplit(server).path

    @cached_property
    def _paths(self) -> list[tuple[str, re.Pattern[str], Json]]:
        """Those without variables first: ``/projects/search`` is no project."""
        ordered = sorted(self.document["paths"].items(), key=lambda pair: pair[0].count("{"))
        return [(path, re.compile(re.sub(r"\{[^}]+\}", "[^/]+", path)), item) for path, item in ordered]

    def below(self, url: str) -> str:
        """The path of an address, without what the server's own address holds."""
        return urlsplit(url).path.removeprefix(self._base)

    def operation(self, method: str, path: str) -> tuple[str, Json]:
        """The path as it is described, and the operation with what its path adds; AssertionError where none is."""
        for template, pattern, item in self._paths:
            if pattern.fullmatch(path) and method.lower() in item:
                operation = item[method.lower()]
                shared = [*item.get("parameters", []), *operation.get("parameters", [])]
                return template, {**operation, "parameters": [self._resolved(one) for one in shared]}
        raise AssertionError(f"{method} {path} is not described")

    def query_names(self, operation: Json) -> set[str]:
        return {one["name"] for one in operation["parameters"] if one["in"] == "query"}

    def body_members(self, operation: Json) -> Json | None:
        """Name → schema of what a JSON body may hold; None where it may hold anything."""
        for media, held in self._resolved(operation.get("requestBody", {})).get("content", {}).items():
            if media.startswith("application/json"):
                return self.members(held.get("schema", {}))
        return {}

    def members(self, schema: Json) -> Json | None:
        """Name → schema of the members of an object; None where it names none."""
        schema = self._resolved(schema)
        parts = [*schema.get("allOf", ()), *schema.get("oneOf", ()), *schema.get("anyOf", ())]
        found = dict(schema.get("properties", {}))
        for part in parts:
            found |= self.members(part) or {}
        return found or None

    def _resolved(self, value: Json) -> Json:
        while "$ref" in value:
            found: Any = self.document
            for step in value["$ref"].removeprefix("#/").split("/"):
                found = found[step]
            value = found
        return value


def problems(described: Described, rule: Rule, method: str, url: str, body: bytes) -> list[str]:
    """What is wrong with a request beyond what the document itself says."""
    path, query = described.below(url), dict(parse_qsl(urlsplit(url).query, keep_blank_values=True))
    held = orjson.loads(body) if body else None
    template, operation = described.operation(method, path)
    known = described.query_names(operation) | LEFT_OUT.get(template, set()) | LINKED
    found = [f"no parameter {name}" for name in sorted(query.keys() - known)]
    if isinstance(held, dict) and (members := described.body_members(operation)) is not None:
        found += [f"no member {name}" for name in sorted(held.keys() - members.keys())]
        if isinstance(inner := held.get("data"), dict) and (members := described.members(members.get("data", {}))):
            found += [f"no member data.{name}" for name in sorted(inner.keys() - members.keys())]
    return [f"{method} {path}: {one}" for one in [*found, *rule(method, path, query, held)]]


LINKED = {"after"}  # stands in GitHub's own next links, and in no description
LEFT_OUT: Mapping[str, set[str]] = {
    "/workspaces/{workspace_gid}/tasks/search": {"limit"},  # Asana's guide to searches: at most 100, 20 without it
}
"""Path → parameters that its file leaves out."""


# ── Jira (facts on Jira, section 7) ──

_ORDER = re.compile(r"\s*ORDER BY\b.*$", re.IGNORECASE)


def jira(method: str, path: str, query: Mapping[str, str], body: Any) -> Iterator[str]:
    body = body if isinstance(body, dict) else {}
    if path.endswith(("/search/jql", "/search/approximate-count")):
        if not _ORDER.sub("", str(body.get("jql") or query.get("jql", ""))).strip():
            yield "the query is not bounded: there is nothing but an order in it"
        if "/search/jql" in path and not 1 <= body.get("maxResults", 50) <= 5000:
            yield "a page holds 1 to 5000 issues"
        if "/search/jql" in path and len(body.get("fields", ())) > 1 and body.get("maxResults", 50) > 100:
            yield "more than a hundred issues with fields never come at once"
    if path.endswith("/issue/bulkfetch") and len(body.get("issueIdsOrKeys", ())) > 100:
        yield "at most 100 issues are fetched at once"
    if "/comment" in path and method in ("POST", "PUT") and "body" in body:
        text = body["body"]
        if not isinstance(text, dict) or (text.get("type"), text.get("version")) != ("doc", 1):
            yield "a comment of version 3 is a document, no text"
    if re.search(r"/issue/[^/]+$", path) and method == "PUT":
        if both := body.get("fields", {}).keys() & body.get("update", {}).keys():
            yield f"{', '.join(sorted(both))} is both set and updated"
        for step in body.get("update", {}).get("labels", ()):
            if any(" " in str(label) or len(str(label)) > 255 for label in step.values()):
                yield f"no label: {step}"
    if "/properties/" in path and len(path.rpartition("/")[2]) > 255:
        yield "the key of a property has at most 255 characters"
    if "/properties/" in path and method == "PUT" and not 0 < len(orjson.dumps(body)) <= 32_768:
        yield "a property holds 1 to 32768 characters of JSON"


# ── GitHub (facts on GitHub, section 4) ──


def github(method: str, path: str, query: Mapping[str, str], body: Any) -> Iterator[str]:
    body = body if isinstance(body, dict) else {}
    if not 1 <= int(query.get("per_page", 1)) <= 100:
        yield "a page holds 1 to 100 rows"
    if "page" in query and "after" in query and int(query["page"]) == 1:
        yield "what follows a place is no first page"
    if "/statuses/" in path and method == "POST":
        if len(body.get("description") or "") > 140:
            yield "the words of a commit status are at most 140 characters"
        if not re.fullmatch(r"[0-9a-f]{40}", path.rpartition("/")[2]):
            yield "a commit status hangs on a whole sha"
    if "/comments" in path and method in ("POST", "PATCH") and not 0 < len(body.get("body") or "") <= 65_536:
        yield "a comment holds 1 to 65536 characters"
    if path.endswith("/labels") and method == "POST" and any(len(one) > 50 for one in body.get("labels", ())):
        yield "a label has at most 50 characters"
    if method == "PUT" and path.endswith("/labels"):
        yield "setting the list of labels takes away what people put there"


# ── Asana (facts on Asana, section 5) ──

_GOAL_STATES = {"on_track", "at_risk", "off_track", "achieved", "partial", "missed", "dropped"}
_WITHOUT_PAGES = re.compile(r"/events$|/tasks/search$|/parentGoals$")


def asana(method: str, path: str, query: Mapping[str, str], body: Any) -> Iterator[str]:
    data = body.get("data") if isinstance(body, dict) else None
    if method in ("POST", "PUT") and not isinstance(data, dict):
        yield "a body is an object under data"
    if method == "GET" and "opt_fields" not in query:
        yield "without opt_fields only names come, or all that there is"
    if "offset" in query and "limit" not in query:
        yield "a page is asked for with its limit"
    if path == "/status_updates" and method == "POST" and isinstance(data, dict):
        if data.get("status_type") not in _GOAL_STATES:
            yield f"no state of a goal: {data.get('status_type')}"
        if ("text" in data) is ("html_text" in data):
            yield "either text or html_text"
    named = data.keys() if isinstance(data, dict) else set()
    if "/stories" in path and {"text", "html_text"} <= named:
        yield "a comment is either text or html_text"
    if method == "PUT" and re.fullmatch(r"/tasks/[^/]+", path) and named - {"custom_fields"}:
        yield f"nothing of a task but its custom fields is ours: {sorted(named)}"
    if path.endswith("/setMetric"):
        yield "setting a metric takes away the one that people made"
    if _WITHOUT_PAGES.search(path) and "offset" in query:
        yield "is not read by pages"
