"""Edits as a person makes them in Jira: ``POST /_sandbox/jira/<site>/…``."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import orjson

from okrsync.errors import UsageError
from okrsync.sandbox.jira import adf, changes, screens, shown, sprints, values
from okrsync.sandbox.jira.account import Account
from okrsync.sandbox.jira.call import refuse
from okrsync.sandbox.jira.changes import Hand
from okrsync.sandbox.jira.issue import Issue
from okrsync.sandbox.jira.language import LANGUAGES
from okrsync.sandbox.jira.limits import Bucket
from okrsync.sandbox.jira.site import Site
from okrsync.sandbox.web import Request, Response

PERSON = Account("acc-person", "A person", "person@example.test")
_EDIT_KEYS = frozenset(
    {"at", "by", "fields", "status", "labels", "flagged", "project", "blocked_by", "unblocked_by", "sprint", "archived"}
    | {"raw", "comment", "delete"}
)
_ACCOUNT_KEYS = frozenset({"time_zone", "language", "denied", "hide", "show"})
_SITE_KEYS = frozenset(
    {"datacenter", "epochs", "index_lag", "count_off_by", "page_limits", "histories_shown", "token_expires", "bucket"}
    | {"link_type"}
)
_FIELD_KEYS = frozenset({"id", "name", "type", "options", "off_screens"})
_INDISPENSABLE = frozenset({"project", "status", "issuetype", "created", "updated"})
_EPOCHS = frozenset({"exact", "future", "past", "refused"})


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
            case ["sprints"]:
                return Response.of(sprints.create(site, **body), 201)
            case ["sprints", number] if number.isdecimal():
                return Response.of(sprints.change(site, int(number), **body))
            case ["projects", name]:
                return Response.of(_project(site, name, body))
            case ["fields"]:
                _known(body, _FIELD_KEYS)
                return Response.of(screens.define(site, body), 201)
            case ["account"]:
                _account(site, body)
                return Response.of(None)
            case ["site"]:
                _site(site, body)
                return Response.of(None)
    except (orjson.JSONDecodeError, TypeError, ValueError, UsageError) as error:
        raise refuse(400, str(error)) from None
    known = "/issues, /issues/<key>, /sprints, /sprints/<id>, /projects/<key>, /fields, /account and /site"
    raise refuse(404, f"No admin call POST {path}: there are {known}")


def view(site: Site, path: str) -> Response:
    """What people see of an issue: ``GET /_sandbox/jira/<site>/issues/<key>``."""
    match path.strip("/").split("/"):
        case ["issues", key] if issue := site.find(key):
            return Response.of(shown.issue(site, issue))
    raise refuse(404, f"No admin call GET {path}, or no such issue: there is /issues/<key>")


def create(site: Site, body: dict[str, Any]) -> Issue:
    """A new issue from ``{"fields": {…}, "key"?, "at"?, "by"?}``."""
    _known(body, {"fields", "key", "at", "by"})
    return changes.create(site, _plain(body.get("fields", {})), _hand(site, body), body.get("key"))


def change(site: Site, issue: Issue, body: dict[str, Any]) -> None:
    """Any mixture of ``fields``, ``status``, ``labels`` (a list, or add and remove), ``flagged``, ``project``,
    ``blocked_by`` and ``unblocked_by``, ``sprint`` (add and remove), ``archived``, ``raw`` fields, ``comment`` and
    ``delete``, at one instant by one person."""
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
        changes.block(site, issue, _issue(site, body["blocked_by"]), hand)
    if "unblocked_by" in body:
        changes.unblock(site, issue, _issue(site, body["unblocked_by"]), hand)
    if "sprint" in body:
        _sprint(site, issue, body["sprint"], hand)
    if "raw" in body:
        _raw(site, issue, body["raw"], hand)
    if "archived" in body:
        changes.archive(site, issue, bool(body["archived"]), hand)
    if "comment" in body:
        _comment(site, issue, body["comment"], hand)


def _issue(site: Site, key: str) -> Issue:
    found = site.find(key)
    if found is None:
        raise ValueError(f"{site.name} has no issue {key!r}")
    return found


def _sprint(site: Site, issue: Issue, given: dict[str, Any], hand: Hand) -> None:
    _known(given, {"add", "remove"})
    if "remove" in given:
        sprints.take(site, issue, given["remove"], hand)
    if "add" in given:
        sprints.put(site, issue, given["add"], hand)


def _raw(site: Site, issue: Issue, fields: dict[str, Any], hand: Hand) -> None:
    """Fields as they are written, with sense or without, and no word about it in the history; null takes one away."""
    if lost := sorted(_INDISPENSABLE & {name for name, value in fields.items() if value is None}):
        raise ValueError(f'no issue is without {", ".join(lost)}; the fault "edited" takes them from an answer')
    for name, value in fields.items():
        if value is None:
            issue.fields.pop(name, None)
        else:
            issue.fields[name] = value
    changes.touch(site, issue, hand)


def _project(site: Site, name: str, body: dict[str, Any]) -> dict[str, Any]:
    """The project has another name or key, or is archived; its issues are not updated by it."""
    _known(body, {"name", "key", "archived"})
    found = site.project(name)
    if found is None:
        raise ValueError(f"{site.name} has no project {name!r}")
    if "key" in body:
        changes.rename(site, found, body["key"])
    found.update(body)
    site.revision += 1
    return found


def _known(body: dict[str, Any], allowed: set[str] | frozenset[str]) -> None:
    if unknown := sorted(set(body) - allowed):
        raise ValueError(f"unknown keys: {', '.join(unknown)}; allowed: {', '.join(sorted(allowed))}")


def _hand(site: Site, body: dict[str, Any]) -> Hand:
    at = _instant("at", body["at"]) if "at" in body else site.clock()
    name = body.get("by")
    return Hand(Account(f"acc-{name}", name) if name else PERSON, at)


def _instant(name: str, text: str) -> datetime:
    at = datetime.fromisoformat(text)
    if at.tzinfo is None:
        raise ValueError(f"{name}: {text!r} has no offset; write 2026-01-31T12:00:00Z")
    return at


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


def _comment(site: Site, issue: Issue, given: str | dict[str, Any], hand: Hand) -> None:
    """A text is a new comment; ``{"id", "text"}`` rewords one, ``{"id", "body"}`` gives it a document or a wiki text,
    ``{"id", "delete"}`` takes it away."""
    user = hand.account.user("")
    if isinstance(given, dict):
        _known(given, {"id", "text", "body", "delete"})
        held = next((one for one in site.comments_of(issue) if one["id"] == given["id"]), None)
        if held is None:
            raise ValueError(f"{issue.key} has no comment {given['id']!r}")
        if given.get("delete"):
            site.comments_of(issue).remove(held)
        else:
            body = given.get("body", given.get("text", ""))
            held.pop("wiki", None)
            held["body"] = adf.document(body) if isinstance(body, str) else body
            held |= {"wiki": body} if site.datacenter else {}
            held |= {"updated": hand.stamp(), "updateAuthor": user}
        changes.touch(site, issue, hand)
        return
    text = given
    comment: dict[str, Any] = {"id": site.next_id(), "author": user, "updateAuthor": user, "body": adf.document(text)}
    comment |= {"created": hand.stamp(), "updated": hand.stamp(), "jsdPublic": True}
    site.comments_of(issue).append(comment)
    changes.touch(site, issue, hand)


def _account(site: Site, body: dict[str, Any]) -> None:
    _known(body, _ACCOUNT_KEYS)
    account = site.account
    account.time_zone = body.get("time_zone", account.time_zone)
    account.denied = set(body.get("denied", account.denied))
    if (chosen := body.get("language", account.language)) and chosen not in LANGUAGES:
        raise ValueError(f"language {chosen!r}: one of {', '.join(sorted(LANGUAGES))}, or nothing")
    account.language = chosen
    for name in body.get("hide", ()):
        site.hide(name)
    for name in body.get("show", ()):
        site.show(name)
    site.revision += 1


def _site(site: Site, body: dict[str, Any]) -> None:
    """What the site is and how it misbehaves, by the names of its attributes."""
    _known(body, _SITE_KEYS)
    if body.get("epochs", "exact") not in _EPOCHS:
        raise ValueError(f"epochs {body['epochs']!r}: one of {', '.join(sorted(_EPOCHS))}")
    site.datacenter = bool(body.get("datacenter", site.datacenter))
    site.epochs = body.get("epochs", site.epochs)
    site.index_lag = timedelta(seconds=body["index_lag"]) if "index_lag" in body else site.index_lag
    site.count_off_by = int(body.get("count_off_by", site.count_off_by))
    site.page_limits = tuple(int(size) for size in body.get("page_limits", site.page_limits))
    site.histories_shown = body.get("histories_shown", site.histories_shown)
    site.link_type |= body.get("link_type", {})
    if "token_expires" in body:
        site.token_expires = _instant("token_expires", body["token_expires"]) if body["token_expires"] else None
    if "bucket" in body:
        site.bucket = Bucket(**body["bucket"]) if body["bucket"] else None
    site.revision += 1
