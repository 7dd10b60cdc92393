"""What may be sent at all, with every surface on: waves, a draft, the daemon, the first time and the cap."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from every_surface import Everywhere, every_surface
from hands import blocks, issue, seen
from small_company import at_once
from trio import BOARD, GOAL

from okrsync.daemon import Daemon
from okrsync.errors import Refused
from okrsync.model import ItemRef, WriteState
from okrsync.store import Store, journal
from okrsync.writing import approval, pausing
from okrsync.writing.plan import Plan

MILESTONE = "github:milestone:acme/shop#1"


@pytest.fixture
def trio(tmp_path: Path) -> Iterator[Everywhere]:
    with every_surface(tmp_path) as found:
        yield found


@pytest.fixture
def store(trio: Everywhere) -> Store:
    return trio.synced()


def objects(plan: Plan) -> set[str]:
    return {f"{one.slot.source}:{one.key}" for one in plan.writes}


def test_it_is_rolled_out_in_waves(trio: Everywhere, store: Store) -> None:
    """Each wave writes in what it names and nowhere else; what was written before stays when it is narrowed again."""
    company = trio.company
    whole = objects(company.plan(store))
    waves = (
        ("jira:SHOP", lambda one: one.startswith("jira:SHOP-")),
        ("github:acme/*", lambda one: one.startswith("github:")),
        (f"asana:goal:{GOAL}", lambda one: one == f"asana:goal:{GOAL}"),
        (f"asana:{BOARD}", lambda one: one.startswith("asana:1")),
    )
    company.replace("daily = 1000\n", "daily = 1000\nonly = []\n")
    named: list[str] = []
    for name, within in waves:
        old = ", ".join(f'"{one}"' for one in named)
        named.append(name)
        company.replace(f"only = [{old}]", "only = [" + ", ".join(f'"{one}"' for one in named) + "]")
        planned = company.plan(store)
        assert objects(planned) == {one for one in whole if within(one)}, name
        company.apply(store)
        assert company.plan(store).writes == ()
    stands = seen(trio)
    company.replace("only = [" + ", ".join(f'"{one}"' for one in named) + "]", 'only = ["jira:PAY"]')
    assert {one.slot.source for one in company.plan(store).writes} == {"jira"}
    company.apply(store)
    assert {place: value for place, value in seen(trio).items() if place != ("jira", "label")} == {
        place: value for place, value in stands.items() if place != ("jira", "label")
    }


def test_one_object_is_a_draft_from_approve_to_apply(trio: Everywhere, store: Store) -> None:
    company = trio.company
    company.replace("daily = 1000\n", f'daily = 1000\ntargets = {{{{ "{MILESTONE}" = "draft" }}}}\n')
    company.apply(store)
    assert blocks(trio) == []
    (draft,) = company.plan(store).writes
    with store.begin() as tx:
        (place,) = approval.places_of(tx, company.config, [ItemRef("github", "milestone:acme/shop#1")])
        given = approval.of_places(tx, company.config, [place], by="ada", now=company.now())
    assert [one.write.id for one in given.approved] == [draft.id]
    _, outcomes = company.apply(store)
    assert [(one.write.slot, one.state) for one in outcomes] == [(draft.slot, WriteState.APPLIED)]
    assert len(blocks(trio)) == 1
    assert company.plan(store).writes == ()
    run = outcomes[0].write
    with store.read() as tx:
        (entry,) = (one for each in journal.runs(tx) for one in journal.entries(tx, each.id) if one.write.id == run.id)
    assert (entry.approved_by, entry.state) == ("ada", WriteState.APPLIED)


def test_the_daemon_plans_drafts_and_sends_them_once_approved_and_not_paused(trio: Everywhere, store: Store) -> None:
    company = trio.company
    company.apply(store)
    company.replace('mode = "apply"', 'mode = "draft"')
    for number in range(4, 8):
        company.edit(issue(trio, f"SHOP-{number + 3}"), status="Terminé")
    company.wait(days=2)
    company.sync(store)
    stop = threading.Event()
    daemon = Daemon(
        store, company.config, connect=company.connect, token=lambda _: "good", clock=company.now, stop=stop
    )
    stop.wait = at_once  # type: ignore[method-assign, assignment]
    company.sandbox.clear_requests()
    before = newest(store)
    for _ in range(3):
        daemon.writing.run()
    assert newest(store) == before + 1, "planned once"
    assert company.sandbox.unsafe_requests() == []
    with store.begin() as tx:
        drafts = approval.of_run(tx, company.config, newest(store), by="ada", now=company.now()).approved
        pausing.pause(tx, by="ada", until=None, why="audit", now=company.now())
    assert drafts
    daemon.writing.run()
    assert company.sandbox.unsafe_requests() == [], "a pause holds for what was approved, too"
    with store.begin() as tx:
        pausing.resume(tx, company.now())
    daemon.writing.run()
    with store.read() as tx:
        entries = journal.entries(tx, newest(store))
        assert {one.write.slot for one in entries if one.state is WriteState.APPLIED} == {
            one.write.slot for one in drafts
        }
        assert all(one.approved_by == "ada" for one in entries)
    assert company.plan(store).writes == ()


def newest(store: Store) -> int:
    with store.read() as tx:
        found = journal.newest_run(tx)
    return 0 if found is None else found.id


def test_the_first_time_and_the_cap_ask_for_all_that_would_be_sent(trio: Everywhere, store: Store) -> None:
    company = trio.company
    planned = company.plan(store)
    with pytest.raises(Refused, match=f"first apply of this installation: {len(planned.writes)} writes"):
        company.apply(store, confirmed=False)
    assert company.sandbox.unsafe_requests() == []
    company.apply(store, run=planned.run)
    company.replace("daily = 1000\n", "daily = 1000\ncap = 3\n")
    loose = [company.create("PAY", summary="Loose"), company.create("PAY", summary="Serves", labels=["okr:KR-UX"])]
    company.wait(hours=23)
    company.sync(store)
    company.apply(store)
    bears = [[one for one in each.fields["labels"] if one.startswith("okr-")] for each in loose]
    assert bears == [[], ["okr-objective:O-SHOP"]], "the quiet period is for those who still have to find a goal"
    company.wait(days=8)
    company.sync(store)
    with pytest.raises(Refused, match=r"more than writeback\.cap = 3"):
        company.apply(store, confirmed=False)
    assert not [one for one in loose[0].fields["labels"] if one.startswith("okr-")]
    company.apply(store)
    assert loose[0].fields["labels"] == ["okr-orphan"]
