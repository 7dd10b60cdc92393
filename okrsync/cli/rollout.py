"""The roll-out: gates, waves and pruning, as of now."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from okrsync import typed
from okrsync.cli.output import Format, emit
from okrsync.cli.session import Session
from okrsync.errors import UsageError
from okrsync.model import KeyResult
from okrsync.texts import speaker

if TYPE_CHECKING:
    from config import Config

FIRST_GATE = '[[gates]] with id = "coverage", measure = "coverage", at_least = 0.8, window = "28d"'


def gate(session: Session, ids: list[str], form: Format, output: Path | None) -> None:
    """Every gate, or those named, with what was measured; exit 1 where one is not passed."""
    from okrsync.reports import gates as report

    config = session.config
    known = [one.id for one in config.gates]
    if not known:
        raise UsageError(f"no gate is configured; write for example: {FIRST_GATE} (docs/rollout.md)")
    for name in ids:
        if name not in known:
            raise typed.unknown("gate", name, known)
    speak, now = speaker(config.language), session.now()
    with session.linked() as tx:
        answer = report.answer(tx, config, now, speak, only=ids)
    emit(answer, partial(report.draw, speak=speak), form, output, sheet=report.sheet, language=config.language)
    if not answer["passed"]:
        raise typer.Exit(1)


def waves(session: Session, teams: list[str], form: Format, output: Path | None) -> None:
    """Coverage by week of the pilot and of the rest."""
    from okrsync.reports import waves as report

    config = session.config
    for team in teams:
        typed.team(config, team)
    pilot = tuple(dict.fromkeys(teams)) or report.pilot(config)
    if not pilot:
        known = ", ".join(team.id for team in config.teams)
        there = f"there are: {known}" if known else "none is configured yet; write them under [teams]"
        raise UsageError(f"name the pilot, such as okrsync waves --team TEAM; {there}")
    speak, now = speaker(config.language), session.now()
    with session.linked() as tx:
        answer = report.answer(tx, config, now, speak, teams=pilot)
    emit(answer, partial(report.draw, speak=speak), form, output, sheet=report.sheet, language=config.language)


def prune(session: Session, *, keep: int | None, everything: bool, form: Format, output: Path | None) -> None:
    """The drafts in their order, and which of them it is proposed to keep."""
    from okrsync.reports import pruning as report

    config = session.config
    speak, now = speaker(config.language), session.now()
    with session.linked() as tx:
        answer = report.answer(tx, config, now, speak, keep=keep, everything=everything)
    emit(answer, partial(report.draw, speak=speak), form, output, sheet=report.sheet, language=config.language)


def drop(session: Session, names: list[str], *, each: bool, form: Format, output: Path | None) -> None:
    """What dropping these key results would orphan: the link job is run without them, and undone."""
    from okrsync import pruning
    from okrsync.cli import screen
    from okrsync.reports import dropping as report

    config = session.config
    chosen = [_droppable(config, name) for name in dict.fromkeys(names)]
    speak, now = speaker(config.language), session.now()
    with screen.trying() as watch:
        found = pruning.without(session.store, config, [kr.id for kr in chosen], now, each=each, watch=watch)
    answer = report.answer(found, config, chosen, now)
    emit(answer, partial(report.draw, speak=speak), form, output, sheet=report.sheet, language=config.language)


def _droppable(config: Config, name: str) -> KeyResult:
    goals = config.goals
    if name in goals.objectives:
        raise UsageError(f"{name} is an objective; --drop takes key results")
    if name not in goals.key_results:
        raise typed.unknown("key result", name, goals.key_results)
    kr = goals.key_results[name]
    if kr.state in ("dropped", "closed"):
        raise UsageError(f"{name} is {kr.state} already")
    return kr
