"""Setting up: a first configuration, its validation, the store."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

import typer

from okrsync.cli.output import Format, emit
from okrsync.cli.session import Session
from okrsync.errors import AuthError, ConfigError, OkrsyncError, StoreError, ToolError, UsageError
from okrsync.model import SourceConfig
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
    answer = setup_report.check_answer(
        session.config, [_sign_in(session, source) for source in session.config.sources] if online else []
    )
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
            return setup_report.Checked(source, account=remote.check(), scopes=tuple(remote.scopes()))
    except OkrsyncError as fault:
        return setup_report.Checked(source, error=fault)


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
