"""Commit statuses: posted, never edited nor deleted; the newest of a context counts."""

from __future__ import annotations

from okrsync.sandbox.github import paging
from okrsync.sandbox.github.call import Call, invalid, refuse
from okrsync.sandbox.github.state import State
from okrsync.sandbox.github.values import Status, node_of
from okrsync.sandbox.web import Response

STATES = ("error", "failure", "pending", "success")
_MOST = 1000  # of one sha and context
_LONGEST = 140


def create(call: Call) -> Response:
    state, sha = call.repository(), call.args["ref"]
    call.may_write("statuses", "push")
    if not state.knows(sha):
        raise refuse(422, f"No commit found for SHA: {sha}")
    body = call.body()
    if body.get("state") not in STATES:
        raise invalid("Status", "state", "custom", "state must be one of error, failure, pending, success")
    description, context = body.get("description"), body.get("context") or "default"
    if description is not None and len(description) > _LONGEST:
        raise invalid("Status", "description", "custom", f"description is too long (maximum is {_LONGEST} characters)")
    known = state.statuses.setdefault(sha, [])
    if sum(one.context == context for one in known) >= _MOST:
        raise invalid("Status", "context", "custom", "This SHA and context has reached the maximum number of statuses.")
    id_ = state.next_id("status")
    made = Status(
        id=id_,
        node_id=node_of("SC", id_),
        sha=sha,
        state=body["state"],
        context=context,
        description=description,
        target_url=body.get("target_url"),
        created_at=call.hand.stamp,
        creator=call.account.user,
    )
    call.lag(state, "statuses", sha, list(known))
    known.append(made)
    state.changed()
    shown = call.show.status(state, made)
    return Response.of(shown, 201, {"Location": shown["url"]})


def _statuses(call: Call) -> tuple[State, str, list[Status]]:
    """Repository, sha and statuses of the ref, the newest first."""
    state, ref = call.repository(), call.args["ref"]
    sha = state.commit_of(ref) or (ref if state.knows(ref) else None)
    if sha is None:
        raise refuse(422, f"No commit found for SHA: {ref}")
    return state, sha, state.seen("statuses", sha, state.statuses.get(sha, []))[::-1]


def listed(call: Call) -> Response:
    """Every status of a commit, the newest first."""
    state, _, found = _statuses(call)
    return paging.paged(call, found, lambda one: call.show.status(state, one))


def combined(call: Call) -> Response:
    """The newest status of each context, and what they come to."""
    state, sha, found = _statuses(call)
    newest: dict[str, Status] = {}
    for one in found:
        newest.setdefault(one.context, one)
    latest = list(newest.values())
    part, headers = paging.window(call, len(latest))
    shown = [call.show.status(state, one) for one in latest[part]]
    for raw in shown:
        del raw["creator"]  # a combined status does not say who posted each
    at = f"{call.show.at(state)}/commits/{sha}"
    body = {
        "state": _overall({one.state for one in latest}),
        "statuses": shown,
        "sha": sha,
        "total_count": len(latest),
        "repository": call.show.repository(state),
        "commit_url": at,
        "url": f"{at}/status",
    }
    return Response.of(body, headers=headers)


def _overall(states: set[str]) -> str:
    if states & {"error", "failure"}:
        return "failure"
    return "success" if states == {"success"} else "pending"
