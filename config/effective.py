"""What the configuration comes to: every value with the place that it was taken from, free of secrets."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple, cast

from pydantic import BaseModel

from config.faults import RawTable
from okrsync.model import Json

DEFAULT = "default"


class Setting(NamedTuple):
    """One effective value and its origin: a file, "environment OKRSYNC_X", "flag" or "default"."""

    value: Json
    origin: str


def settings(table: RawTable, model: BaseModel) -> Iterator[tuple[str, Setting]]:
    """Every option of a validated table under its dotted key: ``sources.jira.auth.token.env``."""
    for key, setting in _flat(model, model.model_dump(mode="json", by_alias=True)):
        yield f"{table.section}.{key}", setting if setting.origin else Setting(setting.value, table.origin(key))


def _flat(model: BaseModel, dumped: dict[str, Json]) -> Iterator[tuple[str, Setting]]:
    """Dotted keys and values; the origin is empty where the value was given, "default" where it was not. A field that
    is excluded is there to be refused, and has no value."""
    for name, info in type(model).model_fields.items():
        if info.exclude:
            continue
        key = info.alias or name
        inner, value = getattr(model, name), dumped[key]
        origin = "" if name in model.model_fields_set else DEFAULT
        if isinstance(inner, BaseModel):
            for below, setting in _flat(inner, cast("dict[str, Json]", value)):
                yield f"{key}.{below}", setting
        elif isinstance(value, dict):
            for below, part in value.items():
                yield f"{key}.{below}", Setting(part, origin)
        else:
            yield key, Setting(value, origin)
