"""What happened to the issues of a repository, as the REST API lists it."""

from __future__ import annotations

from typing import Any

from okrsync.sandbox.github import paging
from okrsync.sandbox.github.call import Call
from okrsync.sandbox.github.show import Show
from okrsync.sandbox.github.state import State
from okrsync.sandbox.github.values import Event, Issue, Ref
from okrsync.sandbox.web import Response

Json = dict[str, Any]
ENDS = {
    "parent_issue_added": "parent_issue",
    "parent_issue_removed": "parent_issue",
    "sub_issue_added": "sub_issue",
    "sub_issue_removed": "sub_issue",
    "blocked_by_added": "blocked_by",
    "blocked_by_removed": "blocked_by",
    "blocking_added": "blocking",
    "blocking_removed": "blocking",
}
"""Kind of event → the member that holds the issue at the other end."""
NEWER = frozenset({*ENDS, "issue_type_added", "issue_type_changed", "issue_type_removed"})
"""Kinds that an Enterprise Server does not have yet."""


def of_repository(call: Call) -> Response:
    """The events of every issue and pull request, the newest first, each with its issue."""
    state = call.repository()
    found = [
        (one, issue)
        for issue in state.issues.values()
        for one in issue.events
        if call.show.newer or one.kind not in NEWER
    ]
    found.sort(key=lambda pair: pair[0].at)
    show = call.show
    return paging.paged(
        call, found[::-1], lambda pair: {**event(show, state, pair[0]), "issue": show.issue(state, pair[1])}
    )


def of_issue(call: Call) -> Response:
    """The events of one issue, the oldest first."""
    state, issue = call.issue()
    found = [one for one in issue.events if call.show.newer or one.kind not in NEWER]
    return paging.paged(call, found, lambda one: event(call.show, state, one))


def event(show: Show, state: State, one: Event) -> Json:
    """An event as the lists of an issue's events give it."""
    at = show.at(state)
    found: Json = {
        "id": one.id,
        "node_id": one.node_id,
        "url": f"{at}/issues/events/{one.id}",
        "actor": show.user(one.actor),
        "event": one.kind,
        "commit_id": one.sha,
        "commit_url": f"{at}/commits/{one.sha}" if one.sha else None,
        "created_at": one.at,
        "performed_via_github_app": None,
    }
    if one.label is not None:
        found["label"] = {"name": one.name, "color": one.label.color}
    if one.kind in ("milestoned", "demilestoned"):
        found["milestone"] = {"title": one.name}
    if one.kind == "renamed":
        found["rename"] = {"from": one.before, "to": one.name}
    if one.user is not None:
        found |= {"assignee": show.user(one.user), "assigner": show.user(one.actor)}
    if one.kind == "closed":
        found["state_reason"] = one.reason
    if one.type is not None:
        found["issue_type"] = one.type
    if one.type_before is not None:
        found["prev_issue_type"] = one.type_before
    if one.kind in ENDS and one.other is not None:
        found[ENDS[one.kind]] = _end(show, one.other)
    return found


def _end(show: Show, ref: Ref) -> Json | None:
    """The issue at the other end, as far as it can be read."""
    found = show.directory.issue(show.directory.current(ref))
    if found is None:
        return None
    state, issue = found
    return {
        "number": issue.number,
        "title": issue.title,
        "state": issue.state,
        "state_reason": issue.state_reason,
        "repository": show.repository(state),
        "issue_type": issue.type,
    }


def saved(show: Show, state: State, issue: Issue, one: Event) -> Json:
    """An event with what its list leaves out, so that :func:`okrsync.sandbox.github.derive.event` reads the same."""
    found = {**event(show, state, one), "issue": {"number": issue.number}}
    if one.other is not None:
        found[ENDS[one.kind]] = {"number": one.other.number, "repository": {"full_name": one.other.repository}}
    if one.repository:
        found["from_repository"] = one.repository
    if one.kind in ("base_ref_changed", "head_ref_force_pushed"):
        found["rename"] = {"from": one.before, "to": one.name}
    return found
