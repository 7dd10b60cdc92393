"""What the tools publish of how fast they may be asked, and the judge of what was sent.

Jira Cloud: so many requests a second for each method, 20 writes in 2 s and 100 in 30 s to one issue. GitHub: a second
between two writes, content (new comments) 80 a minute and 500 an hour, 900 points a minute with 5 for a write, 2,000
queries a minute, 5,000 requests an hour. Asana: so many requests a minute by plan, 15 writes and 50 reads in flight.
Where a tool counts by endpoint all are counted together, which is stricter. Data Center publishes none.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Sequence
from dataclasses import dataclass
from heapq import heappop, heappush
from urllib.parse import urlsplit

from benchmarks.virtual import Sent
from okrsync.sandbox.web import reads

EXACT = 1e-6  # seconds: what a difference of told times is good for

Weight = Callable[[Sent], "tuple[Hashable, int]"]
"""What a request counts with, and what it is counted by; 0: not at all."""


@dataclass(frozen=True)
class Limit:
    """At most ``most`` in any ``seconds``; in flight at once where those are 0."""

    name: str
    most: int
    seconds: float
    weigh: Weight


@dataclass(frozen=True)
class Judgement:
    """How near a limit was come to, as a share of it, and how many requests went beyond."""

    limit: str
    share: float
    broken: int


def is_read(sent: Sent) -> bool:
    return reads(sent.method, urlsplit(sent.path).path)


def judged(limits: Iterable[Limit], sent: Sequence[Sent]) -> list[Judgement]:
    """What each limit says of these, the nearest first."""
    ordered = sorted(sent, key=lambda one: one.began)
    return sorted((_judged(limit, ordered) for limit in limits), key=lambda one: -one.share)


def _judged(limit: Limit, sent: Iterable[Sent]) -> Judgement:
    windows: dict[Hashable, list[tuple[float, int]]] = defaultdict(list)  # heaps: until when each counts, with what
    sums: dict[Hashable, int] = defaultdict(int)
    top = broken = 0
    for one in sent:
        by, weight = limit.weigh(one)
        if not weight:
            continue
        while windows[by] and windows[by][0][0] <= one.began + EXACT:
            sums[by] -= heappop(windows[by])[1]
        heappush(windows[by], (one.began + limit.seconds if limit.seconds else one.ended, weight))
        sums[by] += weight
        top = max(top, sums[by])
        broken += sums[by] > limit.most
    return Judgement(limit.name, top / limit.most, broken)


def _all(_: Sent) -> tuple[Hashable, int]:
    return "", 1


def _writes(sent: Sent) -> tuple[Hashable, int]:
    return "", int(not is_read(sent))


def _reads(sent: Sent) -> tuple[Hashable, int]:
    return "", int(is_read(sent))


def _by_method(*methods: str) -> Weight:
    return lambda sent: (sent.method, int(sent.method in methods))


def _issue(sent: Sent) -> tuple[Hashable, int]:
    found = re.search(r"/issue/(\d+)", sent.path)
    return (found[1], int(not is_read(sent))) if found else ("", 0)


def _content(sent: Sent) -> tuple[Hashable, int]:
    return "", int(sent.method == "POST" and urlsplit(sent.path).path.endswith("/comments"))


def _is_query(sent: Sent) -> bool:
    return urlsplit(sent.path).path.endswith("/graphql")


def _points(sent: Sent) -> tuple[Hashable, int]:
    return "", 0 if _is_query(sent) else 1 if is_read(sent) else 5


def _queries(sent: Sent) -> tuple[Hashable, int]:
    return "", int(_is_query(sent))


def _rest(sent: Sent) -> tuple[Hashable, int]:
    return "", int(not _is_query(sent))


def _asana(quota: int) -> tuple[Limit, ...]:
    return (
        Limit(f"{quota:,} a minute", quota, 60, _all),
        Limit("15 writes in flight", 15, 0, _writes),
        Limit("50 reads in flight", 50, 0, _reads),
    )


LIMITS: dict[str, tuple[Limit, ...]] = {
    "jira cloud": (
        Limit("20 writes in 2 s an issue", 20, 2, _issue),
        Limit("100 writes in 30 s an issue", 100, 30, _issue),
        Limit("100 GET, POST a second", 100, 1, _by_method("GET", "POST")),
        Limit("50 PUT, DELETE a second", 50, 1, _by_method("PUT", "DELETE")),
    ),
    "jira dc": (),
    "github": (
        Limit("1 s between writes", 1, 1, _writes),
        Limit("80 comments a minute", 80, 60, _content),
        Limit("500 comments an hour", 500, 3600, _content),
        Limit("900 points a minute", 900, 60, _points),
        Limit("2,000 queries a minute", 2000, 60, _queries),
        Limit("5,000 requests an hour", 5000, 3600, _rest),
        Limit("5,000 queries an hour", 5000, 3600, _queries),
    ),
    "asana free": _asana(150),
    "asana paid": _asana(1500),
}
