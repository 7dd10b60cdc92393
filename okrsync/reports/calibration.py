"""How often rules told what would become of key results, okrsync's beside those of other tools."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import datetime
from typing import TYPE_CHECKING, Any

from rich.console import RenderableType
from rich.text import Text

from config import Config
from okrsync.assess import freshness
from okrsync.calibrating import own_trials
from okrsync.model import Say, Thresholds
from okrsync.reports.common import Speak, freshness_line, freshness_sentence, head, number, percent, table, text
from okrsync.reports.sheet import Sheet
from rollup.calibration import Calibration, Decile, calibrate
from rollup.trials import Trial

if TYPE_CHECKING:
    from sqlalchemy import Connection

FEW = 30
"""Trials below which a table says little."""

RULES = ("rule", "balanced", "hard", "healthy_red", "failing_green", "amber", "abstained", "flips", "brier")
RULES_SHOWN = ("rule_word", *RULES[1:])
DECILES = ("chance", "count", "foretold", "happened", "low", "high")
DECILES_SHOWN = ("chance_word", *DECILES[1:])


# ── the answer ───────────────────────────────────────────────────────────────────────────────────────────────────────


def own_answer(tx: Connection, config: Config, now: datetime) -> dict[str, Any]:
    """The table of this installation's own past."""
    fresh = head(freshness(tx, config, now), config, now)
    return {**fresh, **_table(own_trials(tx, config, now), config.thresholds, None)}


def recorded_answer(trials: Sequence[Trial], thresholds: Thresholds, origin: str) -> dict[str, Any]:
    """The table of recorded groups; ``origin`` tells whose."""
    return _table(trials, thresholds, origin)


def _table(trials: Sequence[Trial], thresholds: Thresholds, origin: str | None) -> dict[str, Any]:
    found = calibrate(trials, thresholds)
    return {
        "histories": origin,
        "trials": found.trials,
        "reached": found.reached,
        "looks": found.looks,
        "rules": [_rounded(asdict(one)) for one in found.scores],
        "deciles": _deciles(found),
    }


def _deciles(found: Calibration) -> list[dict[str, Any]]:
    return [_decile(one) for one in found.deciles] if found.looks else []


def _decile(one: Decile) -> dict[str, Any]:
    low, high = one.interval or (None, None)
    row = {
        "chance": one.low,
        "count": one.count,
        "foretold": one.said,
        "happened": one.happened,
        "low": low,
        "high": high,
    }
    return _rounded(row)


def _rounded(row: Mapping[str, Any]) -> dict[str, Any]:
    return {name: round(value, 6) if isinstance(value, float) else value for name, value in row.items()}


# ── how it is drawn ──────────────────────────────────────────────────────────────────────────────────────────────────


def sheet(answer: Mapping[str, Any], speak: Speak) -> Sheet:
    """A row a rule."""
    rows = [{**row, "rule_word": _rule(row, speak)} for row in answer["rules"] if answer["looks"]]
    title, nothing = speak(Say.of("sheet.title.calibrate")), speak(Say.of("calibrate.nothing"))
    return Sheet(title, tuple(_lead(answer, speak)), RULES, rows, RULES_SHOWN, nothing)


def deciles_sheet(answer: Mapping[str, Any], speak: Speak) -> Sheet:
    """A row a tenth of the chances."""
    rows = [{**row, "chance_word": _tenth(row, speak)} for row in answer["deciles"]]
    title, nothing = speak(Say.of("sheet.title.deciles")), speak(Say.of("calibrate.nothing"))
    return Sheet(title, tuple(_lead(answer, speak)), DECILES, rows, DECILES_SHOWN, nothing)


def draw(answer: Mapping[str, Any], speak: Speak) -> list[RenderableType]:
    """The rules, then what was said and what happened."""
    first = [freshness_line(answer, speak)] if answer["histories"] is None else []
    lead = [text(one) for one in _said(answer, speak)]
    if not answer["looks"]:
        return [*first, *lead, Text(speak(Say.of("calibrate.nothing")))]
    rules = table(*(_heading(name, speak) for name in RULES_SHOWN), numbers=tuple(range(1, len(RULES_SHOWN))))
    rules.padding = (0, 1, 0, 0)  # a column less between them: at 80 no word of a rule or of a heading is broken
    for row in answer["rules"]:
        cells = [number(row[name], speak, 3) for name in ("balanced", "hard")]
        cells += [percent(row[name], speak) for name in ("healthy_red", "failing_green", "amber", "abstained")]
        cells += [number(row["flips"], speak, 2), number(row["brier"], speak, 3)]
        rules.add_row(text(_rule(row, speak), "bold" if row["rule"] == "okrsync" else ""), *cells)
    tenths = table(*(_heading(name, speak) for name in DECILES_SHOWN), numbers=tuple(range(len(DECILES_SHOWN))))
    for row in answer["deciles"]:
        shares = [percent(row[name], speak) for name in DECILES[2:]]
        tenths.add_row(_tenth(row, speak), number(row["count"], speak), *shares)
    note = Text(speak(Say.of("calibrate.note")), style="dim")
    return [*first, *lead, "", rules, "", Text(speak(Say.of("calibrate.deciles")), style="bold"), tenths, "", note]


def _lead(answer: Mapping[str, Any], speak: Speak) -> list[str]:
    fresh = [freshness_sentence(answer, speak)] if answer["histories"] is None else []
    return [*fresh, *_said(answer, speak)]


def _said(answer: Mapping[str, Any], speak: Speak) -> list[str]:
    """On what it was measured, and whether that is much."""
    facts = {name: answer[name] for name in ("trials", "reached", "looks")}
    origin = answer["histories"]
    sentence = (
        Say.of("calibrate.own", **facts) if origin is None else Say.of("calibrate.recorded", file=origin, **facts)
    )
    few = [speak(Say.of("calibrate.few", trials=answer["trials"]))] if 0 < answer["trials"] < FEW else []
    return [speak(sentence), *few]


def _rule(row: Mapping[str, Any], speak: Speak) -> str:
    return speak(Say.of(f"calibrate.rule.{row['rule']}"))


def _tenth(row: Mapping[str, Any], speak: Speak) -> str:
    low = round(row["chance"] * 100)
    return speak(Say.of("calibrate.tenth", low=low, high=low + 10))


def _heading(name: str, speak: Speak) -> str:
    return speak(Say.of(f"sheet.{name}"))
