"""Drafts of the status of goals in words, from the store; for the answer of ``status`` and whoever shows it."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any

from rich.console import RenderableType

from okrsync.closing import Over, over, stood
from okrsync.model import Cause, KeyResult
from okrsync.reports.common import Speak, indented, line, text
from okrsync.store import blocks, people, queries, tickets, workload
from rollup.account import Account, title
from rollup.moves import Moves, moves, week_before
from rollup.narrative import narrative
from rollup.overview import overviews
from rollup.span import MICROSECOND, micros
from rollup.workload import Linked

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from config import Config
    from okrsync.assess import Assessment
    from rollup.history import Past


@dataclass(frozen=True, slots=True)
class Narratives:
    """The clauses on each goal, by its id; of none where nobody asked for them."""

    key_results: Mapping[str, tuple[Cause, ...]] = field(default_factory=dict)
    objectives: Mapping[str, tuple[Cause, ...]] = field(default_factory=dict)


def narratives(tx: Connection, config: Config, assessment: Assessment, *, past: Past | None = None) -> Narratives:
    """A draft for every goal of an assessment. One of the past takes ``past``, in which both ends of its week are
    looked up; without it the week before comes from what is stored as of now."""
    goals = config.goals
    happened = _moves(tx, config, assessment, past, list(goals.key_results.values()))
    told = _drafts(tx, config, assessment, happened)
    before = {kr: one.progress for kr, one in happened.items()}
    above = overviews(
        goals, assessment.progress, assessment.objectives, before, told, config.thresholds, assessment.now
    )
    return Narratives(told, above)


def narrative_of(tx: Connection, config: Config, assessment: Assessment, kr: KeyResult) -> tuple[Cause, ...]:
    """The draft on one key result, of now."""
    return _drafts(tx, config, assessment, _moves(tx, config, assessment, None, [kr]))[kr.id]


def _drafts(
    tx: Connection, config: Config, assessment: Assessment, happened: Mapping[str, Moves]
) -> dict[str, tuple[Cause, ...]]:
    """Of each key result of which it is told what happened."""
    keys = tickets.keys(tx, {uid for one in happened.values() for uid in one.uids()})
    titles, goals = _titles(tx, keys), config.goals
    told = {}
    for name, one in happened.items():
        account = Account(
            goals.key_results[name],
            assessment.progress[name],
            one.named(keys, titles),
            config.thresholds,
            assessment.now,
            goals.timezone,
        )
        told[name] = narrative(account)
    return told


def _titles(tx: Connection, keys: Mapping[int, str]) -> dict[int, str]:
    """What a sentence calls the items whose key is a bare number, which tells people nothing."""
    found = queries.named(tx, [uid for uid, key in keys.items() if key.isdecimal()])
    return {uid: title(line(one.title)) for uid, one in found.items() if one.title}


def _moves(
    tx: Connection, config: Config, assessment: Assessment, past: Past | None, krs: Sequence[KeyResult]
) -> dict[str, Moves]:
    now, timezone = assessment.now, config.goals.timezone
    readings = people.readings(tx)
    both = _today(tx, config, now, krs) if past is None else _before(tx, now, past, krs)
    found = {}
    for kr, then, linked in both:
        end = kr.window.end
        mine = [one for one in readings.get(kr.id, ()) if end is None or one.at < end]
        found[kr.id] = moves(kr, then, linked, mine, config.thresholds, now, timezone)
    return found


def _today(
    tx: Connection, config: Config, now: datetime, krs: Sequence[KeyResult]
) -> Iterator[tuple[KeyResult, Linked, Linked]]:
    """What served each key result a week ago, and what does now; once its window is over, what did when it ended."""
    work = workload.read(tx, config.goals)
    mine = {kr.id for kr in krs}
    ended = stood(tx, config, work, [one for one in over(config.goals, now) if one.goal in mine])
    week = [Over(kr.id, kr.counts, None, _within(kr, week_before(kr, now)[0]) + MICROSECOND) for kr in krs]
    then = stood(tx, config, work, week)
    for kr in krs:
        yield kr, then[kr.id].linked, ended[kr.id].linked if kr.id in ended else work.linked(kr.id)


def _before(
    tx: Connection, at: datetime, past: Past, krs: Sequence[KeyResult]
) -> Iterator[tuple[KeyResult, Linked, Linked]]:
    """The same of an instant of the past."""
    blocked = blocks.blocked(tx, at)
    for kr in krs:
        mine = past.of(kr.id)
        then, linked = (
            mine.at(micros(_within(kr, moment)), blocked).linked(kr.id) for moment in (week_before(kr, at)[0], at)
        )
        yield kr, then, linked


def _within(kr: KeyResult, at: datetime) -> datetime:
    """An instant, or the last one of a window that is over by then."""
    return at if kr.window.end is None else min(at, kr.window.end - MICROSECOND)


# ── how it is shown ──────────────────────────────────────────────────────────────────────────────────────────────────


def draft(clauses: Collection[Cause], speak: Speak) -> dict[str, Any]:
    """The draft as one text, null where there is none, and clause by clause with the items behind each."""
    told = [as_answer(one, speak) for one in clauses]
    return {"narrative": " ".join(one["text"] for one in told) or None, "narrative_clauses": told}


def as_answer(cause: Cause, speak: Speak) -> dict[str, Any]:
    """A clause and the keys of the items behind it; how many these are, where not all of them are named."""
    told = {"text": speak(cause.text), "items": list(cause.items)}
    return told | {"items_total": len(cause.items) + cause.more} if cause.more else told


def drawn(what: str | None, left: int) -> list[RenderableType]:
    """A draft as it is read on a terminal."""
    return [] if what is None else [indented(text(f"✎ {what}", "italic"), left)]
