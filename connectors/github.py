"""GitHub: settings, then the connector. What GitHub sends is read in ``github_wire``; ``github_sink`` writes.

PyGithub signs in and builds the requests; they go through our transport, and answers stay raw JSON. What an account
needs and how it is read: docs/connectors.md.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from fnmatch import fnmatchcase
from functools import partial
from threading import Event
from typing import Annotated, Any, ClassVar
from urllib.parse import quote

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, field_validator

from connectors import github_wire as wire
from connectors.github_commits import Commits
from connectors.github_issues import HIDDEN, Issues
from connectors.github_sink import SURFACES, GitHubSink
from connectors.github_wire import Labels, Mark, Repo
from connectors.raw import instant, text
from connectors.settings import form, once
from connectors.streams import one_by_one
from okrsync.errors import Rejected
from okrsync.model import (
    Account,
    Cursor,
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

OVERLAP = timedelta(minutes=5)
"""Read again before the cursor: what was just changed may be listed late."""

RIGHTS = {
    "pull": "nothing can be read",
    "triage": "labels cannot be written",
    "push": "commit statuses cannot be written",
}
"""Permission on a repository → what is not possible without it."""


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
    surfaces: ClassVar[frozenset[Surface]] = SURFACES  # what can be written there
    container_kinds: ClassVar[tuple[str, ...]] = ("milestone",)

    repositories: tuple[Entry, ...] = Field(min_length=1)
    branches: tuple[Branch, ...] = ()

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
    """One account on GitHub. Implements the ports Source and Sink."""

    name: ClassVar[str] = "github"

    def __init__(self, source: SourceConfig, secret: Secret, *, stop: Event | None = None) -> None:
        from connectors.github_api import Api  # loads PyGithub: not before somebody connects

        assert isinstance(source.settings, GitHubSettings)
        self._source, self._settings = source, source.settings
        self._api = Api(source, secret, stop=stop)
        self._repos: dict[str, Repo | None] = {}  # by id; None where it cannot be read
        self._ids: dict[str, str] = {}  # casefolded full name → id, "" where it cannot be read
        self._issues = Issues(self._api, self._ids)
        self._commits = Commits(self._api, self._settings.branches)
        self._whole: dict[str, set[str]] = {}  # repository → ids of all its items, where all were just read
        self._clock = partial(datetime.now, UTC)
        self._sink = GitHubSink(self._api, self._repo)

    def close(self) -> None:
        """Close every connection."""
        self._api.close()

    def requests(self) -> int:
        return self._api.sent

    # ── Source ───────────────────────────────────────────────────────────────────────────────────────────────────────

    def check(self) -> Account:
        me = self._api.get("/user")
        rights: dict[str, bool] = {}
        lacks: list[str] = []
        for scope in self.scopes():
            repo = self._repos.get(scope.id)
            if repo is None:
                rights[f"{scope.key} pull"] = False
                lacks.append(f"{scope.key}: {RIGHTS['pull']} ({scope.why})")
                continue
            for right in repo.permissions.keys() & RIGHTS.keys():
                rights[f"{scope.key} {right}"] = repo.permissions[right]
            for right, without in RIGHTS.items():
                if rights.get(f"{scope.key} {right}") is False:
                    lacks.append(f"{scope.key}: without {right}, {without}")
        if "X-OAuth-Scopes" in me.headers:  # a classic token says what it may do, others do not
            granted = {one.strip() for one in me.headers["X-OAuth-Scopes"].split(",")}
            rights["scope repo"] = "repo" in granted
            if "repo" not in granted:
                public = "public repositories only" if "public_repo" in granted else "nothing can be written"
                lacks.append(f"the token lacks the scope repo: {public}")
        return Account(
            name=text(me.value, "login"),
            product="GitHub Enterprise Server" if "X-GitHub-Enterprise-Version" in me.headers else "GitHub",
            timezone="UTC",
            rights=rights,
            lacks=tuple(lacks),
        )

    def scopes(self) -> Sequence[Scope]:
        found: dict[str, Scope] = {}
        for entry in self._settings.repositories:
            try:
                repos = self._matching(entry) if wire.is_pattern(entry) else [self._named(entry)]
            except Rejected as error:
                found.setdefault(entry, _unreadable(entry, str(error)))
                continue
            if not repos:
                found.setdefault(entry, _unreadable(entry, "no repository that this token sees has such a name"))
            for repo in repos:
                if repo.id not in found:
                    self._repos[repo.id] = repo
                    self._ids[repo.full_name.casefold()] = repo.id
                    name = repo.full_name.partition("/")[2]
                    found[repo.id] = Scope(repo.id, repo.full_name, name, configured=entry)
        return list(found.values())

    def _named(self, entry: str) -> Repo:
        """The repository of this name; under its new one where it was renamed."""
        return wire.read_repo(self._api.get(f"/repos/{entry}", keep=True).value, self._source.id, entry)

    def _matching(self, entry: str) -> list[Repo]:
        """The repositories of an organisation, or of a person, whose names fit a pattern."""
        owner, _, pattern = entry.partition("/")
        try:
            rows = self._listing(f"/orgs/{owner}/repos")
        except Rejected as error:
            if error.status != 404:
                raise
            rows = self._listing(f"/users/{owner}/repos")
        repos = (wire.read_repo(row, self._source.id, entry) for row in rows)
        fits = pattern.casefold()
        return [repo for repo in repos if fnmatchcase(repo.full_name.partition("/")[2].casefold(), fits)]

    def _listing(self, path: str) -> list[Any]:
        pages = self._api.pages(path, {"sort": "full_name", "per_page": "100"}, keep=True)
        return [row for rows, _ in pages for row in rows]

    def pull(self, since: Mapping[str, Cursor | None]) -> Iterator[Page]:
        readable = ((repo, cursor) for scope, cursor in since.items() if (repo := self._repo(scope)))
        yield from one_by_one(self._pull(repo, cursor) for repo, cursor in readable)

    def _pull(self, repo: Repo, cursor: Cursor | None) -> Iterator[Page]:
        """Issues and pull requests, then commits. Of what is read from its beginning, the ids are kept for a census."""
        read: set[str] | None = set() if cursor is None else None
        for page in self._steps(repo, cursor or Cursor(wire.EPOCH)):
            if read is not None:
                read.update(item.remote_id for item in page.items)
            yield page
        if read is not None:
            self._whole[repo.id] = read

    def _steps(self, repo: Repo, cursor: Cursor) -> Iterator[Page]:
        """Pages of both streams, each with how far both are read once it is stored.

        All issues are read where nothing was, where a label was renamed, and once in the interval of the census: a
        milestone that is deleted, or a link that is set by hand, may update no issue.
        """
        stored = Mark.load(cursor.mark)
        labels, renamed = self._labels(repo, stored)  # before the issues: what is renamed meanwhile is seen next time
        began, now = cursor.at == wire.EPOCH, self._clock()
        due = not (at := instant(stored.whole)) or now - at >= self._source.census
        whole = began or renamed or due
        after = replace(stored, labels=labels, whole=f"{now:%Y-%m-%dT%H:%M:%SZ}" if whole else stored.whole)
        for issues in self._issues.changed(repo, None if whole else cursor.at - OVERLAP):
            newest = max(item.updated_at for item in issues)
            # one that begins goes on where it was cut short, any other walk over all begins again
            cursor = Cursor(max(cursor.at, newest), (after if began else stored).dump())
            yield Page(issues, {repo.id: cursor})
        before = Mark.load(cursor.mark)
        for commits, mark in self._commits.since(repo, before, after if cursor.at > wire.EPOCH else before):
            cursor = Cursor(cursor.at, mark.dump())
            yield Page(tuple(wire.read_commit(commit, repo) for commit in commits), {repo.id: cursor})

    def _labels(self, repo: Repo, mark: Mark) -> tuple[Labels, bool]:
        """The labels as they are now, and whether one of those that the issues were read by was renamed or deleted."""
        rows, known = self._issues.labels(repo), mark.labels
        return wire.read_labels(rows), known is not None and wire.read_labels(rows, known.newest) != known

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
            if repo := self._repo(place):
                yield from self._issues.find(repo, numbers.get(place, []))
                if place in shas:
                    yield from (wire.read_commit(one, repo) for one in self._commits.find(repo, shas[place]))

    def census(self, scope: Scope) -> Iterator[str]:
        if (read := self._whole.pop(scope.id, None)) is not None:
            yield from read
            return
        if repo := self._repo(scope.id):
            yield from (wire.issue_id(repo.id, number) for number in self._issues.numbers(repo))
            for commits, _ in self._commits.since(repo, Mark()):
                yield from (wire.commit_id(repo.id, wire.sha_of(commit)) for commit in commits)

    # ── Sink ─────────────────────────────────────────────────────────────────────────────────────────────────────────

    def surfaces(self) -> frozenset[Surface]:
        return SURFACES

    def read(self, slot: Slot) -> Json:
        return self._sink.read(slot)

    def push(self, write: Write) -> Receipt:
        return self._sink.push(write)

    # ── repositories ─────────────────────────────────────────────────────────────────────────────────────────────────

    def _repo(self, identity: str) -> Repo | None:
        """The repository of this id, whatever it is called now; None where it is gone or hidden."""
        if identity not in self._repos:
            try:
                found = self._api.get(f"/repositories/{quote(identity, safe='')}", keep=True).value
                self._repos[identity] = wire.read_repo(found, self._source.id)
            except Rejected as error:
                if error.status not in HIDDEN:
                    raise
                self._repos[identity] = None
        return self._repos[identity]


def _unreadable(entry: str, why: str) -> Scope:
    return Scope(id=entry, key=entry, readable=False, why=why, configured=entry)
