"""Requests, answers and routes: what every tool of the sandbox is written in.

A handler is a small function from a call to a :class:`Response`; it raises :class:`HttpError` where the tool would
refuse. Nothing here knows a tool or a socket.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from email.message import Message
from typing import Any, Generic, TypeVar

import orjson

from okrsync.sandbox.faults import Fault

JSON = "application/json;charset=UTF-8"
_SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
_READING_POSTS = (
    *("/search", "/search/jql", "/search/approximate-count", "/bulkfetch", "/comment/list", "/graphql"),
    "/access_tokens",  # signs in
)


def reads(method: str, path: str) -> bool:
    """Whether a request cannot change anything: there are POSTs that only read."""
    return method in _SAFE_METHODS or path.endswith(_READING_POSTS)


@dataclass(frozen=True, slots=True)
class Request:
    """One HTTP request, read whole. ``base`` is the server's address; ``path`` is as it was sent, without the query."""

    method: str
    path: str
    query: Mapping[str, list[str]]
    headers: Message[str, str]
    body: bytes
    base: str
    fault: Fault | None = None

    def first(self, name: str, default: str | None = None) -> str | None:
        """The first value of a query parameter."""
        values = self.query.get(name)
        return values[0] if values else default

    def every(self, name: str) -> list[str]:
        """All values of a query parameter; ``a=1,2&a=3`` gives three."""
        return [part for value in self.query.get(name, ()) for part in value.split(",") if part]

    def json(self) -> Any:
        """The body as JSON; ValueError where it is none."""
        return orjson.loads(self.body)


@dataclass(frozen=True, slots=True)
class Response:
    """One HTTP answer. ``headers`` go beside Content-Type and Content-Length, which the server adds."""

    status: int = 200
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)
    type: str = JSON

    @classmethod
    def of(cls, value: object, status: int = 200, headers: Mapping[str, str] | None = None) -> Response:
        return cls(status, orjson.dumps(value), headers or {})


class HttpError(Exception):
    """A refusal that already knows its answer."""

    def __init__(self, response: Response) -> None:
        super().__init__(response.status)
        self.response = response


CallT = TypeVar("CallT")


class Router(Generic[CallT]):
    """Method and path to handler. ``{name}`` in a pattern matches one segment, ``{name+}`` one or more."""

    def __init__(self) -> None:
        self._routes: list[tuple[re.Pattern[str], dict[str, Callable[[CallT], Response]]]] = []
        self._patterns: list[tuple[str, str]] = []

    def routes(self) -> Sequence[tuple[str, str]]:
        """Method and pattern of every route, in the order in which they were added."""
        return tuple(self._patterns)

    def add(self, method: str, pattern: str, handler: Callable[[CallT], Response]) -> None:
        self._patterns.append((method, pattern))
        one_segment = re.sub(r"\{(\w+)\}", r"(?P<\1>[^/]+)", pattern)
        expression = re.compile(re.sub(r"\{(\w+)\+\}", r"(?P<\1>.+)", one_segment))
        for known, methods in self._routes:
            if known.pattern == expression.pattern:
                methods[method] = handler
                return
        self._routes.append((expression, {method: handler}))

    def find(self, method: str, path: str) -> tuple[Callable[[CallT], Response] | None, dict[str, str]] | None:
        """Handler and path arguments; ``(None, {})`` where only other methods fit; None where there is no such path."""
        for expression, methods in self._routes:
            if matched := expression.fullmatch(path):
                handler = methods.get(method)
                return (handler, matched.groupdict()) if handler else (None, {})
        return None
