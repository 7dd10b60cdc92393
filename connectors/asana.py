"""Asana: settings, then the connector. What Asana sends is read in ``asana_wire``; ``asana_sink`` writes.

The ``asana`` package signs in and builds the addresses; it sends through our transport, and answers stay raw JSON.
What a workspace needs and how it is read: docs/connectors.md.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from functools import partial
from threading import Event
from typing import Annotated, Any, ClassVar

import orjson
from pydantic import BaseModel, ConfigDict, Field, StringConstraints, field_validator

from connectors import asana_wire as wire
from connectors.asana_sink import SURFACES, AsanaSink
from connectors.asana_tasks import HIDDEN, PAGE, Tasks
from connectors.raw import text
from connectors.settings import form, once
from okrsync.errors import MalformedPage, Rejected
from okrsync.model import (
    Account,
    Cursor,
    Item,
    Json,
    Page,
    Receipt,
    RemoteGoal,
    Scope,
    Secret,
    Slot,
    SourceConfig,
    Surface,
    Write,
)

ALL = "*"
GOALS = "goals"  # the scope that stands for all goals where they are configured and refused
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
    projects: tuple[ProjectEntry, ...] = Field(min_length=1)
    goals: Annotated[bool, Field(strict=True)] = False
    fields: AsanaFields = AsanaFields()
    requests_per_minute: int = Field(default=1500, ge=10, le=1_000_000)  # what Asana grants; 150 in a free workspace

    @property
    def entries(self) -> tuple[str, ...]:
        """What the configuration names, as it stands there."""
        return (*self.projects, GOALS) if self.goals else self.projects

    @field_validator("projects", mode="before")
    @classmethod
    def _all(cls, projects: object) -> object:
        return (ALL,) if projects == ALL else projects

    @field_validator("projects")
    @classmethod
    def _once(cls, projects: tuple[str, ...]) -> tuple[str, ...]:
        if ALL in projects and len(projects) > 1:
            raise ValueError('"*" names every project, so that no other may stand beside it')
        return once(projects)


def connect(source: SourceConfig, secret: Secret, *, stop: Event | None = None) -> Asana:
    """A connector for one Asana workspace; nothing is sent yet."""
    return Asana(source, secret, stop=stop)


# ── connector ────────────────────────────────────────────────────────────────────────────────────────────────────────


class Asana:
    """One Asana workspace. Implements the ports Source, HasMetadata, HasGoals and Sink."""

    name: ClassVar[str] = "asana"

    def __init__(self, source: SourceConfig, secret: Secret, *, stop: Event | None = None) -> None:
        from connectors.asana_api import Api  # loads the asana package: not before somebody connects

        assert isinstance(source.settings, AsanaSettings)
        self._source, self._settings = source, source.settings
        self._api = Api(source, secret, quota=self._settings.requests_per_minute, stop=stop)
        self._sink = AsanaSink(self._api, self._settings.workspace)
        self._clock = partial(datetime.now, UTC)
        self._configured: frozenset[str] | None = None if self._lists_all else frozenset(self._settings.projects)
        self._archived: frozenset[str] = frozenset()
        self._supported: Mapping[str, tuple[str, ...]] | None = None
        self._tasks: Tasks | None = None

    @property
    def _lists_all(self) -> bool:
        return ALL in self._settings.projects

    def close(self) -> None:
        """Close every connection."""
        self._api.close()

    def requests(self) -> int:
        return self._api.sent

    # ── Source ───────────────────────────────────────────────────────────────────────────────────────────────────────

    def check(self) -> Account:
        me = self._api.get("/users/me", {"opt_fields": "name"})
        workspace = self._settings.workspace
        rights: dict[str, bool] = {}
        lacks: list[str] = []

        def note(where: str, right: str, refusal: str, without: str) -> None:
            rights[f"{where} {right}"] = not refusal
            if refusal:
                lacks.append(f"{where}: {without} ({refusal})")

        seen = _refusal(lambda: self._api.get(f"/workspaces/{workspace}", {"opt_fields": "name"}))
        note(workspace, "workspace", seen, "this account does not see the workspace")
        for scope in self._projects():
            note(scope.key, "tasks", scope.why, "nothing can be read")
        if self._settings.goals:
            note(workspace, "goals", self._goals_refused(), "goals are not in the plan, or not for this account")
        return Account(
            name=text(me, "name") or wire.gid_of(me), product="Asana", timezone="UTC", rights=rights, lacks=tuple(lacks)
        )

    def scopes(self) -> Sequence[Scope]:
        """The projects; and the goals, where they are configured and refused, so that nobody takes that for none."""
        projects = self._projects()
        why = self._goals_refused() if self._settings.goals else ""
        return [*projects, Scope(GOALS, GOALS, readable=False, why=why, configured=GOALS)] if why else projects

    def _goals_refused(self) -> str:
        workspace = self._settings.workspace
        return _refusal(lambda: next(self._list("/goals", workspace=workspace, opt_fields="name"), None))

    def _projects(self) -> list[Scope]:
        self._archived = frozenset()
        if not self._lists_all:
            return [self._one(gid) for gid in self._settings.projects]
        scopes, self._tasks = self._all(), None
        self._configured = frozenset(scope.id for scope in scopes if scope.readable)
        return scopes

    def _all(self) -> list[Scope]:
        try:
            rows = list(self._list("/projects", workspace=self._settings.workspace, opt_fields=wire.PROJECT))
        except Rejected as error:
            return [Scope(ALL, ALL, readable=False, why=str(error), configured=ALL)]
        return [self._scope(row, ALL) for row in rows]

    def _one(self, gid: str) -> Scope:
        try:
            return self._scope(self._api.get(f"/projects/{gid}", {"opt_fields": wire.PROJECT}), gid)
        except Rejected as error:
            return Scope(gid, gid, readable=False, why=str(error), configured=gid)

    def _scope(self, project: Mapping[str, Any], entry: str) -> Scope:
        gid = wire.gid_of(project)
        if not gid:
            raise MalformedPage(f"{self._api.host}: a project without a gid")
        if project.get("archived") is True:
            self._archived |= {gid}
        return Scope(gid, gid, text(project, "name"), configured=entry)

    def pull(self, since: Mapping[str, Cursor | None]) -> Iterator[Page]:
        # an archived project was read once; from then on the census looks whether anything came or went
        live = {gid: cursor for gid, cursor in since.items() if cursor is None or gid not in self._archived}
        if live:
            yield from self._open().pull(live)

    def fetch(self, ids: Sequence[str]) -> Iterator[Item]:
        if ids:
            yield from self._open().fetch(ids)

    def census(self, scope: Scope) -> Iterator[str]:
        yield from self._open().census(scope.id)

    # ── HasMetadata ──────────────────────────────────────────────────────────────────────────────────────────────────

    def metadata(self) -> Mapping[str, str]:
        """Tags are renamed, projects come and go, goals get other supporting work, and no task is touched by that."""
        self._tasks = None
        self._supported = self._read_supported()
        supported = sorted(self._supported.items())
        tags = self._list("/tags", workspace=self._settings.workspace, opt_fields="name")
        return {
            "points": self._settings.fields.points or "",
            "goals": hashlib.sha256(orjson.dumps(supported)).hexdigest() if supported else "",
            **{f"project {gid}": "" for gid in sorted(self._configured or ())},
            **{f"tag {wire.gid_of(tag)}": text(tag, "name") for tag in tags},
        }

    # ── HasGoals ─────────────────────────────────────────────────────────────────────────────────────────────────────

    def goals(self) -> Sequence[RemoteGoal]:
        return [wire.read_goal(goal, self._api.host) for goal in self._goals(wire.GOAL)]

    # ── Sink ─────────────────────────────────────────────────────────────────────────────────────────────────────────

    def surfaces(self) -> frozenset[Surface]:
        return SURFACES

    def read(self, slot: Slot) -> Json:
        return self._sink.read(slot)

    def push(self, write: Write) -> Receipt:
        return self._sink.push(write)

    # ── requests ─────────────────────────────────────────────────────────────────────────────────────────────────────

    def _list(self, path: str, **query: str) -> Iterator[Any]:
        """The objects of a listing, each once: one that moves, or starts again, gives some twice."""
        seen: set[str] = set()
        for page in self._api.pages(path, {**query, "limit": str(PAGE)}):
            yield from (one for one in page if wire.gid_of(one) not in seen)
            seen |= {gid for one in page if (gid := wire.gid_of(one))}

    def _goals(self, fields: str) -> list[Any]:
        """The goals of the workspace; none where the configuration or the plan has none."""
        if not self._settings.goals:
            return []
        try:
            return list(self._list("/goals", workspace=self._settings.workspace, opt_fields=fields))
        except Rejected as error:
            if error.status not in _NO_GOALS:
                raise
            return []

    def _read_supported(self) -> Mapping[str, tuple[str, ...]]:
        """Task or project → the goals that it supports: one request a goal; one that went meanwhile has no support."""
        supported: dict[str, tuple[str, ...]] = {}
        for goal in sorted(map(wire.gid_of, self._goals("name"))):
            query = {"supported_goal": goal, "opt_fields": wire.SUPPORT}
            try:
                rows = list(self._list("/goal_relationships", **query))
            except Rejected as error:
                if error.status not in HIDDEN:
                    raise
                continue
            for resource in wire.read_support(rows):
                supported[resource] = (*supported.get(resource, ()), goal)
        return supported

    def _open(self) -> Tasks:
        """What reads tasks, knowing what they are read by."""
        if self._configured is None:
            self.scopes()
        if self._supported is None:
            self._supported = self._read_supported()
        if self._tasks is None:
            desk = wire.Desk(self._source.id, self._settings.fields.points, self._supported)
            self._tasks = Tasks(self._api, self._configured or frozenset(), desk, self._source.census, self._clock)
        return self._tasks


def _refusal(ask: Callable[[], object]) -> str:
    """What Asana says where it refuses this, "" where it does not."""
    try:
        ask()
    except Rejected as error:
        return str(error)
    return ""
