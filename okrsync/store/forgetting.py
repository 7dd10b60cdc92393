"""A person's data is removed: every name of theirs is replaced by an alias, wherever it is stored, and in what comes
from then on (``okrsync.store.veil``).

What counts stays: the items, what was done and when, and that all of it was one person's. Keys, ids and addresses stay
too, for they are how the tools name things.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeAlias

from sqlalchemy import Connection, Table, select

from okrsync.errors import UsageError
from okrsync.store import codec, lock, veil
from okrsync.store import tables as t
from okrsync.store.bulk import raw, update_rows
from okrsync.store.dirty import mark_dirty
from okrsync.store.veil import Veil

PEOPLE: Mapping[str, Collection[str]] = {
    "item": ("assignee", "author"),
    "override": ("by", "removed_by"),
    "confirmation": ("by",),
    "reading": ("by",),
    "run": ("by",),
    "write": ("approved_by",),
}
"""Table → the columns of which a value names a person."""

TEXTS: Mapping[str, Collection[str]] = {
    "source": ("error",),
    "scope": ("name", "error"),
    "item": ("title", "branch", "base"),
    "body": ("text",),
    "reference": ("evidence",),
    "change": ("before", "after"),
    "link": ("via",),
    "override": ("why",),
    "confirmation": ("why",),
    "reading": ("why",),
    "write": ("error",),
}
"""Table → the columns of which a value may hold a name among other words."""

DOCUMENTS: Mapping[str, Collection[str]] = {
    "item": ("labels", "fields"),
    "goal": ("document",),
    "revision": ("document",),
    "write": ("before", "after", "why", "receipt"),
    "known": ("value", "ours"),
    "alert": ("document",),
    "meta": ("value",),
}
"""Table → the columns that hold JSON, in whose texts a name may stand."""

JUDGED = ("item", "body", "reference", "change")
"""The tables by which links are judged."""

PIECE = 5000
"""So many rows are written at once."""

Cell: TypeAlias = Callable[[Any], Any]


@dataclass(frozen=True, slots=True)
class Forgotten:
    """The alias, and in how many rows of each table a name was replaced."""

    alias: str
    rows: Mapping[str, int]


def forget(tx: Connection, names: Collection[str], logins: Collection[str], now: datetime) -> Forgotten:
    """None of these names, all of one person, is stored any more, nor will be: an alias stands in their place.

    A name is replaced wherever it stands by itself; of ``logins``, which may be ordinary words, only what is the whole
    value of a field, or a mention. A page that is being stored is waited for, and the next one holds the alias already.
    UsageError for a name that could be anything.
    """
    for name in (*names, *logins):
        if not any(len(word) > 1 for word in veil.words_of(name)):
            raise UsageError(f"{name!r} is no name that could be found: it needs a word of two letters or more")
    lock.alone(tx, t.forgotten, (t.metadata.tables[name] for name in {**PEOPLE, **TEXTS, **DOCUMENTS}))
    alias = veil.remember(tx, names, logins, now)
    veiled = veil.stored(tx)
    rows: dict[str, int] = {}
    for table in t.metadata.sorted_tables:
        columns = _cells(table, veiled)
        if columns and (count := _replace(tx, table, columns)):
            rows[table.name] = count
    return Forgotten(alias, rows)


def _cells(table: Table, veiled: Veil) -> dict[str, Cell]:
    """Column → what becomes of a value of it, in the form of the column."""

    def document(text: str) -> str:
        before = codec.loads(text)
        after = veiled.document(before)
        return text if after == before else codec.dumps(after)

    kinds: tuple[tuple[Mapping[str, Collection[str]], Cell], ...] = (
        (PEOPLE, veiled.person),
        (TEXTS, veiled.text),
        (DOCUMENTS, document),
    )
    wanted = {name: cell for kind, cell in kinds for name in kind.get(table.name, ())}
    return {column.name: wanted[column.name] for column in table.columns if column.name in wanted}


def _replace(tx: Connection, table: Table, cells: Mapping[str, Cell]) -> int:
    """In how many rows of a table a name stood."""
    key = tuple(column.name for column in table.primary_key.columns)
    changed: list[tuple[Any, ...]] = []
    for row in _rows(tx, table, (*cells, *key)):
        before = row[: len(cells)]
        after = tuple(
            None if value is None else cell(value) for cell, value in zip(cells.values(), before, strict=True)
        )
        if after != before:
            changed.append((*after, *row[len(cells) :]))
    for start in range(0, len(changed), PIECE):
        update_rows(tx, table, tuple(cells), key, changed[start : start + PIECE])
    if table.name in JUDGED:
        mark_dirty(tx, {row[len(cells)] for row in changed})
    return len(changed)


def _rows(tx: Connection, table: Table, names: Collection[str]) -> Iterator[tuple[Any, ...]]:
    return (tuple(row) for row in raw(tx, select(*(table.c[name] for name in names))))
