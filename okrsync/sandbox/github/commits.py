"""Commits, comparisons and branches."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

from okrsync.sandbox.github import paging
from okrsync.sandbox.github.call import Call, not_found, refuse
from okrsync.sandbox.github.state import State
from okrsync.sandbox.github.values import Commit
from okrsync.sandbox.web import Response

_UNPAGED = 250  # so many commits a comparison without page or per_page gives
_UNFILTERED = ("path", "author", "committer")


def _state(call: Call) -> State:
    """The repository; 409 where it is empty."""
    state = call.repository()
    if not state.branches:
        raise refuse(409, "Git Repository is empty.")
    return state


def listed(call: Call) -> Response:
    """What a branch or sha reaches, newest first; ``since`` and ``until`` compare the committer's date."""
    state = _state(call)
    for name in _UNFILTERED:
        if call.request.first(name):
            raise refuse(422, f"the sandbox does not filter commits by {name}")
    wanted = call.request.first("sha")
    head = state.commit_of(wanted) if wanted else state.head
    if head is None or head not in state.history.commits:
        raise not_found()
    found = state.history.log(head)
    since, until = call.instant("since"), call.instant("until")
    if since or until:
        found = [one for one in found if (since or "") <= one.committed.date <= (until or "9")]
    return paging.paged(call, found, lambda one: call.show.commit(state, one))


def read(call: Call) -> Response:
    """One commit by sha, its beginning or the name of a branch."""
    state = _state(call)
    commit = _commit(state, call.args["ref"])
    if commit is None:
        raise refuse(422, f"No commit found for SHA: {call.args['ref']}")
    stats = {"stats": {"total": 0, "additions": 0, "deletions": 0}, "files": []}
    return Response.of({**call.show.commit(state, commit), **stats})


def _commit(state: State, ref: str) -> Commit | None:
    return state.history.commits.get(state.commit_of(ref) or "")


def compare(call: Call) -> Response:
    """What the head has that the base has not, oldest first; 404 where one is unknown or they share nothing."""
    state = call.repository()
    base_name, dots, head_name = call.args["basehead"].partition("...")
    base, head = _commit(state, base_name), _commit(state, head_name)
    if not dots or base is None or head is None:
        raise not_found()
    found = state.history.compare(base.sha, head.sha)
    if found.merge_base is None:
        raise refuse(404, f"No common ancestor between {base_name} and {head_name}.")
    asked = call.request.first("page") or call.request.first("per_page")
    part, headers = paging.window(call, len(found.ahead), None if asked else _UNPAGED)
    show, name = call.show, quote(f"{base_name}...{head_name}", safe=".")
    html = f"{call.show.web}/{state.full_name}/compare/{name}"
    owner = state.owner.login
    body: dict[str, Any] = {
        "url": f"{show.at(state)}/compare/{name}",
        "html_url": html,
        "permalink_url": f"{call.show.web}/{state.full_name}/compare/{owner}:{base.sha[:7]}...{owner}:{head.sha[:7]}",
        "diff_url": f"{html}.diff",
        "patch_url": f"{html}.patch",
        "base_commit": show.commit(state, base),
        "merge_base_commit": show.commit(state, found.merge_base),
        "status": found.status,
        "ahead_by": len(found.ahead),
        "behind_by": found.behind,
        "total_commits": len(found.ahead),
        "commits": [show.commit(state, one) for one in found.ahead[part]],
    }
    if paging.number(call) == 1:
        body["files"] = []
    return Response.of(body, headers=headers if asked else {})


def pulls_of(call: Call) -> Response:
    """The merged pull request by which a commit came into the default branch, else those that hold it."""
    state = _state(call)
    commit = _commit(state, call.args["ref"])
    if commit is None:
        raise refuse(422, f"No commit found for SHA: {call.args['ref']}")
    found = [
        issue
        for issue in state.issues.values()
        if (pull := issue.pull)
        and ((pull.merged_at and pull.merge_sha == commit.sha) or _holds(state, pull.base_sha, pull.head_sha, commit))
    ]
    return paging.paged(call, found, lambda one: call.show.pull(state, one))


def _holds(state: State, base: str, head: str, commit: Commit) -> bool:
    return any(one.sha == commit.sha for one in state.history.compare(base, head).ahead)


# ── branches ──


def branches(call: Call) -> Response:
    """The branches, by name."""
    state = call.repository()
    return paging.paged(call, sorted(state.branches), lambda name: call.show.branch(state, name))


def branch(call: Call) -> Response:
    """One branch with its commit; its name may hold slashes."""
    state, name = call.repository(), call.args["branch"]
    commit = state.history.commits.get(state.branches.get(name, ""))
    if commit is None:
        raise refuse(404, "Branch not found")
    html = f"{call.show.web}/{state.full_name}/tree/{name}"
    at = f"{call.show.at(state)}/branches/{name}"
    return Response.of(
        {
            "name": name,
            "commit": call.show.commit(state, commit),
            "_links": {"self": at, "html": html},
            "protected": False,
            "protection": {"enabled": False},
            "protection_url": f"{at}/protection",
        }
    )
