"""Rules and thresholds, teams and gates: what a configuration decides."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

from okrsync.model.goals import ItemRef


class RuleName(StrEnum):
    """The ways of linking, in the default order of precedence. ``exempt`` is the exemption by configuration."""

    OVERRIDE = "override"
    LABEL = "label"
    FIELD = "field"
    CONTAINER = "container"
    TRAILER = "trailer"
    EXEMPT = "exempt"
    PARENT = "parent"
    REFERENCE = "reference"
    REVERT = "revert"


@dataclass(frozen=True, slots=True)
class Exemption:
    """Work that needs no objective: an item is exempt when every list that is not empty has a match."""

    labels: tuple[str, ...] = ()
    authors: tuple[str, ...] = ()  # shell patterns
    types: tuple[str, ...] = ()
    projects: tuple[ItemRef, ...] = ()
    why: str = ""


@dataclass(frozen=True, slots=True)
class Rules:
    """``[mapping]``: which rules run, in which order, and what they look for."""

    order: tuple[RuleName, ...] = (
        RuleName.OVERRIDE,
        RuleName.LABEL,
        RuleName.FIELD,
        RuleName.CONTAINER,
        RuleName.TRAILER,
        RuleName.EXEMPT,
        RuleName.PARENT,
        RuleName.REFERENCE,
        RuleName.REVERT,
    )
    label_patterns: tuple[str, ...] = ()  # regular expressions with a group "id", beside the built-in forms
    fields: tuple[str, ...] = ()  # ids or names; empty: every select and short text field
    exempt: tuple[Exemption, ...] = ()
    exempt_defaults: bool = True
    conflict: str = "all"  # "all" | "first"


@dataclass(frozen=True, slots=True)
class Thresholds:
    """``[rollup]``: every constant of docs/status.md; the defaults are the documented ones."""

    committed: float = 0.9  # τ of a committed KR
    aspirational: float = 0.7  # τ of an aspirational KR
    cancelled_resolutions: tuple[str, ...] = (
        "Won't Do",
        "Won't Fix",
        "Duplicate",
        "Cannot Reproduce",
        "Declined",
        "Incomplete",
        "not_planned",  # GitHub; its "duplicate" is the same word as Jira's
        "not_merged",  # a pull request that was closed without being merged
        "rejected",  # an Asana approval
    )
    in_progress_credit: float = 0.0  # ≤ 0.5
    estimated_share: float = 0.8  # use points from this share of estimated leaves on
    half_life_weeks: float = 8.0
    overdispersion: float = 1.5  # φ
    prior_weeks: float = 2.0
    prior_growth: float = 0.1  # scope expected to be added over the window, as a share of N0
    certainty: float = 0.5  # what the log-odds of the closed form are worth
    early_elapsed: float = 0.15
    early_weight: float = 2.0  # e·n below which it is too early
    off_track_probability: float = 0.25
    at_risk_probability: float = 0.55
    damping: float = 0.08  # by which the chance crosses a border before a published state changes
    blocked_days: float = 3.0
    stalled_days: float = 14.0
    stalled_share: float = 0.2  # of the window
    metric_on_track: float = 0.9  # r at least
    metric_at_risk: float = 0.7
    outcome_elapsed: float = 0.5  # of the window, after which work and outcome are held against each other
    output_share: float = 0.7
    outcome_share: float = 0.3
    scope_growth: float = 1.2  # N over N0
    cancelled_share: float = 0.2
    heavy_share: float = 0.1  # weight from which a KR speaks for its objective
    effort_difference: float = 0.3  # between a goal's share of the effort and its share of the weight
    source_limit: timedelta = timedelta(hours=24)  # a source not synced for longer is behind
    write_move: float = 0.05  # of progress, from which a move is written back
    write_every: timedelta = timedelta(weeks=1)  # how long smaller moves wait


@dataclass(frozen=True, slots=True)
class Team:
    """Who works on what; an item's team is the first that matches, in the order of the file."""

    id: str
    projects: tuple[ItemRef, ...] = ()
    repositories: tuple[ItemRef, ...] = ()
    labels: tuple[str, ...] = ()
    value_stream: str = ""


class Measure(StrEnum):
    """What a gate measures."""

    COVERAGE = "coverage"  # the share of the work of the window that reaches an objective or is exempt
    SYNC_SUCCESS = "sync_success"  # the share of the sync cycles of the window that ended well
    FALSE_LINKS = "false_links"  # the share of wrong links on a sample that people labelled
    REVERTED_WRITES = "reverted_writes"  # the share of the writes of the window that did not stay


@dataclass(frozen=True, slots=True)
class Gate:
    """``[[gates]]``: what has to hold before the roll-out takes its next step. One of the bounds is set."""

    id: str
    measure: Measure
    at_least: float | None = None
    at_most: float | None = None
    window: timedelta = timedelta(days=28)
    of: str = "effort"  # coverage: "effort" | "items"
    team: str | None = None
    source: str | None = None
    sample: str | None = None  # the path of the labelled sample, from the folder of the configuration
    fewest: int = 1  # fewer observations than this are no data
    why: str = ""
