"""The shares of weeks as bars: what served nothing below, what needed nothing above it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

WIDTH, HEIGHT = 560, 190
LEFT, RIGHT, TOP, BOTTOM = 48, 4, 16, 22
STEPS = (0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.8, 1.0)
"""What the top of the scale may be: the lowest that holds every bar."""
WIDEST = 56.0
"""Of a bar, however few there are."""
FILLED = 0.68
"""How much of its place a bar takes."""


@dataclass(frozen=True, slots=True)
class Part:
    """A rectangle."""

    x: float
    y: float
    width: float
    height: float


@dataclass(frozen=True, slots=True)
class Bar:
    """A week: its middle, its two parts one above the other, and where its words stand; no parts where nothing is
    known of it."""

    middle: float
    first: Part | None
    second: Part | None
    top: float


@dataclass(frozen=True, slots=True)
class Bars:
    """The drawing; ``lines`` are the shares that the grid marks, each with its height."""

    bars: tuple[Bar, ...]
    lines: tuple[tuple[float, float], ...]
    left: float = LEFT
    right: float = WIDTH - RIGHT
    base: float = HEIGHT - BOTTOM
    width: int = WIDTH
    height: int = HEIGHT


def bars(shares: Sequence[tuple[float | None, float | None]]) -> Bars:
    """A bar for each pair of shares of one whole; None where nothing is known."""
    most = max((sum(one or 0.0 for one in pair) for pair in shares), default=0.0)
    top = next((step for step in STEPS if most <= step), 1.0)
    base, room = HEIGHT - BOTTOM, HEIGHT - TOP - BOTTOM

    def high(share: float) -> float:
        return round(room * min(share, top) / top, 1)

    place = (WIDTH - LEFT - RIGHT) / max(len(shares), 1)
    width = round(min(place * FILLED, WIDEST), 1)
    drawn = []
    for number, pair in enumerate(shares):
        middle = round(LEFT + place * (number + 0.5), 1)
        if pair[0] is None:
            drawn.append(Bar(middle, None, None, base))
            continue
        first, both = high(pair[0]), high(pair[0] + (pair[1] or 0.0))
        x = round(middle - width / 2, 1)
        parts = (Part(x, round(base - first, 1), width, first), Part(x, round(base - both, 1), width, both - first))
        drawn.append(Bar(middle, *parts, round(base - both, 1)))
    lines = tuple((top * part / 2, round(base - room * part / 2, 1)) for part in range(3))
    return Bars(tuple(drawn), lines)
