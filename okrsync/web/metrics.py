"""``/metrics`` for Prometheus: what the store says of the work, and the process of itself.

All is read when it is asked for, in one transaction, but for what takes a walk over all items (``measuring``).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import structlog
from fastapi import APIRouter, Request, Response
from prometheus_client import CollectorRegistry, ProcessCollector
from prometheus_client.exposition import choose_encoder
from prometheus_client.metrics_core import Metric
from prometheus_client.registry import Collector

from okrsync.alerting.watching import token_ends
from okrsync.assess import freshness
from okrsync.daemon.maintenance import standing as maintenance
from okrsync.errors import OkrsyncError
from okrsync.store import alerts, figures, graph, snapshots
from okrsync.web import families, faults
from okrsync.web.desk import Desk
from okrsync.web.measuring import Measuring

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from config import Config
    from okrsync.store import Store
    from okrsync.web.ports import Gauges

log = structlog.get_logger(__name__)

DOCUMENTED: dict[int | str, dict[str, Any]] = {
    **{status: faults.DOCUMENTED[status] for status in (401, 421, 503)},
    200: {"description": "The text format of Prometheus.", "content": {"text/plain": {"schema": {"type": "string"}}}},
}


def router(config: Callable[[], Config], store: Store, gauges: Gauges, *, clock: Callable[[], datetime]) -> APIRouter:
    """The one address; scrapes wait for each other, for a second one would do the work of the first beside it."""
    found, desk = APIRouter(tags=["metrics"]), Desk(1)
    registry = CollectorRegistry(auto_describe=False)
    ProcessCollector(registry=registry)
    registry.register(_Everything(config, store, gauges, clock))

    @found.get("/metrics", response_class=Response, responses=DOCUMENTED)
    async def metrics(request: Request) -> Response:
        """Everything that is measured, in the text format of Prometheus."""
        encode, kind = choose_encoder(request.headers.get("accept", ""))
        return Response(await desk.work(partial(encode, registry)), headers={"content-type": kind})

    return found


class _Everything(Collector):
    """All metrics of okrsync, read anew at each scrape; two scrapes never run at once."""

    def __init__(
        self, config: Callable[[], Config], store: Store, gauges: Gauges, clock: Callable[[], datetime]
    ) -> None:
        self._config, self._store, self._gauges, self._clock = config, store, gauges, clock
        self._measuring = Measuring(store)

    def collect(self) -> Iterator[Metric]:
        config, now = self._config(), self._clock()
        yield from families.of_process(self._gauges)
        stored: list[Metric] = []
        try:
            with self._store.read() as tx:
                stored += self._stored(tx, config, now)
        except OkrsyncError as fault:
            log.warning("not measured", error=str(fault))
            stored.clear()
        resting = maintenance(config.schedule, ZoneInfo(config.timezone), now) is not None
        yield from families.of_rest(database=bool(stored), maintenance=resting)
        yield from stored

    def _stored(self, tx: Connection, config: Config, now: datetime) -> Iterator[Metric]:
        yield from families.of_sources(freshness(tx, config, now), token_ends(tx, config), now)
        yield from families.of_figures(self._measuring.figures(tx, config, now))
        yield from families.of_goals(config, snapshots.newest(tx, now))
        yield from families.of_writes(figures.writes(tx), figures.waiting(tx))
        yield from families.of_queues(graph.dirty_count(tx), alerts.open_counts(tx))
