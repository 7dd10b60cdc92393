"""What GitHub's refusals mean, and how much of a quota is left to the people who share the account."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from datetime import UTC, datetime
from urllib.parse import urlsplit

from connectors import answer
from connectors.transport import after
from okrsync.errors import RateLimited

PATIENCE = 60.0  # seconds to wait after a secondary limit that does not say how long
WHERE = "check the url of this source: https://api.github.com, or https://HOST/api/v3 of an Enterprise Server"
SHARED = frozenset({"core", "graphql"})  # the hourly quotas, that people use too; a search has a minute's


def asked_wait(status: int, headers: Mapping[str, str], said: str) -> float | None:
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
    return PATIENCE if status == 429 or is_limit(said) else None


def is_limit(said: str) -> bool:
    """Whether words of refusal speak of a limit."""
    return "rate limit" in said.casefold() or "abuse detection" in said.casefold()


def is_of_searches(headers: Mapping[str, str]) -> bool:
    """Whether what is used up is the quota of searches, which nothing else waits for."""
    return headers.get("X-RateLimit-Resource") == "search" and _whole(headers.get("X-RateLimit-Remaining")) == 0


def hint(status: int, headers: Mapping[str, str]) -> str:
    """What a refusal of rights says that it takes; for an address that is none of the API, where that is."""
    if status == 404 and "X-GitHub-Media-Type" not in headers:  # the API says it with each of its answers
        return WHERE
    if status != 403:
        return ""
    if "X-GitHub-SSO" in headers:
        return "authorise this token for the single sign-on of the organisation"
    needs = answer.one_line(headers.get("X-Accepted-GitHub-Permissions", ""))[: answer.WORDS]
    return f"the token needs {needs}" if needs else ""


class Reserve:
    """A part of the hourly quotas that okrsync leaves to the others who share them. Safe to use from any thread."""

    def __init__(self, host: str, share: float) -> None:
        self._host, self._share = host, share
        self._until: dict[str, tuple[datetime, str]] = {}  # resource → when its hour is over, how much was left
        self._lock = threading.Lock()

    def note(self, headers: Mapping[str, str]) -> None:
        """Keep in mind what an answer says of its quota; one without limits says nothing, or 0 of 0."""
        resource = headers.get("X-RateLimit-Resource", "")
        limit, left = _whole(headers.get("X-RateLimit-Limit")), _whole(headers.get("X-RateLimit-Remaining"))
        reset = _whole(headers.get("X-RateLimit-Reset"))
        if resource not in SHARED or not limit or left is None or reset is None:
            return
        with self._lock:
            if left >= limit * self._share:
                self._until.pop(resource, None)
            else:
                seconds = reset - answer.clock(headers, datetime.now(UTC)).timestamp()
                self._until[resource] = (after(max(0.0, seconds) + 1), f"{left} of {limit}")

    def keep(self, path: str) -> None:
        """RateLimited where a request to this path would be paid from what is reserved."""
        place = urlsplit(path).path
        resource = "graphql" if place.endswith("/graphql") else "search" if place.startswith("/search/") else "core"
        with self._lock:
            until, left = self._until.get(resource, (None, ""))
        if until is not None and datetime.now(UTC) < until:
            raise RateLimited(
                f"{self._host}: {left} requests ({resource}) are left until {until:%Y-%m-%d %H:%M:%S} UTC, and "
                f"{self._share:.0%} are kept for others who share the account (reserve)",
                retry_at=until,
                status=None,
            )


def _whole(value: str | None) -> int | None:
    return int(value) if value and value.isdecimal() else None
