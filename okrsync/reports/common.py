"""What every report shares: instants, numbers, freshness, and text from elsewhere made neutral."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, TypeAlias, TypeVar

from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

import rollup
from config import Config
from okrsync.assess import Freshness, behind
from okrsync.logs import neutral
from okrsync.model import Say, SourceState

Speak: TypeAlias = Callable[[Say], str]
T = TypeVar("T")

STATUS_STYLE = {
    "on_track": ("●", "green"),
    "done": ("✔", "green"),
    "achieved": ("✔", "green"),
    "at_risk": ("▲", "yellow"),
    "off_track": ("■", "red"),
    "missed": ("✖", "red"),
    "stale": ("◌", "yellow"),
    "dropped": ("–", "dim"),
}
BAR = 12  # cells of a progress bar
TITLE = 200  # characters of a title that are shown in full
LATE = "late"  # the state of a source that was read, but too long ago
_SHA = re.compile(r"[0-9a-f]{40}|[0-9a-f]{64}")
_BREAKS = re.compile(r"[\t\n\v\f\r\x85\u2028\u2029]+")
_MARKS = re.compile(
    r"[\u061c\u200b\u200e\u200f\ufeff]"
)  # invisible; the rest of what turns a line is not printed either


# ── what an answer holds ─────────────────────────────────────────────────────────────────────────────────────────────


class Lazy(Iterable[dict[str, Any]]):
    """Rows that are made anew each time they are asked for, so that a million of them are never there at once. Only
    the last field of an answer may be one."""

    def __init__(self, rows: Callable[[], Iterable[dict[str, Any]]]) -> None:
        self._rows = rows

    def __iter__(self) -> Iterator[dict[str, Any]]:
        return iter(self._rows())


@dataclass(frozen=True, slots=True)
class Page:
    """A part of a long list: so many rows from a place on, the first of which is 0."""

    start: int
    count: int

    @property
    def end(self) -> int:
        return self.start + self.count

    def of(self, rows: Sequence[T]) -> Sequence[T]:
        return rows[self.start : self.end]


def iso(instant: datetime | None) -> str | None:
    """ISO 8601 in UTC, to the second."""
    return None if instant is None else instant.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def head(fresh: Freshness, config: Config, now: datetime) -> dict[str, Any]:
    """The fields that every answer begins with; ``behind`` tells what makes it incomplete."""
    states = {status.id: status.state.value for status in fresh.sources}
    states |= {
        source: LATE
        for source in behind(fresh.sources, config.thresholds.source_limit, now)
        if states[source] == SourceState.OK.value
    }
    sources = [(source.id, None, states.get(source.id, SourceState.NEVER.value)) for source in config.sources]
    scopes = [(*scope.split(":", 1), SourceState.UNREACHABLE.value) for scope in fresh.unreadable]
    return {
        "as_of": iso(fresh.as_of),
        "complete": fresh.complete,
        "behind": [
            {"source": source, "scope": scope, "state": state}
            for source, scope, state in (*sources, *scopes)
            if state != SourceState.OK.value
        ],
    }


# ── how it is drawn ──────────────────────────────────────────────────────────────────────────────────────────────────


def line(value: object) -> str:
    """Text from a tool as one line: nothing in it moves the cursor or turns the writing direction (P29)."""
    return _MARKS.sub("", neutral(_BREAKS.sub(" ", str(value))))


def short(key: str) -> str:
    """A key as people write it: of a commit the first ten digits."""
    return key[:10] if _SHA.fullmatch(key) else key


def text(value: object, style: str = "") -> Text:
    """:func:`line`, in which no markup is read."""
    return Text(line(value), style=style)


def titled(title: str) -> Text:
    """The title of an item, cut where it is longer than anybody reads."""
    shown = line(title)
    return Text(shown if len(shown) <= TITLE else shown[: TITLE - 1] + "…")


def one_line(what: Text) -> Text:
    """A cell that ends in … where its column is too narrow for it, in place of filling several lines."""
    what.no_wrap, what.overflow = True, "ellipsis"
    return what


def indented(what: RenderableType, left: int) -> Padding:
    """Every line of it starts at this column, wrapped ones too."""
    return Padding(what, (0, 0, 0, left))


def typed(command: str, left: int) -> Group:
    """A command to type, on one line however narrow the terminal is: a broken one cannot be pasted."""
    return copied(f"$ {command}", left)


def copied(words: str, left: int, style: str = "") -> Group:
    """A line to copy or to follow, on one line for the same reason."""
    return Group(Text.assemble(" " * left, text(words, style), no_wrap=True, overflow="ignore"))


def table(*columns: str, numbers: tuple[int, ...] = ()) -> Table:
    """An empty table with these headings; the columns numbered so are aligned to the right."""
    drawn = Table(box=None, padding=(0, 2, 0, 0), pad_edge=False, header_style="dim")
    for index, column in enumerate(columns):
        drawn.add_column(column, overflow="fold", justify="right" if index in numbers else "left")
    return drawn


def status_text(status: str, speak: Speak) -> Text:
    """Symbol and word: never by colour alone."""
    symbol, style = STATUS_STYLE.get(status, ("○", "dim"))
    return Text(f"{symbol} {speak(Say.of(f'status.{status}'))}", style=style)


def plain(value: float, digits: int = 1) -> int | float:
    """Rounded, and without the decimals that say nothing."""
    rounded = round(value, digits)
    return int(rounded) if float(rounded).is_integer() else rounded


def number(value: float | None, speak: Speak, digits: int = 1) -> str:
    return "—" if value is None else speak(Say.of("report.number", value=plain(value, digits)))


def percent(share: float | None, speak: Speak) -> str:
    """Whole percents, rounded as everywhere else."""
    return "—" if share is None else speak(Say.of("report.percent", percent=rollup.percent(share)))


def short_weeks(weeks: Sequence[str], speak: Speak) -> list[str]:
    """These weeks ("2026-W47") as they stand in a row: without the year, but for the first of each where there are
    several."""
    years = [week[:4] for week in weeks]
    firsts = {years.index(year) for year in years} if len(set(years)) > 1 else set()
    return [
        week if place in firsts else speak(Say.of("week.short", week=week[-2:])) for place, week in enumerate(weeks)
    ]


def points(difference: float | None, speak: Speak) -> str:
    """A difference of two shares in percent points, with its sign."""
    sign = "+" if difference is not None and difference > 0 else ""
    return sign + number(None if difference is None else 100 * difference, speak).replace("-", "−")


def apart(one: float | None, other: float | None) -> str:
    """How many points lie between two shares, with their sign: between the whole percents that stand beside it, so that
    who subtracts them finds the same."""
    if one is None or other is None:
        return "—"
    difference = rollup.percent(one) - rollup.percent(other)
    return f"{difference:+d}".replace("-", "−") if difference else "0"


def bar(share: float | None) -> Text:
    """The share as blocks, clamped to what can be drawn; dots where nothing is known, for null is not 0."""
    if share is None:
        return Text("·" * BAR, style="dim")
    filled = round(BAR * min(max(share, 0.0), 1.0))
    drawn = Text("█" * filled, style="cyan")
    drawn.append("░" * (BAR - filled), style="dim")
    return drawn


def instant(moment: str | None) -> str:
    """An answer's instant for people, to the minute."""
    return "—" if moment is None else f"{moment[:10]} {moment[11:16]} UTC"


def freshness_line(answer: Mapping[str, Any], speak: Speak) -> Text:
    """:func:`freshness_sentence`, dim where all is well."""
    fine = answer["as_of"] is not None and answer["complete"]
    return Text(freshness_sentence(answer, speak), style="dim" if fine else "yellow")


def freshness_sentence(answer: Mapping[str, Any], speak: Speak) -> str:
    """How much the numbers can be trusted: as of when, and what was not read."""
    if answer["as_of"] is None:
        return speak(Say.of("report.never_synced"))
    as_of = instant(answer["as_of"])
    if answer["complete"]:
        return speak(Say.of("report.as_of", as_of=as_of))
    missing = ", ".join(
        f"{one['source']}{':' + one['scope'] if one['scope'] else ''} ({speak(Say.of('report.state.' + one['state']))})"
        for one in answer["behind"]
    )
    return speak(Say.of("report.incomplete", behind=missing, as_of=as_of))
