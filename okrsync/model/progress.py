"""What rollup sees and says."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from okrsync.model.items import Change, ItemKind, State
from okrsync.model.linking import OrphanClass, VerdictKind
from okrsync.model.words import Say


@dataclass(frozen=True, slots=True)
class Blocker:
    """What blocks a ticket: another item, open or not."""

    key: str
    open: bool
    created_at: datetime
    since: datetime | None = None  # when the link was made, where known


@dataclass(frozen=True, slots=True)
class Ticket:
    """An item as the roll-up weighs it: linked or not, counted in its scope."""

    uid: int
    source: str
    key: str
    kind: ItemKind
    state: State
    created_at: datetime
    title: str = ""
    url: str = ""
    project: str = ""
    type: str = ""
    labels: tuple[str, ...] = ()
    assignee: str | None = None
    parent: int | None = None  # uid of the parent item, if it is stored
    resolution: str | None = None
    completed_at: datetime | None = None
    points: float | None = None
    flagged: bool = False
    blockers: tuple[Blocker, ...] = ()
    changes: tuple[Change, ...] = ()
    updated_at: datetime | None = None
    verdict: VerdictKind | None = None
    orphan: OrphanClass | None = None
    linked_since: datetime | None = None  # the earliest link that is valid now, whatever its target
    remote_id: str = ""  # its immutable id in its source: where its marks are written
    head: str = ""  # of a pull request: the sha that bears its commit status


@dataclass(frozen=True, slots=True)
class Reading:
    """A dated value of a metric key result, with who gave it."""

    key_result: str
    at: datetime
    value: float
    by: str
    why: str = ""


class Status(StrEnum):
    DROPPED = "dropped"
    NOT_STARTED = "not_started"
    NO_DATA = "no_data"
    DONE = "done"
    ACHIEVED = "achieved"
    MISSED = "missed"
    NO_DUE_DATE = "no_due_date"
    STALE = "stale"
    TOO_EARLY = "too_early"
    OFF_TRACK = "off_track"
    AT_RISK = "at_risk"
    ON_TRACK = "on_track"


class Flag(StrEnum):
    REGRESSED = "regressed"
    EXCEEDED = "exceeded"
    STALLED = "stalled"
    BLOCKED = "blocked"
    STALE_READING = "stale_reading"
    SCOPE_GROWTH = "scope_growth"
    CLOSING_BY_CANCELLING = "closing_by_cancelling"
    OUTPUT_WITHOUT_OUTCOME = "output_without_outcome"
    OUTCOME_WITHOUT_OUTPUT = "outcome_without_output"


@dataclass(frozen=True, slots=True)
class Cause:
    """One clause that explains a number, with the keys of the items behind it: of very many those that tell most.

    The roll-up knows items of the store by uid; ``rollup.named`` puts their keys in the place of ``uids``.
    """

    text: Say
    items: tuple[str, ...] = ()
    more: int = 0  # items behind it beyond these
    uids: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Forecast:
    """Chance to reach τ by the end of the window, and when the work would be done at the current pace."""

    probability: float | None
    date: date | None


@dataclass(frozen=True, slots=True)
class Progress:
    """What is known of one key result at one instant. ``progress`` is the raw share; null is never 0."""

    key_result: str
    status: Status
    progress: float | None
    grade: float | None = None
    done: float | None = None
    scope: float | None = None
    unit: str = ""  # "points", "items" or the metric's own
    estimated: float | None = None  # share of live leaves with an estimate
    initial: float | None = None  # N0
    added: float | None = None
    removed: float | None = None
    cancelled: float | None = None
    value: float | None = None
    read_at: datetime | None = None
    forecast: Forecast | None = None
    flags: frozenset[Flag] = frozenset()
    causes: tuple[Cause, ...] = ()
    undamped: Status | None = None  # what the numbers alone say, where damping keeps the status that was published


@dataclass(frozen=True, slots=True)
class Point:
    """A key result at one instant of its past, as the histories of its items tell it, with the links of then."""

    at: datetime
    progress: float | None
    done: float | None = None
    scope: float | None = None
    value: float | None = None  # of a metric
    planned: float | None = None  # the progress that its plan expected by then


@dataclass(frozen=True, slots=True)
class Snapshot:
    """What was published of a key result or objective at the end of a local day; it is never rewritten once that day is
    over, whatever is learned later."""

    goal: str
    day: date
    at: datetime
    status: Status
    progress: float | None
    probability: float | None = None
    done: float | None = None
    scope: float | None = None
    unit: str = ""


@dataclass(frozen=True, slots=True)
class ObjectiveProgress:
    objective: str
    status: Status
    progress: float | None
    measured: tuple[int, int]  # k of m inputs had a value
    done: float | None = None
    scope: float | None = None
    causes: tuple[Cause, ...] = ()
