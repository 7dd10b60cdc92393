"""Asana: settings, then the connector. What Asana sends is read in ``asana_wire``; ``asana_sink`` writes.

The ``asana`` package signs in and builds the addresses; it sends through our transport, and answers stay raw JSON.
What a workspace needs and how it is read: docs/connectors.md.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from functools import partial
from threading import Event
from typing import Annotated, ClassVar
from urllib.parse import quote

import orjson
from pydantic import BaseModel, ConfigDict, Field, StringConstraints, field_validator, model_validator

from connectors import asana_fields as fields
from connectors import asana_wire as wire
from connectors.asana_changes import Changes
from connectors.asana_hooks import ProjectHooks
from connectors.asana_projects import ALL, Hourly, Projects, listing, portfolio_entry
from connectors.asana_search import Search
from connectors.asana_sink import SURFACES, AsanaSink
from connectors.asana_tasks import HIDDEN, Tasks
from connectors.raw import text
from connectors.settings import form, once
from okrsync.errors import Rejected
from okrsync.model import (
    Account,
    Cursor,
    Item,
    Json,
    Lack,
    Page,
    Receipt,
    RemoteGoal,
    Scope,
    Secret,
    Slot,
    SourceConfig,
    Surface,
    Write,
    is_managed,
)
from okrsync.ports import Budget

GOALS = "goals"  # the scope that stands for all goals where they are configured and refused
_NAME = {"opt_fields": "name"}
_NO_GOALS = (402, 403)  # not in the plan, not for this account


# ── settings ─────────────────────────────────────────────────────────────────────────────────────────────────────────

Gid = Annotated[
    str,
    StringConstraints(max_length=32),
    form(r"[0-9]+", "must be an id, all digits, as it stands in the addresses of Asana"),
]
ProjectEntry = Annotated[
    str,
    StringConstraints(max_length=32),
    form(r"\*|[0-9]+", 'must be the id of a project, all digits, or "*" for every project'),
]


class AsanaFields(BaseModel):
    """``fields``: gids of custom fields, only where their names do not tell."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    points: Gid | None = None


class AsanaSettings(BaseModel):
    """What a ``[[sources]]`` of kind "asana" holds besides the common keys."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    takes_email: ClassVar[bool] = False
    container_kinds: ClassVar[tuple[str, ...]] = ("project", "section", "goal")
    surfaces: ClassVar[frozenset[Surface]] = SURFACES  # what can be written there

    workspace: Gid
    projects: tuple[ProjectEntry, ...] = ()
    portfolios: tuple[Gid, ...] = ()
    goals: Annotated[bool, Field(strict=True)] = False
    fields: AsanaFields = AsanaFields()
    requests_per_minute: int = Field(default=1500, ge=10, le=1_000_000)  # what Asana grants; 150 in a free workspace

    @property
    def entries(self) -> tuple[str, ...]:
        """What the configuration names, as scopes say it."""
        return (*self.projects, *map(portfolio_entry, self.portfolios), *((GOALS,) if self.goals else ()))

    @field_validator("projects", mode="before")
    @classmethod
    def _all(cls, projects: object) -> object:
        return (ALL,) if projects == ALL else projects

    @field_validator("projects", "portfolios")
    @classmethod
    def _once(cls, gids: tuple[str, ...]) -> tuple[str, ...]:
        if ALL in gids and len(gids) > 1:
            raise ValueError('"*" names every project, so that no other may stand beside it')
        return once(gids)

    @model_validator(mode="after")
    def _some(self) -> AsanaSettings:
        if not self.projects and not self.portfolios:
            raise ValueError('names nothing to read: set projects to a list of ids or to "*", or portfolios')
        return self


def connect(source: SourceConfig, secret: Secret, *, stop: Event | None = None) -> Asana:
    """A connector for one Asana workspace; nothing is sent yet."""
    return Asana(source, secret, stop=stop)


# ── connector ────────────────────────────────────────────────────────────────────────────────────────────────────────


class Asana:
    """One Asana workspace. Implements the ports Source, HasNarrow, HasMetadata, HasGoals, HasHooks and Sink."""

    name: ClassVar[str] = "asana"

    def __init__(self, source: SourceConfig, secret: Secret, *, stop: Event | None = None) -> None:
        from connectors.asana_api import Api  # loads the asana package: not before somebody connects

        assert isinstance(source.settings, AsanaSettings)
        self._source, self._settings = source, source.settings
        self._api = Api(source, secret, quota=self._settings.requests_per_minute, stop=stop)
        self._workspace = self._settings.workspace
        self._sink = AsanaSink(self._api, self._workspace, source.base)
        self._clock = partial(datetime.now, UTC)
        self._hourly = Hourly(self._now)
        named = self._settings.projects, self._settings.portfolios
        self._projects = Projects(self._api, self._workspace, *named, self._hourly)
        self._search = Search(self._api, self._workspace, self._now)
        self._support: Mapping[str, tuple[str, ...]] = {}  # of goals, when they could be read last
        self._goals_refused = False  # in this cycle
        self._scopes: list[Scope] | None = None  # the projects of this cycle
        self._listed: frozenset[str] = frozenset()  # gids of projects, of every listing as it could be read last
        self._read: list[RemoteGoal] | None = None  # goals of this cycle that nobody took yet
        self._changes: Changes | None = None  # of this cycle
        self._narrow = False  # whether it is one of a few projects, which are asked themselves
        self._tasks: Tasks | None = None

    def _now(self) -> datetime:
        return self._clock()

    def close(self) -> None:
        """Close every connection."""
        self._api.close()

    def requests(self) -> int:
        return self._api.sent

    # ── Source ───────────────────────────────────────────────────────────────────────────────────────────────────────

    def check(self) -> Account:
        """Asana tells neither what is left of its limits nor when a token ends."""
        me = self._api.me()
        rights: dict[str, bool] = {}
        lacks: list[Lack] = []

        def note(where: str, right: str, refusal: str, without: str, *surfaces: Surface) -> None:
            rights[f"{where} {right}"] = not refusal
            if refusal:
                lacks.append(Lack(f"{where}: {without} ({refusal})", frozenset(surfaces)))

        seen = _refusal(lambda: self._api.get(f"/workspaces/{self._workspace}", {"opt_fields": "name"}))
        note(self._workspace, "workspace", seen, "this account does not see the workspace")
        self._hourly.forget()
        for scope in self._projects.read():
            note(scope.key, "tasks", scope.why, "nothing can be read")
        goals: list[RemoteGoal] = []
        refusal = _refusal(lambda: goals.extend(self._list_goals()))
        if self._settings.goals:
            note(self._workspace, "goals", refusal, "goals are not in the plan, or not for this account")
        elif refusal:
            without = "goals cannot be written: they are not in the plan, or not for this account"
            lacks.append(Lack(f"{self._workspace}: {without} ({refusal})", frozenset({Surface.METRIC, Surface.UPDATE})))
        lacks += [
            Lack(f"goal {goal.name!r}: {wire.WHY_NOT[goal.why_not]}", frozenset({Surface.METRIC}))
            for goal in goals
            if goal.why_not == wire.FOREIGN
        ]
        lacks += [
            Lack(f"{gid}: the field cannot be filled ({why})", fields.FIELDS)
            for gid in sorted(self._source.written)
            if (why := _refusal(partial(self._api.get, f"/custom_fields/{quote(gid, safe='')}", _NAME)))
        ]
        if not _refusal(lambda: self._api.search(self._workspace, {"limit": "1", "opt_fields": "gid"})):
            rights[f"{self._workspace} search"] = True  # without it nothing is missing, it takes more requests
        return Account(
            name=text(me, "name") or wire.gid_of(me), product="Asana", timezone="UTC", rights=rights, lacks=tuple(lacks)
        )

    def unfit(self, fields_: Mapping[Surface, str], objectives: Collection[str]) -> Sequence[Lack]:
        """In the words of a write that is refused."""
        told: dict[Lack, None] = {}
        for surface, gid in fields_.items():
            try:
                definition = self._api.get(f"/custom_fields/{quote(gid, safe='')}", {"opt_fields": fields.DEFINITION})
            except Rejected:
                continue
            for value in objectives if surface is Surface.OBJECTIVE_FIELD else (0,):
                try:
                    fields.wanted(Slot("", "", surface, gid), value, definition)
                except Rejected as refusal:
                    told[Lack(str(refusal), frozenset({surface}))] = None
        return list(told)

    def scopes(self) -> Sequence[Scope]:
        """The projects; and the goals, where they are configured and refused, so that nobody takes that for none."""
        self._changes = self._tasks = self._read = None
        self._narrow = False
        projects = self._scopes = self._projects.read()
        if not any(scope.readable for scope in projects):
            self._api.me()  # is it Asana at all that refuses?
        why = _refusal(self._read_goals) if self._settings.goals else ""
        self._goals_refused = bool(why)
        return [*projects, Scope(GOALS, GOALS, readable=False, why=why, configured=GOALS)] if why else projects

    def pull(self, since: Mapping[str, Cursor | None]) -> Iterator[Page]:
        # an archived project was read once; from then on the census looks whether anything came or went
        live = {gid: cursor for gid, cursor in since.items() if cursor is None or gid not in self._projects.archived}
        if live:
            for page in self._open().pull(live):
                if page.refused:
                    self._hourly.forget()
                yield page

    def fetch(self, ids: Sequence[str]) -> Iterator[Item]:
        if ids:
            self._open()
            assert self._tasks is not None
            yield from self._tasks.fetch(ids)

    def census(self, scope: Scope) -> Iterator[str]:
        """What was read whole in this cycle was counted by that."""
        portions = self._open().whole.pop(scope.id, None)
        if portions is None:
            assert self._tasks is not None
            yield from self._tasks.census(scope.id)
        else:
            yield from (gid for portion in portions for gid in portion.splitlines())

    # ── HasNarrow, HasHooks ──────────────────────────────────────────────────────────────────────────────────────────

    def narrow(self, scopes: Collection[str]) -> None:
        """The events of these projects tell sooner than the search, which lags behind."""
        self._changes = self._tasks = self._read = None
        self._narrow = True
        if not {scope.id for scope in self._scopes or ()} >= set(scopes):
            self._scopes = self._projects.read()

    def hooks(self) -> ProjectHooks:
        return ProjectHooks(self._api, self._workspace, self._projects.archived)

    # ── HasMetadata ──────────────────────────────────────────────────────────────────────────────────────────────────

    def metadata(self) -> Mapping[str, str]:
        """Tags are renamed, projects come and go, goals get other supporting work, and no task is touched by that. The
        tags that okrsync writes are nobody's labels."""
        supported = sorted(self._supported().items())
        return {
            "points": self._settings.fields.points or "",
            "goals": hashlib.sha256(orjson.dumps(supported)).hexdigest() if supported else "",
            **{f"project {gid}": "" for gid in sorted(self._configured())},
            **self._hourly.get("tags", self._tags),
        }

    def _tags(self) -> dict[str, str]:
        tags = listing(self._api, "/tags", workspace=self._workspace, opt_fields="name")
        return {f"tag {wire.gid_of(tag)}": name for tag in tags if not is_managed(name := text(tag, "name"))}

    # ── HasGoals ─────────────────────────────────────────────────────────────────────────────────────────────────────

    def goals(self) -> Sequence[RemoteGoal]:
        """Those of this cycle, once; asked again, as they are then."""
        found, self._read = self._read, None
        return self._goals() if found is None else found

    # ── Sink ─────────────────────────────────────────────────────────────────────────────────────────────────────────

    def surfaces(self) -> frozenset[Surface]:
        return SURFACES

    def budgets(self) -> Sequence[Budget]:
        return self._sink.budgets()

    def read(self, slots: Sequence[Slot]) -> Mapping[Slot, Json | Rejected]:
        return self._sink.read(slots)

    def push(self, writes: Sequence[Write]) -> Sequence[Receipt]:
        return self._sink.push(writes)

    def sweep(self, slots: Sequence[Slot]) -> int:
        return self._sink.sweep(slots)

    # ── requests ─────────────────────────────────────────────────────────────────────────────────────────────────────

    def _configured(self) -> frozenset[str]:
        """Gids of the projects that are configured; where a listing is refused, those that are known of it."""
        named = frozenset(self._settings.projects) - {ALL}
        if len(named) == len(self._settings.projects) and not self._settings.portfolios:
            return named
        if self._scopes is None:
            self._scopes = self._projects.read()
        found = frozenset(scope.id for scope in self._scopes if scope.readable)
        self._listed = found if len(found) == len(self._scopes) else self._listed | found
        return named | self._listed

    def _read_goals(self) -> None:
        self._read = self._list_goals()

    def _list_goals(self) -> list[RemoteGoal]:
        rows = listing(self._api, "/goals", workspace=self._workspace, opt_fields=wire.GOAL)
        return [wire.read_goal(row, self._api.host) for row in rows]

    def _goals(self) -> list[RemoteGoal]:
        """The goals of the workspace; none where the configuration or the plan has none."""
        if not self._settings.goals:
            return []
        try:
            return self._list_goals()
        except Rejected as error:
            if error.status not in _NO_GOALS:
                raise
            return []

    def _supported(self) -> Mapping[str, tuple[str, ...]]:
        """Task or project → the goals that it supports; what is known of that, where they are refused now."""
        if not self._goals_refused:
            self._support = self._hourly.get("supported", self._read_supported)
        return self._support

    def _read_supported(self) -> Mapping[str, tuple[str, ...]]:
        """One request a goal; one that went meanwhile has no support."""
        supported: dict[str, tuple[str, ...]] = {}
        for goal in sorted(one.id for one in (self._goals() if self._read is None else self._read)):
            try:
                rows = list(listing(self._api, "/goal_relationships", supported_goal=goal, opt_fields=wire.SUPPORT))
            except Rejected as error:
                if error.status not in HIDDEN:
                    raise
                continue
            for resource in wire.read_support(rows):
                supported[resource] = (*supported.get(resource, ()), goal)
        return supported

    def _open(self) -> Changes:
        """What reads tasks, knowing what they are read by."""
        if self._changes is None:
            desk = wire.Desk(self._source.id, self._settings.fields.points, self._source.written, self._supported())
            self._tasks = Tasks(self._api, self._configured(), desk)
            search = None if self._narrow else self._search
            self._changes = Changes(self._api, self._tasks, search, again=self._source.census, clock=self._now)
        return self._changes


def _refusal(ask: Callable[[], object]) -> str:
    """What Asana says where it refuses this, "" where it does not."""
    try:
        ask()
    except Rejected as error:
        return str(error)
    return ""
