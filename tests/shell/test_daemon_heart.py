"""P40: who watches hears nothing more where no work is done, and goes on hearing where only a tool is away."""

from __future__ import annotations

import os
import socket
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from installation import Installation
from running import Running, until
from small_company import Company
from structlog.testing import capture_logs

from okrsync.daemon import Daemon, heart
from okrsync.daemon.heart import HOUR, LONGEST, SILENCE, Heart
from okrsync.daemon.notify import Notifier
from okrsync.model import SourceState


class Manager:
    """The service manager's end of the socket."""

    def __init__(self, address: str) -> None:
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._socket.bind("\0" + address[1:] if address.startswith("@") else address)
        self._socket.settimeout(20)
        self.heard: list[dict[str, str]] = []

    def next(self) -> dict[str, str]:
        """One datagram, waited for."""
        said = self._socket.recv(4096).decode()
        self.heard.append(dict(line.split("=", 1) for line in said.splitlines()))
        return self.heard[-1]

    def until(self, name: str) -> dict[str, str]:
        while name not in (said := self.next()):
            pass
        return said

    def silent_for(self, seconds: float) -> bool:
        """Whether nothing comes for so long, what lies there already aside."""
        self._socket.setblocking(False)
        try:
            while True:
                self.next()
        except BlockingIOError:
            self._socket.settimeout(seconds)
        try:
            self.next()
        except TimeoutError:
            return True
        finally:
            self._socket.settimeout(20)
        return False

    def close(self) -> None:
        self._socket.close()


@pytest.fixture(params=["@okrsync-{pid}", "{folder}/notify"])
def manager(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[tuple[Manager, str]]:
    address = request.param.format(pid=os.getpid(), folder=tmp_path)
    made = Manager(address)
    yield made, address
    made.close()


@pytest.fixture
def watched(small: Company, manager: tuple[Manager, str]) -> Iterator[tuple[Daemon, Manager]]:
    """A daemon in this process, of which the manager wants to hear every 0.3 seconds."""
    hears, address = manager
    notifier = Notifier({"NOTIFY_SOCKET": address, "WATCHDOG_USEC": "300000"}, os.getpid())
    sources = tuple(replace(one, every=timedelta(seconds=0.2)) for one in small.config.sources)
    daemon = Daemon(
        small.store(),
        replace(small.config, sources=sources),
        connect=small.connect,
        token=lambda _: "t",
        clock=small.now,
        stop=threading.Event(),
        notifier=notifier,
    )
    daemon.start()
    yield daemon, hears
    daemon.stop()


def test_a_blocked_loop_is_heard_by_its_silence(watched: tuple[Daemon, Manager]) -> None:
    daemon, manager = watched
    assert manager.until("WATCHDOG")["STATUS"].startswith("1 source")
    go = threading.Event()
    daemon._timetable.once("blocks", timedelta(), lambda: go.wait(30))
    assert manager.silent_for(1.0)
    go.set()
    manager.until("WATCHDOG")


def test_a_job_that_hangs_is_heard_by_the_silence_and_named(
    watched: tuple[Daemon, Manager], monkeypatch: pytest.MonkeyPatch
) -> None:
    daemon, manager = watched
    manager.until("WATCHDOG")
    monkeypatch.setitem(heart.LONGEST, "link", 0.2)
    go = threading.Event()
    with capture_logs() as lines:
        until(lambda: daemon._jobs.submit("link", lambda: go.wait(30) and None))
        until(lambda: not daemon.alive())
        assert manager.silent_for(0.5)
        assert [line["job"] for line in lines if line["event"] == "hangs"] == ["link"]
        go.set()
        manager.until("WATCHDOG")
        assert daemon.alive()


def test_a_tool_or_a_database_that_is_away_silences_nothing(small: Company, watched: tuple[Daemon, Manager]) -> None:
    daemon, manager = watched
    small.sandbox.fault("answer", status=503, times=None)
    until(lambda: daemon.reading.states.get("jira") is SourceState.DEGRADED)
    until(lambda: manager.until("WATCHDOG")["STATUS"] == "1 source, not read: jira")
    with daemon._store.begin():  # nobody else writes
        for _ in range(5):
            manager.until("WATCHDOG")
    assert daemon.alive()


@pytest.mark.parametrize("manager", ["@okrsync-{pid}"], indirect=True)
def test_the_manager_hears_the_whole_life_of_a_process(
    acme: Installation, running: Callable[..., Running], manager: tuple[Manager, str]
) -> None:
    hears, address = manager
    acme.edit('kind = "jira"', 'kind = "jira"\nevery = "12h"')
    daemon = running(environ={"NOTIFY_SOCKET": address, "WATCHDOG_USEC": "600000"})
    first = hears.next()
    assert first["READY"] == "1"
    assert daemon.get("/healthz").status_code == 200, "it listens by now"
    hears.until("WATCHDOG")
    asked = time.clock_gettime_ns(time.CLOCK_MONOTONIC) // 1000
    daemon.send(1)
    reloading = hears.until("RELOADING")
    assert int(reloading["MONOTONIC_USEC"]) >= asked
    hears.until("READY")
    assert daemon.end()[0] == 0
    assert hears.until("STOPPING")["STOPPING"] == "1"


def test_nobody_is_told_where_nobody_asked(tmp_path: Path) -> None:
    for environ in {}, {"NOTIFY_SOCKET": str(tmp_path / "gone")}, {"NOTIFY_SOCKET": "elsewhere", "WATCHDOG_USEC": "x"}:
        notifier = Notifier(environ, 7)
        notifier.ready("")
        assert notifier.watchdog is None
    assert Notifier({"WATCHDOG_USEC": "2000000", "WATCHDOG_PID": "8"}, 7).watchdog is None
    assert Notifier({"WATCHDOG_USEC": "2000000", "WATCHDOG_PID": "7"}, 7).watchdog == 2


def test_within_a_minute_by_any_of_the_limits() -> None:
    now, jobs, told = [0.0], {"reconcile:jira": 0.0, "write back": 0.0}, []
    heard = Heart(lambda: jobs, lambda: told.append(now[0]), lambda: now[0])
    assert SILENCE < 60
    now[0] = SILENCE - 1
    assert heard.alive()
    now[0] = SILENCE
    assert not heard.alive()
    heard.beat()
    assert (heard.alive(), told) == (True, [SILENCE])
    jobs["write back"] = now[0] = 2 * HOUR
    heard.goes_on("write back")
    heard.beat()
    assert heard.alive(), "it writes still"
    now[0] += HOUR + 1
    jobs["write back"] += HOUR + 1
    heard.beat()
    assert heard.hanging() == {"write back"}
    jobs["write back"] = 5.0
    assert heard.hanging() == frozenset(), "a later one has its own time"
    jobs["reconcile:jira"] = LONGEST["reconcile"] + 1
    assert heard.hanging() == {"reconcile:jira"}
