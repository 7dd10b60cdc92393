"""``okrsync db backup|check|copy`` as somebody types them beside a daemon."""

from __future__ import annotations

from contextlib import closing

from installation import Installation
from postgresql_server import Server

from okrsync.store import Store


def test_beside_a_daemon_there_are_backups_and_no_copies(synced: Installation, postgresql: Server) -> None:
    file, elsewhere = f"sqlite:///{synced.folder}/okrsync.db", postgresql.empty()
    with closing(Store.open(file)) as store, store.lock():
        assert "the copy is sound" in synced.ok("db", "backup", "--to", str(synced.folder / "kept.db"))
        refused = synced.run("db", "copy", "--to", elsewhere)
        assert (refused.code, "pid" in refused.err) == (75, True)
    with closing(Store.open(elsewhere)) as store, store.lock():
        assert synced.run("db", "copy", "--to", elsewhere).code == 75
    synced.monkeypatch.setenv("OKRSYNC_DATABASE", f"sqlite:///{synced.folder}/kept.db")
    assert synced.json("orphans")["totals"]["items"] == 175


def test_an_installation_moves_to_postgresql_and_back(synced: Installation, postgresql: Server) -> None:
    synced.stop_clock()
    before, elsewhere = synced.json("status"), postgresql.empty()
    assert "each of the" in synced.ok("db", "copy", "--to", elsewhere)
    synced.monkeypatch.setenv("OKRSYNC_DATABASE", elsewhere)
    assert synced.ok("db", "check") == "the database is sound\n"
    assert synced.json("status") == before
    assert synced.json("sync")["sources"][0]["changed"] == 0, "it goes on where it was"
    refused = synced.run("db", "backup")
    assert (refused.code, "pg_dump" in refused.err, "okrsync db copy --to" in refused.err) == (2, True, True)
    back = f"sqlite:///{synced.folder}/back.db"
    synced.ok("db", "copy", "--to", back)
    again = synced.run("db", "copy", "--to", back)
    assert (again.code, "holds data already" in again.err) == (2, True)
    synced.monkeypatch.setenv("OKRSYNC_DATABASE", back)
    synced.ok("apply", "--yes")
    assert synced.json("plan")["writes"] == []


def test_a_database_that_is_not_there_is_not_made_to_be_looked_at(acme: Installation) -> None:
    for command in (("db", "check"), ("db", "backup"), ("db", "copy", "--to", "sqlite:///other.db")):
        refused = acme.run(*command)
        assert (refused.code, "nothing is stored yet; type: okrsync sync" in refused.err) == (2, True)
    assert {path.name for path in acme.folder.iterdir()} == {"okrsync.toml", "token"}
