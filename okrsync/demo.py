"""The whole thing with no account: the sandbox plays a company on three tools, and the real commands run on it.

Each step is the command that a person would type, run through the same entry point; nothing here knows a short cut.
"""

from __future__ import annotations

import contextlib
import io
import logging
import shlex
import socket
import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

import typer
from rich.rule import Rule
from rich.text import Text

from okrsync.cli.output import console
from okrsync.cli.session import Session
from okrsync.model import Say
from okrsync.reports.common import Speak
from okrsync.sandbox import Sandbox
from okrsync.sandbox.company import (
    BACKLOG_EXAMPLE,
    STRATEGY,
    TEAM_EXAMPLES,
    TRACED_EXAMPLE,
    UNTRACED_EXAMPLE,
    company,
    company_config,
    readings,
)
from okrsync.sandbox.company.readings import Measured
from okrsync.texts import speaker


def tour(folder: Path, *, once: bool) -> None:
    """Sync, measure, report, plan, apply and plan again; then end, or go on with the daemon until Ctrl-C."""
    now = datetime.now(UTC)
    with Sandbox(company(now)) as sandbox:
        config = folder / "okrsync.toml"
        (folder / "token").write_text("demo\n", encoding="utf-8")
        told = company_config(sandbox.url, "sqlite:///okrsync.db", now)
        config.write_text(told if once else told + _served(), encoding="utf-8")
        stage = _Stage(config, speaker(Session(str(config)).config.language))
        stage.say("demo.scene", url=sandbox.url)
        stage.step("demo.sync", "sync")
        stage.heading("demo.readings")
        first, *rest = [_reading(one) for one in reversed(readings(now))]
        stage.run(first)
        with contextlib.redirect_stdout(io.StringIO()):
            for arguments in rest:
                stage.run(arguments)
        stage.say("demo.more_readings", count=len(rest))
        stage.step("demo.status", "status", *_objectives(*STRATEGY))
        stage.step("demo.teams", "status", *_objectives(*TEAM_EXAMPLES), "--narrative")
        stage.step("demo.orphans", "orphans")
        stage.step("demo.trace", "trace", TRACED_EXAMPLE)
        stage.step("demo.untraced", "trace", UNTRACED_EXAMPLE)
        stage.step("demo.backlog", "backlog", *_objectives(BACKLOG_EXAMPLE))
        stage.step("demo.plan", "plan")
        stage.step("demo.apply", "apply", "1", "--yes")
        stage.step("demo.again", "plan")
        if once:
            stage.say("demo.end")
        else:
            _serve(config, stage)


class _Stage:
    """Where the commands are shown and run."""

    def __init__(self, config: Path, speak: Speak) -> None:
        self._config = config
        self._speak = speak
        self._console = console()
        self._talk = _volume()

    def say(self, code: str, **facts: str | int) -> None:
        self._console.print()
        self._console.print(Text(self._speak(Say.of(code, **facts)), style="dim"))

    def heading(self, code: str) -> None:
        self._console.print()
        self._console.print(Rule(Text(self._speak(Say.of(code)), style="bold"), align="left", style="cyan"))

    def step(self, code: str, *arguments: str) -> None:
        self.heading(code)
        self.run(arguments)

    def run(self, arguments: Sequence[str]) -> None:
        """One command, in this process; the tour ends where it fails."""
        from okrsync.cli.app import app

        self._console.print(Text(f"$ okrsync {shlex.join(arguments)}", style="bold"))
        code = app([*self._talk, "--config", str(self._config), *arguments], standalone_mode=False)
        if code:
            raise typer.Exit(code)


def _volume() -> Sequence[str]:
    """The log of the commands stays out of the tour where it would stand between the lines, unless it was asked for."""
    if logging.getLogger().level <= logging.DEBUG:
        return ["--verbose"]
    return [] if sys.stderr.isatty() else ["--quiet"]


def _objectives(*ids: str) -> Sequence[str]:
    return [part for one in ids for part in ("--objective", one)]


def _reading(one: Measured) -> Sequence[str]:
    return ["metric", "set", one.key_result, f"{one.value:g}", "--at", f"{one.at:%Y-%m-%d}", "--why", one.why]


def _served() -> str:
    """Where the daemon will show the company, at a port that nobody listens at: what is written into the tools before
    it is there leads to its pages already."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        host, port = free.getsockname()
    return f'\n[server]\nlisten = "{host}:{port}"\nurl = "http://{host}:{port}"\n'


def _serve(config: Path, stage: _Stage) -> None:
    """The daemon on the company, until Ctrl-C."""
    from okrsync.cli import daemon

    daemon.run(Session(str(config)), lambda url: stage.say("demo.serving", config=str(config), url=url))
