"""The past of items: as Jira and GitHub tell it, as it was seen in Asana, and what links make of it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select
from trio import BOARD, CAMPAIGNS, TASK, Trio, three_tools

from okrsync.model import ChangeKind
from okrsync.store import Store
from okrsync.store import tables as t

MILESTONE = "github:milestone:acme/shop#1"


@pytest.fixture
def trio(tmp_path: Path) -> Iterator[Trio]:
    with three_tools(tmp_path) as found:
        yield found


def past(store: Store, source: str, remote_id: str) -> list[tuple[str, str | None, str | None, bool]]:
    change = t.change.c
    statement = (
        select(change.kind, change.before, change.after, change.observed)
        .join(t.item, t.item.c.uid == change.uid)
        .where(t.item.c.source == source, t.item.c.remote_id == remote_id)
        .order_by(change.n)
    )
    with store.read() as tx:
        return [tuple(row) for row in tx.execute(statement)]  # type: ignore[misc]


def since(store: Store, source: str, remote_id: str) -> Any:
    with store.read() as tx:
        rows = tx.execute(
            select(t.link.c.target, t.link.c.valid_from)
            .join(t.item, t.item.c.uid == t.link.c.uid)
            .where(t.item.c.source == source, t.item.c.remote_id == remote_id, t.link.c.valid_to.is_(None))
        )
        return dict(rows.all())


def test_a_link_is_as_old_as_the_label_that_made_it(trio: Trio) -> None:
    """Whether the tool tells, or two syncs saw it; and not as old as the sync that saw it, where the tool tells."""
    issue, ticket = trio.repository.find(2), trio.company.site.find("SHOP-3")
    of_github = f"{trio.repository.id}#2"
    store = trio.synced()
    trio.company.wait(hours=5)
    put_on = trio.company.now()
    trio.repository.edit(issue.number, labels=["okr:KR-PAY"])
    trio.company.edit(ticket, labels=["okr:KR-PAY"])
    trio.workspace.edit(f"tasks/{TASK}", {"tags": {"add": ["okr:KR-PAY"]}})
    trio.company.wait(hours=2)
    trio.company.sync(store)
    seen = trio.company.now()
    assert since(store, "jira", ticket.id)["KR-PAY"] == put_on
    assert since(store, "github", of_github)["KR-PAY"] == put_on
    assert put_on <= since(store, "asana", TASK)["KR-PAY"] <= seen
    assert [one[3] for one in past(store, "asana", TASK)] == [True]
    assert {one[3] for one in past(store, "github", of_github) + past(store, "jira", ticket.id)} == {False}


def test_a_link_is_as_old_as_the_step_into_the_container(trio: Trio) -> None:
    trio.company.replace('id = "KR-PAY"', f'id = "KR-PAY"\ncontainers = ["asana:project:{CAMPAIGNS}", "{MILESTONE}"]')
    milestone = trio.repository.milestone("Soon")
    store = trio.synced()
    trio.company.wait(hours=5)
    put_there = trio.company.now()
    trio.repository.edit(2, milestone=milestone.number)
    trio.workspace.edit(f"tasks/{TASK}", {"project": CAMPAIGNS})
    trio.company.wait(hours=2)
    trio.company.sync(store)
    assert since(store, "github", f"{trio.repository.id}#2")["KR-PAY"] == put_there
    assert put_there <= since(store, "asana", TASK)["KR-PAY"] <= trio.company.now()


def test_a_full_reading_keeps_what_was_seen_and_a_new_store_does_not_know_it(trio: Trio) -> None:
    store = trio.synced()
    for change in ({"completed": True}, {"completed": False}, {"tags": {"add": ["blue"]}}, {"project": BOARD}):
        trio.company.wait(hours=1)
        trio.workspace.edit(f"tasks/{TASK}", change)
        trio.company.sync(store)
    seen = past(store, "asana", TASK)
    assert [one[:3] for one in seen] == [
        (ChangeKind.STATE, "todo", "done"),
        (ChangeKind.STATE, "done", "todo"),
        (ChangeKind.LABEL_ADDED, None, "blue"),
    ]
    trio.company.sync(store, full=True)
    assert past(store, "asana", TASK) == seen
    fresh = trio.company.store()
    trio.company.sync(fresh)
    assert past(fresh, "asana", TASK) == []
    for source in ("jira", "github"):
        with store.read() as tx:
            known = list(tx.scalars(select(t.item.c.remote_id).where(t.item.c.source == source)))
        assert [past(fresh, source, one) for one in known] == [past(store, source, one) for one in known]


def test_okrsyncs_own_labels_are_no_changes(trio: Trio) -> None:
    store = trio.synced()
    trio.company.wait(days=2)
    trio.company.sync(store)
    trio.company.apply(store)
    assert "okr-orphan" in str(trio.workspace.find("task", TASK)["tags"])  # type: ignore[index]
    trio.company.wait(minutes=5)
    trio.company.sync(store)
    with store.read() as tx:
        told = list(tx.execute(select(t.change.c.before, t.change.c.after)))
    assert not [row for row in told if "okr-orphan" in row]


def test_commits_are_never_asked_for_their_past(trio: Trio) -> None:
    store = trio.company.store()
    asked: list[str] = []
    connect = trio.company.connect

    def listening(source: Any) -> Any:
        remote = connect(source)
        if source.id == "github":
            history = remote.history
            remote.history = lambda ids: (asked.extend(ids), history(ids))[1]
        return remote

    trio.company.connect = listening  # type: ignore[method-assign]
    trio.company.sync(store)
    assert asked
    assert all("#" in one for one in asked), "issues and pull requests alone"
    before = list(asked)
    trio.company.wait(hours=3)
    trio.company.sync(store)
    assert asked == before, "nothing moved"
