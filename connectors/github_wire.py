"""GitHub's JSON → the model's values. Pure and total: a missing, null or mistyped field never stops an item.

An issue and a pull request come as one kind of entry, from the listing of issues; what makes a pull request of it comes
beside, as a :class:`Pull`. Identity is the repository's id with the number or the sha; names may change.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from connectors.raw import inner, instant, member, text
from okrsync.errors import MalformedPage
from okrsync.model import Item, ItemKind, Reference, ReferenceKind, State, is_managed

EPOCH = datetime.fromtimestamp(0, UTC)
GHOST = "ghost"  # GitHub's own name for an account that is gone
NOT_MERGED = "not_merged"
HIDDEN = frozenset({403, 404, 410, 451})
"""The statuses of what is gone or may not be read."""

_ISSUE_URL = re.compile(r"/repos/([^/]+/[^/]+)/issues/(\d+)$")
_REPO_URL = re.compile(r"/repos/([^/]+/[^/]+)$")
_IDENTITY = re.compile(r"(\d+)(?:#(\d+)|@([0-9a-f]{40,64}))")
_MILESTONE = re.compile(r"milestone:(\d+):(\d+)")


@dataclass(frozen=True, slots=True)
class Repo:
    """What reading an item takes besides the item."""

    source: str
    id: str
    full_name: str
    url: str  # where people see it
    branch: str  # the default one
    configured: str = ""  # the entry that names it
    archived: bool = False
    permissions: Mapping[str, bool] = field(default_factory=dict)

    @property
    def address(self) -> str:
        """Where it is in the REST interface whatever it is called: a write does not follow it to another name."""
        return f"/repositories/{self.id}"

    @property
    def names(self) -> tuple[str, ...]:
        """Its name, and the one that the configuration still gives it."""
        literal = self.configured and not is_pattern(self.configured)
        renamed = literal and self.configured.casefold() != self.full_name.casefold()
        return (self.full_name, self.configured) if renamed else (self.full_name,)


@dataclass(frozen=True, slots=True)
class Pull:
    """What makes a pull request of an entry in the list of issues."""

    branch: str = ""
    base: str = ""
    head: str = ""
    draft: bool = False
    merged_at: datetime | None = None
    merge_sha: str = ""
    closes: tuple[Reference, ...] = ()


def is_pattern(name: str) -> bool:
    """Whether a name holds what only a pattern does."""
    return any(character in name for character in "*?[")


# ── identities ───────────────────────────────────────────────────────────────────────────────────────────────────────


def issue_id(repo: int | str, number: int | str) -> str:
    """The immutable id of an issue or a pull request."""
    return f"{repo}#{number}"


def commit_id(repo: str, sha: str) -> str:
    """The immutable id of a commit."""
    return f"{repo}@{sha}"


def parts(remote_id: str) -> tuple[str, int, str]:
    """Repository, number, sha of an id: one of the last two is empty, all are where it is no id of ours."""
    found = _IDENTITY.fullmatch(remote_id)
    return (found[1], int(found[2] or 0), found[3] or "") if found else ("", 0, "")


def milestone_parts(remote_id: str) -> tuple[str, int]:
    """Repository and number of a milestone, ``milestone:REPO:NUMBER``; ("", 0) where it is no such id."""
    found = _MILESTONE.fullmatch(remote_id)
    return (found[1], int(found[2])) if found else ("", 0)


def number_of(entry: object) -> int:
    """The number of an issue or a pull request; MalformedPage where it has none."""
    found = entry.get("number") if isinstance(entry, dict) else None
    if type(found) is not int:
        raise MalformedPage("GitHub gave an issue without a number")
    return found


def sha_of(commit: object) -> str:
    """The sha of a commit; MalformedPage where it has none."""
    found = text(commit, "sha")
    if not found:
        raise MalformedPage("GitHub gave a commit without a sha")
    return found


def is_pull(entry: Mapping[str, Any]) -> bool:
    """Whether an entry of the list of issues is a pull request."""
    return isinstance(entry.get("pull_request"), dict)


def parent_of(entry: object) -> tuple[str, int] | None:
    """Repository and number of the parent issue, wherever it is."""
    found = _ISSUE_URL.search(text(entry, "parent_issue_url"))
    return (found[1], int(found[2])) if found else None


def is_blocked(entry: object) -> bool:
    """Whether an entry of the list of issues says that other issues block it, or did."""
    counts = inner(entry, "issue_dependencies_summary")
    return any(
        isinstance(count := inner(counts, name), int) and count > 0 for name in ("blocked_by", "total_blocked_by")
    )


def place_of(entry: object) -> tuple[str, int] | None:
    """Full name of the repository, and number, of an issue in a list over several repositories."""
    found, number = _REPO_URL.search(text(entry, "repository_url")), inner(entry, "number")
    return (found[1], number) if found and isinstance(number, int) else None


def blocked_by(full_name: str, number: int, repo: str) -> Reference:
    """The reference to an issue that blocks; ``repo`` is the id of its repository, "" where that cannot be read."""
    key = f"{full_name}#{number}"
    return Reference(ReferenceKind.BLOCKED_BY, key, issue_id(repo, number) if repo else key, "blocked by")


# ── items ────────────────────────────────────────────────────────────────────────────────────────────────────────────


def read_repo(answer: Any, source: str, configured: str = "") -> Repo:
    """The repository; MalformedPage where it has no id or no name."""
    identity, full_name = member(answer, "id", int), member(answer, "full_name", str)
    if isinstance(identity, bool) or "/" not in full_name:
        raise MalformedPage("GitHub gave a repository without an id or a name")
    given = answer.get("permissions")
    return Repo(
        source=source,
        id=str(identity),
        full_name=full_name,
        url=text(answer, "html_url").rstrip("/"),
        branch=text(answer, "default_branch"),
        configured=configured,
        archived=answer.get("archived") is True,
        permissions={name: held is True for name, held in given.items()} if isinstance(given, dict) else {},
    )


def read_issue(
    entry: Any,
    repo: Repo,
    pull: Pull | None = None,
    repositories: Mapping[str, str] | None = None,
    blockers: Iterable[Reference] = (),
) -> Item:
    """The item of one entry of the list of issues; MalformedPage where it has no number.

    ``pull`` is what is known besides of a pull request, ``blockers`` of what blocks an issue; ``repositories`` gives
    the ids of those by whose names (casefolded) parents are called.
    """
    number = number_of(entry)
    kind, noun = ItemKind.TICKET, "issues"
    if is_pull(entry):
        kind, noun = ItemKind.PULL_REQUEST, "pull"
        pull = pull or _listed(entry)
    else:
        pull = None
    created, updated = instant(entry.get("created_at")), instant(entry.get("updated_at"))
    updated = updated or created or EPOCH
    state, status, resolution, completed = _standing(entry, pull)
    return Item(
        source=repo.source,
        remote_id=issue_id(repo.id, number),
        key=f"{repo.full_name}#{number}",
        kind=kind,
        title=text(entry, "title"),
        url=text(entry, "html_url") or f"{repo.url}/{noun}/{number}",
        state=state,
        status=status,
        created_at=created or updated,
        updated_at=updated,
        scope=repo.id,
        project=repo.full_name,
        type=text(entry.get("type"), "name"),
        body=text(entry, "body"),
        resolution=resolution,
        completed_at=(completed or updated) if state is State.DONE else None,
        assignee=_login(entry.get("assignee")) or None,
        author=_login(entry.get("user")) or GHOST,
        labels=_labels(entry.get("labels")),
        references=(*_references(entry, repo, pull, repositories or {}), *blockers),
        branch=pull.branch if pull else "",
        base=pull.base if pull else "",
        head=pull.head if pull else "",
    )


def read_commit(commit: Any, repo: Repo) -> Item:
    """The item of one commit; MalformedPage where it has no sha."""
    sha = sha_of(commit)
    said = commit.get("commit")
    title, _, rest = text(said, "message").partition("\n")
    author, committer = inner(said, "author"), inner(said, "committer")
    written = instant(text(author, "date"))
    done = instant(text(committer, "date")) or written or EPOCH
    parents = commit.get("parents")
    return Item(
        source=repo.source,
        remote_id=commit_id(repo.id, sha),
        key=sha,
        kind=ItemKind.COMMIT,
        title=title.strip(),
        url=text(commit, "html_url") or f"{repo.url}/commit/{sha}",
        state=State.DONE,
        status="",
        created_at=min(written or done, done),
        updated_at=done,
        scope=repo.id,
        project=repo.full_name,
        type="merge" if isinstance(parents, list) and len(parents) > 1 else "",
        body=rest.strip(),
        completed_at=done,
        author=_login(commit.get("author")) or text(author, "name") or GHOST,
    )


def read_pull(answer: Any) -> Pull:
    """What ``GET pulls/N`` knows of a pull request: all but what it closes."""
    base, head = inner(answer, "base"), inner(answer, "head")
    merged_at = instant(inner(answer, "merged_at"))
    return Pull(
        branch=text(head, "ref"),
        base=text(base, "ref"),
        head=text(head, "sha"),
        draft=inner(answer, "draft") is True,
        merged_at=merged_at,
        merge_sha=text(answer, "merge_commit_sha") if merged_at else "",  # before that, of a merge on trial
    )


def _listed(entry: Mapping[str, Any]) -> Pull:
    """What the list of issues alone knows of a pull request."""
    return Pull(draft=entry.get("draft") is True, merged_at=instant(entry["pull_request"].get("merged_at")))


def _standing(entry: Mapping[str, Any], pull: Pull | None) -> tuple[State, str, str | None, datetime | None]:
    """State, GitHub's word for it, resolution, when it was closed."""
    closed_at = instant(entry.get("closed_at"))
    status = text(entry, "state")
    if pull is not None and pull.merged_at:
        return State.DONE, "merged", None, pull.merged_at
    if status == "closed":
        return State.DONE, status, NOT_MERGED if pull else text(entry, "state_reason") or None, closed_at
    if status == "open" and pull is not None:
        return (State.TODO, "draft", None, None) if pull.draft else (State.IN_PROGRESS, status, None, None)
    return State.TODO if status == "open" else State.UNKNOWN, status, None, None


def _references(
    entry: Mapping[str, Any], repo: Repo, pull: Pull | None, repositories: Mapping[str, str]
) -> tuple[Reference, ...]:
    found = []
    if parent := parent_of(entry):
        place, number = parent
        own = place.casefold() == repo.full_name.casefold()
        known = repo.id if own else repositories.get(place.casefold())
        key = f"{place}#{number}"
        found.append(Reference(ReferenceKind.PARENT, key, issue_id(known, number) if known else key, "parent"))
    milestone = entry.get("milestone")
    if isinstance(member_of := inner(milestone, "number"), int):
        title = text(milestone, "title")
        found += [
            Reference(ReferenceKind.MEMBER, f"milestone:{name}#{member_of}", evidence=title) for name in repo.names
        ]
    if pull is not None:
        found += pull.closes
        if pull.merged_at and pull.merge_sha:
            sha = pull.merge_sha
            found.append(Reference(ReferenceKind.MERGED_AS, sha, commit_id(repo.id, sha), "merge commit"))
    return tuple(found)


def _login(account: object) -> str:
    """The name of an account; that of a bot ends with "[bot]" wherever it comes from."""
    login = text(account, "login")
    bot = login and not login.endswith("[bot]") and text(account, "type") == "Bot"
    return f"{login}[bot]" if bot else login


def _labels(value: object) -> tuple[str, ...]:
    if not value or not isinstance(value, list):
        return ()
    names = (label if isinstance(label, str) else text(label, "name") for label in value)
    return tuple(name for name in names if name and not is_managed(name))
