"""Edits as a person makes them in Jira: ``POST /_sandbox/jira/<site>/…``."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import orjson

from okrsync.errors import UsageError
from okrsync.sandbox.jira import adf, changes, values
from okrsync.sandbox.jira.account import Account
from okrsync.sandbox.jira.call import refuse
from okrsync.sandbox.jira.changes import Hand
from okrsync.sandbox.jira.issue import Issue
from okrsync.sandbox.jira.site import Site
from okrsync.sandbox.web import Request, Response

PERSON = Account("acc-person", "A person", "person@example.test")
_EDIT_KEYS = frozenset(
    {"at", "by", "fields", "status", "labels", "flagged", "project", "blocked_by", "comment", "delete"}
)
_ACCOUNT_KEYS = frozenset({"time_zone", "denied", "hide", "show"})


def edit(site: Site, path: str, request: Request) -> Response:
    """One edit; 400 with a sentence where it cannot be made."""
    try:
        body = request.json()
        if not isinstance(body, dict):
            raise ValueError("the body must be a JSON object")
        match path.strip("/").split("/"):
            case ["issues"]:
                return Response.of(create(site, body).raw(), 201)
            case ["issues", key]:
                issue = site.find(key)
                if issue is None:
                    raise refuse(404, f"{site.name} has no issue {key!r}")
                change(site, issue, body)
                return Response.of(issue.raw() if issue.id in site.issues else None)
            case ["account"]:
                _account(site, body)
                return Response.of(None)
    except (orjson.JSONDecodeError, ValueError, UsageError) as error:
        raise refuse(400, str(error)) from None
    raise refuse(404, f"No admin call POST {path}: there are /issues, /issues/<key> and /account")


def create(site: Site, body: dict[str, Any]) -> Issue:
    """A new issue from ``{"fields": {…}, "key"?, "at"?, "by"?}``."""
    _known(body, {"fields", "key", "at", "by"})
    return changes.create(site, _plain(body.get("fields", {})), _hand(site, body), body.get("key"))


def change(site: Site, issue: Issue, body: dict[str, Any]) -> None:
    """Any mixture of ``fields``, ``status``, ``labels`` (a list, or add and remove), ``flagged``, ``project``,
    ``blocked_by``, ``comment`` and ``delete``, at one instant by one person."""
    _known(body, _EDIT_KEYS)
    hand = _hand(site, body)
    if body.get("delete"):
        changes.delete(site, issue)
        return
    wanted = {name: values.stored(name, value, site) for name, value in _plain(body.get("fields", {})).items()}
    if "status" in body:
        wanted["status"] = values.stored("status", body["status"], site)
    if "labels" in body:
        wanted["labels"] = values.stored("labels", _labels(issue, body["labels"]), site)
    if "flagged" in body:
        field, value = _flag(site, bool(body["flagged"]))
        wanted[field] = value
    changes.change(site, issue, wanted, hand)
    if "project" in body:
        project = site.project(body["project"])
        if project is None:
            raise ValueError(f"{site.name} has no project {body['project']!r}")
        changes.move(site, issue, project, hand)
    if "blocked_by" in body:
        blocker = site.find(body["blocked_by"])
        if blocker is None:
            raise ValueError(f"{site.name} has no issue {body['blocked_by']!r}")
        changes.block(site, issue, blocker, hand)
    if "comment" in body:
        _comment(site, issue, body["comment"], hand)


def _known(body: dict[str, Any], allowed: set[str] | frozenset[str]) -> None:
    if unknown := sorted(set(body) - allowed):
        raise ValueError(f"unknown keys: {', '.join(unknown)}; allowed: {', '.join(sorted(allowed))}")


def _hand(site: Site, body: dict[str, Any]) -> Hand:
    at = datetime.fromisoformat(body["at"]) if "at" in body else site.clock()
    if at.tzinfo is None:
        raise ValueError(f"at: {body['at']!r} has no offset; write 2026-01-31T12:00:00Z")
    name = body.get("by")
    return Hand(Account(f"acc-{name}", name) if name else PERSON, at)


def _plain(fields: dict[str, Any]) -> dict[str, Any]:
    """People type plain text where programs send documents."""
    return {
        name: adf.document(value) if name in ("description", "environment") and isinstance(value, str) else value
        for name, value in fields.items()
    }


def _labels(issue: Issue, given: Any) -> Any:
    if not isinstance(given, dict):
        return given
    kept = [label for label in issue.fields.get("labels") or [] if label not in given.get("remove", ())]
    return [*kept, *given.get("add", ())]


def _flag(site: Site, raised: bool) -> tuple[str, Any]:
    field = site.field("Flagged")
    if field is None:
        raise ValueError(f"{site.name} has no field named Flagged; describe it in fields.jsonl")
    return field["id"], [{"id": "10019", "value": "Impediment"}] if raised else None


def _comment(site: Site, issue: Issue, text: str, hand: Hand) -> None:
    user = hand.account.user("")
    comment: dict[str, Any] = {"id": site.next_id(), "author": user, "updateAuthor": user, "body": adf.document(text)}
    comment |= {"created": hand.stamp(), "updated": hand.stamp(), "jsdPublic": True}
    site.comments_of(issue).append(comment)
    changes.touch(site, issue, hand)


def _account(site: Site, body: dict[str, Any]) -> None:
    _known(body, _ACCOUNT_KEYS)
    account = site.account
    account.time_zone = body.get("time_zone", account.time_zone)
    account.denied = set(body.get("denied", account.denied))
    for name in body.get("hide", ()):
        site.hide(name)
    for name in body.get("show", ()):
        site.show(name)
    site.revision += 1
