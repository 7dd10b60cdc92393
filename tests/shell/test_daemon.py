"""``okrsync run``, as a process of its own: schedule, write-back, health, and how it ends."""

from __future__ import annotations

import random
import signal
import socket
import threading
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pytest
import requests
from installation import Installation
from running import GRACE, Running, until
from small_company import Company
from told import empty

from okrsync.daemon import Daemon
from okrsync.errors import ConfigError, Problem, RateLimited
from okrsync.model import SourceState
from okrsync.store import Store, journal, sources
from okrsync.writing import pausing


def test_an_edit_in_the_tool_comes_back_as_a_mark(eager: Installation, running: Callable[..., Running]) -> None:
    """A person takes the label off an epic: what hangs below it serves nothing any more, and its tickets say so."""
    daemon = running()
    until(lambda: daemon.events("linked"))
    site = eager.sandbox.world.jira.sites["lumen"]
    label = next(one for one in site.issues.values() if "okr:KR-K8S" in one.fields.get("labels", []))
    edit = f"{eager.sandbox.url}/_sandbox/jira/lumen/issues/{label.key}"
    requests.post(edit, json={"labels": []}, timeout=5).raise_for_status()
    marked = lambda: [one.key for one in site.issues.values() if "okr-orphan" in one.fields.get("labels", [])]  # noqa: E731
    before = set(marked())
    until(lambda: set(marked()) - before)
    until(lambda: [line for line in daemon.events("applied") if "run" in line])  # the run, not a write of it
    code, _ = daemon.end()
    assert code == 0
    assert eager.ok("plan").count("okr-orphan") == 0, "what it wrote it remembers"


def test_health_readiness_and_the_end(eager: Installation, running: Callable[..., Running]) -> None:
    daemon = running()
    until(lambda: daemon.events("synced"))
    assert daemon.get("/healthz").json() == {"alive": True}
    ready = daemon.get("/readyz")
    assert ready.status_code == 200
    assert ready.json() == {"ready": True, "complete": True, "sources": [{"id": "jira", "state": "ok"}]}
    assert daemon.get("/nothing").status_code == 404
    code, took = daemon.end()
    assert code == 0
    assert took < GRACE
    assert not [line for line in daemon.lines() if "job" in line["event"].lower()], "the scheduler keeps to itself"
    assert all({"event", "level", "timestamp"} <= line.keys() for line in daemon.lines())
    with pytest.raises(requests.ConnectionError):
        daemon.get("/healthz")


def test_one_daemon_a_database(eager: Installation, running: Callable[..., Running]) -> None:
    daemon = running()
    until(lambda: daemon.events("running"))
    refused = eager.run("run")
    assert refused.code == 75
    assert str(daemon.process.pid) in refused.err
    assert eager.run("sync").code == 75
    daemon.process.kill()
    daemon.process.wait()
    assert eager.run("sync").code == 0, "the lock is free after kill -9"


@pytest.mark.parametrize("count", [pytest.param(3), pytest.param(20, marks=pytest.mark.soak)])
def test_of_many_starts_at_once_one_runs(count: int, acme: Installation, running: Callable[..., Running]) -> None:
    """P9: the others end with 75 and name its pid; after kill -9 the next one starts at once."""
    (acme.folder / "okrsync.db").write_bytes(empty())
    daemons = [running(name=f"run-{number}") for number in range(count)]
    until(lambda: sum(one.process.poll() is not None for one in daemons) == count - 1, 60 + 15 * count)
    (alone,) = [one for one in daemons if one.process.poll() is None]
    until(lambda: alone.events("running"))
    for one in daemons:
        if one is not alone:
            assert one.process.returncode == 75
            assert f"(pid {alone.process.pid})" in one.log.read_text(encoding="utf-8")
    alone.process.kill()
    alone.process.wait()
    again = running(name="again")
    until(lambda: again.events("running"), 120)


def test_a_dead_tool_is_told_once_and_its_return_once(eager: Installation, running: Callable[..., Running]) -> None:
    daemon = running()
    until(lambda: daemon.events("synced"))
    eager.sandbox.fault("answer", status=404, times=None)
    until(lambda: daemon.events("not synced"))
    until(lambda: len(eager.sandbox.requests) > 12)
    assert daemon.get("/healthz").status_code == 200, "a remote outage says nothing of the daemon"
    assert daemon.get("/readyz").json()["complete"] is False
    assert len(daemon.events("not synced")) == 1
    eager.sandbox.clear()
    until(lambda: daemon.events("recovered"))
    assert daemon.end()[0] == 0


def test_what_is_due_in_a_dead_tool_waits_for_it(eager: Installation, running: Callable[..., Running]) -> None:
    """Not tried at each cycle: neither the log nor the list of runs grows while the tool is down."""
    site = eager.sandbox.world.jira.sites["lumen"]
    marked = next(one for one in site.issues.values() if "okr-orphan" in one.fields.get("labels", []))
    edit = f"{eager.sandbox.url}/_sandbox/jira/lumen/issues/{marked.key}"
    requests.post(edit, json={"labels": {"add": ["okr:KR-K8S"]}}, timeout=5).raise_for_status()
    eager.ok("sync")
    before = len(eager.json("runs")["runs"])
    eager.sandbox.fault("truncated", times=None)
    daemon = running()
    until(lambda: daemon.events("not synced"))
    asked = len(eager.sandbox.requests)
    until(lambda: len(eager.sandbox.requests) >= asked + 4)
    assert daemon.events("failed") == []
    assert len(eager.json("runs")["runs"]) == before + 1
    eager.sandbox.clear()
    until(lambda: daemon.events("applied"))
    assert daemon.end()[0] == 0
    assert len(eager.json("runs")["runs"]) == before + 1


def test_a_refused_token_is_not_sent_again_until_it_is_another(
    eager: Installation, running: Callable[..., Running]
) -> None:
    """P20."""
    token: Path = eager.folder / "token"
    token.write_text("bad\n")
    daemon = running()
    until(lambda: daemon.events("not synced"))
    asked = len(eager.sandbox.requests)
    time.sleep(1.8)
    assert len(eager.sandbox.requests) == asked
    token.write_text("good again\n")
    until(lambda: daemon.events("recovered"))
    assert daemon.end()[0] == 0


def test_a_run_that_nobody_confirmed_is_asked_for_once(acme: Installation, running: Callable[..., Running]) -> None:
    acme.edit('kind = "jira"', 'kind = "jira"\nevery = "1s"')
    daemon = running()
    asks = "needs confirmation; stop okrsync run, apply, start it again"
    until(lambda: daemon.events(asks))
    until(lambda: len(daemon.events("synced")) > 3)
    assert len(daemon.events(asks)) == 1
    assert "okrsync apply 1 --yes" in daemon.events(asks)[0]["why"]
    assert acme.sandbox.unsafe_requests() == []


def test_a_quiet_cycle_computes_no_plan(eager: Installation, running: Callable[..., Running]) -> None:
    """Nothing changed, so nothing is judged, measured or planned; a value that somebody records is a change."""
    eager.edit('jira = "apply"', "")
    label = next(one for one in eager.sandbox.world.jira.sites["lumen"].issues.values() if "KR-K8S" in str(one.fields))
    edit = f"{eager.sandbox.url}/_sandbox/jira/lumen/issues/{label.key}"
    requests.post(edit, json={"labels": []}, timeout=5).raise_for_status()
    daemon = running()
    until(lambda: len(daemon.events("linked")) > 4)
    assert len(daemon.events("planned")) == 1
    eager.ok("metric", "set", "KR-RETENTION", "84.5")
    until(lambda: len(daemon.events("planned")) == 2)
    assert daemon.end()[0] == 0


class Slow:
    """A source that waits for ``go`` before every page."""

    def __init__(self, remote: Any, at_page: threading.Event, go: threading.Event) -> None:
        self._remote, self._at_page, self._go = remote, at_page, go

    def __getattr__(self, name: str) -> Any:
        return getattr(self._remote, name)

    def pull(self, since: Any) -> Iterator[Any]:
        for page in self._remote.pull(since):
            self._at_page.set()
            self._go.wait(20)
            yield page


def in_process(small: Company, store: Store, stop: threading.Event, token: Callable[[Any], str]) -> Daemon:
    with store.begin() as tx:
        sources.register(tx, small.config.sources)
    return Daemon(store, small.config, connect=small.connect, token=token, clock=small.now, stop=stop)


def read(daemon: Daemon, source: str) -> None:
    """One cycle of it, and all that follows from it."""
    daemon.reading.soon(source)
    assert daemon._engine.drain(20)


def newest_run(store: Store) -> int:
    with store.read() as tx:
        run = journal.newest_run(tx)
    return 0 if run is None else run.id


def test_the_page_in_hand_is_committed_at_the_end(small: Company) -> None:
    """P11, with the cursor after it: the next process goes on from there."""
    store, stop, at_page, go = small.store(), threading.Event(), threading.Event(), threading.Event()
    connect = small.connect
    small.connect = lambda source: Slow(connect(source), at_page, go)  # type: ignore[method-assign]
    daemon = in_process(small, store, stop, lambda _: "good")
    daemon.start()
    assert at_page.wait(10)
    threading.Timer(0.2, go.set).start()
    assert daemon.stop()
    with store.read() as tx:
        (status,) = sources.statuses(tx)
        assert status.items > 0
        assert any(sources.cursors(tx, "jira").values())
        assert status.state is SourceState.NEVER, "it was not read to its end"


def test_nothing_is_planned_from_half_a_pull(small: Company) -> None:
    """One source is done while the other is at its first page: what is planned then would be of half of it."""
    small.create(site=small.second_site(), summary="Over there")
    small.wait(days=2)
    store, stop, at_page, go = small.store(), threading.Event(), threading.Event(), threading.Event()
    connect = small.connect
    small.connect = lambda source: (  # type: ignore[method-assign]
        Slow(connect(source), at_page, go) if source.id == "jira" else connect(source)
    )
    daemon = in_process(small, store, stop, lambda _: "good")
    daemon.start()
    try:
        assert at_page.wait(10)
        time.sleep(1.5)
        with store.read() as tx:
            read = {one.id for one in sources.statuses(tx) if one.state is SourceState.OK}
        assert (read, newest_run(store)) == ({"beta"}, 0)
        go.set()
        until(lambda: newest_run(store))
    finally:
        go.set()
        assert daemon.stop()


def test_a_token_that_came_while_the_old_one_was_refused_is_tried(small: Company) -> None:
    """It is changed between the moment when it was read and the answer of the tool."""
    store, stop, token = small.store(), threading.Event(), ["old"]
    connect, sent = small.connect, []

    def with_token(source: Any) -> Any:
        sent.append(token[0])
        token[0] = "new"
        return connect(source)

    small.connect = with_token  # type: ignore[method-assign]
    small.sandbox.fault("answer", status=401, times=2)
    daemon = in_process(small, store, stop, lambda _: token[0])
    (source,) = small.config.sources
    for _ in range(2):
        read(daemon, source.id)
    assert sent == ["old", "new"]
    assert daemon._engine.drain(10)


def test_a_secret_that_went_is_the_state_of_its_source(small: Company) -> None:
    store, stop = small.store(), threading.Event()

    def gone(_: Any) -> Any:
        raise ConfigError([Problem("token", "no such file")])

    small.sandbox.fault("answer", status=401, times=2)
    daemon = in_process(small, store, stop, lambda _: "refused")
    (source,) = small.config.sources
    read(daemon, source.id)
    daemon.reading._token = daemon._connections._connect = gone
    for _ in range(3):
        read(daemon, source.id)
    with store.read() as tx:
        (status,) = sources.statuses(tx)
    assert (status.state, "no such file" in status.error) == (SourceState.AUTH_FAILED, True)
    assert daemon._engine.drain(10)


def test_a_tool_that_asked_to_wait_is_asked_again_just_then(small: Company) -> None:
    """P13: neither at the next tick of a slow timetable, nor by a thread that waits."""
    small.replace('projects = ["SHOP", "PAY"]', 'projects = ["SHOP", "PAY"]\nevery = "12h"')
    store, stop, asked = small.store(), threading.Event(), []
    connect = small.connect

    def limited(source: Any) -> Any:
        asked.append(datetime.now(UTC))
        if len(asked) == 1:
            raise RateLimited("wait", retry_at=asked[0] + timedelta(seconds=2))
        return connect(source)

    daemon = Daemon(store, small.config, connect=limited, token=str, clock=partial(datetime.now, UTC), stop=stop)
    daemon.start()
    try:
        until(lambda: daemon.reading.states.get("jira") is SourceState.DEGRADED)
        assert daemon._engine.drain(5), "no thread is held meanwhile"
        until(lambda: daemon.reading.states["jira"] is SourceState.OK)
    finally:
        assert daemon.stop()
    assert timedelta(seconds=2) <= asked[1] - asked[0] < timedelta(seconds=5)


def test_a_source_may_be_called_as_it_likes(small: Company) -> None:
    small.text = small.text.replace('id = "jira"', 'id = "heartbeat"', 1).replace('"jira:', '"heartbeat:')
    daemon = in_process(small, small.store(), threading.Event(), lambda _: "good")
    daemon.start()
    try:
        until(lambda: "heartbeat" in daemon.reading.states)
    finally:
        assert daemon.stop()


def test_connections_are_kept_from_cycle_to_cycle(small: Company) -> None:
    store, stop, made = small.store(), threading.Event(), []
    connect = small.connect

    def counted(source: Any) -> Any:
        made.append(connect(source))
        return made[-1]

    small.connect = counted  # type: ignore[method-assign]
    daemon = in_process(small, store, stop, lambda _: "good")
    (source,) = small.config.sources
    for _ in range(3):
        read(daemon, source.id)
    assert daemon._engine.drain(10)
    assert len(made) == 1
    small.sandbox.fault("answer", status=500, times=None)
    read(daemon, source.id)
    small.sandbox.clear()
    read(daemon, source.id)
    assert daemon.reading.states["jira"] is SourceState.OK
    assert daemon._engine.drain(10)
    assert len(made) == 2
    daemon._connections.close()


def test_an_address_that_is_taken_is_a_sentence(acme: Installation) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        acme.monkeypatch.setenv("OKRSYNC_SERVER__LISTEN", f"127.0.0.1:{port}")
        ended = acme.run("run")
    assert ended.code == 78
    assert f"[server] listen: cannot listen on 127.0.0.1:{port}" in ended.err


@pytest.mark.parametrize("times", [pytest.param(2), pytest.param(100, marks=pytest.mark.soak)])
def test_sigterm_at_any_moment_keeps_the_pages(times: int, acme: Installation, running: Callable[..., Running]) -> None:
    """P11: exit 0 within ten seconds, whatever it was doing, and nothing is lost."""
    seed = 11
    print(f"seed {seed}")
    moments = random.Random(seed)
    ends: list[float] = []
    for _ in range(times):
        daemon = running()
        until(lambda daemon=daemon: daemon.events("running"), 120)
        time.sleep(moments.uniform(0, 0.8))
        code, took = daemon.end()
        assert code == 0
        ends.append(took)
    print(f"{times} ends: p99 {sorted(ends)[len(ends) * 99 // 100 - 1]:.2f} s, the longest {max(ends):.2f} s")
    assert max(ends) < GRACE
    assert acme.run("sync").code == 0
    assert acme.json("orphans")["totals"]["items"] == 175


def test_sigterm_while_the_program_still_loads_is_an_ordinary_end(
    acme: Installation, running: Callable[..., Running]
) -> None:
    daemon = running()
    until(lambda: daemon.hears(signal.SIGTERM))
    assert not daemon.events("running"), "it has only just begun"
    assert daemon.end()[0] == 0


def test_sigterm_does_not_wait_for_a_tool_that_hangs(eager: Installation, running: Callable[..., Running]) -> None:
    eager.sandbox.fault("hang", path=r".*/search/jql", seconds=30)
    eager.sandbox.clear_requests()
    daemon = running()
    until(lambda: any(one.path.endswith("/search/jql") for one in eager.sandbox.requests))
    code, took = daemon.end()
    assert code == 0
    assert took < GRACE


def test_a_pause_is_kept_to_and_what_waited_goes_when_it_ends(small: Company) -> None:
    small.wait(days=2)
    store = small.store()
    small.sync(store)
    small.apply(store)
    late = small.create("PAY", summary="New and loose")
    small.wait(days=2)
    daemon = in_process(small, store, threading.Event(), lambda _: "good")
    with store.begin() as tx:
        pausing.pause(tx, by="ada", until=None, why="audit", now=small.now())
    before = newest_run(store)
    for wanted in [], ["okr-orphan"]:
        small.sync(store)
        daemon.writing.run()
        assert late.fields["labels"] == wanted
        assert newest_run(store) == before + 1, "planned once"
        with store.begin() as tx:
            pausing.resume(tx, small.now())
