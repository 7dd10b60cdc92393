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
from collections.abc import ItemsView, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from threading import Event
from typing import Any
from urllib.parse import urlsplit

import github
import requests
from github import Auth, Github
from github.Requester import Requester
from requests import Session
from requests.utils import parse_header_links

from connectors import answer
from connectors.raw import inner, member, text
from connectors.transport import Answer, Lane, Transport, after, credential, session
from okrsync.errors import MalformedPage, RateLimited, Rejected, Unavailable
from okrsync.model import Json, Secret, SourceConfig

VERSION = "2022-11-28"  # the next one leaves merge_commit_sha and the single assignee out
PAGE = 100  # the most that a page holds
EMPTY_PAGES = 10  # in a row, that still say there is more
PATIENCE = 60.0  # seconds to wait after a secondary limit that does not say how long
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
class Lost:
    """Why a query has no answer in one place. ``path`` leads there: ("repository", "n7")."""

    path: tuple[Any, ...]
    kind: str  # GitHub's own word: "NOT_FOUND", "FORBIDDEN" …; "" where it gives none


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

    def __init__(self, source: SourceConfig, secret: Secret, *, stop: Event | None = None) -> None:
        parts = urlsplit(source.url)
        self.host = parts.hostname or source.url
        self._base, self._prefix = source.url.rstrip("/"), parts.path.rstrip("/")
        self._origin = f"{parts.scheme}://{parts.netloc}"
        self._secret = Secret(credential(source, secret))
        self._owner = hashlib.sha256(f"{self._base} {self._secret.reveal()}".encode()).hexdigest()
        self._transport = Transport(
            source.url,
            timeout=source.timeout,
            reads=("/graphql",),  # we send queries only
            ca_file=source.ca_file,
            read_lane=Lane(rate=13, burst=100),  # 900 a minute is what GitHub allows
            write_lane=Lane(rate=1, burst=1),  # as it asks for
            limit=_limit,
            hint=_hint,
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

    def query(self, words: str, variables: Mapping[str, Json]) -> tuple[dict[str, Any], list[Lost]]:
        """The data of a GraphQL query, and where it has holes.

        Where there is no data at all: Unavailable if GitHub says that it broke down over the query, else Rejected.
        """
        found = self._send("POST", self._graphql, body={"query": words, "variables": variables})
        reply = self._reply(found)
        errors = inner(reply.value, "errors")
        errors = [error for error in errors if isinstance(error, dict)] if isinstance(errors, list) else []
        said = answer.words(found.content, answer.secrets(found.request.headers)) if errors else ""
        if any(text(error, "type") == "RATE_LIMITED" for error in errors) or _is_limit(said):
            until = after(_limit(429, reply.headers, said) or PATIENCE)
            raise RateLimited(f"{self.host}: GraphQL: {said}", retry_at=until, status=200)
        data = inner(reply.value, "data")
        if not isinstance(data, dict):
            if _BROKE_DOWN.search(said):
                raise Unavailable(f"{self.host}: GraphQL: {said}", status=502)
            raise Rejected(f"{self.host}: GraphQL: {said or 'no data'}")
        return data, [_lost(error) for error in errors]

    # ── one exchange ─────────────────────────────────────────────────────────────────────────────────────────────────

    def _send(
        self,
        method: str,
        path: str,
        params: Mapping[str, str] | None = None,
        body: Json = None,
        etag: str = "",
    ) -> Answer:
        exchange = _Exchange(self._own_session(), self._origin)
        headers = {"Accept": "application/vnd.github+json"} | ({"If-None-Match": etag} if etag else {})
        self._own_client().requester.requestJson(
            method,
            path,
            dict(params or {}),
            headers,
            body,
            cnx=exchange,  # type: ignore[arg-type]  # what it needs of one
        )
        return exchange.answer

    def _reply(self, found: Answer) -> Reply:
        return Reply(found.json(), found.headers, self._next(found.headers.get("Link", "")))

    def _next(self, link: str) -> str:
        """The path below our own address of the next page, "" where there is none."""
        url = next((one["url"] for one in parse_header_links(link) if one.get("rel") == "next"), "") if link else ""
        if not url:
            return ""
        parts = urlsplit(url)
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
                auth=Auth.Token(self._secret.reveal()),
                base_url=self._base,
                retry=None,
                per_page=PAGE,
                user_agent="okrsync",
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


# ── refusals ─────────────────────────────────────────────────────────────────────────────────────────────────────────


def _limit(status: int, headers: Mapping[str, str], said: str) -> float | None:
    """Seconds to wait where GitHub refuses because of a limit, None where it refuses for another reason.

    Without limits, as an Enterprise Server is by default, the headers are missing or say 0 of 0.
    """
    if status not in (403, 429):
        return None
    now = datetime.now(UTC)
    asked = answer.asked_wait(headers, now)
    if asked is not None:
        return asked
    reset = _whole(headers.get("X-RateLimit-Reset"))
    if reset and _whole(headers.get("X-RateLimit-Remaining")) == 0 and _whole(headers.get("X-RateLimit-Limit")):
        return max(0.0, reset - answer.clock(headers, now).timestamp()) + 1
    return PATIENCE if status == 429 or _is_limit(said) else None


def _is_limit(said: str) -> bool:
    return "rate limit" in said.casefold() or "abuse detection" in said.casefold()


def _hint(status: int, headers: Mapping[str, str]) -> str:
    """What a refusal of rights says that it takes."""
    if status != 403:
        return ""
    if "X-GitHub-SSO" in headers:
        return "authorise this token for the single sign-on of the organisation"
    needs = answer.one_line(headers.get("X-Accepted-GitHub-Permissions", ""))[: answer.WORDS]
    return f"the token needs {needs}" if needs else ""


def _whole(value: str | None) -> int | None:
    return int(value) if value and value.isdecimal() else None


def _lost(error: Mapping[str, Any]) -> Lost:
    path = error.get("path")
    return Lost(tuple(path) if isinstance(path, list) else (), text(error, "type"))
