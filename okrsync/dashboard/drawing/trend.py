"""A share week by week, small: beside the sentence that it belongs to."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

WIDTH, HEIGHT = 360, 118
TOP, BOTTOM, SIDE = 18, 18, 8
"""What is left free for the words above and below, and for those that are wider than a bar."""
FEWEST = 6
"""Bars are no wider than if there were so many."""
FILLED = 0.72
"""How much of its place a bar takes."""
LOWEST = 0.1
"""What the scale reaches at least, so that little looks little."""


@dataclass(frozen=True, slots=True)
class Bar:
    """A week; without height where nothing is known of it."""

    x: float
    y: float
    width: float
    height: float
    middle: float


@dataclass(frozen=True, slots=True)
class Trend:
    bars: tuple[Bar, ...]
    width: int = WIDTH
    height: int = HEIGHT
    base: int = HEIGHT - BOTTOM


def trend(shares: Sequence[float | None]) -> Trend | None:
    """A bar for each share; None where no share is known."""
    known = [share for share in shares if share is not None]
    if not known:
        return None
    top, base = max(LOWEST, *known), HEIGHT - BOTTOM
    place = (WIDTH - 2 * SIDE) / max(len(shares), FEWEST)
    width = round(place * FILLED, 1)
    bars = []
    for number, share in enumerate(shares):
        middle = round(SIDE + place * (number + 0.5), 1)
        tall = round((share or 0.0) / top * (base - TOP), 1)
        bars.append(Bar(round(middle - width / 2, 1), round(base - tall, 1), width, tall, middle))
    return Trend(tuple(bars))
