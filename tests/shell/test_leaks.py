"""P39: ten thousand cycles take no more memory, threads or handles than the first thousand did; ``okrsync run`` in a
process of its own, over failures, webhooks and configurations read anew (:mod:`benchmarks.cycles`)."""

from __future__ import annotations

from collections.abc import Sequence
from statistics import median

import pytest

from benchmarks.cycles import Sample, driven
from benchmarks.fleet import Fleet

MORE = 1.05  # of memory
HANDLES = 8  # connections that happen to be open in each look; SQLite closes the last ones of a file when nobody reads


@pytest.mark.parametrize(
    ("cycles", "fleet", "warm", "part"),
    [
        (200, Fleet(jira=8, github=8, asana=8, items=20), 0, 2),
        pytest.param(
            10_000,
            Fleet(jira=10, github=10, asana=10, items=20),
            1000,
            3,
            marks=[pytest.mark.soak, pytest.mark.timeout(3600)],
        ),
    ],
)
def test_it_does_not_grow(cycles: int, fleet: Fleet, warm: int, part: int) -> None:
    """Of the cycles after the first ``warm`` ones, the last part of ``part`` is compared with the first. What comes and
    goes is taken at its lowest: a leak raises that as well. Looks and ticks beat against each other, so that for
    minutes all looks may fall into the second in which each source has a thread at work."""
    samples = [one for one in driven(cycles, fleet) if one.cycles >= warm]
    size = (cycles - warm) / part
    first = [one for one in samples if one.cycles < warm + size]
    last = [one for one in samples if one.cycles >= cycles - size]
    assert min(len(first), len(last)) > 1
    assert _rss(last) < MORE * _rss(first), f"{_rss(first):.0f} → {_rss(last):.0f} MB\n{_all(samples)}"
    for what, more in (("threads", len(fleet.sources)), ("handles", HANDLES)):
        assert _least(last, what) <= _least(first, what) + more, f"{what}\n{_all(samples)}"
    print(f"{cycles} cycles: {_rss(first):.0f} → {_rss(last):.0f} MB; at last {samples[-1].usage}")


def _rss(samples: Sequence[Sample]) -> float:
    return median(one.usage.rss for one in samples)


def _least(samples: Sequence[Sample], what: str) -> int:
    return min(int(getattr(one.usage, what)) for one in samples)


def _all(samples: Sequence[Sample]) -> str:
    return "\n".join(str(one) for one in samples)
