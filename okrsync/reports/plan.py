"""What would be written and why, what is left to people, and what waits for what."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from rich.console import RenderableType
from rich.text import Text

from config import Config
from okrsync.assess import Freshness
from okrsync.model import OBJECTIVE_LABEL, Goals, Say, Slot, Surface, Write, WriteMode
from okrsync.reports.common import Speak, freshness_line, freshness_sentence, head, indented, iso, text, typed
from okrsync.reports.sheet import Sheet
from okrsync.reports.writes import (
    WRITE_COLUMNS,
    WRITE_SHOWN,
    Tag,
    Titles,
    Units,
    addressed,
    grouped,
    marks,
    objects,
    place_row,
    surface,
    titles,
    unit,
    units,
    write_row,
)
from okrsync.store import journal, queries
from okrsync.writing import pausing
from okrsync.writing.modes import mode_of
from okrsync.writing.targets import write_targets
from rollup.facts import lies_in

if TYPE_CHECKING:
    from sqlalchemy import Connection

    import rollup
    from okrsync.writing.pausing import Standstill
    from okrsync.writing.plan import Plan

LEFT = ("source", "target", "title", "surface", "name", "why", "approve")
"""What people read of what is left."""
THEIRS = "write.left."
KEPT_BY_US = frozenset({"write.left.pending", "write.left.daily"})
"""Why something is left that no person decided: it comes by itself."""

Place = tuple[str, str]  # source, remote id


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What a plan is told with: the objectives that each object speaks of, the titles of objects, the units of goals,
    the approvals by the number of the write, the pause that lasts, and how many new orphans are left alone still."""

    objectives: Mapping[Place, tuple[str, ...]]
    titles: Titles
    units: Units
    approvals: Mapping[int, journal.Entry]
    paused: Standstill | None
    resting: int


def surroundings(tx: Connection, config: Config, plan: Plan, now: datetime) -> Surroundings:
    entries = journal.entries(tx, plan.run) if plan.run is not None else []
    pulls = [one.write.slot for one in entries if one.write.slot.surface is Surface.STATUS]
    return Surroundings(
        {**_objectives(tx, config), **_linked(tx, config.goals, pulls)},
        titles(tx, [*(write.slot for write in plan.writes), *(left.slot for left in plan.left)]),
        units(tx),
        {entry.write.id: entry for entry in entries if entry.approved_at is not None and entry.write.id is not None},
        pausing.current(tx, config.writeback, now),
        _resting(tx, config, now),
    )


def _objectives(tx: Connection, config: Config) -> dict[Place, tuple[str, ...]]:
    targets = write_targets(tx, config)
    found: dict[Place, dict[str, None]] = {}
    for kr in config.goals.key_results.values():
        for ref in kr.write_to:
            if ref in targets:
                found.setdefault((ref.source, targets[ref].remote_id), {})[kr.objective] = None
    return {place: tuple(objectives) for place, objectives in found.items()}


def _linked(tx: Connection, goals: Goals, slots: Iterable[Slot]) -> dict[Place, tuple[str, ...]]:
    """The objectives that the pull requests behind these serve."""
    served = queries.goals_of(tx, [(slot.source, slot.remote_id) for slot in slots])
    above = {kr.id: kr.objective for kr in goals.key_results.values()}
    return {place: tuple(dict.fromkeys(above.get(goal, goal) for goal in found)) for place, found in served.items()}


def _resting(tx: Connection, config: Config, now: datetime) -> int:
    policy = config.writeback
    young = queries.young_orphans(tx, now - policy.quiet)
    marked = {
        source.id
        for source in config.sources
        if policy.of(source.id) is not WriteMode.OFF and Surface.LABEL in policy.surfaces_of(source.id)
    }
    return sum(
        count
        for (source, project), count in young.items()
        if source in marked and (not policy.only or lies_in(policy.only, source, project))
    )


# ── the answer ───────────────────────────────────────────────────────────────────────────────────────────────────────


def plan_answer(
    plan: Plan, config: Config, fresh: Freshness, now: datetime, speak: Speak, around: Surroundings
) -> dict[str, Any]:
    """DESIGN's ``plan``; ``mode`` tells whether apply would send a write, ``modes`` what each source allows."""
    return {
        **head(fresh, config, now),
        "run": plan.run,
        "modes": {source.id: config.writeback.of(source.id).value for source in config.sources},
        "paused": around.paused and pause_row(around.paused),
        "unread": dict(plan.unread),
        "resting": around.resting,
        "left": [left_row(one, speak, around.titles) for one in plan.left],
        "writes": [_row(write, config, speak, around) for write in plan.writes],
    }


def pause_row(paused: Standstill) -> dict[str, Any]:
    """A pause that lasts; nobody is named where the configuration says so."""
    pause = paused.pause
    return {
        "since": iso(pause.start),
        "until": iso(pause.end),
        "by": paused.by or None,
        "why": pause.why or None,
    }


def _row(write: Write, config: Config, speak: Speak, around: Surroundings) -> dict[str, Any]:
    entry = around.approvals.get(write.id or 0)
    return {
        **write_row(write, speak, around.titles),
        "unit": unit(write.slot, around.units),
        "mode": mode_of(config.writeback, write).value,
        "objectives": list(_served(write, config.goals, around)),
        "approved_by": entry.approved_by if entry else None,
        "approved_at": iso(entry.approved_at) if entry else None,
    }


def _served(write: Write, goals: Goals, around: Surroundings) -> tuple[str, ...]:
    """The objectives that a write speaks of: those of its object, or the one that it marks a ticket with."""
    named = {
        Surface.OBJECTIVE_LABEL: write.slot.name.removeprefix(OBJECTIVE_LABEL),
        Surface.OBJECTIVE_FIELD: write.after or write.before,
    }.get(write.slot.surface)
    if named in goals.objectives:
        return (str(named),)
    return around.objectives.get((write.slot.source, write.slot.remote_id), ())


def left_row(left: rollup.Left, speak: Speak, titles: Titles) -> dict[str, Any]:
    """One slot that is left as it is; ``approve`` is what hands it back to okrsync, None where it comes by itself, or
    where nothing was to be written."""
    code = left.why.code
    return {
        **place_row(left, titles),
        "surface": left.slot.surface.value,
        "name": left.slot.name,
        "why": speak(left.why),
        "approve": f"{left.slot.source}:{left.key}" if code.startswith(THEIRS) and code not in KEPT_BY_US else None,
    }


def plan_sheet(answer: Mapping[str, Any], speak: Speak) -> Sheet:
    """A row a write that is due; before them what is left to people."""
    counted = {"run": answer["run"] or 0, "count": len(answer["writes"])}
    lead = (
        freshness_sentence(answer, speak),
        *(one.plain for one in _warnings(answer, speak)),
        *([speak(Say.of("sheet.planned", **counted))] if answer["run"] else []),
    )
    title, said = speak(Say.of("sheet.title.plan")), speak(Say.of(nothing(answer)))
    left = Sheet(speak(Say.of("plan.left", count=len(answer["left"]))), (), LEFT, answer["left"])
    columns = (*WRITE_COLUMNS, "mode", "objectives", "approved_by")
    shown = (*WRITE_SHOWN, "mode", "objectives", "approved_by")
    parts, heading = ((left,), title) if answer["left"] else ((), "")
    return Sheet(title, lead, columns, answer["writes"], shown, said, parts, heading)


def nothing(answer: Mapping[str, Any]) -> str:
    """Why nothing is due."""
    if set(answer["modes"].values()) == {WriteMode.OFF.value}:
        return "report.plan_off"
    if not answer["as_of"]:
        return "report.never_synced"
    return "report.plan_empty" if answer["complete"] and not answer["unread"] else "report.plan_waits"


# ── how it is drawn ──────────────────────────────────────────────────────────────────────────────────────────────────


def draw_plan(answer: Mapping[str, Any], speak: Speak) -> list[RenderableType]:
    """Source by source what each object would show; what is left to people; how much of what, and what to type."""
    writes, left = answer["writes"], draw_left(answer["left"], speak)
    if not writes:
        doubt = [freshness_line(answer, speak)] if answer["as_of"] and not answer["complete"] else []
        warnings, why = list(_warnings(answer, speak)), Text(speak(Say.of(nothing(answer))))
        return [*doubt, *warnings, why, *_resting_line(answer, speak), *left]
    parts: list[RenderableType] = [freshness_line(answer, speak), *_warnings(answer, speak)]
    by_source, tag = grouped(writes, "source"), _tag(writes, speak)
    for (source,), found in by_source:
        if len(by_source) > 1:
            parts += ["", text(speak(Say.of("plan.source", source=source, count=len(found))), "bold underline")]
        parts += [*objects(found, speak, tag), *marks(found, speak, tag)]
    return [*parts, *left, "", *_counts(answer, speak), *_next(answer, speak)]


@dataclass(frozen=True, slots=True)
class Outlook:
    """Of the writes of a plan, how many apply would send now, wait for an approval, or are only shown."""

    sendable: int
    drafts: int
    shown: int


def outlook(writes: Sequence[Mapping[str, Any]]) -> Outlook:
    modes = Counter(write["mode"] for write in writes)
    drafts = sum(write["mode"] == WriteMode.DRAFT and not write["approved_by"] for write in writes)
    sendable = modes[WriteMode.APPLY.value] + modes[WriteMode.DRAFT.value] - drafts
    return Outlook(sendable, drafts, modes[WriteMode.PLAN.value])


def _tag(writes: Sequence[Mapping[str, Any]], speak: Speak) -> Tag:
    """What tells those that wait for an approval, or are only shown, from those that are sent; nothing where all are
    alike."""
    kinds = {_kind(write) for write in writes}

    def tag(write: Mapping[str, Any]) -> tuple[str, str]:
        kind = _kind(write)
        told = len(kinds) > 1 and kind != WriteMode.APPLY
        return (f"  {speak(Say.of(f'plan.mode.{kind}'))}", "yellow") if told else ("", "")

    return tag


def _kind(write: Mapping[str, Any]) -> str:
    return "approved" if write["approved_by"] and write["mode"] == WriteMode.DRAFT else str(write["mode"])


def _warnings(answer: Mapping[str, Any], speak: Speak) -> Iterator[Text]:
    """A pause that lasts, and the tools whose state could not be looked at."""
    if answer["paused"]:
        yield text(pause_sentence(answer["paused"], speak), "yellow")
    for source, why in answer["unread"].items():
        yield text(speak(Say.of("plan.unread", source=source, why=why)), "yellow")


def pause_sentence(paused: Mapping[str, Any], speak: Speak) -> str:
    """Until when nothing is sent, who said so and why, and how it ends."""
    until = "" if paused["until"] is None else f"{paused['until'][:10]} {paused['until'][11:16]} UTC"
    facts = {"until": until, "by": paused["by"] or "", "why": paused["why"] or ""}
    told = speak(Say.of("plan.paused.until" if until else "plan.paused.open", **facts))
    if facts["by"]:
        told += speak(Say.of("plan.paused.by", **facts))
    if facts["why"]:
        told += speak(Say.of("plan.paused.why", **facts))
    return told + speak(Say.of("plan.paused.end" if facts["by"] else "plan.paused.configured"))


def draw_left(left: Sequence[Mapping[str, Any]], speak: Speak) -> list[RenderableType]:
    """What okrsync does not touch, object by object, with what would hand it back."""
    if not left:
        return []
    parts: list[RenderableType] = ["", Text(speak(Say.of("plan.left", count=len(left))), style="bold")]
    for (target, title, url, approve), found in grouped(left, "target", "title", "url", "approve"):
        parts += addressed(target, title, url, 2)
        parts += [
            indented(Text.assemble((surface(one, speak), "cyan"), "  ", text(one["why"], "dim")), 4) for one in found
        ]
        parts += [typed(f"okrsync approve {approve}", 4)] if approve else []
    return parts


def _counts(answer: Mapping[str, Any], speak: Speak) -> Iterator[RenderableType]:
    first, *more = counts(answer, speak)
    return iter([text(first, "bold"), *map(text, more)])


def counts(answer: Mapping[str, Any], speak: Speak) -> Iterator[str]:
    """How many writes: in all and on each surface, in each source, for each objective."""
    writes = answer["writes"]
    surfaces = ", ".join(
        speak(Say.of(f"report.count.{surface}", count=len(found))) for (surface,), found in grouped(writes, "surface")
    )
    yield speak(Say.of("report.plan_count", run=answer["run"], count=len(writes), counts=surfaces))
    sources = Counter(write["source"] for write in writes)
    if len(sources) > 1:
        yield speak(Say.of("plan.by_source", counts=_told(sources, speak)))
    objectives = Counter(one for write in writes for one in write["objectives"] or ("",))
    if set(objectives) != {""}:
        yield speak(Say.of("plan.by_objective", counts=_told(objectives, speak)))


def _told(counts: Mapping[str, int], speak: Speak) -> str:
    ordered = sorted(counts.items(), key=lambda one: (not one[0], one[0]))
    none = speak(Say.of("plan.no_objective"))
    return ", ".join(speak(Say.of("plan.count", name=name or none, count=count)) for name, count in ordered)


def _next(answer: Mapping[str, Any], speak: Speak) -> list[RenderableType]:
    """What is sent by which command, and what is not."""
    due = outlook(answer["writes"])
    parts: list[RenderableType] = []
    if due.drafts:
        parts.append(Text(speak(Say.of("plan.drafts", run=answer["run"], count=due.drafts))))
    if due.sendable:
        said = "plan.next_others" if due.drafts else "report.plan_next"
        parts.append(Text(speak(Say.of(said, run=answer["run"], count=due.sendable))))
        if answer["paused"] and answer["paused"]["by"]:
            parts.append(Text(speak(Say.of("plan.next_paused")), style="yellow"))
    parts += kept(due.shown, speak)
    return [*parts, *_resting_line(answer, speak), Text(speak(Say.of("plan.read_only")), style="dim")]


def _resting_line(answer: Mapping[str, Any], speak: Speak) -> Iterable[RenderableType]:
    return [Text(speak(Say.of("plan.resting", count=answer["resting"])), style="dim")] if answer["resting"] else []


def kept(count: int, speak: Speak) -> list[RenderableType]:
    """So many writes are not sent, and why; nothing where all are."""
    return [Text(speak(Say.of("report.plan_mode", count=count)), style="yellow")] if count else []
