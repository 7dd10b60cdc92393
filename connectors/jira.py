"""Jira Cloud: settings, then the connector. What Jira sends is read in ``jira_wire``; ``jira_sink`` writes.

The ``jira`` package signs in and builds the addresses; its session sends through our transport, and answers stay raw
JSON. What a site needs and how it is read: docs/connectors.md.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from threading import Event
from typing import Annotated, Any, ClassVar
from urllib.parse import quote

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, field_validator

from connectors import jira_wire as wire
from connectors.jira_sink import SURFACES, JiraSink
from connectors.raw import chunks, member, text
from connectors.settings import form, once
from okrsync.errors import MalformedPage, Rejected, Unavailable
from okrsync.model import (
    Account,
    Cursor,
    History,
    Item,
    Json,
    Page,
    Receipt,
    Scope,
    Secret,
    Slot,
    SourceConfig,
    State,
    Surface,
    Write,
)

OVERLAP = timedelta(minutes=5)
"""Read again before the cursor: the search index may lag behind the issues, and times are cut to the minute."""

PAGE = 100  # issues a search page and a fetch
CENSUS_PAGE = 5000  # ids a page
HISTORY_ISSUES = 1000  # a changelog request
HISTORY_PAGE = 5000  # changelog entries a page: some 25 MB once decoded

RIGHTS = {
    "BROWSE_PROJECTS": "nothing can be read",
    "EDIT_ISSUES": "labels and properties cannot be written",
    "ADD_COMMENTS": "comments cannot be written",
    "EDIT_OWN_COMMENTS": "comments cannot be kept up to date",
    "DELETE_OWN_COMMENTS": "comments cannot be taken back",
    "ADMINISTER_PROJECTS": "watchers get a mail for each label that is written",
}
"""Project permission → what is not possible without it."""


# ── settings ─────────────────────────────────────────────────────────────────────────────────────────────────────────

ProjectKey = Annotated[
    str,
    StringConstraints(max_length=255),
    form(r"[A-Z][A-Z0-9_]*", 'must be the key of a project, in capitals, such as "SHOP"'),
]
FieldId = Annotated[str, form(r"customfield_[0-9]+", 'must be the id of a custom field, such as "customfield_10016"')]


class JiraFields(BaseModel):
    """``fields``: ids of custom fields, only where discovery guesses wrong."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    points: FieldId | None = None
    flagged: FieldId | None = None


class JiraSettings(BaseModel):
    """What a ``[[sources]]`` of kind "jira" holds besides the common keys."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    takes_email: ClassVar[bool] = True  # auth.email beside the token
    surfaces: ClassVar[frozenset[Surface]] = SURFACES  # what can be written there

    projects: tuple[ProjectKey, ...] = Field(min_length=1)
    fields: JiraFields = JiraFields()

    @property
    def entries(self) -> tuple[str, ...]:
        """What the configuration names, as it stands there."""
        return self.projects

    @field_validator("projects")
    @classmethod
    def _once(cls, projects: tuple[str, ...]) -> tuple[str, ...]:
        return once(projects)


def connect(source: SourceConfig, secret: Secret, *, stop: Event | None = None) -> Jira:
    """A connector for one Jira site; nothing is sent yet."""
    return Jira(source, secret, stop=stop)


# ── connector ────────────────────────────────────────────────────────────────────────────────────────────────────────


class Jira:
    """One Jira Cloud site. Implements the ports Source, HasMetadata, HasHistory and Sink."""

    name: ClassVar[str] = "jira"

    def __init__(self, source: SourceConfig, secret: Secret, *, stop: Event | None = None) -> None:
        from connectors.jira_api import Api  # loads the jira package: not before somebody connects

        assert isinstance(source.settings, JiraSettings)
        self._source, self._settings = source, source.settings
        self._api = Api(source, secret, stop=stop)
        self._sink = JiraSink(self._api)
        self._browse = ""
        self._projects: dict[str, str] = {}  # key → id
        self._fields: wire.Fields | None = None
        self._statuses: dict[str, State] | None = None
        self._current = False  # both were read for the pull to come

    def close(self) -> None:
        """Close every connection."""
        self._api.close()

    def requests(self) -> int:
        return self._api.sent

    # ── Source ───────────────────────────────────────────────────────────────────────────────────────────────────────

    def check(self) -> Account:
        self._open()
        me = self._api.get("myself")
        rights: dict[str, bool] = {}
        lacks: list[str] = []
        for key in self._settings.projects:
            try:
                answer = self._api.get("mypermissions", {"projectKey": key, "permissions": ",".join(RIGHTS)})
            except Rejected as error:
                rights[f"{key} BROWSE_PROJECTS"] = False
                lacks.append(f"{key}: nothing can be read ({error})")
                continue
            given = member(answer, "permissions", dict)
            for right, without in RIGHTS.items():
                held = isinstance(entry := given.get(right), dict) and entry.get("havePermission") is True
                rights[f"{key} {right}"] = held
                if not held:
                    lacks.append(f"{key}: without {right}, {without}")
        return Account(
            name=text(me, "displayName") or text(me, "accountId"),
            product="Jira Cloud",
            timezone=text(me, "timeZone") or "UTC",
            rights=rights,
            lacks=tuple(lacks),
        )

    def scopes(self) -> Sequence[Scope]:
        self._open()
        found: dict[str, Mapping[str, Any]] = {}
        for keys in chunks(self._settings.projects, 50):
            start, total = 0, 1
            while start < total:
                query = [("keys", key) for key in keys] + [("startAt", str(start)), ("maxResults", "50")]
                answer = self._api.get("project/search", query)
                values = [value for value in member(answer, "values", list) if isinstance(value, dict)]
                found |= {text(value, "key"): value for value in values}
                start += len(values)
                total = start if not values or answer.get("isLast") is True else wire.count(answer, "total")
        scopes = [self._scope(key, found.get(key)) for key in self._settings.projects]
        self._projects = {scope.key: scope.id for scope in scopes if scope.readable}
        return scopes

    def _scope(self, key: str, project: Mapping[str, Any] | None) -> Scope:
        """The scope of one configured project; one that the list left out is asked for, under its old name too."""
        try:
            project = project or self._api.get(f"project/{quote(key, safe='')}")
        except Rejected as error:
            return Scope(id=key, key=key, readable=False, why=str(error), configured=key)
        identity = wire.id_of(project)
        if not identity.isdecimal():
            raise MalformedPage(f"{self._api.host}: project {key} has no id")
        archived = project.get("archived") is True
        return Scope(
            id=identity,
            key=text(project, "key") or key,
            name=text(project, "name"),
            readable=not archived,
            why="archived in Jira" if archived else "",
            configured=key,
        )

    def pull(self, since: Mapping[str, Cursor | None]) -> Iterator[Page]:
        if not since:
            return
        if not self._current:
            self._fields = self._statuses = None  # both change without moving an issue
        self._current = False
        site = self._site()
        query = _query(since)
        total = self._estimate(query) if None in since.values() else None
        cursors = {scope: cursor.at for scope, cursor in since.items() if cursor is not None}
        newest: datetime | None = None
        for issues in self._search(query, site.fields.asked, PAGE):
            items = tuple(wire.read_issue(issue, site) for issue in issues)
            for item in items:
                newest = item.updated_at if newest is None else max(newest, item.updated_at)
            if newest is not None:
                cursors = {scope: max(cursors.get(scope, newest), newest) for scope in since}
            yield Page(items, {scope: Cursor(at) for scope, at in cursors.items()}, total)

    def _estimate(self, query: str) -> int | None:
        """How many issues a query finds, for a progress bar: no reason to fail."""
        try:
            answer = self._api.post("search/approximate-count", {"jql": query.partition(" ORDER BY ")[0]})
        except (Rejected, MalformedPage, Unavailable):
            return None
        return wire.count(answer, "count") or None

    def fetch(self, ids: Sequence[str]) -> Iterator[Item]:
        site = self._site()
        for chunk in chunks(ids, PAGE):
            asked: Sequence[str] = chunk
            for _ in range(3):
                body = {"issueIdsOrKeys": asked, "fields": site.fields.asked}
                answer = self._api.post("issue/bulkfetch", body)
                yield from (wire.read_issue(issue, site) for issue in member(answer, "issues", list))
                # left out of "issues" is hidden or gone; named here is neither, and may be asked for again
                errors = answer.get("issueErrors")
                asked = [one for one in map(wire.id_of, errors if isinstance(errors, list) else ()) if one]
                if not asked:
                    break
            else:
                raise Unavailable(
                    f"{self._api.host}: issue/bulkfetch cannot return {', '.join(asked[:3])} at the moment"
                )

    def census(self, scope: Scope) -> Iterator[str]:
        self._open()
        query = f"project = {_project(scope.id)} ORDER BY created ASC, key ASC"
        for issues in self._search(query, ["id"], CENSUS_PAGE):
            for issue in issues:
                yield wire.issue_id(issue)

    # ── HasMetadata ──────────────────────────────────────────────────────────────────────────────────────────────────

    def metadata(self) -> Mapping[str, str]:
        """Statuses and custom fields change what issues say without updating them; so does another address of the site
        or another choice of fields."""
        self._fields = None
        fields, self._current = self._site().fields, True
        statuses = self._api.get("status")
        self._statuses = wire.read_statuses(statuses)
        return {
            "site": self._browse,
            "points": " ".join(fields.points),
            "flagged": fields.flagged or "",
            **{f"field {identity}": name for identity, name in fields.values.items()},
            **{f"status {identity}": meaning for identity, meaning in wire.status_meanings(statuses).items()},
        }

    # ── HasHistory ───────────────────────────────────────────────────────────────────────────────────────────────────

    def history(self, ids: Sequence[str]) -> Iterator[History]:
        """One history an id. Jira leaves out what never changed, so an id without an answer has an empty one.

        No filter by field: parents, links and keys have entries that no field id selects.
        """
        site = self._site()
        if self._statuses is None:
            self._statuses = wire.read_statuses(self._api.get("status"))
        for chunk in chunks(ids, HISTORY_ISSUES):
            found: dict[str, list[wire.Dated]] = {identity: [] for identity in chunk}
            body: dict[str, Json] = {"issueIdsOrKeys": chunk, "maxResults": HISTORY_PAGE}
            for logs in self._api.pages("changelog/bulkfetch", body, "issueChangeLogs"):
                for log in logs:
                    histories = log.get("changeHistories") if isinstance(log, dict) else None
                    if isinstance(histories, list):
                        dated = wire.read_changes(histories, site.fields, self._statuses)
                        found.get(str(log.get("issueId")), []).extend(dated)
            yield from (History(identity, wire.in_order(found[identity])) for identity in chunk)

    # ── Sink ─────────────────────────────────────────────────────────────────────────────────────────────────────────

    def surfaces(self) -> frozenset[Surface]:
        return SURFACES

    def read(self, slot: Slot) -> Json:
        return self._sink.read(slot)

    def push(self, write: Write) -> Receipt:
        return self._sink.push(write)

    # ── requests ─────────────────────────────────────────────────────────────────────────────────────────────────────

    def _open(self) -> None:
        """Know what kind of Jira this is, once."""
        if self._browse:
            return
        info = self._api.server_info()
        self._browse = (text(info, "baseUrl") or self._source.url).rstrip("/") + "/browse/"

    def _site(self) -> wire.Site:
        self._open()
        if self._fields is None:
            chosen = self._settings.fields
            self._fields = wire.read_fields(self._api.get("field"), chosen.points, chosen.flagged)
        return wire.Site(self._source.id, self._browse, self._fields, self._projects)

    def _search(self, query: str, fields: list[str], size: int) -> Iterator[list[Any]]:
        return self._api.pages("search/jql", {"jql": query, "fields": fields, "maxResults": size}, "issues")


def _query(since: Mapping[str, Cursor | None]) -> str:
    """One JQL query for all scopes; in epoch milliseconds, so that the time zone of the account does not matter."""
    groups: dict[Cursor | None, list[int]] = {}
    for scope, cursor in since.items():
        groups.setdefault(cursor, []).append(_project(scope))
    clauses = []
    for cursor, projects in groups.items():
        clause = f"project in ({','.join(map(str, sorted(projects)))})"
        if cursor is not None:
            clause += f" AND updated >= {int((cursor.at - OVERLAP).timestamp() * 1000)}"
        clauses.append(f"({clause})")
    return " OR ".join(clauses) + " ORDER BY updated ASC, key ASC"


def _project(scope: str) -> int:
    if not scope.isdecimal():
        raise Rejected(f"scope {scope!r} is no Jira project id")
    return int(scope)
