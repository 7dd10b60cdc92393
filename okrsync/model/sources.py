"""Sources: what they are to be asked, what their accounts may do, how they are."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from enum import StrEnum

from okrsync.model.writing import Surface


@dataclass(frozen=True, slots=True)
class Lack:
    """A right that is missing, in words: where, which one, and what is not possible without it."""

    text: str
    surfaces: frozenset[Surface] = frozenset()  # what cannot be written without it; empty: something cannot be read


@dataclass(frozen=True, slots=True)
class Limit:
    """A quota of the account as the tool tells it now."""

    name: str  # in the tool's own words: "core", "graphql"
    limit: int
    left: int
    resets_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Account:
    """Who we are in a tool, and what we may do there."""

    name: str
    product: str  # e.g. "Jira Cloud"
    timezone: str
    rights: Mapping[str, bool] = field(default_factory=dict)
    lacks: tuple[Lack, ...] = ()
    limits: tuple[Limit, ...] = ()  # empty where the tool does not tell
    expires_at: datetime | None = None  # of the token, where the tool tells


@dataclass(frozen=True, slots=True)
class SaidStatus:
    """The newest status update of a goal, whoever posted it, in the words of the tool."""

    id: str
    status: str  # "on_track", "at_risk", "off_track", "achieved", "partial", "missed", "dropped"
    by: str  # the name of who said so
    at: datetime
    instance: str = ""  # that posted it, by the mark in its text; "": a person did


@dataclass(frozen=True, slots=True)
class RemoteGoal:
    """A goal that a tool keeps itself, with its metric as it stands there; figures are None where it has no metric.

    A percentage is a fraction: 0.25 is shown as 25 %. ``writable`` says whether we may set ``current``.
    """

    id: str
    name: str
    url: str
    unit: str = "none"  # "none" | "currency" | "percentage"
    precision: int = 0
    initial: float | None = None
    target: float | None = None
    current: float | None = None
    writable: bool = False
    why_not: str = ""  # where it is not: "no_metric", "integration" (another one sets it) or "computed" (by the tool)
    said: SaidStatus | None = None


class SourceState(StrEnum):
    OK = "ok"
    DEGRADED = "degraded"
    AUTH_FAILED = "auth_failed"
    UNREACHABLE = "unreachable"
    NEEDS_CONFIRMATION = "needs_confirmation"
    NEVER = "never"


@dataclass(frozen=True, slots=True)
class SecretRef:
    """Where a secret is found; never the secret."""

    kind: str  # "env" | "file" | "credential"
    name: str


class Secret:
    """A value that cannot be printed; ``reveal`` is the only way to it."""

    __slots__ = ("_value",)

    def __init__(self, value: str) -> None:
        self._value = value

    def reveal(self) -> str:
        return self._value

    def __repr__(self) -> str:
        return "Secret(…)"

    __str__ = __repr__


@dataclass(frozen=True, slots=True)
class AppIdentity:
    """An app that signs in by itself, as one of its installations."""

    app_id: str
    installation_id: str


@dataclass(frozen=True, slots=True)
class SourceConfig:
    """One ``[[sources]]``. ``settings`` is the connector's own frozen model, already validated."""

    id: str
    kind: str
    url: str
    email: str | None
    token: SecretRef  # of an ``app``: its private key
    settings: object
    entries: tuple[str, ...] = ()  # the projects or repositories that it names, patterns as they stand
    every: timedelta | None = timedelta(minutes=5)  # how often the daemon reads it; None where ``cron`` says when
    cron: str | None = None  # five fields, in the configured time zone
    census: timedelta = timedelta(hours=24)
    timeout: timedelta = timedelta(seconds=30)
    ca_file: str | None = None
    webhook_secret: SecretRef | None = None  # what signs its webhooks; None: it has no endpoint
    token_expires: date | None = None  # the last day of its token, where a person says so
    app: AppIdentity | None = None
    written: frozenset[str] = frozenset()  # ids of the fields that okrsync fills: what stands there is no fact
    base: str = ""  # where people reach the pages of okrsync; "": nowhere


@dataclass(frozen=True, slots=True)
class SourceStatus:
    """What the store remembers of a source."""

    id: str
    kind: str
    state: SourceState
    last_success: datetime | None
    items: int
    error: str = ""
