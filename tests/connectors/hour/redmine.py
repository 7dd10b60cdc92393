"""Redmine: settings, then the connector, then what an issue says. Reads only.

What Redmine calls a category is a label here. It keeps no history that could be read in bulk: the store notes what it
sees change.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, timedelta
from threading import Event
from typing import Annotated, Any, ClassVar

from pydantic import BaseModel, ConfigDict, Field, field_validator

from connectors.raw import chunks, inner, instant, member, text
from connectors.settings import form, once
from connectors.streams import one_by_one
from connectors.transport import Transport, credential, digest, session
from okrsync.errors import MalformedPage, Rejected
from okrsync.model import (
    Account,
    Cursor,
    Item,
    ItemKind,
    Lack,
    Page,
    Reference,
    ReferenceKind,
    Scope,
    Secret,
    SourceConfig,
    State,
)

OVERLAP = timedelta(minutes=2)
"""Read again before the cursor: times are cut to the second."""

PAGE = 100  # the most that a page holds


# ── settings ─────────────────────────────────────────────────────────────────────────────────────────────────────────

Identifier = Annotated[str, form(r"[a-z][a-z0-9_-]*", 'must be the identifier of a project, such as "shop"')]


class RedmineSettings(BaseModel):
    """What a ``[[sources]]`` of kind "redmine" holds besides the common keys."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    takes_email: ClassVar[bool] = False

    projects: tuple[Identifier, ...] = Field(min_length=1)

    @property
    def entries(self) -> tuple[str, ...]:
        """What the configuration names, as it stands there."""
        return self.projects

    @field_validator("projects")
    @classmethod
    def _once(cls, projects: tuple[str, ...]) -> tuple[str, ...]:
        return once(projects)


def connect(source: SourceConfig, secret: Secret, *, stop: Event | None = None) -> Redmine:
    """A connector for one Redmine; nothing is sent yet."""
    return Redmine(source, secret, stop=stop)


# ── connector ────────────────────────────────────────────────────────────────────────────────────────────────────────


class Redmine:
    """One Redmine. Implements the ports Source and HasMetadata."""

    name: ClassVar[str] = "redmine"

    def __init__(self, source: SourceConfig, secret: Secret, *, stop: Event | None = None) -> None:
        assert isinstance(source.settings, RedmineSettings)
        token = credential(source, secret)
        self._source, self._settings = source, source.settings
        self._url = source.url.rstrip("/")
        self._transport = Transport(
            source.url,
            timeout=source.timeout,
            ca_file=source.ca_file,
            owner=digest(source.url, token),
            wait=stop.wait if stop else None,
        )
        self._web = session(self._transport)
        self._web.headers["X-Redmine-API-Key"] = token
        self._identifiers: dict[str, str] = {}  # of projects, by id
        self._statuses: dict[str, tuple[str, bool]] = {}  # id → name, and whether it closes an issue

    def close(self) -> None:
        """Close every connection."""
        self._web.close()

    def requests(self) -> int:
        return self._transport.sent

    def check(self) -> Account:
        me = member(self._get("/users/current.json"), "user", dict)
        scopes = self.scopes()
        return Account(
            name=text(me, "login"),
            product="Redmine",
            timezone="UTC",
            rights={f"{scope.key} view_issues": scope.readable for scope in scopes},
            lacks=tuple(Lack(f"{scope.key}: {scope.why}") for scope in scopes if not scope.readable),
        )

    def scopes(self) -> Sequence[Scope]:
        self._statuses = {}  # a cycle begins: what it is read by is asked anew
        return [self._scope(entry) for entry in self._settings.projects]

    def _scope(self, entry: str) -> Scope:
        try:
            project = member(self._get(f"/projects/{entry}.json"), "project", dict)
        except Rejected as error:
            return Scope(id=entry, key=entry, readable=False, why=str(error), configured=entry)
        identity = _id(project)
        self._identifiers[identity] = text(project, "identifier") or entry
        return Scope(identity, self._identifiers[identity], text(project, "name"), configured=entry)

    def pull(self, since: Mapping[str, Cursor | None]) -> Iterator[Page]:
        yield from one_by_one((scope, self._pull(scope, cursor)) for scope, cursor in since.items())

    def _pull(self, scope: str, cursor: Cursor | None) -> Iterator[Page]:
        """Oldest change first, each page from the last time of the one before it: a place in a list would shift with
        every issue that changes meanwhile."""
        reached, offset = cursor and cursor.at, 0
        since = cursor and cursor.at - OVERLAP
        given: set[tuple[str, Any]] = set()
        while True:
            query = {"project_id": scope, "subproject_id": "!*", "sort": "updated_on,id"}
            if since:
                query["updated_on"] = f">={since:%Y-%m-%dT%H:%M:%SZ}"
            rows, total = self._issues(query, offset)
            items = [self._item(row) for row in rows]
            if not items:
                return
            newest = items[-1].updated_at
            if since and newest < since:
                raise MalformedPage(f"{self._url}: /issues.json pages in a circle")
            fresh = tuple(item for item in items if (item.remote_id, item.updated_at) not in given)
            given = {(item.remote_id, item.updated_at) for item in items}
            reached = max(reached, newest) if reached else newest
            yield Page(fresh, {scope: Cursor(reached)})
            if offset + len(rows) >= total:
                return
            since, offset = newest, offset + len(rows) if newest == since else 0

    def fetch(self, ids: Sequence[str]) -> Iterator[Item]:
        for some in chunks(ids, PAGE):
            rows, _ = self._issues({"issue_id": ",".join(some)})
            yield from map(self._item, rows)

    def census(self, scope: Scope) -> Iterator[str]:
        offset, total = 0, 1
        while offset < total:
            query = {"project_id": scope.id, "subproject_id": "!*", "sort": "id"}
            rows, total = self._issues(query, offset)
            yield from map(_id, rows)
            offset += len(rows) or PAGE

    # ── HasMetadata ──────────────────────────────────────────────────────────────────────────────────────────────────

    def metadata(self) -> Mapping[str, str]:
        """A status that is renamed, or closes issues from now on, updates none of them."""
        named = {f"status {one}": f"{name} closed={closed}" for one, (name, closed) in self._known().items()}
        return {"site": self._url, **named}

    # ── requests ─────────────────────────────────────────────────────────────────────────────────────────────────────

    def _known(self) -> Mapping[str, tuple[str, bool]]:
        if not self._statuses:
            rows = member(self._get("/issue_statuses.json"), "issue_statuses", list)
            self._statuses = {_id(row): (text(row, "name"), inner(row, "is_closed") is True) for row in rows}
        return self._statuses

    def _issues(self, query: Mapping[str, str], offset: int = 0) -> tuple[list[Any], int]:
        """A page of issues, open or closed, and how many there are in all."""
        asked = {"status_id": "*", "limit": str(PAGE), "offset": str(offset), **query}
        answer = self._get("/issues.json", asked)
        rows, total = member(answer, "issues", list), member(answer, "total_count", int)
        if not rows and offset < total:
            raise MalformedPage(f"{self._url}: /issues.json tells of {total} issues and shows none")
        return rows, total

    def _get(self, path: str, query: Mapping[str, str] | None = None) -> Any:
        return self._web.get(self._url + path, params=query).json()

    # ── what an issue says ───────────────────────────────────────────────────────────────────────────────────────────

    def _item(self, row: Any) -> Item:
        identity, updated = _id(row), instant(text(row, "updated_on"))
        if updated is None:
            raise MalformedPage(f"{self._url}: issue {identity} does not say when it was updated")
        scope, status = _id_or_none(inner(row, "project")), _id_or_none(inner(row, "status"))
        project = self._identifiers.get(scope, text(inner(row, "project"), "name"))
        name, closed = self._known().get(status, ("", False))
        parent, category = _id_or_none(inner(row, "parent")), text(inner(row, "category"), "name")
        return Item(
            source=self._source.id,
            remote_id=identity,
            key=f"{project}#{identity}",
            kind=ItemKind.TICKET,
            title=text(row, "subject"),
            url=f"{self._url}/issues/{identity}",
            state=State.DONE if closed else _state(row) if name else State.UNKNOWN,
            status=name or text(inner(row, "status"), "name"),
            created_at=instant(text(row, "created_on")) or updated,
            updated_at=updated,
            scope=scope,
            project=project,
            type=text(inner(row, "tracker"), "name"),
            body=text(row, "description"),
            completed_at=(instant(text(row, "closed_on")) or updated) if closed else None,
            due=_day(text(row, "due_date")),
            assignee=text(inner(row, "assigned_to"), "name") or None,
            author=text(inner(row, "author"), "name"),
            labels=(category,) if category else (),
            references=(Reference(ReferenceKind.PARENT, f"#{parent}", parent),) if parent else (),
        )


def _id(row: Any) -> str:
    """The immutable number of anything in Redmine; MalformedPage where it has none."""
    return str(member(row, "id", int))


def _id_or_none(row: Any) -> str:
    return str(number) if isinstance(number := inner(row, "id"), int) else ""


def _state(row: Any) -> State:
    """Of an open issue: somebody began where a share of it is done."""
    return State.IN_PROGRESS if inner(row, "done_ratio") not in (None, 0) else State.TODO


def _day(value: str) -> date | None:
    at = instant(value)
    return at.date() if at else None
