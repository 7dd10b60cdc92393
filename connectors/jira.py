"""Jira Cloud and Data Center: settings, then the connector.

``jira_api`` sends; ``jira_cloud`` and ``jira_datacenter`` know how each edition is asked, ``jira_query`` and
``jira_probe`` what to ask for; what comes back is read in ``jira_fields``, ``jira_wire`` and ``jira_changes``;
``jira_sink`` writes, and ``jira_account`` says what may be written. What a site needs: docs/connectors.md.
"""

from __future__ import annotations

import time
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from threading import Event
from typing import TYPE_CHECKING, Annotated, Any, ClassVar
from urllib.parse import quote

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, field_validator

from connectors import jira_account, jira_changes, jira_fields, jira_query
from connectors import jira_wire as wire
from connectors.jira_cloud import Cloud
from connectors.jira_datacenter import DataCenter
from connectors.jira_hooks import SiteHooks
from connectors.jira_probe import KNOWN, Probe, newest
from connectors.jira_sink import SURFACES, JiraSink
from connectors.raw import chunks, text
from connectors.settings import form, once
from connectors.streams import one_by_one
from okrsync.errors import AuthError, MalformedPage, RateLimited, Rejected, Unavailable
from okrsync.model import (
    Account,
    Cursor,
    History,
    Item,
    Json,
    Lack,
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

if TYPE_CHECKING:
    from connectors.jira_edition import Edition
    from okrsync.ports import Budget

PAGE = 100  # issues a search page
CENSUS_PAGE = 5000  # ids a page


# ── settings ─────────────────────────────────────────────────────────────────────────────────────────────────────────

ProjectKey = Annotated[
    str,
    StringConstraints(max_length=255),
    form(r"[A-Z][A-Z0-9_]*", 'must be the key of a project, in capitals, such as "SHOP"'),
]
FieldId = Annotated[str, form(r"customfield_[0-9]+", 'must be the id of a custom field, such as "customfield_10016"')]
LinkTypeId = Annotated[str, form(r"[0-9]+", 'must be the id of a link type, such as "10000"')]


class JiraFields(BaseModel):
    """``fields``: ids of custom fields, only where discovery guesses wrong."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    points: FieldId | None = None
    flagged: FieldId | None = None
    sprint: FieldId | None = None
    epic_link: FieldId | None = None
    parent_link: FieldId | None = None


class JiraSettings(BaseModel):
    """What a ``[[sources]]`` of kind "jira" holds besides the common keys."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    takes_email: ClassVar[bool] = True  # auth.email beside the token
    surfaces: ClassVar[frozenset[Surface]] = SURFACES  # what can be written there
    container_kinds: ClassVar[tuple[str, ...]] = ("sprint",)
    count_key: ClassVar[str] = "jql"  # of metric = { from = "count", … }

    projects: tuple[ProjectKey, ...] = Field(min_length=1)
    fields: JiraFields = JiraFields()
    blocks: LinkTypeId | None = None  # the link type that says "is blocked by", where it does so in no English words

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
    """One Jira site. Implements the ports Source, HasNarrow, HasMetadata, HasHistory, HasCounts, HasHooks and
    Sink."""

    name: ClassVar[str] = "jira"

    def __init__(self, source: SourceConfig, secret: Secret, *, stop: Event | None = None) -> None:
        from connectors.jira_api import Api  # loads the jira package: not before somebody connects

        assert isinstance(source.settings, JiraSettings)
        self._source, self._settings = source, source.settings
        self._api = Api(source, secret, stop=stop)
        self._sink = JiraSink(self._api, self._open)
        self._edition: Edition | None = None
        self._browse = ""
        self._opened = 0.0  # when the site was asked what it is
        self._probe = Probe(self._api)
        self._linking: jira_fields.Blocking | None = None
        self._linked = 0.0  # when it was asked for its link types
        self._begin()

    def _begin(self) -> None:
        """What may be another from cycle to cycle is not known yet."""
        self._projects: dict[str, str] = {}  # key → id
        self._fields: jira_fields.Fields | None = None
        self._statuses: dict[str, State] | None = None
        self._epics: dict[str, str] = {}  # key → id
        self._probe.begin()

    def close(self) -> None:
        """Close every connection."""
        self._api.close()

    def requests(self) -> int:
        return self._api.sent

    # ── Source ───────────────────────────────────────────────────────────────────────────────────────────────────────

    def check(self) -> Account:
        try:
            edition = self._open()
            found = jira_account.account(self._api, edition, self._settings.projects, self._source.written)
        except AuthError as refused:
            raise self._api.advised(refused) from None
        return replace(found, lacks=(*found.lacks, *self._unknown()))

    def unfit(self, fields: Mapping[Surface, str], objectives: Collection[str]) -> Sequence[Lack]:
        return list(jira_account.unfit(self._api, self._open(), self._settings.projects, fields, objectives))

    def _unknown(self) -> Iterator[Lack]:
        """The fields and the type of link that the configuration names and the site does not show."""
        chosen = self._settings.fields.model_dump(exclude_none=True)
        fields = {text(row, "id") for row in self._api.rows("field")} if chosen else set()
        for option, field in chosen.items():
            if field not in fields:
                yield Lack(f"fields.{option}: this site has no field {field}, or does not show it")
        if self._settings.blocks and self._settings.blocks not in jira_fields.link_types(self._kinds()):
            yield Lack(f"blocks: this site has no type of link {self._settings.blocks}")

    def scopes(self) -> Sequence[Scope]:
        self._begin()
        edition = self._open()
        try:
            found = edition.projects(self._settings.projects)
        except Rejected:
            found = {}  # who may not list projects may read them, one by one
        scopes: dict[str, Scope] = {}
        for key in self._settings.projects:
            scope = self._scope(key, found.get(key))
            if scope.id not in scopes or key == scope.key:  # named by its old key as well: one project
                scopes[scope.id] = scope
        self._projects = {scope.key: scope.id for scope in scopes.values() if scope.readable}
        return list(scopes.values())

    def _scope(self, key: str, project: Mapping[str, Any] | None) -> Scope:
        """The scope of one configured project; one that the list left out is asked for, under its old name too."""
        try:
            project = project or self._api.get(f"project/{quote(key, safe='')}")
        except Rejected as error:
            return Scope(id=key, key=key, readable=False, why=str(error), configured=key)
        identity = jira_fields.id_of(project)
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
        """One search for all; where Jira refuses it, because of one project as a rule, one a project."""
        if not since:
            return
        reached = dict(since)
        try:
            for page in self._read(since):
                reached |= page.cursors
                yield page
        except Rejected:
            if len(since) == 1:
                raise
            yield from one_by_one((scope, self._read({scope: cursor})) for scope, cursor in reached.items())

    def _read(self, since: Mapping[str, Cursor | None]) -> Iterator[Page]:
        edition, site = self._open(), self._site()
        ours = jira_query.of_projects(since)
        changed = jira_query.changed(since, lambda at: self._probe.form(edition, ours).write(at))
        query = f"{changed} ORDER BY {edition.order}"
        total = self._estimate(query) if None in since.values() else None
        marks = jira_query.Marks(since)
        pages = (self._items(issues, site) for issues in edition.search(query, site.fields.asked, PAGE))
        if edition.resumable:
            for items in pages:
                marks.pass_by(items)
                yield Page(items, marks.cursors(self._api.now), total)
            return
        held: tuple[Item, ...] = ()
        for items in pages:
            if not held:
                begun = self._api.now  # what moves from here on may be behind us already
            else:
                if marks.began is None:
                    marks.began = min(begun, newest(edition, ours) or begun)
                yield Page(held, {}, total)
            marks.pass_by(items)
            held = items
        if held:
            yield Page(held, marks.cursors(self._api.now), total)

    def _items(self, issues: list[Any], site: wire.Site) -> tuple[Item, ...]:
        if named := wire.epic_keys(issues, site.fields) - self._epics.keys():
            here = {text(issue, "key"): wire.issue_id(issue) for issue in issues}
            away = sorted(named - here.keys())
            self._epics |= {key: here.get(key, "") for key in named} | (self._open().epics(away) if away else {})
        items = tuple(wire.read_issue(issue, site) for issue in issues)
        if site.fields.linked:
            self._epics |= {item.key: item.remote_id for item in items if item.level == 1}
        return items

    def _estimate(self, query: str) -> int | None:
        """How many issues a query finds, for a progress bar: no reason to fail."""
        try:
            return self._open().count(query.partition(" ORDER BY ")[0]) or None
        except (Rejected, MalformedPage, RateLimited, Unavailable):
            return None

    def fetch(self, ids: Sequence[str]) -> Iterator[Item]:
        if ids:
            site = self._site()
            for issues in self._open().issues(ids, site.fields.asked):
                yield from self._items(issues, site)

    def census(self, scope: Scope) -> Iterator[str]:
        edition = self._open()
        query = f"project = {jira_query.project(scope.id)} ORDER BY created ASC, key ASC"
        for issues in edition.search(query, ["id"], CENSUS_PAGE):
            yield from map(wire.issue_id, issues)

    # ── HasNarrow, HasHooks ──────────────────────────────────────────────────────────────────────────────────────────

    def narrow(self, scopes: Collection[str]) -> None:
        """A search asks for nothing but these anyway; what the cycle before found out about the site still holds."""
        if not set(self._projects.values()) >= set(scopes):
            self.scopes()

    def hooks(self) -> SiteHooks:
        return SiteHooks(self._api, cloud=isinstance(self._open(), Cloud))

    # ── HasMetadata ──────────────────────────────────────────────────────────────────────────────────────────────────

    def metadata(self) -> Mapping[str, str]:
        """Statuses and custom fields change what issues say without updating them; so does another address of the site
        or another choice of fields. A sprint that is renamed does not: issues name it by its id."""
        fields = self._site().fields
        statuses = self._api.rows("status")
        self._statuses = jira_fields.read_statuses(statuses)
        meanings = jira_fields.status_meanings(statuses, self._projects.values())
        return {
            "site": self._browse,
            "blocks": self._settings.blocks or "",
            **fields.described(),
            **{f"status {identity}": meaning for identity, meaning in meanings.items()},
        }

    # ── HasHistory ───────────────────────────────────────────────────────────────────────────────────────────────────

    def history(self, ids: Sequence[str]) -> Iterator[History]:
        edition, site = self._open(), self._site()
        if self._statuses is None:
            self._statuses = jira_fields.read_statuses(self._api.rows("status"))
        reading = jira_changes.Reading(site.fields, self._statuses, self._blocking())
        for chunk in chunks(ids, edition.history_batch):
            found: dict[str, list[jira_changes.Dated]] = {}
            for identity, entries in edition.histories(chunk):
                found.setdefault(identity, []).extend(jira_changes.read_changes(entries, reading))
            yield from (History(one, jira_changes.in_order(found[one])) for one in chunk if one in found)

    def _blocking(self) -> jira_fields.Blocking:
        """The link types that block, by what they are called now: a changelog has no ids of them."""
        if self._linking is None or time.monotonic() - self._linked > KNOWN:
            self._linking = jira_fields.read_blocking(self._kinds(), self._settings.blocks)
            self._linked = time.monotonic()
        return self._linking

    def _kinds(self) -> Any:
        """The types of links as the site tells them; None where links are switched off."""
        try:
            return self._api.get("issueLinkType")
        except Rejected:
            return None

    # ── HasCounts ────────────────────────────────────────────────────────────────────────────────────────────────────

    def count(self, query: str) -> int | None:
        try:
            return self._open().count(query)
        except (MalformedPage, Unavailable):
            return None

    # ── Sink ─────────────────────────────────────────────────────────────────────────────────────────────────────────

    def surfaces(self) -> frozenset[Surface]:
        return SURFACES

    def budgets(self) -> Sequence[Budget]:
        """None: a push is a handful of writes to an issue, and what Jira says of its bursts is kept to as it comes."""
        return ()

    def read(self, slots: Sequence[Slot]) -> Mapping[Slot, Json | Rejected]:
        return self._sink.read(slots)

    def push(self, writes: Sequence[Write]) -> Sequence[Receipt]:
        return self._sink.push(writes)

    def sweep(self, _: Sequence[Slot]) -> int:
        """A label that no issue bears is gone by itself."""
        return 0

    # ── the site ─────────────────────────────────────────────────────────────────────────────────────────────────────

    def _open(self) -> Edition:
        """The edition of this site, asked once an hour."""
        if self._edition is None or time.monotonic() - self._opened > KNOWN:
            info = self._api.server_info()
            kind = Cloud if text(info, "deploymentType") == "Cloud" else DataCenter
            if not isinstance(self._edition, kind):
                self._edition = kind(self._api)
            self._api.speak(self._edition.version)
            self._browse = (text(info, "baseUrl") or self._source.url).rstrip("/") + "/browse/"
            self._opened = time.monotonic()
        return self._edition

    def _site(self) -> wire.Site:
        edition = self._open()
        if self._fields is None:
            chosen = jira_fields.Chosen(**self._settings.fields.model_dump())
            answer, projects = self._api.rows("field"), self._projects.values()
            self._fields = jira_fields.read_fields(
                answer, chosen, linked=edition.linked, projects=projects, written=self._source.written
            )
        return wire.Site(
            self._source.id,
            self._browse,
            self._fields,
            self._projects,
            jira_fields.read_blocking(None, self._settings.blocks),
            self._epics,
        )
