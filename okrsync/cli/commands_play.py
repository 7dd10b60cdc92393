"""The commands to try okrsync out with."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

app = typer.Typer()


class Deployment(StrEnum):
    """Which Jira the sandbox plays."""

    CLOUD = "cloud"
    DATACENTER = "datacenter"


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
