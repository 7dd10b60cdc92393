"""Issues, the pull requests among them, and their labels."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable
from typing import Any, TypeVar

from okrsync.sandbox.github import changes, paging
from okrsync.sandbox.github.call import Call, invalid, refuse
from okrsync.sandbox.github.state import Sort, State, sort_key
from okrsync.sandbox.github.values import Issue
from okrsync.sandbox.web import Response

T = TypeVar("T")
_SORTS: tuple[Sort, ...] = ("created", "updated", "comments")
_LIMIT_OF_LABEL = 50
_UNFILTERED = ("assignee", "creator", "mentioned", "type", "issue_field_values")


def listed(call: Call) -> Response:
    """Issues and pull requests; open ones, the newest first, unless the query says otherwise."""
    state = call.repository()
    for name in _UNFILTERED:
        if call.request.first(name):
            raise refuse(422, f"the sandbox does not filter issues by {name}")
    sort = next(one for one in _SORTS if one == call.choice("sort", _SORTS))
    found = state.ordered(sort)
    if since := call.instant("since"):
        found = _since(found, since, ordered=sort == "updated")
    wanted = call.choice("state", ("open", "closed", "all"))
    if wanted != "all":
        found = [issue for issue in found if issue.state == wanted]
    if labels := {name.casefold() for name in call.request.every("labels")}:
        found = [issue for issue in found if labels <= set(issue.labels)]
    if milestone := call.request.first("milestone"):
        found = [issue for issue in found if _is_of(issue, milestone)]
    show = call.show
    return paging.large(call, found, lambda issue: sort_key(sort, issue), lambda issue: show.issue(state, issue))


def _since(found: list[Issue], since: str, *, ordered: bool) -> list[Issue]:
    """Those updated at this instant or later."""
    if ordered:
        return found[bisect_left(found, since, key=lambda issue: issue.updated_at) :]
    return [issue for issue in found if issue.updated_at >= since]


def _is_of(issue: Issue, milestone: str) -> bool:
    if milestone == "*":
        return issue.milestone is not None
    if milestone == "none":
        return issue.milestone is None
    if not milestone.isdecimal():
        raise invalid("Issue", "milestone")
    return issue.milestone == int(milestone)


def read(call: Call) -> Response:
    return Response.of(call.show.issue(*call.issue()))


def create(call: Call) -> Response:
    state = call.repository()
    call.may_write("issues")
    body = call.body()
    if not body.get("title"):
        raise invalid("Issue", "title", "missing_field")
    issue = attempt(lambda: changes.create(state, call.hand, _wanted(body)))
    shown = call.show.issue(state, issue)
    return Response.of(shown, 201, {"Location": shown["url"]})


def update(call: Call) -> Response:
    """Values of an issue or a pull request; ``labels`` and ``assignees`` replace what was there."""
    state, issue = call.issue()
    call.may_write("issues", "triage")
    body = call.body()
    attempt(lambda: changes.edit(state, issue, call.hand, _wanted(body)))
    return Response.of(call.show.issue(state, issue))


def _wanted(body: dict[str, Any]) -> dict[str, Any]:
    """The part of a body that is known here; GitHub ignores the rest."""
    found = {name: value for name, value in body.items() if name in changes.EDITABLE - {"parent"}}
    if "assignee" in body and "assignees" not in body:
        found["assignees"] = [body["assignee"]] if body["assignee"] else []
    return {name: value for name, value in found.items() if value is not None or name in ("body", "milestone")}


def attempt(change: Callable[[], T]) -> T:
    """What a change gives; 422 where it cannot be made."""
    try:
        return change()
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise refuse(
            422, "Validation Failed", errors=[{"resource": "Issue", "code": "custom", "message": str(error)}]
        ) from None


# ── labels of an issue ──


def labels(call: Call) -> Response:
    state, issue = call.issue()
    names = state.seen("labels", issue.number, issue.labels)
    return paging.paged(call, names, lambda name: call.show.label(state, state.labels[name]))


def add_labels(call: Call) -> Response:
    """Labels besides those that it has; the repository gets what it lacks."""
    state, issue = call.issue()
    call.may_write("issues", "triage")
    before = list(issue.labels)
    changes.add_labels(state, issue, call.hand, _names(call))
    return _relabelled(call, state, issue, before)


def _relabelled(call: Call, state: State, issue: Issue, before: list[str]) -> Response:
    """The labels as they are now."""
    response = Response.of(call.show.labels(state, issue))
    call.lag(state, "labels", issue.number, before)
    return response


def set_labels(call: Call) -> Response:
    """These labels and no others."""
    state, issue = call.issue()
    call.may_write("issues", "triage")
    before = list(issue.labels)
    changes.edit(state, issue, call.hand, {"labels": _names(call)})
    return _relabelled(call, state, issue, before)


def _names(call: Call) -> list[str]:
    given = call.request.json() if call.request.body else {}
    entries = given.get("labels", []) if isinstance(given, dict) else given
    names: list[str] = []
    for entry in entries:
        name = entry.get("name") if isinstance(entry, dict) else entry
        if not isinstance(name, str) or not name.strip():
            raise invalid("Label", "name", "missing_field")
        if len(name) > _LIMIT_OF_LABEL:
            raise invalid("Label", "name", "custom", f"name is too long (maximum is {_LIMIT_OF_LABEL} characters)")
        names.append(name)
    return names


def remove_label(call: Call) -> Response:
    state, issue = call.issue()
    call.may_write("issues", "triage")
    before = list(issue.labels)
    if not changes.remove_label(state, issue, call.hand, call.args["name"]):
        raise refuse(404, "Label does not exist")
    return _relabelled(call, state, issue, before)
