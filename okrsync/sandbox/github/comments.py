"""Comments on issues and pull requests."""

from __future__ import annotations

from datetime import datetime, timedelta

from okrsync.sandbox.github import changes, paging
from okrsync.sandbox.github.call import Call, invalid, not_found
from okrsync.sandbox.github.state import State
from okrsync.sandbox.github.values import Comment
from okrsync.sandbox.web import Response

_LONGEST = 65_536


def visible(comment: Comment, now: datetime) -> bool:
    return comment.visible_at is None or comment.visible_at <= now


def _visible(call: Call, comment: Comment) -> bool:
    return visible(comment, call.directory.clock())


def listed(call: Call) -> Response:
    """The comments of an issue, oldest first; one that is not visible yet is left out."""
    state, issue = call.issue()
    since = call.instant("since")
    found = [one for one in issue.comments if _visible(call, one) and (since is None or one.updated_at >= since)]
    return paging.paged(call, found, lambda one: call.show.comment(state, one))


def of_repository(call: Call) -> Response:
    """The comments of every issue, in the order of their ids, or as ``sort`` and ``direction`` say."""
    state = call.repository()
    since, sort = call.instant("since"), call.choice("sort", ("created", "updated"))
    found = [
        one
        for issue in state.issues.values()
        for one in issue.comments
        if _visible(call, one) and (since is None or one.updated_at >= since)
    ]
    backwards = call.choice("direction", ("asc", "desc")) == "desc"
    found.sort(key=lambda one: (one.updated_at if sort == "updated" else one.created_at, one.id), reverse=backwards)
    return paging.paged(call, found, lambda one: call.show.comment(state, one))


def _comment(call: Call) -> tuple[State, Comment]:
    state, wanted = call.repository(), call.number("comment")
    for issue in state.issues.values():
        for comment in issue.comments:
            if comment.id == wanted and _visible(call, comment):
                return state, comment
    raise not_found()


def read(call: Call) -> Response:
    return Response.of(call.show.comment(*_comment(call)))


def create(call: Call) -> Response:
    state, issue = call.issue()
    call.may_write("issues")
    body = _body(call)
    fault = call.request.fault
    late = fault is not None and fault.kind == "late"
    visible_at = call.directory.clock() + timedelta(seconds=fault.seconds) if fault and late else None
    made = changes.comment(state, issue, call.hand, body, visible_at)
    shown = call.show.comment(state, made)
    return Response.of(shown, 201, {"Location": shown["url"]})


def _body(call: Call) -> str:
    body = call.body().get("body")
    if not isinstance(body, str) or not body.strip():
        raise invalid("IssueComment", "body", "missing_field")
    if len(body) > _LONGEST:
        raise invalid("IssueComment", "body", "custom", f"body is too long (maximum is {_LONGEST} characters)")
    return body


def update(call: Call) -> Response:
    state, comment = _comment(call)
    call.may_write("issues")
    before = comment.body
    changes.edit_comment(state, comment, call.hand, _body(call))
    response = Response.of(call.show.comment(state, comment))
    call.lag(state, "comment", comment.id, before)
    return response


def delete(call: Call) -> Response:
    state, comment = _comment(call)
    call.may_write("issues")
    changes.delete_comment(state, comment, call.hand)
    return Response(204)
