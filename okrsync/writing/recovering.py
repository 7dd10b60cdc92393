"""Writes of unknown outcome are read back before anything is said about them again.

A tool may show late what it took: so the object's own texts are listed, no earlier than ``SETTLE`` after the request
was over. What is there is confirmed, what is not is planned anew.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from functools import partial
from threading import Event
from typing import TYPE_CHECKING

import structlog

from okrsync.cycle import Clock
from okrsync.errors import Rejected, ToolError
from okrsync.model import Json, WriteState
from okrsync.store import Store, fence, journal
from okrsync.writing.outcome import Outcome, write_id
from okrsync.writing.pacing import Patience, Wait
from okrsync.writing.sinks import Sinks, side_by_side
from rollup.yielding import same

if TYPE_CHECKING:
    from sqlalchemy import Connection

log = structlog.get_logger(__name__)

SETTLE = timedelta(seconds=5)

ARRIVED = "its answer was lost; read back, it stands there"
LOST = "did not arrive; planned anew"


def recover(store: Store, sinks: Sinks, clock: Clock, wait: Wait) -> None:
    """Every write that a run left in mid-air is confirmed or failed, as far as its source can be asked."""
    with store.read() as tx:
        pending = journal.pending(tx)
    if not pending:
        return
    with store.begin() as tx:
        fence.take(tx)  # whoever sent them sends nothing more
    by_source: dict[str, list[journal.Entry]] = {}
    for entry in pending:
        by_source.setdefault(entry.write.slot.source, []).append(entry)
    halt = Event()
    work: dict[str, Callable[[], None]] = {
        source: partial(_recover, store, sinks, mine, Patience(clock, wait, halt)) for source, mine in by_source.items()
    }
    side_by_side(work, halt)


def _recover(store: Store, sinks: Sinks, entries: Sequence[journal.Entry], patience: Patience) -> None:
    source = entries[0].write.slot.source
    if not sinks.has(source):  # nobody will ever know
        with store.begin() as tx:
            for entry in entries:
                _settled(tx, entry, Rejected(f"{source} is no longer configured"), patience)
        return
    try:
        read_back(store, sinks, entries, patience)
    except ToolError as fault:
        log.error("not read back", source=source, writes=len(entries), error=str(fault))


def read_back(store: Store, sinks: Sinks, entries: Sequence[journal.Entry], patience: Patience) -> list[Outcome]:
    """What became of these writes of one source, settled in the journal; raises where the source cannot be asked."""
    patience.until(max(_over(entry, patience.now()) for entry in entries) + SETTLE)
    slots = list(dict.fromkeys(entry.write.slot for entry in entries))
    found = sinks.read(entries[0].write.slot.source, slots)
    with store.begin() as tx:
        return [_settled(tx, entry, found[entry.write.slot], patience) for entry in entries]


def _over(entry: journal.Entry, now: datetime) -> datetime:
    """When its request was over at the latest: the tool may have taken it long after the intent. Of one whose process
    died meanwhile nobody knows more than that it is over now."""
    return min(entry.settled_at or now, now)


def _settled(tx: Connection, entry: journal.Entry, stands: Json | Rejected, patience: Patience) -> Outcome:
    write, number = entry.write, write_id(entry.write)
    if isinstance(stands, Rejected):
        journal.settle(tx, number, WriteState.FAILED, str(stands), patience.now())
        return Outcome(write, WriteState.FAILED, str(stands), stands)
    if same(write.slot.surface, stands, write.after):
        journal.adopt(tx, number, write.after, ARRIVED, patience.now())
        return Outcome(write, WriteState.APPLIED, ARRIVED)
    journal.settle(tx, number, WriteState.FAILED, LOST, patience.now())
    journal.saw(tx, write.slot, stands, patience.now())
    return Outcome(write, WriteState.FAILED, LOST)
