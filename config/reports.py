"""``[reports]``: what reports may show, when the report of the week is sent, to whom, and through what."""

from __future__ import annotations

import ipaddress
import re
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Annotated, Literal

from pydantic import AfterValidator, Field, ValidationInfo, field_validator

from config.context import context_of
from config.faults import Unfit
from config.fields import Cron, Email, LastingDuration, SecretReference, Switch, Text
from config.schema import TomlTable
from okrsync.model import SecretRef

WEEK = timedelta(weeks=1)
MONDAY = "0 7 * * mon"
"""When the report of the week is sent, where nobody says so."""
PORTS = {"starttls": 587, "tls": 465, "none": 25}
"""Of an SMTP server, where no port is given."""
_SMTP = '{ host = "smtp.acme.test", from = "okrsync@acme.test" }'


@dataclass(frozen=True, slots=True)
class Smtp:
    """The server that mail is handed to. ``security`` is "starttls", "tls" or "none"; ``ca_file`` replaces the usual
    certificates; ``user`` and ``password`` are both there or both None."""

    host: str
    port: int
    security: str
    sender: str
    user: str | None = None
    password: SecretRef | None = None
    timeout: timedelta = timedelta(seconds=30)
    ca_file: str | None = None


@dataclass(frozen=True, slots=True)
class Reports:
    """``[reports]``: what reports may show; the report of the week is sent once in so many ``weeks`` (None: never), at
    the time of ``cron``, which is five fields."""

    by_assignee: bool = False
    weeks: int | None = None
    cron: str = MONDAY
    to: tuple[str, ...] = ()
    smtp: Smtp | None = None
    webhook: SecretRef | None = None


def _host(value: str) -> str:
    if re.search(r"[\s/@]", value) or value.count(":") == 1:  # more of them make an address of IPv6
        raise Unfit('must be the name of a server, such as "smtp.acme.test"; the port has a key of its own')
    return value


def _is_here(host: str) -> bool:
    """Whether what is sent there never leaves this machine."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _whole_weeks(value: timedelta) -> timedelta:
    if value % WEEK:
        raise Unfit('must be whole weeks, such as "1w": a report tells of a week; cron names its day and hour')
    return value


class SmtpTable(TomlTable):
    """How mail leaves; a rule between two keys belongs to the later one."""

    host: Annotated[Text, AfterValidator(_host), Field(examples=['"smtp.acme.test"'])]
    port: Annotated[int | None, Field(strict=True, ge=1, le=65_535)] = None
    security: Literal["starttls", "tls", "none"] = "starttls"
    from_: Annotated[Email, Field(alias="from", examples=['"okrsync@acme.test"'])]
    user: Text | None = None
    password: Annotated[SecretReference | None, Field(validate_default=True)] = None
    timeout: LastingDuration = timedelta(seconds=30)
    ca_file: Text | None = None

    @field_validator("password")
    @classmethod
    def _belongs_to_the_user(cls, value: SecretRef | None, info: ValidationInfo) -> SecretRef | None:
        if "user" not in info.data:
            return value
        user = info.data["user"]
        if value is None and user is not None:
            raise Unfit('missing; user signs in with it: password = { env = "SMTP_PASSWORD" }', show=False)
        if value is not None and user is None:
            raise Unfit("needs the user that signs in with it", show=False)
        if (
            value is not None
            and info.data.get("security") == "none"
            and not _is_here(info.data.get("host", "localhost"))
        ):
            raise Unfit('would be sent for all to read; set security = "starttls" or "tls"', show=False)
        return value

    @field_validator("ca_file")
    @classmethod
    def _is_a_file(cls, value: str | None, info: ValidationInfo) -> str | None:
        if value is not None and not (context_of(info).base / value).is_file():
            raise Unfit("there is no such file")
        return value


class ReportsTable(TomlTable):
    by_assignee: Switch = False
    every: Annotated[LastingDuration, AfterValidator(_whole_weeks)] | None = None
    cron: Cron | None = None
    to: tuple[Email, ...] = ()
    smtp: Annotated[SmtpTable | None, Field(validate_default=True)] = None
    webhook: Annotated[SecretReference | None, Field(validate_default=True)] = None

    @field_validator("smtp")
    @classmethod
    def _carries_mail(cls, value: SmtpTable | None, info: ValidationInfo) -> SmtpTable | None:
        if value is None and info.data.get("to"):
            raise Unfit(f"missing; mail to {info.data['to'][0]} needs a server: smtp = {_SMTP}", show=False)
        return value

    @field_validator("webhook")
    @classmethod
    def _reaches_somebody(cls, value: SecretRef | None, info: ValidationInfo) -> SecretRef | None:
        scheduled = [key for key in ("every", "cron") if info.data.get(key) is not None]
        if value is None and scheduled and info.data.get("to") == ():
            raise Unfit(f"missing, and so is to: {scheduled[0]} sends to nobody; set one of them", show=False)
        return value


def build(table: ReportsTable, base: Path) -> Reports:
    return Reports(
        by_assignee=table.by_assignee,
        weeks=(table.every or WEEK) // WEEK if table.every or table.cron else None,
        cron=table.cron or MONDAY,
        to=table.to,
        smtp=None if table.smtp is None else _smtp(table.smtp, base),
        webhook=table.webhook,
    )


def _smtp(table: SmtpTable, base: Path) -> Smtp:
    return Smtp(
        host=table.host,
        port=table.port or PORTS[table.security],
        security=table.security,
        sender=table.from_,
        user=table.user,
        password=table.password,
        timeout=table.timeout,
        ca_file=None if table.ca_file is None else str(base / table.ca_file),
    )
