"""The small company with three tools: a repository and a workspace beside its Jira site, and what stands in them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from small_company import Company, small_company
from sqlalchemy import func, select

from okrsync.model import Write
from okrsync.sandbox.asana.workspace import Workspace
from okrsync.sandbox.github.repository import Repository
from okrsync.store import Store, queries
from okrsync.store import tables as t

WORKSPACE, BOARD = "1200000000000001", "1200000000000002"
CAMPAIGNS, ARCHIVE, SECTION = "1200000000000003", "1200000000000004", "1200000000000005"  # projects beside the board
TASK, LINKED, GOAL, READ, AUTOMATIC = (f"12000000000001{n:02}" for n in range(5))

SOURCES = f"""
[[sources]]
id = "github"
kind = "github"
url = "{{url}}/github"
auth = {{{{ token = {{{{ env = "TOKEN" }}}} }}}}
repositories = ["acme/shop"]

[[sources]]
id = "asana"
kind = "asana"
url = "{{url}}/asana/api/1.0"
auth = {{{{ token = {{{{ env = "TOKEN" }}}} }}}}
workspace = "{WORKSPACE}"
projects = ["{BOARD}"]
goals = true

[[cycles]]"""

READER = f"""
[[objectives.key_results]]
id = "KR-CHURN"
title = "Keep more customers"
owner = "cpo@acme.test"
kind = "metric"
baseline = 80.0
target = 85.0
unit = "%"
metric = {{{{ from = "asana_goal", goal = "asana:goal:{READ}" }}}}
write_to = ["asana:goal:{READ}"]

[mapping]"""


class Trio:
    """The small company with a repository and a workspace beside its Jira site."""

    def __init__(self, company: Company) -> None:
        self.company = company
        self.repository = Repository("acme/shop")
        self.repository.push(["Begin"])
        company.sandbox.world.github.add(self.repository)
        self.workspace = _workspace()
        self.workspace.clock = company.clock
        company.sandbox.world.asana.workspaces[WORKSPACE] = self.workspace
        company.text = company.text.replace("[[cycles]]", SOURCES, 1).replace("[mapping]", READER, 1)
        everywhere = f'write_to = ["jira:SHOP-1", "github:acme/shop#1", "asana:goal:{GOAL}"]'
        company.replace('write_to = ["jira:SHOP-1"]', everywhere)
        self.repository.issue("Progress of the new checkout", labels=["okr:KR-UX"])
        self.repository.issue("Loose ends")
        self.pull("Basket", "SHOP-3 keeps what is in it")
        self.pull("Refactoring", "No reason given")
        for number in range(6):
            status = "Terminé" if number < 2 else "À faire"
            company.create(summary=f"Step {number}", parent="SHOP-1", status=status)
        company.wait(days=20)

    def synced(self) -> Store:
        """A store that holds all of it."""
        found = self.company.store()
        results = self.company.sync(found)
        assert {one.id: one.error for one in results} == {"jira": "", "github": "", "asana": ""}
        return found

    def pull(self, title: str, body: str) -> Any:
        return self.repository.pull(title, body=body, head=title.lower(), commits=[title])

    def status(self, number: int) -> list[tuple[str, str]]:
        """What was said of the last commit of a pull request, the oldest first."""
        pull = self.repository.find(number).pull
        assert pull is not None
        return [(one.state, one.description or "") for one in self.repository.statuses.get(pull.head_sha, ())]

    def goal(self, gid: str) -> Any:
        found = self.workspace.find("goal", gid)
        assert found is not None
        return found

    def current(self, gid: str) -> float:
        return float(self.goal(gid)["metric"]["current_number_value"])

    def updates(self, gid: str) -> list[Any]:
        return [one for one in self.workspace.held["status_update"].values() if one["parent"]["gid"] == gid]

    def is_written_once(self, planned: Sequence[Write]) -> None:
        """Everything that was planned stands there, and nothing twice."""
        assert len(self.updates(GOAL)) == len(self.updates(READ)) == 1
        assert len(self.repository.find(1).comments) == 1
        assert len(self.company.site.comments_of(self.company.site.find("SHOP-1"))) == 1
        assert [len(self.status(number)) for number in (3, 4)] == [1, 1]
        assert [tag["name"] for tag in self.workspace.held["tag"].values()].count("okr-orphan") == 1
        for source in self.company.config.sources:
            sink = self.company.connect(source)
            mine = {one.slot: one.after for one in planned if one.slot.source == source.id}
            assert sink.read(list(mine)) == mine
            sink.close()

    def stands(self) -> Any:
        """All that okrsync may have written, but for the statuses, which nobody can delete."""
        tags = {
            gid: [tag["name"] for tag in task.get("tags") or ()] for gid, task in self.workspace.held["task"].items()
        }
        hub = {
            number: (list(issue.labels), [one.body for one in issue.comments])
            for number, issue in self.repository.issues.items()
        }
        site = {
            issue.id: (list(issue.fields["labels"]), self.company.site.comments_of(issue), dict(issue.properties))
            for issue in self.company.site.issues.values()
        }
        return tags, hub, site, self.current(GOAL), [one["text"] for one in self.updates(GOAL) + self.updates(READ)]


def adds_up(store: Store) -> dict[tuple[str, str], int]:
    """(source, kind) → how many items count; of each, traced + exempt + orphan + unresolvable are just as many."""
    with store.read() as tx:
        judged = Counter((one.source, one.kind.value) for one in queries.decided(tx))
        rows = tx.execute(select(t.item.c.source, t.item.c.kind, func.count()).where(t.LIVE).group_by("source", "kind"))
        counted = {(source, kind): count for source, kind, count in rows}
        assert judged == counted
        assert sum(queries.totals(tx).values()) == sum(counted.values())
    return counted


def _workspace() -> Workspace:
    percentage = {"unit": "percentage", "precision": 0, "initial_number_value": 0, "target_number_value": 1}
    manual = {"progress_source": "manual"}
    return Workspace(
        WORKSPACE,
        projects=[
            {"gid": BOARD, "name": "Board"},
            {"gid": CAMPAIGNS, "name": "Campaigns"},
            {"gid": ARCHIVE, "name": "Archive"},
        ],
        sections=[{"gid": SECTION, "name": "Now", "project": {"gid": BOARD}}],
        tasks=[
            {"gid": TASK, "name": "Flyer", "projects": [{"gid": BOARD}]},
            {
                "gid": LINKED,
                "name": "Landing page",
                "projects": [{"gid": BOARD}],
                "tags": [{"gid": "7", "name": "okr:KR-UX"}],
            },
        ],
        goals=[
            {"gid": GOAL, "name": "Checkout", "metric": percentage | manual | {"current_number_value": 0.05}},
            {
                "gid": READ,
                "name": "Churn",
                "metric": percentage
                | manual
                | {
                    "initial_number_value": 0.8,
                    "target_number_value": 0.85,
                    "current_number_value": 0.82,
                    "precision": 1,
                },
            },
            {
                "gid": AUTOMATIC,
                "name": "By itself",
                "metric": percentage | {"progress_source": "subgoal_progress", "current_number_value": 0.3},
            },
        ],
    )


@contextmanager
def three_tools(folder: Path) -> Iterator[Trio]:
    """In the middle of the quarter, not yet synced: every surface of every tool is due."""
    with small_company(folder) as company:
        yield Trio(company)
