"""Which tools and which teams the work of a key result comes from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TypeVar

import numpy as np

from config import Config
from okrsync.worked import Worked
from rollup.scope import scope
from rollup.workload import Workload

Name = TypeVar("Name", bound="str | None")


@dataclass(frozen=True, slots=True)
class Origins:
    """How many items come from each source, and from each team (None: from none), the most first."""

    sources: Mapping[str, int]
    teams: Mapping[str | None, int]


def origins(config: Config, work: Workload, worked: Worked) -> dict[str, Origins]:
    """Key result → where the items come from that make its scope now; nothing of one to which no work is linked.
    ``worked`` tells where every item stands, whenever it was worked on."""
    found = {}
    for kr in config.goals.key_results.values():
        uids = scope(work.linked(kr.id), kr.counts, config.thresholds).leaves["uid"]
        if not len(uids):
            continue
        rows = np.minimum(np.searchsorted(worked.work["uid"], uids), max(len(worked.work) - 1, 0))
        there = rows[worked.work["uid"][rows] == uids] if len(worked.work) else rows[:0]
        sources: dict[str, int] = {}
        teams: dict[str | None, int] = {}
        for count, place in zip(np.bincount(worked.work["place"][there]).tolist(), worked.places, strict=False):
            if count:
                sources[place.source] = sources.get(place.source, 0) + count
                teams[place.team] = teams.get(place.team, 0) + count
        found[kr.id] = Origins(_most_first(sources), _most_first(teams))
    return found


def _most_first(counts: Mapping[Name, int]) -> dict[Name, int]:
    return dict(sorted(counts.items(), key=lambda one: (-one[1], one[0] is None, one[0] or "")))
