"""What stands in deploy/, and the tools of its owners that check it; a test says which one is missing."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="session")
def deploy() -> Path:
    return ROOT / "deploy"


@pytest.fixture(scope="session")
def tool() -> Callable[..., str]:
    """What a program says, on both streams, when it ends well; the test skips where it is not installed."""

    def run(name: str, *arguments: str | Path) -> str:
        found = shutil.which(name)
        if found is None:
            pytest.skip(f"no {name} on this machine: .ci/run installs it")
        environ = {**os.environ, "LC_ALL": "C", "SYSTEMD_COLORS": "0"}
        done = subprocess.run([found, *map(str, arguments)], capture_output=True, text=True, env=environ, check=False)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout + done.stderr

    return run
