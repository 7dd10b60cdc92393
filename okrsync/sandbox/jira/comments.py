"""Comments of an issue: documents only, with properties, moving ``updated``."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from okrsync.sandbox.jira import changes
from okrsync.sandbox.jira.call import Call, refuse
from okrsync.sandbox.jira.issue import Issue, stamp
from okrsync.sandbox.jira.issues import check_silence, hand
from okrsync.sandbox.jira.show import comment_of, visible
from okrsync.sandbox.web import Response

PAGE = 100
MAX_COMMENTS = 5000
MAX_IDS = 1000


def listed(call: Call) -> Response:
    """A page of comments, oldest first unless ``orderBy=-created``; one that is not visible yet is left out."""
    issue = call.issue()
    start, size = call.number("startAt", 0), call.number("maxResults", PAGE)
    found = visible(issue, call)
    found.sort(key=lambda comment: int(comment["id"]), reverse=call.request.first("orderBy") == "-created")
    page = [comment_of(comment, issue, call) for comment in found[start : start + size]]
    return Response.of({"startAt": start, "maxResults": size, "total": len(found), "comments": page})


def by_ids(call: Call) -> Response:
    """Comments of any issues by their ids; with ``expand=properties``, which no other listing of comments takes."""
    ids = set(call.bean({"ids": list}).get("ids", []))
    if len(ids) > MAX_IDS or not all(isinstance(one, int) for one in ids):
        raise refuse(400, "Invalid request payload. Refer to the REST API documentation and try again.")
    properties = "properties" in call.request.every("expand")
    values = [
        comment_of(comment, issue, call, properties=properties)
        for issue in call.site.visible(call.account)
        if issue.id in call.site.comments
        for comment in visible(issue, call)
        if int(comment["id"]) in ids
    ]
    page = {"startAt": 0, "maxResults": MAX_IDS, "total": len(values), "isLast": True, "values": values}
    return Response.of(page)


def read(call: Call) -> Response:
    issue = call.issue()
    return Response.of(comment_of(_comment(issue, call), issue, call))


def _comment(issue: Issue, call: Call) -> dict[str, Any]:
    wanted = call.args["comment"]
    for comment in call.site.comments_of(issue):
        if comment["id"] == wanted:
            return comment
    raise refuse(404, f"Can not find a comment for the id: {wanted}.")


def create(call: Call) -> Response:
    issue = call.issue()
    if not call.account.may("ADD_COMMENTS"):
        raise refuse(400, comment="You do not have the permission to comment on this issue.")
    comments = call.site.comments_of(issue)
    if len(comments) >= MAX_COMMENTS:
        raise refuse(413, f"The issue has reached its limit of {MAX_COMMENTS} comments.")
    body, held = _body(call)
    maker, now = hand(call), call.site.clock()
    comment: dict[str, Any] = {
        "id": call.site.next_id(),
        "author": call.account.user(call.base),
        **held,
        "updateAuthor": call.account.user(call.base),
        "created": maker.stamp(),
        "updated": maker.stamp(),
        "jsdPublic": True,
        "properties": _properties(body),
    }
    fault = call.request.fault
    if fault and fault.kind == "late":
        comment["visibleAt"] = stamp(now + timedelta(seconds=fault.seconds))
    comments.append(comment)
    changes.touch(call.site, issue, maker)
    return Response.of(comment_of(comment, issue, call), 201)


def _body(call: Call) -> tuple[dict[str, Any], dict[str, Any]]:
    """What was sent, and what to hold of its text."""
    body = call.body()
    try:
        return body, call.face.comment(body.get("body"))
    except ValueError as error:
        raise refuse(400, comment=str(error)) from None


def _properties(body: dict[str, Any]) -> list[dict[str, Any]]:
    found = body.get("properties") or []
    if not isinstance(found, list) or not all(isinstance(entry, dict) and "key" in entry for entry in found):
        raise refuse(400, "Invalid request payload. Refer to the REST API documentation and try again.")
    return found


def update(call: Call) -> Response:
    issue = call.issue()
    comment = _comment(issue, call)
    own = comment.get("author", {}).get("accountId") == call.account.account_id
    if not (call.account.may("EDIT_ALL_COMMENTS") or (own and call.account.may("EDIT_OWN_COMMENTS"))):
        raise refuse(400, comment="You do not have the permission to edit this comment.")
    check_silence(call)
    body, held = _body(call)
    maker = hand(call)
    comment.pop("wiki", None)
    comment.update(held)
    comment["updated"], comment["updateAuthor"] = maker.stamp(), call.account.user(call.base)
    if "properties" in body:
        kept = {entry["key"]: entry for entry in comment.get("properties", [])}
        kept.update({entry["key"]: entry for entry in _properties(body)})
        comment["properties"] = list(kept.values())
    changes.touch(call.site, issue, maker)
    return Response.of(comment_of(comment, issue, call))


def delete(call: Call) -> Response:
    issue = call.issue()
    comment = _comment(issue, call)
    own = comment.get("author", {}).get("accountId") == call.account.account_id
    if not (call.account.may("DELETE_ALL_COMMENTS") or (own and call.account.may("DELETE_OWN_COMMENTS"))):
        raise refuse(400, comment="You do not have the permission to delete this comment.")
    call.site.comments_of(issue).remove(comment)
    changes.touch(call.site, issue, hand(call))
    return Response(204)
