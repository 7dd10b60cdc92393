"""The reports: what is stored, linked and rolled up as of now."""

from __future__ import annotations

from datetime import datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from okrsync.assess import assess
from okrsync.cli.output import Format, emit
from okrsync.cli.session import Session
from okrsync.cli.unknown import unknown
from okrsync.cli.work import find_item
from okrsync.errors import UsageError
from okrsync.reports import backlog as backlog_report
from okrsync.reports import gaps as gaps_report
from okrsync.reports import orphans as orphans_report
from okrsync.reports import status as status_report
from okrsync.reports import thread
from okrsync.reports import trace as trace_report
from okrsync.texts import speaker

if TYPE_CHECKING:
    from config import Config


def status(session: Session, objectives: list[str], form: Format, output: Path | None) -> None:
    _known_objectives(session.config, objectives)
    with session.linked() as tx:
        assessment = assess(tx, session.config, session.now())
    language = session.config.language
    speak = speaker(language)
    answer = status_report.answer(session.config, assessment, speak, only=objectives)
    draw = partial(status_report.draw, speak=speak)
    emit(answer, draw, form, output, sheet=status_report.sheet, language=language)


def orphans(
    session: Session,
    *,
    group_by: str | None,
    since: datetime | None,
    team: str | None,
    source: list[str] | None,
    form: Format,
    output: Path | None,
) -> None:
    """The flat forms list the items; the groups where a grouping was asked for."""
    config = session.config
    known_team(config, team)
    chosen = [one.id for one in session.chosen(source)] if source else None
    allowed = orphans_report.groupings(config)
    if group_by is not None and group_by not in allowed:
        raise UsageError(f"--group-by takes one of: {', '.join(allowed)}")
    now = session.now()
    if since is not None:
        _day(config, since, now)
    speak = speaker(config.language)
    with session.linked() as tx:
        answer = orphans_report.answer(
            *(tx, config, now, speak),
            group_by=group_by or allowed[0],
            since=since,
            team=team,
            sources=chosen,
            brief=form is Format.TABLE,
        )
    draw = partial(orphans_report.draw, speak=speak)
    sheet = orphans_report.sheet if group_by is None else orphans_report.group_sheet
    emit(answer, draw, form, output, sheet=sheet, language=config.language)


def gaps(
    session: Session,
    *,
    group_by: str,
    since: datetime | None,
    team: str | None,
    source: list[str] | None,
    form: Format,
    output: Path | None,
) -> None:
    config, now = session.config, session.now()
    known_team(config, team)
    if group_by not in gaps_report.GROUPINGS:
        raise UsageError(f"--group-by takes one of: {', '.join(gaps_report.GROUPINGS)}")
    begin = None if since is None else _day(config, since, now)
    cut = gaps_report.Cut(begin, team, [one.id for one in session.chosen(source)] if source else ())
    speak = speaker(config.language)
    with session.linked() as tx:
        answer = gaps_report.answer(tx, config, assess(tx, config, now), speak, cut=cut, group_by=group_by)
    draw = partial(gaps_report.draw, speak=speak)
    emit(answer, draw, form, output, sheet=gaps_report.sheet, language=config.language)


def trace(session: Session, item: str, form: Format, output: Path | None) -> None:
    config, now = session.config, session.now()
    language = config.language
    speak = speaker(language)
    with session.linked() as tx:
        found = find_item(tx, config, item)
        answer = trace_report.answer(tx, config, found, assess(tx, config, now), speak)
    emit(answer, partial(thread.draw, speak=speak), form, output, sheet=thread.sheet, language=language)


def backlog(
    session: Session,
    *,
    objectives: list[str],
    team: str | None,
    source: list[str] | None,
    form: Format,
    output: Path | None,
) -> None:
    config = session.config
    _known_objectives(config, objectives)
    known_team(config, team)
    chosen = [one.id for one in session.chosen(source)] if source else None
    speak, now = speaker(config.language), session.now()
    with session.linked() as tx:
        assessment = assess(tx, config, now)
        answer = backlog_report.answer(tx, config, assessment, speak, objectives=objectives, team=team, sources=chosen)
    draw = partial(backlog_report.draw, speak=speak)
    emit(answer, draw, form, output, sheet=backlog_report.sheet, language=config.language)


def _day(config: Config, since: datetime, now: datetime) -> datetime:
    """The first instant of a local day that has begun."""
    begin = since.replace(tzinfo=ZoneInfo(config.goals.timezone))
    if begin > now:
        raise UsageError(f"--since {since:%Y-%m-%d} has not come yet; the period begins in the past")
    return begin


def _known_objectives(config: Config, objectives: list[str]) -> None:
    goals = config.goals
    for name in objectives:
        if name in goals.key_results:
            raise UsageError(f"{name} is a key result of --objective {goals.key_results[name].objective}")
        if name not in goals.objectives:
            raise unknown("objective", name, goals.objectives)


def known_team(config: Config, team: str | None) -> None:
    if team is not None and team not in {one.id for one in config.teams}:
        raise unknown("team", team, [one.id for one in config.teams])
