"""The roll-out: whether it may go on, what the pilot team gained, and which key results to keep."""

from __future__ import annotations

from typing import Annotated

import typer

from okrsync.cli.options import FormatOption, OutputOption
from okrsync.cli.output import Format
from okrsync.errors import UsageError

app = typer.Typer()


@app.command()
def gate(
    ctx: typer.Context,
    gates: Annotated[list[str] | None, typer.Argument(metavar="ID…", help="Only these gates.")] = None,
    form: FormatOption = Format.TABLE,
    output: OutputOption = None,
) -> None:
    """Whether the gates of the roll-out hold: measured value, threshold, on how much. Exit 1 if one does not."""
    from okrsync.cli import rollout

    rollout.gate(ctx.obj, gates or [], form, output)


@app.command()
def waves(
    ctx: typer.Context,
    team: Annotated[
        list[str] | None, typer.Option("--team", help="The pilot; may be repeated. Default: the teams of the gates.")
    ] = None,
    form: FormatOption = Format.TABLE,
    output: OutputOption = None,
) -> None:
    """Coverage of the pilot teams against the rest, week by week, from rebuilt history."""
    from okrsync.cli import rollout

    rollout.waves(ctx.obj, team or [], form, output)


@app.command()
def prune(
    ctx: typer.Context,
    key_results: Annotated[list[str] | None, typer.Argument(metavar="KR…", help="With --drop: which.")] = None,
    keep: Annotated[int | None, typer.Option("--keep", min=1, metavar="N", help="Propose which N to keep.")] = None,
    everything: Annotated[bool, typer.Option("--all", help="Rank approved key results too, not drafts alone.")] = False,
    drop: Annotated[
        bool, typer.Option("--drop", help="Tell what dropping these would orphan, and what to write; changes nothing.")
    ] = False,
    each: Annotated[bool, typer.Option("--each", help="With --drop: try all of them alone, not ten.")] = False,
    form: FormatOption = Format.TABLE,
    output: OutputOption = None,
) -> None:
    """Drafts in the order in which they are worth keeping, with the reason of each rank."""
    from okrsync.cli import rollout

    named = key_results or []
    if not drop and named:
        raise UsageError(f"name key results to drop: okrsync prune --drop {' '.join(named)}")
    if each and not drop:
        raise UsageError("--each belongs to --drop: okrsync prune --drop KR… --each")
    if drop and not named:
        raise UsageError("--drop takes key results: okrsync prune --drop KR…")
    if drop and (keep is not None or everything):
        raise UsageError("--drop tells what becomes of the key results that it names; leave --keep and --all out")
    if drop:
        rollout.drop(ctx.obj, named, each=each, form=form, output=output)
    else:
        rollout.prune(ctx.obj, keep=keep, everything=everything, form=form, output=output)
