"""What goes from GitHub goes from here with the next cycle, though no list tells of it, and costs what it must."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from trio import Trio, three_tools

from okrsync.store import Store, pages


@pytest.fixture
def trio(tmp_path: Path) -> Iterator[Trio]:
    with three_tools(tmp_path) as found:
        found.company.census = timedelta(days=400)
        yield found


def held(store: Store, trio: Trio) -> set[str]:
    with store.read() as tx:
        return {
            one.partition(str(trio.repository.id))[2] for one in pages.live_ids(tx, "github", str(trio.repository.id))
        }


def test_an_issue_that_is_deleted_goes_with_the_next_cycle(trio: Trio) -> None:
    store = trio.synced()
    trio.company.wait(hours=1)
    trio.company.sync(store)
    before = held(store, trio)
    trio.repository.delete(2)
    trio.repository.issue("Instead")
    trio.company.sync(store)
    assert held(store, trio) == before - {"#2"} | {"#5"}


def test_commits_of_a_forced_branch_go_with_the_next_cycle(trio: Trio) -> None:
    trio.repository.push(["Kept", "Dropped"])
    store = trio.synced()
    before, dropped = held(store, trio), trio.repository.head
    trio.repository.force_push(["Instead"], drop=1)
    trio.company.sync(store)
    assert held(store, trio) == before - {f"@{dropped}"} | {f"@{trio.repository.head}"}
