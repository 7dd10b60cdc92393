"""What became of one write."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import TypeAlias

from okrsync.errors import ToolError
from okrsync.model import Write, WriteState


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a write ended: why it was skipped, what the tool said where it failed, or until when it waits."""

    write: Write
    state: WriteState
    note: str = ""
    fault: ToolError | None = None
    until: datetime | None = None  # of one that is still planned: when its turn may come

    @property
    def failed(self) -> bool:
        """The write should stand there now, and is not known to."""
        return self.state in (WriteState.FAILED, WriteState.UNKNOWN)


Watch: TypeAlias = Callable[[Outcome], None]
"""Somebody who is told of each write that ended."""


def write_id(write: Write) -> int:
    """Its number in the journal."""
    assert write.id is not None, "only journalled writes are carried out"
    return write.id
