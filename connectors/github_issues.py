"""The issues and pull requests of a repository: what changed since an instant, some by number, which are there."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any

from connectors import github_graphql as graphql
from connectors import github_wire as wire
from connectors.github_mark import digests
from connectors.github_queries import Queries, portions
from connectors.github_repositories import Repositories
from connectors.github_wire import HIDDEN, Pull, Repo
from connectors.raw import chunks, inner, instant, text
from okrsync.errors import MalformedPage, Rejected
from okrsync.model import Item, Json, Reference

if TYPE_CHECKING:
    from connectors.github_api import Api  # loads PyGithub

_BATCH = 50  # issues and pull requests a query by number
_NODES = 100  # of them a query by node id


@dataclass(slots=True)
class _Beside:
    """What a listing leaves out, by number."""

    pulls: dict[int, Pull] = field(default_factory=dict)
    blockers: dict[int, list[Reference]] = field(default_factory=dict)


class Issues:
    """Reads issues and pull requests."""

    def __init__(self, api: Api, queries: Queries, repositories: Repositories) -> None:
        self._api, self._queries, self._repositories = api, queries, repositories

    def changed(self, repo: Repo, since: datetime | None) -> Iterator[tuple[Item, ...]]:
        """What changed from an instant on, each state once, the oldest change first.

        Always the first page of what changed since the last entry read: pages by number would lose what slips from one
        to the next while the list moves. Only where a page is full of one second, its next link is followed.
        """
        order = {"state": "all", "sort": "updated", "direction": "asc", "per_page": "100"}
        seen: set[tuple[int, str]] = set()
        while True:
            asked = order | ({"since": f"{since:%Y-%m-%dT%H:%M:%SZ}"} if since else {})
            for entries, more in self._api.pages(f"/repos/{repo.full_name}/issues", asked, keep=True):
                states = {(wire.number_of(entry), text(entry, "updated_at")): entry for entry in entries}
                if fresh := [entry for state, entry in states.items() if state not in seen]:
                    yield self._items(repo, fresh, _Beside())
                newest = max((at for _, at in states), default="")
                seen = {state for state in (*seen, *states) if state[1] >= newest}
                last = instant(newest)
                if more and last and (since is None or last > since):
                    since = last
                    break
            else:
                return

    def names(self, repo: Repo) -> str:
        """What the labels and milestones of a repository are called now."""
        labels, milestones = (
            self._api.pages(f"/repos/{repo.full_name}/{what}", {"per_page": "100", **more}, keep=True)
            for what, more in (("labels", {}), ("milestones", {"state": "all"}))
        )
        return digests((row for rows, _ in labels for row in rows), (row for rows, _ in milestones for row in rows))

    def find(self, repo: Repo, numbers: Sequence[int]) -> Iterator[Item]:
        """Those of these that are still in this repository and may be read."""
        for start in range(0, len(numbers), _BATCH):
            batch = numbers[start : start + _BATCH]
            told = self._by_number(repo, batch)
            entries: list[Any] = []
            beside = _Beside()
            for number in batch:
                if number not in told:
                    entry = self._one(repo, number)
                    entries += [entry] if entry else []
                elif node := told[number]:
                    entries.append(graphql.entry_of(node))
                    self._note(node, beside)
            yield from self._items(repo, entries, beside)

    def _by_number(self, repo: Repo, numbers: Sequence[int]) -> dict[int, Any]:
        """What a query tells of these: a whole node, None where it is gone or hidden; nothing where it cannot tell."""
        owner, _, name = repo.full_name.partition("/")
        where: dict[str, Json] = {"owner": owner, "name": name}
        told: dict[int, Any] = {}
        if not self._queries.known() >= graphql.NEWER:
            return told
        with suppress(Rejected):
            for data in portions(numbers, lambda some: self._api.query(graphql.items_query(some), where)):
                gone, torn = graphql.missing(data.holes)
                for number in numbers:
                    place = ("repository", f"n{number}")
                    node = inner(data.found.get(place[0]), place[1])
                    if place in gone:
                        told[number] = None
                    elif inner(node, "number") == number and place not in torn and graphql.tells_all(node):
                        told[number] = node
        return told

    def _one(self, repo: Repo, number: int) -> Any:
        """The entry of one number; None where it is gone, hidden or now in another repository."""
        try:
            entry = self._api.get(f"/repos/{repo.full_name}/issues/{number}").value
        except Rejected as error:
            if error.status not in HIDDEN:
                raise
            return None
        return entry if self._repositories.holds(repo, entry, number) else None

    def numbers(self, repo: Repo) -> Iterator[int]:
        """All that exist. What moves in the list meanwhile may be missed: absence is a doubt, no proof."""
        order = {"state": "all", "sort": "created", "direction": "asc", "per_page": "100"}
        for entries, _ in self._api.pages(f"/repos/{repo.full_name}/issues", order):
            yield from map(wire.number_of, entries)

    # ── what a listing leaves out ────────────────────────────────────────────────────────────────────────────────────

    def _items(self, repo: Repo, entries: Sequence[Any], beside: _Beside) -> tuple[Item, ...]:
        self._complete(repo, entries, beside)
        ids = self._repositories.ids_of(parent[0] for entry in entries if (parent := wire.parent_of(entry)))
        return tuple(
            wire.read_issue(
                entry,
                repo,
                beside.pulls.get(number := wire.number_of(entry)),
                ids,
                blockers=beside.blockers.get(number, ()),
            )
            for entry in entries
        )

    def _complete(self, repo: Repo, entries: Sequence[Any], beside: _Beside) -> None:
        """What makes pull requests of entries, and what blocks those that are blocked: one query for a page of them.

        A pull request that the query does not give is asked for by itself; what it closes then stays unknown.
        """
        pulls = {wire.number_of(entry): entry for entry in entries if wire.is_pull(entry)}
        blocked = {wire.number_of(entry): entry for entry in entries if wire.is_blocked(entry)}
        for number in beside.pulls:
            pulls.pop(number, None)
        words, asked = graphql.PULLS, {**pulls}
        if blocked and graphql.BLOCKERS in self._queries.known():
            words, asked = graphql.PULLS_AND_BLOCKED, {**pulls, **blocked}
        ids = [node_id for entry in asked.values() if (node_id := text(entry, "node_id"))]
        for portion in chunks(ids, _NODES):
            with suppress(Rejected):
                for data in portions(portion, lambda some: self._api.query(words, {"ids": some})):
                    found = data.found.get("nodes")
                    for node in found if isinstance(found, list) else ():
                        if type(number := inner(node, "number")) is int and number in asked:
                            self._note(node, beside)
        for number in pulls.keys() - beside.pulls.keys():
            try:
                beside.pulls[number] = wire.read_pull(self._api.get(f"/repos/{repo.full_name}/pulls/{number}").value)
            except Rejected as error:
                if error.status not in HIDDEN:
                    raise
        for number in blocked.keys() - beside.blockers.keys():
            beside.blockers[number] = self._blockers(repo, number)

    def _note(self, node: Mapping[str, Any], beside: _Beside) -> None:
        """Keep what a query says of one pull request or issue."""
        if graphql.CLOSES in node:
            beside.pulls[node["number"]] = graphql.pull_of(node, self._more(node, graphql.CLOSES))
        elif graphql.BLOCKERS in node:
            found = graphql.named_by(node, graphql.BLOCKERS)
            beside.blockers[node["number"]] = found + self._more(node, graphql.BLOCKERS)

    def _more(self, node: Any, connection: str) -> list[Reference]:
        """What a connection holds beyond its first page."""
        found: list[Reference] = []
        seen: set[str] = set()
        identity = text(node, "id")
        while (after := graphql.after(node, connection)) is not None:
            if not after or after in seen:
                raise MalformedPage(f"{self._api.host}: {connection} of an issue or pull request page in a circle")
            seen.add(after)
            node = self._api.query(graphql.more_query(connection), {"id": identity, "after": after}).found.get("node")
            found += graphql.named_by(node, connection)
        return found

    def _blockers(self, repo: Repo, number: int) -> list[Reference]:
        """What blocks one issue, where no query tells; nothing where the server does not tell at all."""
        path = f"/repos/{repo.full_name}/issues/{number}/dependencies/blocked_by"
        try:
            rows = [row for rows, _ in self._api.pages(path, {"per_page": "100"}) for row in rows]
        except Rejected as error:
            if error.status not in HIDDEN:
                raise
            return []
        places = [place for row in rows if (place := wire.place_of(row))]
        ids = self._repositories.ids_of(name for name, _ in places)
        return [wire.blocked_by(name, number, ids.get(name.casefold(), "")) for name, number in places]
