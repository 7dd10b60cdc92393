"""Webhooks of GitHub: what a delivery says, and the hooks of repositories, made, listed and deleted.

Of a delivery the repository is what counts: it is read anew. An issue is named only where the list of what changed may
not show it: links between issues need not update them, and what was deleted or transferred stands in no list.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import orjson

from connectors import github_wire as wire
from connectors.raw import inner, text
from connectors.signed import is_signed
from okrsync.errors import Rejected
from okrsync.model import Json, Scope, Secret
from okrsync.ports import Place, RemoteHook, Told

if TYPE_CHECKING:
    from connectors.github_api import Api  # loads PyGithub

EVENTS = (
    "issue_dependencies",
    "issues",
    "label",
    "milestone",
    "pull_request",
    "push",
    "repository",
    "sub_issues",
)
"""What moves a number of ours; comments, reviews and the like do not."""

OLDER = tuple(event for event in EVENTS if event not in ("issue_dependencies", "sub_issues"))
"""Those that every Enterprise Server has."""

_GONE = ("deleted", "transferred")
_LINKED = {
    "sub_issues": (("sub_issue", "sub_issue_repo"), ("parent_issue", "parent_issue_repo")),
    "issue_dependencies": (("blocked_issue", "blocked_issue_repo"), ("blocking_issue", "blocking_issue_repo")),
}
"""Event → its issues, each with the member that names another repository than that of the event."""


# ── what a delivery says ─────────────────────────────────────────────────────────────────────────────────────────────


def is_genuine(headers: Mapping[str, str], body: bytes, secret: bytes) -> bool:
    return is_signed(headers, "x-hub-signature-256", "sha256=", body, secret)


def delivery(headers: Mapping[str, str]) -> str:
    """The same for a delivery that is sent again."""
    return headers.get("x-github-delivery", "")


def told(headers: Mapping[str, str], body: bytes, _: str) -> Told:
    event = headers.get("x-github-event", "")
    if event == "ping":
        return Told(frozenset())
    payload = orjson.loads(body)
    here = _id(inner(payload, "repository"))
    if not here:
        return Told(None)
    items = frozenset(_items(event, payload, here))
    there = _id(inner(inner(payload, "changes"), "new_repository"))
    return Told(frozenset({here, there, *(wire.parts(one)[0] for one in items)} - {""}), items)


def _items(event: str, payload: Any, here: str) -> Iterator[str]:
    if event == "issues" and text(payload, "action") in _GONE:
        yield from _issue(inner(payload, "issue"), here)
    for issue, repository in _LINKED.get(event, ()):
        yield from _issue(inner(payload, issue), _id(inner(payload, repository)) or here)


def _issue(issue: Any, repository: str) -> Iterator[str]:
    if type(number := inner(issue, "number")) is int and number > 0:
        yield wire.issue_id(repository, number)


def _id(repository: Any) -> str:
    number = inner(repository, "id")
    return str(number) if type(number) is int else ""


# ── hooks ────────────────────────────────────────────────────────────────────────────────────────────────────────────


class RepositoryHooks:
    """The hooks of repositories. Implements the port Hooks."""

    chooses = False

    def __init__(self, api: Api) -> None:
        self._api = api

    def places(self, scopes: Sequence[Scope]) -> Sequence[Place]:
        return [Place(scope.id, scope.key, frozenset({scope.id})) for scope in scopes]

    def listed(self, place: Place) -> Sequence[RemoteHook]:
        return [_read(row) for rows, _ in self._api.pages(_path(place), {"per_page": "100"}) for row in rows]

    def make(self, place: Place, url: str, secret: Secret) -> RemoteHook:
        return self._send("POST", _path(place), url, secret, {"name": "web"})

    def renew(self, place: Place, identity: str, url: str, secret: Secret) -> RemoteHook:
        return self._send("PATCH", f"{_path(place)}/{identity}", url, secret, {})

    def remove(self, place: Place, identity: str) -> None:
        try:
            self._api.call("DELETE", f"{_path(place)}/{identity}")
        except Rejected as error:
            if error.status != 404:
                raise

    def _send(self, method: str, path: str, url: str, secret: Secret, more: Mapping[str, Json]) -> RemoteHook:
        """With all events; with the older ones where the server knows no others."""
        config: Json = {"url": url, "content_type": "json", "insecure_ssl": "0", "secret": secret.reveal()}

        def send(events: Sequence[str]) -> RemoteHook:
            return _read(
                self._api.call(method, path, {**more, "active": True, "config": config, "events": list(events)})
            )

        try:
            return send(EVENTS)
        except Rejected as error:
            if error.status != 422 or "event" not in str(error).casefold():
                raise
        return send(OLDER)


def _path(place: Place) -> str:
    return f"/repositories/{place.id}/hooks"


def _read(row: Any) -> RemoteHook:
    config, last = inner(row, "config"), inner(row, "last_response")
    code = inner(last, "code")
    failed = type(code) is int and not 200 <= code < 300
    listens = set(OLDER) <= set(inner(row, "events") or ())
    fits = listens and inner(row, "active") is True and text(config, "content_type") == "json"
    return RemoteHook(
        id=str(inner(row, "id") or ""),
        url=text(config, "url"),
        fits=fits and str(inner(config, "insecure_ssl")) == "0",
        failing=(text(last, "message") or f"answered {code}") if failed else "",
    )
