"""Edits as a person makes them in GitHub: ``POST /_sandbox/github/<owner>/<repo>/…`` and ``…/github/account``."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Any

import orjson

from okrsync.errors import UsageError
from okrsync.sandbox.github import changes, links, merging, settings, shown
from okrsync.sandbox.github.call import Account, refuse
from okrsync.sandbox.github.changes import Hand
from okrsync.sandbox.github.directory import Directory
from okrsync.sandbox.github.limits import Limits
from okrsync.sandbox.github.repository import PERSON, Repository
from okrsync.sandbox.github.show import API, Show
from okrsync.sandbox.github.state import State
from okrsync.sandbox.github.values import Issue, Ref, User
from okrsync.sandbox.web import Request, Response

Body = dict[str, Any]
_NEW_ISSUE = changes.EDITABLE | {"number"}
_NEW_PULL = _NEW_ISSUE | {"head", "base", "draft", "closes", "commits"}
_ISSUE = changes.EDITABLE | {"comment", "blocked_by", "transfer", "delete"}
_PULL = changes.EDITABLE | {"comment", "draft", "base", "closes", "merge"}
_APART = frozenset({"comment", "blocked_by", "merge", "transfer", "delete"})
_MILESTONE = frozenset({"title", "description", "due_on", "state"})


def edit(directory: Directory, account: Account, request: Request) -> Response:
    """One edit of a repository or of the account that asks; 400 with a sentence where it cannot be made."""
    _, owner, name, *path = (*request.path.split("/", 3), "")
    repository = directory.named(f"{owner}/{name}")
    try:
        body = request.json()
        if not isinstance(body, dict):
            raise ValueError("the body must be a JSON object")
        if request.path == "/account":
            return _account(account, body)
        if not isinstance(repository, Repository):
            raise refuse(404, f"There is no repository {owner}/{name} in this world.")
        return _edit(repository, path[0], body, _hand(directory, body))
    except (orjson.JSONDecodeError, ValueError, UsageError) as error:
        raise refuse(400, str(error)) from None
    except (AttributeError, KeyError, TypeError) as error:
        raise refuse(400, f"not as GitHub has it: {error}") from None


def limit(limits: Limits, request: Request) -> Response:
    """``content``: how much may be created in so many seconds, ``{"60": 80, "3600": 500}``; ``{}`` for no limit."""
    try:
        body = request.json()
        limits.creation = {timedelta(seconds=float(one)): int(most) for one, most in body["content"].items()}
    except (orjson.JSONDecodeError, ValueError, AttributeError, KeyError, TypeError):
        raise refuse(400, 'write {"content": {"60": 80, "3600": 500}}') from None
    return Response.of(None)


def view(directory: Directory, request: Request) -> Response:
    """The texts of a repository as people see them."""
    _, owner, name, *path = (*request.path.split("/", 3), "")
    repository = directory.named(f"{owner}/{name}")
    if repository is None or path[0] != "shown":
        raise refuse(404, "No admin call GET: there is github/<owner>/<repo>/shown")
    return Response.of(shown.texts(repository))


def _account(account: Account, body: Body) -> Response:
    """``denied`` (a list), ``scopes`` (null for a token that has none), ``expires_at`` (an instant or null)."""
    _known(body, frozenset({"denied", "scopes", "expires_at"}))
    if "denied" in body:
        account.denied = set(body["denied"])
    if "scopes" in body:
        account.scopes = body["scopes"]
    if "expires_at" in body:
        account.expires_at = _instant("expires_at", body["expires_at"]) if body["expires_at"] else None
    return Response.of(None)


def _instant(name: str, text: str) -> datetime:
    instant = datetime.fromisoformat(text)
    if instant.tzinfo is None:
        raise ValueError(f"{name}: {text!r} has no offset; write 2026-01-31T12:00:00Z")
    return instant


def _hand(directory: Directory, body: Body) -> Hand:
    """Who does it and when, taken out of the body."""
    at, by = body.pop("at", None), body.pop("by", None)
    return Hand(User.named(by or PERSON), _instant("at", at) if at else directory.clock())


def _edit(repository: Repository, path: str, body: Body, hand: Hand) -> Response:
    show = Show(API, repository.directory)
    match path.split("/"):
        case [""]:
            _repository(repository, body, hand)
            return Response.of(Show(API, repository.directory).repository(repository))
        case ["issues"]:
            _known(body, _NEW_ISSUE)
            return Response.of(show.issue(repository, changes.create(repository, hand, body, body.get("number"))), 201)
        case ["pulls"]:
            _known(body, _NEW_PULL)
            return Response.of(show.pull(repository, merging.create(repository, hand, body, body.get("number"))), 201)
        case ["issues" | "pulls", number] if number.isdecimal():
            changed = _issue(repository, repository.find(int(number)), body, hand)
            return Response.of(show.issue(*changed) if changed else None)
        case ["commits"]:
            pushed = _push(repository, body, hand)
            return Response.of([show.commit(repository, one) for one in pushed], 201)
        case ["branches" | "tags" as kind]:
            return Response.of({"sha": _ref(repository, kind, body, hand)}, 201)
        case ["milestones"]:
            _known(body, _MILESTONE)
            return Response.of(show.milestone(repository, changes.create_milestone(repository, hand, body)), 201)
        case ["milestones", number] if number.isdecimal():
            _known(body, _MILESTONE)
            milestone = changes.edit_milestone(repository, int(number), hand, body)
            return Response.of(show.milestone(repository, milestone))
        case ["labels", *name]:
            _label(repository, "/".join(name), body)
            return Response.of(None)
    raise refuse(
        404,
        f"No admin call POST …/{path}: there are issues, issues/<number>, pulls, pulls/<number>, commits, branches,"
        " tags, milestones, milestones/<number>, labels/<name> and the repository itself",
    )


def _known(body: Body, allowed: frozenset[str]) -> None:
    if unknown := sorted(set(body) - allowed):
        raise ValueError(f"unknown keys: {', '.join(unknown)}; allowed: {', '.join(sorted(allowed))}")


def _repository(repository: Repository, body: Body, hand: Hand) -> None:
    """``rename``, ``hide``, ``private``, ``archived`` (true or false), ``description``, ``default_branch``, ``empty``
    and ``delete``."""
    _known(body, settings.FACTS | {"rename", "hide", "default_branch", "empty", "delete"})
    if "rename" in body:
        settings.rename(repository, hand, body["rename"])
    if facts := {name: body[name] for name in settings.FACTS & set(body)}:
        settings.set_facts(repository, hand, **facts)
    if "default_branch" in body:
        settings.default(repository, hand, body["default_branch"])
    if "hide" in body:
        settings.hide(repository, hidden=bool(body["hide"]))
    if body.get("empty"):
        repository.empty()
    if body.get("delete"):
        settings.remove(repository)


def _ref(repository: Repository, kind: str, body: Body, hand: Hand) -> str | None:
    """A branch or a tag of this ``name``, on a commit that ``from`` leads to; a branch may be deleted."""
    _known(body, frozenset({"name", "from", "delete"}))
    if kind == "tags":
        return settings.tag(repository, hand, body["name"], body.get("from"))
    if body.get("delete"):
        settings.delete_branch(repository, hand, body["name"])
        return None
    return settings.branch(repository, hand, body["name"], body.get("from"))


def _issue(repository: Repository, issue: Issue, body: Body, hand: Hand) -> tuple[State, Issue] | None:
    """Any mixture of values, ``comment``, and the end of it: ``merge``, ``transfer`` or ``delete``. Where the issue is
    afterwards; None where it is nowhere."""
    _known(body, _PULL if issue.pull else _ISSUE)
    wanted = {name: value for name, value in body.items() if name not in _APART}
    if "labels" in wanted:
        wanted["labels"] = _listed(issue.labels, wanted["labels"], str.casefold)
    if issue.pull:
        merging.edit(repository, issue, hand, wanted)
    else:
        changes.edit(repository, issue, hand, wanted)
    if "blocked_by" in body:
        wanted_refs = _listed(issue.blockers, body["blocked_by"], lambda one: Ref.read(one, repository.full_name))
        links.set_blockers(repository, issue, hand, wanted_refs)
    if "comment" in body:
        changes.comment(repository, issue, hand, body["comment"])
    if "merge" in body:
        merging.merge(repository, issue, hand, body["merge"])
    if "transfer" in body:
        to = repository.directory.named(body["transfer"])
        if to is None:
            raise ValueError(f"there is no repository {body['transfer']!r} in this world")
        return to, changes.transfer(repository, issue, to, hand)
    if body.get("delete"):
        changes.delete(repository, issue)
        return None
    return repository, issue


def _listed(own: Sequence[Any], given: Any, read: Callable[[Any], Any]) -> Any:
    """The whole list that a list, or what to add and to remove, comes to."""
    if not isinstance(given, dict):
        return given
    removed = {read(one) for one in given.get("remove", ())}
    return [*(one for one in own if one not in removed), *given.get("add", ())]


def _push(repository: Repository, body: Body, hand: Hand) -> list[Any]:
    """``commits`` (messages, or objects of GitHub's list) onto ``branch``; with ``drop`` in place of the last ones."""
    _known(body, frozenset({"commits", "branch", "drop", "forget"}))
    commits, branch = body.get("commits", []), body.get("branch")
    if "drop" in body:
        forget = bool(body.get("forget"))
        return merging.force_push(repository, hand, commits, branch, drop=body["drop"], forget=forget)
    return merging.push(repository, hand, commits, branch)


def _label(repository: Repository, name: str, body: Body) -> None:
    """``rename`` or ``delete``."""
    _known(body, frozenset({"rename", "delete"}))
    if "rename" in body:
        changes.rename_label(repository, name, body["rename"])
    if body.get("delete"):
        changes.delete_label(repository, body.get("rename", name))
