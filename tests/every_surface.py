"""The small company where okrsync may write on every surface of its three tools, and what people see of it there."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from itertools import groupby
from pathlib import Path
from typing import Any

from trio import BOARD, GOAL, Trio, three_tools

from okrsync.model import Write
from okrsync.sandbox.jira import screens
from okrsync.store import Store, journal

OBJECTIVE, PROGRESS = "customfield_10100", "customfield_10101"
CONTEXT, MARK, BLOCK = "okrsync/traceability", "okrsync · acme", "<!-- okrsync:acme -->"

JIRA = ("label", "objective_label", "objective_field", "number", "property", "comment")
GITHUB = ("label", "objective_label", "comment", "block", "status")
ASANA = ("label", "objective_label", "objective_field", "number", "comment", "metric", "update")
PLACES = [(tool, one) for tool, all_ in (("jira", JIRA), ("github", GITHUB), ("asana", ASANA)) for one in all_]
"""Every surface of every tool."""

POSTS = r"/(jira/.*/comment|github/.*/(comments|statuses/.*)|asana/.*/(stories|status_updates))"
"""Where what is posted twice stands there twice."""

WRITEBACK = """mode = "apply"
surfaces = {surfaces}
daily = 1000

[writeback.jira]
objective_field = "{objective}"
progress_field = "{progress}"

[writeback.asana]
objective_field = "{asana_objective}"
progress_field = "{asana_progress}"
"""


class Everywhere(Trio):
    """Three tools with a field for the objective and one for progress, a milestone and a task to write to."""

    def __init__(self, trio: Trio) -> None:
        self.__dict__ = trio.__dict__
        for row in (
            {"id": OBJECTIVE, "name": "Objective", "type": "select", "options": ["O-SHOP · A shop"]},
            {"id": PROGRESS, "name": "OKR progress", "type": "number"},
        ):
            screens.define(self.company.site, row)
        rows = [{"name": "Objective", "type": "text"}, {"name": "OKR progress", "type": "number"}]
        self.workspace.edit(f"projects/{BOARD}", {"fields": rows})
        filled = {row["name"]: gid for gid, row in self.workspace.custom.fields.items()}
        self.company.replace(
            'mode = "apply"\n',
            WRITEBACK.format(
                surfaces=sorted({one for _, one in PLACES}),
                objective=OBJECTIVE,
                progress=PROGRESS,
                asana_objective=filled["Objective"],
                asana_progress=filled["OKR progress"],
            ).replace("'", '"'),
        )
        self.targets = ["jira:SHOP-1", "github:acme/shop#1", f"asana:goal:{GOAL}"]
        self.write_to(f"github:milestone:acme/shop#{self.milestone('Launch')}", f"asana:{self.task('Launch')}")

    def milestone(self, title: str) -> int:
        return self.repository.milestone(title, description="What people wrote").number

    def task(self, name: str, project: str = BOARD) -> str:
        return self.workspace.task(name, project=project)

    def passing(self, seconds: float) -> bool:
        """Waiting moves the one clock on."""
        self.company.wait(seconds=seconds)
        return False

    def write_to(self, *refs: str) -> None:
        """The key result is written to these objects, too."""
        quoted = [", ".join(f'"{one}"' for one in refs_) for refs_ in (self.targets, [*self.targets, *refs])]
        self.company.replace(*(f"write_to = [{one}]" for one in quoted))
        self.targets.extend(refs)

    def visible(self) -> Counter[tuple[str, ...]]:
        """How often everything that people see of okrsync stands in the tools; of a status, how often in a row."""
        found: Counter[tuple[str, ...]] = Counter()
        for issue in self.company.site.issues.values():
            found.update(("jira comment", issue.key) for _ in self.company.site.comments_of(issue))
            found.update(("jira label", issue.key, label) for label in issue.fields["labels"] if _is_ours(label))
        for number, one in self.repository.issues.items():
            found.update(("github comment", str(number)) for comment in one.comments if "okrsync" in comment.body)
            found.update(("github label", str(number), label) for label in one.labels if _is_ours(label))
        for number, milestone in self.repository.milestones.items():
            found[("block", str(number))] += (milestone.description or "").count(BLOCK)
        for sha, statuses in self.repository.statuses.items():
            said = ((one.state, one.description) for one in statuses if one.context == CONTEXT)
            found.update(("status", sha, str(nth)) for nth, (_, same) in enumerate(groupby(said)) for _ in same)
        held = self.workspace.held
        found.update(("tag", tag["name"]) for tag in held["tag"].values() if _is_ours(tag["name"]))
        for task in held["task"].values():
            tags = (tag["name"] for tag in task.get("tags") or ())
            found.update(("asana label", task["gid"], name) for name in tags if _is_ours(name))
        stories = (one for one in held["story"].values() if MARK in one.get("text", ""))
        found.update(("asana comment", one["target"]["gid"]) for one in stories)
        updates = (one for one in held["status_update"].values() if MARK in one["text"])
        found.update(("update", one["parent"]["gid"]) for one in updates)
        return +found

    def shown(self) -> Any:
        """All that stands in the tools and that okrsync may write, without what differs from one writing to another."""
        site, held = self.company.site, self.workspace.held
        return {
            "jira": {
                one.key: (
                    sorted(one.fields["labels"]),
                    (one.fields.get(OBJECTIVE) or {}).get("value"),
                    one.fields.get(PROGRESS),
                    dict(one.properties),
                    [comment["body"] for comment in site.comments_of(one)],
                )
                for one in site.issues.values()
            },
            "github": {
                number: (sorted(one.labels), [comment.body for comment in one.comments])
                for number, one in self.repository.issues.items()
            },
            "milestones": {number: one.description for number, one in self.repository.milestones.items()},
            "statuses": {
                sha: [(one.context, one.state, one.description) for one in statuses]
                for sha, statuses in self.repository.statuses.items()
            },
            "asana": {
                one["gid"]: (
                    sorted(tag["name"] for tag in one.get("tags") or ()),
                    [entry["display_value"] for entry in one.get("custom_fields") or ()],
                )
                for one in held["task"].values()
            },
            "stories": sorted(
                (one["target"]["gid"], one["text"]) for one in held["story"].values() if MARK in one.get("text", "")
            ),
            "updates": sorted((one["parent"]["gid"], one["text"]) for one in held["status_update"].values()),
            "metrics": {
                gid: (goal.get("metric") or {}).get("current_number_value") for gid, goal in held["goal"].items()
            },
        }

    def is_written_once(self, planned: Sequence[Write]) -> None:
        """Everything that was planned stands there, and nothing twice."""
        twice = {what: count for what, count in self.visible().items() if count != 1}
        assert not twice, "stands there more than once"
        for source in self.company.config.sources:
            sink = self.company.connect(source)
            mine = {one.slot: one.after for one in planned if one.slot.source == source.id}
            assert sink.read(list(mine)) == mine
            sink.close()


def all_ours(store: Store, planned: Sequence[Write]) -> bool:
    """Whether each of these writes is known to stand there as one of ours, so that it can be taken back."""
    with store.read() as tx:
        standing = journal.standing(tx)
    return all(one.slot in standing and standing[one.slot].ours is not None for one in planned)


def _is_ours(label: str) -> bool:
    return label.startswith(("okr-orphan", "okr-dangling", "okr-objective:"))


@contextmanager
def every_surface(folder: Path) -> Iterator[Everywhere]:
    """In the middle of the quarter, not yet synced."""
    with three_tools(folder) as trio:
        yield Everywhere(trio)
