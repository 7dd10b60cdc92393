"""Dates in JQL: which instant an operand means, for an account in its time zone."""

from __future__ import annotations

import re
from datetime import datetime, timedelta, tzinfo

from okrsync.sandbox.jira.jql import Function, JqlError, Value

_FORMATS = ("%Y-%m-%d %H:%M", "%Y/%m/%d %H:%M", "%Y-%m-%d", "%Y/%m/%d")
_PERIOD = re.compile(r"([+-]?)((?:\d+[wdhm]\s*)+)", re.IGNORECASE)
_STEP = re.compile(r"(\d+)([wdhm])", re.IGNORECASE)
_UNITS = {"w": "weeks", "d": "days", "h": "hours", "m": "minutes"}


_NUMBERS = {"exact": 1, "future": 1000, "past": 0}
"""How a site may misread a bare number, as what multiple of it: exactly, as far in the future, as long past."""


def instant(value: Value, field: str, zone: tzinfo, now: datetime, epochs: str = "exact") -> int:
    """Epoch milliseconds of an operand.

    A bare number is epoch milliseconds, unless ``epochs`` is one of the misreadings or "refused"; a period (``-5m``)
    counts from now; a text is read in the zone, at minute precision. A local time that a clock change skips is read
    with the offset before it, as Java does; one that occurs twice is the first. JqlError in Jira's words for all else.
    """
    if not value.quoted and value.text.isdecimal() and epochs in _NUMBERS:
        return int(value.text) * _NUMBERS[epochs]
    if found := _PERIOD.fullmatch(value.text.strip()):
        sign = -1 if found.group(1) == "-" else 1
        by = timedelta()
        for amount, unit in _STEP.findall(found.group(2)):
            by += timedelta(**{_UNITS[unit.lower()]: int(amount)})
        return round((now + sign * by).timestamp() * 1000)
    for format_ in _FORMATS:
        try:
            local = datetime.strptime(value.text, format_).replace(tzinfo=zone)
        except ValueError:
            continue
        return round(local.timestamp() * 1000)
    raise JqlError(
        f"Date value '{value.text}' for field '{field}' is invalid. Valid formats include: 'yyyy/MM/dd HH:mm', "
        "'yyyy-MM-dd HH:mm', 'yyyy/MM/dd', 'yyyy-MM-dd', or a period format e.g. '-5d', '4w 2d'."
    )


def called(function: Function, zone: tzinfo, now: datetime) -> int | None:
    """Epoch milliseconds of ``now()`` and of ``startOfDay()`` … ``endOfYear("+1")``; None for any other function.

    The argument moves the boundary by whole units of the function, or by those that it names (``-1w``).
    """
    name = function.name.casefold()
    if name == "now":
        return round(now.timestamp() * 1000)
    found = _BOUNDARY.fullmatch(name)
    moved = _MOVE.fullmatch(function.arguments[0].strip()) if function.arguments else None
    if found is None or (function.arguments and moved is None):
        return None
    unit = found.group(2)
    local = now.astimezone(zone).replace(tzinfo=None)
    if moved:
        named = _MOVED.get(moved.group(2), unit)
        local = _later(local, named, int(moved.group(1)))
    start = _start(local, unit)
    if found.group(1) == "end":
        start = _later(start, unit, 1) - timedelta(milliseconds=1)
    return round(start.replace(tzinfo=zone).timestamp() * 1000)


_BOUNDARY = re.compile(r"(start|end)of(day|week|month|year)")
_MOVE = re.compile(r"([+-]?\d+)([dwMy]?)")
_MOVED = {"d": "day", "w": "week", "M": "month", "y": "year"}


def _start(at: datetime, unit: str) -> datetime:
    midnight = at.replace(hour=0, minute=0, second=0, microsecond=0)
    match unit:
        case "week":
            return midnight - timedelta(days=midnight.isoweekday() % 7)  # Jira's weeks begin on Sunday
        case "month":
            return midnight.replace(day=1)
        case "year":
            return midnight.replace(month=1, day=1)
    return midnight


def _later(at: datetime, unit: str, by: int) -> datetime:
    if unit in ("day", "week"):
        return at + timedelta(days=by * (7 if unit == "week" else 1))
    months = at.year * 12 + at.month - 1 + by * (12 if unit == "year" else 1)
    return at.replace(year=months // 12, month=months % 12 + 1, day=min(at.day, 28))


def relative(value: Value) -> bool:
    """Whether an operand depends on the time of asking."""
    return not value.text.isdecimal() and _PERIOD.fullmatch(value.text.strip()) is not None
