"""What can be asked by GraphQL on this server: found out once an hour, by asking."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, TypeVar

from connectors.raw import inner, text
from okrsync.errors import Rejected, Unavailable

if TYPE_CHECKING:
    from connectors.github_api import Api  # loads PyGithub

T = TypeVar("T")
R = TypeVar("R")

REMEMBERED = 3600.0  # seconds
_FEW = 10  # of so many or fewer in one query, GitHub is expected to manage

SCHEMA = (
    'query { issue: __type(name: "Issue") { fields { name } } '
    'events: __type(name: "IssueTimelineItemsItemType") { enumValues { name } } '
    'pullEvents: __type(name: "PullRequestTimelineItemsItemType") { enumValues { name } } }'
)


class Queries:
    """Which queries the server of an account takes. An Enterprise Server knows fewer fields than github.com."""

    def __init__(self, api: Api) -> None:
        self._api = api
        self._refused: dict[str, float] = {}  # kind of query → until when it is not tried again
        self._known: frozenset[str] = frozenset()
        self._known_until = 0.0

    def take(self, kind: str) -> bool:
        """Whether queries of this kind are worth a try."""
        return time.monotonic() >= self._refused.get(kind, 0.0)

    def refuse(self, kind: str) -> None:
        """The server refused a query of this kind: for an hour it is asked in another way."""
        self._refused[kind] = time.monotonic() + REMEMBERED

    def known(self) -> frozenset[str]:
        """The fields of an issue, and the names of the events of issues and pull requests, that the server knows; none
        where it does not say."""
        if time.monotonic() >= self._known_until:
            try:
                data = self._api.query(SCHEMA, {}).found
            except Rejected:
                data = {}
            kinds = (("issue", "fields"), ("events", "enumValues"), ("pullEvents", "enumValues"))
            listed = (inner(data.get(kind), what) for kind, what in kinds)
            rows = (row for rows in listed if isinstance(rows, list) for row in rows)
            self._known = frozenset(name for row in rows if (name := text(row, "name")))
            self._known_until = time.monotonic() + REMEMBERED
        return self._known


def portions(asked: Sequence[T], ask: Callable[[Sequence[T]], R]) -> Iterator[R]:
    """What ``ask`` gives for these; in halves, and halves of those, where so many at once are too much for GitHub."""
    try:
        yield ask(asked)
    except Unavailable as error:
        if len(asked) <= _FEW or not error.status or error.status < 500:
            raise
        middle = len(asked) // 2
        yield from portions(asked[:middle], ask)
        yield from portions(asked[middle:], ask)
