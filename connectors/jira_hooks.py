"""Webhooks of Jira: what a delivery says, and the one that an administrator of a site makes, lists and deletes.

The issue that a delivery names is read by its id too: the index behind the search knows of a change later than the
webhook does. Only webhooks of administrators can be signed by a secret of ours; dynamic ones are for apps.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import orjson

from connectors.jira_fields import id_of
from connectors.raw import inner, text
from connectors.signed import is_signed
from okrsync.errors import MalformedPage, Rejected
from okrsync.model import Scope, Secret
from okrsync.ports import Place, RemoteHook, Told

if TYPE_CHECKING:
    from connectors.jira_api import Api  # loads the jira package

EVENTS = ("jira:issue_created", "jira:issue_deleted", "jira:issue_updated")
SITE = "site"  # the one place of a hook
_PATH = "/rest/webhooks/1.0/webhook"
_FILTER = "issue-related-events-section"
_BY_HAND = (
    "let an administrator of Jira make it: System → WebHooks → Create a WebHook, with this URL and the secret of "
    "webhook_secret, for issues created, updated and deleted"
)


# ── what a delivery says ─────────────────────────────────────────────────────────────────────────────────────────────


def is_genuine(headers: Mapping[str, str], body: bytes, secret: bytes) -> bool:
    return is_signed(headers, "x-hub-signature", "sha256=", body, secret)


def delivery(headers: Mapping[str, str]) -> str:
    """The same for a delivery that is sent again."""
    return headers.get("x-atlassian-webhook-identifier", "")


def told(_: Mapping[str, str], body: bytes, __: str) -> Told:
    payload = orjson.loads(body)
    issue = inner(payload, "issue")
    project, identity = id_of(inner(inner(issue, "fields"), "project")), id_of(issue)
    if not project:
        return Told(None)
    items = frozenset({identity}) if identity.isdecimal() else frozenset[str]()
    return Told(frozenset({project, *_left(inner(payload, "changelog"))}), items)


def _left(changelog: Any) -> Iterator[str]:
    """The projects that the issue was moved out of."""
    items = inner(changelog, "items")
    for item in items if isinstance(items, list) else ():
        if text(item, "field").casefold() == "project" and text(item, "from").isdecimal():
            yield text(item, "from")


# ── hooks ────────────────────────────────────────────────────────────────────────────────────────────────────────────


class SiteHooks:
    """The webhooks of a site. Implements the port Hooks.

    Data Center takes no secret by this way: there a person has to make it.
    """

    chooses = False

    def __init__(self, api: Api, *, cloud: bool) -> None:
        self._api, self._cloud = api, cloud

    def places(self, scopes: Sequence[Scope]) -> Sequence[Place]:
        return [Place(SITE, self._api.host, frozenset(scope.id for scope in scopes))] if scopes else []

    def listed(self, place: Place) -> Sequence[RemoteHook]:
        if not self._cloud:
            raise Rejected(f"{self._api.host}: Jira Data Center takes no secret from a program; {_BY_HAND}")
        rows = self._asked("GET", _PATH, None)
        if not isinstance(rows, list):
            raise MalformedPage(f"{self._api.host}: {_PATH} is no list")
        return [_read(row, place) for row in rows]

    def make(self, place: Place, url: str, secret: Secret) -> RemoteHook:
        return _read(self._asked("POST", _PATH, _body(place, url, secret)), place)

    def renew(self, place: Place, identity: str, url: str, secret: Secret) -> RemoteHook:
        return _read(self._asked("PUT", f"{_PATH}/{identity}", _body(place, url, secret)), place)

    def remove(self, _: Place, identity: str) -> None:
        try:
            self._asked("DELETE", f"{_PATH}/{identity}", None)
        except Rejected as error:
            if error.status != 404:
                raise

    def _asked(self, method: str, path: str, body: Any) -> Any:
        try:
            return self._api.call(method, path, None, body)
        except Rejected as error:
            if error.status not in (401, 403):
                raise
            said = f"{self._api.host}: this account does not administer Jira; {_BY_HAND}"
            raise Rejected(said, status=error.status) from None


def _body(place: Place, url: str, secret: Secret) -> Any:
    return {
        "name": "okrsync",
        "url": url,
        "events": list(EVENTS),
        "filters": {_FILTER: _query(place)},
        "excludeBody": False,
        "secret": secret.reveal(),
    }


def _query(place: Place) -> str:
    return f"project in ({', '.join(sorted(place.scopes))})"


def _read(row: Any, place: Place) -> RemoteHook:
    """Its id stands at the end of its own address."""
    told = set(EVENTS) <= set(inner(row, "events") or ())
    about = text(inner(row, "filters"), _FILTER) == _query(place)
    whole = inner(row, "excludeBody") is not True and inner(row, "enabled") is not False
    return RemoteHook(
        id=text(row, "self").rstrip("/").rpartition("/")[2], url=text(row, "url"), fits=told and about and whole
    )
