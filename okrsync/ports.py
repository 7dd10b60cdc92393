"""The protocols between the shell and what it drives: a source, a sink, an engine.

A small interface is required; everything else is an optional ability, discovered with ``isinstance`` on the protocols
below and never faked.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import ClassVar, Protocol, runtime_checkable

from okrsync.errors import Rejected
from okrsync.model import (
    Account,
    Cursor,
    History,
    Item,
    Json,
    Lack,
    Page,
    Receipt,
    RemoteGoal,
    Scope,
    Secret,
    Slot,
    Surface,
    Write,
)


class Source(Protocol):
    """Reads items from one account on one tool. Reads only; raises nothing but :class:`okrsync.errors.ToolError`.

    One connector may serve many cycles, one after the other. ``scopes()`` begins a cycle: whatever may have changed
    since the one before is read anew from there on.
    """

    name: ClassVar[str]

    def check(self) -> Account:
        """Who we are and what we may do, for people to read; AuthError where the credentials are refused."""
        ...

    def scopes(self) -> Sequence[Scope]:
        """Every configured scope, the unreadable ones marked so."""
        ...

    def pull(self, since: Mapping[str, Cursor | None]) -> Iterator[Page]:
        """What changed in these scopes (scope id → where it was left, None: everything).

        One query may serve many scopes; cursors stay per scope, and the cursors of every page can resume without loss.
        A scope in which nothing changed has no page, and costs no request of its own where the tool can tell. One that
        the tool refuses midway is named in ``Page.refused``, and the others are read; Rejected where it refuses all.
        """
        ...

    def fetch(self, ids: Sequence[str]) -> Iterator[Item]:
        """Items by immutable id: parents outside the scope, doubts, webhooks. What may not be read is left out."""
        ...

    def census(self, scope: Scope) -> Iterator[str]:
        """Ids of all that still exists in a scope."""
        ...

    def requests(self) -> int:
        """How many HTTP requests were sent so far."""
        ...

    def close(self) -> None:
        """Give back every connection and thread."""
        ...


@runtime_checkable
class HasMetadata(Protocol):
    """A source with items that come to say something else without being updated."""

    def metadata(self) -> Mapping[str, str]:
        """What items are read by (statuses, fields …), as it is now, under names of the source's own choice.

        Where an entry changes or goes, every item has to be read again; a new one concerns none that is stored.
        """
        ...


@runtime_checkable
class HasHistory(Protocol):
    """A source that tells the past of its items in bulk. Of any other the store notes what it sees change."""

    def history(self, ids: Sequence[str]) -> Iterator[History]:
        """The changes of these items, without a request an item; an item that is left out could not be read.

        Commits have no past and are never asked for.
        """
        ...


@runtime_checkable
class HasCounts(Protocol):
    """A source that counts what a query in its own language finds, without a pull."""

    def count(self, query: str) -> int | None:
        """How many items the query finds now; None where the tool cannot tell for the moment. Rejected where it
        refuses the query."""
        ...


@runtime_checkable
class HasGoals(Protocol):
    """A source that keeps goals of its own."""

    def goals(self) -> Sequence[RemoteGoal]:
        """The goals that the account sees, as they are now; none where the plan has no goals."""
        ...


@runtime_checkable
class HasNarrow(Protocol):
    """A source that can read a few scopes without asking of all others whether anything changed there."""

    def narrow(self, scopes: Collection[str]) -> None:
        """Begins a cycle of these scopes alone, in place of ``scopes()``: a pull reads each of them, whatever else says
        that nothing changed there. None of them: a cycle in which only ``fetch`` is called."""
        ...


@runtime_checkable
class HasFields(Protocol):
    """A source with custom fields that okrsync can fill."""

    def unfit(self, fields: Mapping[Surface, str], objectives: Collection[str]) -> Sequence[Lack]:
        """What would keep these fields (surface → id) from taking a number, or any of these objectives; what ``check``
        tells is left out."""
        ...


# ── webhooks ─────────────────────────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True)
class Told:
    """What a webhook says has changed: ``scopes`` by id, None where it does not say; ``items`` that are to be looked at
    by id as well, because no list of what changed may show them (yet)."""

    scopes: frozenset[str] | None
    items: frozenset[str] = frozenset()


class Inbox(Protocol):
    """How a tool signs what it sends, and names what happened. Pure. The names of headers are in small letters; two of
    one name stand in one value, with a comma between them."""

    def is_genuine(self, headers: Mapping[str, str], body: bytes, secret: bytes) -> bool:
        """Whether the tool sent this body, as far as only the two of us know the secret; in constant time."""
        ...

    def delivery(self, headers: Mapping[str, str]) -> str:
        """What the tool calls this delivery, and each repetition of it; "" where it gives no name."""
        ...

    def told(self, headers: Mapping[str, str], body: bytes, place: str) -> Told:
        """What it says, sent by the hook of a place ("": unknown); ValueError where that cannot be read."""
        ...


@dataclass(frozen=True, slots=True)
class Place:
    """What one hook tells of: a repository, a project, or all ``scopes`` of a site."""

    id: str
    key: str
    scopes: frozenset[str]


@dataclass(frozen=True, slots=True)
class RemoteHook:
    """A hook as the tool lists it; ``fits``: it is as we would make it, as far as the tool shows that. ``failing`` is
    what went wrong when the tool last used it."""

    id: str
    url: str
    fits: bool
    failing: str = ""


class Hooks(Protocol):
    """The hooks of a source. ``chooses``: the tool chooses the secret of each and sends it to the address while the
    hook is made; of the others ours is the secret."""

    chooses: bool

    def places(self, scopes: Sequence[Scope]) -> Sequence[Place]:
        """What needs a hook each, so that all of these scopes are told of."""
        ...

    def listed(self, place: Place) -> Sequence[RemoteHook]:
        """Those that stand there, ours and others; Rejected, with what to do by hand, where we may not see them."""
        ...

    def make(self, place: Place, url: str, secret: Secret) -> RemoteHook:
        """A hook that sends what happens there to this address."""
        ...

    def renew(self, place: Place, identity: str, url: str, secret: Secret) -> RemoteHook:
        """The hook as it would be made now."""
        ...

    def remove(self, place: Place, identity: str) -> None:
        """The hook is gone, or was already."""
        ...


@runtime_checkable
class HasHooks(Protocol):
    """A source whose webhooks can be made by a program."""

    def hooks(self) -> Hooks: ...


# ── writing ──────────────────────────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True)
class Budget:
    """At most so many writes to these surfaces in any stretch of so much time, whatever the tool would answer."""

    writes: int
    per: timedelta
    surfaces: frozenset[Surface]


@runtime_checkable
class Sink(Protocol):
    """A source that can also be written."""

    def close(self) -> None: ...

    def surfaces(self) -> frozenset[Surface]: ...

    def budgets(self) -> Sequence[Budget]:
        """What the tool publishes, and its transport does not already keep to."""
        ...

    def read(self, slots: Sequence[Slot]) -> Mapping[Slot, Json | Rejected]:
        """What stands in each slot now, in as few requests as the tool allows; None where nothing of ours does,
        Rejected where its object is gone or hidden (status 404) or the slot cannot be read."""
        ...

    def push(self, writes: Sequence[Write]) -> Sequence[Receipt]:
        """Make ``after`` true of each of these writes on one object, in as few requests as the tool allows; a receipt
        for each, in their order. Twice is the same as once.

        Where it raises, some of them may be done: read the slots. Unavailable with ``sent=True`` and MalformedPage
        leave even the last outcome unknown.
        """
        ...

    def sweep(self, slots: Sequence[Slot]) -> int:
        """What okrsync made to be able to write these labels, and nothing bears any more, is gone (the label of a
        repository, the tag of a workspace); how many that were."""
        ...


@dataclass(frozen=True, slots=True)
class Job:
    """One piece of work for an engine; two jobs of one ``key`` that wait are one."""

    key: str  # "reconcile:jira", "link"
    run: Callable[[], None]


class Engine(Protocol):
    """Runs jobs: never two of one key at once, and a job that waits already is not queued again."""

    def submit(self, job: Job) -> bool:
        """True where the job was queued, False where one of its key waits already."""
        ...

    def drain(self) -> object:
        """Return when nothing waits or runs; raises what a job raised."""
        ...
