"""``sync`` and the commands that record a human's word."""

from __future__ import annotations

import math
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import typer

from okrsync import typed
from okrsync.cli import screen
from okrsync.cli.output import Format, emit
from okrsync.cli.session import Session
from okrsync.engine.threads import ThreadEngine
from okrsync.errors import UsageError
from okrsync.model import KeyResultKind, Reading, SourceState
from okrsync.reports import journal as journal_report
from okrsync.store import people
from okrsync.sync import Options, SourceResult
from okrsync.sync import sync as run_sync
from rollup.span import MICROSECOND, local_day

UNAVAILABLE, AUTH = 69, 77
PATIENCE = 3.0  # seconds that somebody who typed Ctrl-C waits for the pages in hand


def sync(
    session: Session,
    names: list[str] | None,
    *,
    full: bool,
    allow_mass_delete: bool,
    form: Format,
    output: Path | None,
) -> None:
    """One cycle of the sources named; exits 69 where one failed, 77 where only credentials did."""
    chosen = session.chosen(names)
    engine = ThreadEngine()
    with session.store.lock(), screen.progress() as watcher:
        try:
            results = run_sync(
                session.store,
                session.config,
                chosen,
                connect=session.connect,
                clock=session.now,
                engine=engine,
                options=Options(full=full, allow_mass_delete=allow_mass_delete, stop=session.stop),
                watcher=watcher,
            )
        except KeyboardInterrupt:  # the lock is held until the pages in hand are stored
            session.stop.set()
            engine.close(PATIENCE)
            raise
    answer, language = journal_report.sync_answer(results), session.config.language
    emit(answer, journal_report.draw_sync, form, output, sheet=journal_report.sync_sheet, language=language)
    if code := exit_code(results):
        raise typer.Exit(code)


def exit_code(results: Sequence[SourceResult]) -> int:
    """0 where every source was read, 77 where only credentials failed, else 69."""
    failed = {result.state for result in results} - {SourceState.OK}
    if not failed:
        return 0
    return AUTH if failed == {SourceState.AUTH_FAILED} else UNAVAILABLE


def metric_set(session: Session, key_result: str, said: str, *, at: str | None, why: str) -> None:
    """Record a reading; the instant is read in the configured time zone."""
    goals = session.config.goals
    by_id = {typed.folded(one): kr for one, kr in goals.key_results.items()}
    kr = by_id.get(typed.folded(key_result))
    if kr is None:
        raise typed.unknown("key result", key_result, goals.key_results)
    if kr.kind is KeyResultKind.WORK:
        raise UsageError(f"{kr.id} is measured by its work; only metric, keep and mixed key results take readings")
    value = _number(said)
    now = session.now()
    instant = now if at is None else _instant(at, goals.timezone, now)
    with session.store.begin() as tx:
        people.add_reading(tx, Reading(kr.id, instant, value, session.by, why.strip()))
    typer.echo(f"{kr.id} = {value:g}{kr.unit and ' ' + kr.unit} at {instant:%Y-%m-%d %H:%M} UTC, says {session.by}")
    if kr.window.end is not None and kr.window.end <= instant:
        last = local_day(kr.window.end - MICROSECOND, goals.timezone)
        typer.echo(f"{kr.id} ended on {last} and keeps what it came to; to correct that, date the reading: --at {last}")
    if place := kr.metric.goal or kr.metric.source:
        typer.echo(f"{kr.id} is read from {place} too: this holds until the value there moves")


def _number(said: str) -> float:
    try:
        value = float(said)
    except ValueError:
        value = math.nan
    if not math.isfinite(value):
        raise UsageError(f"a reading is a number such as 83.2, not {said!r}")
    return value


def _instant(at: str, timezone: str, now: datetime) -> datetime:
    """A bare day means its end, or now where it is today: the reading holds for the day."""
    local, day = typed.instant("--at", at, timezone, now)
    instant = (local.replace(hour=23, minute=59) if day else local).astimezone(UTC)
    if local.date() == now.astimezone(ZoneInfo(timezone)).date():
        return min(instant, now)
    if instant > now:
        raise UsageError(f"--at {at} is not over yet; a reading cannot be of the future")
    return instant
