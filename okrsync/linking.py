"""The link job: what changed, or everything where a rule or a goal did, is judged again in one transaction.

What is stored are decisions. Why one was made follows from the items, and is worked out for those that somebody looks
at (:func:`explain`), by the same rules.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from datetime import datetime
from typing import TYPE_CHECKING, TypeAlias

import mapping
from config import Config
from mapping import past
from okrsync.model import Json, Period, Place, Ruling, Ticket, Verdict
from okrsync.store import departures, graph, histories, lock, people, revisions, sources, workload, world

if TYPE_CHECKING:
    from sqlalchemy import Connection

_Uids: TypeAlias = "Collection[int] | None"  # None: of all items

RULESET = "ruleset"
READING = "reading"
CONFIGURED = "configured"
"""The names of what the store remembers: under which rules it was judged, what texts were searched for, and the
configuration of the last link job."""

PIECE = 16_000
"""The past of so many items is found out at once. Much of what stands above them is read again with each piece."""


def is_current(tx: Connection, config: Config, now: datetime) -> bool:
    """Whether links and verdicts are those of a full rebuild at ``now``: there is nothing to relink. Reads only."""
    return (
        not graph.is_dirty(tx)
        and not sources.strays(tx, _entries(config))
        and graph.get_meta(tx, RULESET) == mapping.fingerprint(config.goals, config.rules, now)
        and (not graph.has_texts(tx) or graph.get_meta(tx, READING) == mapping.reading_stamp(_places(tx, config)))
        and workload.is_current(tx, config.goals)
        and revisions.is_recorded(tx, config.goals)
    )


def relink(tx: Connection, config: Config, now: datetime) -> int:
    """How many items got another verdict or other links; afterwards these are those of a full rebuild at ``now``, what
    the roll-up weighs is that of these, and only what is configured counts.

    It waits for the link job of another process; a transaction that writes before must have linked first.
    """
    lock.linking(tx)
    graph.set_meta(tx, CONFIGURED, config.given)
    sources.retire(tx, _entries(config), now)  # items before the queue, as a page that is stored meanwhile
    revisions.record(tx, config.goals, now)
    version = graph.dirty_version(tx)
    read_texts(tx, config)
    ruleset = mapping.fingerprint(config.goals, config.rules, now)
    judged_anew = graph.get_meta(tx, RULESET) != ruleset
    uids: _Uids = None if judged_anew else graph.to_judge(tx)
    written = 0
    if uids is None or uids:
        departures.let_go(tx, uids, now)
        written = graph.save_rulings(tx, _rulings(tx, config, now, uids), now)
        graph.clear_dirty(tx, version)
    if uids is None or uids or not workload.is_current(tx, config.goals):
        workload.refresh(tx, config.goals, uids)
    graph.set_meta(tx, RULESET, ruleset)
    return written


def explain(tx: Connection, config: Config, uids: Collection[int], now: datetime) -> Iterator[Verdict]:
    """The whole verdict on each of these items that is live and counted, by growing uid. However many they are, no
    more than a few thousand are in memory."""
    overrides = people.overrides(tx)
    for hood in graph.neighbourhoods(tx, uids):
        yield from mapping.judge(hood.nodes, config.goals, config.rules, overrides, now, only=hood.affected)
        del hood  # before the next one is read, so that memory holds one


def told(
    tx: Connection, config: Config, tickets: Iterable[Ticket], looked_at: Collection[int], now: datetime
) -> Iterator[tuple[Ticket, Verdict]]:
    """Each of these items, which come by growing uid and were judged, with its verdict: the whole of it for those that
    are ``looked_at``, kind and class for all others."""
    explained = explain(tx, config, looked_at, now)
    following = next(explained, None)
    for ticket in tickets:
        while following is not None and following.item < ticket.uid:
            following = next(explained, None)
        if following is not None and following.item == ticket.uid:
            yield ticket, following
        elif ticket.verdict is not None:
            yield ticket, Verdict(ticket.uid, ticket.verdict, ticket.orphan)


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
    if not everything and not graph.is_dirty(tx):
        return 0
    reader = mapping.Reader(places)
    read = ((text.uid, reader.read(text)) for text in graph.texts(tx, everything=everything))
    changed = graph.save_read(tx, read)
    graph.set_meta(tx, READING, stamp)
    return changed


# ── deciding ─────────────────────────────────────────────────────────────────────────────────────────────────────────


def _rulings(tx: Connection, config: Config, now: datetime, uids: _Uids) -> Iterator[Ruling]:
    """What is decided of these items, or of all (None), by growing uid, with what their histories tell of the past."""
    ever = graph.Dependencies(tx).ever(uids)
    ended = _ended(tx, config, now, uids, ever)
    following = next(ended, None)
    for ruling in _decided(tx, config, now, uids, ever.uids):
        while following is not None and following[0] < ruling.item:
            following = next(ended, None)
        if following is not None and following[0] == ruling.item:
            ruling = ruling._replace(periods=(*ruling.periods, *following[1]))
        yield ruling


def _decided(tx: Connection, config: Config, now: datetime, uids: _Uids, seen: _Uids) -> Iterator[Ruling]:
    """What mapping makes of the items as they stand; ``seen`` are these items and all above them."""
    columns = mapping.World(config.goals)
    columns.add_references(world.references(tx, seen))
    columns.add_aliases(world.aliases(tx, seen))
    columns.add_items(world.items(tx, seen))
    columns.add_changes(world.changes(tx, seen))
    yield from mapping.rulings(columns, config.goals, config.rules, people.overrides(tx), now, only=uids)


def _ended(
    tx: Connection, config: Config, now: datetime, uids: _Uids, ever: graph.Ever
) -> Iterator[tuple[int, tuple[Period, ...]]]:
    """The periods that ended, of those of these items that have any, by growing uid."""
    words = people.words(tx)
    turned = _turning(tx, config, now, words, ever)
    below = ever.below(turned)
    moved = below if uids is None else below.intersection(uids)
    for hood in graph.neighbourhoods(tx, moved, above=ever.above, piece=PIECE):
        told = past.periods(hood.nodes, config.goals, config.rules, words, now, hood.affected, turned)
        yield from sorted(told.items())


def _turning(
    tx: Connection, config: Config, now: datetime, words: past.Words, ever: graph.Ever
) -> dict[int, set[datetime]]:
    """When, by its own history or words on it, any of these items, or what is below, lost a link or got one back."""
    seen = ever.uids
    torn = ever.above(histories.torn(tx, seen))
    telling = histories.telling(tx, past.telling(config.goals, config.rules, torn=False), seen)
    if torn:
        telling |= histories.telling(tx, past.telling(config.goals, config.rules), torn)
    telling |= words.keys() if seen is None else words.keys() & seen
    turned: dict[int, set[datetime]] = {}
    for hood in graph.neighbourhoods(tx, telling, above=ever.above, piece=PIECE):
        turned |= past.turning(hood.nodes, config.goals, config.rules, words, now, hood.affected, torn)
    return turned


def _entries(config: Config) -> dict[str, tuple[str, ...]]:
    return {source.id: source.entries for source in config.sources}


def _places(tx: Connection, config: Config) -> list[Place]:
    return graph.places(tx, {source.id: source.kind for source in config.sources})
