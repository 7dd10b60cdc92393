"""The sources: how they are, when they are read, what their tokens may do, what is left of their quotas."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any, Protocol
from zoneinfo import ZoneInfo

from config import Config
from okrsync.alerting.watching import token_ends
from okrsync.assess import freshness
from okrsync.daemon import maintenance
from okrsync.model import Limit, SourceConfig, SourceState, SourceStatus, WritebackPolicy
from okrsync.reports.common import head, iso
from okrsync.reports.setup import lacks
from okrsync.store import accounts, hooks, sources

if TYPE_CHECKING:
    from sqlalchemy import Connection


class Process(Protocol):
    """What only the process that reads the sources knows, by the id of each (:class:`okrsync.web.ports.Gauges`)."""

    def requests(self) -> Mapping[str, int]: ...

    def skipped(self) -> Mapping[str, int]: ...

    def limits(self) -> Mapping[str, Sequence[Limit]]: ...

    def due(self) -> Mapping[str, datetime]: ...

    def deliveries(self) -> Mapping[tuple[str, str], int]: ...


def answer(tx: Connection, config: Config, now: datetime, process: Process) -> dict[str, Any]:
    """Every source that is configured, one that was never read too; ``maintenance`` is the one that lasts."""
    fresh = freshness(tx, config, now)
    known = {one.id: one for one in fresh.sources}
    requests, skipped, limits = process.requests(), process.skipped(), process.limits()
    due, tokens, ends, delivered = process.due(), accounts.known(tx), token_ends(tx, config), process.deliveries()
    rests = maintenance.standing(config.schedule, ZoneInfo(config.timezone), now)
    return {
        **head(fresh, config, now),
        "maintenance": rests and {"until": iso(rests.end), "why": rests.why or None},
        "sources": [
            {
                **_status(known.get(source.id) or SourceStatus(source.id, source.kind, SourceState.NEVER, None, 0)),
                "unreadable": [
                    {"key": scope.key, "why": scope.error}
                    for scope in sources.scopes(tx, source.id)
                    if not scope.readable
                ],
                "every_seconds": None if source.every is None else int(source.every.total_seconds()),
                "cron": source.cron,
                "next": iso(due.get(source.id)),
                "requests": requests.get(source.id, 0),
                "skipped": skipped.get(source.id, 0),
                "limits": [
                    {"name": each.name, "limit": each.limit, "left": each.left, "resets_at": iso(each.resets_at)}
                    for each in limits.get(source.id, ())
                ],
                "token": _token(source, tokens.get(source.id), ends.get(source.id), config.writeback),
                "hooks": {
                    "places": [
                        {"place": one.place, "made": one.remote_id is not None, "since": iso(one.created_at)}
                        for one in hooks.hooks(tx, source.id)
                    ],
                    "deliveries": {fate: count for (name, fate), count in delivered.items() if name == source.id},
                },
            }
            for source in config.sources
        ],
    }


def _status(one: SourceStatus) -> dict[str, Any]:
    return {
        "id": one.id,
        "kind": one.kind,
        "state": one.state.value,
        "last_success": iso(one.last_success),
        "items": one.items,
        "error": one.error or None,
    }


def _token(
    source: SourceConfig, known: accounts.Known | None, ends: datetime | None, policy: WritebackPolicy
) -> dict[str, Any]:
    """What was said of the token when its tool was asked last; ``rights`` is None where that is not known."""
    return {
        "asked_at": iso(known.at) if known else None,
        "product": known.product or None if known else None,
        "rights": known.rights if known else None,
        "lacks": lacks(known.lacks, policy, source.id) if known else [],
        "expires_at": iso(ends),
    }
