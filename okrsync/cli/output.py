"""How an answer leaves: as a table, JSON or CSV, to the terminal or into a file."""

from __future__ import annotations

import csv
import io
import os
import re
import sys
from collections.abc import Callable, Mapping, Sequence
from contextlib import contextmanager
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Any, TextIO

from okrsync.errors import StoreError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rich.console import Console, RenderableType

Answer = Mapping[str, Any]
PLAIN_WIDTH = 120  # columns where there is no terminal to ask
FORMULA = frozenset("=+-@＝＋－＠")  # what a spreadsheet runs, in both widths
# what JSON may hold and a terminal would obey
_UNPRINTED = re.compile("[\x7f-\x9f\u061c\u200b\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff]")


class Format(StrEnum):
    """How a listing is printed."""

    TABLE = "table"
    JSON = "json"


class RowFormat(StrEnum):
    """How a listing that is also a flat table is printed."""

    TABLE = "table"
    JSON = "json"
    CSV = "csv"


def emit(
    answer: Answer,
    draw: Callable[[Answer], Sequence[RenderableType]],
    form: Format | RowFormat,
    output: Path | None = None,
    *,
    rows: Callable[[Answer], tuple[Sequence[str], Sequence[Mapping[str, Any]]]] | None = None,
) -> None:
    """Print ``answer`` in the form asked for, or write it to ``output``; StoreError where that cannot be written.

    ``rows`` gives the columns and the rows of the flat table.
    """
    if form.value == "table" and output is None and sys.stdout.isatty():
        with _writing("the terminal"):
            console().print(*draw(answer), sep="\n")
        return
    match form.value:
        case "json":
            text = as_json(answer)
        case "csv":
            assert rows is not None
            text = as_csv(*rows(answer))
        case _:
            text = as_text(draw(answer))
    if output is None:
        with _writing("the standard output"):
            sys.stdout.write(text)
            sys.stdout.flush()
    else:
        with _writing(str(output)):
            _write(output, text)


@contextmanager
def _writing(where: str) -> Iterator[None]:
    try:
        yield
    except BrokenPipeError:
        raise
    except OSError as fault:
        raise StoreError(f"cannot write {where}: {fault.strerror}") from fault


def _write(path: Path, text: str) -> None:
    """All of the text, or what was there before."""
    if path.exists() and not path.is_file():
        path.write_text(text, encoding="utf-8")
        return
    path = path.resolve()
    part = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        part.write_text(text, encoding="utf-8")
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)


def console(file: TextIO | None = None) -> Console:
    """A console that takes text as it is: square brackets and colons in it mean nothing."""
    from rich.console import Console

    width = None if file is None and sys.stdout.isatty() else PLAIN_WIDTH
    return Console(file=file, width=width, markup=False, highlight=False, emoji=False)


def as_json(answer: Answer) -> str:
    """JSON in which what could move a terminal's cursor is escaped (P29)."""
    import orjson

    text = orjson.dumps(answer, option=orjson.OPT_INDENT_2).decode() + "\n"
    return _UNPRINTED.sub(lambda found: f"\\u{ord(found[0]):04x}", text)


def as_text(parts: Sequence[RenderableType]) -> str:
    buffer = io.StringIO()
    console(buffer).print(*parts, sep="\n")
    return "".join(f"{line.rstrip(' ')}\n" for line in buffer.getvalue().splitlines())


def as_csv(columns: Sequence[str], rows: Sequence[Mapping[str, Any]]) -> str:
    """RFC 4180, a line a row; a cell that a spreadsheet would run as a formula is made text by an apostrophe (P29)."""
    buffer = io.StringIO()
    writer = csv.DictWriter(buffer, fieldnames=columns)
    writer.writeheader()
    for row in rows:
        writer.writerow({name: _cell(row[name]) for name in columns})
    return buffer.getvalue()


def _cell(value: object) -> object:
    from okrsync.reports.common import line

    if not isinstance(value, str):
        return value
    cell = line(value)
    return "'" + cell if cell.strip()[:1] in FORMULA else cell
