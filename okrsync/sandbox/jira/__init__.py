"""Jira at ``/jira/<site>``: Cloud, REST version 3, or Data Center, version 2; a Cloud site behind the gateway too."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import UTC
from email.utils import format_datetime
from pathlib import Path
from urllib.parse import unquote

from okrsync.sandbox.jira import admin, hooks, meta
from okrsync.sandbox.jira.account import Account, anonymous, credentials
from okrsync.sandbox.jira.call import Call, refuse
from okrsync.sandbox.jira.limits import REASONS
from okrsync.sandbox.jira.routes import DATACENTER, ROUTER
from okrsync.sandbox.jira.site import Site
from okrsync.sandbox.post import Post
from okrsync.sandbox.web import HttpError, Request, Response, reads

_BAD = "bad"  # the one token that is refused
_SCOPED = "scoped-"  # tokens that begin so are good behind the gateway only
_READ_ONLY = "scoped-readonly"
_UNAUTHORISED = "Client must be authenticated to access this resource."
_TENANT = "/_edge/tenant_info"
_LATEST = re.compile(r"/rest/api/latest/")
_OLDER = re.compile(r"/rest/api/2/(?=(serverInfo|search)$)")  # what is known of version 2 on Cloud


class Jira:
    """The sites by name."""

    def __init__(self, sites: Iterable[Site] = ()) -> None:
        self.sites: dict[str, Site] = {site.name: site for site in sites}

    def answer(self, request: Request) -> Response:
        """What the site of the path says."""
        name, path = _first(request.path)
        site = self._site(name)
        home = f"{request.base}/jira/{site.name}"
        if path == _TENANT and request.method == "GET" and not site.datacenter:
            return meta.tenant(Call(site, anonymous(), request, home, {}, home))
        account = _account(site, request, lambda token: not token.startswith(_SCOPED))
        return _answer(site, path, account, request, home, home)

    def _site(self, name: str) -> Site:
        site = self.sites.get(name)
        if site is None:
            raise refuse(404, f"There is no Jira site {name!r} in this world.")
        return site

    def edit(self, request: Request) -> Response:
        """An edit as a person makes it in Jira."""
        name, path = _first(request.path)
        site = self._site(name)
        with site.lock:
            return admin.edit(site, path, request)

    def view(self, request: Request) -> Response:
        """What people see of an issue."""
        name, path = _first(request.path)
        site = self._site(name)
        with site.lock:
            return admin.view(site, path)

    def notice(self) -> None:
        """What changed is on its way to the webhooks that want to know."""
        for site in list(self.sites.values()):
            with site.lock:
                hooks.notice(site)

    def posts(self) -> Iterable[Post]:
        """By which webhooks leave."""
        return [site.post for site in list(self.sites.values())]

    def save(self, folder: Path) -> None:
        for site in self.sites.values():
            site.save(folder / site.name)


class Gateway:
    """``api.atlassian.com``: the Cloud sites at ``/ex/jira/<cloud id>``, the one door for tokens with scopes."""

    def __init__(self, jira: Jira) -> None:
        self._jira = jira

    def answer(self, request: Request) -> Response:
        """What the site says through the gateway: its links lead through it as well."""
        product, rest = _first(request.path)
        cloud_id, path = _first(rest)
        sites = (site for site in self._jira.sites.values() if site.cloud_id == cloud_id and not site.datacenter)
        site = next(sites, None)
        if product != "jira" or site is None:
            raise HttpError(Response.of({"timestamp": "", "status": 404, "error": "Not Found", "path": path}, 404))
        harmless = reads(request.method, request.path)
        account = _account(site, request, lambda token: harmless or not token.startswith(_READ_ONLY), gateway=True)
        base = f"{request.base}/ex/jira/{cloud_id}"
        return _answer(site, path, account, request, base, f"{request.base}/jira/{site.name}")


def _first(path: str) -> tuple[str, str]:
    """The first segment of a path, and the path below it."""
    name, _, rest = path.lstrip("/").partition("/")
    return name, "/" + rest


def _account(site: Site, request: Request, good: Callable[[str], bool], *, gateway: bool = False) -> Account:
    """Who asks; 401 for a token that is refused, or not good at this door."""
    header = request.headers.get("Authorization")
    found = credentials(header)
    if found is not None and found.token != _BAD and good(found.token):
        return site.account_of(found.email)
    if gateway:
        refusal = {"code": 401, "message": "Unauthorized; scope does not match"}
        raise HttpError(Response.of(refusal, 401, {"WWW-Authenticate": "Bearer"}))
    if header:
        headers = {"WWW-Authenticate": 'Basic realm="Jira"', "X-Seraph-LoginReason": "AUTHENTICATED_FAILED"}
        raise HttpError(Response.of({"errorMessages": [_UNAUTHORISED], "errors": {}}, 401, headers))
    return anonymous()


def _answer(site: Site, path: str, account: Account, request: Request, base: str, home: str) -> Response:
    """What the endpoint of the path says, as the site's limits let it."""
    if site.datacenter:
        router, path = DATACENTER, _LATEST.sub("/rest/api/2/", path, count=1)
    else:
        router, path = ROUTER, _OLDER.sub("/rest/api/3/", _LATEST.sub("/rest/api/3/", path, count=1), count=1)
    with site.lock:
        now = site.clock()
        if request.fault and request.fault.kind in REASONS:
            site.limits.exceed(request.fault, request.method, path, now)
        site.limits.check(request.method, path, now)
        if not site.datacenter:
            site.limits.wrote(request.method, path, now)
        headers = {"Date": format_datetime(now.astimezone(UTC), usegmt=True)}
        headers |= site.bucket.take(account.account_id, now) if site.bucket else {}
        found = router.find(request.method, path)
        if found is None:
            raise refuse(404, f"No endpoint {request.method} {path}")
        handler, args = found
        if handler is None:
            raise refuse(405, f"{request.method} is not allowed here")
        response = handler(Call(site, account, request, base, {k: unquote(v) for k, v in args.items()}, home))
        return replace(response, headers={**response.headers, **headers})
