"""By which rules items are linked to a goal."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, or_, select

from okrsync.store import tables as t
from okrsync.store.bulk import among


@dataclass(frozen=True, slots=True)
class Bond:
    """What links an item to a goal since an instant; ``via`` as in the table of links."""

    rule: str
    via: str
    since: datetime


def bonds(tx: Connection, goal: str, uids: Collection[int], at: datetime) -> dict[int, list[Bond]]:
    """uid → what linked this item to a goal at an instant, the oldest first."""
    link = t.link.c
    held = link.target == goal, link.valid_from <= at, or_(link.valid_to.is_(None), link.valid_to > at)
    rows = select(link.uid, link.rule, link.via, link.valid_from).where(among(link.uid, uids), *held)
    found: dict[int, list[Bond]] = {}
    for uid, *bond in tx.execute(rows.order_by(link.valid_from, link.rule)):
        found.setdefault(uid, []).append(Bond(*bond))
    return found
