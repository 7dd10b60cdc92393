"""What a fault makes of an answer before it is sent."""

from __future__ import annotations

import gzip
import threading
from typing import Any

import orjson

from okrsync.sandbox.faults import Fault
from okrsync.sandbox.web import Response

NEED_ANSWER = frozenset({"truncated", "wrong_length", "drip_headers", "drip_body", "edited", "page_cycle"})
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
        case "edited" if response.body:
            headers = {name: value for name, value in response.headers.items() if name != "ETag"}
            return Response(response.status, _edited(response.body, fault), headers, response.type)
    return response


def _edited(body: bytes, fault: Fault) -> bytes:
    """The JSON as the edit has it; lone surrogates, which no proper JSON holds, are put in last."""
    edited = orjson.dumps(_edit(orjson.loads(body), fault))
    return edited.replace(_UNCLEAN.encode(), b"\\u0000\\ud800")


_UNCLEAN = "unclean-0b5c"
_ODD: dict[type, Any] = {str: 7, int: "odd", float: "odd", bool: "odd", list: {"odd": 1}, dict: ["odd"]}


def _edit(value: Any, fault: Fault) -> Any:
    if isinstance(value, list):
        return [_edit(entry, fault) for entry in value]
    if not isinstance(value, dict):
        return value
    found = {
        name: _spoiled(part, fault) if name == fault.member else _edit(part, fault)
        for name, part in value.items()
        if not (name == fault.member and fault.edit == "removed")
    }
    return found | {"x_new_member": {"x": [1]}} if fault.edit == "added" else found


def _spoiled(value: Any, fault: Fault) -> Any:
    match fault.edit:
        case "null":
            return None
        case "odd":
            return _ODD.get(type(value), 7)
        case "unclean" if isinstance(value, str):
            return f"{_UNCLEAN}{value}{_UNCLEAN}"
    return value


class Tapes:
    """What cycles of pages repeat: the first pages that were given at an address, over and over."""

    def __init__(self) -> None:
        self._faults: list[Fault] = []  # kept, so that no two are the same object
        self._pages: dict[tuple[int, str], list[Response]] = {}
        self._asked: dict[tuple[int, str], int] = {}
        self._lock = threading.Lock()

    def play(self, fault: Fault, path: str, response: Response) -> Response:
        """The answer as long as the cycle is not full, then one of it."""
        with self._lock:
            if not any(one is fault for one in self._faults):
                self._faults.append(fault)
            tape = self._pages.setdefault((id(fault), path), [])
            if len(tape) < fault.rows:
                tape.append(response)
                return response
            asked = self._asked.get((id(fault), path), 0)
            self._asked[id(fault), path] = asked + 1
            return tape[asked % len(tape)]
