"""The main job: reading the tools, and what is known of the goals and of the work."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from okrsync.cli.options import FormatOption, ItemArgument, OutputOption, SourceOption
from okrsync.cli.output import Format
from okrsync.errors import UsageError

app = typer.Typer()


@app.command()
def sync(
    ctx: typer.Context,
    source: SourceOption = None,
    full: Annotated[bool, typer.Option("--full", help="Read everything again and take a census.")] = False,
    allow_mass_delete: Annotated[
        bool,
        typer.Option(
            "--allow-mass-delete",
            help="Believe that it is gone: more than 20 % of a source, or what a pattern finds no more.",
        ),
    ] = False,
    form: FormatOption = Format.TABLE,
    output: OutputOption = None,
) -> None:
    """One cycle: pull, link, roll up. Exit 69 if a source failed, 77 if only credentials did."""
    from okrsync.cli import work

    work.sync(ctx.obj, source, full=full, allow_mass_delete=allow_mass_delete, form=form, output=output)


@app.command()
def status(
    ctx: typer.Context,
    objective: Annotated[list[str] | None, typer.Option("--objective", help="Only this one; may be repeated.")] = None,
    at: Annotated[
        str | None, typer.Option("--at", metavar="DATE", help="As it stood at the end of this day, or at an instant.")
    ] = None,
    planned: Annotated[
        bool, typer.Option("--planned", help="Each key result against its plan, the farthest behind first.")
    ] = False,
    narrative: Annotated[
        bool, typer.Option("--narrative", help="A draft of each status in words; with one --objective, always.")
    ] = False,
    form: FormatOption = Format.TABLE,
    output: OutputOption = None,
) -> None:
    """Objectives and key results: progress, status, cause, forecast."""
    from okrsync.cli import read

    if planned:
        if at is not None:
            raise UsageError("--planned tells every week until now; leave --at out")
        if narrative:
            raise UsageError("--planned holds no drafts; okrsync status --narrative does")
        read.planned(ctx.obj, objective or [], form, output)
    else:
        read.status(ctx.obj, objective or [], at=at, told=narrative, form=form, output=output)


@app.command()
def orphans(
    ctx: typer.Context,
    group_by: Annotated[
        str | None, typer.Option("--group-by", help="fix (default), class, source, project, team or age.")
    ] = None,
    since: Annotated[
        str | None, typer.Option("--since", metavar="DATE", help="Default: the current cycle's start.")
    ] = None,
    team: Annotated[str | None, typer.Option("--team", help="Only this team.")] = None,
    source: SourceOption = None,
    form: FormatOption = Format.TABLE,
    output: OutputOption = None,
) -> None:
    """What serves no objective, by the node to mend; opens with the share of effort."""
    from okrsync.cli import read

    read.orphans(ctx.obj, group_by=group_by, since=since, team=team, source=source, form=form, output=output)


@app.command()
def gaps(
    ctx: typer.Context,
    group_by: Annotated[str, typer.Option("--group-by", help="kind, severity, source or team.")] = "kind",
    since: Annotated[
        str | None, typer.Option("--since", metavar="DATE", help="Only those known to be younger.")
    ] = None,
    team: Annotated[str | None, typer.Option("--team", help="Only those of work of this team.")] = None,
    source: SourceOption = None,
    form: FormatOption = Format.TABLE,
    output: OutputOption = None,
) -> None:
    """Everything that is broken in the chain, in either direction, with its fix."""
    from okrsync.cli import read

    read.gaps(ctx.obj, group_by=group_by, since=since, team=team, source=source, form=form, output=output)


@app.command()
def backlog(
    ctx: typer.Context,
    objective: Annotated[list[str] | None, typer.Option("--objective", help="Only this one; may be repeated.")] = None,
    team: Annotated[str | None, typer.Option("--team", help="Only this team.")] = None,
    source: SourceOption = None,
    limit: Annotated[int | None, typer.Option("--limit", min=1, metavar="N", help="Only the first N.")] = None,
    form: FormatOption = Format.TABLE,
    output: OutputOption = None,
) -> None:
    """Open items of all tools in the order in which they matter, with the reason of each place."""
    from okrsync.cli import read

    read.backlog(ctx.obj, objectives=objective or [], team=team, source=source, limit=limit, form=form, output=output)


@app.command()
def effort(
    ctx: typer.Context,
    group_by: Annotated[
        str, typer.Option("--group-by", help="objective, key_result, team or value_stream.")
    ] = "objective",
    since: Annotated[
        str | None, typer.Option("--since", metavar="DATE", help="Default: the current cycle's start.")
    ] = None,
    form: FormatOption = Format.TABLE,
    output: OutputOption = None,
) -> None:
    """Where the effort went: by goal, beside what each weighs; by team or value stream."""
    from okrsync.cli import read

    read.effort(ctx.obj, group_by=group_by, since=since, form=form, output=output)


@app.command()
def alerts(
    ctx: typer.Context,
    everything: Annotated[bool, typer.Option("--all", help="Also those that are over.")] = False,
    form: FormatOption = Format.TABLE,
    output: OutputOption = None,
) -> None:
    """What the daemon warns of: goals that got worse, sources that are down, tokens that expire, gates that fail."""
    from okrsync.cli import alerts

    alerts.alerts(ctx.obj, everything=everything, form=form, output=output)


@app.command()
def trace(
    ctx: typer.Context, item: ItemArgument, form: FormatOption = Format.TABLE, output: OutputOption = None
) -> None:
    """Every hop from the item to its objective, or where the chain breaks."""
    from okrsync.cli import read

    read.trace(ctx.obj, item, form, output)


@app.command()
def suggest(
    ctx: typer.Context,
    item: Annotated[str | None, typer.Argument(metavar="[ITEM]", help="Only this one; default: all to mend.")] = None,
    source: SourceOption = None,
    team: Annotated[str | None, typer.Option("--team", help="Only this team.")] = None,
    limit: Annotated[int | None, typer.Option("--limit", min=1, metavar="N", help="At most so many.")] = None,
    threshold: Annotated[
        float | None,
        typer.Option("--threshold", min=0, max=1, metavar="P", help="From this probability on; default: as measured."),
    ] = None,
    evaluate: Annotated[bool, typer.Option("--evaluate", help="How often suggestions were right here.")] = False,
    form: FormatOption = Format.TABLE,
    output: OutputOption = None,
) -> None:
    """Likely parents for orphans, with what speaks for them; applies nothing."""
    from okrsync.cli import suggest as command

    command.suggest(
        *(ctx.obj, item),
        source=source,
        team=team,
        limit=limit,
        threshold=threshold,
        evaluate=evaluate,
        form=form,
        output=output,
    )


@app.command()
def calibrate(
    ctx: typer.Context,
    histories: Annotated[
        Path | None, typer.Option("--histories", metavar="FILE", help="Recorded groups instead of the own past.")
    ] = None,
    deciles: Annotated[
        bool, typer.Option("--deciles", help="In CSV, Markdown and HTML: what was said and what happened.")
    ] = False,
    form: FormatOption = Format.TABLE,
    output: OutputOption = None,
) -> None:
    """How often the status of key results that are over was right, beside the rules of other tools."""
    from okrsync.cli import calibrate as command

    command.calibrate(ctx.obj, histories, deciles=deciles, form=form, output=output)


@app.command()
def report(
    ctx: typer.Context,
    week: Annotated[
        str | None, typer.Option("--week", metavar="WEEK", help="Such as 2026-W47; default: the last whole week.")
    ] = None,
    send: Annotated[
        bool, typer.Option("--send", help="Send it now, by e-mail and webhook as \\[reports] says.")
    ] = False,
    form: Annotated[Format, typer.Option("--format", help="How to print.")] = Format.HTML,
    output: Annotated[
        Path | None,
        typer.Option("--output", "-o", help="Default: okrsync-WEEK.html here; - is the standard output."),
    ] = None,
) -> None:
    """A week as one HTML page: goals, what changed, orphans, gaps; to keep, to print, to send."""
    from okrsync.cli import report as command

    command.report(ctx.obj, week, send=send, form=form, output=output)


@app.command()
def run(ctx: typer.Context) -> None:
    """The daemon: reads every source on its schedule, links, plans or applies; ends on SIGTERM."""
    from okrsync.cli import daemon

    daemon.run(ctx.obj)
