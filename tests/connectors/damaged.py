"""JSON in which something is missing, null or of another type."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

ODD: tuple[Any, ...] = (None, 7, -1.5, True, "odd", "", [], [None], [[]], {}, {"gid": 7})


def damaged(value: Any) -> Iterator[Any]:
    """The value with each of its parts, however deep, removed, null or of another type in turn."""
    parts = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, part in list(parts):
        yield _without(value, key)
        for other in (*ODD, *damaged(part)):
            yield _with(value, key, other)


def _without(value: Any, key: Any) -> Any:
    copy = value.copy()
    del copy[key]
    return copy


def _with(value: Any, key: Any, part: Any) -> Any:
    copy = value.copy()
    copy[key] = part
    return copy
