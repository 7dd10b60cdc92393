"""JSON Lines: one resource a line, with the file and the line named where one is broken."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import orjson

from okrsync.errors import UsageError


def read(path: Path) -> Iterator[tuple[int, dict[str, Any]]]:
    """(line number, object) of every line that is not empty; nothing where the file is absent.

    UsageError where a line is no JSON object or the file cannot be read.
    """
    if not path.is_file():
        return
    try:
        with path.open("rb") as file:
            for number, line in enumerate(file, start=1):
                if line.strip():
                    yield number, _parse(path, number, line)
    except OSError as error:
        raise UsageError(f"{path}: cannot be read: {error.strerror}") from None


def _parse(path: Path, number: int, line: bytes) -> dict[str, Any]:
    try:
        value = orjson.loads(line)
    except orjson.JSONDecodeError as error:
        raise UsageError(f"{path}, line {number}: not JSON ({error.msg}); each line holds one resource") from None
    if not isinstance(value, dict):
        raise UsageError(f"{path}, line {number}: expected a JSON object, found {type(value).__name__}")
    return value


def write(path: Path, values: Iterable[object]) -> None:
    """Replace the file by these values, one a line; whoever reads meanwhile sees the old or the new file, whole."""
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(path.name + ".new")
    with temporary.open("wb") as file:
        for value in values:
            file.write(orjson.dumps(value))
            file.write(b"\n")
    temporary.replace(path)
