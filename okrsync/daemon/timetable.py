"""When work is due: APScheduler, in whose thread nothing happens but that a job is handed on.

A tick comes up to ``jitter`` later than its timetable says, so that not all sources are asked at once. However long
the process slept, one tick is made up for (``coalesce``), and none is dropped for being late (``misfire_grace_time``).
"""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import structlog
from apscheduler.executors.debug import DebugExecutor
from apscheduler.jobstores.base import JobLookupError
from apscheduler.schedulers.background import BackgroundScheduler
from apscheduler.triggers.base import BaseTrigger
from apscheduler.triggers.cron import CronTrigger
from apscheduler.triggers.date import DateTrigger

log = structlog.get_logger(__name__)

SHARE = 10  # the jitter of an interval is at most this part of it
NEAREST, FARTHEST = timedelta(milliseconds=10), timedelta(days=1)  # of what is to be done once
LOOK = 5.0  # seconds between two looks at the clock of the machine …
JUMP = 30.0  # … seconds by which it may be corrected without anybody minding


@dataclass(frozen=True, slots=True)
class Plan:
    """A timetable: every so often, or by a crontab in a time zone."""

    zone: str
    every: timedelta | None = None
    cron: str | None = None
    jitter: timedelta = timedelta()

    def trigger(self, since: datetime) -> BaseTrigger:
        """As APScheduler takes it; an interval is counted from ``since``."""
        if self.cron is not None:
            trigger = CronTrigger.from_crontab(self.cron, timezone=ZoneInfo(self.zone))
            trigger.jitter = self.jitter.total_seconds()
            return trigger
        return Every(self.every or timedelta(minutes=5), since, self.jitter)


class Every(BaseTrigger):  # type: ignore[misc]  # the library has no types
    """Every so often from ``since`` on, each time a little later, but not later and later."""

    __slots__ = ("every", "jitter", "since")

    def __init__(self, every: timedelta, since: datetime, jitter: timedelta) -> None:
        self.every, self.since = every, since.astimezone(UTC)  # where no hour comes twice
        self.jitter = min(jitter, every / SHARE)

    def get_next_fire_time(self, previous: datetime | None, now: datetime) -> datetime:
        """The first time after the previous one that is not missed yet."""
        at = max(previous or now, now).astimezone(UTC)
        passed = (at - self.since) // self.every
        return self.since + (passed + 1) * self.every + self.jitter * random.random()  # noqa: S311 - nobody guesses it


class Timetable:
    """What is done when, from :meth:`start` to :meth:`stop`. Whatever is done here hands a job on and returns."""

    def __init__(self) -> None:
        self._scheduler = BackgroundScheduler(
            timezone=UTC,  # times of one zone with an hour twice are not told apart; each plan has its own
            executors={"default": DebugExecutor()},  # in the scheduler's own thread: no tick waits for a free one
            job_defaults={"coalesce": True, "misfire_grace_time": None, "max_instances": 1},
        )
        self._plans: dict[str, Plan] = {}
        self._once: dict[str, float] = {}  # id of what is done once → when, by the clock that nobody sets
        self._ahead = _ahead()
        self._ended = threading.Event()

    def start(self) -> None:
        self._scheduler.start()
        threading.Thread(target=self._watch_the_clock, name="clock", daemon=True).start()

    def stop(self) -> None:
        """Nothing is due any more."""
        self._ended.set()
        if self._scheduler.running:
            self._scheduler.shutdown(wait=False)

    def put(self, name: str, plan: Plan, do: Callable[[], object]) -> None:
        """From now on this is done by this plan; one that is in force already keeps its next tick."""
        if self._plans.get(name) != plan:
            self._plans[name] = plan
            self._scheduler.add_job(do, plan.trigger(datetime.now(UTC)), id=name, replace_existing=True)

    def once(self, name: str, after: timedelta, do: Callable[[], object]) -> None:
        """Done after so long, beside any plan; told again under the same name, it is done at the new time."""
        pause = min(max(after, NEAREST), FARTHEST)
        self._once[f"once {name}"] = time.monotonic() + pause.total_seconds()
        self._scheduler.add_job(do, DateTrigger(datetime.now(UTC) + pause), id=f"once {name}", replace_existing=True)

    def drop(self, name: str) -> None:
        """What was put under this name, or is to be done once, is not due any more."""
        self._plans.pop(name, None)
        for one in (name, f"once {name}"):
            with suppress(JobLookupError):
                self._scheduler.remove_job(one)

    def next(self, name: str) -> datetime | None:
        """When it is due, by its plan or once; None where it is not."""
        jobs: list[Any] = [self._scheduler.get_job(one) for one in (name, f"once {name}")]
        times = [job.next_run_time for job in jobs if job is not None and getattr(job, "next_run_time", None)]
        return min(times, default=None)

    def _watch_the_clock(self) -> None:
        while not self._ended.wait(LOOK):
            if self.mind_the_clock():
                log.warning("the clock of the machine was set, or the machine slept; the timetables go by it")

    def mind_the_clock(self) -> bool:
        """Whether the clock of the machine was put forward or back since; every plan then goes by the new one.

        The scheduler waits for a time of the day: where an hour comes again, it would wait an hour more.
        """
        ahead, before = _ahead(), self._ahead
        if abs(ahead - before) < JUMP:
            return False
        self._ahead = ahead
        for job in self._scheduler.get_jobs():
            with suppress(JobLookupError):  # it was done just now
                self._go_by_the_clock(job.id, back=ahead < before)
        return True

    def _go_by_the_clock(self, job: str, *, back: bool) -> None:
        now, plan = datetime.now(UTC), self._plans.get(job)
        if plan is None:
            left = timedelta(seconds=self._once.get(job, 0.0) - time.monotonic())
            self._scheduler.reschedule_job(job, trigger=DateTrigger(now + max(left, NEAREST)))
        elif back:
            self._scheduler.reschedule_job(job, trigger=plan.trigger(now))


def _ahead() -> float:
    """Seconds by which the clock of the day is ahead of one that nobody sets."""
    return time.time() - time.monotonic()
