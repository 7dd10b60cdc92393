"""What the roll-up weighs, as it is stored: after any changes the same as from nothing, and as from tickets."""

from __future__ import annotations

import random
from collections.abc import Callable, Collection
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import Connection, delete, func, insert, select, update

from okrsync.model import (
    Change,
    ChangeKind,
    Goals,
    History,
    Item,
    ItemKind,
    KeyResult,
    Objective,
    Page,
    Reference,
    ReferenceKind,
    State,
)
from okrsync.store import Store, codec, departures, pages, tickets, workload
from okrsync.store import tables as t
from okrsync.store.closures import Dependencies
from okrsync.store.dirty import clear_dirty, dirty_version
from okrsync.store.meta import get_meta, set_meta
from okrsync.store.weighed import TOLD
from rollup.workload import KINDS, NEVER, STATES, Workload
from rollup.workload import workload as from_tickets

T0 = datetime(2026, 1, 5, 9, 30, 15, 123456, tzinfo=UTC)
DAY = timedelta(days=1)
TARGETS = ("KR-1", "KR-2", "O-1")


def goals(counts: Collection[ItemKind] = (ItemKind.TICKET,)) -> Goals:
    krs = [KeyResult(name, "O-1", name, counts=frozenset(counts)) for name in ("KR-1", "KR-2")]
    return Goals({}, {"O-1": Objective("O-1", "Lead")}, {kr.id: kr for kr in krs})


def told(work: Workload) -> dict[str, Any]:
    """All that a workload says, without the places of its names; a parent that is not in it says nothing."""
    here = set(work.items["uid"].tolist())
    items = {
        row["uid"].item(): (
            row["parent"].item() if row["parent"].item() in here else None,
            None if row["points"] != row["points"] else row["points"].item(),
            *(row[name].item() for name in ("finished", "done", "blocked")),
            work.resolutions[row["resolution"]],
            work.sources[row["source"]],
            KINDS[row["kind"]],
            STATES[row["state"]],
        )
        for row in work.items
    }
    assert list(items) == sorted(items)
    links = [(row["uid"].item(), str(work.targets[row["target"]]), row["since"].item()) for row in work.links]
    return {"items": items, "turns": work.turns.tolist(), "links": sorted(links)}


def of_tickets(tx: Connection, counts: Collection[ItemKind]) -> Workload:
    """The same from values: every ticket, since its earliest open link to each goal."""
    link = t.link.c
    rows = select(link.uid, link.target, func.min(link.valid_from, type_=link.valid_from.type))
    since = {(uid, target): at for uid, target, at in
             tx.execute(rows.where(link.valid_to.is_(None)).group_by(link.uid, link.target))}  # fmt: skip
    every = [one for one in tickets.read(tx, changes=TOLD, blockers=True) if one.kind in counts]
    return from_tickets(
        {
            target: [replace(one, linked_since=since[one.uid, target]) for one in every if (one.uid, target) in since]
            for target in TARGETS
        }
    )


class World:
    """A store that lives: items come, change and go, histories are told, links are made and end."""

    def __init__(self, store: Store, make: Callable[..., Item], seed: int) -> None:
        self.store, self.make, self.chance = store, make, random.Random(seed)
        self.size = 0
        self.clock = T0 + 100 * DAY
        with store.begin() as tx:
            self.grow(tx)

    def grow(self, tx: Connection) -> None:
        self.size += 3
        fresh = [self.item(n) for n in range(self.size - 3, self.size)]
        pages.save_page(tx, "jira", Page(tuple(fresh), {}), self.clock)

    def at(self) -> datetime:
        return T0 + self.chance.randrange(60 * 24) * timedelta(hours=1)

    def item(self, n: int) -> Item:
        pick = self.chance.choice
        state = pick([State.TODO, State.IN_PROGRESS, State.DONE, State.DONE, State.UNKNOWN])
        references = [self.reference(kind) for kind in pick([(), ("parent",), ("parent",), ("parent", "epic")])]
        references += [self.reference("blocked_by") for _ in range(pick([0, 0, 0, 1, 2]))]
        self.clock += timedelta(minutes=1)
        return self.make(
            n,
            kind=pick([ItemKind.TICKET, ItemKind.TICKET, ItemKind.TICKET, ItemKind.PULL_REQUEST]),
            key=f"SHOP-{n}" if self.chance.random() < 0.7 else f"OLD-{n}",
            state=state,
            created_at=self.at(),
            updated_at=self.clock,
            completed_at=self.at() if state is State.DONE and self.chance.random() < 0.7 else None,
            resolution=pick([None, None, "Fixed", "Won't Do", f"Reason {n % 7}"]),
            points=pick([None, 0.5, 1.0, 3.0]),
            flagged=self.chance.random() < 0.2,
            references=tuple(references),
        )

    def reference(self, kind: str) -> Reference:
        n = self.chance.randrange(self.size + 3)
        by_key = self.chance.random() < 0.5
        since = self.at() if self.chance.random() < 0.3 else None
        return Reference(ReferenceKind(kind), f"SHOP-{n}", None if by_key else str(1000 + n), since=since)

    def history(self, n: int) -> History:
        states, before, changes = [state.value for state in State], None, []
        times = [self.at() for _ in range(self.chance.randrange(5))]
        for at in times if self.chance.random() < 0.2 else sorted(times):
            after = self.chance.choice([*states, State.DONE.value])
            told = self.chance.choice(states) if before is None or self.chance.random() < 0.1 else before
            changes.append(Change(at, ChangeKind.STATE, told, after))
            before = after
        if self.chance.random() < 0.4:
            changes.append(Change(self.at(), ChangeKind.FLAG, None, "1"))
        if self.chance.random() < 0.3:
            changes.append(Change(self.at(), ChangeKind.BLOCKED_BY, None, f"SHOP-{self.chance.randrange(self.size)}"))
        return History(str(1000 + n), tuple(changes))

    def turn(self, tx: Connection) -> None:
        """Something happens."""
        some = self.chance.sample(range(self.size), min(self.size, 4))
        match self.chance.randrange(6):
            case 0 | 1:
                self.grow(tx)
            case 2:
                pages.save_page(tx, "jira", Page(tuple(self.item(n) for n in some), {}), self.clock)
            case 3:
                told = [self.history(n) for n in some]
                pages.save_history(tx, "jira", [one.remote_id for one in told], told)
            case 4:
                leave = self.chance.choice([departures.tombstone, departures.move_out])
                leave(tx, "jira", [str(1000 + n) for n in some[:1]], self.clock)
            case _:
                pages.save_context(tx, "jira", [self.item(n) for n in some[:1]], [], self.clock)

    def judge(self, tx: Connection) -> set[int]:
        """As the link job would: what changed and what depends on it is linked anew."""
        waiting = list(tx.scalars(select(t.dirty.c.uid)))
        uids = Dependencies(tx).below(waiting) if waiting else set()
        clear_dirty(tx, dirty_version(tx))
        live = set(tx.scalars(select(t.item.c.uid).where(t.LIVE)))
        for uid in sorted(uids):
            open_ = (t.link.c.uid == uid, t.link.c.valid_to.is_(None))
            if self.chance.random() < 0.3:
                tx.execute(delete(t.link).where(t.link.c.uid == uid))
            elif self.chance.random() < 0.3:
                tx.execute(update(t.link).where(*open_).values(valid_to=self.clock))
            if uid not in live:
                continue
            for target in self.chance.sample(TARGETS, self.chance.randrange(3)):
                rule, begun = self.chance.choice(["label", "parent"]), self.at()
                key = {"uid": uid, "target": target, "rule": rule, "valid_from": begun}
                if not tx.execute(select(t.link.c.uid).filter_by(**key)).first():
                    tx.execute(insert(t.link).values(**key, valid_to=None, via=""))
        return uids


@pytest.mark.parametrize("seed", range(3))
def test_after_any_changes_it_is_that_of_a_rebuild_and_that_of_tickets(store, make, monkeypatch, seed):
    monkeypatch.setattr(workload, "PART", 4)
    monkeypatch.setattr(workload, "WINDOW", 12)
    world = World(store, make, seed)
    counts = (ItemKind.TICKET, ItemKind.PULL_REQUEST) if seed % 2 else (ItemKind.TICKET,)
    mine = goals(counts)
    seen = 0
    for _ in range(15):
        with store.begin() as tx:
            for _ in range(world.chance.randrange(1, 4)):
                world.turn(tx)
            workload.refresh(tx, mine, world.judge(tx))
            kept, parts = told(workload.read(tx, mine)), set(tx.scalars(select(t.workload.c.part)))
            workload.refresh(tx, mine, None)
            assert told(workload.read(tx, mine)) == kept
            assert set(tx.scalars(select(t.workload.c.part))) == parts
            assert told(of_tickets(tx, counts)) == kept
        seen += len(kept["turns"]) + sum(item[4] < NEVER for item in kept["items"].values())
    assert seen > 20, "nothing was ever reopened or blocked: this proves little"


def test_what_was_done_once_by_a_history_with_a_hole_is_told_as_by_its_ticket(store, make, save, uid):
    """It left what is done by a change that the tool does not tell."""
    save(make(1, state=State.IN_PROGRESS, updated_at=T0 + 9 * DAY))
    moves = ((1, "todo", "done"), (2, "todo", "in_progress"))
    told_so = [Change(T0 + day * DAY, ChangeKind.STATE, before, after) for day, before, after in moves]
    with store.begin() as tx:
        pages.save_history(tx, "jira", ["1001"], [History("1001", tuple(told_so))])
        link = {"uid": uid(1), "target": "KR-1", "rule": "label", "valid_from": T0, "valid_to": None, "via": ""}
        tx.execute(insert(t.link).values(**link))
        workload.refresh(tx, goals(), None)
        kept = told(workload.read(tx, goals()))
        assert kept == told(of_tickets(tx, (ItemKind.TICKET,)))
        assert [at for _, at in kept["turns"]] == [codec.micros(T0 + 2 * DAY)], "and then it ceased to be"


def test_what_blocked_by_a_key_that_it_lost_is_felt_by_what_it_blocked(store, make, save, uid):
    blocked = Reference(ReferenceKind.BLOCKED_BY, "SHOP-1", since=T0 + DAY)
    save(make(1, state=State.DONE), make(2, references=(blocked,)))
    with store.begin() as tx:
        link = {"uid": uid(2), "target": "KR-1", "rule": "label", "valid_from": T0, "valid_to": None, "via": ""}
        tx.execute(insert(t.link).values(**link))
        workload.refresh(tx, goals(), None)
        assert workload.read(tx, goals()).items["blocked"].tolist() == [NEVER], "what blocked it is done"
    save(make(1, state=State.DONE, key="NEW-1", updated_at=T0 + DAY))
    with store.begin() as tx:
        workload.refresh(tx, goals(), [uid(1)])
        kept = told(workload.read(tx, goals()))
        assert workload.read(tx, goals()).items["blocked"].tolist() == [codec.micros(T0 + DAY)], "nobody knows that key"
        workload.refresh(tx, goals(), None)
        assert told(workload.read(tx, goals())) == kept


def test_other_kinds_or_another_format_are_read_from_the_items_and_stored_anew(store, make, monkeypatch):
    world = World(store, make, 7)
    both = (ItemKind.TICKET, ItemKind.PULL_REQUEST)
    with store.begin() as tx:
        for _ in range(5):
            world.grow(tx)
        world.judge(tx)
        assert not workload.is_current(tx, goals()), "nothing was stored yet"
        workload.refresh(tx, goals(), set())
        assert workload.is_current(tx, goals())
        few, many = (told(workload.read(tx, goals(counts))) for counts in ((ItemKind.TICKET,), both))
        assert not workload.is_current(tx, goals(both))
        assert len(few["items"]) < len(many["items"])
        assert many == told(of_tickets(tx, both))
        workload.refresh(tx, goals(both), set())
        assert workload.is_current(tx, goals(both))
        monkeypatch.setattr(workload, "FORMAT", workload.FORMAT + 1)
        assert not workload.is_current(tx, goals(both))
        tx.execute(update(t.workload).values(items=b"of another program"))
        assert told(workload.read(tx, goals(both))) == many
        workload.refresh(tx, goals(both), set())
        assert told(workload.read(tx, goals(both))) == many
        assert workload.is_current(tx, goals(both))


def kept_before(tx: Connection, monkeypatch: pytest.MonkeyPatch, part: int) -> None:
    monkeypatch.setattr(workload, "PART", part)


def kept_by_a_program_that_did_not_say(tx: Connection, monkeypatch: pytest.MonkeyPatch, part: int) -> None:
    kept_before(tx, monkeypatch, part)
    stamp = get_meta(tx, workload.STAMP)
    set_meta(tx, workload.STAMP, {name: value for name, value in stamp.items() if name != "part"})


@pytest.mark.parametrize("age", [kept_before, kept_by_a_program_that_did_not_say])
def test_parts_of_another_size_are_not_read_and_are_made_anew(store, make, monkeypatch, age):
    world = World(store, make, 3)
    with store.begin() as tx:
        for _ in range(8):
            world.grow(tx)
        world.judge(tx)
        workload.refresh(tx, goals(), None)
        kept = told(workload.read(tx, goals()))
        assert set(tx.scalars(select(t.workload.c.part))) == {0}
        age(tx, monkeypatch, 4)
        assert not workload.is_current(tx, goals())
        assert told(workload.read(tx, goals())) == kept
        workload.refresh(tx, goals(), {max(kept["items"])})
        assert workload.is_current(tx, goals())
        assert set(tx.scalars(select(t.workload.c.part))) == {uid // 4 for uid in kept["items"]}
        assert told(workload.read(tx, goals())) == kept
