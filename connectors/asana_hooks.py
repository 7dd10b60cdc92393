"""Webhooks of Asana: what a delivery says, and those of projects, made, listed and deleted.

Asana chooses the secret of each webhook and tells it once, to the address, while the webhook is being made. A delivery
names tasks by their gids alone; what happened is asked of the events of the project.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import orjson

from connectors import asana_wire as wire
from connectors.raw import inner, text
from connectors.signed import is_signed
from okrsync.model import Json, Scope, Secret
from okrsync.ports import Place, RemoteHook, Told

if TYPE_CHECKING:
    from connectors.asana_api import Api  # loads the asana package

FILTERS: tuple[tuple[str, str], ...] = tuple(
    (kind, action)
    for kind, actions in (
        ("task", ("added", "changed", "deleted", "removed", "undeleted")),
        ("section", ("added", "changed", "deleted", "removed")),
    )
    for action in actions
)
"""(kind, action) of what moves a number of ours; stories, which are most of what happens, do not."""

_FIELDS = "active,target,last_failure_content,last_success_at,last_failure_at,filters.resource_type,filters.action"


# ── what a delivery says ─────────────────────────────────────────────────────────────────────────────────────────────


def is_genuine(headers: Mapping[str, str], body: bytes, secret: bytes) -> bool:
    return is_signed(headers, "x-hook-signature", "", body, secret)


def delivery(_: Mapping[str, str]) -> str:
    """Asana does not name what it sends."""
    return ""


def told(_: Mapping[str, str], body: bytes, place: str) -> Told:
    """A heartbeat says nothing."""
    events = inner(orjson.loads(body), "events")
    if isinstance(events, list) and not events:
        return Told(frozenset())
    return Told(frozenset({place}) if place else None)


# ── hooks ────────────────────────────────────────────────────────────────────────────────────────────────────────────


class ProjectHooks:
    """The webhooks of projects. Implements the port Hooks. ``archived`` are the projects that are, when it is asked."""

    chooses = True

    def __init__(self, api: Api, workspace: str, archived: Collection[str]) -> None:
        self._api, self._workspace, self._archived = api, workspace, archived

    def places(self, scopes: Sequence[Scope]) -> Sequence[Place]:
        """Every project in which something may still happen."""
        live = [scope for scope in scopes if scope.id not in self._archived]
        return [Place(scope.id, scope.name or scope.key, frozenset({scope.id})) for scope in live]

    def listed(self, place: Place) -> Sequence[RemoteHook]:
        query = {"workspace": self._workspace, "resource": place.id, "limit": "100", "opt_fields": _FIELDS}
        return [_read(row) for page in self._api.pages("/webhooks", query) for row in page]

    def make(self, place: Place, url: str, _: Secret) -> RemoteHook:
        filters: list[Json] = [{"resource_type": kind, "action": action} for kind, action in FILTERS]
        return _read(self._api.post("/webhooks", {"resource": place.id, "target": url, "filters": filters}))

    def renew(self, place: Place, identity: str, url: str, secret: Secret) -> RemoteHook:
        """Another one in its place: Asana tells no secret twice."""
        self.remove(place, identity)
        return self.make(place, url, secret)

    def remove(self, _: Place, identity: str) -> None:
        self._api.delete(f"/webhooks/{quote(identity, safe='')}")


def _read(row: Any) -> RemoteHook:
    filters = inner(row, "filters")
    wants = {(text(one, "resource_type"), text(one, "action")) for one in filters or ()}
    failed, succeeded = text(row, "last_failure_at"), text(row, "last_success_at")
    return RemoteHook(
        id=wire.gid_of(row),
        url=text(row, "target"),
        fits=inner(row, "active") is not False and set(FILTERS) <= wants,
        failing=(text(row, "last_failure_content") or "failed") if failed > succeeded else "",
    )
