"""When work was done, and what it served then, as columns: a million items in one array, so that their effort is
weighed without a value for each. A bit of a number stands for each week."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from okrsync.model import State, VerdictKind, Window
from rollup.span import MICROSECOND, micros
from rollup.workload import NEVER, STATES, Array

if TYPE_CHECKING:
    from rollup.history import Lives

VERDICTS = (None, *VerdictKind)
"""What the places in ``verdict`` mean; None: it was not judged yet."""

WORK = np.dtype(
    [
        ("uid", "<i8"),
        ("parent", "<i8"),  # as in ``rollup.workload``, as are the kind and the state
        ("points", "<f8"),
        ("group", "<u4"),  # those of one team, or of one project, have one scale
        ("place", "<u4"),  # where it stands: whoever reads the items knows what the places mean
        ("assignee", "<u4"),  # the same of people; 0 unless they are asked for
        ("weeks", "<u4"),  # a bit for each week, and WHOLE: completed in it, or in progress at its end
        ("begun", "<u4"),  # in progress at its end
        ("traced", "<u4"),  # served at its end a goal that took work then, or any goal and was done
        ("exempt", "<u4"),
        ("kind", "u1"),
        ("state", "u1"),
        ("verdict", "u1"),
        ("age", "u1"),  # a place in AGES
        ("given_up", "?"),
        ("chosen", "?"),  # whether its effort is asked for
        ("now", "?"),  # the bit WHOLE of its weeks
    ]
)
"""An item, when it was worked on, and what it was then."""

HELD = np.dtype([("uid", "<i8"), ("since", "<i8"), ("until", "<i8"), ("target", "<u4")])
"""An item served a goal in [``since``, ``until``); NEVER: it still does."""

AGES = (timedelta(days=7), timedelta(days=30), timedelta(days=91))
"""Younger than the first of them, than the second, than the third; and older."""

EVER = 2**32 - 1
"""All weeks, and the whole period."""

WHOLE = 31
"""The bit that stands for the whole period beside the weeks."""

_BEGUN, _DONE = (STATES.index(state) for state in (State.IN_PROGRESS, State.DONE))
_TRACED, _EXEMPT, _ORPHAN, _BEYOND = (VERDICTS.index(kind) for kind in VerdictKind)


@dataclass(frozen=True)
class Period:
    """[``since``, ``until``], and the weeks, which have both ends, by which it is told; at most 31 of them."""

    since: datetime
    until: datetime
    weeks: Sequence[Window] = ()

    @cached_property
    def ends(self) -> list[tuple[datetime, datetime]]:
        """Both ends of each week."""
        return [(week.start, week.end) for week in self.weeks if week.start is not None and week.end is not None]

    @cached_property
    def spans(self) -> list[tuple[int, datetime, datetime]]:
        """Each week, and last the whole period: its bit, its first instant and its last, of a week that is not over
        that of the period."""
        weeks = [(bit, start, min(end - MICROSECOND, self.until)) for bit, (start, end) in enumerate(self.ends)]
        return [*weeks, (WHOLE, self.since, self.until)]

    @property
    def begin(self) -> datetime:
        """What happened before it is told by how it ended."""
        return min(start for _, start, _ in self.spans)


def tell(work: Array, created: Array, completed: Array, lives: Lives, period: Period) -> None:
    """Fill in the age of these items and when they were worked on, as their ``lives``, row by row, tell it, and that
    they always were exempt if they are; ``completed`` is NEVER where the tool does not tell it. An item that was done,
    reopened and done again counts from the last time."""
    work["age"] = np.searchsorted([micros(age) for age in AGES], micros(period.until) - created, side="right")
    work["exempt"] = np.where(work["verdict"] == _EXEMPT, EVER, 0)
    work["weeks"] = work["begun"] = 0
    final = _run(lives, lives.bounds[1:] - 1)
    for bit, first, last in period.spans:
        there, moved = created <= micros(last), lives.moved(micros(last))
        state, run = lives.first.copy(), _run(lives, moved)
        after = moved >= lives.bounds[:-1]
        state[after] = lives.state[moved[after]]
        by_tool = (run == NEVER) | ((run == final) & (work["state"] == _DONE) & (completed < NEVER))
        since = np.where(by_tool, completed, run)
        begun = there & (state == _BEGUN)
        done = there & (state == _DONE) & (since >= micros(first)) & (since <= micros(last))
        work["weeks"] |= (begun | done).astype("u4") << np.uint32(bit)
        work["begun"] |= begun.astype("u4") << np.uint32(bit)
    work["now"] = counted_in(work, WHOLE)


def _run(lives: Lives, places: Array) -> Array:
    """Since when each item was done after the move at its place; NEVER where it was not, or before any move."""
    run = np.full(len(places), NEVER)
    after = places >= lives.bounds[:-1]
    run[after] = lives.run[places[after]]
    return run


def tell_served(work: Array, held: Array, alive: Array, period: Period) -> None:
    """Fill in at which ends these items, which were told already, served a goal. ``held`` are the links of these or of
    others by growing uid; ``alive`` has for each target a bit for every end at which it took work."""
    work["traced"] = 0
    if not len(held) or not len(work):
        return
    linked = np.zeros(len(held), "u4")
    for bit, _, last in period.spans:
        holds = (held["since"] <= micros(last)) & (held["until"] > micros(last))
        linked |= holds.astype("u4") << np.uint32(bit)
    living = linked & alive[held["target"]]
    first = np.flatnonzero(np.diff(held["uid"], prepend=-1))
    uids = held["uid"][first]
    places = np.minimum(np.searchsorted(work["uid"], uids), len(work) - 1)
    mine = work["uid"][places] == uids
    places = places[mine]
    done = work["weeks"][places] & ~work["begun"][places]
    ever, still = (np.bitwise_or.reduceat(bits, first)[mine] for bits in (linked, living))
    work["traced"][places] = still | (ever & done)


def counted_in(work: Array, bit: int) -> Array:
    """Which of these items were worked on in a week, or in the whole period."""
    counted: Array = work["weeks"] >> np.uint32(bit) & 1 > 0
    return counted


def stood(work: Array, bit: int) -> Array:
    """The verdict on each of these items at the end of a week, or of the whole period, as a place in VERDICTS."""
    kinds = np.where(work["verdict"] == _BEYOND, _BEYOND, _ORPHAN)
    kinds = np.where(work["exempt"] >> np.uint32(bit) & 1 > 0, _EXEMPT, kinds)
    verdicts: Array = np.where(work["traced"] >> np.uint32(bit) & 1 > 0, _TRACED, kinds)
    return verdicts
