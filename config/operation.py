"""``[server]``, ``[schedule]``, ``[alerts]`` and ``[retention]``: how the daemon runs, answers, warns and forgets."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Annotated, Any
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, Field, ValidationInfo, field_validator

from config.faults import Unfit
from config.fields import Cron, Duration, LastingDuration, Listen, SecretReference, Text, Url
from config.schema import TomlTable
from config.writeback import Moment, ends, starts
from okrsync.model import SecretRef

DAY = timedelta(days=1)
LOCAL = ("localhost", "127.0.0.1", "::1")
"""Host names under which a server of this machine is always asked for."""


class AlertKind(StrEnum):
    STATUS = "status"  # a goal is worse than it was
    SOURCE = "source"  # a source cannot be read
    TOKEN = "token"  # a token is about to expire  # noqa: S105
    GATE = "gate"  # a gate does not hold


@dataclass(frozen=True, slots=True)
class Server:
    """``[server]``. ``url`` is how people and tools reach it ("": only by ``listen``), without a slash at its end;
    ``hosts`` are all names that it answers to; ``token`` is asked of every request but those of health and webhooks."""

    listen: str = "127.0.0.1:8017"
    url: str = ""
    hosts: frozenset[str] = frozenset(LOCAL)
    token: SecretRef | None = None


@dataclass(frozen=True, slots=True)
class Maintenance:
    """A time in which nothing is read or written: once, from ``start`` to ``end``, or each time that ``cron`` names,
    for as long as ``lasts``."""

    start: datetime | None = None
    end: datetime | None = None
    cron: str | None = None
    lasts: timedelta | None = None
    why: str = ""


@dataclass(frozen=True, slots=True)
class Schedule:
    """``[schedule]``. ``jitter`` is the most by which a tick comes later than its timetable says."""

    jitter: timedelta = timedelta(seconds=5)
    maintenance: tuple[Maintenance, ...] = ()


@dataclass(frozen=True, slots=True)
class Alerts:
    """``[alerts]``. ``expiring`` is how long before its end a token is told of; ``after`` for how long a source may be
    down before it is."""

    url: SecretRef | None = None
    on: frozenset[AlertKind] = frozenset(AlertKind)
    after: timedelta = timedelta(minutes=15)
    expiring: timedelta = 14 * DAY


@dataclass(frozen=True, slots=True)
class Retention:
    """``[retention]``. How long what is of no use to any number is kept; zero keeps it for ever."""

    cron: str = "30 3 * * *"
    deleted: timedelta = 90 * DAY
    runs: timedelta = 400 * DAY
    alerts: timedelta = 90 * DAY
    snapshots: timedelta = timedelta(0)


# ── the tables ───────────────────────────────────────────────────────────────────────────────────────────────────────

SERVER, SCHEDULE, ALERTS, RETENTION = Server(), Schedule(), Alerts(), Retention()  # the documented defaults


def _host(value: str) -> str:
    if not re.fullmatch(r"[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?|\[?[0-9A-Fa-f:]+\]?", value):
        raise Unfit('must be the name of a host, such as "okrsync.acme.test", without scheme, port or path')
    return value.strip("[]").lower()


def host_of(listen: str) -> str:
    """The host of HOST:PORT, an IPv6 address without its brackets."""
    return listen.rpartition(":")[0].strip("[]").lower()


def is_local(host: str) -> bool:
    """Whether only this machine reaches it."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


class ServerTable(TomlTable):
    listen: Listen = SERVER.listen
    url: Url | None = None
    hosts: tuple[Annotated[str, AfterValidator(_host)], ...] = ()
    token: Annotated[SecretReference | None, Field(validate_default=True)] = None

    @field_validator("url")
    @classmethod
    def _has_a_name_of_its_own(cls, value: str | None) -> str | None:
        if value is not None and urlsplit(value).path:
            host = value.removesuffix(urlsplit(value).path)
            raise Unfit(f'must have no path; pages stand at the root of a host of their own, such as "{host}"')
        return value

    @field_validator("token")
    @classmethod
    def _guards_what_others_reach(cls, value: SecretRef | None, info: ValidationInfo) -> SecretRef | None:
        listen = info.data.get("listen")
        if value is None and listen is not None and not is_local(host_of(listen)):
            example = 'token = { file = "/run/secrets/okrsync" }'
            raise Unfit(f"missing; others reach {listen}, so requests need a token: {example}", show=False)
        return value


class MaintenanceTable(TomlTable):
    """Either start and end, or cron and lasts."""

    start: Annotated[Moment | None, Field(examples=["2026-12-19T18:00:00"])] = None
    cron: Annotated[Cron | None, Field(validate_default=True, examples=['"0 2 * * sun"'])] = None
    end: Annotated[Moment | None, Field(validate_default=True)] = None
    lasts: Annotated[LastingDuration | None, Field(validate_default=True, examples=['"2h"'])] = None
    why: Text = ""

    @field_validator("cron")
    @classmethod
    def _is_once_or_again(cls, value: str | None, info: ValidationInfo) -> str | None:
        if (value is None) == (info.data.get("start") is None) and "start" in info.data:
            raise Unfit("write either start and end, or cron and lasts", show=False)
        return value

    @field_validator("end", "lasts")
    @classmethod
    def _belongs_to_what_begins(cls, value: Moment | timedelta | None, info: ValidationInfo) -> Any:
        begins, missing, stray = _BELONGS[str(info.field_name)]
        if begins in info.data and (value is None) != (info.data[begins] is None):
            raise Unfit(missing if value is None else stray, show=False)
        return value

    @field_validator("end")
    @classmethod
    def _ends_what_starts(cls, value: Moment | None, info: ValidationInfo) -> Moment | None:
        start = info.data.get("start")
        if value is not None and start is not None and ends(value, ZoneInfo("UTC")) <= starts(start, ZoneInfo("UTC")):
            raise Unfit(f"must not be before start = {start}")
        return value


_BELONGS = {
    "end": (
        "start",
        "missing; it says when the maintenance that starts is over",
        "belongs to start; beside cron write lasts",
    ),
    "lasts": (
        "cron",
        'missing; it says how long the maintenance takes, such as lasts = "2h"',
        "belongs to cron; beside start write end",
    ),
}
"""Option → the one that it belongs to, and what is said where that stands alone, and where it does."""


class ScheduleTable(TomlTable):
    jitter: Duration = SCHEDULE.jitter
    maintenance: tuple[MaintenanceTable, ...] = ()


class AlertsTable(TomlTable):
    url: SecretReference | None = None
    on: tuple[AlertKind, ...] = tuple(AlertKind)
    after: Duration = ALERTS.after
    expiring: Duration = ALERTS.expiring


class RetentionTable(TomlTable):
    cron: Cron = RETENTION.cron
    deleted: Duration = RETENTION.deleted
    runs: Duration = RETENTION.runs
    alerts: Duration = RETENTION.alerts
    snapshots: Duration = RETENTION.snapshots


# ── build ────────────────────────────────────────────────────────────────────────────────────────────────────────────


def build_server(table: ServerTable) -> Server:
    named: Iterable[str | None] = (*LOCAL, *table.hosts, host_of(table.listen), urlsplit(table.url or "").hostname)
    return Server(table.listen, (table.url or "").rstrip("/"), frozenset(name for name in named if name), table.token)


def build_schedule(table: ScheduleTable, timezone: str) -> Schedule:
    zone = ZoneInfo(timezone)
    return Schedule(
        table.jitter,
        tuple(
            Maintenance(
                start=None if one.start is None else starts(one.start, zone),
                end=None if one.end is None else ends(one.end, zone),
                cron=one.cron,
                lasts=one.lasts,
                why=one.why,
            )
            for one in table.maintenance
        ),
    )


def build_alerts(table: AlertsTable) -> Alerts:
    return Alerts(table.url, frozenset(table.on), table.after, table.expiring)


def build_retention(table: RetentionTable) -> Retention:
    return Retention(**dict(table))
