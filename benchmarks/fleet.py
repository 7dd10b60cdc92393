"""Any number of sources over the three tools: the world that a sandbox plays in a process of its own, the configuration
that reads it, and what people do there."""

from __future__ import annotations

import json
import multiprocessing
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

import requests

SECRET = "benchmark"  # of webhooks
FIRST_TASK = 100_000_000  # gid; it has two subtasks, the first of them open
ISSUES = (7, 1, 2, 3, 4, 8, 9, 10)  # those of the first numbers of a repository that are no pull requests
KEY_RESULTS = 20  # named by labels: KR-0, KR-1 …

_JIRA = """
[[sources]]
id = "jira-{number}"
kind = "jira"
url = "{url}/jira/bulk"
projects = {places}
auth = {{ email = "bench@acme.test", token = {{ file = "token" }} }}
"""
_GITHUB = """
[[sources]]
id = "github-{number}"
kind = "github"
url = "{url}/github"
repositories = {places}
auth = {{ token = {{ file = "token" }} }}
"""
_ASANA = """
[[sources]]
id = "asana-{number}"
kind = "asana"
url = "{url}/asana/api/1.0"
workspace = "{workspace}"
projects = {places}
auth = {{ token = {{ file = "token" }} }}
"""
_KEY_RESULT = """
[[objectives.key_results]]
id = "KR-{number}"
title = "Key result {number}"
"""
_BY_TASK = f"""
[[objectives.key_results]]
id = "KR-TASK"
title = "What hangs below a task"
epics = ["asana-0:{FIRST_TASK}"]
"""


@dataclass(frozen=True)
class Fleet:
    """So many sources of each tool, with so many items each; ``jira_items`` where Jira's have another number."""

    jira: int
    github: int
    asana: int
    items: int = 100
    jira_items: int | None = None

    @property
    def total(self) -> int:
        """All items."""
        return (self.jira_items or self.items) * self.jira + self.items * (self.github + self.asana)

    @property
    def sources(self) -> list[str]:
        counts = {"jira": self.jira, "github": self.github, "asana": self.asana}
        return [f"{tool}-{number}" for tool, count in counts.items() for number in range(count)]

    def configuration(self, url: str, *, every: str, port: int) -> str:
        """The text that reads it, and takes webhooks; nothing is written back."""
        from benchmarks.tools import WORKSPACE, configuration

        parts = [f'\n[server]\nlisten = "127.0.0.1:{port}"\nurl = "http://127.0.0.1:{port}"\n']
        parts += [_JIRA.format(number=n, url=url, places=json.dumps([f"P{n}"])) for n in range(self.jira)]
        parts += [_GITHUB.format(number=n, url=url, places=json.dumps([_repository(n)])) for n in range(self.github)]
        for n in range(self.asana):
            places = json.dumps([str(900_000_000 + n)])
            parts.append(_ASANA.format(number=n, url=url, places=places, workspace=WORKSPACE))
        timed = f'every = "{every}"\nwebhook_secret = {{ file = "secret" }}\nauth = '
        sources = "".join(parts).replace("auth = ", timed)
        goals = [_KEY_RESULT.format(number=n) for n in range(KEY_RESULTS) if n != 1]  # KR-1 stands there
        return configuration(sources) + "".join(goals) + (_BY_TASK if self.asana else "")

    def install(self, folder: Path, url: str, *, every: str, port: int) -> Path:
        """The configuration as a file in a folder, with its secrets beside it."""
        (folder / "token").write_text("bench\n")
        (folder / "secret").write_text(f"{SECRET}\n")
        path = folder / "okrsync.toml"
        path.write_text(self.configuration(url, every=every, port=port), encoding="utf-8")
        return path


def _repository(number: int) -> str:
    return f"bench/repo-{number}"


def _play(fleet: Fleet, ready: Connection) -> None:
    """Serve the world until a word comes. Asana's search is left out: sixty a minute would be waited for."""
    from benchmarks import tools
    from okrsync.sandbox import Sandbox, World
    from okrsync.sandbox.bulk import many

    workspace = tools.workspace(fleet.items * fleet.asana, max(fleet.asana, 1))
    workspace.lacks = {"search"}
    jira = many((fleet.jira_items or fleet.items) * fleet.jira, projects=max(fleet.jira, 1))
    world = World(
        jira=list(jira.jira.sites.values()),
        github=[tools.repository(_repository(n), fleet.items) for n in range(fleet.github)],
        asana=[workspace],
    )
    with Sandbox(world) as sandbox:
        ready.send((sandbox.url, [one.id for one in world.github.directory.repositories.values()]))
        ready.recv()


@dataclass(frozen=True)
class Played:
    """A world at an address; ``repositories`` are the ids of GitHub's."""

    fleet: Fleet
    url: str
    repositories: list[int]

    def person(self, path: str, **what: Any) -> None:
        """Somebody does this in a tool."""
        requests.post(f"{self.url}/_sandbox/{path}", json=what, timeout=30).raise_for_status()

    def close(self, tool: str, *, done: bool, ticket: int = 0) -> None:
        """A ticket of a tool is closed or opened again: the first is one below a key result; each number is another
        one, until all were named."""
        from okrsync.sandbox.bulk import PER_EPIC
        from okrsync.sandbox.company.jira_metadata import DONE, TODO

        fleet = self.fleet
        match tool:
            case "jira":
                epic, number = divmod(ticket, PER_EPIC - 1)  # the first below the epic of KR-1, the next …
                filled = (fleet.jira_items or fleet.items) * fleet.jira // PER_EPIC
                place = (1 + epic) % filled, 2 + number
                key = f"P0-{PER_EPIC * place[0] + place[1]}" if fleet.jira == 1 else f"P{place[0]}-{place[1]}"
                self.person(f"jira/bulk/issues/{key}", status=DONE if done else TODO)
            case "github":
                number, repository = divmod(ticket, fleet.github)
                path = f"github/{_repository(repository)}/issues/{ISSUES[number % len(ISSUES)]}"
                self.person(path, state="closed" if done else "open")
            case _:
                task = FIRST_TASK + 1 + ticket % (fleet.items * fleet.asana - 1)
                self.person(f"asana/900000/tasks/{task}", completed=done)

    def fault(self, kind: str, **how: Any) -> None:
        """Some of the next requests go wrong."""
        requests.post(f"{self.url}/_sandbox/faults", json={"kind": kind, **how}, timeout=30).raise_for_status()

    def forget(self) -> None:
        """The faults, and the requests that came so far."""
        for what in ("faults", "requests"):
            requests.delete(f"{self.url}/_sandbox/{what}", timeout=30).raise_for_status()


@contextmanager
def played(fleet: Fleet) -> Iterator[Played]:
    """The world, served by another process."""
    spawn = multiprocessing.get_context("spawn")
    ours, theirs = spawn.Pipe()
    player = spawn.Process(target=_play, args=(fleet, theirs), daemon=True)
    player.start()
    try:
        url, repositories = ours.recv()
        yield Played(fleet, url, repositories)
    finally:
        player.terminate()
        player.join()
