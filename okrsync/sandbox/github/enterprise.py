"""The same repositories as an Enterprise Server gives them, at ``/ghes/api/v3`` and ``/ghes/api/graphql``."""

from __future__ import annotations

from dataclasses import replace
from typing import Literal

from okrsync.sandbox.github import GitHub
from okrsync.sandbox.github.call import not_found
from okrsync.sandbox.github.faces import SERVER
from okrsync.sandbox.github.limits import Limits
from okrsync.sandbox.web import Request, Response

_REST, _GRAPHQL = "/api/v3", "/api/graphql"


class Enterprise:
    """A server without sub-issues, dependencies and issue types.

    ``limits`` are off, as they are by default there (no headers, no ``rate_limit``), or "zero": off, told as 0 of 0.
    """

    def __init__(self, github: GitHub) -> None:
        self.github = github
        self.limits: Literal["off", "zero"] = "off"

    def answer(self, request: Request) -> Response:
        """What the server says."""
        path = request.path
        if path == _GRAPHQL:
            inner = "/graphql"
        elif path.startswith(f"{_REST}/") and path != f"{_REST}/graphql":
            inner = path.removeprefix(_REST)
        else:
            return not_found().response
        zero = Limits(self.github.clock, dict.fromkeys(("core", "search", "graphql"), 0))
        return self.github.serve(replace(request, path=inner), SERVER, zero if self.limits == "zero" else None)
