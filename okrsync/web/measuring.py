"""What takes a walk over all items, measured beside the scrapes: none of them waits for it for long."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from threading import Thread
from time import monotonic
from typing import TYPE_CHECKING

import structlog

import rollup
from okrsync.errors import OkrsyncError
from okrsync.linking import standing
from okrsync.reports import gates
from okrsync.store import figures
from okrsync.texts import speaker
from okrsync.worked import period_of, work_of

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from config import Config
    from okrsync.store import Store

log = structlog.get_logger(__name__)

PATIENCE = 0.15  # seconds that a scrape waits for what is being measured, before it tells what was known last
RESTING = 10  # times as long as it took nothing is measured anew: a tenth of a processor at most
HOUR = 3600.0  # seconds after which time alone may have changed anything


@dataclass(frozen=True, slots=True)
class Figures:
    """How many items there are by source, kind and verdict, the share of effort that served no objective, and whether
    each gate holds; ``basis`` tells of which links, words and hour."""

    basis: tuple[object, ...]
    items: Mapping[tuple[str, str, str], int]
    orphans: float | None
    gates: Mapping[str, bool]


class Measuring:
    """Remembers the figures, and measures them anew once anything was linked, said or configured. For one thread."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._known: tuple[Config, Figures] | None = None
        self._thread: Thread | None = None
        self._rested_at = 0.0

    def figures(self, tx: Connection, config: Config, now: datetime) -> Figures | None:
        """The newest that are known; None where none are yet."""
        if not self._is_due(tx, config, now):
            return self._known and self._known[1]
        if self._thread is None or not self._thread.is_alive():
            self._thread = Thread(target=self._measure, args=(config, now), name="figures", daemon=True)
            self._thread.start()
        self._thread.join(PATIENCE)
        return self._known and self._known[1]

    def _is_due(self, tx: Connection, config: Config, now: datetime) -> bool:
        if self._known is None or self._known[0] is not config:
            return True
        return monotonic() >= self._rested_at and self._known[1].basis != _basis(tx, now)

    def _measure(self, config: Config, now: datetime) -> None:
        began = monotonic()
        try:
            with self._store.read() as tx:
                self._known = config, measured(tx, config, now)
        except OkrsyncError as fault:
            log.warning("not measured", error=str(fault))
        except Exception:
            log.exception("not measured")
        ended = monotonic()
        self._rested_at = ended + RESTING * (ended - began)


def measured(tx: Connection, config: Config, now: datetime) -> Figures:
    """The figures as of now."""
    work = work_of(tx, config, period_of(config, now)).work
    share = rollup.orphan_share(work, config.thresholds).spent.orphan_share
    judged = gates.answer(tx, config, now, speaker(config.language))["gates"] if config.gates else []
    passed = {one["id"]: one["verdict"] == "passed" for one in judged if one["verdict"] != "no_data"}
    return Figures(_basis(tx, now), figures.items(tx), share, passed)


def _basis(tx: Connection, now: datetime) -> tuple[object, ...]:
    return standing(tx), now.timestamp() // HOUR
