"""How things stand, for SIGUSR1: one line of the log."""

from __future__ import annotations

import os
from collections.abc import Callable
from datetime import UTC, datetime
from time import monotonic
from typing import TYPE_CHECKING, Any

from okrsync import __version__
from okrsync.daemon.reading import cycles_of
from okrsync.errors import OkrsyncError
from okrsync.store import Store, alerts, sources
from okrsync.writing import pausing

if TYPE_CHECKING:
    from okrsync.daemon.daemon import Daemon


def told(
    daemon: Daemon, store: Store, due: Callable[[str], datetime | None], now: datetime, began: float
) -> dict[str, Any]:
    """The process, its configuration, each source, what runs and waits; what the database tells where it can."""
    config, (good, read) = daemon.config(), daemon.reload()
    running = daemon.jobs()
    window = daemon.maintenance()
    try:
        with store.read() as tx:
            known = {one.id: one for one in sources.statuses(tx)}
            pause = pausing.current(tx, config.writeback, now)
            open_alerts = alerts.open_counts(tx)
        database: dict[str, Any] = {"alerts": open_alerts, "paused": "" if pause is None else pause.told}
    except OkrsyncError as fault:
        known, database = {}, {"database": str(fault)}
    return {
        "version": __version__,
        "pid": os.getpid(),
        "uptime": round(monotonic() - began),
        "config": str(config.path),
        "read_at": read.isoformat(timespec="seconds"),
        "reload_good": good,
        "sources": [
            {
                "id": source.id,
                "state": known[source.id].state.value if source.id in known else "unknown",
                "last_success": _instant(known[source.id].last_success if source.id in known else None),
                "next": _instant(due(cycles_of(source.id))),
                "running": _seconds(running.get(cycles_of(source.id))),
            }
            for source in config.sources
        ],
        "jobs": {key: _seconds(seconds) for key, seconds in sorted(running.items())},
        "waiting": sorted(daemon.reading.waiting()),
        "skipped": dict(daemon.skipped()),
        "maintenance": None if window is None else window.end.isoformat(),
        **database,
    }


def _instant(at: datetime | None) -> str | None:
    return None if at is None else at.astimezone(UTC).isoformat(timespec="seconds")


def _seconds(seconds: float | None) -> float | None:
    return None if seconds is None else round(seconds, 1)
