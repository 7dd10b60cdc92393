"""``db copy``: a database in another, of the same kind or the other, equal row by row; or nothing of it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path

import former_schemas as former
import pytest
from sqlalchemy import insert, text

from okrsync.errors import Busy, StoreError, UsageError
from okrsync.store import Store, copying, database
from okrsync.store import tables as t
from okrsync.store.bulk import insert_rows


@pytest.fixture
def full(empty_url: str) -> str:
    """The address of a database in which every table is filled."""
    former.make(empty_url, database.HEAD)
    return empty_url


@pytest.fixture(params=["sqlite", "postgresql"])
def target_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path}/target.db"
    return str(request.getfixturevalue("postgresql").empty())


def test_everything_is_there_as_it_was(full: str, target_url: str) -> None:
    told: dict[str, int] = {}
    with closing(Store.open(full)) as source, closing(Store.open(target_url)) as target:
        digests = copying.copy(source, target, told.__setitem__)
        assert target.check() == []
        with source.read() as one, target.begin() as other:
            assert former.in_order(former.held(other)) == former.in_order(former.held(one))
            key = other.execute(insert(t.run).values(at=former.AT_TIME, by="x", kind="plan")).inserted_primary_key
            assert key is not None
            assert key[0] == 7, "numbers go on above those that came"
    assert {name: digest.rows for name, digest in digests.items()} == {
        name: len(rows) for name, rows in former.NOW.items()
    }
    assert told == {name: len(rows) for name, rows in former.NOW.items()}


def test_a_table_that_is_another_there_undoes_the_copy(full: str, target_url: str, monkeypatch: pytest.MonkeyPatch):
    """As where a database stores a value otherwise than it was given."""

    def lossy(tx, table, columns, rows):
        if table.name == "body":
            rows = [(uid, said.replace("'", "")) for uid, said in rows]
        insert_rows(tx, table, columns, rows)

    monkeypatch.setattr(copying, "insert_rows", lossy)
    with closing(Store.open(full)) as source, closing(Store.open(target_url)) as target:
        with pytest.raises(StoreError, match=r"was undone: its table body would not be the same \(2 rows, digest "):
            copying.copy(source, target)
        with target.read() as tx:
            assert not any(former.held(tx).values())


def test_only_an_empty_database_takes_a_copy(full: str, target_url: str) -> None:
    former.make(target_url, database.HEAD)
    with (
        closing(Store.open(full)) as source,
        closing(Store.open(target_url)) as target,
        pytest.raises(UsageError, match=r"holds data already \(table alert\); give an empty one"),
    ):
        copying.copy(source, target)


def test_zeros_that_are_negative_and_long_tables_are_equal(postgresql, tmp_path: Path) -> None:
    """More rows than go at once, and the one number that SQLite keeps otherwise."""
    there = postgresql.migrated()
    with closing(Store.open(there)) as source, closing(Store.open(f"sqlite:///{tmp_path}/target.db")) as target:
        with source.begin() as tx:
            rows = [(f"KR-{n}", former.AT, -0.0, "ana", "") for n in range(5001)]
            insert_rows(tx, t.reading, ("key_result", "at", "value", "by", "why"), rows)
        assert copying.copy(source, target)["reading"].rows == 5001
        assert target.check() == []


KILLED = """
import os, signal, sys
from okrsync.store import Store, copying
def tell(table, rows):
    if table == sys.argv[3]:
        os.kill(os.getpid(), signal.SIGKILL)
copying.copy(Store.open(sys.argv[1]), Store.open(sys.argv[2]), tell)
"""


OTHERS = text("SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND xact_start IS NOT NULL")


@pytest.mark.parametrize("table", ["run", "reference"])
def test_a_copy_that_was_killed_left_nothing_and_is_made_again(table: str, full: str, target_url: str) -> None:
    root = Path(database.__file__).parents[2]
    killed = subprocess.run([sys.executable, "-c", KILLED, full, target_url, table], cwd=root)
    assert killed.returncode == -signal.SIGKILL
    with closing(Store.open(full)) as source, closing(Store.open(target_url)) as target:
        for _ in range(100):  # PostgreSQL notices the end of a client in its own time
            with target.read() as tx:
                assert not any(former.held(tx).values())
                if tx.dialect.name == "sqlite" or tx.scalar(OTHERS) == 1:
                    break
            time.sleep(0.05)
        copying.copy(source, target)
        assert target.check() == []


def test_of_two_okrsyncs_the_second_makes_no_copy(full: str) -> None:
    """What ``okrsync db copy`` takes before anything else."""
    with (
        closing(Store.open(full)) as source,
        closing(Store.open(full)) as other,
        source.lock(),
        pytest.raises(Busy, match=rf"pid {os.getpid()}"),
        other.lock(),
    ):
        pass
