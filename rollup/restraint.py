"""When a published value is worth a write: on a change of status, a move of five points, or once a week."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Generic, TypeVar

from okrsync.model import Json, Progress, Say, Standing, Status, Thresholds
from rollup.facts import percent

SILENT = frozenset({Status.TOO_EARLY, Status.STALE})
"""Nothing new is written: what stands there stays."""

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Part(Generic[T]):
    """What one key result says on an object: as it is known to stand there, and as it would be written now."""

    known: T | None
    fresh: T | None  # None: nothing may be said now
    moved: Say | None  # why the known one will not do any more


@dataclass(frozen=True, slots=True)
class Restraint:
    """What every decision of one run shares."""

    thresholds: Thresholds
    now: datetime

    @property
    def move(self) -> int:
        """Whole percent points from which a move of progress is told."""
        return max(percent(self.thresholds.write_move), 1)

    def due(self, written: datetime | None) -> bool:
        """Whether smaller moves have waited long enough."""
        return written is None or self.now - written >= self.thresholds.write_every

    def apart(self, before: int | None, after: int | None) -> bool:
        """Whether two whole percents are far enough from each other to tell; nothing known is far from any."""
        if before is None or after is None:
            return before is not after
        return abs(after - before) >= self.move

    def settle(self, parts: Sequence[Part[T]], *, withdrawn: bool, written: datetime | None) -> tuple[list[T], Say]:
        """What should stand on the object, and why. One reason to write refreshes every part that may speak."""
        moved = next((part.moved for part in parts if part.moved is not None), None)
        if moved is None and withdrawn:
            moved = Say.of("write.withdrawn")
        if moved is None and self.due(written):
            moved = Say.of("write.weekly")
        chosen = [
            part.known if part.fresh is None or (moved is None and part.known is not None) else part.fresh
            for part in parts
        ]
        return [one for one in chosen if one is not None], moved or Say.of("write.unchanged")


def speaks(progress: Progress, known_status: str | None) -> bool:
    """Whether anything new may be said; a dropped key result is frozen once that has been told."""
    if progress.status in SILENT:
        return False
    return progress.status is not Status.DROPPED or known_status != Status.DROPPED


def last_said(standing: Standing | None) -> Json:
    """What okrsync last said in a slot that bears its mark: what it wrote, else what was found there."""
    if standing is None:
        return None
    return standing.value if standing.ours is None else standing.ours


def said_at(standing: Standing | None) -> datetime | None:
    """When that was confirmed, or found."""
    return None if standing is None else standing.at
