"""Alerts: what stands, what is over, and who was told of it."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast

from sqlalchemy import ColumnElement, Connection, and_, func, insert, or_, select, update

from okrsync.model import Json
from okrsync.store import tables as t
from okrsync.store.bulk import AnyRow, among

_STANDS = t.alert.c.ended_at.is_(None)
_OWED = and_(t.alert.c.end_told_at.is_(None), or_(t.alert.c.told_at.is_(None), ~_STANDS))


@dataclass(frozen=True, slots=True)
class Alert:
    """One alert. It is owed to people until they were told of it, and then of its end."""

    id: int
    kind: str
    subject: str
    document: Mapping[str, Json]
    since: datetime
    ended_at: datetime | None = None
    told_at: datetime | None = None
    end_told_at: datetime | None = None


def begin(tx: Connection, kind: str, subject: str, document: Mapping[str, Json], now: datetime) -> None:
    """An alert stands from now on, and nobody was told of it yet."""
    tx.execute(insert(t.alert).values(kind=kind, subject=subject, document=dict(document), since=now))


def end(tx: Connection, id_: int, document: Mapping[str, Json], now: datetime, *, silently: bool = False) -> None:
    """An alert is over; where ``silently``, nobody is told of it any more."""
    said: dict[str, Any] = {"document": dict(document), "ended_at": now}
    tx.execute(update(t.alert).where(t.alert.c.id == id_).values(**said, **({"end_told_at": now} if silently else {})))


def told(tx: Connection, begun: Collection[int], ended: Collection[int], now: datetime) -> None:
    """People were told that these began, and that those are over."""
    tx.execute(update(t.alert).where(among(t.alert.c.id, begun)).values(told_at=now))
    tx.execute(update(t.alert).where(among(t.alert.c.id, ended)).values(end_told_at=now))


def pending(tx: Connection) -> list[Alert]:
    """Those that stand, and those that are over and still owed; the oldest first."""
    return _read(tx, or_(_STANDS, _OWED))


def standing(tx: Connection) -> list[Alert]:
    """Those that are not over; the oldest first."""
    return _read(tx, _STANDS)


def every(tx: Connection) -> list[Alert]:
    """All that are remembered; the oldest first."""
    return _read(tx)


def open_counts(tx: Connection) -> dict[str, int]:
    """Kind → how many of it stand."""
    counted = select(t.alert.c.kind, func.count()).where(_STANDS).group_by(t.alert.c.kind)
    return dict(tx.execute(counted).all())


def _read(tx: Connection, *which: ColumnElement[bool]) -> list[Alert]:
    return [_alert(row) for row in tx.execute(select(t.alert).where(*which).order_by(t.alert.c.since, t.alert.c.id))]


def _alert(row: AnyRow) -> Alert:
    document = cast("Mapping[str, Json]", row.document)
    return Alert(row.id, row.kind, row.subject, document, row.since, row.ended_at, row.told_at, row.end_told_at)
