"""Webhooks: heeded within a second, together where they come together, and never oftener than is bearable."""

from __future__ import annotations

import random
import threading
import time
from dataclasses import replace
from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st
from running import until
from small_company import Company

from okrsync.daemon import Daemon
from okrsync.daemon.touches import BURST, EVERY, ITEMS, MOST, SETTLE, Touches
from okrsync.model import SourceState
from okrsync.sync import Options


class Time:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


def test_the_first_is_heeded_within_a_second_and_takes_what_came_meanwhile() -> None:
    touches = Touches(Time())
    assert touches.note("jira", ["1"], ["a"]) == SETTLE < 1
    assert touches.note("jira", ["2"], []) is None
    assert touches.note("github", ["9"], []) == SETTLE, "another source waits for nobody"
    assert touches.waits("jira")
    found = touches.take("jira")
    assert found is not None
    assert (found.scopes, found.items) == ({"1", "2"}, {"a"})
    assert touches.take("jira") is None


def test_many_scopes_or_items_are_the_whole_source() -> None:
    touches = Touches(Time())
    touches.note("jira", [str(number) for number in range(MOST)], [])
    touches.note("jira", ["one more"], ["a"])
    found = touches.take("jira")
    assert found is not None
    assert (found.scopes, found.items) == (None, {"a"})
    touches.note("jira", ["1"], [str(number) for number in range(ITEMS + 1)])
    found = touches.take("jira")
    assert found is not None
    assert (found.scopes, found.items) == (None, set())


@given(st.lists(st.floats(0, 30), min_size=1, max_size=300), st.integers(0, 2**16))
def test_however_many_come_nothing_is_lost_and_the_pace_is_kept(pauses: list[float], seed: int) -> None:
    """Each is read at most a turn after it came; in any minute no more cycles than a burst and what the pace allows."""
    time_, touches = Time(), Touches()
    touches._now = time_
    coming: float | None = None
    told: dict[str, float] = {}
    read: list[float] = []
    numbers = random.Random(seed)

    def come() -> None:
        nonlocal coming
        assert touches.waits("jira")
        found = touches.take("jira")
        assert found is not None
        for item in found.items:
            assert time_.now - told.pop(item) <= EVERY + SETTLE + 1e-6
        read.append(time_.now)
        coming = None

    for number, pause in enumerate(pauses):
        then = time_.now + pause * numbers.choice([0.01, 1])
        while coming is not None and coming <= then:
            time_.now = coming
            come()
        time_.now = then
        told[str(number)] = time_.now
        turn = touches.note("jira", ["1"], [str(number)])
        if turn is not None:
            assert coming is None
            coming = time_.now + turn
    if coming is not None:
        time_.now = coming
        come()
    assert told == {}
    for start in read:
        assert sum(start <= at < start + 60 for at in read) <= BURST + 60 / EVERY + 1


def in_process(small: Company, seen: list[Options]) -> Daemon:
    config = replace(
        small.config, sources=tuple(replace(one, every=timedelta(hours=12)) for one in small.config.sources)
    )
    return Daemon(
        small.store(), config, connect=small.connect, token=lambda _: "t", clock=small.now, stop=threading.Event()
    )


def test_a_change_is_read_and_judged_long_before_the_next_tick(small: Company) -> None:
    from okrsync.store import tickets

    daemon = in_process(small, [])
    daemon.start()
    try:
        until(lambda: daemon.reading.states.get("jira") is SourceState.OK)
        assert daemon._engine.drain(10)
        made = small.create("PAY", summary="Made just now", labels=["okr:KR-UX"])
        daemon.touched("jira", [made.project_id], [made.id])
        began = time.monotonic()

        def stored() -> bool:
            with daemon._store.read() as tx:
                return any(one.title == "Made just now" and one.verdict for one in tickets.read(tx))

        until(stored, 5)
        assert time.monotonic() - began < 5
        assert daemon.skipped() == {}
    finally:
        assert daemon.stop()


def test_a_storm_of_webhooks_costs_a_burst(small: Company, monkeypatch) -> None:  # type: ignore[no-untyped-def]
    """A thousand in a second: at most a burst of cycles, and the last change is among what the next one reads."""
    from okrsync.daemon import reading

    cycles: list[Options] = []
    real = reading.reconcile

    def counted(*given: object, **how: object) -> object:
        cycles.append(how["options"])  # type: ignore[arg-type]
        return real(*given, **how)  # type: ignore[arg-type]

    monkeypatch.setattr(reading, "reconcile", counted)
    daemon = in_process(small, cycles)
    daemon.start()
    try:
        until(lambda: daemon.reading.states.get("jira") is SourceState.OK)
        first = len(cycles)
        for number in range(1000):
            daemon.touched("jira", ["10000"], [str(number)])
            time.sleep(0.001)
        until(lambda: len(cycles) > first)
        time.sleep(0.5)
        assert first < len(cycles) <= first + BURST
        assert all(one.scopes == frozenset({"10000"}) for one in cycles[first:])
    finally:
        assert daemon.stop()
