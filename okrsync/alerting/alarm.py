"""The alerts of one daemon: what began and what ended is recorded in one transaction, and then told.

Who was told is remembered right after it was. A process that dies in between tells it again when it is back: an alert,
and its end, arrive at least once.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from threading import Event
from typing import TYPE_CHECKING

import structlog

from config import AlertKind, Config
from okrsync.alerting.changes import Changes, Why, changes
from okrsync.alerting.conditions import Condition, Memory, conditions, remembered
from okrsync.alerting.watching import Marks, find
from okrsync.assess import assess
from okrsync.errors import OkrsyncError, RateLimited
from okrsync.model import Json, Status
from okrsync.reports import alerts as report
from okrsync.reports.alerts import News
from okrsync.sending import webhook
from okrsync.store import Store, alerts, codec
from okrsync.store.meta import get_meta, set_meta
from okrsync.texts import speaker
from okrsync.weekly import Reveal

if TYPE_CHECKING:
    from sqlalchemy import Connection

log = structlog.get_logger(__name__)

REMEMBERED = "alerts"
"""Where the store keeps what is remembered from look to look."""
SOONEST, LATEST = timedelta(minutes=1), timedelta(hours=1)
"""Between two tries to post: twice as long each time."""
TIMEOUT = timedelta(seconds=10)
REST = timedelta(minutes=5)
"""Looks that lie farther apart tell that nothing was read in between."""
CAUSES = 3
"""So many clauses say why a goal got worse."""


class Alarm:
    """One look at a time, and never during maintenance. A webhook that fails is told once, and so is its end; between
    two tries passes ever more time, and nothing else waits for it."""

    def __init__(
        self,
        store: Store,
        config: Callable[[], Config],
        reveal: Reveal,
        *,
        clock: Callable[[], datetime],
        stop: Event,
    ) -> None:
        self._store, self._config, self._reveal = store, config, reveal
        self._clock, self._stop = clock, stop
        self._heard = self._looked = clock()
        self._marks = Marks()
        self._logged: set[tuple[int, bool]] = set()  # of which alerts the log tells, and of which ends
        self._pause = SOONEST
        self._again: datetime | None = None
        self._failing = False

    def look(self) -> datetime | None:
        """What began and what ended since the look before is recorded, and told; when to look again where it could not
        be posted."""
        now, config = self._clock(), self._config()
        if now - self._looked > REST:
            self._heard = self._looked  # no attempt since: what failed before is to fail once more
        self._heard, self._looked = min(self._heard, now), now
        self._record(config, now)
        return None if self._stop.is_set() else self._tell(config, now)

    # ── what is amiss ────────────────────────────────────────────────────────────────────────────────────────────────

    def _record(self, config: Config, now: datetime) -> None:
        with self._store.read() as tx:
            memory, known = recall(tx), {one.id: one for one in alerts.standing(tx)}
            standing = {id_: Condition(AlertKind(one.kind), one.subject, one.document) for id_, one in known.items()}
            found, marks = find(tx, config, self._marks, now, self._heard)
            holding = conditions(found, memory, list(standing.values()), config.alerts)
            news = changes(standing, holding, found, config.alerts.on)
            documents = _documents(tx, config, news, now)
        after = remembered(found, memory)
        if news.opened or news.ended or after != memory:
            with self._store.begin() as tx:
                for one in news.opened:
                    alerts.begin(tx, one.kind, one.subject, documents[one.key], now)
                for end in news.ended:
                    document = {**known[end.id].document, "end": {"why": end.why.value, **end.facts}}
                    alerts.end(tx, end.id, document, now, silently=end.why is Why.MUTED)
                keep(tx, after)
        self._marks = marks

    # ── telling ──────────────────────────────────────────────────────────────────────────────────────────────────────

    def _tell(self, config: Config, now: datetime) -> datetime | None:
        with self._store.read() as tx:
            owed = report.owed(alerts.pending(tx))
        if not owed:
            self._pause, self._again = SOONEST, None
            return None
        self._log(owed)
        if config.alerts.url is not None:
            if self._again is not None and now < self._again:
                return self._again
            try:
                address = self._reveal(config.alerts.url, "url")
                webhook.post(address, report.message(owed, config), webhook.ALERTS, timeout=TIMEOUT, stop=self._stop)
            except OkrsyncError as fault:
                return None if self._stop.is_set() else self._later(fault, now)
        with self._store.begin() as tx:
            begun, over = ([one.alert.id for one in owed if one.over is over] for over in (False, True))
            alerts.told(tx, begun, over, now)
        self._logged.clear()
        self._well()
        return None

    def _log(self, owed: list[News]) -> None:
        """One line for each, at once, however long its message takes to arrive."""
        speak = speaker("en")
        for one in owed:
            if (one.alert.id, one.over) not in self._logged:
                tell = log.info if one.over else log.warning
                what = "alert over" if one.over else "alert"
                tell(what, kind=one.alert.kind, subject=one.alert.subject, told=report.sentence(one, speak))
                self._logged.add((one.alert.id, one.over))

    def _later(self, fault: OkrsyncError, now: datetime) -> datetime:
        tell = log.debug if self._failing else log.error
        tell("alerts not posted", error=str(fault))
        self._failing = True
        asked = [fault.retry_at] if isinstance(fault, RateLimited) else []
        self._again = max([now + self._pause, *asked])
        self._pause = min(2 * self._pause, LATEST)
        return self._again

    def _well(self) -> None:
        if self._failing:
            log.info("alerts posted again")
        self._failing, self._pause, self._again = False, SOONEST, None


# ── what is recorded ─────────────────────────────────────────────────────────────────────────────────────────────────


def _documents(tx: Connection, config: Config, news: Changes, now: datetime) -> dict[object, Mapping[str, Json]]:
    """The facts of what began; of a goal what it is called, and why it got worse."""
    goals = [one.subject for one in news.opened if one.kind is AlertKind.STATUS]
    assessment = assess(tx, config, now) if goals else None
    documents: dict[object, Mapping[str, Json]] = {}
    for one in news.opened:
        documents[one.key] = one.document
        if assessment is not None and one.kind is AlertKind.STATUS:
            kr = config.goals.key_results.get(one.subject)
            objective = config.goals.objectives[one.subject if kr is None else kr.objective]
            states = assessment.objectives if kr is None else assessment.progress
            documents[one.key] = {
                **one.document,
                "title": (kr or objective).title,
                "objective": objective.id,
                "cause": [codec.dump_say(cause.text) for cause in states[one.subject].causes[:CAUSES]],
            }
    return documents


def recall(tx: Connection) -> Memory:
    """What :func:`keep` stored; nothing in a store at which nobody looked before."""
    match get_meta(tx, REMEMBERED):
        case {"down": dict(down), "stood": dict(stood)}:
            since = {source: datetime.fromisoformat(str(at)) for source, at in down.items()}
            return Memory(since, {goal: Status(status) for goal, status in stood.items()})
        case _:
            return Memory()


def keep(tx: Connection, memory: Memory) -> None:
    """From now on this is what :func:`recall` tells."""
    down: dict[str, Json] = {source: at.isoformat() for source, at in memory.down.items()}
    stood: dict[str, Json] = {goal: status.value for goal, status in memory.stood.items()}
    set_meta(tx, REMEMBERED, {"down": down, "stood": stood})
