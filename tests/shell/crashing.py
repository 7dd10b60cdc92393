"""``okrsync apply --yes`` at an instant, killed at a chosen moment of the first write on a chosen surface of a source.

Usage: ``crashing.py CONFIG INSTANT SOURCE SURFACE MOMENT``; the moment is before-post, after-post, before-commit or
after-commit. Ends with 9 where it was killed. Run with the folder of the tests on PYTHONPATH.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

from wrapped_sink import WrappedSink

from okrsync.cli.session import Session
from okrsync.model import Receipt, Slot, SourceConfig, Write
from okrsync.store import journal
from okrsync.writing.applying import apply
from okrsync.writing.outcome import Outcome

config, instant, source, surface, moment = sys.argv[1:]


def is_it(slot: Slot) -> bool:
    """Whether this is where it happens."""
    return (slot.source, slot.surface.value) == (source, surface)


class Crashing(WrappedSink):
    """A sink that takes the process with it."""

    def push(self, writes: Sequence[Write]) -> Sequence[Receipt]:
        hit = any(is_it(write.slot) for write in writes)
        if hit and moment == "before-post":
            os._exit(9)
        receipts = super().push(writes)
        if hit and moment == "after-post":
            os._exit(9)
        if hit and moment == "before-commit":
            journal.confirm = _dying(journal.confirm)
        return receipts


def _dying(confirm: Callable[..., None]) -> Callable[..., None]:
    def inner(*arguments: Any) -> None:
        confirm(*arguments)
        os._exit(9)

    return inner


def watch(outcome: Outcome) -> None:
    if moment == "after-commit" and is_it(outcome.write.slot):
        os._exit(9)


def connect(source: SourceConfig) -> Any:
    found: Any = session.connect(source)
    found._api._transport._wait = lambda seconds: False  # GitHub asks for a second between two writes
    return Crashing(found)


session = Session(config)
with session.store.lock():
    apply(
        session.store,
        session.config,
        connect=connect,
        clock=lambda: datetime.fromisoformat(instant),
        by="test",
        confirmed=True,
        watch=watch,
    )
