"""A sink around a sink: what a test wants otherwise, it overrides."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from okrsync.errors import Rejected
from okrsync.model import Json, Receipt, Slot, Surface, Write
from okrsync.ports import Budget


class WrappedSink:
    """Does what the sink within does."""

    def __init__(self, inner: Any) -> None:
        self.inner = inner

    def close(self) -> None:
        self.inner.close()

    def surfaces(self) -> frozenset[Surface]:
        return self.inner.surfaces()  # type: ignore[no-any-return]

    def budgets(self) -> Sequence[Budget]:
        return self.inner.budgets()  # type: ignore[no-any-return]

    def sweep(self, slots: Sequence[Slot]) -> int:
        return self.inner.sweep(slots)  # type: ignore[no-any-return]

    def read(self, slots: Sequence[Slot]) -> Mapping[Slot, Json | Rejected]:
        return self.inner.read(slots)  # type: ignore[no-any-return]

    def push(self, writes: Sequence[Write]) -> Sequence[Receipt]:
        return self.inner.push(writes)  # type: ignore[no-any-return]


class Dead(BaseException):
    """The process is gone: nobody catches this."""
