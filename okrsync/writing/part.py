"""What one source gets in a run: touch after touch, one write at a time.

A touch is all that is written on one object. The targets of a chunk of touches are read at once, just before they are
sent; the intents of a touch are committed in one transaction, sent by one call, and confirmed in one transaction.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from datetime import datetime
from itertools import chain, groupby, islice
from time import monotonic

from okrsync.assess import GOAL
from okrsync.errors import AuthError, MalformedPage, RateLimited, Rejected, ToolError, Unavailable
from okrsync.model import Json, Slot, Write, WritebackPolicy, WriteState
from okrsync.store import Store, doubts, fence, goals, journal, queries
from okrsync.sync import keep_waiting, retry_at, wait_until
from okrsync.writing import pausing
from okrsync.writing.outcome import Outcome, Watch, write_id
from okrsync.writing.pacing import Pace, Patience, longest
from okrsync.writing.recovering import read_back
from okrsync.writing.sinks import GONE, Sinks
from rollup.yielding import same

CHUNK = 50  # touches whose targets are read at once
FRESH = 55.0  # seconds for which that holds: as long as GitHub takes for so many, and less than a sink remembers
FAULTS = 3  # touches in a row that a source may fail before it is down
TRIES = 3  # more, of a touch that the tool wants to have a little later

CHANGED = 409  # how a tool, or its sink, says that somebody wrote between the look and the write

THERE = "stands there already"
OVERTAKEN = "changed since the plan; okrsync plan shows it anew"
"""Why a write is skipped where somebody else wrote after it was planned."""

Touch = list[Write]


class _Later(Exception):
    """The rest of this source's part waits."""

    def __init__(self, why: str, until: datetime | None = None) -> None:
        super().__init__(why)
        self.until = until


class Part:
    """The writes to one source, in their order; each is told of once, when it ended. ``heeded`` is whose pauses hold,
    None where none does."""

    def __init__(
        self,
        store: Store,
        heeded: WritebackPolicy | None,
        sinks: Sinks,
        source: str,
        writes: Sequence[Write],
        patience: Patience,
        held: int,
        tell: Watch,
    ) -> None:
        self._store, self._heeded, self._sinks, self._source = store, heeded, sinks, source
        self._patience, self._held, self._tell = patience, held, tell
        self._touches = deque(list(touch) for _, touch in groupby(writes, lambda one: one.slot.remote_id))
        self._found: dict[Slot, Json | Rejected] = {}
        self._pace = Pace((), ())
        self._faults = 0  # touches in a row that failed for the source
        self._unknown: dict[int, Outcome] = {}

    def carry_out(self) -> None:
        """Every write ended, or is planned still where the source cannot take it in this run."""
        try:
            self._begin()
            while self._touches:
                self._chunk()
        except _Later as later:
            self._rest(WriteState.PLANNED, str(later), until=later.until)
        except RateLimited as fault:
            with self._store.begin() as tx:
                wait_until(tx, self._source, fault.retry_at)
            self._rest(WriteState.PLANNED, str(fault), until=fault.retry_at)
        except ToolError as fault:
            self._rest(WriteState.FAILED, str(fault), fault)
        self._read_back()

    # ── one chunk ──

    def _begin(self) -> None:
        """What the source publishes, and what it asked for, is kept to."""
        with self._store.read() as tx:
            asked = retry_at(tx, self._source)
        if asked is not None:
            self._patience.until(asked)
        budgets = self._sinks.of(self._source).budgets()
        with self._store.read() as tx:
            self._pace = Pace(budgets, journal.sent(tx, self._source, self._patience.now() - longest(budgets)))

    def _chunk(self) -> None:
        """The next touches: read together, sent one by one, for as long as what was read holds."""
        chunk = islice(self._touches, CHUNK)
        self._found = self._sinks.read(self._source, [write.slot for touch in chunk for write in touch])
        read_at, faults = monotonic(), self._faults
        while self._touches and self._touches[0][0].slot in self._found:
            self._patience.breathe()
            if monotonic() - read_at > FRESH or self._faults > faults:
                return  # the rest is read again, which also tells whether the source is there
            touch = [write for write in self._touches.popleft() if self._is_due(write)]
            if touch:
                self._turn(touch)
                self._send(touch)

    def _is_due(self, write: Write) -> bool:
        """Whether the write is to be sent, by what stands there; where it is not, it ends so."""
        stands, surface = self._found[write.slot], write.slot.surface
        if isinstance(stands, Rejected):
            if stands.status != GONE or write.after is not None or self._is_held(write.slot):
                self._refused(write, stands)
                return False
            stands = None  # what should go went with its object
        if same(surface, stands, write.after):
            self._adopt(write, stands, THERE)
        elif not same(surface, stands, write.before):
            self._adopt(write, stands, OVERTAKEN)
        else:
            return True
        return False

    def _is_held(self, slot: Slot) -> bool:
        """Whether the store holds the object still: the tool may only hide it for a while, until a sync says more."""
        with self._store.read() as tx:
            goal = (slot.source, slot.remote_id.removeprefix(GOAL))
            return queries.is_held(tx, slot.source, slot.remote_id) or goal in goals.goals(tx)

    def _stands(self, write: Write) -> bool:
        stands = self._found[write.slot]
        return not isinstance(stands, Rejected) and same(write.slot.surface, stands, write.after)

    # ── one touch ──

    def _turn(self, touch: Touch) -> None:
        """The budgets of the source have room for this touch; _Later where that takes too long."""
        surfaces = [write.slot.surface for write in touch]
        while (turn := self._pace.turn(surfaces, self._patience.now())) is not None:
            if not self._patience.until(turn.at):
                self._touches.appendleft(touch)
                raise _Later(turn.told(self._source), turn.at)

    def _send(self, touch: Touch, tries: int = TRIES) -> None:
        self._intend(touch)
        try:
            receipts = self._sinks.of(self._source).push(touch)
            if len(receipts) != len(touch):
                raise MalformedPage(f"{self._source}: {len(receipts)} receipts for {len(touch)} writes")
        except RateLimited as fault:
            if tries and self._patience.until(fault.retry_at):
                self._send(touch, tries - 1)
            else:
                self._limited(touch, fault)
        except Rejected as fault:
            self._apart(touch, fault)
        except ToolError as fault:
            self._failed(touch, fault)
        else:
            with self._store.begin() as tx:
                for write, receipt in zip(touch, receipts, strict=True):
                    journal.confirm(tx, write_id(write), receipt, self._patience.now())
            self._faults = 0
            for write in touch:
                self._tell(Outcome(write, WriteState.APPLIED))

    def _intend(self, touch: Touch) -> None:
        """The intents are committed: we still hold the fence, and nobody paused meanwhile."""
        now = self._patience.now()
        with self._store.begin() as tx:
            fence.check(tx, self._held)
            standstill = None if self._heeded is None else pausing.current(tx, self._heeded, now)
            if standstill is None:
                for write in touch:
                    journal.intend(tx, write_id(write), now)
        if standstill is not None:
            self._touches.appendleft(touch)
            raise _Later(standstill.told, standstill.pause.end)
        self._pace.spent((write.slot.surface for write in touch), now)

    def _limited(self, touch: Touch, fault: RateLimited) -> None:
        """The rest waits; of several writes on an object some may be done."""
        if len(touch) == 1:
            self._postpone(touch)
        else:
            self._lost(touch, fault)
        raise fault

    def _apart(self, touch: Touch, fault: Rejected) -> None:
        """Of several writes on an object some may be done; each of the others is tried alone."""
        if len(touch) == 1:
            self._refused(touch[0], fault)
            return
        try:
            self._found |= self._sinks.read(self._source, [write.slot for write in touch])
        except ToolError as failure:
            self._lost(touch, failure)
            raise
        unseen = [write for write in touch if isinstance(self._found[write.slot], Rejected)]
        self._lost(unseen, fault)
        for write in reversed([write for write in touch if write not in unseen]):
            if self._stands(write):
                self._adopt(write, write.after)
            else:
                self._postpone([write])

    def _failed(self, touch: Touch, fault: ToolError) -> None:
        """The source goes on after such a fault, if it can be read then."""
        maybe_sent = isinstance(fault, MalformedPage) or (isinstance(fault, Unavailable) and fault.sent)
        if maybe_sent or len(touch) > 1:
            self._lost(touch, fault)
        else:
            self._end(Outcome(touch[0], WriteState.FAILED, str(fault), fault))
        self._faults += 1
        if isinstance(fault, AuthError) or self._faults >= FAULTS:
            raise fault

    # ── how writes end ──

    def _postpone(self, touch: Touch) -> None:
        """These were not sent after all, and come next."""
        with self._store.begin() as tx:
            for write in touch:
                journal.postpone(tx, write_id(write))
        self._touches.appendleft(touch)

    def _rest(
        self, state: WriteState, note: str, fault: ToolError | None = None, until: datetime | None = None
    ) -> None:
        """Whatever was not tried yet ends so, or waits."""
        for write in chain.from_iterable(self._touches):
            self._end(Outcome(write, state, note, fault, until))
        self._touches.clear()

    def _refused(self, write: Write, fault: Rejected) -> None:
        if fault.status == CHANGED:
            self._end(Outcome(write, WriteState.SKIPPED, OVERTAKEN))
            return
        if fault.status == GONE:
            with self._store.begin() as tx:  # the next sync looks whether the object is gone
                doubts.doubt(tx, self._source, [write.slot.remote_id])
        self._end(Outcome(write, WriteState.FAILED, str(fault), fault), refused=fault.status != GONE)

    def _lost(self, touch: Touch, fault: ToolError) -> None:
        """Nobody knows whether these were done; they are read back before the run ends."""
        with self._store.begin() as tx:
            for write in touch:
                journal.settle(tx, write_id(write), WriteState.UNKNOWN, str(fault), self._patience.now())
        self._unknown |= {write_id(one): Outcome(one, WriteState.UNKNOWN, str(fault), fault) for one in touch}

    def _end(self, outcome: Outcome, *, refused: bool = False) -> None:
        if outcome.state is not WriteState.PLANNED:
            with self._store.begin() as tx:
                number, now = write_id(outcome.write), self._patience.now()
                journal.settle(tx, number, outcome.state, outcome.note, now, refused=refused)
        self._tell(outcome)

    def _adopt(self, write: Write, stands: Json, why: str = "") -> None:
        with self._store.begin() as tx:
            state = journal.adopt(tx, write_id(write), stands, why, self._patience.now())
        self._tell(Outcome(write, state, why))

    def _read_back(self) -> None:
        """What was lost is settled, if the source can be asked; else the next run does that."""
        if not self._unknown:
            return
        with self._store.read() as tx:
            entries = [entry for entry in journal.pending(tx) if entry.write.id in self._unknown]
        try:
            with self._store.read() as tx:
                keep_waiting(tx, self._source, self._patience.now())
            ended = read_back(self._store, self._sinks, entries, self._patience)
        except ToolError:
            ended = list(self._unknown.values())
        for outcome in ended:
            self._tell(outcome)
