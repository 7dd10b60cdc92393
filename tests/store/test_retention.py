"""What goes because it is of no use, and what stays because a number, the past or an undo asks for it."""

from __future__ import annotations

from contextlib import closing
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

from cases import cases
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import insert, select
from told import empty

from config.operation import Retention
from okrsync.model import (
    Change,
    ChangeKind,
    History,
    Override,
    OverrideKind,
    Page,
    Receipt,
    Reference,
    ReferenceKind,
    Say,
    Scope,
    SecretRef,
    Slot,
    Snapshot,
    SourceConfig,
    Status,
    Surface,
    Write,
)
from okrsync.store import Store, journal, pages, people, snapshots, sources, written
from okrsync.store import tables as t
from okrsync.store.bulk import insert_rows
from okrsync.store.codec import micros
from okrsync.store.dirty import clear_dirty, dirty_version
from okrsync.store.items import uids_of
from okrsync.store.retention import forget_old

T0 = datetime(2026, 1, 5, 9, 30, 15, 123456, tzinfo=UTC)
DAY = timedelta(days=1)
LATER = T0 + 1000 * DAY
SLOT = Slot("jira", "1001", Surface.COMMENT, "acme")


def all_of(store: Store, retention: Retention, now: Any, **how: int) -> dict[str, int]:
    """Everything that may go, a transaction at a time, as the daemon does it."""
    gone: dict[str, int] = {}
    while True:
        with store.begin() as tx:
            some = forget_old(tx, retention, now, **how)
        if not some:
            return gone
        gone = {kind: gone.get(kind, 0) + some.get(kind, 0) for kind in {*gone, *some}}


def keys(store: Store) -> set[str]:
    with store.read() as tx:
        return {key.removeprefix("SHOP-") for key in tx.scalars(select(t.item.c.key))}


def settle(store: Store) -> None:
    """The link job has seen what changed."""
    with store.begin() as tx:
        clear_dirty(tx, dirty_version(tx))


# ── items ──


def test_a_deleted_item_goes_with_all_that_hangs_on_it(store, save, make, uid):
    moved = Change(T0, ChangeKind.STATE, "todo", "done")
    named = Reference(ReferenceKind.CLOSES, "SHOP-1", "1001", "closes")
    save(make(1, body="long"), make(2, body="longer", references=(named,)), make(3))
    save(make(2, key="SHOP-20", updated_at=T0 + DAY, references=(named,)))
    with store.begin() as tx:
        pages.save_history(tx, "jira", ["1002"], [History("1002", (moved,))])
        pages.tombstone(tx, "jira", ["1002", "1003"], T0)
    assert all_of(store, Retention(), T0 + 91 * DAY) == {}, "the link job is to see it first"
    settle(store)
    assert all_of(store, Retention(), T0 + 89 * DAY) == {}
    assert all_of(store, Retention(deleted=timedelta(0)), LATER) == {}, "kept for ever"
    assert all_of(store, Retention(), T0 + 91 * DAY, limit=1) == {"items": 2}
    assert keys(store) == {"1"}
    with store.read() as tx:
        for table in (t.body, t.alias, t.reference, t.change):
            assert {row.uid for row in tx.execute(select(table))} <= {uid(1)}


def test_what_a_number_or_a_person_asks_for_stays(store, save, make, uid):
    def named(kind: ReferenceKind, key: str, id_: str | None = None) -> tuple[Reference, ...]:
        return (Reference(kind, key, id_, "named"),)

    save(
        *(make(n, body="secret") for n in range(1, 10)),
        make(20, references=named(ReferenceKind.BLOCKED_BY, "SHOP-3", "1003")),
        make(21, references=named(ReferenceKind.CLOSES, "shop-4")),
        make(22),
        make(23, references=named(ReferenceKind.BLOCKED_BY, "OLD-7")),
    )
    word = Override(uid(2), OverrideKind.LINK, ("KR-1",), "why", "ann", T0)
    with store.begin() as tx:
        insert_rows(
            tx,
            t.link,
            ("uid", "target", "rule", "valid_from", "valid_to", "via"),
            [(uid(1), "KR-1", "label", micros(T0), micros(T0 + DAY), "okr:KR-1")],
        )
        people.add_override(tx, word)
        past = (
            Change(T0, ChangeKind.BLOCKED_BY, None, "SHOP-5"),
            Change(T0 + DAY, ChangeKind.BLOCKED_BY, "SHOP-5", None),
        )
        pages.save_history(tx, "jira", ["1022"], [History("1022", past)])
        journal.saw(tx, Slot("jira", "1006", Surface.LABEL, "okr:orphan"), True, T0)
        tx.execute(insert(t.alias).values(uid=uid(7), folded="old-7", source="jira", key="OLD-7"))
        pages.tombstone(tx, "jira", [str(1000 + n) for n in range(1, 10)], T0)
    settle(store)
    assert all_of(store, Retention(), LATER) == {"items": 2, "texts": 7}
    assert keys(store) == {"1", "2", "3", "4", "5", "6", "7", "20", "21", "22", "23"}


def test_what_only_the_deleted_named_goes_after_them_and_a_number_is_not_given_twice_to_two(store, save, make, uid):
    """A deleted epic goes once its deleted children went; the next item that comes takes no link of theirs."""
    save(make(1), make(2, parent=1), make(3, parent=2))
    with store.begin() as tx:
        pages.tombstone(tx, "jira", ["1001", "1002", "1003"], T0)
    settle(store)
    assert all_of(store, Retention(), LATER) == {"items": 3}
    save(make(4))
    with store.read() as tx:
        for table in (t.link, t.verdict, t.reference, t.body):
            assert not tx.execute(select(table).where(table.c.uid == uid(4))).all()


def naming(make, number: int, others: list[int], *, by_key: bool, **more: Any):
    """An item that names those of these numbers, each in another way."""
    kinds = (ReferenceKind.PARENT, ReferenceKind.BLOCKED_BY, ReferenceKind.CLOSES)
    return make(
        number,
        references=tuple(
            Reference(kinds[n % 3], f"SHOP-{other}", None if by_key else str(1000 + other), "named")
            for n, other in enumerate(others)
        ),
        **more,
    )


@settings(cases(30), suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(
    names=st.lists(st.lists(st.integers(1, 6), max_size=2), min_size=6, max_size=6),
    alive=st.sets(st.integers(1, 6), max_size=2),
    served=st.sets(st.integers(1, 6), max_size=1),
    by_key=st.booleans(),
    limit=st.integers(1, 9),
)
def test_of_deleted_items_that_name_each_other_those_go_that_nothing_kept_leads_to(
    tmp_path_factory, make, names, alive, served, by_key, limit
):
    path = tmp_path_factory.mktemp("store") / "okrsync.db"
    path.write_bytes(empty())
    with closing(Store.open(f"sqlite:///{path}")) as opened:
        with opened.begin() as tx:
            sources.register(tx, [SourceConfig("jira", "jira", "https://acme.test", None, SecretRef("env", "T"), None)])
            sources.save_scopes(tx, "jira", [Scope("10000", "SHOP", "Shop")], T0)
            items = [naming(make, number, others, by_key=by_key) for number, others in enumerate(names, 1)]
            pages.save_page(tx, "jira", Page(tuple(items), {}), T0)
            uids = uids_of(tx, "jira", [item.remote_id for item in items])
            linked = [(uids[str(1000 + n)], "KR-1", "label", micros(T0), micros(T0 + DAY), "") for n in served]
            insert_rows(tx, t.link, ("uid", "target", "rule", "valid_from", "valid_to", "via"), linked)
            pages.tombstone(tx, "jira", [str(1000 + n) for n in range(1, 7) if n not in alive], T0)
        settle(opened)
        kept, found = set[int](), alive | served
        while found - kept:
            kept |= found
            found = {other for number in kept for other in names[number - 1]}
        all_of(opened, Retention(), LATER, limit=limit)
        assert keys(opened) == {str(number) for number in kept}
        assert opened.check() == []


def test_what_was_blocked_by_each_other_goes_together(store, save, make):
    save(make(1), make(2), make(3))
    with store.begin() as tx:
        for one, other in (("1001", "SHOP-2"), ("1002", "SHOP-1"), ("1003", "SHOP-3")):
            past = History(one, (Change(T0, ChangeKind.BLOCKED_BY, None, other),))
            pages.save_history(tx, "jira", [one], [past])
        pages.tombstone(tx, "jira", ["1001", "1002", "1003"], T0)
    settle(store)
    assert all_of(store, Retention(), LATER) == {"items": 3}


def test_what_is_shown_again_before_is_there_and_after_comes_back_whole(store, save, make):
    save(make(1, body="text"))
    with store.begin() as tx:
        insert_rows(
            tx,
            t.link,
            ("uid", "target", "rule", "valid_from", "valid_to", "via"),
            [(1, "KR-1", "label", micros(T0), micros(T0 + DAY), "")],
        )
        pages.tombstone(tx, "jira", ["1001"], T0)
    settle(store)
    assert all_of(store, Retention(), LATER) == {"texts": 1}
    assert save(make(1, body="text")).changed == 1
    with store.read() as tx:
        assert tx.scalars(select(t.body.c.text)).all() == ["text"]


# ── the journal ──


def test_plans_that_were_never_carried_out_go(store):
    with store.begin() as tx:
        for day in (0, 1, 2, 500):
            why = Say.of("write.first")
            journal.save_run(tx, "ann", [Write(SLOT, "SHOP-1", "", None, f"{day}", why)], T0 + day * DAY)
        (waiting,) = journal.writes(tx, 2)
        journal.approve(tx, [waiting.id], "ann", T0)
    assert all_of(store, Retention(), T0 + 510 * DAY) == {"writes": 2, "runs": 2}
    with store.read() as tx:
        assert [run.id for run in journal.runs(tx)] == [4, 2], (
            "what a person approved waits; the newest says what is due"
        )


def test_the_newest_plan_stays_however_old(store):
    with store.begin() as tx:
        journal.save_run(tx, "ann", [], T0)
        journal.save_run(tx, "ann", [], T0)
        journal.save_run(tx, "ann", [], T0, kind="undo", undoes=1)
    assert all_of(store, Retention(), LATER) == {}
    with store.begin() as tx:
        journal.save_run(tx, "ann", [], LATER)
    assert all_of(store, Retention(), LATER) == {"runs": 3}


SLOTS = [SLOT, Slot("jira", "1002", Surface.LABEL, "okr:orphan")]
STEPS = st.lists(
    st.tuples(
        st.sampled_from(SLOTS), st.sampled_from([None, "a", "b", "c"]), st.sampled_from(["done", "failed", "skipped"])
    ),
    max_size=12,
)


@cases(60)
@given(steps=STEPS, old=st.integers(0, 12), limit=st.integers(1, 3))
def test_whatever_went_every_undo_takes_back_the_same(tmp_path_factory, steps, old, limit):
    """``undo --all``, the undo of each run that is left, and what would be swept: as if nothing had gone."""
    path = tmp_path_factory.mktemp("store") / "okrsync.db"
    path.write_bytes(empty())
    opened = Store.open(f"sqlite:///{path}")
    stood: dict[Slot, Any] = {}
    for day, (slot, value, fate) in enumerate(steps):
        at = T0 + (day if day < old else 1000 + day) * DAY
        with opened.begin() as tx:
            write = Write(slot, "SHOP-1", "", stood.get(slot), value, Say.of("write.first"))
            saved = journal.save_run(tx, "ann", [write], at)
            (write,) = journal.writes(tx, saved.id)
            match fate:
                case "done":
                    journal.intend(tx, write.id, at)
                    journal.confirm(tx, write.id, Receipt(value), at)
                    stood[slot] = value
                case "failed":
                    journal.settle(tx, write.id, journal.WriteState.FAILED, "no", at)
                case _:
                    journal.adopt(tx, write.id, stood.get(slot), "there", at)

    def told() -> Any:
        with opened.read() as tx:
            standing = journal.standing(tx)
            taken = {
                run.id: [
                    (entry.write.slot, entry.write.before)
                    for entry in journal.entries(tx, run.id)
                    if entry.receipt
                    and (stands := standing.get(entry.write.slot)) is not None
                    and stands.value == entry.receipt.value
                ]
                for run in journal.runs(tx)
            }
            return (
                *(journal.first_values(tx), written.newest(tx), standing, journal.applied_count(tx) > 0),
                *(written.ever(tx, set(Surface)), {run: some for run, some in taken.items() if some}),
            )

    before = told()
    gone = all_of(opened, Retention(), T0 + 1000 * DAY, limit=limit)
    assert told() == before
    problems = opened.check()
    opened.close()
    assert problems == []
    assert gone.get("runs", 0) <= old


def test_what_is_overtaken_goes(store):
    """Of a comment that was written anew each day the first and the last writing stay."""
    with store.begin() as tx:
        before = None
        for day in range(10):
            at = T0 + day * DAY
            saved = journal.save_run(tx, "ann", [Write(SLOT, "S", "", before, f"{day}", Say.of("write.first"))], at)
            (write,) = journal.writes(tx, saved.id)
            journal.intend(tx, write.id, at)
            journal.confirm(tx, write.id, Receipt(f"{day}"), at)
            before = f"{day}"
    assert all_of(store, Retention(), LATER, limit=3) == {"writes": 8, "runs": 8}
    with store.read() as tx:
        assert journal.first_values(tx) == {SLOT: None}


def test_the_write_that_the_last_look_is_held_against_stays(store):
    """An older plan was carried out after a newer one, and then a person changed what it had written."""

    def carry_out(number: int) -> None:
        (write,) = journal.writes(tx, number)
        journal.intend(tx, write.id, T0)
        journal.confirm(tx, write.id, Receipt(write.after), T0)

    with store.begin() as tx:
        for before, after in ((None, "a"), ("a", "b"), ("a", "c"), ("c", "d")):
            journal.save_run(tx, "ann", [Write(SLOT, "SHOP-1", "", before, after, Say.of("write.first"))], T0)
        for number in (1, 3, 4, 2):
            carry_out(number)
        journal.saw(tx, SLOT, "theirs", T0)
    assert all_of(store, Retention(), LATER) == {"writes": 1, "runs": 1}
    with store.read() as tx:
        assert [entry.write.after for run in (1, 2, 3, 4) for entry in journal.entries(tx, run)] == ["a", "b", "d"]
        assert tx.scalars(select(t.known.c.write)).all() == [2]


# ── the daemon ──


def test_alerts_that_are_over_go(store):
    with store.begin() as tx:
        for ended in (None, T0, T0 + 80 * DAY):
            tx.execute(insert(t.alert).values(kind="source", subject="jira", document={}, since=T0, ended_at=ended))
    assert all_of(store, Retention(), T0 + 100 * DAY) == {"alerts": 1}


def test_of_every_goal_what_was_published_last_stays(store):
    one = Snapshot("KR-1", date(2026, 1, 5), T0, Status.ON_TRACK, 0.5, None, None, None, unit="items")
    with store.begin() as tx:
        for day in range(5):
            snapshots.publish(tx, [replace(one, day=one.day + day * DAY, at=T0 + day * DAY)])
    assert all_of(store, Retention(), LATER) == {}, "by default all are kept"
    assert all_of(store, Retention(snapshots=30 * DAY), LATER) == {"snapshots": 4}
    with store.read() as tx:
        assert snapshots.newest(tx)["KR-1"].day == one.day + 4 * DAY
