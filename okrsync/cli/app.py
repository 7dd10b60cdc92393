"""The commands and their options; what a command needs is imported when it runs, so that ``--help`` stays instant."""

from __future__ import annotations

import logging
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from okrsync import __version__
from okrsync.cli.output import Format
from okrsync.cli.session import Session
from okrsync.errors import UsageError

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
    help="Links every ticket to an objective, measures each key result, writes progress and gaps back into the tools.",
)
config_app = typer.Typer(no_args_is_help=True, help="The effective configuration.")
metric_app = typer.Typer(no_args_is_help=True, help="Readings of metric key results.")
db_app = typer.Typer(no_args_is_help=True, help="The store.")
app.add_typer(config_app, name="config")
app.add_typer(metric_app, name="metric")
app.add_typer(db_app, name="db")

FormatOption = Annotated[Format, typer.Option("--format", help="How to print.")]
OutputOption = Annotated[Path | None, typer.Option("--output", "-o", help="Write there instead of the terminal.")]
SourceOption = Annotated[list[str] | None, typer.Option("--source", "-s", help="Only this source; may be repeated.")]
WhyOption = Annotated[str, typer.Option("--why", help="The reason; it is kept with your name and the date.")]
ItemArgument = Annotated[
    str, typer.Argument(metavar="ITEM", help="SHOP-12, acme/shop#12, a commit, SOURCE:KEY, or an address.")
]


class Deployment(StrEnum):
    """Which Jira the sandbox plays."""

    CLOUD = "cloud"
    DATACENTER = "datacenter"


def _print_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"okrsync {__version__}")
        raise typer.Exit


@app.callback()
def common(
    ctx: typer.Context,
    config: Annotated[
        str | None,
        typer.Option(
            "--config", metavar="FILE", help="Default: $OKRSYNC_CONFIG, ./okrsync.toml, /etc/okrsync/okrsync.toml."
        ),
    ] = None,
    verbose: Annotated[bool, typer.Option("--verbose", "-v", help="Log every step.")] = False,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="Log errors only.")] = False,
    _version: Annotated[
        bool, typer.Option("--version", callback=_print_version, is_eager=True, help="Print it.")
    ] = False,
) -> None:
    from okrsync.cli import screen

    if verbose and quiet:
        raise UsageError("--verbose and --quiet exclude each other")
    level = logging.DEBUG if verbose else logging.ERROR if quiet else logging.INFO
    screen.set_up_logging(level)
    ctx.obj = Session(config)


# ── setting up ───────────────────────────────────────────────────────────────────────────────────────────────────────


@app.command()
def init(
    path: Annotated[Path, typer.Argument(help="The file to write.")] = Path("okrsync.toml"),
    force: Annotated[bool, typer.Option("--force", help="Replace the file if it is there.")] = False,
) -> None:
    """Write a commented okrsync.toml to start from."""
    from okrsync.cli import setup

    setup.init(path, force=force)


@app.command("check-config")
def check_config(
    ctx: typer.Context,
    online: Annotated[bool, typer.Option("--online", help="Sign in, and list rights and what is lacking.")] = False,
    form: FormatOption = Format.TABLE,
    output: OutputOption = None,
) -> None:
    """Validate the configuration; offline it reads no secret."""
    from okrsync.cli import setup

    setup.check_config(ctx.obj, online=online, form=form, output=output)


@config_app.command("show")
def config_show(ctx: typer.Context, form: FormatOption = Format.TABLE, output: OutputOption = None) -> None:
    """Print the effective configuration, redacted, with the origin of each value."""
    from okrsync.cli import setup

    setup.config_show(ctx.obj, form, output)


@db_app.command("upgrade")
def db_upgrade(ctx: typer.Context) -> None:
    """Bring the database to this version's schema."""
    from okrsync.cli import setup

    setup.db_upgrade(ctx.obj)


@db_app.command("check")
def db_check(ctx: typer.Context) -> None:
    """Verify that the database is sound; exit 1 if it is not."""
    from okrsync.cli import setup

    setup.db_check(ctx.obj)


# ── the main job ─────────────────────────────────────────────────────────────────────────────────────────────────────


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
    form: FormatOption = Format.TABLE,
    output: OutputOption = None,
) -> None:
    """Objectives and key results: progress, status, cause, forecast."""
    from okrsync.cli import read

    read.status(ctx.obj, objective or [], form, output)


@app.command()
def orphans(
    ctx: typer.Context,
    group_by: Annotated[
        str | None, typer.Option("--group-by", help="fix (default), class, source, project, team or age.")
    ] = None,
    since: Annotated[
        datetime | None, typer.Option("--since", formats=["%Y-%m-%d"], help="Default: the current cycle's start.")
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
        datetime | None, typer.Option("--since", formats=["%Y-%m-%d"], help="Only those known to be younger.")
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
    form: FormatOption = Format.TABLE,
    output: OutputOption = None,
) -> None:
    """Open items of all tools by parent objective, the worst objective first."""
    from okrsync.cli import read

    read.backlog(ctx.obj, objectives=objective or [], team=team, source=source, form=form, output=output)


@app.command()
def trace(
    ctx: typer.Context, item: ItemArgument, form: FormatOption = Format.TABLE, output: OutputOption = None
) -> None:
    """Every hop from the item to its objective, or where the chain breaks."""
    from okrsync.cli import read

    read.trace(ctx.obj, item, form, output)


@app.command()
def run(ctx: typer.Context) -> None:
    """The daemon: reads every source on its schedule, links, plans or applies; ends on SIGTERM."""
    from okrsync.cli import daemon

    daemon.run(ctx.obj)


# ── a human's word ───────────────────────────────────────────────────────────────────────────────────────────────────


@app.command()
def link(
    ctx: typer.Context,
    item: ItemArgument,
    target: Annotated[list[str] | None, typer.Argument(metavar="TARGET…", help="Key results or objectives.")] = None,
    why: WhyOption = "",
    remove: Annotated[bool, typer.Option("--remove", help="Take the word back.")] = False,
) -> None:
    """Link an item by hand; it overrules every other rule."""
    from okrsync.cli import work

    work.link(ctx.obj, item, target or [], why=why, remove=remove)


@app.command()
def exempt(
    ctx: typer.Context,
    item: ItemArgument,
    why: WhyOption = "",
    remove: Annotated[bool, typer.Option("--remove", help="Take the word back.")] = False,
) -> None:
    """Declare that an item needs no objective; it is counted and shown as exempt."""
    from okrsync.cli import work

    work.exempt(ctx.obj, item, why=why, remove=remove)


@metric_app.command("set", context_settings={"ignore_unknown_options": True})  # -3 is a value, no option
def metric_set(
    ctx: typer.Context,
    key_result: Annotated[str, typer.Argument(metavar="KR")],
    value: Annotated[str, typer.Argument(metavar="VALUE", help="A number.")],
    at: Annotated[
        datetime | None,
        typer.Option("--at", formats=["%Y-%m-%d", "%Y-%m-%dT%H:%M"], help="In the configured time zone; default: now."),
    ] = None,
    why: WhyOption = "",
) -> None:
    """Record a reading of a metric key result."""
    from okrsync.cli import work

    work.metric_set(ctx.obj, key_result, value, at=at, why=why)


# ── writing back ─────────────────────────────────────────────────────────────────────────────────────────────────────


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


# ── trying it out ────────────────────────────────────────────────────────────────────────────────────────────────────


@app.command()
def sandbox(
    world: Annotated[Path, typer.Option("--world", help="A folder of vendor-shaped JSON lines.")],
    listen: Annotated[str, typer.Option("--listen", help="HOST:PORT.")] = "127.0.0.1:8019",
    persist: Annotated[bool, typer.Option("--persist", help="Write edits back into the folder.")] = False,
    jira: Annotated[Deployment, typer.Option("--jira", help="Which Jira its sites are.")] = Deployment.CLOUD,
) -> None:
    """Serve a world that answers like Jira, GitHub and Asana, to try a configuration without a real tool."""
    from okrsync.cli import play

    play.sandbox(world, listen, persist=persist, datacenter=jira is Deployment.DATACENTER)


@app.command()
def demo(
    once: Annotated[bool, typer.Option("--once", help="End after the tour instead of serving on.")] = False,
    keep: Annotated[
        Path | None, typer.Option("--keep", help="Leave configuration and database in this folder.")
    ] = None,
) -> None:
    """The whole thing with no account, on a company of nine teams and three tools that a sandbox plays."""
    from okrsync.cli import play

    play.demo(once=once, keep=keep)
