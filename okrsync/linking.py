"""The link job: what changed, or everything where a rule or a goal did, is judged again in one transaction."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import TYPE_CHECKING

import mapping
from config import Config
from okrsync.model import Json, Place, Verdict
from okrsync.store import graph, people, sources

if TYPE_CHECKING:
    from sqlalchemy import Connection

RULESET = "ruleset"
READING = "reading"


def is_current(tx: Connection, config: Config, now: datetime) -> bool:
    """Whether links and verdicts are those of a full rebuild at ``now``: there is nothing to relink. Reads only."""
    return (
        not graph.dirty_count(tx)
        and not sources.strays(tx, _entries(config))
        and graph.get_meta(tx, RULESET) == mapping.fingerprint(config.goals, config.rules, now)
        and (not graph.has_texts(tx) or graph.get_meta(tx, READING) == mapping.reading_stamp(_places(tx, config)))
    )


def relink(tx: Connection, config: Config, now: datetime) -> int:
    """How many verdicts were written; afterwards links and verdicts are those of a full rebuild at ``now``, and only
    what is configured counts."""
    sources.retire(tx, _entries(config), now)
    version = graph.dirty_version(tx)
    read_texts(tx, config)
    ruleset = mapping.fingerprint(config.goals, config.rules, now)
    everything = graph.get_meta(tx, RULESET) != ruleset
    if not everything and not graph.dirty_count(tx):
        return 0
    written = graph.save_verdicts(tx, _verdicts(tx, config, now, everything=everything), now)
    graph.clear_dirty(tx, version)
    graph.set_meta(tx, RULESET, ruleset)
    return written


def _verdicts(tx: Connection, config: Config, now: datetime, *, everything: bool) -> Iterator[Verdict]:
    overrides = people.overrides(tx)
    for hood in graph.neighbourhoods(tx, everything=everything):
        yield from mapping.judge(hood.nodes, config.goals, config.rules, overrides, now, only=hood.affected)
        del hood  # before the next one is read, so that memory holds one


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
    places = _places(tx, config)
    stamp = mapping.reading_stamp(places)
    everything = graph.get_meta(tx, READING) != stamp
    if not everything and not graph.dirty_count(tx):
        return 0
    reader = mapping.Reader(places)
    read = ((text.uid, reader.read(text)) for text in graph.texts(tx, everything=everything))
    changed = graph.save_read(tx, read)
    graph.set_meta(tx, READING, stamp)
    return changed


def _entries(config: Config) -> dict[str, tuple[str, ...]]:
    return {source.id: source.entries for source in config.sources}


def _places(tx: Connection, config: Config) -> list[Place]:
    return graph.places(tx, {source.id: source.kind for source in config.sources})
