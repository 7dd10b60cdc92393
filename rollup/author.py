"""What okrsync says of a key result wherever it writes: one line a fact, in the language of the installation."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from okrsync.model import Cause, Goals, KeyResult, Objective, ObjectiveProgress, Progress, Say, Status
from rollup.facts import one_line, percent, quantity, suffix, tidy
from rollup.span import Span

BULLET = "- "
BETWEEN = " · "
SHOWN = 10
"""How many item keys a line names."""

IN_THE_FORECAST = ("progress.chance", "progress.pace_", "progress.no_pace")


@dataclass(frozen=True, slots=True)
class Author:
    """What every text of one run shares."""

    goals: Goals
    objectives: Mapping[str, ObjectiveProgress]
    instance: str
    now: datetime
    render: Callable[[Say], str]

    def title(self, kr: KeyResult) -> str:
        return f"{kr.id}{BETWEEN}{one_line(kr.title)}"

    def state(self, progress: Progress, whole: int | None) -> str:
        """The line of its status; ``whole`` percent of progress are told beside it."""
        status = self.render(Say.of(f"status.{progress.status}"))
        if whole is None:
            return BULLET + self.render(Say.of("comment.state", status=status))
        return BULLET + self.render(Say.of("comment.state_progress", status=status, progress=whole))

    def facts(self, kr: KeyResult, progress: Progress) -> Iterator[str]:
        """A line each: what was measured, the forecast, every cause with its items, the objective."""
        for say in (*_measured(kr, progress), *self._forecast(kr, progress)):
            yield BULLET + self.render(say)
        for cause in progress.causes:
            if not cause.text.code.startswith(IN_THE_FORECAST):
                yield BULLET + _with_items(one_line(self.render(cause.text)), cause)
        yield BULLET + self.render(self._objective(self.goals.objectives[kr.objective]))

    def explain(self, key: str | None, served: Sequence[KeyResult]) -> str:
        """The commands that tell why: what stands behind the item called ``key``, and behind each objective."""
        commands = [f"okrsync trace {key}"] if key is not None else []
        commands += dict.fromkeys(f"okrsync status --objective {kr.objective}" for kr in served)
        return self.render(Say.of("comment.explain", commands=BETWEEN.join(commands)))

    def _objective(self, objective: Objective) -> Say:
        known = self.objectives[objective.id]
        title, status = one_line(objective.title), self.render(Say.of(f"status.{known.status}"))
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


def shown_percent(progress: Progress) -> int | None:
    """The percent that stand beside a status; a dropped key result shows none."""
    if progress.progress is None or progress.status is Status.DROPPED:
        return None
    return percent(progress.progress)


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


def _with_items(text: str, cause: Cause) -> str:
    if not cause.items:
        return text
    hidden = len(cause.items) + cause.more - SHOWN
    more = [f"+{hidden}"] if hidden > 0 else []
    return f"{text} ({', '.join([*cause.items[:SHOWN], *more])})"
