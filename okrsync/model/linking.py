"""What mapping sees and says."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import NamedTuple

from okrsync.model.items import Change, FieldValue, ItemKind, Reference, State
from okrsync.model.rules import RuleName
from okrsync.model.words import Say


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
