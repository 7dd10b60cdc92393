"""Logging by structlog: a console on a terminal, JSON lines elsewhere; secrets are removed where a line leaves.

Redaction is the last step before output and covers the loggers of libraries too: urllib3 prints query strings at DEBUG,
and asana its token.
"""

from __future__ import annotations

import base64
import json
import logging
import re
import sys
import threading
from collections.abc import Iterable, Iterator, MutableMapping
from typing import Any, TextIO
from urllib.parse import quote, quote_plus

import structlog

_secrets: tuple[str, ...] = ()
"""The longest first, for one may hold another; replaced whole, for a thread may be writing a line meanwhile."""
_protecting = threading.Lock()
LONG = 8
"""Bytes from which on a secret is known by a part of its base64: of a shorter one that could be part of any word."""
_HEADER = re.compile(r"(?i)\b(basic|bearer|token)\s+[A-Za-z0-9._~+/=-]{8,}")
_BY_FORM = re.compile(r"\bgh[oprsu]_\w{16,}|\bgithub_pat_\w{16,}|\beyJ[\w-]{8,}\.[\w-]{8,}\.[\w-]{8,}")
"""Tokens that nobody told us of: an app of GitHub's gets a new one each hour, for a signed word of its own."""
_USERINFO = re.compile(r"(?<=://)[^/\s@]+:[^/\s@]+(?=@)")
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200b\u200e\u200f\u2028-\u202e\u2066-\u2069]")


def protect(secrets: Iterable[str]) -> None:
    """From now on none of these values appears in a line: plain, as JSON writes it, URL-encoded or base64, where it may
    be a part of what was encoded (``user:password``)."""
    global _secrets
    forms = {form for secret in secrets if len(secret) >= 4 for form in _forms(secret)}
    with _protecting:
        if not forms.issubset(_secrets):
            _secrets = tuple(sorted(forms.union(_secrets), key=len, reverse=True))


def _forms(secret: str) -> Iterator[str]:
    yield from (secret, json.dumps(secret)[1:-1], json.dumps(secret, ensure_ascii=False)[1:-1])
    yield from (quote(secret, safe=""), quote(secret), quote_plus(secret))
    for encoded in _encoded(secret.encode()):
        yield from (encoded, encoded.replace("+", "-").replace("/", "_"), quote(encoded, safe=""))


def _encoded(secret: bytes) -> Iterator[str]:
    """In base64, alone and wherever it may begin in a longer text: then the digits that hold nothing else."""
    yield base64.b64encode(secret).decode()
    if len(secret) >= LONG:
        for before in range(3):
            digits = base64.b64encode(b"\0" * before + secret).decode()
            yield digits[-(-8 * before // 6) : 8 * (before + len(secret)) // 6]


def redact(text: str) -> str:
    """The text without a secret in any of its forms."""
    for secret in _secrets:
        text = text.replace(secret, "…")
    return _BY_FORM.sub("…", _USERINFO.sub("…", _HEADER.sub(r"\1 …", text)))


def neutral(text: str) -> str:
    """The text without the characters that move a terminal's cursor or turn its writing direction (P29)."""
    return _CONTROL.sub("", text)


class _RedactedStream:
    """The output end: lets no text through but redacted text."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream

    def write(self, text: str) -> int:
        return self._stream.write(redact(text))

    def flush(self) -> None:
        self._stream.flush()


def _neutral_values(_: Any, __: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    return {key: neutral(value) if isinstance(value, str) else value for key, value in event.items()}


def configure(*, level: int = logging.INFO, stream: TextIO | None = None) -> None:
    """Send structlog's lines and the standard library's to ``stream`` (default: stderr), in one form."""
    output = stream or sys.stderr
    terminal = output.isatty()
    shared: list[Any] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.format_exc_info,
        _neutral_values,
    ]
    final = (
        structlog.dev.ConsoleRenderer(pad_event_to=0)
        if terminal
        else structlog.processors.JSONRenderer(ensure_ascii=False)
    )
    handler = logging.StreamHandler(_RedactedStream(output))
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, final],
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level)
    for talkative in ("alembic", "apscheduler", "filelock", "urllib3"):
        logging.getLogger(talkative).setLevel(level if level <= logging.DEBUG else logging.WARNING)
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.make_filtering_bound_logger(level),
        cache_logger_on_first_use=False,
    )
