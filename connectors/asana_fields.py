"""The custom fields of tasks that okrsync fills: the objective of a task, the progress of a key result. Pure.

An objective is told by its id: in a text field as it is, in a single-select field by the option that is called so
(``O-1``, or ``O-1 · Faster checkout``), whatever its case. Progress is a whole percent; where Asana shows the field as
a percentage, it keeps a fraction.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from typing import Any

from connectors.asana_text import plain
from connectors.raw import text
from okrsync.errors import Rejected
from okrsync.model import Json, Slot, Surface

FIELDS = frozenset({Surface.NUMBER, Surface.OBJECTIVE_FIELD})
VALUES = (
    "custom_fields.gid,custom_fields.resource_subtype,custom_fields.text_value,custom_fields.number_value,"
    "custom_fields.enum_value.name"
)
"""What a task has to be asked for."""
DEFINITION = (
    "name,resource_subtype,representation_type,is_formula_field,format,precision,"
    "enum_options.gid,enum_options.name,enum_options.enabled"
)
_COMPUTED = ("formula", "custom_id")
_BETWEEN = " · "


def stands(task: Any, slot: Slot, definition: Any) -> Json:
    """What a task holds in the field of a slot; None where it holds nothing there, or does not have the field."""
    entry: Any = next((one for one in _entries(task) if one.get("gid") == slot.name), {})
    if slot.surface is Surface.NUMBER:
        return percent(entry.get("number_value"), definition)
    if entry.get("resource_subtype") == "enum":
        return _named(text(entry.get("enum_value"), "name")) or None
    return text(entry, "text_value").strip() or None


def percent(number: object, definition: Any) -> Json:
    """What a number field holds, in percent; None where it holds nothing."""
    if isinstance(number, bool) or not isinstance(number, int | float):
        return None
    shown = round(number * 100, 6) if _is_percentage(definition) else number
    return int(shown) if float(shown).is_integer() else shown


def wanted(slot: Slot, value: Json, definition: Any) -> Json:
    """What a PUT has to say so that the field holds this value; Rejected with what to do where it cannot."""
    field = f"the field {text(definition, 'name')!r} ({slot.name})"
    kind = definition.get("resource_subtype")
    if definition.get("is_formula_field") is True or definition.get("representation_type") in _COMPUTED:
        raise Rejected(f"Asana computes {field} itself: name another one in the configuration")
    if slot.surface is Surface.NUMBER:
        if kind != "number":
            raise Rejected(f"{field} is no number: name a number field in progress_field")
        return _number(definition, value)
    if value is None:
        return None
    if not isinstance(value, str) or kind not in ("text", "enum"):
        raise Rejected(f"{field} is neither text nor single-select: name another one in objective_field")
    return value if kind == "text" else _option(definition, field, value)


def _number(definition: Any, value: Json) -> Json:
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise Rejected(f"a number field takes a number, not {value!r:.40}")
    precision = definition.get("precision")
    places = precision if isinstance(precision, int) else 0
    return round(value / 100, places + 2) if _is_percentage(definition) else round(value, places)


def _option(definition: Any, field: str, objective: str) -> str:
    """The gid of the option that stands for an objective."""
    named = [option for option in _options(definition) if _folded(_named(text(option, "name"))) == _folded(objective)]
    enabled = [option for option in named if option.get("enabled") is not False]
    if not enabled:
        what = (
            f"the option {objective!r} of {field} is switched off: switch it on in Asana"
            if named
            else (f"{field} has no option {objective!r}: add one in Asana that is called so, or “{objective} · …”")
        )
        raise Rejected(what)
    return text(enabled[0], "gid")


def _entries(task: Any) -> Iterator[Any]:
    held = task.get("custom_fields")
    return (one for one in (held if isinstance(held, list) else ()) if isinstance(one, dict))


def _options(definition: Any) -> Iterator[Any]:
    held = definition.get("enum_options")
    return (one for one in (held if isinstance(held, list) else ()) if isinstance(one, dict))


def _is_percentage(definition: Any) -> bool:
    return bool(definition.get("format") == "percentage")


def _named(option: str) -> str:
    """The id of the objective that an option stands for."""
    return plain(option).partition(_BETWEEN)[0].strip()


def _folded(name: str) -> str:
    return unicodedata.normalize("NFC", plain(name)).casefold()
