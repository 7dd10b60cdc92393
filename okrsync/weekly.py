"""The report of a week, made from what is stored, and sent by mail and webhook."""

from __future__ import annotations

import os
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from config import Config
from okrsync import logs, secrets
from okrsync.errors import OkrsyncError, Rejected
from okrsync.model import Secret, SecretRef
from okrsync.reports import week as week_report
from okrsync.reports import week_letter, week_page
from okrsync.sending import mail, webhook
from okrsync.texts import speaker
from okrsync.weeks import Week

if TYPE_CHECKING:
    from sqlalchemy import Connection

WEBHOOK = "webhook"
"""The name of the channel beside the addresses."""

Reveal = Callable[[SecretRef, str], Secret]
"""The secret behind a reference, and the option that names it."""


@dataclass(frozen=True, slots=True)
class Report:
    """One week, told in every form that leaves."""

    answer: Mapping[str, Any]
    page: str
    week: Week


@dataclass(slots=True)
class Delivery:
    """How sending went: who has it, why others have not, and who of them was ``refused`` for good."""

    delivered: list[str] = field(default_factory=list)
    failures: dict[str, OkrsyncError] = field(default_factory=dict)
    refused: list[str] = field(default_factory=list)

    def add(self, other: Delivery) -> None:
        self.delivered += other.delivered
        self.failures |= other.failures
        self.refused += other.refused


def make(tx: Connection, config: Config, week: Week, now: datetime) -> Report:
    """The report of a week from what is stored and linked."""
    speak = speaker(config.language)
    answer = week_report.answer(tx, config, week, now, speak)
    return Report(answer, week_page.render(answer, speak, config.language), week)


def channels(config: Config) -> list[str]:
    """Who gets it: addresses, and the webhook."""
    return [*dict.fromkeys(config.reports.to), *([WEBHOOK] if config.reports.webhook else [])]


def revealer(config: Config) -> Reveal:
    """Reads secrets as the configuration names them; from then on no log shows them."""

    def reveal(ref: SecretRef, option: str) -> Secret:
        secret = secrets.resolve(ref, os.environ, config.base, option)
        logs.protect([secret.reveal()])
        return secret

    return reveal


def password(config: Config, reveal: Reveal) -> Secret | None:
    """That of the mail server, where one is named."""
    smtp = config.reports.smtp
    return reveal(smtp.password, "password") if smtp is not None and smtp.password is not None else None


def deliver(
    report: Report, config: Config, to: Collection[str], reveal: Reveal, *, at: datetime, unique: str
) -> Iterator[Delivery]:
    """Send it to these channels, one message after the other, each with how it went; what fails takes nothing from the
    others. ``unique`` tells the mail from any other of this installation."""
    people = [one for one in to if one != WEBHOOK]
    if people:
        yield _mail(report, config, people, reveal, at=at, unique=unique)
    if WEBHOOK in to and config.reports.webhook is not None:
        yield _post(report, config, config.reports.webhook, reveal)


def _mail(report: Report, config: Config, people: list[str], reveal: Reveal, *, at: datetime, unique: str) -> Delivery:
    smtp = config.reports.smtp
    assert smtp is not None, "the configuration demands a server beside to"
    letter = week_letter.letter(report.answer, report.page, speaker(config.language), unique)
    local = at.astimezone(ZoneInfo(config.timezone))
    try:
        made = mail.message(letter, config.reports.to, smtp.sender, local, config.language)
        refused = mail.send(made, people, smtp, password(config, reveal))
    except OkrsyncError as fault:
        return Delivery(failures=dict.fromkeys(people, fault))
    for_good = [one for one, fault in refused.items() if isinstance(fault, Rejected)]
    return Delivery([one for one in people if one not in refused], dict(refused), for_good)


def _post(report: Report, config: Config, ref: SecretRef, reveal: Reveal) -> Delivery:
    try:
        message = week_letter.chat(report.answer, speaker(config.language))
        webhook.post(reveal(ref, WEBHOOK), message, webhook.REPORT)
    except OkrsyncError as fault:
        return Delivery(failures={WEBHOOK: fault})
    return Delivery([WEBHOOK])
