"""A mark changes whenever something was written, by whomever, and stays otherwise."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from postgresql_server import Server
from sqlalchemy import create_engine, text
from sqlalchemy.pool import NullPool

from okrsync.errors import StoreError
from okrsync.store import Store, meta
from okrsync.store.stamp import Stamps


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with closing(Store.open(f"sqlite:///{tmp_path}/okr #1?.db")) as found:
        yield found


def write(store: Store, value: str) -> None:
    with store.begin() as tx:
        meta.set_meta(tx, "test", value)


def test_sqlite(store: Store) -> None:
    marks = Stamps(store)
    first = marks.now()
    assert marks.now() == first
    with store.read() as tx:
        assert not tx.scalar(text("SELECT count(*) FROM meta WHERE key = 'test'"))
    assert marks.now() == first, "reading changes nothing"
    write(store, "a")
    second = marks.now()
    assert second != first
    assert store.path is not None
    with closing(sqlite3.connect(store.path)) as other, other:
        other.execute("UPDATE meta SET value = 'b'")
    assert marks.now() not in (first, second), "nor does it matter who wrote"


def test_what_is_not_committed_is_not_there(store: Store) -> None:
    marks = Stamps(store)
    first = marks.now()
    with store.trial() as tx:
        meta.set_meta(tx, "test", "a")
        assert marks.now() == first
    assert marks.now() == first


def test_any_thread_asks(store: Store) -> None:
    marks, wrong, stop = Stamps(store), [], threading.Event()

    def ask() -> None:
        try:
            while not stop.is_set():
                marks.now()
        except Exception as fault:
            wrong.append(fault)

    threads = [threading.Thread(target=ask) for _ in range(6)]
    for one in threads:
        one.start()
    seen = {marks.now()}
    for value in "abcde":
        write(store, value)
        seen.add(marks.now())
    stop.set()
    for one in threads:
        one.join()
    assert not wrong
    assert len(seen) == 6


def test_a_database_that_is_away_is_told_in_our_words_and_asked_again(store: Store) -> None:
    marks = Stamps(store)
    assert store.path is not None
    away = store.path.with_name("away.db")
    store.close()
    store.path.rename(away)
    with pytest.raises(StoreError, match="cannot be opened"):
        marks.now()
    away.rename(store.path)
    first = marks.now()
    assert marks.now() == first
    marks.close()
    marks.close()
    with pytest.raises(StoreError, match="ending"):
        marks.now()


def test_postgresql(postgresql: Server) -> None:
    """Also a transaction that began before another one, and ended after it."""
    store = Store.open(postgresql.migrated())
    try:
        marks = Stamps(store)
        write(store, "a")
        first = marks.now()
        assert marks.now() == first
        engine = create_engine(store._engine.url, poolclass=NullPool)
        with engine.connect() as long:
            long.execute(text("UPDATE meta SET value = 'long' WHERE key = 'test'"))
            with engine.begin() as short:
                short.execute(text("CREATE TABLE other (a int)"))
            between = marks.now()
            assert between != first
            long.commit()
        assert marks.now() != between
    finally:
        store.close()
