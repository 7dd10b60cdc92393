"""The commands that write in the tools, and tell what was written."""

from __future__ import annotations

from typing import Annotated

import typer

from okrsync.cli.options import FormatOption, OutputOption
from okrsync.cli.output import Format

app = typer.Typer()


@app.command()
def plan(ctx: typer.Context, form: FormatOption = Format.TABLE, output: OutputOption = None) -> None:
    """What okrsync would write in the tools and why, before → after; only reads are sent."""
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
    run: Annotated[
        int | None, typer.Argument(metavar="RUN", help="The run to take back; okrsync runs lists them.")
    ] = None,
    everything: Annotated[bool, typer.Option("--all", help="All that okrsync ever wrote; then it pauses.")] = False,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Confirm --all.")] = False,
    form: FormatOption = Format.TABLE,
    output: OutputOption = None,
) -> None:
    """Put back what a run replaced, or remove every trace, where nobody changed it since."""
    from okrsync.cli import write

    write.undo(ctx.obj, run, everything=everything, yes=yes, form=form, output=output)


@app.command()
def approve(
    ctx: typer.Context,
    what: Annotated[
        str,
        typer.Argument(metavar="RUN|KR|ITEM", help="A run, a key result, or an object as write_to or trace names it."),
    ],
) -> None:
    """Let the drafts there be sent, and okrsync write again where people changed what it wrote."""
    from okrsync.cli import permit

    permit.approve(ctx.obj, what)


@app.command()
def pause(
    ctx: typer.Context,
    until: Annotated[
        str | None, typer.Option("--until", metavar="T", help="A day, with its end, or an instant: 2026-12-24T18:00.")
    ] = None,
    why: Annotated[str, typer.Option("--why", help="The reason; plan and apply repeat it.")] = "",
) -> None:
    """Send nothing from now on, also in okrsync run; plans go on."""
    from okrsync.cli import permit

    permit.pause(ctx.obj, until=until, why=why)


@app.command()
def resume(ctx: typer.Context) -> None:
    """End what okrsync pause began."""
    from okrsync.cli import permit

    permit.resume(ctx.obj)


@app.command()
def runs(
    ctx: typer.Context,
    run: Annotated[int | None, typer.Argument(metavar="RUN", help="Every write of this one, with its fate.")] = None,
    form: FormatOption = Format.TABLE,
    output: OutputOption = None,
) -> None:
    """The plans and what became of them."""
    from okrsync.cli import write

    write.runs(ctx.obj, run, form, output)
