"""When a maintenance lasts: pure, by the configuration and an instant."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo

from config import Maintenance, Schedule

STEP = timedelta(minutes=1)  # what a crontab can tell apart


@dataclass(frozen=True, slots=True)
class Window:
    """A maintenance that lasts, from ``start`` until right before ``end``, both in UTC."""

    start: datetime
    end: datetime
    why: str = ""


def standing(schedule: Schedule, zone: tzinfo, now: datetime) -> Window | None:
    """The maintenance that lasts now, of several the one that ends last; None where work goes on.

    A ``cron`` names times of ``zone``; what begins there lasts so long by any clock, also in the night in which the
    clocks are changed. A time that such a night skips comes an hour later, but midnight does not come at all; of a
    time that it has twice, both begin one.
    """
    return max(_lasting(schedule, zone, now.astimezone(UTC)), key=lambda window: window.end, default=None)


def _lasting(schedule: Schedule, zone: tzinfo, now: datetime) -> Iterator[Window]:
    for one in schedule.maintenance:
        start, end = one.start, one.end
        if one.cron is not None and one.lasts is not None:
            start = _last_before(one, one.lasts, zone, now)
            end = None if start is None else start + one.lasts
        if start is not None and end is not None and start <= now < end:
            yield Window(start.astimezone(UTC), end.astimezone(UTC), one.why)


def _last_before(one: Maintenance, lasts: timedelta, zone: tzinfo, now: datetime) -> datetime | None:
    """The last time that the crontab names, now or before, where it is not longer ago than ``lasts``.

    Looked for ever farther back, so that few are counted, however often it begins.
    """
    from apscheduler.triggers.cron import CronTrigger

    trigger = CronTrigger.from_crontab(one.cron, timezone=zone)

    def following(at: datetime) -> datetime | None:
        found = trigger.get_next_fire_time(None, at.astimezone(zone))
        return None if found is None else found.astimezone(UTC)  # two times of one zone are compared without their fold

    back = STEP
    while (found := following(now - min(back, lasts))) is None or found > now:
        if back >= lasts:
            return None
        back *= 2
    while (later := following(found + STEP / 2)) is not None and later <= now:
        found = later
    return found
