"""How to talk to one Jira site: the ``jira`` package for signing in and addresses, our transport under its session.

Answers are raw JSON. The package's own searching, paging, retries, error classes and log lines are not used.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from threading import Event
from typing import Any
from urllib.parse import urlsplit

import orjson
from jira import JIRA

from connectors.raw import member, text
from connectors.transport import Transport, credential
from okrsync.errors import MalformedPage, Rejected
from okrsync.model import Json, Secret, SourceConfig

EMPTY_PAGES = 10  # in a row, that still say there is more
_READS = ("/search/jql", "/search/approximate-count", "/issue/bulkfetch", "/changelog/bulkfetch", "/comment/list")


class Api:
    """The REST API, version 3, of one site. Every method raises nothing but errors of ours."""

    def __init__(self, source: SourceConfig, secret: Secret, *, stop: Event | None = None) -> None:
        self.host = urlsplit(source.url).hostname or source.url
        self._transport = Transport(
            source.url,
            timeout=source.timeout,
            reads=_READS,
            ca_file=source.ca_file,
            denied=_denied,
            wait=stop.wait if stop else None,
        )
        self._client = JIRA(
            options={"server": source.url, "rest_api_version": "3", "headers": {"User-Agent": "okrsync"}},
            get_server_info=False,  # nothing is sent before it is needed
            max_retries=0,
            logging=False,
            **_credentials(source, secret),
        )
        self._client._fields_cache_value = {"_": "_"}  # no hidden GET /field
        self._transport.mount(self._client._session)

    @property
    def sent(self) -> int:
        """How many requests were sent so far."""
        return self._transport.sent

    def close(self) -> None:
        """Close every connection."""
        self._client._session.close()

    def server_info(self) -> Mapping[str, Any]:
        """``GET serverInfo`` of a Cloud site; Rejected where the site is no Cloud."""
        info: Mapping[str, Any] = self.get("serverInfo")
        kind = text(info, "deploymentType")
        if kind != "Cloud":
            raise Rejected(
                f"{self.host}: this is Jira Data Center or Server (deploymentType {kind or 'missing'}); "
                "okrsync reads Jira Cloud, Data Center comes in a later release"
            )
        self._client.deploymentType = kind
        return info

    def get(self, path: str, params: Any = None) -> Any:
        """The decoded answer of a GET."""
        return self.call("GET", path, params)

    def post(self, path: str, body: Json, params: Any = None) -> Any:
        """The decoded answer of a POST."""
        return self.call("POST", path, params, body)

    def call(self, method: str, path: str, params: Any = None, body: Json = None) -> Any:
        """The decoded answer of one request below ``rest/api/3``, None where it has no body."""
        data = None if body is None else orjson.dumps(body)
        response = self._client._session.request(method, self._client._get_url(path), params=params, data=data)
        return response.json()

    def pages(self, path: str, body: Mapping[str, Json], name: str) -> Iterator[list[Any]]:
        """The pages of a token-paged POST that hold something; MalformedPage where its tokens lead nowhere."""
        seen: set[str] = set()
        empty = 0
        token: str | None = None
        while True:
            answer = self.post(path, body if token is None else {**body, "nextPageToken": token})
            page = member(answer, name, list)
            if page:
                yield page
            used, token = token, answer.get("nextPageToken")
            if not token:
                if answer.get("isLast") is False:
                    raise MalformedPage(f"{self.host}: {path} says there is more and gives no token for it")
                return
            empty = 0 if page else empty + 1
            again = not page and token == used  # nothing yet: the same page once more
            if not isinstance(token, str) or (token in seen and not again) or empty > EMPTY_PAGES:
                raise MalformedPage(f"{self.host}: {path} pages in a circle")
            seen.add(token)


def _credentials(source: SourceConfig, secret: Secret) -> dict[str, Any]:
    token = credential(source, secret)
    if source.email is not None:
        return {"basic_auth": (source.email.encode(), token.encode())}
    return {"token_auth": token}


def _denied(headers: Mapping[str, str]) -> bool:
    """True where Jira let us in as nobody: it answers such requests, with nothing in them."""
    return "AUTHENTICATED_FAILED" in headers.get("X-Seraph-LoginReason", "") or (
        "X-Authentication-Denied-Reason" in headers
    )
