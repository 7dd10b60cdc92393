"""P1: kill -9 at any moment of a sync or an apply loses nothing and repeats no visible write."""

from __future__ import annotations

import random
import signal
import sqlite3
import subprocess
import sys
import time

import pytest
from installation import Installation

SEED = 20261122


@pytest.mark.parametrize("kills", [8, pytest.param(200, marks=[pytest.mark.soak, pytest.mark.timeout(1800)])])
def test_kills_at_random_moments_leave_what_a_calm_run_leaves(acme: Installation, kills: int) -> None:
    print(f"seed {SEED}")
    dice = random.Random(SEED)
    took = {"sync": _calm(acme, "sync"), "apply": _calm(acme, "apply", "--help")}
    for number in range(kills):
        command = ["sync", "--full"] if number % 2 else ["apply", "--yes"]
        running = subprocess.Popen(
            [sys.executable, "-c", "from okrsync.cli import main; main()", "--config", str(acme.config), *command],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        time.sleep(dice.uniform(0.2, 1.0) * max(took.values()) + 0.3)
        running.send_signal(signal.SIGKILL)
        running.wait()
    acme.ok("sync", "--full")
    acme.ok("apply", "--yes")
    assert acme.json("plan")["writes"] == []
    site = next(iter(acme.sandbox.world.jira.sites.values()))
    commented = [len(site.comments_of(issue)) for issue in site.issues.values() if site.comments_of(issue)]
    assert commented
    assert set(commented) == {1}
    stored = acme.json("orphans")["totals"]["items"]
    assert stored == sum(issue.key.partition("-")[0] in {"SHOP", "PAY", "PLAT"} for issue in site.issues.values())
    with sqlite3.connect(acme.folder / "okrsync.db") as database:
        assert database.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
    database.close()
    assert "sound" in acme.ok("db", "check")


def _calm(installed: Installation, *command: str) -> float:
    """How long the command takes here when nobody kills it."""
    began = time.monotonic()
    subprocess.run(
        [sys.executable, "-c", "from okrsync.cli import main; main()", "--config", str(installed.config), *command],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        check=False,
    )
    return time.monotonic() - began
