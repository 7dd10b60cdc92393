"""What a name in a text leads to depends on what is configured and stands in the tools, not on what once did."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from looking import the_verdict
from small_company import differences, published_alike
from trio import Trio, adds_up, three_tools

from okrsync.model import OrphanClass, Verdict
from okrsync.store import Store, queries


@pytest.fixture
def trio(tmp_path: Path) -> Iterator[Trio]:
    with three_tools(tmp_path) as trio:
        trio.company.replace('goal = "asana:goal:', 'goal = "asana:goal:9')  # its readings tell when they were made
        yield trio


def verdict(trio: Trio, store: Store, text: str) -> Verdict:
    trio.company.plan(store)
    with store.read() as tx:
        (found,) = queries.find(tx, text)
        said = the_verdict(tx, trio.company.config, found.uid, trio.company.now())
    assert said is not None
    return said


def is_a_rebuild(trio: Trio, store: Store) -> None:
    """A database that begins today holds the same."""
    fresh = trio.company.store()
    trio.company.sync(fresh)
    published_alike(store, fresh)
    assert differences(trio.company.state(store), trio.company.state(fresh)) == []
    assert adds_up(store) == adds_up(fresh)


def pushed(trio: Trio, message: str) -> str:
    (made,) = trio.repository.push([message])
    return str(made.sha)


def targets(found: Verdict) -> list[str]:
    return [link.target for link in found.links]


def test_a_key_leads_nowhere_once_its_ticket_left_what_is_configured(trio: Trio) -> None:
    sha = pushed(trio, "SHOP-3 by its key")
    store = trio.synced()
    assert targets(verdict(trio, store, sha)) == ["KR-UX"]
    trio.company.edit(trio.company.site.find("SHOP-3"), project="PLAT")
    trio.company.wait(minutes=1)
    trio.company.sync(store)
    assert verdict(trio, store, sha).orphan is OrphanClass.DANGLING
    is_a_rebuild(trio, store)
    trio.company.edit(trio.company.site.find("PLAT-2"), project="PAY")
    trio.company.wait(minutes=1)
    trio.company.sync(store)
    assert targets(verdict(trio, store, sha)) == ["KR-UX"], "it is known again by its old key"
    is_a_rebuild(trio, store)


def test_a_key_leads_to_what_is_outside_as_long_as_something_inside_hangs_below_it(trio: Trio) -> None:
    child = trio.company.create("PAY", summary="Below", parent="SHOP-3")
    sha = pushed(trio, "SHOP-3 by its key")
    store = trio.synced()
    trio.company.edit(trio.company.site.find("SHOP-3"), project="PLAT")
    trio.company.wait(minutes=1)
    trio.company.sync(store)
    assert targets(verdict(trio, store, sha)) == ["KR-UX"]
    is_a_rebuild(trio, store)
    trio.company.edit(child, fields={"parent": None})
    trio.company.wait(minutes=1)
    trio.company.sync(store)
    assert verdict(trio, store, sha).orphan is OrphanClass.DANGLING
    is_a_rebuild(trio, store)


@pytest.mark.parametrize("said", ["closes acme/shop#1", "https://github.com/acme/shop/issues/1"])
def test_a_renamed_repository_is_known_by_the_name_that_the_configuration_still_gives_it(trio: Trio, said: str) -> None:
    sha = pushed(trio, said)
    store = trio.synced()
    trio.repository.rename("stall")
    trio.company.wait(minutes=1)
    trio.repository.issue("After that", labels=["okr:KR-PAY"])
    later = pushed(trio, "For acme/shop#5")
    trio.company.sync(store)
    assert targets(verdict(trio, store, sha)) == ["KR-UX"]
    assert targets(verdict(trio, store, later)) == ["KR-PAY"]
    is_a_rebuild(trio, store)


def test_a_source_that_left_the_configuration_makes_no_key_ambiguous(trio: Trio) -> None:
    alone = trio.company.text
    twin: Any = trio.company.second_site()
    trio.company.create(site=twin, summary="Of the same key")
    both = trio.company.text
    sha = pushed(trio, "SHOP-1 by its key")
    store = trio.company.store()
    trio.company.sync(store)
    assert verdict(trio, store, sha).orphan is OrphanClass.AMBIGUOUS
    trio.company.text = alone
    trio.company.sync(store)
    assert targets(verdict(trio, store, sha)) == ["KR-UX"]
    is_a_rebuild(trio, store)
    trio.company.text = both
    trio.company.sync(store)
    assert verdict(trio, store, sha).orphan is OrphanClass.AMBIGUOUS
    is_a_rebuild(trio, store)


def test_the_former_project_of_a_ticket_that_is_gone_is_no_project(trio: Trio) -> None:
    old = trio.company.create("PLAT", summary="Comes")
    key = old.key
    trio.company.edit(old, project="PAY")
    trio.company.wait(minutes=1)
    sha = pushed(trio, f"{key} came, PLAT-99 is nothing")
    store = trio.synced()
    assert [one.text for one in verdict(trio, store, sha).dangling] == ["PLAT-99"]
    trio.company.edit(old, delete=True)
    trio.company.sync(store)
    assert verdict(trio, store, sha).orphan is OrphanClass.DIRECT, "nothing says any more that PLAT is a project"
    is_a_rebuild(trio, store)
