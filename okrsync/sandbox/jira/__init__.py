"""Jira Cloud, REST version 3, at ``/jira/<site>``."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from urllib.parse import unquote

from okrsync.sandbox.jira import admin
from okrsync.sandbox.jira.account import anonymous, credentials
from okrsync.sandbox.jira.call import Call, refuse
from okrsync.sandbox.jira.routes import ROUTER
from okrsync.sandbox.jira.site import Site
from okrsync.sandbox.web import HttpError, Request, Response

_BAD = "bad"  # the one token that is refused
_UNAUTHORISED = "Client must be authenticated to access this resource."


class Jira:
    """The sites by name."""

    def __init__(self, sites: Iterable[Site] = ()) -> None:
        self.sites: dict[str, Site] = {site.name: site for site in sites}

    def answer(self, request: Request) -> Response:
        """What the site of the path says."""
        site, path = self._site(request)
        call = self._call(site, request)
        found = ROUTER.find(request.method, path)
        if found is None:
            raise refuse(404, f"No endpoint {request.method} {path}")
        handler, args = found
        if handler is None:
            raise refuse(405, f"{request.method} is not allowed here")
        with site.lock:
            return handler(Call(call.site, call.account, request, call.base, {k: unquote(v) for k, v in args.items()}))

    def _site(self, request: Request) -> tuple[Site, str]:
        name, _, path = request.path.lstrip("/").partition("/")
        site = self.sites.get(name)
        if site is None:
            raise refuse(404, f"There is no Jira site {name!r} in this world.")
        return site, "/" + path.replace("rest/api/latest/", "rest/api/3/", 1)

    def _call(self, site: Site, request: Request) -> Call:
        header = request.headers.get("Authorization")
        found = credentials(header)
        if header and (found is None or found.token == _BAD):
            refusal = Response.of({"errorMessages": [_UNAUTHORISED], "errors": {}}, 401)
            headers = {"WWW-Authenticate": 'Basic realm="Jira"', "X-Seraph-LoginReason": "AUTHENTICATED_FAILED"}
            raise HttpError(Response(401, refusal.body, headers))
        account = site.account_of(found.email) if found else anonymous()
        return Call(site, account, request, f"{request.base}/jira/{site.name}", {})

    def edit(self, request: Request) -> Response:
        """An edit as a person makes it in Jira."""
        site, path = self._site(request)
        with site.lock:
            return admin.edit(site, path, request)

    def save(self, folder: Path) -> None:
        for site in self.sites.values():
            site.save(folder / site.name)
