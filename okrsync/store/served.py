"""Which goals items are said to serve now, for a few items that somebody named."""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import Connection, and_, select

from okrsync.model import VerdictKind
from okrsync.store import tables as t
from okrsync.store.bulk import among


def goals_of(tx: Connection, uids: Collection[int]) -> dict[int, set[str]]:
    """The goals that each of these items serves by okrsync's word, none of an orphan; those that were not judged are
    not in it."""
    verdict, link = t.verdict.c, t.link.c
    holds = and_(link.uid == verdict.uid, link.valid_to.is_(None), verdict.kind == VerdictKind.TRACED.value)
    rows = select(verdict.uid, link.target).outerjoin(t.link, holds).where(among(verdict.uid, list(uids)))
    found: dict[int, set[str]] = {}
    for uid, goal in tx.execute(rows):
        found.setdefault(uid, set()).update(() if goal is None else (goal,))
    return found
