"""P4 over three tools: whatever request or statement fails, one clean run reaches the fault-free state (promises)."""

from __future__ import annotations

import shutil
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from disk import failing
from every_surface import Everywhere, every_surface
from small_company import differences
from trio import BOARD, CAMPAIGNS, GOAL, TASK, Trio, adds_up, three_tools

from okrsync.errors import StoreError
from okrsync.model import SourceState, WriteState
from okrsync.store import Store, journal, written
from okrsync.writing.outcome import Outcome

TOOLS = ("jira", "github", "asana")
WAYS = ("truncated", "login_page", "reset", "503", "400")
LOST = ("reset", "truncated", "503", "404", "400", "401")  # how the answer of a write gets lost


@pytest.fixture
def trio(tmp_path: Path) -> Iterator[Trio]:
    with three_tools(tmp_path) as found:
        yield found


def a_day_of_work(trio: Trio) -> None:
    """One change of every kind that a sync of GitHub or Asana has a step for, and some in Jira that reach them."""
    company, repository, workspace = trio.company, trio.repository, trio.workspace
    company.wait(hours=3)
    company.edit(company.site.find("SHOP-3"), project="PAY")
    company.edit(company.site.find("PAY-4"), delete=True)
    company.edit(company.site.find("PLAT-1"), labels={"remove": ["okr:KR-UX"]})
    soon = repository.milestone("Soon")
    parent = repository.issue("Above", labels=["okr:KR-PAY"])
    repository.edit(2, milestone=soon.number, parent=parent.number)
    repository.pull("Late", body="Closes #2", head="late", commits=["SHOP-3 under its old key", "Late\n\nOKR: KR-UX"])
    (undone,) = repository.push(["Basket (#3)"])
    repository.push([f'Revert "Basket"\n\nThis reverts commit {undone.sha[:9]}.'])
    repository.merge(3)
    repository.rename_label("okr:KR-UX", "okr:KR-PAY-TOO")
    repository.delete(repository.issue("Gone").number)
    section = workspace.edit("sections", {"name": "Now", "project": BOARD})
    assert section is not None
    below = workspace.task("Below", parent=TASK)
    workspace.task("Elsewhere", project=CAMPAIGNS)
    workspace.edit(f"tasks/{TASK}", {"section": section["gid"], "tags": {"add": ["okr:KR-PAY"]}, "blocked_by": below})
    workspace.edit(f"goals/{GOAL}", {"support": [TASK]})
    company.wait(minutes=1)


def copy_of(trio: Trio, path: Path) -> Store:
    store = trio.company.store()
    store.close()
    shutil.copy(path, trio.company.folder / f"okrsync-{len(trio.company.stores) - 1}.db")
    return store


@pytest.fixture
def before_and_after(trio: Trio) -> tuple[Path, dict[str, Any], dict[str, int]]:
    """The database of yesterday, today's fault-free state, and how many requests lead there, by tool."""
    trio.synced().close()
    a_day_of_work(trio)
    path = trio.company.folder / "okrsync-0.db"
    calm = copy_of(trio, path)
    trio.company.sandbox.clear_requests()
    trio.company.sync(calm)
    asked = [one.path for one in trio.company.sandbox.requests]
    adds_up(calm)
    return path, trio.company.state(calm), {tool: sum(one.startswith(f"/{tool}") for one in asked) for tool in TOOLS}


def armed(trio: Trio, tool: str, number: int, way: str) -> None:
    how: dict[str, Any] = {"kind": "answer", "status": int(way), "times": 5} if way.isdecimal() else {"kind": way}
    trio.company.sandbox.fault(skip=number, path=f"/{tool}/.*", **{"times": 2, **how})


@pytest.mark.parametrize("step", [4, pytest.param(1, marks=[pytest.mark.soak, pytest.mark.timeout(900)])])
@pytest.mark.parametrize("tool", TOOLS)
def test_any_request_may_fail(trio: Trio, before_and_after: Any, tool: str, step: int) -> None:
    path, expected, requests = before_and_after
    for number in range(0, requests[tool], step):
        for way in WAYS if step == 1 else (WAYS[number // step % len(WAYS)],):
            store = copy_of(trio, path)
            armed(trio, tool, number, way)
            for result in trio.company.sync(store):
                assert (result.state is SourceState.OK) == (result.error == ""), (number, way)
                assert result.state is SourceState.OK or result.id == tool, "the others go on"
            adds_up(store)
            trio.company.sandbox.clear()
            trio.company.sync(store)
            assert differences(trio.company.state(store), expected) == [], (number, way)
            store.close()


@pytest.mark.parametrize("step", [53, pytest.param(1, marks=[pytest.mark.soak, pytest.mark.timeout(900)])])
def test_any_statement_may_fail(trio: Trio, before_and_after: Any, step: int) -> None:
    path, expected, _ = before_and_after
    number = failures = 0
    while True:
        number += step
        store = copy_of(trio, path)
        with failing(store, number) as came:
            try:
                trio.company.sync(store)
            except StoreError:
                failures += 1
        if len(came) < number:
            break
        trio.company.sync(store)
        assert differences(trio.company.state(store), expected) == [], came[number - 1]
        store.close()
    assert failures > 100 / step


# ── what is written, and what is taken back ──


@dataclass
class Act:
    """A run of writes over the three tools, about to begin: an apply, or the undo of one."""

    everywhere: Everywhere
    store: Store
    undoes: int | None = None

    def __call__(self) -> list[Outcome]:
        company = self.everywhere.company
        if self.undoes is None:
            return list(company.apply(self.store)[1])
        return company.undo(self.store, self.undoes)[1]

    def approved(self) -> None:
        """Somebody typed ``okrsync approve``: what a tool refused is tried again at once."""
        with self.store.begin() as tx:
            written.retry(tx, written.refused(tx, self.everywhere.company.now()))

    def came_to(self) -> Any:
        """What people see in the tools, and what the store holds of it, in words that no second try changes."""
        with self.store.read() as tx:
            standing = {slot: (one.value, one.ours, one.restored) for slot, one in journal.standing(tx).items()}
            fates = {
                (run.kind, entry.write.slot, repr(entry.write.after))
                for run in journal.runs(tx)
                for entry in journal.entries(tx, run.id)
                if entry.state in (WriteState.APPLIED, WriteState.UNDONE)
            }
            assert journal.pending(tx) == []
        return self.everywhere.shown(), standing, fates, adds_up(self.store)


@contextmanager
def about_to(name: str, folder: Path) -> Iterator[Act]:
    folder.mkdir()
    with every_surface(folder) as everywhere:
        store = everywhere.synced()
        run = everywhere.company.apply(store)[0] if name == "undo" else None
        everywhere.company.wait(minutes=5)
        everywhere.company.sandbox.clear_requests()
        yield Act(everywhere, store, run)


@pytest.fixture
def calmly(request: pytest.FixtureRequest, tmp_path: Path) -> Any:
    """What the act comes to where nothing fails, and how many requests it sends, by tool."""
    with about_to(request.getfixturevalue("name"), tmp_path / "calm") as act:
        assert {one.state for one in act()} == {WriteState.APPLIED}
        asked = Counter(one.path.split("/")[1] for one in act.everywhere.company.sandbox.requests)
        return act.came_to(), asked


@pytest.mark.parametrize("step", [8, pytest.param(1, marks=[pytest.mark.soak, pytest.mark.timeout(3600)])])
@pytest.mark.parametrize("tool", TOOLS)
@pytest.mark.parametrize("name", ["apply", "undo"])
def test_any_request_of_a_run_may_fail(tmp_path: Path, calmly: Any, name: str, tool: str, step: int) -> None:
    """Before it is carried out, or after it, when only the answer is lost: nothing comes twice in any case."""
    expected, requests = calmly
    for number in range(step // 2, requests[tool], step):
        ways = [(way, after) for way in LOST for after in (True, False) if (name, way) != ("undo", "404")]
        for way, after in ways if step == 1 else [ways[(number // step + TOOLS.index(tool)) % len(ways)]]:
            with about_to(name, tmp_path / f"{number}-{way}-{after}") as act:
                how: dict[str, Any] = {"kind": "answer", "status": int(way)} if way.isdecimal() else {"kind": way}
                sandbox = act.everywhere.company.sandbox
                sandbox.fault(skip=number, path=f"/{tool}/.*", after=after, **how)
                outcomes = act()
                failed = [one.write.slot.source for one in outcomes if one.state is not WriteState.APPLIED]
                assert set(failed) <= {tool}, "the others go on"
                sandbox.clear()
                act.approved()
                act()
                assert act.came_to() == expected, (number, way, after)


@pytest.mark.parametrize("step", [101, pytest.param(1, marks=[pytest.mark.soak, pytest.mark.timeout(3600)])])
@pytest.mark.parametrize("name", ["apply", "undo"])
def test_any_statement_of_a_run_may_fail(tmp_path: Path, calmly: Any, name: str, step: int) -> None:
    expected, _ = calmly
    number = failures = 0
    while True:
        number += step
        with about_to(name, tmp_path / str(number)) as act:
            with failing(act.store, number) as came:
                try:
                    act()
                except StoreError:
                    failures += 1
            if len(came) < number:
                break
            act()
            assert act.came_to() == expected, (number, came[number - 1])
    print(f"{failures} of {number - 1} statements failed")
    assert failures > 100 / step


@pytest.mark.parametrize("tool", TOOLS)
def test_what_a_tool_hides_for_a_while_is_taken_back_later(tmp_path: Path, tool: str) -> None:
    """A 404 where the store holds the object still: nobody says that nothing of ours is left there."""
    with about_to("undo", tmp_path / "hidden") as act:
        sandbox = act.everywhere.company.sandbox
        sandbox.fault("answer", method="GET|POST", path=f"/{tool}/.*", status=404, times=None)
        assert {one.write.slot.source for one in act() if one.failed} == {tool}
        sandbox.clear()
        act.approved()
        act()
        left = {what[0] for what in act.everywhere.visible()} - {"status", "tag"}
        assert left <= {"block"}, "nothing tells of a milestone whether it is there"
