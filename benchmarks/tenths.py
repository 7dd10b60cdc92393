"""How the tenths of the chances are read: how far off they are, and how far off chance alone would have them."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence

import numpy as np

from rollup.calibration import Decile, deciles
from rollup.trials import Trial

SEED = 20261123
DRAWS = 1000
POINTS = 0.05
"""What was said and what happened should lie no farther apart in a tenth of the chances."""


def reading(said: Sequence[tuple[float, bool]]) -> str:
    """How far apart both lie on average, each tenth as often as it was said; in how many of them ``POINTS`` or less,
    and in how many inside the interval."""
    known = list(_known(deciles(said)))
    gap = sum(count * abs(foretold - happened) for count, foretold, happened, _ in known) / len(said)
    near = sum(abs(foretold - happened) <= POINTS for _, foretold, happened, _ in known)
    held = sum(low <= foretold <= high for _, foretold, _, (low, high) in known)
    return f"{gap:.3f}, {near} and {held} of {len(known)}"


def by_chance(trials: Sequence[Trial]) -> tuple[list[float], float]:
    """By how much what happens in each tenth varies from one sample of the groups to another (a standard error), and in
    how many tenths a chance that is exactly right would be seen within ``POINTS``."""
    counts, came = np.zeros((2, len(trials), 10))
    for place, one in enumerate(trials):
        for look in one.looks:
            if look.chance is not None:
                tenth = min(int(look.chance * 10), 9)
                counts[place, tenth] += 1
                came[place, tenth] += one.reached
    drawn = np.random.default_rng(SEED).integers(len(trials), size=(DRAWS, len(trials)))
    mine = counts.any(0)
    with np.errstate(invalid="ignore"):
        errors = np.nanstd((came[drawn].sum(1) / counts[drawn].sum(1))[:, mine], axis=0).tolist()
    return errors, math.fsum(math.erf(POINTS / error / math.sqrt(2)) for error in errors)


def _known(tenths: Sequence[Decile]) -> Iterator[tuple[int, float, float, tuple[float, float]]]:
    # (count, said, happened, interval) of those that were ever said
    for one in tenths:
        if one.said is not None and one.happened is not None and one.interval is not None:
            yield one.count, one.said, one.happened, one.interval
