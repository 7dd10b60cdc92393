"""What okrsync says of a key result wherever it writes: one line a fact, in the language of the installation."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from okrsync.model import Cause, Goals, KeyResult, Objective, ObjectiveProgress, Progress, Say, Status, pages
from rollup.facts import neutral, percent, quantity, suffix, tidy
from rollup.restraint import Restraint
from rollup.span import Span

BULLET = "- "
BETWEEN = " · "
ADDRESS = Say.of("write.address")
"""Why a text is written that says nothing new: people reach our pages elsewhere."""
SHOWN = 10
"""How many item keys a line names."""

IN_THE_FORECAST = ("progress.chance", "progress.pace_", "progress.no_pace")


@dataclass(frozen=True, slots=True)
class Author:
    """What every text of one run shares. ``narratives`` are the drafts on key results, by id; ``base`` is where people
    reach the pages of okrsync ("": nowhere)."""

    goals: Goals
    objectives: Mapping[str, ObjectiveProgress]
    instance: str
    restraint: Restraint
    render: Callable[[Say], str]
    narratives: Mapping[str, str] = field(default_factory=dict)
    base: str = ""

    @property
    def now(self) -> datetime:
        return self.restraint.now

    def title(self, kr: KeyResult) -> str:
        return f"{kr.id}{BETWEEN}{neutral(kr.title)}"

    def state(self, progress: Progress, whole: int | None) -> str:
        """The line of its status; ``whole`` percent of progress are told beside it."""
        status = self.render(Say.of(f"status.{progress.status}"))
        if whole is None:
            return BULLET + self.render(Say.of("comment.state", status=status))
        return BULLET + self.render(Say.of("comment.state_progress", status=status, progress=whole))

    def told(self, kr: KeyResult, progress: Progress, *, judged: bool = True, briefly: bool = False) -> Iterator[str]:
        """All that is said of a key result: its title, its status (where it is ``judged`` here), the draft of its story
        on a line of its own, and the facts that the story leaves open, a line each. Without a story the causes tell
        it, with their items."""
        story = self._story(kr)
        yield self.title(kr)
        if judged:
            yield self.state(progress, shown_percent(progress))
        if story:
            yield story
        if not briefly:
            yield from (
                BULLET + self.render(say) for say in (*_measured(kr, progress), *self._forecast(kr, progress, story))
            )
        for cause in () if story else progress.causes:
            if not cause.text.code.startswith(IN_THE_FORECAST):
                yield BULLET + _with_items(neutral(self.render(cause.text)), cause)
        yield BULLET + self.render(self._objective(self.goals.objectives[kr.objective]))

    def _story(self, kr: KeyResult) -> str:
        """The draft on one line that no bullet, no title and no link of ours can be taken for."""
        story = neutral(self.narratives.get(kr.id, "")).replace(BETWEEN, ", ").removeprefix(BULLET)
        return "" if pages.link(story) else story

    def explain(self, key: str | None, served: Sequence[KeyResult]) -> str:
        """The commands that tell why: what stands behind the item called ``key``, and behind each objective."""
        commands = [f"okrsync trace {key}"] if key is not None else []
        commands += dict.fromkeys(f"okrsync status --objective {kr.objective}" for kr in served)
        return self.render(Say.of("comment.explain", commands=BETWEEN.join(commands)))

    def links(self, served: Sequence[KeyResult]) -> list[str]:
        """A line for the page of each of these key results, where that can be a link."""
        return [line for kr in served if pages.link(line := pages.LINK + self.page(kr.id))]

    def page(self, key_result: str) -> str:
        """The address of the page of a key result, "" where nobody can reach it."""
        return pages.at(self.base, pages.key_result(key_result))

    def _objective(self, objective: Objective) -> Say:
        known = self.objectives[objective.id]
        title, status = neutral(objective.title), self.render(Say.of(f"status.{known.status}"))
        if known.progress is None:
            return Say.of("comment.objective", id=objective.id, title=title, status=status)
        whole = percent(known.progress)
        return Say.of("comment.objective_progress", id=objective.id, title=title, status=status, progress=whole)

    def _forecast(self, kr: KeyResult, progress: Progress, story: str) -> Iterator[Say]:
        """The chance, where the story does not tell it, and without a story the day to which the pace leads."""
        forecast = progress.forecast
        due = Span(kr.window, self.now).last_day(self.goals.timezone)
        if forecast is None or due is None:
            return
        if forecast.probability is not None:
            chance = percent(forecast.probability)
            if not re.search(rf"\b{chance}\s?%", story):
                yield Say.of("comment.chance", chance=chance, due=due.isoformat())
        if forecast.date is not None and not story:
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
