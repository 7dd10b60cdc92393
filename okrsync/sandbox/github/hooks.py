"""Webhooks of repositories: made, listed, changed and deleted, their deliveries, a ping and a redelivery."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import orjson

from okrsync.sandbox.github.call import Call, invalid, not_found, refuse
from okrsync.sandbox.github.noticed import differences, look
from okrsync.sandbox.github.state import State
from okrsync.sandbox.github.values import stamp
from okrsync.sandbox.post import Delivery, signature
from okrsync.sandbox.web import Response

Json = dict[str, Any]
EVENTS = frozenset(
    {"*", "issue_comment", "issue_dependencies", "issues", "label", "milestone", "ping"}
    | {"pull_request", "push", "repository", "status", "sub_issues"}
)
_KEPT = 1000  # deliveries of one hook
_MASK = "********"


@dataclass(slots=True)
class Hook:
    """One webhook of a repository."""

    id: int
    url: str
    secret: str
    events: list[str]
    content_type: str
    insecure_ssl: str
    active: bool
    created_at: str
    updated_at: str
    deliveries: list[Delivery] = field(default_factory=list)

    def wants(self, event: str) -> bool:
        return self.active and (event == "ping" or event in self.events or "*" in self.events)

    def prepared(self, event: str, payload: Json, repository: int) -> Delivery:
        """What is sent of an event, signed as GitHub signs."""
        body = orjson.dumps(payload)
        made = Delivery(self.url, {}, body, event=event, action=payload.get("action"))
        made.headers |= {
            "User-Agent": "GitHub-Hookshot/0000000",
            "Accept": "*/*",
            "X-GitHub-Event": event,
            "X-GitHub-Delivery": made.guid,
            "X-GitHub-Hook-ID": str(self.id),
            "X-GitHub-Hook-Installation-Target-ID": str(repository),
            "X-GitHub-Hook-Installation-Target-Type": "repository",
        }
        if self.secret:
            made.headers["X-Hub-Signature"] = f"sha1={signature(self.secret, body, 'sha1')}"
            made.headers["X-Hub-Signature-256"] = f"sha256={signature(self.secret, body)}"
        return made

    def sent(self, delivery: Delivery) -> None:
        self.deliveries.append(delivery)
        del self.deliveries[:-_KEPT]


def notice(state: State) -> None:
    """What changed since the last time is on its way to whoever wants to know; hold the lock of the directory."""
    if not state.hooks:
        state.noticed = None
        return
    if state.noticed is not None and state.noticed.revision == state.directory.revision:
        return
    before, state.noticed = state.noticed, look(state, state.noticed)
    for event, payload in differences(state, before, state.noticed) if before else ():
        for hook in state.hooks.values():
            if hook.wants(event):
                state.directory.post.put(hook.prepared(event, payload, state.id), hook.sent)


# ── what the API says of them ────────────────────────────────────────────────────────────────────────────────────────


def listed(call: Call) -> Response:
    state = _administered(call)
    return Response.of([_shown(call, state, one) for one in state.hooks.values()])


def read(call: Call) -> Response:
    state, hook = _hook(call)
    return Response.of(_shown(call, state, hook))


def create(call: Call) -> Response:
    """A webhook, and a ping to it; 422 where one with this address and these events is there."""
    state = _administered(call)
    body = call.body()
    url, secret, kind, insecure = _config(body, "", "", "form", "0")
    events = _events(body.get("events", ["push"]))
    if any(one.url == url for one in state.hooks.values()):
        raise invalid("Hook", "", "custom", "Hook already exists on this repository")
    now = stamp(call.directory.clock())
    hook = Hook(state.next_id("hook"), url, secret, events, kind, insecure, body.get("active", True), now, now)
    notice(state)
    state.hooks[hook.id] = hook
    state.noticed = state.noticed or look(state)
    _ping(call, state, hook)
    return Response.of(_shown(call, state, hook), 201)


def update(call: Call) -> Response:
    state, hook = _hook(call)
    body = call.body()
    hook.url, hook.secret, hook.content_type, hook.insecure_ssl = _config(
        body, hook.url, hook.secret, hook.content_type, hook.insecure_ssl
    )
    hook.events = _events(body.get("events", hook.events))
    hook.active = body.get("active", hook.active)
    hook.updated_at = stamp(call.directory.clock())
    return Response.of(_shown(call, state, hook))


def delete(call: Call) -> Response:
    state, hook = _hook(call)
    notice(state)
    del state.hooks[hook.id]
    return Response(204)


def ping(call: Call) -> Response:
    state, hook = _hook(call)
    _ping(call, state, hook)
    return Response(204)


def deliveries(call: Call) -> Response:
    """The newest first; ``status=failure`` leaves out those that were taken."""
    _, hook = _hook(call)
    wanted = call.request.first("status")
    size = int(call.request.first("per_page") or 30)
    found = [one for one in reversed(hook.deliveries) if wanted is None or (wanted == "success") is _taken(one)]
    return Response.of([_delivery(call, one) for one in found[:size]])


def redeliver(call: Call) -> Response:
    """The same body once more, under the same name."""
    _, hook = _hook(call)
    wanted = call.number("delivery")
    before = next((one for one in hook.deliveries if _number(one) == wanted), None)
    if before is None:
        raise not_found()
    again = Delivery(hook.url, before.headers, before.body, before.guid, before.event, before.action, redelivery=True)
    call.directory.post.put(again, hook.sent)
    return Response.of({}, 202)


def _ping(call: Call, state: State, hook: Hook) -> None:
    payload = {
        "zen": "Keep it logically awesome.",
        "hook_id": hook.id,
        "hook": _shown(call, state, hook),
        "repository": call.show.repository(state),
        "sender": call.show.user(call.account.user),
    }
    call.directory.post.put(hook.prepared("ping", payload, state.id), hook.sent)


def _administered(call: Call) -> State:
    """The repository of the path, whose webhooks the token may see and make; 404 where it lacks the right."""
    state = call.repository()
    if not call.token:
        raise refuse(401, "Requires authentication")
    if "hooks" in call.account.denied and call.account.scopes is not None:
        raise not_found()  # a classic token; another one is told what it lacks
    call.may_write("hooks")
    return state


def _hook(call: Call) -> tuple[State, Hook]:
    state = _administered(call)
    found = state.hooks.get(call.number("hook"))
    if found is None:
        raise not_found()
    return state, found


def _config(body: Json, url: str, secret: str, kind: str, insecure: str) -> tuple[str, str, str, str]:
    """Of ``config`` what it names; a whole one takes the place of what was there, as on GitHub."""
    if "config" not in body and url:
        return url, secret, kind, insecure
    config = body.get("config")
    if not isinstance(config, dict) or not str(config.get("url", "")).startswith(("http://", "https://")):
        raise invalid("Hook", "url", "custom", "url is not supported because it isn't reachable over the public net")
    kind = config.get("content_type", "form")
    if kind not in ("json", "form"):
        raise invalid("Hook", "content_type")
    return config["url"], config.get("secret") or "", kind, str(config.get("insecure_ssl", "0"))


def _events(events: Any) -> list[str]:
    if not isinstance(events, list) or not events or not EVENTS.issuperset(events):
        raise invalid("Hook", "events", "custom", "The events are not supported")
    return sorted(set(events))


def _shown(call: Call, state: State, hook: Hook) -> Json:
    address = f"{call.base}/repos/{state.full_name}/hooks/{hook.id}"
    last = hook.deliveries[-1] if hook.deliveries else None
    config = {"content_type": hook.content_type, "insecure_ssl": hook.insecure_ssl, "url": hook.url}
    return {
        "type": "Repository",
        "id": hook.id,
        "name": "web",
        "active": hook.active,
        "events": hook.events,
        "config": config | ({"secret": _MASK} if hook.secret else {}),
        "updated_at": hook.updated_at,
        "created_at": hook.created_at,
        "url": address,
        "test_url": f"{address}/test",
        "ping_url": f"{address}/pings",
        "deliveries_url": f"{address}/deliveries",
        "last_response": {
            "code": last.status or None if last else None,
            "status": "unused" if last is None else "active" if _taken(last) else "misconfigured",
            "message": None if last is None or _taken(last) else f"Invalid HTTP Response: {last.status}",
        },
    }


def _delivery(call: Call, one: Delivery) -> Json:
    return {
        "id": _number(one),
        "guid": one.guid,
        "delivered_at": stamp(call.directory.clock()),
        "redelivery": one.redelivery,
        "duration": round(one.seconds, 2),
        "status": "OK" if _taken(one) else f"Invalid HTTP Response: {one.status}",
        "status_code": one.status,
        "event": one.event,
        "action": one.action,
        "installation_id": None,
        "repository_id": None,
    }


def _taken(one: Delivery) -> bool:
    return 200 <= one.status < 300


def _number(one: Delivery) -> int:
    return int(one.guid.replace("-", "")[:12], 16) + one.redelivery
