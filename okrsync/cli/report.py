"""``report``: the report of a week, as a page or sent."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from okrsync import weekly
from okrsync.cli.output import Format, emit, put
from okrsync.cli.session import Session
from okrsync.errors import UsageError
from okrsync.reports import week as week_report
from okrsync.texts import speaker
from okrsync.weeks import last_whole, named

if TYPE_CHECKING:
    from config import Config


def report(session: Session, name: str | None, *, send: bool, form: Format, output: Path | None) -> None:
    """A page goes into a file of the current folder that is called like the week, unless told otherwise; the other
    forms go where those of every listing go. What is sent is not written too, unless a file is named."""
    config, now = session.config, session.now()
    week = last_whole(now, config.timezone) if name is None else named(name, config.timezone)
    if week.start > now:
        raise UsageError(
            f"--week {week.name} has not begun; the last whole week is {last_whole(now, config.timezone).name}"
        )
    if send and not weekly.channels(config):
        raise UsageError("nobody gets reports yet: set to and smtp, or webhook, under [reports]")
    with session.linked() as tx:
        made = weekly.make(tx, config, week, now)
    if output is not None or not send:
        _write(made, config, form, output)
    if send:
        _send(session, made)


def _write(made: weekly.Report, config: Config, form: Format, output: Path | None) -> None:
    if form is not Format.HTML:
        draw = partial(week_report.draw, speak=speaker(config.language))
        emit(made.answer, draw, form, output, sheet=week_report.sheet, language=config.language)
        return
    path = output or Path(f"okrsync-{made.week.name}.html")
    put(made.page, path)
    if output is None:
        typer.echo(f"wrote {path}", err=True)


def _send(session: Session, made: weekly.Report) -> None:
    """A line for each who got it; the first failure ends the command, once all were tried."""
    config, now = session.config, session.now()
    unique = f"{config.instance}.{made.week.name}.{now:%Y%m%dT%H%M%S%f}"
    failures = []
    for step in weekly.deliver(made, config, weekly.channels(config), weekly.revealer(config), at=now, unique=unique):
        for channel in step.delivered:
            typer.echo(f"{made.week.name}: sent to {'the webhook' if channel == weekly.WEBHOOK else channel}", err=True)
        failures += list(dict.fromkeys(step.failures.values()))
    for fault in failures[1:]:
        typer.echo(f"okrsync: {fault}", err=True)
    if failures:
        raise failures[0]
