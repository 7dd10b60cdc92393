"""The large drawing of a key result: plan, way, band and what came and went, as lines in a frame. Pure numbers."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any

WIDTH = 880
LEFT, RIGHT = 58.0, 150.0  # room for the scale, and for what the lines end with
WAY, WORK = 300, 128  # heights
TOP, BOTTOM = 26.0, 24.0
APART = 15.0  # between two texts, one above the other
NARROW = 46.0  # less room than this holds no words about a change
TICKS = 8  # dates at most
HIGHEST = 1.25  # progress beyond it is drawn there: the way to the goal is what matters

Rows = Sequence[Mapping[str, Any]]
Height = Callable[[float], float]


@dataclass(frozen=True, slots=True)
class Mark:
    """Something at a place: ``value`` is what it tells, ``kind`` what it is."""

    x: float
    y: float
    value: Any
    kind: str = ""


@dataclass(frozen=True, slots=True)
class Drawing:
    """Lines in a frame of ``WIDTH`` by ``height``; y grows downwards, lines are points as SVG writes them."""

    height: float
    ground: float
    left: float
    right: float
    scale: tuple[Mark, ...] = ()
    dates: tuple[Mark, ...] = ()
    plan: str = ""
    way: tuple[str, ...] = ()
    dots: tuple[Mark, ...] = ()
    band: str = ""
    even: str = ""
    corridor: tuple[float, float] | None = None  # its top and its height
    levels: tuple[Mark, ...] = ()  # heights that stand for themselves: what is to be reached
    ends: tuple[Mark, ...] = ()  # what the lines end with, none over another
    area: str = ""
    changes: tuple[Mark, ...] = ()
    today: float | None = None
    end: float | None = None


@dataclass(frozen=True, slots=True)
class Time:
    """From when to when is drawn."""

    first: datetime
    last: datetime

    @classmethod
    def of(cls, course: Mapping[str, Any]) -> Time | None:
        """The window, as far as it has ends, and all that is known; None where that is no length of time."""
        window = course["window"]
        known = [window["start"], window["end"], *(one["at"] for one in (*course["points"], *course["readings"]))]
        instants = [_at(one) for one in known if one]
        start = _at(window["start"]) if window["start"] else min(instants, default=None)
        last = max([*instants, _at(course["now"])] if not window["end"] else instants, default=None)
        return None if start is None or last is None or last <= start else cls(start, last)

    def x(self, at: str) -> float:
        share = (_at(at) - self.first) / (self.last - self.first)
        return round(LEFT + min(max(share, 0.0), 1.0) * (WIDTH - LEFT - RIGHT), 1)

    def dates(self) -> Iterable[datetime]:
        """Mondays or first days of months, few enough to be read."""
        days = (self.last - self.first) / timedelta(days=1)
        if days > 70:
            months = [self.first.replace(day=1, hour=12)]
            while months[-1] < self.last:
                months.append((months[-1] + timedelta(days=32)).replace(day=1))
            every = -(-len(months) // TICKS)
            return [one for one in months[::every] if self.first <= one <= self.last]
        step = timedelta(days=max(1, round(days / TICKS)))
        return [self.first + place * step for place in range(1, TICKS + 1) if self.first + place * step < self.last]


# ── the way ──────────────────────────────────────────────────────────────────────────────────────────────────────────


def shares(course: Mapping[str, Any], time: Time) -> Drawing:
    """The way of a key result of work, and of a band, in shares of the whole, with the forecast where there is one."""
    known = [one["progress"] for one in course["points"] if one["progress"] is not None]
    top = max(1.0, *(min(one, HIGHEST) for one in known), 0.0)
    y = _height(0.0, top, WAY)
    scale = tuple(Mark(LEFT, y(share), share) for share in (0.0, 0.25, 0.5, 0.75, 1.0))
    points = [(time.x(one["at"]), one["progress"]) for one in course["points"]]
    band = course["band"]
    ends = [Mark(WIDTH - RIGHT, y(course["share"]), course["share"], "goal")]
    if band:
        last = {band[-1][name]: name for name in ("high", "low", "middle")}  # of what is alike the likeliest is told
        ends += [Mark(WIDTH - RIGHT, y(share), share, name) for share, name in last.items()]
    return Drawing(
        **_frame(course, time, WAY),
        scale=scale,
        plan=_line((time.x(one["at"]), y(one["planned"])) for one in course["plan"]),
        way=_runs(points, y),
        dots=_last(points, y),
        band=_area(
            [(time.x(one["at"]), y(one["high"])) for one in band],
            [(time.x(one["at"]), y(one["low"])) for one in band],
        ),
        even=_line((time.x(one["at"]), y(one["middle"])) for one in band),
        levels=(Mark(LEFT, y(course["share"]), course["share"], "goal"),),
        ends=_spread(ends, WAY),
    )


def values(course: Mapping[str, Any], time: Time, kr: Mapping[str, Any]) -> Drawing:
    """The way of a metric in its own unit: readings, plan and trend between baseline and target, or a corridor."""
    baseline, target, low, high = (kr[name] for name in ("baseline", "target", "low", "high"))
    read = [(time.x(one["at"]), one["value"], one["at"]) for one in course["readings"]]
    before = _before(course["readings"], time)
    mapped = baseline is not None and target is not None and kr["kind"] != "keep"

    def value(share: float) -> float:
        return float(baseline + share * (target - baseline))

    trend = [(time.x(one["at"]), value(one["progress"])) for one in course["trend"]] if mapped else []
    plan = [(time.x(one["at"]), value(one["planned"])) for one in course["plan"]] if mapped else []
    levels = {"baseline": baseline, "goal": target, "low": low, "high": high}
    named = {name: one for name, one in levels.items() if one is not None}
    every = [*named.values(), *(one for _, one, _ in read), *(one for _, one in trend)]
    floor, top, ticks = _steps(*_around(every, low, high))
    y = _height(floor, top, WAY)
    corridor = None
    if kr["kind"] == "keep":
        upper, lower = y(top if high is None else high), y(floor if low is None else low)
        corridor = (upper, round(lower - upper, 1))
    ends = [Mark(WIDTH - RIGHT, y(one), one, name) for name, one in named.items()]
    if trend:
        ends.append(Mark(WIDTH - RIGHT, y(trend[-1][1]), trend[-1][1], "trend"))
    line = [(x, one) for x, one, at in read if _at(at) >= time.first]
    held = [(time.x(course["now"]), read[-1][1])] if read and _at(course["now"]) <= time.last else []
    return Drawing(
        **_frame(course, time, WAY),
        scale=tuple(Mark(LEFT, y(tick), tick) for tick in ticks),
        plan=_line((x, y(one)) for x, one in plan),
        way=_runs([*before, *line, *held], y),
        dots=tuple(Mark(x, y(one), (at, one)) for x, one, at in read if _at(at) >= time.first),
        even=_line((x, y(one)) for x, one in trend),
        corridor=corridor,
        levels=tuple(Mark(LEFT, y(one), one, name) for name, one in named.items() if name in ("baseline", "goal")),
        ends=_spread(ends, WAY),
    )


def _around(values: Sequence[float], low: float | None, high: float | None) -> tuple[float, float]:
    """Between which values these lie, with some room outside a corridor, so that it is seen as one."""
    least, most = min(values, default=0.0), max(values, default=1.0)
    room = 0.25 * ((most - least) or abs(most) or 1.0)
    if low is not None:
        return min(least, low - room), most
    return least, most if high is None else max(most, high + room)


def _before(readings: Rows, time: Time) -> list[tuple[float, float]]:
    """The last reading before what is drawn, at its beginning."""
    old = [one["value"] for one in readings if _at(one["at"]) < time.first]
    return [(LEFT, old[-1])] if old else []


# ── the work ─────────────────────────────────────────────────────────────────────────────────────────────────────────


def work(course: Mapping[str, Any], time: Time) -> Drawing | None:
    """The scope and what is done of it, in its unit, and what came and went; None where no work was ever there."""
    points = [(time.x(one["at"]), one["scope"], one["done"]) for one in course["points"] if one["scope"] is not None]
    top = max((scope for _, scope, _ in points), default=0.0)
    if not top:
        return None
    _, above, ticks = _steps(0.0, top, 3)
    y = _height(0.0, above, WORK)
    x, scope, done = points[-1]
    ends = [Mark(x, y(scope), scope, "scope"), Mark(x, y(done), done, "done")]
    under = [(x, y(done)) for x, _, done in points]
    return Drawing(
        **_frame(course, time, WORK),
        scale=tuple(Mark(LEFT, y(tick), tick) for tick in ticks),
        way=(_line(_stairs([(x, y(scope)) for x, scope, _ in points])),),
        area=_area(under, [(x, y(0.0)) for x, _ in under]),
        changes=tuple(_changes(course["changes"], time, [(x, y(scope)) for x, scope, _ in points])),
        ends=_spread(ends, WORK),
    )


def _changes(changes: Rows, time: Time, line: Sequence[tuple[float, float]]) -> Iterable[Mark]:
    """The changes of a scope where they happened, those together that would stand over each other."""
    together: list[list[Mapping[str, Any]]] = []
    for one in changes:
        if together and time.x(one["until"]) - time.x(together[-1][0]["until"]) < NARROW:
            together[-1].append(one)
        else:
            together.append([one])
    for found in together:
        x = time.x(found[-1]["until"])
        told = {name: sum(one[name]["count"] for one in found) for name in ("added", "removed", "cancelled")}
        told |= {"since": found[0]["since"], "until": found[-1]["until"]}
        yield Mark(x, min(y for at, y in line if at >= x - 0.05), told)


def _stairs(points: Sequence[tuple[float, float]]) -> list[tuple[float, float]]:
    """A line that stays as it was until the next point."""
    steps = list(points[:1])
    for (_, before), (x, after) in pairwise(points):
        steps += [(x, before), (x, after)] if before != after else [(x, after)]
    return steps


# ── lines ────────────────────────────────────────────────────────────────────────────────────────────────────────────


def _frame(course: Mapping[str, Any], time: Time, height: float) -> dict[str, Any]:
    """What every drawing shares; today only where it lies in what is drawn."""
    inside = time.first <= _at(course["now"]) <= time.last
    end = course["window"]["end"]
    return {
        "height": height,
        "ground": height - BOTTOM,
        "left": LEFT,
        "right": WIDTH - RIGHT,
        "dates": tuple(Mark(time.x(one.isoformat()), height - BOTTOM + 16, one.isoformat()) for one in time.dates()),
        "today": time.x(course["now"]) if inside else None,
        "end": time.x(end) if end else None,
    }


def _height(floor: float, top: float, height: float) -> Height:
    def y(value: float) -> float:
        share = min(max((value - floor) / (top - floor), -0.05), 1.0)
        return round(height - BOTTOM - share * (height - TOP - BOTTOM), 1)

    return y


def _steps(least: float, most: float, count: int = 4) -> tuple[float, float, list[float]]:
    """Round numbers around a range: the lowest, the highest, and those to be written beside the scale."""
    from math import ceil, floor, log10

    room = (most - least) or abs(most) or 1.0
    rough = room / count
    magnitude = 10 ** floor(log10(rough))
    step = next(one * magnitude for one in (1, 2, 2.5, 5, 10) if one * magnitude >= rough - 1e-12)
    low, high = floor(least / step + 1e-9), ceil(most / step - 1e-9)
    if low == high:
        high += 1
    return low * step, high * step, [round(place * step, 9) for place in range(low, high + 1)]


def _line(points: Iterable[tuple[float, float]]) -> str:
    told = [f"{x:g},{y:g}" for x, y in points]
    return " ".join(told) if len(told) > 1 else ""


def _area(over: Sequence[tuple[float, float]], under: Sequence[tuple[float, float]]) -> str:
    return _line([*over, *reversed(under)]) if len(over) > 1 else ""


def _runs(points: Iterable[tuple[float, float | None]], y: Height) -> tuple[str, ...]:
    """The stretches in which the value is known."""
    runs: list[list[tuple[float, float]]] = [[]]
    for x, value in points:
        if value is not None:
            runs[-1].append((x, y(value)))
        elif runs[-1]:
            runs.append([])
    return tuple(line for run in runs if (line := _line(run)))


def _last(points: Sequence[tuple[float, float | None]], y: Height) -> tuple[Mark, ...]:
    known = [(x, value) for x, value in points if value is not None]
    return (Mark(known[-1][0], y(known[-1][1]), known[-1][1], "now"),) if known else ()


def _spread(marks: Iterable[Mark], height: float) -> tuple[Mark, ...]:
    """The same, pushed apart so that each can be read, and all within the frame."""
    placed: list[Mark] = []
    for one in sorted(marks, key=lambda mark: mark.y):
        least = placed[-1].y + APART if placed else TOP - 12
        placed.append(Mark(one.x, max(one.y, least), one.value, one.kind))
    over = placed[-1].y - (height - BOTTOM) if placed else 0.0
    for place in reversed(range(len(placed))):
        below = placed[place + 1].y - APART if place + 1 < len(placed) else height - BOTTOM
        one = placed[place]
        if over > 0 and one.y > below:
            placed[place] = Mark(one.x, below, one.value, one.kind)
    return tuple(placed)


def _at(text: str) -> datetime:
    return datetime.fromisoformat(text)
