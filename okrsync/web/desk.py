"""Where requests wait their turn: so many at once, and the work in threads that do not keep the process alive."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from contextlib import suppress
from typing import Any, TypeVar

import anyio
from starlette.exceptions import HTTPException

T = TypeVar("T")

PATIENCE = 10.0  # seconds that a request waits for its turn
QUEUE = 16  # requests that wait at most, unless another number is named


class Desk:
    """Works on ``at_once`` requests; up to ``queue`` others wait for a while, and are told to come back (503) where
    that is too long.

    The threads are daemons, unlike those of the libraries: a report over a million items must not hold up the end of
    the process. It only reads, so nothing is lost with it.
    """

    def __init__(self, at_once: int, queue: int = QUEUE) -> None:
        self._turns, self._queue = anyio.CapacityLimiter(at_once), queue

    async def work(self, what: Callable[[], T]) -> T:
        """What ``what`` returns, called in a thread; what it raises. HTTPException 503 where there was no turn."""
        if self._turns.statistics().tasks_waiting >= self._queue:
            raise _busy()
        with anyio.move_on_after(PATIENCE) as waiting:
            await self._turns.acquire()
        if waiting.cancelled_caught:
            raise _busy()
        try:
            return await _in_thread(what)
        finally:
            self._turns.release()


async def _in_thread(what: Callable[[], T]) -> T:
    loop = asyncio.get_running_loop()
    done: asyncio.Future[T] = loop.create_future()

    def settle(with_: Callable[[Any], None], value: Any) -> None:
        if not done.done():  # the request was given up meanwhile
            with_(value)

    def run() -> None:
        outcome: tuple[Callable[[Any], None], Any]
        try:
            outcome = done.set_result, what()
        except BaseException as fault:
            outcome = done.set_exception, fault
        with suppress(RuntimeError):  # the server ended meanwhile
            loop.call_soon_threadsafe(settle, *outcome)

    threading.Thread(target=run, name="answer", daemon=True).start()
    return await done


def _busy() -> HTTPException:
    return HTTPException(503, "busy with other reports; ask again in a moment", {"retry-after": "5"})
