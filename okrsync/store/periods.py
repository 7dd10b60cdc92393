"""Links as they are stored: what an item served before, and which goals are served by some items now."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import numpy as np
from sqlalchemy import Connection, func, select

from okrsync.model import ItemKind, OrphanClass, RuleName, VerdictKind
from okrsync.store import tables as t
from okrsync.store.bulk import among, raw
from rollup.history import PERIOD
from rollup.workload import Array

NONE = np.zeros(0, PERIOD)


@dataclass(frozen=True, slots=True)
class Former:
    """A link that is no more, valid in ``[since, until)``; ``via`` is the label, the value or the key that made it."""

    target: str
    rule: RuleName
    via: str
    since: datetime
    until: datetime


def former(tx: Connection, uid: int) -> list[Former]:
    """The links of one item that ended, the oldest first."""
    link = t.link.c
    ended = select(link.target, link.rule, link.via, link.valid_from, link.valid_to).where(
        link.uid == uid, link.valid_to.is_not(None)
    )
    return [
        Former(target, RuleName(rule), via, since, until)
        for target, rule, via, since, until in tx.execute(ended.order_by(link.valid_from, link.valid_to, link.target))
    ]


def ended(tx: Connection, goals: Mapping[str, Collection[ItemKind]]) -> dict[str, Array]:
    """Goal → the periods of its links that ended (``rollup.history.PERIOD``), of counted items of the kinds that weigh
    there."""
    link, item = t.link.c, t.item.c
    columns = select(link.target, item.kind, link.uid, link.valid_from, link.valid_to).join(
        t.item, item.uid == link.uid
    )
    rows = columns.where(among(link.target, list(goals)), link.valid_to.is_not(None), item.counted)
    weighing = {(goal, kind.value) for goal, kinds in goals.items() for kind in kinds}
    found: dict[str, list[tuple[int, int, int, int]]] = {}
    for target, kind, uid, since, until in raw(tx, rows):
        if (target, kind) in weighing:
            found.setdefault(target, []).append((uid, since, until, 0))
    return {target: np.array(some, PERIOD) for target, some in found.items()}


def served(tx: Connection, uids: Sequence[int]) -> dict[str, int]:
    """Goal → how many of these items serve it now."""
    link = t.link.c
    rows = select(link.target, func.count(link.uid.distinct())).where(among(link.uid, uids), link.valid_to.is_(None))
    found: dict[str, int] = dict(tx.execute(rows.group_by(link.target)).all())
    return found


def served_in(tx: Connection, source: str, project: str) -> dict[str, int]:
    """Goal → how many items of a project serve it now."""
    link, item = t.link.c, t.item.c
    rows = select(link.target, func.count(link.uid.distinct())).join(t.item, item.uid == link.uid)
    rows = rows.where(item.source == source, item.project == project, t.LIVE, link.valid_to.is_(None))
    found: dict[str, int] = dict(tx.execute(rows.group_by(link.target)).all())
    return found


def decided(tx: Connection, uids: Sequence[int]) -> dict[int, tuple[VerdictKind, OrphanClass | None]]:
    """The stored verdicts of these items; of one that is not counted there is none."""
    verdict = t.verdict.c
    rows = select(verdict.uid, verdict.kind, verdict.orphan).where(among(verdict.uid, uids))
    return {uid: (VerdictKind(kind), OrphanClass(orphan) if orphan else None) for uid, kind, orphan in tx.execute(rows)}


def waiting(tx: Connection, mend: int) -> int:
    """How many items the mend of this one brings home, as it was decided."""
    return tx.scalar(select(func.count()).where(t.verdict.c.mend == mend)) or 0
