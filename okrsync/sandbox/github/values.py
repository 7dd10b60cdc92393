"""What a repository holds, as the sandbox keeps it, and GitHub's way of writing instants and making ids.

Addresses are never kept: :mod:`okrsync.sandbox.github.show` works them out from the repository's name of the moment.
"""

from __future__ import annotations

import base64
import hashlib
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple

BORN = datetime(2026, 1, 5, 8, tzinfo=UTC)  # where nothing says when


def stamp(at: datetime) -> str:
    """``2026-01-05T08:00:00Z``: GitHub tells no fractions of a second. Stamps sort as the instants do."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def restamp(text: str) -> str:
    """Any ISO 8601 instant as such a stamp; ValueError where it is none or has no offset."""
    if len(text) == 20 and text.endswith("Z"):
        return text
    at = datetime.fromisoformat(text)
    if at.tzinfo is None:
        raise ValueError(f"{text!r} has no offset; write 2026-01-31T12:00:00Z")
    return stamp(at)


def born(place: int) -> str:
    """A made-up stamp for the n-th thing that has none of its own."""
    return stamp(BORN + timedelta(minutes=place))


def number_of(text: str) -> int:
    """A number that always stands for this text, of 48 bits at most."""
    return int.from_bytes(hashlib.blake2b(text.encode(), digest_size=6).digest(), "big")


def sha_of(text: str) -> str:
    """The sha of a commit that nobody gave one."""
    return hashlib.sha1(text.encode(), usedforsecurity=False).hexdigest()


def node_of(prefix: str, number: int) -> str:
    """A node id: opaque, and the same for the same thing."""
    return f"{prefix}_{base64.urlsafe_b64encode(number.to_bytes(9, 'big')).decode()}"


class Ref(NamedTuple):
    """An issue by the name of its repository and its number."""

    repository: str
    number: int

    @classmethod
    def read(cls, text: str | int, here: str) -> Ref:
        """From ``12``, ``#12``, ``owner/repo#12`` or an address of it; ValueError where it is none."""
        words = str(text)
        if "://" in words:
            *_, owner, name, _, number = words.split("/")
            words = f"{owner}/{name}#{number}"
        repository, _, number = words.rpartition("#")
        if not number.isdecimal():
            raise ValueError(f"{text!r} names no issue; write 12, #12 or owner/repo#12")
        return cls(repository or here, int(number))

    def __str__(self) -> str:
        return f"{self.repository}#{self.number}"


@dataclass(frozen=True, slots=True)
class User:
    login: str
    id: int
    node_id: str
    type: str = "User"

    @classmethod
    def named(cls, login: str) -> User:
        """The user of this login; ``…[bot]`` is a bot."""
        number = number_of(f"user:{login.casefold()}")
        bot = login.endswith("[bot]")
        return cls(login, number, node_of("BOT" if bot else "U", number), "Bot" if bot else "User")


@dataclass(slots=True)
class Label:
    name: str
    id: int
    node_id: str
    color: str = "ededed"
    description: str | None = None
    default: bool = False


@dataclass(slots=True)
class Milestone:
    number: int
    title: str
    id: int
    node_id: str
    description: str | None
    creator: User | None
    state: str
    created_at: str
    updated_at: str
    due_on: str | None = None
    closed_at: str | None = None


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happened to an issue. ``kind`` is the REST API's word for it.

    ``label`` is the label itself, under whatever name it has now; ``name`` is what a label, a milestone, the title or
    the base branch was called then, ``before`` what it was called, or where a head stood, before. ``other`` is the
    issue at the other end of a hierarchy or a dependency, ``repository`` the full name of the one that an issue left.
    """

    id: int
    kind: str
    at: str
    actor: User | None
    label: Label | None = None
    name: str = ""
    before: str = ""
    user: User | None = None
    other: Ref | None = None
    reason: str | None = None
    sha: str | None = None
    type: dict[str, Any] | None = None
    type_before: dict[str, Any] | None = None
    repository: str = ""

    @property
    def node_id(self) -> str:
        return node_of("EV", self.id)


@dataclass(slots=True)
class Comment:
    """A comment on an issue. ``visible_at`` is the instant before which nobody sees it."""

    id: int
    node_id: str
    number: int
    user: User | None
    body: str
    created_at: str
    updated_at: str
    association: str = "MEMBER"
    visible_at: datetime | None = None


@dataclass(slots=True)
class Pull:
    """What a pull request is besides an issue. ``fork`` is the repository of its head: None where that is this one,
    an empty mapping where it is gone. ``closes`` are the issues that people linked by hand."""

    id: int
    base: str
    base_sha: str
    head: str
    head_sha: str
    draft: bool = False
    merged_at: str | None = None
    merged_by: User | None = None
    merge_sha: str | None = None
    fork: dict[str, Any] | None = None
    closes: list[Ref] = field(default_factory=list)


@dataclass(slots=True)
class Issue:
    """An issue, or a pull request where ``pull`` is set. ``labels`` are folded names; ``milestone`` is a number;
    ``blockers`` are the issues that must be done first."""

    number: int
    id: int
    node_id: str
    title: str
    body: str | None
    user: User | None
    created_at: str
    updated_at: str
    state: str = "open"
    state_reason: str | None = None
    closed_at: str | None = None
    closed_by: User | None = None
    labels: list[str] = field(default_factory=list)
    assignees: list[User] = field(default_factory=list)
    milestone: int | None = None
    locked: bool = False
    lock_reason: str | None = None
    association: str = "MEMBER"
    type: dict[str, Any] | None = None
    parent: Ref | None = None
    blockers: list[Ref] = field(default_factory=list)
    events: list[Event] = field(default_factory=list)
    comments: list[Comment] = field(default_factory=list)
    pull: Pull | None = None


class Signature(NamedTuple):
    """Who made a commit, and when."""

    name: str
    email: str
    date: str


@dataclass(frozen=True, slots=True)
class Commit:
    """A commit; ``author`` and ``committer`` are the accounts behind the signatures, where GitHub knows them."""

    sha: str
    node_id: str
    message: str
    authored: Signature
    committed: Signature
    author: User | None
    committer: User | None
    parents: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Status:
    id: int
    node_id: str
    sha: str
    state: str
    context: str
    description: str | None
    target_url: str | None
    created_at: str
    creator: User | None
