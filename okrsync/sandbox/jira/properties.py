"""Entity properties of an issue. Writing them leaves ``updated`` where it is."""

from __future__ import annotations

from urllib.parse import quote

import orjson

from okrsync.sandbox.jira.call import Call, refuse
from okrsync.sandbox.web import Response

MAX_VALUE = 32_768
MAX_KEY = 255


def listed(call: Call) -> Response:
    issue = call.issue()
    address = f"{call.api}/issue/{issue.id}/properties"
    return Response.of({"keys": [{"self": f"{address}/{quote(key, safe='')}", "key": key} for key in issue.properties]})


def read(call: Call) -> Response:
    issue, key = call.issue(), call.args["key"]
    if key not in issue.properties:
        raise refuse(404, f"The property {key} does not exist.")
    return Response.of({"key": key, "value": issue.properties[key]})


def write(call: Call) -> Response:
    """201 for a new property, 200 for one that was there."""
    issue, key = call.editable(), call.args["key"]
    body = call.request.body
    if len(key) > MAX_KEY:
        raise refuse(400, f"The property key cannot be longer than {MAX_KEY} characters.")
    if len(body.decode(errors="replace")) > MAX_VALUE:
        raise refuse(400, f"The property value cannot be longer than {MAX_VALUE} characters.")
    try:
        value = orjson.loads(body)
    except orjson.JSONDecodeError:
        raise refuse(400, "The property value must be a valid, non-empty JSON value.") from None
    status = 200 if key in issue.properties else 201
    issue.properties[key] = value
    return Response(status)


def delete(call: Call) -> Response:
    issue, key = call.editable(), call.args["key"]
    if key not in issue.properties:
        raise refuse(404, f"The property {key} does not exist.")
    del issue.properties[key]
    return Response(204)
