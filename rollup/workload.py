"""What is linked to each goal, as columns: a million items in few arrays, weighed without a value for each.

Instants are microseconds since 1970 in UTC, ``NEVER`` where there is none. Names stand once beside the arrays, which
hold their places. The types of the arrays are a format that is stored (``FORMAT``).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from okrsync.model import ItemKind, State, Ticket
from rollup.span import micros
from rollup.timeline import blocked_since, done_turns, finished_at, linked_at

FORMAT = 1
"""Another number for other types, kinds or states below, or for values that are found in another way."""

KINDS = (ItemKind.TICKET, ItemKind.PULL_REQUEST, ItemKind.COMMIT)
STATES = (State.TODO, State.IN_PROGRESS, State.DONE, State.UNKNOWN)

NEVER = 2**63 - 1
"""Later than any instant."""

NOBODY = -1
"""The uid of no item."""

ITEM = np.dtype(
    [
        ("uid", "<i8"),
        ("parent", "<i8"),  # uid of its parent, NOBODY where it has none
        ("points", "<f8"),  # not a number where nobody estimated it
        ("finished", "<i8"),  # when it was completed; NEVER where it is not done, or nobody knows
        ("done", "<i8"),  # from when on it counted as done: the first of its turns
        ("blocked", "<i8"),  # since when an open item has been blocked
        ("resolution", "<u4"),
        ("source", "<u2"),
        ("kind", "u1"),
        ("state", "u1"),
    ]
)
"""An item, whatever it is linked to."""

LINK = np.dtype([("uid", "<i8"), ("since", "<i8"), ("target", "<u4")])
"""An item serves a goal, since the earliest of its links to it that hold now."""

TURN = np.dtype([("uid", "<i8"), ("at", "<i8")])
"""An item ceased to be done, became it again, and so on in turn, after the instant in ``done``."""

Array: TypeAlias = "NDArray[Any]"


@dataclass(slots=True)
class Names:
    """Texts by their places, in the order in which they came."""

    known: list[str | None] = field(default_factory=list)
    _places: dict[str | None, int] = field(init=False)

    def __post_init__(self) -> None:
        self._places = {name: place for place, name in enumerate(self.known)}

    def place(self, name: str | None) -> int:
        """The place of a name, which gets the next one where it is new."""
        place = self._places.setdefault(name, len(self.known))
        if place == len(self.known):
            self.known.append(name)
        return place


@dataclass(frozen=True, slots=True, eq=False)
class Workload:
    """Items, the later turns of those that were reopened, and the links that hold; all by growing uid."""

    items: Array
    turns: Array
    links: Array
    sources: Sequence[str | None]
    resolutions: Sequence[str | None]
    targets: Sequence[str | None]
    _served: dict[str | None, tuple[int, int]] = field(init=False)
    _rows: Array = field(init=False)
    _since: Array = field(init=False)

    def __post_init__(self) -> None:
        """Put the links of each goal side by side."""
        targets = self.links["target"]
        order = np.argsort(targets, kind="stable")  # of one goal they stay by growing uid
        bounds = np.searchsorted(targets[order], np.arange(len(self.targets) + 1)).tolist()
        served = {name: (bounds[place], bounds[place + 1]) for place, name in enumerate(self.targets)}
        object.__setattr__(self, "_served", served)
        object.__setattr__(self, "_rows", np.searchsorted(self.items["uid"], self.links["uid"])[order])
        object.__setattr__(self, "_since", self.links["since"][order])

    def linked(self, target: str) -> Linked:
        """What is linked to a goal."""
        first, last = self._served.get(target, (0, 0))
        return Linked(self, self._rows[first:last], self._since[first:last])


@dataclass(frozen=True, slots=True, eq=False)
class Linked:
    """Some items of a workload: their rows, each once and growing, and since when each is linked here."""

    work: Workload
    rows: Array
    since: Array

    def items(self) -> Array:
        """These items, row by row."""
        items: Array = self.work.items.take(self.rows)  # which takes a tenth of the time of indexing by the rows
        return items

    def sources(self) -> set[str]:
        """Where these items come from."""
        places = np.unique(self.work.items["source"][self.rows]).tolist()
        return {name for place in places if (name := self.work.sources[place]) is not None}

    def of_kinds(self, kinds: Iterable[ItemKind]) -> Linked:
        """Those of certain kinds."""
        mine = np.isin(self.work.items["kind"][self.rows], [KINDS.index(kind) for kind in kinds])
        return self if mine.all() else Linked(self.work, self.rows[mine], self.since[mine])


def together(parts: Sequence[Linked]) -> Linked:
    """All that is linked to any of several goals, each item once, since the earliest of its links; of one workload."""
    rows = np.concatenate([part.rows for part in parts])
    since = np.concatenate([part.since for part in parts])
    order = np.lexsort((since, rows))
    order = order[np.diff(rows[order], prepend=-1) != 0]
    return Linked(parts[0].work, rows[order], since[order])


def workload(served: Mapping[str, Iterable[Ticket]]) -> Workload:
    """Tickets as columns: goal → what is linked to it, each since its ``linked_since``. One that is given twice counts
    once, as it was given last."""
    sources, resolutions, targets = Names(), Names(), Names()
    links: dict[tuple[int, int], int] = {}
    every: dict[int, Ticket] = {}
    for target, tickets in served.items():
        place = targets.place(target)
        for ticket in tickets:
            every[ticket.uid] = ticket
            links[ticket.uid, place] = micros(linked_at(ticket))
    items, turns = [], []
    for uid, ticket in sorted(every.items()):
        told = facts(ticket)
        points = float("nan") if ticket.points is None else ticket.points
        parent = NOBODY if ticket.parent is None else ticket.parent
        named = (resolutions.place(ticket.resolution), sources.place(ticket.source))
        of = (KINDS.index(ticket.kind), STATES.index(ticket.state))
        items.append((uid, parent, points, told.finished, told.done, told.blocked, *named, *of))
        turns += [(uid, at) for at in told.turns]
    return Workload(
        np.array(items, ITEM),
        np.array(turns, TURN),
        np.array([(uid, since, place) for (uid, place), since in sorted(links.items())], LINK),
        sources.known,
        resolutions.known,
        targets.known,
    )


@dataclass(frozen=True, slots=True)
class Facts:
    """What the history of an item tells, for the columns of the same names."""

    finished: int
    done: int
    blocked: int
    turns: tuple[int, ...]


def facts(ticket: Ticket) -> Facts:
    """What the history of a ticket tells."""
    finished = finished_at(ticket) if ticket.state is State.DONE else None
    blocked = blocked_since(ticket) if ticket.state is not State.DONE else None
    first, *later = [micros(at) for at in done_turns(ticket)] or [NEVER]
    return Facts(
        NEVER if finished is None else micros(finished),
        first,
        NEVER if blocked is None else micros(blocked),
        tuple(later),
    )
