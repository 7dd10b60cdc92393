"""The change gate: what one query says of a hundred repositories, so that quiet ones cost nothing.

A repository is compared with the mark of its cursor part by part: its issues by their number and the newest update, its
labels and milestones by their names, its commits by the heads of the branches. What the gate cannot tell for sure (a
list that is longer than a page, an update that is not old enough to be the last of its second) it does not tell, and
the repository is then read as if there were no gate.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Any

import orjson

from connectors import github_wire as wire
from connectors.github_graphql import GONE
from connectors.github_mark import digests
from connectors.github_queries import Queries, portions
from connectors.github_wire import Repo
from connectors.raw import inner, instant, text
from okrsync.errors import MalformedPage, Rejected, Unavailable

if TYPE_CHECKING:
    from connectors.github_api import Api, Data, Hole  # loads PyGithub

SETTLED = timedelta(minutes=5)
"""So old the newest update must be, by GitHub's own clock, before nothing can join it unseen: another one in the same
second, or one that is listed late."""

_PAGE = 100
_SMALL = 12  # a page of so few or fewer is expected to be no trouble for GitHub
_MOST_BRANCHES = 10  # asked for by name; of more, all are listed
_NEWEST = "(first: 1, orderBy: {field: UPDATED_AT, direction: DESC}) { totalCount nodes { updatedAt } }"
_LISTS = ("issues", "pullRequests")
_RIGHTS = ("pull", "triage", "push", "maintain", "admin")
_PERMISSIONS = {"READ": 1, "TRIAGE": 2, "WRITE": 3, "MAINTAIN": 4, "ADMIN": 5}
"""GitHub's word for what we are in a repository → how many of these rights that gives."""


@dataclass(frozen=True, slots=True)
class Gate:
    """What a repository was like when it was asked; None where that is not known for sure."""

    at: datetime  # by GitHub's own clock
    count: int  # of its issues and pull requests; -1 where that is not known
    seen: str  # these in short, "" where they were updated just now
    names: str | None  # of its labels and milestones
    heads: Mapping[str, str] | None  # of its configured branches


@dataclass(frozen=True, slots=True)
class Told:
    """What a query says of one repository. ``why`` tells where it cannot be read at all. ``lacks`` are the parts that
    were refused, in GitHub's words; then there is no gate, and the other interface has to complete ``repo``."""

    repo: Repo | None
    gate: Gate | None = None
    why: str = ""
    lacks: Mapping[str, str] = field(default_factory=dict)  # "issues", "defaultBranchRef" … → why


class Gates:
    """Asks for repositories by name or by owner. ``branches`` are those whose commits are read."""

    def __init__(self, api: Api, queries: Queries, source: str, branches: Sequence[str]) -> None:
        self._api, self._queries, self._source, self._branches = api, queries, source, branches
        self._fragment = _fragment(branches)

    def named(self, entries: Sequence[str]) -> dict[str, Told]:
        """What is said of the repositories of these names; nothing where the server takes no such query."""
        found: dict[str, Told] = {}
        for start in range(0, len(entries), _PAGE):
            for asked, data in self._ask(entries[start : start + _PAGE]):
                for place, entry in enumerate(asked):
                    node, holes = data.found.get(f"r{place}"), _below(data.holes, (f"r{place}",))
                    found[entry] = self._read(node, holes, data.at, entry)
        return found

    def owned(self, owner: str) -> list[Told] | None:
        """All repositories of an owner that the account sees; None where the server takes no such query. Rejected where
        nobody has this name."""
        if not self._queries.take("gate"):
            return None
        found: list[Told] = []
        after: str | None = None
        seen: set[str] = set()
        size = _PAGE
        while True:
            try:
                data = self._api.query(self._listing(), {"login": owner, "first": size, "after": after})
            except Rejected:
                self._queries.refuse("gate")
                return None
            except Unavailable as error:
                if size <= _SMALL or not error.status or error.status < 500:
                    raise
                size //= 2
                continue
            holder = data.found.get("repositoryOwner")
            if holder is None:
                raise Rejected(_words(data.holes) or f"{self._api.host}: nobody is called {owner}", status=404)
            listed = inner(holder, "repositories")
            if not isinstance(inner(listed, "nodes"), list):
                return None  # the listing itself was refused: the other interface says why
            for place, node in enumerate(_nodes(holder, "repositories")):
                holes = _below(data.holes, ("repositoryOwner", "repositories", "nodes", place))
                found.append(self._read(node, holes, data.at, f"{owner}/*"))
            page = inner(listed, "pageInfo")
            after = text(page, "endCursor")
            if inner(page, "hasNextPage") is not True:
                return found
            if not after or after in seen:
                raise MalformedPage(f"{self._api.host}: the repositories of {owner} page in a circle")
            seen.add(after)

    def _ask(self, entries: Sequence[str]) -> Iterator[tuple[Sequence[str], Data]]:
        if not self._queries.take("gate"):
            return
        try:
            yield from portions(entries, lambda some: (some, self._api.query(self._query(some), {})))
        except Rejected:
            self._queries.refuse("gate")

    def _query(self, entries: Sequence[str]) -> str:
        asked = []
        for place, entry in enumerate(entries):
            owner, _, name = entry.partition("/")
            asked.append(f"r{place}: repository(owner: {_quoted(owner)}, name: {_quoted(name)}) {{ ...gate }}")
        return f"query {{ {' '.join(asked)} }} {self._fragment}"

    def _listing(self) -> str:
        return (
            "query($login: String!, $first: Int!, $after: String) { repositoryOwner(login: $login) { "
            "repositories(first: $first, after: $after, "
            "ownerAffiliations: [OWNER], orderBy: {field: NAME, direction: ASC}) { nodes { ...gate } pageInfo "
            f"{{ hasNextPage endCursor }} }} }} }} {self._fragment}"
        )

    def _read(self, node: Any, holes: Mapping[tuple[Any, ...], Hole], at: datetime, entry: str) -> Told:
        """What a node says of a repository, and the holes in it."""
        lacks = {str(path[0]): hole.said for path, hole in holes.items() if path}
        if node is None:
            hole = holes.get(())
            return Told(None, why=hole.said) if hole and hole.kind in GONE else Told(None, lacks=lacks)
        if type(inner(node, "databaseId")) is not int or "/" not in text(node, "nameWithOwner"):
            return Told(None)
        repo = _repo(node, self._source, entry)
        return Told(repo, None if lacks else self._gate(node, repo, at), lacks=lacks)

    def _gate(self, node: Mapping[str, Any], repo: Repo, at: datetime) -> Gate:
        newest = [instant(text(row, "updatedAt")) for what in _LISTS for row in _nodes(node, what)]
        settled = all(one is not None and at - one >= SETTLED for one in newest)
        counts = [inner(inner(node, what), "totalCount") for what in _LISTS]
        count = sum(counts) if all(isinstance(one, int) for one in counts) else -1
        seen = " ".join(
            f"{total}@{''.join(text(row, 'updatedAt') for row in _nodes(node, what))}"
            for what, total in zip(_LISTS, counts, strict=True)
        )
        whole = _is_whole(node, "labels") and _is_whole(node, "milestones")
        names = digests(_nodes(node, "labels"), _nodes(node, "milestones")) if whole else None
        return Gate(at, count, seen if settled else "", names, self._heads(node, repo))

    def _heads(self, node: Mapping[str, Any], repo: Repo) -> dict[str, str] | None:
        """Where the configured branches stand, the default one first; None where the list of branches is too long."""
        default = text(inner(inner(node, "defaultBranchRef"), "target"), "oid")
        if not self._branches:
            return {repo.branch: default} if repo.branch and default else {}
        if not _are_listed(self._branches):
            refs = {branch: inner(node, f"b{place}") for place, branch in enumerate(self._branches)}
        elif _is_whole(node, "refs"):
            refs = {
                name: row
                for row in _nodes(node, "refs")
                if (name := text(row, "name")) and any(fnmatchcase(name, pattern) for pattern in self._branches)
            }
        else:
            return None
        heads = {branch: text(inner(ref, "target"), "oid") for branch, ref in refs.items()}
        return {branch: heads[branch] for branch in sorted(heads, key=lambda one: one != repo.branch) if heads[branch]}


def _fragment(branches: Sequence[str]) -> str:
    if _are_listed(branches):
        refs = 'refs(refPrefix: "refs/heads/", first: 100) { totalCount nodes { name target { oid } } }'
    else:
        refs = " ".join(
            f"b{place}: ref(qualifiedName: {_quoted(f'refs/heads/{branch}')}) {{ target {{ oid }} }}"
            for place, branch in enumerate(branches)
        )
    return (
        "fragment gate on Repository { databaseId nameWithOwner url isArchived viewerPermission "
        f"defaultBranchRef {{ name target {{ oid }} }} issues{_NEWEST} pullRequests{_NEWEST} "
        "labels(first: 100) { totalCount nodes { id name } } "
        f"milestones(first: 100) {{ totalCount nodes {{ number title }} }} {refs} }}"
    )


def _are_listed(branches: Sequence[str]) -> bool:
    """Whether all branches have to be listed to find these."""
    return any(map(wire.is_pattern, branches)) or len(branches) > _MOST_BRANCHES


def _repo(node: Mapping[str, Any], source: str, entry: str) -> Repo:
    held = _PERMISSIONS.get(text(node, "viewerPermission"), 0)
    return Repo(
        source=source,
        id=str(node["databaseId"]),
        full_name=text(node, "nameWithOwner"),
        url=text(node, "url").rstrip("/"),
        branch=text(inner(node, "defaultBranchRef"), "name"),
        configured=entry,
        archived=node.get("isArchived") is True,
        permissions={right: place < held for place, right in enumerate(_RIGHTS)} if held else {},
    )


def _is_whole(node: Mapping[str, Any], what: str) -> bool:
    """Whether a page holds all that there is."""
    total = inner(inner(node, what), "totalCount")
    return isinstance(total, int) and total <= len(_nodes(node, what))


def _nodes(node: Mapping[str, Any], what: str) -> list[Any]:
    nodes = inner(inner(node, what), "nodes")
    return nodes if isinstance(nodes, list) else []


def _below(holes: Sequence[Hole], path: tuple[Any, ...]) -> dict[tuple[Any, ...], Hole]:
    """The holes at a path and below it, by what follows it."""
    return {hole.path[len(path) :]: hole for hole in holes if hole.path[: len(path)] == path}


def _words(holes: Sequence[Hole]) -> str:
    return "; ".join(dict.fromkeys(hole.said for hole in holes if hole.said))


def _quoted(value: str) -> str:
    return orjson.dumps(value).decode()
