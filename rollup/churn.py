"""What came into the scope of a key result and what left it, week by week, as the histories of its items tell it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise

import numpy as np

from okrsync.model import KeyResult, Thresholds
from rollup.burn_up import moments
from rollup.history import Past
from rollup.keys import MOST
from rollup.scope import scope
from rollup.span import micros
from rollup.workload import Array


@dataclass(frozen=True, slots=True)
class Group:
    """Some items: how many, and some of them by uid."""

    count: int = 0
    uids: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Churn:
    """What happened to a scope after ``since`` and until ``until``: what weighs and was not linked, what weighed and is
    linked no more, and what was given up, which stays linked and weighs nothing."""

    since: datetime
    until: datetime
    added: Group
    removed: Group
    cancelled: Group

    def __bool__(self) -> bool:
        return self.added.count + self.removed.count + self.cancelled.count > 0


def churn(kr: KeyResult, past: Past, thresholds: Thresholds, now: datetime, timezone: str) -> tuple[Churn, ...]:
    """The local ISO weeks of the window until now in which anything came or went, the oldest first; none where the
    window has no beginning, for then nothing was there before."""
    begun = kr.window.start
    if begun is None or begun >= now:
        return ()
    return tuple(one for one in _weeks(kr, past.of(kr.id), thresholds, begun, now, timezone) if one)


def _weeks(
    kr: KeyResult, mine: Past, thresholds: Thresholds, begun: datetime, now: datetime, timezone: str
) -> Iterator[Churn]:
    stops = [begun, *(at for at in moments(kr, begun, now, timezone) if at > begun)]
    told = ((at, *_standing(kr, mine, thresholds, at)) for at in stops)
    for (since, was, gone, linked), (until, leaves, given_up, held) in pairwise(told):
        yield Churn(
            since,
            until,
            added=_group(leaves, linked),
            removed=_group(was, held),
            cancelled=_group(given_up, gone),
        )


def _standing(kr: KeyResult, mine: Past, thresholds: Thresholds, at: datetime) -> tuple[Array, Array, Array]:
    """The uids of what weighed at an instant, of what was given up by then, and of all that was linked."""
    linked = mine.at(micros(at)).linked(kr.id)
    then = scope(linked, kr.counts, thresholds)
    return then.leaves["uid"], then.given_up["uid"], linked.work.items["uid"][linked.rows]


def _group(uids: Array, but: Array) -> Group:
    """These items without those that are among others."""
    left = uids[~np.isin(uids, but)]
    return Group(len(left), tuple(left[:MOST].tolist()))
