"""The burn-up of a key result as a small drawing: what was planned, what was reached, and the time that is left."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

WIDTH, HEIGHT = 240, 72
LEFT, RIGHT, TOP, BOTTOM = 2.0, 6.0, 6.0, 4.0  # between the frame and what is drawn in it
HIGHEST = 1.25  # progress beyond it is drawn there: the way to the goal is what matters


@dataclass(frozen=True, slots=True)
class BurnUp:
    """Lines in a frame of ``WIDTH`` by ``HEIGHT``; y grows downwards.

    ``planned`` and ``reached`` are points as SVG writes them, one text a line without a break; ``last`` is where
    ``reached`` ends; ``goal`` and ``ground`` are the heights of all and of nothing.
    """

    planned: tuple[str, ...]
    reached: tuple[str, ...]
    last: tuple[float, float]
    goal: float
    ground: float


def burn_up(history: Sequence[Mapping[str, Any]], window: Mapping[str, str | None]) -> BurnUp | None:
    """The drawing; None where fewer than two instants are known, for one makes no line.

    ``history`` are the points of an answer, the oldest first; ``window`` the ends of the key result's own.
    """
    known = [point for point in history if point["progress"] is not None]
    if len(known) < 2:
        return None
    instants = [_at(text) for text in (*window.values(), *(point["at"] for point in history)) if text]
    first, last = min(instants), max(instants)
    height = max(1.0, *(_clamp(point[name]) for point in history for name in ("progress", "planned")))

    def x(text: str) -> float:
        return round(LEFT + (_at(text) - first) / (last - first) * (WIDTH - LEFT - RIGHT), 1)

    def y(progress: float) -> float:
        return round(HEIGHT - BOTTOM - _clamp(progress) / height * (HEIGHT - TOP - BOTTOM), 1)

    def lines(name: str) -> tuple[str, ...]:
        return tuple(
            " ".join(f"{x(point['at']):g},{y(point[name]):g}" for point in run) for run in _runs(history, name)
        )

    end = known[-1]
    return BurnUp(lines("planned"), lines("progress"), (x(end["at"]), y(end["progress"])), y(1.0), y(0.0))


def _runs(history: Iterable[Mapping[str, Any]], name: str) -> list[list[Mapping[str, Any]]]:
    """The stretches in which the value is known; a single instant makes no line."""
    runs: list[list[Mapping[str, Any]]] = [[]]
    for point in history:
        if point[name] is not None:
            runs[-1].append(point)
        elif runs[-1]:
            runs.append([])
    return [run for run in runs if len(run) > 1]


def _clamp(value: float | None) -> float:
    return 0.0 if value is None else min(max(value, 0.0), HIGHEST)


def _at(text: str) -> datetime:
    return datetime.fromisoformat(text)
