"""An answer as a flat table, from which CSV, Markdown and HTML are made.

A :class:`Sheet` holds no formatting: its rows are those of the JSON answer, its headings are for people. Text from a
tool is neutral in every form (P29): CSV cells that a spreadsheet would run are made text, the others are escaped.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import chain, islice
from typing import Any, TypeAlias

import orjson

from okrsync.model import Say
from okrsync.reports import pages
from okrsync.reports.common import Speak, line, number, percent

Row: TypeAlias = Mapping[str, Any]

FORMULA = frozenset("=+-@＝＋－＠")  # what a spreadsheet runs, in both widths
SHARES = frozenset(
    {
        *("progress", "probability", "effort_share_orphan", "coverage", "precision", "low", "high"),
        *("share", "effort_share", "weight_share", "difference", "published_progress", "progress_before"),
        *("effort_share_exempt", "share_of_orphans"),
        *("healthy_red", "failing_green", "amber", "abstained", "foretold", "happened"),
    }
)
AHEAD = 1000
"""Rows that are looked at before the first is written, where they are written one by one."""

_MARKDOWN = re.compile(r"([\\`*_{}\[\]<>#|~!])")


@dataclass(frozen=True, slots=True)
class Sheet:
    """``columns`` are names of the rows' fields; ``shown`` are those that people read, a key with its address."""

    title: str
    lead: tuple[str, ...]
    columns: tuple[str, ...]
    rows: Iterable[Row]
    shown: tuple[str, ...] = ()
    nothing: str = ""  # what is said where there is no row
    parts: tuple[Sheet, ...] = ()  # tables of their own before the rows, in the forms that hold more than one
    heading: str = ""  # what stands above the rows where there are parts

    @property
    def read(self) -> tuple[str, ...]:
        return self.shown or self.columns


def as_csv(sheet: Sheet) -> str:
    """RFC 4180, a line a row; a cell that a spreadsheet would run as a formula is made text by an apostrophe."""
    return "".join(csv_pieces(sheet))


def csv_pieces(sheet: Sheet) -> Iterator[str]:
    """:func:`as_csv`, line by line."""
    buffer = io.StringIO()
    writer = csv.writer(buffer)
    for cells in chain([sheet.columns], ([_cell(row[name]) for name in sheet.columns] for row in sheet.rows)):
        writer.writerow(cells)
        yield buffer.getvalue()
        buffer.seek(0)
        buffer.truncate()


def _cell(value: object) -> object:
    if isinstance(value, list | tuple):
        value = " ".join(map(str, value)) if all(isinstance(one, str) for one in value) else _json(value)
    elif isinstance(value, dict):
        value = _json(value)
    if not isinstance(value, str):
        return value
    cell = line(value)
    return "'" + cell if cell.strip()[:1] in FORMULA else cell


def as_markdown(sheet: Sheet, speak: Speak) -> str:
    """GitHub's Markdown: a heading, the sentences, a table. Nothing in a cell is markup, or calls anybody."""
    return "".join(markdown_pieces(sheet, speak))


def markdown_pieces(sheet: Sheet, speak: Speak) -> Iterator[str]:
    """:func:`as_markdown`, line by line; the first rows tell which columns hold numbers."""
    rows = iter(sheet.rows)
    first = list(islice(rows, AHEAD))
    lines = [f"# {_markdown(sheet.title)}", ""]
    for sentence in sheet.lead:
        lines += [_markdown(sentence), ""]
    for part in sheet.parts:
        lines += [f"## {_markdown(part.title)}", "", *_markdown_head(part, speak)]
        lines += [*(_markdown_row(part, row, speak) for row in part.rows), ""]
    if sheet.parts:
        lines += [f"## {_markdown(sheet.heading)}", ""]
    if not first:
        yield "\n".join([*lines, *([sheet.nothing, ""] if sheet.nothing else [])])
        return
    for one in (*lines, *_markdown_head(replace(sheet, rows=first), speak)):
        yield one + "\n"
    for row in chain(first, rows):
        yield _markdown_row(sheet, row, speak) + "\n"


def _markdown_head(sheet: Sheet, speak: Speak) -> tuple[str, str]:
    return (
        "| " + " | ".join(_markdown(heading(name, speak)) for name in sheet.read) + " |",
        "|" + "|".join("--:" if _counts(sheet, name) else "---" for name in sheet.read) + "|",
    )


def _markdown_row(sheet: Sheet, row: Row, speak: Speak) -> str:
    cells = []
    for name in sheet.read:
        cell, address = _markdown(shown(name, row[name], speak)), _address(name, row)
        cells.append(f"[{cell}]({address})" if address and cell else cell)
    return "| " + " | ".join(cells) + " |"


def as_html(sheet: Sheet, speak: Speak, language: str) -> str:
    """One page that needs nothing beside itself."""
    sheet = replace(sheet, rows=list(sheet.rows))
    parts = [(part.title, *_html_table(part, speak)) for part in sheet.parts]
    heads, table = _html_table(sheet, speak)
    lead = [line(sentence) for sentence in sheet.lead]
    page = pages.template("sheet.html")
    return page.render(sheet=sheet, lead=lead, parts=parts, heads=heads, table=table, language=language) + "\n"


def _html_table(sheet: Sheet, speak: Speak) -> tuple[list[tuple[str, bool]], list[list[tuple[str, str, bool]]]]:
    """The headings and the cells, each with whether its column holds numbers; a cell with its address too."""
    heads = [(heading(name, speak), _counts(sheet, name)) for name in sheet.read]
    numbers = [number for _, number in heads]
    rows = [
        [
            (shown(name, row[name], speak), _address(name, row), number)
            for name, number in zip(sheet.read, numbers, strict=True)
        ]
        for row in sheet.rows
    ]
    return heads, rows


# ── cells ────────────────────────────────────────────────────────────────────────────────────────────────────────────


def heading(name: str, speak: Speak) -> str:
    return speak(Say.of(f"sheet.{name}"))


def shown(name: str, value: object, speak: Speak) -> str:
    """A value for people: one line, shares in percent, days without their time, nothing where there is none."""
    match value:
        case None:
            return ""
        case bool():
            return speak(Say.of(f"sheet.{str(value).lower()}"))
        case int() | float():
            return percent(value, speak) if name in SHARES else number(value, speak, 3)
        case list() | tuple() if all(isinstance(one, str) for one in value):
            return line(", ".join(value))
        case list() | tuple() | dict():
            return line(_json(value))
        case _:
            return line(value)


def _counts(sheet: Sheet, name: str) -> bool:
    """Whether the column holds numbers, which stand to the right."""
    values = [row[name] for row in sheet.rows if row[name] is not None]
    return bool(values) and all(isinstance(one, int | float) and not isinstance(one, bool) for one in values)


def _address(name: str, row: Row) -> str:
    """Where a key, or the target of a write, leads; only a web address is one."""
    return pages.web(row.get("url")) if name == ("key" if "key" in row else "target") else ""


def _markdown(text: str) -> str:
    return _MARKDOWN.sub(r"\\\1", line(text)).replace("@", "@\u2060")


def _json(value: object) -> str:
    return orjson.dumps(value).decode()
