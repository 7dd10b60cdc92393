"""The command line, put together; what a command needs is imported when it runs, so that ``--help`` stays instant."""

from __future__ import annotations

import logging
from typing import Annotated

import typer

from okrsync import __version__
from okrsync.cli import (
    commands_hooks,
    commands_play,
    commands_rollout,
    commands_say,
    commands_setup,
    commands_store,
    commands_work,
    commands_write,
)
from okrsync.cli.session import Session
from okrsync.errors import UsageError

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
    help="Links every ticket to an objective, measures each key result, writes progress and gaps back into the tools.",
)
for commands in (commands_setup, commands_work, commands_rollout, commands_say, commands_write, commands_play):
    app.add_typer(commands.app)
app.add_typer(commands_setup.config_app, name="config")
app.add_typer(commands_hooks.app, name="hooks")
app.add_typer(commands_say.metric_app, name="metric")
app.add_typer(commands_store.app, name="db")


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
