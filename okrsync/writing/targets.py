"""The objects that key results are written to, as far as the store knows them."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import TYPE_CHECKING

import rollup
from config import Config
from okrsync.assess import GOAL
from okrsync.model import ItemKind, ItemRef, RemoteGoal, Surface
from okrsync.store import goals, queries, sources
from okrsync.store.texts import web
from rollup.targets import MILESTONE

if TYPE_CHECKING:
    from sqlalchemy import Connection


def offers(config: Config) -> Mapping[str, frozenset[Surface]]:
    """Source → what can be written there, by the word of its connector; nothing is sent to know that."""
    return {source.id: getattr(source.settings, "surfaces", frozenset()) for source in config.sources}


def write_targets(
    tx: Connection, config: Config, only: Collection[ItemRef] | None = None
) -> Mapping[ItemRef, rollup.Target]:
    """The stored object behind each ``write_to``, or behind ``only`` these of them; one that names nothing that can be
    read, or two, is left out."""
    every = (ref for kr in config.goals.key_results.values() for ref in kr.write_to) if only is None else only
    named = sorted(set(every), key=str)
    remote = goals.goals(tx) if any(ref.key.startswith(GOAL) for ref in named) else {}
    kinds = {source.id: source.kind for source in config.sources}
    found = {ref: _target(tx, ref, kinds.get(ref.source, ""), remote) for ref in named}
    return {ref: target for ref, target in found.items() if target is not None}


def _target(
    tx: Connection, ref: ItemRef, kind: str, remote: Mapping[tuple[str, str], RemoteGoal]
) -> rollup.Target | None:
    if ref.key.startswith(GOAL):
        goal = remote.get((ref.source, ref.key.removeprefix(GOAL)))
        return None if goal is None else rollup.Target(ref.key, ref.key, goal.url, goal=goal)
    if ref.key.startswith(MILESTONE):
        return _milestone(tx, ref, kind)
    matches = queries.find(tx, str(ref))
    if len(matches) != 1 or not matches[0].readable or matches[0].kind is ItemKind.COMMIT:
        return None
    return rollup.Target(matches[0].remote_id, matches[0].key, matches[0].url, matches[0].project)


def _milestone(tx: Connection, ref: ItemRef, kind: str) -> rollup.Target | None:
    """A milestone of a repository that is read, ``milestone:acme/shop#3``; whether it is there, its tool will say."""
    name, _, number = ref.key.removeprefix(MILESTONE).rpartition("#")
    scope = sources.named(tx, ref.source, name) if number.isdecimal() else None
    if scope is None:
        return None
    start, place = web(tx, ref.source, kind), int(number)
    url = f"{start}{scope.key}/milestone/{place}" if start else ""
    return rollup.Target(f"{MILESTONE}{scope.id}:{place}", f"{MILESTONE}{scope.key}#{place}", url, scope.key)
