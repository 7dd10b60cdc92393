"""The large drawing of a key result in words: what its lines mean, what they end with, what came and went."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from okrsync.dashboard.drawing import course as drawing
from okrsync.dashboard.drawing.course import Drawing, Mark, Time
from okrsync.dashboard.look import Look
from okrsync.dashboard.marks import thread
from okrsync.reports.common import line, number, percent, short
from rollup.facts import along, day, quantity
from rollup.span import MICROSECOND

KEYS = 6  # items of a change that are named
CHANGES = ("added", "removed", "cancelled")
SIGNS = {"added": "+", "removed": "−", "cancelled": "✕"}


def way(look: Look, answer: Mapping[str, Any]) -> dict[str, Any]:
    """The drawings, each with a sentence for those who do not see it; "drawings" is empty where nothing is known."""
    course, words = answer["course"], _Words(look, answer)
    time, found = Time.of(course), []
    if time is not None and (course["points"] or course["readings"]):
        found = [one for one in _drawings(answer, words, time) if one]
    return {
        "drawings": found,
        "nothing": "" if found else words.nothing(),
        "told": words.told() if found else "",
        "changes": [words.change(one) for one in reversed(course["changes"])],
        "width": drawing.WIDTH,
    }


def _drawings(answer: Mapping[str, Any], words: _Words, time: Time) -> Iterator[dict[str, Any] | None]:
    course = answer["course"]
    if answer["kind"] == "work":
        if any(one["progress"] is not None for one in course["points"]):
            yield words.drawn("shares", drawing.shares(course, time), words.look.say("site.key_result.course.shares"))
    elif course["readings"]:
        yield words.drawn("values", drawing.values(course, time, answer), words.measured())
    if answer["kind"] in ("work", "mixed") and (work := drawing.work(course, time)) is not None:
        unit = words.look.say(f"report.unit.{answer['unit']}")
        yield words.drawn("work", work, words.look.say("site.key_result.course.work", unit=unit))


class _Words:
    """What stands in the drawings of one key result and below them."""

    def __init__(self, look: Look, answer: Mapping[str, Any]) -> None:
        self.look, self.answer, self.course = look, answer, answer["course"]
        self._zone = look.config.goals.timezone

    def drawn(self, name: str, lines: Drawing, title: str) -> dict[str, Any]:
        format_ = self._share if name == "shares" else self._value if name == "values" else self._number
        return {
            "name": name,
            "lines": lines,
            "title": title,
            "alt": self._alt(name),
            "legend": self._legend(name, lines),
            "scale": [(mark.y, format_(mark.value)) for mark in lines.scale],
            "dates": [(mark.x, mark.y, self._say("date", date=f"--{mark.value[5:10]}")) for mark in lines.dates],
            "ends": [(mark.x, mark.y, mark.kind, self._end(name, mark)) for mark in lines.ends],
            "dots": [(mark.x, mark.y, self._dot(mark)) for mark in lines.dots],
            "changes": [self._changed(mark) for mark in lines.changes],
        }

    def measured(self) -> str:
        unit = line(self.answer["metric_unit"] or "")
        return self._say("course.values", unit=unit) if unit else self._say("course.value")

    def nothing(self) -> str:
        start = self.course["window"]["start"]
        if start is not None and start > self.answer["now"]:
            return self._say("course.none.not_started", start=self._day(start))
        no_reading = self.answer["kind"] in ("metric", "keep") and not self.course["readings"]
        return self._say("course.no_reading" if no_reading else "course.none")

    def _legend(self, name: str, lines: Drawing) -> list[tuple[str, str]]:
        """(what a line looks like, what it means), of those that are drawn."""
        if name == "work":
            told = [("way", "scope"), ("band", "done"), *([("", "changes")] if lines.changes else [])]
        else:
            values = name == "values"
            told = [("plan", "plan")] if lines.plan else []
            told += [("way", "readings" if values else "way")]
            told += [("band", "band")] if lines.band else []
            told += [("band", "corridor")] if lines.corridor else []
            told += [("forecast", "trend" if values else "even")] if lines.even else []
        return [(look, self._say(f"legend.{meaning}")) for look, meaning in told]

    def told(self) -> str:
        """Where it leads, in a sentence."""
        end = self.course["window"]["end"]
        if self.course["band"] and end is not None:
            last = self.course["band"][-1]
            shares = {name: self._share(last[name]) for name in ("low", "middle", "high")}
            share = self._share(self.course["share"])
            code = "band.full" if shares["middle"] == shares["high"] else "band.told"
            said = self._say(code, end=self._last_day(end), share=share, **shares)
            return f"{said} {self._say('band.blocked')}" if "blocked" in self.answer["flags"] else said
        if self.course["trend"] and end is not None:
            value = self._measure(self._valued(self.course["trend"][-1]["progress"]))
            return self._say("trend.told", value=value, end=self._last_day(end))
        if self.answer["kind"] == "work" and self.answer["status"] in ("too_early", "stale", "no_due_date"):
            return self._say("band.none", status=self.look.say(f"status.{self.answer['status']}"))
        return ""

    def change(self, one: Mapping[str, Any]) -> dict[str, Any]:
        """What came and went in a week, with the items."""
        return {
            "until": self._say("date", date=self._day(one["until"])),
            **{
                name: {
                    "count": one[name]["count"],
                    "items": [
                        {"key": short(line(key)), "thread": thread(None, key)} for key in one[name]["items"][:KEYS]
                    ],
                    "more": max(0, one[name]["count"] - KEYS),
                }
                for name in CHANGES
            },
        }

    def _changed(self, mark: Mark) -> dict[str, Any]:
        counts = [(name, mark.value[name]) for name in CHANGES if mark.value[name]]
        told = ", ".join(self._say(f"change.{name}", count=count) for name, count in counts)
        return {
            "x": mark.x,
            "y": mark.y,
            "signs": " ".join(f"{SIGNS[name]}{count}" for name, count in counts),
            "told": self._say("change.until", told=told, date=self._day(mark.value["until"])),
        }

    def _alt(self, name: str) -> str:
        points, title = self.course["points"], line(self.answer["title"])
        last = points[-1] if points else {"progress": None, "planned": None, "value": None, "scope": None, "done": None}
        if name == "work":
            scopes = [one["scope"] for one in points if one["scope"] is not None]
            first, scope, done = (self._number(one) for one in (scopes[0], last["scope"], last["done"]))
            return self._say("alt.scope", first=first, scope=scope, done=done)
        shares = {"progress": self._share(last["progress"]), "planned": self._share(last["planned"])}
        if name == "shares":
            return self._say("alt.work", title=title, **shares)
        facts = {"title": title, "value": self._measure(last["value"]), "count": len(self.course["readings"]), **shares}
        return self._say("alt.keep" if self.answer["kind"] == "keep" else "alt.metric", **facts)

    def _end(self, name: str, mark: Mark) -> str:
        """What a line ends with."""
        if name == "shares":
            value = self._share(mark.value)
        elif name == "work":
            value = self._number(mark.value)
        else:
            trend = mark.kind == "trend"
            value = self._measure(self._valued(self.course["trend"][-1]["progress"]) if trend else mark.value)
        kinds = {"low": "least", "high": "most"} if self.answer["kind"] == "keep" else {}
        return self._say(f"end.{kinds.get(mark.kind, mark.kind)}", value=value)

    def _dot(self, mark: Mark) -> str:
        if mark.kind == "now":
            return self._share(mark.value)
        at, value = mark.value
        return self._say("reading", value=self._measure(value), date=self._day(at))

    def _valued(self, share: float) -> float:
        """A share of the way of a metric in its own unit."""
        baseline, target = self.answer["baseline"], self.answer["target"]
        return along(baseline + share * (target - baseline), target - baseline)

    def _share(self, share: float | None) -> str:
        return percent(share, self.look.speak)

    def _number(self, value: float | None) -> str:
        return number(value, self.look.speak)

    def _value(self, value: float | None) -> str:
        return number(None if value is None else quantity(value), self.look.speak, 3)

    def _measure(self, value: float | None) -> str:
        """A value with its unit."""
        unit = line(self.answer["metric_unit"] or "")
        return self._value(value) + (f"\u00a0{unit}" if unit and value is not None else "")

    def _day(self, at: str) -> str:
        return day(datetime.fromisoformat(at), self._zone)

    def _last_day(self, end: str) -> str:
        """The day that people call the end of a window."""
        return day(datetime.fromisoformat(end) - MICROSECOND, self._zone)

    def _say(self, code: str, **args: Any) -> str:
        return self.look.say(f"site.key_result.{code}", **args)
