"""An answer as a flat table, from which CSV, Markdown and HTML are made.

A :class:`Sheet` holds no formatting: its rows are those of the JSON answer, its headings are for people. Text from a
tool is neutral in every form (P29): CSV cells that a spreadsheet would run are made text, the others are escaped.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any, TypeAlias

import orjson

from okrsync.model import Say
from okrsync.reports.common import Speak, line, number, percent

if TYPE_CHECKING:
    from jinja2 import Template

Row: TypeAlias = Mapping[str, Any]

FORMULA = frozenset("=+-@＝＋－＠")  # what a spreadsheet runs, in both widths
SHARES = frozenset({"progress", "probability", "effort_share_orphan", "coverage", "precision", "low", "high"})
_MARKDOWN = re.compile(r"([\\`*_{}\[\]<>#|~!])")
_WEB = re.compile(r"https?://[^\s<>\"']+")


@dataclass(frozen=True, slots=True)
class Sheet:
    """``columns`` are names of the rows' fields; ``shown`` are those that people read, a key with its address."""

    title: str
    lead: tuple[str, ...]
    columns: tuple[str, ...]
    rows: Sequence[Row]
    shown: tuple[str, ...] = ()
    nothing: str = ""  # what is said where there is no row

    @property
    def read(self) -> tuple[str, ...]:
        return self.shown or self.columns


def as_csv(sheet: Sheet) -> str:
    """RFC 4180, a line a row; a cell that a spreadsheet would run as a formula is made text by an apostrophe."""
    buffer = io.StringIO()
    writer = csv.DictWriter(buffer, fieldnames=sheet.columns)
    writer.writeheader()
    for row in sheet.rows:
        writer.writerow({name: _cell(row[name]) for name in sheet.columns})
    return buffer.getvalue()


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
    lines = [f"# {_markdown(sheet.title)}", ""]
    for sentence in sheet.lead:
        lines += [_markdown(sentence), ""]
    if not sheet.rows:
        return "\n".join([*lines, *([sheet.nothing, ""] if sheet.nothing else [])])
    lines.append("| " + " | ".join(_markdown(heading(name, speak)) for name in sheet.read) + " |")
    lines.append("|" + "|".join("--:" if _counts(sheet, name) else "---" for name in sheet.read) + "|")
    for row in sheet.rows:
        cells = []
        for name in sheet.read:
            cell, address = _markdown(shown(name, row[name], speak)), _address(name, row)
            cells.append(f"[{cell}]({address})" if address and cell else cell)
        lines.append("| " + " | ".join(cells) + " |")
    return "\n".join([*lines, ""])


def as_html(sheet: Sheet, speak: Speak, language: str) -> str:
    """One page that needs nothing beside itself."""
    table = [
        [(shown(name, row[name], speak), _address(name, row), _counts(sheet, name)) for name in sheet.read]
        for row in sheet.rows
    ]
    heads = [(heading(name, speak), _counts(sheet, name)) for name in sheet.read]
    lead = [line(sentence) for sentence in sheet.lead]
    return _page().render(sheet=sheet, lead=lead, heads=heads, table=table, language=language) + "\n"


@cache
def _page() -> Template:
    from jinja2 import Environment, PackageLoader, StrictUndefined

    loader = PackageLoader("okrsync.reports", "templates")
    return Environment(loader=loader, autoescape=True, undefined=StrictUndefined).get_template("sheet.html")


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
    url = row.get("url") if name == ("key" if "key" in row else "target") else None
    return url if isinstance(url, str) and _WEB.fullmatch(url) and not set(url) & set("()|\\") else ""


def _markdown(text: str) -> str:
    return _MARKDOWN.sub(r"\\\1", line(text)).replace("@", "@\u2060")


def _json(value: object) -> str:
    return orjson.dumps(value).decode()
