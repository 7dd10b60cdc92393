"""How well rules told which key results would reach their share: each told of the same looks, beside this one.

A healthy key result is one that reaches its share in the end, a failing one does not. Of either, green on a failing one
and red on a healthy one cost 1, amber ½ and saying nothing ½; the *balanced* error is the mean of the two mean costs.
The *hard* error is the same with amber free.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from mapping.wilson import wilson
from okrsync.model import Status, Thresholds
from rollup.borders import Borders
from rollup.span import EPSILON
from rollup.trials import Look, Trial, flips

QUARTER = 13
"""Weeks."""


class Colour(StrEnum):
    """What a rule says of a key result."""

    GREEN = "green"
    AMBER = "amber"
    RED = "red"
    NONE = "none"  # nothing yet


@dataclass(frozen=True, slots=True)
class Rule:
    """A way to judge a key result. ``name`` is a code of the texts; ``chance`` is the P that it goes by, if any."""

    name: str
    colour: Callable[[Look], Colour]
    chance: Callable[[Look], float | None] | None = None


@dataclass(frozen=True, slots=True)
class Score:
    """What a rule is worth on some trials; None where there are none to tell it by."""

    rule: str
    balanced: float | None
    hard: float | None
    healthy_red: float | None
    failing_green: float | None
    amber: float | None  # the mean of both groups
    abstained: float | None  # of all looks
    flips: float | None  # a quarter
    brier: float | None


@dataclass(frozen=True, slots=True)
class Decile:
    """Looks with a chance in ``[low, low + 0.1)``: what was said on average, what happened, and its 95 % interval."""

    low: float
    count: int
    said: float | None
    happened: float | None
    interval: tuple[float, float] | None


@dataclass(frozen=True, slots=True)
class Calibration:
    """The table: so many trials and looks, of which trials so many reached their share."""

    trials: int
    reached: int
    looks: int
    scores: tuple[Score, ...]
    deciles: tuple[Decile, ...]


def calibrate(trials: Sequence[Trial], thresholds: Thresholds) -> Calibration:
    """The table of these trials, whose order does not matter: the rule that made them first, then all others."""
    ours, *others = rules(thresholds)
    looks = [(look, one.reached) for one in trials for look in one.looks]
    return Calibration(
        trials=len(trials),
        reached=sum(one.reached for one in trials),
        looks=len(looks),
        scores=tuple(score(rule, trials) for rule in (ours, *others)),
        deciles=deciles([(look.chance, reached) for look, reached in looks if look.chance is not None]),
    )


# ── rules ────────────────────────────────────────────────────────────────────────────────────────────────────────────


def rules(thresholds: Thresholds) -> tuple[Rule, ...]:
    """okrsync's, its chance alone, both as they were first designed, and those of other tools."""
    return (
        Rule("okrsync", _said, _chance),
        Rule("chance", _by_chance(_chance, Borders.of(thresholds)), _chance),
        Rule("first", _first, _uncalibrated),
        Rule("first_chance", _by_chance(_uncalibrated, FIRST), _uncalibrated),
        Rule("pace_upraise", lambda look: _falling(look.progress / look.elapsed, 0.95, 0.75)),
        Rule("pace_oboard", lambda look: _falling(look.progress / look.elapsed, 0.7, 0.4)),
        Rule("gap_engagedly", lambda look: _falling(look.progress - look.elapsed, -0.165, -0.33)),
        Rule("bands", lambda look: _falling(look.progress, 0.7, 0.4)),
    )


FIRST = Borders(0.15, 0.40)
"""The borders of the chance before it was calibrated; red had to lag by 1.5 standard deviations too."""

COLOURS = {
    Status.DONE: Colour.GREEN,
    Status.ACHIEVED: Colour.GREEN,
    Status.ON_TRACK: Colour.GREEN,
    Status.AT_RISK: Colour.AMBER,
    Status.OFF_TRACK: Colour.RED,
    Status.MISSED: Colour.RED,
}


def _said(look: Look) -> Colour:
    return COLOURS.get(look.status, Colour.NONE)


def _chance(look: Look) -> float | None:
    return look.chance


def _uncalibrated(look: Look) -> float | None:
    return look.uncalibrated


def _by_chance(chance: Callable[[Look], float | None], borders: Borders) -> Callable[[Look], Colour]:
    def colour(look: Look) -> Colour:
        value = chance(look)
        return _said(look) if value is None else COLOURS[borders.status(value)]

    return colour


def _first(look: Look) -> Colour:
    if look.uncalibrated is None:
        return _said(look)
    colour = COLOURS[FIRST.status(look.uncalibrated)]
    noise = math.sqrt(2 * look.elapsed * (1 - look.elapsed) / look.items)
    if colour is Colour.RED and look.progress - look.elapsed >= -1.5 * noise:
        colour = Colour.AMBER
    return Colour.AMBER if colour is Colour.GREEN and look.hindered else colour


def _falling(value: float, green: float, amber: float) -> Colour:
    if value >= green - EPSILON:
        return Colour.GREEN
    return Colour.AMBER if value >= amber - EPSILON else Colour.RED


# ── what they are worth ──────────────────────────────────────────────────────────────────────────────────────────────


def score(rule: Rule, trials: Sequence[Trial]) -> Score:
    """What a rule is worth on these trials."""
    healthy, failing = (
        [rule.colour(look) for one in trials if one.reached is reached for look in one.looks]
        for reached in (True, False)
    )
    red, green = _share(healthy, Colour.RED), _share(failing, Colour.GREEN)
    amber, silent = (_mean(_share(healthy, one), _share(failing, one)) for one in (Colour.AMBER, Colour.NONE))
    wrong = _mean(red, green)
    said = [
        (value, one.reached)
        for one in trials
        for look in one.looks
        if rule.chance is not None and (value := rule.chance(look)) is not None
    ]
    return Score(
        rule=rule.name,
        balanced=None if wrong is None or amber is None or silent is None else wrong + amber / 2 + silent / 2,
        hard=None if wrong is None or silent is None else wrong + silent / 2,
        healthy_red=red,
        failing_green=green,
        amber=amber,
        abstained=_share([*healthy, *failing], Colour.NONE),
        flips=_flips(rule, trials),
        brier=math.fsum((chance - reached) ** 2 for chance, reached in said) / len(said) if said else None,
    )


def deciles(said: Sequence[tuple[float, bool]]) -> tuple[Decile, ...]:
    """Chances and what came of them, in tenths; a chance of 1 is in the last."""
    tenths: list[list[tuple[float, bool]]] = [[] for _ in range(10)]
    for chance, reached in said:
        tenths[min(int(chance * 10), 9)].append((chance, reached))
    return tuple(_decile(place / 10, some) for place, some in enumerate(tenths))


def _decile(low: float, some: Sequence[tuple[float, bool]]) -> Decile:
    count = len(some)
    if not count:
        return Decile(low, 0, None, None, None)
    came = sum(reached for _, reached in some)
    said = math.fsum(chance for chance, _ in some) / count
    return Decile(low, count, said, came / count, wilson(came, count))


def _flips(rule: Rule, trials: Sequence[Trial]) -> float | None:
    """Changes between one word and the next, of week to week, a quarter; weeks without a word count for nothing."""
    changes, weeks = 0, 0
    for one in trials:
        colours = [colour for look in one.weekly if (colour := rule.colour(look)) is not Colour.NONE]
        changes += flips(colours)
        weeks += max(len(colours) - 1, 0)
    return changes / weeks * QUARTER if weeks else None


def _share(colours: Sequence[Colour], which: Colour) -> float | None:
    return colours.count(which) / len(colours) if colours else None


def _mean(one: float | None, other: float | None) -> float | None:
    return None if one is None or other is None else (one + other) / 2
