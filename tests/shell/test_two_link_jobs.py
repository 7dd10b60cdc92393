"""Two processes that link at once: on PostgreSQL the second waits for the first, as on SQLite every writer does."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from postgresql_server import Server
from small_company import Company
from sqlalchemy import select

from okrsync.errors import StoreError
from okrsync.linking import RULESET, relink
from okrsync.model import Override, OverrideKind
from okrsync.store import Store, graph, people, queries
from okrsync.store import tables as t
from okrsync.store.departures import tombstone

WAIT = timedelta(seconds=20)


@pytest.fixture
def address(postgresql: Server) -> str:
    return postgresql.migrated()


@pytest.fixture
def two(small: Company, address: str) -> Iterator[tuple[Store, Store]]:
    """Two processes' ways to one database, of which all is to be judged again."""
    both = Store.open(address, wait=WAIT), Store.open(address, wait=WAIT)
    small.sync(both[0])
    with both[0].begin() as tx:
        tx.execute(t.verdict.delete())
        tx.execute(t.link.delete())
        graph.set_meta(tx, RULESET, None)
    yield both
    assert both[0].check() == []
    for one in both:
        one.close()


def beside(job: Any) -> threading.Thread:
    thread = threading.Thread(target=job)
    thread.start()
    thread.join(0.5)  # it waits, or it is done
    return thread


def test_the_second_finds_nothing_left_to_do(small: Company, two: tuple[Store, Store]) -> None:
    ours, theirs = two
    config, now = small.config, small.now()
    written: list[int] = []

    def link() -> None:
        with theirs.begin() as tx:
            written.append(relink(tx, config, now))

    with ours.begin() as tx:
        assert relink(tx, config, now) > 0
        other = beside(link)
    other.join()
    assert written == [0]


def test_nobody_waits_longer_than_for_any_lock(small: Company, two: tuple[Store, Store], address: str) -> None:
    ours, _ = two
    hasty = Store.open(address, wait=timedelta(seconds=1))
    with ours.begin() as tx:
        relink(tx, small.config, small.now())
        with pytest.raises(StoreError, match="is locked by another session"), hasty.begin() as other:
            relink(other, small.config, small.now())
    hasty.close()


def test_a_word_that_is_given_meanwhile_waits_and_counts(small: Company, two: tuple[Store, Store]) -> None:
    ours, theirs = two
    config, now = small.config, small.now()

    def say() -> None:  # as ``okrsync link`` does
        with theirs.begin() as tx:
            relink(tx, config, now)
            (found,) = queries.find(tx, "SHOP-1")
            people.add_override(tx, Override(found.uid, OverrideKind.LINK, ("KR-PAY",), "so", "ann", now))
            relink(tx, config, now)

    with ours.begin() as tx:
        relink(tx, config, now)
        other = beside(say)
        graph.mark_dirty(tx, [1])  # what is stored beside the link job takes the queue, and no link job waits with it
    other.join()
    with ours.begin() as tx:
        relink(tx, config, now)
        (found,) = queries.find(tx, "SHOP-1")
        assert people.obeyed(tx, [found.uid]) == {found.uid: {"KR-PAY"}}


def test_what_leaves_while_it_is_judged_is_let_go_by_the_next(small: Company, two: tuple[Store, Store]) -> None:
    ours, theirs = two
    config, now = small.config, small.now()
    with ours.read() as tx:
        (found,) = queries.find(tx, "SHOP-1")

    def leave() -> None:
        with theirs.begin() as tx:
            tombstone(tx, found.source, [found.remote_id], now)

    with ours.begin() as tx:
        relink(tx, config, now)
        other = beside(leave)
    other.join()
    with ours.begin() as tx:
        relink(tx, config, now)
        assert tx.scalar(select(t.verdict.c.uid).where(t.verdict.c.uid == found.uid)) is None
        assert tx.scalar(select(t.link.c.uid).where(t.link.c.uid == found.uid, t.link.c.valid_to.is_(None))) is None
    with ours.begin() as tx:
        graph.mark_dirty(tx, list(tx.scalars(select(t.item.c.uid))))
        assert relink(tx, config, now) == 0, "what stays is let go by nobody"
