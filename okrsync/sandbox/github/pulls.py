"""Pull requests."""

from __future__ import annotations

from okrsync.sandbox.github import merging, paging
from okrsync.sandbox.github.call import Call, refuse
from okrsync.sandbox.github.history import Comparison
from okrsync.sandbox.github.issues import attempt
from okrsync.sandbox.github.state import State
from okrsync.sandbox.github.values import Issue
from okrsync.sandbox.web import Response

_MOST_COMMITS = 250


def listed(call: Call) -> Response:
    """Pull requests; open ones, the newest first, unless the query says otherwise. There is no ``since``."""
    state = call.repository()
    if call.request.first("head"):
        raise refuse(422, "the sandbox does not filter pull requests by head")
    sort = call.choice("sort", ("created", "updated"))
    backwards = call.request.first("direction") or ("asc" if sort == "updated" else "desc")
    found = state.ordered("updated" if sort == "updated" else "created", "pulls")
    wanted, base = call.choice("state", ("open", "closed", "all")), call.request.first("base")
    found = [
        issue
        for issue in found
        if wanted in ("all", issue.state) and (not base or (issue.pull and issue.pull.base == base))
    ]
    return paging.paged(call, found[::-1] if backwards == "desc" else found, lambda one: call.show.pull(state, one))


def read(call: Call) -> Response:
    state, issue = call.issue(pull=True)
    return Response.of(call.show.full_pull(state, issue, len(_comparison(state, issue).ahead)))


def _comparison(state: State, issue: Issue) -> Comparison:
    assert issue.pull is not None
    return state.history.compare(issue.pull.base_sha, issue.pull.head_sha)


def update(call: Call) -> Response:
    """Title, body, state and base of a pull request."""
    state, issue = call.issue(pull=True)
    call.may_write("pull_requests")
    body = call.body()
    wanted = {name: value for name, value in body.items() if name in ("title", "body", "state", "base")}
    attempt(lambda: merging.edit(state, issue, call.hand, wanted))
    return Response.of(call.show.full_pull(state, issue, len(_comparison(state, issue).ahead)))


def commits(call: Call) -> Response:
    """The commits of a pull request, oldest first, 250 at most."""
    state, issue = call.issue(pull=True)
    found = _comparison(state, issue).ahead[:_MOST_COMMITS]
    return paging.paged(call, found, lambda one: call.show.commit(state, one))
