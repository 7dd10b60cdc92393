"""Values to columns and back: instants, days, clean text, JSON documents. Pure; the same on every database.

Instants are integers, microseconds since 1970 in UTC: exact, ordered, and the cheapest form that SQLite and PostgreSQL
give back alike. Documents are JSON text. Text is cleaned of what PostgreSQL cannot hold, NUL and lone surrogates, each
of which becomes U+FFFD.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Any

import orjson

from okrsync.model import FieldValue, Json, Say

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)
REPLACEMENT = "\ufffd"

# ── scalars ──────────────────────────────────────────────────────────────────────────────────────────────────────────


def micros(at: datetime) -> int:
    """Microseconds since 1970 of an aware instant."""
    since = at - EPOCH
    return (since.days * 86_400 + since.seconds) * 1_000_000 + since.microseconds


def maybe_micros(at: datetime | None) -> int | None:
    return None if at is None else micros(at)


def instant(value: int) -> datetime:
    """The aware instant, in UTC, of so many microseconds since 1970."""
    return EPOCH + timedelta(0, 0, value)


def maybe_instant(value: int | None) -> datetime | None:
    return None if value is None else EPOCH + timedelta(0, 0, value)


def fold(key: str) -> str:
    """The form in which keys are compared: NFC, then without case."""
    return key.lower() if key.isascii() else unicodedata.normalize("NFC", key).casefold()


def clean(text: str) -> str:
    """The same text without NUL and lone surrogates; a split pair becomes the character that it stands for."""
    if text.isascii():
        return text.replace("\0", REPLACEMENT) if "\0" in text else text
    try:
        text.encode()
    except UnicodeEncodeError:
        text = text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
    return text.replace("\0", REPLACEMENT)


def maybe_clean(text: str | None) -> str | None:
    return None if text is None else clean(text)


# ── documents ────────────────────────────────────────────────────────────────────────────────────────────────────────


def dumps(document: object) -> str:
    """Compact JSON text, clean whatever the strings inside hold."""
    try:
        blob = orjson.dumps(document)
    except TypeError:
        return orjson.dumps(_cleaned(document)).decode()
    if rb"\u0000" in blob:
        blob = orjson.dumps(_cleaned(document))
    return blob.decode()


def loads(text: str) -> Any:
    return orjson.loads(text)


def _cleaned(value: object) -> object:
    match value:
        case str():
            return clean(value)
        case dict():
            return {clean(str(key)): _cleaned(inner) for key, inner in value.items()}
        case list() | tuple():
            return [_cleaned(inner) for inner in value]
        case _:
            return value


def dump_say(say: Say) -> list[Json]:
    return [say.code, [list(pair) for pair in say.args]]


def load_say(document: Sequence[Any]) -> Say:
    return Say(document[0], tuple((name, value) for name, value in document[1]))


def dump_labels(labels: Sequence[str]) -> str | None:
    return dumps(labels) if labels else None


@lru_cache(maxsize=4096)
def load_labels(text: str | None) -> tuple[str, ...]:
    return tuple(orjson.loads(text)) if text else ()


def load_label_sets(texts: Sequence[str]) -> list[tuple[str, ...]]:
    """:func:`load_labels` of many at once, in a fifth of the time."""
    return [tuple(labels) for labels in orjson.loads(f"[{','.join(texts)}]")]


def dump_fields(fields: Sequence[FieldValue]) -> str | None:
    return dumps([[value.id, value.name, value.value] for value in fields]) if fields else None


@lru_cache(maxsize=4096)
def load_fields(text: str | None) -> tuple[FieldValue, ...]:
    return tuple(FieldValue(*value) for value in orjson.loads(text)) if text else ()
