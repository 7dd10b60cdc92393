"""The sandbox's faults in what an answer says and how it pages do what they say."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
import requests
from redmine_server import RedmineServer

from okrsync.errors import UsageError
from okrsync.sandbox import Fault, Sandbox, World
from okrsync.sandbox.clock import Clock

NOW = datetime(2026, 3, 1, 8, 0, tzinfo=UTC)


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    clock = Clock(NOW)
    server, world = RedmineServer(clock), World(clock=clock)
    for _ in range(4):
        server.create(1, NOW)
    world.served["redmine"] = server
    with Sandbox(world) as running:
        yield running


def issues(sandbox: Sandbox, offset: int = 0, limit: int = 1) -> Any:
    url = f"{sandbox.url}/redmine/issues.json?offset={offset}&limit={limit}"
    return requests.get(url, headers={"X-Redmine-API-Key": "good"}, timeout=5).json()["issues"]


@pytest.mark.parametrize(
    ("edit", "subject"),
    [
        ("removed", "missing"),
        ("null", None),
        ("odd", 7),
        ("unclean", "\x00\ud800Issue 1\x00\ud800"),
        ("added", "Issue 1"),
    ],
)
def test_an_edit(edit: str, subject: Any, sandbox: Sandbox) -> None:
    sandbox.fault("edited", member="subject", edit=edit)
    (row,) = issues(sandbox)
    assert row.get("subject", "missing") == subject
    assert row["id"] == 1
    assert ("x_new_member" in row) is ("x_new_member" in row["project"]) is (edit == "added")
    assert issues(sandbox)[0]["subject"] == "Issue 1", "once"


def test_an_edit_that_does_not_exist() -> None:
    with pytest.raises(UsageError, match="unknown edit 'eaten': one of added, null"):
        Fault("edited", edit="eaten")


def test_a_cycle_of_pages_and_short_ones(sandbox: Sandbox) -> None:
    sandbox.fault("page_cycle", rows=2, times=4)
    assert [issues(sandbox, offset)[0]["id"] for offset in range(4)] == [1, 2, 1, 2]
    sandbox.fault("short_page", rows=2)
    assert [len(issues(sandbox, 0, 4)) for _ in range(2)] == [2, 4]
