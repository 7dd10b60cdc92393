"""Whether the gates of a roll-out hold: each with what was measured, on how much, and what it asks for."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from rich.console import RenderableType
from rich.text import Text

import rollup
from config import Config
from okrsync import samples
from okrsync.assess import freshness
from okrsync.model import Gate, Measure, Say
from okrsync.reports.common import (
    Speak,
    freshness_line,
    freshness_sentence,
    head,
    indented,
    iso,
    number,
    plain,
    short,
    text,
)
from okrsync.reports.sheet import Sheet
from okrsync.store import attempts, queries, reversals, served
from okrsync.worked import Recorded, Worked, work_of
from rollup import gates as judging
from rollup.gates import Judgement, Observed, Ruling
from rollup.worked import Period
from rollup.workload import Array

if TYPE_CHECKING:
    from sqlalchemy import Connection

STYLES = {"passed": ("✔", "green"), "failed": ("✖", "red"), "no_data": ("○", "yellow")}
LEFT_OUT = ("not_found", "ambiguous", "not_judged")  # why an item of a sample is
LISTED = 10  # of what is wrong, on a terminal
COLUMNS = (
    *("id", "measure", "of", "team", "source", "sample", "window_days", "value", "low", "high"),
    *("bound", "threshold", "n", "verdict", "told", "why"),
)
SHOWN = ("id", "value_word", "bound_word", "n", "verdict_word", "told", "why")


@dataclass(frozen=True, slots=True)
class _Found:
    """What was measured for a gate, in a sentence, and the evidence for it."""

    observed: Observed
    told: Say
    evidence: Mapping[str, Any] = field(default_factory=dict)
    sampled: bool = False


def answer(
    tx: Connection,
    config: Config,
    now: datetime,
    speak: Speak,
    *,
    only: Sequence[str] = (),
    told_from: Recorded | None = None,
) -> dict[str, Any]:
    """DESIGN's ``gate``: every gate, or those named; ``told_from`` is what all work is told from, where that was read
    already. ConfigError where a sample cannot be read, with all its faults."""
    rows = [_row(judged, found, speak, now) for judged, found in _judged(tx, config, now, only, told_from)]
    return {
        **head(freshness(tx, config, now), config, now),
        "passed": all(row["verdict"] == Ruling.PASSED for row in rows),
        "gates": rows,
    }


def rulings(tx: Connection, config: Config, now: datetime, only: Sequence[str] = ()) -> list[tuple[Judgement, Say]]:
    """Every gate, or those named, as it is judged, each with a sentence of what was measured. ConfigError as above."""
    return [(judged, _told(judged, found)) for judged, found in _judged(tx, config, now, only)]


def _judged(
    tx: Connection, config: Config, now: datetime, only: Sequence[str], told_from: Recorded | None = None
) -> Iterator[tuple[Judgement, _Found]]:
    chosen = [gate for gate in config.gates if not only or gate.id in only]
    meter = _Meter(tx, config, now, samples.of(config, chosen), told_from)
    for gate in chosen:
        found = meter.measure(gate)
        yield judging.judge(gate, found.observed, sampled=found.sampled), found


def _row(judged: Judgement, found: _Found, speak: Speak, now: datetime) -> dict[str, Any]:
    gate = judged.gate
    bound = "at_least" if gate.at_least is not None else "at_most"
    low, high = judged.interval or (None, None)
    standing = gate.measure is Measure.FALSE_LINKS  # as links stand now, whenever they were made
    return {
        "id": gate.id,
        "measure": gate.measure.value,
        "of": gate.of if gate.measure is Measure.COVERAGE else None,
        "team": gate.team,
        "source": gate.source,
        "sample": gate.sample,
        "since": None if standing else iso(now - gate.window),
        "window_days": None if standing else plain(gate.window / timedelta(days=1), 3),
        "value": judged.observed.share,
        "low": low,
        "high": high,
        "bound": bound,
        "threshold": gate.at_least if gate.at_least is not None else gate.at_most,
        "n": judged.observed.count,
        "fewest": gate.fewest,
        "verdict": judged.ruling.value,
        "told": speak(_told(judged, found)),
        "why": gate.why,
        **found.evidence,
    }


def _told(judged: Judgement, found: _Found) -> Say:
    gate = judged.gate
    if judged.observed.count >= gate.fewest:
        return found.told
    if not judged.observed.count:
        return Say.of(f"gate.nothing.{gate.measure}")
    return Say.of("gate.too_few", count=judged.observed.count, fewest=gate.fewest)


# ── measuring ────────────────────────────────────────────────────────────────────────────────────────────────────────


class _Meter:
    """Measures gates on one store; the work of a window is read once, and weighed once for a team and source."""

    def __init__(
        self,
        tx: Connection,
        config: Config,
        now: datetime,
        labelled: Mapping[str, Mapping[str, frozenset[str]]],
        told_from: Recorded | None,
    ) -> None:
        self._tx = tx
        self._config = config
        self._now = now
        self._labelled = labelled
        self._told_from = told_from
        self._worked: dict[timedelta, Worked] = {}
        self._coverage: dict[tuple[timedelta, str | None, str | None], dict[str, Observed]] = {}

    def measure(self, gate: Gate) -> _Found:
        match gate.measure:
            case Measure.COVERAGE:
                return self._covered(gate)
            case Measure.SYNC_SUCCESS:
                return self._synced(gate)
            case Measure.FALSE_LINKS:
                return self._linked(gate)
            case Measure.REVERTED_WRITES:
                return self._written(gate)

    def _covered(self, gate: Gate) -> _Found:
        alike = (gate.window, gate.team, gate.source)
        if alike not in self._coverage:
            work = self._work_of(gate)
            report = rollup.orphan_share(work, self._config.thresholds)
            spent = report.spent
            self._coverage[alike] = {
                "effort": Observed(spent.traced + spent.exempt, spent.total, report.tickets),
                "items": judging.covered_items(work),
            }
        observed = self._coverage[alike][gate.of]
        part, whole = plain(observed.part), plain(observed.whole)
        return _Found(observed, Say.of(f"gate.told.coverage.{gate.of}", part=part, whole=whole, count=observed.count))

    def _work_of(self, gate: Gate) -> Array:
        """All work of its window, of which that of its team and its source is asked for."""
        if gate.window not in self._worked:
            period = Period(self._now - gate.window, self._now)
            self._worked[gate.window] = work_of(self._tx, self._config, period, told_from=self._told_from)
        sources = None if gate.source is None else {gate.source}
        return self._worked[gate.window].only(team=gate.team, sources=sources).work

    def _synced(self, gate: Gate) -> _Found:
        counts = attempts.counts(self._tx, self._now - gate.window)
        wanted = [gate.source] if gate.source is not None else [source.id for source in self._config.sources]
        cycles = [
            {"source": source, "ok": counts[source][0], "all": counts[source][1]}
            for source in wanted
            if source in counts
        ]
        good, whole = (sum(counts[source][place] for source in wanted if source in counts) for place in (0, 1))
        told = Say.of("gate.told.sync_success", part=good, whole=whole)
        return _Found(Observed(good, whole, whole), told, {"cycles": cycles})

    def _linked(self, gate: Gate) -> _Found:
        config, configured = self._config, {source.id for source in self._config.sources}
        sample = self._labelled[gate.id]
        uids: dict[str, int] = {}
        left_out = []
        for item in sample:
            found = [one for one in queries.find(self._tx, item) if one.source in configured]
            if len(found) == 1:
                uids[item] = found[0].uid
            else:
                left_out.append({"item": item, "why": "ambiguous" if found else "not_found"})
        said = served.goals_of(self._tx, list(uids.values()))
        left_out += [{"item": item, "why": "not_judged"} for item, uid in uids.items() if uid not in said]
        judged = {item: said[uid] for item, uid in uids.items() if uid in said}
        compared = judging.compare({item: sample[item] for item in judged}, judged, config.goals)
        told = Say.of(
            "gate.told.false_links",
            part=len(compared.wrong),
            whole=compared.links,
            items=len(judged),
            of=len(sample),
            missed=len(compared.missed),
        )
        evidence = {
            "items": len(judged),
            "wrong": [{"item": item, "goal": goal, "expected": sorted(sample[item])} for item, goal in compared.wrong],
            "missed": [{"item": item, "goal": goal} for item, goal in compared.missed],
            "left_out": left_out,
        }
        return _Found(compared.observed, told, evidence, sampled=True)

    def _written(self, gate: Gate) -> _Found:
        kept = reversals.kept(self._tx, self._now - gate.window, gate.source)
        lost = len(kept.reversals)
        evidence = [
            {"source": one.source, "key": one.key, "surface": one.surface, "name": one.name, "how": one.how.value}
            for one in kept.reversals
        ]
        told = Say.of("gate.told.reverted_writes", part=lost, whole=kept.applied)
        return _Found(Observed(lost, kept.applied, kept.applied), told, {"reversals": evidence})


# ── how it is told ───────────────────────────────────────────────────────────────────────────────────────────────────


def sheet(answer: Mapping[str, Any], speak: Speak) -> Sheet:
    """A row a gate."""
    rows = [
        {
            **row,
            "value_word": _value(row, speak),
            "bound_word": _bound(row, speak),
            "verdict_word": verdict(row, speak),
        }
        for row in answer["gates"]
    ]
    lead = (summed_up(answer, speak), freshness_sentence(answer, speak))
    return Sheet(speak(Say.of("sheet.title.gate")), lead, COLUMNS, rows, SHOWN)


def draw(answer: Mapping[str, Any], speak: Speak) -> list[RenderableType]:
    """A block a gate: the ruling, what was measured against what is asked for, and what is behind it."""
    parts: list[RenderableType] = [freshness_line(answer, speak)]
    for row in answer["gates"]:
        symbol, style = STYLES[row["verdict"]]
        title = Text.assemble((f"{symbol} ", style), text(row["id"], "bold"), "  ", text(asked(row, speak)))
        title.append(f"  {verdict(row, speak)}", style=style)
        parts += ["", title, indented(text(measured(row, speak)), 2)]
        parts += [indented(text(told, "dim"), 4) for told in evidence(row, speak)]
        parts += [indented(text(row["why"], "dim"), 2)] if row["why"] else []
    style = "green" if answer["passed"] else "red"
    return [*parts, "", text(summed_up(answer, speak), style)]


def summed_up(answer: Mapping[str, Any], speak: Speak) -> str:
    failed = [row["id"] for row in answer["gates"] if row["verdict"] != Ruling.PASSED]
    if not failed:
        return speak(Say.of("gate.all_passed", count=len(answer["gates"])))
    return speak(Say.of("gate.some_failed", failed=len(failed), count=len(answer["gates"]), names=", ".join(failed)))


def verdict(row: Mapping[str, Any], speak: Speak) -> str:
    return speak(Say.of(f"gate.verdict.{row['verdict']}"))


def asked(row: Mapping[str, Any], speak: Speak) -> str:
    """What is measured, of whom, and over how long."""
    of = f".{row['of']}" if row["of"] else ""
    parts = [speak(Say.of(f"gate.measure.{row['measure']}{of}"))]
    parts += [speak(Say.of(f"gate.of_{name}", name=row[name])) for name in ("team", "source", "sample") if row[name]]
    parts += [speak(Say.of("gate.window", days=row["window_days"]))] if row["window_days"] is not None else []
    return ", ".join(parts)


def measured(row: Mapping[str, Any], speak: Speak) -> str:
    """What was measured of a gate, against what it asks for."""
    value, bound = _value(row, speak), _bound(row, speak)
    if row["verdict"] == Ruling.NO_DATA:
        return speak(Say.of("gate.unmeasured", told=row["told"], bound=bound))
    if row["low"] is None:
        return speak(Say.of("gate.measured", value=value, bound=bound, told=row["told"]))
    low, high = (_percent(row[end], speak) for end in ("low", "high"))
    return speak(Say.of("gate.sampled", value=value, bound=bound, told=row["told"], low=low, high=high))


def _bound(row: Mapping[str, Any], speak: Speak) -> str:
    return speak(Say.of(f"gate.{row['bound']}", threshold=_percent(row["threshold"], speak, digits=4)))


def _value(row: Mapping[str, Any], speak: Speak) -> str:
    """In as many digits as tell it from the threshold."""
    value, threshold = row["value"], row["threshold"]
    if row["verdict"] == Ruling.NO_DATA or value is None:
        return "—"
    apart = (digits for digits in (1, 2, 3) if round(100 * value, digits) != round(100 * threshold, digits))
    return _percent(value, speak, digits=next(apart, 1))


def _percent(share: float, speak: Speak, digits: int = 1) -> str:
    return speak(Say.of("report.percent", percent=plain(100 * share, digits)))


def evidence(row: Mapping[str, Any], speak: Speak) -> Iterator[str]:
    """What makes it fall short, the first of each kind."""
    for one in row.get("cycles", ()):
        if one["ok"] < one["all"]:
            yield speak(Say.of("gate.cycles", source=one["source"], part=one["all"] - one["ok"], whole=one["all"]))
    none = speak(Say.of("gate.none"))
    hows = {how: speak(Say.of(f"gate.how.{how}")) for how in reversals.How}
    whys = {why: speak(Say.of(f"gate.left_out.{why}")) for why in LEFT_OUT}
    expected = [(one, ", ".join(one["expected"]) or none) for one in row.get("wrong", ())]
    lists = {
        "wrong": [f"{short(one['item'])} → {one['goal']} ({wanted})" for one, wanted in expected],
        "missed": [f"{short(one['item'])} → {one['goal']}" for one in row.get("missed", ())],
        "reversals": [f"{short(one['key'])} {one['name']} ({hows[one['how']]})" for one in row.get("reversals", ())],
        "left_out": [f"{one['item']} ({whys[one['why']]})" for one in row.get("left_out", ())],
    }
    for name, told in lists.items():
        if told:
            more = speak(Say.of("report.more", count=len(told) - LISTED)) if len(told) > LISTED else ""
            names = ", ".join([*told[:LISTED], *([more] if more else [])])
            yield speak(Say.of(f"gate.{name}", count=number(len(told), speak), names=names))
