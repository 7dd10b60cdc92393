"""Whether the content of a database is sound."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from sqlalchemy import Column, ColumnElement, Connection, ForeignKey, Table, and_, exists, func, not_, select, text

from okrsync.model import WriteState
from okrsync.store import migrate
from okrsync.store import tables as t

SENT = (WriteState.INTENDED.value, WriteState.UNKNOWN.value)


def problems(tx: Connection) -> list[str]:
    """Everything that is wrong, a line each; empty where all is well."""
    return [*_damage(tx), *migrate.differences(tx), *content(tx)]


def content(tx: Connection) -> Iterator[str]:
    """Rows that cannot be, whatever the schema, a line each."""
    yield from _dangling(tx)
    yield from _contradictions(tx)
    yield from _numbers(tx)


def _damage(tx: Connection) -> Iterator[str]:
    if tx.dialect.name == "sqlite":
        yield from (f"damaged: {line}" for line in tx.scalars(text("PRAGMA integrity_check")) if line != "ok")


def _dangling(tx: Connection) -> Iterator[str]:
    """Rows that name a row that is not there; SQLite looks only when it writes."""
    for table in t.metadata.sorted_tables:
        for key in sorted(table.foreign_keys, key=lambda key: key.parent.name):
            if count := tx.scalar(select(func.count()).select_from(table).where(_names_nothing(key))):
                yield f"{table.name}.{key.parent.name}: {count} rows name no {key.column.table.name}"


def _names_nothing(key: ForeignKey) -> ColumnElement[bool]:
    target = key.column.table.alias("target")
    return and_(key.parent.is_not(None), ~exists().where(target.c[key.column.name] == key.parent))


def _contradictions(tx: Connection) -> Iterator[str]:
    """Rows that the functions of this package never leave behind."""
    gone = select(t.item.c.uid).where(not_(t.LIVE))
    for table, condition, what in (
        (t.verdict, t.verdict.c.uid.in_(gone), "verdicts on items that do not count"),
        (t.link, and_(t.link.c.uid.in_(gone), t.link.c.valid_to.is_(None)), "open links of items that do not count"),
        (t.link, t.link.c.valid_to < t.link.c.valid_from, "links that end before they begin"),
        (
            t.write,
            and_(t.write.c.state.in_(SENT), t.write.c.intent_at.is_(None)),
            "writes on their way of which nobody knows since when",
        ),
    ):
        if count := tx.scalar(select(func.count()).select_from(table).where(condition)):
            yield f"{table.name}: {count} {what}"


def _numbers(tx: Connection) -> Iterator[str]:
    """Numbers that PostgreSQL is about to give a second time, as after rows were put in by hand."""
    if tx.dialect.name == "postgresql":
        for column, name in sequences(tx, t.metadata.sorted_tables):
            last, given = tx.execute(text(f"SELECT last_value, is_called FROM {name}")).one()  # noqa: S608
            newest = tx.scalar(select(func.max(column))) or 0
            if newest >= last + given:
                yield f"{column}: the next number is {last + given}, and {newest} is there already"


def sequences(tx: Connection, tables: Iterable[Table]) -> Iterator[tuple[Column[int], str]]:
    """Columns that PostgreSQL numbers, each with the sequence from which it does."""
    for table in tables:
        column = None if table is t.workload else table.autoincrement_column  # which numbers its parts itself
        of = text("SELECT pg_get_serial_sequence(:table, :column)")
        if column is not None and (name := tx.scalar(of, {"table": table.name, "column": column.name})):
            yield column, name
