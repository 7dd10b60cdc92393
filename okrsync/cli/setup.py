"""Setting up: a first configuration, its validation, the store."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import typer

from okrsync.cli.output import Format, emit
from okrsync.cli.session import Session
from okrsync.counting import counted_by
from okrsync.errors import AuthError, ConfigError, OkrsyncError, StoreError, ToolError, UsageError
from okrsync.model import SourceConfig
from okrsync.ports import HasCounts, Source
from okrsync.reports import setup as setup_report


def init(path: Path, *, force: bool) -> None:
    """The shipped example at ``path``; never over a file that is there, unless told so."""
    import config

    if path.is_dir():
        path = path / "okrsync.toml"
    if path.exists() and not force:
        raise UsageError(f"{path} is there already; okrsync init --force replaces it")
    try:
        path.write_text(config.template(), encoding="utf-8")
    except OSError as fault:
        raise StoreError(f"cannot write {path}: {fault.strerror}") from fault
    typer.echo(f"wrote {path}; edit it, then type: okrsync --config {path} check-config --online")


def check_config(session: Session, *, online: bool, form: Format, output: Path | None) -> None:
    """The configuration is fine, or every fault at once; online also what each token can do and lacks."""
    checked = [_sign_in(session, source) for source in session.config.sources] if online else []
    answer = setup_report.check_answer(session.config, checked, session.now())
    language = session.config.language
    emit(answer, setup_report.draw_check, form, output, sheet=setup_report.check_sheet, language=language)
    failed = [account for account in answer["accounts"] if account["state"] != "ok"]
    if failed:
        states = {account["state"] for account in failed}
        code = ToolError.exit_code
        if "misconfigured" in states:
            code = ConfigError.exit_code
        elif states == {"auth_failed"}:
            code = AuthError.exit_code
        raise typer.Exit(code)


def _sign_in(session: Session, source: SourceConfig) -> setup_report.Checked:
    try:
        with closing(session.connect(source)) as remote:
            account, scopes = remote.check(), tuple(remote.scopes())
            return setup_report.Checked(source, account, scopes, tuple(_counts(session, source, remote)))
    except OkrsyncError as fault:
        return setup_report.Checked(source, error=fault)


def _counts(session: Session, source: SourceConfig, remote: Source) -> Iterator[setup_report.Count]:
    """What the tool makes of each query that key results are counted by; a refusal in its own words."""
    if not isinstance(remote, HasCounts):
        return
    for query, key_results in counted_by(session.config.goals, source.id, session.now()).items():
        names = tuple(kr.id for kr in key_results)
        try:
            yield setup_report.Count(query, names, remote.count(query))
        except ToolError as fault:
            yield setup_report.Count(query, names, error=str(fault))


def config_show(session: Session, form: Format, output: Path | None) -> None:
    answer, language = setup_report.config_answer(session.config), session.config.language
    emit(answer, setup_report.draw_config, form, output, sheet=setup_report.config_sheet, language=language)


def db_upgrade(session: Session) -> None:
    """The schema of this version, on SQLite and on PostgreSQL."""
    from okrsync.store import Store

    store = Store.open(session.config.database, upgrade=True)
    typer.echo(f"the database is at schema {store.revision()}")
    store.close()


def db_check(session: Session) -> None:
    """Every fault of the database, a line each; exit 1 where there is one."""
    problems = session.store.check()
    for problem in problems:
        typer.echo(problem)
    if problems:
        raise typer.Exit(1)
    typer.echo("the database is sound")
