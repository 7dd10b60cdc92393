"""Items that people labelled by hand: which goals each of them serves, if any. What okrsync says is held against it."""

from __future__ import annotations

import csv
import io
import re
import tomllib
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from config import Config
from config.faults import hint, listed, quoted
from okrsync.errors import ConfigError, Problem
from okrsync.model import Gate, Goals

ITEM, EXPECTED = "item", "expected"
_BETWEEN = re.compile(r"[\s,;|]+")


@dataclass(frozen=True, slots=True)
class _Row:
    place: str
    item: str
    expected: tuple[str, ...]


def of(config: Config, gates: Iterable[Gate]) -> dict[str, dict[str, frozenset[str]]]:
    """The sample of each of these gates that has one, by the id of the gate; ConfigError with the faults of all."""
    problems: dict[Problem, None] = {}
    found = {}
    for gate in gates:
        if gate.sample is not None:
            try:
                found[gate.id] = read(config.base / gate.sample, config.goals)
            except ConfigError as fault:
                problems |= dict.fromkeys(fault.problems)
    if problems:
        raise ConfigError(list(problems))
    return found


def read(path: Path, goals: Goals) -> dict[str, frozenset[str]]:
    """Item, as it is named there → the goals expected of it, none where it is to serve none.

    A CSV file has the columns ``item`` and ``expected``, separated by commas, semicolons or tabs; a TOML file a table
    ``[[items]]`` for each, with the same keys. ConfigError with every fault of it.
    """
    try:
        text = path.read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        raise _refused(path.name, "there is no such file; its columns are item and expected") from None
    except (OSError, UnicodeDecodeError) as fault:
        raise _refused(path.name, f"cannot be read: {fault}") from fault
    problems: list[Problem] = []
    rows = list(_toml(path.name, text, problems) if path.suffix == ".toml" else _csv(path.name, text, problems))
    sample = dict(_labelled(rows, goals, problems))
    if not rows and not problems:
        problems.append(Problem(path.name, "holds no item"))
    if problems:
        raise ConfigError(problems)
    return sample


def _refused(name: str, message: str) -> ConfigError:
    return ConfigError([Problem(name, message)])


def _csv(name: str, text: str, problems: list[Problem]) -> Iterator[_Row]:
    first = text.partition("\n")[0]
    delimiter = max(",;\t", key=first.count)
    rows = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    columns = [column.strip().casefold() for column in next(rows, [])]
    for column in (ITEM, EXPECTED):
        if column not in columns:
            near = hint(column, columns)
            problems.append(Problem(f"{name}: line 1", f"there is no column {quoted(column)}{near}"))
    if ITEM not in columns or EXPECTED not in columns:
        return
    item, expected = columns.index(ITEM), columns.index(EXPECTED)
    for row in rows:
        if any(cell.strip() for cell in row):
            row += [""] * (len(columns) - len(row))
            yield _Row(f"{name}: line {rows.line_num}", row[item].strip(), _goals(row[expected]))


def _toml(name: str, text: str, problems: list[Problem]) -> Iterator[_Row]:
    try:
        entries = tomllib.loads(text).get("items", [])
    except tomllib.TOMLDecodeError as fault:
        problems.append(Problem(name, f"is no TOML: {fault}"))
        return
    for number, entry in enumerate(entries if isinstance(entries, list) else [entries], start=1):
        place = f"{name}: [items.#{number}]"
        match entry:
            case {"item": str(item), **rest} if set(rest) <= {EXPECTED}:
                expected = rest.get(EXPECTED, "")
                goals = [str(goal) for goal in expected] if isinstance(expected, list) else [str(expected)]
                yield _Row(place, item.strip(), tuple(part for goal in goals for part in _goals(goal)))
                continue
        problems.append(Problem(place, 'must be item = "SHOP-12" and expected = "KR-UX", or "" where it serves none'))


def _goals(cell: str) -> tuple[str, ...]:
    return tuple(part for part in _BETWEEN.split(cell) if part)


def _labelled(rows: list[_Row], goals: Goals, problems: list[Problem]) -> Iterator[tuple[str, frozenset[str]]]:
    """Each item once, with the goals as they are written in the configuration."""
    known = {_folded(goal): goal for goal in (*goals.objectives, *goals.key_results)}
    seen: dict[str, _Row] = {}
    for row in rows:
        twin = seen.setdefault(_folded(row.item), row)
        if not row.item:
            problems.append(Problem(row.place, "names no item"))
        elif twin is not row:
            problems.append(Problem(row.place, f"{quoted(row.item)} stands at {twin.place} already"))
        unknown = [goal for goal in row.expected if _folded(goal) not in known]
        for goal in unknown:
            near = hint(goal, known.values()) or f"; goals: {listed(list(known.values())[:20])}"
            problems.append(Problem(row.place, f"there is no goal {quoted(goal)}{near}"))
        yield row.item, frozenset(known[_folded(goal)] for goal in row.expected if goal not in unknown)


def _folded(text: str) -> str:
    return unicodedata.normalize("NFC", text).casefold()
