"""Links that were made to a goal that says something else by now: suspect, until somebody says that they still hold.

A link is *made* by what stands on the item itself; an inherited one follows the item that it comes from.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from mapping.words import fold
from okrsync.model import Gap, GapKind, Goals, KeyResult, Objective, RuleName, Say, Severity

MADE = frozenset({RuleName.OVERRIDE, RuleName.LABEL, RuleName.FIELD, RuleName.CONTAINER, RuleName.TRAILER})
"""The rules by which a link is made on the item itself."""

_SHOWN = 5


@dataclass(frozen=True, slots=True)
class Wording:
    """What a goal says: its title, and of a key result what is to be reached, and for which objective."""

    title: str
    kind: str = ""
    baseline: float | None = None
    target: float | None = None
    low: float | None = None
    high: float | None = None
    unit: str = ""
    objective: str = ""


@dataclass(frozen=True, slots=True)
class Revision:
    """What a goal says from an instant on."""

    at: datetime
    wording: Wording


@dataclass(frozen=True, slots=True)
class Suspicion:
    """A goal says something else ``since`` then: what it said when the link was made, and what it says now, in the
    words of the configuration and as far as they differ."""

    goal: str
    since: datetime
    was: str
    now: str


@dataclass(frozen=True, slots=True)
class Suspect:
    """An item whose own link is suspect, and why."""

    uid: int
    key: str
    suspicion: Suspicion


def wordings(goals: Goals) -> dict[str, Wording]:
    """What every goal of the configuration says now."""
    every: Iterable[KeyResult | Objective] = (*goals.objectives.values(), *goals.key_results.values())
    return {goal.id: _wording(goal) for goal in every}


def alike(one: Wording, other: Wording) -> bool:
    """Whether they say the same: case, spaces and the form of accents aside."""
    return _compared(one) == _compared(other)


def suspicion(
    goal: str, revisions: Sequence[Revision], made: datetime, confirmed: Iterable[datetime]
) -> Suspicion | None:
    """Why a link of this goal that was ``made`` then, and ``confirmed`` then, is suspect: the goal never said at such a
    time what it says now. ``revisions`` are those of the goal, oldest first; what it said before the first of them
    nobody knows, and is taken for that."""
    if len(revisions) < 2:
        return None
    newest = revisions[-1].wording
    meant = [_at(revisions, at) for at in sorted((made, *confirmed))]
    if any(alike(revisions[place].wording, newest) for place in meant):
        return None
    last = revisions[meant[-1]].wording
    since = next(one.at for one in revisions[meant[-1] :] if not alike(one.wording, last))
    return Suspicion(goal, since, *_differing(last, newest))


def suspect_gaps(found: Mapping[str, Sequence[Suspect]]) -> Iterator[Gap]:
    """A gap for each goal: what most of its suspect links were made to, and what it says now."""
    for goal, suspects in sorted(found.items()):
        [(why, _)] = Counter(one.suspicion for one in suspects).most_common(1)
        keys = tuple(one.key for one in suspects)
        some = ", ".join([*keys[:_SHOWN], "…"] if len(keys) > _SHOWN else keys)
        yield Gap(
            GapKind.SUSPECT_LINK,
            Severity.MEDIUM,
            goal,
            Say.of("gap.suspect_link", was=why.was, now=why.now, count=len(keys), keys=some),
            Say.of("fix.suspect_link", goal=goal),
            why.since,
            keys,
            typed=f'okrsync confirm {goal} --why "WHY"',
        )


def _at(revisions: Sequence[Revision], at: datetime) -> int:
    """The place of what was said then."""
    return max((place for place, one in enumerate(revisions) if one.at <= at), default=0)


def _wording(goal: KeyResult | Objective) -> Wording:
    if isinstance(goal, Objective):
        return Wording(goal.title)
    return Wording(
        *(goal.title, goal.kind.value, goal.baseline, goal.target, goal.low, goal.high, goal.unit, goal.objective)
    )


def _compared(one: Wording) -> tuple[object, ...]:
    title, unit, objective = (" ".join(fold(text).split()) for text in (one.title, one.unit, one.objective))
    return title, unit, objective, one.kind, one.baseline, one.target, one.low, one.high


def _differing(one: Wording, other: Wording) -> tuple[str, str]:
    pairs = [
        (one.title, other.title),
        (one.kind, other.kind),
        (_figures(one), _figures(other)),
        (one.objective, other.objective),
    ]
    told = [pair for pair in pairs if fold(pair[0]) != fold(pair[1])]
    return " · ".join(was or "—" for was, _ in told), " · ".join(now or "—" for _, now in told)


def _figures(one: Wording) -> str:
    unit = f" {one.unit}" if one.unit else ""
    if one.low is not None or one.high is not None:
        return f"{_figure(one.low)} – {_figure(one.high)}{unit}"
    if one.baseline is not None or one.target is not None:
        return f"{_figure(one.baseline)} → {_figure(one.target)}{unit}"
    return unit.strip()


def _figure(value: float | None) -> str:
    return "…" if value is None else f"{value:g}"
