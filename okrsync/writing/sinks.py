"""The sinks of a run: connected when first used, side by side, and left alone once they are down."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from threading import Event

from config import Config
from okrsync.connections import Connect
from okrsync.cycle import Clock
from okrsync.engine.threads import GRACE, ThreadEngine
from okrsync.errors import AuthError, ConfigError, MalformedPage, Rejected, ToolError
from okrsync.model import Json, RemoteGoal, Slot
from okrsync.ports import HasGoals, Job, Sink
from okrsync.store import Store, veil
from okrsync.sync import keep_waiting

GONE = 404
"""The status of what a tool says of an object that is not there, or not shown."""

BATCH = 100
"""So many slots are read by one call."""


class Sinks:
    """The sinks of the sources. Each source is used by one thread at a time."""

    def __init__(self, store: Store, config: Config, connect: Connect, clock: Clock) -> None:
        self._store, self._clock = store, clock
        self._sources = {source.id: source for source in config.sources}
        self._connect = connect
        self._open: dict[str, Sink] = {}
        self._down: dict[str, ToolError] = {}

    def of(self, source: str) -> Sink:
        """The sink of a source; raises what it is down with, and RateLimited while it wants not to be asked."""
        if source in self._down:
            raise self._down[source]
        if source not in self._open:
            if not self.has(source):
                raise Rejected(f"{source} is no longer configured")
            with self._store.read() as tx:
                keep_waiting(tx, source, self._clock())
            try:
                remote = self._connect(self._sources[source])
            except ConfigError as fault:  # its secret is missing: the other sources have theirs
                raise AuthError(str(fault)) from fault
            if not isinstance(remote, Sink):
                remote.close()
                raise Rejected(f"{source} cannot be written")
            self._open[source] = remote
        return self._open[source]

    def read(self, source: str, slots: Sequence[Slot]) -> dict[Slot, Json | Rejected]:
        """What stands in these slots of a source. One that fails here is down: it is asked no more in this run."""
        found: dict[Slot, Json | Rejected] = {}
        for start in range(0, len(slots), BATCH):
            batch = slots[start : start + BATCH]
            try:
                answer = self.of(source).read(batch)
                if missing := [slot for slot in batch if slot not in answer]:
                    raise MalformedPage(f"{source}: nothing was told of {missing[0].remote_id}")
            except ToolError as fault:  # of one slot a sink tells in its answer
                self._down[source] = fault
                raise
            found.update(answer)
        return self._veiled(found)

    def _veiled(self, found: Mapping[Slot, Json | Rejected]) -> dict[Slot, Json | Rejected]:
        """As it would be stored, for that is what it is held against."""
        with self._store.read() as tx:
            veiled = veil.stored(tx)
        return {slot: one if isinstance(one, Rejected) else veiled.document(one) for slot, one in found.items()}

    def goals(self, source: str) -> Sequence[RemoteGoal] | None:
        """The goals that the tool of a source keeps, as they are now; None where it keeps none."""
        remote = self.of(source)
        try:
            return remote.goals() if isinstance(remote, HasGoals) else None
        except ToolError as fault:
            self._down[source] = fault
            raise

    def has(self, source: str) -> bool:
        """Whether the source is configured."""
        return source in self._sources

    def close(self) -> None:
        for sink in self._open.values():
            sink.close()


def side_by_side(work: Mapping[str, Callable[[], None]], halt: Event) -> None:
    """The work of each source in a thread of its own; returns once all of it ended, and raises what went wrong first.
    ``halt`` is set by the first that goes wrong, so that the others end with what they have in hand."""
    engine = ThreadEngine()

    def guarded(piece: Callable[[], None]) -> Callable[[], None]:
        def run() -> None:
            try:
                piece()
            except BaseException:
                halt.set()
                raise

        return run

    for source, piece in work.items():
        engine.submit(Job(source, guarded(piece)))
    try:
        engine.drain()
    except BaseException:
        halt.set()
        engine.close(GRACE)
        raise
