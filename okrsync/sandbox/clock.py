"""The clock of a world: the machine's, or one that a test sets."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta


class Clock:
    """Calling it gives now, in UTC. A fixed clock stands still until it is advanced."""

    def __init__(self, fixed: datetime | None = None) -> None:
        self._fixed = fixed

    def __call__(self) -> datetime:
        return self._fixed or datetime.now(UTC)

    def set(self, fixed: datetime | None) -> None:
        """Stand still at this instant; None follows the machine again."""
        self._fixed = fixed

    def advance(self, by: timedelta) -> None:
        self._fixed = self() + by
