"""ISO weeks in the configured time zone, by name and by instant."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import rollup
from okrsync.errors import UsageError
from okrsync.model import Window
from rollup.effort import week_name

_NAME = re.compile(r"(\d{4})-?[Ww](\d{1,2})")
INSTANT = timedelta(microseconds=1)
WEEK = timedelta(weeks=1)


@dataclass(frozen=True, slots=True)
class Week:
    """From Monday to Monday, ``[start, end)``, in UTC; ``name`` is "2026-W47"."""

    name: str
    start: datetime
    end: datetime

    @property
    def last(self) -> datetime:
        """Its last instant."""
        return self.end - INSTANT


def named(name: str, timezone: str) -> Week:
    """The week of this name, "2026-W47"; UsageError where there is none."""
    found = _NAME.fullmatch(name.strip())
    try:
        thursday = datetime.fromisocalendar(int(found[1]), int(found[2]), 4) if found else None
    except ValueError:
        thursday = None
    if thursday is None:
        raise UsageError(f"--week {name!r} names no week; write it as 2026-W47")
    noon = thursday.replace(hour=12, tzinfo=ZoneInfo(timezone)).astimezone(UTC)
    return _week(rollup.iso_weeks(noon, timezone, 1)[0])


def last_whole(now: datetime, timezone: str) -> Week:
    """The week before the one that contains ``now``."""
    return _week(rollup.iso_weeks(now.astimezone(UTC), timezone, 2)[0])


def _week(window: Window) -> Week:
    assert window.start is not None
    assert window.end is not None
    return Week(week_name(window.start), window.start, window.end)
