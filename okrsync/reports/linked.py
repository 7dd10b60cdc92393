"""The items behind the numbers of a key result: what each weighs, how it stands, since when and why it is linked."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np

import rollup
from config import Config
from okrsync.closing import Over, stood
from okrsync.model import KeyResult, State, Thresholds, Ticket
from okrsync.reports.common import Page, iso
from okrsync.store import tickets, workload
from okrsync.store.blocks import TOLD
from okrsync.store.bonds import Bond, bonds
from okrsync.store.bulk import among
from rollup.scope import BEGUN, DONE, Scope, cancelled, scope
from rollup.span import MICROSECOND, WEEK, instant, micros
from rollup.workload import NEVER, STATES, Array, Linked

if TYPE_CHECKING:
    from sqlalchemy import Connection

CUTS = ("all", "open", "done", "blocked", "cancelled", "added")
"""What can be asked for; ``added``: what was linked in the last week."""


def served(tx: Connection, config: Config, kr: KeyResult, now: datetime) -> Linked:
    """What weighs or could weigh in a key result: now, or when its window ended."""
    work, end = workload.read(tx, config.goals), kr.window.end
    if end is None or end > now:
        return work.linked(kr.id).of_kinds(kr.counts)
    return stood(tx, config, work, [Over(kr.id, kr.counts, kr.window.start, end)])[kr.id].linked


@dataclass(frozen=True, slots=True, eq=False)
class Behind:
    """Items, row by row: their columns, since when each is linked, its weight (not a number where it has none of its
    own), and which of them belong to each of :data:`CUTS`."""

    items: Array
    since: Array
    weights: Array
    chosen: Mapping[str, Array]
    scope: Scope

    @classmethod
    def of(cls, linked: Linked, kr: KeyResult, thresholds: Thresholds, now: datetime) -> Behind:
        """Of all that is linked to a key result at an instant."""
        items, weighed = linked.items(), scope(linked, kr.counts, thresholds)
        given_up = cancelled(linked, thresholds)
        weights = np.full(len(items), np.nan)
        weights[np.isin(items["uid"], weighed.leaves["uid"])] = weighed.weights
        done = ~given_up & (items["state"] == DONE)
        open_ = ~given_up & ~done
        chosen = {
            "all": np.ones(len(items), bool),
            "open": open_,
            "done": done,
            "blocked": open_ & (items["blocked"] < NEVER),
            "cancelled": given_up,
            "added": linked.since > micros(now - WEEK),
        }
        return cls(items, linked.since, weights, chosen, weighed)

    @property
    def counts(self) -> dict[str, int]:
        """How many items belong to each of :data:`CUTS`."""
        return {cut: int(np.count_nonzero(mine)) for cut, mine in self.chosen.items()}

    def ordered(self, cut: str) -> Array:
        """The rows of a cut: blocked the longest first, then what is in progress, to be begun, done (the latest first),
        and cancelled; of what was added the newest first."""
        rows = np.flatnonzero(self.chosen[cut])
        items, since = self.items[rows], self.since[rows]
        if cut == "added":
            return rows[np.argsort(-since, kind="stable")]
        places = (self.chosen["blocked"][rows], items["state"] == BEGUN, self.chosen["open"][rows],
                  self.chosen["done"][rows])  # fmt: skip
        rank = np.select(places, range(4), 4)
        within = np.select([rank == 0, rank == 3], [items["blocked"], -items["finished"]], since)
        return rows[np.lexsort((items["uid"], within, rank))]


def answer(
    tx: Connection, config: Config, behind: Behind, kr: KeyResult, now: datetime, *, cut: str, page: Page
) -> dict[str, Any]:
    """The items of a cut, as many as the page holds, and how many there are of each."""
    rows = behind.ordered(cut)[page.start : page.end]
    return {
        "cut": cut,
        "counts": behind.counts,
        "weighing": len(behind.scope.leaves),
        "unit": behind.scope.unit,
        "items": told(tx, config, behind, kr, now, rows),
    }


def told(
    tx: Connection, config: Config, behind: Behind, kr: KeyResult, now: datetime, rows: Array
) -> list[dict[str, Any]]:
    """The items of these rows, with what blocks them."""
    uids = behind.items["uid"][rows].tolist()
    end = kr.window.end
    at = now if end is None else min(now, end - MICROSECOND)
    read = tickets.read(tx, chosen=partial(among, values=uids), changes=TOLD, blockers=True, placed=False)
    items, held = {one.uid: one for one in read}, bonds(tx, kr.id, uids, at)
    told_ = ((row, items.get(uid), held.get(uid, [])) for row, uid in zip(rows.tolist(), uids, strict=True))
    return [_row(behind, row, item, by, config) for row, item, by in told_ if item is not None]


def _row(behind: Behind, row: int, item: Ticket, by: list[Bond], config: Config) -> dict[str, Any]:
    columns, weight = behind.items[row], float(behind.weights[row])
    given_up, blocked = bool(behind.chosen["cancelled"][row]), bool(behind.chosen["blocked"][row])
    finished = int(columns["finished"])
    return {
        "source": item.source,
        "key": item.key,
        "kind": item.kind.value,
        "title": item.title,
        "url": item.url,
        "state": STATES[int(columns["state"])].value,
        "cancelled": given_up,
        "weight": None if np.isnan(weight) else weight,
        "sums": np.isnan(weight) and not given_up,  # its children weigh in its place
        "since": iso(instant(int(behind.since[row]))),
        "rule": by[0].rule if by else None,
        "via": by[0].via if by else None,
        "team": rollup.team_of(item, config.teams),
        "finished_at": iso(instant(finished)) if finished < NEVER else None,
        "blocked_since": iso(instant(int(columns["blocked"]))) if blocked else None,
        "flagged": item.flagged,
        "blockers": [one.key for one in item.blockers if one.open] if item.state is not State.DONE else [],
    }
