"""Backlogs to write to: worlds of open work whose plan has so many writes, and the configuration that plans them.

``labels`` is work of which none reaches an objective: one label on each ticket. ``mixed`` is a company in the middle of
its quarter, with a key result for each 25 writes: an object that bears its progress (an epic, a tracking issue or a
task; of every second one a milestone or a goal too), open tickets that serve it and bear its objective, three open pull
requests in GitHub; a third of the open tickets, or a little more, serve nothing. Five tickets of each are finished.
``comments``, of GitHub alone, is a key result for each write, told in the comment of its tracking issue: the content of
which GitHub takes so much an hour.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from okrsync.sandbox.asana.workspace import Workspace
from okrsync.sandbox.clock import Clock
from okrsync.sandbox.company.jira_metadata import FIELDS, ISSUE_TYPES, STATUSES, project
from okrsync.sandbox.github.repository import Repository
from okrsync.sandbox.jira import screens
from okrsync.sandbox.jira.issue import Issue
from okrsync.sandbox.jira.issue import stamp as jira_stamp
from okrsync.sandbox.jira.site import Site
from okrsync.sandbox.world import World

PER_KEY_RESULT = 25  # writes of a mixed plan
RUNS = {"labels": "label", "mixed": "", "comments": "comment"}
"""What a run writes; a mixed one all that the tool has."""

KEY_RESULTS = 3  # of an objective
FINISHED = 5  # tickets of a key result: of fewer nothing is said
PULLS = 3  # open pull requests of a key result
REPOSITORIES = ("bench/one", "bench/two")
WORKSPACE, PROJECTS = "900000", ("900001", "900002")
OBJECTIVE, PROGRESS = "customfield_10200", "customfield_10201"
FIELD_GIDS = ("900100", "900101")

CONFIG = """
[okrsync]
database = "sqlite:///okrsync.db"
timezone = "UTC"
language = "en"
instance = "bench"

[[sources]]
id = "{source}"
kind = "{source}"
url = "{url}"
{account}

[[cycles]]
id = "now"
start = {start:%Y-%m-%d}
end = {end:%Y-%m-%d}
{goals}
[writeback]
mode = "apply"

[writeback.{source}]
surfaces = {surfaces}
{fields}
"""


@dataclass(frozen=True)
class Backlog:
    """One tool: where its API is below the sandbox's address, how it is signed in to, what is written there, its world.

    ``told`` are the ``write_to`` of a key result.
    """

    source: str
    path: str
    account: str
    surfaces: tuple[str, ...]
    fields: str
    told: Callable[[int], list[str]]
    world: Callable[[int, str, Clock], World]


def configuration(backlog: Backlog, url: str, n: int, *, run: str, now: datetime) -> str:
    """The configuration whose plan over the world of ``n`` has ``n`` writes."""
    goals = []
    for number in range(key_results(n, run) or 1):
        if number % KEY_RESULTS == 0:
            objective = f"O-{number // KEY_RESULTS}"
            goals.append(f'\n[[objectives]]\nid = "{objective}"\ntitle = "Objective {number}"\nowner = "ceo@acme.test"')
            goals.append('cycle = "now"')
        goals.append(f'\n[[objectives.key_results]]\nid = "KR-{number}"\ntitle = "Key result {number}"')
        if run != "labels":
            goals.append(f"write_to = {backlog.told(number)}")
    return CONFIG.format(
        source=backlog.source,
        url=url + backlog.path,
        account=backlog.account,
        start=now - timedelta(days=45),
        end=now + timedelta(days=45),
        goals="\n".join(goals),
        surfaces=list(backlog.surfaces) if run == "mixed" else [RUNS[run]],
        fields=backlog.fields if run == "mixed" else "",
    )


def key_results(n: int, run: str) -> int:
    """How many key results the world of ``n`` writes has."""
    return {"labels": 0, "mixed": n // PER_KEY_RESULT, "comments": n}[run]


# ── Jira ─────────────────────────────────────────────────────────────────────────────────────────────────────────────


def _jira(n: int, run: str, clock: Clock) -> World:
    site = Site("bench", projects=[project("1", "B", "Bench")], statuses=STATUSES, issue_types=ISSUE_TYPES,
                fields=FIELDS, clock=clock)  # fmt: skip
    krs = key_results(n, run)
    options = [f"O-{number}" for number in range(krs // KEY_RESULTS + 1)]
    screens.define(site, {"id": OBJECTIVE, "name": "Objective", "type": "select", "options": options})
    screens.define(site, {"id": PROGRESS, "name": "OKR progress", "type": "number"})
    at = clock() - timedelta(days=40)
    epics = [_issue(site, at, 0, labels=[f"okr:KR-{number}"]) for number in range(krs)]
    for epic in epics:
        for place in range(7 + FINISHED):  # the epic takes five writes, each of the seven two
            _issue(site, at, 1, done=place < FINISHED, parent=epic)
    for _ in range(krs * 6 or n):
        _issue(site, at, 1)
    return World([site], clock=clock)


def _issue(
    site: Site, at: datetime, kind: int, *, done: bool = False, parent: Issue | None = None, labels: Sequence[str] = ()
) -> Issue:
    number = len(site.issues) + 1
    status, moved = STATUSES[3 if done else 0], jira_stamp(at + timedelta(hours=number % 500))
    fields: dict[str, Any] = {
        "summary": f"Issue {number} of a large backlog",
        "project": project("1", "B", "Bench"),
        "issuetype": ISSUE_TYPES[kind],
        "status": status,
        "statuscategorychangedate": moved,
        "resolution": {"id": "10000", "name": "Done"} if done else None,
        "resolutiondate": moved if done else None,
        "labels": list(labels),
        "created": jira_stamp(at),
        "updated": moved,
    }
    if parent is not None:
        shown = {name: parent.fields[name] for name in ("summary", "issuetype")}
        fields["parent"] = {"id": parent.id, "key": parent.key, "fields": shown}
    made = Issue(str(100_000 + number), f"B-{number}", fields, [])
    site.put(made)
    return made


def _datacenter(n: int, run: str, clock: Clock) -> World:
    world = _jira(n, run, clock)
    for site in world.jira.sites.values():
        site.datacenter = True
    return world


# ── GitHub ───────────────────────────────────────────────────────────────────────────────────────────────────────────


def _github(n: int, run: str, clock: Clock) -> World:
    """Of two key results, one in each repository, 37 writes are on what serves them, 13 on what serves nothing."""
    pairs = key_results(n, run) // 2
    loose = {"labels": n, "mixed": pairs * 13, "comments": 0}[run]
    return World(
        github=[
            _repository(name, side, pairs, loose // 2 + loose % 2 * side, run == "mixed", clock())
            for side, name in enumerate(REPOSITORIES)
        ],
        clock=clock,
    )


def _repository(name: str, side: int, pairs: int, loose: int, mixed: bool, now: datetime) -> Repository:
    at = _stamp(now - timedelta(days=40))
    issues: list[dict[str, Any]] = []
    pulls: list[dict[str, Any]] = []

    def entry(labels: list[str], *, done: bool = False) -> dict[str, Any]:
        number = len(issues) + len(pulls) + 1
        return {"number": number, "title": f"Issue {number}", "body": "", "labels": [{"name": one} for one in labels],
                "state": "closed" if done else "open", "closed_at": at if done else None,
                "created_at": at, "updated_at": at}  # fmt: skip

    base = {"sha": f"{side}{0:039x}", "commit": {"message": "Base", "committer": {"date": at}}, "parents": []}
    commits, branches = [base], [{"name": "main", "commit": {"sha": base["sha"]}}]
    krs = [f"okr:KR-{2 * pair + side}" for pair in range(pairs)]
    for label in krs:
        issues.append(entry([label]))  # what its progress is written to: its comment and its objective
    for label in krs:
        issues.extend(entry([label], done=True) for _ in range(FINISHED))
    for label in krs if mixed else ():
        issues.extend(entry([label]) for _ in range(13))
        for _ in range(PULLS):
            one = entry([label])
            name_, sha = f"b{one['number']}", f"{side}{one['number']:039x}"
            pulls.append(one | {"head": {"ref": name_, "sha": sha}})
            commits.append(base | {"sha": sha, "parents": [{"sha": base["sha"]}]})
            branches.append({"name": name_, "commit": {"sha": sha}})
    issues.extend(entry(["backend"]) for _ in range(loose))
    milestones = [] if side else [{"number": pair + 1, "title": f"Release {pair + 1}", "description": "What comes.",
                                   "created_at": at, "updated_at": at} for pair in range(pairs)]  # fmt: skip
    return Repository(name, issues=issues, pulls=pulls, milestones=milestones, commits=commits, branches=branches)


def _stamp(at: datetime) -> str:
    return at.strftime("%Y-%m-%dT%H:%M:%SZ")


# ── Asana ────────────────────────────────────────────────────────────────────────────────────────────────────────────


def _asana(n: int, run: str, clock: Clock) -> World:
    """Of two key results 38 writes are on what serves them and on their goal, 12 on what serves nothing."""
    krs = key_results(n, run)
    at = _stamp(clock() - timedelta(days=40))
    tags = [{"gid": str(910_000 + number), "name": f"okr:KR-{number}"} for number in range(krs)]
    objectives = [{"gid": str(920_000 + number), "name": f"O-{number}"} for number in range(krs // KEY_RESULTS + 1)]
    custom = [
        {
            "gid": FIELD_GIDS[0],
            "name": "Objective",
            "resource_subtype": "enum",
            "enum_options": objectives,
            "enum_value": None,
        },
        {
            "gid": FIELD_GIDS[1],
            "name": "OKR progress",
            "resource_subtype": "number",
            "precision": 0,
            "number_value": None,
        },
    ]
    tasks: list[dict[str, Any]] = []

    def task(tag: Mapping[str, Any] | None = None, *, done: bool = False) -> None:
        place = len(tasks)
        tasks.append({"gid": str(100_000_000 + place), "name": f"Task {place}", "completed": done,
                      "completed_at": at if done else None, "created_at": at, "modified_at": at,
                      "tags": [dict(tag)] if tag else [], "projects": [{"gid": PROJECTS[place % 2]}],
                      "custom_fields": [dict(one) for one in custom] if krs else []})  # fmt: skip

    for tag in tags:
        task(tag)
    for tag in tags:
        for place in range(7 + FINISHED):
            task(tag, done=place < FINISHED)
    for _ in range(krs * 6 or n):
        task()
    goals = [
        {"gid": str(930_000 + pair), "name": f"Goal {pair}", "owner": None,
         "metric": {"unit": "percentage", "precision": 0, "progress_source": "manual", "initial_number_value": 0.0,
                    "current_number_value": 0.0, "target_number_value": 1.0, "can_manage": True}}
        for pair in range(krs // 2)
    ]  # fmt: skip
    known = [{"gid": gid, "name": f"Project {gid}"} for gid in PROJECTS]
    return World(asana=[Workspace(WORKSPACE, tasks=tasks, projects=known, tags=tags, goals=goals)], clock=clock)


def _asana_account(quota: int) -> str:
    return (f'auth = {{ token = {{ file = "token" }} }}\nworkspace = "{WORKSPACE}"\nprojects = "*"\ngoals = true\n'
            f"requests_per_minute = {quota}")  # fmt: skip


def _told_in_github(number: int) -> list[str]:
    issue = f"github:{REPOSITORIES[number % 2]}#{number // 2 + 1}"
    return [issue] if number % 2 else [issue, f"github:milestone:{REPOSITORIES[0]}#{number // 2 + 1}"]


def _told_in_asana(number: int) -> list[str]:
    task = f"asana:{100_000_000 + number}"
    return [task] if number % 2 else [task, f"asana:goal:{930_000 + number // 2}"]


MARKS = ("label", "objective_label")
_CLOUD = 'auth = { email = "bench@acme.test", token = { file = "token" } }\nprojects = ["B"]'
_DATACENTER = 'auth = { token = { file = "token" } }\nprojects = ["B"]'
_GITHUB = f'auth = {{ token = {{ file = "token" }} }}\nrepositories = {list(REPOSITORIES)}'
_ASANA = "/asana/api/1.0"
_IN_GITHUB = (*MARKS, "comment", "block", "status")
_IN_JIRA = (*MARKS, "objective_field", "property", "comment", "number")
_IN_ASANA = (*MARKS, "objective_field", "comment", "number", "metric", "update")
_JIRA_FIELDS = f'objective_field = "{OBJECTIVE}"\nprogress_field = "{PROGRESS}"'
_ASANA_FIELDS = f'objective_field = "{FIELD_GIDS[0]}"\nprogress_field = "{FIELD_GIDS[1]}"'


def _told_in_jira(number: int) -> list[str]:
    return [f"jira:B-{number + 1}"]


BACKLOGS = {
    "jira cloud": Backlog("jira", "/jira/bench", _CLOUD, _IN_JIRA, _JIRA_FIELDS, _told_in_jira, _jira),
    "jira dc": Backlog("jira", "/jira/bench", _DATACENTER, _IN_JIRA, _JIRA_FIELDS, _told_in_jira, _datacenter),
    "github": Backlog("github", "/github", _GITHUB, _IN_GITHUB, "", _told_in_github, _github),
    "asana free": Backlog("asana", _ASANA, _asana_account(150), _IN_ASANA, _ASANA_FIELDS, _told_in_asana, _asana),
    "asana paid": Backlog("asana", _ASANA, _asana_account(1500), _IN_ASANA, _ASANA_FIELDS, _told_in_asana, _asana),
}
