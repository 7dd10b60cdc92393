"""The commands that look after the store."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

app = typer.Typer(no_args_is_help=True, help="The store.")


@app.command()
def backup(
    ctx: typer.Context,
    to: Annotated[
        Path | None,
        typer.Option("--to", metavar="FILE", help="Where, or in which folder; by default beside the database."),
    ] = None,
) -> None:
    """Copy an SQLite database that is in use, whole and checked."""
    from okrsync.cli import store

    store.backup(ctx.obj, to)


@app.command()
def check(ctx: typer.Context) -> None:
    """Verify that the database is sound; exit 1 if it is not."""
    from okrsync.cli import store

    store.check(ctx.obj)


@app.command()
def upgrade(ctx: typer.Context) -> None:
    """Bring the database to this version's schema."""
    from okrsync.cli import store

    store.upgrade(ctx.obj)


@app.command()
def copy(
    ctx: typer.Context,
    to: Annotated[
        str, typer.Option("--to", metavar="URL", help="An empty database: postgresql+psycopg://…, sqlite:///FILE.")
    ],
) -> None:
    """Copy everything into an empty database, of the other kind too, and compare."""
    from okrsync.cli import store

    store.copy(ctx.obj, to)


@app.command()
def forget(
    ctx: typer.Context,
    names: Annotated[
        list[str] | None, typer.Argument(metavar="[PERSON]...", help="Names, addresses, logins, ids of one person.")
    ] = None,
    login: Annotated[
        list[str] | None,
        typer.Option("--login", help="A login that is an ordinary word too: only as a value or a mention."),
    ] = None,
    yes: Annotated[bool, typer.Option("--yes", help="Do it; without it, only tell what would be replaced.")] = False,
) -> None:
    """Replace the names of a person by an alias, in all that is stored and in what will be."""
    from okrsync.cli import forget

    forget.forget(ctx.obj, names or [], login or [], yes=yes)
