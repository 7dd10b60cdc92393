"""``GET /search/issues``: words and qualifiers over all repositories that the token sees.

Read are the qualifiers that people use in a search box. What is not read (AND, OR, parentheses, other qualifiers) is
refused, never ignored.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from okrsync.sandbox.github import paging
from okrsync.sandbox.github.call import Call, refuse
from okrsync.sandbox.github.state import State
from okrsync.sandbox.github.values import Issue, stamp
from okrsync.sandbox.web import HttpError, Response

REACH = 1000  # so many results can be seen
_LONGEST = 256
_TERM = re.compile(r'(?P<no>-)?(?:(?P<name>[a-z][a-z-]*):)?(?:"(?P<quoted>[^"]*)"|(?P<bare>[^\s"]+))')
_BOOLEAN = re.compile(r"^(?:AND|OR|NOT|\(.*|.*\))$")
_SORTS = ("", "created", "updated", "comments")

Hit = tuple[State, Issue]
Test = Callable[[State, Issue], bool]


@dataclass(frozen=True, slots=True)
class Term:
    """One word, or ``name:value``; ``negated`` where a minus stands before it."""

    name: str
    value: str
    negated: bool


def issues(call: Call) -> Response:
    """The issues and pull requests that fit, the newest first unless ``sort`` says otherwise, a thousand at most."""
    found = _found(call, list(_terms(call.request.first("q") or "")))
    sort, order = call.choice("sort", _SORTS), call.choice("order", ("desc", "asc"))
    found.sort(key=lambda hit: (_order(hit[1], sort), hit[1].id), reverse=order == "desc")
    per, page = paging.size(call), paging.number(call)
    if (page - 1) * per >= REACH:
        raise refuse(422, "Only the first 1000 search results are available")
    fault = call.request.fault
    incomplete = fault is not None and fault.kind == "incomplete_search"
    if incomplete:
        found = found[: len(found) // 2]
    part, headers = paging.window(call, min(len(found), REACH))
    shown = [{**call.show.issue(*hit), "score": 1.0} for hit in found[part]]
    body = {"total_count": len(found), "incomplete_results": incomplete, "search_type": "lexical", "items": shown}
    return Response.of(body, headers=headers)


def _order(issue: Issue, sort: str) -> Any:
    return len(issue.comments) if sort == "comments" else issue.updated_at if sort == "updated" else issue.created_at


def _terms(query: str) -> Iterator[Term]:
    if not query.strip():
        raise _unreadable("", "missing", field="q")
    if len(query) > _LONGEST:
        raise _unreadable("The search is longer than 256 characters.")
    for match in _TERM.finditer(query):
        value = match["quoted"] if match["quoted"] is not None else match["bare"]
        if not match["name"] and match["quoted"] is None and _BOOLEAN.match(value):
            raise _unreadable(f"the sandbox does not search with {value}")
        yield Term(match["name"] or "", value, bool(match["no"]))


def _found(call: Call, terms: list[Term]) -> list[Hit]:
    states = _repositories(call, terms)
    tests = [_test(call, term) for term in terms if term.name not in _PLACES]
    return [
        (state, issue)
        for state in states
        for issue in state.issues.values()
        if all(test(state, issue) for test in tests)
    ]


# ── where ──

_PLACES = frozenset({"repo", "org", "user"})
_UNSEEN = (
    "The listed users and repositories cannot be searched either because the resources do not exist or you do not have"
    " permission to view them."
)


def _repositories(call: Call, terms: list[Term]) -> list[State]:
    """Those that the places of the query name, all where it names none; 422 where the token sees none of them."""
    seen = [state for state in call.directory.repositories.values() if call.sees(state)]
    named = [term for term in terms if term.name in _PLACES]
    wanted = [term for term in named if not term.negated]
    chosen = [state for state in seen if not wanted or any(_is_at(call, state, term) for term in wanted)]
    if wanted and not chosen:
        raise _unreadable(_UNSEEN)
    return [state for state in chosen if not any(term.negated and _is_at(call, state, term) for term in named)]


def _is_at(call: Call, state: State, term: Term) -> bool:
    if term.name == "repo":
        return call.directory.named(term.value) is state
    return state.owner.login.casefold() == term.value.casefold()


# ── what ──


def _test(call: Call, term: Term) -> Test:
    test = _text(term.value) if not term.name else _qualifier(call, term)
    return (lambda state, issue: not test(state, issue)) if term.negated else test


def _text(words: str) -> Test:
    wanted = words.casefold()
    return lambda _, issue: wanted in f"{issue.title}\n{issue.body or ''}".casefold()


def _qualifier(call: Call, term: Term) -> Test:
    value = term.value.casefold()
    if term.name in _DATES:
        return _date(term)
    if term.name in ("is", "state", "type") and value in _KINDS:
        return _KINDS[value]
    if term.name == "type":
        return lambda _, issue: issue.type is not None and issue.type["name"].casefold() == value
    if term.name == "no" and value in _WITHOUT:
        return lambda _, issue: not _WITHOUT[value](issue)
    if term.name in _VALUES:
        return _VALUES[term.name](call, value)
    if term.name == "in" and set(value.split(",")) <= {"title", "body"}:
        return lambda _state, _issue: True
    raise _unreadable(f"the sandbox does not search with {term.name}:{term.value}")


_KINDS: dict[str, Test] = {
    "issue": lambda _, issue: issue.pull is None,
    "pr": lambda _, issue: issue.pull is not None,
    "pull-request": lambda _, issue: issue.pull is not None,
    "open": lambda _, issue: issue.state == "open",
    "closed": lambda _, issue: issue.state == "closed",
    "merged": lambda _, issue: issue.pull is not None and issue.pull.merged_at is not None,
    "unmerged": lambda _, issue: issue.pull is not None and issue.pull.merged_at is None,
    "draft": lambda _, issue: issue.pull is not None and issue.pull.draft,
    "public": lambda state, _: not state.facts.get("private"),
    "private": lambda state, _: bool(state.facts.get("private")),
}
_WITHOUT: dict[str, Callable[[Issue], Any]] = {
    "label": lambda issue: issue.labels,
    "milestone": lambda issue: issue.milestone is not None,
    "assignee": lambda issue: issue.assignees,
    "type": lambda issue: issue.type,
}


def _label(_: Call, value: str) -> Test:
    """Any of these, where commas stand between them."""
    wanted = {name.strip(' "') for name in value.split(",")}
    return lambda _, issue: bool(wanted & set(issue.labels))


def _milestone(_: Call, value: str) -> Test:
    return lambda state, issue: (
        issue.milestone is not None and state.milestones[issue.milestone].title.casefold() == value
    )


def _person(call: Call, value: str) -> str:
    return call.account.user.login.casefold() if value == "@me" else value


def _author(call: Call, value: str) -> Test:
    wanted = _person(call, value).removeprefix("app/")
    return lambda _, issue: issue.user is not None and issue.user.login.casefold().removesuffix("[bot]") == wanted


def _assignee(call: Call, value: str) -> Test:
    wanted = _person(call, value)
    return lambda _, issue: any(one.login.casefold() == wanted for one in issue.assignees)


def _reason(_: Call, value: str) -> Test:
    wanted = value.replace(" ", "_")
    return lambda _, issue: issue.state == "closed" and issue.state_reason == wanted


_VALUES: dict[str, Callable[[Call, str], Test]] = {
    "label": _label,
    "milestone": _milestone,
    "author": _author,
    "assignee": _assignee,
    "reason": _reason,
}

# ── when ──

_DATES: dict[str, Callable[[Issue], str | None]] = {
    "created": lambda issue: issue.created_at,
    "updated": lambda issue: issue.updated_at,
    "closed": lambda issue: issue.closed_at,
    "merged": lambda issue: issue.pull.merged_at if issue.pull else None,
}


def _date(term: Term) -> Test:
    """``>=2026-01-31``, ``2026-01-01..2026-01-31``, a day or an instant; a day is one in UTC."""
    find, value = _DATES[term.name], term.value
    low, high = "", "9"
    if ".." in value:
        first, _, last = value.partition("..")
        low, high = low if first == "*" else _span(first)[0], high if last == "*" else _span(last)[1]
    elif match := re.fullmatch(r"(>=|<=|>|<)(.+)", value):
        sign, span = match[1], _span(match[2])
        if sign[0] == ">":
            low = span[0] if sign == ">=" else span[1] + " "  # a stamp and more comes after it
        else:
            high = span[1] if sign == "<=" else span[0][:-1]  # and a part of one before
    else:
        low, high = _span(value)
    return lambda _, issue: (at := find(issue)) is not None and low <= at <= high


def _span(text: str) -> tuple[str, str]:
    """The first and the last second of a day or an instant, as stamps."""
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        raise _unreadable(f'"{text}" is not a recognized date/time format. Please provide an ISO 8601 date.') from None
    whole_day = len(text) == len("2026-01-31")
    first = stamp(at if at.tzinfo else at.replace(tzinfo=UTC))
    return first, first.replace("T00:00:00Z", "T23:59:59Z") if whole_day else first


def _unreadable(message: str, code: str = "invalid", field: str = "q") -> HttpError:
    error = {"resource": "Search", "field": field, "code": code}
    return refuse(422, "Validation Failed", errors=[{**error, "message": message} if message else error])
