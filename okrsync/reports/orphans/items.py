"""The items that reach no objective, one by one."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

import numpy as np
from sqlalchemy import select

from config import Config
from okrsync.linking import explain
from okrsync.model import Say, Ticket, Verdict, VerdictKind
from okrsync.reports.common import Lazy, Page, Speak, iso
from okrsync.store import tables as t
from okrsync.store import tickets
from okrsync.store.bulk import among, raw
from okrsync.worked import Worked
from rollup.effort import EffortReport
from rollup.worked import VERDICTS
from rollup.workload import Array

if TYPE_CHECKING:
    from sqlalchemy import Connection

LISTED = (VerdictKind.ORPHAN, VerdictKind.UNRESOLVABLE, VerdictKind.EXEMPT)

PIECE = 2000
"""So many items are in memory at once."""


class Listing:
    """Those of them that are asked for, of these verdicts, the most effort first; ``len`` tells how many there are."""

    def __init__(
        self, tx: Connection, worked: Worked, effort: EffortReport, listed: Collection[VerdictKind] = LISTED
    ) -> None:
        self._tx = tx
        work = worked.work
        asked = work["chosen"] & np.isin(work["verdict"], [VERDICTS.index(kind) for kind in listed])
        cost = np.zeros(len(work))
        cost[effort.rows] = effort.sizes
        self._uids: Array = work["uid"][asked]
        self._cost: Array = cost[asked]
        self._place: Array = work["place"][asked]
        self._places = worked.places

    def __len__(self) -> int:
        return len(self._uids)

    def rows(self, config: Config, now: datetime, speak: Speak, page: Page | None = None) -> Iterable[dict[str, Any]]:
        """What is said of those of one page, or of each of them, read some at a time in the same transaction."""
        if page is not None:
            return self._told(page.of(self._ordered(page.end)), config, now, speak)
        return Lazy(lambda: self._every(config, now, speak))

    def _every(self, config: Config, now: datetime, speak: Speak) -> Iterator[dict[str, Any]]:
        ordered = self._ordered()
        for start in range(0, len(ordered), PIECE):
            yield from self._told(ordered[start : start + PIECE], config, now, speak)

    def _told(self, uids: Sequence[int], config: Config, now: datetime, speak: Speak) -> list[dict[str, Any]]:
        chosen = sorted(uids)
        every = tickets.read(self._tx, chosen=lambda uid: among(uid, chosen), placed=False)
        judged = explain(self._tx, config, chosen, now)
        mine = np.searchsorted(self._uids, chosen)
        teams = [self._places[place].team for place in self._place[mine].tolist()]
        rows = [
            _item(item, verdict, team, cost, speak)
            for item, verdict, team, cost in zip(every, judged, teams, self._cost[mine].tolist(), strict=True)
        ]
        return sorted(rows, key=lambda row: (-row["effort"], row["source"], row["key"]))

    def _ordered(self, count: int | None = None) -> list[int]:
        """The uids, or the first so many of them: names decide between those that cost as much."""
        item, first = t.item.c, np.ones(len(self._uids), bool)
        if count is not None and count < len(self._uids):
            first = self._cost >= np.partition(self._cost, -count)[-count]
        cost = dict(zip(self._uids[first].tolist(), self._cost[first].tolist(), strict=True))
        called = raw(self._tx, select(item.uid, item.source, item.key).where(among(item.uid, cost)))
        ranked = sorted((-cost[uid], source, key, uid) for uid, source, key in called)
        return [uid for *_, uid in ranked[:count]]


def _item(item: Ticket, verdict: Verdict, team: str | None, effort: float, speak: Speak) -> dict[str, Any]:
    broken = verdict.broken_at
    evidence = verdict.exemption or (broken.why if broken else None)
    return {
        "source": item.source,
        "key": item.key,
        "kind": item.kind.value,
        "title": item.title,
        "url": item.url,
        "verdict": verdict.kind.value,
        "class": verdict.orphan.value if verdict.orphan else None,
        "fix": speak(broken.fix) if broken else None,
        "evidence": speak(evidence) if evidence else None,
        "effort": effort,
        "team": team,
        "created_at": iso(item.created_at),
        "updated_at": iso(item.updated_at),
    }


def words(item: dict[str, Any], speak: Speak) -> dict[str, str | None]:
    """The verdict and the class of an item in words."""
    why = item["class"]
    return {
        "verdict_word": speak(Say.of(f"report.verdict.{item['verdict']}")),
        "class_word": speak(Say.of(f"report.class.{why}")) if why else None,
    }
