"""What a handler of the GitHub sandbox gets, and how GitHub says no."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

import orjson

from okrsync.sandbox.github.changes import Hand
from okrsync.sandbox.github.directory import Directory
from okrsync.sandbox.github.limits import Limits
from okrsync.sandbox.github.show import Show
from okrsync.sandbox.github.state import State
from okrsync.sandbox.github.values import Issue, User, stamp
from okrsync.sandbox.web import HttpError, Request, Response

if TYPE_CHECKING:
    from okrsync.sandbox.github.apps import Apps, Installation

DOCUMENTATION = "https://docs.github.com/rest"
_BELOW = r"^/(?:repos/[^/]+/[^/]+|repositories/\d+)"
_RIGHTS = tuple(
    (re.compile(f"{_BELOW}/{words}"), right)
    for words, right in (
        (r"(?:issues|labels|milestones)\b", "issues"),
        (r"pulls\b", "pull_requests"),
        (r"commits/[^/]+/status", "statuses"),
        (r"(?:commits|compare|branches)\b", "contents"),
    )
)
"""What it takes to read below a repository: path → permission."""


@dataclass(slots=True)
class Account:
    """Who asks. ``scopes`` are those of a classic token, None for another; ``denied`` names what it may not write
    (issues, pull_requests, statuses) or not even read ("issues:read", "contents:read" …), and the roles that it lacks
    (push, triage). From ``expires_at`` on the token is refused. ``installation`` is set where an App asks."""

    user: User
    scopes: str | None
    denied: set[str]
    expires_at: datetime | None = None
    installation: Installation | None = None

    @property
    def permissions(self) -> dict[str, bool]:
        """What the account may do in a repository, as its object says; an App has no role anywhere."""
        role = self.installation is None
        push, triage = role and "push" not in self.denied, role and "triage" not in self.denied
        return {"admin": False, "maintain": False, "push": push, "triage": triage, "pull": True}


@dataclass(frozen=True, slots=True)
class Call:
    """One request. ``token`` is empty for a stranger; ``base`` is the address of the API. Without ``limits`` there are
    none."""

    directory: Directory
    account: Account
    token: str
    limits: Limits | None
    request: Request
    base: str
    args: Mapping[str, str]
    show: Show
    apps: Apps

    @property
    def hand(self) -> Hand:
        return Hand(self.account.user, self.directory.clock())

    def repository(self) -> State:
        """The repository of the path; 404 where the token may not see one, 301 or 307 where it has another name."""
        if "repository_id" in self.args:
            found = self.directory.repositories.get(int(self.args["repository_id"]))
        else:
            found = self.directory.named(f"{self.args['owner']}/{self.args['repo']}")
        if found is None or not self.sees(found):
            raise not_found()
        if "repo" in self.args and f"{self.args['owner']}/{self.args['repo']}".casefold() != found.full_name.casefold():
            rest = self.request.path.split("/", 4)[4:]
            raise self.moved("/".join([f"/repositories/{found.id}", *rest]))
        return found

    def sees(self, state: State) -> bool:
        """Whether the token may see the repository."""
        installation = self.account.installation
        return (
            not state.hidden
            and bool(self.token or not state.facts.get("private"))
            and (installation is None or installation.holds(state.full_name))
        )

    def moved(self, path: str) -> HttpError:
        """The redirect to another path, with the query: 301 for reading, 307 for anything else."""
        query = urlencode(self.request.query, doseq=True)
        location = self.base + path + (f"?{query}" if query else "")
        status = 301 if self.request.method in ("GET", "HEAD") else 307
        body = {"message": "Moved Permanently", "url": location, "documentation_url": f"{DOCUMENTATION}#http-redirects"}
        return HttpError(Response.of(body, status, {"Location": location}))

    def issue(self, *, pull: bool = False) -> tuple[State, Issue]:
        """Repository and issue of the path; 301 where it was transferred, 410 where it was deleted, else 404."""
        state = self.repository()
        number = self.number("number")
        found = state.issues.get(number)
        if found is not None and not (pull and found.pull is None):
            return state, found
        if number in state.gone and not pull:
            ref = state.gone[number]
            if ref is None:
                raise refuse(410, "This issue was deleted")
            ref = self.directory.current(ref)
            to = self.directory.named(ref.repository)
            if to is not None and self.sees(to):
                rest = self.request.path.partition(f"/issues/{number}")[2]
                raise self.moved(f"/repositories/{to.id}/issues/{ref.number}{rest}")
        raise not_found()

    def lag(self, state: State, kind: str, which: object, before: object) -> None:
        """Where a fault wants it, what was just written is seen late: until then this is."""
        fault = self.request.fault
        if fault is not None and fault.kind == "late":
            state.late[kind, which] = (self.directory.clock() + timedelta(seconds=fault.seconds), before)

    def number(self, name: str) -> int:
        """A number of the path; 404 where it is none."""
        text = self.args[name]
        if not text.isdecimal():
            raise not_found()
        return int(text)

    def may_write(self, permission: str, role: str = "") -> None:
        """403 where the account lacks the right or the role that this needs, 401 for a stranger."""
        if not self.token:
            raise refuse(401, "Requires authentication")
        if permission in self.account.denied:
            raise self.forbidden(f"{permission}=write")
        if role in self.account.denied:
            raise refuse(403, f"Must have {role} access to Repository.")

    def may_read(self) -> None:
        """403 where the account lacks the right to read what the path names."""
        wanted = next((right for words, right in _RIGHTS if words.search(self.request.path)), "metadata")
        if f"{wanted}:read" in self.account.denied:
            raise self.forbidden(f"{wanted}=read")

    def forbidden(self, needs: str = "") -> HttpError:
        """The refusal of what the token was not given; ``needs`` is the permission that it takes."""
        by = "integration" if self.account.installation else "personal access token"
        refusal = refuse(403, f"Resource not accessible by {by}").response
        return HttpError(Response(403, refusal.body, {"X-Accepted-GitHub-Permissions": needs} if needs else {}))

    def body(self) -> dict[str, Any]:
        """The body, which must be a JSON object."""
        try:
            value = self.request.json()
        except orjson.JSONDecodeError:
            raise refuse(400, "Problems parsing JSON") from None
        if not isinstance(value, dict):
            raise refuse(400, "Body should be a JSON object")
        return value

    def choice(self, name: str, allowed: tuple[str, ...]) -> str:
        """A query parameter that is one of these, the first by default; 422 where it is another."""
        value = self.request.first(name) or allowed[0]
        if value not in allowed:
            raise invalid("Issue", name)
        return value

    def instant(self, name: str) -> str | None:
        """A query parameter that is an instant, as a stamp; 422 where it is none."""
        value = self.request.first(name)
        if not value:
            return None
        try:
            at = datetime.fromisoformat(value.replace(" ", "+"))
            return stamp(at if at.tzinfo else at.replace(tzinfo=UTC))
        except ValueError:
            raise invalid("Issue", name) from None


def refuse(status: int, message: str, **more: Any) -> HttpError:
    """A refusal in GitHub's shape."""
    body = {"message": message, **more, "documentation_url": DOCUMENTATION, "status": str(status)}
    return HttpError(Response.of(body, status))


def not_found() -> HttpError:
    """What is absent and what may not be seen look the same."""
    return refuse(404, "Not Found")


def invalid(resource: str, field: str, code: str = "invalid", message: str | None = None) -> HttpError:
    """A value that GitHub does not take."""
    error = {"resource": resource, "field": field, "code": code}
    return refuse(422, "Validation Failed", errors=[{**error, "message": message} if message else error])
