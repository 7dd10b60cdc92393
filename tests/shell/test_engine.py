"""The contract of an engine: jobs of one key never overlap, and never pile up."""

from __future__ import annotations

import threading
import time

import pytest

from okrsync.engine.threads import ThreadEngine
from okrsync.ports import Job


@pytest.fixture
def engine() -> ThreadEngine:
    return ThreadEngine()


def test_one_key_one_at_a_time_and_at_most_one_waits(engine: ThreadEngine) -> None:
    """P12: a job five times longer than its interval."""
    running, most, ran = 0, 0, 0
    lock = threading.Lock()

    def work() -> None:
        nonlocal running, most, ran
        with lock:
            running += 1
            most = max(most, running)
        time.sleep(0.05)
        with lock:
            running -= 1
            ran += 1

    taken = []
    for _ in range(20):
        taken.append(engine.submit(Job("a", work)))
        time.sleep(0.01)
    engine.drain()
    assert most == 1
    assert ran == sum(taken)
    assert 3 <= ran < 10, "most ticks found one waiting already"


def test_keys_do_not_wait_for_each_other(engine: ThreadEngine) -> None:
    first, second = threading.Event(), threading.Event()
    engine.submit(Job("a", lambda: (first.set(), second.wait(5))))
    engine.submit(Job("b", lambda: (second.set(), first.wait(5))))
    assert engine.drain(5)
    assert first.is_set()
    assert second.is_set()


def test_a_job_may_call_for_the_next(engine: ThreadEngine) -> None:
    order: list[str] = []
    engine.submit(Job("a", lambda: (order.append("a"), engine.submit(Job("b", lambda: order.append("b"))))))
    engine.drain()
    assert order == ["a", "b"]


def test_what_failed_is_told_and_the_key_goes_on(engine: ThreadEngine) -> None:
    done: list[int] = []
    gate = threading.Event()
    engine.submit(Job("a", lambda: gate.wait(5) and [][1]))
    time.sleep(0.05)
    engine.submit(Job("a", lambda: done.append(1)))
    gate.set()
    with pytest.raises(IndexError):
        engine.drain()
    assert done == [1]
    assert engine.drain() is True, "it is told once"


def test_closing_starts_nothing_more_and_waits_no_longer_than_it_may(engine: ThreadEngine) -> None:
    gate, later = threading.Event(), []
    engine.submit(Job("a", lambda: gate.wait(20)))
    time.sleep(0.05)
    engine.submit(Job("a", lambda: later.append(1)))
    began = time.monotonic()
    assert engine.close(0.2) is False
    assert time.monotonic() - began < 10
    assert engine.submit(Job("b", lambda: later.append(2))) is False
    gate.set()
    assert engine.close(5) is True
    assert later == []


def test_a_thread_that_cannot_start_leaves_its_key_free(engine: ThreadEngine, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(_: threading.Thread) -> None:
        raise RuntimeError("can't start new thread")

    done: list[int] = []
    with monkeypatch.context() as patch:
        patch.setattr(threading.Thread, "start", full)
        with pytest.raises(RuntimeError):
            engine.submit(Job("a", lambda: done.append(1)))
    assert engine.running() == {}
    assert engine.submit(Job("a", lambda: done.append(2)))
    assert engine.drain(5)
    assert done == [2]
