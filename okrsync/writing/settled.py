"""The work on which all that okrsync keeps there stands as it should, told from narrow rows.

A plan passes it over, so that one after a quiet sync costs little, however many tickets bear a label or an objective.
Whatever is in doubt is not among it, and is judged as :func:`rollup.desired` judges.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from itertools import groupby
from operator import itemgetter
from typing import TYPE_CHECKING

from config import Config
from okrsync.model import OrphanClass, State, Surface, VerdictKind
from okrsync.store import codec, queries
from okrsync.store.known import NOTHING
from okrsync.store.rulings import ORPHANS, VERDICTS
from okrsync.writing.targets import offers
from rollup.marks import ORPHAN, is_lost
from rollup.objective_marks import SURFACES, Compass
from rollup.reach import Reach

if TYPE_CHECKING:
    from sqlalchemy import Connection

Marks = Mapping[tuple[str, str], str]
"""(surface, name) → the value, as the store keeps it."""

_MARK = {(Surface.LABEL.value, ORPHAN): codec.dumps(True)}
_KEPT = frozenset(surface.value for surface in SURFACES)


def settled(
    tx: Connection, config: Config, spoken: Collection[int], bearing: Collection[str], now: datetime
) -> set[int]:
    """The tickets, by uid, on which something is known to stand, and just what should.

    ``spoken`` are those that are told what is wrong with them, ``bearing`` the sources whose tickets bear their
    objective.
    """
    judge = _Judge(Reach(config.writeback, offers(config)), Compass.at(config.goals, now), config)
    grown = codec.micros(now - config.writeback.quiet)
    goals = _goals(queries.served(tx) if bearing else iter(()))
    of, serves = next(goals, (0, ()))
    found = set()
    for uid, rows in groupby(queries.marked(tx), itemgetter(0)):
        stands: dict[tuple[str, str], str] = {}
        lost = False  # something of ours is not there any more
        for row in rows:
            _, source, surface, name, value, ours, state, kind, orphan, created_at = row
            if value not in NOTHING:
                stands[surface, name] = value
            elif ours is not None:
                lost = True
        while of < uid and of:
            of, serves = next(goals, (0, ()))
        if lost or uid in spoken:
            continue
        verdict, finished = VERDICTS[kind], state == State.DONE.value
        if finished or verdict is VerdictKind.UNRESOLVABLE:
            if _KEPT.issuperset(surface for surface, _ in stands):
                found.add(uid)
        elif stands == judge.wanted(
            source, verdict, ORPHANS[orphan] if orphan else None, serves if of == uid else (), grown=created_at <= grown
        ):
            found.add(uid)
    return found


@dataclass(frozen=True, slots=True)
class _Judge:
    """What should stand on open tickets; it is the same for all that are alike."""

    reach: Reach
    compass: Compass
    config: Config
    _served: dict[tuple[str, tuple[str, ...]], Marks] = field(default_factory=dict)

    def wanted(
        self, source: str, verdict: VerdictKind, orphan: OrphanClass | None, goals: tuple[str, ...], *, grown: bool
    ) -> Marks:
        """``grown`` tells that its quiet period is over."""
        if is_lost(verdict, orphan):
            return _MARK if grown else {}
        if verdict is not VerdictKind.TRACED:
            return {}
        found = self._served.get((source, goals))
        if found is None:
            surfaces = self.reach.surfaces(source)
            named = self.compass.named(goals, self.config.writeback.source(source).objective_field)
            found = self._served[source, goals] = {
                (surface.value, name): codec.dumps(value) for surface, name, value, _ in named if surface in surfaces
            }
        return found


def _goals(served: Iterator[tuple[int, str]]) -> Iterator[tuple[int, tuple[str, ...]]]:
    """(uid, its goals), each once."""
    for uid, rows in groupby(served, itemgetter(0)):
        yield uid, tuple(dict.fromkeys(goal for _, goal in rows))
