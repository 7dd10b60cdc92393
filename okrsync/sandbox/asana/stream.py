"""GET events: what happened to a resource since a token."""

from __future__ import annotations

from okrsync.sandbox.asana import fields
from okrsync.sandbox.asana.call import Call, answer
from okrsync.sandbox.web import Response

_TOO_OLD = (
    "Sync token invalid or too old. If you are attempting to keep resources in sync, you must fetch the full dataset "
    "for this query now and use the new sync token for the next sync."
)


def events(call: Call) -> Response:
    """Up to a hundred events, oldest first; 412 with a fresh token where there is none, or one that is too old."""
    resource = call.required("resource", "project", "task", "goal", "tag")
    workspace, gid = call.workspace, resource["gid"]
    now = workspace.clock()
    fault = call.request.fault
    known = None
    if not (fault and fault.kind == "expired_token"):
        known = workspace.log.read(call.first("sync") or "", gid, now, workspace.sync_lifetime)
    if known is None:
        return answer({"errors": [{"message": _TOO_OLD}], "sync": workspace.log.token(gid, now)}, 412)
    found, token, more = known
    tree = call.tree()
    if workspace.disorder and found:
        found = [*reversed(found), {**found[-1], "resource": None}, found[-1]]
    shown = [fields.show(one, tree, workspace.hidden) for one in found]
    return answer({"data": shown, "sync": token, "has_more": more})
