"""Likely parents for orphans, and how sure they are here. Nothing of it is applied by itself."""

from __future__ import annotations

from functools import partial
from pathlib import Path

from okrsync import typed
from okrsync.cli.output import Format, emit
from okrsync.cli.session import Session
from okrsync.errors import UsageError
from okrsync.texts import speaker


def suggest(
    session: Session,
    item: str | None,
    *,
    source: list[str] | None,
    team: str | None,
    limit: int | None,
    threshold: float | None,
    evaluate: bool,
    form: Format,
    output: Path | None,
) -> None:
    """The suggestions for an item, or for every place to mend; with ``evaluate`` how often they were right here."""
    from okrsync.reports import suggest as report

    config = session.config
    if evaluate and (item or source or team or limit is not None):
        raise UsageError("--evaluate measures on all links there are; leave ITEM, --source, --team and --limit out")
    typed.team(config, team)
    chosen = [one.id for one in session.chosen(source)] if source else None
    now, speak, language = session.now(), speaker(config.language), config.language
    program = ("okrsync", *(("--config", session.path) if session.path else ()))
    with session.linked() as tx:
        if evaluate:
            answer = report.evaluation(tx, config, now, threshold)
        else:
            uid = typed.item(tx, config, item).uid if item else None
            answer = report.answer(
                *(tx, config, now, speak),
                item=uid,
                team=team,
                sources=chosen,
                limit=limit,
                least=threshold,
                program=program,
            )
    draw, sheet = (report.draw_evaluation, report.evaluation_sheet) if evaluate else (report.draw, report.sheet)
    emit(answer, partial(draw, speak=speak), form, output, sheet=sheet, language=language)
