"""What a fault makes of an answer before it is sent."""

from __future__ import annotations

import gzip

from okrsync.sandbox.faults import Fault
from okrsync.sandbox.web import Response

NEED_ANSWER = frozenset({"truncated", "wrong_length", "drip_headers", "drip_body"})
"""Faults that spoil the tool's own answer: the request is always carried out."""

_LOGIN_PAGE = b"""<!DOCTYPE html>
<html><head><title>Log in</title></head>
<body><form action="/login" method="post"><input name="username"><input name="password"></form></body></html>
"""


def changed(response: Response, fault: Fault) -> Response:
    """The answer as the fault has it; the one given, where the fault only spoils its way."""
    match fault.kind:
        case "answer":
            return Response(
                fault.status, fault.body.encode(), fault.headers, fault.headers.get("Content-Type", "text/plain")
            )
        case "login_page":
            return Response(200, _LOGIN_PAGE, type="text/html;charset=UTF-8")
        case "logged_out":
            empty = {"issues": [], "isLast": True}
            return Response.of(empty, headers={"X-Seraph-LoginReason": "AUTHENTICATED_FAILED"})
        case "redirect":
            return Response(fault.status if 300 <= fault.status < 400 else 302, headers={"Location": fault.location})
        case "truncated":
            return Response(response.status, response.body[: len(response.body) // 2], response.headers, response.type)
        case "gzip_bomb":
            bomb = gzip.compress(b" " * (1 << 20), compresslevel=9) * fault.megabytes
            return Response(200, bomb, {"Content-Encoding": "gzip"})
    return response
