"""What the daemon's server takes for a scrape and for each answer, at rest and beside a link job of the same process.

A company is stored directly (:mod:`benchmarks.company`), linked and published; the server runs in this process, as it
does in the daemon, and another one asks. Usage: ``python -m benchmarks.serving [N …]``, by default 100000.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from benchmarks import company
from config import Config
from okrsync import linking, publishing
from okrsync.model import Limit
from okrsync.store import Store
from okrsync.web.app import application
from okrsync.web.server import Server

TIMES = 5
ADDRESSES = (
    *("/healthz", "/metrics", "/api/v1/status", "/api/v1/orphans", "/api/v1/gaps", "/api/v1/backlog"),
    *("/api/v1/effort", "/api/v1/sources", "/api/v1/plan", "/api/v1/runs", "/api/v1/version"),
)
ASK = """
import json, sys, time, requests
url, times, paths = sys.argv[1], int(sys.argv[2]), sys.argv[3:]
session, took = requests.Session(), {}
for path in paths:
    for _ in range(times):
        began = time.perf_counter()
        answer = session.get(url + path, timeout=120)
        took.setdefault(path, []).append((time.perf_counter() - began, answer.status_code, len(answer.content)))
print(json.dumps(took))
"""


class Still:
    """A daemon of which there is nothing to say."""

    def alive(self) -> bool:
        return True

    def ready(self) -> dict[str, object]:
        return {"ready": True}

    def skipped(self) -> dict[str, int]:
        return {}

    def requests(self) -> dict[str, int]:
        return {}

    def limits(self) -> dict[str, list[Limit]]:
        return {}

    def due(self) -> dict[str, datetime]:
        return {}

    def reload(self) -> tuple[bool, datetime]:
        return True, company.NOW

    def deliveries(self) -> dict[tuple[str, str], int]:
        return {}

    def jobs(self) -> dict[str, float]:
        return {}


@contextmanager
def serving(items: int, *, teams: bool = False) -> Iterator[tuple[Store, Config, Server]]:
    """A server over a company of so many items, linked and published."""
    with tempfile.TemporaryDirectory() as folder:
        config = company.configuration(Path(folder), f"sqlite:///{folder}/okrsync.db", teams=teams)
        store, still = Store.open(config.database), Still()
        company.fill(store, config, items)
        with store.begin() as tx:
            linking.relink(tx, config, datetime.now(UTC))
        publishing.publish(store, config, datetime.now(UTC))
        app = application(lambda: config, store, still, still, clock=lambda: datetime.now(UTC), token=lambda: None)
        server = Server(app, "127.0.0.1:0")
        try:
            yield store, config, server
        finally:
            server.stop()
            store.close()


def asked(server: Server, times: int, *paths: str) -> dict[str, list[float]]:
    """The seconds that each answer took, by address."""
    command = [sys.executable, "-c", ASK, server.url, str(times), *paths]
    found = json.loads(subprocess.run(command, check=True, capture_output=True).stdout)
    for path, answers in found.items():
        assert {status for _, status, _ in answers} == {200}, (path, answers)
    return {path: [seconds for seconds, _, _ in answers] for path, answers in found.items()}


def show(what: str, took: list[float]) -> None:
    first, rest = took[0], sorted(took[1:])
    print(f"{what:30} first {1000 * first:8.1f} ms   then {1000 * rest[len(rest) // 2]:8.1f} ms (median)")


def beside(store: Store, config: Config, server: Server) -> None:
    """The same, while everything is judged again and again in this process."""
    stop, jobs = threading.Event(), 0

    def link() -> None:
        nonlocal jobs
        while not stop.is_set():
            with store.begin() as tx:
                linking.graph.set_meta(tx, linking.RULESET, None)
                linking.relink(tx, config, datetime.now(UTC))
            jobs += 1

    thread = threading.Thread(target=link)
    thread.start()
    time.sleep(0.5)
    for path in ADDRESSES:
        show(f"{path}, linking", asked(server, TIMES, path)[path])
    stop.set()
    thread.join()
    print(f"{jobs} link jobs meanwhile")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("sizes", nargs="*", type=int, default=[100_000])
    for items in parser.parse_args().sizes:
        with serving(items) as (store, config, server):
            print(f"── {items:,} items")
            for path in ADDRESSES:
                show(path, asked(server, TIMES, path)[path])
            beside(store, config, server)


if __name__ == "__main__":
    main()
