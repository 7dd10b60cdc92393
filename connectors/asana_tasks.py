"""Reading the tasks of Asana projects: listed, by id, and below each other at any depth."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from connectors import asana_wire as wire
from okrsync.errors import Rejected, Unavailable
from okrsync.model import Item

if TYPE_CHECKING:
    from connectors.asana_api import Api  # loads the asana package

PAGE = 100  # objects a page: the most that Asana gives
HIDDEN = (403, 404, 451)  # not for this account, gone, withheld by law
IDS = f"{wire.SHAPE},{wire.PLACE}"  # what ids and places take
_TOO_MUCH = (400, 500, 504)  # how Asana gives up on a listing of tens of thousands

Placed = tuple[Any, str]
"""A task as Asana gave it, and the scope that it stands in."""


class Tasks:
    """The tasks of the configured projects."""

    def __init__(self, api: Api, configured: Collection[str], desk: wire.Desk) -> None:
        self._api, self._configured, self._desk = api, configured, desk
        self._homes: dict[str, str] = {}  # parent task → the scope that it stands in

    # ── listed ───────────────────────────────────────────────────────────────────────────────────────────────────────

    def listed(self, project: str, fields: str, **query: str) -> Iterator[list[Placed]]:
        """The tasks that are in a project themselves, page by page; some twice, where a listing had to start again.

        Where Asana gives up on the whole, section by section.
        """
        asked = {**query, "opt_fields": fields, "limit": str(PAGE)}
        try:
            yield from self._pages({"project": project, **asked}, project)
        except (Rejected, Unavailable) as error:
            if error.status not in _TOO_MUCH:
                raise
            sections = self._sections(project)
            if len(sections) < 2:
                raise
            for section in sections:
                yield from self._pages({"section": section, **asked}, project)

    def _pages(self, query: Mapping[str, str], project: str) -> Iterator[list[Placed]]:
        for tasks in self._api.pages("/tasks", query):
            yield [(task, self.home(task) or project) for task in tasks]

    def _sections(self, project: str) -> list[str]:
        query = {"opt_fields": "gid", "limit": str(PAGE)}
        pages = self._api.pages(f"/projects/{quote(project, safe='')}/sections", query)
        return [gid for page in pages for one in page if (gid := wire.gid_of(one))]

    def items(self, placed: Iterable[Placed]) -> list[Item]:
        """Those that are work."""
        return [wire.read_task(task, home, self._desk) for task, home in placed if wire.is_work(task)]

    # ── by id ────────────────────────────────────────────────────────────────────────────────────────────────────────

    def fetch(self, ids: Sequence[str]) -> Iterator[Item]:
        for gid in ids:
            yield from self.items(self.one(gid))

    def census(self, project: str) -> Iterator[str]:
        """Ids of what stands in this scope; a task of several projects stands in one."""
        parents: dict[str, str] = {}
        for page in self.listed(project, IDS):
            placed = [(task, home) for task, home in page if home == project]
            parents |= with_subtasks(placed)
            yield from (wire.task_gid(task) for task, _ in placed if wire.is_work(task))
        for task, home in self.below(parents, IDS, set()):
            if home == project:
                yield wire.task_gid(task)

    def one(self, gid: str) -> Iterator[Placed]:
        """The task of this gid, if it can be read, with the scope that it stands in now, configured or not."""
        task = self._task(gid, wire.TASK)
        if task is not None:
            yield task, self._climb(task)

    def _task(self, gid: str, fields: str) -> Any:
        """A task, None where it is gone or hidden."""
        try:
            return self._api.get(f"/tasks/{quote(gid, safe='')}", {"opt_fields": fields})
        except Rejected as error:
            if error.status not in HIDDEN:
                raise
            return None

    # ── up and down ──────────────────────────────────────────────────────────────────────────────────────────────────

    def below(self, parents: Mapping[str, str], fields: str, asked: set[str]) -> Iterator[Placed]:
        """The subtasks of these tasks at any depth: one request a parent that has some."""
        waiting = list(parents.items())
        while waiting:
            parent, scope = waiting.pop()
            if parent in asked:
                continue
            asked.add(parent)
            try:
                pages = list(
                    self._api.pages(
                        f"/tasks/{quote(parent, safe='')}/subtasks", {"opt_fields": fields, "limit": str(PAGE)}
                    )
                )
            except Rejected as error:
                if error.status not in HIDDEN:
                    raise
                continue  # went since it was listed
            placed = [(task, self.home(task) or scope) for page in pages for task in page]
            waiting += with_subtasks(placed).items()
            yield from (one for one in placed if wire.is_work(one[0]))

    def _climb(self, task: Any) -> str:
        """The scope of a task that was read alone: its own, else that of the nearest parent that has one."""
        trail: list[str] = []
        top: Any = task
        home = self.home(task)
        while not home and (parent := wire.parent_of(top)) and parent not in trail:
            trail.append(parent)
            above = self._task(parent, wire.PLACE) if parent not in self._homes else None
            if above is None:
                home = self._homes.get(parent, "")
                break
            top, home = above, self.home(above)
        home = home or next(iter(wire.projects_of(top)), "")
        self._homes |= dict.fromkeys(trail, home)
        return home

    def holds(self, scope: str) -> bool:
        """Whether a scope is a configured project."""
        return scope in self._configured

    def home(self, task: Any) -> str:
        """The first configured project that holds the task itself, "" where none does."""
        return next((project for project in wire.projects_of(task) if project in self._configured), "")


def with_subtasks(placed: Iterable[Placed]) -> dict[str, str]:
    """Those that have subtasks, each with its scope."""
    return {wire.task_gid(task): home for task, home in placed if wire.has_subtasks(task)}
