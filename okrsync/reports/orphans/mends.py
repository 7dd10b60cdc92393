"""The orphans by the item to mend, which may be no orphan itself."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

import numpy as np

from config import Config
from okrsync.linking import explain
from okrsync.mending import clicked
from okrsync.model import OrphanClass, Say
from okrsync.reports.common import Page, Speak
from okrsync.store import orphaned, queries
from okrsync.worked import Worked
from rollup.effort import EffortReport
from rollup.scope import totals
from rollup.workload import NOBODY, Array

if TYPE_CHECKING:
    from sqlalchemy import Connection

SHOWN = 10
"""So many groups are shown on a terminal."""

BRIEFLY = frozenset({"fix.top", "fix.direct"})
"""What is to be done most often has shorter words for a terminal."""

_TRANSITIVE = orphaned.CLASSES.index(OrphanClass.TRANSITIVE)
_DIRECT = orphaned.CLASSES.index(OrphanClass.DIRECT)


class Mends:
    """All orphans that are asked for, as columns (``store.orphaned``), and what each of them cost in the period."""

    def __init__(self, tx: Connection, orphans: Array, worked: Worked, effort: EffortReport) -> None:
        self._tx = tx
        work = worked.work
        self.rows: Array = np.searchsorted(work["uid"], orphans["uid"])
        """Where each of them stands in the work."""
        mine = work["chosen"][self.rows]
        self.orphans, self.rows = orphans[mine], self.rows[mine]
        cost = np.zeros(len(work))
        cost[effort.rows] = effort.sizes
        self.effort: Array = cost[self.rows]

    def best(self, by: Array, count: int) -> list[queries.Found | None]:
        """For each group below ``count`` the item whose mend brings home most of its effort; ``by`` tells the group of
        each row of the work."""
        mends, places = np.unique(self.orphans["mend"], return_inverse=True)
        pairs, of = np.unique(by[self.rows].astype(np.int64) * len(mends) + places, return_inverse=True)
        effort = np.bincount(of, self.effort, len(pairs))
        order = np.lexsort((pairs, -effort, pairs // max(len(mends), 1)))
        groups = pairs[order] // max(len(mends), 1)
        first = order[np.flatnonzero(np.diff(groups, prepend=-1))]
        found = {int(pairs[one] // len(mends)): int(mends[pairs[one] % len(mends)]) for one in first if effort[one] > 0}
        named = queries.named(self._tx, set(found.values()))
        return [named.get(found.get(group, NOBODY)) for group in range(count)]

    def groups(
        self, config: Config, now: datetime, speak: Speak, page: Page | None
    ) -> tuple[Sequence[dict[str, Any]], int]:
        """The groups, the most effort first, or those of one page; and how many there are.

        What is said of a group is what is said of the first of its members, of those that hang below where there are
        any: one mend serves them all."""
        mended = np.flatnonzero(self.orphans["mend"] != NOBODY)
        orphans, effort = self.orphans[mended], self.effort[mended]
        order = np.lexsort((orphans["uid"], orphans["class"] != _TRANSITIVE, orphans["mend"]))
        orphans, effort = orphans[order], effort[order]
        first = np.flatnonzero(np.diff(orphans["mend"], prepend=-1))
        place = np.cumsum(np.diff(orphans["mend"], prepend=-1) != 0) - 1
        sums = np.array(totals(effort, place, len(first)))
        sizes = np.diff(np.append(first, len(orphans)))
        ranked = np.lexsort((-sizes, -sums))
        if page is not None and len(ranked) > page.end:  # and all that are like the last of them: names decide
            last = ranked[page.end - 1]
            alike = (sums[ranked] == sums[last]) & (sizes[ranked] == sizes[last])
            ranked = ranked[: np.flatnonzero(alike)[-1] + 1]
        why = self._classes(orphans, first, place)
        named = queries.named(self._tx, orphans["mend"][first[ranked]].tolist())
        groups = [
            _group(named[int(orphans["mend"][first[one]])], int(orphans["uid"][first[one]]), why[one], *figures)
            for one, *figures in zip(ranked.tolist(), sizes[ranked].tolist(), sums[ranked].tolist(), strict=True)
            if int(orphans["mend"][first[one]]) in named  # what is gone since it was judged is mended by nobody
        ]
        groups.sort(key=lambda group: (-group["effort"], -group["items"], group["name"], group["source"]))
        shown = groups if page is None else page.of(groups)
        self._explain(config, now, speak, shown)
        for group in shown:
            del group["first"]
        return shown, len(first)

    @staticmethod
    def _classes(orphans: Array, first: Array, place: Array) -> list[OrphanClass]:
        """What is wrong with each place itself; where nothing is but that it says nothing, with the first below it."""
        why = orphans["class"][first].copy()
        own = np.flatnonzero((orphans["uid"] == orphans["mend"]) & (orphans["class"] != _DIRECT))
        why[place[own]] = orphans["class"][own]
        return [orphaned.CLASSES[one] for one in why.tolist()]

    def _explain(self, config: Config, now: datetime, speak: Speak, groups: Iterable[dict[str, Any]]) -> None:
        shown = {group["first"]: group for group in groups}
        sources = {source.id: source for source in config.sources}
        for verdict in explain(self._tx, config, shown, now):
            if verdict.broken_at is not None:
                group, fix = shown[verdict.item], verdict.broken_at.fix
                group["suggestion"] = speak(fix)
                group["hint"] = speak(_hint(fix, group["items"]))
                steps = clicked(verdict.broken_at, sources.get(verdict.broken_at.source))
                group["steps"] = [speak(step) for step in steps]


def _hint(fix: Say, items: int) -> Say:
    """What to do in few words, where there are such."""
    if fix.code not in BRIEFLY:
        return fix
    one = ".one" if fix.code == "fix.top" and items == 1 else ""
    return Say.of(f"orphans.{fix.code}{one}", **dict(fix.args), items=items)


def _group(place: queries.Found, first: int, why: OrphanClass, items: int, effort: float) -> dict[str, Any]:
    return {
        "first": first,
        "by": "fix",
        "name": place.key,
        "source": place.source,
        "fix": place.key,
        "title": place.title,
        "url": place.url,
        "class": why.value,
        "items": items,
        "effort": effort,
        "suggestion": None,
        "hint": None,
        "steps": [],
    }
