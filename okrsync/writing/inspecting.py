"""What people did in the tools, looked up before a plan is made: batched reads, and nothing else, are sent.

Looked at are the slots whose item was updated since they were last seen, those not seen for a day, the oldest first and
so many at a time (``okrsync.store.known``), and fields and numbers that are to be filled and were never looked at.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from threading import Event
from typing import TYPE_CHECKING

import structlog

from okrsync.assess import GOAL
from okrsync.errors import Rejected, ToolError
from okrsync.model import Slot, Surface
from okrsync.store import Store, doubts, goals, journal, known
from okrsync.writing.sinks import GONE, Sinks, side_by_side
from rollup.goal_metric import rounded
from rollup.yielding import OF_PEOPLE

if TYPE_CHECKING:
    from sqlalchemy import Connection

log = structlog.get_logger(__name__)

SIGHT = timedelta(days=1)
"""How long what was seen is believed, where nothing tells that it changed."""


@dataclass(slots=True)
class Sight:
    """What an inspection came to: whether anything is not as it was known, and why a source could not be asked."""

    news: bool = False
    unread: dict[str, str] = field(default_factory=dict)


def due(tx: Connection, wanted: Collection[Slot], now: datetime) -> list[Slot]:
    """The slots to look at; ``wanted`` are those in which something is to be written."""
    people = {slot for slot in wanted if slot.surface in OF_PEOPLE}
    strange = people - known.of(tx, people).keys()
    return sorted({*known.stale(tx, now - SIGHT), *_moved(tx), *strange}, key=_order)


def speaking(tx: Connection, wanted: Iterable[Slot]) -> set[str]:
    """The sources on whose goals okrsync is about to speak again: who spoke there last is to be looked up."""
    updates = {slot for slot in wanted if slot.surface is Surface.UPDATE}
    return {slot.source for slot, stands in known.of(tx, updates).items() if stands.ours is not None}


def inspect(store: Store, sinks: Sinks, slots: Iterable[Slot], now: datetime, heard: Collection[str] = ()) -> Sight:
    """What stands in these slots is known, as far as the tools can be asked, and of the sources that are to be
    ``heard`` who spoke last on each goal; sources are asked side by side."""
    by_source: dict[str, list[Slot]] = {source: [] for source in heard}
    for slot in slots:
        by_source.setdefault(slot.source, []).append(slot)
    sight = Sight()
    work = {
        source: partial(_look, store, sinks, source, mine, now, sight, hear=source in heard)
        for source, mine in by_source.items()
    }
    side_by_side(work, Event())
    return sight


def _look(
    store: Store, sinks: Sinks, source: str, slots: list[Slot], now: datetime, sight: Sight, *, hear: bool
) -> None:
    try:
        found = sinks.read(source, slots)
        said = sinks.goals(source) if hear else None
    except ToolError as fault:
        sight.unread[source] = str(fault)
        log.warning("not looked at", source=source, slots=len(slots), error=str(fault))
        return
    refused = {slot: value for slot, value in found.items() if isinstance(value, Rejected)}
    gone = [slot.remote_id for slot, fault in refused.items() if fault.status == GONE]
    with store.begin() as tx:
        told = {slot: value for slot, value in found.items() if not isinstance(value, Rejected)}
        if journal.looked(tx, told, now):
            sight.news = True
        if said is not None and goals.save_goals(tx, source, said):
            sight.news = True
        known.looked_for(tx, refused, now)
        doubts.doubt(tx, source, gone)


def _moved(tx: Connection) -> Iterator[Slot]:
    """The metrics whose goal, as it was read last, has another value than is known of them."""
    metrics = known.standing(tx, Surface.METRIC)
    remote = goals.goals(tx) if metrics else {}
    for slot, stands in metrics.items():
        goal = remote.get((slot.source, slot.remote_id.removeprefix(GOAL)))
        if goal is not None and goal.current is not None and rounded(goal.current, goal) != stands.value:
            yield slot


def _order(slot: Slot) -> tuple[str, ...]:
    return (slot.source, slot.remote_id, slot.surface.value, slot.name)
