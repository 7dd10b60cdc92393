"""Finds the items that references name: by id, by key, and commits by the start of their sha."""

from __future__ import annotations

import re
from array import array
from collections.abc import Callable, Sequence
from typing import TypeAlias

from mapping.words import fold, fold_all
from okrsync.model import ReferenceKind

NOTHING = -1
"""A name fits no item …"""
SEVERAL = -2
"""… or several equally, or it is a sha, of which the asker's repository decides: ``Book.fitting`` tells."""

CLIMBING = frozenset({ReferenceKind.PARENT, ReferenceKind.EPIC})
"""What stands above an item, whatever its kind."""

_SHA = re.compile(r"[0-9a-f]{7,40}")

_SourceOf: TypeAlias = Callable[[int], str]


class Book:
    """What references name in one run, and the items (by position) that it fits; nothing else is remembered of these.

    A reference with an id means that item of its own source and no other. One with a key means the item that has this
    key, else the one that had it before it moved: of the source that its address names, where it is an address; else of
    its own source, and only where that knows nothing of it, of the others. A sha, or seven characters of it or more,
    means a commit of the same source: of the same repository, where that has one. Every item that fits best is found.

    First the names are entered, each for a number, then the items; then ``close`` decides what each name means.
    """

    def __init__(self) -> None:
        self.found = array("i")  # name → position, NOTHING or SEVERAL
        self.words: list[str | None] = []  # name → the key or sha, as keys are compared; None: it is an id
        self._ids: dict[str, dict[str, int]] = {}  # source → id → name
        self._keys: dict[str, int] = {}  # key → name
        self._addresses: dict[tuple[str, str], int] = {}  # source of the address, key → name
        self._shas: dict[tuple[str, str], int] = {}  # source, start → name
        self._lengths: set[int] = set()
        self._more: dict[int, list[int]] = {}  # name of a key → all that bear it, where these are several …
        self._bore: dict[int, list[int]] = {}  # … and those that bore it before they moved

    # ── names ────────────────────────────────────────────────────────────────────────────────────────────────────────

    def by_id(self, source: str, remote_id: str) -> int:
        """The number of an id."""
        ids = self._ids.get(source)
        if ids is None:
            ids = self._ids[source] = {}
        name = ids.get(remote_id)
        if name is None:
            name = ids[remote_id] = self._learn(None)
        return name

    def by_key(self, key: str) -> int:
        """The number of a key."""
        folded = fold(key)
        name = self._keys.get(folded)
        if name is None:
            name = self._keys[folded] = self._learn(folded)
        return name

    def by_address(self, source: str, key: str) -> int:
        """The number of a key in an address of this source."""
        asked = (source, fold(key))
        name = self._addresses.get(asked)
        if name is None:
            self.by_key(key)
            name = self._addresses[asked] = self._learn(asked[1])
        return name

    def by_sha(self, source: str, start: str) -> int:
        """The number of a sha, or of the start of one."""
        asked = (source, fold(start))
        name = self._shas.get(asked)
        if name is None:
            self._lengths.add(len(asked[1]))
            name = self._shas[asked] = self._learn(asked[1])
        return name

    def _learn(self, words: str | None) -> int:
        self.found.append(NOTHING)
        self.words.append(words)
        return len(self.words) - 1

    # ── items ────────────────────────────────────────────────────────────────────────────────────────────────────────

    def enter(self, first: int, sources: Sequence[str], remote_ids: Sequence[str], keys: Sequence[str]) -> list[int]:
        """These items are there, at the positions from ``first`` on; at which places among them something is named."""
        named = []
        for source in self._ids.keys() & sources:
            for place, name in enumerate(map(self._ids[source].get, remote_ids)):
                if name is not None and sources[place] == source:
                    self.found[name] = first + place
                    named.append(place)
        if self._keys:
            for place, name in enumerate(map(self._keys.get, fold_all(keys))):
                if name is not None:
                    self._bear(name, first + place)
                    named.append(place)
        return named

    def _bear(self, name: int, position: int) -> None:
        if self.found[name] == NOTHING:
            self.found[name] = position
        else:
            self._more.setdefault(name, [self.found[name]]).append(position)

    def enter_commit(self, position: int, source: str, sha: str) -> bool:
        """A commit is there; whether anything names it by its sha."""
        named = False
        folded = fold(sha)
        for length in self._lengths:
            name = self._shas.get((source, folded[:length]))
            if name is not None:
                self._more.setdefault(name, []).append(position)
                named = True
        return named

    def enter_former(self, position: int, folded: str) -> None:
        """An item had this key before it moved."""
        name = self._keys[folded]
        if position not in self._bearers(name):
            self._bore.setdefault(name, []).append(position)

    @property
    def seeks_commits(self) -> bool:
        """Whether anything names a commit by its sha."""
        return bool(self._shas)

    def is_sought(self, folded: str) -> bool:
        """Whether anything names this key."""
        return folded in self._keys

    def bearing(self, folded: str) -> Sequence[int]:
        """The items that have a key, if anything names it."""
        name = self._keys.get(folded)
        return () if name is None else self._bearers(name)

    def _bearers(self, name: int) -> Sequence[int]:
        if name in self._more:
            return self._more[name]
        return (self.found[name],) if self.found[name] != NOTHING else ()

    # ── what fits ────────────────────────────────────────────────────────────────────────────────────────────────────

    def close(self, source_of: _SourceOf, identity: Callable[[int], tuple[str, str]]) -> None:
        """All items are there: decide what each name means; ``identity`` gives the order of those that fit equally."""
        for name in self._more.keys() | self._bore.keys():
            now, before = self._bearers(name), self._bore.get(name, ())
            self._decide(name, sorted(now, key=identity), sorted(before, key=identity))
        for (source, folded), name in self._addresses.items():
            base = self._keys[folded]
            for those in (self._bearers(base), self._bore.get(base, ())):
                if here := [one for one in those if source_of(one) == source]:
                    self._decide(name, sorted(here, key=identity), [])
                    break
        self._ids.clear()  # from here on, nothing is asked for by its id

    def _decide(self, name: int, now: list[int], before: list[int]) -> None:
        """A name for which but one item is there means that one, whoever says it."""
        self._more[name], self._bore[name] = now, before
        self.found[name] = (now or before)[0] if len(now) + len(before) == 1 else SEVERAL

    def fitting(self, name: int, own: str, source_of: _SourceOf) -> tuple[int, ...]:
        """Every item that fits best a name of SEVERAL that something in the source ``own`` says, in a fixed order."""
        now, before = self._more[name], self._bore.get(name, [])
        for those in (now, before):
            if here := tuple(one for one in those if source_of(one) == own):
                return here
        return tuple(now or before)


def begins_sha(text: str) -> bool:
    """The text is a sha, or seven or more of its first digits."""
    return _SHA.fullmatch(text.lower()) is not None
