"""P34: a database that is locked, full, read-only or away: every command waits or ends with one clear line, nothing is
written to a tool that the journal does not announce, and all goes on when the trouble is over."""

from __future__ import annotations

import json
import os
import re
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, closing, contextmanager, suppress
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import requests
from disk import small_disk
from forwarder import Forwarder
from installation import Done, Installation
from postgresql_server import Server
from sqlalchemy import Connection, create_engine, text
from sqlalchemy.engine import make_url
from sqlalchemy.pool import NullPool

from okrsync.store import Store, backup

SOON = timedelta(milliseconds=100)
ROOM = 3_000_000  # bytes: a small company and a backup of it
COMMANDS = ("sync", "link SHOP-3 KR-PAY --why agreed", "plan", "apply --yes")
TROUBLE = (74, 75, 69)
RARER = tuple(pytest.param(name, marks=pytest.mark.soak) for name in ("full", "read-only", "away"))

Begin = Callable[[], AbstractContextManager[None]]


@dataclass
class Place:
    """Where a database is, and what can befall it."""

    url: str
    troubles: dict[str, tuple[Begin, str]]
    announced: Callable[[], int]  # how many writes are on their way, as somebody else sees the journal
    sent: int = 0
    unannounced: list[str] = field(default_factory=list)

    def watch(self, sandbox: Any, strike: Callable[[], None] = lambda: None) -> None:
        """Each request that may change something is held against the journal as it comes in, before it is answered."""
        answer = sandbox.answer

        def answered(request: Any) -> Any:
            path = request.path.split("?")[0]
            if not path.startswith("/_sandbox") and not _reads(request.method, path):
                self.sent += 1
                if not self.announced():
                    self.unannounced.append(f"{request.method} {path}")
                strike()
            return answer(request)

        sandbox.answer = answered


def _reads(method: str, path: str) -> bool:
    from okrsync.sandbox.web import reads

    return reads(method, path)


# ── SQLite ───────────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.fixture
def file() -> Iterator[Place]:
    with small_disk(ROOM) as disk:
        path = disk / "okrsync.db"
        troubles = {
            "locked": (lambda: _locked(path), "is locked by another process; wait until it is done, or stop it"),
            "full": (lambda: _full(disk), "(has no room: the disk is full; make room|No space left on device)"),
            "read-only": (
                lambda: _read_only(disk),
                "(is read-only; give this user the right|Read-only file system)",
            ),
        }
        yield Place(f"sqlite:///{path}", troubles, lambda: _count(path))


@contextmanager
def _locked(path: Path) -> Iterator[None]:
    with closing(sqlite3.connect(path, isolation_level=None, check_same_thread=False)) as other:
        other.execute("BEGIN IMMEDIATE")
        yield
        other.execute("ROLLBACK")


@contextmanager
def _full(disk: Path) -> Iterator[None]:
    with suppress(OSError), (disk / "filler").open("wb", buffering=0) as filler:
        while True:
            filler.write(b"x" * 4096)
    try:
        yield
    finally:
        (disk / "filler").unlink()


@contextmanager
def _read_only(disk: Path) -> Iterator[None]:
    """Commands find the folder elsewhere, where nothing may be written: what is open here could not be forbidden."""
    there = Path(tempfile.mkdtemp(prefix="okrsync-disk-"))
    subprocess.run(["mount", "--bind", str(disk), str(there)], check=True)
    subprocess.run(["mount", "-o", "remount,ro,bind", str(there)], check=True)
    os.environ["OKRSYNC_DATABASE"] = f"sqlite:///{there}/okrsync.db"
    try:
        yield
    finally:
        os.environ["OKRSYNC_DATABASE"] = f"sqlite:///{disk}/okrsync.db"
        subprocess.run(["umount", "--lazy", str(there)], check=True)
        there.rmdir()


def _count(path: Path) -> int:
    with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as journal:
        return int(journal.execute("SELECT count(*) FROM write WHERE state = 'intended'").fetchone()[0])


# ── PostgreSQL ───────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.fixture
def server(postgresql: Server) -> Iterator[Place]:
    given = make_url(postgresql.migrated())
    folder = given.query["host"]
    way = Forwarder(Path(str(folder)) / f".s.PGSQL.{given.port or 5432}")
    url = given.difference_update_query(["host"]).set(host="127.0.0.1", port=way.port)
    engine = create_engine(given, poolclass=NullPool, isolation_level="AUTOCOMMIT")
    troubles: dict[str, tuple[Begin, str]] = {
        "locked": (lambda: _table_locks(engine), "is locked by another session; wait until it is done, or end it"),
        "read-only": (lambda: _standby(engine, str(given.database)), "is read-only; point .* at the primary"),
        "away": (lambda: _cut(way), "(cannot be reached|refuses the connection|failed:)"),
    }
    with engine.connect() as connection:
        yield Place(url.render_as_string(hide_password=False), troubles, lambda: _sum(connection))
    way.cut()


def _sum(connection: Connection) -> int:
    return int(connection.scalar(text("SELECT count(*) FROM write WHERE state = 'intended'")) or 0)


@contextmanager
def _table_locks(engine: Any) -> Iterator[None]:
    with engine.connect().execution_options(isolation_level="READ COMMITTED") as other, other.begin():
        other.execute(text("LOCK TABLE source, item, meta, run, write, override IN EXCLUSIVE MODE"))
        yield


@contextmanager
def _standby(engine: Any, name: str) -> Iterator[None]:
    """As after a fail-over: who was connected is cut off, and finds a database that takes nothing."""
    others = text("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name LIKE 'okrsync%'")
    with engine.connect() as admin:
        admin.execute(text(f"ALTER DATABASE {name} SET default_transaction_read_only = on"))
        admin.execute(others)
    yield
    with engine.connect() as admin:
        admin.execute(text("SET default_transaction_read_only = off"))
        admin.execute(text(f"ALTER DATABASE {name} RESET default_transaction_read_only"))
        admin.execute(others)


@contextmanager
def _cut(way: Forwarder) -> Iterator[None]:
    way.cut()
    yield
    way.mend()


# ── commands ─────────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.fixture(params=["file", "server"])
def place(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Place:
    monkeypatch.setitem(Store.open.__func__.__kwdefaults__, "wait", SOON)  # type: ignore[attr-defined]
    found: Place = request.getfixturevalue(request.param)
    return found


@pytest.fixture
def there(office: Any, place: Place, monkeypatch: pytest.MonkeyPatch) -> Any:
    """The small company, synced into that database."""
    monkeypatch.setenv("OKRSYNC_DATABASE", place.url)
    office.company.create(summary="New", parent="SHOP-2")
    office.later(days=2)
    office.company.create(summary="Newer", parent="SHOP-2")
    place.watch(office.company.sandbox)
    return office


def told(done: Done, said: str) -> None:
    """One line, and the code of a database that could not be used."""
    lines = [line for line in done.err.splitlines() if line.startswith("okrsync: ")]
    assert done.code in TROUBLE, (done.code, done.out, done.err)
    assert len(lines) == 1, done.err
    assert re.search(said, lines[0]), lines[0]
    assert "Traceback" not in done.out + done.err
    assert "hidden" not in lines[0]


@pytest.mark.parametrize("trouble", ["locked", "full", "read-only", "away"])
def test_every_command_ends_with_one_line_and_works_again(trouble: str, place: Place, there: Any) -> None:
    if trouble not in place.troubles:
        pytest.skip("the other kind of database has this trouble")
    begin, said = place.troubles[trouble]
    for command in COMMANDS:
        with begin():
            told(there.installed.run(*command.split()), said)
            assert place.sent == 0
    if place.url.startswith("sqlite"):
        _backup(place, there.installed, begin, said, trouble)
    for command in COMMANDS:
        there.installed.ok(*command.split())
    assert there.installed.json("plan")["writes"] == []
    assert place.sent > 0
    assert place.unannounced == []
    assert there.installed.ok("db", "check") == "the database is sound\n"


def _backup(place: Place, installed: Installation, begin: Begin, said: str, trouble: str) -> None:
    with begin():
        if trouble == "locked":
            assert "the copy is sound" in installed.ok("db", "backup"), "who only reads waits for nobody"
        else:
            told(installed.run("db", "backup"), said)
    assert "the copy is sound" in installed.ok("db", "backup")


@pytest.mark.parametrize("trouble", ["locked", *RARER])
def test_trouble_between_a_write_and_its_confirmation(
    trouble: str, place: Place, there: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It comes with the first request that changes something: what was announced was sent, and nothing else is."""
    if trouble not in place.troubles or (trouble == "read-only" and place.url.startswith("sqlite")):
        pytest.skip("nobody can take the right to write from a file that is open")
    begin, said = place.troubles[trouble]
    came: list[AbstractContextManager[None]] = []

    def strike() -> None:
        if not came:
            came.append(begin())
            came[0].__enter__()

    place.watch(there.company.sandbox, strike)
    done = there.installed.run("apply", "--yes")
    sent, unannounced = place.sent, list(place.unannounced)
    assert came
    came[0].__exit__(None, None, None)
    told(done, f"({said}|is shutting down or starting; run again)")
    assert unannounced == []
    assert sent // 2 <= 4, "only the touch in hand was sent"  # each is seen by both watches
    there.installed.ok("apply", "--yes")
    there.installed.ok("apply", "--yes")
    assert there.installed.json("plan")["writes"] == []
    issue = there.company.site.find("SHOP-1")
    assert issue is not None
    assert len(there.company.site.comments_of(issue)) == 1
    assert place.unannounced == []


@pytest.mark.parametrize("what", ["file", "folder"])
@pytest.mark.parametrize("command", ["sync", "link SHOP-3 KR-PAY --why agreed", "apply --yes"])
def test_without_the_right_to_write_there_is_one_line(
    what: str, command: str, office: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    base, folder = office.company.folder, office.company.folder / "alone"
    assert office.company.config, "the file is written"
    folder.mkdir()
    backup.backup(base / "okrsync.db", folder / "okrsync.db")
    (folder / "okrsync.db" if what == "file" else folder).chmod(0o444 if what == "file" else 0o555)
    monkeypatch.setenv("OKRSYNC_DATABASE", f"sqlite:///{folder}/okrsync.db")
    typed = [sys.executable, "-c", "from okrsync.cli import main; main()", "--config", str(base / "okrsync.toml")]
    try:
        done = subprocess.run([*BOUND, *typed, *command.split()], capture_output=True, text=True)
    finally:
        folder.chmod(0o755)
    told(Done(done.returncode, done.stdout, done.stderr), r"(is read-only|cannot be opened|Permission denied)")
    assert office.company.sandbox.unsafe_requests() == []


BOUND = (
    ["setpriv", "--bounding-set=-dac_override,-dac_read_search", "--inh-caps=-dac_override,-dac_read_search"]
    if os.geteuid() == 0
    else []
)
"""What makes permissions hold for root too."""


# ── the daemon ───────────────────────────────────────────────────────────────────────────────────────────────────────


def until(true: Callable[[], object], seconds: float = 40) -> None:
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end, "it never came"
        time.sleep(0.05)


RESUMED = 30  # seconds
PATIENT = ("-c", "from okrsync.cli import main; main()")
IMPATIENT = (str(Path(__file__).with_name("troubled.py")),)


class Daemon:
    """``okrsync run`` as a process of its own, on the clock of the machine."""

    def __init__(self, installed: Installation, program: Sequence[str]) -> None:
        self.log = installed.folder / "run.log"
        environ = {**os.environ, "OKRSYNC_SERVER__LISTEN": "127.0.0.1:0"}
        command = [sys.executable, *program, "--config", str(installed.config)]
        with self.log.open("wb") as log:
            self.process = subprocess.Popen([*command, "run"], env=environ, stderr=log)

    def lines(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.log.read_text(encoding="utf-8").splitlines() if line[:1] == "{"]

    def told(self, said: str) -> list[str]:
        return [line for one in self.lines() if re.search(said, line := str(one.get("error", "")))]

    def end(self) -> int:
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(20)


@pytest.mark.parametrize("seconds", [pytest.param(2), pytest.param(10, marks=pytest.mark.soak)])
@pytest.mark.parametrize(
    "trouble", ["full", "away", *(pytest.param(one, marks=pytest.mark.soak) for one in ("locked", "read-only"))]
)
def test_the_daemon_goes_on_when_the_trouble_is_over(
    trouble: str, seconds: float, place: Place, acme: Installation, monkeypatch: pytest.MonkeyPatch
) -> None:
    if trouble not in place.troubles or (trouble == "read-only" and place.url.startswith("sqlite")):
        pytest.skip("nobody can take the right to write from a file that is open")
    monkeypatch.setenv("OKRSYNC_DATABASE", place.url)
    goes_on(trouble, seconds, place, acme)


@pytest.mark.soak  # in small, tests/shell/test_daemon_ticks.py has it
@pytest.mark.timeout(600)
def test_postgresql_is_away_for_five_minutes(
    server: Place, acme: Installation, monkeypatch: pytest.MonkeyPatch
) -> None:
    """P38, for a daemon that waits for its database as long as it does by default."""
    monkeypatch.setenv("OKRSYNC_DATABASE", server.url)
    goes_on("away", 300, server, acme, PATIENT)


def goes_on(trouble: str, seconds: float, place: Place, acme: Installation, program: Sequence[str] = IMPATIENT) -> None:
    """What a person changed during the trouble is seen, and written back, within half a minute of its end."""
    begin, said = place.troubles[trouble]
    acme.edit('kind = "jira"', 'kind = "jira"\nevery = "1s"')
    acme.ok("sync")
    acme.ok("apply", "--yes")
    place.watch(acme.sandbox)
    site = acme.sandbox.world.jira.sites["lumen"]
    labelled = next(one for one in site.issues.values() if "okr:KR-K8S" in one.fields.get("labels", []))
    marked = lambda: {one.key for one in site.issues.values() if "okr-orphan" in one.fields.get("labels", [])}  # noqa: E731
    daemon = Daemon(acme, program)
    try:
        until(lambda: any(one["event"] == "synced" for one in daemon.lines()))
        before = marked()
        with begin():
            edit = f"{acme.sandbox.url}/_sandbox/jira/lumen/issues/{labelled.key}"
            requests.post(edit, json={"labels": []}, timeout=5).raise_for_status()
            until(lambda: daemon.told(f"({said}|is shutting down or starting; run again)"))
            time.sleep(seconds)
            assert place.sent == 0
            assert daemon.process.poll() is None
        healed = time.monotonic()
        until(lambda: marked() - before)
        lasted = time.monotonic() - healed
        print(f"{trouble}: back after {lasted:.1f} s; told {len(daemon.told('the database'))} times")
        assert lasted < RESUMED
        assert daemon.end() == 0
    finally:
        daemon.process.kill()
        daemon.process.wait()
    assert "Traceback" not in daemon.log.read_text()
    assert "failed unexpectedly" not in daemon.log.read_text()
    assert place.unannounced == []
    assert acme.ok("db", "check") == "the database is sound\n"
