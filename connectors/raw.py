"""Reading decoded JSON that may lack anything: a missing, null or mistyped member never stops an item."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from typing import Any

from okrsync.errors import MalformedPage


def text(holder: object, name: str) -> str:
    """A text member of a JSON object; "" where there is none."""
    value = holder.get(name) if isinstance(holder, dict) else None
    return value if isinstance(value, str) else ""


def inner(holder: object, name: str) -> Any:
    """A member of a JSON object, whatever it is; None where there is none."""
    return holder.get(name) if isinstance(holder, dict) else None


def member(answer: object, name: str, kind: type[Any]) -> Any:
    """A member that no answer of this kind is without; MalformedPage where it is missing or mistyped."""
    value = answer.get(name) if isinstance(answer, dict) else None
    if not isinstance(value, kind):
        raise MalformedPage(f'an answer has no "{name}"')
    return value


def chunks(values: Sequence[str], size: int) -> Iterator[list[str]]:
    """The values in the portions that a tool takes in one request."""
    return (list(values[start : start + size]) for start in range(0, len(values), size))


def instant(value: object) -> datetime | None:
    """The instant in UTC of an ISO 8601 text, or of a number of seconds or milliseconds; None where it is neither."""
    try:
        if isinstance(value, str):
            at = datetime.fromisoformat(value)
            if at.tzinfo is UTC:
                return at
            return at.astimezone(UTC) if at.tzinfo else at.replace(tzinfo=UTC)
        if isinstance(value, int | float) and not isinstance(value, bool):
            return datetime.fromtimestamp(value / 1000 if abs(value) > 1e11 else value, UTC)
    except (ValueError, OverflowError, OSError):
        pass
    return None
