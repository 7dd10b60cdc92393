"""Writes an Asana workspace: projects with their sections, tasks, subtasks, approvals, and the company's goals."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any

from okrsync.sandbox.asana.records import stamp
from okrsync.sandbox.asana.workspace import Workspace
from okrsync.sandbox.company.lives import Life, Lives
from okrsync.sandbox.company.people import EVERYBODY, TEAMS, Person
from okrsync.sandbox.company.quarter import Quarter

WORKSPACE = "1207000000000001"
_FIRST_TASK = 1_208_000_000_000_000
_APPROVED = frozenset({"approved", "rejected", "changes_requested"})


@dataclass
class TaskDraft:
    """A task to be; its gid comes when the workspace is written."""

    name: str
    life: Life
    person: Person
    project: str = ""
    section: str = ""
    parent: TaskDraft | None = None
    tags: Sequence[str] = ()
    fields: Sequence[Mapping[str, Any]] = ()
    approval: str = ""
    waits_for: list[TaskDraft] = field(default_factory=list)
    gid: str = ""


class Asana:
    """Collects tasks, team by team, and gives them out in the order in which they were created."""

    def __init__(self, quarter: Quarter) -> None:
        self._quarter = quarter
        self._tasks: list[TaskDraft] = []
        self._projects: dict[str, str] = {}
        self._sections: dict[str, dict[str, str]] = {}
        self._goals: list[dict[str, Any]] = []
        self._supports: list[tuple[str, str]] = []

    def begin(self, team: str, lives: Lives) -> None:
        """What follows is a team's."""
        self._people, self._lives = TEAMS[team], lives

    def project(self, gid: str, name: str, sections: Mapping[str, str]) -> None:
        """A project with its sections by gid; tasks stand in the first one unless they say where."""
        self._projects[gid], self._sections[gid] = name, dict(sections)

    def batch(
        self,
        project: str,
        names: Iterable[str],
        *,
        section: str = "",
        tags: Sequence[str] = (),
        fields: Sequence[Mapping[str, Any]] = (),
        done: int = 0,
        planned: bool = True,
    ) -> list[TaskDraft]:
        """Tasks in order: the first ``done`` are completed evenly over the quarter, the others wait."""
        titles = tuple(names)
        section = section or next(iter(self._sections[project]))
        made = [
            TaskDraft(name, life, self._person(), project, section, tags=tags, fields=fields)
            for name, life in zip(titles, self._lives.many(len(titles), done, planned=planned), strict=True)
        ]
        self._tasks += made
        return made

    def steps(self, task: TaskDraft, names: Iterable[str], *, done: int) -> None:
        """Subtasks, in no project of their own; the first ``done`` are completed, the last of them with the task."""
        end = task.life.done or self._quarter.now
        for number, name in enumerate(names):
            at = self._quarter.working(end - timedelta(days=1 + done - number))
            life = Life(task.life.opened, at, max(at, task.life.opened) if number < done else None)
            self._tasks.append(TaskDraft(name, life, self._person(), parent=task))

    def chain(self, tasks: Sequence[TaskDraft]) -> None:
        """Each task waits for the one before it."""
        for before, after in pairwise(tasks):
            after.waits_for.append(before)

    def approvals(self, project: str, names: Sequence[str], states: Sequence[str]) -> None:
        """Tasks that ask for a yes, with what was answered."""
        for task, state in zip(self.batch(project, names, done=len(names), planned=False), states, strict=True):
            task.approval = state

    def choice(self, gid: str, name: str, option: str, text: str) -> Mapping[str, Any]:
        """A custom field in which this option is chosen."""
        chosen = {"gid": option, "name": text, "enabled": True, "resource_type": "enum_option"}
        return {
            "gid": gid,
            "name": name,
            "resource_type": "custom_field",
            "resource_subtype": "enum",
            "type": "enum",
            "enum_options": [chosen],
            "enum_value": chosen,
            "display_value": text,
        }

    def goal(
        self,
        gid: str,
        name: str,
        metric: tuple[float, float, float] | None,
        *,
        unit: str = "none",
        supported_by: Iterable[str] = (),
    ) -> None:
        """A goal of the company; ``metric``: initial, current and target value; ``supported_by``: projects."""
        goal: dict[str, Any] = {
            "gid": gid,
            "name": name,
            "owner": {"gid": self._person().gid},
            "due_on": self._quarter.last.isoformat(),
            "is_workspace_level": True,
        }
        if metric is not None:
            names = ("initial_number_value", "current_number_value", "target_number_value")
            goal["metric"] = {"unit": unit, "precision": 0, "progress_source": "manual"} | dict(
                zip(names, metric, strict=True)
            )
        self._goals.append(goal)
        self._supports += [(gid, project) for project in supported_by]

    # ── on paper ──

    def write(self) -> Workspace:
        """The workspace as Asana's lists hold it."""
        ordered = sorted(self._tasks, key=lambda one: (one.life.opened, one.name))
        tags = {tag: str(1_207_600_000_000_000 + place) for place, tag in enumerate(_tags(ordered), 1)}
        for place, task in enumerate(ordered):
            task.gid = str(_FIRST_TASK + 37 * place)
        return Workspace(
            WORKSPACE,
            users=[{"gid": one.gid, "name": one.name, "email": one.email} for one in EVERYBODY],
            projects=[self._project(gid, name) for gid, name in self._projects.items()],
            sections=[
                {"gid": gid, "name": name, "project": {"gid": project}}
                for project, sections in self._sections.items()
                for gid, name in sections.items()
            ],
            tags=[{"gid": gid, "name": name} for name, gid in tags.items()],
            tasks=[self._task(one, tags) for one in ordered],
            goals=self._goals,
            goal_relationships=[
                {
                    "gid": str(1_207_700_000_000_000 + place),
                    "resource_subtype": "supporting_work",
                    "supported_goal": {"gid": goal, "resource_type": "goal"},
                    "supporting_resource": {"gid": project, "resource_type": "project"},
                }
                for place, (goal, project) in enumerate(self._supports, 1)
            ],
        )

    def _project(self, gid: str, name: str) -> dict[str, Any]:
        made = self._quarter.week(-20)
        return {"gid": gid, "name": name, "created_at": stamp(made), "modified_at": stamp(made)}

    def _task(self, task: TaskDraft, tags: Mapping[str, str]) -> dict[str, Any]:
        life = task.life
        found: dict[str, Any] = {
            "gid": task.gid,
            "name": task.name,
            "assignee": {"gid": task.person.gid},
            "created_at": stamp(life.opened),
            "modified_at": stamp(self._touched(life)),
            "memberships": [],
            "tags": [{"gid": tags[tag]} for tag in task.tags],
        }
        if task.project:
            found["memberships"] = [{"project": {"gid": task.project}, "section": {"gid": task.section}}]
        if task.parent is not None:
            found["parent"] = {"gid": task.parent.gid}
        if task.fields:
            found["custom_fields"] = [dict(one) for one in task.fields]
        if task.waits_for:
            found["dependencies"] = [{"gid": one.gid} for one in task.waits_for]
        if task.approval:
            found |= {"resource_subtype": "approval", "approval_status": task.approval}
        if life.done is not None and (not task.approval or task.approval in _APPROVED):
            found |= {"completed": True, "completed_at": stamp(life.done)}
        return found

    def _touched(self, life: Life) -> datetime:
        return max(one for one in (life.opened, life.started, life.done) if one is not None)

    def _person(self) -> Person:
        return self._lives.random.choice(self._people)


def _tags(tasks: Iterable[TaskDraft]) -> list[str]:
    return list(dict.fromkeys(tag for task in tasks for tag in task.tags))
