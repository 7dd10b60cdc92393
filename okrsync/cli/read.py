"""The reports: what is stored, linked and rolled up as of now."""

from __future__ import annotations

from functools import partial
from pathlib import Path

from okrsync import typed
from okrsync.assess import assess
from okrsync.cli.output import Format, emit
from okrsync.cli.session import Session
from okrsync.reports import backlog as backlog_report
from okrsync.reports import effort as effort_report
from okrsync.reports import gaps as gaps_report
from okrsync.reports import orphans as orphans_report
from okrsync.reports import planned as planned_report
from okrsync.reports import status as status_report
from okrsync.reports import thread
from okrsync.reports import trace as trace_report
from okrsync.texts import speaker
from rollup import period_start


def status(
    session: Session, objectives: list[str], *, at: str | None, told: bool, form: Format, output: Path | None
) -> None:
    """``told`` asks for the drafts in words; a table of one objective, and every other form, has them anyway."""
    config, now = session.config, session.now()
    typed.objectives(config, objectives)
    moment = None if at is None else typed.past_moment(config, at, now)
    worded = told or len(objectives) == 1 or form is not Format.TABLE
    speak = speaker(config.language)
    with session.linked() as tx:
        answer = status_report.asked(tx, config, now, speak, only=objectives, at=moment, told=worded)
    draw = partial(status_report.draw, speak=speak)
    emit(answer, draw, form, output, sheet=status_report.sheet, language=config.language)


def planned(session: Session, objectives: list[str], form: Format, output: Path | None) -> None:
    config, speak = session.config, speaker(session.config.language)
    typed.objectives(config, objectives)
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
    typed.team(config, team)
    chosen = [one.id for one in session.chosen(source)] if source else None
    grouping = typed.grouping(group_by, orphans_report.groupings(config))
    now = session.now()
    begin = None if since is None else typed.past_day(config, since, now)
    speak = speaker(config.language)
    with session.linked() as tx:
        answer = orphans_report.answer(
            *(tx, config, now, speak),
            group_by=grouping,
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
    typed.team(config, team)
    typed.grouping(group_by, gaps_report.GROUPINGS)
    begin = None if since is None else typed.past_start(config, since, now)
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
        found = typed.item(tx, config, item)
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
    typed.objectives(config, objectives)
    typed.team(config, team)
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
    typed.grouping(group_by, effort_report.GROUPINGS)
    begin = period_start(config.goals, now) if since is None else typed.past_start(config, since, now)
    speak = speaker(config.language)
    with session.linked() as tx:
        answer = effort_report.answer(tx, config, assess(tx, config, now), speak, group_by=group_by, since=begin)
    draw = partial(effort_report.draw, speak=speak)
    emit(answer, draw, form, output, sheet=effort_report.sheet, language=config.language)
