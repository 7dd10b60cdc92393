"""Dates in JQL: which instant an operand means, for an account in its time zone."""

from __future__ import annotations

import re
from datetime import datetime, timedelta, tzinfo

from okrsync.sandbox.jira.jql import JqlError, Value

_FORMATS = ("%Y-%m-%d %H:%M", "%Y/%m/%d %H:%M", "%Y-%m-%d", "%Y/%m/%d")
_PERIOD = re.compile(r"([+-]?)((?:\d+[wdhm]\s*)+)", re.IGNORECASE)
_STEP = re.compile(r"(\d+)([wdhm])", re.IGNORECASE)
_UNITS = {"w": "weeks", "d": "days", "h": "hours", "m": "minutes"}


def instant(value: Value, field: str, zone: tzinfo, now: datetime) -> int:
    """Epoch milliseconds of an operand.

    A bare number is epoch milliseconds; a period (``-5m``) counts from now; a text is read in the zone, at minute
    precision. A local time that a clock change skips is read with the offset before it, as Java does; one that occurs
    twice is the first. JqlError in Jira's words for all else.
    """
    if not value.quoted and value.text.isdecimal():
        return int(value.text)
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


def relative(value: Value) -> bool:
    """Whether an operand depends on the time of asking."""
    return not value.text.isdecimal() and _PERIOD.fullmatch(value.text.strip()) is not None
