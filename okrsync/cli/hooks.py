"""``hooks``: the webhooks of the chosen sources, one source after the other."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path

import typer

from okrsync.cli.output import Format, emit
from okrsync.cli.session import Session
from okrsync.errors import AuthError, ConfigError, OkrsyncError, ToolError
from okrsync.hooks.making import Done, Making, check_url
from okrsync.hooks.receiver import OPTION
from okrsync.hooks.standing import NOWHERE, Condition, Standing
from okrsync.model import SourceConfig
from okrsync.reports import hooks as report
from okrsync.texts import speaker
from okrsync.weekly import revealer


def create(session: Session, names: list[str] | None, form: Format, output: Path | None) -> None:
    """Every place has its webhook; exits 69 where a tool refuses one, and as :func:`listing` does."""
    chosen = session.chosen(names)
    for source in chosen:
        if source.webhook_secret is not None:
            check_url(session.config.server.url, source)
    done, faults = _each(session, chosen, lambda making, on: making.create() if on else _as_is(making))
    _tell(session, done, form, output)
    _exit(done, faults)


def listing(session: Session, names: list[str] | None, form: Format, output: Path | None) -> None:
    """How it stands with each; exits 78 where the configuration of a source is wrong, 77 where nothing but credentials
    failed, else 69 where a source failed."""
    done, faults = _each(session, session.chosen(names), lambda making, _: _as_is(making))
    _tell(session, done, form, output)
    _exit([], faults)


def delete(session: Session, names: list[str] | None, form: Format, output: Path | None) -> None:
    """What okrsync made is gone; exits as :func:`create` does."""
    done, faults = _each(session, session.chosen(names), lambda making, _: making.delete())
    _tell(session, done, form, output)
    _exit(done, faults)


def _as_is(making: Making) -> Iterator[Done]:
    return map(Done, making.look())


def _each(
    session: Session, chosen: Sequence[SourceConfig], work: Callable[[Making, bool], Iterator[Done]]
) -> tuple[list[Done], list[OkrsyncError]]:
    """What was done, and why some sources could not be gone through to the end: that holds up no other."""
    done, faults = list[Done](), list[OkrsyncError]()
    for source in chosen:
        try:
            with _making(session, source) as making:
                for one in work(making, source.webhook_secret is not None):
                    done.append(one)  # one by one: what was done before a fault is told
        except (ToolError, ConfigError) as fault:
            faults.append(fault)
            done.append(Done(Standing(source.id, NOWHERE, Condition.FAILED, why=str(fault))))
    return done, faults


def _exit(done: Sequence[Done], faults: Sequence[OkrsyncError]) -> None:
    refused = any(one.standing.condition is Condition.REFUSED for one in done)
    if any(isinstance(fault, ConfigError) for fault in faults):
        raise typer.Exit(ConfigError.exit_code)
    if faults and not refused and all(isinstance(fault, AuthError) for fault in faults):
        raise typer.Exit(AuthError.exit_code)
    if faults or refused:
        raise typer.Exit(ToolError.exit_code)


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
