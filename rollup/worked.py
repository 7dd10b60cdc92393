"""When work was done, as columns: a million items in one array, so that their effort is weighed without a value for
each. What a history tells is read from the ticket; most have none that matters, and are told all at once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import numpy as np

from okrsync.model import State, Ticket, VerdictKind, Window
from rollup.span import micros
from rollup.timeline import completed_at, finished_at, linked_at, state_at
from rollup.workload import NEVER, STATES, Array

VERDICTS = (None, *VerdictKind)
"""What the places in ``verdict`` mean; None: it was not judged yet."""

WORK = np.dtype(
    [
        ("uid", "<i8"),
        ("parent", "<i8"),  # as in ``rollup.workload``, as are the kind and the state
        ("created", "<i8"),
        ("completed", "<i8"),  # NEVER where the tool does not tell it
        ("linked", "<i8"),  # since when it serves what it serves now; else when it was created
        ("points", "<f8"),
        ("group", "<u4"),  # those of one team, or of one project, have one scale
        ("kind", "u1"),
        ("state", "u1"),
        ("verdict", "u1"),
        ("given_up", "?"),
        ("chosen", "?"),  # whether its effort is asked for
        ("now", "?"),  # completed in the period, or in progress at its end
        ("weeks", "<u4"),  # a bit for each week: completed in it, or in progress at its end
        ("lost", "<u4"),  # a bit for each week: an orphan at its end
    ]
)
"""An item, and when it was worked on."""

_TODO, _BEGUN, _DONE = (STATES.index(state) for state in (State.TODO, State.IN_PROGRESS, State.DONE))
_ORPHAN, _TRACED = VERDICTS.index(VerdictKind.ORPHAN), VERDICTS.index(VerdictKind.TRACED)


@dataclass(frozen=True, slots=True)
class Period:
    """[``since``, ``until``], and the weeks, which have both ends, by which it is told; at most 32 of them."""

    since: datetime
    until: datetime
    weeks: Sequence[Window] = ()

    @property
    def ends(self) -> list[tuple[datetime, datetime]]:
        """Both ends of each week."""
        return [(week.start, week.end) for week in self.weeks if week.start is not None and week.end is not None]

    @property
    def begin(self) -> datetime:
        """What happened before it is told by how it ended."""
        return min([self.since, *(start for start, _ in self.ends)])


def tell(work: Array, period: Period) -> None:
    """Fill in when these items were worked on, as though no history were known of them."""
    state, created, completed = work["state"], work["created"], work["completed"]
    done, begun, known = state == _DONE, state == _BEGUN, completed < NEVER
    within = known & (completed >= micros(period.since)) & (completed <= micros(period.until))
    work["now"] = begun | (done & within)
    work["weeks"] = work["lost"] = 0
    for place, (start, end) in enumerate(period.ends):
        last = micros(end) - 1
        in_week = done & known & (completed >= micros(start)) & (completed <= last)
        counted = (created <= last) & (in_week | (begun & (~known | (completed <= last))))
        lost = (work["verdict"] == _ORPHAN) | ((work["verdict"] == _TRACED) & (work["linked"] > last))
        work["weeks"] |= counted.astype("u4") << np.uint32(place)
        work["lost"] |= lost.astype("u4") << np.uint32(place)


def tell_by_history(row: Array, ticket: Ticket, period: Period) -> None:
    """Fill in when the item of this row was worked on, as its history tells."""
    row["now"] = _counts_now(ticket, period)
    row["weeks"] = row["lost"] = 0
    for place, (start, end) in enumerate(period.ends):
        row["weeks"] |= np.uint32(_counted_then(ticket, start, end)) << np.uint32(place)
        row["lost"] |= np.uint32(_was_orphan(ticket, end)) << np.uint32(place)


def _counts_now(ticket: Ticket, period: Period) -> bool:
    if ticket.state is State.IN_PROGRESS:
        return True
    if ticket.state is not State.DONE:
        return False
    done = finished_at(ticket)
    return done is not None and period.since <= done <= period.until


def _counted_then(ticket: Ticket, start: datetime, end: datetime) -> bool:
    last = end - timedelta(microseconds=1)
    done = completed_at(ticket, last)
    return (done is not None and done >= start) or state_at(ticket, last) is State.IN_PROGRESS


def _was_orphan(ticket: Ticket, end: datetime) -> bool:
    if ticket.verdict is VerdictKind.ORPHAN:
        return True
    return ticket.verdict is VerdictKind.TRACED and linked_at(ticket) >= end
