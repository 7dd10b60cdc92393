"""Everything that is broken in the chain, in either direction, with evidence and fix."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from itertools import groupby
from operator import itemgetter
from typing import TYPE_CHECKING, Any, TypeAlias

from rich.console import RenderableType
from rich.text import Text

import mapping
import rollup
from config import Config
from mapping.suspects import suspect_gaps
from mapping.tree import GoalTree
from okrsync import counting
from okrsync.assess import Assessment
from okrsync.linking import explain
from okrsync.mending import COMMAND, mends
from okrsync.model import Gap, GapKind, Goals, Say, Severity, Status
from okrsync.reports.common import Speak, copied, freshness_line, freshness_sentence, head, indented, iso, text, typed
from okrsync.reports.sheet import Sheet
from okrsync.reports.writes import PERCENTAGE, units
from okrsync.spending import balanced, spending
from okrsync.store import journal, known, parents, queries, revisions, sources, tickets, written
from okrsync.writing.targets import offers, write_targets
from rollup.balance import effort_gaps
from rollup.gaps import ONLINE
from rollup.span import local_day
from rollup.workload import Array

if TYPE_CHECKING:
    from sqlalchemy import Connection

SEVERITY_STYLE = {"high": "red", "medium": "yellow", "low": "dim"}
_ORDER = list(Severity)


EXCUSED = frozenset({Status.DONE, Status.ACHIEVED, Status.NO_DATA})
"""What needs no more effort, or has no work that could take any, which is a gap of its own."""
SHOWN_ITEMS = 5  # of what an effort went to
OWNERS = ("source", "team")
GROUPINGS = ("kind", "severity", *OWNERS)


@dataclass(frozen=True, slots=True)
class Cut:
    """Which gaps are wanted; empty: all. Gaps of goals belong to no team and to no source."""

    since: datetime | None = None
    team: str | None = None
    sources: Collection[str] = ()


def answer(
    tx: Connection,
    config: Config,
    assessment: Assessment,
    speak: Speak,
    *,
    cut: Cut = Cut(),
    group_by: str = "kind",
    every: Sequence[Gap] | None = None,
) -> dict[str, Any]:
    """DESIGN's ``gaps``, the gravest first, and how many there are of each group. ``every`` gap may be collected
    already."""
    if every is None:
        every = list(collect(tx, config, assessment))
    owned = cut.team is not None or cut.sources or group_by in OWNERS
    owners = _owners(tx, config, every) if owned else {}
    found = [gap for gap in every if _wanted(gap, cut, owners)]
    gaps = sorted(found, key=lambda gap: (_ORDER.index(gap.severity), gap.kind, gap.subject))
    mended = mends(tx, config, gaps)
    named = [_names(gap, group_by, owners) or [speak(Say.of(f"report.no_{group_by}"))] for gap in gaps]
    groups = Counter(name for names in named for name in names)
    return {
        **head(assessment.freshness, config, assessment.now),
        "all": len(every),
        "groups": [{"by": group_by, "name": name, "gaps": count} for name, count in groups.items()],
        "gaps": [
            {
                "groups": names,
                "kind": gap.kind.value,
                "severity": gap.severity.value,
                "subject": gap.subject,
                "evidence": speak(gap.evidence),
                "fix": speak(gap.fix),
                "steps": [speak(step) for step in mend.steps],
                "typed": mend.typed or None,
                "since": iso(gap.since),
                "items": list(gap.items),
            }
            for gap, names, mend in zip(gaps, named, mended, strict=True)
        ],
    }


_Owners: TypeAlias = Mapping[str, Collection[tuple[str, str | None]]]  # key → (source, team) of the items so called


def _owners(tx: Connection, config: Config, gaps: Iterable[Gap]) -> _Owners:
    owners: dict[str, set[tuple[str, str | None]]] = {}
    for ticket in tickets.called(tx, {key for gap in gaps for key in gap.items}):
        owners.setdefault(ticket.key, set()).add((ticket.source, rollup.team_of(ticket, config.teams)))
    return owners


def _wanted(gap: Gap, cut: Cut, owners: _Owners) -> bool:
    if cut.since is not None and (gap.since is None or gap.since < cut.since):
        return False
    if cut.team is not None and cut.team not in _names(gap, "team", owners):
        return False
    return not cut.sources or not set(cut.sources).isdisjoint(_names(gap, "source", owners))


def _names(gap: Gap, by: str, owners: _Owners) -> list[str]:
    """The groups that a gap belongs to; none where it is of no team, or of no source."""
    match by:
        case "kind":
            return [gap.kind.value]
        case "severity":
            return [gap.severity.value]
        case "team":
            return sorted({team for key in gap.items for _, team in owners.get(key, ()) if team is not None})
        case _:
            of_scope = {gap.subject.partition(":")[0]} if gap.kind is GapKind.SCOPE_UNREACHABLE else set()
            return sorted(of_scope | {source for key in gap.items for source, _ in owners.get(key, ())})


def narrowed(answer: Mapping[str, Any], kinds: Collection[str], severities: Collection[str]) -> dict[str, Any]:
    """The answer with the gaps of these kinds and severities alone; empty: of all of them."""
    gaps = [
        gap
        for gap in answer["gaps"]
        if (not kinds or gap["kind"] in kinds) and (not severities or gap["severity"] in severities)
    ]
    return {**answer, "gaps": gaps}


def collect(tx: Connection, config: Config, assessment: Assessment) -> Iterable[Gap]:
    """The gaps of the chain, of the goals, and of what was read."""
    now, pairs = assessment.now, parents.every(tx)
    yield from _of_the_chain(tx, config, now, pairs)
    yield from suspect_gaps(revisions.suspects(tx, config.goals))
    failures = counting.failures_of(tx, config.goals, assessment.now)
    refused = {kr: failure.why for kr, failure in failures.items() if failure.refused}
    yield from rollup.goal_gaps(config.goals, assessment.progress, refused, _until(config, now))
    yield from _of_effort(tx, config, assessment, pairs)
    if assessment.freshness.as_of is not None:  # before the first sync every target is unknown, and none is wrong
        yield from rollup.unresolved_targets(config.goals, write_targets(tx, config), config.writeback, offers(config))
    yield from _conflicts(tx, config, now)
    yield from _nothing_there(tx, config.goals, assessment)
    yield from _unreachable(tx, config)
    yield from _unknown_statuses(tx)


def _until(config: Config, now: datetime) -> date | None:
    """The last day of the current cycle."""
    cycle = rollup.current_cycle(config.goals, now)
    end = cycle.window.end if cycle is not None else None
    return None if end is None else local_day(end - timedelta(microseconds=1), config.goals.timezone)


def _of_the_chain(tx: Connection, config: Config, now: datetime, pairs: Array) -> list[Gap]:
    """Only the items that have part in a gap are read."""
    goals, rules = config.goals, config.rules
    served = queries.open_work(tx, GoalTree(goals, now).deaths)
    for uid, several in groupby(queries.shared_work(tx), key=itemgetter(0)):
        served[uid] = [goal for _, goal in several]
    said = {verdict.item: verdict for verdict in explain(tx, config, queries.dangling(tx), now)}
    sets = queries.label_sets(tx)
    alike = mapping.twins({label for labels in sets.values() for label in labels}, goals, rules, now)
    twins = queries.labelled(tx, [text for text, labels in sets.items() if not alike.isdisjoint(labels)])
    up = parents.between(pairs)
    concerned = {*served, *said, *twins, *mapping.in_circles(up), *queries.namesakes(tx)}
    return mapping.chain_gaps(tickets.briefly(tx, concerned, up), said, served, goals, rules, now)


def _of_effort(tx: Connection, config: Config, assessment: Assessment, pairs: Array) -> Iterator[Gap]:
    """What got an effort of the current cycle that its weight does not tell, with the items that cost most."""
    since = rollup.period_start(config.goals, assessment.now)
    spent = spending(tx, config, since, assessment.now, pairs=pairs)
    excused = {one.key_result for one in assessment.progress.values() if one.status in EXCUSED}
    excused |= {one.objective for one in assessment.objectives.values() if one.status in EXCUSED}
    first = local_day(since, config.goals.timezone).isoformat()
    found = effort_gaps(balanced(config, spent), config.goals, excused, first, config.thresholds, assessment.now)
    most = {gap.subject: spent.most(gap.subject, SHOWN_ITEMS) for gap in found}
    keys = tickets.keys(tx, {uid for uids in most.values() for uid in uids})
    for gap in found:
        yield replace(gap, items=tuple(keys[uid] for uid in most[gap.subject]))


def _conflicts(tx: Connection, config: Config, now: datetime) -> Iterable[Gap]:
    """What people changed of what okrsync wrote, what it wrote too often, and what its tools refused."""
    theirs = {slot: one for slot, one in known.overruled(tx).items() if rollup.theirs(slot.surface, one)}
    touched = journal.touched(tx, now - timedelta(days=1))
    refused = written.refused(tx, now)
    slots = theirs.keys() | refused.keys()
    places = queries.keys_of(tx, {(slot.source, slot.remote_id) for slot in slots} | touched.keys())
    places |= {(ref.source, target.remote_id): target.key for ref, target in write_targets(tx, config).items()}
    shares = [place for place, unit in units(tx).items() if unit == PERCENTAGE]
    return rollup.conflicts(theirs, config.writeback, places, touched, shares, refused)


def _unknown_statuses(tx: Connection) -> Iterator[Gap]:
    for status, found in queries.unknown_statuses(tx):
        yield Gap(
            GapKind.UNKNOWN_STATUS,
            Severity.LOW,
            status,
            Say.of("report.gap.unknown_status", status=status, count=len(found)),
            Say.of("report.fix.unknown_status", status=status),
            items=tuple(key for _, key in found),
            mend=found[0][0],
        )


def _unreachable(tx: Connection, config: Config) -> Iterator[Gap]:
    """The scopes that may not be read, and why, in the words of the tool."""
    for source in config.sources:
        for scope in sources.scopes(tx, source.id):
            if not scope.readable:
                name = f"{source.id}:{scope.key}"
                yield Gap(
                    GapKind.SCOPE_UNREACHABLE,
                    Severity.HIGH,
                    name,
                    Say.of("report.gap.scope_unreachable", scope=name, why=scope.error),
                    Say.of("report.fix.scope_unreachable", source=source.id),
                    typed=ONLINE,
                )


def _nothing_there(tx: Connection, goals: Goals, assessment: Assessment) -> Iterator[Gap]:
    """Epics and containers that key results name and that are unknown or empty, in sources that were read in time."""
    read = {one.id for one in assessment.freshness.sources} - assessment.freshness.late
    members = _inhabited(tx, goals)
    for kr in goals.key_results.values():
        known = assessment.progress[kr.id]
        if known.status is Status.DROPPED or known.grade is not None:
            continue
        epics = [str(epic) for epic in kr.epics if epic.source in read and not queries.find(tx, str(epic))]
        places = [one for one in kr.containers if one.partition(":")[0] in read and one not in members]
        every = {"epics": [str(epic) for epic in kr.epics], "containers": list(kr.containers)}
        for option, names in (("epics", epics), ("containers", places)):
            for name in names:
                rest = ", ".join(f'"{other}"' for other in every[option] if other != name)
                yield Gap(
                    GapKind.NOTHING_THERE,
                    Severity.MEDIUM,
                    kr.id,
                    Say.of(f"report.gap.nothing_there.{option}", name=name),
                    Say.of("report.fix.nothing_there", option=option, id=kr.id, name=name),
                    typed=f"{option} = [{rest}]",
                )


def _inhabited(tx: Connection, goals: Goals) -> set[str]:
    by_source: dict[str, set[str]] = {}
    for kr in goals.key_results.values():
        for container in kr.containers:
            source, _, key = container.partition(":")
            by_source.setdefault(source, set()).add(key)
    return {f"{source}:{key}" for source, keys in by_source.items() for key in queries.inhabited(tx, source, keys)}


COLUMNS = ("kind", "severity", "subject", "evidence", "fix", "steps", "typed", "since", "items", "groups")
SHOWN = ("kind_word", "severity_word", "subject", "evidence", "fix", "todo")


def sheet(answer: Mapping[str, Any], speak: Speak) -> Sheet:
    """A row a gap, the gravest first."""
    rows = [
        {
            **gap,
            "kind_word": speak(Say.of(f"report.gap_kind.{gap['kind']}")),
            "severity_word": speak(Say.of(f"report.severity.{gap['severity']}")),
            "todo": " ".join([*gap["steps"], *([gap["typed"]] if gap["typed"] else [])]),
        }
        for gap in answer["gaps"]
    ]
    lead = (freshness_sentence(answer, speak),)
    shown = (*SHOWN[:1], "groups", *SHOWN[1:]) if _by_owner(answer) else SHOWN
    return Sheet(speak(Say.of("sheet.title.gaps")), lead, COLUMNS, rows, shown, _nothing(answer, speak))


def draw(answer: Mapping[str, Any], speak: Speak) -> list[RenderableType]:
    """One block a kind, the gravest first; each gap with what was found and what to do. Where they are grouped by
    source or team, each of these has its own blocks."""
    parts: list[RenderableType] = [freshness_line(answer, speak)]
    if not answer["gaps"]:
        return [*parts, Text(_nothing(answer, speak))]
    if not _by_owner(answer):
        return [*parts, *_blocks(answer["gaps"], speak)]
    for group in answer["groups"]:
        parts += ["", text(f"── {group['name']} ({group['gaps']})", "bold")]
        parts += _blocks((gap for gap in answer["gaps"] if group["name"] in gap["groups"]), speak)
    return parts


def _blocks(gaps: Iterable[Mapping[str, Any]], speak: Speak) -> Iterator[RenderableType]:
    for (severity, kind), found in groupby(gaps, key=lambda gap: (gap["severity"], gap["kind"])):
        alike = list(found)
        name, weight = speak(Say.of(f"report.gap_kind.{kind}")), speak(Say.of(f"report.severity.{severity}"))
        yield from ("", Text(f"{name} ({len(alike)}) · {weight}", style=SEVERITY_STYLE[severity]))
        for gap in alike:
            yield indented(Text.assemble(text(gap["subject"], "bold"), "  ", text(gap["evidence"])), 2)
            yield indented(text(f"→ {gap['fix']}"), 4)
            yield from (indented(text(step, "dim"), 6) for step in gap["steps"])
            yield from (_verbatim(line) for line in (gap["typed"] or "").splitlines())


def _verbatim(line: str) -> RenderableType:
    """A line to type, whole however narrow the terminal is: a broken one cannot be pasted."""
    return typed(line, 8) if line.startswith(COMMAND) else copied(line, 8)


def _by_owner(answer: Mapping[str, Any]) -> bool:
    """Whether the groups tell what a gap does not say by itself."""
    return any(group["by"] in OWNERS for group in answer["groups"])


def _nothing(answer: Mapping[str, Any], speak: Speak) -> str:
    """What is said where no gap is listed: that there is none, or none of those that were asked for."""
    if answer["all"]:
        return speak(Say.of("report.no_gap_here", count=answer["all"]))
    return speak(Say.of("report.no_gaps" if answer["as_of"] else "report.no_gap_known"))
