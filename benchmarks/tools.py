"""The tools that the benchmarks read: a world of ``n`` items of each, and the configuration that reads it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from zlib import crc32

from okrsync.sandbox.asana.workspace import Workspace
from okrsync.sandbox.bulk import many as many_issues
from okrsync.sandbox.github.repository import Repository
from okrsync.sandbox.world import World

BORN = datetime(2026, 1, 5, 8, tzinfo=UTC)
STEP = timedelta(seconds=40)
WORDS = "As a user of module {} I want the list to load quickly. " + "Acceptance criteria apply. " * 20
MESSAGE = "Module {}: load faster (#{})\n\nTested by hand."
REPOSITORIES = ("bench/one", "bench/two")
WORKSPACE = "900000"
PARENTS = 50  # one task in so many has two subtasks

CONFIG = """
[okrsync]
database = "sqlite:///okrsync.db"
timezone = "UTC"
language = "en"
instance = "bench"
{sources}
[[cycles]]
id = "now"
start = {year}-01-01
end = {year}-12-31

[[objectives]]
id = "O-ONE"
title = "One"
owner = "ceo@acme.test"
cycle = "now"

[[objectives.key_results]]
id = "KR-1"
title = "One"
"""


def configuration(sources: str) -> str:
    """A configuration of one key result that reads these ``[[sources]]``."""
    return CONFIG.format(sources=sources, year=datetime.now(UTC).year)


@dataclass(frozen=True)
class Tool:
    """One tool: where its API is below the sandbox's address, what a ``[[sources]]`` of it says, its world."""

    path: str
    source: str
    world: Callable[[int], World]


def stamp(at: datetime) -> str:
    return at.strftime("%Y-%m-%dT%H:%M:%SZ")


def github(n: int) -> World:
    """Two repositories; of ten items four are issues, two pull requests, four commits."""
    return World(github=[repository(name, n // len(REPOSITORIES)) for name in REPOSITORIES])


def repository(name: str, n: int) -> Repository:
    """A repository of ``n`` items."""
    issues: list[dict[str, Any]] = []
    pulls: list[dict[str, Any]] = []
    commits: list[dict[str, Any]] = []
    users = [{"login": f"person-{number}", "id": 1000 + number, "type": "User"} for number in range(40)]
    for place in range(n):
        at, kind = BORN + STEP * place, place % 10
        if kind >= 6:
            commits.append(_commit(name, place, len(commits), at, users))
            continue
        number = len(issues) + len(pulls) + 1
        common = {
            "number": number,
            "title": f"Issue {place} of a large backlog: make the list of module {place % 97} load quickly",
            "body": WORDS.format(place % 25),
            "user": users[place % 40],
            "state": ("closed", "open", "closed")[place % 3],
            "labels": [{"name": f"okr:KR-{place % 20}"}] if place % 10 == 0 else [{"name": "backend"}],
            "created_at": stamp(at),
            "updated_at": stamp(at + timedelta(hours=5)),
            "closed_at": stamp(at + timedelta(hours=5)) if place % 3 != 1 else None,
        }
        if kind >= 4:
            merged = common["closed_at"]
            branch = {"ref": f"feature-{number}", "sha": f"{number:040x}"}
            pulls.append(common | {"merged_at": merged, "head": branch, "base": {"ref": "main"}})
        else:
            issues.append(common)
    return Repository(name, issues=issues, pulls=pulls, commits=list(reversed(commits)))


def _commit(name: str, place: int, number: int, at: datetime, users: list[dict[str, Any]]) -> dict[str, Any]:
    mark = f"{crc32(name.encode()):08x}"
    sha = f"{mark}{number:032x}"
    person = {"name": f"Person {place % 40}", "date": stamp(at)}
    before = f"{mark}{number - 1:032x}"
    return {
        "sha": sha,
        "commit": {"message": MESSAGE.format(place % 97, place % 50 + 1), "author": person, "committer": person},
        "author": users[place % 40],
        "parents": [{"sha": before}] if number else [],
    }  # fmt: skip


def asana(n: int) -> World:
    """Five projects; two of a hundred tasks have two subtasks each."""
    return World(asana=[workspace(n, 5)])


def workspace(n: int, projects: int) -> Workspace:
    """A workspace of ``n`` tasks in so many projects; two of a hundred tasks have two subtasks each."""
    gids = [str(900_000_000 + number) for number in range(projects)]
    tasks: list[dict[str, Any]] = []
    person = {"gid": "800", "name": "A person"}
    while len(tasks) < n:
        place = len(tasks)
        at = BORN + STEP * place
        tasks.append(_task(place, at, person, {"projects": [{"gid": gids[place % projects]}]}))
        if place % PARENTS == 0:
            below = {"parent": {"gid": tasks[-1]["gid"]}}
            tasks += [_task(place + 1 + extra, at, person, below) for extra in range(min(2, n - place - 1))]
    known = [{"gid": gid, "name": f"Project {gid}"} for gid in gids]
    return Workspace(WORKSPACE, tasks=tasks, projects=known, users=[person])


def _task(place: int, at: datetime, person: dict[str, Any], where: dict[str, Any]) -> dict[str, Any]:
    done = place % 3 != 1
    return {
        "gid": str(100_000_000 + place),
        "name": f"Task {place} of a large backlog: prepare the campaign of region {place % 97}",
        "notes": WORDS.format(place % 25)[:400],
        "completed": done,
        "completed_at": stamp(at + timedelta(hours=5)) if done else None,
        "created_at": stamp(at),
        "modified_at": stamp(at + timedelta(hours=5)),
        "assignee": person,
        "tags": [],
        **where,
    }


TOOLS = {
    "jira": Tool(
        "/jira/bulk",
        'auth = {{ email = "bench@acme.test", token = {{ file = "token" }} }}\nprojects = ["P0", "P1"]',
        many_issues,
    ),
    "github": Tool(
        "/github",
        'auth = {{ token = {{ file = "token" }} }}\nrepositories = ["bench/one", "bench/two"]',
        github,
    ),
    "asana": Tool(
        "/asana/api/1.0",
        f'auth = {{{{ token = {{{{ file = "token" }}}} }}}}\nworkspace = "{WORKSPACE}"\nprojects = "*"',
        asana,
    ),
}
