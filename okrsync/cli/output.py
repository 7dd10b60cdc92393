"""How an answer leaves: as a table, JSON, CSV, Markdown or HTML, to the terminal or into a file."""

from __future__ import annotations

import io
import os
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Any, TextIO

from okrsync.errors import StoreError
from okrsync.reports.encoding import json_pieces

if TYPE_CHECKING:
    from rich.console import Console, RenderableType

    from okrsync.reports.common import Speak
    from okrsync.reports.sheet import Sheet

Answer = Mapping[str, Any]
PLAIN_WIDTH = 120  # columns where there is no terminal to ask
STDOUT = Path("-")
"""The file that is the standard output."""


class Format(StrEnum):
    """How a listing is printed."""

    TABLE = "table"
    JSON = "json"
    CSV = "csv"
    MD = "md"
    HTML = "html"


def emit(
    answer: Answer,
    draw: Callable[[Answer], Sequence[RenderableType]],
    form: Format,
    output: Path | None = None,
    *,
    sheet: Callable[[Answer, Speak], Sheet],
    language: str,
) -> None:
    """Print ``answer`` in the form asked for, or write it to ``output``; StoreError where that cannot be written.

    ``draw`` makes the table for a terminal, ``sheet`` the flat one that CSV, Markdown and HTML hold.
    """
    if form is Format.TABLE and output in (None, STDOUT) and sys.stdout.isatty():
        with _writing("the terminal"):
            console().print(*draw(answer), sep="\n", crop=False)
        return
    match form:
        case Format.JSON:
            _put(json_pieces(answer), output)
        case Format.TABLE:
            put(as_text(draw(answer)), output)
        case _:
            _put(_flat(answer, sheet, form, language), output)


def put(text: str, output: Path | None) -> None:
    """The text on the standard output, or in a file, whole or not at all; StoreError where that cannot be."""
    _put([text], output)


def _put(pieces: Iterable[str], output: Path | None) -> None:
    if output is None or output == STDOUT:
        with _writing("the standard output"):
            sys.stdout.writelines(pieces)
            sys.stdout.flush()
    else:
        with _writing(str(output)):
            _write(output, pieces)


def _flat(answer: Answer, sheet: Callable[[Answer, Speak], Sheet], form: Format, language: str) -> Iterable[str]:
    from okrsync.reports.sheet import as_html, csv_pieces, markdown_pieces
    from okrsync.texts import speaker

    speak = speaker(language)
    flat = sheet(answer, speak)
    match form:
        case Format.CSV:
            return csv_pieces(flat)
        case Format.MD:
            return markdown_pieces(flat, speak)
        case _:
            return [as_html(flat, speak, language)]


@contextmanager
def _writing(where: str) -> Iterator[None]:
    try:
        yield
    except BrokenPipeError:
        raise
    except OSError as fault:
        raise StoreError(f"cannot write {where}: {fault.strerror}") from fault


def _write(path: Path, pieces: Iterable[str]) -> None:
    """All of the text, or what was there before."""
    if path.exists() and not path.is_file():
        with path.open("w", encoding="utf-8") as file:
            file.writelines(pieces)
        return
    path = path.resolve()
    part = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        with part.open("w", encoding="utf-8") as file:
            file.writelines(pieces)
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)


def console(file: TextIO | None = None) -> Console:
    """A console that takes text as it is: square brackets and colons in it mean nothing."""
    from okrsync.cli.lines import HoldingConsole

    width = None if file is None and sys.stdout.isatty() else PLAIN_WIDTH
    return HoldingConsole(file=file, width=width, markup=False, highlight=False, emoji=False)


def as_text(parts: Sequence[RenderableType]) -> str:
    buffer = io.StringIO()
    console(buffer).print(*parts, sep="\n", crop=False)
    return "".join(f"{line.rstrip(' ')}\n" for line in buffer.getvalue().splitlines())
