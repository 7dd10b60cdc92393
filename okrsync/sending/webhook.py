"""One message to an incoming webhook (Slack, Mattermost): a JSON document, posted once.

The address is the secret: no error names more of it than the host. Nothing is followed, no proxy is asked, and one
deadline covers the whole exchange, as for every request of the connectors.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from threading import Event
from urllib.parse import unquote, urlsplit

import orjson
import requests
import urllib3.exceptions
from requests.adapters import HTTPAdapter

from connectors.answer import asked_wait, one_line
from connectors.broken import diagnose
from connectors.deadline import POOLS, Watchdog
from connectors.transport import after
from okrsync.errors import ConfigError, Problem, RateLimited, Rejected, ToolError, Unavailable
from okrsync.logs import protect, redact
from okrsync.model import Json, Secret

TIMEOUT = timedelta(seconds=30)
LONG = 16  # characters from which on a part of an address is a secret of its own
TOLD = 200  # characters of a refusal that are passed on
_READ = 4 * TOLD  # bytes of an answer that are looked at: a character takes four at most


@dataclass(frozen=True, slots=True)
class Use:
    """What a webhook is for: what it takes, and the option that names its address."""

    what: str
    place: str


REPORT = Use("the report", "[reports] webhook")
ALERTS = Use("the alerts", "[alerts] url")


def check(url: Secret, use: Use) -> None:
    """ConfigError where the secret is no web address; it is never shown."""
    try:
        parts = urlsplit(url.reveal())
        usable = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        usable = False
    if not usable:
        raise ConfigError([Problem(use.place, "the secret is no web address; paste that of the incoming webhook")])


def post(
    url: Secret,
    document: Mapping[str, Json],
    use: Use,
    *,
    timeout: timedelta = TIMEOUT,
    stop: Event | None = None,
) -> None:
    """The webhook took the document; a ToolError that names the host says why not. Setting ``stop`` ends the wait for
    its answer, in a moment."""
    check(url, use)
    parts = urlsplit(url.reveal())
    host = parts.hostname or ""
    last = parts.path.rpartition("/")[2]
    secret = (parts.path, last, unquote(last), parts.query)  # of which the host's own words may hold one
    protect(one for one in secret if len(one) >= LONG)
    status, headers, body = _exchange(host, url, orjson.dumps(document), use.what, timeout, stop)
    if not 200 <= status < 300:
        words = body.decode("utf-8", "replace")
        if len(body) >= _READ:  # the last one may be half a secret
            words = words.rpartition(" ")[0] or words
        said = one_line(redact(words))[:TOLD]
        why = f"{host}: the webhook answered {status}" + (f": {said}" if said else "")
        raise _refusal(status, why, headers, use.place)


def _exchange(
    host: str, url: Secret, document: bytes, what: str, timeout: timedelta, stop: Event | None
) -> tuple[int, Mapping[str, str], bytes]:
    """Status, headers and the beginning of the body, all within ``timeout``."""
    request = requests.Request("POST", url.reveal(), data=document, headers={"Content-Type": "application/json"})
    watchdog, line = Watchdog(stop), _Line()
    try:
        with watchdog.watch(timeout.total_seconds()) as watch:
            try:
                response = line.send(request.prepare(), stream=True, timeout=watch.remaining(), verify=True)
                try:
                    return response.status_code, response.headers, response.raw.read(_READ, decode_content=True)
                finally:
                    response.raw.close()
                    response.raw.release_conn()
            except (requests.RequestException, urllib3.exceptions.HTTPError, OSError, ValueError) as fault:
                why = "" if watch.expired else diagnose(fault).words
                late = f"no complete answer within {timeout.total_seconds():g} s"
                why = why or ("okrsync is stopping" if stop is not None and stop.is_set() else late)
                raise Unavailable(f"{host}: the webhook did not take {what}: {why}", sent=watch.sent) from None
    finally:
        line.close()
        watchdog.close()


class _Line(HTTPAdapter):
    """Sends once and follows nothing, on connections that the watchdog can cut."""

    def init_poolmanager(self, *args: object, **kwargs: object) -> None:
        super().init_poolmanager(*args, **kwargs)  # type: ignore[arg-type]
        self.poolmanager.pool_classes_by_scheme = POOLS


def _refusal(status: int, why: str, headers: Mapping[str, str], place: str) -> ToolError:
    if status == 429:
        asked = asked_wait(headers, datetime.now(UTC))
        return RateLimited(f"{why}; it is sent again later", retry_at=after(60.0 if asked is None else asked))
    if status == 408 or status >= 500:
        return Unavailable(why, status=status)
    if 300 <= status < 400:
        return Rejected(f"{why}; it has moved, and nothing is followed: renew {place}", status=status)
    return Rejected(f"{why}; check that it still exists, and renew {place}", status=status)
