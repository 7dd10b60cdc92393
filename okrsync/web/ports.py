"""What the daemon is to the HTTP side: its pulse, what only the process knows, and where a webhook is told."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Protocol

from okrsync.model import Limit


class Pulse(Protocol):
    """What the daemon says of itself."""

    def alive(self) -> bool:
        """Its work loop turns. A tool that is down says nothing of the daemon (P40)."""
        ...

    def ready(self) -> dict[str, object]:
        """``ready`` (bool), and why where it is not; the state of each source, for people."""
        ...


class Gauges(Protocol):
    """What only the process knows; read at each scrape, so each answer is cheap and holds no lock for long."""

    def skipped(self) -> Mapping[str, int]:
        """Ticks that found their source's work waiting or running already, by source, since the process began."""
        ...

    def requests(self) -> Mapping[str, int]:
        """HTTP requests that this process sent, repeated ones included, by source."""
        ...

    def limits(self) -> Mapping[str, Sequence[Limit]]:
        """What is left of the account's quotas, by source; nothing for a tool that does not tell."""
        ...

    def due(self) -> Mapping[str, datetime]:
        """When each source is read next, by source; nothing of one that is on no timetable."""
        ...

    def reload(self) -> tuple[bool, datetime]:
        """Whether the last reading of the configuration was good, and when the one in force was read."""
        ...

    def deliveries(self) -> Mapping[tuple[str, str], int]:
        """Webhooks, by source and what became of them: ``accepted``, ``repeated``, ``refused``."""
        ...

    def jobs(self) -> Mapping[str, float]:
        """Seconds since the start of each job that runs, by its key."""
        ...


class Touch(Protocol):
    """Where a webhook is told."""

    def touched(self, source: str, scopes: Collection[str] | None, items: Collection[str] = ()) -> None:
        """Something changed in these scopes (by id), or somewhere in the source (None), ``items`` (by remote id) among
        it; returns at once."""
        ...
