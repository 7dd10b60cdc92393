"""One dead source of three never stops, delays or empties the others, and every answer says that it is missing."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from installation import Installation
from trio import Trio, adds_up, three_tools

from connectors import registry
from okrsync.cli.session import Session
from okrsync.engine.threads import ThreadEngine
from okrsync.model import Secret, SourceConfig, SourceState, SourceStatus
from okrsync.store import Store, sources
from okrsync.sync import Options, SourceResult, sync

SIZES = {"jira": 14, "github": 5, "asana": 2}  # items at first
TOOLS = tuple(SIZES)
WAYS = ("503", "hang", "bad token", "no such host")
CASES = [(dead, way) for dead in TOOLS for way in WAYS]
ORDINARY = {("jira", "503"), ("github", "503"), ("asana", "503"), ("jira", "no such host"), ("github", "hang")}
ORDINARY |= {("asana", "bad token")}  # below the connectors, all three tools have one transport
LIMIT = 20.0  # seconds until a test gives up; nothing is measured by it
ANSWERS = [
    ("status",),
    ("orphans",),
    ("gaps",),
    ("plan",),
    ("backlog", "--objective", "O-SHOP"),
    ("trace", "SHOP-3"),
]


@pytest.fixture
def trio(tmp_path: Path) -> Iterator[Trio]:
    with three_tools(tmp_path) as found:
        yield found


class Outage:
    """A source that is dead in some way. Before it tries again, it waits until ``others_are_stored``, whose answers
    ``seen`` holds: so nothing but another source that waits for the dead one can make that wait be in vain."""

    def __init__(self, trio: Trio, dead: str, way: str) -> None:
        self.trio, self.dead, self.way = trio, dead, way
        self.seen: list[bool] = []
        if way == "503":
            trio.company.sandbox.fault("answer", path=f"/{dead}/.*", status=503, times=None)
        elif way == "hang":
            trio.company.sandbox.fault("hang", path=f"/{dead}/.*", seconds=2, times=None)

    def connect(self, source: SourceConfig, others_are_stored: Callable[[], bool]) -> Any:
        mine = source.id == self.dead
        if mine and self.way == "no such host":
            source = replace(source, url="http://nowhere.invalid")
        if mine and self.way == "hang":
            source = replace(source, timeout=timedelta(seconds=0.3))
        made: Any = registry.connect(source, Secret("bad" if mine and self.way == "bad token" else "good"))
        made._api._transport._wait = (lambda _: self._hold(others_are_stored)) if mine else (lambda _: False)
        return made

    def _hold(self, others_are_stored: Callable[[], bool]) -> bool:
        end = time.monotonic() + LIMIT
        while not others_are_stored() and time.monotonic() < end:
            time.sleep(0.01)
        self.seen.append(others_are_stored())
        return False

    def sync(self, store: Store) -> list[SourceResult]:
        """One sync, whose dead source holds on at each new try."""
        config = self.trio.company.config
        before = stored(store)

        def others_are_stored() -> bool:
            now = stored(store)
            fine = (one for one in TOOLS if one != self.dead)
            return all(now[one].state is SourceState.OK and _newer(now[one], before.get(one)) for one in fine)

        return sync(
            store,
            config,
            config.sources,
            connect=lambda source: self.connect(source, others_are_stored),
            clock=self.trio.company.now,
            engine=ThreadEngine(),
            options=Options(allow_mass_delete=True),
        )


def stored(store: Store) -> dict[str, SourceStatus]:
    with store.read() as tx:
        return {one.id: one for one in sources.statuses(tx)}


def _newer(now: SourceStatus, before: SourceStatus | None) -> bool:
    return before is None or now.last_success != before.last_success


@pytest.mark.parametrize("first", [True, False])
@pytest.mark.parametrize("dead", TOOLS)
def test_the_others_are_stored_while_a_dead_source_still_tries(trio: Trio, dead: str, first: bool) -> None:
    store = trio.company.store()
    if not first:
        trio.company.sync(store)
        trio.company.wait(minutes=5)
        trio.company.create(summary="New", labels=["okr:KR-UX"])
        trio.repository.push(["SHOP-3 as well"])
        trio.workspace.task("New")
    before = adds_up(store)
    outage = Outage(trio, dead, "503")
    results = {one.id: one for one in outage.sync(store)}
    assert outage.seen == [True] * 4, "four waits between five tries, and before the first of them all was stored"
    assert [one.id for one in results.values() if one.state is not SourceState.OK] == [dead]
    counts = adds_up(store)
    for tool, size in SIZES.items():
        held = sum(count for (source, _), count in counts.items() if source == tool)
        known = sum(count for (source, _), count in before.items() if source == tool)
        assert held == (known if tool == dead else size if first else size + 1), tool
    assert results[dead].changed == results[dead].pulled == 0


@pytest.mark.parametrize(
    ("dead", "way"), [pytest.param(*case, marks=[] if case in ORDINARY else pytest.mark.soak) for case in CASES]
)
def test_every_answer_names_the_dead_source_until_it_is_back(
    trio: Trio, dead: str, way: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    store = trio.synced()
    whole = adds_up(store)
    trio.company.wait(minutes=5)
    outage = Outage(trio, dead, way)
    outage.sync(store)
    assert adds_up(store) == whole, "what was known of it stays"
    monkeypatch.setenv("TOKEN", "good")
    monkeypatch.setattr(Session, "now", lambda _: trio.company.now())
    trio.company.replace("unused.db", "okrsync-0.db")
    assert trio.company.config.sources, "the file is written"
    installed = Installation(trio.company.folder, trio.company.sandbox, capsys, monkeypatch)
    for command in ANSWERS:
        answer = installed.json(*command)
        assert (answer["complete"], [one["source"] for one in answer["behind"]]) == (False, [dead]), command
    trio.company.sandbox.clear()
    trio.company.sync(store)
    for command in ANSWERS[:2]:
        answer = installed.json(*command)
        assert (answer["complete"], answer["behind"]) == (True, []), command
    assert adds_up(store) == whole
