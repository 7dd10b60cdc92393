"""P1: kill -9 at any moment of a sync or an apply loses nothing and repeats no visible write (design: promises)."""

from __future__ import annotations

import os
import random
import signal
import sqlite3
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest
from every_surface import Everywhere, every_surface
from small_company import START, differences
from trio import adds_up

from okrsync.model import Link
from okrsync.store import Store

SEED = 20261123
KILLING = Path(__file__).with_name("killing.py")
WORTH = 5  # items whose goal comes or goes between two commands, in each tool


@dataclass
class Crowd:
    """Many items in three tools, and objects on which progress is said, of which more and more are named."""

    tools: Everywhere
    dice: random.Random
    unnamed: list[list[str]] = field(default_factory=list)

    def fill(self, size: int, places: int) -> None:
        """So many items, and so many objects of each sort to write to."""
        company, hub, board = self.tools.company, self.tools.repository, self.tools.workspace
        for number in range(size // 2):
            place: dict[str, Any] = {"parent": f"SHOP-{number % 3}", "project": "SHOP"} if number % 3 else {}
            company.create(**{"project": "PAY", "summary": f"Work {number}", **place})
        for number in range(size // 4):
            hub.issue(f"Work {number}", labels=["okr:KR-UX"] if number % 2 else [])
            self.tools.task(f"Work {number}")
        for number in range(places):
            self.tools.pull(f"Change {number}", "SHOP-3" if number % 2 else "")
            goal = board.edit("goals", {"name": f"Goal {number}"})
            assert goal is not None
            self.unnamed.append(
                [
                    f"jira:{company.create(summary=f'Told {number}', issuetype='Epic').key}",
                    f"github:acme/shop#{hub.issue(f'Told {number}').number}",
                    f"github:milestone:acme/shop#{self.tools.milestone(f'Told {number}')}",
                    f"asana:{self.tools.task(f'Told {number}')}",
                    f"asana:goal:{goal['gid']}",
                ]
            )
        company.wait(days=2)

    def move(self) -> None:
        """People link some work and unlink other, and progress is to be said in one more place of each tool."""
        company, hub, board = self.tools.company, self.tools.repository, self.tools.workspace
        company.wait(minutes=1)
        issues = [one for one in company.site.issues.values() if one.key.startswith("PAY-")]
        for issue in self.dice.sample(issues, WORTH):
            change = "remove" if "okr:KR-PAY" in issue.fields["labels"] else "add"
            company.edit(issue, labels={change: ["okr:KR-PAY"]})
        loose = [number for number, one in hub.issues.items() if one.pull is None and one.title.startswith("Work")]
        for number in self.dice.sample(loose, WORTH):
            labels = set(hub.find(number).labels)
            hub.edit(number, labels=sorted(labels ^ {"okr:KR-PAY"}))
        tasks = [one for one in board.held["task"].values() if one["name"].startswith("Work")]
        for task in self.dice.sample(tasks, WORTH):
            change = "remove" if "okr:KR-PAY" in {tag["name"] for tag in task.get("tags") or ()} else "add"
            board.edit(f"tasks/{task['gid']}", {"tags": {change: ["okr:KR-PAY"]}})
        if self.unnamed:
            self.tools.write_to(*self.unnamed.pop())


SYNC, APPLY, WRITES = "a sync", "an apply", "the writes of an apply"


@dataclass
class Killer:
    """Starts commands and kills them, at moments that are spread over the time which they take."""

    tools: Everywhere
    dice: random.Random
    longest: dict[str, float] = field(default_factory=lambda: {SYNC: 1.0, APPLY: 1.0, WRITES: 0.3})
    killed: Counter[str] = field(default_factory=Counter)
    in_mid_apply: int = 0  # some of a run was written, and some was not
    sending: int = 0  # a write was in mid-air

    def ended(self, *command: str) -> None:
        """The command ran to its end, and all went well."""
        running = self._started(*command)
        assert running.wait() == 0, self.log.read_text()

    def kill(self, span: str, *command: str) -> None:
        """The command was killed somewhere in this span, or ended before."""
        before = self.in_mid_air()
        self.tools.company.sandbox.clear_requests()
        running = self._started(*command)
        while span == WRITES and running.poll() is None and not self.tools.company.sandbox.unsafe_requests():
            time.sleep(0.001)
        began = time.monotonic()
        try:
            running.wait(self.dice.uniform(0, self.longest[span]))
        except subprocess.TimeoutExpired:
            running.send_signal(signal.SIGKILL)
            self.longest[span] *= 1.1
        code = running.wait()
        assert code in (0, -signal.SIGKILL), self.log.read_text()
        if code:
            self.killed[span] += 1
            self.sending += bool(self.in_mid_air() - before)
            self.in_mid_apply += self._is_half_done()
        else:
            self.longest[span] = max(time.monotonic() - began, 0.05)

    def _is_half_done(self) -> bool:
        """Whether the newest run wrote something just now and did not come to its end."""
        states = self._ask("SELECT state FROM write WHERE run = (SELECT max(id) FROM run)")
        return bool(self.tools.company.sandbox.unsafe_requests()) and bool({"planned", "intended"} & states)

    def _ask(self, question: str) -> set[Any]:
        with closing(sqlite3.connect(self.tools.company.folder / "okrsync-0.db")) as database:
            return {row[0] for row in database.execute(question)}

    def in_mid_air(self) -> set[int]:
        """The writes that are intended, and nothing more is known of them."""
        return self._ask("SELECT id FROM write WHERE state = 'intended'")

    @property
    def log(self) -> Path:
        return self.tools.company.folder / "said.log"

    def _started(self, *command: str) -> subprocess.Popen[Any]:
        company = self.tools.company
        assert company.config.sources, "the file is written"
        about = [str(company.folder / "okrsync.toml"), company.now().isoformat()]
        said, says = os.pipe()
        with self.log.open("wb") as log:
            running = subprocess.Popen(
                [sys.executable, str(KILLING), str(says), *about, *command], stdout=log, stderr=log, pass_fds=[says]
            )
        os.close(says)
        with os.fdopen(said, "rb") as pipe:
            ready = pipe.read() == b"ready"
        assert ready or not running.wait(), self.log.read_text()
        return running


TURNS = (
    (SYNC, "sync"),
    (WRITES, "apply", "--yes"),
    (WRITES, "apply", "--yes"),
    (SYNC, "sync", "--full"),
    (APPLY, "apply", "--yes"),
)


@pytest.mark.parametrize(
    ("kills", "size"), [(3, 60), pytest.param(200, 1500, marks=[pytest.mark.soak, pytest.mark.timeout(3600)])]
)
def test_kills_at_random_moments_leave_what_a_calm_run_leaves(
    tmp_path: Path, kills: int, size: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    print(f"seed {SEED}")
    monkeypatch.setenv("TOKEN", "good")
    dice = random.Random(SEED)
    with every_surface(tmp_path) as tools:
        company = tools.company
        crowd, killer = Crowd(tools, dice), Killer(tools, dice)
        crowd.fill(size, places=max(kills // 6, 1))
        store = company.store()
        company.replace("unused.db", "okrsync-0.db")
        turn = 0
        while killer.killed.total() < kills:
            killer.kill(*TURNS[turn % len(TURNS)])
            turn += 1
            if turn % len(TURNS) == 2:
                crowd.move()
            assert [what for what, count in tools.visible().items() if count != 1] == [], (turn, killer.killed)
        while crowd.unnamed:
            tools.write_to(*crowd.unnamed.pop())
        company.wait(minutes=1)
        killer.ended("sync", "--full")
        killer.ended("apply", "--yes")
        print(f"killed: {dict(killer.killed)}; {killer.in_mid_apply} in mid-apply, {killer.sending} in mid-write")
        assert killer.sending >= kills // 10
        assert company.plan(store).writes == ()
        with closing(sqlite3.connect(tmp_path / "okrsync-0.db")) as database:
            assert database.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        as_many_as(tools, store, size)
        as_nobody_killed(tools, store)


def as_many_as(tools: Everywhere, store: Store, size: int) -> None:
    """All items are stored, and everything that people see stands there once, on each of the objects that are named."""
    assert sum(adds_up(store).values()) >= size
    seen = tools.visible()
    assert set(seen.values()) == {1}
    kinds = Counter(what[0] for what in seen)
    named = Counter(ref.rpartition(":")[0] for ref in tools.targets)
    pulls = sum(one.pull is not None for one in tools.repository.issues.values())
    assert kinds["jira comment"] == named["jira"]
    assert kinds["github comment"] == named["github"]
    assert kinds["block"] == named["github:milestone"]
    assert kinds["asana comment"] == named["asana"]
    assert kinds["update"] == named["asana:goal"] + 1, "the one that a key result is read from is told, too"
    assert len({what[1] for what in seen if what[0] == "status"}) == pulls


def as_nobody_killed(tools: Everywhere, store: Store) -> None:
    """A database that nobody ever killed holds the same, and finds nothing to add to what stands there."""
    company = tools.company
    calm = company.store()
    company.sync(calm, full=True)
    assert adds_up(calm) == adds_up(store)
    assert differences(timeless(company.state(store)), timeless(company.state(calm))) == []
    before = tools.visible()
    company.apply(calm)
    assert tools.visible() == before, "it may tell smaller moves of progress; nothing comes a second time"


def timeless(state: dict[str, Any]) -> dict[str, Any]:
    """A state without when something was first seen, and what left a scope: an older database knows more of that."""

    def untimed(links: Sequence[Link]) -> tuple[Link, ...]:
        return tuple(
            replace(link, since=START, until=None, path=tuple(replace(hop, since=None) for hop in link.path))
            for link in links
        )

    verdicts = {
        which: replace(one, links=untimed(one.links), lost=untimed(one.lost))
        for which, one in state["verdicts"].items()
    }
    progress = {
        kr: replace(one, read_at=None, causes=tuple(cause for cause in one.causes if ".scope_" not in cause.text.code))
        for kr, one in state["progress"].items()
    }
    return {**state, "verdicts": verdicts, "progress": progress}
