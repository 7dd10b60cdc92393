"""GitHub's REST API and the GraphQL queries that are used, at ``/github``."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from urllib.parse import unquote

from okrsync.sandbox.clock import Clock
from okrsync.sandbox.github import admin, graphql, headers
from okrsync.sandbox.github.call import Account, Call, not_found, refuse
from okrsync.sandbox.github.directory import Directory
from okrsync.sandbox.github.limits import Limits
from okrsync.sandbox.github.repository import Repository
from okrsync.sandbox.github.routes import ROUTER
from okrsync.sandbox.github.show import Show
from okrsync.sandbox.github.values import User
from okrsync.sandbox.web import HttpError, Request, Response

_BAD = "bad"  # the one token that is refused
_FREE = ("/rate_limit",)


class GitHub:
    """The repositories by full name (the one that each had when the world began)."""

    def __init__(self, repositories: Iterable[Repository] = (), *, clock: Clock | None = None) -> None:
        self.directory = Directory(clock)
        self.repositories: dict[str, Repository] = {}
        for one in repositories:
            self.add(one)
        self.account = Account(User.named("okrsync-bot"), "repo, read:org", set())
        self.limits = Limits(self.directory.clock)

    @property
    def clock(self) -> Clock:
        return self.directory.clock

    def add(self, repository: Repository) -> None:
        """The world holds this repository too."""
        self.directory.add(repository)
        self.repositories[repository.full_name] = repository

    def answer(self, request: Request) -> Response:
        """What GitHub says."""
        if request.method == "HEAD":
            request = replace(request, method="GET")
        resource = "graphql" if request.path == "/graphql" else "core"
        with self.directory.lock:
            token = _token(request)
            budget = self.limits.budget(token, resource)
            try:
                if token == _BAD:
                    raise refuse(401, "Bad credentials")
                if request.path not in _FREE:
                    headers.check_limits(request, budget, self.clock())
                headers.check_version(request)
                response = self._handle(request, token)
            except HttpError as refusal:
                response = refusal.response
            response = headers.conditional(request, token, response)
            if response.status != 304 and request.path not in _FREE:
                budget.used += 1
            return headers.dressed(response, budget, self.account, self.clock())

    def _handle(self, request: Request, token: str) -> Response:
        base = f"{request.base}/github"
        call = Call(self.directory, self.account, token, self.limits, request, base, {}, Show(base, self.directory))
        if request.path == "/graphql":
            return graphql.answer(call)
        handler, args = ROUTER.find(request.method, request.path) or (None, {})
        if handler is None:
            raise not_found()
        return handler(replace(call, args={name: unquote(value) for name, value in args.items()}))

    def edit(self, request: Request) -> Response:
        """An edit as a person makes it in GitHub."""
        with self.directory.lock:
            return admin.edit(self.directory, request)

    def save(self, folder: Path) -> None:
        """Write every repository into ``<owner>/<repo>`` of a folder; one that was renamed stays where it was."""
        for name, repository in self.repositories.items():
            repository.save(folder / name)


def _token(request: Request) -> str:
    """The token of the Authorization header; empty for a stranger."""
    scheme, _, value = (request.headers.get("Authorization") or "").partition(" ")
    if scheme.lower() in ("bearer", "token"):
        return value.strip()
    if scheme.lower() != "basic":
        return ""
    try:
        return base64.b64decode(value, validate=True).decode().partition(":")[2]
    except (binascii.Error, UnicodeDecodeError):
        return ""
