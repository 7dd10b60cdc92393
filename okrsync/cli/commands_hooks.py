"""Webhooks: made in the tools, listed, deleted."""

from __future__ import annotations

import typer

from okrsync.cli.options import FormatOption, OutputOption, SourceOption
from okrsync.cli.output import Format

app = typer.Typer(no_args_is_help=True, help="Webhooks, by which tools tell at once what has changed.")


@app.command("create")
def create(
    ctx: typer.Context, source: SourceOption = None, form: FormatOption = Format.TABLE, output: OutputOption = None
) -> None:
    """Make what is missing, renew what differs. For Asana, okrsync run must be running."""
    from okrsync.cli import hooks

    hooks.create(ctx.obj, source, form, output)


@app.command("list")
def listing(
    ctx: typer.Context, source: SourceOption = None, form: FormatOption = Format.TABLE, output: OutputOption = None
) -> None:
    """What is there beside what should be there."""
    from okrsync.cli import hooks

    hooks.listing(ctx.obj, source, form, output)


@app.command("delete")
def delete(
    ctx: typer.Context, source: SourceOption = None, form: FormatOption = Format.TABLE, output: OutputOption = None
) -> None:
    """Delete those that okrsync made, and no others."""
    from okrsync.cli import hooks

    hooks.delete(ctx.obj, source, form, output)
