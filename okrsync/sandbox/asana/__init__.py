"""Asana 1.0 with goals, at ``/asana/api/1.0``."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import datetime
from email.utils import format_datetime
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import orjson

from okrsync.sandbox.asana import hooks, view
from okrsync.sandbox.asana.call import Call, refuse
from okrsync.sandbox.asana.records import ME
from okrsync.sandbox.asana.routes import API, ROUTER
from okrsync.sandbox.asana.workspace import Workspace
from okrsync.sandbox.clock import Clock
from okrsync.sandbox.post import Post
from okrsync.sandbox.web import HttpError, Request, Response

_BAD = "bad"  # the one token that is refused
_NO_ROUTE = "No matching route for request"


class Asana:
    """The workspaces by gid."""

    def __init__(self, workspaces: Iterable[Workspace] = (), *, clock: Clock | None = None) -> None:
        self.clock = clock or Clock()
        self.workspaces = {one.gid: one for one in workspaces}
        for one in self.workspaces.values():
            one.clock = self.clock

    def answer(self, request: Request) -> Response:
        """What Asana says."""
        path = request.path.removeprefix(API)
        found = ROUTER.find(request.method, path) if request.path.startswith(API) else None
        if found is None or found[0] is None or not self.workspaces:
            raise refuse(404, _NO_ROUTE)
        scheme, _, token = (request.headers.get("Authorization") or "").partition(" ")
        if scheme.lower() != "bearer" or token.strip() in ("", _BAD):
            raise refuse(401, "Not Authorized")
        handler, args = found[0], {name: unquote(value) for name, value in found[1].items()}
        workspace = self._workspace(request, args)
        if handler is hooks.create:  # asks the address of the webhook, and holds nobody up meanwhile
            return handler(Call(workspace, self.workspaces, request, f"{request.base}/asana{API}", path, args))
        with workspace.limits.flight(request) as crowded, workspace.lock:
            now = workspace.clock()
            response = crowded or workspace.limits.refused(request, now)
            if response is None:
                try:
                    response = handler(
                        Call(workspace, self.workspaces, request, f"{request.base}/asana{API}", path, args)
                    )
                except HttpError as refusal:
                    response = refusal.response
                workspace.limits.pay(response, now)
            return replace(response, headers={**_headers(workspace, now), **response.headers})

    def _workspace(self, request: Request, args: dict[str, str]) -> Workspace:
        """The workspace that holds what the request names; the first one where it names nothing of any."""
        if len(self.workspaces) > 1:
            for gid in _gids(request, args):
                for one in self.workspaces.values():
                    if gid != ME and (one.gid == gid or one.any(gid) is not None):
                        return one
        return next(iter(self.workspaces.values()))

    def edit(self, request: Request) -> Response:
        """An edit as a person makes it in Asana."""
        gid, _, path = request.path.lstrip("/").partition("/")
        workspace = self.workspaces.get(gid)
        if workspace is None:
            return Response.of({"message": f"there is no Asana workspace {gid!r} in this world"}, 404)
        return Response.of(workspace.edit(path, request.json()))

    def view(self, request: Request) -> Response:
        """What people see of an object in Asana."""
        gid, _, path = request.path.lstrip("/").partition("/")
        workspace = self.workspaces.get(gid)
        if workspace is None:
            return Response.of({"message": f"there is no Asana workspace {gid!r} in this world"}, 404)
        with workspace.lock:
            found = view.shown(workspace, path)
        return Response.of({"message": f"nothing is shown at {path!r}"}, 404) if found is None else Response.of(found)

    def notice(self) -> None:
        """What happened is on its way to the webhooks that want to know."""
        for one in list(self.workspaces.values()):
            with one.lock:
                hooks.notice(one)

    def posts(self) -> Iterable[Post]:
        """By which webhooks leave."""
        return [one.post for one in list(self.workspaces.values())]

    def save(self, folder: Path) -> None:
        """Write every workspace into ``<gid>`` of a world's folder."""
        for one in self.workspaces.values():
            one.save(folder / one.gid)


def _headers(workspace: Workspace, now: datetime) -> dict[str, str]:
    """Asana's own time, and the changes of its API that it announces, a header each."""
    told = [f"name={name};info=https://asana.test/{name};affected=true" for name in workspace.announced]
    announced = {"Asana-Change": "\r\nAsana-Change: ".join(told)} if told else {}
    return {"Date": format_datetime(now, usegmt=True), **announced}


def _gids(request: Request, args: dict[str, str]) -> Iterator[str]:
    """Every gid that the path, the query and the body may name."""
    yield from args.values()
    for name, values in request.query.items():
        if name not in ("offset", "opt_fields", "sync"):
            yield from values
    try:
        data: Any = request.json()["data"] if request.body else {}
    except (orjson.JSONDecodeError, KeyError, TypeError):
        return  # the handler says what is wrong with the body
    for value in data.values() if isinstance(data, dict) else ():
        yield from (one for one in (value if isinstance(value, list) else [value]) if isinstance(one, str))
