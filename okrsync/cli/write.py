"""Plans, their application, and the journal."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from pathlib import Path

import typer

from okrsync import writeback
from okrsync.assess import freshness
from okrsync.cli import screen
from okrsync.cli.output import Format, emit
from okrsync.cli.session import Session
from okrsync.cli.work import AUTH, UNAVAILABLE
from okrsync.errors import AuthError
from okrsync.model import WriteState
from okrsync.reports import journal as report
from okrsync.reports import plan as plan_report
from okrsync.store import journal
from okrsync.texts import speaker


def plan(session: Session, form: Format, output: Path | None) -> None:
    now = session.now()
    with session.linked() as tx:
        fresh = freshness(tx, session.config, now)
    made = writeback.plan(session.store, session.config, by=session.by, now=now)
    language = session.config.language
    speak = speaker(language)
    answer = plan_report.plan_answer(made, session.config, fresh, now, speak)
    draw = partial(plan_report.draw_plan, speak=speak)
    emit(answer, draw, form, output, sheet=plan_report.plan_sheet, language=language)


def apply(session: Session, run: int | None, *, yes: bool, form: Format, output: Path | None) -> None:
    """Exits 69 where a write failed because of a tool, 77 where its credentials did."""
    with session.store.lock(), screen.applying() as watch:
        with session.linked() as tx:
            complete = freshness(tx, session.config, session.now()).complete
        done, outcomes = writeback.apply(
            session.store,
            session.config,
            connect=session.connect,
            clock=session.now,
            by=session.by,
            run=run,
            confirmed=yes,
            watch=watch,
        )
    nothing = "report.nothing_applied" if complete else "report.nothing_applied_yet"
    _report(session, done, outcomes, form, output, nothing=nothing)


def undo(session: Session, run: int, *, form: Format, output: Path | None) -> None:
    """Exits as ``apply`` does."""
    with session.store.lock(), screen.applying() as watch:
        done, outcomes = writeback.undo(
            session.store, session.config, run, connect=session.connect, clock=session.now, by=session.by, watch=watch
        )
    _report(session, done, outcomes, form, output, nothing="report.nothing_undone")


def _report(
    session: Session,
    run: int | None,
    outcomes: Sequence[writeback.Outcome],
    form: Format,
    output: Path | None,
    *,
    nothing: str,
) -> None:
    speak = speaker(session.config.language)
    with session.store.read() as tx:
        entries = journal.entries(tx, run) if run is not None else []
    planned = sum(entry.state is WriteState.PLANNED for entry in entries)
    answer = report.apply_answer(run, outcomes, planned, speak)
    draw, sheet = partial(report.draw_apply, speak=speak, nothing=nothing), partial(report.apply_sheet, nothing=nothing)
    emit(answer, draw, form, output, sheet=sheet, language=session.config.language)
    if failed := [outcome for outcome in outcomes if outcome.failed]:
        auth = all(isinstance(outcome.fault, AuthError) for outcome in failed)
        raise typer.Exit(AUTH if auth else UNAVAILABLE)


def runs(session: Session, form: Format, output: Path | None) -> None:
    with session.store.read() as tx:
        answer = report.runs_answer(journal.runs(tx))
    language = session.config.language
    emit(
        answer,
        partial(report.draw_runs, speak=speaker(language)),
        form,
        output,
        sheet=report.runs_sheet,
        language=language,
    )
