"""The commands that write in the tools, and tell what was written."""

from __future__ import annotations

from typing import Annotated

import typer

from okrsync.cli.options import FormatOption, OutputOption
from okrsync.cli.output import Format

app = typer.Typer()


@app.command()
def plan(ctx: typer.Context, form: FormatOption = Format.TABLE, output: OutputOption = None) -> None:
    """What okrsync would write in the tools, before → after; sends nothing."""
    from okrsync.cli import write

    write.plan(ctx.obj, form, output)


@app.command()
def apply(
    ctx: typer.Context,
    run: Annotated[int | None, typer.Argument(metavar="RUN", help="A saved plan; default: a new one.")] = None,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Confirm the first apply, or a large one.")] = False,
    form: FormatOption = Format.TABLE,
    output: OutputOption = None,
) -> None:
    """Carry out a plan: each target is read first, each write is confirmed and recorded."""
    from okrsync.cli import write

    write.apply(ctx.obj, run, yes=yes, form=form, output=output)


@app.command()
def undo(
    ctx: typer.Context,
    run: Annotated[int, typer.Argument(metavar="RUN", help="The run to take back; okrsync runs lists them.")],
    form: FormatOption = Format.TABLE,
    output: OutputOption = None,
) -> None:
    """Put back what a run replaced, where nobody changed it since."""
    from okrsync.cli import write

    write.undo(ctx.obj, run, form=form, output=output)


@app.command()
def runs(ctx: typer.Context, form: FormatOption = Format.TABLE, output: OutputOption = None) -> None:
    """The plans and what became of them."""
    from okrsync.cli import write

    write.runs(ctx.obj, form, output)
