"""What share of effort reaches an objective, week by week: the pilot teams against the rest."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

from rich.console import RenderableType

import rollup
from config import Config
from okrsync.assess import freshness
from okrsync.model import Say
from okrsync.reports.common import (
    Speak,
    bar,
    freshness_line,
    freshness_sentence,
    head,
    percent,
    plain,
    points,
    table,
    text,
)
from okrsync.reports.sheet import Sheet
from okrsync.worked import period_of, work_of
from rollup import Spent
from rollup.effort import week_name

if TYPE_CHECKING:
    from sqlalchemy import Connection

COLUMNS = ("week", "whole", "pilot", "rest", "difference", "pilot_effort", "rest_effort")
SIDES = ("pilot", "rest")
SHOWN = ("week_word", "pilot_word", "rest_word", "difference_word")


def pilot(config: Config) -> tuple[str, ...]:
    """The teams that gates name: whoever has to pass first."""
    return tuple(dict.fromkeys(gate.team for gate in config.gates if gate.team is not None))


def answer(tx: Connection, config: Config, now: datetime, speak: Speak, *, teams: Sequence[str]) -> dict[str, Any]:
    """DESIGN's ``waves``: the weeks of the current cycle, at most thirteen; null stands for a week without effort."""
    period = period_of(config, now)
    worked = work_of(tx, config, period)
    names, codes = worked.codes("team")
    told = rollup.weekly(worked.work, period, config.thresholds, codes, len(names))
    of_pilot = [weeks for name, weeks in zip(names, told, strict=True) if name in teams]
    of_rest = [weeks for name, weeks in zip(names, told, strict=True) if name not in teams]
    rows = []
    for place, (start, end) in enumerate(period.ends):
        one = _sum(weeks[place].spent for weeks in of_pilot)
        other = _sum(weeks[place].spent for weeks in of_rest)
        rows.append(
            {
                "week": week_name(start),
                "whole": end <= now,
                "pilot": one.coverage,
                "rest": other.coverage,
                "difference": _ahead(one.coverage, other.coverage),
                "pilot_effort": plain(one.total, 3),
                "rest_effort": plain(other.total, 3),
            }
        )
    answer = {**head(freshness(tx, config, now), config, now), "pilot": list(teams), "weeks": rows}
    return {**answer, "sentence": _sentence(answer, speak)}


def _sum(parts: Iterable[Spent]) -> Spent:
    return sum(parts, start=Spent())


def _ahead(one: float | None, other: float | None) -> float | None:
    return None if one is None or other is None else one - other


def _sentence(answer: Mapping[str, Any], speak: Speak) -> str:
    """From the first week in which there was work to the last one that is over."""
    names = ", ".join(answer["pilot"])
    ends = {}
    for side in SIDES:
        worked = [row for row in answer["weeks"] if row[side] is not None]
        told = [row for row in worked if row["whole"]] or worked
        ends[side] = (told[0], told[-1]) if told else None
    if ends["pilot"] is None:
        return speak(Say.of("waves.no_effort", pilot=names))
    first, last = ends["pilot"]
    facts = {"pilot": names, "first": first["week"], "last": last["week"]}
    facts |= {"begin": percent(first["pilot"], speak), "end": percent(last["pilot"], speak)}
    if ends["rest"] is None:
        return speak(Say.of("waves.alone", **facts))
    began, ended = ends["rest"]
    rest = {"rest_begin": percent(began["rest"], speak), "rest_end": percent(ended["rest"], speak)}
    return speak(Say.of("waves.sentence", **facts, **rest))


# ── how it is told ───────────────────────────────────────────────────────────────────────────────────────────────────


def sheet(answer: Mapping[str, Any], speak: Speak) -> Sheet:
    """A row a week, the oldest first."""
    lead = (answer["sentence"], freshness_sentence(answer, speak))
    rows = [
        {
            **row,
            "week_word": _week(row, speak),
            **{f"{side}_word": percent(row[side], speak) for side in SIDES},
            "difference_word": points(row["difference"], speak),
        }
        for row in answer["weeks"]
    ]
    return Sheet(speak(Say.of("sheet.title.waves")), lead, COLUMNS, rows, SHOWN)


def _week(row: Mapping[str, Any], speak: Speak) -> str:
    return str(row["week"]) if row["whole"] else speak(Say.of("waves.running", week=row["week"]))


def draw(answer: Mapping[str, Any], speak: Speak) -> list[RenderableType]:
    """The sentence, and a line a week with a bar for each side."""
    parts: list[RenderableType] = [freshness_line(answer, speak), text(answer["sentence"], "bold"), ""]
    headings = [speak(Say.of(f"sheet.{name}")) for name in ("week", "pilot_word", "rest_word", "difference")]
    drawn = table(headings[0], headings[1], "", headings[2], "", headings[3], numbers=(1, 3, 5))
    for row in answer["weeks"]:
        cells = [(percent(row[side], speak), bar(row[side])) for side in SIDES]
        style = "" if row["whole"] else "dim"
        drawn.add_row(_week(row, speak), *cells[0], *cells[1], points(row["difference"], speak), style=style)
    return [*parts, drawn, "", text(speak(Say.of("waves.note")), "dim")]
