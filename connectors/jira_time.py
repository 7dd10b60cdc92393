"""Instants in JQL: epoch milliseconds, or, where a site does not read these, literals in the account's time zone. Pure.

A literal such as ``"2026-03-08 01:30"`` has minutes only, is read in the time zone of the account's profile, and on the
day on which clocks are put back may mean two instants. Whatever is written here is never later than what is meant.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

MARGIN = timedelta(minutes=1)  # of a literal, besides its cut to the minute
FARTHEST = timedelta(hours=24)  # more than any time zone is away from UTC


@dataclass(frozen=True, slots=True)
class Epoch:
    """Milliseconds since 1970, in which no time zone has a say."""

    def write(self, at: datetime) -> str:
        """What stands behind ``updated >=``."""
        return str(int(at.timestamp() * 1000))


@dataclass(frozen=True, slots=True)
class Literal:
    """Minutes in the time zone of the account; ``None``: it is not known, and a day is read again."""

    zone: ZoneInfo | None

    def write(self, at: datetime) -> str:
        """What stands behind ``updated >=``."""
        if self.zone is None:
            return _quoted((at - FARTHEST).astimezone(UTC))
        local = (at - MARGIN).astimezone(self.zone).replace(second=0, microsecond=0)
        while _latest(local) > at:
            local = (local.astimezone(UTC) - timedelta(minutes=30)).astimezone(self.zone)
        return _quoted(local)


def zone(name: str) -> ZoneInfo | None:
    """The time zone of this name, None where there is none."""
    try:
        return ZoneInfo(name) if name else None
    except (KeyError, OSError, ValueError):  # not known, a folder, not a name at all
        return None


def _latest(local: datetime) -> datetime:
    """The later of the instants that these hands of a clock may mean."""
    return max(local.replace(fold=fold).astimezone(UTC) for fold in (0, 1))


def _quoted(local: datetime) -> str:
    return f'"{local:%Y-%m-%d %H:%M}"'
