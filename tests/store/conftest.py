"""The store's tests run on SQLite and on PostgreSQL alike."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from postgresql_server import Server
from told import empty

from okrsync.model import Item, ItemKind, Page, Reference, ReferenceKind, Scope, SecretRef, SourceConfig, State
from okrsync.store import Store, check, pages, sources

T0 = datetime(2026, 1, 5, 9, 30, 15, 123456, tzinfo=UTC)


@pytest.fixture(params=["sqlite", "postgresql"])
def empty_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The address of a database without anything in it."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path}/okrsync.db"
    server: Server = request.getfixturevalue("postgresql")
    return server.empty()


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The address of a database that holds the schema already."""
    if request.param == "sqlite":
        (tmp_path / "okrsync.db").write_bytes(empty())
        return f"sqlite:///{tmp_path}/okrsync.db"
    server: Server = request.getfixturevalue("postgresql")
    return server.migrated()


@pytest.fixture
def store(url: str) -> Iterator[Store]:
    """An open store with two sources, ``jira`` and ``other``, and a readable scope in each."""
    opened = Store.open(url)
    with opened.begin() as tx:
        sources.register(tx, [source_config("jira"), source_config("other")])
        sources.save_scopes(tx, "jira", [Scope("10000", "SHOP", "Shop")], T0)
        sources.save_scopes(tx, "other", [Scope("10000", "SHOP", "Shop")], T0)
    yield opened
    with opened.read() as tx:
        problems = list(check.content(tx))  # not the schema, which no test here changes: to compare it takes longer
    opened.close()
    assert problems == []


def source_config(id_: str) -> SourceConfig:
    return SourceConfig(id_, "jira", "https://acme.test", None, SecretRef("env", "TOKEN"), None)


@pytest.fixture
def make() -> Callable[..., Item]:
    """Makes an item of number n: SHOP-n, in scope 10000, updated n minutes after T0."""
    return make_item


def make_item(n: int, **values: Any) -> Item:
    parent = values.pop("parent", None)
    source = values.get("source", "jira")
    if parent is not None:
        up = Reference(ReferenceKind.PARENT, f"SHOP-{parent}", str(1000 + parent), f"parent SHOP-{parent}")
        values["references"] = (up, *values.get("references", ()))
    return Item(
        **{
            "source": source,
            "remote_id": str(1000 + n),
            "key": f"SHOP-{n}",
            "kind": ItemKind.TICKET,
            "title": f"Ticket {n}",
            "url": f"https://acme.test/browse/SHOP-{n}",
            "state": State.TODO,
            "status": "To Do",
            "created_at": T0,
            "updated_at": T0 + timedelta(minutes=n),
            "scope": "10000",
            "project": "SHOP",
            **values,
        }
    )


@pytest.fixture
def save(store: Store) -> Callable[..., pages.Saved]:
    """Saves items as one page of their source."""

    def save_items(*items: Item, now: datetime = T0) -> pages.Saved:
        with store.begin() as tx:
            return pages.save_page(tx, items[0].source, Page(items, {}), now)

    return save_items


@pytest.fixture
def uid(store: Store) -> Callable[..., int]:
    """The store's number of item n."""
    from okrsync.store.items import uids_of

    def find(n: int, source: str = "jira") -> int:
        with store.read() as tx:
            return uids_of(tx, source, [str(1000 + n)])[str(1000 + n)]

    return find
