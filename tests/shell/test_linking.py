"""The link job: what changed is judged again, all of it and no more, and a configuration speaks without a pull."""

from __future__ import annotations

import json
import sqlite3
import time
from datetime import datetime, timedelta
from typing import Any

import pytest
from looking import the_verdict
from small_company import Company
from sqlalchemy import select

from okrsync.cli.session import Session
from okrsync.linking import is_current, relink
from okrsync.model import (
    Change,
    ChangeKind,
    Cursor,
    History,
    Item,
    ItemKind,
    OrphanClass,
    Page,
    Reference,
    ReferenceKind,
    Scope,
    State,
    VerdictKind,
)
from okrsync.store import Store, context, pages, queries, sources
from okrsync.store import tables as t
from okrsync.sync import link


@pytest.fixture
def store(small: Company) -> Store:
    found = small.store()
    small.sync(found)
    return found


def judged(company: Company, store: Store, key: str) -> Any:
    """The verdict on an item as of now, by the configuration of now, without a pull."""
    with store.begin() as tx:
        relink(tx, company.config, company.now())
        (found,) = queries.find(tx, key)
        return the_verdict(tx, company.config, found.uid, company.now())


def targets(company: Company, store: Store, key: str) -> list[str]:
    return [link.target for link in judged(company, store, key).links]


def periods(store: Store, key: str) -> list[tuple[str, datetime, datetime | None]]:
    """(target, valid from, valid to) of every link that the item ever had."""
    with store.read() as tx:
        (found,) = queries.find(tx, key)
        link = t.link.c
        rows = tx.execute(select(link.target, link.valid_from, link.valid_to).where(link.uid == found.uid))
        return sorted((row.target, row.valid_from, row.valid_to) for row in rows)


def test_an_epic_with_another_label_takes_forty_children_along_without_reading_them(small: Company) -> None:
    small.census = timedelta(days=1)
    children = [small.create("PAY", summary=f"Part {number}", parent="SHOP-1") for number in range(40)]
    small.wait(hours=1)
    small.create("PAY", summary="So that the children lie before the overlap")
    store = small.store()
    small.sync(store)
    small.wait(hours=2)
    small.edit(small.site.find("SHOP-1"), labels=["okr:KR-PAY"])
    small.sandbox.clear_requests()
    (result,) = small.sync(store)
    assert (result.pulled, result.changed) == (2, 1)
    bodies = [json.loads(asked.body) for asked in small.sandbox.requests if asked.path.endswith("bulkfetch")]
    assert not {child.id for child in children}.intersection(one for body in bodies for one in body["issueIdsOrKeys"])
    for child in children:
        assert targets(small, store, child.key) == ["KR-PAY"]
    then = small.now()
    assert judged(small, store, children[0].key).links[0].since == then
    assert periods(store, children[0].key) == [
        ("KR-PAY", then, None),
        ("KR-UX", small.now() - timedelta(hours=3), then),
    ]


def test_a_label_that_goes_closes_the_link_and_one_that_comes_back_opens_another(small: Company, store: Store) -> None:
    epic = small.site.find("SHOP-1")
    small.wait(hours=1)
    gone = small.now()
    small.edit(epic, labels=[])
    small.sync(store)
    assert periods(store, "SHOP-1")[0][2] == gone
    assert judged(small, store, "SHOP-3").orphan is OrphanClass.TRANSITIVE
    small.wait(hours=1)
    small.edit(epic, labels=["KR-UX"])
    small.sync(store)
    assert [(target, end) for target, _, end in periods(store, "SHOP-1")] == [("KR-UX", gone), ("KR-UX", None)]
    assert judged(small, store, "SHOP-1").links[0].since == gone + timedelta(hours=1)


def test_a_parent_that_is_taken_back_ends_what_was_inherited(small: Company, store: Store) -> None:
    small.wait(hours=1)
    small.edit(small.site.find("SHOP-3"), fields={"parent": None})
    small.sync(store)
    assert judged(small, store, "SHOP-3").orphan is OrphanClass.DIRECT
    small.edit(small.site.find("SHOP-3"), fields={"parent": {"key": "PAY-1"}})
    small.sync(store)
    assert targets(small, store, "SHOP-3") == ["KR-UX"], "over two hops, the second outside the scope"


@pytest.mark.parametrize(
    ("old", "new", "key", "verdict", "links"),
    [
        ('id = "KR-UX"', 'id = "KR-UXX"', "PAY-3", VerdictKind.TRACED, ["KR-UXX"]),
        ('id = "KR-UX"', 'id = "KR-UXX"', "SHOP-3", VerdictKind.ORPHAN, []),
        ('id = "KR-UX"', 'id = "KR-UX"\nstate = "dropped"', "SHOP-3", VerdictKind.ORPHAN, ["KR-UX"]),
        ('epics = ["jira:SHOP-2"]', 'epics = ["jira:PAY-2"]', "PAY-2", VerdictKind.TRACED, ["KR-PAY"]),
        ('labels = ["ktlo"]', 'labels = ["okr:KR-UXX"]', "PAY-3", VerdictKind.EXEMPT, []),
        ("[mapping]", '[mapping]\nlabel_patterns = ["okr:(?P<id>KR-UX)X"]', "PAY-3", VerdictKind.TRACED, ["KR-UX"]),
    ],
)
def test_a_changed_configuration_speaks_without_a_pull(
    small: Company, store: Store, old: str, new: str, key: str, verdict: VerdictKind, links: list[str]
) -> None:
    before = judged(small, store, key)
    assert (before.kind, [link.target for link in before.links]) != (verdict, links)
    small.sandbox.clear_requests()
    small.replace(old, new)
    after = judged(small, store, key)
    assert (after.kind, [link.target for link in after.links]) == (verdict, links)
    assert small.sandbox.requests == ()
    small.replace(new, old)
    assert judged(small, store, key) == before


def test_time_alone_ends_a_goal(small: Company, store: Store) -> None:
    assert judged(small, store, "SHOP-3").kind is VerdictKind.TRACED
    small.clock.set(datetime.fromisoformat("2026-12-31T22:59:59+00:00"))
    assert judged(small, store, "SHOP-3").kind is VerdictKind.TRACED
    small.wait(seconds=1)
    found = judged(small, store, "SHOP-3")
    assert (found.orphan, [link.target for link in found.links]) == (OrphanClass.DEAD, ["KR-UX"])
    with store.begin() as tx:
        assert relink(tx, small.config, small.now()) == 0, "once"


def test_where_nothing_is_dirty_nobody_is_held_up(
    small: Company, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A link job with nothing to do, and a command that only reads, go by while somebody else writes for long."""
    monkeypatch.setattr(Session, "now", lambda _: small.now())
    small.replace("unused.db", "okrsync-0.db")
    session = Session(path=str(small.folder / "okrsync.toml"), flags={})
    settings = small.config
    assert link(store, settings, small.now) == 0, "and the configuration is remembered"
    writer = sqlite3.connect(small.folder / "okrsync-0.db", isolation_level=None)
    writer.execute("BEGIN IMMEDIATE")
    began = time.monotonic()
    try:
        assert link(store, settings, small.now) == 0
        with session.linked() as tx:
            assert sum(queries.totals(tx).values()) == 8
    finally:
        writer.execute("ROLLBACK")
        writer.close()
        session.store.close()
    assert time.monotonic() - began < 5, "a writer is waited for ten seconds, and then there is an error"
    small.edit(small.site.find("SHOP-3"), labels=["okr:KR-PAY"])
    small.sync(store)
    with store.read() as tx:
        assert is_current(tx, settings, small.now())
        assert not is_current(tx, settings, small.now() + timedelta(days=365)), "goals end"
    small.replace('id = "KR-PAY"', 'id = "KR-PAY"\nstate = "dropped"')
    with store.read() as tx:
        assert not is_current(tx, small.config, small.now())
    small.replace('id = "KR-PAY"\nstate = "dropped"', 'id = "KR-PAY"')
    small.replace('id = "KR-PAY"', 'id = "KR-PAY"\ncounts = ["ticket", "pull_request"]')
    with store.read() as tx:
        assert not is_current(tx, small.config, small.now()), "it is judged as before, and weighs something else"
    with store.begin() as tx:
        assert relink(tx, small.config, small.now()) == 0
        assert is_current(tx, small.config, small.now())
    small.replace('id = "KR-PAY"\ncounts = ["ticket", "pull_request"]', 'id = "KR-PAY"')
    with store.begin() as tx:
        relink(tx, small.config, small.now())
    small.replace('projects = ["SHOP", "PAY"]', 'projects = ["SHOP"]')
    with store.read() as tx:
        assert not is_current(tx, small.config, small.now())


def test_a_circle_of_parents_ends_and_can_be_broken(small: Company, store: Store) -> None:
    one = small.create("PAY", summary="One")
    two = small.create("PAY", summary="Two", parent=one.key)
    small.edit(one, fields={"parent": {"key": two.key}})
    small.create("PAY", summary="Below", parent=two.key)
    small.sync(store)
    assert {judged(small, store, f"PAY-{number}").orphan for number in (5, 6, 7)} == {OrphanClass.TRANSITIVE}
    small.edit(one, labels=["KR-PAY"])
    small.sync(store)
    assert [targets(small, store, f"PAY-{number}") for number in (5, 6, 7)] == [["KR-PAY"]] * 3


# ── what the store makes of it ──

T0 = datetime.fromisoformat("2026-10-20T09:30:00+00:00")


def item(number: int, *, scope: str = "10001", at: datetime = T0, **more: Any) -> Item:
    about = {"title": "Work", "url": "", "state": State.TODO, "status": "", "created_at": T0, "updated_at": at}
    return Item(
        source="jira", remote_id=str(number), key=f"SHOP-{number}", kind=ItemKind.TICKET, scope=scope, **about, **more
    )


@pytest.fixture
def bare(small: Company) -> Store:
    """A store that knows the scope 10001 of the source jira, and SHOP-11 with SHOP-12 below it."""
    found = small.store()
    with found.begin() as tx:
        sources.register(tx, small.config.sources)
        sources.save_scopes(tx, "jira", [Scope("10001", "SHOP")], T0)
        parent = Reference(ReferenceKind.PARENT, "SHOP-11", "11")
        page = Page((item(11, labels=("KR-UX",)), item(12, references=(parent,))), {"10001": Cursor(T0)})
        pages.save_page(tx, "jira", page, T0)
    return found


def test_what_was_deleted_and_is_read_by_id_elsewhere_does_not_count_again(bare: Store) -> None:
    with bare.begin() as tx:
        pages.tombstone(tx, "jira", ["11"], T0)
        pages.save_context(tx, "jira", [item(11, scope="10003", at=T0 + timedelta(hours=1))], (), T0)
        assert pages.live_ids(tx, "jira", "10003") == set()
        assert pages.live_ids(tx, "jira", "10001") == {"12"}


def test_a_first_parent_far_above_ends_what_another_way_up_had_brought(small: Company, bare: Store) -> None:
    def parent(number: int, kind: ReferenceKind = ReferenceKind.PARENT) -> Reference:
        return Reference(kind, f"SHOP-{number}", f"{number}")

    late = T0 + timedelta(days=2)
    near, nearest = item(21, labels=("okr:KR-UX",)), item(22, references=(parent(21),), at=late)
    far, between = item(23, labels=("okr:KR-PAY",)), item(24, references=(parent(23),))
    farther = item(25, references=(parent(24),))
    torn = item(26, references=(parent(22), parent(25, ReferenceKind.EPIC)))
    adopted = History("22", (Change(late, ChangeKind.PARENT, None, "21"),))
    with bare.begin() as tx:
        pages.save_page(tx, "jira", Page((near, nearest, far, between, farther, torn), {}), late)
        pages.save_history(tx, "jira", ["22"], [adopted])
    assert targets(small, bare, "SHOP-26") == ["KR-UX"], "the nearest above it that is linked, since it is there"
    assert periods(bare, "SHOP-26") == [("KR-PAY", T0, late), ("KR-UX", late, None)]


def test_nothing_is_kept_of_what_may_not_be_read_any_more(small: Company, bare: Store) -> None:
    assert targets(small, bare, "SHOP-12") == ["KR-UX"]
    with bare.begin() as tx:
        assert pages.naming(tx, "jira", ["11"]) == ["12"]
        pages.tombstone(tx, "jira", ["11"], T0)
        assert context.missing_parents(tx, "jira") == ["11"]
        pages.save_context(tx, "jira", (), ["11"], T0)
        assert pages.naming(tx, "jira", ["11"]) == [], "its children have been asked for once"
        (found,) = queries.find(tx, "SHOP-11")
        assert (found.readable, found.title) == (False, "")
    assert judged(small, bare, "SHOP-12").kind is VerdictKind.UNRESOLVABLE


def test_a_renamed_scope_is_read_anew_and_so_is_a_forgotten_source(bare: Store) -> None:
    with bare.begin() as tx:
        sources.save_scopes(tx, "jira", [Scope("10001", "SHOP", "Another name")], T0)
        assert sources.cursors(tx, "jira") == {"10001": Cursor(T0)}
        sources.save_scopes(tx, "jira", [Scope("10001", "STORE")], T0)
        assert sources.cursors(tx, "jira") == {"10001": None}
        pages.save_history(tx, "jira", pages.stale_history(tx, "jira", 10), ())
        assert pages.stale_history(tx, "jira", 10) == []
        sources.forget(tx, "jira")
        assert sorted(pages.stale_history(tx, "jira", 10)) == ["11", "12"]


def test_a_retired_source_counts_nothing_and_nothing_of_it_can_be_named(bare: Store) -> None:
    with bare.begin() as tx:
        assert sources.retire(tx, {"jira": ()}, T0) == 0
        assert sources.retire(tx, {"other": ()}, T0) == 2
        assert sources.retire(tx, {"other": ()}, T0) == 0
        assert sources.scopes(tx, "jira") == []
        assert queries.find(tx, "SHOP-11") == []
