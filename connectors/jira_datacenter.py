"""How Jira Data Center (and Server) is read: version 2, pages by offset, histories with the search.

Rows shift while pages are read: an issue that leaves the result moves all behind it one place to the front, and the
next page would begin behind one that nobody saw. So the order is one that no change moves, each page begins with the
last row of the one before, and where that row is not there we step back until we meet what we know.
"""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any, ClassVar
from urllib.parse import quote

from connectors import jira_wire as wire
from connectors.jira_edition import EDITED
from connectors.jira_markup import from_wiki, is_marked, is_plain, to_wiki
from connectors.raw import chunks, inner, instant, member, text
from okrsync.errors import MalformedPage, Rejected, ToolError
from okrsync.model import Json

if TYPE_CHECKING:
    from connectors.jira_api import Api  # loads the jira package

FETCH = 100  # issues
REMEMBERED = 2000  # rows behind us that we know again
TROUBLES = 10  # empty pages and steps back, before it is a circle
_LOG = "changelog"
_KEY = re.compile(r"[A-Z][A-Z0-9_]*-[0-9]+", re.IGNORECASE)


class DataCenter:
    """Implements :class:`connectors.jira_edition.Edition`."""

    product: ClassVar[str] = "Jira Data Center"
    version: ClassVar[str] = "2"
    linked: ClassVar[bool] = True
    order: ClassVar[str] = "created ASC, key ASC"
    resumable: ClassVar[bool] = False
    history_batch: ClassVar[int] = FETCH
    direct_batch: ClassVar[int] = 1

    def __init__(self, api: Api) -> None:
        self._api = api
        self._me: set[tuple[str, str]] = set()

    # ── the site ─────────────────────────────────────────────────────────────────────────────────────────────────────

    def projects(self, keys: Sequence[str]) -> dict[str, Mapping[str, Any]]:
        found = {text(project, "key"): project for project in self._api.rows("project") if isinstance(project, dict)}
        return {key: found[key] for key in keys if key in found}

    def permissions(self, project: str, _: Sequence[str]) -> Mapping[str, Any]:
        found: Mapping[str, Any] = member(self._api.get("mypermissions", {"projectKey": project}), "permissions", dict)
        return found

    def expires_at(self) -> datetime | None:
        """Of the personal access token that was used last, which is ours; None where Jira does not tell."""
        if not self._api.bearer:
            return None
        try:
            answer = self._api.get("/rest/pat/latest/tokens")
        except ToolError:
            return None  # no reason to fail: not every site has these tokens, or shows them to us
        tokens = [token for token in answer if isinstance(token, dict)] if isinstance(answer, list) else []
        used = max(tokens, key=lambda token: text(token, "lastAccessedAt"), default=None)
        return instant(inner(used, "expiringAt"))

    # ── issues ───────────────────────────────────────────────────────────────────────────────────────────────────────

    def search(self, query: str, fields: Sequence[str], size: int) -> Iterator[list[Any]]:
        return self._pages({"jql": query, "fields": list(fields), "validateQuery": True}, size)

    def count(self, query: str) -> int | None:
        answer = self._api.post("search", {"jql": query, "startAt": 0, "maxResults": 0, "fields": ["id"]})
        found = inner(answer, "total")
        return found if type(found) is int and found >= 0 else None

    def issues(self, ids: Sequence[str], fields: Sequence[str]) -> Iterator[list[Any]]:
        for chunk in chunks(ids, FETCH):
            yield from self._of("id", [one for one in chunk if one.isdecimal()], {"fields": list(fields)})

    def direct(
        self, ids: Sequence[str], fields: Sequence[str], properties: Sequence[str]
    ) -> Iterator[tuple[str, Mapping[str, Any] | Rejected]]:
        """One by one: a search would answer from the index of its node, which learns of a write after it was confirmed
        where another node took it."""
        for identity in ids:
            asked = {"fields": ",".join(fields)} | ({"properties": ",".join(properties)} if properties else {})
            try:
                issue = self._api.get(f"issue/{quote(identity, safe='')}", asked)
                held = inner(issue, "properties") if properties else {}
                if not isinstance(held, dict):
                    issue = {**issue, "properties": self._properties(identity, properties)}
                yield identity, issue
            except Rejected as refused:
                yield identity, refused

    def _properties(self, identity: str, names: Sequence[str]) -> dict[str, Json]:
        """The properties of an issue, each by itself: not every version shows them with the issue."""
        found: dict[str, Json] = {}
        for name in names:
            try:
                path = f"issue/{quote(identity, safe='')}/properties/{quote(name, safe='')}"
                found[name] = member(self._api.get(path), "value", object)
            except Rejected as refused:
                if refused.status != 404:
                    raise
        return found

    def epics(self, keys: Sequence[str]) -> dict[str, str]:
        """Key → id of these issues, as far as they can be read."""
        found: dict[str, str] = {}
        for chunk in chunks([key for key in keys if _KEY.fullmatch(key)], FETCH):
            for issues in self._of("key", [f'"{key}"' for key in chunk], {"fields": ["id"]}):
                found |= {text(issue, "key"): wire.issue_id(issue) for issue in issues}
        return found

    def histories(self, ids: Sequence[str]) -> Iterator[tuple[str, list[Any]]]:
        """With the search; an issue whose changelog the search cuts is read by itself."""
        for issues in self._of("id", [one for one in ids if one.isdecimal()], {"fields": ["id"], "expand": [_LOG]}):
            for issue in issues:
                identity, (entries, total) = wire.issue_id(issue), _changelog(issue)
                if len(entries) < total:
                    try:
                        whole, _ = _changelog(self._api.get(f"issue/{identity}", {"fields": "id", "expand": _LOG}))
                    except Rejected:
                        continue  # gone or hidden since
                    entries = max(entries, whole, key=len)
                yield identity, entries

    def _of(self, name: str, values: Sequence[str], body: Mapping[str, Json]) -> Iterator[list[Any]]:
        """The issues whose id or key is one of these; one that does not exist is no reason to refuse the others."""
        if values:
            query = f"{name} in ({','.join(values)}) ORDER BY {self.order}"
            yield from self._pages({**body, "jql": query, "validateQuery": False}, FETCH)

    def _pages(self, body: Mapping[str, Json], size: int) -> Iterator[list[Any]]:
        """The pages of a search that hold something new; MalformedPage where its offsets lead nowhere."""
        known: deque[str] = deque(maxlen=REMEMBERED)
        start, width, troubles, begins = 0, size, 0, ""
        sure = True  # this page cannot begin behind what nobody saw
        while troubles <= TROUBLES:
            asked = {**body, "startAt": start, "maxResults": size + (0 if sure else 1)}
            answer = self._api.post("search", asked)
            issues, total = member(answer, "issues", list), member(answer, "total", int)
            ids, seen = [wire.issue_id(issue) for issue in issues], set(known)
            if wire.count(answer, "startAt") != start:
                break
            if ids and (sure or ids[0] in seen):
                fresh = {one: issue for one, issue in zip(ids, issues, strict=True) if one not in seen}
                known.extend(fresh)
                if fresh:
                    yield list(fresh.values())
                elif len(ids) > 1 and ids[0] == begins:
                    break
                if start + len(ids) >= total:
                    return
                sure = len(ids) == 1 and not fresh  # a page of one row cannot hold the last one and another
                begins, width, start = ids[0], len(ids), start + len(ids) - (0 if sure else 1)
            elif not ids and start < total:
                troubles += 1  # nothing yet: the same page once more
            elif start:
                troubles, start, begins = troubles + 1, max(0, start - width), ""
                sure = not start
            else:
                return
        raise MalformedPage(f"{self._api.host}: search pages in a circle")

    # ── comments ─────────────────────────────────────────────────────────────────────────────────────────────────────

    def comment(self, words: str, instance: str) -> dict[str, Json]:
        return {"body": to_wiki(words, instance)}

    def mark(self, _: str) -> dict[str, Json]:
        """The mark stands in the text: properties of comments could be read one comment at a time only."""
        return {}

    def words(self, comment: Mapping[str, Any], instance: str) -> str:
        """Data Center keeps a text as it was sent, so that any other was edited."""
        body = comment.get("body")
        said = from_wiki(body, instance)
        return said if is_plain(body, instance) else said + EDITED

    def own(self, comments: Sequence[Any], instance: str) -> list[Mapping[str, Any]]:
        """Those that bear our anchor and that this account wrote: an anchor can be copied with the text around it."""
        marked = [one for one in comments if isinstance(one, dict) and is_marked(one.get("body"), instance)]
        return [one for one in marked if _identity(one.get("author")) & self._myself()]

    def _myself(self) -> set[tuple[str, str]]:
        if not self._me:
            self._me = _identity(self._api.get("myself"))
        return self._me


def _identity(user: object) -> set[tuple[str, str]]:
    """By what an account is known again: the key, which stays where it is renamed, or the name."""
    return {(name, value) for name in ("key", "name") if (value := text(user, name))}


def _changelog(issue: object) -> tuple[list[Any], int]:
    """The entries that came with an issue, and how many there are."""
    log = inner(issue, _LOG)
    entries = inner(log, "histories")
    found = entries if isinstance(entries, list) else []
    return found, max(len(found), wire.count(log, "total"))
