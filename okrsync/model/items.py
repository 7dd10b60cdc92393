"""What the tools hold: items, their references and histories, and the pages that they come in."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum


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
