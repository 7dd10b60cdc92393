"""What share of effort reaches an objective, week by week: the pilot teams against the rest."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
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
from okrsync.teams import Teams
from okrsync.worked import Worked, period_of, work_of
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


def answer(
    tx: Connection,
    config: Config,
    now: datetime,
    speak: Speak,
    *,
    teams: Sequence[str],
    worked: Worked | None = None,
) -> dict[str, Any]:
    """DESIGN's ``waves``: the weeks of the current cycle, at most thirteen; null stands for a week without effort.
    ``worked`` is all work of the cycle, where it was read already."""
    if worked is None:
        worked = work_of(tx, config, period_of(config, now))
    period = worked.period
    names, codes = worked.codes("team")
    told = rollup.weekly(worked.work, period, config.thresholds, codes, len(names))
    by_team = {name: [week.spent for week in weeks] for name, weeks in zip(names, told, strict=True)}
    weeks = [{"week": week_name(start), "whole": end <= now} for start, end in period.ends]
    rows = []
    for place, week in enumerate(weeks):
        one = _sum(spent[place] for name, spent in by_team.items() if name in teams)
        other = _sum(spent[place] for name, spent in by_team.items() if name not in teams)
        rows.append(
            {
                **week,
                "pilot": one.coverage,
                "rest": other.coverage,
                "difference": _ahead(one.coverage, other.coverage),
                "pilot_effort": plain(one.total, 3),
                "rest_effort": plain(other.total, 3),
            }
        )
    answer = {**head(freshness(tx, config, now), config, now), "pilot": list(teams), "weeks": rows}
    owners = list(_owners(config, by_team, weeks))
    return {**answer, "sentence": _sentence(answer, speak), "owners": owners}


def _owners(
    config: Config, by_team: Mapping[str | None, Sequence[Spent]], weeks: Sequence[Mapping[str, Any]]
) -> Iterator[dict[str, Any]]:
    """Every team and every value stream with its weeks, in the order of the file; last the work of none."""
    teams = Teams(config)
    order = [*(team.id for team in config.teams), None]
    for by in ("team", "value_stream"):
        owner_of = {team: teams.stream_of(team) if by == "value_stream" else team for team in order}
        if by == "value_stream" and not any(owner_of.values()):
            return
        for owner in sorted(dict.fromkeys(owner_of.values()), key=lambda one: one is None):
            mine = [by_team[team] for team in order if owner_of[team] == owner and team in by_team]
            spent = [_sum(each[place] for each in mine) for place in range(len(weeks))]
            if owner is None and not any(one.total for one in spent):
                continue
            told = [
                {**week, "coverage": one.coverage, "effort": plain(one.total, 3)}
                for week, one in zip(weeks, spent, strict=True)
            ]
            yield {"by": by, "name": owner, "weeks": told}


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
            "week_word": week_word(row, speak),
            **{f"{side}_word": percent(row[side], speak) for side in SIDES},
            "difference_word": points(row["difference"], speak),
        }
        for row in answer["weeks"]
    ]
    return Sheet(speak(Say.of("sheet.title.waves")), lead, COLUMNS, rows, SHOWN)


def week_word(row: Mapping[str, Any], speak: Speak) -> str:
    return str(row["week"]) if row["whole"] else speak(Say.of("waves.running", week=row["week"]))


def draw(answer: Mapping[str, Any], speak: Speak) -> list[RenderableType]:
    """The sentence, and a line a week with a bar for each side."""
    parts: list[RenderableType] = [freshness_line(answer, speak), text(answer["sentence"], "bold"), ""]
    headings = [speak(Say.of(f"sheet.{name}")) for name in ("week", "pilot_word", "rest_word", "difference")]
    drawn = table(headings[0], headings[1], "", headings[2], "", headings[3], numbers=(1, 3, 5))
    for row in answer["weeks"]:
        cells = [(percent(row[side], speak), bar(row[side])) for side in SIDES]
        style = "" if row["whole"] else "dim"
        drawn.add_row(week_word(row, speak), *cells[0], *cells[1], points(row["difference"], speak), style=style)
    return [*parts, drawn, "", text(speak(Say.of("waves.note")), "dim")]
