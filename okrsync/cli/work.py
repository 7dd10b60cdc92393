"""``sync`` and the commands that record a human's word."""

from __future__ import annotations

import math
import unicodedata
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import typer

from okrsync.cli import instants, screen
from okrsync.cli.output import Format, emit
from okrsync.cli.session import Session
from okrsync.cli.unknown import unknown
from okrsync.engine.threads import ThreadEngine
from okrsync.errors import UsageError
from okrsync.model import KeyResultKind, Reading, SourceState
from okrsync.reports import journal as journal_report
from okrsync.reports.common import line
from okrsync.store import people, queries
from okrsync.store.alike import alike
from okrsync.sync import Options, SourceResult
from okrsync.sync import sync as run_sync
from rollup.span import MICROSECOND, local_day

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from config import Config

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


def find_item(tx: Connection, config: Config, text: str) -> queries.Found:
    """The one item of the configured sources that ``text`` names; UsageError where it names none or several."""
    configured = {source.id for source in config.sources}
    text = line(text).strip()  # as it was copied: from a comment, with characters that nobody sees
    found = [one for one in queries.find(tx, text) if one.source in configured]
    if not found:
        if goal := _goal(config, text):
            raise UsageError(goal)
        if queries.empty(tx):
            raise UsageError(f"no item {text!r} is stored, for nothing is yet; type: okrsync sync")
        likely = alike(tx, text, configured)
        meant = f" (did you mean {' or '.join(likely)}?)" if likely else ""
        raise UsageError(
            f"no item {text!r} is stored{meant}; a key (SHOP-12, acme/shop#7, the id of an Asana task), SOURCE:KEY, an "
            "address, or the first seven digits of a commit's sha name one"
        )
    if len(found) > 1:
        options = ", ".join(f"{one.source}:{one.key}" for one in found)
        raise UsageError(f"{text!r} names {len(found)} items; say which: {options}")
    return found[0]


def _goal(config: Config, text: str) -> str:
    """What is said to somebody who named a goal where an item was asked for; nothing where it is none."""
    goals, name = config.goals, _folded(text).removeprefix("okr:")
    known = {_folded(one): one for one in (*goals.objectives, *goals.key_results)}
    goal = known.get(name)
    if goal is None:
        return ""
    objective = goal if goal in goals.objectives else goals.key_results[goal].objective
    return (
        f"{goal} is a goal and no item: okrsync status --objective {objective} tells how it stands, "
        f"okrsync backlog --objective {objective} what is open for it"
    )


def metric_set(session: Session, key_result: str, said: str, *, at: str | None, why: str) -> None:
    """Record a reading; the instant is read in the configured time zone."""
    goals = session.config.goals
    by_id = {_folded(one): kr for one, kr in goals.key_results.items()}
    kr = by_id.get(_folded(key_result))
    if kr is None:
        raise unknown("key result", key_result, goals.key_results)
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
    local, day = instants.typed("--at", at, timezone, now)
    instant = (local.replace(hour=23, minute=59) if day else local).astimezone(UTC)
    if local.date() == now.astimezone(ZoneInfo(timezone)).date():
        return min(instant, now)
    if instant > now:
        raise UsageError(f"--at {at} is not over yet; a reading cannot be of the future")
    return instant


def _folded(text: str) -> str:
    return unicodedata.normalize("NFC", text).casefold()
