"""What okrsync writes into GitHub comes back as no news: no item changes, nothing is linked anew."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select
from trio import Trio, three_tools

from okrsync.model import ItemRef, Json, Say, Slot, Surface, Write
from okrsync.store import tables as t
from okrsync.writing.targets import write_targets


@pytest.fixture
def trio(tmp_path: Path) -> Iterator[Trio]:
    with three_tools(tmp_path) as found:
        found.repository.milestone("Spring", description="Words of people\r\n")
        found.repository.edit(2, milestone=1)
        yield found


def write(remote_id: str, surface: Surface, name: str, after: Json) -> Write:
    return Write(Slot("github", remote_id, surface, name), "key", "url", None, after, Say("why"))


def pushed(trio: Trio, *touches: list[Write]) -> None:
    (source,) = (one for one in trio.company.config.sources if one.id == "github")
    sink: Any = trio.company.connect(source)
    for touch in touches:
        assert [one.value for one in sink.push(touch)] == [one.after for one in touch]
    sink.close()


def everything(trio: Trio, *, undo: bool = False) -> list[list[Write]]:
    repository = trio.repository
    pull = repository.find(4).pull
    assert pull is not None
    failure: Json = {"state": "failure", "description": "reaches no objective"}
    at = f"{repository.id}#2"
    labels: Json = None if undo else True
    return [
        [
            write(at, Surface.LABEL, "okr-orphan", labels),
            write(at, Surface.OBJECTIVE_LABEL, "okr-objective:O-SHOP", labels),
            write(at, Surface.COMMENT, "acme", None if undo else "KR-UX: 50 %\n- SHOP-1 is late"),
        ],
        [write(f"{repository.id}#4", Surface.STATUS, pull.head_sha, None if undo else failure)],
        [write(f"milestone:{repository.id}:1", Surface.BLOCK, "acme", None if undo else "KR-UX: 50 %")],
    ]


def content(store: Any) -> list[Any]:
    """All that is kept of the items of GitHub, and which of them are to be judged anew."""
    with store.read() as tx:
        columns = [column for column in t.item.c if column.name not in ("updated_at", "history_at")]
        items = tx.execute(select(*columns).where(t.item.c.source == "github").order_by(t.item.c.uid)).all()
        return [*items, *tx.scalars(select(t.dirty.c.uid))]


@pytest.mark.parametrize("undo", [False, True])
def test_nothing_that_is_kept_changes_and_nothing_is_linked_anew(trio: Trio, undo: bool) -> None:
    store = trio.synced()
    if undo:
        pushed(trio, *everything(trio))
        trio.company.wait(minutes=10)
        trio.company.sync(store)
    before, judged = content(store), trio.company.state(store)
    pushed(trio, *everything(trio, undo=undo))
    if undo:
        (source,) = (one for one in trio.company.config.sources if one.id == "github")
        sink: Any = trio.company.connect(source)
        assert sink.sweep([one.slot for touch in everything(trio) for one in touch]) == 2
        sink.close()
    trio.company.wait(minutes=10)
    trio.company.sandbox.clear_requests()
    assert {one.id: one.error for one in trio.company.sync(store)}["github"] == ""
    asked = [one.path.rpartition("/")[2] for one in trio.company.sandbox.requests if one.path.startswith("/github")]
    assert asked.count("issues") <= 1, "the repository is not read anew"
    assert content(store) == before
    assert trio.company.state(store)["verdicts"] == judged["verdicts"]


def test_a_milestone_is_a_target_by_the_id_of_its_repository(trio: Trio) -> None:
    named = "github:milestone:acme/shop#1", "github:milestone:ACME/shop#01", "github:milestone:acme/nowhere#1"
    for key in named:
        trio.company.replace('"github:acme/shop#1"', f'"github:acme/shop#1", "{key}"')
    store = trio.synced()
    with store.read() as tx:
        targets = write_targets(tx, trio.company.config)
    refs = [ItemRef("github", key.partition(":")[2]) for key in named]
    found = targets[refs[0]]
    identity = f"milestone:{trio.repository.id}:1"
    assert (found.remote_id, found.key, found.project) == (identity, "milestone:acme/shop#1", "acme/shop")
    assert found.url == "https://github.com/acme/shop/milestone/1"
    assert found == targets[refs[1]]
    assert refs[2] not in targets
