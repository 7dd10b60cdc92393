"""What ``okrsync run`` costs and how soon it is there: the figures of a daemon in use, one table a part.

``start``    from the start of the process to /readyz and to READY=1, with a small and a large store
``idle``     memory, CPU, threads and handles with 50 sources in which nothing happens
``webhooks`` answer times under load (:mod:`benchmarks.webhooks`)
``killed``   from kill -9 in the middle of a first sync to all stored, judged and ready
``changes``  from a change in a tool to the changed status, by webhooks
``cycles``   memory, threads and handles over 10,000 cycles (:mod:`benchmarks.cycles`); only where it is named

The tools are a sandbox in a process of its own, the daemon is ``okrsync run``; Linux only (/proc). Usage:
``python -m benchmarks.running [--small] [PART …]``.
"""

from __future__ import annotations

import argparse
import statistics
import tempfile
import time
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path

from benchmarks import company
from benchmarks.cycles import driven
from benchmarks.daemons import Daemon, free_port, running, typed
from benchmarks.fleet import Fleet, played
from benchmarks.host import Host
from benchmarks.webhooks import under_load

Rows = Iterator[Sequence[object]]
PAUSE = 10.5  # seconds between two webhooks of a tool that are each heeded at once (okrsync/daemon/touches.py)
BURST = 4


def start(*, small: bool) -> Rows:
    """Five starts each; the tools are away, which nobody waits for."""
    yield "store", "start to /readyz s", "to READY=1 s", "slowest s", "RSS MB"
    for items in (0, 10_000) if small else (0, 10_000, 100_000):
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name)
            _filled(folder, items)
            answers, notices, rss = [], [], 0.0
            for _ in range(5):
                daemon = Daemon(folder, free_port())
                answered = notified = 0.0
                while not (answered and notified):
                    answered = answered or (daemon.until(lambda: True) if daemon.answers() else 0.0)
                    notified = notified or (daemon.until(lambda: True) if daemon.notified() else 0.0)
                    time.sleep(0.005)
                answers.append(answered)
                notices.append(notified)
                rss = daemon.usage().rss
                daemon.end()
            slowest = max(*answers, *notices)
            middle = statistics.median(answers), statistics.median(notices)
            yield f"{items:,} items", f"{middle[0]:.2f}", f"{middle[1]:.2f}", f"{slowest:.2f}", f"{rss:.0f}"


def _filled(folder: Path, items: int) -> None:
    """A store of so many items, judged."""
    from okrsync import linking, publishing
    from okrsync.store import Store

    config = company.configuration(folder, f"sqlite:///{folder}/okrsync.db")
    store = Store.open(config.database)
    if items:
        company.fill(store, config, items)
    with store.begin() as tx:
        linking.relink(tx, config, datetime.now(UTC))
    publishing.publish(store, config, datetime.now(UTC))
    store.close()


def idle(*, small: bool) -> Rows:
    """After the first sync. In a stretch of a minute the sources of every five minutes are not read at all, so that is
    what a daemon costs by itself; what a cycle adds is taken with a cycle a minute."""
    yield "50 sources, read", "stretch s", "cycles", "CPU s an hour", "of a core", "RSS MB", "threads", "handles"
    fleet = Fleet(jira=20, github=20, asana=10, items=20 if small else 100)
    stretch = 20.0 if small else 61.0
    cost: dict[str, float] = {}
    for every in ("1h", "1m"):
        with tempfile.TemporaryDirectory() as name, played(fleet) as world:
            port = free_port()
            fleet.install(Path(name), world.url, every=every, port=port)
            with running(Path(name), port) as daemon:
                daemon.until(daemon.is_calm, pause=0.2)
                time.sleep(3)
                before, began, had = daemon.usage(), time.monotonic(), daemon.cycles()
                time.sleep(stretch)
                after, spent, cycles = daemon.usage(), time.monotonic() - began, daemon.cycles() - had
                share = (after.cpu - before.cpu) / spent
                cost[every] = share
                yield (
                    f"every {every}", f"{spent:.0f}", cycles, f"{3600 * share:.1f}", f"{100 * share:.2f} %",
                    f"{before.rss:.0f} → {after.rss:.0f}", f"{before.threads} → {after.threads}",
                    f"{before.handles} → {after.handles}",
                )  # fmt: skip
    share = cost["1h"] + (cost["1m"] - cost["1h"]) / 5
    yield "every 5m, from both", "", "", f"{3600 * share:.1f}", f"{100 * share:.2f} %", "", "", ""


def webhooks(*, small: bool) -> Rows:
    """Narrowed cycles are those of GitHub, whose repository the deliveries name."""
    yield "load", "answers", "a second", "p50 ms", "p99 ms", "max ms", "statuses", "narrowed cycles", "link jobs"
    for one in under_load(5_000 if small else 100_000, 5.0 if small else 30.0):
        figures = (one.quantile(0.5), one.quantile(0.99), max(one.times))
        told = [f"{1000 * figure:.1f}" for figure in figures]
        rate = f"{len(one.times) / one.seconds:.0f}"
        yield one.what, len(one.times), rate, *told, sorted(one.statuses), one.looks, one.links


def killed(*, small: bool) -> Rows:
    """The moments are spread evenly over the first sync. What was stored is not read again."""
    yield "first sync", "killed after s", "stored then", "from kill -9 to caught up s", "all in all s"
    fleet = Fleet(jira=1, github=1, asana=1, items=200 if small else 2000, jira_items=1000 if small else 10_000)
    with played(fleet) as world:
        whole = _caught_up(fleet, world.url, None)[1]
        yield f"{fleet.total:,} items", "never", "", "", f"{whole:.1f}"
        taken = []
        times = 2 if small else 10
        for turn in range(times):
            at = 1.0 + (whole - 1.0) * (turn + 0.5) / times
            stored, took = _caught_up(fleet, world.url, at)
            taken.append(took)
            yield "", f"{at:.1f}", f"{stored:,}", f"{took:.1f}", f"{at + took:.1f}"
        yield "median", "", "", f"{statistics.median(taken):.1f}", ""
        yield "slowest", "", "", f"{max(taken):.1f}", ""


def _caught_up(fleet: Fleet, url: str, at: float | None) -> tuple[int, float]:
    """How much was stored when a daemon was killed after so many seconds, and how long another one took to have it
    all."""
    from okrsync.model import SourceState
    from okrsync.store import Store, queries

    with tempfile.TemporaryDirectory() as name:
        folder, port, stored = Path(name), free_port(), 0
        fleet.install(folder, url, every="1h", port=port)

        def items() -> int:
            store = Store.open(f"sqlite:///{folder}/okrsync.db")
            with store.read() as tx:
                found = sum(queries.totals(tx).values())
            store.close()
            return found

        if at is not None:
            victim = Daemon(folder, port)
            time.sleep(at)
            victim.kill()
            stored = items() if (folder / "okrsync.db").exists() else 0
        with running(folder, port) as daemon:
            took = daemon.until(lambda: daemon.answers() and daemon.is_calm())
            ready = daemon.get("/readyz").json()
            if not ready["complete"] or {one["state"] for one in ready["sources"]} != {SourceState.OK.value}:
                raise RuntimeError(f"caught up, and yet: {ready}")
        if items() != fleet.total:
            raise RuntimeError(f"{items()} items of {fleet.total}")
        return stored, took


def changes(*, small: bool) -> Rows:
    """A person closes or opens a ticket; the status is asked of /api/v1/status. Polling would tell an hour later."""
    yield "tool", "changes", "median s", "slowest s"
    fleet = Fleet(jira=1, github=1, asana=1, items=200)
    taken: dict[str, list[float]] = {"jira": [], "github": [], "asana": []}
    with tempfile.TemporaryDirectory() as name, played(fleet) as world:
        port = free_port()
        fleet.install(Path(name), world.url, every="1h", port=port)
        with running(Path(name), port) as daemon:
            daemon.until(lambda: daemon.answers() and daemon.is_calm())
            typed(Path(name), "hooks", "create")
            for turn in range(BURST if small else 10):
                time.sleep(1.0 if turn < BURST else PAUSE)
                for tool, times in taken.items():
                    before = _told(daemon)
                    began = time.monotonic()
                    world.close(tool, done=turn % 2 == 0)
                    daemon.until(lambda: _told(daemon) != before)  # noqa: B023
                    times.append(time.monotonic() - began)
    for tool, times in taken.items():
        yield tool, len(times), f"{statistics.median(times):.2f}", f"{max(times):.2f}"


def _told(daemon: Daemon) -> list[tuple[str, float | None]]:
    """What is told of each key result."""
    status = daemon.get("/api/v1/status").json()
    return [(kr["id"], kr["done"]) for objective in status["objectives"] for kr in objective["key_results"]]


def cycles(*, small: bool) -> Rows:
    """Growth is told from the first line on."""
    yield "cycles", "minutes", "RSS MB", "growth", "threads", "handles"
    marks = [100, 200] if small else [100, 1000, 5000, 10_000]
    began, first = time.monotonic(), 0.0
    for one in driven(marks[-1]):
        if marks and one.cycles >= marks[0]:
            del marks[0]
            first = first or one.usage.rss
            grown = f"{100 * (one.usage.rss / first - 1):+.1f} %"
            minutes = f"{(time.monotonic() - began) / 60:.1f}"
            yield f"{one.cycles:,}", minutes, f"{one.usage.rss:.0f}", grown, one.usage.threads, one.usage.handles


PARTS = {
    "start": start,
    "idle": idle,
    "webhooks": webhooks,
    "killed": killed,
    "changes": changes,
    "cycles": cycles,
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("parts", nargs="*", metavar="PART", help=f"{', '.join(PARTS)}; by default all but cycles")
    parser.add_argument("--small", action="store_true", help="small numbers: whether it works, not what it costs")
    asked = parser.parse_args()
    if unknown := set(asked.parts) - PARTS.keys():
        parser.error(f"no part {', '.join(sorted(unknown))}; there are {', '.join(PARTS)}")
    for name in asked.parts or [name for name in PARTS if name != "cycles"]:
        began, host = time.monotonic(), Host()
        rows = PARTS[name](small=asked.small)
        head = next(rows)
        print(f"── {name}\n" + " | ".join(map(str, head)), flush=True)
        for row in rows:
            print(" | ".join(str(cell).rjust(len(str(top))) for cell, top in zip(row, head, strict=True)), flush=True)
        print(f"   ({time.monotonic() - began:.0f} s; {host.told()})", flush=True)


if __name__ == "__main__":
    main()
