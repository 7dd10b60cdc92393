"""The constants of the status rule, chosen on a grid by the criterion of docs/calibration.md.

Whatever becomes of a look under a set of constants is counted once in cells (part, era, tier, reached); choosing on
some groups is then a sum over cells. A part is a tenth of the groups drawn at random, an era one of five stretches of
time.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import product
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from okrsync.model import Thresholds
from rollup.calibration import Colour, Rule, rules
from rollup.forecast import LENGTHS, within
from rollup.trials import Trial

OVERDISPERSIONS = (1.5, 3.0, 6.0)
CERTAINTIES = (0.4, 0.5, 0.6, 0.8, 1.0)
CATCH_UPS = (0.0, 0.4, 0.8, 1.2, 1.6, 2.0)
EVEN_WEEKS = (2.0, 3.0, 4.0, 6.0)
OFF_TRACKS = (0.15, 0.2, 0.25, 0.3)
AT_RISKS = (0.4, 0.5, 0.6, 0.65, 0.7)

TIERS = ("a: true membership history", "b: other long windows", "c: shorter windows", "d: drawn at random")
LONG = 6.0
"""Weeks of a window from which it is long."""
WORSE = 0.05
"""By how much either error of a tier may be above that of the first design."""
POINTS = 0.05
"""How far what came may lie from what was said, on average over the tenths, each as often as it was said."""
PARTS = 10
ERAS = (0.5, 0.6, 0.7, 0.8)
SEED = 20261123

Table: TypeAlias = NDArray[np.float64]
Source: TypeAlias = Callable[[Thresholds], tuple[Sequence[Trial], Sequence[Trial]]]


@dataclass(frozen=True, slots=True)
class Cells:
    """Looks by (part, era, tier, reached), and of each row of sets and rules what became of them."""

    looks: Table  # (part, era, tier, reached)
    silent: Table  # (row, part, era, tier, reached), as the next two
    wrong: Table
    amber: Table
    tenths: Table  # (row, part, era, tenth, count | said | came), of recorded looks
    others: slice  # rows of the rules beside ours, the first design first
    grid: tuple[Thresholds, ...]  # the rows before those


def tier(one: Trial) -> int:
    """Its place in ``TIERS``."""
    if one.kind == "drawn":
        return 3
    if one.kind == "milestone":
        return 0
    return 1 if one.weeks >= LONG else 2


def plain(overdispersion: float) -> Thresholds:
    """Those under which the closed form is told as it is."""
    return Thresholds(overdispersion=overdispersion, certainty=1.0, catch_up=0.0)


def cells(source: Source) -> Cells:
    """What becomes of all looks under every set of the grid, and under the other rules."""
    recorded, drawn = source(plain(OVERDISPERSIONS[0]))
    trials = [*recorded, *drawn]
    places, shape = _places(recorded, drawn)
    ours = rules(Thresholds())[0]
    looks = [(place, one, look) for place, one in enumerate(trials) for look in one.looks]
    at = places[[place for place, _, _ in looks]]
    grid: list[Thresholds] = []
    silent: list[Table] = []
    wrong: list[Table] = []
    amber: list[Table] = []
    tenths: list[Table] = []

    def count(colours: NDArray[np.str_]) -> None:
        healthy = at % 2 == 1
        amiss = np.where(healthy, colours == Colour.RED, colours == Colour.GREEN)
        for column, some in ((silent, colours == Colour.NONE), (wrong, amiss), (amber, colours == Colour.AMBER)):
            column.append(np.bincount(at[some], minlength=math.prod(shape)).reshape(shape))

    for overdispersion in OVERDISPERSIONS:
        told = [look for group in source(plain(overdispersion)) for one in group for look in one.looks]
        base = np.array([_logit(look.chance) for look in told])
        length = np.array([math.log(within(LENGTHS, one.weeks)) for _, one, _ in looks])
        left = np.array([1 - look.elapsed for look in told])
        said = np.array([ours.colour(look) for look in told])
        hindered = np.array([look.hindered for look in told])
        free = ~np.isnan(base)
        for certainty, catch_up, even in product(CERTAINTIES, CATCH_UPS, EVEN_WEEKS):
            if catch_up == 0 and even != EVEN_WEEKS[0]:
                continue
            chances = 1 / (1 + np.exp(-(certainty * base + left * catch_up * (length - math.log(even)))))
            known = _tenths(chances, at, shape, free)
            for off_track, at_risk in product(OFF_TRACKS, AT_RISKS):
                colours = np.where(chances < at_risk, Colour.AMBER, np.where(hindered, Colour.AMBER, Colour.GREEN))
                colours = np.where(chances < off_track, Colour.RED, colours)
                count(np.where(free, colours, said))
                tenths.append(known)
                grid.append(
                    Thresholds(
                        overdispersion=overdispersion,
                        certainty=certainty,
                        catch_up=catch_up,
                        even_weeks=even,
                        off_track_probability=off_track,
                        at_risk_probability=at_risk,
                    )
                )
    for rule in others():
        count(np.array([rule.colour(look) for _, _, look in looks]))
    return Cells(
        looks=np.bincount(at, minlength=math.prod(shape)).reshape(shape),
        silent=np.array(silent),
        wrong=np.array(wrong),
        amber=np.array(amber),
        tenths=np.array(tenths),
        others=slice(len(grid), None),
        grid=tuple(grid),
    )


def others() -> tuple[Rule, ...]:
    """The rows that ours has to beat, the first design first."""
    return rules(Thresholds())[2:]


def choose(known: Cells, parts: Sequence[int], eras: Sequence[int]) -> tuple[Thresholds, str]:
    """The best set on these parts and eras, and the conditions (docs/calibration.md) that had to be given up for it."""
    some = np.ix_(parts, eras)
    looks = known.looks[some].sum((0, 1))
    silent, wrong, amber = (one[:, *some].sum((1, 2)) for one in (known.silent, known.wrong, known.amber))
    mine = slice(0, len(known.grid))
    pooled = _errors(*(one[..., :3, :].sum(-2, keepdims=True) for one in (looks, silent, wrong, amber)))[..., 0]
    both = _errors(looks, silent, wrong, amber)  # (error, row, tier)
    total = np.nanmean(both.sum(0), axis=1)[mine]
    beats = (pooled[:, mine] < pooled[:, known.others].min(1)[:, None]).all(0)
    first = both[:, known.others][:, :1]
    steady = ~(both[:, mine] > first + WORSE).any((0, 2))
    count, said, came = np.moveaxis(known.tenths[:, *some].sum((1, 2)), -1, 0)
    true = np.abs(came - said).sum(1) / count.sum(1) <= POINTS
    for given_up, condition in (
        ("", beats & steady & true),
        ("2", beats & true),
        ("2, 3", beats),
        ("1, 2, 3", beats | True),
    ):
        if condition.any():
            return known.grid[int(np.argmin(np.where(condition, total, np.inf)))], given_up
    raise AssertionError("the last condition is none")


def choices(known: Cells) -> Iterator[tuple[str, Thresholds, str, tuple[list[int], list[int]]]]:
    """(learned on, chosen, given up, (parts, eras) left to judge by): without each tenth, and before each date."""
    everything, ever = list(range(PARTS)), list(range(len(ERAS) + 1))
    for part in everything:
        yield (
            f"without part {part + 1}",
            *choose(known, [one for one in everything if one != part], ever),
            ([part], ever),
        )
    for era, share in enumerate(ERAS, start=1):
        yield f"the first {share:.0%}", *choose(known, everything, ever[:era]), (everything, ever[era:])


def within_cells(recorded: Sequence[Trial], parts: Sequence[int], eras: Sequence[int]) -> list[int]:
    """The places of the recorded trials that are in these parts and eras."""
    part, era = _part_and_era(recorded)
    return np.flatnonzero(np.isin(part, parts) & np.isin(era, eras)).tolist()


def _part_and_era(some: Sequence[Trial]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    # of each trial; those drawn at random all end together, so that their order, random too, gives their era
    part = np.random.default_rng(SEED).permutation(len(some)) % PARTS
    ended = np.argsort(np.argsort([one.ended.timestamp() for one in some], kind="stable"), kind="stable")
    return part, np.searchsorted(ERAS, ended / len(some), side="right")


def _places(recorded: Sequence[Trial], drawn: Sequence[Trial]) -> tuple[NDArray[np.int64], tuple[int, ...]]:
    # the cell of each trial, as one number, and the shape of the cells
    part, era = (np.concatenate(two) for two in zip(*map(_part_and_era, (recorded, drawn)), strict=True))
    tiers = np.array([tier(one) for one in (*recorded, *drawn)])
    reached = np.array([one.reached for one in (*recorded, *drawn)], int)
    shape = (PARTS, len(ERAS) + 1, len(TIERS), 2)
    return np.ravel_multi_index((part, era, tiers, reached), shape), shape


def _tenths(chances: Table, at: NDArray[np.int64], shape: tuple[int, ...], free: NDArray[np.bool_]) -> Table:
    mine = free & (at // 2 % len(TIERS) < 3)
    tenth = np.minimum((chances[mine] * 10).astype(int), 9)
    place = at[mine] // (2 * len(TIERS)) * 10 + tenth
    size = shape[0] * shape[1] * 10
    values = (np.ones(mine.sum()), chances[mine], at[mine] % 2)
    return np.stack([np.bincount(place, one, minlength=size) for one in values], -1).reshape(*shape[:2], 10, 3)


def _errors(looks: Table, silent: Table, wrong: Table, amber: Table) -> Table:
    # (balanced | hard, row, tier); nan where a tier has no looks of one outcome
    with np.errstate(invalid="ignore", divide="ignore"):
        hard = ((wrong + silent / 2) / looks).mean(-1)
        return np.stack([hard + (amber / looks).mean(-1) / 2, hard])


def _logit(chance: float | None) -> float:
    return math.nan if chance is None else math.log(chance / (1 - chance))
