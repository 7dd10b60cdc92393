"""What the word of a person changes: the verdict on its item, how much follows below, and progress.

It is worked out by giving and taking the word, and judging and measuring what that touches.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from config import Config
from okrsync.assess import Assessment, assess
from okrsync.linking import explain, relink
from okrsync.linking import standing as linked
from okrsync.model import Json, Override, Verdict
from okrsync.store import people

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from okrsync.store import Store


@dataclass(frozen=True, slots=True)
class Figure:
    """What is known of a goal: ``done`` of ``scope`` in ``unit``, and the share."""

    done: float | None
    scope: float | None
    unit: str
    progress: float | None


@dataclass(frozen=True, slots=True)
class Effect:
    """A goal before and after."""

    goal: str
    before: Figure
    after: Figure


@dataclass(frozen=True, slots=True)
class Standing:
    """One item and all goals at one moment; the verdict is None where the item is not counted."""

    verdict: Verdict | None
    assessment: Assessment


@dataclass(frozen=True, slots=True)
class Base:
    """All goals at one moment, and by what it is known whether the store is still as it was then."""

    linked: tuple[Json, ...]
    assessment: Assessment


def base(tx: Connection, config: Config, now: datetime) -> Base:
    """As all goals stand now."""
    return Base(linked(tx), assess(tx, config, now))


def standing(tx: Connection, config: Config, uid: int, now: datetime) -> Standing:
    """As it is stored now."""
    return Standing(next(explain(tx, config, [uid], now), None), assess(tx, config, now))


def effects(before: Assessment, after: Assessment, always: Collection[str] = ()) -> list[Effect]:
    """The goals whose figures differ, and those of ``always``. An objective, which adds up what is below it, is among
    them only there."""
    now, then = _figures(after), _figures(before)
    return [
        Effect(goal, then[goal], figure)
        for goal, figure in now.items()
        if goal in always or (goal in after.progress and figure != then[goal])
    ]


def effects_of(store: Store, config: Config, word: Override, base: Base, always: Collection[str]) -> list[Effect]:
    """What changed when this word was given: the goals as :func:`effects` tells them, without it and with it.

    It is tried in a transaction of its own, which is undone: other writers wait for one word and not for all.
    """
    now = base.assessment.now
    with store.trial() as tx:
        relink(tx, config, now)
        given = base.assessment if base.linked == linked(tx) else assess(tx, config, now)
        people.pass_over(tx, word)
        relink(tx, config, now)
        return effects(assess(tx, config, now), given, always)


def _figures(assessment: Assessment) -> Mapping[str, Figure]:
    krs = {one: Figure(kr.done, kr.scope, kr.unit, kr.progress) for one, kr in assessment.progress.items()}
    objectives = {
        one: Figure(objective.done, objective.scope, "items", objective.progress)
        for one, objective in assessment.objectives.items()
    }
    return krs | objectives
