"""``okrsync run`` as a process of its own, and what it says."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import requests
from installation import Installation

GRACE = 10.0  # seconds within which a daemon has ended (P11)
LATE = 5.0  # seconds by which a busy machine may be late; what is told apart takes longer, or for ever


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as one:
        return int(one.getsockname()[1])


class Running:
    """A daemon that runs, and what it said so far."""

    def __init__(
        self,
        installation: Installation,
        environ: Mapping[str, str] | None = None,
        name: str = "run",
        options: Sequence[str] = (),
    ) -> None:
        self.port = free_port()
        self.log = installation.folder / f"{name}.log"
        variables = {**os.environ, "OKRSYNC_SERVER__LISTEN": f"127.0.0.1:{self.port}", **(environ or {})}
        command = [sys.executable, "-c", "from okrsync.cli import main; main()", "--config", str(installation.config)]
        with self.log.open("wb") as stderr:
            self.process = subprocess.Popen([*command, *options, "run"], env=variables, stderr=stderr)

    def lines(self) -> list[dict[str, Any]]:
        whole = self.log.read_text(encoding="utf-8").rpartition("\n")[0]  # the last line may still be written
        return [json.loads(line) for line in whole.splitlines() if line]

    def events(self, name: str) -> list[dict[str, Any]]:
        return [line for line in self.lines() if line["event"] == name]

    def get(self, path: str) -> requests.Response:
        return requests.get(f"http://127.0.0.1:{self.port}{path}", timeout=5)

    def send(self, number: int) -> None:
        self.process.send_signal(number)

    def hears(self, number: int) -> bool:
        """Whether it has taken charge of this signal."""
        status = Path(f"/proc/{self.process.pid}/status").read_text()
        caught = next(line for line in status.splitlines() if line.startswith("SigCgt"))
        return bool(int(caught.split()[1], 16) & 1 << (number - 1))

    def threads(self) -> int:
        return len(list(Path(f"/proc/{self.process.pid}/task").iterdir()))

    def end(self, number: int = signal.SIGTERM) -> tuple[int, float]:
        """The exit code, and how long it took."""
        began = time.monotonic()
        self.send(number)
        return self.process.wait(2 * GRACE), time.monotonic() - began


def until(true: Callable[[], object], seconds: float = 25) -> None:
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end, "it never came"
        time.sleep(0.03)
