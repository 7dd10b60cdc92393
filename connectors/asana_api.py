"""How to talk to Asana: the ``asana`` package for signing in and addresses, our transport under it.

Answers are raw JSON. The package's own sending, paging, retries, threads, error classes and log lines are not used.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping
from functools import partialmethod
from threading import Event
from typing import Any
from urllib.parse import urlsplit

import orjson
from asana import ApiClient, Configuration
from requests import Response

from connectors.asana_wire import EVENT
from connectors.raw import member
from connectors.transport import Lane, Transport, credential, session
from okrsync.errors import MalformedPage, Rejected
from okrsync.model import Json, Secret, SourceConfig

EMPTY_PAGES = 10  # in a row, that still say there is more
SHARE = 0.8  # of the quota that Asana grants a token
_NO_EVENTS = (402, 403)  # not in the plan, not within the scopes of this token
_FORGOTTEN = 412  # a token of events that is unknown or too old: the answer holds another
BURST = 0.1  # of the requests of a minute: Asana looks more often than once a minute


class Api:
    """The REST API, version 1.0, for one token. Every method raises nothing but errors of ours."""

    def __init__(self, source: SourceConfig, secret: Secret, *, quota: int, stop: Event | None = None) -> None:
        token = credential(source, secret)
        self.host = urlsplit(source.url).hostname or source.url
        lane = Lane(rate=SHARE * quota / 60, burst=max(1, int(BURST * quota)))  # reads and writes share the quota
        self._transport = Transport(
            source.url,
            timeout=source.timeout,
            accepts=(_FORGOTTEN,),
            ca_file=source.ca_file,
            read_lane=lane,
            write_lane=lane,
            wait=stop.wait if stop else None,
        )
        self._sender = _Sender(self._transport)
        self._client = _client(source.url, token, self._sender)

    @property
    def sent(self) -> int:
        """How many requests were sent so far."""
        return self._transport.sent

    def close(self) -> None:
        """Close every connection."""
        self._sender.close()

    def get(self, path: str, params: Mapping[str, str] | None = None) -> Any:
        """The data of one object."""
        return member(self._call("GET", path, params), "data", dict)

    def post(self, path: str, data: Mapping[str, Json]) -> Any:
        """The data that Asana answers to a POST; an empty object where it has nothing to say."""
        return member(self._call("POST", path, body={"data": data}), "data", dict)

    def delete(self, path: str) -> None:
        """The object is gone, or was already."""
        try:
            self._call("DELETE", path)
        except Rejected as error:
            if error.status != 404:
                raise

    def pages(self, path: str, params: Mapping[str, str]) -> Iterator[list[Any]]:
        """The pages of a listing that hold something; MalformedPage where its offsets lead nowhere.

        An offset expires while its reader is busy: the listing then starts once more, and gives again what it gave.
        """
        seen: set[str] = set()
        empty, restarted = 0, False
        offset: str | None = None
        while True:
            try:
                answer = self._call("GET", path, params if offset is None else {**params, "offset": offset})
            except Rejected as error:
                if offset is None or restarted or error.status != 400:
                    raise
                offset, restarted = None, True
                seen.clear()
                continue
            page = member(answer, "data", list)
            if not all(isinstance(one, dict) for one in page):
                raise MalformedPage(f"{self.host}: {path} lists what is no object")
            if page:
                yield page
            onward = answer.get("next_page")
            if onward is None:
                return
            used, offset = offset, member(onward, "offset", str)
            empty = 0 if page else empty + 1
            again = not page and offset == used  # nothing yet: the same page once more
            if not offset or (offset in seen and not again) or empty > EMPTY_PAGES:
                raise MalformedPage(f"{self.host}: {path} pages in a circle")
            seen.add(offset)

    def events(self, resource: str, token: str) -> tuple[list[Any] | None, str]:
        """What happened to a resource since a token, None where Asana has forgotten the token, and the next one.

        A token whose events may not be read is "", and nothing ever happens.
        """
        found: list[Any] = []
        seen = {token}
        while True:
            query = {"resource": resource, "opt_fields": EVENT} | ({"sync": token} if token else {})
            try:
                answer = self._call("GET", "/events", query)
            except Rejected as error:
                if error.status not in _NO_EVENTS:
                    raise
                return [], ""
            token = member(answer, "sync", str)
            if answer.get("data") is None:
                return None, token
            found += member(answer, "data", list)
            if answer.get("has_more") is not True:
                return found, token
            if token in seen:
                raise MalformedPage(f"{self.host}: /events pages in a circle")
            seen.add(token)

    def _call(self, method: str, path: str, params: Mapping[str, str] | None = None, body: Json = None) -> Any:
        return self._client.call_api(
            path,
            method,
            query_params=dict(params or {}),  # the package writes into it
            header_params={"Accept": "application/json", "Content-Type": "application/json"},
            body=body,
            response_type="object",
            auth_settings=["personalAccessToken"],
            _return_http_data_only=True,
        )


class _Sender:
    """What the package sends through in place of its own ``rest_client``."""

    def __init__(self, transport: Transport) -> None:
        self._session = session(transport)

    def close(self) -> None:
        self._session.close()

    def _send(
        self, method: str, url: str, query_params: Any = None, headers: Any = None, body: Any = None, **_: Any
    ) -> Response:
        data = None if body is None else orjson.dumps(body)
        return self._session.request(method, url, params=query_params, headers=headers, data=data)

    GET = partialmethod(_send, "GET")
    POST = partialmethod(_send, "POST")
    PUT = partialmethod(_send, "PUT")
    DELETE = partialmethod(_send, "DELETE")


def _client(url: str, token: str, sender: _Sender) -> Any:
    """A client of the package that signs in with ``token`` and sends through ``sender`` alone."""
    loggers = [(logger, logger.level, list(logger.handlers)) for logger in map(logging.getLogger, ("asana", "urllib3"))]
    configuration = Configuration()
    for logger, level, handlers in loggers:  # the package adds handlers of its own and sets levels
        logger.setLevel(level)
        logger.handlers[:] = handlers
    configuration.host, configuration.access_token = url.rstrip("/"), token
    client = ApiClient(configuration)
    client.pool.close()  # one thread a core and some more, which nothing here asks for
    client.pool.join()
    client.rest_client = sender
    client.user_agent = "okrsync"
    client.deserialize = _decoded  # as the transport read it: the package reads it again, and changes no-break spaces
    return client


def _decoded(response: Any, _kind: str) -> Any:
    return response.json()
