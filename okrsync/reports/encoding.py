"""An answer as JSON, on a terminal, in a file and over HTTP."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from itertools import islice
from textwrap import indent
from typing import Any

ROWS = 500  # of a long answer are turned into text at once
# what JSON may hold and a terminal would obey
_UNPRINTED = re.compile("[\x7f-\x9f\u061c\u200b\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff]")


def as_json(answer: Mapping[str, Any]) -> str:
    """JSON in which what could move a terminal's cursor is escaped (P29)."""
    return "".join(json_pieces(answer))


def json_pieces(answer: Mapping[str, Any]) -> Iterator[str]:
    """:func:`as_json`, some rows at a time where the answer makes them so."""
    from okrsync.reports.common import Lazy

    *_, last = answer
    rows = answer[last]
    if not isinstance(rows, Lazy):
        yield _dumped(answer) + "\n"
        return
    around = _dumped({**answer, last: []})
    yield around.removesuffix("]\n}")
    first = True
    left = iter(rows)
    while some := list(islice(left, ROWS)):
        yield ("\n" if first else ",\n") + indent(_dumped(some)[2:-2], "  ")
        first = False
    yield ("]" if first else "\n  ]") + "\n}\n"


def _dumped(value: Any) -> str:
    import orjson

    text = orjson.dumps(value, option=orjson.OPT_INDENT_2).decode()
    return _UNPRINTED.sub(lambda found: f"\\u{ord(found[0]):04x}", text)
