"""The commands by which a person has a say."""

from __future__ import annotations

from typing import Annotated

import typer

from okrsync.cli.options import FormatOption, ItemArgument, OutputOption, WhyOption
from okrsync.cli.output import Format

app = typer.Typer()
metric_app = typer.Typer(no_args_is_help=True, help="Readings of metric key results.")


@app.command()
def link(
    ctx: typer.Context,
    item: ItemArgument,
    target: Annotated[list[str] | None, typer.Argument(metavar="TARGET…", help="Key results or objectives.")] = None,
    why: WhyOption = "",
    remove: Annotated[bool, typer.Option("--remove", help="Take the word back.")] = False,
) -> None:
    """Link an item by hand; it overrules every other rule."""
    from okrsync.cli import words

    words.link(ctx.obj, item, target or [], why=why, remove=remove)


@app.command()
def exempt(
    ctx: typer.Context,
    item: ItemArgument,
    why: WhyOption = "",
    remove: Annotated[bool, typer.Option("--remove", help="Take the word back.")] = False,
) -> None:
    """Declare that an item needs no objective; it is counted and shown as exempt."""
    from okrsync.cli import words

    words.exempt(ctx.obj, item, why=why, remove=remove)


@app.command()
def overrides(
    ctx: typer.Context,
    everything: Annotated[bool, typer.Option("--all", help="Also those that were taken back.")] = False,
    effects: Annotated[
        int, typer.Option("--effects", metavar="N", help="Work out what the newest N of those that hold change.")
    ] = 20,
    form: FormatOption = Format.TABLE,
    output: OutputOption = None,
) -> None:
    """What people said by link and exempt: who, when, why, whether it holds, and what it changes."""
    from okrsync.cli import words

    words.overrides(ctx.obj, everything=everything, measured=effects, form=form, output=output)


@app.command()
def confirm(
    ctx: typer.Context,
    goal: Annotated[str, typer.Argument(metavar="GOAL", help="A key result or an objective.")],
    item: Annotated[str | None, typer.Option("--item", metavar="ITEM", help="Only the link of this one.")] = None,
    why: WhyOption = "",
) -> None:
    """Confirm that links made before a goal was reworded or retargeted still hold."""
    from okrsync.cli import words

    words.confirm(ctx.obj, goal, item, why=why)


@metric_app.command("set", context_settings={"ignore_unknown_options": True})  # -3 is a value, no option
def metric_set(
    ctx: typer.Context,
    key_result: Annotated[str, typer.Argument(metavar="KR")],
    value: Annotated[str, typer.Argument(metavar="VALUE", help="A number.")],
    at: Annotated[
        str | None,
        typer.Option("--at", metavar="DATE", help="A day, or an instant: 2026-10-31T12:00. Default: now."),
    ] = None,
    why: WhyOption = "",
) -> None:
    """Record a reading of a metric key result."""
    from okrsync.cli import work

    work.metric_set(ctx.obj, key_result, value, at=at, why=why)
