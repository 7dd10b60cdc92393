"""What the link job reads and writes: the neighbourhood of what changed, verdicts, and links with their time."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta

import pytest
from looking import whole
from psycopg import ServerCursor
from sqlalchemy import event, literal_column, select, text, update
from sqlalchemy.dialects import postgresql as dialects

from okrsync.errors import StoreError
from okrsync.model import (
    OrphanClass,
    Override,
    OverrideKind,
    Period,
    Reading,
    Reference,
    ReferenceKind,
    RuleName,
    Ruling,
    SecretRef,
    SourceConfig,
    VerdictKind,
)
from okrsync.store import Store, bulk, codec, graph, orphaned, pages, people, queries, rulings, sources, tickets
from okrsync.store import tables as t

T0 = datetime(2026, 1, 5, 9, 30, 15, 123456, tzinfo=UTC)
DAY = timedelta(days=1)


def period(target="KR-1", *, rule=RuleName.LABEL, since=T0, until=None, via="okr:KR-1"):
    return Period(target, rule, codec.micros(since), codec.maybe_micros(until), via)


def traced(uid, *periods):
    return Ruling(uid, VerdictKind.TRACED, None, None, False, periods)


@pytest.fixture
def judge(store):
    def save(*rulings, now=T0 + DAY):
        with store.begin() as tx:
            return graph.save_rulings(tx, sorted(rulings), now)

    return save


@pytest.fixture
def relinked(store):
    """Everything is judged, as far as the queue knows."""

    def clear():
        with store.begin() as tx:
            graph.clear_dirty(tx, graph.dirty_version(tx))

    return clear


def periods(store, uid):
    with store.read() as tx:
        rows = tx.execute(select(t.link).where(t.link.c.uid == uid))
        return sorted((row.target, row.rule, row.valid_from, row.valid_to) for row in rows)


# ── the neighbourhood ────────────────────────────────────────────────────────────────────────────────────────────────


def names(hood):
    affected = {node.key for node in hood.nodes} if hood.affected is None else None
    return {node.key for node in hood.nodes}, affected or {node.key for node in hood.nodes if node.uid in hood.affected}


def test_what_changed_is_looked_at_with_all_below_and_above_it(store, save, make, relinked):
    save(
        make(1), make(2, parent=1), make(3, parent=2), make(4, parent=3), make(5, parent=1), make(6), make(7, parent=6)
    )
    relinked()
    save(make(3, parent=2, title="new", updated_at=T0 + DAY))
    with store.read() as tx:
        seen, affected = names(whole(tx))
    assert affected == {"SHOP-3", "SHOP-4"}
    assert seen == {"SHOP-1", "SHOP-2", "SHOP-3", "SHOP-4"}


def test_a_parent_that_arrives_later_affects_the_children_that_waited_for_it(store, save, make, relinked):
    save(make(2, parent=1))
    relinked()
    save(make(1))
    with store.read() as tx:
        assert names(whole(tx))[1] == {"SHOP-1", "SHOP-2"}


def test_references_by_key_reach_every_item_that_the_key_can_mean(store, save, make, relinked):
    epic = Reference(ReferenceKind.EPIC, "shop-1", None, "epic link")
    save(make(1), make(2, references=(epic,)), make(3, parent=2))
    save(make(1, source="other"))
    relinked()
    save(make(1, source="other", title="new", updated_at=T0 + DAY))
    with store.read() as tx:
        hood = whole(tx)
    assert {(node.source, node.key) for node in hood.nodes} == {
        ("jira", "SHOP-1"),
        ("jira", "SHOP-2"),
        ("jira", "SHOP-3"),
        ("other", "SHOP-1"),
    }
    assert {(node.source, node.key) for node in hood.nodes if node.uid in hood.affected} == {
        ("jira", "SHOP-2"),
        ("jira", "SHOP-3"),
        ("other", "SHOP-1"),
    }


def test_circles_and_long_chains_end(store, save, make):
    save(make(1, parent=2), make(2, parent=1), make(3, parent=3), *(make(n, parent=n - 1) for n in range(10, 900)))
    with store.read() as tx:
        assert len(whole(tx).affected) == 893


@pytest.mark.parametrize("seed", range(5))
def test_increments_see_what_a_full_look_sees(store, save, make, relinked, seed):
    """Whatever changes: each item whose ancestors changed is affected, and is seen with all its ancestors."""
    dice = random.Random(seed)
    parent = {n: dice.choice([None, *range(1, n)]) if n > 1 else None for n in range(1, 41)}
    save(*(make(n, parent=up) for n, up in parent.items()))
    relinked()
    changed = set(dice.sample(sorted(parent), 3))
    for n in changed:
        parent[n] = dice.choice([None, *(m for m in parent if m != n)])
        save(make(n, parent=parent[n], title="new", updated_at=T0 + DAY))
    gone = dice.choice(sorted(parent))
    with store.begin() as tx:
        pages.tombstone(tx, "jira", [str(1000 + gone)], T0)
        hood = whole(tx)
        full = whole(tx, everything=True)

    def line(n):
        above = []
        while n is not None and n not in above:
            above.append(n)
            n = parent[n]
        return above

    number = {node.uid: int(node.key.removeprefix("SHOP-")) for node in full.nodes}
    affected = {number[uid] for uid in hood.affected}
    assert affected == {n for n in parent if set(line(n)) & (changed | {gone})} - {gone}
    assert {number[node.uid] for node in hood.nodes} >= {up for n in affected for up in line(n)} - {gone}
    assert {node.uid: node for node in hood.nodes}.items() <= {node.uid: node for node in full.nodes}.items()


def test_a_mark_that_comes_after_the_look_is_not_lost(store, save, make, uid):
    save(make(1))
    with store.read() as tx:
        version = graph.dirty_version(tx)
    save(make(2))
    with store.begin() as tx:
        graph.mark_dirty(tx, [uid(1)])
        graph.clear_dirty(tx, version)
        assert graph.dirty_count(tx) == 2
        graph.clear_dirty(tx, graph.dirty_version(tx))
        assert graph.dirty_count(tx) == 0
    save(make(3))
    with store.begin() as tx:
        graph.clear_dirty(tx, version)
        assert graph.dirty_count(tx) == 1, "versions never begin anew"


# ── verdicts and links ───────────────────────────────────────────────────────────────────────────────────────────────


def test_a_decision_is_stored_with_the_place_to_mend(store, save, make, uid, judge):
    save(make(1), make(2), make(3))
    one, two, three = uid(1), uid(2), uid(3)
    rulings = [
        Ruling(
            one, VerdictKind.ORPHAN, OrphanClass.DANGLING, one, True, (period(), period("KR-2", rule=RuleName.FIELD))
        ),
        Ruling(two, VerdictKind.ORPHAN, OrphanClass.TRANSITIVE, one, False, ()),
        Ruling(three, VerdictKind.EXEMPT, None, None, False, ()),
    ]
    assert judge(*rulings) == 3
    assert judge(*rulings) == 0
    with store.read() as tx:
        rows = tx.execute(select(t.verdict).order_by(t.verdict.c.uid)).all()
        assert [tuple(row) for row in rows] == [
            (one, "orphan", "dangling", one, True),
            (two, "orphan", "transitive", one, False),
            (three, "exempt", None, None, False),
        ]
        assert [row.via for row in tx.execute(select(t.link))] == ["okr:KR-1", "okr:KR-1"]
        assert [(ticket.verdict, ticket.orphan) for ticket in queries.decided(tx)] == [
            (VerdictKind.ORPHAN, OrphanClass.DANGLING),
            (VerdictKind.ORPHAN, OrphanClass.TRANSITIVE),
            (VerdictKind.EXEMPT, None),
        ]
        assert [(uid, mend, orphaned.CLASSES[place]) for uid, mend, place in orphaned.orphans(tx).tolist()] == [
            (one, one, OrphanClass.DANGLING),
            (two, one, OrphanClass.TRANSITIVE),
        ]
        assert queries.dangling(tx) == {one}
        assert list(queries.served(tx)) == [(one, "KR-1"), (one, "KR-2")]
        assert queries.totals(tx) == {
            VerdictKind.TRACED: 0,
            VerdictKind.EXEMPT: 1,
            VerdictKind.ORPHAN: 2,
            VerdictKind.UNRESOLVABLE: 0,
        }


def test_an_equal_rebuild_writes_nothing_and_another_one_what_differs(store, save, make, uid, judge, monkeypatch):
    """In whatever pieces they come, close together or far apart."""
    count = 60
    save(*(make(n) for n in range(count)))
    uids = [uid(n) for n in range(count)]
    some = [traced(one, period(f"KR-{one % 3}"), period("KR-9", rule=RuleName.PARENT)) for one in uids]
    monkeypatch.setattr(rulings, "PIECE", 7)
    assert judge(*some) == count
    stored = everything(store)
    for dense, chosen in ((4, some), (0, some), (4, some[::5]), (0, some[::5])):
        monkeypatch.setattr(rulings, "DENSE", dense)
        assert judge(*chosen, now=T0 + 2 * DAY) == 0
        assert everything(store) == stored
    moved = [ruling._replace(periods=(period("KR-9", rule=RuleName.PARENT),)) for ruling in some[10:20]]
    assert judge(*some[:10], *moved, *some[20:], now=T0 + 2 * DAY) == 10
    assert periods(store, uids[12])[-1] == ("KR-9", "parent", T0, None)
    assert periods(store, uids[12])[0][3] == T0 + 2 * DAY


def everything(store):
    with store.read() as tx:
        return [sorted(map(str, tx.execute(select(table)))) for table in (t.verdict, t.link)]


def test_links_keep_the_time_in_which_they_were_true(store, save, make, uid, judge):
    save(make(1))
    one = uid(1)
    assert judge(traced(one, period())) == 1
    assert judge(traced(one, period()), now=T0 + 2 * DAY) == 0
    assert periods(store, one) == [("KR-1", "label", T0, None)]
    judge(traced(one, period("KR-2", since=T0 + 3 * DAY)), now=T0 + 3 * DAY)
    assert periods(store, one) == [("KR-1", "label", T0, T0 + 3 * DAY), ("KR-2", "label", T0 + 3 * DAY, None)]
    judge(traced(one, period(since=T0 + 4 * DAY)), now=T0 + 4 * DAY)
    assert periods(store, one) == [
        ("KR-1", "label", T0, T0 + 3 * DAY),
        ("KR-1", "label", T0 + 4 * DAY, None),
        ("KR-2", "label", T0 + 3 * DAY, T0 + 4 * DAY),
    ]


def test_a_verdict_of_which_only_the_mend_is_another_is_written(store, save, make, uid, judge):
    save(make(1), make(2))
    one, two = uid(1), uid(2)
    orphan = Ruling(one, VerdictKind.ORPHAN, OrphanClass.TRANSITIVE, None, False, ())
    for told in (orphan, orphan._replace(mend=two), orphan._replace(mend=two, dangling=True)):
        assert judge(told) == 1
        with store.read() as tx:
            verdict = t.verdict.c
            assert tx.execute(select(verdict.mend, verdict.dangling)).one() == (told.mend, told.dangling)


def test_a_link_ends_never_before_it_began(store, save, make, uid, judge):
    save(make(1))
    one = uid(1)
    judge(traced(one, period(since=T0 + 2 * DAY)))  # the clock of the tool is ahead
    judge(traced(one, period("KR-2")), now=T0 + DAY)
    assert periods(store, one)[0] == ("KR-1", "label", T0 + 2 * DAY, T0 + 2 * DAY)


def test_an_open_link_is_not_undone_by_one_that_ended_before_it_began(store, save, make, uid, judge):
    save(make(1))
    one = uid(1)
    judge(traced(one, period(since=T0 + 2 * DAY)), now=T0 + 2 * DAY)
    judge(traced(one, period(until=T0 + DAY)), now=T0 + 3 * DAY)
    assert periods(store, one) == [("KR-1", "label", T0, T0 + DAY), ("KR-1", "label", T0 + 2 * DAY, T0 + 3 * DAY)]


def test_a_link_told_with_another_beginning_or_by_other_means_is_corrected(store, save, make, uid, judge):
    save(make(1))
    one = uid(1)
    judge(traced(one, period()))
    assert judge(traced(one, period(since=T0 - DAY))) == 1
    assert periods(store, one) == [("KR-1", "label", T0 - DAY, None)]
    assert judge(traced(one, period(since=T0 - DAY, via="okr/KR-1"))) == 1
    assert periods(store, one) == [("KR-1", "label", T0 - DAY, None)]


def test_a_link_that_was_lost_by_mistake_is_whole_again(store, save, make, uid, judge):
    save(make(1))
    one = uid(1)
    judge(traced(one, period()))
    judge(Ruling(one, VerdictKind.UNRESOLVABLE, None, None, False, ()))
    assert judge(traced(one, period())) == 1
    assert periods(store, one) == [("KR-1", "label", T0, None)]


def test_past_links_stand_beside_the_present_one(store, save, make, uid, judge):
    save(make(1))
    one = uid(1)
    said = traced(one, period(until=T0 + DAY), period(since=T0 + 2 * DAY))
    judge(said)
    assert judge(said) == 0
    assert periods(store, one) == [("KR-1", "label", T0, T0 + DAY), ("KR-1", "label", T0 + 2 * DAY, None)]


@pytest.mark.parametrize(("began", "ended"), [(T0, T0 + DAY), (T0 + DAY / 2, T0 + DAY), (T0 - DAY, T0 + DAY)])
def test_an_open_link_that_the_history_tells_to_have_ended_did_so_then(store, save, make, uid, judge, began, ended):
    """And began when it tells: no other period of the same link is left beside it."""
    save(make(1))
    one = uid(1)
    judge(traced(one, period()))
    told = traced(one, period(since=began, until=ended), period("KR-2", since=ended))
    assert judge(told, now=T0 + 9 * DAY) == 1
    assert judge(told, now=T0 + 10 * DAY) == 0
    assert periods(store, one) == [("KR-1", "label", began, ended), ("KR-2", "label", ended, None)]


def test_what_two_syncs_saw_stays_where_the_history_does_not_tell_of_it(store, save, make, uid, judge):
    save(make(1))
    one = uid(1)
    judge(traced(one, period("KR-3")))
    judge(traced(one), now=T0 + DAY)
    judge(traced(one, period(since=T0 - DAY, until=T0 - DAY / 2)), now=T0 + 2 * DAY)
    assert periods(store, one) == [("KR-1", "label", T0 - DAY, T0 - DAY / 2), ("KR-3", "label", T0, T0 + DAY)]


def test_what_leaves_the_totals_has_neither_verdict_nor_open_link(store, save, make, uid, judge):
    save(make(1), make(2))
    judge(*(traced(uid(n), period()) for n in (1, 2)))
    with store.begin() as tx:
        assert queries.totals(tx)[VerdictKind.TRACED] == 2
        pages.tombstone(tx, "jira", ["1001"], T0 + 2 * DAY)
        pages.move_out(tx, "jira", ["1002"], T0 + 2 * DAY)
        assert queries.totals(tx)[VerdictKind.TRACED] == 0
    for n in (1, 2):
        assert periods(store, uid(n)) == [("KR-1", "label", T0, T0 + 2 * DAY)]


def test_postgresql_knows_the_size_of_its_tables_after_a_load(postgresql, monkeypatch):
    monkeypatch.setattr(rulings, "LOAD", 2)
    opened = Store.open(postgresql.migrated())
    size = text("SELECT reltuples FROM pg_class WHERE relname = 'item'")
    with opened.begin() as tx:
        sources.register(tx, [SourceConfig("jira", "jira", "", None, SecretRef("env", "TOKEN"), None)])
        pages.save_context(tx, "jira", [], ["1", "2"], T0)
        tx.execute(update(t.item).values(counted=True))
        uids = list(tx.scalars(select(t.item.c.uid).order_by(t.item.c.uid)))
        graph.save_rulings(tx, [traced(uids[0])], T0)
        assert tx.scalar(size) == -1
        graph.save_rulings(tx, [traced(uid, period()) for uid in uids], T0)
        assert tx.scalar(size) == 2
    opened.close()


def test_what_is_copied_into_postgresql_arrives_as_it_was_and_a_fault_is_told(store, save, make, uid, judge):
    """Tabs, line ends, backslashes and the word that stands for nothing: of other databases as well."""
    save(make(1))
    one = uid(1)
    ways = ["a\tb\nc\\d\re", "\\N", "\\.", "", "é ✓"]
    judge(traced(one, *(period(f"KR-{n}", via=via) for n, via in enumerate(ways))))
    with store.read() as tx:
        assert list(tx.scalars(select(t.link.c.via).order_by(t.link.c.target))) == ways
    with pytest.raises(StoreError, match="failed: "), store.begin() as tx:
        bulk.insert_rows(tx, t.dirty, ("uid", "version"), [(one + 100, 1)])


def test_a_stream_of_tuples_has_every_row_once(store, save, make, monkeypatch):
    monkeypatch.setattr(bulk, "BATCH", 3)
    save(*(make(n) for n in range(10)))
    keys = select(t.item.c.key, t.item.c.created_at, t.item.c.counted).order_by(t.item.c.uid)
    with store.read() as tx:
        assert list(bulk.raw(tx, keys)) == [(f"SHOP-{n}", codec.micros(T0), True) for n in range(10)]
        assert next(bulk.raw(tx, keys))[0] == "SHOP-0"
        assert list(bulk.raw(tx, keys.where(t.item.c.uid < 0))) == []


@pytest.mark.parametrize("few", [True, False])
def test_few_tuples_are_fetched_by_no_cursor_of_the_server(postgresql, few):
    opened = Store.open(postgresql.migrated())
    numbers = select(literal_column("n")).select_from(text("generate_series(1, 5000) AS n"))
    cursors = []
    event.listen(opened._engine, "before_cursor_execute", lambda _, cursor, *__: cursors.append(cursor))
    with opened.read() as tx:
        assert list(bulk.raw(tx, numbers, few=few)) == [(n,) for n in range(1, 5001)]
    opened.close()
    assert isinstance(cursors[-1], ServerCursor) is not few


def test_uids_are_told_to_postgresql_as_integers_and_nothing_else():
    uids, dialect = bulk.Many(numbers=True), dialects.dialect()
    assert uids.process_bind_param([3, -1, 2**40], dialect) == "{3,-1,1099511627776}"
    for other in ("1}", 1.5, None):
        with pytest.raises(TypeError, match="requires a 'int' object"):
            uids.process_bind_param([1, other], dialect)


# ── people ───────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_the_newest_word_holds_until_it_is_taken_back(store, save, make, uid, relinked):
    save(make(1), make(2))
    relinked()
    one = uid(1)
    first = Override(one, OverrideKind.LINK, ("KR-1", "KR-2"), "because", "ann", T0)
    second = Override(one, OverrideKind.EXEMPT, (), "no: security", "bob", T0 + DAY)
    with store.begin() as tx:
        people.add_override(tx, second)
        people.add_override(tx, first)
        assert people.overrides(tx) == {one: second}
        assert whole(tx).affected == {one}
    relinked()
    with store.begin() as tx:
        assert people.remove_override(tx, one, "cho", T0 + 2 * DAY)
        assert whole(tx).affected == {one}
        assert not people.remove_override(tx, one, "cho", T0 + 2 * DAY)
        assert people.overrides(tx) == {}
        kept = tx.execute(select(t.override.c.by, t.override.c.removed_by).order_by(t.override.c.by))
        assert [tuple(row) for row in kept] == [("ann", "cho"), ("bob", "cho")]


def test_readings_come_oldest_first(store):
    def reading(value, days, key_result="KR-1"):
        return Reading(key_result, T0 + days * DAY, value, "ann", "counted")

    given = [reading(3.5, 2), reading(1.0, 0), reading(2.0, 1), reading(2.25, 1), reading(9.0, 0, "KR-2")]
    with store.begin() as tx:
        for one in given:
            people.add_reading(tx, one)
        assert people.readings(tx) == {"KR-1": [given[1], given[2], given[3], given[0]], "KR-2": [given[4]]}


# ── tickets ──────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_tickets_come_with_all_that_the_roll_up_weighs(store, save, make, uid, judge):
    from okrsync.model import Blocker, Change, ChangeKind, History, State

    blocked = Reference(ReferenceKind.BLOCKED_BY, "SHOP-3", "1003", "", T0)
    by_key = Reference(ReferenceKind.BLOCKED_BY, "shop-4", None)
    unknown = Reference(ReferenceKind.BLOCKED_BY, "PAY-1", "77")
    save(
        make(1),
        make(
            2, parent=1, references=(blocked, by_key, unknown), points=3.0, flagged=True, assignee="Ann", labels=("a",)
        ),
        make(3, created_at=T0 + DAY),
        make(4, state=State.DONE),
    )
    changes = (Change(T0, ChangeKind.STATE, "todo", "in_progress"), Change(T0, ChangeKind.FLAG, None, "1"))
    with store.begin() as tx:
        pages.save_history(tx, "jira", ["1002"], [History("1002", changes)])
    two = uid(2)
    judge(
        traced(uid(1), period()),
        traced(two, period(since=T0 + DAY), period("KR-2", since=T0 + 2 * DAY)),
    )
    with store.read() as tx:
        linked = tickets.linked(tx, ["KR-1", "KR-2", "KR-3"])
        every = list(tickets.read(tx, changes=(ChangeKind.STATE.value,)))
    assert {target: [ticket.key for ticket in found] for target, found in linked.items()} == {
        "KR-1": ["SHOP-1", "SHOP-2"],
        "KR-2": ["SHOP-2"],
    }
    ticket = linked["KR-2"][0]
    assert (ticket.uid, ticket.remote_id, ticket.parent) == (two, "1002", uid(1))
    assert (ticket.points, ticket.flagged, ticket.assignee, ticket.labels) == (3.0, True, "Ann", ("a",))
    assert ticket.linked_since == T0 + 2 * DAY
    assert linked["KR-1"][1].linked_since == T0 + DAY
    assert ticket.changes == changes
    assert ticket.blockers == (
        Blocker("SHOP-3", open=True, created_at=T0 + DAY, since=T0),
        Blocker("SHOP-4", open=False, created_at=T0),
        Blocker("PAY-1", open=True, created_at=T0),
    )
    assert [one.key for one in every] == ["SHOP-1", "SHOP-2", "SHOP-3", "SHOP-4"]
    assert [one.verdict for one in every] == [VerdictKind.TRACED, VerdictKind.TRACED, None, None]
    assert every[1].linked_since == T0 + DAY
    assert every[1].changes == changes[:1]


def test_what_left_a_target_is_counted_once_in_its_window(store, save, make, uid, judge):
    save(make(1), make(2), make(3))
    for n in (1, 2, 3):
        judge(traced(uid(n), period(), period(rule=RuleName.FIELD)))
    judge(traced(uid(1)), now=T0 + 2 * DAY)
    judge(traced(uid(2), period()), now=T0 + 2 * DAY)
    with store.begin() as tx:
        pages.tombstone(tx, "jira", ["1003"], T0 + 4 * DAY)
        assert tickets.removed(tx, {"KR-1": T0, "KR-2": T0}) == {"KR-1": 2}
        assert tickets.removed(tx, {"KR-1": T0 + 3 * DAY}) == {"KR-1": 1}
        assert tickets.removed(tx, {"KR-1": T0 + 5 * DAY}) == {}


# ── one item by name ─────────────────────────────────────────────────────────────────────────────────────────────────


def test_an_item_is_found_by_whatever_people_call_it(store, save, make):
    save(make(1), make(2, key="Ä-1", url="https://acme.test/browse/Ä-1"))
    save(make(3, source="other", url="https://else.test/browse/SHOP-3"))
    with store.read() as tx:
        for text in ("SHOP-1", " shop-1 ", "jira:SHOP-1", "1001", "jira:1001", "https://acme.test/browse/SHOP-1?x=1#y"):
            assert [one.key for one in queries.find(tx, text)] == ["SHOP-1"], text
        assert [one.key for one in queries.find(tx, "ä-1")] == ["Ä-1"]
        assert [one.source for one in queries.find(tx, "https://else.test/browse/shop-3")] == ["other"]
        for text in ("SHOP-9", "other:SHOP-1", "https://else.test/browse/SHOP-1", "", "nowhere:SHOP-1"):
            assert queries.find(tx, text) == [], text


def test_statuses_that_nobody_can_place_are_told(store, save, make):
    from okrsync.model import State

    save(make(1, state=State.UNKNOWN, status="Odd"), make(2, state=State.UNKNOWN, status="Odd"), make(3))
    with store.read() as tx:
        ((status, found),) = queries.unknown_statuses(tx)
    assert (status, [key for _, key in found]) == ("Odd", ["SHOP-1", "SHOP-2"])


def test_a_commit_is_found_by_the_start_of_its_sha_and_by_its_address(store, save, make):
    from okrsync.model import ItemKind

    sha, twin = "0123456789abcdef0123456789abcdef01234567", "0123456" + "f" * 33
    with store.begin() as tx:
        sources.register(tx, [SourceConfig("github", "github", "", None, SecretRef("env", "TOKEN"), None)])
    about = {"source": "github", "project": "acme/shop"}
    web = "https://github.com/acme/shop"
    save(make(1))
    save(
        make(12, key="acme/shop#12", remote_id="1#12", url=f"{web}/pull/12", kind=ItemKind.PULL_REQUEST, **about),
        make(2, key=sha, remote_id=f"1@{sha}", url=f"{web}/commit/{sha}", kind=ItemKind.COMMIT, **about),
        make(3, key=twin, remote_id=f"1@{twin}", url=f"{web}/commit/{twin}", kind=ItemKind.COMMIT, **about),
        make(4, key="01234567", remote_id="9", url="", **about),
    )

    def keys(name):
        with store.read() as tx:
            return [one.key for one in queries.find(tx, name)]

    for name in (sha, sha.upper(), sha[:39], "github:0123456789", f"{web}/commit/{sha[:12]}"):
        assert keys(name) == [sha], name
    assert keys("0123456") == [sha, twin]
    assert keys("01234567") == ["01234567"], "a whole key comes before the start of another"
    assert keys("012345") == []
    for name in ("ACME/Shop#12", "github:acme/shop#12", f"{web}/pull/12/files#diff", f"{web}/issues/12"):
        assert keys(name) == ["acme/shop#12"], name
    assert keys("https://ghe.acme.test/acme/shop/pull/12") == []
    assert keys("jira:acme/shop#12") == []


def test_a_task_is_found_by_its_gid_and_by_every_form_of_its_address(store, save, make):
    with store.begin() as tx:
        sources.register(tx, [SourceConfig("asana", "asana", "", None, SecretRef("env", "TOKEN"), None)])
    save(make(1, key="222", remote_id="222", source="asana", url="https://app.asana.com/1/9/project/111/task/222"))
    base = "https://app.asana.com"
    with store.read() as tx:
        for name in (
            *("222", "asana:222", f"{base}/0/111/222", f"{base}/0/0/222/f", f"{base}/1/9/project/333/task/222"),
            *(f"{base}/1/9/task/222", f"{base}/1/9/task/222/comment/444"),
        ):
            assert [one.key for one in queries.find(tx, name)] == ["222"], name
        for name in (f"{base}/0/111/list", f"{base}/0/222/333", "https://app.asana.test/0/111/222"):
            assert queries.find(tx, name) == [], name
