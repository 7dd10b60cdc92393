# ruff: noqa: ARG002 (SQLAlchemy calls every type with the dialect)
"""The kinds of columns: what ``codec`` turns a value into, told to SQLAlchemy."""

from __future__ import annotations

from datetime import date, datetime
from typing import cast

from sqlalchemy import BigInteger, Dialect, Integer, String, Text
from sqlalchemy.types import TypeDecorator, TypeEngine

from okrsync.model import Json
from okrsync.store.codec import dumps, loads, maybe_clean, maybe_instant, maybe_micros


class Id(TypeDecorator[int]):
    """A 64-bit number that SQLite may hand out by itself."""

    impl = BigInteger
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[int]:
        return dialect.type_descriptor(Integer() if dialect.name == "sqlite" else BigInteger())


class Instant(TypeDecorator[datetime]):
    """An aware instant in UTC, kept as microseconds since 1970."""

    impl = BigInteger
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> int | None:
        return maybe_micros(value)

    def process_result_value(self, value: int | None, dialect: Dialect) -> datetime | None:
        return maybe_instant(value)


class Day(TypeDecorator[date]):
    """A calendar day, kept as YYYY-MM-DD."""

    impl = String
    cache_ok = True

    def process_bind_param(self, value: date | None, dialect: Dialect) -> str | None:
        return None if value is None else value.isoformat()

    def process_result_value(self, value: str | None, dialect: Dialect) -> date | None:
        return None if value is None else date.fromisoformat(value)


class CleanText(TypeDecorator[str]):
    """Text, cleaned on its way in."""

    impl = String
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:
        return maybe_clean(value)


class Document(TypeDecorator[Json]):
    """A JSON value as text. JSON null is kept as ``null``, so that a column can tell it from nothing at all."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: Json, dialect: Dialect) -> str:
        return dumps(value)

    def process_result_value(self, value: str | None, dialect: Dialect) -> Json:
        return None if value is None else cast("Json", loads(value))
