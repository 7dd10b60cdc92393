"""The issues and pull requests of a repository: what changed since an instant, some by number, which are there."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from datetime import datetime
from typing import TYPE_CHECKING, Any, TypeVar

from connectors import github_graphql as graphql
from connectors import github_wire as wire
from connectors.github_wire import Pull, Repo
from connectors.raw import chunks, inner, instant, text
from okrsync.errors import MalformedPage, Rejected, Unavailable
from okrsync.model import Item, Json, Reference

if TYPE_CHECKING:
    from connectors.github_api import Api  # loads PyGithub

T = TypeVar("T")
R = TypeVar("R")

HIDDEN = frozenset({403, 404, 410, 451})
"""The statuses of what is gone or may not be read."""

_BATCH = 50  # issues and pull requests a query by number
_PULLS = 100  # pull requests a query by node id
_GONE = frozenset({"NOT_FOUND", "FORBIDDEN"})
_FEW = 10  # of so many or fewer in one query, GitHub is expected to manage


class Issues:
    """Reads issues and pull requests. ``ids`` grows: the id of each repository by its casefolded name, "" where it
    cannot be read."""

    def __init__(self, api: Api, ids: dict[str, str]) -> None:
        self._api, self._ids = api, ids

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
                    yield self._items(repo, fresh)
                newest = max((at for _, at in states), default="")
                seen = {state for state in (*seen, *states) if state[1] >= newest}
                last = instant(newest)
                if more and last and (since is None or last > since):
                    since = last
                    break
            else:
                return

    def labels(self, repo: Repo) -> list[Any]:
        """All labels of a repository."""
        pages = self._api.pages(f"/repos/{repo.full_name}/labels", {"per_page": "100"}, keep=True)
        return [label for labels, _ in pages for label in labels]

    def find(self, repo: Repo, numbers: Sequence[int]) -> Iterator[Item]:
        """Those of these that are still in this repository and may be read."""
        for start in range(0, len(numbers), _BATCH):
            batch = numbers[start : start + _BATCH]
            nodes, gone = self._by_number(repo, batch)
            entries: list[Any] = []
            pulls: dict[int, Pull] = {}
            for number in batch:
                called = f"n{number}"
                node = nodes.get(called)
                if isinstance(node, dict) and node.get("number") == number:  # another number: it was transferred
                    entries.append(graphql.entry_of(node))
                    if graphql.is_pull(node):
                        pulls[number] = graphql.pull_of(node, self._more(node))
                elif called not in gone and (entry := self._one(repo, number)):
                    entries.append(entry)
            yield from self._items(repo, entries, pulls)

    def _by_number(self, repo: Repo, numbers: Sequence[int]) -> tuple[dict[str, Any], set[Any]]:
        """What a query finds of these, number N as ``nN``, and which of them it says are gone or hidden."""
        owner, _, name = repo.full_name.partition("/")
        where: dict[str, Json] = {"owner": owner, "name": name}
        nodes: dict[str, Any] = {}
        gone: set[Any] = set()
        with suppress(Rejected):  # an older server does not know each field
            for data, lost in _portions(numbers, lambda some: self._api.query(graphql.items_query(some), where)):
                found = data.get("repository")
                nodes |= found if isinstance(found, dict) else {}
                gone |= {hole.path[1] for hole in lost if hole.kind in _GONE and len(hole.path) > 1}
        return nodes, gone

    def _one(self, repo: Repo, number: int) -> Any:
        """The entry of one number; None where it is gone, hidden or now in another repository."""
        try:
            entry = self._api.get(f"/repos/{repo.full_name}/issues/{number}").value
        except Rejected as error:
            if error.status not in HIDDEN:
                raise
            return None
        return entry if wire.is_of(entry, repo, number) else None

    def numbers(self, repo: Repo) -> Iterator[int]:
        """All that exist. What moves in the list meanwhile may be missed: absence is a doubt, no proof."""
        order = {"state": "all", "sort": "created", "direction": "asc", "per_page": "100"}
        for entries, _ in self._api.pages(f"/repos/{repo.full_name}/issues", order):
            yield from map(wire.number_of, entries)

    # ── what a listing leaves out ────────────────────────────────────────────────────────────────────────────────────

    def _items(self, repo: Repo, entries: Sequence[Any], known: Mapping[int, Pull] | None = None) -> tuple[Item, ...]:
        known = known or {}
        asked = {
            number: text(entry, "node_id")
            for entry in entries
            if wire.is_pull(entry) and (number := wire.number_of(entry)) not in known
        }
        pulls = {**known, **self._pulls(repo, asked)}
        repositories = self._parents(entries)
        return tuple(wire.read_issue(entry, repo, pulls.get(wire.number_of(entry)), repositories) for entry in entries)

    def _pulls(self, repo: Repo, asked: Mapping[int, str]) -> dict[int, Pull]:
        """What makes pull requests of these entries (number → node id): one query for a page of them.

        One that the query does not give is asked for by itself; what it closes then stays unknown.
        """
        found: dict[int, Pull] = {}
        for ids in chunks([node_id for node_id in asked.values() if node_id], _PULLS):
            with suppress(Rejected):
                for data, _ in _portions(ids, lambda some: self._api.query(graphql.PULLS, {"ids": some})):
                    nodes = data.get("nodes")
                    for node in nodes if isinstance(nodes, list) else ():
                        if inner(node, "number") in asked:
                            found[node["number"]] = graphql.pull_of(node, self._more(node))
        for number in asked.keys() - found.keys():
            try:
                found[number] = wire.read_pull(self._api.get(f"/repos/{repo.full_name}/pulls/{number}").value)
            except Rejected as error:
                if error.status not in HIDDEN:
                    raise
        return found

    def _more(self, node: Any) -> list[Reference]:
        """What a pull request closes beyond the first page."""
        found: list[Reference] = []
        seen: set[str] = set()
        identity = text(node, "id")
        while (after := graphql.after(node)) is not None:
            if not after or after in seen:
                raise MalformedPage(f"{self._api.host}: the closing references of a pull request page in a circle")
            seen.add(after)
            data, _ = self._api.query(graphql.MORE, {"id": identity, "after": after})
            node = data.get("node")
            found += graphql.closed_by(node)
        return found

    def _parents(self, entries: Sequence[Any]) -> dict[str, str]:
        """The ids of the repositories in which parents of these entries are, by casefolded name."""
        names = {parent[0].casefold() for entry in entries if (parent := wire.parent_of(entry))}
        for name in sorted(names - self._ids.keys()):
            try:
                self._ids[name] = wire.read_repo(self._api.get(f"/repos/{name}", keep=True).value, "").id
            except Rejected as error:
                if error.status not in HIDDEN:
                    raise
                self._ids[name] = ""
        return {name: self._ids[name] for name in names}


def _portions(asked: Sequence[T], ask: Callable[[Sequence[T]], R]) -> Iterator[R]:
    """What ``ask`` gives for these; in halves, and halves of those, where so many at once are too much for GitHub."""
    try:
        yield ask(asked)
    except Unavailable as error:
        if len(asked) <= _FEW or not error.status or error.status < 500:
            raise
        middle = len(asked) // 2
        yield from _portions(asked[:middle], ask)
        yield from _portions(asked[middle:], ask)
