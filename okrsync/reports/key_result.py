"""All that is known of one key result: how it stands, why, what it consists of, what is told of it in the tools."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import TYPE_CHECKING, Any

import orjson

import rollup
from config import Config
from okrsync.assess import Assessment
from okrsync.model import Json, KeyResult, Objective, Slot, Surface, WriteMode, WriteState
from okrsync.overriding import overrides
from okrsync.reports import course, linked, status
from okrsync.reports.common import Page, Speak, iso, number, percent
from okrsync.reports.linked import Behind
from okrsync.reports.narrative import Narratives, narrative_of
from okrsync.reports.writes import PERCENTAGE, Units, place_row, readable, titles, unit, units
from okrsync.store import known, queries, revisions, snapshots, tickets, written
from okrsync.store.journal import Entry
from okrsync.writing.modes import mode_of
from okrsync.writing.targets import write_targets

if TYPE_CHECKING:
    from sqlalchemy import Connection

TELLING = frozenset({Surface.COMMENT, Surface.BLOCK, Surface.PROPERTY, Surface.NUMBER, Surface.METRIC, Surface.UPDATE})
"""The surfaces that tell of key results."""

NAMED = 8  # items behind a cause or a sentence that are named with their titles
BLOCKED = 12  # blocked items that are told
SUSPECTS = 10


def answer(
    tx: Connection, config: Config, assessment: Assessment, speak: Speak, kr: KeyResult, *, cut: str, page: Page
) -> dict[str, Any]:
    """The key result as ``status`` tells it, and around it what it is made of; ``linked`` holds a page of its items."""
    now = assessment.now
    behind = Behind.of(linked.served(tx, config, kr, now), kr, config.thresholds, now)
    told = status.answer(
        config,
        assessment,
        speak,
        only=[kr.objective],
        published=snapshots.newest(tx, now),
        told=Narratives({kr.id: narrative_of(tx, config, assessment, kr)}),
        overrides=overrides(tx, config),
    )
    (objective,) = told.pop("objectives")
    rows = {one["id"]: one for one in objective.pop("key_results")}
    mine = rows.pop(kr.id)
    rows_blocked = behind.ordered("blocked")
    blocked = linked.told(tx, config, behind, kr, now, rows_blocked[:BLOCKED])
    clauses = (*mine["cause"], *mine["narrative_clauses"])
    keys = {key for one in clauses for key in one["items"][:NAMED]} | {
        key for one in blocked for key in one["blockers"]
    }
    return {
        **{name: told[name] for name in ("as_of", "complete", "behind")},
        "now": iso(now),
        **mine,
        "state": kr.state.value,
        "commitment": kr.commitment.value,
        "cycle": kr.cycle,
        "objectives": [_above(one, assessment) for one in _path(config, kr)],
        "siblings": list(rows.values()),
        "course": course.answer(tx, config, assessment, kr, behind.scope),
        "blocked": blocked,
        "blocked_total": len(rows_blocked),
        "linked": linked.answer(tx, config, behind, kr, now, cut=cut, page=page),
        "named": _named(tx, behind, keys),
        "suspect": _suspect(tx, config, kr),
        "write_to": [str(one) for one in kr.write_to],
        "written": list(_written(tx, config, kr, speak)),
    }


def _path(config: Config, kr: KeyResult) -> list[Objective]:
    """The objectives above, that at the top first."""
    found: list[Objective] = []
    above = config.goals.objectives.get(kr.objective)
    while above is not None and above not in found:
        found.append(above)
        above = config.goals.objectives.get(above.parent or "")
    return found[::-1]


def _above(one: Objective, assessment: Assessment) -> dict[str, Any]:
    known_ = assessment.objectives[one.id]
    return {"id": one.id, "title": one.title, "status": known_.status.value, "progress": known_.progress}


def _named(tx: Connection, behind: Behind, keys: Collection[str]) -> dict[str, dict[str, Any]]:
    """Key → what an item is called; of two of one key the one that is linked to it."""
    uids = set(behind.items["uid"].tolist())
    found = sorted(tickets.called(tx, keys), key=lambda one: one.uid in uids)
    return {one.key: {"source": one.source, "key": one.key, "title": one.title, "url": one.url} for one in found}


def _suspect(tx: Connection, config: Config, kr: KeyResult) -> dict[str, Any] | None:
    """The links that were made when the goal said something else, and nobody confirmed since."""
    found = revisions.suspects(tx, config.goals).get(kr.id, [])
    if not found:
        return None
    one = found[0].suspicion
    items = queries.named(tx, [each.uid for each in found[:SUSPECTS]]).values()
    return {
        "total": len(found),
        "since": iso(one.since),
        "was": one.was,
        "is": one.now,
        "items": [{"source": item.source, "key": item.key, "title": item.title, "url": item.url} for item in items],
    }


def _written(tx: Connection, config: Config, kr: KeyResult, speak: Speak) -> Iterator[dict[str, Any]]:
    """What was last told of it on its objects, and what waits to be; with what a person made of it."""
    places = {(ref.source, one.remote_id) for ref, one in write_targets(tx, config, kr.write_to).items()}
    entries = [one for one in written.on(tx, places) if one.write.slot.surface in TELLING]
    slots = [one.write.slot for one in entries]
    called, standing, metrics = titles(tx, slots), known.of(tx, slots), units(tx)
    for one in entries:
        slot, now = one.write.slot, standing.get(one.write.slot)
        theirs = one.state is not WriteState.PLANNED and now is not None and rollup.theirs(slot.surface, now)
        yield {
            **place_row(one.write, called),
            "surface": slot.surface.value,
            "name": slot.name,
            "run": one.run,
            "state": one.state.value,
            "value": _shown(slot, one.write.after, metrics, speak),
            "at": iso(one.settled_at or one.approved_at),
            "waits": _waits(config, one),
            "approved_by": one.approved_by,
            "error": one.error or None,
            "changed": theirs,
            "theirs": _shown(slot, now.value, metrics, speak) if theirs and now is not None else None,
        }


def _shown(slot: Slot, value: Json, metrics: Units, speak: Speak) -> str | None:
    """What stands in a slot as people read it; None for nothing."""
    if value is None:
        return None
    if isinstance(value, int | float) and slot.surface is Surface.METRIC:
        return percent(value, speak) if unit(slot, metrics) == PERCENTAGE else number(value, speak, 3)
    told = readable(slot.surface.value, value, speak)
    return told if isinstance(told, str) else orjson.dumps(told).decode()


def _waits(config: Config, entry: Entry) -> str | None:
    """What a planned write waits for: a word of a person ("approval"), the next time that writes are sent ("turn"), or
    that its tool may be written at all ("mode")."""
    if entry.state is not WriteState.PLANNED:
        return None
    match mode_of(config.writeback, entry.write):
        case WriteMode.DRAFT:
            return "approval" if entry.approved_at is None else "turn"
        case WriteMode.APPLY:
            return "turn"
        case _:
            return "mode"
