"""An installation as a person has it: a folder with a configuration and a token, and the commands typed in it."""

from __future__ import annotations

import json
import sys
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from okrsync.cli import main
from okrsync.cli.session import Session
from okrsync.sandbox import Sandbox


@dataclass(frozen=True)
class Done:
    """A command that ended."""

    code: int
    out: str
    err: str


@dataclass
class Installation:
    """A folder, and the sandbox that its configuration names."""

    folder: Path
    sandbox: Sandbox
    capsys: pytest.CaptureFixture[str]
    monkeypatch: pytest.MonkeyPatch

    @property
    def config(self) -> Path:
        return self.folder / "okrsync.toml"

    def stop_clock(self, at: datetime | None = None) -> None:
        """From now on every command runs at this moment, or at this very one; with a moment the sandbox stays at it
        too."""
        moment = at or datetime.now(UTC)
        self.monkeypatch.setattr(Session, "now", lambda _: moment)
        if at:
            self.sandbox.world.clock.set(at)

    def edit(self, old: str, new: str) -> None:
        text = self.config.read_text(encoding="utf-8")
        assert old in text, f"{old!r} is not in the configuration"
        self.config.write_text(text.replace(old, new, 1), encoding="utf-8")

    def run(self, *arguments: str, config: bool = True) -> Done:
        """The command, in this process, through the entry point of the program."""
        self.capsys.readouterr()
        named = ["--config", str(self.config)] if config else []
        self.monkeypatch.setattr(sys, "argv", ["okrsync", *named, *arguments])
        code = 0
        try:
            main()
        except SystemExit as ended:
            code = ended.code if isinstance(ended.code, int) else 0 if ended.code is None else 1
        captured = self.capsys.readouterr()
        return Done(code, captured.out, captured.err)

    def ok(self, *arguments: str) -> str:
        """The output of a command that must succeed."""
        done = self.run(*arguments)
        assert done.code == 0, f"{arguments} ended with {done.code}:\n{done.out}{done.err}"
        return done.out

    def json(self, *arguments: str) -> Any:
        return json.loads(self.ok(*arguments, "--format", "json"))
