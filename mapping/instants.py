"""Instants as whole microseconds since 1970, the form in which they come by the million."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def micros(at: datetime) -> int:
    """Microseconds since 1970 of an aware instant."""
    since = at - _EPOCH
    return (since.days * 86_400 + since.seconds) * 1_000_000 + since.microseconds


def instant(value: int) -> datetime:
    """The aware instant, in UTC, of so many microseconds since 1970."""
    return _EPOCH + timedelta(0, 0, value)
