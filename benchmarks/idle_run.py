"""What ``okrsync run`` costs while nothing happens: memory, and CPU a cycle, with the demonstration's three sources.

A sandbox plays the company in another process; a first sync and apply come before. Linux only (/proc). Usage:
``python -m benchmarks.idle_run [--every SECONDS] [--minutes M]``.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import os
import re
import signal
import subprocess
import sys
import tempfile
import time
from datetime import UTC, datetime
from multiprocessing.connection import Connection
from pathlib import Path

COMMAND = [sys.executable, "-c", "from okrsync.cli import main; main()"]
TICKS = os.sysconf("SC_CLK_TCK")


def play(ready: Connection) -> None:
    """Serve the company; after each word, tell how many requests came since the last."""
    from okrsync.sandbox import Sandbox
    from okrsync.sandbox.company import company, company_config

    now = datetime.now(UTC)
    with Sandbox(company(now)) as sandbox:
        ready.send(company_config(sandbox.url, "sqlite:///okrsync.db", now))
        while True:
            ready.recv()
            ready.send(len(sandbox.requests))
            sandbox.clear_requests()


def cpu(pid: int) -> float:
    """Seconds of user and system time so far."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / TICKS


def rss(pid: int) -> float:
    """Resident memory now, in MB."""
    found = re.search(r"VmRSS:\s+(\d+) kB", Path(f"/proc/{pid}/status").read_text())
    return int(found[1]) / 1024 if found else 0.0


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--every", type=int, default=5, help="seconds between two cycles of each source")
    parser.add_argument("--minutes", type=float, default=2.0)
    asked = parser.parse_args()
    ours, theirs = multiprocessing.Pipe()
    player = multiprocessing.get_context("spawn").Process(target=play, args=(theirs,), daemon=True)
    player.start()
    try:
        with tempfile.TemporaryDirectory() as folder:
            config = Path(folder) / "okrsync.toml"
            text = re.sub(r"^every = .*\n", "", ours.recv(), flags=re.M)
            kind = re.compile(r'^(kind = "(?:jira|github|asana)")$', re.M)
            config.write_text(kind.sub(rf'\1\nevery = "{asked.every}s"', text))
            (Path(folder) / "token").write_text("demo\n")
            command = [*COMMAND, "--quiet", "--config", str(config)]
            for step in (["sync"], ["apply", "--yes"], ["sync"]):
                subprocess.run([*command, *step], check=True, stdout=subprocess.DEVNULL)
            environ = {**os.environ, "OKRSYNC_SERVER__LISTEN": "127.0.0.1:0"}
            log = (Path(folder) / "log").open("wb")
            daemon = subprocess.Popen([*COMMAND, "--config", str(config), "run"], env=environ, stderr=log)
            time.sleep(max(10, 2 * asked.every))
            ours.send("count")
            ours.recv()
            began, used, before = time.monotonic(), cpu(daemon.pid), rss(daemon.pid)
            time.sleep(60 * asked.minutes)
            spent, used, after = time.monotonic() - began, cpu(daemon.pid) - used, rss(daemon.pid)
            ours.send("count")
            requests = ours.recv()
            daemon.send_signal(signal.SIGTERM)
            daemon.wait()
            lines = [json.loads(line) for line in (Path(folder) / "log").read_text().splitlines()]
    finally:
        player.terminate()
    cycles = spent / asked.every
    print(f"exit {daemon.returncode}; a cycle of all three sources every {asked.every} s for {spent:.0f} s")
    print(f"RSS {before:.0f} MB, at the end {after:.0f} MB")
    print(f"CPU {1000 * used / cycles:.0f} ms a cycle; {requests / cycles:.1f} requests a cycle")
    print(f"at every = 5m: {100 * used / cycles / 300:.3f} % of one core")
    print(f"lines of the log that are no cycle: {[line['event'] for line in lines if line['level'] != 'info']}")


if __name__ == "__main__":
    main()
