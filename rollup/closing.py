"""Goals whose window is over, as they stood when it ended: what comes later does not change what they came to.

Most of what served such a goal stands as it stood, and is taken from today's workload. The rest is told by its history.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import numpy as np

from okrsync.model import Thresholds
from rollup.scope import DONE
from rollup.span import MICROSECOND, micros
from rollup.workload import LINK, NEVER, TURN, Array, Linked, Workload


@dataclass(frozen=True, slots=True, eq=False)
class Closing:
    """What serves a goal now and did when its window ended: ``kept``, by which today's columns tell how it stood then,
    and the uids of what moved since."""

    kept: Linked
    moved: Array


def closing(linked: Linked, end: datetime, thresholds: Thresholds) -> Closing:
    """What of today's scope was in it when a window ended, told apart."""
    at = micros(end - MICROSECOND)
    there = linked.since <= at
    rows, since = linked.rows[there], linked.since[there]
    items, turns = linked.work.items[rows], linked.work.turns
    late = [(items[name] > at) & (items[name] < NEVER) for name in ("finished", "done")]
    moved = late[0] | late[1] | np.isin(items["uid"], turns["uid"][turns["at"] > at])
    if thresholds.in_progress_credit:
        moved |= items["state"] != DONE  # begun before the end or after it: their histories tell
    return Closing(Linked(linked.work, rows[~moved], since[~moved]), items["uid"][moved])


def closed(kept: Linked, then: Linked) -> Linked:
    """What stayed and what is told by its history, as one. The names of both workloads have the same places, as far as
    both know them."""
    work, other = kept.work, then.work
    items = np.concatenate([work.items[kept.rows], other.items[then.rows]])
    others = np.isin(work.turns["uid"], other.items["uid"])
    turns = np.concatenate([np.zeros(0, TURN), work.turns[~others], other.turns])
    since = np.concatenate([kept.since, then.since])
    order = np.argsort(items["uid"], kind="stable")
    links = np.zeros(len(items), LINK)
    links["uid"], links["since"] = items["uid"][order], since[order]
    turns = turns[np.argsort(turns["uid"], kind="stable")]
    merged = Workload(items[order], turns, links, other.sources, other.resolutions, ["closed"])
    return merged.linked("closed")
