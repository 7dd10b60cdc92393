"""A connector without a tool behind it: what the ports ask, and nothing else.

It keeps the conformance suite honest (a case that only a wire can pass is not about the ports) and is the shortest
example of a connector: :class:`Tool` is the remote side, :class:`Memory` the connector.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import ClassVar

from okrsync.errors import AuthError, Rejected, ToolError, Unavailable
from okrsync.model import (
    Account,
    Cursor,
    Item,
    ItemKind,
    Json,
    Lack,
    Page,
    Receipt,
    Scope,
    Slot,
    State,
    Surface,
    Write,
    is_managed,
)
from okrsync.ports import Budget

OVERLAP = timedelta(minutes=5)


@dataclass
class Tool:
    """Items by id in projects by id, and what was written on them. ``trouble`` is raised by the next calls."""

    now: datetime
    projects: dict[str, str] = field(default_factory=lambda: {"1": "SHOP", "2": "PAY"})
    hidden: set[str] = field(default_factory=set)  # ids of projects and items
    items: dict[str, Item] = field(default_factory=dict)
    marks: dict[Slot, Json] = field(default_factory=dict)
    trouble: Callable[[str], ToolError | None] = lambda _: None
    lost: int = 0  # answers to writes that will not arrive
    writes: int = 0
    budgets: tuple[Budget, ...] = ()

    def create(self, project: str, at: datetime) -> str:
        """A new item, touched last at ``at``; its id."""
        gid = str(100 + len(self.items))
        self.items[gid] = Item(
            source="it",
            remote_id=gid,
            key=f"{self.projects[project]}-{gid}",
            kind=ItemKind.TICKET,
            title=f"Item {gid}",
            url=f"memory://{gid}",
            state=State.TODO,
            status="open",
            created_at=at,
            updated_at=at,
            scope=project,
            project=self.projects[project],
        )
        return gid

    def edit(self, gid: str, **fields: object) -> None:
        """The item with other fields, updated now."""
        self.items[gid] = replace(self.items[gid], updated_at=self.now, **fields)  # type: ignore[arg-type]

    def seen(self, gid: str) -> Item | None:
        """The item as the account sees it."""
        item = self.items.get(gid)
        return None if item is None or {gid, item.scope} & self.hidden else item

    def answer(self, about: str) -> None:
        """Raises what was armed."""
        if trouble := self.trouble(about):
            raise trouble


class Memory:
    """Implements the ports Source and Sink over a :class:`Tool`."""

    name: ClassVar[str] = "memory"

    def __init__(self, tool: Tool, page: int) -> None:
        self._tool, self._page = tool, page
        self._sent = 0

    def _ask(self, about: str) -> Tool:
        self._sent += 1
        self._tool.answer(about)
        return self._tool

    # ── Source ───────────────────────────────────────────────────────────────────────────────────────────────────────

    def check(self) -> Account:
        self._ask("account")
        scopes = self.scopes()
        rights = {f"{scope.key} read": scope.readable for scope in scopes}
        lacks = tuple(Lack(f"{scope.key}: {scope.why}") for scope in scopes if not scope.readable)
        return Account("Ada", "Memory", "UTC", rights, lacks)

    def scopes(self) -> Sequence[Scope]:
        tool = self._ask("scopes")
        return [
            Scope(gid, key, readable=gid not in tool.hidden, why="hidden" * (gid in tool.hidden), configured=key)
            for gid, key in tool.projects.items()
        ]

    def pull(self, since: Mapping[str, Cursor | None]) -> Iterator[Page]:
        if not since:
            return
        tool = self._ask("pull")
        refused = {scope: "hidden" for scope in since if scope in tool.hidden}
        since = {scope: cursor for scope, cursor in since.items() if scope not in refused}
        if refused and not since:
            raise Rejected("memory shows none of these", status=404)
        changed = sorted(
            (item for item in map(tool.seen, tool.items) if item and self._is_new(item, since)),
            key=lambda item: (item.updated_at, item.remote_id),
        )
        cursors = {scope: cursor for scope, cursor in since.items() if cursor is not None}
        for start in range(0, len(changed), self._page):
            items = tuple(changed[start : start + self._page])
            at = items[-1].updated_at
            cursors = {scope: Cursor(max(at, cursors[scope].at if scope in cursors else at)) for scope in since}
            yield Page(items, dict(cursors))
        if refused:
            yield Page((), {}, refused=refused)

    def _is_new(self, item: Item, since: Mapping[str, Cursor | None]) -> bool:
        if item.scope not in since:
            return False
        cursor = since[item.scope]
        return cursor is None or item.updated_at >= cursor.at - OVERLAP

    def fetch(self, ids: Sequence[str]) -> Iterator[Item]:
        tool = self._ask("fetch")
        yield from (item for gid in ids if (item := tool.seen(gid)))

    def census(self, scope: Scope) -> Iterator[str]:
        tool = self._ask("census")
        yield from (gid for gid in tool.items if (item := tool.seen(gid)) and item.scope == scope.id)

    def requests(self) -> int:
        return self._sent

    def close(self) -> None:
        """Nothing is open."""

    # ── Sink ─────────────────────────────────────────────────────────────────────────────────────────────────────────

    def surfaces(self) -> frozenset[Surface]:
        return frozenset({Surface.LABEL, Surface.COMMENT})

    def budgets(self) -> Sequence[Budget]:
        return self._tool.budgets

    def read(self, slots: Sequence[Slot]) -> Mapping[Slot, Json | Rejected]:
        tool = self._ask("write") if any(slot.surface in self.surfaces() for slot in slots) else self._tool
        return {slot: self._refusal(slot) or tool.marks.get(slot) for slot in slots}

    def push(self, writes: Sequence[Write]) -> Sequence[Receipt]:
        if refusals := [refusal for write in writes if (refusal := self._refusal(write.slot)) is not None]:
            raise refusals[0]
        tool = self._ask("write")
        tool.writes += 1
        for write in writes:
            tool.marks[write.slot] = write.after
            if write.slot.surface is Surface.LABEL and not is_managed(write.slot.name):
                tool.edit(write.slot.remote_id, labels=(write.slot.name,))
        if tool.lost:
            tool.lost -= 1
            raise Unavailable("memory: the answer was lost")
        return [Receipt(write.after) for write in writes]

    def sweep(self, slots: Sequence[Slot]) -> int:
        """Labels live on items alone here."""
        return 0

    def _refusal(self, slot: Slot) -> Rejected | None:
        """Why nothing can stand there."""
        if slot.surface not in self.surfaces():
            return Rejected(f"memory has no {slot.surface.value}")
        if self._tool.seen(slot.remote_id) is None:
            return Rejected(f"memory: no item {slot.remote_id}", status=404)
        return None


def refused() -> AuthError:
    """What a tool says to a token that it does not take."""
    return AuthError("memory answered 401; renew the token of this source", status=401)
