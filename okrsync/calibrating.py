"""What a rule is calibrated on: this installation's own past, or recorded groups of items that had a planned end."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import numpy as np
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, ValidationError

from config import Config
from okrsync.errors import UsageError
from okrsync.model import GoalState, KeyResult, KeyResultKind, State, Thresholds, Window
from okrsync.store import blocks, past
from rollup.history import CHANGE, ITEM, PERIOD, Past, lives
from rollup.span import Span, micros
from rollup.trials import Trial, trial
from rollup.workload import NEVER, NOBODY, STATES

if TYPE_CHECKING:
    from sqlalchemy import Connection

OWN = "key_result"
_TODO, _DONE = STATES.index(State.TODO), STATES.index(State.DONE)

# ── the own past ─────────────────────────────────────────────────────────────────────────────────────────────────────


def own_trials(tx: Connection, config: Config, now: datetime) -> tuple[Trial, ...]:
    """Every key result of work whose window is over and that was not dropped, tried."""
    goals = config.goals
    over = [kr for kr in goals.key_results.values() if _is_over(kr, now)]
    known = past.read(tx, goals, [kr.id for kr in over])

    @cache
    def blocked(at: datetime) -> Mapping[int, int]:
        return blocks.blocked(tx, at)

    tried = (trial(kr, known, config.thresholds, goals.timezone, kind=OWN, blocked=blocked) for kr in over)
    return tuple(one for one in tried if one is not None)


def _is_over(kr: KeyResult, now: datetime) -> bool:
    dropped = kr.state is GoalState.DROPPED
    return kr.kind is KeyResultKind.WORK and not dropped and kr.window.start is not None and Span(kr.window, now).over


# ── recorded histories ───────────────────────────────────────────────────────────────────────────────────────────────


class _Record(BaseModel):
    """Other keys may stand beside these."""

    model_config = ConfigDict(frozen=True)


class RecordedItem(_Record):
    """An item of a group; one that came back to it stands there once for each time."""

    id: str
    created: AwareDatetime
    completed: AwareDatetime | None = None
    cancelled: bool = False
    cancelled_at: AwareDatetime | None = None
    added_to_group: AwareDatetime | None = None  # with its creation where nobody knows
    removed_from_group: AwareDatetime | None = None
    spans: tuple[tuple[AwareDatetime, AwareDatetime | None, str], ...] = ()  # since, until, "done" or "cancelled"


class RecordedGroup(_Record):
    """Items with a planned end, such as a milestone, a sprint or a release."""

    group_id: Annotated[str, Field(min_length=1)]
    start: AwareDatetime
    due: AwareDatetime
    kind: str = ""
    items: tuple[RecordedItem, ...]


def recorded_trials(path: Path, thresholds: Thresholds) -> tuple[Trial, ...]:
    """The groups of a file, a JSON object a line, each tried as a committed key result; UsageError where it cannot be
    read, or a line is none."""
    tried = (recorded_trial(group, thresholds) for group in _groups(path))
    return tuple(one for one in tried if one is not None)


def recorded_trial(group: RecordedGroup, thresholds: Thresholds) -> Trial | None:
    """A group, tried; None where it had no scope in the end."""
    window = Window(group.start, group.due)
    kr = KeyResult(id=group.group_id, objective=group.kind, title=group.group_id, window=window)
    return trial(kr, _past(group, thresholds), thresholds, "UTC", kind=group.kind)


def _groups(path: Path) -> Iterator[RecordedGroup]:
    try:
        with path.open("rb") as file:
            for number, line in enumerate(file, start=1):
                if line.strip():
                    yield _group(line, f"{path}, line {number}")
    except OSError as fault:
        raise UsageError(f"cannot read {path}: {fault.strerror}") from fault


def _group(line: bytes, place: str) -> RecordedGroup:
    try:
        group = RecordedGroup.model_validate_json(line)
    except ValidationError as fault:
        first: Any = fault.errors()[0]
        where = ".".join(map(str, first["loc"])) or "the line"
        raise UsageError(f"{place}: {where}: {first['msg']}; see docs/calibration.md for what a line holds") from fault
    if group.due <= group.start:
        raise UsageError(f"{place}: due must be later than start")
    return group


def _past(group: RecordedGroup, thresholds: Thresholds) -> Past:
    """The group as the history of a key result: what was cancelled is done with a resolution that says so."""
    times: dict[str, list[RecordedItem]] = {}
    for item in group.items:
        times.setdefault(item.id, []).append(item)
    items, changes, periods = np.zeros(len(times), ITEM), [], []
    for uid, (_, stays) in enumerate(sorted(times.items())):
        last = stays[-1]
        moves = _moves(last)
        done = bool(moves) and moves[-1][1] == _DONE
        created = micros(last.created)
        completed = moves[-1][0] if done else NEVER
        cancelled = int(done and last.cancelled)
        items[uid] = (uid, NOBODY, np.nan, created, completed, NEVER, cancelled, 0, 0, _DONE if done else _TODO)
        changes += [(uid, at, _TODO if state == _DONE else _DONE, state) for at, state in moves]
        for stay in stays:
            since = micros(stay.added_to_group or stay.created)
            until = NEVER if stay.removed_from_group is None else micros(stay.removed_from_group)
            periods.append((uid, since, until, 0))
    return Past(
        items,
        lives(items, np.array(changes, CHANGE)),
        np.array(periods, PERIOD),
        sources=("recorded",),
        resolutions=(None, next(iter(thresholds.cancelled_resolutions), None)),
        targets=(group.group_id,),
    )


def _moves(item: RecordedItem) -> list[tuple[int, int]]:
    """When the item became done or open again, in order."""
    spans = item.spans
    if not spans:
        ended = item.cancelled_at if item.cancelled else item.completed
        return [(micros(ended), _DONE)] if ended is not None else []
    return [
        (micros(at), state)
        for since, until, _ in spans
        for at, state in ((since, _DONE), (until, _TODO))
        if at is not None
    ]
