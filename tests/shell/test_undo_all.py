"""``undo --all`` leaves no trace in any tool but what people made their own, which is listed (P41)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import orjson
import pytest
from every_surface import Everywhere, every_surface
from hands import LABELS, SPOTS, choices, issue, seen, words
from small_company import at_once
from worlds import kept

from okrsync.errors import Refused
from okrsync.model import WriteState
from okrsync.store import Store, journal
from okrsync.writing import undoing

TRACE = re.compile(rb'okr-|okrsync|acme"|customfield_1010[01]":(?!null)', re.IGNORECASE)
"""What a trace of this installation would hold: its labels, its marks and keys, its name, its fields."""

INNOCENT = re.compile(
    rb'okrsync@example\.test|"(acc-okrsync|okrsync-bot|okrsync)"|u=okrsync|accountId=acc-okrsync|'
    rb'(github\.com|api)/okrsync[^"]*|repos/acme|okrsync/traceability|"customfield_1010[01]"|jira/acme'
)
"""Where the account that writes is named, the people's own definition of the fields, and the context of statuses."""


@pytest.fixture(params=[False, pytest.param(True, marks=pytest.mark.soak)], ids=["cloud", "datacenter"])
def trio(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Everywhere]:
    with every_surface(tmp_path) as found:
        found.company.site.datacenter = request.param
        choices(found, "Sales")
        yield found


@pytest.fixture
def store(trio: Everywhere) -> Store:
    return trio.synced()


def undo_all(trio: Everywhere, store: Store) -> undoing.Undone:
    company = trio.company
    return undoing.undo_all(
        store, company.config, connect=company.connect, clock=company.now, by="test", confirmed=True, wait=at_once
    )


def several_runs(trio: Everywhere, store: Store) -> None:
    """Three, a week apart, each with news."""
    for key in ("SHOP-7", "SHOP-8", "SHOP-9"):
        trio.company.edit(issue(trio, key), status="Terminé")
        trio.company.wait(days=8)
        trio.company.sync(store)
        trio.company.apply(store)


def traces(trio: Everywhere) -> dict[str, list[Any]]:
    """The rows that name anything of okrsync's, by file."""
    found = {
        name: [row for row in rows if TRACE.search(INNOCENT.sub(b"", orjson.dumps(row)))]
        for name, rows in kept(trio).items()
        if not name.endswith(("/users.jsonl", "/fields.jsonl"))
    }
    return {name: rows for name, rows in found.items() if rows}


def test_after_several_runs_nothing_is_left(trio: Everywhere, store: Store) -> None:
    people = traces(trio)
    several_runs(trio, store)
    assert len(traces(trio)) > len(people)
    undone = undo_all(trio, store)
    assert {one.state for one in undone.outcomes} == {WriteState.APPLIED}
    assert (undone.left, undone.unswept) == ((), {})
    assert traces(trio) == people
    with store.read() as tx:
        told = journal.runs(tx)
    assert [(one.kind, one.applied > 0, one.undone > 0) for one in told] == [
        (journal.UNDO_ALL, True, False),
        *((journal.PLAN, False, True) for _ in told[1:]),
    ]
    assert [place for place, value in seen(trio).items() if value and place[1] not in ("status", "metric")] == []
    assert (trio.current(METRIC), SPOTS["github", "status"].sees(trio)) == (0.05, ("success", "Withdrawn by okrsync"))
    with pytest.raises(Refused, match="okrsync resume"):
        trio.company.apply(store)
    assert undo_all(trio, store).run is None


METRIC = "1200000000000102"


def test_what_people_changed_stays_and_is_listed(trio: Everywhere, store: Store) -> None:
    """Half of it seen by a plan before, half of it only when it is about to be taken back."""
    several_runs(trio, store)
    changed = {place for place in SPOTS if place[1] not in LABELS | {"update"}}
    early = set(sorted(changed)[::2])
    for place in sorted(early):
        SPOTS[place].put(trio, words(place, 0))
    trio.company.wait(hours=26)
    trio.company.sync(store)
    trio.company.plan(store)
    for place in sorted(changed - early):
        SPOTS[place].put(trio, words(place, 0))
    SPOTS["asana", "update"].put(trio, "A word of mine")
    theirs = {place: value for place, value in seen(trio).items() if place in changed}
    undone = undo_all(trio, store)
    after = seen(trio)
    assert {place: after[place] for place in changed} == theirs
    assert after["asana", "update"] == "A word of mine"
    listed = {(one.slot.source, one.slot.surface.value) for one in undone.left}
    skipped = {
        (one.write.slot.source, one.write.slot.surface.value)
        for one in undone.outcomes
        if one.state is WriteState.SKIPPED
    }
    assert listed | skipped == changed
    assert early <= listed
    assert [place for place in SPOTS if place[1] in LABELS and after[place]] == []


def test_it_goes_on_where_it_was_interrupted(trio: Everywhere, store: Store) -> None:
    people = traces(trio)
    several_runs(trio, store)
    for tool in ("jira", "github", "asana"):
        trio.company.sandbox.clear()
        trio.company.sandbox.fault(kind="reset", skip=2, times=3, path=f"/{tool}/.*", after=True)
        undo_all(trio, store)
    trio.company.sandbox.clear()
    trio.company.wait(minutes=5)
    undo_all(trio, store)
    assert traces(trio) == people
    with store.read() as tx:
        assert journal.pending(tx) == []
        stands = {slot.surface for slot, one in journal.standing(tx).items() if one.value is not None}
    assert stands == {"metric"}, "the value that stood there first"
