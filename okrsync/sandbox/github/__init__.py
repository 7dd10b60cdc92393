"""GitHub's REST API and the GraphQL queries that are used, at ``/github``."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from urllib.parse import unquote

from okrsync.sandbox.clock import Clock
from okrsync.sandbox.github import admin, graphql, headers, hooks
from okrsync.sandbox.github.apps import Apps
from okrsync.sandbox.github.call import Account, Call, not_found, refuse
from okrsync.sandbox.github.directory import Directory
from okrsync.sandbox.github.faces import CLOUD, Face
from okrsync.sandbox.github.limits import Limits
from okrsync.sandbox.github.repository import Repository
from okrsync.sandbox.github.routes import ROUTER
from okrsync.sandbox.github.show import Show
from okrsync.sandbox.github.values import User
from okrsync.sandbox.post import Post
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
        self.apps = Apps()
        self.limits = Limits(self.directory.clock)

    @property
    def clock(self) -> Clock:
        return self.directory.clock

    def add(self, repository: Repository) -> None:
        """The world holds this repository too."""
        self.directory.add(repository)
        self.repositories[repository.full_name] = repository

    def answer(self, request: Request) -> Response:
        """What github.com says."""
        return self.serve(request, CLOUD, self.limits)

    def serve(self, request: Request, face: Face, limits: Limits | None) -> Response:
        """What GitHub says under one of its faces; without ``limits`` there are none."""
        if request.method == "HEAD":
            request = replace(request, method="GET")
        with self.directory.lock:
            token, now = _token(request), self.clock()
            budget = limits.budget(token, _resource(request.path)) if limits else None
            account = self.account
            try:
                account = self._account(token, now)
                if budget and request.path not in _FREE:
                    headers.check_limits(request, budget, now)
                    budget.used += 1
                if limits:
                    headers.check_creation(request, limits, token)
                headers.check_version(request)
                response = self._handle(request, token, account, face, limits)
            except HttpError as refusal:
                response = refusal.response
            response = headers.conditional(request, token, response)
            if budget and response.status == 304:
                budget.used -= 1
            told = {**face.headers, **(budget.headers() if budget else {})}
            return headers.dressed(response, told, account, now)

    def _account(self, token: str, now: datetime) -> Account:
        """Whose token this is; HttpError where it is no good."""
        if (installed := self.apps.account(token)) is not None:
            return installed
        if token == _BAD or (token and self.account.expires_at and self.account.expires_at <= now):
            raise refuse(401, "Bad credentials")
        return self.account

    def _handle(self, request: Request, token: str, account: Account, face: Face, limits: Limits | None) -> Response:
        base = request.base + face.api
        show = Show(base, self.directory, face.pages(request.base), newer=face.newer)
        call = Call(self.directory, account, token, limits, request, base, {}, show, self.apps)
        if request.path == "/graphql":
            return graphql.answer(call, face.schema)
        handler, args = ROUTER.find(request.method, request.path) or (None, {})
        if handler is None or not face.knows(request.path):
            raise not_found()
        call.may_read()
        return handler(replace(call, args={name: unquote(value) for name, value in args.items()}))

    def edit(self, request: Request) -> Response:
        """An edit as a person makes it in GitHub."""
        with self.directory.lock:
            if request.path == "/limits":
                return admin.limit(self.limits, request)
            return admin.edit(self.directory, self.account, request)

    def view(self, request: Request) -> Response:
        """What people see where ``GET …/<owner>/<repo>/shown`` asks: texts as GitHub renders them."""
        with self.directory.lock:
            return admin.view(self.directory, request)

    def notice(self) -> None:
        """What changed is on its way to the webhooks that want to know."""
        with self.directory.lock:
            for one in self.directory.repositories.values():
                hooks.notice(one)

    def posts(self) -> Iterable[Post]:
        """By which webhooks leave."""
        return [self.directory.post]

    def save(self, folder: Path) -> None:
        """Write every repository into ``<owner>/<repo>`` of a folder; one that was renamed stays where it was."""
        for name, repository in self.repositories.items():
            repository.save(folder / name)


def _resource(path: str) -> str:
    """Whose budget a request is taken from."""
    if path == "/graphql":
        return "graphql"
    return "search" if path.startswith("/search/") else "core"


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
