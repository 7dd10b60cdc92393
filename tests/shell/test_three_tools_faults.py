"""P4 over three tools: whatever request or statement fails, one clean run reaches the fault-free state (promises)."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from disk import failing
from small_company import differences
from trio import BOARD, CAMPAIGNS, GOAL, TASK, Trio, adds_up, three_tools

from okrsync.errors import StoreError
from okrsync.model import SourceState, WriteState
from okrsync.store import Store

TOOLS = ("jira", "github", "asana")
WAYS = ("truncated", "login_page", "reset", "503", "400")
LOST = ("reset", "truncated", "503")  # how the answer of a write gets lost


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


@pytest.mark.parametrize("step", [5, pytest.param(1, marks=[pytest.mark.soak, pytest.mark.timeout(900)])])
@pytest.mark.parametrize("tool", TOOLS)
def test_any_request_of_an_apply_may_fail(tmp_path: Path, tool: str, step: int) -> None:
    """Before it is carried out, or after it, when only the answer is lost: nothing comes twice in any case."""
    number = 0
    while number >= 0:
        lost = LOST[number % len(LOST)]
        for after in (True, False) if step == 1 else (True,):
            folder = tmp_path / f"{number}-{after}"
            folder.mkdir()
            with three_tools(folder) as trio:
                store = trio.synced()
                planned = trio.company.plan(store).writes
                trio.company.sandbox.clear_requests()
                how: dict[str, Any] = {"kind": lost} if not lost.isdecimal() else {"kind": "answer", "status": 503}
                trio.company.sandbox.fault(skip=number, path=f"/{tool}/.*", after=after, times=1, **how)
                _, outcomes = trio.company.apply(store)
                asked = sum(one.path.startswith(f"/{tool}") for one in trio.company.sandbox.requests)
                trio.company.sandbox.clear()
                hit = asked > number
                assert {one.write.slot.source for one in outcomes if one.state is not WriteState.APPLIED} <= {tool}
                trio.company.apply(store)
                assert trio.company.plan(store).writes == ()
                trio.is_written_once(planned)
        number = number + step if hit else -1
