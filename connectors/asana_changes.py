"""What changed in Asana projects, told by whichever channel tells it cheapest. No channel tells everything, so that
what one misses is caught by another in bounded time (docs/connectors.md has the table):

the search finds what was edited, in all projects at once; the events of a project, what moves no ``modified_at`` and
what went; the listing of a project, what events lost; everything read anew, what all of them lost.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime, timedelta
from time import monotonic
from typing import TYPE_CHECKING, Any
from zlib import crc32

import orjson

from connectors import asana_wire as wire
from connectors.asana_search import Search, Walk
from connectors.asana_tasks import IDS, PAGE, Placed, Tasks, with_subtasks
from connectors.raw import instant
from connectors.streams import one_by_one
from okrsync.model import Cursor, Item, Page

if TYPE_CHECKING:
    from connectors.asana_api import Api  # loads the asana package

OVERLAP = timedelta(minutes=5)
"""Read again before the cursor: replicas of Asana lag behind each other."""

HOUR = timedelta(hours=1)  # after which a quiet project is asked for its events, or listed, all the same
BRISK = 120.0  # seconds in which a listing is read so fast that the overlap covers what changed meanwhile
FEW = 3  # tasks that are read one by one; where events name more, a listing may tell of most at once
MANY = 100  # and where more than so many are left, everything is read anew
_FRESH = timedelta(minutes=1)  # what the search found and an event of this age names is read by id all the same


# ── the note in a cursor ─────────────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True)
class Mark:
    """What the cursor of a project notes beside its time, which is how far its listings were read."""

    token: str = ""  # where its events go on; "" where they may not be read
    whole: datetime | None = None  # when everything was read, by our own clock …
    began: datetime | None = None  # … and by Asana's
    polled: datetime | None = None  # when the token was given, by our own clock
    listed: datetime | None = None  # when it was listed, by our own clock
    found: datetime | None = None  # up to where searches told everything, by Asana's clock …
    among: str = ""  # … of these projects, by their digest

    @classmethod
    def load(cls, text: str) -> Mark:
        """An empty one, with which everything is read anew, where the text is not of this form."""
        try:
            said = orjson.loads(text)
            times = {name: instant(said[name]) for name in ("whole", "began", "polled", "listed", "found")}
            token, among = said["token"], said["among"]
            return cls(token, among=among, **times) if isinstance(token, str) and isinstance(among, str) else cls()
        except (orjson.JSONDecodeError, KeyError, TypeError):
            return cls()

    def dump(self) -> str:
        return orjson.dumps(asdict(self)).decode()


def due(last: datetime | None, every: timedelta, project: str, now: datetime) -> bool:
    """Whether something is to be done again. Projects differ by up to a quarter, so that not all are due at once."""
    share = 0.75 + 0.25 * (crc32(project.encode()) % 1024) / 1024
    return last is None or not timedelta() <= now - last < every * share


# ── a pull ───────────────────────────────────────────────────────────────────────────────────────────────────────────


@dataclass(slots=True)
class _Met:
    """What one pull came across so far."""

    among: str  # the digest of all projects of this pull
    items: set[str] = field(default_factory=set)  # that can come twice: by several projects, by a project and a parent
    parents: set[str] = field(default_factory=set)  # whose subtasks were read
    asked: set[str] = field(default_factory=set)  # that were read by id
    active: set[str] = field(default_factory=set)  # projects in which the search found something
    cursors: dict[str, Cursor] = field(default_factory=dict)
    ids: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))  # project → ids by page, a line each


class Changes:
    """The changes of the configured projects, without a search where none is given; ``again`` is how long it takes
    until everything is read anew.

    ``whole`` holds the ids of the projects that were just read whole, in the portions in which they came.
    """

    def __init__(
        self, api: Api, tasks: Tasks, search: Search | None, *, again: timedelta, clock: Callable[[], datetime]
    ) -> None:
        self._api, self._tasks, self._search = api, tasks, search
        self._again, self._clock = again, clock
        self.whole: dict[str, list[str]] = {}

    def pull(self, since: Mapping[str, Cursor | None]) -> Iterator[Page]:
        """The search first: what is read whole after it needs no search before it."""
        now = self._clock()
        marks = {project: Mark.load(cursor.mark) if cursor else Mark() for project, cursor in since.items()}
        known = {one: mark for one, mark in marks.items() if not due(mark.whole, self._again, one, now)}
        met = _Met(
            f"{crc32(','.join(sorted(marks)).encode()):08x}",
            cursors={project: cursor for project, cursor in since.items() if cursor},
        )
        walk = self._begin(known, met)
        if walk:
            yield from self._searched(walk, met)
        refused = False
        for page in one_by_one((one, self._project(one, mark, one in known, walk, met)) for one, mark in marks.items()):
            refused = refused or bool(page.refused)
            yield page
        if walk and not refused:
            yield from self._settled(walk, known, met)

    def _begin(self, known: Mapping[str, Mark], met: _Met) -> Walk | None:
        """A walk through what changed in all these projects, where there is a search.

        Searches of the same projects told everything up to the latest instant that one of them notes; one that was read
        whole later was read up to later. Where there was none, or one was archived or refused meanwhile, everything was
        told up to where all were read whole.
        """
        if not known or self._search is None or not self._search.is_open:
            return None
        told = [mark.found for mark in known.values() if mark.found and mark.among == met.among]
        since = max(told) if told else min(mark.began or met.cursors[one].at for one, mark in known.items())
        return self._search.begin(known, since)

    def _searched(self, walk: Walk, met: _Met) -> Iterator[Page]:
        assert self._search is not None
        for tasks in self._search.changed(walk):
            placed = [(task, home) for task in tasks if (home := self._tasks.home(task))]
            met.active.update(project for task, _ in placed for project in wire.projects_of(task))
            yield self._page(placed, met)

    def _settled(self, walk: Walk, known: Mapping[str, Mark], met: _Met) -> Iterator[Page]:
        """One project notes for all up to where everything was told, where that is news to anybody. Where the walk
        could not tell all, the other channels did, which were read later."""
        carrier = max(known, key=lambda one: (known[one].found is not None, one))
        cursor = met.cursors[carrier]
        mark = Mark.load(cursor.mark)
        newest = max(walk.met.values(), default=None) if walk.until else walk.began
        until = walk.until or walk.began
        if until and newest and (mark.found is None or mark.among != met.among or newest > mark.found):
            noted = replace(mark, found=until, among=met.among)
            yield Page((), {carrier: replace(cursor, mark=noted.dump())})

    # ── one project ──────────────────────────────────────────────────────────────────────────────────────────────────

    def _project(self, project: str, mark: Mark, known: bool, walk: Walk | None, met: _Met) -> Iterator[Page]:
        now = self._clock()
        if not known:
            _, token = self._api.events(project, "")  # before the listing, so that nothing falls between the two
            yield from self._whole(project, self._anew(mark, token, now), met)
            return
        told = walk is not None and walk.until is not None  # the search told of every edit
        late = due(mark.polled, HOUR, project, now)
        events: list[Any] | None = []
        token = mark.token
        if late or (token and (not told or project in met.active)):
            events, token = self._api.events(project, mark.token)
        if events is None:
            yield from self._whole(project, self._anew(mark, token, now), met)
            return
        lost = token != mark.token and not token  # a right that was there: perhaps that to the project
        after = replace(mark, token=token, polled=now) if events or late or lost else mark
        yield from self._changed(project, events, after, walk if told and not lost else None, met)

    def _anew(self, mark: Mark, token: str, now: datetime) -> Mark:
        """The mark of a project that is read whole from now on; what searches told stays told."""
        return replace(mark, token=token, whole=now, began=self._api.date, polled=now, listed=now)

    def _changed(self, project: str, events: list[Any], mark: Mark, told: Walk | None, met: _Met) -> Iterator[Page]:
        """What events name; where they name much, or may have lost something, what the listing tells besides."""
        cursor, now = met.cursors[project], self._clock()
        hints = wire.read_events(events)
        left = {gid: hint for gid, hint in hints.items() if gid not in met.asked and not _is_told(gid, hint, told)}
        parents: dict[str, str] = {}
        reached = cursor.at
        late = told is None and due(mark.listed, HOUR, project, now)
        if late or len(left) > FEW or (told is None and not mark.token):
            began = monotonic()
            since = (cursor.at - OVERLAP).isoformat(timespec="milliseconds")
            for page in self._tasks.listed(project, wire.TASK, modified_since=since):
                parents |= {gid: home for gid, home in with_subtasks(page).items() if gid in hints and hints[gid].moved}
                for task, _ in page:
                    left.pop(wire.gid_of(task), None)
                told_now = self._page(page, met)
                reached = max([reached, *(item.updated_at for item in told_now.items)])
                yield told_now
            reached = max(cursor.at, reached - _slow(began)) if reached > cursor.at else cursor.at
            mark = replace(mark, listed=now) if late else mark
        if len(left) > MANY:
            yield from self._whole(project, replace(mark, whole=now, began=self._api.date, listed=now), met)
            return
        yield from self._hinted(left, parents, met)
        yield from self._pages(self._tasks.below(parents, wire.TASK, met.parents), met)
        yield from self._move(project, Cursor(reached, mark.dump()), met)

    def _hinted(self, hints: Mapping[str, wire.Hint], parents: dict[str, str], met: _Met) -> Iterator[Page]:
        """The tasks that events name, as they are now; ``parents`` learns of those that may have come with subtasks.
        Of what seems to be gone, or left for elsewhere with all below it, the ids."""
        placed: list[Placed] = []
        doubts: list[str] = []
        for gid, hint in hints.items():
            met.asked.add(gid)
            found = [] if hint.deleted and not hint.moved else list(self._tasks.one(gid))
            here = [(task, home) for task, home in found if self._tasks.holds(home)]
            placed += here
            if hint.moved:
                parents |= with_subtasks(here)
            if not here:
                doubts.append(gid)
                below = self._tasks.below(with_subtasks(found), IDS, set())
                doubts += [wire.task_gid(task) for task, home in below if not self._tasks.holds(home)]
        if placed or doubts:
            yield replace(self._page(placed, met, again=True), doubts=tuple(doubts))

    def _whole(self, project: str, mark: Mark, met: _Met) -> Iterator[Page]:
        """Everything that stands in a project. Listings have no order in time, so the cursor moves when all was read,
        and not back."""
        before = met.cursors.get(project)
        parents: dict[str, str] = {}
        began = monotonic()
        reached: datetime | None = None
        for page in self._tasks.listed(project, wire.TASK):  # drained before anything else is asked: offsets expire
            parents |= with_subtasks(page)
            told = self._page(page, met)
            reached = max([item.updated_at for item in told.items] + ([reached] if reached else []), default=reached)
            yield told
        slow = _slow(began)
        yield from self._pages(self._tasks.below(parents, wire.TASK, met.parents), met)
        self.whole[project] = met.ids.pop(project, [])
        newest = max([at for at in (reached and reached - slow, before and before.at) if at], default=mark.began)
        if newest is not None:  # an empty project is read up to where Asana's clock stood
            yield from self._move(project, Cursor(newest, mark.dump()), met, counted=frozenset({project}))

    # ── pages ────────────────────────────────────────────────────────────────────────────────────────────────────────

    def _pages(self, placed: Iterable[Placed], met: _Met) -> Iterator[Page]:
        """A stream in portions of a page."""
        portion: list[Placed] = []
        for one in placed:
            portion.append(one)
            if len(portion) == PAGE:
                yield self._page(portion, met)
                portion = []
        if portion:
            yield self._page(portion, met)

    def _page(self, placed: Collection[Placed], met: _Met, *, again: bool = False) -> Page:
        """The items; without those that came before by another way, unless they are read ``again``."""
        items: list[Item] = []
        here: dict[str, list[str]] = {}
        for item in self._tasks.items(placed):
            here.setdefault(item.scope, []).append(item.remote_id)
            if wire.ways_to(item) > 1:
                if item.remote_id in met.items and not again:
                    continue
                met.items.add(item.remote_id)
            items.append(item)
        for project, ids in here.items():
            met.ids[project].append("\n".join(ids))
        return Page(tuple(items), {})

    def _move(self, project: str, reached: Cursor, met: _Met, counted: frozenset[str] = frozenset()) -> Iterator[Page]:
        if counted or reached != met.cursors.get(project):
            met.cursors[project] = reached
            yield Page((), {project: reached}, counted=counted)


def _is_told(gid: str, hint: wire.Hint, told: Walk | None) -> bool:
    """Whether the search found a task as it was after all that the events say, and that is not too fresh to be sure."""
    if told is None or told.began is None or hint.at is None or hint.deleted or (hint.moved and gid in told.parents):
        return False
    return gid in told.told and hint.at < told.began - _FRESH


def _slow(began: float) -> timedelta:
    """How far back a cursor has to stand because reading took longer than its overlap covers."""
    return timedelta(seconds=max(0.0, monotonic() - began - BRISK))
