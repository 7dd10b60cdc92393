"""The search of an Asana workspace: one request tells what changed in a hundred projects, where the plan has it.

It lags behind (10 to 60 s, now and then longer), has no pages and no stable order, and is never needed: where it is
refused, or cannot tell all, other channels do (``asana_changes``).
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from connectors import asana_wire as wire
from connectors.raw import chunks
from okrsync.errors import Rejected, Unavailable

if TYPE_CHECKING:
    from connectors.asana_api import Api  # loads the asana package

FOUND = 100  # tasks a search: the most that Asana gives
PROJECTS = 100  # in one search, so that its address stays short
PAGES = 20  # searches in a row; where more is to be told, listings tell it faster
LAG = timedelta(minutes=5)
"""What a search does not find yet is looked for so long."""

CLOSED = timedelta(hours=1)  # until a plan without search is asked again
_NOT_IN_PLAN = 402
_BROKEN = (500, 504)  # of the search alone; 502 and 503 are of all Asana
_TICK = timedelta(milliseconds=1)  # nobody promises that "after" includes the instant


@dataclass(slots=True)
class Walk:
    """One walk through all that changed in some projects since an instant of the server's.

    ``until`` is the instant, again of the server's, up to which everything was told; None before that is so, and for
    ever where this walk cannot tell it. ``began`` is the server's time of its first answer.
    """

    projects: frozenset[str]
    since: datetime
    began: datetime | None = None
    until: datetime | None = None
    met: dict[str, datetime] = field(default_factory=dict)  # every task of the walk, with when it was changed
    told: set[str] = field(default_factory=set)  # those that were given: the walk before did not find them so
    parents: set[str] = field(default_factory=set)  # those that have subtasks


class Search:
    """The search of one workspace, and what the walks before found."""

    def __init__(self, api: Api, workspace: str, clock: Callable[[], datetime]) -> None:
        self._api, self._workspace, self._clock = api, workspace, clock
        self._refused_at: datetime | None = None
        self._before: Walk | None = None  # the last that told all

    @property
    def is_open(self) -> bool:
        """False for an hour after it turned out that the plan does not have it."""
        at = self._refused_at
        return at is None or not timedelta() <= self._clock() - at < CLOSED

    def begin(self, projects: Collection[str], since: datetime) -> Walk:
        """A walk from ``since`` on; from later, where the walk before told everything up to there."""
        before, asked = self._before, frozenset(projects)
        if before and before.until and asked <= before.projects:
            since = max(since, before.until)
        return Walk(asked, since - LAG)

    def changed(self, walk: Walk) -> Iterator[list[Any]]:
        """Tasks that the walk before did not find as they are now, page by page; ``walk`` says how far they reach."""
        known: Mapping[str, datetime] = self._before.met if self._before else {}
        for portion in chunks(sorted(walk.projects), PROJECTS):
            after = walk.since
            for _ in range(PAGES):
                found = self._ask(portion, after, walk)
                if found is None:
                    return
                times = {wire.task_gid(task): wire.modified(task) for task in found}
                fresh = {gid for gid, at in times.items() if gid not in walk.met and known.get(gid) != at}
                walk.met |= times
                walk.parents |= {wire.gid_of(task) for task in found if wire.has_subtasks(task)}
                walk.told |= fresh
                if fresh:
                    yield [task for task in found if wire.gid_of(task) in fresh]
                if len(found) < FOUND:
                    break
                # one that changed since it was indexed stands where it was: half a page of such there is not
                onward = min([wire.modified(task) for task in found][FOUND // 2 :])
                if onward <= after + _TICK:
                    return  # more than a page of one instant
                after = onward
            else:
                return
        walk.until = max([walk.since, *walk.met.values(), *([walk.began] if walk.began else [])])
        self._before = walk

    def _ask(self, projects: list[str], after: datetime, walk: Walk) -> list[Any] | None:
        """What one search finds, None where it is refused or broken."""
        query = {
            "projects.any": ",".join(projects),
            "modified_at.after": (after - _TICK).isoformat(timespec="milliseconds"),
            "sort_by": "modified_at",
            "sort_ascending": "true",
            "limit": str(FOUND),
            "opt_fields": wire.TASK,
        }
        try:
            found = self._api.search(self._workspace, query)
        except Rejected as error:
            if error.status == _NOT_IN_PLAN:
                self._refused_at = self._clock()
            return None  # a project that may not be seen any more, say: its own channels tell
        except Unavailable as error:
            if error.status not in _BROKEN:
                raise
            return None
        walk.began = walk.began or self._api.date
        return found
