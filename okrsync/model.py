"""Every value that crosses a border of okrsync, frozen and slotted.

Nothing here computes more than a property of itself, and nothing here imports another part of the project: the stages
(``connectors``, ``mapping``, ``rollup``), ``config`` and the shell all speak in these words (docs/architecture.md).

Instants are aware :class:`datetime.datetime` values in UTC. Windows are half open, ``[start, end)``.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import NamedTuple, TypeAlias

Json: TypeAlias = "bool | int | float | str | Sequence[Json] | Mapping[str, Json] | None"

# ── words that people read ───────────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True)
class Say:
    """A sentence by its code and its facts; ``okrsync.texts`` turns it into French or English at the very end."""

    code: str
    args: tuple[tuple[str, str | int | float], ...] = ()

    @classmethod
    def of(cls, code: str, **args: str | int | float) -> Say:
        return cls(code, tuple(args.items()))


# ── what the tools hold ──────────────────────────────────────────────────────────────────────────────────────────────


class ItemKind(StrEnum):
    """What an item is in its tool; totals count exactly these."""

    TICKET = "ticket"
    PULL_REQUEST = "pull_request"
    COMMIT = "commit"


class State(StrEnum):
    """Where an item stands, whatever its tool calls it."""

    TODO = "todo"
    IN_PROGRESS = "in_progress"
    DONE = "done"
    UNKNOWN = "unknown"


class ReferenceKind(StrEnum):
    """How an item points at another; always *from* the item that holds the fact."""

    PARENT = "parent"  # its parent of any level: sub-task → story, story → epic, epic → initiative
    EPIC = "epic"  # an epic named by a field of its own (Jira Data Center)
    CLOSES = "closes"  # by the tool's own word, or by a closing keyword in a text
    MENTIONS = "mentions"
    BLOCKED_BY = "blocked_by"
    MEMBER = (
        "member"  # of a container that is no item: "milestone:acme/shop#3", "project:GID", "section:GID", "goal:GID"
    )
    TRAILER = "trailer"  # the target is what stands behind "OKR:" or "KR:" in a text, read as the id of a goal
    REVERTS = "reverts"  # a commit (sha, or its start) or a pull request ("acme/shop#12")
    MERGED_AS = "merged_as"  # the commit that a pull request became: that commit inherits from it


@dataclass(frozen=True, slots=True)
class Reference:
    """One fact found in the data, from one item to something not yet resolved.

    ``target`` is the key as it stands in the tool; ``target_id`` the immutable id of the same source, where known;
    ``target_source`` the source that an address names, where a text gave one. ``since`` is the moment of the change
    that made it, ``None`` where the tool does not tell.
    """

    kind: ReferenceKind
    target: str
    target_id: str | None = None
    evidence: str = ""
    since: datetime | None = None
    target_source: str | None = None


class ChangeKind(StrEnum):
    """What moved in the life of an item."""

    STATE = "state"  # before/after are State values
    LABEL_ADDED = "label_added"  # after is the label
    LABEL_REMOVED = "label_removed"  # before is the label
    FLAG = "flag"  # "1" while flagged, else None
    POINTS = "points"
    PARENT = "parent"  # remote ids
    KEY = "key"
    BLOCKED_BY = "blocked_by"  # keys: after where the link was made, before where it was removed
    FIELD = "field"  # "FIELD-ID=value"
    MEMBER = "member"  # containers, named as a MEMBER reference names them: after where it joined, before where it left


@dataclass(frozen=True, slots=True)
class Change:
    """One dated change of an item, as the tool's own changelog tells it.

    ``observed``: the tool keeps no such log, and two syncs saw the item differ; ``at`` is then the latest moment at
    which it can have happened.
    """

    at: datetime
    kind: ChangeKind
    before: str | None
    after: str | None
    observed: bool = False


@dataclass(frozen=True, slots=True)
class History:
    """All known changes of one item, oldest first."""

    remote_id: str
    changes: tuple[Change, ...]


COMPONENTS = "components"
"""The id of the field that tells which parts of a product an item is about, where its tool knows such."""


@dataclass(frozen=True, slots=True)
class FieldValue:
    """The whole value of a select or short text field, which may hold the id of a goal."""

    id: str
    name: str
    value: str


@dataclass(frozen=True, slots=True)
class Item:
    """One unit of work as its tool holds it now. Identity is (``source``, ``remote_id``); ``key`` may change."""

    source: str
    remote_id: str
    key: str
    kind: ItemKind
    title: str
    url: str
    state: State
    status: str  # the tool's own word, in the language of the account
    created_at: datetime
    updated_at: datetime
    scope: str = ""  # remote id of the project or repository that holds it
    project: str = ""  # key of that project, as people know it
    type: str = ""  # issue type, as the tool names it; "merge" for a commit of several parents
    level: int | None = None  # -1 sub-task, 0 standard, 1 epic, more above; None where the tool has no levels
    body: str = ""
    resolution: str | None = None
    completed_at: datetime | None = None
    due: date | None = None
    points: float | None = None
    assignee: str | None = None
    author: str = ""
    labels: tuple[str, ...] = ()
    fields: tuple[FieldValue, ...] = ()
    flagged: bool = False
    references: tuple[Reference, ...] = ()
    branch: str = ""  # of a pull request: the branch that it comes from …
    base: str = ""  # … the one that it goes to …
    head: str = ""  # … and the sha of its last commit, which bears its commit status


@dataclass(frozen=True, slots=True)
class Scope:
    """A part of a source that can be resumed alone: a project, a repository."""

    id: str  # immutable remote id
    key: str
    name: str = ""
    readable: bool = True
    why: str = ""  # what the tool said where it is not readable
    configured: str = ""  # the entry of the configuration that names it: a key, a former key, or a pattern


@dataclass(frozen=True, slots=True)
class Cursor:
    """How far a scope has been read, in the server's own time.

    ``mark`` is the connector's own note beside the time, opaque to all others: heads of branches, a page, an ETag.
    """

    at: datetime
    mark: str = ""


@dataclass(frozen=True, slots=True)
class Page:
    """Items that are stored together with the cursors after them, in one transaction."""

    items: tuple[Item, ...]
    cursors: Mapping[str, Cursor]  # scope id → where to resume once this page is stored
    total: int | None = None  # the tool's estimate of the whole pull, for progress bars only
    refused: Mapping[str, str] = field(default_factory=dict)  # scope id → why the tool would not show it any further
    doubts: tuple[str, ...] = ()  # ids that may be gone, or stand elsewhere now: to be confirmed by a direct read
    counted: frozenset[str] = frozenset()  # scopes to take a census of now: just read whole, or something went


@dataclass(frozen=True, slots=True)
class Lack:
    """A right that is missing, in words: where, which one, and what is not possible without it."""

    text: str
    surfaces: frozenset[Surface] = frozenset()  # what cannot be written without it; empty: something cannot be read


@dataclass(frozen=True, slots=True)
class Limit:
    """A quota of the account as the tool tells it now."""

    name: str  # in the tool's own words: "core", "graphql"
    limit: int
    left: int
    resets_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Account:
    """Who we are in a tool, and what we may do there."""

    name: str
    product: str  # e.g. "Jira Cloud"
    timezone: str
    rights: Mapping[str, bool] = field(default_factory=dict)
    lacks: tuple[Lack, ...] = ()
    limits: tuple[Limit, ...] = ()  # empty where the tool does not tell
    expires_at: datetime | None = None  # of the token, where the tool tells


# ── goals ────────────────────────────────────────────────────────────────────────────────────────────────────────────


class GoalState(StrEnum):
    DRAFT = "draft"
    APPROVED = "approved"
    DROPPED = "dropped"
    CLOSED = "closed"


class KeyResultKind(StrEnum):
    WORK = "work"
    METRIC = "metric"
    KEEP = "keep"
    MIXED = "mixed"


class Commitment(StrEnum):
    COMMITTED = "committed"
    ASPIRATIONAL = "aspirational"


class Relation(StrEnum):
    CONTRIBUTES = "contributes"
    SUPPORTS = "supports"


@dataclass(frozen=True, slots=True)
class Window:
    """``[start, end)`` in UTC. ``end`` is the midnight after the last day, in the configured time zone."""

    start: datetime | None = None
    end: datetime | None = None


@dataclass(frozen=True, slots=True)
class Cycle:
    id: str
    window: Window


@dataclass(frozen=True, slots=True)
class ItemRef:
    """An item or container named in the configuration, ``SOURCE-ID:KEY``."""

    source: str
    key: str

    def __str__(self) -> str:
        return f"{self.source}:{self.key}"


@dataclass(frozen=True, slots=True)
class MetricSource:
    """Where the readings of a metric come from: ``manual`` (``okrsync metric set``); ``asana_goal``: the metric of
    the goal that ``goal`` names (key ``goal:GID``); ``count``: how many items ``source`` finds for ``query``, which is
    in its own language (a JQL query, a GitHub search)."""

    kind: str = "manual"
    goal: ItemRef | None = None
    source: str = ""
    query: str = ""


Curve: TypeAlias = "str | tuple[tuple[datetime, float], ...]"  # "linear", "s", or dated shares (milestones)


@dataclass(frozen=True, slots=True)
class KeyResult:
    """One key result. ``window`` is its own or its cycle's, already resolved."""

    id: str
    objective: str
    title: str
    kind: KeyResultKind = KeyResultKind.WORK
    owner: str | None = None
    cycle: str | None = None
    window: Window = Window()
    state: GoalState = GoalState.APPROVED
    commitment: Commitment = Commitment.COMMITTED
    weight: float = 1.0
    counts: frozenset[ItemKind] = frozenset({ItemKind.TICKET})
    epics: tuple[ItemRef, ...] = ()
    containers: tuple[str, ...] = ()
    write_to: tuple[ItemRef, ...] = ()
    baseline: float | None = None
    target: float | None = None
    low: float | None = None
    high: float | None = None
    unit: str = ""
    metric: MetricSource = MetricSource()
    curve: Curve = "linear"
    stale_after: timedelta | None = None


@dataclass(frozen=True, slots=True)
class Objective:
    id: str
    title: str
    owner: str | None = None
    cycle: str | None = None
    window: Window = Window()
    parent: str | None = None
    relation: Relation = Relation.CONTRIBUTES
    weight: float = 1.0
    state: GoalState = GoalState.APPROVED


@dataclass(frozen=True, slots=True)
class Goals:
    """The goal tree, in the order of the configuration. Ids are unique over both maps, also after NFC and casefold."""

    cycles: Mapping[str, Cycle]
    objectives: Mapping[str, Objective]
    key_results: Mapping[str, KeyResult]
    timezone: str = "UTC"


# ── rules and thresholds ─────────────────────────────────────────────────────────────────────────────────────────────


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


# ── what mapping sees and says ───────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True)
class Node:
    """An item as the graph sees it. ``uid`` is the store's number for (source, remote id)."""

    uid: int
    source: str
    remote_id: str
    key: str
    kind: ItemKind
    title: str
    url: str
    state: State
    created_at: datetime
    project: str = ""
    type: str = ""
    author: str = ""
    labels: tuple[str, ...] = ()
    fields: tuple[FieldValue, ...] = ()
    aliases: tuple[str, ...] = ()  # keys that it had before
    references: tuple[Reference, ...] = ()
    changes: tuple[Change, ...] = ()
    counted: bool = True  # False: context from outside the configured scope
    readable: bool = True  # False: known to exist, and we may not read it


@dataclass(frozen=True, slots=True)
class Text:
    """What a pull request or a commit says, in which ``mapping`` reads keys, addresses, trailers and reverts."""

    uid: int
    source: str
    kind: ItemKind
    key: str
    project: str  # the repository, "acme/shop": a short "#12" is one of its own
    title: str
    body: str
    branch: str = ""


@dataclass(frozen=True, slots=True)
class Place:
    """How the items of one source are named in texts anywhere.

    ``web`` is the start of their addresses, up to what names the item or its project:
    "https://acme.atlassian.net/browse/", "https://github.com/", "https://app.asana.com/". ``projects`` are the keys of
    its configured projects or repositories, those that they had before included.
    """

    source: str
    kind: str  # of the source: "jira", "github", "asana"
    web: str
    projects: frozenset[str] = frozenset()


class OverrideKind(StrEnum):
    LINK = "link"
    EXEMPT = "exempt"


@dataclass(frozen=True, slots=True)
class Override:
    """A human's word about one item; the newest that was not taken back wins."""

    item: int  # uid
    kind: OverrideKind
    targets: tuple[str, ...]
    why: str
    by: str
    at: datetime
    removed_at: datetime | None = None
    removed_by: str | None = None


class VerdictKind(StrEnum):
    TRACED = "traced"
    EXEMPT = "exempt"
    ORPHAN = "orphan"
    UNRESOLVABLE = "unresolvable"


class OrphanClass(StrEnum):
    """Why an orphan reaches no objective; the first that fits."""

    DANGLING = "dangling"
    DEAD = "dead"
    AMBIGUOUS = "ambiguous"
    TRANSITIVE = "transitive"
    DIRECT = "direct"


@dataclass(frozen=True, slots=True)
class Hop:
    """One step of a path: the node and how the step before reached it."""

    kind: str  # item kind, "key_result" or "objective"
    source: str
    key: str
    title: str
    hop: str  # "item" for the first, else the rule or relation of the step: "parent", "label", "contributes" …
    url: str = ""  # of an item
    why: Say | None = None  # the fact that this step stands on; the first has none, nor has one from goal to goal
    since: datetime | None = None  # of that fact


@dataclass(frozen=True, slots=True)
class Link:
    """Item → key result or objective, with the reason. ``path`` runs from the item to the target, both included."""

    item: int
    target: str
    rule: RuleName
    evidence: Say
    path: tuple[Hop, ...]
    since: datetime
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Dangling:
    """A label, field or trailer of an item that looks like a goal and names none, or a key that names no item."""

    text: str
    where: str  # "label" | "field NAME" | "override" | "trailer" | "key"
    suggestion: str | None  # the likely id


@dataclass(frozen=True, slots=True)
class Break:
    """Where exactly the climb ends, and the cheapest mend."""

    source: str
    key: str
    title: str
    url: str
    why: Say
    fix: Say
    item: int | None = None  # uid of what is to be mended, where it is stored
    path: tuple[Hop, ...] = ()  # from the item that was judged to this one, both included


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the graph says of one item, explained. ``links`` holds dead ones too: dead is a verdict, the link stays."""

    item: int
    kind: VerdictKind
    orphan: OrphanClass | None = None
    links: tuple[Link, ...] = ()
    lost: tuple[Link, ...] = ()  # found by a rule of lower rank, and overruled
    dangling: tuple[Dangling, ...] = ()
    exemption: Say | None = None
    broken_at: Break | None = None
    exempt_path: tuple[Hop, ...] = ()  # from the item to the one that is exempt by itself, both included


class Period(NamedTuple):
    """An item serves ``target`` by ``rule`` in ``[since, until)``, in µs since 1970, for these come by the million.

    ``via`` says in few characters what made it: the label, the field's value, the key that it was inherited from.
    """

    target: str
    rule: RuleName
    since: int
    until: int | None
    via: str


class Ruling(NamedTuple):
    """What is decided of one item, without the explanation, which follows from the items (``Verdict``).

    ``mend`` is the uid of the item whose mend brings it home, where one is needed and stored. ``periods`` are its
    links: those that hold, and those that its history tells to have held.
    """

    item: int
    kind: VerdictKind
    orphan: OrphanClass | None
    mend: int | None
    dangling: bool
    periods: tuple[Period, ...]


class Severity(StrEnum):
    HIGH = "high"
    MEDIUM = "medium"
    LOW = "low"


class GapKind(StrEnum):
    """What can be broken in the chain, in either direction."""

    KR_WITHOUT_WORK = "kr_without_work"
    OBJECTIVE_WITHOUT_KR = "objective_without_kr"
    KR_WITHOUT_OWNER = "kr_without_owner"
    KR_WITHOUT_BASELINE = "kr_without_baseline"
    KR_WITHOUT_DUE_DATE = "kr_without_due_date"
    KR_COUNT = "kr_count"
    KR_NO_DATA = "kr_no_data"
    DEAD_GOAL = "dead_goal"
    DANGLING_LABEL = "dangling_label"
    DANGLING_KEY = "dangling_key"
    LABEL_TWINS = "label_twins"
    OUTPUT_WITHOUT_OUTCOME = "output_without_outcome"
    OUTCOME_WITHOUT_OUTPUT = "outcome_without_output"
    SCOPE_GROWTH = "scope_growth"
    CLOSING_BY_CANCELLING = "closing_by_cancelling"
    PARENT_CYCLE = "parent_cycle"
    DUPLICATE_KEY = "duplicate_key"
    STALE_READING = "stale_reading"
    SCOPE_UNREACHABLE = "scope_unreachable"
    UNKNOWN_STATUS = "unknown_status"
    WRITE_CONFLICT = "write_conflict"
    NOTHING_THERE = "nothing_there"
    SUSPECT_LINK = "suspect_link"
    EFFORT_AGAINST_WEIGHT = "effort_against_weight"
    LINKED_ACROSS_CYCLES = "linked_across_cycles"


@dataclass(frozen=True, slots=True)
class Gap:
    """Something broken, and how to mend it: ``fix`` says it; ``typed`` is what to type, to the letter.

    ``typed`` is a command of okrsync, or lines of TOML for the goal that is the subject. Words in capitals stand for
    what only a person knows. ``mend`` is the uid of the item at which to begin, where one is to be changed.
    """

    kind: GapKind
    severity: Severity
    subject: str  # a goal id, an item key, a label, a scope
    evidence: Say
    fix: Say
    since: datetime | None = None
    items: tuple[str, ...] = ()
    typed: str = ""
    mend: int | None = None


# ── what rollup sees and says ────────────────────────────────────────────────────────────────────────────────────────


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


# ── writing back ─────────────────────────────────────────────────────────────────────────────────────────────────────


class Surface(StrEnum):
    """A place in a tool that okrsync may own."""

    LABEL = "label"  # okr-orphan, okr-dangling; an Asana tag is one too
    OBJECTIVE_LABEL = "objective_label"  # the objective that a ticket serves, as a label or tag
    OBJECTIVE_FIELD = "objective_field"  # the same in a select or text field
    PROPERTY = "property"
    COMMENT = "comment"
    NUMBER = "number"  # the progress of a key result, in percent, in a number field
    BLOCK = "block"  # a marked part of the description of a milestone
    STATUS = "status"  # the commit status of an open pull request
    METRIC = "metric"  # the current value of a goal's metric
    UPDATE = "update"  # a status update of a goal


UNASKED = frozenset(Surface) - {Surface.OBJECTIVE_LABEL}
"""What is written where ``surfaces`` is not set; the fields beside them still need their ids."""


@dataclass(frozen=True, slots=True)
class Slot:
    """One thing that okrsync owns on one object: this label, this property, its one comment."""

    source: str
    remote_id: str
    surface: Surface
    name: str  # the label, the property key, the id of the field, the instance that marks a text, the sha of a status


@dataclass(frozen=True, slots=True)
class Standing:
    """What is known of one slot: ``value`` stands there now, ``ours`` is what okrsync last wrote there.

    ``ours`` is None where okrsync never wrote: what stands was found, and is not its to take away. Where the two differ
    somebody changed it since; ``restored`` counts how often okrsync put its own back.
    """

    value: Json
    ours: Json
    at: datetime  # when ``ours`` was confirmed, or what was found was found
    restored: int = 0
    seen_at: datetime | None = None  # when the slot was last read or confirmed


@dataclass(frozen=True, slots=True)
class Refusal:
    """What a tool refused last in a slot: ``after`` was to stand there, ``note`` is what the tool said."""

    after: Json
    note: str
    at: datetime
    run: int


@dataclass(frozen=True, slots=True)
class Write:
    """One intended change. ``None`` is absence: before, nothing stood there; after, nothing will."""

    slot: Slot
    key: str  # of the object, for people
    url: str
    before: Json
    after: Json
    why: Say
    id: int | None = None  # the journal's number, once planned


class WriteState(StrEnum):
    PLANNED = "planned"
    INTENDED = "intended"  # committed before the request; after a crash its outcome is unknown
    APPLIED = "applied"
    SKIPPED = "skipped"  # somebody changed the target since, or it holds the value already
    FAILED = "failed"
    UNKNOWN = "unknown"  # sent, and the answer was lost
    UNDONE = "undone"


@dataclass(frozen=True, slots=True)
class Receipt:
    """What the tool confirmed: ``value`` as it stands there now, ``handle`` its id of what was written."""

    value: Json
    handle: str | None = None


class WriteMode(StrEnum):
    OFF = "off"
    PLAN = "plan"
    DRAFT = "draft"  # applied once a person has approved it
    APPLY = "apply"


class Deleted(StrEnum):
    """What becomes of something of ours that a person took away."""

    LEAVE = "leave"
    RESTORE = "restore"


@dataclass(frozen=True, slots=True)
class SourcePolicy:
    """``[writeback.SOURCE]``: what holds for one source; None: what holds everywhere."""

    mode: WriteMode | None = None
    surfaces: frozenset[Surface] | None = None
    objective_field: str = ""  # the id of the select or text field that is filled with the objective of a ticket
    progress_field: str = ""  # the id of the number field that is filled with the progress of a key result


@dataclass(frozen=True, slots=True)
class Pause:
    """A time in which nothing is sent; ``end`` is not part of it, None: until somebody ends it."""

    start: datetime
    end: datetime | None
    why: str = ""


@dataclass(frozen=True, slots=True)
class WritebackPolicy:
    """``[writeback]``: what may be written where."""

    mode: WriteMode = WriteMode.PLAN
    sources: Mapping[str, SourcePolicy] = field(default_factory=dict)
    targets: Mapping[ItemRef, WriteMode] = field(default_factory=dict)  # of single objects of ``write_to``
    surfaces: frozenset[Surface] = UNASKED
    only: tuple[ItemRef, ...] = ()  # projects; empty: everywhere
    cap: int = 50
    quiet: timedelta = timedelta(hours=24)
    daily: int = 3  # runs a day that may touch one object
    deleted: Deleted = Deleted.LEAVE
    pauses: tuple[Pause, ...] = ()

    def source(self, source: str) -> SourcePolicy:
        return self.sources.get(source, SourcePolicy())

    def of(self, source: str) -> WriteMode:
        return self.source(source).mode or self.mode

    def at(self, source: str, key: str) -> WriteMode:
        """What holds for one object, by its key in any case."""
        folded = key.casefold()
        named = (mode for ref, mode in self.targets.items() if ref.source == source and ref.key.casefold() == folded)
        return next(named, self.of(source)) if self.targets else self.of(source)

    def surfaces_of(self, source: str) -> frozenset[Surface]:
        """What may be written in a source: a field only where its id is given."""
        mine = self.source(source)
        without = {Surface.OBJECTIVE_FIELD} if not mine.objective_field else set()
        without |= {Surface.NUMBER} if not mine.progress_field else set()
        return (self.surfaces if mine.surfaces is None else mine.surfaces) - without


MANAGED_LABELS = frozenset({"okr-orphan", "okr-dangling"})
"""Labels that okrsync itself writes on work that is not linked."""

OBJECTIVE_LABEL = "okr-objective:"
"""What the labels begin with that name the objective of a ticket."""


def is_managed(label: str) -> bool:
    """Whether okrsync itself writes labels of this name: they are no references, and their coming and going is no
    change."""
    folded = label.casefold()
    return folded in MANAGED_LABELS or folded.startswith(OBJECTIVE_LABEL)


# ── sources ──────────────────────────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True)
class SaidStatus:
    """The newest status update of a goal, whoever posted it, in the words of the tool."""

    id: str
    status: str  # "on_track", "at_risk", "off_track", "achieved", "partial", "missed", "dropped"
    by: str  # the name of who said so
    at: datetime
    instance: str = ""  # that posted it, by the mark in its text; "": a person did


@dataclass(frozen=True, slots=True)
class RemoteGoal:
    """A goal that a tool keeps itself, with its metric as it stands there; figures are None where it has no metric.

    A percentage is a fraction: 0.25 is shown as 25 %. ``writable`` says whether we may set ``current``.
    """

    id: str
    name: str
    url: str
    unit: str = "none"  # "none" | "currency" | "percentage"
    precision: int = 0
    initial: float | None = None
    target: float | None = None
    current: float | None = None
    writable: bool = False
    why_not: str = ""  # where it is not: "no_metric", "integration" (another one sets it) or "computed" (by the tool)
    said: SaidStatus | None = None


class SourceState(StrEnum):
    OK = "ok"
    DEGRADED = "degraded"
    AUTH_FAILED = "auth_failed"
    UNREACHABLE = "unreachable"
    NEEDS_CONFIRMATION = "needs_confirmation"
    NEVER = "never"


@dataclass(frozen=True, slots=True)
class SecretRef:
    """Where a secret is found; never the secret."""

    kind: str  # "env" | "file" | "credential"
    name: str


class Secret:
    """A value that cannot be printed; ``reveal`` is the only way to it."""

    __slots__ = ("_value",)

    def __init__(self, value: str) -> None:
        self._value = value

    def reveal(self) -> str:
        return self._value

    def __repr__(self) -> str:
        return "Secret(…)"

    __str__ = __repr__


@dataclass(frozen=True, slots=True)
class AppIdentity:
    """An app that signs in by itself, as one of its installations."""

    app_id: str
    installation_id: str


@dataclass(frozen=True, slots=True)
class SourceConfig:
    """One ``[[sources]]``. ``settings`` is the connector's own frozen model, already validated."""

    id: str
    kind: str
    url: str
    email: str | None
    token: SecretRef  # of an ``app``: its private key
    settings: object
    entries: tuple[str, ...] = ()  # the projects or repositories that it names, patterns as they stand
    every: timedelta | None = timedelta(minutes=5)  # how often the daemon reads it; None where ``cron`` says when
    cron: str | None = None  # five fields, in the configured time zone
    census: timedelta = timedelta(hours=24)
    timeout: timedelta = timedelta(seconds=30)
    ca_file: str | None = None
    app: AppIdentity | None = None
    written: frozenset[str] = frozenset()  # ids of the fields that okrsync fills: what stands there is no fact


@dataclass(frozen=True, slots=True)
class SourceStatus:
    """What the store remembers of a source."""

    id: str
    kind: str
    state: SourceState
    last_success: datetime | None
    items: int
    error: str = ""
