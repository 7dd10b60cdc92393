"""How numbers and instants go into a :class:`~okrsync.model.Say`: short, and the same on every machine."""

from __future__ import annotations

import math
import re
import unicodedata
from collections.abc import Iterable
from datetime import datetime
from fnmatch import fnmatchcase

from okrsync.model import ItemRef
from rollup.span import EPSILON, local_day


def percent(share: float) -> int:
    """Whole percent points, rounded half up; 100 is said of nothing that is not whole yet."""
    whole = int((share * 100 + 0.5 + EPSILON) // 1)
    return 99 if whole == 100 and share < 1 - EPSILON else whole


def short_of(share: float, needed: float) -> int | float:
    """Percent points of a share that falls short of another one: whole, or with a decimal where it would read alike."""
    whole, limit = percent(share), percent(needed)
    return whole if whole < limit else round(min(share * 100, limit - 0.1), 1)


def tidy(number: float) -> int | float:
    """A number without noise: whole where it is whole, else with one decimal."""
    rounded = round(number, 1)
    return int(rounded) if rounded == int(rounded) else rounded


def day(instant: datetime, timezone: str) -> str:
    """The calendar day of an instant, ISO 8601, in the configured time zone."""
    return local_day(instant, timezone).isoformat()


def quantity(value: float) -> float:
    """A value of a metric to six significant digits, as a number, for each language to write in its own way."""
    return float(f"{value:.6g}") if abs(value) < 1e5 else float(round(value))


def along(value: float, way: float) -> float:
    """A value that a metric may come to, as exactly as a way of this length (not 0) bears it: to a hundredth of it."""
    digits = max(1 - math.floor(math.log10(abs(way))), 0)
    return quantity(round(value, digits))


def suffix(unit: str) -> str:
    """What follows a number of this unit: nothing, or the unit behind a space at which no line breaks."""
    return unit and f"\u00a0{unit}"


def one_line(text: str) -> str:
    """The text on one line, with single spaces."""
    return " ".join(text.split())


_GAP = re.compile(r"[^\S\u00a0\u202f]+")
_MARKS = ((re.compile("<!--"), "<! --"), (re.compile("-->"), "-- >"), (re.compile(r"(?i)\b(okrsync)\s*·"), r"\1 -"))
_DIRECTIONS = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


def neutral(text: str) -> str:
    """The text on one line, without what no surface may carry: control characters, overrides of the direction of
    writing, and what would read as a mark of ours. What a tool would make of the rest is for its connector."""
    line = _GAP.sub(" ", text).strip()
    line = "".join(one for one in line if one not in _DIRECTIONS and unicodedata.category(one) != "Cc")
    for mark, broken in _MARKS:
        line = mark.sub(broken, line)
    return line


def shortened(text: str, length: int) -> str:
    """At most ``length`` characters of a text, cut between two words where one ends in its second half."""
    if len(text) <= length:
        return text
    start = text[: max(length - 1, 0)]
    words = start.rpartition(" ")[0] if not text[len(start)].isspace() else start
    return (words if len(words) * 2 >= length else start).rstrip(" ,;:·") + "…"


def lies_in(places: Iterable[ItemRef], source: str, project: str) -> bool:
    """Whether one of these names the project or repository; they are shell patterns, and case does not matter."""
    folded = project.casefold()
    return any(one.source == source and fnmatchcase(folded, one.key.casefold()) for one in places)
