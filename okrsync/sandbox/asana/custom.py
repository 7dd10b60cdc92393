"""Custom fields: what a workspace's fields are, and the entries of ``custom_fields`` that tasks share.

An entry is a field with one value. Equal entries are one object, and none is ever changed: a task that gets another
value gets another entry.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import orjson

from okrsync.sandbox.asana.records import Record

VALUES = {
    "text": "text_value",
    "enum": "enum_value",
    "multi_enum": "multi_enum_values",
    "number": "number_value",
    "date": "date_value",
    "people": "people_value",
    "reference": "reference_value",
}
"""Type of a field → the member that holds its value."""

_LISTS = frozenset({"multi_enum", "people", "reference"})
_OF_A_VALUE = frozenset({*VALUES.values(), "display_value"})


class CustomFields:
    """The fields of one workspace by gid."""

    def __init__(self, next_gid: Callable[[], str]) -> None:
        self.fields: dict[str, Record] = {}
        self._entries: dict[tuple[str, bytes], Record] = {}
        self._next_gid = next_gid

    def named(self, name: str) -> Record | None:
        """A field by gid, or by name in any case."""
        wanted = name.casefold()
        return self.fields.get(name) or next((f for f in self.fields.values() if f["name"].casefold() == wanted), None)

    def define(self, given: Record) -> Record:
        """A field like this, which is new."""
        return self._field(given)

    def option(self, field: Record, name: str) -> Record:
        """The option of this name; a new one where the field has none."""
        return self._option(field, {"name": name})

    def forget(self, field: Record) -> None:
        """The field changed: its entries are made anew."""
        self._entries = {key: entry for key, entry in self._entries.items() if key[0] != field["gid"]}

    def adopt(self, given: Record) -> Record:
        """The entry that a given one, whole or in short, stands for."""
        field = self._field(given)
        kind = field["resource_subtype"]
        if kind not in VALUES:
            return given
        value = given.get(VALUES[kind])
        if value is None and kind == "text":
            value = given.get("display_value")
        if kind == "enum" and value:
            value = self._option(field, value)
        elif kind == "multi_enum":
            value = [self._option(field, one) for one in value or ()]
        return self.entry(field, value)

    def entry(self, field: Record, value: Any) -> Record:
        """The field with a stored value."""
        key = (field["gid"], orjson.dumps(value))
        found = self._entries.get(key)
        if found is None:
            kind = field["resource_subtype"]
            shown = {VALUES[kind]: value if value is not None or kind not in _LISTS else []}
            found = self._entries[key] = {**field, **shown, "display_value": display(kind, value, field)}
        return found

    def _field(self, given: Record) -> Record:
        gid = given.get("gid") or next((f["gid"] for f in self.fields.values() if f["name"] == given["name"]), None)
        field = self.fields.get(gid or "")
        if field is None:
            kind = given.get("resource_subtype") or given.get("type") or _guessed(given)
            field = {
                "gid": gid or self._next_gid(),
                "resource_type": "custom_field",
                "name": "",
                "resource_subtype": kind,
                "type": kind,
                "representation_type": kind,
                "enabled": True,
                "is_formula_field": False,
                **{name: value for name, value in given.items() if name not in _OF_A_VALUE},
            }
            if kind in ("enum", "multi_enum"):
                options, field["enum_options"] = field.get("enum_options", ()), []
                for one in options:
                    self._option(field, one)
            self.fields[field["gid"]] = field
        return field

    def _option(self, field: Record, given: Record) -> Record:
        """The option of a field that this object names; one that it does not have yet is added."""
        options: list[Record] = field["enum_options"]
        gid, name = given.get("gid"), given.get("name")
        for one in options:
            if one["gid"] == gid or (gid is None and one["name"] == name):
                return one
        made = {"gid": gid or self._next_gid(), "resource_type": "enum_option", "enabled": True, "color": "none"}
        options.append({**made, **given})
        return options[-1]


def _guessed(given: Record) -> str:
    return next((kind for kind, member in VALUES.items() if given.get(member) is not None), "text")


def display(kind: str, value: Any, field: Record) -> str | None:
    """``display_value``: what people see."""
    if value is None or value == []:
        return None
    match kind:
        case "enum":
            return str(value["name"])
        case "multi_enum" | "people" | "reference":
            return ", ".join(one["name"] for one in value)
        case "date":
            return str(value.get("date_time") or value["date"])
        case "number":
            places = field.get("precision", 0 if float(value).is_integer() else 2)
            return f"{value * 100:.{places}f}%" if _is_percentage(field) else f"{value:.{places}f}"
    return str(value)


def _is_percentage(field: Record) -> bool:
    """Whether the number is a fraction: 0.25 is shown as 25%, with a precision of 0."""
    return bool(field.get("format") == "percentage")


def stored(field: Record, value: Any, user: Callable[[str], Record]) -> Any:
    """What a value that somebody writes becomes in a field; ValueError in Asana's words where it does not fit."""
    gid, kind = field["gid"], field["resource_subtype"]
    if field.get("is_formula_field") or field.get("is_value_read_only") or not field["enabled"]:
        raise ValueError(f"custom_fields: {gid}: Cannot write this property")
    if value is None:
        return [] if kind in _LISTS else None
    match kind, value:
        case "text", str():
            return value
        case "number", int() | float() if not isinstance(value, bool):
            places = field.get("precision")
            return value if places is None else round(value, places + (2 if _is_percentage(field) else 0))
        case "enum", str():
            return _chosen(field, value)
        case "multi_enum", list():
            return [_chosen(field, one) for one in value]
        case "date", {"date": str()} | {"date_time": str()}:
            return {"date": value.get("date") or value["date_time"][:10], "date_time": value.get("date_time")}
        case "people", list():
            return [user(one) for one in value]
    raise ValueError(f"custom_fields: {gid}: Value is not of type {kind}: {value}")


def _chosen(field: Record, gid: Any) -> Record:
    for option in field["enum_options"]:
        if option["gid"] == gid and option["enabled"]:
            found: Record = option
            return found
    raise ValueError(f"custom_fields: {field['gid']}: Not a recognized enum option: {gid}")
