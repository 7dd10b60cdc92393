"""The link job: what changed, or everything where a rule or a goal did, is judged again in one transaction."""

from __future__ import annotations

from datetime import datetime
from itertools import chain
from typing import TYPE_CHECKING

import mapping
from config import Config
from okrsync.store import graph, people, sources

if TYPE_CHECKING:
    from sqlalchemy import Connection

RULESET = "ruleset"


def relink(tx: Connection, config: Config, now: datetime) -> int:
    """How many verdicts were written; afterwards links and verdicts are those of a full rebuild at ``now``, and only
    configured sources count."""
    sources.retire(tx, {source.id for source in config.sources}, now)
    ruleset = mapping.fingerprint(config.goals, config.rules, now)
    everything = graph.get_meta(tx, RULESET) != ruleset
    if not everything and not graph.dirty_count(tx):
        return 0
    version = graph.dirty_version(tx)
    overrides = people.overrides(tx)
    verdicts = chain.from_iterable(
        mapping.judge(hood.nodes, config.goals, config.rules, overrides, now, only=hood.affected)
        for hood in graph.neighbourhoods(tx, everything=everything)
    )
    written = graph.save_verdicts(tx, verdicts, now)
    graph.clear_dirty(tx, version)
    graph.set_meta(tx, RULESET, ruleset)
    return written
