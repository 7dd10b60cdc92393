"""What starts a daemon is loaded by the daemon alone."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

HEAVY = {"fastapi", "starlette", "uvicorn", "prometheus_client", "anyio"}
LOADED = """
import sys
from okrsync.cli import main
try:
    main()
finally:
    print(*(name for name in sys.modules if "." not in name), file=sys.stderr)
"""


@pytest.mark.parametrize("arguments", [["--help"], ["--version"], ["runs"], ["status"], ["alerts"]])
def test_commands_load_no_server(company: Any, tmp_path: Path, arguments: list[str]) -> None:
    own = shutil.copytree(company.folder, tmp_path / "own")  # a process has a clock of its own, and links by it
    named = ["--config", str(own / "okrsync.toml"), *arguments]
    done = subprocess.run([sys.executable, "-c", LOADED, *named], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    loaded = set(done.stderr.splitlines()[-1].split())
    assert "typer" in loaded
    assert loaded.isdisjoint(HEAVY)


def test_the_server_loads_nothing_that_only_suggestions_need() -> None:
    """It would take 100 MB in every daemon, and a second of each start."""
    code = "import sys, okrsync.web.app, okrsync.daemon.daemon; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert {"sklearn", "scipy"}.isdisjoint(done.stdout.split())
