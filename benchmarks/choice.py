"""The constants of the status rule, chosen on some groups as docs/calibration.md tells.

A part is a tenth of the groups drawn at random, an era one of five stretches of time.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import product
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from okrsync.model import Thresholds
from rollup.calibration import Colour, rules
from rollup.forecast import calibrated
from rollup.span import EPSILON
from rollup.trials import Trial

CERTAINTIES = (0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 1.0)
OFF_TRACKS = (0.15, 0.2, 0.25, 0.3, 0.35, 0.4)
AT_RISKS = (0.45, 0.5, 0.55, 0.6, 0.65, 0.7)

TIERS = ("a: true membership history", "b: other long windows", "c: shorter windows", "d: drawn at random")
PROTECTED = (0, 3)
"""Tiers in which the rule may be no worse than the first design."""
DRAWN = 3
LONG = 6.0
"""Weeks of a window from which it is long."""
PARTS = 10
ERAS = (0.5, 0.6, 0.7, 0.8)
SEED = 20261123

Flags: TypeAlias = NDArray[np.bool_]
Numbers: TypeAlias = NDArray[np.int64]
Values: TypeAlias = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Looks:
    """Every look of some trials, a place each."""

    chance: Values  # of the closed form; nan where lines 1 to 8 spoke
    spoken: NDArray[np.str_]  # what okrsync says without a chance
    first: NDArray[np.str_]  # what the first design says
    hindered: Flags
    reached: Flags
    tier: Numbers
    part: Numbers
    era: Numbers

    def colours(self, chance: Values, limits: Thresholds) -> NDArray[np.str_]:
        """What okrsync says by these chances."""
        green = np.where(self.hindered, Colour.AMBER, Colour.GREEN)
        told = np.where(chance < limits.at_risk_probability, Colour.AMBER, green)
        told = np.where(chance < limits.off_track_probability, Colour.RED, told)
        return np.where(np.isnan(chance), self.spoken, told)

    def errors(self, colours: NDArray[np.str_], some: Flags) -> Values:
        """Balanced and hard error on some looks; nan where they are all of one outcome."""
        wrong = np.where(self.reached, colours == Colour.RED, colours == Colour.GREEN) + (colours == Colour.NONE) / 2
        sides = [some & self.reached, some & ~self.reached]
        if not all(side.any() for side in sides):
            return np.full(2, math.nan)
        hard, amber = (np.mean([cost[side].mean() for side in sides]) for cost in (wrong, colours == Colour.AMBER))
        return np.array([hard + amber / 2, hard])

    def by_tier(self, colours: NDArray[np.str_], some: Flags) -> Values:
        """The same of each tier, a row each."""
        return np.stack([self.errors(colours, some & (self.tier == tier)) for tier in range(len(TIERS))])


def looks(recorded: Sequence[Trial], drawn: Sequence[Trial]) -> Looks:
    """The looks of both, of which each trial's lie in one part and one era."""
    trials = [*recorded, *drawn]
    told = [(place, look) for place, one in enumerate(trials) for look in one.looks]
    trial = np.array([place for place, _ in told])
    part, era = (np.concatenate(both)[trial] for both in zip(*map(_part_and_era, (recorded, drawn)), strict=True))
    ours, _, first, *_ = rules(Thresholds())
    return Looks(
        chance=np.array([math.nan if look.uncalibrated is None else look.uncalibrated for _, look in told]),
        spoken=np.array([ours.colour(look) for _, look in told]),
        first=np.array([first.colour(look) for _, look in told]),
        hindered=np.array([look.hindered for _, look in told]),
        reached=np.array([one.reached for one in trials])[trial],
        tier=np.array([tier(one) for one in trials])[trial],
        part=part,
        era=era,
    )


def tier(one: Trial) -> int:
    """Its place in ``TIERS``."""
    if one.kind == "drawn":
        return DRAWN
    if one.kind == "milestone":
        return 0
    return 1 if one.weeks >= LONG else 2


def choose(known: Looks, some: Flags) -> tuple[Thresholds, bool]:
    """The constants that are chosen on these looks, and whether the condition on the protected tiers could be met.

    First ``certainty``, by the Brier scores of recorded and of drawn looks, which count alike; then the borders, by the
    mean of balanced + hard error over the tiers.
    """
    told = some & ~np.isnan(known.chance)
    sides = [told & (known.tier == DRAWN), told & (known.tier != DRAWN)]

    def brier(limits: Thresholds) -> float:
        missed = (calibrate(known.chance, limits) - known.reached) ** 2
        return sum(float(missed[side].mean()) for side in sides)

    limits = min((Thresholds(certainty=one) for one in CERTAINTIES), key=brier)
    chance = calibrate(known.chance, limits)
    first = known.by_tier(known.first, some)[PROTECTED, :]

    def cost(one: Thresholds) -> tuple[bool, float]:
        table = known.by_tier(known.colours(chance, one), some)
        return bool((table[PROTECTED, :] > first + EPSILON).any()), float(np.nanmean(table.sum(1)))

    chosen = min(
        (
            replace(limits, off_track_probability=off_track, at_risk_probability=at_risk)
            for off_track, at_risk in product(OFF_TRACKS, AT_RISKS)
        ),
        key=cost,
    )
    return chosen, not cost(chosen)[0]


def calibrate(chances: Values, limits: Thresholds) -> Values:
    """What these chances of the closed form are worth; nan stays."""
    return np.array([one if math.isnan(one) else calibrated(one, limits) for one in chances])


def choices(known: Looks) -> Iterator[tuple[str, Thresholds, bool, tuple[list[int], list[int]]]]:
    """(learned on, chosen, condition met, (parts, eras) left to judge by): without each tenth, and before each date."""
    everything, ever = list(range(PARTS)), list(range(len(ERAS) + 1))
    for part in everything:
        yield f"without part {part + 1}", *choose(known, known.part != part), ([part], ever)
    for era, share in enumerate(ERAS, start=1):
        yield f"the first {share:.0%}", *choose(known, known.era < era), (everything, ever[era:])


def within(recorded: Sequence[Trial], parts: Sequence[int], eras: Sequence[int]) -> list[Trial]:
    """The recorded trials that are in these parts and eras."""
    part, era = _part_and_era(recorded)
    return [recorded[place] for place in np.flatnonzero(np.isin(part, parts) & np.isin(era, eras))]


def _part_and_era(some: Sequence[Trial]) -> tuple[Numbers, Numbers]:
    # of each trial; those drawn at random all end together, so that their order, random too, gives their era
    part = np.random.default_rng(SEED).permutation(len(some)) % PARTS
    ended = np.argsort(np.argsort([one.ended.timestamp() for one in some], kind="stable"), kind="stable")
    return part, np.searchsorted(ERAS, ended / len(some), side="right")
