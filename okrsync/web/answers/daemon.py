"""The sources, the alerts, and the process itself."""

from __future__ import annotations

from datetime import datetime

from pydantic import Field

from okrsync.web.answers.common import Answer, Fresh
from okrsync.web.answers.goals import StatusSource


class Left(Answer):
    """A quota as the tool last told of it."""

    name: str
    limit: int
    left: int
    resets_at: datetime | None


class Scope(Answer):
    key: str
    why: str


class Lack(Answer):
    text: str
    surfaces: list[str] = Field(description="what cannot be written without it; empty: something cannot be read")


class Token(Answer):
    asked_at: datetime | None = Field(description="when its tool was asked last what it may do")
    product: str | None
    rights: dict[str, bool] | None
    lacks: list[Lack]
    expires_at: datetime | None


class Hook(Answer):
    place: str
    made: bool
    since: datetime


class Hooks(Answer):
    places: list[Hook]
    deliveries: dict[str, int] = Field(description="since the daemon began, by what became of them")


class Source(StatusSource):
    error: str | None = Field(description="why it could not be read when it was tried last")
    unreadable: list[Scope]
    requests: int = Field(description="sent since the daemon began")
    skipped: int = Field(description="ticks that found it being read, since the daemon began")
    limits: list[Left]
    every_seconds: int | None
    cron: str | None
    next: datetime | None = Field(description="when it is read next; none without a daemon")
    token: Token
    hooks: Hooks


class Maintenance(Answer):
    until: datetime
    why: str | None


class SourcesAnswer(Fresh):
    maintenance: Maintenance | None = Field(description="the one that lasts")
    sources: list[Source]


class Alert(Answer):
    id: int
    kind: str
    subject: str
    told: str
    since: datetime
    ended_at: datetime | None


class AlertsAnswer(Answer):
    standing: int
    alerts: list[Alert]


class VersionAnswer(Answer):
    version: str
    schema_: str = Field(alias="schema", description="of the database")
    instance: str
    language: str


class Alive(Answer):
    alive: bool


class Ready(Answer):
    ready: bool
