"""Reading the tasks of Asana projects, whole or what changed, with their subtasks at any depth.

No channel tells everything, so three are read: the listing (``modified_since`` finds fields and completion), the events
of the project (tags, dependencies, moves and subtasks, which move no ``modified_at`` of what is listed), and now and
then everything anew, because events are delivered at most once. The cursor's mark holds the token of the events and
when everything was read last.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from time import monotonic
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from connectors import asana_wire as wire
from connectors.raw import instant
from connectors.streams import one_by_one
from okrsync.errors import Rejected
from okrsync.model import Cursor, Item, Page

if TYPE_CHECKING:
    from connectors.asana_api import Api  # loads the asana package

OVERLAP = timedelta(minutes=5)
"""Read again before the cursor: replicas of Asana lag behind each other."""

PAGE = 100  # objects a page: the most that Asana gives
BRISK = 120.0  # seconds in which a listing is read so fast that the overlap covers what changed meanwhile
HIDDEN = (403, 404)

Placed = tuple[Any, str]
"""A task as Asana gave it, and the scope that it stands in."""


@dataclass(frozen=True, slots=True)
class Mark:
    """What a cursor notes beside its time."""

    token: str = ""  # where the events of the project go on
    whole: datetime | None = None  # when everything was read, by our own clock

    @classmethod
    def parse(cls, text: str) -> Mark:
        whole, _, token = text.partition(" ")
        return cls(token, instant(whole))

    def __str__(self) -> str:
        return f"{self.whole.isoformat(timespec='seconds') if self.whole else ''} {self.token}"


@dataclass(slots=True)
class _Met:
    """What one pull came across so far."""

    items: set[str] = field(default_factory=set)  # that can come twice: by several projects, by a project and a parent
    parents: set[str] = field(default_factory=set)  # whose subtasks were read


class Tasks:
    """The tasks of the configured projects. ``again`` is how long it takes until everything is read anew."""

    def __init__(
        self, api: Api, configured: Collection[str], desk: wire.Desk, again: timedelta, clock: Callable[[], datetime]
    ) -> None:
        self._api, self._configured, self._desk = api, configured, desk
        self._again, self._clock = again, clock
        self._homes: dict[str, str] = {}  # parent task → the scope that it stands in

    # ── what changed ─────────────────────────────────────────────────────────────────────────────────────────────────

    def pull(self, since: Mapping[str, Cursor | None]) -> Iterator[Page]:
        """Listings have no order in time, so the cursor of a project moves when all of it was read."""
        met = _Met()
        yield from one_by_one(self._pull(project, cursor, met) for project, cursor in since.items())

    def _pull(self, project: str, cursor: Cursor | None, met: _Met) -> Iterator[Page]:
        mark = Mark.parse(cursor.mark) if cursor else Mark()
        now = self._clock()
        events: list[Any] | None = None
        if cursor and mark.whole and now - mark.whole < self._again:
            events, token = self._api.events(project, mark.token)
        else:
            _, token = self._api.events(project, "")  # before the listing, so that nothing falls between the two
        if events is None:
            yield from self._read(project, None, cursor, Mark(token, now), met)
        else:
            after = Mark(token, mark.whole) if events else mark
            yield from self._read(project, events, cursor, after, met)

    def _read(
        self, project: str, events: Sequence[Any] | None, cursor: Cursor | None, mark: Mark, met: _Met
    ) -> Iterator[Page]:
        """All of a project where there are no events to go by, else what the listing and the events say of it."""
        query = {"project": project, "opt_fields": wire.TASK, "limit": str(PAGE)}
        if events is not None and cursor is not None:
            query["modified_since"] = (cursor.at - OVERLAP).isoformat(timespec="milliseconds")
        began, newest = monotonic(), cursor.at if cursor else None
        listed: set[str] = set()
        parents: dict[str, str] = {}
        for tasks in self._api.pages("/tasks", query):  # drained before anything else is asked: offsets expire
            placed = [(task, self._home(task) or project) for task in tasks]
            parents |= _parents(placed)
            items = self._items(placed)
            if events:
                listed |= {item.remote_id for item in items}
            newest = max([item.updated_at for item in items] + ([newest] if newest else []), default=None)
            yield Page(tuple(_first_met(items, met.items)), {})
        late = timedelta(seconds=max(0.0, monotonic() - began - BRISK))
        if events is not None:
            hinted = wire.read_events(events)
            parents = {
                gid: home for gid, home in parents.items() if hinted.get(gid)
            }  # others have the subtasks they had
            for placed in _portions(self._hinted(hinted, listed, parents)):
                yield Page(tuple(_first_met(self._items(placed), met.items)), {})
        for placed in _portions(self._below(parents, wire.TASK, met.parents)):
            yield Page(tuple(_first_met(self._items(placed), met.items)), {})
        if newest is not None:
            reached = Cursor(max(newest - late, cursor.at) if cursor else newest - late, str(mark))
            if reached != cursor:
                yield Page((), {project: reached})

    def _hinted(self, hinted: Mapping[str, bool], listed: Collection[str], parents: dict[str, str]) -> Iterator[Placed]:
        """The tasks that events name and the listing did not, as they are now; ``parents`` learns of new ones."""
        for gid, is_new in hinted.items():
            if gid in listed:
                continue
            for task, home in self._one(gid):
                if home not in self._configured:
                    continue  # left for elsewhere: the census looks after it
                if is_new:
                    parents |= _parents([(task, home)])
                yield task, home

    # ── by id ────────────────────────────────────────────────────────────────────────────────────────────────────────

    def fetch(self, ids: Sequence[str]) -> Iterator[Item]:
        for gid in ids:
            yield from self._items(self._one(gid))

    def census(self, project: str) -> Iterator[str]:
        """Ids of what stands in this scope; a task of several projects stands in one."""
        fields = f"{wire.SHAPE},{wire.PLACE}"
        parents: dict[str, str] = {}
        for tasks in self._api.pages("/tasks", {"project": project, "opt_fields": fields, "limit": str(PAGE)}):
            placed = [(task, project) for task in tasks if (self._home(task) or project) == project]
            parents |= _parents(placed)
            yield from (wire.task_gid(task) for task, _ in placed if wire.is_work(task))
        for task, home in self._below(parents, fields, set()):
            if home == project:
                yield wire.task_gid(task)

    def _one(self, gid: str) -> Iterator[Placed]:
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

    def _items(self, placed: Iterable[Placed]) -> list[Item]:
        return [wire.read_task(task, home, self._desk) for task, home in placed if wire.is_work(task)]

    # ── up and down ──────────────────────────────────────────────────────────────────────────────────────────────────

    def _below(self, parents: Mapping[str, str], fields: str, asked: set[str]) -> Iterator[Placed]:
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
            placed = [(task, self._home(task) or scope) for page in pages for task in page]
            waiting += _parents(placed).items()
            yield from (one for one in placed if wire.is_work(one[0]))

    def _climb(self, task: Any) -> str:
        """The scope of a task that was read alone: its own, else that of the nearest parent that has one."""
        trail: list[str] = []
        top: Any = task
        home = self._home(task)
        while not home and (parent := wire.parent_of(top)) and parent not in trail:
            trail.append(parent)
            above = self._task(parent, wire.PLACE) if parent not in self._homes else None
            if above is None:
                home = self._homes.get(parent, "")
                break
            top, home = above, self._home(above)
        home = home or next(iter(wire.projects_of(top)), "")
        self._homes |= dict.fromkeys(trail, home)
        return home

    def _home(self, task: Any) -> str:
        """The first configured project that holds the task itself, "" where none does."""
        return next((project for project in wire.projects_of(task) if project in self._configured), "")


def _parents(placed: Iterable[Placed]) -> dict[str, str]:
    """Those that have subtasks, each with its scope."""
    return {wire.task_gid(task): home for task, home in placed if wire.has_subtasks(task)}


def _first_met(items: Iterable[Item], met: set[str]) -> Iterator[Item]:
    """The items without those that came before by another way."""
    for item in items:
        if wire.ways_to(item) > 1:
            if item.remote_id in met:
                continue
            met.add(item.remote_id)
        yield item


def _portions(placed: Iterable[Placed]) -> Iterator[list[Placed]]:
    """A stream in portions of a page."""
    portion: list[Placed] = []
    for one in placed:
        portion.append(one)
        if len(portion) == PAGE:
            yield portion
            portion = []
    if portion:
        yield portion
