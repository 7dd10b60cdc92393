"""``__type``: what a server says of its own types. Of these only names, fields and the words of enumerations."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from okrsync.sandbox.github.graphql.language import Field, Selection

if TYPE_CHECKING:
    from okrsync.sandbox.github.graphql.execute import Schema


def described(schema: Schema, name: str, selections: Sequence[Selection]) -> dict[str, Any] | None:
    """What is asked of the type of this name; None where there is none."""
    if name in schema.types:
        about: dict[str, Any] = {
            "name": name,
            "kind": "OBJECT",
            "fields": _named(schema.types[name]),
            "enumValues": None,
        }
    elif name in schema.words:
        about = {"name": name, "kind": "ENUM", "fields": None, "enumValues": _named(schema.words[name])}
    else:
        return None
    return _picked(about, selections)


def _named(names: Iterable[str]) -> list[Mapping[str, Any]]:
    return [{"name": name} for name in sorted(names)]


def _picked(about: Mapping[str, Any], selections: Sequence[Selection]) -> dict[str, Any]:
    return {one.key: _value(about.get(one.name), one.selections) for one in selections if isinstance(one, Field)}


def _value(value: Any, selections: Sequence[Selection]) -> Any:
    return [_picked(row, selections) for row in value] if isinstance(value, list) else value
