"""P1: kill -9 at any moment of a sync or an apply loses nothing and repeats no visible write."""

from __future__ import annotations

import os
import random
import signal
import sqlite3
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from installation import Installation

from okrsync.sandbox import Sandbox
from okrsync.sandbox.company import company, company_config

SEED = 20261122
CONTEXT = "okrsync/traceability"


@pytest.fixture
def demo(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Iterator[Installation]:
    """The company of the demo over its three tools, not yet synced."""
    for name in [name for name in os.environ if name.startswith("OKRSYNC_")]:
        monkeypatch.delenv(name)
    now = datetime.now(UTC)
    with Sandbox(company(now)) as sandbox:
        (tmp_path / "token").write_text("good\n")
        config = company_config(sandbox.url, "sqlite:///okrsync.db", now)
        (tmp_path / "okrsync.toml").write_text(config, encoding="utf-8")
        yield Installation(tmp_path, sandbox, capsys, monkeypatch)


@pytest.mark.parametrize("kills", [3, pytest.param(200, marks=[pytest.mark.soak, pytest.mark.timeout(3600)])])
def test_kills_at_random_moments_leave_what_a_calm_run_leaves(
    demo: Installation, kills: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    print(f"seed {SEED}")
    dice = random.Random(SEED)
    longest = _timed(demo, "sync")
    for number in range(kills):
        running = _start(demo, *(["sync", "--full"] if number % 2 else ["apply", "--yes"]))
        time.sleep(dice.uniform(0.3, 1.0) * longest)
        running.send_signal(signal.SIGKILL)
        running.wait()
    demo.ok("sync", "--full")
    demo.ok("apply", "--yes")
    assert demo.json("plan")["writes"] == []
    assert set(_visible(demo.sandbox).values()) == {1}
    assert {kind for kind, _ in _visible(demo.sandbox)} == {"jira", "status", "tag", "update"}
    totals = demo.json("orphans")["totals"]
    assert totals["items"] == sum(totals[name] for name in ("traced", "exempt", "orphan", "unresolvable"))
    assert "sound" in demo.ok("db", "check")
    with closing(sqlite3.connect(demo.folder / "okrsync.db")) as database:
        assert database.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
    monkeypatch.setenv("OKRSYNC_DATABASE", "sqlite:///calm.db")
    demo.ok("sync")
    assert demo.json("orphans")["totals"] == totals, "a database that nobody ever killed holds the same"


def _visible(sandbox: Sandbox) -> Counter[tuple[str, str]]:
    """How often everything that people see of okrsync stands in the tools."""
    found: Counter[tuple[str, str]] = Counter()
    for site in sandbox.world.jira.sites.values():
        found.update(("jira", issue.key) for issue in site.issues.values() for _ in site.comments_of(issue))
    for repository in sandbox.world.github.repositories.values():
        for sha, statuses in repository.statuses.items():
            found.update(("status", sha) for one in statuses if one.context == CONTEXT)
    for workspace in sandbox.world.asana.workspaces.values():
        tags = workspace.held["tag"].values()
        found.update(("tag", tag["name"]) for tag in tags if tag["name"].startswith(("okr-orphan", "okr-dangling")))
        updates = workspace.held["status_update"].values()
        found.update(("update", one["parent"]["gid"]) for one in updates if "okrsync ·" in one["text"])
    return found


def _start(installed: Installation, *command: str) -> subprocess.Popen[Any]:
    program = [sys.executable, "-c", "from okrsync.cli import main; main()", "--config", str(installed.config)]
    return subprocess.Popen([*program, *command], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def _timed(installed: Installation, *command: str) -> float:
    """How long the command takes here when nobody kills it."""
    began = time.monotonic()
    assert _start(installed, *command).wait() == 0
    return time.monotonic() - began
