"""``okrsync demo`` without ``--once``: after the tour the daemon goes on, until Ctrl-C."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
from pathlib import Path

import pytest
import requests
from running import GRACE, until


@pytest.mark.soak
def test_the_daemon_goes_on_with_the_company_until_ctrl_c(tmp_path: Path) -> None:
    told = tmp_path / "out.txt"
    environ = {**os.environ, "OKRSYNC_LANGUAGE": "en", "COLUMNS": "300"}
    with told.open("wb") as out:
        demo = subprocess.Popen(
            [sys.executable, "-c", "from okrsync.cli import main; main()", "demo"], env=environ, stdout=out
        )
    try:
        until(lambda: re.search(r"http://\S+(?=/metrics)", told.read_text("utf-8")), 50)
        (url,) = re.findall(r"http://\S+(?=/metrics)", told.read_text("utf-8"))
        ready = lambda: requests.get(f"{url}/readyz", timeout=5).json()  # noqa: E731
        until(lambda: ready().get("complete"))
        assert [one["id"] for one in ready()["sources"]] == ["asana", "github", "jira"]
        assert requests.get(f"{url}/api/v1/status", timeout=20).json()["objectives"]
        written = requests.get(f"{url}/runs/1", timeout=20).text  # with what was written into the tools, word for word
        marks = set(re.findall(rf"{url}/(?:key-results|objectives|trace)[^\s<&\"]+", written))
        assert marks
        assert {requests.get(mark, timeout=20).status_code for mark in marks} == {200}
        demo.send_signal(signal.SIGINT)
        assert demo.wait(2 * GRACE) == 0
    finally:
        demo.kill()
        demo.wait()
