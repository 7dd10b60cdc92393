"""SIGHUP: a good file takes effect, any other changes nothing and says why (P36); no signal is lost."""

from __future__ import annotations

import signal
import threading
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from installation import Installation
from running import Running, until
from small_company import Company
from structlog.testing import capture_logs

from config import Config, Server
from okrsync.cli.signals import Signals
from okrsync.daemon import Daemon, reloading
from okrsync.errors import ConfigError, Problem
from okrsync.model import SecretRef, SourceState

LONG = timedelta(hours=12)


# ── a process ────────────────────────────────────────────────────────────────────────────────────────────────────────


def metric(daemon: Running, name: str) -> float:
    lines = daemon.get("/metrics").text.splitlines()
    return float(next(line for line in lines if line.startswith(f"{name} ")).split()[1])


def test_a_broken_file_changes_nothing_and_is_told_in_one_line(
    eager: Installation, running: Callable[..., Running]
) -> None:
    """P36: the line names file and key, all of them; a metric says so until a good file is read."""
    daemon = running()
    until(lambda: daemon.events("synced"))
    assert metric(daemon, "okrsync_config_reload_success") == 1
    good = eager.config.read_text(encoding="utf-8")
    eager.config.write_text(good.replace('every = "1s"', 'every = "soon"\nprojekts = ["LUM"]'), encoding="utf-8")
    daemon.send(signal.SIGHUP)
    until(lambda: daemon.events("not reloaded; the old configuration stays"))
    (line,) = daemon.events("not reloaded; the old configuration stays")
    assert all(said in line["error"] for said in ("okrsync.toml: [sources.jira] every", "projekts"))
    assert metric(daemon, "okrsync_config_reload_success") == 0
    read = len(daemon.events("synced"))
    until(lambda: len(daemon.events("synced")) > read + 1)
    eager.config.unlink()
    daemon.send(signal.SIGHUP)
    until(lambda: len(daemon.events("not reloaded; the old configuration stays")) == 2)
    eager.config.write_text(good.replace('every = "1s"', 'every = "12h"'), encoding="utf-8")
    daemon.send(signal.SIGHUP)
    until(lambda: daemon.events("reloaded"))
    assert metric(daemon, "okrsync_config_reload_success") == 1
    assert daemon.end()[0] == 0


def test_a_new_token_heals_at_reload(eager: Installation, running: Callable[..., Running]) -> None:
    """P20: of a source that is read twice a day."""
    eager.config.write_text(eager.config.read_text().replace('every = "1s"', 'every = "12h"'))
    token: Path = eager.folder / "token"
    token.write_text("bad\n")
    daemon = running()
    until(lambda: daemon.events("not synced"))
    token.write_text("good again\n")
    daemon.send(signal.SIGHUP)
    until(lambda: daemon.events("recovered"))
    assert daemon.end()[0] == 0


def test_a_signal_before_it_is_ready_is_heeded_when_it_is(acme: Installation, running: Callable[..., Running]) -> None:
    daemon = running()
    until(lambda: daemon.hears(signal.SIGUSR1))
    daemon.send(signal.SIGHUP)
    daemon.send(signal.SIGUSR1)
    assert not daemon.lines(), "it has only just begun"
    until(lambda: daemon.events("reloaded") and daemon.events("state"))
    (state,) = daemon.events("state")
    assert state["pid"] == daemon.process.pid
    assert state["config"] == str(acme.config)
    assert [one["id"] for one in state["sources"]] == ["jira"]
    assert state["sources"][0].keys() == {"id", "state", "last_success", "next", "running"}
    assert {"version", "uptime", "read_at", "skipped", "maintenance", "alerts", "paused", "jobs"} <= state.keys()
    assert daemon.end()[0] == 0


def test_signals_in_a_row_are_heeded_and_the_last_file_stands(
    eager: Installation, running: Callable[..., Running]
) -> None:
    """Under load, each as soon as the one before: no thread is left over, and nothing is skipped in silence."""
    daemon = running()
    until(lambda: daemon.events("synced"))
    text = eager.config.read_text(encoding="utf-8")
    for number in range(20):
        eager.config.write_text(text.replace('every = "1s"', f'every = "{number + 30}m"'), encoding="utf-8")
        daemon.send(signal.SIGHUP)
        daemon.send(signal.SIGUSR1)
        time.sleep(0.01)
    until(lambda: daemon.events("reloaded"))
    threads = daemon.threads()
    eager.config.write_text(text.replace('id = "jira"', 'id = "jira"\ncensus = "9h"'), encoding="utf-8")
    daemon.send(signal.SIGHUP)
    daemon.send(signal.SIGHUP)
    count = len(daemon.events("synced"))
    until(lambda: len(daemon.events("synced")) > count + 2)
    assert daemon.threads() <= threads + 3
    assert not daemon.events("failed")
    assert not daemon.events("failed unexpectedly")
    assert daemon.end()[0] == 0


def test_of_signals_none_is_lost_and_the_end_comes_at_once() -> None:
    stop = threading.Event()
    heard: list[int] = []
    with Signals(stop) as signals:
        for number in (signal.SIGHUP, signal.SIGUSR1, signal.SIGHUP):
            signal.raise_signal(number)
        for number in signals:
            heard.append(number)
            if len(heard) == 3:
                signal.raise_signal(signal.SIGTERM)
                signal.raise_signal(signal.SIGINT)
                assert stop.is_set()
    assert heard == [signal.SIGHUP, signal.SIGUSR1, signal.SIGHUP]


# ── in this process ──────────────────────────────────────────────────────────────────────────────────────────────────


class Office:
    """A daemon whose configuration a test hands to it."""

    def __init__(self, small: Company) -> None:
        self.small, self.next = small, self.calm(small.config)
        self.made: list[str] = []
        self.daemon = Daemon(
            small.store(),
            self.next,
            connect=self.connect,
            token=lambda _: "t",
            clock=small.now,
            stop=threading.Event(),
            reread=self.reread,
        )

    @staticmethod
    def calm(config: Config) -> Config:
        """Read at the start, and not again of itself."""
        return replace(config, sources=tuple(replace(one, every=LONG) for one in config.sources))

    def connect(self, source: Any) -> Any:
        self.made.append(source.id)
        return self.small.connect(source)

    def reread(self) -> Config:
        if isinstance(self.next, Exception):
            raise self.next
        return self.next

    def reload(self) -> list[dict[str, Any]]:
        """What the log says of it."""
        with capture_logs() as lines:
            self.daemon.reconfigure()
            assert self.daemon._engine.drain(20)
        return [dict(line) for line in lines]

    def items(self) -> dict[str, int]:
        with self.daemon._store.read() as tx:
            from okrsync.store import sources

            return {one.id: one.items for one in sources.statuses(tx)}


@pytest.fixture
def office(small: Company) -> Any:
    found = Office(small)
    found.daemon.start()
    assert found.daemon._engine.drain(20)
    yield found
    assert found.daemon.stop()


def test_sources_come_change_and_go(office: Office) -> None:
    small = office.small
    small.create(site=small.second_site(), summary="Over there")
    office.next = office.calm(small.config)
    office.reload()
    assert office.made == ["jira", "beta"], "what did not change is not read for it, and keeps its connection"
    assert office.items()["beta"] == 1
    assert office.daemon._timetable.next("reconcile:beta") is not None
    office.next = replace(
        office.next, sources=tuple(replace(one, timeout=timedelta(seconds=7)) for one in office.next.sources[:1])
    )
    office.reload()
    assert office.made == ["jira", "beta", "jira"], "another setting, another connection"
    assert office.items()["beta"] == 0, "what is configured no more counts no items"
    assert office.daemon._timetable.next("reconcile:beta") is None
    assert office.daemon.reading.states.keys() == {"jira"}


def test_goals_and_mode_hold_for_the_next_job(office: Office) -> None:
    from okrsync.store import meta

    small = office.small
    small.replace('title = "Three ways to pay"', 'title = "Four ways to pay"')
    small.replace('mode = "apply"', 'mode = "off"')
    office.next = office.calm(small.config)
    office.reload()
    with office.daemon._store.read() as tx:
        assert "Four ways to pay" in str(meta.get_meta(tx, "configured"))
    assert office.daemon.config().writeback.mode.value == "off"


def test_what_is_missing_for_it_keeps_the_old_one(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    """A token of the server that cannot be read is as bad as a file that cannot."""
    old = office.daemon.config()
    office.next = replace(old, server=replace(old.server, token=SecretRef("env", "NOWHERE")))
    (line,) = [one for one in office.reload() if one["log_level"] == "error"]
    assert "NOWHERE" in line["error"]
    assert office.daemon.config() is old
    assert office.daemon.reload()[0] is False
    monkeypatch.setenv("NOWHERE", "s3cret-token")
    office.reload()
    assert office.daemon.reload()[0] is True
    token = office.daemon.server_token()
    assert token is not None
    assert token.reveal() == "s3cret-token"


def test_what_needs_a_restart_stays_and_is_named(office: Office) -> None:
    old = office.daemon.config()
    office.next = replace(old, database="sqlite:///other.db", server=replace(old.server, listen="127.0.0.1:9999"))
    (line,) = [one for one in office.reload() if one["log_level"] == "warning"]
    assert line["keys"] == ["okrsync.database", "server.listen"]
    assert office.daemon.config().database == old.database
    assert office.daemon.config().server.listen == old.server.listen


def test_an_address_that_others_reach_keeps_its_token(small: Company) -> None:
    """Else a file that moves it to this machine would open it to everybody until the restart."""
    token = SecretRef("env", "TOKEN")
    old = replace(small.config, server=Server("0.0.0.0:8017", token=token))
    found, stays = reloading.in_force(old, replace(old, server=Server()))
    assert (found.server.listen, found.server.token, stays) == ("0.0.0.0:8017", token, ("server.listen",))
    found, stays = reloading.in_force(old, replace(old, server=replace(old.server, token=SecretRef("env", "NEW"))))
    assert (found.server.token, stays) == (SecretRef("env", "NEW"), ())


def test_a_refused_token_is_tried_again_at_reload(office: Office) -> None:
    office.small.sandbox.fault("answer", status=401, times=2)
    office.daemon.reading.soon("jira")
    assert office.daemon._engine.drain(10)
    sent = len(office.small.sandbox.requests)
    office.daemon.reading.soon("jira")
    assert office.daemon._engine.drain(10)
    assert len(office.small.sandbox.requests) == sent
    office.reload()
    assert office.daemon.reading.states["jira"] is SourceState.OK


def test_a_fault_of_two_places_is_one_line(office: Office) -> None:
    office.next = ConfigError([Problem("a.toml: [x] y", "is wrong"), Problem("b.toml: [z] w", "too")])  # type: ignore[assignment]
    errors = [one for one in office.reload() if one["log_level"] == "error"]
    assert [one["error"] for one in errors] == ["a.toml: [x] y: is wrong; b.toml: [z] w: too"]
