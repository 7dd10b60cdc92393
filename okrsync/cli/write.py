"""Plans, their application, what takes it back, and the journal."""

from __future__ import annotations

from collections import Counter
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from okrsync.assess import freshness
from okrsync.cli import screen
from okrsync.cli.output import Format, emit
from okrsync.cli.session import Session
from okrsync.cli.work import AUTH, UNAVAILABLE
from okrsync.errors import AuthError, UsageError
from okrsync.model import WriteMode, WriteState
from okrsync.reports import journal as report
from okrsync.reports import plan as plan_report
from okrsync.reports import runs as runs_report
from okrsync.reports.writes import titles
from okrsync.store import journal
from okrsync.texts import speaker
from okrsync.writing import applying, undoing
from okrsync.writing import plan as planning
from okrsync.writing.modes import mode_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from okrsync.writing.outcome import Outcome


def plan(session: Session, form: Format, output: Path | None) -> None:
    now, config = session.now(), session.config
    with session.linked() as tx:
        fresh = freshness(tx, config, now)
    made = planning.plan(session.store, config, connect=session.connect, by=session.by, now=now)
    with session.store.read() as tx:
        around = plan_report.surroundings(tx, config, made, now)
    speak = speaker(config.language)
    answer = plan_report.plan_answer(made, config, fresh, now, speak, around)
    draw = partial(plan_report.draw_plan, speak=speak)
    emit(answer, draw, form, output, sheet=plan_report.plan_sheet, language=config.language)


def apply(session: Session, run: int | None, *, yes: bool, form: Format, output: Path | None) -> None:
    """Exits 69 where a write failed because of a tool, 77 where its credentials did."""
    config = session.config
    with session.store.lock(), screen.applying() as watch:
        with session.linked() as tx:
            complete = freshness(tx, config, session.now()).complete
        done, outcomes = applying.apply(
            session.store,
            config,
            connect=session.connect,
            clock=session.now,
            by=session.by,
            run=run,
            confirmed=yes,
            watch=watch,
            wait=session.stop.wait,
        )
    nothing = "report.nothing_applied" if complete else "report.nothing_applied_yet"
    speak = speaker(config.language)
    with session.store.read() as tx:
        called = titles(tx, [one.write.slot for one in outcomes])
    answer = report.apply_answer(done, outcomes, _unsent(session, done, outcomes), speak, called)
    draw, sheet = partial(report.draw_apply, speak=speak, nothing=nothing), partial(report.apply_sheet, nothing=nothing)
    emit(answer, draw, form, output, sheet=sheet, language=config.language)
    _exit(outcomes)


def undo(session: Session, run: int | None, *, everything: bool, yes: bool, form: Format, output: Path | None) -> None:
    """Exits as ``apply`` does."""
    if everything == (run is not None):
        raise UsageError("name the run to take back (okrsync runs lists them), or all of it: okrsync undo --all")
    config, speak = session.config, speaker(session.config.language)
    with session.store.lock(), screen.applying() as watch:
        if run is None:
            undone = undoing.undo_all(
                session.store,
                config,
                connect=session.connect,
                clock=session.now,
                by=session.by,
                confirmed=yes,
                wait=session.stop.wait,
                watch=watch,
            )
        else:
            undone = undoing.undo(
                session.store,
                config,
                run,
                connect=session.connect,
                clock=session.now,
                by=session.by,
                wait=session.stop.wait,
                watch=watch,
            )
    nothing = "report.nothing_undone" if run is not None else "undo.nothing_at_all"
    with session.store.read() as tx:
        called = titles(tx, [*(one.write.slot for one in undone.outcomes), *(one.slot for one in undone.left)])
    answer = report.undo_answer(undone, speak, called)
    draw = partial(report.draw_undo, speak=speak, nothing=nothing, paused=run is None)
    emit(answer, draw, form, output, sheet=partial(report.apply_sheet, nothing=nothing), language=config.language)
    _exit(undone.outcomes)
    if undone.unswept:
        raise typer.Exit(UNAVAILABLE)


def _unsent(session: Session, run: int | None, outcomes: Sequence[Outcome]) -> dict[str, int]:
    """How many writes of a run stay planned, by what they wait for, beside those whose turn did not come."""
    seen = {outcome.write.id for outcome in outcomes}
    with session.store.read() as tx:
        entries = journal.entries(tx, run) if run is not None else []
    waiting = [one for one in entries if one.state is WriteState.PLANNED and one.write.id not in seen]
    modes = Counter(mode_of(session.config.writeback, one.write) for one in waiting)
    drafts = modes[WriteMode.DRAFT]
    return {"mode": len(waiting) - drafts, "approval": drafts}


def _exit(outcomes: Sequence[Outcome]) -> None:
    if failed := [outcome for outcome in outcomes if outcome.failed]:
        auth = all(isinstance(outcome.fault, AuthError) for outcome in failed)
        raise typer.Exit(AUTH if auth else UNAVAILABLE)


def runs(session: Session, run: int | None, form: Format, output: Path | None) -> None:
    """All runs, or every write of one."""
    language = session.config.language
    speak = speaker(language)
    with session.store.read() as tx:
        if run is None:
            answer = runs_report.runs_answer(tx, session.config)
        elif (found := journal.run(tx, run)) is not None:
            answer = runs_report.run_answer(tx, found, speak)
        else:
            raise UsageError(f"there is no run {run}; type: okrsync runs")
    draw, sheet = (
        (runs_report.draw_runs, runs_report.runs_sheet)
        if run is None
        else (runs_report.draw_run, runs_report.run_sheet)
    )
    emit(answer, partial(draw, speak=speak), form, output, sheet=sheet, language=language)
