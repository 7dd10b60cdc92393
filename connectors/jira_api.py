"""How to talk to one Jira site: the ``jira`` package for signing in and addresses, our transport under its session.

Answers are raw JSON. The package's own searching, paging, retries, error classes and log lines are not used. No link of
an answer is ever followed: through the gateway, they lead elsewhere.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from threading import Event
from typing import Any
from urllib.parse import urlsplit

import orjson
from jira import JIRA

from connectors import answer, tally
from connectors.raw import instant, text
from connectors.transport import Transport, credential, digest, session
from okrsync.errors import AuthError, MalformedPage, Rejected, ToolError
from okrsync.model import Json, Limit, Secret, SourceConfig

GATEWAY = "https://api.atlassian.com/ex/jira/"
_THROUGH_GATEWAY = re.compile(r"/ex/jira/[^/]+/?$")
_CLOUD_HOST = ".atlassian.net"
_SCOPED = "where it is one with scopes, or of a service account, type: okrsync check-config --online"
_WHERE = "check the url of this source: what people open in their browser, with its context path and nothing behind"
_NEVER = datetime.max.replace(tzinfo=UTC)
_CLOUD_ID = re.compile(r"[0-9A-Za-z-]{8,64}")
_SIGN_IN = re.compile(r"\b(log[-_]?in|sign[-_]?in|sso|saml\w*|oauth2?|adfs|idp|authorize)\b", re.IGNORECASE)
_READS = (  # ends of the paths of POSTs that only read
    "/search",
    "/search/jql",
    "/search/approximate-count",
    "/issue/bulkfetch",
    "/changelog/bulkfetch",
    "/comment/list",
)


class Api:
    """The REST API of one site. Every method raises nothing but errors of ours.

    Paths are those below ``rest/api/VERSION``; one that starts with a slash is one of the site.
    """

    def __init__(self, source: SourceConfig, secret: Secret, *, stop: Event | None = None) -> None:
        self.host = urlsplit(source.url).hostname or source.url
        self.bearer = source.email is None
        self._url = source.url.rstrip("/")
        token = credential(source, secret)
        self._transport = Transport(
            self._url,
            timeout=source.timeout,
            reads=_READS,
            ca_file=source.ca_file,
            owner=digest(self._url, token),
            source=source.id,
            denied=self._denied,
            limit=_limit,
            alone=_alone,
            wait=stop.wait if stop else None,
        )
        signing: dict[str, Any] = (
            {"token_auth": token} if source.email is None else {"basic_auth": (source.email.encode(), token.encode())}
        )
        self._client = JIRA(
            options={"server": self._url, "rest_api_version": "3", "headers": {"User-Agent": "okrsync"}},
            get_server_info=False,  # nothing is sent before it is needed
            max_retries=0,
            logging=False,
            **signing,
        )
        self._client._fields_cache_value = {"_": "_"}  # no hidden GET /field
        self._transport.mount(self._client._session)
        self._headers: Mapping[str, str] = {}
        self._refusal: str | None = None

    @property
    def sent(self) -> int:
        """How many requests were sent so far."""
        return self._transport.sent

    def close(self) -> None:
        """Close every connection."""
        self._client._session.close()

    def server_info(self) -> Mapping[str, Any]:
        """``GET serverInfo``, below version 2: the one that every Jira has. MalformedPage where it tells nothing."""
        try:
            info = self.get("/rest/api/2/serverInfo")
        except Rejected as error:
            if error.status != 404:
                raise
            raise Rejected(f"{error}; {_WHERE}", status=error.status) from None
        if not (text(info, "deploymentType") or text(info, "baseUrl")):
            raise MalformedPage(f"{self.host}: serverInfo does not say what this is; check the url of this source")
        return info  # type: ignore[no-any-return]

    def speak(self, version: str) -> None:
        """Requests go below this version of the API from now on."""
        self._client._options["rest_api_version"] = version

    def get(self, path: str, params: Any = None) -> Any:
        """The decoded answer of a GET."""
        return self.call("GET", path, params)

    def rows(self, path: str) -> list[Any]:
        """The list that a GET answers; MalformedPage where it is none."""
        found = self.get(path)
        if not isinstance(found, list):
            raise MalformedPage(f"{self.host}: {path} is no list")
        return found

    def post(self, path: str, body: Json, params: Any = None) -> Any:
        """The decoded answer of a POST."""
        return self.call("POST", path, params, body)

    def call(self, method: str, path: str, params: Any = None, body: Json = None) -> Any:
        """The decoded answer of one request, None where it has no body."""
        data = None if body is None else orjson.dumps(body)
        url = self._url + path if path.startswith("/") else self._client._get_url(path)
        try:
            response = self._client._session.request(method, url, params=params, data=data)
        except AuthError as refused:
            advice = self._refusal or (_SCOPED if self.host.endswith(_CLOUD_HOST) else "")
            if not advice:
                raise
            raise AuthError(f"{refused}; {advice}", status=refused.status) from None
        self._headers = response.headers
        return response.json()

    @property
    def now(self) -> datetime:
        """Jira's own time when it last answered; the last instant that there is where it did not tell."""
        return answer.clock(self._headers, _NEVER)

    def limits(self) -> tuple[Limit, ...]:
        """The limit of requests that the last answer told of."""
        told = tally.quota(self._headers)
        return () if told is None else (told,)

    def advised(self, refused: AuthError) -> AuthError:
        """The refusal, with the address that a scoped token needs, where this is a Cloud site: one more request."""
        gateway = self._gateway()
        advice = f'a scoped token or a service account needs url = "{gateway}"'
        return AuthError(f"{refused}; {advice}", status=refused.status) if gateway else refused

    def _denied(self, headers: Mapping[str, str]) -> bool:
        self._refusal = _refusal(headers)
        return self._refusal is not None

    def _gateway(self) -> str:
        """The address by which a scoped token reaches this Cloud site; "" where it has none, or where it is in use."""
        if _THROUGH_GATEWAY.search(self._url):
            return ""
        try:
            told = session(self._transport).get(f"{self._url}/_edge/tenant_info").json()  # as nobody: no token
        except ToolError:
            return ""
        cloud_id = text(told, "cloudId")
        return GATEWAY + cloud_id if _CLOUD_ID.fullmatch(cloud_id) else ""


def _refusal(headers: Mapping[str, str]) -> str | None:
    """What to do where an answer, whatever its status, was given to nobody; None where it was given to us.

    Jira answers the requests of nobody, too, with nothing in them. A site behind single sign-on sends us away instead.
    """
    if "X-Authentication-Denied-Reason" in headers:
        return "Jira wants a CAPTCHA solved: sign in once in a browser, with this account"
    location = headers.get("Location", "")
    if "/rest/" not in location.partition("?")[0] and _SIGN_IN.search(location):  # also told of what was written
        return "the address leads to a sign-in page: okrsync needs one that takes a personal access token"
    return "" if "AUTHENTICATED_FAILED" in headers.get("X-Seraph-LoginReason", "") else None


def _limit(status: int, headers: Mapping[str, str], _: str) -> float | None:
    """Seconds until a quota is there again, where Jira names the quota and no wait: until its reset, else until the
    next full hour, when the points of all quotas come back. None leaves it to Retry-After."""
    if status != 429 or "quota" not in headers.get("RateLimit-Reason", "") or headers.get("Retry-After"):
        return None
    now = answer.clock(headers, datetime.now(UTC))
    hour = now.replace(minute=0, second=0, microsecond=0) + timedelta(hours=1)
    return max(0.0, ((instant(headers.get("X-RateLimit-Reset")) or hour) - now).total_seconds())


def _alone(headers: Mapping[str, str]) -> bool:
    """Whether a limit is one of an endpoint or of an issue, so that other requests need not wait for it."""
    return headers.get("RateLimit-Reason", "") in ("jira-burst-based", "jira-per-issue-on-write")
