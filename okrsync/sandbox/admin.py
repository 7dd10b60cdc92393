"""The calls under ``/_sandbox``: what was asked, faults, the clock, edits as a person makes them (docs/sandbox.md)."""

from __future__ import annotations

from datetime import datetime, timedelta
from email.message import Message
from typing import TYPE_CHECKING, Any

import orjson

from okrsync.errors import UsageError
from okrsync.sandbox.faults import Fault
from okrsync.sandbox.web import HttpError, Request, Response

if TYPE_CHECKING:
    from okrsync.sandbox.server import Sandbox


def answer(sandbox: Sandbox, request: Request, path: str) -> Response:
    """What an admin call does and says; 400 with a sentence where it cannot be done."""
    try:
        match request.method, path:
            case "GET", "requests":
                return Response.of(
                    [
                        {"method": asked.method, "path": asked.path, "query": asked.query, "status": asked.status}
                        for asked in sandbox.requests
                    ]
                )
            case "DELETE", "requests":
                sandbox.clear_requests()
                return Response(204)
            case "GET", "faults":
                return Response.of(sandbox.faults.armed())
            case "POST", "faults":
                sandbox.faults.arm(Fault.parse(request.json()))
                return Response.of(sandbox.faults.armed(), 201)
            case "DELETE", "faults":
                sandbox.faults.clear()
                return Response(204)
            case "POST", "clock":
                return Response.of({"now": _clock(sandbox, request.json()).isoformat()})
            case "POST", _:
                return _edit(sandbox, request, path)
            case "GET", _:
                return _view(sandbox, request, path)
    except (orjson.JSONDecodeError, UsageError, ValueError) as error:
        return Response.of({"message": str(error)}, 400)
    return Response.of({"message": f"no admin call {request.method} /_sandbox/{path}"}, 404)


def meanwhile(sandbox: Sandbox, fault: Fault) -> None:
    """What a fault has people do is done; ValueError where it cannot be."""
    for path, body in fault.edits:
        done = _edit(sandbox, Request("POST", path, {}, Message(), orjson.dumps(body), sandbox.url), path)
        if done.status >= 400:
            raise ValueError(f"meanwhile: {path}: {done.body.decode()}")


def _clock(sandbox: Sandbox, body: Any) -> datetime:
    """``{"now": instant}`` stops the clock there, ``{"now": null}`` follows the machine, ``{"advance": seconds}``."""
    clock = sandbox.world.clock
    if not isinstance(body, dict) or len(body) != 1 or not set(body) <= {"now", "advance"}:
        raise ValueError('write {"now": "2026-01-31T12:00:00Z"}, {"now": null} or {"advance": 60}')
    if "advance" in body:
        clock.advance(timedelta(seconds=float(body["advance"])))
    elif body["now"] is None:
        clock.set(None)
    else:
        at = datetime.fromisoformat(body["now"])
        if at.tzinfo is None:
            raise ValueError(f"{body['now']!r} has no offset; write 2026-01-31T12:00:00Z")
        clock.set(at)
    return clock()


def _view(sandbox: Sandbox, request: Request, path: str) -> Response:
    """What people see of an object in its tool, where the sandbox of the tool can show that."""
    name, _, rest = path.partition("/")
    view = getattr(sandbox.world.tools.get(name), "view", None)
    if view is None:
        return Response.of({"message": f"no admin call GET /_sandbox/{path}"}, 404)
    shown: Response = view(
        Request(request.method, "/" + rest, request.query, request.headers, request.body, request.base)
    )
    return shown


def _edit(sandbox: Sandbox, request: Request, path: str) -> Response:
    name, _, rest = path.partition("/")
    tool = sandbox.world.tools.get(name)
    if tool is None:
        return Response.of({"message": f"no tool {name!r} in this world"}, 404)
    try:
        response = tool.edit(
            Request(request.method, "/" + rest, request.query, request.headers, request.body, request.base)
        )
    except HttpError as refusal:
        return refusal.response
    sandbox.world.notice()
    sandbox.save_if_persistent()
    return response
