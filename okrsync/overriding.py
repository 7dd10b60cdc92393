"""Where a person has the last word on the goal of a key result: okrsync keeps silent there until it is approved."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import rollup
from config import Config
from okrsync.assess import GOAL
from okrsync.model import ItemRef, SaidStatus, Slot, Surface
from okrsync.store import goals, known
from okrsync.writing.approval import released

if TYPE_CHECKING:
    from sqlalchemy import Connection


@dataclass(frozen=True, slots=True)
class Override:
    """The status that somebody gave a goal after okrsync had, and the goal in its tool."""

    said: SaidStatus
    where: ItemRef
    url: str


def overrides(tx: Connection, config: Config) -> Mapping[str, Override]:
    """Key result → the newest word of a person on a goal that it is written to."""
    served: dict[ItemRef, list[str]] = {}
    for kr in config.goals.key_results.values():
        for ref in kr.write_to:
            if ref.key.startswith(GOAL):
                served.setdefault(ref, []).append(kr.id)
    if not served:
        return {}
    remote, standing, free = goals.goals(tx), known.standing(tx, Surface.UPDATE), released(tx)
    found: dict[str, Override] = {}
    for ref, krs in served.items():
        goal = remote.get((ref.source, ref.key.removeprefix(GOAL)))
        ours = standing.get(Slot(ref.source, ref.key, Surface.UPDATE, config.instance))
        said = None if goal is None else rollup.overriding(goal.said, ours, config.instance)
        if goal is None or said is None or any(free[name] >= said.at for name in krs if name in free):
            continue
        for name in krs:
            if name not in found or said.at > found[name].said.at:
                found[name] = Override(said, ref, goal.url)
    return found
