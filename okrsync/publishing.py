"""What is said of the goals is pinned, day by day, so that a later correction does not hide it.

A snapshot is rewritten until its local day is over, and never after. The status in the newest one is an input of the
next roll-up, which keeps it while the numbers move little (docs/status.md).
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from datetime import datetime
from typing import TYPE_CHECKING

from config import Config
from okrsync.assess import Assessment, assess
from okrsync.linking import standing
from okrsync.model import Json, Snapshot
from okrsync.store import Store, codec, lock, meta, snapshots, sources
from rollup.span import local_day

if TYPE_CHECKING:
    from sqlalchemy import Connection

PUBLISHED = "published"
"""The name under which the store remembers what the newest snapshots were made of."""


def publish(store: Store, config: Config, now: datetime) -> int:
    """How many snapshots were written; afterwards those of today say what is stored. Nothing is computed where it was
    said already today, and nothing said before any source was read."""
    while True:
        with store.read() as tx:
            basis, before = _basis(tx, config, now), meta.get_meta(tx, PUBLISHED)
            if before == basis:
                return 0
            assessment = assess(tx, config, now)
        if config.sources and assessment.freshness.as_of is None:
            return 0
        with store.begin() as tx:
            lock.linking(tx)
            if meta.get_meta(tx, PUBLISHED) == before:  # else another process published, perhaps of what is newer
                written = snapshots.publish(tx, _snapshots(config, assessment))
                meta.set_meta(tx, PUBLISHED, basis)
                return written


def _snapshots(config: Config, assessment: Assessment) -> Iterator[Snapshot]:
    now = assessment.now
    day = local_day(now, config.goals.timezone)
    for goal, known in assessment.progress.items():
        chance = known.forecast.probability if known.forecast else None
        said = (known.status, known.progress, chance, known.done, known.scope, known.unit)
        yield Snapshot(goal, day, now, *said)
    for goal, state in assessment.objectives.items():
        yield Snapshot(goal, day, now, state.status, state.progress, None, state.done, state.scope, "items")


def _basis(tx: Connection, config: Config, now: datetime) -> Json:
    """Another value whenever another day began, or anything changed that may be said otherwise."""
    given = hashlib.sha256(codec.dumps(config.given).encode()).hexdigest()
    day = local_day(now, config.goals.timezone).isoformat()
    return [day, given, *standing(tx), dict(sorted(sources.states(tx).items()))]
