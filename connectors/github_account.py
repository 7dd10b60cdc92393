"""Who we are on GitHub, what we may do there, and what is left of the quotas, for people to read."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from connectors.github_repositories import Repositories
from connectors.github_sink import SURFACES
from connectors.raw import inner, instant, text
from okrsync.errors import Rejected
from okrsync.model import Account, Lack, Limit, Scope, Surface

if TYPE_CHECKING:
    from connectors.github_api import Api  # loads PyGithub

RIGHTS: Mapping[str, tuple[str, frozenset[Surface]]] = {
    "pull": ("nothing can be read", frozenset()),
    "triage": ("labels cannot be written", frozenset({Surface.LABEL, Surface.OBJECTIVE_LABEL})),
    "push": (
        "commit statuses and the descriptions of milestones cannot be written",
        frozenset({Surface.STATUS, Surface.BLOCK}),
    ),
}
"""Permission on a repository → what is not possible without it."""

PARTS = {
    "issues": ("issues", "issues cannot be read"),
    "pullRequests": ("pull_requests", "pull requests cannot be read"),
    "defaultBranchRef": ("commits", "commits cannot be read"),
}
"""Part of a repository that a query was refused → what people call it, and what is not possible then."""

GRANTS = (
    ("metadata", "read", "nothing can be read", frozenset[Surface]()),
    ("issues", "read", "issues cannot be read", frozenset[Surface]()),
    ("pull_requests", "read", "pull requests cannot be read", frozenset[Surface]()),
    ("contents", "read", "commits cannot be read", frozenset[Surface]()),
    (
        "issues",
        "write",
        "labels, comments and the descriptions of milestones cannot be written",
        SURFACES - {Surface.STATUS},
    ),
    ("statuses", "write", "commit statuses cannot be written", frozenset({Surface.STATUS})),
)
"""Permission that an app is granted, how much of it, and what is not possible without it."""

_LEVELS = ("", "read", "write", "admin")


def account(api: Api, scopes: Sequence[Scope], repositories: Repositories) -> Account:
    """The account of a token, or the app; ``scopes`` are those that were just asked."""
    headers: Mapping[str, str] = {}
    rights: dict[str, bool] = {}
    if api.app:
        name = f"{text(api.app.ask('/app'), 'slug')}[bot]"
        lacks = list(_of_app(api.app.granted(), rights))
    else:
        me = api.get("/user")
        name, headers = text(me.value, "login"), me.headers
        lacks = list(_of_token(headers, rights))
    for scope in scopes:
        lacks += _of_scope(scope, repositories, rights, by_app=api.app is not None)
    return Account(
        name=name,
        product=f"GitHub Enterprise Server {api.version}" if api.version else "GitHub",
        timezone="UTC",
        rights=rights,
        lacks=tuple(lacks),
        limits=tuple(_limits(api)),
        expires_at=_expiry(headers.get("GitHub-Authentication-Token-Expiration", "")),
    )


def _of_app(granted: Mapping[str, str], rights: dict[str, bool]) -> Iterator[Lack]:
    for permission, level, without, surfaces in GRANTS:
        held = _LEVELS.index(found) if (found := granted.get(permission, "")) in _LEVELS else 0
        rights[f"{permission}:{level}"] = held >= _LEVELS.index(level)
        if held < _LEVELS.index(level):
            yield Lack(f"the app lacks {permission}: {level}; {without}", surfaces)


def _of_token(headers: Mapping[str, str], rights: dict[str, bool]) -> Iterator[Lack]:
    """A classic token says what it may do, others do not."""
    if "X-OAuth-Scopes" not in headers:
        return
    granted = {one.strip() for one in headers["X-OAuth-Scopes"].split(",")}
    rights["scope:repo"] = "repo" in granted
    if "repo" not in granted:
        yield Lack("the token lacks the scope repo: public repositories only")
    if not granted & {"repo", "public_repo"}:
        yield Lack("the token lacks the scope repo: nothing can be written", SURFACES)


def _of_scope(scope: Scope, repositories: Repositories, rights: dict[str, bool], *, by_app: bool) -> Iterator[Lack]:
    """What we lack in one repository. What an app may do there, its own permissions say."""
    repo = repositories.of(scope.id) if scope.readable else None
    if repo is None:
        rights[f"{scope.key} pull"] = False
        yield Lack(f"{scope.key}: {RIGHTS['pull'][0]} ({scope.why})")
        return
    for part, said in repositories.lacks.get(scope.id, {}).items():
        if part in PARTS:
            name, without = PARTS[part]
            rights[f"{scope.key} {name}"] = False
            yield Lack(f"{scope.key}: {without} ({said})")
    if by_app:
        return
    for right, (without, surfaces) in RIGHTS.items():
        if right in repo.permissions:
            rights[f"{scope.key} {right}"] = repo.permissions[right]
            if not repo.permissions[right]:
                yield Lack(f"{scope.key}: without {right}, {without}", surfaces)


def _limits(api: Api) -> Iterator[Limit]:
    """The quotas as they are now; none on a server without limits, which has no such address."""
    try:
        resources = inner(api.get("/rate_limit").value, "resources")
    except Rejected:
        return
    for name in ("core", "graphql", "search"):
        said = inner(resources, name)
        limit, left, reset = (inner(said, what) for what in ("limit", "remaining", "reset"))
        if isinstance(limit, int) and isinstance(left, int) and limit:
            yield Limit(name, limit, left, instant(reset))


def _expiry(said: str) -> datetime | None:
    """When a token ends, from its header: "2026-12-01 08:00:00 UTC", or with an offset."""
    return instant(said.replace(" UTC", "Z").replace(" ", "T", 1).replace(" ", "")) if said else None
