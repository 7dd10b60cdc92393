"""Statements are compiled once for all stores of a test run: a test opens many, and each would compile them anew."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, Engine, event
from sqlalchemy.util import LRUCache

_COMPILED: LRUCache[Any, Any] = LRUCache(4000)
_DIALECTS: dict[tuple[str, str, Any], Any] = {}


def share() -> None:
    """Every connection that is made from now on knows the statements that another one of its sort compiled."""
    event.listen(Engine, "engine_connect", _share)


def _share(connection: Connection) -> None:
    dialect: Any = connection.dialect
    sort = (dialect.name, dialect.driver, dialect._on_connect_isolation_level)
    connection.dialect = _DIALECTS.setdefault(sort, dialect)  # a statement is compiled for a dialect, by identity
    connection.execution_options(compiled_cache=_COMPILED)
