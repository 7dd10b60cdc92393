"""What the environment and the command line put over the file, and every name there that means nothing."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Mapping
from typing import Any

from pydantic import BaseModel

from config.faults import FLAG, hint
from config.files import VARIABLE
from config.operation import AlertsTable, RetentionTable, ScheduleTable, ServerTable
from config.reports import ReportsTable
from config.schema import MappingTable, OkrsyncTable, RollupTable
from config.writeback import WritebackTable
from okrsync.errors import Problem

PREFIX = "OKRSYNC_"
TABLES: Mapping[str, type[BaseModel]] = {
    "okrsync": OkrsyncTable,
    "mapping": MappingTable,
    "rollup": RollupTable,
    "writeback": WritebackTable,
    "reports": ReportsTable,
    "server": ServerTable,
    "schedule": ScheduleTable,
    "alerts": AlertsTable,
    "retention": RetentionTable,
}
"""The sections whose options can be set from outside the files."""

Key = tuple[str, str]  # section, option
Overlay = dict[Key, tuple[Any, str]]  # value and origin


def overlay(
    environ: Mapping[str, str],
    flags: Mapping[str, str],
    sources: Iterable[str],
    secrets: Iterable[str],
    problems: list[Problem],
) -> Overlay:
    """The options given in the environment and, above it, by flags ("okrsync.database").

    ``secrets`` are the variables that the configuration names as the place of a secret: they are no options, whatever
    their name.
    """
    options = _options(sources)
    names = {variable_of(*key): key for key in options}
    set_there: Overlay = {}
    for name in sorted(environ):
        if not name.startswith(PREFIX) or name == VARIABLE or name in secrets:
            continue
        if name in names:
            key = names[name]
            set_there[key] = _value(environ[name], textual=options[key]), f"environment {name}"
        else:
            problems.append(Problem(f"environment {name}", _unknown(name, names)))
    dotted = {".".join(key): key for key in options}
    for name, text in flags.items():
        if name in dotted:
            key = dotted[name]
            set_there[key] = _value(text, textual=options[key]), FLAG
        else:
            problems.append(Problem(f"{FLAG} {name}", f"unknown option{hint(name, dotted)}"))
    return set_there


def variable_of(section: str, option: str) -> str:
    """``OKRSYNC_DATABASE`` for ``[okrsync] database``, ``OKRSYNC_WRITEBACK__MODE`` for ``[writeback] mode``."""
    path = option if section == "okrsync" else f"{section}__{option}"
    return PREFIX + re.sub(r"[^A-Z0-9]", "_", path.upper())


def _options(sources: Iterable[str]) -> dict[Key, bool]:
    """Every option that can be set from outside, and whether its value is text as it stands."""
    declared = {
        (section, name): info.annotation is str
        for section, table in TABLES.items()
        for name, info in table.model_fields.items()
    }
    return declared | {("writeback", source): True for source in sources}


def _value(text: str, *, textual: bool) -> object:
    """The value that the text means: as in TOML where that gives something else than text, else the text itself."""
    if textual:
        return text
    try:
        value = tomllib.loads(f"value = {text}\n")
    except (ValueError, RecursionError):
        return text
    return value["value"] if value.keys() == {"value"} else text


def _unknown(name: str, names: Mapping[str, Key]) -> str:
    section = name.removeprefix(PREFIX).partition("__")[0].lower()
    if section in {"sources", "objectives", "cycles"}:
        return f"entries of lists cannot be set from the environment; write it under [[{section}]] in the file"
    if section == "teams":
        return "teams cannot be set from the environment; write them under [teams] in the file"
    near = hint(name, names, PREFIX)
    return f"unknown option{near}" if near else "unknown option; docs/configuration.md lists all that can be set so"
