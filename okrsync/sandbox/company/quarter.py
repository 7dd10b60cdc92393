"""When things happen: eight weeks into a quarter of thirteen, in the working hours of Paris."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import cached_property
from zoneinfo import ZoneInfo

PARIS = ZoneInfo("Europe/Paris")
WEEKS_DONE, WEEKS = 8, 13
WEEKS_BEFORE, YEAR = 26, 52  # of the year before this quarter, and in all
MORNING, EVENING = 9, 18


@dataclass(frozen=True)
class Quarter:
    """The quarter and the year that contain ``now``: the quarter began eight weeks before this week's Monday."""

    now: datetime

    @cached_property
    def first(self) -> date:
        today = self.now.astimezone(PARIS).date()
        return today - timedelta(days=today.weekday(), weeks=WEEKS_DONE)

    @property
    def last(self) -> date:
        return self.first + timedelta(weeks=WEEKS, days=-1)

    @property
    def year_first(self) -> date:
        return self.first - timedelta(weeks=WEEKS_BEFORE)

    @property
    def year_last(self) -> date:
        return self.year_first + timedelta(weeks=YEAR, days=-1)

    @property
    def name(self) -> str:
        """The quarter by the week in which it begins: ``2026-S39``."""
        year, week, _ = self.first.isocalendar()
        return f"{year}-S{week:02d}"

    @property
    def year(self) -> str:
        return f"CAP-{self.first.year}"

    @cached_property
    def start(self) -> datetime:
        """The first morning."""
        return datetime.combine(self.first, time(MORNING), PARIS).astimezone(UTC)

    def at(self, share: float) -> datetime:
        """The working moment at this share of the quarter so far."""
        return self.working(self.start + (self.now - self.start) * share)

    def week(self, number: float) -> datetime:
        """The working moment so many weeks after the start; below 0 it lies in the quarters before."""
        return self.working(self.start + timedelta(weeks=number))

    def ago(self, **span: float) -> datetime:
        """Exactly so long before now."""
        return self.now - timedelta(**span)

    def working(self, at: datetime) -> datetime:
        """The same moment in working hours, and before a week-end rather than in it; never in the future."""
        local = at.astimezone(PARIS)
        local -= timedelta(days=max(0, local.weekday() - 4))
        minutes = (local.hour * 60 + local.minute) * (EVENING - MORNING) // 24
        moved = local.replace(hour=MORNING + minutes // 60, minute=minutes % 60, fold=0).astimezone(UTC)
        return moved if moved < self.now else self.working(moved - timedelta(days=1))
