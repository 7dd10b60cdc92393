"""What a pull asks, and how far it has come. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime, timedelta

from okrsync.errors import Rejected
from okrsync.model import Cursor, Item

OVERLAP = timedelta(minutes=5)
"""Read again before the cursor: the search index may lag behind the issues, and times are cut to the minute."""


def changed(since: Mapping[str, Cursor | None], write: Callable[[datetime], str]) -> str:
    """One JQL query for all scopes; ``write`` puts an instant as the site reads it."""
    groups: dict[Cursor | None, list[str]] = {}
    for scope, cursor in since.items():
        groups.setdefault(cursor, []).append(scope)
    clauses = []
    for cursor, scopes in groups.items():
        clause = of_projects(scopes)
        if cursor is not None:
            clause += f" AND updated >= {write(cursor.at - OVERLAP)}"
        clauses.append(f"({clause})")
    return " OR ".join(clauses)


def of_projects(scopes: Iterable[str]) -> str:
    """The clause of everything in these projects; Rejected where one is none."""
    return f"project in ({','.join(map(str, sorted(map(project, scopes))))})"


def project(scope: str) -> int:
    """The id of a project as a number, which no query can be broken with."""
    if not scope.isdecimal():
        raise Rejected(f"scope {scope!r} is no Jira project id")
    return int(scope)


class Marks:
    """How far a pull has come, scope by scope, in Jira's own time.

    ``began``, where it is set: what is updated from then on may stand behind the pull, and is for the next one.
    """

    def __init__(self, since: Mapping[str, Cursor | None]) -> None:
        self._since = since
        self._newest: datetime | None = None
        self.began: datetime | None = None

    def pass_by(self, items: Sequence[Item]) -> None:
        """These were read."""
        for item in items:
            if self._newest is None or item.updated_at > self._newest:
                self._newest = item.updated_at

    def cursors(self, now: datetime) -> dict[str, Cursor]:
        """Where each scope goes on, never before where it was nor beyond ``now``; none where nothing was read."""
        at = self._newest
        if at is None:
            return {scope: cursor for scope, cursor in self._since.items() if cursor is not None}
        if self.began is not None:
            at = min(at, self.began)
        if at - now > OVERLAP:  # an import may date issues as it likes: not all until 2062 was read
            at = now
        found = {scope: cursor.at if cursor is not None else at for scope, cursor in self._since.items()}
        return {scope: Cursor(max(held, at)) for scope, held in found.items()}
