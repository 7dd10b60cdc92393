"""The reports: what is stored, linked and rolled up as of now."""

from __future__ import annotations

from datetime import UTC, date, datetime, time
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from okrsync.assess import assess
from okrsync.cli import instants
from okrsync.cli.output import Format, emit
from okrsync.cli.session import Session
from okrsync.cli.unknown import unknown
from okrsync.cli.work import find_item
from okrsync.errors import UsageError
from okrsync.history import look_back
from okrsync.overriding import overrides
from okrsync.reports import backlog as backlog_report
from okrsync.reports import effort as effort_report
from okrsync.reports import gaps as gaps_report
from okrsync.reports import orphans as orphans_report
from okrsync.reports import planned as planned_report
from okrsync.reports import status as status_report
from okrsync.reports import thread
from okrsync.reports import trace as trace_report
from okrsync.reports.narrative import narratives
from okrsync.store import past
from okrsync.texts import speaker
from rollup import period_start
from rollup.span import last_instant

if TYPE_CHECKING:
    from config import Config


def status(
    session: Session, objectives: list[str], *, at: str | None, told: bool, form: Format, output: Path | None
) -> None:
    """``told`` asks for the drafts in words; a table of one objective, and every other form, has them anyway."""
    config, now = session.config, session.now()
    _known_objectives(config, objectives)
    moment = None if at is None else _moment(config, at, now)
    published = None
    with session.linked() as tx:
        if moment is None:
            assessment = assess(tx, config, now)
        else:
            assessment, published = look_back(tx, config, moment, now)
        said = overrides(tx, config) if moment is None else {}
        drafts = None
        if told or len(objectives) == 1 or form is not Format.TABLE:
            then = None if moment is None else past.read(tx, config.goals)
            drafts = narratives(tx, config, assessment, past=then)
    speak = speaker(config.language)
    answer = status_report.answer(
        config, assessment, speak, only=objectives, at=moment, published=published, told=drafts, overrides=said
    )
    draw = partial(status_report.draw, speak=speak)
    emit(answer, draw, form, output, sheet=status_report.sheet, language=config.language)


def planned(session: Session, objectives: list[str], form: Format, output: Path | None) -> None:
    config, speak = session.config, speaker(session.config.language)
    _known_objectives(config, objectives)
    with session.linked() as tx:
        answer = planned_report.answer(tx, config, session.now(), objectives=objectives)
    draw = partial(planned_report.draw, speak=speak)
    emit(answer, draw, form, output, sheet=planned_report.sheet, language=config.language)


def orphans(
    session: Session,
    *,
    group_by: str | None,
    since: str | None,
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
    begin = None if since is None else _day(config, since, now)
    speak = speaker(config.language)
    with session.linked() as tx:
        answer = orphans_report.answer(
            *(tx, config, now, speak),
            group_by=group_by or allowed[0],
            since=begin,
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
    since: str | None,
    team: str | None,
    source: list[str] | None,
    form: Format,
    output: Path | None,
) -> None:
    config, now = session.config, session.now()
    known_team(config, team)
    if group_by not in gaps_report.GROUPINGS:
        raise UsageError(f"--group-by takes one of: {', '.join(gaps_report.GROUPINGS)}")
    begin = None if since is None else _instant(config, since, now)
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
    limit: int | None,
    form: Format,
    output: Path | None,
) -> None:
    """A terminal shows the first items of each objective, unless it is said how many; the other forms hold all."""
    config = session.config
    _known_objectives(config, objectives)
    known_team(config, team)
    chosen = [one.id for one in session.chosen(source)] if source else ()
    each = backlog_report.SHOWN_ITEMS if form is Format.TABLE and limit is None else None
    cut = backlog_report.Cut(objectives, team, chosen, limit, each)
    speak, now = speaker(config.language), session.now()
    draw = partial(backlog_report.draw, speak=speak)
    with session.linked():
        pass  # so that what follows, which takes as long as somebody reads it, holds up nobody
    with session.linked() as tx:
        answer = backlog_report.answer(tx, config, assess(tx, config, now), speak, cut=cut)
        emit(answer, draw, form, output, sheet=backlog_report.sheet, language=config.language)


def effort(session: Session, *, group_by: str, since: str | None, form: Format, output: Path | None) -> None:
    config, now = session.config, session.now()
    if group_by not in effort_report.GROUPINGS:
        raise UsageError(f"--group-by takes one of: {', '.join(effort_report.GROUPINGS)}")
    begin = period_start(config.goals, now) if since is None else _instant(config, since, now)
    speak = speaker(config.language)
    with session.linked() as tx:
        answer = effort_report.answer(tx, config, assess(tx, config, now), speak, group_by=group_by, since=begin)
    draw = partial(effort_report.draw, speak=speak)
    emit(answer, draw, form, output, sheet=effort_report.sheet, language=config.language)


def _instant(config: Config, since: str, now: datetime) -> datetime:
    """The first instant of a local day that has begun."""
    return _day(config, since, now).replace(tzinfo=ZoneInfo(config.goals.timezone))


def _day(config: Config, since: str, now: datetime) -> datetime:
    """A local day that has begun, as somebody writes it."""
    zone = ZoneInfo(config.goals.timezone)
    try:
        day = datetime.combine(date.fromisoformat(since.strip()), time())
    except ValueError:
        raise UsageError(f"--since {since} is no day; write it as {now.astimezone(zone):%Y-%m-%d}") from None
    if day.replace(tzinfo=zone) > now:
        raise UsageError(f"--since {day:%Y-%m-%d} has not come yet; the period begins in the past")
    return day


def _moment(config: Config, at: str, now: datetime) -> datetime:
    """The last instant of a local day, or an instant; of today what is known by now."""
    zone = ZoneInfo(config.goals.timezone)
    named, day = instants.typed("--at", at, config.goals.timezone, now)
    if named.astimezone(zone).date() > now.astimezone(zone).date() or (not day and named > now):
        raise UsageError(f"--at {at} has not come yet; okrsync status says what is known now, with its forecast")
    if not day:
        return named.astimezone(UTC)
    return min(last_instant(named.date(), config.goals.timezone), now)


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
