"""``okrsync run`` as a process of its own, seen from outside: what it says, and what ``/proc`` tells of it (Linux)."""

from __future__ import annotations

import json
import os
import re
import signal
import socket
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import requests

COMMAND = [sys.executable, "-c", "from okrsync.cli import main; main()"]
TICKS = os.sysconf("SC_CLK_TCK")
PATIENCE = 600.0  # seconds


@dataclass(frozen=True)
class Usage:
    """Of a process: CPU seconds so far, resident MB, threads and open handles now."""

    cpu: float
    rss: float
    threads: int
    handles: int


def usage(pid: int) -> Usage:
    process = Path(f"/proc/{pid}")
    fields = (process / "stat").read_text().rpartition(")")[2].split()
    told = dict(re.findall(r"^(VmRSS|Threads):\s+(\d+)", (process / "status").read_text(), flags=re.M))
    return Usage(
        cpu=(int(fields[11]) + int(fields[12])) / TICKS,
        rss=int(told["VmRSS"]) / 1024,
        threads=int(told["Threads"]),
        handles=len(list((process / "fd").iterdir())),
    )


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as free:
        return int(free.getsockname()[1])


def typed(folder: Path, *words: str) -> None:
    """A command on the installation in a folder, to its end."""
    command = [*COMMAND, "--quiet", "--config", str(folder / "okrsync.toml"), *words]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)


class Daemon:
    """The daemon of the installation in a folder; ``verbose`` also tells the looks that found nothing."""

    def __init__(self, folder: Path, port: int, *, verbose: bool = False) -> None:
        self.folder, self.url = folder, f"http://127.0.0.1:{port}"
        self._log = folder / f"run-{time.monotonic_ns()}.log"
        self._read = 0
        self.lines: list[dict[str, Any]] = []
        self._manager = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        notify = folder / "notify"
        notify.unlink(missing_ok=True)
        self._manager.bind(str(notify))
        self._manager.setblocking(False)
        environ = {**os.environ, "NOTIFY_SOCKET": str(notify), "OKRSYNC_SERVER__LISTEN": f"127.0.0.1:{port}"}
        words = [*(["--verbose"] if verbose else []), "--config", str(folder / "okrsync.toml"), "run"]
        self.began = time.monotonic()
        with self._log.open("wb") as log:
            self.process = subprocess.Popen([*COMMAND, *words], cwd=folder, env=environ, stdout=log, stderr=log)

    # ── what it says ──

    def events(self, *names: str) -> list[dict[str, Any]]:
        """The lines of its log of these names, so far."""
        with self._log.open("rb") as log:
            log.seek(self._read)
            whole = log.read().rpartition(b"\n")
        self._read += len(whole[0]) + len(whole[1])
        self.lines += [json.loads(line) for line in whole[0].splitlines() if line.startswith(b"{")]
        return [line for line in self.lines if line["event"] in names]

    def notified(self) -> bool:
        """Whether READY=1 was sent."""
        while True:
            try:
                if b"READY=1" in self._manager.recv(4096).splitlines():
                    return True
            except BlockingIOError:
                return False

    def get(self, path: str) -> requests.Response:
        return requests.get(f"{self.url}{path}", timeout=30)

    def answers(self) -> bool:
        """Whether /readyz says 200."""
        try:
            return self.get("/readyz").status_code == 200
        except requests.ConnectionError:
            return False

    def is_calm(self) -> bool:
        """Whether all sources were read as a whole, and everything since was judged."""
        lines = self.events("synced", "recovered", "looked", "linked")
        read = {line["source"] for line in lines if line["event"] in ("synced", "recovered")}
        states = [one["id"] for one in self.get("/readyz").json().get("sources", ())] if lines else []
        return bool(states) and read >= set(states) and lines[-1]["event"] == "linked"

    def usage(self) -> Usage:
        return usage(self.process.pid)

    def cycles(self) -> int:
        """How many whole cycles ended, well or not, of all that ever ran on this database."""
        address = f"file:{self.folder / 'okrsync.db'}?mode=ro"
        with closing(sqlite3.connect(address, uri=True, timeout=30)) as base:
            query = "select (select total(cycles) from source) + (select total(cycles) from attempt)"
            return int(base.execute(query).fetchone()[0])

    # ── what is done to it ──

    def until(self, holds: Callable[[], object], *, pause: float = 0.02) -> float:
        """Seconds since its start when it held; RuntimeError where it ends before, or that takes too long."""
        while not holds():
            if self.process.poll() is not None or time.monotonic() - self.began > PATIENCE:
                raise RuntimeError(
                    f"it never came to hold; exit {self.process.poll()}:\n{self._log.read_text()[-3000:]}"
                )
            time.sleep(pause)
        return time.monotonic() - self.began

    def send(self, number: int) -> None:
        self.process.send_signal(number)

    def kill(self) -> None:
        self.process.kill()
        self._close()

    def end(self) -> None:
        self.send(signal.SIGTERM)
        self._close()
        if self.process.returncode:
            raise RuntimeError(f"exit {self.process.returncode}:\n{self._log.read_text()[-3000:]}")

    def _close(self) -> None:
        self.process.wait(30)
        self._manager.close()


@contextmanager
def running(folder: Path, port: int, *, verbose: bool = False) -> Iterator[Daemon]:
    """A daemon, which ends with the block."""
    daemon = Daemon(folder, port, verbose=verbose)
    try:
        yield daemon
    except BaseException:
        daemon.kill()
        raise
    daemon.end()
