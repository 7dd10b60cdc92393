"""First and second sync of each tool beside the floor and beside the obvious use of its library, as ratios in one run.

The floor is what nobody can avoid: ``requests`` over one session, ``orjson``, and ``executemany`` into SQLite of the
columns that okrsync keeps, one transaction a page. It judges nothing: linking and verdicts are measured by themselves.
The obvious use is the library's own objects, one ``session.add`` each; dlt is its own REST source into SQLite, in an
environment of its own (``make bench`` makes it). Each figure is taken in a process of its own,
against one sandbox that runs in another; CPU is user + system time from the first request on, the start of the
interpreter and its imports are told apart. Usage: ``python -m benchmarks.first_sync [--tool T]… [SIZE …]``, by default
all tools at 10000 and 50000, the obvious use and dlt at the first size.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import subprocess
import sys
import tempfile
import time
from multiprocessing.connection import Connection
from pathlib import Path

SCRIPTS = Path(__file__).parent / "scripts"
ROOT = Path(__file__).resolve().parents[1]
DLT = ROOT / ".venv-dlt" / "bin" / "python"

SOURCE = """
[[sources]]
id = "{tool}"
kind = "{tool}"
url = "{url}"
{source}
"""


def play(tool: str, size: int, ready: Connection) -> None:
    """Serve ``size`` items of a tool in a process of its own."""
    from benchmarks.tools import TOOLS
    from okrsync.sandbox import Sandbox

    with Sandbox(TOOLS[tool].world(size)) as sandbox:
        ready.send(sandbox.url)
        while True:
            ready.recv()
            ready.send(len(sandbox.requests))
            sandbox.clear_requests()


def measured(script: str, *arguments: str, python: str = sys.executable) -> dict[str, float]:
    """What a child process says of itself."""
    command = [python, str(SCRIPTS / f"{script}.py"), *arguments]
    done = subprocess.run(command, capture_output=True, text=True, cwd=ROOT)
    if done.returncode:
        raise SystemExit(f"{' '.join(command)}:\n{done.stderr}")
    return json.loads(done.stdout.splitlines()[-1])  # type: ignore[no-any-return]


def one(tool: str, size: int, *, obvious: bool) -> dict[str, dict[str, float]]:
    """The figures of one tool at one size."""
    from benchmarks.tools import TOOLS, configuration

    ours, theirs = multiprocessing.Pipe()
    player = multiprocessing.get_context("spawn").Process(target=play, args=(tool, size, theirs), daemon=True)
    player.start()
    url = ours.recv() + TOOLS[tool].path
    runs: dict[str, dict[str, float]] = {}

    def run(name: str, script: str, *arguments: str, python: str = sys.executable) -> None:
        runs[name] = measured(script, *arguments, python=python)
        ours.send("count")
        runs[name]["requests"] = ours.recv()

    try:
        with tempfile.TemporaryDirectory() as folder:
            base = Path(folder)
            (base / "token").write_text("bench")
            config = base / "okrsync.toml"
            source = TOOLS[tool].source.format()
            config.write_text(configuration(SOURCE.format(tool=tool, url=url, source=source)))
            run("floor", f"floor_{tool}", url, str(base / "floor.db"))
            if obvious:
                run("obvious", "obvious", tool, url, str(base / "obvious.db"))
                if DLT.exists():
                    run("dlt", "through_dlt", tool, url, folder, python=str(DLT))
            run("first", "ours", str(config))
            time.sleep(1.1)
            run("second", "ours", str(config))
            return runs
    finally:
        player.terminate()
        player.join()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("sizes", nargs="*", type=int, default=[10_000, 50_000])
    parser.add_argument("--tool", action="append", choices=("jira", "github", "asana"))
    asked = parser.parse_args()
    sizes = sorted(asked.sizes)
    if not DLT.exists():
        print("dlt is left out; to have it measured beside, type: make bench")
    row = "{:>7} {:>7} {:>8} {:>9} {:>8} {:>8} {:>7} {:>13} {:>8} {:>7}".format
    print(row("tool", "items", "run", "requests", "start s", "pull s", "link s", "pull ms/item", "x floor", "RSS MB"))
    for tool in asked.tool or ("jira", "github", "asana"):
        taken: list[tuple[int, dict[str, dict[str, float]]]] = []
        for size in sizes:
            runs = one(tool, size, obvious=size == sizes[0])
            taken.append((size, runs))
            floor = runs["floor"]["pull"]
            for name, run in runs.items():
                print(
                    row(tool, size, name, int(run["requests"]), f"{run['start']:.2f}", f"{run['pull']:.2f}",
                        f"{run.get('link', 0.0):.2f}", f"{1000 * run['pull'] / size:.4f}", f"{run['pull'] / floor:.2f}",
                        f"{run['rss']:.0f}"),
                    flush=True,
                )  # fmt: skip
        if len(taken) > 1:
            (small, before), (large, after) = taken[0], taken[-1]
            floor, ours, link = (
                1000 * (after[run][part] - before[run][part]) / (large - small)
                for run, part in (("floor", "pull"), ("first", "pull"), ("first", "link"))
            )
            print(
                f"{tool}, per further item: floor {floor:.4f} ms, pull {ours:.4f} ms ({ours / floor:.2f} x), "
                f"link {link:.4f} ms"
            )


if __name__ == "__main__":
    main()
