"""Pages, context, histories, deletions: what a sync stores."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from looking import whole
from sqlalchemy import event, select

from okrsync.model import (
    Change,
    ChangeKind,
    Cursor,
    FieldValue,
    History,
    ItemKind,
    Page,
    Reference,
    ReferenceKind,
    Scope,
    State,
)
from okrsync.store import context, doubts, graph, pages, queries, sources
from okrsync.store import tables as t

T0 = datetime(2026, 1, 5, 9, 30, 15, 123456, tzinfo=UTC)
FULL = {
    "type": "Story",
    "level": 0,
    "body": "A long text\nof two lines",
    "resolution": "Done",
    "completed_at": T0 + timedelta(microseconds=1),
    "due": date(2028, 2, 29),
    "points": 2.5,
    "assignee": "Ann",
    "author": "Bob",
    "labels": ("okr:KR-1", "été"),
    "fields": (FieldValue("customfield_1", "Goal", "KR-1"),),
    "flagged": True,
    "state": State.DONE,
    "status": "Terminé",
    "references": (
        Reference(ReferenceKind.PARENT, "SHOP-9", "1009", "parent", T0 - timedelta(days=1)),
        Reference(ReferenceKind.BLOCKED_BY, "SHOP-8", None, "is blocked by"),
    ),
}


def writes_of(store, action):
    """The statements that changed rows while ``action`` ran."""
    seen = []

    def note(connection, cursor, statement, parameters, state, executemany):
        if statement.split()[0] in ("INSERT", "UPDATE", "DELETE"):
            seen.append(statement)

    event.listen(store._engine, "after_cursor_execute", note)
    try:
        action()
    finally:
        event.remove(store._engine, "after_cursor_execute", note)
    return seen


def stored_item(store, uid):
    with store.read() as tx:
        row = tx.execute(select(t.item).where(t.item.c.uid == uid)).one()
        body = tx.scalar(select(t.body.c.text).where(t.body.c.uid == uid))
    return row, body


def test_an_item_is_stored_as_it_is(store, save, make, uid):
    item = make(1, **FULL)
    assert save(item) == pages.Saved(1, 1)
    row, body = stored_item(store, uid(1))
    for name in ("key", "title", "url", "status", "type", "level", "resolution", "points", "assignee", "author", "due"):
        assert getattr(row, name) == getattr(item, name), name
    assert (row.created_at, row.updated_at, row.completed_at) == (item.created_at, item.updated_at, item.completed_at)
    assert row.created_at.tzinfo is UTC
    assert body == item.body
    assert row.flagged is True
    with store.read() as tx:
        (node,) = whole(tx, everything=True).nodes
    assert node.labels == item.labels
    assert node.fields == item.fields
    assert node.references == item.references[:1]
    assert (node.kind, node.state, node.created_at) == (ItemKind.TICKET, State.DONE, T0)


def test_a_page_and_its_cursor_are_stored_together_or_not_at_all(store, make):
    page = Page((make(1), make(2)), {"10000": Cursor(T0)})
    with pytest.raises(RuntimeError), store.begin() as tx:  # noqa: PT012 (the crash is part of the transaction)
        pages.save_page(tx, "jira", page, T0)
        raise RuntimeError
    with store.read() as tx:
        assert pages.live_ids(tx, "jira", "10000") == set()
        assert sources.cursors(tx, "jira") == {"10000": None}
        assert graph.dirty_count(tx) == 0
    with store.begin() as tx:
        pages.save_page(tx, "jira", page, T0)
    with store.read() as tx:
        assert pages.live_ids(tx, "jira", "10000") == {"1001", "1002"}
        assert sources.cursors(tx, "jira") == {"10000": Cursor(T0)}


def test_a_page_that_says_nothing_new_writes_nothing(store, make):
    page = Page((make(1, **FULL), make(2, parent=1)), {"10000": Cursor(T0)})
    saved = []

    def again():
        with store.begin() as tx:
            saved.append(pages.save_page(tx, "jira", page, T0 + timedelta(hours=1)))

    assert writes_of(store, again)
    assert writes_of(store, again) == []
    assert saved == [pages.Saved(2, 2), pages.Saved(2, 0)]


def test_only_the_time_of_the_update_moves_where_nothing_else_did(store, save, make, uid):
    save(make(1))
    with store.begin() as tx:
        graph.clear_dirty(tx, graph.dirty_version(tx))
    later = make(1, updated_at=T0 + timedelta(hours=5))
    assert save(later).changed == 0
    row, _ = stored_item(store, uid(1))
    assert row.updated_at == later.updated_at
    with store.read() as tx:
        assert graph.dirty_count(tx) == 0


def test_an_older_state_than_the_stored_one_is_ignored(store, save, make, uid):
    save(make(1, title="new"))
    assert save(make(1, title="old", updated_at=T0)).changed == 0
    assert stored_item(store, uid(1))[0].title == "new"


def test_of_two_states_in_one_page_the_later_is_stored(store, save, make, uid):
    assert save(make(1, title="late", updated_at=T0 + timedelta(2)), make(1, title="early")) == pages.Saved(2, 1)
    assert stored_item(store, uid(1))[0].title == "late"


def test_a_changed_item_loses_what_it_no_longer_says(store, save, make, uid):
    save(make(1, **FULL))
    save(make(1, updated_at=T0 + timedelta(1)))
    row, body = stored_item(store, uid(1))
    assert (body, row.labels, row.completed_at, row.flagged) == (None, None, None, False)
    with store.read() as tx:
        assert whole(tx).nodes[0].references == ()


def test_a_moved_item_is_found_by_its_old_keys(store, save, make, uid):
    save(make(1))
    save(make(1, key="PAY-7", updated_at=T0 + timedelta(1)))
    save(make(1, key="pay-8", updated_at=T0 + timedelta(2)))
    with store.read() as tx:
        for name in ("SHOP-1", "shop-1", "PAY-7", "PAY-8", "jira:shop-1"):
            assert [one.uid for one in queries.find(tx, name)] == [uid(1)], name
        (node,) = whole(tx).nodes
    assert node.aliases == ("PAY-7", "SHOP-1")
    save(make(1, updated_at=T0 + timedelta(3)))
    with store.read() as tx:
        assert whole(tx).nodes[0].aliases == ("PAY-7", "pay-8")


def test_sources_are_kept_apart_though_their_ids_are_equal(store, save, make):
    save(make(1))
    save(make(1, source="other", title="another"))
    with store.read() as tx:
        assert [(one.source, one.title) for one in queries.find(tx, "SHOP-1")] == [
            ("jira", "Ticket 1"),
            ("other", "another"),
        ]
        assert [one.title for one in queries.find(tx, "other:SHOP-1")] == ["another"]


# ── context ──────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_parents_from_outside_are_asked_for_until_none_is_missing(store, save, make):
    save(make(1, parent=50), make(2, parent=60), make(3, parent=1))
    with store.begin() as tx:
        assert context.missing_parents(tx, "jira") == ["1050", "1060"]
        assert context.missing_parents(tx, "other") == []
        epic = make(50, scope="77", parent=70)
        assert pages.save_context(tx, "jira", [epic], ["1060"], T0) == pages.Saved(2, 2)
        assert context.missing_parents(tx, "jira") == ["1070"]
        pages.save_context(tx, "jira", [make(70, scope="77")], [], T0)
        assert context.missing_parents(tx, "jira") == []
        assert context.context_ids(tx, "jira") == ["1050", "1060", "1070"]
        assert pages.save_context(tx, "jira", [epic], ["1060"], T0).changed == 0
        nodes = {node.key: node for node in whole(tx).nodes}
        assert sources.statuses(tx)[0].items == 3
    assert {key for key, node in nodes.items() if not node.counted} == {"SHOP-50", "SHOP-60", "SHOP-70"}
    assert {key for key, node in nodes.items() if not node.readable} == {"SHOP-60"}


def test_context_that_no_counted_item_climbs_through_is_not_read_again(store, save, make):
    save(make(1, parent=50))
    with store.begin() as tx:
        pages.save_context(tx, "jira", [make(50, scope="77", parent=70), make(70, scope="77")], [], T0)
    save(make(1, updated_at=T0 + timedelta(1)))
    with store.read() as tx:
        assert context.context_ids(tx, "jira") == []


def test_what_is_missing_is_looked_for_only_after_something_changed(store, save, make):
    """And a sync that died before it was found leaves the question open."""

    def looks():
        asked = []

        def note(connection, cursor, statement, parameters, state, executemany):
            asked.append(statement)

        event.listen(store._engine, "after_cursor_execute", note)
        with store.read() as tx:
            wanted = pages.wanted_context(tx, "jira")
        event.remove(store._engine, "after_cursor_execute", note)
        return wanted, any("DISTINCT" in statement for statement in asked)

    def settle():
        with store.begin() as tx:
            pages.settle_context(tx, "jira", T0)

    save(make(1, parent=50), make(2))
    assert looks() == (["1050"], True)
    assert looks() == (["1050"], True), "until it was read"
    with store.begin() as tx:
        pages.save_context(tx, "jira", [make(50, scope="77")], [], T0)
    settle()
    assert looks() == (["1050"], False), "what is known is read again"
    newer = make(2, updated_at=T0 + timedelta(1), labels=("new",))
    for change in (
        lambda tx: pages.save_page(tx, "jira", Page((newer,), {}), T0),
        lambda tx: pages.tombstone(tx, "jira", ["1002"], T0),
        lambda tx: pages.move_out(tx, "jira", ["1001"], T0),
    ):
        with store.begin() as tx:
            change(tx)
        assert looks()[1]
        settle()
        assert not looks()[1]
    assert looks()[0] == [], "nothing counted climbs there any more, so it went"
    assert writes_of(store, settle) == []


def test_an_item_of_a_configured_scope_counts_however_it_came(store, make):
    with store.begin() as tx:
        pages.save_context(tx, "jira", [make(1), make(2, scope="77")], [], T0)
        assert pages.live_ids(tx, "jira", "10000") == {"1001"}


def test_context_becomes_counted_when_a_pull_brings_it(store, save, make):
    with store.begin() as tx:
        pages.save_context(tx, "jira", [make(2, scope="77")], [], T0)
    assert save(make(2, scope="77")).changed == 1
    with store.read() as tx:
        assert pages.live_ids(tx, "jira", "77") == {"1002"}


def test_hidden_context_can_be_read_again(store, save, make):
    save(make(1, parent=50))
    epic = make(50, scope="77")
    with store.begin() as tx:
        pages.save_context(tx, "jira", [epic], [], T0)
        assert pages.save_context(tx, "jira", [], ["1050"], T0).changed == 1
        assert not whole(tx, everything=True).nodes[1].readable
        assert pages.save_context(tx, "jira", [epic], [], T0).changed == 1
        assert whole(tx, everything=True).nodes[1].readable


def test_a_deleted_parent_that_is_still_named_ends_as_unreadable_context(store, save, make):
    save(make(1, parent=2), make(2))
    with store.begin() as tx:
        pages.tombstone(tx, "jira", ["1002"], T0)
        assert context.missing_parents(tx, "jira") == ["1002"]
        pages.save_context(tx, "jira", [], ["1002"], T0)
        assert context.missing_parents(tx, "jira") == []
        nodes = {node.key: node for node in whole(tx).nodes}
    assert (nodes["SHOP-2"].readable, nodes["SHOP-2"].counted) == (False, False)


def test_what_a_pull_request_closes_elsewhere_is_context_too(store, save, make):
    closes = Reference(ReferenceKind.CLOSES, "acme/else#5", "9#5")
    by_text = Reference(ReferenceKind.CLOSES, "acme/else#6")
    pull = make(1, kind=ItemKind.PULL_REQUEST, state=State.DONE, references=(closes, by_text))
    save(pull)
    with store.begin() as tx:
        assert context.missing_parents(tx, "jira") == ["9#5"]
        issue = make(5, key="acme/else#5", remote_id="9#5", scope="9", parent=70)
        pages.save_context(tx, "jira", [issue], [], T0)
        assert context.missing_parents(tx, "jira") == ["1070"]
        assert context.context_ids(tx, "jira") == ["9#5"]
        assert pages.naming(tx, "jira", ["9#5"]) == ["1001"]
        pages.save_context(tx, "jira", [], ["9#5"], T0)
        node = next(node for node in whole(tx).nodes if not node.readable)
        assert (node.key, node.counted) == ("acme/else#5", False)
        assert pages.naming_unreadable(tx, "jira") == ["1001"]


def test_what_was_known_by_its_key_alone_is_known_by_its_id_once_it_can_be_read(store, save, make, uid):
    """GitHub hides the id of a repository with the repository."""
    key = "acme/else#5"
    save(make(1, references=(Reference(ReferenceKind.PARENT, key, key),)), make(2, parent=1))
    with store.begin() as tx:
        assert context.missing_parents(tx, "jira") == [key]
        pages.save_context(tx, "jira", [], [key], T0)
        assert context.missing_parents(tx, "jira") == []
        (hidden,) = queries.find(tx, key)
        assert (hidden.remote_id, hidden.readable) == (key, False)
        graph.clear_dirty(tx, graph.dirty_version(tx))
        pages.save_page(tx, "jira", Page((make(5, key=key, remote_id="9#5", scope="9"),), {}), T0)
        assert [(one.remote_id, one.readable) for one in queries.find(tx, key)] == [("9#5", True)]
        hood = whole(tx)
        assert hood.affected >= {uid(1), uid(2)}
        assert {node.key: [one.target_id for one in node.references] for node in hood.nodes} == {
            "SHOP-1": ["9#5"],
            "SHOP-2": ["1001"],
            key: [],
        }
        assert context.missing_parents(tx, "jira") == []
    save(make(1, references=(Reference(ReferenceKind.PARENT, key, key),)))
    with store.read() as tx:
        assert context.missing_parents(tx, "jira") == [], "a page that repeats the key says nothing new"


def test_a_blocker_that_is_hidden_stands_under_its_gid(store, save, make):
    save(make(1, references=(Reference(ReferenceKind.BLOCKED_BY, "777", "777"),)))
    with store.begin() as tx:
        assert context.missing_blockers(tx, "jira") == ["777"]
        pages.save_context(tx, "jira", [], ["777"], T0)
        (found,) = queries.find(tx, "777")
        assert (found.key, found.readable) == ("777", False)


# ── histories ────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_histories_are_asked_for_once_an_update(store, save, make, uid):
    item = make(1)
    save(item, make(2))
    with store.begin() as tx:
        pages.save_context(tx, "jira", [], ["1099"], T0)
        assert pages.stale_history(tx, "jira", 10) == ["1001", "1002"]
        assert len(pages.stale_history(tx, "jira", 1)) == 1
        changes = (
            Change(T0, ChangeKind.LABEL_ADDED, None, "x"),
            Change(T0 + timedelta(microseconds=1), ChangeKind.KEY, "OLD-1", "SHOP-1"),
            Change(T0, ChangeKind.STATE, "todo", "done"),
        )
        graph.clear_dirty(tx, graph.dirty_version(tx))
        assert pages.save_history(tx, "jira", ["1001", "1002"], [History("1001", changes)]) == 1
        assert pages.stale_history(tx, "jira", 10) == []
        hood = whole(tx)
        assert hood.affected == {uid(1)}
        assert hood.nodes[0].changes == changes[:2]
        assert hood.nodes[0].aliases == ("OLD-1",)
        graph.clear_dirty(tx, graph.dirty_version(tx))
        assert pages.save_history(tx, "jira", ["1001"], [History("1001", changes)]) == 0
        assert graph.dirty_count(tx) == 0
        assert pages.save_history(tx, "jira", ["1001"], [History("1001", changes[:1])]) == 1
        assert whole(tx).nodes[0].changes == changes[:1]
    save(replace(item, updated_at=T0 + timedelta(days=1)))
    with store.read() as tx:
        assert pages.stale_history(tx, "jira", 10) == ["1001"]


def test_commits_have_no_history_to_be_read(store, save, make):
    save(make(1, kind=ItemKind.COMMIT), make(2, kind=ItemKind.PULL_REQUEST))
    with store.read() as tx:
        assert pages.stale_history(tx, "jira", 10) == ["1002"]


# ── deletions and moves ──────────────────────────────────────────────────────────────────────────────────────────────


def test_a_deleted_item_is_gone_and_comes_back_when_it_is_seen(store, save, make, uid):
    item = make(1)
    save(item, make(2, parent=1))
    with store.begin() as tx:
        graph.clear_dirty(tx, graph.dirty_version(tx))
        assert pages.tombstone(tx, "jira", ["1001", "9999"], T0) == 1
        assert pages.tombstone(tx, "jira", ["1001"], T0) == 0
        assert pages.live_ids(tx, "jira", "10000") == {"1002"}
        assert queries.find(tx, "SHOP-1") == []
        assert whole(tx).affected == {uid(2)}
    assert save(item).changed == 1
    with store.read() as tx:
        assert pages.live_ids(tx, "jira", "10000") == {"1001", "1002"}


def test_a_doubt_stands_until_the_tool_was_asked(store, save, make):
    """It comes with the page that told it; what does not count needs no answer."""
    save(make(1), make(2), make(3))
    with store.begin() as tx:
        pages.save_context(tx, "jira", [make(4, scope="elsewhere")], (), T0)
        pages.save_page(tx, "jira", Page((), {}, doubts=("1003", "1004", "9999", "1001")), T0)
        doubts.doubt(tx, "jira", ["1002", "1001"])
        assert pages.doubted(tx, "jira") == ["1001", "1002", "1003"]
        pages.dispel(tx, "jira", ["1001", "1003", "9999"])
        assert (pages.doubted(tx, "jira"), pages.doubted(tx, "other")) == (["1002"], [])
        sources.mark_scopes(tx, "jira", (), {"10000": "forbidden"})
        assert pages.doubted(tx, "jira") == [], "it waits"
        sources.mark_scopes(tx, "jira", ["10000"], {})
        assert pages.doubted(tx, "jira") == ["1002"]


def test_an_item_that_moved_out_is_context(store, save, make):
    save(make(1), make(2, parent=1))
    with store.begin() as tx:
        assert pages.move_out(tx, "jira", ["1001"], T0) == 1
        assert pages.live_ids(tx, "jira", "10000") == {"1002"}
        assert context.context_ids(tx, "jira") == ["1001"]


def test_a_scope_that_is_configured_no_more_stops_to_count_and_is_read_anew_when_it_returns(store, make):
    shop, pay = Scope("10000", "SHOP", "Shop"), Scope("20000", "PAY", "Pay")
    with store.begin() as tx:
        sources.save_scopes(tx, "jira", [shop, pay], T0)
        cursors = {"10000": Cursor(T0), "20000": Cursor(T0)}
        pages.save_page(tx, "jira", Page((make(1), make(2, scope="20000")), cursors), T0)
        assert sources.save_scopes(tx, "jira", [shop], T0) == 1
        assert sources.cursors(tx, "jira") == {"10000": Cursor(T0)}
        assert sources.statuses(tx)[0].items == 1
        assert sources.save_scopes(tx, "jira", [shop, pay], T0) == 0
        assert sources.cursors(tx, "jira") == {"10000": Cursor(T0), "20000": None}
        assert pages.save_page(tx, "jira", Page((make(2, scope="20000"),), {}), T0).changed == 1
        assert sources.statuses(tx)[0].items == 2
