"""The past of issues and pull requests: what their timelines say, a hundred of them at a time.

GitHub tells of an event what it changed, never what was before; what was before follows from the events themselves.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any

import orjson

from connectors import github_graphql as graphql
from connectors import github_wire as wire
from connectors.github_queries import Queries, portions
from connectors.github_wire import HIDDEN, Repo
from connectors.raw import inner, instant, text
from okrsync.errors import MalformedPage, Rejected
from okrsync.model import Change, ChangeKind, History, State, is_managed

if TYPE_CHECKING:
    from connectors.github_api import Api  # loads PyGithub

_BATCH = 100  # timelines a query
_FEW = 20  # so many are asked for one by one, where there are no queries
_TIMELINE = "timelineItems"
_PARENT_OF = "parent { number repository { databaseId nameWithOwner } }"
_BLOCKER_OF = "blockingIssue { number repository { databaseId nameWithOwner } }"
_FIELDS = {
    "closed": "",
    "reopened": "",
    "labeled": "label { name }",
    "unlabeled": "label { name }",
    "milestoned": "milestoneTitle",
    "demilestoned": "milestoneTitle",
    "convert_to_draft": "",
    "ready_for_review": "",
    "parent_issue_added": _PARENT_OF,
    "parent_issue_removed": _PARENT_OF,
    "blocked_by_added": _BLOCKER_OF,
    "blocked_by_removed": _BLOCKER_OF,
}
"""Event, as the REST interface calls it → what a query asks of it besides its time."""

_BOTH = ("closed", "reopened", "labeled", "unlabeled", "milestoned", "demilestoned")
_OF_PULLS = ("convert_to_draft", "ready_for_review")
_OF_ISSUES = ("parent_issue_added", "parent_issue_removed", "blocked_by_added", "blocked_by_removed")
_CALLED = {f"{name.title().replace('_', '')}Event": name for name in _FIELDS}
"""The type of an event in a query → as the REST interface calls it."""


@dataclass(frozen=True, slots=True)
class Event:
    """One event of either interface. ``other`` is the issue that a link leads to, by key and remote id."""

    at: datetime
    kind: str
    label: str = ""
    milestone: str = ""  # its title
    other: tuple[str, str] | None = None


@dataclass(slots=True)
class Past:
    """What is known of one issue or pull request besides its events."""

    pull: bool
    draft: bool = False  # as it stands now
    milestone: int | None = None  # as it stands now
    events: list[Event] = field(default_factory=list)


class Timelines:
    """Reads the past of issues and pull requests."""

    def __init__(self, api: Api, queries: Queries, holds: Callable[[Repo, object, int], bool]) -> None:
        self._api, self._queries, self._holds = api, queries, holds

    def of(self, asked: Mapping[str, tuple[Repo, Sequence[int]]]) -> Iterator[History]:
        """The histories of these numbers (repository id → where, which), in no order; one that cannot be read is left
        out."""
        pairs = [(repo, number) for repo, numbers in asked.values() for number in numbers]
        told: dict[tuple[str, int], History | None] = {}
        if self._queries.take("history") and self._queries.known():
            try:
                for start in range(0, len(pairs), _BATCH):
                    for found in portions(pairs[start : start + _BATCH], self._ask):
                        told |= found
                        yield from filter(None, found.values())
            except Rejected:
                self._queries.refuse("history")
        for repo, numbers in asked.values():
            if left := [number for number in numbers if (repo.id, number) not in told]:
                yield from self._listed(repo, left)

    # ── by query ─────────────────────────────────────────────────────────────────────────────────────────────────────

    def _ask(self, pairs: Sequence[tuple[Repo, int]]) -> dict[tuple[str, int], History | None]:
        """The histories that a query tells whole, by repository id and number; None of what is gone or hidden."""
        known = self._queries.known()
        by_repo: dict[str, tuple[Repo, list[int]]] = {}
        for repo, number in pairs:
            by_repo.setdefault(repo.id, (repo, []))[1].append(number)
        places = list(by_repo.values())
        data = self._api.query(_query(places, known), {})
        gone, torn = graphql.missing(data.holes)
        told: dict[tuple[str, int], History | None] = {}
        for place, (repo, numbers) in enumerate(places):
            holder = data.found.get(f"r{place}")
            rows = graphql.nodes(holder, "milestones")
            titles = _titles(rows) if graphql.after(holder, "milestones") is None else self._titles(repo)
            for number in numbers:
                node, at = inner(holder, f"n{number}"), (f"r{place}", f"n{number}")
                if at in gone:
                    told[repo.id, number] = None
                elif at not in torn and inner(node, "number") == number:
                    if (events := self._events(node, known)) is None:
                        continue
                    past = Past(
                        pull=graphql.is_pull(node),
                        draft=node.get("isDraft") is True,
                        milestone=inner(inner(node, "milestone"), "number"),
                        events=events,
                    )
                    told[repo.id, number] = History(wire.issue_id(repo.id, number), changes_of(past, repo, titles))
        return told

    def _events(self, node: Any, known: Collection[str]) -> list[Event] | None:
        """The events of one timeline, the pages beyond the first too; None where one of these is not told."""
        found = _nodes_as_events(node)
        seen: set[str] = set()
        identity = text(node, "id")
        while (after := graphql.after(node, _TIMELINE)) is not None:
            if not after or after in seen:
                raise MalformedPage(f"{self._api.host}: the timeline of an issue pages in a circle")
            seen.add(after)
            node = self._api.query(_more_query(known), {"id": identity, "after": after}).found.get("node")
            if not isinstance(inner(node, _TIMELINE), dict):
                return None
            found += _nodes_as_events(node)
        return found

    # ── by listing ───────────────────────────────────────────────────────────────────────────────────────────────────

    def _listed(self, repo: Repo, numbers: Sequence[int]) -> Iterator[History]:
        """The same by the REST interface; nothing where it refuses."""
        try:
            titles = self._titles(repo)
            pasts = self._each(repo, numbers) if len(numbers) <= _FEW else self._all(repo, set(numbers))
        except Rejected as error:
            if error.status not in HIDDEN:
                raise
            return
        for number in numbers:
            if past := pasts.get(number):
                yield History(wire.issue_id(repo.id, number), changes_of(past, repo, titles))

    def _titles(self, repo: Repo) -> dict[str, int]:
        """The numbers of all milestones, by their titles."""
        path = f"/repos/{repo.full_name}/milestones"
        pages = self._api.pages(path, {"state": "all", "per_page": "100"}, keep=True)
        return _titles(row for rows, _ in pages for row in rows)

    def _each(self, repo: Repo, numbers: Sequence[int]) -> dict[int, Past]:
        """A few, one by one; what was transferred has no past here."""
        found = {}
        for number in numbers:
            path = f"/repos/{repo.full_name}/issues/{number}"
            try:
                entry = self._api.get(path).value
                if not self._holds(repo, entry, number):
                    continue
                past = _past_of(entry)
                pages = self._api.pages(f"{path}/events", {"per_page": "100"})
                past.events += [event for rows, _ in pages for row in rows if (event := _row_as_event(row))]
            except Rejected as error:
                if error.status not in HIDDEN:
                    raise
                continue
            found[number] = past
        return found

    def _all(self, repo: Repo, numbers: Collection[int]) -> dict[int, Past]:
        """Many, from the list of all events of the repository, which is newest first; one without events has none."""
        found: dict[int, Past] = {}
        for rows, _ in self._api.pages(f"/repos/{repo.full_name}/issues/events", {"per_page": "100"}):
            for row in rows:
                issue, event = inner(row, "issue"), _row_as_event(row)
                if type(number := inner(issue, "number")) is int and number in numbers:
                    past = found.setdefault(number, _past_of(issue))
                    past.events += [event] if event else []
        for past in found.values():
            past.events.reverse()
        return {number: found.get(number) or Past(pull=False) for number in numbers}


# ── queries ──────────────────────────────────────────────────────────────────────────────────────────────────────────


def _query(places: Iterable[tuple[Repo, Sequence[int]]], known: Collection[str]) -> str:
    asked = []
    for place, (repo, numbers) in enumerate(places):
        owner, name = (orjson.dumps(part).decode() for part in repo.full_name.split("/", 1))
        items = " ".join(
            f"n{number}: issueOrPullRequest(number: {number}) {{ ...issue ...pull }}" for number in numbers
        )
        asked.append(
            f"r{place}: repository(owner: {owner}, name: {name}) {{ milestones(first: 100) "
            f"{{ nodes {{ number title }} pageInfo {{ hasNextPage endCursor }} }} {items} }}"
        )
    common = "__typename id number milestone { number }"
    return (
        f"query {{ {' '.join(asked)} }} "
        f"fragment issue on Issue {{ {common} {_timeline(_OF_ISSUES, known)} }} "
        f"fragment pull on PullRequest {{ {common} isDraft {_timeline(_OF_PULLS, known)} }}"
    )


def _more_query(known: Collection[str]) -> str:
    return (
        "query($id: ID!, $after: String) { node(id: $id) { "
        f"... on Issue {{ {_timeline(_OF_ISSUES, known, ', after: $after')} }} "
        f"... on PullRequest {{ {_timeline(_OF_PULLS, known, ', after: $after')} }} }} }}"
    )


def _timeline(own: Iterable[str], known: Collection[str], after: str = "") -> str:
    """The events of one kind of thing that the server knows: both kinds have some, and each has its own."""
    kinds = [*_BOTH, *(kind for kind in own if kind in _OF_PULLS or f"{kind}_event".upper() in known)]
    types = ", ".join(f"{kind}_event".upper() for kind in kinds)
    fields = " ".join(
        f"... on {name} {{ createdAt {_FIELDS[kind]} }}" for name, kind in _CALLED.items() if kind in kinds
    )
    return (
        f"{_TIMELINE}(first: 100, itemTypes: [{types}]{after}) "
        f"{{ nodes {{ __typename {fields} }} pageInfo {{ hasNextPage endCursor }} }}"
    )


# ── events → changes (pure) ──────────────────────────────────────────────────────────────────────────────────────────


def _nodes_as_events(node: object) -> list[Event]:
    found = []
    for one in graphql.nodes(node, _TIMELINE):
        at, kind = instant(one.get("createdAt")), _CALLED.get(text(one, "__typename"))
        if at and kind:
            other = graphql.place_of(one.get("parent") or one.get("blockingIssue"))
            found.append(Event(at, kind, text(one.get("label"), "name"), text(one, "milestoneTitle"), other))
    return found


def _row_as_event(row: Any) -> Event | None:
    at, kind = instant(inner(row, "created_at")), text(row, "event")
    if not at or kind not in _FIELDS:
        return None
    other = None
    if link := inner(row, "parent_issue") or inner(row, "blocked_by"):
        repository, number = inner(link, "repository"), inner(link, "number")
        if (name := text(repository, "full_name")) and isinstance(number, int):
            known = inner(repository, "id")
            other = f"{name}#{number}", wire.issue_id(known if isinstance(known, int) else name, number)
    return Event(at, kind, text(inner(row, "label"), "name"), text(inner(row, "milestone"), "title"), other)


def _past_of(entry: Any) -> Past:
    return Past(
        pull=isinstance(inner(entry, "pull_request"), dict),
        draft=inner(entry, "draft") is True,
        milestone=inner(inner(entry, "milestone"), "number"),
    )


def changes_of(past: Past, repo: Repo, milestones: Mapping[str, int]) -> tuple[Change, ...]:
    """What the events of one issue or pull request changed, oldest first. ``milestones`` gives numbers by titles."""
    events = sorted(past.events, key=lambda event: event.at)
    return tuple(
        sorted(
            [*_states(past, events), *_labels(events), *_members(past, events, repo, milestones), *_links(events)],
            key=lambda change: change.at,
        )
    )


def _states(past: Past, events: Sequence[Event]) -> Iterator[Change]:
    """State by state, as :func:`connectors.github_wire.read_issue` sees them: a draft is not begun."""
    turns = [event.kind for event in events if event.kind in _OF_PULLS]
    draft = turns[0] == "ready_for_review" if turns else past.draft
    closed = False
    state = _state(past, draft=draft, closed=closed)
    for event in events:
        match event.kind:
            case "closed" | "reopened":
                closed = event.kind == "closed"
            case "convert_to_draft" | "ready_for_review":
                draft = event.kind == "convert_to_draft"
            case _:
                continue
        now = _state(past, draft=draft, closed=closed)
        if now is not state:
            yield Change(event.at, ChangeKind.STATE, state.value, now.value)
            state = now


def _state(past: Past, *, draft: bool, closed: bool) -> State:
    if closed:
        return State.DONE
    return State.IN_PROGRESS if past.pull and not draft else State.TODO


def _labels(events: Iterable[Event]) -> Iterator[Change]:
    for event in events:
        if not event.label or is_managed(event.label):
            continue
        if event.kind == "labeled":
            yield Change(event.at, ChangeKind.LABEL_ADDED, None, event.label)
        elif event.kind == "unlabeled":
            yield Change(event.at, ChangeKind.LABEL_REMOVED, event.label, None)


def _members(past: Past, events: Iterable[Event], repo: Repo, milestones: Mapping[str, int]) -> Iterator[Change]:
    """The milestones that it joined and left. Events give their titles only: one that is called otherwise by now is
    known where it is the one that the issue is still in."""
    moves = [event for event in events if event.kind in ("milestoned", "demilestoned")]
    for place, event in enumerate(moves):
        number = milestones.get(event.milestone)
        if number is None and event.kind == "milestoned" and place == len(moves) - 1:
            number = past.milestone
        for name in repo.names if number is not None else ():
            container = f"milestone:{name}#{number}"
            before, after = (None, container) if event.kind == "milestoned" else (container, None)
            yield Change(event.at, ChangeKind.MEMBER, before, after)


def _links(events: Iterable[Event]) -> Iterator[Change]:
    """Parents by remote id, blockers by key; a link to what we may not read is left out."""
    parent: str | None = None
    for event in events:
        if event.other is None:
            continue
        key, identity = event.other
        match event.kind:
            case "parent_issue_added":
                yield Change(event.at, ChangeKind.PARENT, parent, identity)
                parent = identity
            case "parent_issue_removed":
                yield Change(event.at, ChangeKind.PARENT, identity, None)
                parent = None
            case "blocked_by_added":
                yield Change(event.at, ChangeKind.BLOCKED_BY, None, key)
            case "blocked_by_removed":
                yield Change(event.at, ChangeKind.BLOCKED_BY, key, None)


def _titles(milestones: Iterable[object]) -> dict[str, int]:
    numbers = ((text(row, "title"), inner(row, "number")) for row in milestones)
    return {title: number for title, number in numbers if isinstance(number, int)}
