"""What people read, in both languages, on a company that never changes."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import golden
import pytest
from installation import Installation

from okrsync.cli.session import Session
from okrsync.sandbox import Sandbox
from okrsync.sandbox.company import company, company_config, readings

NOW = datetime(2026, 11, 20, 9, tzinfo=UTC)
SHOWN = (
    ["status"],
    ["orphans"],
    ["orphans", "--group-by", "team"],
    ["gaps"],
    ["trace", "SHOP-11"],
    ["trace", "SHOP-62"],
    ["trace", "PAY-42"],
    ["plan"],
)


@pytest.fixture
def lumen(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> Iterator[Installation]:
    monkeypatch.setattr(Session, "now", lambda _: NOW)
    monkeypatch.setattr(Session, "by", "camille")
    with Sandbox(company(NOW)) as sandbox:
        sandbox.world.clock.set(NOW)
        (tmp_path / "token").write_text("good\n")
        (tmp_path / "okrsync.toml").write_text(company_config(sandbox.url, "sqlite:///okrsync.db", NOW))
        installed = Installation(tmp_path, sandbox, capsys, monkeypatch)
        installed.ok("sync")
        for key_result, at, value, why in readings(NOW):
            installed.ok("metric", "set", key_result, f"{value:g}", "--at", f"{at:%Y-%m-%d}", "--why", why)
        yield installed


@pytest.mark.parametrize("language", ["en", "fr"])
def test_golden_reports(lumen: Installation, language: str) -> None:
    lumen.monkeypatch.setenv("OKRSYNC_LANGUAGE", language)
    parts = [f"$ okrsync {' '.join(command)}\n{lumen.ok(*command)}" for command in SHOWN]
    shown = "\n".join("\n".join(line.rstrip() for line in part.splitlines()) + "\n" for part in parts)
    golden.check(f"reports_{language}.txt", shown.replace(lumen.sandbox.url, "https://jira.test"))
