"""The reports: what is stored, linked and rolled up as of now."""

from __future__ import annotations

from datetime import datetime
from functools import partial
from pathlib import Path
from zoneinfo import ZoneInfo

from okrsync.assess import assess, freshness
from okrsync.cli.output import Format, RowFormat, emit
from okrsync.cli.session import Session
from okrsync.cli.work import find_item
from okrsync.errors import UsageError
from okrsync.reports import gaps as gaps_report
from okrsync.reports import orphans as orphans_report
from okrsync.reports import status as status_report
from okrsync.reports import trace as trace_report
from okrsync.store import queries
from okrsync.texts import speaker


def status(session: Session, objectives: list[str], form: Format, output: Path | None) -> None:
    goals = session.config.goals
    unknown = [one for one in objectives if one not in goals.objectives]
    if unknown:
        raise UsageError(f"no objective {unknown[0]!r}; there are: {', '.join(goals.objectives) or 'none'}")
    with session.linked() as tx:
        assessment = assess(tx, session.config, session.now())
    speak = speaker(session.config.language)
    answer = status_report.answer(session.config, assessment, speak, only=objectives)
    emit(answer, partial(status_report.draw, speak=speak), form, output)


def orphans(
    session: Session,
    *,
    group_by: str,
    since: datetime | None,
    team: str | None,
    source: list[str] | None,
    form: RowFormat,
    output: Path | None,
) -> None:
    config = session.config
    if team is not None and team not in {one.id for one in config.teams}:
        raise UsageError(f"no team {team!r}; there are: {', '.join(one.id for one in config.teams) or 'none'}")
    chosen = [one.id for one in session.chosen(source)] if source else None
    allowed = orphans_report.groupings(config)
    if group_by not in allowed:
        raise UsageError(f"--group-by takes one of: {', '.join(allowed)}")
    now = session.now()
    if since is not None and since.replace(tzinfo=ZoneInfo(config.goals.timezone)) > now:
        raise UsageError(f"--since {since:%Y-%m-%d} has not come yet; the period begins in the past")
    speak = speaker(config.language)
    with session.linked() as tx:
        answer = orphans_report.answer(
            tx, config, now, speak, group_by=group_by, since=since, team=team, sources=chosen
        )
    emit(answer, partial(orphans_report.draw, speak=speak), form, output, rows=orphans_report.rows)


def gaps(session: Session, form: Format, output: Path | None) -> None:
    speak = speaker(session.config.language)
    with session.linked() as tx:
        answer = gaps_report.answer(tx, session.config, assess(tx, session.config, session.now()), speak)
    emit(answer, partial(gaps_report.draw, speak=speak), form, output)


def trace(session: Session, item: str, form: Format, output: Path | None) -> None:
    speak = speaker(session.config.language)
    with session.linked() as tx:
        found = find_item(tx, session.config, item)
        verdict = queries.verdict_of(tx, found.uid)
        now = session.now()
        fresh = freshness(tx, session.config, now)
    answer = trace_report.answer(found, verdict, fresh, session.config, now, speak)
    emit(answer, partial(trace_report.draw, speak=speak), form, output)
