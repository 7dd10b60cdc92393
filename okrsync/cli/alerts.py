"""The alerts of the daemon."""

from __future__ import annotations

from functools import partial
from pathlib import Path

from okrsync.cli.output import Format, emit
from okrsync.cli.session import Session
from okrsync.reports import alerts as report
from okrsync.texts import speaker


def alerts(session: Session, *, everything: bool, form: Format, output: Path | None) -> None:
    """Those that stand, or ``everything`` that is remembered; the newest first."""
    config, speak = session.config, speaker(session.config.language)
    with session.store.read() as tx:
        answer = report.answer(tx, config, session.now(), speak, everything=everything)
    draw = partial(report.draw, speak=speak, everything=everything)
    sheet = partial(report.sheet, everything=everything)
    emit(answer, draw, form, output, sheet=sheet, language=config.language)
