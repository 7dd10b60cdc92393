"""The report as flat tables."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from okrsync.model import Say
from okrsync.reports.common import Lazy, Speak, freshness_sentence, short
from okrsync.reports.orphans.cuts import called
from okrsync.reports.orphans.drawing import code, rate, rest, totals
from okrsync.reports.orphans.items import words
from okrsync.reports.sheet import Sheet

COLUMNS = (
    *("source", "key", "kind", "title", "url", "verdict", "class", "fix", "evidence", "effort", "team"),
    *("created_at", "updated_at"),
)
SHOWN = ("source", "key", "title", "verdict_word", "class_word", "effort", "team", "evidence", "fix")
GROUP_COLUMNS = ("by", "name", "source", "fix", "title", "url", "class", "items", "effort", "suggestion")
MEND_SHOWN = ("name", "title", "class_word", "items", "effort", "suggestion")
CUT = ("name", "title", "items", "of_items", "effort", "of_effort", "effort_share_orphan")
CUT_SHOWN = (*CUT, "effort_share_exempt", "share_of_orphans", "pull_requests", "commits", "mend_first")
MENDS = 50  # so many nodes to mend, before the items themselves


def sheet(answer: Mapping[str, Any], speak: Speak) -> Sheet:
    """A row an item that is not traced; before them, where a form holds more than one table, what the report says."""
    rows = Lazy(lambda: ({**item, **words(item, speak)} for item in answer["items"]))
    nothing = speak(Say.of("report.no_orphans" if answer["totals"]["items"] else "report.no_items"))
    title = speak(Say.of("sheet.title.orphans"))
    parts, heading = _parts(answer, speak), speak(Say.of("sheet.title.items"))
    return Sheet(title, _lead(answer, speak), COLUMNS, rows, SHOWN, nothing, parts, heading)


def group_sheet(answer: Mapping[str, Any], speak: Speak) -> Sheet:
    """A row a group: what a cut was asked for."""
    by_fix = any(group["by"] == "fix" for group in answer["groups"])
    rows = [_mend(group, speak) if by_fix else _cut(group, speak) for group in answer["groups"]]
    shown = MEND_SHOWN if by_fix else tuple(one for one in CUT_SHOWN if one != "title" or any(r["title"] for r in rows))
    return replace(sheet(answer, speak), columns=GROUP_COLUMNS, rows=rows, shown=shown, parts=())


def _lead(answer: Mapping[str, Any], speak: Speak) -> tuple[str, ...]:
    said = (rest(answer, speak), code(answer, speak), totals(answer, speak), freshness_sentence(answer, speak))
    return (answer["sentence"], *(one for one in said if one))


def _parts(answer: Mapping[str, Any], speak: Speak) -> tuple[Sheet, ...]:
    """The trend, the nodes to mend, the cuts and the exempt work, as far as there is anything in them."""
    week = ("week", "effort", "effort_share_orphan", "effort_share_exempt")
    mends = [_mend(group, speak) for group in answer["groups"][:MENDS]]
    parts = [_part("sheet.title.trend", week, answer["trend"], speak)]
    parts.append(_part("sheet.title.mends", MEND_SHOWN, mends, speak))
    for name, rows in answer["cuts"].items():
        cuts = [_cut({**row, "by": name, "class": None}, speak) for row in rows]
        shown = tuple(one for one in CUT_SHOWN if one != "title" or any(row["title"] for row in rows))
        parts.append(_part(f"orphans.by.{name}", shown, cuts, speak))
    parts.append(_part("sheet.title.exempt", ("reason", "items", "effort", "share"), answer["exempt"], speak))
    return tuple(part for part in parts if part.rows)


def _part(title: str, columns: tuple[str, ...], rows: list[Any], speak: Speak) -> Sheet:
    return Sheet(speak(Say.of(title)), (), columns, rows)


def _mend(group: Mapping[str, Any], speak: Speak) -> dict[str, Any]:
    word = speak(Say.of(f"report.class.{group['class']}")) if group["class"] else None
    return {**group, "name": short(group["name"]), "class_word": word}


def _cut(group: Mapping[str, Any], speak: Speak) -> dict[str, Any]:
    mend = group["mend_first"]
    return {
        **group,
        "name": called(group, speak),
        **{name: rate(group[name], speak) for name in ("pull_requests", "commits")},
        "mend_first": None if mend is None else f"{mend['source']}:{short(mend['key'])}",
    }
