"""Work cut into groups: by team, by source, by whatever has a place for each item. Each item is in one group a cut."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from okrsync.model import ItemKind, VerdictKind
from rollup.effort import EffortReport, Spent, told
from rollup.worked import VERDICTS, WHOLE, counted_in, stood
from rollup.workload import KINDS, Array

BESIDE = (ItemKind.PULL_REQUEST, ItemKind.COMMIT)
"""What is counted beside effort and never added to it."""

_TICKET = KINDS.index(ItemKind.TICKET)


@dataclass(frozen=True, slots=True)
class Part:
    """A group of items: how many of them got each verdict, whenever they were worked on; the effort of the period; and
    of its pull requests and commits, how many served no objective, and how many there were."""

    items: Mapping[VerdictKind, int]
    spent: Spent
    beside: Mapping[ItemKind, tuple[int, int]]

    @property
    def empty(self) -> bool:
        """Whether nothing is in it."""
        return not any(self.items.values())


def cut(work: Array, effort: EffortReport, by: Array, count: int) -> list[Part]:
    """The groups below ``count``; ``by`` tells the group of each row of ``work``, of which the chosen are looked at.

    Pull requests and commits that were given up are in no figure but ``items``.
    """
    mine = work["chosen"] & (work["verdict"] > 0)
    items = _counts(by[mine], work["verdict"][mine], count, len(VERDICTS))
    spent = told(effort.sizes, effort.verdicts, by[effort.rows], count)
    counted = np.flatnonzero(mine & ~work["given_up"] & counted_in(work, WHOLE) & (work["kind"] != _TICKET))
    served = stood(work[counted], WHOLE) != VERDICTS.index(VerdictKind.ORPHAN)
    beside = {
        kind: _counts(by[counted[alike]], served[alike], count, 2)
        for kind in BESIDE
        for alike in (work["kind"][counted] == KINDS.index(kind),)
    }
    return [
        Part(
            {kind: items[group][place] for place, kind in enumerate(VERDICTS) if kind is not None},
            spent[group],
            {kind: (counts[group][0], sum(counts[group])) for kind, counts in beside.items()},
        )
        for group in range(count)
    ]


def whole(work: Array, effort: EffortReport) -> Part:
    """All that was chosen, as one group."""
    [part] = cut(work, effort, np.zeros(len(work), np.uint8), 1)
    return part


def _counts(groups: Array, kinds: Array, count: int, width: int) -> list[list[int]]:
    """How many there are in each group of each kind."""
    places = groups.astype(np.int64) * width + kinds
    counts: list[list[int]] = np.bincount(places, minlength=count * width).reshape(count, width).tolist()
    return counts
