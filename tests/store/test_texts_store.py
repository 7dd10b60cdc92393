"""How items are named in texts, which texts there are to read, and what was read in them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from looking import whole

from okrsync.model import (
    Change,
    ChangeKind,
    Cursor,
    History,
    ItemKind,
    Page,
    Place,
    Reference,
    ReferenceKind,
    Scope,
    Text,
)
from okrsync.store import graph, pages, sources, texts

T0 = datetime(2026, 1, 5, 9, 30, 15, 123456, tzinfo=UTC)
DAY = timedelta(days=1)
NAMES = Reference(ReferenceKind.MENTIONS, "SHOP-1", evidence="in the title", target_source="jira")


@pytest.fixture
def pull(make):
    def make_pull(n: int, **values):
        about = {"key": f"acme/shop#{n}", "remote_id": f"1#{n}", "kind": ItemKind.PULL_REQUEST, "project": "acme/shop"}
        return make(n, **{**about, "source": "other", "url": f"https://github.com/acme/shop/pull/{n}", **values})

    return make_pull


def to_read(tx, **more):
    return [text.key for text in graph.texts(tx, **more)]


def test_places_tell_every_name_that_items_may_have_had(store, save, make, pull):
    kinds = {"other": "github", "jira": "jira", "asana": "asana"}
    with store.begin() as tx:
        assert graph.places(tx, kinds) == [
            Place("asana", "asana", ""),
            Place("jira", "jira", "", frozenset({"SHOP"})),
            Place("other", "github", "", frozenset({"SHOP"})),
        ]
        sources.save_scopes(tx, "jira", [Scope("10000", "STORE", configured="SHOP")], T0)
        github = [Scope("1", "acme/shop", configured="acme/*"), Scope("acme/m-*", "acme/m-*", readable=False)]
        sources.save_scopes(tx, "other", github, T0)
    save(make(1, key="STORE-1"), make(2, key="STORE-2"))
    save(pull(20, key="acme/old#20"), pull(21))
    save(pull(20, updated_at=T0 + DAY))
    with store.begin() as tx:
        moved = Change(T0, ChangeKind.KEY, "WEB_2-40", "STORE-2")
        pages.save_history(tx, "jira", ["1002"], [History("1002", (moved,))])
        assert graph.places(tx, kinds) == [
            Place("asana", "asana", ""),
            Place("jira", "jira", "https://acme.test/browse/", frozenset({"SHOP", "STORE", "WEB_2"})),
            Place("other", "github", "https://github.com/", frozenset({"acme/shop", "acme/old"})),
        ]
        assert graph.places(tx, {"jira": "jira"}) == graph.places(tx, kinds)[1:2]


def test_texts_are_those_of_live_pull_requests_and_commits_that_wait_or_of_all(store, save, make, pull, monkeypatch):
    monkeypatch.setattr(texts, "PIECE", 2)
    save(make(1, body="SHOP-2"))
    with store.read() as tx:
        assert not graph.has_texts(tx)
        assert to_read(tx, everything=True) == []
    commits = [pull(n, key="abc" + str(n), kind=ItemKind.COMMIT) for n in (22, 23)]
    save(pull(20, body="Closes SHOP-1", branch="feature/SHOP-2"), pull(21), *commits, pull(24))
    with store.begin() as tx:
        assert graph.has_texts(tx)
        assert to_read(tx) == ["acme/shop#20", "acme/shop#21", "abc22", "abc23", "acme/shop#24"]
        (first, *_) = graph.texts(tx)
        assert first == Text(
            first.uid, "other", ItemKind.PULL_REQUEST, "acme/shop#20", "acme/shop", "Ticket 20", "Closes SHOP-1",
            "feature/SHOP-2",
        )  # fmt: skip
        pages.tombstone(tx, "other", ["1#24"], T0)
        graph.clear_dirty(tx, graph.dirty_version(tx))
    save(pull(21, title="new", updated_at=T0 + DAY))
    with store.read() as tx:
        assert to_read(tx) == ["acme/shop#21"]
        assert to_read(tx, everything=True) == ["acme/shop#20", "acme/shop#21", "abc22", "abc23"]


def test_only_what_was_read_otherwise_is_written_and_waits(store, save, pull, monkeypatch):
    monkeypatch.setattr(texts, "PIECE", 2)
    save(*(pull(n) for n in range(20, 25)))
    with store.begin() as tx:
        uids = [text.uid for text in graph.texts(tx)]
        version = graph.dirty_version(tx)
        graph.clear_dirty(tx, version)
        assert graph.save_read(tx, ((uid, (NAMES,)) for uid in uids)) == 5
        assert graph.dirty_version(tx) == version, "it is work of the job in hand"
        assert graph.dirty_count(tx) == 5
        graph.clear_dirty(tx, version)
        assert graph.save_read(tx, ((uid, (NAMES,)) for uid in uids)) == 0
        assert graph.dirty_count(tx) == 0
        assert graph.save_read(tx, [(uids[0], ()), (uids[1], (NAMES,)), (999_999, (NAMES,))]) == 1
        found = {node.uid: node.references for node in whole(tx, everything=True).nodes}
    assert found == {uids[0]: (), **dict.fromkeys(uids[1:], (NAMES,))}


def test_a_pull_between_reading_and_judging_is_left_for_the_next_job(store, save, pull):
    """As PostgreSQL may show it: another process stores a page while the link job is at work."""
    save(pull(20))
    with store.begin() as tx:
        version = graph.dirty_version(tx)
        (text,) = graph.texts(tx)
        pages.save_page(tx, "other", Page((pull(20, title="new", updated_at=T0 + DAY),), {"1": Cursor(T0)}), T0)
        assert graph.save_read(tx, [(text.uid, (NAMES,))]) == 1
        graph.clear_dirty(tx, version)
        assert [one.title for one in graph.texts(tx)] == ["new"]
