"""Where the effort of a period went, goal by goal (docs/status.md)."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from okrsync.model import Thresholds
from rollup.effort import leaf_tickets, weigh
from rollup.scope import exact
from rollup.workload import Array


def spent(work: Array, thresholds: Thresholds) -> tuple[Array, Array]:
    """The tickets in which the effort of a period lies (rows of ``work``, as in ``rollup.effort``), and how much."""
    counted = work[leaf_tickets(work) & (work["verdict"] > 0) & work["now"]]
    return counted, weigh(counted, thresholds)


def shares(uids: Array, effort: Array, links: Array) -> tuple[Array, Array]:
    """The links (``LINK``) of these tickets, which are given by growing uid, and the effort that each of them stands
    for: a ticket that serves m goals gives each 1/m, so that nothing counts twice."""
    if not len(uids):
        return links[:0], np.zeros(0)
    places = np.minimum(np.searchsorted(uids, links["uid"]), len(uids) - 1)
    mine = uids[places] == links["uid"]
    places = places[mine]
    return links[mine], effort[places] / np.bincount(places, minlength=len(uids))[places]


def by_goal(links: Array, parts: Array, targets: Sequence[str | None]) -> dict[str, float]:
    """Goal → its effort, from what :func:`shares` tells."""
    order = np.argsort(links["target"], kind="stable")
    bounds = np.searchsorted(links["target"][order], np.arange(len(targets) + 1)).tolist()
    ordered = parts[order]
    return {
        name: exact(ordered[first:last])
        for name, first, last in zip(targets, bounds[:-1], bounds[1:], strict=True)
        if name is not None and first < last
    }
