"""The items of one run as columns: what a million of them need for being linked, and no more.

An item is a *position*, a small number by growing uid. What many items share is kept once: where it comes from
(:class:`Origin`), its labels, its fields. What few have is kept in dictionaries. Keys and ids are kept of those items
alone that something names, which is why references come first.
"""

from __future__ import annotations

from array import array
from bisect import bisect_left
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import compress, islice, repeat
from sys import intern
from typing import Any, Generic, NamedTuple, TypeAlias, TypeVar

import orjson

from mapping.book import NOTHING, SEVERAL, Book, begins_sha
from mapping.evidence import noted
from mapping.instants import micros
from mapping.titles import exempts
from mapping.words import fold
from okrsync.model import ChangeKind, FieldValue, Goals, ItemKind, Node, Reference, ReferenceKind, State

TICKET, PULL_REQUEST, COMMIT = range(3)
_KINDS: dict[str, int] = {ItemKind.TICKET: TICKET, ItemKind.PULL_REQUEST: PULL_REQUEST, ItemKind.COMMIT: COMMIT}

COUNTED, READABLE, DONE, EXEMPT_TITLE = 1, 2, 4, 8
"""Flags of items; the last: a commit whose title says that it needs no goal."""

PARENT, EPIC, CLOSES, MENTIONS, REVERTS, MERGED_AS = range(6)
RELATIONS: dict[str, int] = {
    ReferenceKind.PARENT: PARENT,
    ReferenceKind.EPIC: EPIC,
    ReferenceKind.CLOSES: CLOSES,
    ReferenceKind.MENTIONS: MENTIONS,
    ReferenceKind.REVERTS: REVERTS,
    ReferenceKind.MERGED_AS: MERGED_AS,
}
RELATION, TEXTUAL = 7, 8
"""Of what is kept of a reference: the bits of its relation, and the one that says that it was read in a text."""

DATING = (ChangeKind.LABEL_ADDED, ChangeKind.PARENT, ChangeKind.FIELD, ChangeKind.MEMBER)
"""The changes that tell since when a link is valid."""

Row: TypeAlias = "tuple[Any, ...]"  # as a database gives it
_Labels: TypeAlias = "tuple[str, ...]"
_Fields: TypeAlias = "tuple[FieldValue, ...]"
_Value = TypeVar("_Value")

_MERGED = bytes(relation & RELATION == MERGED_AS for relation in range(256))
_BATCH = 1 << 9
_REMEMBERED = 1 << 18


class Origin(NamedTuple):
    """Where items come from, as exemptions look at it; who wrote them stands beside it, for there are many."""

    source: str
    kind: int
    project: str
    type: str


class Member(NamedTuple):
    """An item stands in a container that goals name."""

    container: str  # as its tool names it
    since: int | None


class Trailer(NamedTuple):
    """What stands behind ``OKR:``; ``text`` is all that was written there, in a world that was made of nodes."""

    target: str
    since: int | None
    text: str = ""


class _Places(dict[Any, int]):
    """stored → its place among ``values``, where what was never asked for is read and added."""

    def __init__(self, values: list[Any], read: Callable[[Any], Any]) -> None:
        self._values = values
        self._read = read

    def __missing__(self, stored: Any) -> int:
        self[stored] = place = len(self._values)
        self._values.append(self._read(stored))
        return place


class Column(Generic[_Value]):
    """One value for each item, many of which are equal: these are read once and kept once."""

    def __init__(self, read: Callable[[Any], _Value]) -> None:
        self.index = array("i")
        self.values: list[_Value] = []
        self._places = _Places(self.values, read)

    def __getitem__(self, position: int) -> _Value:
        return self.values[self.index[position]]

    def extend(self, stored: Sequence[Any]) -> None:
        """The values of the next items, as they are stored."""
        if len(self._places) > _REMEMBERED:  # they are hardly ever equal, then
            self._places.clear()
        self.index.extend(map(self._places.__getitem__, stored))

    def since(self, first: int) -> Iterator[_Value]:
        """The values of the items from this one on."""
        return map(self.values.__getitem__, self.index[first:])

    def close(self) -> None:
        """There are no more items."""
        self._places.clear()


class World:
    """The items of one run. It is filled once, in this order, each stream by growing uid: references, aliases, items,
    changes. Rows of uids that are no items are passed over. ``goals`` are those that it is to be judged by: the epics
    and containers that they name are looked for.

    Instants are µs since 1970. Kinds are the values of the enums of the model.
    """

    def __init__(self, *goals: Goals) -> None:
        self.uids = array("q")
        self.created = array("q")
        self.kinds = bytearray()
        self.flags = bytearray()
        self.origins: Column[Origin] = Column(_origin)
        self.authors: Column[str] = Column(str)
        self.labels: Column[_Labels] = Column(_labels)
        self.fields: Column[_Fields] = Column(_fields)
        self.keys: list[str | None] = []  # of those that something names …
        self.remote_ids: list[str | None] = []
        self.aliases: dict[int, list[str]] = {}  # … and the former ones by which it does, as keys are compared
        self.members: dict[int, list[Member]] = {}
        self.trailers: dict[int, list[Trailer]] = {}
        self.book = Book()
        self.relations = bytearray()  # of each reference: its kind …
        self.names = array("i")  # … what it names, by its number in the book …
        self.holders = array("q")  # … the position of its item, or NOTHING (while the world is filled, the uid) …
        self.since: dict[int, int] = {}  # … and since when it stands, where the tool tells
        self.nodes: list[Node] = []  # where the world was made of them, and …
        self.references: list[Reference] = []  # … their references, by the same numbers
        self._members: list[tuple[int, Member]] = []
        self._trailers: list[tuple[int, Trailer]] = []
        self._aliases: list[tuple[int, str]] = []
        self._marks: dict[str, dict[str, int]] = {kind: {} for kind in DATING}
        self._dated = array("i")  # position → the first of its changes
        self._at = array("q")
        self._mark = array("i")
        self._fitting: dict[tuple[int, str, str | None], tuple[int, ...]] = {}  # by name, and who asks
        self._containers: set[tuple[str, str]] = set()
        for one in goals:
            for kr in one.key_results.values():
                for epic in kr.epics:
                    self.book.by_key(epic.key)
                for container in kr.containers:
                    source, _, name = container.partition(":")
                    self._containers.add((source, fold(name)))

    @classmethod
    def of(cls, nodes: Iterable[Node], *goals: Goals) -> World:
        """The world of these nodes, which it keeps, so that what is decided of them can be told in words."""
        world = cls(*goals)
        by_uid = {node.uid: node for node in nodes}
        world.nodes = every = [by_uid[uid] for uid in sorted(by_uid)]
        world.references = [one for node in every for one in node.references if one.kind in RELATIONS]
        world.add_references(row for node in every for row in reference_rows(node))
        world._trailers = [(node.uid, trailer) for node in every for trailer in _trailers(node)]
        world.add_aliases((node.uid, alias) for node in every for alias in node.aliases)
        world.add_items(map(item_row, every))
        world.add_changes(row for node in every for row in change_rows(node))
        return world

    def __len__(self) -> int:
        return len(self.uids)

    # ── filling ──────────────────────────────────────────────────────────────────────────────────────────────────────

    def add_references(self, rows: Iterable[Row]) -> None:
        """Rows of (uid, own source, kind, target, its id, the source of its address, since, whether it was read in a
        text), those of an item in their order."""
        holders, relations, names = self.holders.append, self.relations.append, self.names.append
        book, by_id, known = self.book, self.book.by_id, RELATIONS
        for uid, source, kind, target, target_id, elsewhere, since, textual in rows:
            relation = known.get(kind)
            if relation is None:
                self._add_word(uid, source, kind, target, since)
                continue
            if target_id is not None:
                names(by_id(source, target_id))
            elif relation == MERGED_AS or (relation == REVERTS and begins_sha(target)):
                names(book.by_sha(elsewhere or source, target))
            elif elsewhere is not None:
                names(book.by_address(elsewhere, target))
            else:
                names(book.by_key(target))
            if since is not None:
                self.since[len(self.relations)] = since
            holders(uid)
            relations(relation | TEXTUAL if textual else relation)

    def _add_word(self, uid: int, source: str, kind: str, target: str, since: int | None) -> None:
        """What names no item: a trailer, a container."""
        if kind == ReferenceKind.TRAILER:
            self._trailers.append((uid, Trailer(target, since)))
        elif kind == ReferenceKind.MEMBER and (source, fold(target)) in self._containers:
            self._members.append((uid, Member(target, since)))

    def add_aliases(self, rows: Iterable[Row]) -> None:
        """Rows of (uid, a key that it had before)."""
        for uid, key in rows:
            if self.book.is_sought(folded := fold(key)):
                self._aliases.append((uid, folded))

    def add_items(self, rows: Iterable[Row]) -> None:
        """Rows of (uid, origin, author, id, key, flags, when it was created, title of a commit, labels, fields).
        Origin, labels and fields are JSON, as the store has them.
        """
        kept, rest = self._kept(), iter(rows)
        while batch := list(islice(rest, _BATCH)):
            self._add_batch(kept, *zip(*batch, strict=True))
        self._settle()

    def _add_batch(
        self,
        kept: set[int],
        uids: Sequence[int],
        origins: Sequence[str | Origin],
        authors: Sequence[str],
        remote_ids: Sequence[str],
        keys: Sequence[str],
        flags: Sequence[int],
        created: Sequence[int],
        titles: Sequence[str | None],
        labels: Sequence[str | _Labels | None],
        fields: Sequence[str | _Fields | None],
    ) -> None:
        """Column by column, for there are a million items."""
        first = len(self.uids)
        self.uids.extend(uids)
        self.created.extend(created)
        self.flags += bytes(flags)
        self.origins.extend(origins)
        self.authors.extend(authors)
        sources, codes, *_ = zip(*self.origins.since(first), strict=True)
        self.kinds += bytes(codes)
        self.labels.extend(labels)
        self.fields.extend(fields)
        named = self.book.enter(first, sources, remote_ids, keys)
        named += [place for place, uid in enumerate(uids) if uid in kept] if kept else ()
        for place, title in enumerate(titles):
            if title is not None:
                if self.book.seeks_commits and self.book.enter_commit(first + place, sources[place], keys[place]):
                    named.append(place)
                if exempts(title):
                    self.flags[first + place] |= EXEMPT_TITLE
        self.keys.extend(repeat(None, len(uids)))
        self.remote_ids.extend(repeat(None, len(uids)))
        for place in named:
            self.keys[first + place], self.remote_ids[first + place] = keys[place], remote_ids[place]

    def add_changes(self, rows: Iterable[Row]) -> None:
        """Rows of (uid, when, kind, what was put there), of the kinds of DATING."""
        uids, size = self.uids, len(self.uids)
        dated, ats, marks = self._dated.append, self._at.append, self._mark
        position = -1
        for uid, at, kind, after in rows:
            while position < size and (position < 0 or uids[position] < uid):
                position += 1
                dated(len(self._at))
            if position == size:
                break
            if uids[position] == uid and after is not None:
                known = self._marks[kind]
                text = fold(after) if kind == ChangeKind.LABEL_ADDED else after
                ats(at)
                marks.append(known.setdefault(text, len(marks)))  # the first row that says it: no other text has it
        if self._at:
            self._dated.extend([len(self._at)] * (size + 1 - len(self._dated)))

    def _kept(self) -> set[int]:
        """The uids of what stands above others without being named by its key: it had another, or became a commit."""
        return {*compress(self.holders, self.relations.translate(_MERGED)), *(uid for uid, _ in self._aliases)}

    def _settle(self) -> None:
        """All items are there: uids become positions, and names items."""
        self.origins.close()
        self.authors.close()
        self.labels.close()
        self.fields.close()
        self._settle_holders()
        for uid, folded in self._aliases:
            if (position := self.position(uid)) != NOTHING:
                self.aliases.setdefault(position, []).append(folded)
                self.book.enter_former(position, folded)
        for uid, member in self._members:
            if (position := self.position(uid)) != NOTHING:
                self.members.setdefault(position, []).append(member)
        for uid, trailer in self._trailers:
            if (position := self.position(uid)) != NOTHING and self.kinds[position] != TICKET:
                self.trailers.setdefault(position, []).append(trailer)
        self.book.close(self.source, self.identity)

    def _settle_holders(self) -> None:
        uids, holders, size, position = self.uids, self.holders, len(self.uids), 0
        for reference, uid in enumerate(holders):
            while position < size and uids[position] < uid:
                position += 1
            holders[reference] = position if position < size and uids[position] == uid else NOTHING

    # ── asking ───────────────────────────────────────────────────────────────────────────────────────────────────────

    def position(self, uid: int) -> int:
        """Where the item with this uid stands, or NOTHING."""
        position = bisect_left(self.uids, uid)
        return position if position < len(self.uids) and self.uids[position] == uid else NOTHING

    def source(self, position: int) -> str:
        """The source of an item."""
        return self.origins[position].source

    def identity(self, position: int) -> tuple[str, str]:
        """What an item that something names is, whatever it is called: an order that no sync can change."""
        return self.origins[position].source, self.remote_ids[position] or ""

    def targets(self, reference: int) -> tuple[int, ...]:
        """Every item that a reference fits best, in a fixed order."""
        name = self.names[reference]
        found = self.book.found[name]
        if found != SEVERAL:
            return (found,) if found != NOTHING else ()
        asker = self.origins[self.holders[reference]]
        reverts = self.relations[reference] & RELATION == REVERTS
        asked = (name, asker.source, asker.project if reverts else None)
        if asked not in self._fitting:
            self._fitting[asked] = self._fit(*asked)
        return self._fitting[asked]

    def _fit(self, name: int, source: str, project: str | None) -> tuple[int, ...]:
        """What fits best a name of SEVERAL that something of this source says; with ``project``, of the commits those
        of the same repository, where that has one."""
        fitting = self.book.fitting(name, source, self.source)
        here = (one for one in fitting if self.kinds[one] == COMMIT and self.origins[one].project == project)
        return (tuple(here) if project is not None else ()) or fitting

    def stands(self, reference: int, position: int) -> int:
        """Since when a reference of an item stands; where nothing tells, since the item is there."""
        return self.since.get(reference, self.created[position])

    def latest(self, position: int, kind: ChangeKind, after: str) -> int | None:
        """When the last change put this on the item; None where no history tells."""
        mark = self._marks[kind].get(after)
        if mark is None:
            return None
        marks, ats = self._mark, self._at
        changes = range(self._dated[position], self._dated[position + 1])
        return max((ats[one] for one in changes if marks[one] == mark), default=None)


# ── nodes as rows ────────────────────────────────────────────────────────────────────────────────────────────────────


def item_row(node: Node) -> Row:
    """What ``World.add_items`` asks for."""
    origin = Origin(node.source, _KINDS[node.kind], node.project, node.type)
    flags = node.counted * COUNTED | node.readable * READABLE | (node.state is State.DONE) * DONE
    title = node.title if node.kind is ItemKind.COMMIT else None
    return (
        *(node.uid, origin, node.author, node.remote_id, node.key, flags, micros(node.created_at), title),
        *(tuple(node.labels), tuple(node.fields)),
    )


def reference_rows(node: Node) -> Iterable[Row]:
    """What ``World.add_references`` asks for: a row for each reference."""
    for one in node.references:
        since = None if one.since is None else micros(one.since)
        textual = noted(one)[0] is not None
        yield node.uid, node.source, one.kind, one.target, one.target_id, one.target_source, since, textual


def change_rows(node: Node) -> Iterable[Row]:
    """What ``World.add_changes`` asks for."""
    return ((node.uid, micros(one.at), one.kind, one.after) for one in node.changes if one.kind in DATING)


def _trailers(node: Node) -> Iterable[Trailer]:
    for one in node.references:
        if one.kind is ReferenceKind.TRAILER:
            yield Trailer(one.target, None if one.since is None else micros(one.since), noted(one)[1])


def _origin(stored: str | Origin) -> Origin:
    if isinstance(stored, str):
        source, kind, *rest = orjson.loads(stored)
        return Origin(source, _KINDS[kind], *rest)
    return stored


def _labels(stored: str | _Labels | None) -> _Labels:
    return tuple(map(intern, orjson.loads(stored))) if isinstance(stored, str) else stored or ()


def _fields(stored: str | _Fields | None) -> _Fields:
    if isinstance(stored, str):
        return tuple(FieldValue(*one) for one in orjson.loads(stored))
    return stored or ()
