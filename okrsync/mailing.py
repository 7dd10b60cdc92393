"""When the report of the week is due, and to whom: each of them gets the report of a week once.

What was delivered is remembered right after it was. A process that dies in between sends that one message again when it
is back: a report arrives at least once, and a copy by mail has the Message-ID of the first, by which mailboxes know it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from threading import Event
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import structlog

from config import Config
from okrsync.errors import OkrsyncError, RateLimited
from okrsync.model import Json
from okrsync.store.meta import get_meta, set_meta
from okrsync.weekly import Delivery, Reveal, channels, deliver, make
from okrsync.weeks import INSTANT, WEEK, Week, last_whole, named

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from okrsync.store import Store

log = structlog.get_logger(__name__)

SENT = "report"
"""Where the store remembers what was sent."""
SOONEST, LATEST = timedelta(minutes=1), timedelta(hours=1)
"""Between two tries: twice as long each time."""


@dataclass(frozen=True, slots=True)
class Sent:
    """What the store remembers: nothing that was due until ``until`` is missing, but what ``week`` owes to those who
    are not among ``served``, where it is not ``complete``."""

    until: datetime
    week: str = ""
    served: tuple[str, ...] = ()
    complete: bool = True


class Mailing:
    """The reports of one daemon. A failure is told once, and so is its end; between two tries passes ever more time."""

    def __init__(
        self, store: Store, config: Config, reveal: Reveal, *, clock: Callable[[], datetime], stop: Event
    ) -> None:
        self._store, self._config, self._reveal = store, config, reveal
        self._clock, self._stop = clock, stop
        self._failing: set[str] = set()  # to whom the last try did not reach
        self._pause = SOONEST

    def trigger(self) -> Any:
        """The timetable, as APScheduler takes it."""
        from apscheduler.triggers.cron import CronTrigger

        return CronTrigger.from_crontab(self._config.reports.cron, timezone=ZoneInfo(self._config.timezone))

    def due(self) -> Week | None:
        """The week whose report is to be sent now. A store that knows of no schedule learns of it, and owes nothing."""
        now = self._clock()
        with self._store.read() as tx:
            sent = remembered(tx)
        if sent is None:
            with self._store.begin() as tx:
                remember(tx, Sent(now))
            return None
        trigger = self.trigger()
        return due(sent, self._config, now, lambda instant: trigger.get_next_fire_time(None, instant + INSTANT))

    def send(self) -> datetime | None:
        """What is due is sent; the time of the next try where somebody did not get it."""
        week, now = self.due(), self._clock()
        if week is None or self._stop.is_set():
            return None
        try:
            done = send_due(self._store, self._config, week, now, self._reveal)
        except OkrsyncError as fault:  # it could not even be made
            done = Delivery(failures={"": fault})
        self._tell(week, done)
        waiting = [fault for name, fault in done.failures.items() if name not in done.refused]
        if not waiting:
            self._pause = SOONEST
            return None
        asked = [fault.retry_at for fault in waiting if isinstance(fault, RateLimited)]
        again = max([now + self._pause, *asked])
        self._pause = min(2 * self._pause, LATEST)
        return again

    def _tell(self, week: Week, done: Delivery) -> None:
        if done.delivered:
            log.info("report sent", week=week.name, to=done.delivered)
        for name, fault in done.failures.items():
            tell = log.debug if name in self._failing else log.error
            tell("report not sent", week=week.name, **({"to": name} if name else {}), error=str(fault))
        self._failing = set(done.failures) - set(done.refused)


def send_due(store: Store, config: Config, week: Week, now: datetime, reveal: Reveal) -> Delivery:
    """The report of the week goes to all who have not got it; the store knows of each message once it was taken.

    One who was refused for good counts as served, until the next week: the failure is told once.
    """
    every = channels(config)
    with store.read() as tx:
        to = missing(remembered(tx), week, every)
        report = make(tx, config, week, now)
    served = [name for name in every if name not in to]
    done = Delivery()
    for step in deliver(report, config, to, reveal, at=now, unique=f"{config.instance}.{week.name}"):
        done.add(step)
        served += [*step.delivered, *step.refused]
        with store.begin() as tx:
            remember(tx, Sent(now, week.name, tuple(served), set(every) <= set(served)))
    return done


# ── what is due ──────────────────────────────────────────────────────────────────────────────────────────────────────


def due(sent: Sent, config: Config, now: datetime, next_after: Callable[[datetime], datetime | None]) -> Week | None:
    """The last whole week, where the time of its report has come or somebody still waits for it.

    ``next_after`` tells the first moment of the timetable after an instant. However many were missed, one is due.
    """
    week = last_whole(now, config.timezone)
    if sent.week == week.name:
        return None if sent.complete else week
    fires = next_after(sent.until)
    if fires is None or fires > now:
        return None
    return week if not sent.week or _weeks_since(sent.week, week, config) >= (config.reports.weeks or 1) else None


def _weeks_since(name: str, week: Week, config: Config) -> int:
    """How many weeks later this one is than the one of that name; a change of the clocks takes nothing from it."""
    return round((week.start - named(name, config.timezone).start) / WEEK)


def missing(sent: Sent | None, week: Week, every: Iterable[str]) -> list[str]:
    """Those who have not got the report of this week."""
    has = sent.served if sent is not None and sent.week == week.name else ()
    return [name for name in every if name not in has]


def remembered(tx: Connection) -> Sent | None:
    """None in a store in which no schedule ever was."""
    match get_meta(tx, SENT):
        case {"until": str(until), "week": str(week), "served": list(served), "complete": bool(complete)}:
            return Sent(datetime.fromisoformat(until), week, tuple(map(str, served)), complete)
        case _:
            return None


def remember(tx: Connection, sent: Sent) -> None:
    """From now on this is what :func:`remembered` tells."""
    until = sent.until.astimezone(UTC).isoformat()
    told: dict[str, Json] = {"until": until, "week": sent.week, "served": list(sent.served), "complete": sent.complete}
    set_meta(tx, SENT, told)
