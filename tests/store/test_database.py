"""The database itself: made, upgraded, refused, locked, and its faults in words."""

from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
import sys
import threading
import time
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from looking import whole
from running import LATE, until
from sqlalchemy import text

from okrsync.errors import Busy, ConfigError, StoreError
from okrsync.model import (
    Change,
    ChangeKind,
    Cursor,
    Period,
    Reference,
    ReferenceKind,
    RuleName,
    Ruling,
    VerdictKind,
)
from okrsync.store import Store, copying, database, graph, lock, migrate, sources
from okrsync.store import tables as t
from okrsync.store.codec import EPOCH

T0 = datetime(2026, 1, 5, tzinfo=UTC)
SOON = timedelta(milliseconds=50)


def test_an_empty_database_gets_the_schema_that_the_tables_declare(empty_url):
    store = Store.open(empty_url)
    assert store.revision() == database.HEAD == migrate.head()
    assert store.check() == []
    store.close()
    again = Store.open(empty_url)
    assert again.check() == []
    again.close()


def test_a_database_of_a_newer_program_is_refused(url):
    store = Store.open(url)
    with store.begin() as tx:
        tx.execute(text("UPDATE schema_version SET version_num = '9999'"))
    store.close()
    newer = rf"schema 9999 is newer than this program's {database.HEAD}; upgrade okrsync"
    with pytest.raises(ConfigError, match=newer) as caught:
        Store.open(url)
    assert caught.value.exit_code == 78


def test_the_tables_of_another_program_are_left_alone(empty_url):
    from sqlalchemy import create_engine

    engine = create_engine(empty_url)
    with engine.begin() as connection:
        connection.execute(text("CREATE TABLE theirs (id integer)"))
    engine.dispose()
    with pytest.raises(StoreError, match=r"tables of another program \(theirs\); give okrsync a database of its own"):
        Store.open(empty_url)


def test_an_upgrade_that_fails_leaves_nothing_behind(empty_url, monkeypatch):
    def halfway(tx):
        tx.execute(text("CREATE TABLE half (id integer)"))
        raise RuntimeError

    with monkeypatch.context() as patched:
        patched.setattr(migrate, "upgrade", halfway)
        with pytest.raises(RuntimeError):
            Store.open(empty_url)
    store = Store.open(empty_url)
    assert store.check() == []
    store.close()


def test_an_older_schema_is_upgraded_at_once_only_in_sqlite(url, monkeypatch):
    Store.open(url).close()
    upgraded = []
    now = database.HEAD
    monkeypatch.setattr(database, "HEAD", "9998")
    monkeypatch.setattr(migrate, "upgrade", lambda tx: upgraded.append(True))
    if url.startswith("sqlite"):
        Store.open(url).close()
        assert upgraded
    else:
        with pytest.raises(StoreError, match="okrsync db upgrade") as caught:
            Store.open(url)
        assert f"has schema {now}, this program needs 9998" in str(caught.value)
        assert not upgraded


FIRST = """
INSERT INTO source (id, kind, state, error) VALUES ('jira', 'jira', 'ok', '');
INSERT INTO scope (source, remote_id, key, name, state, error, cursor)
    VALUES ('jira', '10000', 'SHOP', 'Shop', 'ok', '', 5), ('jira', '20000', 'PAY', 'Pay', 'dropped', '', NULL);
INSERT INTO item (uid, source, remote_id, key, folded, kind, title, url, type, state, status, scope, project,
        created_at, author, flagged, updated_at, counted, readable, fingerprint)
    VALUES (7, 'jira', '1', 'A-1', 'a-1', 'ticket', 'One', '', '', 'todo', '', '10000', 'SHOP', 0, '', false, 0, true,
        true, 0),
    (8, 'jira', '2', 'A-2', 'a-2', 'ticket', 'Two', '', '', 'todo', '', '10000', 'SHOP', 0, '', false, 0, true,
        true, 0);
INSERT INTO reference (uid, n, source, kind, target, target_id, folded, evidence, since)
    VALUES (8, 0, 'jira', 'parent', 'A-1', '1', 'a-1', 'parent', 3),
    (8, 1, 'jira', 'epic', 'E-1', NULL, 'e-1', '', NULL);
INSERT INTO alias (uid, folded, source, key) VALUES (7, 'old-1', 'jira', 'OLD-1');
INSERT INTO change (uid, n, at, kind, before, after) VALUES (7, 0, 4, 'label_added', NULL, 'okr:KR-1')
"""


def _number(tx):
    """Rows that were put in by hand are counted."""
    if tx.dialect.name == "postgresql":
        copying.advance(tx, [t.item])


def test_the_first_schema_is_upgraded_with_all_that_it_holds(empty_url):
    from alembic import command
    from sqlalchemy import create_engine

    engine = create_engine(empty_url)
    with engine.begin() as tx:
        command.upgrade(migrate.config(tx), "0001")
        for statement in FIRST.split(";"):
            tx.execute(text(statement))
        _number(tx)
    engine.dispose()
    if not empty_url.startswith("sqlite"):
        with pytest.raises(StoreError, match="has schema 0001, this program needs"):
            Store.open(empty_url)
    store = Store.open(empty_url, upgrade=True)
    assert store.check() == []
    with store.begin() as tx:
        child, parent = sorted(whole(tx, everything=True).nodes, key=lambda node: node.key, reverse=True)
        assert [(one.kind, one.target, one.target_id, one.evidence) for one in child.references] == [
            (ReferenceKind.PARENT, "A-1", "1", "parent"),
            (ReferenceKind.EPIC, "E-1", None, ""),
        ]
        assert (parent.title, parent.aliases) == ("One", ("OLD-1",))
        moved = EPOCH + timedelta(microseconds=4)
        assert parent.changes == (Change(moved, ChangeKind.LABEL_ADDED, None, "okr:KR-1", observed=False),)
        assert [one.id for one in sources.scopes(tx, "jira")] == ["10000"]
        assert sources.cursors(tx, "jira") == {"10000": Cursor(EPOCH + timedelta(microseconds=5))}
        graph.save_read(tx, [(8, [Reference(ReferenceKind.MENTIONS, "A-1")])])
        assert len(whole(tx, everything=True).nodes[1].references) == 3
    store.close()


JUDGED = """
INSERT INTO verdict (uid, kind, details) VALUES (7, 'traced', NULL), (8, 'traced', '{}');
INSERT INTO link (uid, target, rule, valid_from, valid_to, evidence, path)
    VALUES (7, 'KR-1', 'label', 3, 5, '[]', '[]'), (7, 'KR-2', 'label', 5, NULL, '[]', '[]'),
    (8, 'KR-1', 'parent', 4, 9, '[]', '[]');
INSERT INTO meta (key, value) VALUES ('ruleset', '"x"'), ('reading', '"y"')
"""


def test_periods_that_ended_outlive_the_change_to_decisions(empty_url):
    from alembic import command
    from sqlalchemy import create_engine, select

    engine = create_engine(empty_url)
    with engine.begin() as tx:
        for version, statements in (("0001", FIRST), ("0003", JUDGED)):
            command.upgrade(migrate.config(tx), version)
            for statement in statements.split(";"):
                tx.execute(text(statement.replace(":", r"\:")))
        _number(tx)
    engine.dispose()
    store = Store.open(empty_url, upgrade=True)
    assert store.check() == []
    with store.begin() as tx:
        rows = [tuple(row) for row in tx.execute(text("SELECT * FROM link ORDER BY uid"))]
        assert rows == [(7, "KR-1", "label", 3, 5, ""), (8, "KR-1", "parent", 4, 9, "")]
        assert tx.scalar(text("SELECT count(*) FROM verdict")) == 0
        assert graph.get_meta(tx, "ruleset") is None, "everything is judged again"
        assert graph.get_meta(tx, "reading") == "y", "and nothing read again"
        now = Period("KR-2", RuleName.LABEL, 5, None, "okr:KR-2")
        graph.save_rulings(tx, [Ruling(7, VerdictKind.TRACED, None, None, False, (now,))], T0)
        since = select(t.link.c.target, t.link.c.valid_to).where(t.link.c.uid == 7).order_by(t.link.c.target)
        ended = EPOCH + timedelta(microseconds=5)
        assert [tuple(row) for row in tx.execute(since)] == [("KR-1", ended), ("KR-2", None)]
    store.close()


def test_check_tells_what_is_wrong(url):
    store = Store.open(url)
    with store.begin() as tx:
        tx.execute(text("DROP INDEX ix_item_folded"))
        tx.execute(text("INSERT INTO source (id, kind, state, error) VALUES ('jira', 'jira', 'never', '')"))
        tx.execute(
            text(
                "INSERT INTO item (uid, source, remote_id, key, folded, kind, title, url, type, state, status, scope, "
                "project, created_at, author, flagged, branch, base, head, updated_at, counted, readable, deleted_at, "
                "fingerprint) VALUES (7, 'jira', '1', 'A-1', 'a-1', 'ticket', '', '', '', 'todo', '', '', '', 0, '', "
                "false, '', '', '', 0, true, true, 5, 0)"
            )
        )
        tx.execute(text("INSERT INTO verdict (uid, kind, dangling) VALUES (7, 'traced', false)"))
        numbered = tx.dialect.name == "postgresql"
    problems = store.check()
    store.close()
    assert any("ix_item_folded" in problem for problem in problems)
    assert "verdict: 1 verdicts on items that do not count" in problems
    assert ("item.uid: the next number is 1, and 7 is there already" in problems) == numbered
    assert len(problems) == 2 + numbered


def test_check_finds_rows_that_name_nothing(tmp_path):
    url = f"sqlite:///{tmp_path}/okrsync.db"
    Store.open(url).close()
    connection = sqlite3.connect(tmp_path / "okrsync.db")
    connection.execute("INSERT INTO dirty VALUES (99, 1)")
    connection.commit()
    connection.close()
    store = Store.open(url)
    assert store.check() == ["dirty.uid: 1 rows name no item"]
    store.close()


def test_a_read_sees_one_state_whatever_is_written_meanwhile(store):
    with store.read() as reader:
        assert graph.get_meta(reader, "key") is None
        with store.begin() as writer:
            graph.set_meta(writer, "key", {"a": [1, None]})
        assert graph.get_meta(reader, "key") is None
    with store.read() as reader:
        assert graph.get_meta(reader, "key") == {"a": [1, None]}


# ── faults in words ──────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("address", "said"),
    [
        ("sqlite:////nonexistent/folder/okrsync.db", "cannot be opened; check that its folder exists"),
        ("sqlite://", "of no known kind"),
        ("sqlite:///:memory:", "of no known kind"),
        ("mysql://ann:s3cret@host/okr", "of no known kind"),
        ("no address", "no address"),
        ("postgresql+psycopg://ann:s3cret@nowhere.invalid/okr", "cannot be reached"),
        ("postgresql+psycopg://ann:s3cret@127.0.0.1:1/okr", "cannot be reached"),
    ],
)
def test_a_database_that_cannot_be_opened_is_explained_in_one_line(address, said):
    with pytest.raises(StoreError, match=said) as caught:
        Store.open(address, wait=SOON)
    assert "s3cret" not in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_database_that_postgresql_does_not_have_is_named(postgresql):
    address = postgresql.empty().replace("/okrsync_", "/absent_")
    with pytest.raises(StoreError, match=r'refuses the connection: database "absent_\d+" does not exist'):
        Store.open(address)


def test_a_file_that_is_no_database_is_left_as_it_is(tmp_path):
    path = tmp_path / "okrsync.db"
    path.write_text("my notes, " * 200)
    with pytest.raises(StoreError, match="is not an SQLite database"):
        Store.open(f"sqlite:///{path}")
    assert path.read_text() == "my notes, " * 200


def test_a_locked_database_says_so_and_works_again(tmp_path):
    url = f"sqlite:///{tmp_path}/okrsync.db"
    store = Store.open(url, wait=SOON)
    other = sqlite3.connect(tmp_path / "okrsync.db", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(StoreError, match="is locked by another process; wait"), store.begin():
        pass
    with store.read():
        pass
    other.execute("ROLLBACK")
    other.close()
    with store.begin():
        pass
    store.close()


def test_a_writer_waits_for_another(tmp_path):
    store = Store.open(f"sqlite:///{tmp_path}/okrsync.db")
    other = sqlite3.connect(tmp_path / "okrsync.db", isolation_level=None, check_same_thread=False)
    other.execute("BEGIN IMMEDIATE")
    release = threading.Timer(0.2, other.execute, ["ROLLBACK"])
    release.start()
    with store.begin() as tx:
        assert tx.scalar(text("SELECT 1")) == 1
    release.join()
    other.close()
    store.close()


def test_a_full_disk_says_so_and_nothing_is_half_written(tmp_path):
    store = Store.open(f"sqlite:///{tmp_path}/okrsync.db")
    with store.begin() as tx:
        tx.exec_driver_sql(f"PRAGMA max_page_count = {tx.scalar(text('PRAGMA page_count'))}")
    with pytest.raises(StoreError, match="the disk is full; make room"), store.begin() as tx:
        graph.set_meta(tx, "key", "x" * 100_000)
    with store.begin() as tx:
        tx.exec_driver_sql("PRAGMA max_page_count = 1000000")
        assert graph.get_meta(tx, "key") is None
        graph.set_meta(tx, "key", "x" * 100_000)
    assert store.check() == []
    store.close()


def test_a_read_only_database_says_so(tmp_path):
    """By ``query_only``, because permissions do not bind root."""
    store = Store.open(f"sqlite:///{tmp_path}/okrsync.db")
    with store.read() as tx:
        tx.exec_driver_sql("PRAGMA query_only = ON")
    with pytest.raises(StoreError, match="is read-only; give this user the right"), store.begin() as tx:
        tx.execute(text("DELETE FROM dirty"))
    store.close()


@pytest.mark.skipif(os.geteuid() == 0, reason="permissions do not bind root")
def test_a_database_without_the_right_to_write_says_so(tmp_path):
    path = tmp_path / "okrsync.db"
    Store.open(f"sqlite:///{path}").close()
    path.chmod(0o444)
    tmp_path.chmod(0o555)
    try:
        with pytest.raises(StoreError, match=r"is read-only|cannot be opened"), Store.open(f"sqlite:///{path}").begin():
            pass
    finally:
        tmp_path.chmod(0o755)


def test_the_end_of_a_postgresql_connection_is_survived(postgresql):
    store = Store.open(postgresql.migrated())
    with pytest.raises(StoreError) as caught, store.begin() as tx:
        tx.execute(text("SELECT pg_terminate_backend(pg_backend_pid())"))
    assert "\n" not in str(caught.value)
    with store.read() as tx:
        assert tx.scalar(text("SELECT 1")) == 1
    store.close()


# ── one at a time ────────────────────────────────────────────────────────────────────────────────────────────────────

HOLDER = """
import sys, time
from okrsync.store import Store
store = Store.open(sys.argv[1])
with store.lock():
    print("locked", flush=True)
    time.sleep(600)
"""


def test_one_okrsync_at_a_time_and_free_after_a_kill(url):
    store = Store.open(url)
    with subprocess.Popen(
        [sys.executable, "-c", HOLDER, url],
        stdout=subprocess.PIPE,
        text=True,
        cwd=Path(database.__file__).parents[2],
    ) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "locked\n"
        with pytest.raises(Busy, match=rf"another okrsync \(pid {holder.pid}\)") as caught, store.lock():
            pass
        assert caught.value.exit_code == 75
        with store.begin() as tx:
            assert tx.scalar(text("SELECT 1")) == 1
        os.kill(holder.pid, signal.SIGKILL)
        holder.wait()
    for _ in range(500):  # PostgreSQL notices the end of a client in its own time
        try:
            with store.lock():
                break
        except Busy:
            threading.Event().wait(0.05)
    else:
        pytest.fail("the lock outlived its holder")
    with store.lock():
        pass
    store.close()


def test_the_lock_is_free_as_soon_as_it_is_left(url, monkeypatch):
    """However long PostgreSQL takes to notice that the connection ended."""
    ended = []
    store, let_go = Store.open(url), lock._let_go
    monkeypatch.setattr(lock, "_let_go", ended.append)
    for _ in range(2):
        with store.lock():
            pass
    for holding in ended:
        let_go(holding)
    store.close()


def test_a_server_that_stands_still_keeps_nobody_who_leaves(postgresql, monkeypatch):
    monkeypatch.setattr(lock, "LEAVING", 0.3)
    store = Store.open(postgresql.migrated())
    stopped = 0
    try:
        with store.lock():
            stopped = holder_of(store)
            os.kill(stopped, signal.SIGSTOP)
            began = time.monotonic()
        assert time.monotonic() - began < LATE
    finally:
        os.kill(stopped, signal.SIGCONT)
    until(lambda: holder_of(store) is None)
    store.close()


def holder_of(store):
    """The process of the server that holds the lock."""
    here = "database = (SELECT oid FROM pg_database WHERE datname = current_database())"
    with store.read() as tx:
        return tx.scalar(text(f"SELECT pid FROM pg_locks WHERE locktype = 'advisory' AND {here}"))


def test_the_lock_is_taken_again_after_a_restart_of_postgresql(postgresql, monkeypatch):
    monkeypatch.setattr(lock, "KEEP", 0.05)
    url = postgresql.migrated()
    store, other = Store.open(url), Store.open(url)
    with store.lock():
        with other.read() as tx:
            ours = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid()"
            tx.execute(text(f"{ours} AND datname = current_database()"))
        for _ in range(200):
            with suppress(StoreError), other.read() as tx:
                if tx.scalar(text("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory'")):
                    break
            threading.Event().wait(0.05)
        with pytest.raises(Busy), other.lock():
            pass
    with other.lock():
        pass
    store.close()
    other.close()
