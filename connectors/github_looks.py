"""What stands in GitHub where okrsync writes: a hundred objects with one query, or object by object without queries."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias
from urllib.parse import quote

import orjson

from connectors import github_graphql as graphql
from connectors import github_marked as marked
from connectors import github_wire as wire
from connectors.github_queries import Queries, portions
from connectors.github_wire import Repo
from connectors.raw import inner, member, text
from okrsync.errors import Rejected
from okrsync.model import Json, Slot, Surface

if TYPE_CHECKING:
    from connectors.github_api import Api  # loads PyGithub

_BATCH = 100  # objects a query
_KIND = "standing"  # of query
_DELETED = 410  # GitHub's word for an issue that is gone, where it may be read
_SHA = re.compile(r"[0-9a-f]{40,64}")
_LABELS = "labels(first: 100) { nodes { name } pageInfo { hasNextPage endCursor } }"
_COMMENTS = (
    "comments(last: 100) { nodes { fullDatabaseId body viewerDidAuthor author "
    "{ __typename ... on User { databaseId } ... on Bot { databaseId } } } pageInfo { hasPreviousPage } }"
)
_STATUS = f'... on Commit {{ oid status {{ context(name: "{marked.CONTEXT}") {{ state description targetUrl }} }} }}'


class Part(StrEnum):
    """What of an object is looked at."""

    LABELS = "labels"
    COMMENTS = "comments"
    STATUS = "status"
    BLOCK = "description"


PARTS = {
    Surface.LABEL: Part.LABELS,
    Surface.OBJECTIVE_LABEL: Part.LABELS,
    Surface.COMMENT: Part.COMMENTS,
    Surface.STATUS: Part.STATUS,
    Surface.BLOCK: Part.BLOCK,
}


@dataclass(frozen=True, slots=True)
class Comment:
    """A comment by our own account."""

    id: str
    body: str


class Spot(NamedTuple):
    """Where a slot is, whatever the repository is called now; ``sha`` is that of a status."""

    repo: str
    number: int
    part: Part
    sha: str = ""


Found: TypeAlias = "frozenset[str] | tuple[Comment, ...] | str | Json"
"""Of labels their folded names, of comments ours, oldest first, of a status what it says, of a milestone its text."""


@dataclass(slots=True)
class _Asked:
    """What one query asks of one repository."""

    repo: Repo
    issues: dict[int, set[Part]] = field(default_factory=dict)
    shas: dict[str, None] = field(default_factory=dict)
    milestones: dict[int, None] = field(default_factory=dict)
    labels: dict[str, None] = field(default_factory=dict)


class Looks:
    """Looks at what stands. ``labels`` says how a repository describes a label, by its id and the folded name, where
    that is known; None where it has no such label."""

    def __init__(
        self,
        api: Api,
        queries: Queries,
        repo: Callable[[str], Repo | None],
        holds: Callable[[Repo, object, int], bool],
    ) -> None:
        self._api, self._queries, self._repo, self._holds = api, queries, repo, holds
        self.labels: dict[tuple[str, str], str | None] = {}
        self._me = 0  # the id of our account, once asked

    def spot(self, slot: Slot) -> Spot:
        """Where a slot is; Rejected where GitHub has no such place."""
        part = PARTS.get(slot.surface)
        if part is None:
            raise Rejected(f"{self._api.host}: GitHub has no {slot.surface.value}")
        if part is Part.BLOCK:
            repo, number = wire.milestone_parts(slot.remote_id)
        else:
            repo, number, _ = wire.parts(slot.remote_id)
        if not number:
            raise self._nowhere(slot.remote_id)
        return Spot(repo, number, part, slot.name if part is Part.STATUS else "")

    def repo_of(self, spot: Spot) -> Repo:
        """The repository as it is called now; Rejected where it is gone or hidden."""
        repo = self._repo(spot.repo)
        if repo is None:
            raise self._nowhere(wire.issue_id(spot.repo, spot.number))
        return repo

    def at(self, slots: Iterable[Slot]) -> dict[Slot, Found | Rejected]:
        """What stands in each of these, in their order: what its whole spot says, or why that cannot be told."""
        spots: dict[Slot, Spot | Rejected] = {}
        for slot in slots:
            try:
                spots[slot] = self.spot(slot)
                self.repo_of(spots[slot])  # type: ignore[arg-type]  # a spot, just set
            except Rejected as refusal:
                spots[slot] = refusal
        wanted = {slot: spot for slot, spot in spots.items() if isinstance(spot, Spot)}
        told: dict[Spot, Found | Rejected] = dict(self._queried(wanted))
        for spot in wanted.values():
            if spot not in told:
                try:
                    told[spot] = self._listed(spot)
                except Rejected as refusal:
                    told[spot] = Rejected(str(refusal), status=404) if refusal.status == _DELETED else refusal
        return {slot: told[spot] if isinstance(spot, Spot) else spot for slot, spot in spots.items()}

    def _nowhere(self, name: str) -> Rejected:
        what = f"no issue, pull request or milestone {name} can be found: it is gone, or hidden from this account"
        return Rejected(f"{self._api.host}: {what}", status=404)

    # ── by query ─────────────────────────────────────────────────────────────────────────────────────────────────────

    def _queried(self, wanted: Mapping[Slot, Spot]) -> Iterator[tuple[Spot, Found | Rejected]]:
        """What queries tell whole."""
        if not self._queries.take(_KIND):
            return
        objects: dict[tuple[str, int, bool], list[Slot]] = {}
        for slot, spot in wanted.items():
            objects.setdefault((spot.repo, spot.number, spot.part is Part.BLOCK), []).append(slot)
        rows = list(objects.values())
        try:
            for start in range(0, len(rows), _BATCH):
                for told in portions(rows[start : start + _BATCH], lambda some: list(self._ask(some, wanted))):
                    yield from told
        except Rejected:
            self._queries.refuse(_KIND)

    def _ask(
        self, rows: Sequence[Sequence[Slot]], wanted: Mapping[Slot, Spot]
    ) -> Iterator[tuple[Spot, Found | Rejected]]:
        asked: dict[str, _Asked] = {}
        spots: dict[Spot, None] = {}
        for slot in (slot for row in rows for slot in row):
            spot = wanted[slot]
            one = asked.setdefault(spot.repo, _Asked(self.repo_of(spot)))
            if spot.part is Part.BLOCK:
                one.milestones[spot.number] = None
            elif spot.part is not Part.STATUS:
                one.issues.setdefault(spot.number, set()).add(spot.part)
            elif _SHA.fullmatch(spot.sha):
                one.shas[spot.sha] = None
            if spot.part is Part.LABELS and (spot.repo, slot.name.casefold()) not in self.labels:
                one.labels[slot.name] = None
            spots[spot] = None
        me = self.me() if any(spot.part is Part.COMMENTS for spot in spots) else 0
        data = self._api.query(_query(list(asked.values())), {})
        gone = {hole.path for hole in data.holes if hole.kind in graphql.GONE}
        torn = {hole.path[:2] for hole in data.holes} - gone
        places = {repo: f"r{place}" for place, repo in enumerate(asked)}
        for repo, one in asked.items():
            holder = data.found.get(places[repo])
            for place, name in enumerate(one.labels):
                if isinstance(holder, dict) and (places[repo], f"l{place}") not in torn | gone:
                    label = holder.get(f"l{place}")
                    self.labels[repo, name.casefold()] = None if label is None else text(label, "description")
        for spot in spots:
            holder = data.found.get(places[spot.repo])
            at = (places[spot.repo], _step(spot))
            if str(inner(holder, "databaseId")) != spot.repo or at in torn:
                continue
            if at in gone and spot.part in (Part.LABELS, Part.COMMENTS):
                yield spot, self._nowhere(wire.issue_id(spot.repo, spot.number))
            elif (found := _read(spot, inner(holder, at[1]), me)) is not _UNTOLD:
                yield spot, found

    # ── one by one ───────────────────────────────────────────────────────────────────────────────────────────────────

    def _listed(self, spot: Spot) -> Found:
        """The same by the REST interface; Rejected where it is gone, hidden or now in another repository."""
        repo = self.repo_of(spot)
        match spot.part:
            case Part.LABELS:
                rows = member(self._issue(repo, spot.number), "labels", list)
                return frozenset(text(row, "name").casefold() for row in rows)
            case Part.COMMENTS:
                return self._comments(repo, spot.number)
            case Part.STATUS:
                return self._status(repo, spot.sha)
            case Part.BLOCK:
                return self.description(spot)

    def _issue(self, repo: Repo, number: int) -> Any:
        found = self._api.get(f"{repo.address}/issues/{number}").value
        if not self._holds(repo, found, number):
            raise Rejected(f"{self._api.host}: {repo.full_name}#{number} is now in another repository", status=404)
        return found

    def _comments(self, repo: Repo, number: int) -> tuple[Comment, ...]:
        self._issue(repo, number)
        me = self.me()
        pages = self._api.pages(f"{repo.address}/issues/{number}/comments", {"per_page": "100"})
        return tuple(
            Comment(str(member(row, "id", int)), text(row, "body"))
            for rows, _ in pages
            for row in rows
            if _author(row, "user") == me
        )

    def _status(self, repo: Repo, sha: str) -> Json:
        """What the newest status of our context on a commit says, whoever posted it; None where there is none."""
        path = f"{repo.address}/commits/{quote(sha, safe='')}/statuses"
        try:
            for rows, _ in self._api.pages(path, {"per_page": "100"}):
                for row in rows:
                    if text(row, "context") == marked.CONTEXT:
                        return said(row)
        except Rejected as error:
            if error.status == 422:  # GitHub's word for a commit that it does not have
                raise Rejected(str(error), status=404) from None
            raise
        return None

    def description(self, spot: Spot) -> str:
        """The description of a milestone as it stands this moment."""
        repo = self.repo_of(spot)
        found = self._api.get(f"{repo.address}/milestones/{spot.number}").value
        if inner(found, "number") != spot.number:
            raise self._nowhere(f"{repo.full_name} milestone {spot.number}")
        return text(found, "description")

    def me(self) -> int:
        """The id of the account as which we write."""
        if not self._me:
            self._me = self._api.account()
        return self._me


def said(status: object) -> Json:
    """What a commit status of the REST interface says; None where it only withdraws."""
    return marked.told_by(text(status, "state"), text(status, "description"), text(status, "target_url"))


# ── queries ──────────────────────────────────────────────────────────────────────────────────────────────────────────

_UNTOLD = object()  # by a query: to be asked in the other way


def _step(spot: Spot) -> str:
    """What the answer calls what a spot is read from."""
    match spot.part:
        case Part.STATUS:
            return f"s{spot.sha}"
        case Part.BLOCK:
            return f"m{spot.number}"
        case _:
            return f"n{spot.number}"


def _query(asked: Sequence[_Asked]) -> str:
    repositories, fragments = [], set()
    for place, one in enumerate(asked):
        owner, name = (orjson.dumps(part).decode() for part in one.repo.full_name.split("/", 1))
        fields = ["databaseId"]
        for number, parts in one.issues.items():
            fragments |= parts
            spread = " ".join(f"...{part}OfIssue ...{part}OfPull" for part in sorted(parts))
            fields.append(f"n{number}: issueOrPullRequest(number: {number}) {{ __typename {spread} }}")
        fields += [f's{sha}: object(oid: "{sha}") {{ {_STATUS} }}' for sha in one.shas]
        fields += [f"m{number}: milestone(number: {number}) {{ number description }}" for number in one.milestones]
        quoted = (orjson.dumps(label).decode() for label in one.labels)
        fields += [f"l{row}: label(name: {label}) {{ description }}" for row, label in enumerate(quoted)]
        repositories.append(f"r{place}: repository(owner: {owner}, name: {name}) {{ {' '.join(fields)} }}")
    words = {Part.LABELS: _LABELS, Part.COMMENTS: _COMMENTS}
    defined = (
        f"fragment {part}Of{short} on {type_} {{ number {words[part]} }}"
        for part in sorted(fragments)
        for short, type_ in (("Issue", "Issue"), ("Pull", "PullRequest"))
    )
    return " ".join([f"query {{ {' '.join(repositories)} }}", *defined])


def _read(spot: Spot, node: Any, me: int) -> Any:
    """What a node tells of a spot, ``_UNTOLD`` where it does not tell it whole."""
    match spot.part:
        case Part.LABELS:
            if inner(node, "number") != spot.number or graphql.after(node, "labels") is not None:
                return _UNTOLD
            return frozenset(text(label, "name").casefold() for label in graphql.nodes(node, "labels"))
        case Part.COMMENTS:
            page = inner(inner(node, "comments"), "pageInfo")
            if inner(node, "number") != spot.number or inner(page, "hasPreviousPage") is not False:
                return _UNTOLD
            rows = graphql.nodes(node, "comments")
            ours = [row for row in rows if _is_ours(row, me)]
            ids = [str(inner(row, "fullDatabaseId")) for row in ours]
            if not all(one.isdecimal() for one in ids) or any(_may_be_ours(row) for row in rows if row not in ours):
                return _UNTOLD
            return tuple(Comment(one, text(row, "body")) for one, row in zip(ids, ours, strict=True))
        case Part.STATUS:
            if inner(node, "oid") != spot.sha:
                return _UNTOLD
            newest = inner(inner(node, "status"), "context")
            if newest is None:
                return None
            return marked.told_by(text(newest, "state"), text(newest, "description"), text(newest, "targetUrl"))
        case Part.BLOCK:
            return text(node, "description") if inner(node, "number") == spot.number else _UNTOLD


def _is_ours(comment: object, me: int) -> bool:
    return inner(comment, "viewerDidAuthor") is True or inner(inner(comment, "author"), "databaseId") == me


def _may_be_ours(comment: object) -> bool:
    """Whether a bot wrote it that marks as we do: what an app is called, the two interfaces may tell otherwise."""
    return text(inner(comment, "author"), "__typename") == "Bot" and marked.OPENING in text(comment, "body")


def _author(holder: object, name: str) -> object:
    return inner(inner(holder, name), "id")
