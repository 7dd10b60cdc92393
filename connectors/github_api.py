"""How to talk to GitHub: PyGithub for signing in, headers and addresses, our transport under its requester.

Answers are raw JSON, decoded once. PyGithub's objects, paging, retries, throttle, error classes and log lines are not
used; each thread has a client and a session of its own, and each request a connection of its own, so that neither
threads nor sources can meet.
"""

from __future__ import annotations

import hashlib
import logging
import re
import threading
from collections import OrderedDict
from collections.abc import ItemsView, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from threading import Event
from typing import Any
from urllib.parse import quote, urlsplit

import github
import requests
from github import Auth, Github
from github.Requester import Requester
from requests import Session
from requests.utils import parse_header_links

from connectors import answer, github_limits
from connectors.github_app import Installation
from connectors.raw import inner, member, text
from connectors.transport import Answer, Lane, Transport, after, credential, session
from okrsync.errors import AuthError, MalformedPage, RateLimited, Rejected, Unavailable
from okrsync.model import Json, Secret, SourceConfig

AGENT = "okrsync"
VERSION = "2022-11-28"  # the next one leaves merge_commit_sha and the single assignee out
PAGE = 100  # the most that a page holds
EMPTY_PAGES = 10  # in a row, that still say there is more
MEMORY = 16_000_000  # bytes of answers kept with their ETags, over all sources
_LONGEST = 64_000  # bytes of an answer worth keeping
_BROKE_DOWN = re.compile(r"something went wrong|timeout|timed out|internal error", re.IGNORECASE)

logging.getLogger(github.__name__).handlers.clear()  # the package logs to stderr by itself


@dataclass(frozen=True, slots=True)
class Reply:
    """A good answer: its JSON, the headers, and the address of the next page, "" where there is none."""

    value: Any
    headers: Mapping[str, str]
    next: str


@dataclass(frozen=True, slots=True)
class Hole:
    """Why a query has no answer in one place. ``path`` leads there: ("repository", "n7")."""

    path: tuple[str | int, ...]
    kind: str  # GitHub's own word: "NOT_FOUND", "FORBIDDEN" …; "" where it gives none
    said: str


@dataclass(frozen=True, slots=True)
class Data:
    """What a query found, where it has holes, and when that was by GitHub's own clock."""

    found: Mapping[str, Any]
    holes: Sequence[Hole]
    at: datetime


@dataclass(frozen=True, slots=True)
class _Kept:
    etag: str
    link: str
    body: bytes


class Memory:
    """Answers with their ETags, the least recently used go first. Safe to use from any thread.

    An answer belongs to a token and an address; GitHub then says in a few bytes, and outside the quota, that it is
    still the same.
    """

    def __init__(self, size: int) -> None:
        self._left = size
        self._kept: OrderedDict[tuple[str, str], _Kept] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, key: tuple[str, str]) -> _Kept | None:
        with self._lock:
            if key in self._kept:
                self._kept.move_to_end(key)
            return self._kept.get(key)

    def keep(self, key: tuple[str, str], kept: _Kept) -> None:
        with self._lock:
            if old := self._kept.pop(key, None):
                self._left += len(old.body)
            self._kept[key] = kept
            self._left -= len(kept.body)
            while self._left < 0:
                _, dropped = self._kept.popitem(last=False)
                self._left += len(dropped.body)


_memory = Memory(MEMORY)  # outlives connectors, which are made anew for each cycle


class Api:
    """The REST API and the GraphQL queries of one account. Every method raises nothing but errors of ours."""

    def __init__(self, source: SourceConfig, secret: Secret, *, reserve: int = 0, stop: Event | None = None) -> None:
        parts = urlsplit(source.url)
        self.host = parts.hostname or source.url
        self.version = ""  # of an Enterprise Server, once it answered
        self._answered = False  # whether anything at this address ever was the API
        self._base, self._prefix = source.url.rstrip("/"), parts.path.rstrip("/")
        self._origin = f"{parts.scheme}://{parts.netloc}"
        self.app = Installation(source.id, source.app, secret, self._as_app) if source.app else None
        token = "" if source.app else credential(source, secret)
        self._auth: Auth.Auth = self.app or Auth.Token(token)
        identity = token or str(source.app)  # a token of an app lives for an hour: what is remembered is the app's
        self._owner = hashlib.sha256(f"{self._base} {identity}".encode()).hexdigest()
        self._reserve = github_limits.Reserve(self.host, 0 if source.app else reserve / 100)
        self._wait = stop.wait if stop else Event().wait
        self._searches = Lane(rate=0.5, burst=10)  # GitHub allows 30 a minute
        self._transport = Transport(
            source.url,
            timeout=source.timeout,
            reads=("/graphql", "/access_tokens"),  # we send queries only, and a second token harms nobody
            ca_file=source.ca_file,
            read_lane=Lane(rate=13, burst=100),  # 900 a minute is what GitHub allows
            write_lane=Lane(rate=1, burst=1),  # as it asks for
            owner=self._owner,
            source=source.id,
            limit=github_limits.asked_wait,
            alone=github_limits.is_of_searches,
            hint=github_limits.hint,
            wait=stop.wait if stop else None,
        )
        self._thread = threading.local()
        self._graphql = self._own_client().requester.graphql_url

    @property
    def sent(self) -> int:
        """How many requests were sent so far."""
        return self._transport.sent

    def close(self) -> None:
        """Close every connection."""
        self._transport.close()

    # ── requests ─────────────────────────────────────────────────────────────────────────────────────────────────────

    def get(self, path: str, params: Mapping[str, str] | None = None, *, keep: bool = False) -> Reply:
        """The answer of a GET. One that is kept is not transferred again as long as GitHub says that it is the same."""
        if not keep:
            return self._reply(self._send("GET", path, params))
        key = (self._owner, Requester.add_parameters_to_url(path, dict(params or {})))
        known = _memory.get(key)
        found = self._send("GET", path, params, etag=known.etag if known else "")
        if known and found.status_code == requests.codes.not_modified:
            return Reply(answer.decode(known.body), found.headers, self._next(known.link))
        etag, body = found.headers.get("ETag"), found.content
        if etag and len(body) <= _LONGEST:
            _memory.keep(key, _Kept(etag, found.headers.get("Link", ""), body))
        return self._reply(found)

    def call(self, method: str, path: str, body: Json = None) -> Any:
        """The decoded answer of one request that is no GET, None where it has no body."""
        return self._send(method, path, body=body).json()

    def pages(
        self, path: str, params: Mapping[str, str] | None = None, *, rows: str = "", keep: bool = False
    ) -> Iterator[tuple[list[Any], str]]:
        """Page after page with the address of the next, "" after the last; MalformedPage where they lead nowhere.

        ``rows`` names the member that holds them, where they are not the whole answer; ``keep`` is for the first page.
        """
        seen: set[str] = set()
        empty = 0
        reply = self.get(path, params, keep=keep)
        while True:
            found = member(reply.value, rows, list) if rows else reply.value
            if not isinstance(found, list):
                raise MalformedPage(f"{self.host}: {path} answered with no list")
            empty = 0 if found else empty + 1
            if reply.next in seen or empty > EMPTY_PAGES:
                raise MalformedPage(f"{self.host}: {path} pages in a circle")
            yield found, reply.next
            if not reply.next:
                return
            seen.add(reply.next)
            reply = self.get(reply.next)

    def query(self, words: str, variables: Mapping[str, Json]) -> Data:
        """What a GraphQL query finds.

        Where there is no data at all: Unavailable if GitHub says that it broke down over the query, else Rejected.
        """
        found = self._send("POST", self._graphql, body={"query": words, "variables": variables})
        reply = self._reply(found)
        errors = inner(reply.value, "errors")
        errors = [error for error in errors if isinstance(error, dict)] if isinstance(errors, list) else []
        said = answer.words(found.content, answer.secrets(found.request.headers)) if errors else ""
        if any(text(error, "type") == "RATE_LIMITED" for error in errors) or github_limits.is_limit(said):
            until = after(github_limits.asked_wait(429, reply.headers, said) or github_limits.PATIENCE)
            asked = f"asked to wait until {until:%Y-%m-%d %H:%M:%S} UTC"
            raise RateLimited(f"{self.host}: GraphQL: {said}; {asked}", retry_at=until, status=200)
        data = inner(reply.value, "data")
        if not isinstance(data, dict):
            if _BROKE_DOWN.search(said):
                raise Unavailable(f"{self.host}: GraphQL: {said}", status=502)
            raise Rejected(f"{self.host}: GraphQL: {said or 'no data'}")
        hidden = answer.secrets(found.request.headers)
        return Data(data, [_hole(error, hidden) for error in errors], answer.clock(reply.headers, datetime.now(UTC)))

    def account(self) -> int:
        """The id of the account as which we write."""
        if self.app is None:
            return int(member(self.get("/user", keep=True).value, "id", int))
        bot = quote(f"{text(self.app.ask('/app'), 'slug')}[bot]", safe="")
        return int(member(self.get(f"/users/{bot}", keep=True).value, "id", int))

    def search(self, path: str, params: Mapping[str, str]) -> Any:
        """The answer of a search, which GitHub allows less often than anything else."""
        if (pause := self._searches.take()) > 0 and self._wait(pause):
            raise Unavailable(f"{self.host}: GET {path}: given up, okrsync is stopping", sent=False)
        return self.get(path, params).value

    # ── one exchange ─────────────────────────────────────────────────────────────────────────────────────────────────

    def _send(
        self,
        method: str,
        path: str,
        params: Mapping[str, str] | None = None,
        body: Json = None,
        etag: str = "",
    ) -> Answer:
        self._reserve.keep(path)
        exchange = _Exchange(self._own_session(), self._origin)
        asked = {"Accept": "application/vnd.github+json"} | ({"If-None-Match": etag} if etag else {})
        for confirmed in (self.app is None, True):
            try:
                self._own_client().requester.requestJson(
                    method,
                    path,
                    dict(params or {}),
                    asked,
                    body,
                    cnx=exchange,  # type: ignore[arg-type]  # what it needs of one
                )
                break
            except AuthError as error:  # of an app, the token may have been withdrawn before its end: one more try
                if confirmed or error.status != requests.codes.unauthorized or self.app is None:
                    raise
                self.app.forget(exchange.token)
            except MalformedPage as error:  # a page for people, say, where the API was expected
                if self._answered:
                    raise
                raise MalformedPage(f"{error}; {github_limits.WHERE}", status=error.status) from None
        self._answered = True
        headers = exchange.answer.headers
        self._reserve.note(headers)
        self.version = headers.get("X-GitHub-Enterprise-Version", self.version)
        return exchange.answer

    def _as_app(self, method: str, path: str, jwt: str) -> tuple[Any, Mapping[str, str]]:
        headers = {"Accept": "application/vnd.github+json", "Authorization": f"Bearer {jwt}", "User-Agent": AGENT}
        headers["X-GitHub-Api-Version"] = VERSION
        found = self._own_session().request(method, self._base + path, headers=headers, allow_redirects=False)
        return found.json(), found.headers

    def _reply(self, found: Answer) -> Reply:
        return Reply(found.json(), found.headers, self._next(found.headers.get("Link", "")))

    def _next(self, link: str) -> str:
        """The path below our own address of the next page, "" where there is none."""
        url = next((one["url"] for one in parse_header_links(link) if one.get("rel") == "next"), "") if link else ""
        if not url:
            return ""
        try:
            parts = urlsplit(url)
        except ValueError:
            raise MalformedPage(f"{self.host}: the next page leads to what is no address") from None
        if not self._transport.keeps(url) or not parts.path.startswith(f"{self._prefix}/"):
            where = answer.one_line(parts.netloc.rpartition("@")[2])
            raise MalformedPage(
                f"{self.host}: the next page leads to another host ({where}); nothing was sent there; the url of this "
                "source must be the one that GitHub gives itself"
            )
        return f"{parts.path[len(self._prefix) :]}?{parts.query}"

    def _own_client(self) -> Github:
        """The client of this thread."""
        try:
            found: Github = self._thread.client
        except AttributeError:
            found = self._thread.client = Github(
                auth=self._auth,
                base_url=self._base,
                retry=None,
                per_page=PAGE,
                user_agent=AGENT,
                seconds_between_requests=None,
                seconds_between_writes=None,
                lazy=True,
                api_version=VERSION,
            )
        return found

    def _own_session(self) -> Session:
        try:
            found: Session = self._thread.session
        except AttributeError:
            found = self._thread.session = session(self._transport)
        return found


class _Exchange:
    """One request, as PyGithub's requester carries it out: all that it needs of a connection. The answer stays here;
    the requester gets no body, for it would only hand it on as text."""

    answer: Answer

    def __init__(self, web: Session, origin: str) -> None:
        self._web, self._origin = web, origin
        self._asked: tuple[str, str, str | None, dict[str, str]] = ("", "", None, {})

    def request(self, verb: str, url: str, data: str | None, headers: dict[str, str], stream: bool = False) -> None:  # noqa: ARG002 (PyGithub's own signature)
        self._asked = (verb, url, data, headers)

    @property
    def token(self) -> str:
        """The one that the request carries."""
        return self._asked[3].get("Authorization", "").rpartition(" ")[2]

    def getresponse(self) -> _Exchange:
        verb, url, data, headers = self._asked
        body = None if data is None else data.encode()
        found = self._web.request(verb, self._origin + url, data=body, headers=headers, allow_redirects=False)
        assert isinstance(found, Answer), "the transport is the only way out of this session"
        if found.status_code == requests.codes.accepted and verb == "GET":  # PyGithub would ask again for ever
            raise Unavailable(f"{verb} {answer.one_line(url)}: GitHub is still working the answer out", status=202)
        self.answer = found
        return self

    @property
    def status(self) -> int:
        return self.answer.status_code

    def getheaders(self) -> ItemsView[str, str]:
        return self.answer.headers.items()

    def read(self) -> str:
        return ""


def _hole(error: Mapping[str, Any], secrets: Sequence[str]) -> Hole:
    path, said = error.get("path"), text(error, "message")
    for secret in secrets:
        said = said.replace(secret, "…")
    steps = tuple(path) if isinstance(path, list) and all(isinstance(step, str | int) for step in path) else ()
    return Hole(steps, text(error, "type"), answer.one_line(said)[: answer.WORDS])
