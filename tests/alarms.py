"""An alarm over a store that a test fills by hand: cycles of sources, published statuses, and a webhook nearby."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from chat_server import Channel
from told import configured

from config import Alerts, Config
from okrsync.alerting import Alarm
from okrsync.model import Secret, SecretRef, Snapshot, SourceState, Status
from okrsync.publishing import PUBLISHED
from okrsync.store import Store, alerts, meta, snapshots, sources
from okrsync.store.alerts import Alert
from okrsync.weekly import Reveal
from rollup.span import local_day

BEGIN = datetime.fromisoformat("2026-11-20T09:00:00+00:00")
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
URL = SecretRef("env", "ALERTS_URL")


def settings(**how: Any) -> Config:
    """Four sources, an objective with two key results of which one is over, and alerts that are posted."""
    return replace(configured(frozenset()), alerts=Alerts(url=URL, **how))


@dataclass
class Tower:
    """What the daemon does about alerts, on a clock that a test moves."""

    store: Store
    chat: Channel
    config: Config = field(default_factory=settings)
    now: datetime = BEGIN
    alarm: Alarm = field(init=False)
    reveal: Reveal = field(init=False)
    stop: threading.Event = field(init=False)

    def __post_init__(self) -> None:
        self.reveal = lambda ref, option: Secret(self.chat.url)
        with self.store.begin() as tx:
            sources.register(tx, self.config.sources)
        self.start()

    def start(self) -> None:
        """A daemon begins."""
        self.stop = threading.Event()
        self.alarm = Alarm(
            self.store,
            lambda: self.config,
            lambda ref, option: self.reveal(ref, option),
            clock=lambda: self.now,
            stop=self.stop,
        )

    def alerting(self, **how: Any) -> None:
        """Another [alerts]."""
        self.config = replace(self.config, alerts=replace(self.config.alerts, **how))

    def wait(self, how: timedelta) -> None:
        self.now += how

    def cycle(self, source: str, state: SourceState = SourceState.OK, error: str = "no answer") -> None:
        """A cycle of a source ends so."""
        good = state is SourceState.OK
        with self.store.begin() as tx:
            sources.mark(tx, source, state, self.now, error="" if good else error, success=good)

    def publish(self, **statuses: Status) -> None:
        """The link job says this of goals (KR_UX stands for KR-UX)."""
        day = local_day(self.now, self.config.timezone)
        with self.store.begin() as tx:
            told = [Snapshot(goal.replace("_", "-"), day, self.now, one, 0.3) for goal, one in statuses.items()]
            snapshots.publish(tx, told)
            meta.set_meta(tx, PUBLISHED, self.now.isoformat())

    def look(self, after: timedelta = MINUTE) -> datetime | None:
        self.wait(after)
        return self.alarm.look()

    # ── what came of it ──

    def lines(self) -> list[str]:
        """What arrived at the webhook, line by line, without the headings."""
        return [line for _, post in self.chat.posts for line in post["text"].split("\n")[1:]]

    def every(self) -> list[Alert]:
        with self.store.read() as tx:
            return alerts.every(tx)

    def standing(self) -> list[tuple[str, str]]:
        with self.store.read() as tx:
            return [(one.kind, one.subject) for one in alerts.standing(tx)]
