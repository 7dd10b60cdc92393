"""``hooks``: the webhooks of the chosen sources, one source after the other."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path

import typer

from okrsync.cli.output import Format, emit
from okrsync.cli.session import Session
from okrsync.errors import ToolError
from okrsync.hooks.making import Done, Making, check_url
from okrsync.hooks.receiver import OPTION
from okrsync.hooks.standing import Condition
from okrsync.model import SourceConfig
from okrsync.reports import hooks as report
from okrsync.texts import speaker
from okrsync.weekly import revealer

REFUSED = ToolError.exit_code


def create(session: Session, names: list[str] | None, form: Format, output: Path | None) -> None:
    """Every place has its webhook; exit 69 where a tool refuses one."""
    chosen = session.chosen(names)
    for source in chosen:
        if source.webhook_secret is not None:
            check_url(session.config.server.url, source)
    done = _each(session, chosen, lambda making, on: making.create() if on else _as_is(making))
    _tell(session, done, form, output)
    if any(one.standing.condition is Condition.REFUSED for one in done):
        raise typer.Exit(REFUSED)


def listing(session: Session, names: list[str] | None, form: Format, output: Path | None) -> None:
    """How it stands with each."""
    _tell(session, _each(session, session.chosen(names), lambda making, _: _as_is(making)), form, output)


def delete(session: Session, names: list[str] | None, form: Format, output: Path | None) -> None:
    """What okrsync made is gone; exit 69 where a tool refuses that."""
    done = _each(session, session.chosen(names), lambda making, _: making.delete())
    _tell(session, done, form, output)
    if any(one.standing.condition is Condition.REFUSED for one in done):
        raise typer.Exit(REFUSED)


def _as_is(making: Making) -> list[Done]:
    return [Done(one) for one in making.look()]


def _each(session: Session, chosen: Sequence[SourceConfig], work: Callable[[Making, bool], list[Done]]) -> list[Done]:
    found: list[Done] = []
    for source in chosen:
        with _making(session, source) as making:
            found += work(making, source.webhook_secret is not None)
    return found


@contextmanager
def _making(session: Session, source: SourceConfig) -> Iterator[Making]:
    secret = None if source.webhook_secret is None else revealer(session.config)(source.webhook_secret, OPTION)
    remote = session.connect(source)
    try:
        yield Making(session.store, session.config, source, remote, secret, session.now)
    finally:
        remote.close()


def _tell(session: Session, done: Sequence[Done], form: Format, output: Path | None) -> None:
    config = session.config
    speak = speaker(config.language)
    answer = report.answer(done, config.server.url)
    emit(answer, partial(report.draw, speak=speak), form, output, sheet=report.sheet, language=config.language)
