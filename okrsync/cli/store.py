"""Looking after the store: backups, checks, upgrades, the move to another database."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import structlog
import typer

from okrsync.cli import screen
from okrsync.cli.session import Session
from okrsync.errors import UsageError
from okrsync.store import Store, copying
from okrsync.store import backup as backups
from okrsync.store.database import HEAD

log = structlog.get_logger(__name__)


def backup(session: Session, to: Path | None) -> None:
    """A copy of an SQLite database, of one moment and checked, whoever works on it."""
    with _as_it_is(session) as found:
        if found.path is None:
            raise UsageError(
                f"{found.name} is backed up by PostgreSQL's own means: pg_dump --format=custom; or, while no okrsync "
                "runs, as a file: okrsync db copy --to sqlite:///FILE"
            )
        version = found.revision()
        target = backups.place(found.path, to, session.now())
        with screen.copying("backup") as tell:
            backups.backup(found.path, target, lambda done, total: tell("pages", done, total))
        typer.echo(f"backed up {found.name} (schema {version}, {_size(target)}) to {target}; the copy is sound")


def check(session: Session) -> None:
    """Every fault of the database, a line each; exit 1 where there is one."""
    with _as_it_is(session):
        problems = session.store.check()
    for problem in problems:
        typer.echo(problem)
    if problems:
        raise typer.Exit(1)
    typer.echo("the database is sound")


def upgrade(session: Session) -> None:
    """The schema of this version, on SQLite and on PostgreSQL."""
    with closing(Store.open(session.config.database, upgrade=True)) as store:
        typer.echo(f"the database is at schema {store.revision()}")


def copy(session: Session, to: str) -> None:
    """Everything in an empty database too, of the same digests; Busy (75) while another okrsync works on either."""
    with (
        _as_it_is(session),
        session.store.lock(),
        closing(_empty(to)) as target,
        target.lock(),
        screen.copying("copy") as watch,
    ):
        digests = copying.copy(session.store, target, lambda table, rows: watch(table, rows, None))
        name = target.name
    for table, digest in digests.items():
        tell = log.info if digest.rows else log.debug
        tell("copied", table=table, rows=digest.rows, digest=str(digest))
    rows = sum(digest.rows for digest in digests.values())
    typer.echo(f"copied {rows:,} rows to {name}; each of the {len(digests)} tables is the same there")


@contextmanager
def _as_it_is(session: Session) -> Iterator[Store]:
    """The database to be looked at; UsageError where nothing is stored yet."""
    found = Store.as_it_is(session.config.database)
    if found is None:
        raise UsageError("nothing is stored yet; type: okrsync sync")
    with closing(found):
        if found.revision() is None:
            raise UsageError(f"nothing is stored yet in {found.name}; type: okrsync sync")
        yield found


def _empty(url: str) -> Store:
    """A database with the schema and nothing else; UsageError where it holds anything."""
    there = Store.as_it_is(url)
    if there is not None:
        with closing(there):
            version = there.revision()
            if version not in (None, HEAD):
                raise UsageError(f"the database {there.name} holds data already (schema {version}); give an empty one")
            if version is not None:
                with there.read() as tx:
                    copying.refuse_content(tx, there.name)
    return Store.open(url)


def _size(path: Path) -> str:
    return f"{path.stat().st_size / 1e6:,.1f} MB"
