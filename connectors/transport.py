"""The one HTTP transport under every connector: a ``requests`` adapter that owns what the tools' libraries get wrong.

It is mounted into the session of whatever library sits above (``Transport.mount``), or used through :func:`session`,
and owns: one total deadline a try, the only retries, the rate limits, the redirects, the check that an answer is JSON,
the translation of every failure into :mod:`okrsync.errors`. A library therefore sees a good answer or our exception;
its own retries, timeouts and error classes never come into play. The real sending is ``HTTPAdapter.send``, so that the
``responses`` package intercepts it.

Requests go straight to the one origin given, never through a proxy of the environment, and to no other host.
"""

from __future__ import annotations

import hashlib
import random
import threading
import time
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urljoin, urlsplit

import requests
import urllib3.exceptions
from requests import PreparedRequest, Response, Session
from requests.adapters import HTTPAdapter

from connectors import answer, lanes, tally
from connectors.broken import MAX_BYTES, Broken, TooLong, diagnose
from connectors.deadline import POOLS, Watchdog
from connectors.lanes import Lane as Lane  # what whoever makes a transport chooses
from connectors.lanes import Quota
from okrsync.errors import (
    AuthError,
    ConfigError,
    MalformedPage,
    Problem,
    RateLimited,
    Rejected,
    ToolError,
    Unavailable,
)
from okrsync.model import Secret, SourceConfig

TRIES = 5
LONGEST_WAIT = 60.0  # seconds that one request may wait in all before its thread is given back
MAX_REDIRECTS = 5
RENEW = "renew the token of this source"
_CHUNK = 1 << 16
_SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_NEVER = datetime.max.replace(tzinfo=UTC)

Wait = Callable[[float], bool]
"""Sleeps so many seconds; True where it was interrupted because okrsync stops (``threading.Event.wait`` is one)."""


class Answer(Response):
    """A response that was read whole within its deadline, checked, and decoded once."""

    decoded: Any = None

    def json(self, **_: Any) -> Any:
        return self.decoded


@dataclass(slots=True)
class _Failure:
    """One try that came to nothing. ``asked`` is what Retry-After said, in seconds; ``stale`` that it went over a
    connection kept from before, which the server may have closed meanwhile; ``alone`` that others need not wait."""

    error: ToolError
    again: bool
    asked: float | None = None
    stale: bool = False
    alone: bool = False


class Transport(HTTPAdapter):
    """Sends the requests of one source to ``origin`` (its scheme, host and port) and to nowhere else.

    ``reads`` names the ends of paths whose POST only reads (a search): like GET, such a request may be repeated. Every
    other POST, PUT, PATCH and DELETE is sent once; only a 429, which says that it was not done, is tried again.
    ``accepts`` names refusals that are answers, which the caller reads like any other.
    ``denied`` knows from the headers of an answer that the credentials were refused, whatever its status says.
    ``limit`` knows from the status, headers and words of a refusal that it is a limit, and how many seconds to wait;
    None where it is none. A limit is one of the whole account, unless ``alone`` knows from its headers that it concerns
    one endpoint or one object. ``hint`` says from the status and headers of any other refusal what to do, or "".
    ``owner`` names the account in this process (a digest of its token): its transports share the lanes of the first,
    and where the tool asks one of them to wait, all of them do. ``source`` is the id under which requests are counted.
    """

    def __init__(
        self,
        origin: str,
        *,
        timeout: timedelta = timedelta(seconds=30),
        reads: Sequence[str] = (),
        accepts: Collection[int] = (),
        ca_file: str | None = None,
        read_lane: Lane | None = None,
        write_lane: Lane | None = None,
        owner: str = "",
        source: str = "",
        denied: Callable[[Mapping[str, str]], bool] | None = None,
        limit: Callable[[int, Mapping[str, str], str], float | None] | None = None,
        alone: Callable[[Mapping[str, str]], bool] | None = None,
        hint: Callable[[int, Mapping[str, str]], str] | None = None,
        wait: Wait | None = None,
    ) -> None:
        if ca_file and not Path(ca_file).is_file():
            raise ConfigError([Problem("ca_file", f"no such file: {ca_file}")])
        self._watchdog = Watchdog()
        super().__init__(pool_connections=1, pool_maxsize=8, pool_block=True)
        self._origin = _origin(origin)
        self._host = urlsplit(origin).hostname or origin
        self._timeout = timeout.total_seconds()
        self._reads = tuple(reads)
        self._accepts = frozenset(accepts)
        self._verify: bool | str = ca_file or True
        self._owner, self._source = owner, source
        own = Quota(read_lane or Lane(rate=80, burst=100), write_lane or Lane(rate=10, burst=20))
        self._quota = lanes.join(owner, own)
        self._denied = denied or (lambda _: False)
        self._limit = limit or (lambda *_: None)
        self._alone = alone or (lambda _: False)
        self._hint = hint or (lambda *_: "")
        self._wait = threading.Event().wait if wait is None else wait
        self._count_lock = threading.Lock()
        self._count = 0

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        super().init_poolmanager(*args, **kwargs)
        self.poolmanager.pool_classes_by_scheme = POOLS

    def mount(self, session: Session) -> None:
        """Make this the only way out of ``session``; nothing of the environment (proxies, .netrc) has a say in it."""
        session.trust_env = False
        session.adapters.clear()
        session.mount("https://", self)
        session.mount("http://", self)

    @property
    def sent(self) -> int:
        """How many requests were sent, repeated ones included."""
        return self._count

    def keeps(self, url: str) -> bool:
        """Whether an address is one that requests may go to: same scheme, host and port."""
        return _origin(url) == self._origin

    def close(self) -> None:
        super().close()
        self._watchdog.close()
        if self._owner:
            lanes.leave(self._owner)
            self._owner = ""

    # ── one request ──────────────────────────────────────────────────────────────────────────────────────────────────

    def send(
        self,
        request: PreparedRequest,
        *_ignored: Any,
        **_options: Any,
    ) -> Response:
        """A checked 2xx (or 304) answer, read whole; anything else is an error of ours.

        What the library says of ``stream``, ``timeout``, ``verify``, ``cert`` and ``proxies`` has no effect.
        """
        self._keep_origin(request, request.url or "")
        for _ in range(MAX_REDIRECTS + 1):
            response = self._persist(request)
            if response.status_code not in _REDIRECTS:
                return response
            request = self._follow(request, response)
        raise MalformedPage(f"{self._about(request)} was redirected more than {MAX_REDIRECTS} times")

    def _persist(self, request: PreparedRequest) -> Answer:
        """The answer of the first try that had one; all tries share one deadline, spread with full jitter, never before
        the asked time."""
        waited, spent = 0.0, 0.0
        confirmed = limited = False
        lane = self._quota.reads if self._is_read(request) else self._quota.writes
        self._queue(request)
        for attempt in range(1, TRIES + 1):
            self._pause(request, lane.take())
            began = time.monotonic()
            outcome = self._try(request, self._timeout - spent)
            spent += time.monotonic() - began
            if isinstance(outcome, Answer):
                if limited:
                    self._quota.lift()
                return outcome
            if isinstance(outcome.error, AuthError):
                if confirmed or not outcome.again:
                    raise outcome.error
                confirmed = True
            if isinstance(outcome.error, RateLimited) and outcome.asked and not outcome.alone:
                limited = True
                self._quota.hold(outcome.asked)
            if not outcome.again or attempt == TRIES or spent >= self._timeout:
                raise self._final(request, outcome)
            if outcome.stale and attempt == 1:
                continue  # at once, over a connection of its own
            pause = (outcome.asked or 0.0) + random.uniform(0, 0.5 * 2 ** (attempt - 1))  # noqa: S311
            if waited + pause > LONGEST_WAIT:
                raise self._final(request, outcome)
            self._pause(request, pause, outcome)
            waited += pause
        raise AssertionError("unreachable: the last try returns or raises")

    def _queue(self, request: PreparedRequest) -> None:
        """On, once the time is over for which the tool asked this account to wait; RateLimited where that is long."""
        held = self._quota.held()
        if not held:
            return
        text = f"{self._about(request)}: not sent, this account was asked to wait"
        asked = _Failure(RateLimited(text, retry_at=after(held)), again=True, asked=held)
        if held > LONGEST_WAIT:
            raise self._final(request, asked)
        self._pause(request, held, asked)

    def _final(self, request: PreparedRequest, failure: _Failure) -> ToolError:
        """The error to raise: RateLimited where the tool asked for a wait and the request is known to be undone."""
        error, asked = failure.error, failure.asked
        if asked is None or not (isinstance(error, RateLimited) or self._is_read(request)):
            return error
        until = after(asked)
        return RateLimited(
            f"{error}; asked to wait until {until:%Y-%m-%d %H:%M:%S} UTC", retry_at=until, status=error.status
        )

    def _pause(self, request: PreparedRequest, seconds: float, failure: _Failure | None = None) -> None:
        """So many seconds later. Where okrsync stops meanwhile, what the tool asked for outlives it."""
        if seconds > 0 and self._wait(seconds):
            if failure and failure.asked:
                raise self._final(request, failure)
            raise Unavailable(f"{self._about(request)}: given up, okrsync is stopping", sent=False)

    # ── one try ──────────────────────────────────────────────────────────────────────────────────────────────────────

    def _try(self, request: PreparedRequest, seconds: float) -> Answer | _Failure:
        with self._count_lock:
            self._count += 1
        tally.add(self._source)
        broken: Broken | None = None
        with self._watchdog.watch(seconds) as watch:
            try:
                raw = super().send(request, stream=True, timeout=watch.remaining(), verify=self._verify)
                body = _read(raw)
            except (requests.RequestException, urllib3.exceptions.HTTPError, OSError) as caught:
                broken = diagnose(caught)
        if watch.expired:  # whatever it looked like, it was cut off
            broken = Broken("", sent=watch.sent)
        if broken is None:
            tally.note(self._source, raw.headers)
            return self._judge(request, _answer(raw, body))
        text = f"{self._about(request)}: {broken.words or f'no complete answer within {self._timeout:g} s'}"
        if broken.malformed:
            return _Failure(MalformedPage(text), again=False)
        error = Unavailable(text, sent=broken.sent or watch.sent)
        read, stale = self._is_read(request), watch.reused and not watch.expired
        return _Failure(error, again=read and not broken.lasting, stale=stale)

    def _judge(self, request: PreparedRequest, response: Answer) -> Answer | _Failure:
        status, body, about = response.status_code, response.content, self._about(request)
        read = self._is_read(request)
        if self._denied(response.headers):
            return _Failure(AuthError(f"{about}: the credentials were refused; {RENEW}", status=status), again=read)
        if 200 <= status < 300 or status in self._accepts:
            return self._accept(request, response)
        if status == 304 or status in _REDIRECTS:
            return response
        said = answer.words(body, answer.secrets(request.headers))
        text = f"{about} answered {status}" + (f": {said}" if said else "")
        if status == 401:
            return _Failure(AuthError(f"{text}; {RENEW}", status=status), again=read)
        asked = self._limit(status, response.headers, said)
        if status == 429 or asked is not None:
            asked = answer.asked_wait(response.headers, datetime.now(UTC)) if asked is None else asked
            limited = RateLimited(text, retry_at=datetime.now(UTC) + timedelta(minutes=1), status=status)
            return _Failure(limited, again=True, asked=asked, alone=self._alone(response.headers))
        if status == 408 or status >= 500:
            asked = answer.asked_wait(response.headers, datetime.now(UTC))
            return _Failure(Unavailable(text, status=status), again=read, asked=asked)
        hint = self._hint(status, response.headers)
        return _Failure(Rejected(f"{text}; {hint}" if hint else text, status=status), again=False)

    def _accept(self, request: PreparedRequest, response: Answer) -> Answer | _Failure:
        body, about = response.content, self._about(request)
        needs_body = self._is_read(request) and request.method != "HEAD"
        fault = answer.fault(
            response.status_code, response.headers.get("Content-Type", ""), body, needs_body=needs_body
        )
        if fault is None and body:
            try:
                response.decoded = answer.decode(body)
            except ValueError:
                fault = "JSON that is cut off or broken"
        if fault is None:
            return response
        if answer.is_login(body):
            text = f"{about} answered with a login page; check the url and the token of this source"
            return _Failure(AuthError(text, status=response.status_code), again=False)
        return _Failure(MalformedPage(f"{about} answered with {fault}", status=response.status_code), again=False)

    # ── rules ────────────────────────────────────────────────────────────────────────────────────────────────────────

    def _is_read(self, request: PreparedRequest) -> bool:
        return request.method in _SAFE or (
            request.method == "POST" and urlsplit(request.url or "").path.endswith(self._reads)
        )

    def _keep_origin(self, request: PreparedRequest, url: str) -> None:
        """MalformedPage where ``url`` leads to another scheme, host or port: the token does not go there."""
        if not self.keeps(url):
            where = urlsplit(url)
            raise MalformedPage(
                f"{self._about(request)} leads to another host "
                f"({where.scheme}://{answer.one_line(where.netloc.rpartition('@')[2])}); "
                "nothing was sent there"
            )

    def _follow(self, request: PreparedRequest, response: Answer) -> PreparedRequest:
        """The same GET at the address that the tool gave."""
        try:
            target = urljoin(request.url or "", response.headers.get("Location", ""))
        except ValueError:
            text = f"{self._about(request)} was redirected ({response.status_code}) to what is no address"
            raise MalformedPage(text, status=response.status_code) from None
        self._keep_origin(request, target)
        if request.method not in ("GET", "HEAD"):
            raise Unavailable(
                f"{self._about(request)} was redirected ({response.status_code}), which a {request.method} does not "
                "follow: what it names has another address by now, or the whole site has; for a site, set the url of "
                "this source to its final address",
                status=response.status_code,
            )
        onward = request.copy()
        onward.url = target
        return onward

    def _about(self, request: PreparedRequest) -> str:
        return f"{self._host}: {request.method} {answer.one_line(urlsplit(request.url or '').path) or '/'}"


def after(seconds: float) -> datetime:
    """The instant so many seconds from now; the last one that there is where it lies beyond."""
    try:
        return datetime.now(UTC) + timedelta(seconds=seconds)
    except OverflowError:
        return _NEVER


def credential(source: SourceConfig, secret: Secret) -> str:
    """The token of a source; AuthError where no header may hold it."""
    token = secret.reveal()
    if not token or not token.isprintable() or not token.isascii():
        raise AuthError(f"source {source.id}: the token holds characters that no header may hold; enter it again")
    return token


def digest(url: str, token: str) -> str:
    """The ``owner`` of a transport: one account of one tool, by nothing that could be read back."""
    return hashlib.sha256(f"{url.rstrip('/')} {token}".encode()).hexdigest()


def session(transport: Transport) -> Session:
    """A plain session over ``transport``, for a library that takes one, or for a tool without any."""
    plain = Session()
    transport.mount(plain)
    return plain


def _origin(url: str) -> tuple[str, str, int | None]:
    parts = urlsplit(url)
    scheme = parts.scheme.lower()
    try:
        port = parts.port
    except ValueError:
        port = -1
    return scheme, (parts.hostname or "").lower(), port or {"https": 443, "http": 80}.get(scheme)


def _read(response: Response) -> bytes:
    """The whole decompressed body; TooLong where it is longer than ``MAX_BYTES``. The place in the pool is given back,
    with the connection closed where a part of the answer is still on it."""
    chunks, size = [], 0
    try:
        for chunk in response.raw.stream(_CHUNK, decode_content=True):
            chunks.append(chunk)
            size += len(chunk)
            if size > MAX_BYTES:
                raise TooLong
    except BaseException:
        response.raw.close()
        raise
    finally:
        response.raw.release_conn()
    return b"".join(chunks)


def _answer(response: Response, body: bytes) -> Answer:
    whole = Answer()
    whole.__dict__.update(response.__dict__)
    whole._content = body
    whole._content_consumed = True  # type: ignore[attr-defined]  # private: the body is here already
    return whole
