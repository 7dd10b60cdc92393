"""One workspace: its records by kind and gid, who sees what, and the edits that people make in it."""

from __future__ import annotations

import threading
import zlib
from collections.abc import Iterable, Iterator, Mapping
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from okrsync.errors import UsageError
from okrsync.sandbox import lines
from okrsync.sandbox.asana import admin, adopt
from okrsync.sandbox.asana.custom import CustomFields
from okrsync.sandbox.asana.events import Log
from okrsync.sandbox.asana.fields import held
from okrsync.sandbox.asana.limits import Limits
from okrsync.sandbox.asana.records import BEGINNING, ME, Record, compact, projects_of, stamp
from okrsync.sandbox.clock import Clock
from okrsync.sandbox.post import Post

if TYPE_CHECKING:
    from okrsync.sandbox.asana.hooks import Hook

Raw = Mapping[str, Any]

KINDS = (
    "user",
    "project",
    "portfolio",
    "section",
    "tag",
    "time_period",
    "task",
    "goal",
    "goal_relationship",
    "story",
    "status_update",
)
"""What a workspace holds, in the order in which one kind needs the ones before it."""

FILES = {kind: "stories" if kind == "story" else f"{kind}s" for kind in KINDS}


class Workspace:
    """What is missing in the given objects is derived. Hold ``lock`` around any use; ``revision`` moves with every
    change that a listing may show.

    ``lacks`` holds what the plan does not include (``"goals"``, ``"search"``, ``"portfolios"``): such calls are
    answered 402. ``hidden`` and ``read_only`` hold gids of tasks, projects, portfolios and goals that the token's user
    may not see or not change. Offset and sync tokens die after ``offset_lifetime`` and ``sync_lifetime``; the search
    knows of a change after ``index_lag``; a list of more than ``longest_list`` rows is refused at its last page; events
    in ``disorder`` come twice, the wrong way round and with holes; ``announced`` are changes of the API that each
    answer speaks of; ``limits`` is what the token is granted.
    """

    def __init__(
        self,
        gid: str,
        *,
        tasks: Iterable[Raw] = (),
        projects: Iterable[Raw] = (),
        portfolios: Iterable[Raw] = (),
        sections: Iterable[Raw] = (),
        tags: Iterable[Raw] = (),
        users: Iterable[Raw] = (),
        goals: Iterable[Raw] = (),
        goal_relationships: Iterable[Raw] = (),
        time_periods: Iterable[Raw] = (),
        stories: Iterable[Raw] = (),
        status_updates: Iterable[Raw] = (),
    ) -> None:
        self.gid = gid
        self.lock = threading.RLock()
        self.clock = Clock()
        self.revision = 0
        self.lacks: set[str] = set()
        self.hidden: set[str] = set()
        self.read_only: set[str] = set()
        self.offset_lifetime = timedelta(minutes=15)
        self.sync_lifetime = timedelta(hours=24)
        self.index_lag = timedelta()
        self.longest_list: int | None = None
        self.disorder = False
        self.announced: tuple[str, ...] = ()
        self.limits = Limits()
        self.searches = 0
        self.trash: dict[str, list[Record]] = {}  # deleted task → itself and what was below it
        self.custom_types: dict[str, Record] = {}  # names of types and of their statuses → what they are
        self._modified: dict[str, list[str]] = {}  # task → when it was changed before the last time, oldest first
        self.record: Record = compact("workspace", gid, f"Workspace {gid}")
        self.held: dict[str, dict[str, Record]] = {kind: {} for kind in KINDS}
        self.born: dict[str, int] = {gid: 0}  # gid → place in the order in which records came
        self.subtasks: dict[str, list[Record]] = {}
        self.boards: dict[str, dict[str, int]] = {}  # project → task → place
        self.fields: dict[str, dict[str, Record]] = {}  # project → custom field → the field without a value
        self.custom = CustomFields(self.next_gid)
        self.stubs: set[str] = set()  # gids that something names and nothing describes
        self.first_sections: dict[str, Record] = {}  # of each project
        self.log = Log()
        self.post = Post()  # by which webhooks leave
        self.hooks: dict[str, Hook] = {}
        self.late: dict[str, str] = {}  # gid → from when on a list shows it
        self.listings: dict[str, tuple[int, Any]] = {}
        self._kinds: dict[str, str] = {}
        self._last_gid = 1_200_000_000_000_000 + zlib.crc32(gid.encode()) * 100_000  # apart from those of others
        self._last_place = 0
        adopt.everything(
            self,
            {
                "user": users,
                "project": projects,
                "portfolio": portfolios,
                "section": sections,
                "tag": tags,
                "time_period": time_periods,
                "task": tasks,
                "goal": goals,
                "goal_relationship": goal_relationships,
                "story": stories,
                "status_update": status_updates,
            },
        )
        self.me = self.find("user", ME) or self.put(
            {**compact("user", ME, "okrsync"), "email": "okrsync@example.test", "workspaces": [self.record]}
        )

    # ── records ──

    def put(self, record: Record) -> Record:
        """The workspace holds this record, last of its kind."""
        kind, gid = record["resource_type"], record["gid"]
        self.held[kind][gid] = record
        self._kinds[gid] = kind
        if gid.isdecimal():
            self._last_gid = max(self._last_gid, int(gid))
        self.born[gid] = self.next_place()
        self.revision += 1
        return record

    def drop(self, record: Record) -> None:
        """The record is gone."""
        del self.held[record["resource_type"]][record["gid"]]
        self._kinds.pop(record["gid"], None)
        self.revision += 1

    def find(self, kind: str, gid: str) -> Record | None:
        return self.held[kind].get(gid)

    def any(self, gid: str) -> Record | None:
        """The record of this gid, whatever it is."""
        kind = self._kinds.get(gid)
        return self.held[kind][gid] if kind else None

    def named(self, kind: str, name: str) -> Record | None:
        """By gid, or by name or e-mail address in any case: the way people find things."""
        if found := self.find(kind, name):
            return found
        wanted = name.casefold()
        for one in self.held[kind].values():
            if wanted in ((one.get("name") or "").casefold(), (one.get("email") or "").casefold()):
                return one
        return None

    def next_gid(self) -> str:
        """A gid that nothing has yet."""
        self._last_gid += 1
        return str(self._last_gid)

    def next_place(self) -> int:
        """A place after all that were given: lists keep the order in which things came."""
        self._last_place += 1
        return self._last_place

    def sections_of(self, project: Record) -> list[Record]:
        return [one for one in self.held["section"].values() if one["project"] is project]

    def of(self, kind: str, field: str, record: Record) -> list[Record]:
        """The records of a kind that name this one in a field: the stories of a task, the updates of a goal."""
        return [one for one in self.held[kind].values() if one[field] is record]

    def modified_before(self, task: Record) -> None:
        """Note when a task was changed until now: the search may know no more than that."""
        self._modified.setdefault(task["gid"], []).append(task.get("modified_at", BEGINNING))

    def indexed(self, task: Record) -> str | None:
        """When the search believes that a task was changed last, None where it does not know it yet."""
        if not self.index_lag:
            return str(task.get("modified_at", BEGINNING))
        seen = stamp(self.clock() - self.index_lag)
        times = [*self._modified.get(task["gid"], ()), task.get("modified_at", BEGINNING)]
        return max((at for at in times if at <= seen), default=None)

    # ── who sees what ──

    def sees(self, record: Record) -> bool:
        """Whether the token's user may see a record: a task through any of its projects, or through its parent."""
        if not self.hidden:
            return True
        if record["gid"] in self.hidden:
            return False
        if record["resource_type"] == "section":
            return self.sees(record["project"])
        if record["resource_type"] != "task":
            return True
        if within := projects_of(record):
            return any(project["gid"] not in self.hidden for project in within)
        parent = record.get("parent")
        return parent is None or self.sees(parent)

    def hide(self, gid: str) -> None:
        """The token's user may no longer see this task, project, portfolio or goal."""
        self._hidden(gid, hide=True)

    def show(self, gid: str) -> None:
        """The token's user may see it again."""
        self._hidden(gid, hide=False)

    def _hidden(self, gid: str, *, hide: bool) -> None:
        with self.lock:
            if self._kinds.get(gid) not in ("task", "project", "portfolio", "goal"):
                raise UsageError(f"workspace {self.gid} has no task, project, portfolio or goal {gid!r}")
            (self.hidden.add if hide else self.hidden.discard)(gid)
            self.revision += 1

    # ── people ──

    def edit(self, path: str, body: Raw) -> Raw | None:
        """What ``POST /_sandbox/asana/<gid>/<path>`` does with this body: the record as it stands afterwards, None
        where it is gone. UsageError in Asana's words where it cannot be done."""
        with self.lock:
            return admin.edit(self, path, body)

    def task(self, name: str, **more: Any) -> str:
        """A person creates a task in the first project, or as ``project``, ``section``, ``parent`` … say; its gid."""
        made = self.edit("tasks", {"name": name, **more})
        assert made is not None
        return str(made["gid"])

    # ── folders ──

    @classmethod
    def load(cls, folder: Path) -> Workspace:
        """The workspace that a folder of JSON Lines describes; UsageError names the file and line that is broken."""
        reading = _Reading(folder)
        try:
            return cls(folder.name, **{name: reading.rows(name) for name in FILES.values()})
        except UsageError as error:
            raise UsageError(f"{reading.place}{error}") from None

    def save(self, folder: Path) -> None:
        """Write the workspace back, in the form that :meth:`load` reads."""
        with self.lock:
            for kind, name in FILES.items():
                lines.write(folder / f"{name}.jsonl", (held(one) for one in self.held[kind].values()))


class _Reading:
    """The rows of a folder's files; ``place`` names the one that is being taken in, and is empty between two."""

    def __init__(self, folder: Path) -> None:
        self.place = ""
        self._folder = folder

    def rows(self, name: str) -> Iterator[Raw]:
        path = self._folder / f"{name}.jsonl"
        for number, row in lines.read(path):
            self.place = f"{path}, line {number}: "
            yield row
            self.place = ""
