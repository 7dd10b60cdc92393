"""How a Jira site says that it is asked too much: Cloud's three limits, and a bucket of requests for each user."""

from __future__ import annotations

import math
import re
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from okrsync.sandbox.faults import Fault
from okrsync.sandbox.web import HttpError, Response

REASONS = {
    "jira_quota_global": "jira-quota-global-based",
    "jira_quota_tenant": "jira-quota-tenant-based",
    "jira_burst": "jira-burst-based",
    "jira_per_issue": "jira-per-issue-on-write",
}
"""Kind of fault → what the header ``RateLimit-Reason`` says."""

_ISSUE = re.compile(r"/issue/([^/]+)")
_SAFE = frozenset({"GET", "HEAD"})


_PER_ISSUE = ((20, timedelta(seconds=2)), (100, timedelta(seconds=30)))


class Limits:
    """The limits of a Cloud site that are in force, each until an instant: for every call, for one endpoint and method,
    or for the writes to one issue. That of an issue holds always, the others where a fault wants them."""

    def __init__(self) -> None:
        self._until: dict[str, tuple[datetime, str]] = {}
        self._writes: dict[str, deque[datetime]] = {}  # path of an issue → when it was written, the last hundred times

    def wrote(self, method: str, path: str, now: datetime) -> None:
        """One more request; 429 where it writes to an issue that has had its 20 writes in 2 s, or 100 in 30 s."""
        issue = _scope("jira_per_issue", method, path)
        if method in _SAFE or not issue or issue.endswith("/bulkfetch"):
            return
        written = self._writes.setdefault(issue, deque(maxlen=max(most for most, _ in _PER_ISSUE)))
        for most, span in _PER_ISSUE:
            if len(written) >= most and now - written[-most] < span:
                raise HttpError(_too_many(written[-most] + span, REASONS["jira_per_issue"], now))
        written.append(now)

    def exceed(self, fault: Fault, method: str, path: str, now: datetime) -> None:
        """The limit that a fault names is in force from this call on, for as long as the fault says."""
        self._until[_scope(fault.kind, method, path)] = (now + timedelta(seconds=fault.seconds), REASONS[fault.kind])

    def check(self, method: str, path: str, now: datetime) -> None:
        """429 where a limit covers this call."""
        for kind in REASONS if self._until else ():
            scope = _scope(kind, method, path)
            until, reason = self._until.get(scope, (now, ""))
            if reason and REASONS[kind] == reason and (kind != "jira_per_issue" or method not in _SAFE):
                if until >= now:
                    raise HttpError(_too_many(until, reason, now))
                del self._until[scope]

    def lift(self) -> None:
        self._until.clear()


def _scope(kind: str, method: str, path: str) -> str:
    if kind == "jira_burst":
        return f"{method} {_ISSUE.sub('/issue/*', path)}"
    if kind == "jira_per_issue":
        found = _ISSUE.search(path)
        return found.group() if found else ""
    return kind


def _too_many(until: datetime, reason: str, now: datetime) -> Response:
    seconds = max(0, math.ceil((until - now).total_seconds()))
    headers = {
        "Retry-After": str(seconds),
        "RateLimit-Reason": reason,
        "X-RateLimit-Limit": "100",
        "X-RateLimit-Remaining": "0",
        "X-RateLimit-Reset": f"{until:%Y-%m-%dT%H:%MZ}",
        "X-RateLimit-NearLimit": "true",
    }
    return Response.of({"errorMessages": ["Rate limit exceeded."], "errors": {}}, 429, headers)


@dataclass(slots=True)
class Bucket:
    """A limit that every answer tells of: each user has ``limit`` tokens, and gets ``fill`` of them back each
    ``interval`` seconds."""

    limit: int
    fill: int = 1
    interval: float = 1.0
    _left: dict[str, tuple[int, datetime]] = field(default_factory=dict)

    def take(self, user: str, now: datetime) -> Mapping[str, str]:
        """The headers of an answer to this user, who has a token less; 429 where none was left."""
        left, since = self._left.get(user, (self.limit, now))
        filled = int((now - since).total_seconds() // self.interval)
        left, since = min(self.limit, left + filled * self.fill), since + timedelta(seconds=filled * self.interval)
        headers = {
            "X-RateLimit-Limit": str(self.limit),
            "X-RateLimit-FillRate": str(self.fill),
            "X-RateLimit-Interval-Seconds": f"{self.interval:g}",
            "X-RateLimit-Remaining": str(max(0, left - 1)),
        }
        if left <= 0:
            wait = int(self.interval - (now - since).total_seconds())  # rounded down: Jira sends 0 as well
            refusal = Response.of({"message": "Rate limit exceeded."}, 429, {**headers, "retry-after": str(wait)})
            raise HttpError(refusal)
        self._left[user] = (left - 1, since)
        return headers
