"""The main job on PostgreSQL, as on SQLite."""

from __future__ import annotations

from installation import Installation
from postgresql_server import Server


def test_the_main_job_and_the_lock(acme: Installation, postgresql: Server) -> None:
    acme.stop_clock()
    on_sqlite = acme.json("sync"), acme.json("orphans"), acme.json("status"), acme.json("plan")
    acme.monkeypatch.setenv("OKRSYNC_DATABASE", postgresql.empty())
    on_postgresql = acme.json("sync"), acme.json("orphans"), acme.json("status"), acme.json("plan")
    for one, other in zip(on_sqlite[1:3], on_postgresql[1:3], strict=True):
        for key in one.keys() - {"as_of", "sources"}:
            assert one[key] == other[key], key
    assert on_sqlite[3] == on_postgresql[3]
    acme.ok("apply", "--yes")
    assert acme.json("plan")["writes"] == []
    assert acme.json("sync")["sources"][0]["changed"] == 0
    assert acme.json("undo", str(acme.json("runs")["runs"][0]["run"]))["failed"] == 0
    assert "sound" in acme.ok("db", "check")
    acme.ok("db", "upgrade")


def test_two_at_once(acme: Installation, postgresql: Server) -> None:
    from okrsync.store import Store

    address = postgresql.empty()
    acme.monkeypatch.setenv("OKRSYNC_DATABASE", address)
    acme.ok("sync")
    store = Store.open(address)
    try:
        with store.lock():
            refused = acme.run("sync")
        assert refused.code == 75
        assert "pid" in refused.err
    finally:
        store.close()
    acme.ok("sync")


def test_a_server_that_is_away(acme: Installation) -> None:
    acme.monkeypatch.setenv("OKRSYNC_DATABASE", "postgresql+psycopg://okr:hidden-word@127.0.0.1:1/okrsync")
    refused = acme.run("status")
    assert refused.code == 74
    assert "127.0.0.1" in refused.err
    assert "hidden-word" not in refused.out + refused.err
    assert len(refused.err.strip().splitlines()) == 1
