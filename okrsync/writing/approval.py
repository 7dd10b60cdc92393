"""A person's word that okrsync may write: drafts are approved, and what people changed is handed back to it.

What people changed or filled in is theirs (``rollup.yielding``); once it is handed back, what stands there counts as
what okrsync wrote, and the next plan says what should.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, cast

import rollup
from config import Config
from okrsync.model import ItemRef, RemoteGoal, Slot, WriteMode, WriteState
from okrsync.store import journal, written
from okrsync.store.meta import get_meta, set_meta
from okrsync.writing.modes import mode_of
from okrsync.writing.targets import write_targets

if TYPE_CHECKING:
    from sqlalchemy import Connection

RELEASED = "released"  # the name under which the store keeps who may be spoken for again

Place = tuple[str, str]  # source, remote id


@dataclass(frozen=True, slots=True)
class Approval:
    """What was approved now, what waits approved since before, the slots that were handed back, the key results on
    whose goals okrsync speaks again, and the slots in which it tries again what was refused."""

    approved: tuple[journal.Entry, ...]
    before: tuple[journal.Entry, ...]
    released: tuple[Slot, ...] = ()
    heard: tuple[str, ...] = ()
    retried: tuple[Slot, ...] = ()


def of_run(tx: Connection, config: Config, run: int, *, by: str, now: datetime) -> Approval:
    """The drafts of a run are approved, and what was refused of it may be sent again."""
    entries = journal.entries(tx, run)
    approved, before = _approve(tx, config, entries, by=by, now=now)
    return Approval(approved, before, retried=_retry(tx, {entry.write.slot for entry in entries}, now))


def of_key_result(tx: Connection, config: Config, name: str, *, by: str, now: datetime) -> Approval:
    """What waits or was changed on the objects that a key result is written to."""
    return of_places(tx, config, places_of(tx, config, config.goals.key_results[name].write_to), by=by, now=now)


def of_places(tx: Connection, config: Config, places: Collection[Place], *, by: str, now: datetime) -> Approval:
    """The drafts that wait on these objects are approved, what people changed there is handed back, and what was
    refused there may be sent again; whoever spoke last on a goal among them, okrsync speaks again."""
    waiting = (entry for entry in written.waiting(tx) if _place(entry.write.slot) in places)
    approved, before = _approve(tx, config, waiting, by=by, now=now)
    standing = journal.standing(tx).items()
    theirs = tuple(slot for slot, one in standing if _place(slot) in places and rollup.theirs(slot.surface, one))
    journal.accept(tx, theirs, now)
    there = {slot for slot in written.refused(tx, now) if _place(slot) in places}
    return Approval(approved, before, theirs, _release(tx, config, places, now), _retry(tx, there, now))


def places_of(tx: Connection, config: Config, refs: Collection[ItemRef]) -> set[Place]:
    """The objects that these name, as far as they are known."""
    targets = write_targets(tx, config)
    return {(ref.source, targets[ref].remote_id) for ref in refs if ref in targets}


def released(tx: Connection) -> dict[str, datetime]:
    """Key result → since when a person lets okrsync speak again on its goals."""
    known = cast("Mapping[str, str]", get_meta(tx, RELEASED) or {})
    return {name: datetime.fromisoformat(at) for name, at in known.items()}


def _approve(
    tx: Connection, config: Config, entries: Iterable[journal.Entry], *, by: str, now: datetime
) -> tuple[tuple[journal.Entry, ...], tuple[journal.Entry, ...]]:
    """The drafts among these that were approved now, and those that were before."""
    waiting = (entry for entry in entries if entry.state is WriteState.PLANNED)
    drafts = [entry for entry in waiting if mode_of(config.writeback, entry.write) is WriteMode.DRAFT]
    fresh = tuple(entry for entry in drafts if entry.approved_at is None)
    journal.approve(tx, [entry.write.id for entry in fresh if entry.write.id is not None], by, now)
    return fresh, tuple(entry for entry in drafts if entry.approved_at is not None)


def _retry(tx: Connection, slots: Collection[Slot], now: datetime) -> tuple[Slot, ...]:
    """Those of the slots in which a tool refused something of late; it may be sent again."""
    refused = {slot: one for slot, one in written.refused(tx, now).items() if slot in slots}
    written.retry(tx, refused)
    return tuple(refused)


def _release(tx: Connection, config: Config, places: Collection[Place], now: datetime) -> tuple[str, ...]:
    """The key results whose goals are among these, and on which somebody spoke since okrsync did last."""
    targets = write_targets(tx, config)
    goals = {
        ref
        for ref, target in targets.items()
        if (ref.source, target.remote_id) in places and target.goal is not None and _somebody_spoke(target.goal, config)
    }
    heard = tuple(kr.id for kr in config.goals.key_results.values() if goals & set(kr.write_to))
    if heard:
        known = cast("Mapping[str, str]", get_meta(tx, RELEASED) or {})
        set_meta(tx, RELEASED, {**known, **dict.fromkeys(heard, now.isoformat())})
    return heard


def _somebody_spoke(goal: RemoteGoal, config: Config) -> bool:
    return goal.said is not None and goal.said.instance != config.instance


def _place(slot: Slot) -> Place:
    return slot.source, slot.remote_id
