"""What people read, in both languages, of two companies on a day that never changes."""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from functools import cache
from pathlib import Path
from typing import Any

import golden
import lumen
import pytest
from demo_company import NOW
from installation import Installation

from okrsync.cli.session import Session
from okrsync.sandbox import Sandbox, company

PAYROLL = (
    ["status"],
    ["orphans"],
    ["orphans", "--group-by", "team"],
    ["gaps"],
    ["trace", "SHOP-11"],
    ["trace", "SHOP-62"],
    ["trace", "PAY-42"],
    ["plan"],
)
DEMO = (
    ["status", "--objective", "O-PARCOURS", "--objective", "O-PAIEMENT", "--narrative"],
    ["orphans"],
    ["orphans", "--group-by", "team"],
    ["trace", company.TRACED_EXAMPLE],
    ["trace", "ormeraie/app-mobile#870"],
    ["trace", "ormeraie/donnees#335"],
    ["trace", company.UNTRACED_EXAMPLE],
    ["backlog", "--objective", "O-CLOTURE"],
    ["gaps"],
    ["plan"],
)
Install = Callable[[Any], Installation]


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[Any], tuple[Path, Sandbox]]]:
    """The folder and the sandbox of a company, made once for both languages."""
    with ExitStack() as sandboxes:

        @cache
        def made(played: Any) -> tuple[Path, Sandbox]:
            folder = tmp_path_factory.mktemp("golden")
            sandbox = sandboxes.enter_context(Sandbox(played.company(NOW)))
            sandbox.world.clock.set(NOW)
            (folder / "token").write_text("good\n")
            (folder / "okrsync.toml").write_text(played.company_config(sandbox.url, "sqlite:///okrsync.db", NOW))
            return folder, sandbox

        yield made


@pytest.fixture
def install(
    kept: Callable[[Any], tuple[Path, Sandbox]], capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> Install:
    """``install(played)``: a company as an installation, synced and measured, at a time that stands still."""

    def installed(played: Any) -> Installation:
        monkeypatch.setattr(Session, "now", lambda _: NOW)
        monkeypatch.setattr(Session, "by", "camille")
        one = Installation(*kept(played), capsys, monkeypatch)
        database, first = one.folder / "okrsync.db", one.folder / "first.db"
        if first.exists():
            for path in one.folder.glob("okrsync.db*"):
                path.unlink()
            shutil.copy(first, database)
        else:
            one.ok("sync")
            for key_result, at, value, why in played.readings(NOW):
                one.ok("metric", "set", key_result, f"{value:g}", "--at", f"{at:%Y-%m-%d}", "--why", why)
            with closing(sqlite3.connect(database)) as held, closing(sqlite3.connect(first)) as copy:
                held.backup(copy)
        return one

    return installed


@pytest.mark.parametrize("language", ["en", "fr"])
@pytest.mark.parametrize(("name", "played", "commands"), [("reports", lumen, PAYROLL), ("demo", company, DEMO)])
def test_golden_reports(install: Install, name: str, played: Any, commands: Any, language: str) -> None:
    one = install(played)
    one.monkeypatch.setenv("OKRSYNC_LANGUAGE", language)
    parts = [f"$ okrsync {' '.join(command)}\n{one.ok(*command)}" for command in commands]
    shown = "\n".join("\n".join(line.rstrip() for line in part.splitlines()) + "\n" for part in parts)
    golden.check(f"{name}_{language}.txt", shown.replace(one.sandbox.url, "https://jira.test"))
