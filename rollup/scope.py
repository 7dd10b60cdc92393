"""The scope of a key result: which tickets weigh, how much, and what they add up to."""

from __future__ import annotations

import math
import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from statistics import median

from okrsync.model import ItemKind, State, Thresholds, Ticket
from rollup.timeline import finished_at, linked_at

_NUMBER = re.compile("([0-9]+)")


@dataclass(frozen=True, slots=True)
class Leaf:
    """A ticket that weighs, and when it came and was finished."""

    ticket: Ticket
    weight: float
    done: bool
    linked_at: datetime
    finished_at: datetime | None  # None too where it is done and nobody knows since when


@dataclass(frozen=True, slots=True)
class Scope:
    """What a key result consists of now. Sums are exact, whatever the order of the tickets."""

    leaves: tuple[Leaf, ...]
    unit: str  # "points" | "items"
    estimated: float | None  # share of the leaves with an estimate; None without leaves
    total: float  # N
    finished: float  # the weight of what is done
    earned: float  # D: finished, and the credit for work in progress where it is set
    cancelled: float
    cancelled_keys: tuple[str, ...]

    @property
    def progress(self) -> float | None:
        return self.earned / self.total if self.total > 0 else None

    @property
    def independent(self) -> float:
        """n = N²/Σw²: how many items of equal weight would be as uncertain."""
        squares = math.fsum(leaf.weight**2 for leaf in self.leaves)
        return self.total**2 / squares if squares > 0 else 0.0

    @property
    def mean(self) -> float:
        """The mean weight of a leaf, which turns weights into items."""
        return self.total / len(self.leaves)

    def weight(self, leaves: Iterable[Leaf]) -> float:
        return math.fsum(leaf.weight for leaf in leaves)

    def linked_by(self, instant: datetime) -> float:
        """The weight of what had been linked by an instant."""
        return self.weight(leaf for leaf in self.leaves if leaf.linked_at <= instant)


def scope(
    tickets: Iterable[Ticket], counts: Collection[ItemKind], thresholds: Thresholds, *, points: bool = True
) -> Scope:
    """The scope that these tickets make; ``points=False`` weighs every leaf as one item."""
    mine = {ticket.uid: ticket for ticket in tickets if ticket.kind in counts}
    refused = {resolution.casefold() for resolution in thresholds.cancelled_resolutions}
    live = {uid: one for uid, one in mine.items() if not is_cancelled(one, refused)}
    above, gone_above = parents(live), parents(mine)
    leaves = [ticket for uid, ticket in live.items() if uid not in above]
    gone = [ticket for uid, ticket in mine.items() if uid not in live and uid not in gone_above]
    share = sum(map(is_estimated, leaves)) / len(leaves) if leaves else None
    by_points = points and share is not None and share >= thresholds.estimated_share
    default = median([_points(leaf) for leaf in leaves if is_estimated(leaf)]) if by_points and share else 1.0

    def weight(ticket: Ticket) -> float:
        if not by_points:
            return 1.0
        return _points(ticket) if is_estimated(ticket) else default

    weighed = tuple(_leaf(ticket, weight(ticket)) for ticket in leaves)
    finished = math.fsum(leaf.weight for leaf in weighed if leaf.done)
    begun = math.fsum(leaf.weight for leaf in weighed if leaf.ticket.state is State.IN_PROGRESS)
    return Scope(
        leaves=weighed,
        unit="points" if by_points else "items",
        estimated=share,
        total=math.fsum(leaf.weight for leaf in weighed),
        finished=finished,
        earned=finished + thresholds.in_progress_credit * begun,
        cancelled=math.fsum(map(weight, gone)),
        cancelled_keys=keys(gone),
    )


def is_cancelled(ticket: Ticket, resolutions: Collection[str]) -> bool:
    """Whether its resolution is one of these (case-folded) that give work up."""
    return ticket.resolution is not None and ticket.resolution.casefold() in resolutions


def is_estimated(ticket: Ticket) -> bool:
    """Whether it has an estimate that can be a weight: a finite number, 0 or more."""
    return ticket.points is not None and 0 <= ticket.points < math.inf


def parents(tickets: Mapping[int, Ticket]) -> set[int]:
    """The uids of those that have a child among these tickets; a parent that closes a cycle is none."""
    up = {
        uid: ticket.parent for uid, ticket in tickets.items() if ticket.parent is not None and ticket.parent in tickets
    }
    cyclic = _on_cycles(up)
    return {parent for uid, parent in up.items() if uid not in cyclic}


def natural(key: str) -> tuple[str, ...]:
    """A sort key that puts SHOP-2 before SHOP-10: words and numbers in turn, a word first."""
    parts = _NUMBER.split(key)
    parts[1::2] = [number.zfill(20) for number in parts[1::2]]
    return tuple(parts)


def keys(tickets: Iterable[Ticket]) -> tuple[str, ...]:
    """The keys of tickets as people read them, in natural order."""
    return tuple(sorted((ticket.key for ticket in tickets), key=natural))


def _leaf(ticket: Ticket, weight: float) -> Leaf:
    done = ticket.state is State.DONE
    return Leaf(ticket, weight, done, linked_at(ticket), finished_at(ticket) if done else None)


def _points(ticket: Ticket) -> float:
    return float(ticket.points or 0.0)


def _on_cycles(up: Mapping[int, int]) -> set[int]:
    on_cycle: set[int] = set()
    seen: set[int] = set()
    for start in up:
        path: dict[int, None] = {}
        uid = start
        while uid in up and uid not in seen:
            seen.add(uid)
            path[uid] = None
            uid = up[uid]
        if uid in path:
            trail = list(path)
            on_cycle.update(trail[trail.index(uid) :])
    return on_cycle
