"""Answers are made once, given at once, and never older than they say; whatever threads do meanwhile."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

import pytest

from okrsync.dashboard import shelf
from okrsync.dashboard.shelf import Shelf
from okrsync.errors import StoreError

SOON = 10  # seconds in which everything here must have happened


class Work:
    """Something that takes until it is let go; tells how often it was begun."""

    def __init__(self) -> None:
        self.count, self.goes, self.begun = 0, threading.Event(), threading.Semaphore(0)
        self.value: Callable[[int], Any] = lambda count: f"answer {count}"
        self._lock = threading.Lock()

    def __call__(self) -> Any:
        with self._lock:
            self.count += 1
            count = self.count
        self.begun.release()
        assert self.goes.wait(SOON)
        return self.value(count)

    def wait(self) -> None:
        assert self.begun.acquire(timeout=SOON)


@pytest.fixture
def work() -> Iterator[Work]:
    found = Work()
    yield found
    found.goes.set()


@pytest.fixture
def many() -> Iterator[ThreadPoolExecutor]:
    with ThreadPoolExecutor(16) as pool:
        yield pool


def quick(work: Work) -> Work:
    work.goes.set()
    return work


def test_it_is_made_once_for_all_who_ask(work: Work, many: ThreadPoolExecutor) -> None:
    kept = Shelf()
    asked = [many.submit(kept.take, "page", 1, work) for _ in range(16)]
    work.wait()
    work.goes.set()
    assert {one.result(SOON) for one in asked} == {("answer 1", True)}
    assert kept.take("page", 1, work) == ("answer 1", True)
    assert kept.newest("page", 1, work) == "answer 1"
    assert kept.take("another", 1, work) == ("answer 2", True)
    assert work.count == 2


def test_another_mark_makes_it_anew_and_the_older_one_is_given_meanwhile(
    work: Work, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shelf, "PATIENCE", 0.05)
    kept = Shelf()
    kept.take("page", 1, quick(work))
    work.goes.clear()
    assert kept.take("page", 2, work) == ("answer 1", False)
    assert kept.take("page", 2, work) == ("answer 1", False), "the one that is being made is waited for"
    assert work.count == 2
    work.goes.set()
    assert kept.newest("page", 2, work) == "answer 2"
    assert kept.take("page", 2, work) == ("answer 2", True)
    assert work.count == 2


def test_what_was_begun_before_a_write_is_not_the_answer_of_now(work: Work, many: ThreadPoolExecutor) -> None:
    """Who asks after the write waits for the answer that is made after it."""
    kept = Shelf()
    before = many.submit(kept.take, "page", "before", work)
    work.wait()
    taken: list[Future[Any]] = [many.submit(kept.take, "page", "after", work)]
    taken.append(many.submit(kept.newest, "page", "after", work))
    with pytest.raises(TimeoutError):
        taken[0].result(0.2)
    work.goes.set()
    assert before.result(SOON) == ("answer 1", True)
    assert taken[0].result(SOON) == ("answer 2", True)
    assert taken[1].result(SOON) == "answer 2"
    assert work.count == 2


def test_time_passes(work: Work, monkeypatch: pytest.MonkeyPatch) -> None:
    kept, now = Shelf(), [1000.0]
    monkeypatch.setattr(shelf, "monotonic", lambda: now[0])
    assert kept.newest("page", 1, quick(work)) == "answer 1"
    now[0] += shelf.FRESH - 1
    assert kept.newest("page", 1, work) == kept.take("page", 1, work)[0] == "answer 1"
    now[0] += 2
    assert kept.newest("page", 1, work) == "answer 2"


def test_while_much_is_written_a_costly_answer_rests(work: Work, monkeypatch: pytest.MonkeyPatch) -> None:
    """For four times as long as it took; what must be exact does not."""
    kept, now = Shelf(), [1000.0]
    monkeypatch.setattr(shelf, "REST", 4.0)
    monkeypatch.setattr(shelf, "monotonic", lambda: now[0])

    def costly() -> Any:
        now[0] += 2
        return quick(work)()

    assert kept.take("page", 1, costly) == ("answer 1", True)
    now[0] += 7.9
    assert kept.take("page", 2, costly) == ("answer 1", True)
    now[0] += 0.2
    assert kept.take("page", 3, costly) == ("answer 2", True)
    assert kept.newest("page", 4, costly) == "answer 3"


def test_who_was_given_an_older_one_finds_the_newer_one_when_he_asks_again(
    work: Work, monkeypatch: pytest.MonkeyPatch
) -> None:
    """However much is written meanwhile: else his page would be loaded again and again, and never be of now."""
    kept, now = Shelf(), [1000.0]
    monkeypatch.setattr(shelf, "REST", 4.0)
    monkeypatch.setattr(shelf, "PATIENCE", 0.15)
    monkeypatch.setattr(shelf, "monotonic", lambda: now[0])
    took = 0.0

    def made() -> Any:
        now[0] += took
        return quick(work)()

    for took in (0.2, 0.3, 0.45):  # longer than anybody is kept waiting
        answer = kept.newest("page", took, made)
        now[0] += 2 + shelf.PATIENCE - took  # the page asks again, after the older one was given
        assert kept.take("page", "written since", made) == (answer, True)
    took = 0.1
    answer = kept.newest("page", took, made)
    now[0] += 2
    assert kept.take("page", "written since", made) != (answer, True), "what is made at once is always of now"


def test_a_fault_is_told_to_all_who_wait_and_nothing_is_kept_of_it(work: Work, many: ThreadPoolExecutor) -> None:
    kept = Shelf()
    kept.take("page", 1, quick(work))
    work.goes.clear()

    def fail(_: int) -> Any:
        raise StoreError("away")

    work.begun, work.value = threading.Semaphore(0), fail
    asked = [many.submit(kept.take, "page", 2, work) for _ in range(8)]
    work.wait()
    work.goes.set()
    assert {str(one.exception(SOON)) for one in asked} == {"away"}
    work.value = str
    told, new = kept.take("page", 1, work)
    assert new
    assert told == str(work.count), "not the one of before the fault either"


def test_no_thread_no_waiting(work: Work, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the machine has no thread left, who asked is told, and the next one who asks is served."""
    kept = Shelf()

    def none(_: threading.Thread) -> None:
        raise RuntimeError("can't start new thread")

    with monkeypatch.context() as full:
        full.setattr(threading.Thread, "start", none)
        with pytest.raises(RuntimeError):
            kept.take("page", 1, quick(work))
    assert kept.take("page", 1, work) == ("answer 1", True)


def test_two_are_made_side_by_side(work: Work, many: ThreadPoolExecutor) -> None:
    kept = Shelf()
    asked = [many.submit(kept.newest, key, 1, work) for key in range(5)]
    work.wait()
    work.wait()
    assert not work.begun.acquire(timeout=0.2)
    work.goes.set()
    assert len({one.result(SOON) for one in asked}) == 5


def test_what_is_kept_has_its_room(work: Work, monkeypatch: pytest.MonkeyPatch) -> None:
    """By bytes and by number; the one that was asked for last stays longest, and a giant is given and not kept."""
    monkeypatch.setattr(shelf, "ROOM", 100)
    monkeypatch.setattr(shelf, "KEPT", 4)
    kept = Shelf(len)
    quick(work).value = lambda _: b"x" * 40
    for key in ("a", "b"):
        kept.take(key, 1, work)
    kept.take("a", 1, work)
    kept.take("c", 1, work)  # there is no room for three: b goes
    assert work.count == 3
    kept.take("a", 1, work)
    assert work.count == 3
    kept.take("b", 1, work)
    assert work.count == 4
    work.value = lambda _: b"x" * 101
    assert len(kept.take("giant", 1, work)[0]) == 101
    assert len(kept.take("giant", 1, work)[0]) == 101
    assert work.count == 6
    work.value = lambda _: b"x"
    for key in "defghi":
        kept.take(key, 1, work)
    count = work.count
    for key in "fghi":
        kept.take(key, 1, work)
    assert work.count == count
    kept.take("e", 1, work)
    assert work.count == count + 1


def test_an_answer_that_grows_or_shrinks_is_counted_anew(work: Work, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shelf, "ROOM", 100)
    kept = Shelf(len)
    quick(work).value = lambda count: b"x" * (90 if count % 2 else 10)
    for mark in range(20):
        kept.take("page", mark, work)
    assert work.count == 20
    kept.take("other", 1, work)  # 10 and 90
    kept.take("page", 19, work)
    assert work.count == 21, "both have room"


def test_the_end(work: Work, many: ThreadPoolExecutor) -> None:
    """What is being made is given to who waits; nothing is begun or kept any more, and no thread holds up the end."""
    kept = Shelf()
    waiting = many.submit(kept.newest, "page", 1, work)
    work.wait()
    kept.close()
    with pytest.raises(StoreError, match="ending"):
        kept.take("page", 1, work)
    assert all(one.daemon for one in threading.enumerate() if one.name == "shelf")
    work.goes.set()
    assert waiting.result(SOON) == "answer 1"
    with pytest.raises(StoreError, match="ending"):
        kept.newest("page", 1, work)
    assert work.count == 1


@pytest.mark.parametrize("patience", [0.0, 60.0])
def test_nobody_who_must_have_the_newest_is_given_an_older_one(
    patience: float, many: ThreadPoolExecutor, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Many write and many ask: an answer that says it is of now holds what was written before the question."""
    monkeypatch.setattr(shelf, "PATIENCE", patience)
    kept, written, lock = Shelf(), [0], threading.Lock()

    def write() -> None:
        for _ in range(200):
            with lock:
                written[0] += 1

    def ask(exact: bool) -> list[tuple[int, int]]:
        found = []
        for _ in range(200):
            mark = written[0]
            if exact:
                found.append((mark, kept.newest("page", mark, lambda: written[0])))
            else:
                value, new = kept.take("page", mark, lambda: written[0])
                found += [(mark, value)] if new else []
        return found

    writers = [many.submit(write) for _ in range(4)]
    readers = [many.submit(ask, exact) for exact in (True, False) * 4]
    for one in writers:
        one.result(SOON)
    pairs = [pair for one in readers for pair in one.result(SOON)]
    assert pairs
    assert all(before <= value for before, value in pairs)
