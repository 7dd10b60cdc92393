"""What every request must pass before the application sees it: host, method, token, and how long its body may take.

Pure ASGI: nothing here reads the store, and a request that is refused costs next to nothing.
"""

from __future__ import annotations

import asyncio
import base64
import hmac
import re
from collections.abc import Callable, Collection
from time import monotonic
from typing import TYPE_CHECKING, NamedTuple

import orjson
from starlette.datastructures import Headers, MutableHeaders
from starlette.exceptions import HTTPException

from okrsync.web.audience import reads_pages

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

    from okrsync.model import Secret

LONGEST = 25 * 1024 * 1024
"""Bytes of a body: what GitHub sends at most."""

PATIENCE = 10.0
"""Seconds for the whole of a body."""

MODEST = 1024 * 1024
"""Bytes from which on a body is long; what tools send of a change is tens of kB."""

LONG_ONES = 4
"""Long bodies that are held in memory at once: nobody has proved yet who sends them."""

OPEN = frozenset({"/healthz", "/readyz"})
"""What is answered without a token: it tells no more than whether okrsync works."""

WEBHOOKS = "/webhooks/"
"""What tools post to: they sign what they send, and have no token of ours."""

READS = ("GET", "HEAD")
TOO_LONG = f"the body is longer than {LONGEST // 1024**2} MB"
CLOSE = {"connection": "close"}
CHALLENGES = (
    ("www-authenticate", 'Bearer realm="okrsync"'),
    ("www-authenticate", 'Basic realm="okrsync", charset="UTF-8"'),  # what a browser can ask its reader for
)
_HOST = re.compile(r"(?:\[(?P<address>[0-9a-f:.]+)\]|(?P<name>[^:\[\]@/\s]+))(?::[0-9]*)?")
HEADERS = {
    "content-security-policy": "default-src 'self'; frame-ancestors 'none'",
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "no-referrer",
    "cross-origin-resource-policy": "same-origin",
    "cache-control": "no-store",
}


class _Refusal(NamedTuple):
    status: int
    error: str
    headers: tuple[tuple[str, str], ...] = ()


class Guard:
    """Lets through to ``app`` what asks one of ``hosts`` (a strange name that was made to lead here is none of them),
    reads only, and holds the ``token`` where one is asked for. Both are asked at each request, for a reload of the
    configuration changes them. A browser that is refused is shown what ``stranger`` makes of the status and of its
    ``Accept-Language``."""

    def __init__(
        self,
        app: ASGIApp,
        hosts: Callable[[], Collection[str]],
        token: Callable[[], Secret | None],
        stranger: Callable[[int, str], bytes],
    ) -> None:
        self._app, self._hosts, self._token, self._stranger = app, hosts, token, stranger
        self._places = _Places(LONG_ONES)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
        if scope["type"] != "http":
            return
        headers = Headers(scope=scope)

        async def answer(message: Message) -> None:
            if message["type"] == "http.response.start":
                given = MutableHeaders(scope=message)
                for name, value in HEADERS.items():
                    given.setdefault(name, value)
                if _has_body(headers) and scope["method"] in READS:
                    given["connection"] = "close"  # nobody reads that body
            await send(message)

        refusal = self._refusal(scope, headers)
        if refusal is not None:
            await self._refuse(refusal, scope["path"], headers, answer)
            return
        body = _Body(receive, monotonic() + PATIENCE, self._places)
        try:
            await self._app(_as_get(scope), body.receive, answer)
        finally:
            body.leave()

    def _refusal(self, scope: Scope, headers: Headers) -> _Refusal | None:
        """Why this request goes no further; None where it does."""
        if _host(headers.getlist("host")) not in self._hosts():
            return _Refusal(421, "this is another host; okrsync answers to those of [server] hosts")
        path = scope["path"]
        hooked = path.startswith(WEBHOOKS)
        if scope["method"] not in (("POST",) if hooked else READS):
            allowed = "POST" if hooked else ", ".join(READS)
            return _Refusal(405, f"only {allowed} here", (("allow", allowed),))
        if not hooked and path not in OPEN and not self._known(headers.getlist("authorization")):
            return _Refusal(401, "send the token of [server] token as Authorization: Bearer …", CHALLENGES)
        if "transfer-encoding" in headers and "content-length" in headers:  # a proxy may have believed the other one
            return _Refusal(400, "Content-Length and Transfer-Encoding say two lengths of one body")
        length = headers.get("content-length", "")
        if hooked and length.isdecimal() and (len(length) > 15 or int(length) > LONGEST):
            return _Refusal(413, TOO_LONG)
        return None

    def _known(self, given: Collection[str]) -> bool:
        """Whether the one token given is ours; any, or none, where we have none."""
        token = self._token()
        if token is None:
            return True
        scheme, _, said = "".join(given).partition(" ") if len(given) == 1 else ("", "", "")
        told = _told(scheme.lower(), said.strip().encode("latin-1"))  # as the bytes came
        return hmac.compare_digest(told, token.reveal().encode()) and told != b""

    async def _refuse(self, refusal: _Refusal, path: str, headers: Headers, send: Send) -> None:
        """Answered at once, and the connection closed: what is left of the body is not waited for."""
        if reads_pages(path, headers.get("accept", "")):
            body = self._stranger(refusal.status, headers.get("accept-language", ""))
            kind = "text/html; charset=utf-8"
        else:
            body, kind = orjson.dumps({"error": refusal.error}), "application/json"
        given = {"content-type": kind, "content-length": str(len(body)), **CLOSE}
        pairs = [*given.items(), *refusal.headers]
        start = [(name.encode("latin-1"), value.encode("latin-1")) for name, value in pairs]
        await send({"type": "http.response.start", "status": refusal.status, "headers": start})
        await send({"type": "http.response.body", "body": body})


def _told(scheme: str, said: bytes) -> bytes:
    """The token that is told so: by itself (Bearer), or as the password of whatever user (Basic, RFC 7617); nothing
    where it cannot be read."""
    if scheme == "bearer":
        return said
    try:
        return base64.b64decode(said, validate=True).partition(b":")[2] if scheme == "basic" else b""
    except ValueError:
        return b""


class _Places:
    """How many more long bodies there is room for. For one event loop."""

    __slots__ = ("left",)

    def __init__(self, left: int) -> None:
        self.left = left


class _Body:
    """The body of a request; HTTPException, which the application answers with, where it is too long or too slow, or
    long and one of too many."""

    def __init__(self, receive: Receive, until: float, places: _Places) -> None:
        self._receive, self._until, self._places = receive, until, places
        self._length, self._whole, self._long = 0, False, False

    async def receive(self) -> Message:
        if self._whole:  # what is waited for from here on is the end of the connection
            return await self._receive()
        try:
            async with asyncio.timeout(max(0.0, self._until - monotonic())):
                message = await self._receive()
        except TimeoutError:
            raise HTTPException(408, f"the body took longer than {PATIENCE:g} s", CLOSE) from None
        self._length += len(message.get("body", b""))
        self._whole = not message.get("more_body", False)
        if self._length > LONGEST:
            raise HTTPException(413, TOO_LONG, CLOSE)
        if self._length > MODEST and not self._long:
            if not self._places.left:
                raise HTTPException(503, "too many long bodies at once; send it again", CLOSE | {"retry-after": "10"})
            self._long = True
            self._places.left -= 1
        return message

    def leave(self) -> None:
        """There is room for another one."""
        self._places.left += self._long
        self._long = False


def _host(given: Collection[str]) -> str | None:
    """The name that is asked for, without port; None where there is not exactly one."""
    said = _HOST.fullmatch("".join(given).lower()) if len(given) == 1 else None
    return said and (said["address"] or said["name"].removesuffix("."))


def _has_body(headers: Headers) -> bool:
    return headers.get("content-length", "0") != "0" or "transfer-encoding" in headers


def _as_get(scope: Scope) -> Scope:
    """HEAD is GET without the body, which the server leaves out."""
    return {**scope, "method": "GET"} if scope["method"] == "HEAD" else scope
