"""The steps of one cycle of one source: pull → store → census → what stands outside → histories.

Reconcile, don't replay: whatever woke us, the current state is read, and every page is stored together with the cursor
after it. A scope that the tool refuses keeps what is stored of it, and the others are read. Nothing is written, and
nothing is looked for, where nothing changed.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from time import monotonic

from okrsync.counting import read_counts
from okrsync.errors import Refused, Rejected, Unavailable
from okrsync.model import Goals, Item, Page, Scope, SourceConfig
from okrsync.ports import HasGoals, HasHistory, HasMetadata, HasNarrow, Source
from okrsync.store import Store, goals, meta, pages, sources

HISTORY_BATCH = 1000  # ids in one call of an optional ability; what Jira's changelog/bulkfetch takes
FETCH_BATCH = 100
MASS_SHARE, MASS_COUNT = 0.20, 10  # a census that would remove more than this of a source is refused (P24)

Clock = Callable[[], datetime]


@dataclass(frozen=True, slots=True)
class Options:
    full: bool = False  # forget the cursors, and take a census now
    allow_mass_delete: bool = False
    stop: threading.Event = field(default_factory=threading.Event)  # once set, a cycle ends with the page in hand
    longest: timedelta = timedelta(hours=6)  # of a cycle: each answer in time does not make a row of them end (P18)
    scopes: frozenset[str] | None = None  # ids: only these are looked at, and nothing else is asked; None: everything
    items: frozenset[str] = frozenset()  # remote ids that are looked at by id as well, whatever the lists say


class Halted(Exception):
    """The process is to end; what was stored so far stays."""


class Watcher:
    """What long work tells while it runs; this one stays silent."""

    def started(self, source: str) -> None: ...

    def pulled(self, source: str, count: int, total: int | None) -> None: ...

    def stage(self, source: str, what: str) -> None: ...

    def ended(self, source: str) -> None: ...


class Cycle:
    """One cycle, over one connection to the tool. Raises what the tool raised, Halted, or Refused where so much seems
    to be gone that a person has to confirm it."""

    def __init__(
        self,
        store: Store,
        source: SourceConfig,
        remote: Source,
        aims: Goals,
        clock: Clock,
        options: Options,
        watcher: Watcher,
    ) -> None:
        self.store = store
        self.source = source
        self.remote = remote
        self.aims = aims
        self.clock = clock
        self.options = options
        self.watcher = watcher
        self.observing = not isinstance(remote, HasHistory)  # what changes is noted here, for the tool does not tell
        self.readable: list[Scope] = []
        self.new: set[str] = set()  # scopes of which nothing was known before this cycle
        self.whole: set[str] = set()  # scopes that the pull read whole: their census costs nothing
        self.pulled = 0
        self.changed = 0
        self._sent = remote.requests()
        self._began = monotonic()

    @property
    def requests(self) -> int:
        """How many this cycle took so far."""
        return self.remote.requests() - self._sent

    def run(self) -> None:
        if self.options.scopes is None:
            self._scopes()
            self._metadata()
            self._pull()
            self._goals()
            surprise = self._census()
            self._context()
            self._histories()
            self._counts()
        else:
            if not self._narrow(self.options.scopes):
                return
            self._pull()
            surprise = self._census()
            self._context()
            self._histories()
        if surprise:
            raise surprise

    def _narrow(self, wanted: frozenset[str]) -> bool:
        """Those of these scopes that were read before are what this cycle reads; what was never read is left to a whole
        one. Whether there is anything to look at: nothing is asked for what belongs to others."""
        with self.store.read() as tx:
            known = [scope for scope in sources.scopes(tx, self.source.id) if scope.readable and scope.cursor]
        self.readable = [Scope(scope.id, scope.key, scope.name) for scope in known if scope.id in wanted]
        if not self.readable:
            return False
        if isinstance(self.remote, HasNarrow):
            self.remote.narrow([scope.id for scope in self.readable])
        else:
            self.remote.scopes()
        return True

    def _scopes(self) -> None:
        scopes = self.remote.scopes()
        with self.store.begin() as tx:
            confirmed = self.options.allow_mass_delete
            sources.save_scopes(tx, self.source.id, scopes, self.clock(), confirmed=confirmed)
        self.readable = [scope for scope in scopes if scope.readable]
        if not self.readable:
            said = "; ".join(dict.fromkeys(f"{scope.key}: {scope.why}" for scope in scopes)) or "nothing is configured"
            raise Rejected(f"{self.source.id}: no project can be read ({said})")

    def _metadata(self) -> None:
        """Everything is read anew where that is asked for, or where what items are read by is not what it was."""
        key = f"metadata:{self.source.id}"
        said = dict(self.remote.metadata()) if isinstance(self.remote, HasMetadata) else {}
        with self.store.read() as tx:
            known = meta.get_meta(tx, key)
        moved = isinstance(known, dict) and any(said.get(name) != value for name, value in known.items())
        if not self.options.full and known == said:
            return
        with self.store.begin() as tx:
            if self.options.full or moved:
                sources.forget(tx, self.source.id)
            meta.set_meta(tx, key, said)

    def _pull(self) -> None:
        with self.store.read() as tx:
            since = sources.cursors(tx, self.source.id)
            if self.options.scopes is not None:
                chosen = {scope.id for scope in self.readable}
                since = {scope: cursor for scope, cursor in since.items() if scope in chosen}
            unread = [scope for scope, cursor in since.items() if cursor is None]
            self.new = {scope for scope in unread if not pages.live_ids(tx, self.source.id, scope)}
            troubled = sources.refused(tx, self.source.id)
        refused: dict[str, str] = {}
        try:
            for page in self.remote.pull(since):
                self._store(page)
                refused.update(page.refused)
                self.watcher.pulled(self.source.id, self.pulled, page.total)
                self._breathe()
        except Rejected as refusal:
            if self.options.scopes is None or len(since) > 1:
                raise
            refused = dict.fromkeys(since, str(refusal))  # of a source of which more is read, that is no fault
        if refused or troubled:
            self._mark(refused)

    def _store(self, page: Page) -> None:
        with self.store.begin() as tx:
            saved = pages.save_page(tx, self.source.id, page, self.clock(), observing=self.observing)
        self.pulled += saved.pulled
        self.changed += saved.changed
        self.whole |= page.counted

    def _mark(self, refused: dict[str, str]) -> None:
        """What was refused keeps what is stored of it and is left alone for the rest of the cycle; what was read is
        readable, whatever it was before."""
        self.readable = [scope for scope in self.readable if scope.id not in refused]
        with self.store.begin() as tx:
            sources.mark_scopes(tx, self.source.id, {scope.id for scope in self.readable}, refused)

    def _goals(self) -> None:
        """The goals that the tool keeps itself are those that it keeps now."""
        if isinstance(self.remote, HasGoals):
            found = self.remote.goals()
            with self.store.begin() as tx:
                goals.save_goals(tx, self.source.id, found)

    def _counts(self) -> None:
        """What is counted there is of now. Last of all: a limit that is met here takes nothing from the rest."""
        read_counts(self.store, self.source.id, self.remote, self.aims, self.clock, self._breathe)

    def _context(self) -> None:
        """Parents and blockers from outside the scope are read by id, level by level; one that cannot be read is
        remembered so, and one that nothing needs any more is forgotten."""
        asked: set[str] = set()
        while True:
            with self.store.read() as tx:  # what one level names may be known already, and old
                wanted = pages.wanted_context(tx, self.source.id)
                settled = pages.is_settled(tx, self.source.id)
            batch = [remote_id for remote_id in wanted if remote_id not in asked]
            if not batch:
                break
            self.watcher.stage(self.source.id, "parents")
            for ids in _chunks(batch, FETCH_BATCH):
                self._breathe()
                found = list(self.remote.fetch(ids))
                hidden = sorted(set(ids) - {item.remote_id for item in found})
                found += self._bereaved(hidden)
                self._keep(found, hidden)
            asked.update(batch)
        if not settled:
            with self.store.begin() as tx:
                pages.settle_context(tx, self.source.id, self.clock())

    def _keep(self, found: Sequence[Item], hidden: Sequence[str] = ()) -> None:
        with self.store.begin() as tx:
            saved = pages.save_context(tx, self.source.id, found, hidden, self.clock(), observing=self.observing)
        self.changed += saved.changed

    def _bereaved(self, gone: Sequence[str]) -> list[Item]:
        """What named one of these as its parent or blocker, as it is now: a tool takes a deleted item out of others
        without updating them."""
        with self.store.read() as tx:
            ids = pages.naming(tx, self.source.id, gone)
        return list(self.remote.fetch(ids)) if ids else []

    def _histories(self) -> None:
        if not isinstance(self.remote, HasHistory):
            return
        while True:
            with self.store.read() as tx:
                ids = pages.stale_history(tx, self.source.id, HISTORY_BATCH)
            if not ids:
                return
            self._breathe()
            self.watcher.stage(self.source.id, "histories")
            histories = list(self.remote.history(ids))
            with self.store.begin() as tx:
                pages.save_history(tx, self.source.id, ids, histories)

    # ── what went ────────────────────────────────────────────────────────────────────────────────────────────────────

    def _census(self) -> Refused | None:
        """What is stored and no longer there goes, confirmed by a direct read, as does what is doubted; what is there
        and was never told comes. What a webhook named is looked at as well, where it is ours.

        What hangs on something unreadable is read anew: that may be gone by now, which a tool tells to nobody.
        Returns the refusal to believe that so much is gone; of a few scopes nobody can say that it is much, so there
        the doubt is left to a whole cycle.
        """
        due, doubts = self._to_ask()
        if not due and not doubts:
            return None
        self._breathe()
        self.watcher.stage(self.source.id, "census")
        counted, differing = self._count(due)
        doubtful = list(dict.fromkeys([*differing, *doubts]))
        with self.store.read() as tx:
            clouded = pages.naming_unreadable(tx, self.source.id) if counted else []
        asked = list(dict.fromkeys([*doubtful, *clouded]))
        found = list(self.remote.fetch(asked)) if asked else []
        with self.store.read() as tx:
            held, total = pages.held(tx, self.source.id, [scope.id for scope in self.readable], doubtful)
            mine = pages.known(tx, self.source.id, asked)
            configured = {scope.id for scope in sources.scopes(tx, self.source.id)}
        gone = sorted(held - {item.remote_id for item in found})
        surprise = self._surprise(len(gone), total)
        found += [] if surprise else self._bereaved(gone)
        if surprise and self.options.scopes is not None:
            self._store(Page((), {}, doubts=tuple(gone)))
            surprise, gone, doubts = None, [], []
        found = [item for item in found if item.scope in configured or item.remote_id in mine]
        moved = [item.remote_id for item in found if item.scope not in configured]
        with self.store.begin() as tx:
            saved = pages.save_context(tx, self.source.id, found, (), self.clock(), observing=self.observing)
            pages.move_out(tx, self.source.id, moved, self.clock())
            self.changed += saved.changed
            if not surprise:
                self.changed += pages.tombstone(tx, self.source.id, gone, self.clock())
                sources.census_done(tx, self.source.id, counted, self.clock())
                pages.dispel(tx, self.source.id, doubts)
        return surprise

    def _to_ask(self) -> tuple[list[Scope], list[str]]:
        """The scopes whose census is due, or costs nothing, and the ids that are doubted or named; what was read whole
        just now, from nothing, was counted by that."""
        with self.store.read() as tx:
            doubts = list(dict.fromkeys([*pages.doubted(tx, self.source.id), *sorted(self.options.items)]))
            due = set(sources.census_due(tx, self.source.id, self.source.census, self.clock()))
        due = self.whole | (due if self.options.scopes is None else set())
        if new := self.new & due:
            with self.store.begin() as tx:
                sources.census_done(tx, self.source.id, new, self.clock())
        counting = [one for one in self.readable if self.options.full or (one.id in due and one.id not in self.new)]
        return counting, doubts

    def _count(self, due: Sequence[Scope]) -> tuple[list[str], list[str]]:
        """The scopes that could be counted, and the ids that are stored and not there, or there and not stored."""
        with self.store.read() as tx:
            held = {scope.id: pages.live_ids(tx, self.source.id, scope.id) for scope in due}
        counted: list[str] = []
        differing: list[str] = []
        refused: dict[str, str] = {}
        for scope in due:
            self._breathe()
            try:
                differing += sorted(held[scope.id].symmetric_difference(self.remote.census(scope)))
                counted.append(scope.id)
            except Rejected as refusal:
                refused[scope.id] = str(refusal)
        if refused:
            self._mark(refused)
        return counted, differing

    def _surprise(self, gone: int, total: int) -> Refused | None:
        if self.options.allow_mass_delete or not gone:
            return None
        if gone < total and gone <= max(MASS_COUNT, MASS_SHARE * total):
            return None
        return Refused(
            f"{self.source.id}: {gone} of {total} items are gone or hidden, too many to be believed; nothing was "
            "removed. Check the rights of the token; if they really are gone, type: "
            f"okrsync sync --source {self.source.id} --full --allow-mass-delete"
        )

    def _breathe(self) -> None:
        """Between two steps: on, or out where the process is to end, or where this has taken too long."""
        if self.options.stop.is_set():
            raise Halted
        if monotonic() - self._began > self.options.longest.total_seconds():
            raise Unavailable(
                f"{self.source.id}: not read to its end within {self.options.longest}; what was read is stored, and "
                "the next cycle goes on from there"
            )


def _chunks(ids: Sequence[str], size: int) -> Iterator[Sequence[str]]:
    for start in range(0, len(ids), size):
        yield ids[start : start + size]
