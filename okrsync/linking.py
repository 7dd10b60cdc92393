"""The link job: what changed, or everything where a rule or a goal did, is judged again in one transaction."""

from __future__ import annotations

from datetime import datetime
from itertools import chain
from typing import TYPE_CHECKING

import mapping
from config import Config
from okrsync.model import Json
from okrsync.store import graph, people, sources

if TYPE_CHECKING:
    from sqlalchemy import Connection

RULESET = "ruleset"
READING = "reading"


def relink(tx: Connection, config: Config, now: datetime) -> int:
    """How many verdicts were written; afterwards links and verdicts are those of a full rebuild at ``now``, and only
    what is configured counts."""
    sources.retire(tx, {source.id: source.entries for source in config.sources}, now)
    version = graph.dirty_version(tx)
    read_texts(tx, config)
    ruleset = mapping.fingerprint(config.goals, config.rules, now)
    everything = graph.get_meta(tx, RULESET) != ruleset
    if not everything and not graph.dirty_count(tx):
        return 0
    overrides = people.overrides(tx)
    verdicts = chain.from_iterable(
        mapping.judge(hood.nodes, config.goals, config.rules, overrides, now, only=hood.affected)
        for hood in graph.neighbourhoods(tx, everything=everything)
    )
    written = graph.save_verdicts(tx, verdicts, now)
    graph.clear_dirty(tx, version)
    graph.set_meta(tx, RULESET, ruleset)
    return written


def standing(tx: Connection) -> tuple[Json, ...]:
    """Another value whenever links, verdicts, readings or goals of tools may be others than before; cheap to ask."""
    version, waiting = graph.dirty_version(tx), graph.dirty_count(tx)
    return version, waiting, graph.get_meta(tx, RULESET), graph.get_meta(tx, READING)


def read_texts(tx: Connection, config: Config) -> int:
    """For how many pull requests and commits other references were read; afterwards those that are stored are what
    the texts of all of them say.

    Texts that changed are read; all of them where what is looked for did: projects, former names, addresses.
    """
    if not graph.has_texts(tx):
        return 0
    places = graph.places(tx, {source.id: source.kind for source in config.sources})
    stamp = mapping.reading_stamp(places)
    everything = graph.get_meta(tx, READING) != stamp
    if not everything and not graph.dirty_count(tx):
        return 0
    reader = mapping.Reader(places)
    read = ((text.uid, reader.read(text)) for text in graph.texts(tx, everything=everything))
    changed = graph.save_read(tx, read)
    graph.set_meta(tx, READING, stamp)
    return changed
