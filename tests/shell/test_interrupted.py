"""Ctrl-C ends a sync: not in the middle of a page, and not before its threads have let go."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import time

from installation import Installation


def test_an_interrupted_sync_stores_the_page_in_hand_and_ends(acme: Installation) -> None:
    acme.sandbox.fault("hang", path=r".*/search/jql", seconds=2)
    command = [sys.executable, "-c", "from okrsync.cli import main; main()", "--config", str(acme.config), "sync"]
    process = subprocess.Popen(command, stderr=subprocess.PIPE, stdout=subprocess.PIPE)
    end = time.monotonic() + 20
    while not any(one.path.endswith("/search/jql") for one in acme.sandbox.requests):
        assert time.monotonic() < end
        time.sleep(0.05)
    process.send_signal(signal.SIGINT)
    _, said = process.communicate(timeout=15)
    assert process.returncode == 130
    lines = [json.loads(line) for line in said.splitlines()]
    assert [line["event"] for line in lines] == ["stopped"], said
    assert acme.run("sync").code == 0, "nobody holds the lock"
