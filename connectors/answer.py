"""What an HTTP answer means: the decoded JSON, or one of the errors of :mod:`okrsync.errors`.

Pure: bytes, status and headers in, a value or a sentence out. Nothing here ever quotes a body, a header or a token; the
tool's own short words of refusal are the one exception, cleaned and cut.
"""

from __future__ import annotations

import base64
import contextlib
import json
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any
from urllib.parse import quote

import orjson

WORDS = 200  # characters of a tool's own words that are passed on
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]+")
_SURROGATE = re.compile("[\ud800-\udfff]")
_LOGIN = re.compile(rb"""(type|name)\s*=\s*["']?password|<title>[^<]*\b(log|sign)[ -]?in\b""", re.IGNORECASE)
_CREDENTIALS = re.compile(r"^authorization$|[-_](key|token)$", re.IGNORECASE)  # headers that hold some
_MESSAGES = ("errorMessages", "errors", "errorMessage", "message", "error_description", "error")


def decode(body: bytes) -> Any:
    """The JSON value of ``body``, every string free of NUL and of lone surrogates; ValueError where it is no JSON."""
    try:
        value, clean = orjson.loads(body), b"\\u0000" not in body
    except orjson.JSONDecodeError:
        if b"\\u" not in body:
            raise
        value, clean = _tolerant(body), False  # orjson refuses lone surrogates, which tools do send
    try:
        return value if clean else _clean(value)
    except RecursionError:
        raise ValueError("JSON that is nested too deeply") from None


def _tolerant(body: bytes) -> Any:
    try:
        return json.loads(body, parse_constant=_refuse)
    except RecursionError:
        raise ValueError("JSON that is nested too deeply") from None


def _refuse(constant: str) -> Any:
    raise ValueError(f"{constant} is no JSON")


def _clean(value: Any) -> Any:
    match value:
        case str():
            return _SURROGATE.sub("\ufffd", value.replace("\x00", ""))
        case dict():
            return {_clean(key): _clean(entry) for key, entry in value.items()}
        case list():
            return [_clean(entry) for entry in value]
    return value


def fault(status: int, content_type: str, body: bytes, *, needs_body: bool) -> str | None:
    """What is wrong with a 2xx answer before it is decoded, None where nothing is."""
    if not body:
        return "an empty answer" if needs_body and status not in (204, 205) else None
    kind = content_type.partition(";")[0].strip().lower()
    if "html" in kind or body[:512].lstrip()[:1] == b"<":
        return "an HTML page instead of JSON"
    if kind and not (kind.endswith(("/json", "+json"))):
        return f"{_CONTROL.sub(' ', kind)[:60]} instead of JSON"
    return None


def is_login(body: bytes) -> bool:
    """True where a page asks who we are: a session, not an API, answered."""
    return _LOGIN.search(body) is not None


def words(body: bytes, secrets: tuple[str, ...] = ()) -> str:
    """The tool's own words of refusal, ≤ 200 characters on one line; "" where there are none."""
    try:
        value = decode(body)
    except ValueError:
        return ""
    found: list[str] = []
    _collect(value, found, 0)
    text = one_line("; ".join(dict.fromkeys(_without(secrets, one) for one in found)))
    return text if len(text) <= WORDS else text[: WORDS - 1] + "…"


def one_line(text: str) -> str:
    """The text on one line, without what a terminal would obey."""
    return " ".join(_CONTROL.sub(" ", text).split())


def _without(secrets: tuple[str, ...], text: str) -> str:
    """The text without secrets, and then cut: a cut first would leave the half of one that nothing recognises."""
    for secret in secrets:
        text = text.replace(secret, "…")
    return text[:WORDS]


def _collect(value: Any, found: list[str], depth: int) -> None:
    if depth > 4 or len(found) > 5:
        return
    match value:
        case str() if value.strip():
            found.append(value.strip())
        case list():
            for entry in value:
                _collect(entry, found, depth + 1)
        case dict():
            known = [value[key] for key in _MESSAGES if key in value]
            for entry in known or (value.values() if depth else ()):
                _collect(entry, found, depth + 1)


def secrets(headers: Mapping[str, str | bytes]) -> tuple[str, ...]:
    """Every form in which the credentials of a request could come back in an answer: plain, URL-encoded, base64."""
    forms: list[str] = []
    for name, value in headers.items():
        if not _CREDENTIALS.search(name):
            continue
        scheme, _, credentials = (value.decode("latin-1") if isinstance(value, bytes) else value).rpartition(" ")
        forms.append(credentials)
        if scheme.lower() == "basic":
            with contextlib.suppress(ValueError):
                forms.append(base64.b64decode(credentials).decode("utf-8", "replace").partition(":")[2])
    raw = [form.encode() for form in forms]
    forms += [encode(one).decode() for encode in (base64.b64encode, base64.urlsafe_b64encode) for one in raw]
    return tuple(form for form in dict.fromkeys((*forms, *(quote(form, safe="") for form in forms))) if form)


def asked_wait(headers: Mapping[str, str], now: datetime) -> float | None:
    """Seconds that Retry-After asks for (int, float or HTTP date), never below 0; None where it says nothing readable.

    A date is compared with the answer's own Date, so that a wrong local clock does not shorten the wait.
    """
    asked = headers.get("Retry-After", "").strip()
    if not asked:
        return None
    try:
        seconds = float(asked)
    except ValueError:
        until, here = _http_date(asked), clock(headers, now)
        return None if until is None else max(0.0, (until - here).total_seconds())
    return max(0.0, seconds) if seconds == seconds else None


def clock(headers: Mapping[str, str], now: datetime) -> datetime:
    """The server's own time, from the Date of an answer; ``now`` where it has none."""
    return _http_date(headers.get("Date", "")) or now


def _http_date(text: str) -> datetime | None:
    try:
        value = parsedate_to_datetime(text)
    except (TypeError, ValueError, OverflowError):
        return None
    return value if value.tzinfo else value.replace(tzinfo=UTC)
