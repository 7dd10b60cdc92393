"""A quarter in Paris, and short ways to say tickets, key results and objectives in it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

import rollup
from okrsync.model import (
    Change,
    ChangeKind,
    Cycle,
    Goals,
    ItemKind,
    KeyResult,
    KeyResultKind,
    Objective,
    Progress,
    Reading,
    State,
    Thresholds,
    Ticket,
    Window,
)


class Make:
    """Values with everything filled in that a test does not speak of."""

    paris = ZoneInfo("Europe/Paris")
    thresholds = Thresholds()

    def __init__(self) -> None:
        self.window = self.days(date(2026, 10, 1), date(2026, 12, 31))
        assert self.window.start is not None
        assert self.window.end is not None
        self.start, self.end = self.window.start, self.window.end
        self.middle = self.start + (self.end - self.start) / 2

    def days(self, first: date, last: date) -> Window:
        """The window of these days in Paris, as the configuration makes it."""

        def midnight(day: date) -> datetime:
            return datetime(day.year, day.month, day.day, tzinfo=self.paris).astimezone(UTC)

        return Window(midnight(first), midnight(last + timedelta(days=1)))

    def at(self, share: float) -> datetime:
        """The instant at which this share of the quarter has passed."""
        return self.start + (self.end - self.start) * share

    def ticket(self, uid: int, state: State | str = State.TODO, **more: Any) -> Ticket:
        """A ticket that was created and linked ten days before the quarter; done ones ten days into it."""
        early = self.start - timedelta(days=10)
        facts: dict[str, Any] = {"created_at": early, "linked_since": early, "project": "SHOP", "source": "jira"}
        if state == State.DONE and "completed_at" not in more:
            facts["completed_at"] = self.start + timedelta(days=10)
        facts |= {"key": f"SHOP-{uid}", "kind": ItemKind.TICKET, "remote_id": f"{10000 + uid}"} | more
        return Ticket(uid=uid, state=State(state), **facts)

    def tickets(self, done: int, todo: int, **more: Any) -> list[Ticket]:
        """So many done, then so many open, numbered from 1."""
        states = [State.DONE] * done + [State.TODO] * todo
        return [self.ticket(number, state, **more) for number, state in enumerate(states, start=1)]

    def steady(self, done: int, todo: int, now: datetime, **more: Any) -> list[Ticket]:
        """The same, the done ones completed evenly between the start of the quarter and ``now``."""
        tickets = []
        for number in range(1, done + 1):
            completed = self.start + (now - self.start) * (number / (done + 1))
            tickets.append(self.ticket(number, State.DONE, completed_at=completed, **more))
        return tickets + [self.ticket(number, **more) for number in range(done + 1, done + todo + 1)]

    def kr(self, name: str = "KR-1", **more: Any) -> KeyResult:
        return KeyResult(**({"id": name, "objective": "O-1", "title": "Shop delivered", "window": self.window} | more))

    def metric(self, **more: Any) -> KeyResult:
        facts = {"kind": KeyResultKind.METRIC, "baseline": 80.0, "target": 85.0, "unit": "%"}
        return self.kr(**(facts | more))

    def reading(self, value: float, at: datetime, kr: str = "KR-1") -> Reading:
        return Reading(kr, at, value, "cpo@acme.test")

    def change(self, kind: ChangeKind, at: datetime, before: str | None, after: str | None) -> Change:
        return Change(at, kind, before, after)

    def measure(
        self,
        kr: KeyResult,
        tickets: Sequence[Ticket] = (),
        readings: Sequence[Reading] = (),
        *,
        now: datetime | None = None,
        thresholds: Thresholds | None = None,
        stale: bool = False,
        removed: float = 0,
    ) -> Progress:
        limits = thresholds or self.thresholds
        now = now or self.middle
        return rollup.measure_key_result(
            kr, tickets, readings, limits, now, "Europe/Paris", stale=stale, removed=removed
        )

    def goals(self, key_results: Sequence[KeyResult], objectives: Sequence[Objective] = ()) -> Goals:
        tree = objectives or (Objective("O-1", "Lead", owner="cpo@acme.test", window=self.window),)
        return Goals(
            cycles={"2026-Q4": Cycle("2026-Q4", self.window)},
            objectives={one.id: one for one in tree},
            key_results={one.id: one for one in key_results},
            timezone="Europe/Paris",
        )


@pytest.fixture(scope="session")
def make() -> Make:
    return Make()
