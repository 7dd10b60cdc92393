"""Webhooks of a workspace: the handshake while one is made, the API of them, and what they send."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

import orjson

from okrsync.sandbox.asana.call import Call, answer, nothing, refuse
from okrsync.sandbox.asana.events import Entry
from okrsync.sandbox.asana.records import Record, compact, stamp
from okrsync.sandbox.asana.workspace import Workspace
from okrsync.sandbox.post import Delivery, send, signature
from okrsync.sandbox.web import Response

_KEPT = 1000
_FIELDS = frozenset({"resource_type", "resource_subtype", "action", "fields"})
_UNREACHABLE = "The remote server which is intended to receive the webhook responded with an incorrect HTTP status"
_COMPACT = ("gid", "resource_type", "resource_subtype")


@dataclass(slots=True)
class Hook:
    """One webhook; ``place`` is up to where in the log of its workspace it has told."""

    gid: str
    resource: Record
    target: str
    secret: str
    filters: list[Record]
    place: int
    created_at: str
    active: bool = True
    last_success_at: str | None = None
    last_failure_at: str | None = None
    last_failure_content: str = ""
    deliveries: list[Delivery] = field(default_factory=list)

    def wants(self, event: Record) -> bool:
        return not self.filters or any(_fits(one, event) for one in self.filters)


def _fits(one: Record, event: Record) -> bool:
    resource = event.get("resource") or {}
    changed = (event.get("change") or {}).get("field")
    return (
        one.get("resource_type") in (None, event["type"])
        and one.get("resource_subtype") in (None, resource.get("resource_subtype"))
        and one.get("action") in (None, event["action"])
        and (not one.get("fields") or changed in one["fields"])
    )


# ── what they send ───────────────────────────────────────────────────────────────────────────────────────────────────


def notice(workspace: Workspace) -> None:
    """What happened since the last time is on its way to whoever wants to know; hold the lock of the workspace."""
    for hook in workspace.hooks.values():
        entries = workspace.log.after(hook.place)
        hook.place = workspace.log.end
        events = [_told(one) for one in entries if hook.resource["gid"] in one.watched and hook.wants(one.event)]
        if events and hook.active:
            _put(workspace, hook, events)


def beat(workspace: Workspace) -> None:
    """Every webhook sends a delivery without an event, as Asana does every eight hours."""
    for hook in workspace.hooks.values():
        _put(workspace, hook, [])


def _put(workspace: Workspace, hook: Hook, events: list[Record]) -> None:
    body = orjson.dumps({"events": events})
    made = Delivery(hook.target, {"X-Hook-Signature": signature(hook.secret, body)}, body, event="events")

    def sent(delivery: Delivery) -> None:
        hook.deliveries.append(delivery)
        del hook.deliveries[:-_KEPT]
        now = stamp(workspace.clock())
        if delivery.status in (200, 204):
            hook.last_success_at = now
        else:
            hook.last_failure_at, hook.last_failure_content = now, delivery.said or f"status {delivery.status}"

    workspace.post.put(made, sent)


def _told(entry: Entry) -> Record:
    """An event as a webhook has it: of what it names, no more than gid and type."""
    found = {name: value for name, value in entry.event.items() if name != "type"}
    for name in ("user", "resource", "parent"):
        if found.get(name):
            found[name] = {key: found[name][key] for key in _COMPACT if key in found[name]}
    return found


# ── what the API says of them ────────────────────────────────────────────────────────────────────────────────────────


def listed(call: Call) -> Response:
    """Those of a workspace, or of one resource in it."""
    if call.first("workspace") != call.workspace.gid:
        raise refuse(400, "workspace: Missing input")
    resource = call.first("resource")
    found = [one for one in call.workspace.hooks.values() if resource in (None, one.resource["gid"])]
    return answer({"data": [_shown(one) for one in found], "next_page": None})


def read(call: Call) -> Response:
    return answer({"data": _shown(_hook(call))})


def create(call: Call) -> Response:
    """A webhook, once its address has told back the secret. To be called without the lock of the workspace: whoever is
    asked there may ask us meanwhile."""
    with call.workspace.lock:
        data = call.data()
        resource = call.seen(("project", "task", "goal", "portfolio"), data.get("resource"), "resource")
        target, filters = data.get("target"), data.get("filters", [])
        parts = urlsplit(target if isinstance(target, str) else "")
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise refuse(400, "target: Not a valid URL")
        if parts.hostname == "localhost":
            raise refuse(403, "The target of a webhook must be reachable from the internet")
        if any(one.resource is resource and one.target == target for one in call.workspace.hooks.values()):
            raise refuse(403, "A webhook with the same resource and target exists already")
        if not isinstance(filters, list) or any(set(one) - _FIELDS for one in filters):
            raise refuse(400, "filters: Not a valid filter")
        gid, secret = call.workspace.next_gid(), secrets.token_hex(32)
    shake = Delivery(str(target), {"X-Hook-Secret": secret}, b"{}")
    send(shake)
    if shake.status not in (200, 204) or shake.answer.get("x-hook-secret") != secret:
        raise refuse(400, f"{_UNREACHABLE} ({shake.status or shake.said})")
    with call.workspace.lock:
        now = stamp(call.workspace.clock())
        hook = Hook(gid, resource, str(target), secret, filters, call.workspace.log.end, now)
        call.workspace.hooks[gid] = hook
    return answer({"data": _shown(hook), "X-Hook-Secret": secret}, 201)


def update(call: Call) -> Response:
    hook = _hook(call)
    hook.filters = call.data().get("filters", hook.filters)
    return answer({"data": _shown(hook)})


def delete(call: Call) -> Response:
    hook = _hook(call)
    notice(call.workspace)
    del call.workspace.hooks[hook.gid]
    return nothing()


def _hook(call: Call) -> Hook:
    found = call.workspace.hooks.get(call.args["gid"])
    if found is None:
        raise refuse(404, f"webhook: Unknown object: {call.args['gid']}")
    return found


def _shown(hook: Hook) -> dict[str, Any]:
    found = {name: value for name, value in compact("webhook", hook.gid, "").items() if name != "name"}
    return {
        **found,
        "active": hook.active,
        "resource": {name: hook.resource[name] for name in ("gid", "resource_type", "name")},
        "target": hook.target,
        "created_at": hook.created_at,
        "filters": hook.filters,
        "last_success_at": hook.last_success_at,
        "last_failure_at": hook.last_failure_at,
        "last_failure_content": hook.last_failure_content,
    }
