"""How to talk to Asana: the ``asana`` package for signing in and addresses, our transport under it.

Answers are raw JSON. The package's own sending, paging, retries, threads, error classes and log lines are not used.
What Asana counts by token is counted here by token, whichever source or connector of this process uses it.
"""

from __future__ import annotations

import hashlib
import logging
import re
from collections.abc import Callable, Iterator, Mapping
from copy import copy
from datetime import UTC, datetime, timedelta
from functools import cache, partialmethod
from threading import Event
from typing import Any
from urllib.parse import urlsplit

import orjson
import structlog
from asana import ApiClient, Configuration
from requests import Response

from connectors import answer, lanes
from connectors.asana_wire import EVENT
from connectors.raw import member
from connectors.transport import Lane, Transport, credential, session
from okrsync.errors import MalformedPage, Rejected, Unavailable
from okrsync.model import Json, Secret, SourceConfig

log = structlog.get_logger(__name__)

EMPTY_PAGES = 10  # in a row, that still say there is more
SHARE = 0.8  # of the quota that Asana grants a token
_NO_EVENTS = (402, 403)  # not in the plan, not within the scopes of this token
_FORGOTTEN = 412  # a token of events that is unknown or too old: the answer holds another
BURST = 0.1  # of the requests of a minute: Asana looks more often than once a minute
SEARCHES = 60  # a minute, of any token
UNASKED = 10.0  # seconds to wait after a 429 that does not say how many
_CHANGE = re.compile(r"\bname=([^;,\s]+)")
_DAY = timedelta(days=1)
_NEVER = datetime.min.replace(tzinfo=UTC)
_WHERE = "check the url of this source: https://app.asana.com/api/1.0"


class Api:
    """The REST API, version 1.0, for one token. Every method raises nothing but errors of ours.

    ``date`` is the server's own time, as its latest answer told it; None before any did.
    """

    def __init__(self, source: SourceConfig, secret: Secret, *, quota: int, stop: Event | None = None) -> None:
        token = credential(source, secret)
        self.host = urlsplit(source.url).hostname or source.url
        self.date: datetime | None = None
        owner = hashlib.sha256(f"{self.host} {token}".encode()).hexdigest()
        self._searcher = f"{owner} search"
        searches = Lane(rate=SHARE * SEARCHES / 60, burst=int(BURST * SEARCHES))
        self._searches = lanes.join(self._searcher, lanes.Quota(searches, searches)).reads
        self._wait: Callable[[float], bool] = (stop or Event()).wait
        lane = Lane(rate=SHARE * quota / 60, burst=max(1, int(BURST * quota)))  # reads and writes share the quota
        self._transport = Transport(
            source.url,
            timeout=source.timeout,
            accepts=(_FORGOTTEN,),
            ca_file=source.ca_file,
            read_lane=lane,
            write_lane=lane,
            owner=owner,
            source=source.id,
            limit=_asked_wait,
            wait=stop.wait if stop else None,
        )
        self._sender = _Sender(self._transport)
        self._client = _client(source.url, token, self._sender)
        self._client.deserialize = self._read
        self._is_known = False  # whether anything here ever answered as Asana does
        self._told: dict[str, datetime] = {}  # announced change → when it was told last

    @property
    def sent(self) -> int:
        """How many requests were sent so far."""
        return self._transport.sent

    def close(self) -> None:
        """Close every connection."""
        self._sender.close()
        if self._searcher:
            lanes.leave(self._searcher)
            self._searcher = ""

    def me(self) -> Any:
        """Who we are: asked at an address that every Asana has, so that a 404 there says that this is none."""
        try:
            return self.get("/users/me", {"opt_fields": "name"})
        except Rejected as error:
            if error.status != 404:
                raise
            raise Rejected(f"{error}; {_WHERE}", status=error.status) from None

    def get(self, path: str, params: Mapping[str, str] | None = None) -> Any:
        """The data of one object."""
        return member(self._call("GET", path, params), "data", dict)

    def post(self, path: str, data: Mapping[str, Json]) -> Any:
        """The data that Asana answers to a POST; an empty object where it has nothing to say."""
        return member(self._call("POST", path, body={"data": data}), "data", dict)

    def put(self, path: str, data: Mapping[str, Json]) -> Any:
        """The object as Asana holds it after a PUT."""
        return member(self._call("PUT", path, body={"data": data}), "data", dict)

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

    def search(self, workspace: str, params: Mapping[str, str]) -> list[Any]:
        """The tasks that a search finds, a hundred at most: it has no pages, and a limit of its own."""
        pause = self._searches.take()
        if pause > 0 and self._wait(pause):
            raise Unavailable(f"{self.host}: the search was given up, okrsync is stopping", sent=False)
        answered = self._call("GET", f"/workspaces/{workspace}/tasks/search", params)
        found: list[Any] = member(answered, "data", list)
        if not all(isinstance(one, dict) for one in found):
            raise MalformedPage(f"{self.host}: the search found what is no object")
        return found

    def _read(self, response: Any, _kind: str) -> Any:
        """The answer as the transport decoded it (the package would do so again, and change no-break spaces), once its
        date and the changes of the API that it announces are noted."""
        self._is_known = True
        date = answer.clock(response.headers, _NEVER)
        self.date = None if date is _NEVER else date
        for name in _CHANGE.findall(response.headers.get("Asana-Change", "")):
            now = datetime.now(UTC)
            if now - self._told.get(name, _NEVER) >= _DAY:
                self._told[name] = now
                log.warning("asana announces a change of its API", host=self.host, change=name)
        return response.json()

    def _call(self, method: str, path: str, params: Mapping[str, str] | None = None, body: Json = None) -> Any:
        try:
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
        except MalformedPage as error:
            if self._is_known:
                raise
            raise MalformedPage(f"{error}; {_WHERE}", status=error.status) from None


def _asked_wait(status: int, headers: Mapping[str, str], _words: str) -> float | None:
    """Seconds to wait where a refusal is a limit, of number, of cost or of searches."""
    if status != 429:
        return None
    asked = answer.asked_wait(headers, datetime.now(UTC))
    return UNASKED if asked is None else asked


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


@cache
def _made() -> Any:
    """A client for all to be copied: each that is made starts threads, and reads all certificates of the system."""
    client = ApiClient(Configuration())
    if hasattr(client, "pool"):  # one thread a core and some more, which nothing here asks for and not all systems have
        client.pool.close()
        client.pool.join()
    return client


def _client(url: str, token: str, sender: _Sender) -> Any:
    """A client of the package that signs in with ``token`` and sends through ``sender`` alone."""
    loggers = [(logger, logger.level, list(logger.handlers)) for logger in map(logging.getLogger, ("asana", "urllib3"))]
    configuration, client = Configuration(), copy(_made())
    for logger, level, handlers in loggers:  # the package adds handlers of its own and sets levels
        logger.setLevel(level)
        logger.handlers[:] = handlers
    configuration.host, configuration.access_token = url.rstrip("/"), token
    client.configuration, client.default_headers = configuration, dict(client.default_headers)
    client.rest_client = sender
    client.user_agent = "okrsync"
    return client
