"""Back: what a run replaced, or all that okrsync ever wrote, where nobody changed it since.

An undo is a run itself: planned, sent, confirmed and recorded like any other, so that one that was interrupted goes on
where it is typed again, and one that was a mistake can be undone.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import TYPE_CHECKING

import rollup
from config import Config
from okrsync.connections import Connect
from okrsync.cycle import Clock
from okrsync.errors import Refused, ToolError
from okrsync.model import Json, Say, Slot, Standing, Surface, Write, WriteState
from okrsync.store import Store, journal, written
from okrsync.writing import pausing
from okrsync.writing.applying import carry_out, entries_of
from okrsync.writing.outcome import Outcome, Watch, write_id
from okrsync.writing.pacing import Wait
from okrsync.writing.recovering import recover
from okrsync.writing.sinks import Sinks
from rollup.yielding import same

if TYPE_CHECKING:
    from sqlalchemy import Connection

LABELS = frozenset({Surface.LABEL, Surface.OBJECTIVE_LABEL})
NAMED = frozenset({Surface.COMMENT, Surface.BLOCK, Surface.PROPERTY, Surface.UPDATE})
"""What bears the name of this installation: of it nothing is left, whatever of ours stood there before."""

EVERYTHING = "okrsync undo --all"


@dataclass(frozen=True, slots=True)
class Undone:
    """The run that took something back, None where nothing was left to take; what became of each write; what is left
    to people, and why; how many labels are gone that were made only to be written; the tools that could not be asked
    for that, and why."""

    run: int | None
    outcomes: Sequence[Outcome] = ()
    left: tuple[rollup.Left, ...] = ()
    swept: int = 0
    unswept: Mapping[str, str] = field(default_factory=dict)


def undo(
    store: Store,
    config: Config,
    run: int,
    *,
    connect: Connect,
    clock: Clock,
    by: str,
    wait: Wait,
    watch: Watch = lambda _: None,
) -> Undone:
    """Put back what a run replaced, the last write first; of a run that was undone in part, the rest."""
    with closing(Sinks(store, config, connect, clock)) as sinks:
        recover(store, sinks, clock, wait)
        with store.begin() as tx:
            entries_of(tx, run)
            _settle(tx, run, clock())
            applied = [entry for entry in reversed(entries_of(tx, run)) if entry.state is WriteState.APPLIED]
            standing = journal.standing(tx)
            why = Say.of("report.undo", run=run)
            back = [_back(entry, why) for entry in applied if _stands(entry, standing)]
            since = written.newest(tx)
            left = tuple(_left(entry, standing, since) for entry in applied if not _stands(entry, standing))
            if not back:
                return Undone(None, left=left)
            saved = journal.save_run(tx, by, back, clock(), kind=journal.UNDO, undoes=run)
            writes = journal.writes(tx, saved.id)
        try:
            outcomes = carry_out(store, config, sinks, writes, clock, watch, wait, despite_pause=True)
        finally:
            with store.begin() as tx:
                _settle(tx, run, clock())
        return Undone(saved.id, outcomes, left)


def undo_all(
    store: Store,
    config: Config,
    *,
    connect: Connect,
    clock: Clock,
    by: str,
    confirmed: bool,
    wait: Wait,
    watch: Watch = lambda _: None,
) -> Undone:
    """No trace of this installation is left in the tools but what people made their own. A pause is left behind, so
    that nothing writes it all again; Refused where nobody confirmed it."""
    with closing(Sinks(store, config, connect, clock)) as sinks:
        with store.read() as tx:
            count = len(_everything(tx)[0])
        if not confirmed:
            raise Refused(
                f"this takes back whatever okrsync wrote and nobody changed since: {count} places. Nothing is written "
                f"again until okrsync resume. If you mean it: {EVERYTHING} --yes"
            )
        with store.begin() as tx:
            pausing.pause(tx, by=by, until=None, why=EVERYTHING, now=clock())
        recover(store, sinks, clock, wait)
        with store.begin() as tx:
            back, left = _everything(tx)
            saved = journal.save_run(tx, by, back, clock(), kind=journal.UNDO_ALL) if back else None
            writes = journal.writes(tx, saved.id) if saved else []
        try:
            outcomes = carry_out(store, config, sinks, writes, clock, watch, wait, despite_pause=True)
        finally:
            with store.begin() as tx:
                written.take_back(tx, clock())
        swept, unswept = _sweep(store, sinks)
        return Undone(saved.id if saved else None, outcomes, left, swept, unswept)


# ── one run ──────────────────────────────────────────────────────────────────────────────────────────────────────────


def _confirmed(entry: journal.Entry) -> Json:
    """What stood there once the write was confirmed."""
    return entry.write.after if entry.receipt is None else entry.receipt.value


def _stands(entry: journal.Entry, standing: Mapping[Slot, Standing]) -> bool:
    slot = entry.write.slot
    return same(slot.surface, _value(slot, standing), _confirmed(entry))


def _value(slot: Slot, standing: Mapping[Slot, Standing]) -> Json:
    return standing[slot].value if slot in standing else None


def _back(entry: journal.Entry, why: Say) -> Write:
    return replace(entry.write, before=_confirmed(entry), after=entry.write.before, why=why, id=None)


def _left(entry: journal.Entry, standing: Mapping[Slot, Standing], since: Mapping[Slot, int]) -> rollup.Left:
    """What was written there since: by a later run, the newest by its number, or by somebody in the tool."""
    write, stands = entry.write, standing.get(entry.write.slot)
    run = since.get(write.slot, entry.run)
    later = run != entry.run and (stands is None or same(write.slot.surface, stands.value, stands.ours))
    why = Say.of("undo.left.later", run=run) if later else Say.of("undo.left.changed")
    return rollup.Left(write.slot, write.key, write.url, why)


def _settle(tx: Connection, run: int, now: datetime) -> None:
    """The writes of a run that an undo of it has taken back are undone, also where that undo ended in mid-air; and what
    the run itself had taken back, if it is an undo, stands again."""
    mine = journal.entries(tx, run)
    undoing = [one.id for one in journal.runs(tx) if one.undoes == run]
    gone = {
        entry.write.slot: number
        for number in undoing
        for entry in journal.entries(tx, number)
        if entry.state is WriteState.APPLIED
    }
    for entry in mine:
        if entry.state is WriteState.APPLIED and entry.write.slot in gone:
            journal.settle(tx, write_id(entry.write), WriteState.UNDONE, f"by run {gone[entry.write.slot]}", now)
    original = journal.run(tx, run)
    if original is None or original.undoes is None:
        return
    again = {entry.write.slot for entry in mine if entry.write.slot in gone}
    for entry in journal.entries(tx, original.undoes):
        if entry.state is WriteState.UNDONE and entry.write.slot in again:
            journal.settle(tx, write_id(entry.write), WriteState.APPLIED, "", now)


# ── everything ───────────────────────────────────────────────────────────────────────────────────────────────────────


def _everything(tx: Connection) -> tuple[list[Write], tuple[rollup.Left, ...]]:
    """The writes after which nothing of ours stands anywhere, and what people changed since."""
    first, places = journal.first_values(tx), written.places(tx)
    pending = {entry.write.slot for entry in journal.pending(tx)}
    why = Say.of("report.undo_all")
    back, left = [], []
    for slot, stands in journal.standing(tx).items():
        if stands.value is None or (slot not in first and slot.surface not in NAMED):
            continue  # nothing stands there, or nothing that okrsync wrote
        key, url = places.get(slot, (slot.remote_id, ""))
        if slot in pending:
            left.append(rollup.Left(slot, key, url, Say.of("write.left.pending")))
        elif rollup.theirs(slot.surface, stands):
            left.append(rollup.Left(slot, key, url, Say.of("undo.left.changed")))
        else:
            after = None if slot.surface in NAMED else first.get(slot)
            if not same(slot.surface, after, stands.value):
                back.append(Write(slot, key, url, before=stands.value, after=after, why=why))
    return sorted(back, key=_order), tuple(sorted(left, key=_order))


def _order(one: Write | rollup.Left) -> tuple[str, ...]:
    """Objects side by side, so that each is touched once."""
    return one.slot.source, one.key, one.slot.remote_id, one.slot.surface.value, one.slot.name


def _sweep(store: Store, sinks: Sinks) -> tuple[int, dict[str, str]]:
    """The labels that were made to be written, and that nothing bears any more, are gone."""
    with store.read() as tx:
        standing = journal.standing(tx)
        mine = [slot for slot in written.ever(tx, LABELS) if _value(slot, standing) is None]
    swept, unswept = 0, {}
    for source, slots in _by_source(mine).items():
        try:
            swept += sinks.of(source).sweep(slots)
        except ToolError as fault:
            unswept[source] = str(fault)
    return swept, unswept


def _by_source(slots: Iterable[Slot]) -> dict[str, list[Slot]]:
    found: dict[str, list[Slot]] = {}
    for slot in slots:
        found.setdefault(slot.source, []).append(slot)
    return found
