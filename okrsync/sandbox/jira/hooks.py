"""Webhooks of a site, as administrators make them: ``/rest/webhooks/1.0/webhook``, and what they send."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import orjson

from okrsync.sandbox.jira.account import Account
from okrsync.sandbox.jira.call import Call, refuse
from okrsync.sandbox.jira.face import face_of
from okrsync.sandbox.jira.issue import Issue
from okrsync.sandbox.jira.query import Asker, test
from okrsync.sandbox.jira.results import parsed
from okrsync.sandbox.jira.site import Site
from okrsync.sandbox.post import Delivery, signature
from okrsync.sandbox.web import Response

Json = dict[str, Any]
PATH = "/rest/webhooks/1.0/webhook"
FILTER = "issue-related-events-section"
_EVENTS = frozenset({"jira:issue_created", "jira:issue_updated", "jira:issue_deleted", "comment_created"})
_KEPT = 1000
_PERSON = Account("acc-person", "A person", "person@example.test")


@dataclass(slots=True)
class Hook:
    """One webhook of a site; ``jql`` says of which issues it tells."""

    id: int
    name: str
    url: str
    secret: str
    events: list[str]
    jql: str
    exclude_body: bool
    enabled: bool
    deliveries: list[Delivery] = field(default_factory=list)

    def sent(self, delivery: Delivery) -> None:
        self.deliveries.append(delivery)
        del self.deliveries[:-_KEPT]


@dataclass(frozen=True, slots=True)
class Seen:
    """How an issue was when webhooks told last."""

    updated_ms: int
    histories: int
    issue: Issue


# ── what they send ───────────────────────────────────────────────────────────────────────────────────────────────────


def look(site: Site) -> tuple[int, dict[str, Seen]]:
    """How the issues are now, and at which revision."""
    seen = {one.id: Seen(one.updated_ms, len(one.histories), one) for one in site.issues.values()}
    return site.revision, seen


def notice(site: Site) -> None:
    """What changed since the last time is on its way to whoever wants to know; hold the lock of the site."""
    if not site.hooks:
        site.noticed = None
        return
    if site.noticed is not None and site.noticed[0] == site.revision:
        return
    before, site.noticed = site.noticed, look(site)
    if before is None:
        return
    for event, issue, payload in _differences(site, before[1], site.noticed[1]):
        for hook in site.hooks.values():
            if hook.enabled and event in hook.events and _fits(site, hook, issue):
                site.post.put(_prepared(site, hook, event, {} if hook.exclude_body else payload), hook.sent)


def _differences(site: Site, old: Mapping[str, Seen], new: Mapping[str, Seen]) -> Iterator[tuple[str, Issue, Json]]:
    for number in [one for one in old if one not in new]:
        issue = old[number].issue
        yield "jira:issue_deleted", issue, _told(site, issue)
    for number, now in new.items():
        was = old.get(number)
        if was is None:
            yield "jira:issue_created", now.issue, _told(site, now.issue)
        elif (was.updated_ms, was.histories) != (now.updated_ms, now.histories):
            items = [item for one in now.issue.histories[was.histories :] for item in one["items"]]
            changes = {"changelog": {"id": str(number), "items": items}} if items else {}
            kind = "issue_generic" if items else "issue_updated"
            yield "jira:issue_updated", now.issue, _told(site, now.issue) | {"issue_event_type_name": kind} | changes


def _told(site: Site, issue: Issue) -> Json:
    home = f"https://{site.name}.atlassian.test"
    face = face_of(site, site.account, home)
    fields = dict(face.held(issue))
    return {
        "issue": {
            "id": issue.id,
            "self": f"{home}/rest/api/2/issue/{issue.id}",
            "key": issue.key,
            "fields": fields,
        },
    }


def _fits(site: Site, hook: Hook, issue: Issue) -> bool:
    where = parsed(hook.jql).where if hook.jql else None
    return where is None or test(where, Asker(site, site.account, site.clock(), strict=False))(issue)


def _prepared(site: Site, hook: Hook, event: str, payload: Json) -> Delivery:
    """What is sent, signed as Jira signs."""
    head = {"timestamp": round(site.clock().timestamp() * 1000), "webhookEvent": event, "user": _PERSON.user("")}
    body = orjson.dumps(head | payload)
    made = Delivery(hook.url, {}, body, event=event)
    made.headers |= {
        "User-Agent": "Atlassian Webhook HTTP Client",
        "X-Atlassian-Webhook-Identifier": made.guid,
        "X-Atlassian-Webhook-Flow": "Primary",
    }
    if hook.secret:
        made.headers["X-Hub-Signature"] = f"sha256={signature(hook.secret, body)}"
    return made


# ── what the API says of them ────────────────────────────────────────────────────────────────────────────────────────


def listed(call: Call) -> Response:
    _administers(call)
    return Response.of([_shown(call, one) for one in call.site.hooks.values()])


def read(call: Call) -> Response:
    return Response.of(_shown(call, _hook(call)))


def create(call: Call) -> Response:
    _administers(call)
    body = call.body()
    hook = Hook(int(call.site.next_id()), "", "", "", [], "", exclude_body=False, enabled=True)
    _set(call, hook, body)
    notice(call.site)
    call.site.hooks[hook.id] = hook
    call.site.noticed = call.site.noticed or look(call.site)
    return Response.of(_shown(call, hook), 201)


def update(call: Call) -> Response:
    hook = _hook(call)
    _set(call, hook, call.body())
    return Response.of(_shown(call, hook))


def delete(call: Call) -> Response:
    hook = _hook(call)
    notice(call.site)
    del call.site.hooks[hook.id]
    return Response(204)


def _administers(call: Call) -> None:
    if not call.account.may("ADMINISTER"):
        raise refuse(403, "You are not authorized to perform this operation. Administrator privileges are required.")


def _hook(call: Call) -> Hook:
    _administers(call)
    name = call.args["hook"]
    found = call.site.hooks.get(int(name)) if name.isdecimal() else None
    if found is None:
        raise refuse(404, "Webhook not found")
    return found


def _set(call: Call, hook: Hook, body: Json) -> None:
    """The webhook is as the body says; Data Center takes no secret by this way."""
    events = body.get("events", hook.events)
    url, jql = body.get("url", hook.url), (body.get("filters") or {}).get(FILTER, hook.jql)
    if not str(url).startswith(("http://", "https://")):
        raise refuse(400, "The URL is not valid")
    if not isinstance(events, list) or not _EVENTS.issuperset(events):
        raise refuse(400, "Unrecognised webhook events")
    if jql:
        parsed(jql)  # or it is refused
    hook.name, hook.url, hook.events, hook.jql = body.get("name", hook.name), url, events, jql
    hook.secret = "" if call.site.datacenter else body.get("secret", hook.secret)
    hook.exclude_body, hook.enabled = body.get("excludeBody", hook.exclude_body), body.get("enabled", hook.enabled)


def _shown(call: Call, hook: Hook) -> Json:
    return {
        "name": hook.name,
        "url": hook.url,
        "excludeBody": hook.exclude_body,
        "filters": {FILTER: hook.jql},
        "events": hook.events,
        "enabled": hook.enabled,
        "isSigned": bool(hook.secret),
        "self": f"{call.base}{PATH}/{hook.id}",
        "lastUpdatedUser": call.account.account_id,
        "lastUpdatedDisplayName": call.account.name,
        "lastUpdated": round(call.site.clock().timestamp() * 1000),
    }
