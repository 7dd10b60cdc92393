"""Finds the items that references name: by id, by key, and commits by the start of their sha."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence

from mapping.words import fold
from okrsync.model import ItemKind, Node, Reference, ReferenceKind

CLIMBING = frozenset({ReferenceKind.PARENT, ReferenceKind.EPIC})
"""What stands above an item, whatever its kind."""

NAMING = frozenset({ReferenceKind.CLOSES, ReferenceKind.MENTIONS, ReferenceKind.REVERTS, ReferenceKind.MERGED_AS})
"""What a pull request or a commit has to do with; of a ticket these lead nowhere."""

_SHA = re.compile(r"[0-9a-f]{7,40}")


class Book:
    """The items of one run, indexed by no more than what is referred to among them.

    A reference with an id means that item of its own source and no other. One with a key means the item that has this
    key, else the one that had it before it moved: of the source that its address names, where it is an address; else of
    its own source, and only where that knows nothing of it, of the others. A sha, or seven characters of it or more,
    means a commit of the same source: of the same repository, where that has one. Every item that fits best is found.
    """

    def __init__(self, nodes: Mapping[int, Node]) -> None:
        ids: dict[str, set[str]] = defaultdict(set)
        keys: set[str] = set()
        shas: dict[int, set[str]] = defaultdict(set)  # length → what commits may begin with
        for node in nodes.values():
            names = node.kind is not ItemKind.TICKET
            for reference in node.references:
                if reference.kind in CLIMBING or (names and reference.kind in NAMING):
                    if reference.target_id is not None:
                        ids[node.source].add(reference.target_id)
                    elif is_sha(reference):
                        shas[len(reference.target)].add(fold(reference.target))
                    else:
                        keys.add(fold(reference.target))
        self._by_id: dict[str, dict[str, Node]] = {source: {} for source in ids}
        self._by_key: dict[str, list[Node]] = defaultdict(list)
        self._by_alias: dict[str, list[Node]] = defaultdict(list)
        self._by_sha: dict[str, list[Node]] = defaultdict(list)
        self._found: dict[tuple[ReferenceKind | None, str, str, str, str | None], tuple[int, ...]] = {}
        for node in nodes.values():
            wanted = ids.get(node.source)
            if wanted is not None and node.remote_id in wanted:
                self._by_id[node.source][node.remote_id] = node
            if shas and node.kind is ItemKind.COMMIT:
                self._enter_commit(node, shas)
            if keys:
                self._enter(node, keys)

    def _enter_commit(self, node: Node, shas: Mapping[int, set[str]]) -> None:
        sha = fold(node.key)
        for length, wanted in shas.items():
            if (start := sha[:length]) in wanted:
                self._by_sha[start].append(node)

    def _enter(self, node: Node, keys: set[str]) -> None:
        if (key := fold(node.key)) in keys:
            self._by_key[key].append(node)
        for alias in set(map(fold, node.aliases)) & keys:
            self._by_alias[alias].append(node)

    def find(self, node: Node, reference: Reference) -> tuple[int, ...]:
        """Every item that the reference of this node fits best, in a fixed order."""
        if reference.target_id is not None:
            known = self._by_id[node.source].get(reference.target_id)
            return (known.uid,) if known is not None else ()
        key, source = fold(reference.target), reference.target_source
        asked = (reference.kind if is_sha(reference) else None, key, node.source, node.project, source)
        found = self._found.get(asked)
        if found is None:
            fitting = self._commits(node, reference, key) if asked[0] else self._items(node, source, key)
            best = next(filter(None, fitting), ())
            found = self._found[asked] = tuple(one.uid for one in sorted(best, key=identity))
        return found

    def _items(self, node: Node, source: str | None, key: str) -> Iterator[Sequence[Node]]:
        now, before = self._by_key.get(key, ()), self._by_alias.get(key, ())
        own = source or node.source
        yield [one for one in now if one.source == own]
        yield [one for one in before if one.source == own]
        if source is None:
            yield now
            yield before

    def _commits(self, node: Node, reference: Reference, start: str) -> Iterator[Sequence[Node]]:
        source = reference.target_source or node.source
        fitting = [one for one in self._by_sha.get(start, ()) if one.source == source]
        if reference.kind is not ReferenceKind.MERGED_AS:  # in a fork, too, it is what the pull request became
            yield [one for one in fitting if one.project == node.project]
        yield fitting


def is_sha(reference: Reference) -> bool:
    """The reference names a commit: by its sha, or by the start of it."""
    if reference.kind is ReferenceKind.MERGED_AS:
        return True
    return reference.kind is ReferenceKind.REVERTS and _SHA.fullmatch(reference.target.lower()) is not None


def identity(node: Node) -> tuple[str, str]:
    """What an item is, whatever it is called: an order that no sync can change."""
    return node.source, node.remote_id
