"""What this process sent to each source, and what the tools last said is left of its quotas.

Every transport adds to it, whoever made it: a cycle, a write, a check. It outlives connectors, which come and go.
"""

from __future__ import annotations

import re
import threading
from collections import Counter
from collections.abc import Mapping
from datetime import UTC, datetime

from connectors.raw import instant
from okrsync.model import Limit

NAMES = 16  # quotas of one source that are kept apart: GitHub has about a dozen
_NAME = re.compile(r"[A-Za-z0-9_.-]{1,40}")
_NUMBER = re.compile(r"[0-9]{1,15}")
_lock = threading.Lock()
_sent: Counter[str] = Counter()
_told: dict[str, dict[str, Limit]] = {}


def add(source: str) -> None:
    """One more request goes to this source; "" is none."""
    if source:
        with _lock:
            _sent[source] += 1


def note(source: str, headers: Mapping[str, str]) -> None:
    """Keep what an answer of this source tells of a quota, where it does."""
    limit = quota(headers)
    if limit is not None and source:
        with _lock:
            told = _told.setdefault(source, {})
            if limit.name in told or len(told) < NAMES:
                told[limit.name] = limit


def sent() -> dict[str, int]:
    """Requests by source since the process began, repeated ones included."""
    with _lock:
        return dict(_sent)


def limits() -> dict[str, list[Limit]]:
    """Quotas by source, as last told; none that came back whole since, for nobody knows what is left of it."""
    now = datetime.now(UTC)
    with _lock:
        known = {source: list(told.values()) for source, told in _told.items()}
    return {
        source: [one for one in told if one.resets_at is None or one.resets_at > now] for source, told in known.items()
    }


def quota(headers: Mapping[str, str]) -> Limit | None:
    """The quota that the headers of an answer tell of, in GitHub's and Jira's way; None where there is none, as on an
    Enterprise Server, which says 0 of 0, and with Asana, which says nothing."""
    limit, left, reset = (headers.get(f"X-RateLimit-{name}", "") for name in ("Limit", "Remaining", "Reset"))
    name = headers.get("X-RateLimit-Resource", "requests")
    if not (_NUMBER.fullmatch(limit) and _NUMBER.fullmatch(left) and int(limit) and _NAME.fullmatch(name)):
        return None
    return Limit(name, int(limit), int(left), instant(int(reset) if _NUMBER.fullmatch(reset) else reset))
