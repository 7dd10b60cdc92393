"""GitHub: settings, then the connector. What GitHub sends is read in ``github_wire``; ``github_sink`` writes.

PyGithub signs in and builds the requests; they go through our transport, and answers stay raw JSON. What an account
needs and how it is read: docs/connectors.md.
"""

from __future__ import annotations

from collections.abc import Collection, Generator, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial
from threading import Event
from typing import Annotated, ClassVar

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, field_validator

from connectors import github_wire as wire
from connectors.github_account import account
from connectors.github_commits import Commits
from connectors.github_gate import Gate, Gates
from connectors.github_history import Timelines
from connectors.github_hooks import RepositoryHooks
from connectors.github_issues import Issues
from connectors.github_looks import Looks
from connectors.github_mark import Ids, Mark, is_without
from connectors.github_queries import Queries
from connectors.github_repositories import Repositories
from connectors.github_sink import BUDGETS, SURFACES, GitHubSink
from connectors.github_wire import Repo
from connectors.raw import inner, instant, member
from connectors.settings import form, once
from connectors.streams import one_by_one
from okrsync.errors import Rejected
from okrsync.model import (
    Account,
    Cursor,
    History,
    Item,
    Json,
    Page,
    Receipt,
    Scope,
    Secret,
    Slot,
    SourceConfig,
    Surface,
    Write,
)
from okrsync.ports import Budget

OVERLAP = timedelta(minutes=5)
"""Read again before the cursor: what was just changed may be listed late."""

# ── settings ─────────────────────────────────────────────────────────────────────────────────────────────────────────

Entry = Annotated[
    str,
    StringConstraints(max_length=140),
    form(
        r"[A-Za-z0-9][A-Za-z0-9_-]*/[A-Za-z0-9._*?-]+",
        'must be OWNER/NAME, such as "acme/shop"; * and ? may stand in the name, not in the owner',
    ),
]
Branch = Annotated[
    str,
    StringConstraints(max_length=255),
    form(r"[^\s~^:\\]+", 'must be the name of a branch, or a pattern such as "release/*"'),
]


class GitHubSettings(BaseModel):
    """What a ``[[sources]]`` of kind "github" holds besides the common keys."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    takes_email: ClassVar[bool] = False
    takes_app: ClassVar[bool] = True  # auth as an app, in place of a token
    count_key: ClassVar[str] = "search"  # what a query to count by stands under
    surfaces: ClassVar[frozenset[Surface]] = SURFACES  # what can be written there
    container_kinds: ClassVar[tuple[str, ...]] = ("milestone",)

    repositories: tuple[Entry, ...] = Field(min_length=1)
    branches: tuple[Branch, ...] = ()
    reserve: int = Field(default=10, ge=0, le=90)  # per cent of the hourly quota that is left to others

    @property
    def entries(self) -> tuple[str, ...]:
        """What the configuration names, as it stands there."""
        return self.repositories

    @field_validator("repositories", "branches")
    @classmethod
    def _once(cls, names: tuple[str, ...]) -> tuple[str, ...]:
        return once(names)


def connect(source: SourceConfig, secret: Secret, *, stop: Event | None = None) -> GitHub:
    """A connector for one GitHub account; nothing is sent yet."""
    return GitHub(source, secret, stop=stop)


# ── connector ────────────────────────────────────────────────────────────────────────────────────────────────────────


class GitHub:
    """One account on GitHub. Implements the ports Source, HasNarrow, HasHistory, HasCounts, HasHooks and Sink."""

    name: ClassVar[str] = "github"

    def __init__(self, source: SourceConfig, secret: Secret, *, stop: Event | None = None) -> None:
        from connectors.github_api import Api  # loads PyGithub: not before somebody connects

        assert isinstance(source.settings, GitHubSettings)
        self._source, settings = source, source.settings
        self._api = Api(source, secret, reserve=settings.reserve, stop=stop)
        queries = Queries(self._api)
        gates = Gates(self._api, queries, source.id, settings.branches)
        self._repositories = Repositories(self._api, gates, source.id, settings.repositories)
        self._issues = Issues(self._api, queries, self._repositories)
        self._commits = Commits(self._api, settings.branches)
        self._timelines = Timelines(self._api, queries, self._repositories.holds)
        self._counted: dict[str, Ids] = {}  # repository → what of it was just read whole
        self._narrow = False  # a cycle of a few repositories, whose lists are read whatever their gates say
        self._clock = partial(datetime.now, UTC)
        looks = Looks(self._api, queries, self._repositories.of, self._repositories.holds)
        self._sink = GitHubSink(self._api, looks, source.base)

    def close(self) -> None:
        """Close every connection."""
        self._api.close()

    def requests(self) -> int:
        return self._api.sent

    # ── Source ───────────────────────────────────────────────────────────────────────────────────────────────────────

    def check(self) -> Account:
        scopes = self.scopes()
        return account(self._api, scopes, self._repositories)

    def scopes(self) -> Sequence[Scope]:
        self._counted.clear()
        self._narrow = False
        return self._repositories.scopes()

    def pull(self, since: Mapping[str, Cursor | None]) -> Iterator[Page]:
        readable = ((repo, cursor) for scope, cursor in since.items() if (repo := self._repositories.of(scope)))
        yield from one_by_one((repo.id, self._pull(repo, cursor)) for repo, cursor in readable)

    def _pull(self, repo: Repo, cursor: Cursor | None) -> Iterator[Page]:
        """Issues and pull requests, then commits. Of what is read from its beginning, the ids are kept for a census."""
        ids = Ids() if cursor is None else None
        for page in self._steps(repo, cursor or Cursor(wire.EPOCH), self._repositories.gate(repo.id)):
            if ids is not None:
                ids.add(page.items)
            yield page
        if ids is not None:
            self._counted[repo.id] = ids

    def _steps(self, repo: Repo, cursor: Cursor, gate: Gate | None) -> Iterator[Page]:
        """Pages of both streams, each with how far both are read once it is stored; nothing where the gate says that
        nothing changed."""
        stored = Mark.load(cursor.mark)
        # before the issues: what is renamed meanwhile is seen next time
        names = gate.names if gate and gate.names is not None else self._issues.names(repo)
        cursor, after = yield from self._changed(repo, cursor, gate, stored, replace(stored, names=names))
        before = Mark.load(cursor.mark)
        heads = gate.heads if gate and gate.heads is not None else self._commits.heads(repo)
        known = gate is not None or cursor.at > wire.EPOCH  # else an empty repository is asked again each time
        for commits, mark, left in self._commits.since(repo, before, after if known else before, heads):
            cursor = Cursor(cursor.at, mark.dump())
            lost = self._commits.lost(repo, left)
            yield Page(
                tuple(wire.read_commit(commit, repo) for commit in commits),
                {repo.id: cursor},
                doubts=tuple(wire.commit_id(repo.id, sha) for sha in lost or ()),
                counted=frozenset({repo.id} if lost is None else ()),
            )

    def _changed(
        self, repo: Repo, cursor: Cursor, gate: Gate | None, stored: Mark, after: Mark
    ) -> Generator[Page, None, tuple[Cursor, Mark]]:
        """Pages of issues and pull requests; returns how far they are read, and the mark once all of them are stored.

        All are read where nothing was, where a label or a milestone was renamed, and once in the interval of the
        census: another parent, or a link that is set by hand, may update no issue. A census goes with the latter, and
        with a walk after which there are fewer than there should be: no list tells of one that went.
        """
        renamed = stored.names is not None and is_without(after.names or "", stored.names)
        began, now = cursor.at == wire.EPOCH, self._clock()
        due = self._is_due(repo, stored, now)
        if not (renamed or due or self._narrow) and gate and gate.seen and gate.seen == stored.seen:
            return cursor, after
        whole = began or renamed or due
        after = replace(after, whole=f"{now:%Y-%m-%dT%H:%M:%SZ}" if whole else stored.whole, seen="", count=-1)
        ids = Ids(commits=False)
        new: set[int] = set()
        for issues in self._issues.changed(repo, None if whole else cursor.at - OVERLAP):
            if whole:
                ids.add(issues)
            if gate:  # what came after it was asked is new the next time
                numbers = [wire.parts(item.remote_id)[1] for item in issues if item.created_at <= gate.at]
                new.update(number for number in numbers if number > stored.last)
                after = replace(after, last=max((after.last, *numbers)))
            newest = max(item.updated_at for item in issues)
            # one that begins goes on where it was cut short, any other walk over all begins again
            cursor = Cursor(max(cursor.at, newest), (after if began else stored).dump())
            yield Page(issues, {repo.id: cursor})
        if whole:
            self._counted[repo.id] = ids
        fewer = gate and stored.count >= 0 and 0 <= gate.count < stored.count + len(new)
        if fewer or (due and not began):
            yield Page((), {}, counted=frozenset({repo.id}))
        return cursor, replace(after, seen=gate.seen, count=gate.count) if gate else after

    def _is_due(self, repo: Repo, mark: Mark, now: datetime) -> bool:
        """Whether all issues of a repository are to be read anew: once in the interval of the census, or up to a
        quarter earlier, so that those of many do not come at once. Nothing changes in an archived one."""
        at = instant(mark.whole)
        if at is None or at > now:  # never, or by a clock that was ahead
            return True
        return not repo.archived and now - at >= self._source.census * (1 - int(repo.id) % 25 / 100)

    def fetch(self, ids: Sequence[str]) -> Iterator[Item]:
        numbers: dict[str, list[int]] = {}
        shas: dict[str, list[str]] = {}
        for identity in dict.fromkeys(ids):
            place, number, sha = wire.parts(identity)
            if number:
                numbers.setdefault(place, []).append(number)
            elif sha:
                shas.setdefault(place, []).append(sha)
        for place in dict.fromkeys([*numbers, *shas]):
            if repo := self._repositories.of(place):
                yield from self._issues.find(repo, numbers.get(place, []))
                if place in shas:
                    yield from (wire.read_commit(one, repo) for one in self._commits.find(repo, shas[place]))

    def census(self, scope: Scope) -> Iterator[str]:
        read = self._counted.pop(scope.id, None)
        if read is not None:
            yield from read.of(scope.id)
        repo = self._repositories.of(scope.id)
        if repo is not None and read is None:
            yield from (wire.issue_id(repo.id, number) for number in self._issues.numbers(repo))
        if repo is not None and not (read and read.commits):
            yield from (wire.commit_id(repo.id, wire.sha_of(commit)) for commit in self._commits.reached(repo))

    def history(self, ids: Sequence[str]) -> Iterator[History]:
        asked: dict[str, tuple[Repo, list[int]]] = {}
        for identity in dict.fromkeys(ids):
            place, number, _ = wire.parts(identity)
            if number and (repo := self._repositories.of(place)):
                asked.setdefault(place, (repo, []))[1].append(number)
        found = {history.remote_id: history for history in self._timelines.of(asked)}
        yield from (found[identity] for identity in ids if identity in found)

    def count(self, query: str) -> int | None:
        said = self._api.search("/search/issues", {"q": query, "per_page": "1"})
        counted: int = member(said, "total_count", int)
        return None if inner(said, "incomplete_results") is True else counted

    # ── HasNarrow, HasHooks ──────────────────────────────────────────────────────────────────────────────────────────

    def narrow(self, scopes: Collection[str]) -> None:
        self._counted.clear()
        self._narrow = True
        self._repositories.narrow(scopes)

    def hooks(self) -> RepositoryHooks:
        return RepositoryHooks(self._api)

    # ── Sink ─────────────────────────────────────────────────────────────────────────────────────────────────────────

    def surfaces(self) -> frozenset[Surface]:
        return SURFACES

    def budgets(self) -> Sequence[Budget]:
        return BUDGETS

    def read(self, slots: Sequence[Slot]) -> Mapping[Slot, Json | Rejected]:
        return self._sink.read(slots)

    def push(self, writes: Sequence[Write]) -> Sequence[Receipt]:
        return self._sink.push(writes)

    def sweep(self, slots: Sequence[Slot]) -> int:
        return self._sink.sweep(slots)
