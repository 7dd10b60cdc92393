"""The past as it is read: at this instant the same as what the roll-up weighs, on both databases."""

from __future__ import annotations

import random
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from okrsync.model import Change, ChangeKind, Goals, History, Item, KeyResult, Objective, Page, Reference, State
from okrsync.model import ReferenceKind as Kind
from okrsync.store import Store, blocks, departures, histories, pages, past, workload
from okrsync.store import tables as t
from okrsync.store.bulk import insert_rows
from okrsync.store.codec import micros
from rollup.workload import NEVER, Workload

T0 = datetime(2026, 1, 5, 9, 30, 15, 123456, tzinfo=UTC)
DAY = timedelta(days=1)
GOALS = Goals({}, {"O-1": Objective("O-1", "Lead")}, {name: KeyResult(name, "O-1", name) for name in ("KR-1", "KR-2")})


def told(work: Workload) -> dict[str, Any]:
    """What a workload says of each item that is linked, without the places of its names."""
    here = set(work.items["uid"].tolist())
    links = {(row["uid"].item(), str(work.targets[row["target"]])): row["since"].item() for row in work.links}
    return {
        "links": links,
        "items": {
            row["uid"].item(): (
                *(row[name].item() for name in ("state", "kind", "finished", "blocked")),
                row["parent"].item() if row["parent"].item() in here else None,
                None if row["points"] != row["points"] else row["points"].item(),
                work.resolutions[row["resolution"]],
                work.sources[row["source"]],
            )
            for row in work.items
        },
    }


def company(store: Store, make: Callable[..., Item], seed: int) -> None:
    """Forty items with lives that fit them, links that moved, blockers, and some that are gone."""
    chance = random.Random(seed)
    items, lives = [], []
    for number in range(1, 41):
        at, state, changes = T0 + number * DAY / 4, State.TODO, []
        for _ in range(chance.randrange(4)):
            at, after = at + chance.random() * 9 * DAY, chance.choice([State.TODO, State.IN_PROGRESS, State.DONE])
            if after is not state:
                changes.append(Change(at, ChangeKind.STATE, state, after))
                state = after
        done = state is State.DONE
        references = []
        if number > 5 and chance.random() < 0.4:
            references.append(Reference(Kind.PARENT, f"SHOP-{number // 5}", f"{10000 + number // 5}"))
        if chance.random() < 0.3:
            other = chance.randrange(1, 41)
            references.append(Reference(Kind.BLOCKED_BY, f"SHOP-{other}", since=at if chance.random() < 0.5 else None))
        more: dict[str, Any] = {"completed_at": at if done and chance.random() < 0.7 else None}
        more |= {
            "resolution": "Won't Do" if done and chance.random() < 0.3 else None,
            "points": chance.choice([None, 3]),
        }
        item = make(number, state=state, created_at=T0 + number * DAY / 4, references=tuple(references), **more)
        items.append(item)
        lives.append(History(item.remote_id, tuple(changes)))
    with store.begin() as tx:
        pages.save_page(tx, "jira", Page(tuple(items), {}), T0 + 90 * DAY)
        histories.save_history(tx, "jira", [one.remote_id for one in items], lives)
        uids = dict(tx.execute(t.item.select().with_only_columns(t.item.c.remote_id, t.item.c.uid)).all())
        rows = []
        for item in items:
            since = item.created_at + chance.random() * 20 * DAY
            until = since + 5 * DAY if chance.random() < 0.4 else None
            rows.append((uids[item.remote_id], "KR-1", "label", micros(since), until and micros(until), "label"))
            if until is not None or chance.random() < 0.2:
                rows.append((uids[item.remote_id], "KR-2", "label", micros(until or since), None, "label"))
        insert_rows(tx, t.link, ("uid", "target", "rule", "valid_from", "valid_to", "via"), rows)
        departures.tombstone(tx, "jira", [items[3].remote_id, items[17].remote_id], T0 + 80 * DAY)


@pytest.mark.parametrize("seed", range(3))
def test_of_now_the_past_says_what_is_weighed(store: Store, make: Callable[..., Item], seed: int) -> None:
    company(store, make, seed)
    now = T0 + 90 * DAY
    with store.begin() as tx:
        weighed = told(workload.read(tx, GOALS))
        then = told(past.read(tx, GOALS).at(micros(now), blocks.blocked(tx, now)))
        open_ = {uid for uid, one in weighed["items"].items() if one[0] != 2}
        for one in (weighed, then):  # of what is done nobody asks what blocks it
            one["items"] = {uid: said if uid in open_ else said[:3] for uid, said in one["items"].items()}
        assert then == weighed
        gone = told(past.read(tx, GOALS).at(micros(T0 + 79 * DAY)))
        assert set(gone["items"]) - set(weighed["items"]), "what was deleted later was there"


def test_only_what_is_asked_for_is_read(store: Store, make: Callable[..., Item]) -> None:
    company(store, make, 1)
    with store.begin() as tx:
        every, one = past.read(tx, GOALS), past.read(tx, GOALS, ["KR-2"])
        for day in range(0, 90, 10):
            at = micros(T0 + day * DAY)
            mine, same = (known.of("KR-2").at(at) for known in (every, one))
            assert told(mine) == told(same)
        assert 0 < len(one.items) < len(every.items)
        assert past.read(tx, GOALS, []).at(NEVER - 1).links.size == 0
