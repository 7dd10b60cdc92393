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


class Source(StatusSource):
    error: str | None = Field(description="why it could not be read when it was tried last")
    unreadable: list[Scope]
    requests: int = Field(description="sent since the daemon began")
    skipped: int = Field(description="ticks that found it being read, since the daemon began")
    limits: list[Left]


class SourcesAnswer(Fresh):
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
