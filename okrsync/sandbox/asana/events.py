"""What happened, for ``/events``: a log, and the tokens that name a place in it.

Delivery is at most once, as Asana promises no more: what a token has answered it does not answer again.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from okrsync.sandbox.asana.records import Record, projects_of, stamp

PAGE = 100


@dataclass(frozen=True, slots=True)
class Entry:
    """One event, and the gids of the resources whose streams hold it."""

    place: int
    watched: frozenset[str]
    event: Record


@dataclass(slots=True)
class Position:
    """What a sync token stands for."""

    resource: str
    place: int
    made: datetime


class Log:
    """The events of a workspace, oldest first, and the tokens that are out."""

    def __init__(self) -> None:
        self._entries: list[Entry] = []
        self._tokens: dict[str, Position] = {}
        self._made = 0

    def add(self, watched: frozenset[str], event: Record) -> None:
        self._entries.append(Entry(len(self._entries), watched, event))

    @property
    def end(self) -> int:
        """The place after the last event."""
        return len(self._entries)

    def after(self, place: int) -> list[Entry]:
        """What happened from this place on."""
        return self._entries[place:]

    def token(self, resource: str, now: datetime, place: int | None = None) -> str:
        """A token for what happens to a resource from this place on; by default from now on."""
        self._made += 1
        name = hashlib.sha256(f"{resource} {self._made}".encode()).hexdigest()[:32]
        self._tokens[name] = Position(resource, len(self._entries) if place is None else place, now)
        return name

    def read(
        self, token: str, resource: str, now: datetime, lifetime: timedelta
    ) -> tuple[list[Record], str, bool] | None:
        """(events, next token, whether there are more); None where the token is unknown, foreign or too old."""
        position = self._tokens.get(token)
        if position is None or position.resource != resource or now - position.made > lifetime:
            return None
        found = [one for one in self._entries[position.place :] if resource in one.watched]
        page, more = found[:PAGE], len(found) > PAGE
        position.place = page[-1].place + 1 if more else len(self._entries)
        return [one.event for one in page], self.token(resource, now, position.place), more


def watchers(record: Record) -> frozenset[str]:
    """The gids of the resources whose streams hold what happens to a record: itself, the projects that it is in, the
    tasks above it and theirs, and what a story or a status update is on."""
    return frozenset(_up(record))


def _up(record: Record) -> Iterator[str]:
    seen: set[str] = set()
    waiting = [record]
    while waiting:
        one = waiting.pop()
        if one["gid"] in seen:
            continue
        seen.add(one["gid"])
        yield one["gid"]
        waiting.extend(projects_of(one))
        waiting.extend(above for name in ("parent", "target", "project") if (above := one.get(name)))


def event(
    user: Record, at: datetime, record: Record, action: str, parent: Record | None = None, change: Record | None = None
) -> Record:
    """One event as ``/events`` lists it; ``action`` is added, changed, removed, deleted or undeleted."""
    found: Record = {
        "user": user,
        "created_at": stamp(at),
        "type": record["resource_type"],
        "action": action,
        "resource": record,
        "parent": parent,
    }
    if change is not None:
        found["change"] = change
    return found
