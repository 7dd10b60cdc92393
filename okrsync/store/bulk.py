"""Many rows at once: statements compiled once per dialect and handed to the driver with plain tuples.

SQLAlchemy writes the SQL; the rows pass it by, because turning a tuple into a dictionary and back costs more than the
insert itself. Values are therefore in the form of the columns already (``codec``), and clean.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import cache
from itertools import chain
from typing import Any, TypeAlias

from sqlalchemy import (
    ARRAY,
    BindParameter,
    ColumnElement,
    Connection,
    Dialect,
    Row,
    Select,
    String,
    Table,
    Text,
    UniqueConstraint,
    and_,
    bindparam,
    delete,
    false,
    insert,
    update,
)
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.dml import UpdateBase
from sqlalchemy.sql.functions import FunctionElement
from sqlalchemy.types import TypeDecorator, TypeEngine, UserDefinedType

from okrsync.store.codec import clean, dumps

BATCH = 500
"""So many rows are taken from the driver at once: few enough that they are still in the processor's cache when they are
looked at."""

WIDE = 32
"""So many rows are inserted by one statement of SQLite, which has its price whatever it inserts."""

AnyRow: TypeAlias = "Row[*tuple[Any, ...]]"
AnySelect: TypeAlias = "Select[*tuple[Any, ...]]"
Names = tuple[str, ...]
Tuples = Sequence[tuple[Any, ...]]

# ── writing ──────────────────────────────────────────────────────────────────────────────────────────────────────────


def insert_rows(tx: Connection, table: Table, columns: Names, rows: Tuples) -> None:
    """Insert these rows; ``columns`` names what the tuples hold, in that order."""
    if not rows:
        return
    if tx.dialect.name == "postgresql":
        _copy(tx, table, columns, rows)
    else:
        whole = len(rows) - len(rows) % WIDE
        wide = [tuple(chain.from_iterable(rows[start : start + WIDE])) for start in range(0, whole, WIDE)]
        for many, some in ((WIDE, wide), (1, list(rows[whole:]))):
            if some:
                tx.exec_driver_sql(_insert(_dialect(tx.dialect.name), table, columns, many), some)


def _copy(tx: Connection, table: Table, columns: Names, rows: Tuples) -> None:
    """The way by which PostgreSQL takes rows ten times faster than by statements."""
    statement = f"COPY {table.name} ({', '.join(columns)}) FROM STDIN"
    with _told(tx, statement), tx.connection.cursor() as cursor, cursor.copy(statement) as copy:  # type: ignore[attr-defined]
        for row in rows:
            copy.write_row(row)


def upsert_rows(tx: Connection, table: Table, columns: Names, rows: Tuples) -> None:
    """Insert these rows, or make those that share its unique constraint (its primary key, where it has none) equal."""
    if rows:
        tx.exec_driver_sql(_upsert(_dialect(tx.dialect.name), table, columns), list(rows))


def update_rows(tx: Connection, table: Table, columns: Names, key: Names, rows: Tuples) -> None:
    """Set ``columns`` where ``key`` is; each tuple holds the new values and then the key."""
    if rows:
        tx.exec_driver_sql(_update(_dialect(tx.dialect.name), table, columns, key), list(rows))


def delete_rows(tx: Connection, table: Table, key: Names, rows: Tuples) -> None:
    """Delete the rows that these keys name."""
    if rows:
        tx.exec_driver_sql(_delete(_dialect(tx.dialect.name), table, key), list(rows))


@cache
def _dialect(name: str) -> Dialect:
    if name == "sqlite":
        return sqlite.dialect(paramstyle="qmark")
    return postgresql.psycopg.dialect(paramstyle="format")  # type: ignore[no-untyped-call]


@cache
def _insert(dialect: Dialect, table: Table, columns: Names, rows: int) -> str:
    """For so many rows."""
    statement = _text(dialect, insert(table).values({name: bindparam(name) for name in columns}), columns)
    head, values, row = statement.partition(" VALUES ")
    return head + values + ", ".join([row] * rows)


@cache
def _upsert(dialect: Dialect, table: Table, columns: Names) -> str:
    insert_ = sqlite.insert if dialect.name == "sqlite" else postgresql.insert
    unique = [constraint for constraint in table.constraints if isinstance(constraint, UniqueConstraint)]
    key = [column.name for column in (unique[0] if unique else table.primary_key).columns]
    statement = insert_(table).values({name: bindparam(name) for name in columns})
    rest = {name: statement.excluded[name] for name in columns if name not in key}
    return _text(dialect, statement.on_conflict_do_update(index_elements=key, set_=rest), columns)


@cache
def _update(dialect: Dialect, table: Table, columns: Names, key: Names) -> str:
    where = and_(*(table.c[name] == bindparam(f"old_{name}") for name in key))
    statement = update(table).where(where).values({name: bindparam(name) for name in columns})
    return _text(dialect, statement, (*columns, *(f"old_{name}" for name in key)))


@cache
def _delete(dialect: Dialect, table: Table, key: Names) -> str:
    statement = delete(table).where(and_(*(table.c[name] == bindparam(name) for name in key)))
    return _text(dialect, statement, key)


def _text(dialect: Dialect, statement: UpdateBase, names: Names) -> str:
    """The SQL, whose parameters stand in the order of ``names``; SQLAlchemy puts them in the order of the table."""
    compiled = statement.compile(dialect=dialect)
    order = tuple(compiled.positiontup or ())
    if order != names:
        raise AssertionError(f"columns are to be named in the order of the table: {order}, not {names}")
    return str(compiled)


# ── reading ──────────────────────────────────────────────────────────────────────────────────────────────────────────


def stream(tx: Connection, statement: AnySelect, parameters: Mapping[str, Any] | None = None) -> Iterator[AnyRow]:
    """The rows of a statement as they come, never all of them in memory; left early, the rest is given up."""
    with tx.execute(statement, parameters, execution_options={"yield_per": BATCH}) as rows:
        yield from rows


def raw(
    tx: Connection, statement: AnySelect, parameters: Mapping[str, Any] | None = None, *, few: bool = False
) -> Iterator[tuple[Any, ...]]:
    """The rows of a statement as the driver gives them: instants in microseconds, truth as the database keeps it.

    A million of them cost a third of what :func:`stream` takes. Left early, the rest is given up. ``few`` may all be in
    memory: PostgreSQL is asked once for them, and not five times.
    """
    streamed = not few and tx.dialect.name == "postgresql"  # SQLite never gives more rows than it is asked for
    with tx.execute(statement, parameters, execution_options={"stream_results": streamed}) as result:
        while rows := result.cursor_strategy.fetchmany(result, result.cursor, BATCH):
            yield from rows


def in_columns(rows: Iterable[tuple[Any, ...]], width: int) -> list[list[Any]]:
    """What stands in each of so many columns. No row is kept: a hundred thousand tuples cost the collector of garbage
    more than it takes to read them."""
    values = list(chain.from_iterable(rows))
    return [values[column::width] for column in range(width)]


@contextmanager
def _told(tx: Connection, statement: str) -> Iterator[None]:
    """What the driver raises is raised as SQLAlchemy would have."""
    known: type[Exception] = tx.dialect.loaded_dbapi.Error
    try:
        yield
    except known as fault:
        raise DBAPIError.instance(statement, None, fault, known, dialect=tx.dialect) from fault


class Groups:
    """Rows that come by growing uid, handed out one uid at a time."""

    def __init__(self, rows: Iterator[AnyRow]) -> None:
        self._rows = rows
        self._next = next(rows, None)

    def take(self, uid: int) -> list[AnyRow]:
        while self._next is not None and self._next[0] < uid:
            self._next = next(self._rows, None)
        group: list[AnyRow] = []
        while self._next is not None and self._next[0] == uid:
            group.append(self._next)
            self._next = next(self._rows, None)
        return group


def among(
    column: ColumnElement[Any], values: Collection[str] | Collection[int] | BindParameter[Any]
) -> ColumnElement[bool]:
    """``column IN values`` by one parameter, however many values there are."""
    if not isinstance(values, BindParameter):
        if not values:
            return false()  # an empty array says nothing of its type
        numbers = isinstance(next(iter(values)), int)
        values = bindparam(None, list(values), type_=Many(numbers=numbers))
    return _Among(column, values)


class Many(TypeDecorator[list[Any]]):
    """Many values in one parameter: an array, or where there is none, its JSON."""

    impl = Text
    cache_ok = True

    def __init__(self, *, numbers: bool) -> None:
        super().__init__()
        self.numbers = numbers

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        if dialect.name == "sqlite":
            return dialect.type_descriptor(Text())
        return dialect.type_descriptor(_Numbers() if self.numbers else ARRAY(String()))

    def process_bind_param(self, value: list[Any] | None, dialect: Dialect) -> Any:
        if dialect.name == "sqlite":
            return dumps(value)
        if self.numbers:
            return f"{{{','.join(map(int.__repr__, value or ()))}}}"  # which refuses whatever is no integer
        return [clean(text) for text in value or ()]


class _Numbers(UserDefinedType[str]):
    """An array as PostgreSQL reads it, which knows by the column what it holds: the driver takes ten times as long to
    write one."""

    cache_ok = True

    def get_col_spec(self, **_: Any) -> str:
        return "BIGINT[]"


class _Among(FunctionElement[bool]):
    """Without the type of a boolean, or SQLAlchemy would write ``= 1`` after it, and SQLite would use no index."""

    name = "among"
    inherit_cache = True


@compiles(_Among, "sqlite")
def _among_sqlite(element: _Among, compiler: Any, **options: Any) -> str:
    column, values = (compiler.process(clause, **options) for clause in element.clauses)
    return f"{column} IN (SELECT value FROM json_each({values}))"  # noqa: S608 (both are compiled by SQLAlchemy)


@compiles(_Among, "postgresql")
def _among_postgresql(element: _Among, compiler: Any, **options: Any) -> str:
    column, values = (compiler.process(clause, **options) for clause in element.clauses)
    return f"{column} = ANY({values})"


class packed(FunctionElement[str]):  # noqa: N801 (written as any function of SQL)
    """Several columns as one, the JSON array of their values: each column that the driver hands over has its price, and
    what is equal in all of them is told by one comparison."""

    name = "packed"
    type = Text()
    inherit_cache = True


@compiles(packed, "sqlite")
def _packed_sqlite(element: packed, compiler: Any, **options: Any) -> str:
    return f"json_array({compiler.process(element.clauses, **options)})"


@compiles(packed, "postgresql")
def _packed_postgresql(element: packed, compiler: Any, **options: Any) -> str:
    return f"CAST(json_build_array({compiler.process(element.clauses, **options)}) AS TEXT)"
