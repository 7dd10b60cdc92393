"""A database copied into another, of the same kind or the other: every row of every table, compared before it holds."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from hashlib import blake2b
from itertools import islice
from typing import Any

from sqlalchemy import Boolean, Connection, Float, Integer, Table, cast, func, select, text

from okrsync.errors import StoreError, UsageError
from okrsync.store import tables as t
from okrsync.store.bulk import BATCH, insert_rows, raw
from okrsync.store.check import sequences
from okrsync.store.database import Store

CACHE_KIB = 65_536  # of an SQLite database that is being filled: its indexes grow at every place at once

Tell = Callable[[str, int], None]
"""Told of a table, and how many of its rows are copied so far."""


@dataclass(frozen=True, slots=True)
class Digest:
    """What a table holds, in whatever order: two tables of the same digest hold the same rows."""

    rows: int = 0
    total: int = 0  # of the digests of the rows, modulo 2 to the power of 128

    def __str__(self) -> str:
        return f"{self.total:032x}"

    def with_rows(self, rows: Sequence[tuple[Any, ...]]) -> Digest:
        total = sum(int.from_bytes(blake2b(repr(row).encode(), digest_size=16).digest()) for row in rows)
        return Digest(self.rows + len(rows), (self.total + total) % (1 << 128))


def copy(source: Store, target: Store, tell: Tell = lambda *_: None) -> dict[str, Digest]:
    """``target`` holds what ``source`` held at one moment, of each table the same digest; or nothing, where an error or
    the end of the process came before that.

    Both hold this program's schema. UsageError where the target holds something already; StoreError where a table is
    not the same on the other side.
    """
    digests: dict[str, Digest] = {}
    with source.read() as reader, target.begin() as writer:
        refuse_content(writer, target.name)
        if writer.dialect.name == "sqlite":
            writer.exec_driver_sql(f"PRAGMA cache_size = -{CACHE_KIB}")
        for table in t.metadata.sorted_tables:
            digests[table.name] = _copied(reader, writer, table, tell)
        for name, digest in digests.items():
            if (there := _digest(writer, t.metadata.tables[name])) != digest:
                raise StoreError(
                    f"the copy in {target.name} was undone: its table {name} would not be the same "
                    f"({digest.rows} rows, digest {digest}; there {there.rows}, {there})"
                )
        if writer.dialect.name == "postgresql":
            advance(writer, t.metadata.sorted_tables)
            writer.execute(text("ANALYZE"))
    return digests


def refuse_content(tx: Connection, name: str) -> None:
    """UsageError where one of our tables holds a row."""
    for table in t.metadata.sorted_tables:
        if tx.execute(select(1).select_from(table).limit(1)).first():
            raise UsageError(f"the database {name} holds data already (table {table.name}); give an empty one")


def _copied(reader: Connection, writer: Connection, table: Table, tell: Tell) -> Digest:
    names = tuple(column.name for column in table.columns)
    digest = Digest()
    for rows in batches(reader, table):
        insert_rows(writer, table, names, rows)
        digest = digest.with_rows(rows)
        tell(table.name, digest.rows)
    return digest


def _digest(tx: Connection, table: Table) -> Digest:
    digest = Digest()
    for rows in batches(tx, table):
        digest = digest.with_rows(rows)
    return digest


def batches(tx: Connection, table: Table) -> Iterator[list[tuple[Any, ...]]]:
    """The rows as both kinds of database take them: truth as 0 and 1, and no zero that is negative."""
    rows = raw(tx, select(*(_alike(column) for column in table.columns)))
    while batch := list(islice(rows, BATCH)):
        yield batch


def _alike(column: Any) -> Any:
    match column.type:
        case Boolean():
            return cast(column, Integer)
        case Float():
            return column + 0.0
    return column


def advance(tx: Connection, tables: Iterable[Table]) -> None:
    """The next number that PostgreSQL gives a row of these tables is above all that are there."""
    for column, name in sequences(tx, tables):
        newest = tx.scalar(select(func.max(column)))
        how = {"name": name, "newest": newest or 1, "given": newest is not None}
        tx.execute(text("SELECT setval(:name, :newest, :given)"), how)
