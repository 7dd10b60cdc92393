"""The days and instants that people type."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

from okrsync.errors import UsageError

DAY = len("2026-12-24")


def typed(option: str, said: str, timezone: str, now: datetime) -> tuple[datetime, bool]:
    """The beginning of a day, or an instant, in this time zone unless another is named; and whether it is a day."""
    zone = ZoneInfo(timezone)
    try:
        named = datetime.fromisoformat(said)
    except ValueError:
        today = now.astimezone(zone)
        raise UsageError(
            f"{option} {said} is no day; write it as {today:%Y-%m-%d}, or an instant as {today:%Y-%m-%dT%H:%M}"
        ) from None
    return named.astimezone(zone) if named.tzinfo else named.replace(tzinfo=zone), len(said) <= DAY
