"""What effort served, as the pieces of one bar, and which share of it is covered, as lines over the weeks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from okrsync.reports.common import plain

APART = 22.0  # between two words that stand above each other
NAMED = 7  # weeks whose name stands below a drawing, at most
MARKS = (0.0, 0.5, 1.0)  # the shares that have a line of their own
Shares = Sequence[float | None]


@dataclass(frozen=True, slots=True)
class Frame:
    """How large a drawing is, and how much of it is left free around its lines, in units of its own."""

    width: float
    height: float
    left: float
    right: float
    top: float
    bottom: float

    def x(self, place: int, count: int) -> float:
        """Where the value in this place of so many lies; a single one lies at the end."""
        inside = self.width - self.left - self.right
        return plain(self.left + inside * (place / (count - 1) if count > 1 else 1.0))

    def y(self, share: float) -> float:
        """Where a share lies, always nothing at the bottom and all at the top; y grows downwards."""
        inside = self.height - self.top - self.bottom
        return plain(self.top + (1 - min(max(share, 0.0), 1.0)) * inside)


SMALL = Frame(160, 40, 3, 6, 5, 4)
LARGE = Frame(560, 240, 64, 140, 12, 32)


@dataclass(frozen=True, slots=True)
class Line:
    """``runs`` are the stretches without a break, each as SVG writes points; ``alone`` the values between two breaks;
    ``end`` the last one, None where nothing is known."""

    runs: tuple[str, ...]
    alone: tuple[tuple[float, float], ...]
    end: tuple[float, float] | None


@dataclass(frozen=True, slots=True)
class Spark:
    """One line in a small frame."""

    frame: Frame
    line: Line


@dataclass(frozen=True, slots=True)
class Against:
    """Two lines in a large frame. ``levels`` are the heights of shares with the share; ``weeks`` the places of their
    names; ``words`` the heights at which a word for each line stands, apart."""

    frame: Frame
    pilot: Line
    rest: Line
    levels: tuple[tuple[float, float], ...]
    weeks: tuple[tuple[float, str], ...]
    words: tuple[float | None, float | None]


def over_weeks(shares: Shares) -> Spark:
    """A share week by week, the oldest first; None is a break."""
    return Spark(SMALL, _line(shares, SMALL))


def against(pilot: Shares, rest: Shares, names: Sequence[str]) -> Against:
    """Two shares week by week, the oldest first; ``names`` are those of the weeks."""
    one, other = _line(pilot, LARGE), _line(rest, LARGE)
    step = -(-len(names) // NAMED) or 1
    last = len(names) - 1
    weeks = [(LARGE.x(place, len(names)), names[place]) for place in range(last, -1, -step)]
    levels = tuple((LARGE.y(share), share) for share in MARKS)
    return Against(LARGE, one, other, levels, tuple(reversed(weeks)), _kept_apart(one.end, other.end))


def served(parts: Sequence[float]) -> list[tuple[float, float]]:
    """Where each part of a bar of 100 begins, and how long it is; together they fill it."""
    total = sum(parts)
    ends = [plain(100 * sum(parts[: place + 1]) / total, 2) if total > 0 else 0 for place in range(len(parts))]
    return [(begin, plain(end - begin, 2)) for begin, end in zip([0, *ends[:-1]], ends, strict=True)]


def _kept_apart(
    one: tuple[float, float] | None, other: tuple[float, float] | None
) -> tuple[float | None, float | None]:
    if one is None or other is None:
        return one and one[1], other and other[1]
    away = APART - abs(one[1] - other[1])
    if away <= 0:
        return one[1], other[1]
    down = away / 2 if one[1] > other[1] else -away / 2
    return plain(one[1] + down), plain(other[1] - down)


def _line(shares: Shares, frame: Frame) -> Line:
    runs: list[list[tuple[float, float]]] = [[]]
    for place, share in enumerate(shares):
        if share is not None:
            runs[-1].append((frame.x(place, len(shares)), frame.y(share)))
        elif runs[-1]:
            runs.append([])
    known = [run for run in runs if run]
    drawn = tuple(" ".join(f"{x:g},{y:g}" for x, y in run) for run in known if len(run) > 1)
    return Line(drawn, tuple(run[0] for run in known if len(run) == 1), known[-1][-1] if known else None)
