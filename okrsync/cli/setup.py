"""Setting up: a first configuration, its validation, what a change of it would do."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import replace
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from okrsync.cli.output import Format, emit
from okrsync.cli.session import Session
from okrsync.counting import counted_by
from okrsync.errors import AuthError, ConfigError, OkrsyncError, StoreError, ToolError, UsageError
from okrsync.model import GoalState, Json, Lack, SourceConfig, Surface
from okrsync.ports import HasCounts, HasFields, Source
from okrsync.reports import setup as setup_report

if TYPE_CHECKING:
    from config import Config
    from okrsync.store import Store


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
    post = _post(session.config) if online else None
    answer = setup_report.check_answer(session.config, checked, session.now(), changes=_changes(session), post=post)
    language = session.config.language
    emit(answer, setup_report.draw_check, form, output, sheet=setup_report.check_sheet, language=language)
    asked = [*answer["accounts"], *([answer["mail"]] if answer["mail"] else [])]
    failed = [account for account in asked if account["state"] != "ok"]
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
            account = replace(account, lacks=(*account.lacks, *_unfit(session.config, source.id, remote)))
            return setup_report.Checked(source, account, scopes, tuple(_counts(session, source, remote)))
    except OkrsyncError as fault:
        return setup_report.Checked(source, error=fault)


def _unfit(config: Config, source: str, remote: Source) -> Sequence[Lack]:
    """What would be refused of the fields that are to be filled, once they are."""
    policy = config.writeback.source(source)
    fields = {Surface.NUMBER: policy.progress_field, Surface.OBJECTIVE_FIELD: policy.objective_field}
    wanted = {surface: field for surface, field in fields.items() if field}
    if not wanted or not isinstance(remote, HasFields):
        return ()
    ended = (GoalState.DROPPED, GoalState.CLOSED)
    return remote.unfit(wanted, [one.id for one in config.goals.objectives.values() if one.state not in ended])


def _post(config: Config) -> setup_report.Post | None:
    """Whether the mail server of the reports takes our login; None where there is none."""
    from okrsync import weekly
    from okrsync.sending import mail

    smtp = config.reports.smtp
    if smtp is None:
        return None
    try:
        mail.check(smtp, weekly.password(config, weekly.revealer(config)))
    except OkrsyncError as fault:
        return setup_report.Post(smtp, config.reports.to, fault)
    return setup_report.Post(smtp, config.reports.to)


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


def _changes(session: Session) -> int | None:
    """How many changes there are since the store was last linked; None where there is no store, or it does not tell.
    Nothing is made or changed for it, and a database that is away keeps nobody waiting."""
    from config import differences

    try:
        with _existing(session, wait=timedelta(seconds=1)) as store:
            remembered = _remembered(store)
    except OkrsyncError:
        return None
    return len(differences(remembered, session.config.given))


def config_show(session: Session, form: Format, output: Path | None) -> None:
    answer, language = setup_report.config_answer(session.config), session.config.language
    emit(answer, setup_report.draw_config, form, output, sheet=setup_report.config_sheet, language=language)


def config_diff(session: Session, other: Path | None, *, each: bool, form: Format, output: Path | None) -> None:
    """What the configuration would change: against what the store was linked under, or against another file."""
    from okrsync.cli import screen
    from okrsync.preview import RUNS, preview
    from okrsync.reports import preview as preview_report
    from okrsync.texts import speaker

    new, now = session.config, session.now()
    old = None if other is None else Session(str(other), session.flags).config
    with _existing(session) as store, screen.trying() as watch:
        old = old or _restored(session, _remembered(store))
        restore = partial(_restored, session)
        found = preview(store, old, new, now, restore, runs=None if each else RUNS, watch=watch)
    speak = speaker(new.language)
    answer = preview_report.answer(found, old, new, against=None if other is None else str(old.path), now=now)
    draw = partial(preview_report.draw, speak=speak)
    emit(answer, draw, form, output, sheet=preview_report.sheet, language=new.language)


@contextmanager
def _existing(session: Session, **how: timedelta) -> Iterator[Store]:
    """The store as it is; UsageError, with what to type, where there is none to look at."""
    from okrsync.store import Store

    store = Store.existing(session.config.database, **how)
    if store is None:
        raise UsageError("nothing is stored yet that a change could move; type: okrsync sync")
    with closing(store):
        yield store


def _remembered(store: Store) -> dict[str, Json]:
    """The configuration of the last link job."""
    from okrsync.linking import CONFIGURED
    from okrsync.store.meta import get_meta

    with store.read() as tx:
        remembered = get_meta(tx, CONFIGURED)
    if not isinstance(remembered, dict):
        raise UsageError(
            "the store does not know yet under which configuration it was linked; type: okrsync sync, or name a file "
            "to compare with: okrsync config show --diff FILE"
        )
    return remembered


def _restored(session: Session, given: Mapping[str, Json]) -> Config:
    import config
    from connectors import registry

    return config.restored(given, session.config.path, registry.settings())
