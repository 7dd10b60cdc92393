"""What a cycle costs in which nothing, or little, has changed: 200 repositories, 50 Jira projects, 100 Asana projects.

A sandbox plays the company in another process. One process reads it whole, then goes through cycles as the daemon does,
with the connectors that it keeps, and one link job after each: quiet ones, then ones for which one scope in twenty was
edited by a person. Told are requests by tool, CPU, and rows written, by table. Usage:
``python -m benchmarks.quiet_cycle [--cycles N]``.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import subprocess
import sys
import tempfile
import time
from collections import Counter
from multiprocessing.connection import Connection
from pathlib import Path

import requests

ROOT = Path(__file__).resolve().parents[1]
REPOSITORIES, JIRA_PROJECTS, ASANA_PROJECTS = 200, 50, 100
ISSUES, TASKS, ENTRIES = 3000, 3000, 50  # of all Jira projects, of all Asana projects, of each repository

SOURCES = """
[[sources]]
id = "jira"
kind = "jira"
url = "{url}/jira/bulk"
auth = {{ email = "bench@acme.test", token = {{ file = "token" }} }}
projects = {projects}

[[sources]]
id = "github"
kind = "github"
url = "{url}/github"
auth = {{ token = {{ file = "token" }} }}
repositories = ["bench/*"]

[[sources]]
id = "asana"
kind = "asana"
url = "{url}/asana/api/1.0"
auth = {{ token = {{ file = "token" }} }}
workspace = "{workspace}"
projects = "*"
"""


def play(searches: bool, ready: Connection) -> None:
    """Serve the company; after each word, tell how many requests came since the last, by tool."""
    from benchmarks import tools
    from okrsync.sandbox import Sandbox, World
    from okrsync.sandbox.bulk import many

    names = [f"bench/repo-{number:03d}" for number in range(REPOSITORIES)]
    workspace = tools.workspace(TASKS, ASANA_PROJECTS)
    if not searches:
        workspace.lacks = {"search"}
    world = World(
        jira=list(many(ISSUES, projects=JIRA_PROJECTS).jira.sites.values()),
        github=[tools.repository(name, ENTRIES) for name in names],
        asana=[workspace],
    )
    with Sandbox(world) as sandbox:
        ready.send(sandbox.url)
        while True:
            ready.recv()
            ready.send(Counter(asked.path.split("/")[1] for asked in sandbox.requests))
            sandbox.clear_requests()


def edit(url: str) -> int:
    """As a person: one issue, commit or task in one scope of twenty; how many edits that were."""
    now = int(time.time())
    edits = [(f"jira/bulk/issues/P{n}-1", {"labels": [f"seen-{now}"]}) for n in range(0, JIRA_PROJECTS, 20)]
    for n in range(0, REPOSITORIES, 20):
        edits.append((f"github/bench/repo-{n:03d}/issues/1", {"labels": [f"seen-{now}"]}))
        edits.append((f"github/bench/repo-{n:03d}/commits", {"commits": [f"Seen at {now}"]}))
    first = 100_000_000
    edits += [(f"asana/900000/tasks/{first + n}", {"name": f"Seen at {now}"}) for n in range(0, ASANA_PROJECTS, 20)]
    for path, body in edits:
        requests.post(f"{url}/_sandbox/{path}", json=body, timeout=30).raise_for_status()
    return len(edits)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cycles", type=int, default=3, help="of each kind")
    asked = parser.parse_args()
    for searches in (True, False):
        print("Asana's search in the plan:" if searches else "Asana without search:")
        run(searches, asked.cycles)


def run(searches: bool, cycles: int) -> None:
    """Print a line a cycle: the first sync, quiet cycles, cycles with edits."""
    from benchmarks.tools import WORKSPACE, configuration

    ours, theirs = multiprocessing.Pipe()
    player = multiprocessing.get_context("spawn").Process(target=play, args=(searches, theirs), daemon=True)
    player.start()
    url = ours.recv()
    projects = json.dumps([f"P{number}" for number in range(JIRA_PROJECTS)])
    try:
        with tempfile.TemporaryDirectory() as folder:
            config = Path(folder) / "okrsync.toml"
            config.write_text(configuration(SOURCES.format(url=url, projects=projects, workspace=WORKSPACE)))
            (Path(folder) / "token").write_text("bench")
            command = [sys.executable, "-m", "benchmarks.scripts.cycles", str(config)]
            with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=ROOT) as child:
                assert child.stdin
                assert child.stdout

                def cycle(name: str) -> None:
                    print("go", file=child.stdin, flush=True)
                    said = json.loads(child.stdout.readline())
                    ours.send("count")
                    sent: Counter[str] = ours.recv()
                    by_tool = ", ".join(f"{tool} {sent[tool]}" for tool in ("jira", "github", "asana"))
                    rows = ", ".join(f"{count} {table}" for table, count in sorted(said["rows"].items())) or "none"
                    print(f"  {name:<8} {by_tool}; {1000 * said['cpu']:.0f} ms CPU; rows written: {rows}", flush=True)

                cycle("first")
                for _ in range(cycles):
                    cycle("quiet")
                for _ in range(cycles):
                    count = edit(url)
                    cycle(f"{count} edits")
                child.stdin.close()
    finally:
        player.terminate()
        player.join()


if __name__ == "__main__":
    main()
