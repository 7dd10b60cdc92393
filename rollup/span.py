"""Where an instant stands in a window: the share that has passed, and what is left of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from okrsync.model import Window

EPSILON = 1e-9
"""What two numbers that should be equal may differ by."""

WEEK = timedelta(weeks=1)

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True)
class Span:
    """A window seen at ``now``. A missing end of the window leaves what depends on it unknown."""

    window: Window
    now: datetime

    @property
    def started(self) -> bool:
        return self.window.start is None or self.now >= self.window.start

    @property
    def over(self) -> bool:
        return self.window.end is not None and self.now >= self.window.end

    @property
    def elapsed(self) -> float | None:
        """The share of the window that has passed, in [0, 1]; None where the window has no start or no end."""
        start, end = self.window.start, self.window.end
        if start is None or end is None:
            return None
        if end <= start:
            return float(self.now >= end)
        return min(max((self.now - start) / (end - start), 0.0), 1.0)

    def last_day(self, timezone: str) -> date | None:
        """The day that people call its end, in their time zone."""
        return None if self.window.end is None else local_day(self.window.end - timedelta(microseconds=1), timezone)


def micros(length: datetime | timedelta) -> int:
    """A length of time in microseconds; of an instant, that since 1970."""
    return (length - EPOCH if isinstance(length, datetime) else length) // MICROSECOND


def instant(value: int) -> datetime:
    """The instant, in UTC, of so many microseconds since 1970."""
    return EPOCH + timedelta(microseconds=value)


def local_day(instant: datetime, timezone: str) -> date:
    """The calendar day of an instant in a time zone."""
    return instant.astimezone(ZoneInfo(timezone)).date()


def last_instant(day: date, timezone: str) -> datetime:
    """The last instant, in UTC, of a calendar day in a time zone."""
    following = day + timedelta(days=1)
    midnight = datetime(following.year, following.month, following.day, tzinfo=ZoneInfo(timezone))
    return midnight.astimezone(UTC) - MICROSECOND


def whole_days(length: timedelta) -> int:
    """Full days in a length of time, never below 0."""
    return max(length // timedelta(days=1), 0)
