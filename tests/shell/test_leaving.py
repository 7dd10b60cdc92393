"""How the daemon's process ends while threads of it still make something, which nobody waits for."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

LEAVING = """
import atexit
from okrsync.cli import daemon, main

atexit.register(print, "unwound")
daemon._run = lambda *_: print("ended")
main()
"""


def test_threads_that_still_work_do_not_abort_the_process(tmp_path: Path) -> None:
    """Python's own end would unwind them out of C++: one exit in ten with SIGABRT, just after a start."""
    (tmp_path / "token").write_text("good\n")
    (tmp_path / "okrsync.toml").write_text(
        '[okrsync]\ndatabase = "sqlite:///okrsync.db"\n\n[[sources]]\nid = "jira"\nkind = "jira"\nurl = "http://127.0.0.1:1"\n'
        'auth = { email = "a@acme.test", token = { file = "token" } }\nprojects = ["SHOP"]\n',
        encoding="utf-8",
    )
    command = [sys.executable, "-c", LEAVING, "--config", str(tmp_path / "okrsync.toml"), "run"]
    ended = subprocess.run(command, env=os.environ, capture_output=True, text=True, timeout=50)
    assert (ended.returncode, ended.stdout, ended.stderr) == (0, "ended\n", "")
