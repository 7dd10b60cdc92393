"""How well the rule tells what becomes of key results, on this installation's own past or on recorded groups."""

from __future__ import annotations

from functools import partial
from pathlib import Path

from okrsync.calibrating import recorded_trials
from okrsync.cli.output import Format, emit
from okrsync.cli.session import Session
from okrsync.reports import calibration as report
from okrsync.texts import speaker


def calibrate(session: Session, histories: Path | None, *, deciles: bool, form: Format, output: Path | None) -> None:
    """The table; with ``deciles`` the flat forms hold the chances and what became of them instead of the rules."""
    config = session.config
    if histories is None:
        with session.linked() as tx:
            answer = report.own_answer(tx, config, session.now())
    else:
        trials = recorded_trials(histories, config.thresholds)
        answer = report.recorded_answer(trials, config.thresholds, str(histories))
    sheet = report.deciles_sheet if deciles else report.sheet
    draw = partial(report.draw, speak=speaker(config.language))
    emit(answer, draw, form, output, sheet=sheet, language=config.language)
