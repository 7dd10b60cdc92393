"""What is wrong with the parameters of an address, for people: which one, what stands there, what may stand there."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from okrsync.model import Say
from okrsync.reports.common import line

if TYPE_CHECKING:
    from pydantic import ValidationError
    from pydantic_core import ErrorDetails

LONGEST = 60
"""Characters of what was typed that are told again."""

KINDS = {
    "int_parsing": "whole",
    "int_type": "whole",
    "int_parsing_size": "whole",
    "int_from_float": "whole",
    "float_parsing": "number",
    "bool_parsing": "bool",
    "date_parsing": "day",
    "date_from_datetime_parsing": "day",
    "date_from_datetime_inexact": "day",
    "datetime_parsing": "day",
    "datetime_from_date_parsing": "day",
    "greater_than_equal": "least",
    "less_than_equal": "most",
    "string_too_long": "long",
    "literal_error": "one_of",
    "enum": "one_of",
    "missing": "missing",
}
"""Pydantic's types of errors → what is said of them (``site.unfit.…``)."""

_QUOTED = re.compile(r"'([^']*)'")  # of "'a', 'b' or 'c'"

LIMITS = {"least": "ge", "most": "le", "long": "max_length"}


def sentences(fault: ValidationError, known: Sequence[str]) -> Iterator[Say]:
    """One sentence for each parameter that is wrong, where these are ``known``."""
    for one in fault.errors(include_url=False):
        yield _sentence(one, known)


def _sentence(one: ErrorDetails, known: Sequence[str]) -> Say:
    name, given = line(one["loc"][0] if one["loc"] else "?"), _short(one.get("input"))
    context: dict[str, Any] = one.get("ctx", {})
    if one["type"] == "extra_forbidden":
        if not known:
            return Say.of("site.unfit.nothing", name=_short(name))
        return Say.of("site.unfit.unknown", name=_short(name), known=", ".join(known))
    kind = KINDS.get(one["type"], "other")
    if kind in LIMITS:
        return Say.of(f"site.unfit.{kind}", name=name, given=given, limit=str(context.get(LIMITS[kind], "")))
    if kind == "one_of":
        choices = ", ".join(_QUOTED.findall(str(context.get("expected", ""))))
        return Say.of("site.unfit.one_of", name=name, given=given, known=choices)
    if kind == "other":
        return Say.of("site.unfit.other", name=name, given=given, why=line(one["msg"]))
    return Say.of(f"site.unfit.{kind}", name=name, given=given)


def _short(given: object) -> str:
    told = line("" if given is None else given)
    return told if len(told) <= LONGEST else f"{told[:LONGEST]}…"
