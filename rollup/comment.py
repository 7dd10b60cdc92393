"""The one managed comment on an object: for each key result that it stands for, a title and a handful of lines.

Plain text: lines that begin with ``- `` are bullets, the others stand alone. What stood there before is read back from
the text itself, line by line, so that a key result that must keep silent keeps its lines.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from okrsync.model import Goals, Json, KeyResult, Objective, ObjectiveProgress, Progress, Say, Status
from rollup.facts import percent, quantity, suffix, tidy
from rollup.restraint import MOVE, Part, settle, speaks
from rollup.span import Span

BULLET = "- "
BETWEEN = " · "
SHOWN = 10
"""How many item keys a line names."""

IN_THE_FORECAST = ("progress.chance", "progress.pace_", "progress.no_pace")

Block = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Author:
    """What every comment of one run shares."""

    goals: Goals
    objectives: Mapping[str, ObjectiveProgress]
    instance: str
    now: datetime
    render: Callable[[Say], str]

    def comment(
        self, key: str, served: Sequence[tuple[KeyResult, Progress]], known: Json, written: datetime | None
    ) -> tuple[Json, Say]:
        """The text that should stand on the object called ``key``, None where there is nothing to say, and why."""
        stands = _blocks(known)
        parts = [self._part(kr, progress, stands.get(kr.id)) for kr, progress in served]
        withdrawn = bool(stands.keys() - {kr.id for kr, _ in served})
        blocks, why = settle(parts, withdrawn=withdrawn, written=written, now=self.now)
        if not blocks:
            return None, why
        lines = [line for block in blocks for line in block]
        return "\n".join([*lines, *self._footer(key, [kr for kr, _ in served])]), why

    def _part(self, kr: KeyResult, progress: Progress, known: Block | None) -> Part[Block]:
        stood = known[1] if known is not None and len(known) > 1 else None
        dropped = self._state(progress, None) if progress.status is Status.DROPPED else None
        if not speaks(progress, Status.DROPPED if stood is not None and stood == dropped else None):
            return Part(known, None, None)
        fresh = (_title(kr), self._state(progress, _percent(progress)), *self._lines(kr, progress))
        if known is None:
            return Part(None, fresh, Say.of("write.first", id=kr.id))
        return Part(known, fresh, None if stood in self._near(progress) else Say.of("write.moved", id=kr.id))

    def _near(self, progress: Progress) -> set[str]:
        """The lines of state that are too close to today's to be worth a write."""
        whole = _percent(progress)
        if whole is None:
            return {self._state(progress, None)}
        return {self._state(progress, near) for near in range(whole - MOVE + 1, whole + MOVE)}

    def _state(self, progress: Progress, whole: int | None) -> str:
        status = self.render(Say.of(f"status.{progress.status}"))
        if whole is None:
            return BULLET + self.render(Say.of("comment.state", status=status))
        return BULLET + self.render(Say.of("comment.state_progress", status=status, progress=whole))

    def _lines(self, kr: KeyResult, progress: Progress) -> Iterator[str]:
        for say in (*_measured(kr, progress), *self._forecast(kr, progress)):
            yield BULLET + self.render(say)
        for cause in progress.causes:
            if not cause.text.code.startswith(IN_THE_FORECAST):
                yield BULLET + _with_items(_one_line(self.render(cause.text)), cause.items)
        yield BULLET + self.render(self._objective(self.goals.objectives[kr.objective]))

    def _objective(self, objective: Objective) -> Say:
        known = self.objectives[objective.id]
        title, status = _one_line(objective.title), self.render(Say.of(f"status.{known.status}"))
        if known.progress is None:
            return Say.of("comment.objective", id=objective.id, title=title, status=status)
        whole = percent(known.progress)
        return Say.of("comment.objective_progress", id=objective.id, title=title, status=status, progress=whole)

    def _forecast(self, kr: KeyResult, progress: Progress) -> Iterator[Say]:
        forecast = progress.forecast
        due = Span(kr.window, self.now).last_day(self.goals.timezone)
        if forecast is None or due is None:
            return
        if forecast.probability is not None:
            yield Say.of("comment.chance", chance=percent(forecast.probability), due=due.isoformat())
        if forecast.date is not None:
            yield Say.of("comment.pace", date=forecast.date.isoformat())

    def _footer(self, key: str, served: Sequence[KeyResult]) -> Iterator[str]:
        commands = [f"okrsync trace {key}"]
        commands += dict.fromkeys(f"okrsync status --objective {kr.objective}" for kr in served)
        yield self.render(Say.of("comment.footer", instance=self.instance))
        yield self.render(Say.of("comment.explain", commands=BETWEEN.join(commands)))


def _measured(kr: KeyResult, progress: Progress) -> Iterator[Say]:
    if progress.value is not None:
        value, unit = quantity(progress.value), suffix(kr.unit)
        if kr.target is not None:
            yield Say.of("comment.value_of", value=value, unit=unit, target=quantity(kr.target))
        else:
            yield Say.of("comment.value", value=value, unit=unit)
    if progress.scope and progress.done is not None:
        code = "comment.done_points" if progress.unit == "points" else "comment.done_items"
        yield Say.of(code, done=tidy(progress.done), scope=tidy(progress.scope))


def _title(kr: KeyResult) -> str:
    return f"{kr.id}{BETWEEN}{_one_line(kr.title)}"


def _percent(progress: Progress) -> int | None:
    if progress.progress is None or progress.status is Status.DROPPED:
        return None
    return percent(progress.progress)


def _with_items(text: str, items: Sequence[str]) -> str:
    if not items:
        return text
    more = [f"+{len(items) - SHOWN}"] if len(items) > SHOWN else []
    return f"{text} ({', '.join([*items[:SHOWN], *more])})"


def _one_line(text: str) -> str:
    return " ".join(text.split())


def _blocks(known: Json) -> dict[str, Block]:
    """The lines of each key result in a comment that stands: a title, and the bullets below it."""
    blocks: dict[str, list[str]] = {}
    title: list[str] = []
    for line in known.split("\n") if isinstance(known, str) else ():
        if line.startswith(BULLET):
            if title:
                blocks.setdefault(title[0].partition(BETWEEN)[0], title).append(line)
        else:
            title = [line] if BETWEEN in line else []
    return {kr: tuple(lines) for kr, lines in blocks.items()}
