"""The commands that set an installation up."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from okrsync.cli.options import FormatOption, OutputOption
from okrsync.cli.output import Format
from okrsync.errors import UsageError

app = typer.Typer()
config_app = typer.Typer(no_args_is_help=True, help="The effective configuration.")


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
def config_show(
    ctx: typer.Context,
    diff: Annotated[
        bool, typer.Option("--diff", help="What it would change: what is orphaned, linked, exempted, moved.")
    ] = False,
    other: Annotated[
        Path | None,
        typer.Argument(metavar="FILE", help="With --diff: against this file, not the store's last link job."),
    ] = None,
    each: Annotated[bool, typer.Option("--each", help="With --diff: try all changes alone, not ten.")] = False,
    form: FormatOption = Format.TABLE,
    output: OutputOption = None,
) -> None:
    """Print the effective configuration, redacted, with the origin of each value; or what a change of it would do."""
    from okrsync.cli import setup

    if diff:
        setup.config_diff(ctx.obj, other, each=each, form=form, output=output)
    elif other or each:
        raise UsageError("FILE and --each belong to --diff: okrsync config show --diff [FILE] [--each]")
    else:
        setup.config_show(ctx.obj, form, output)
