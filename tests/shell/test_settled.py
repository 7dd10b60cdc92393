"""What stands as it should is passed over: a plan comes to the same, whatever people and time did, and costs less."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from small_company import Company, small_company
from sqlalchemy import Connection, delete, update

import rollup
from okrsync.assess import assess
from okrsync.model import Slot, Surface
from okrsync.sandbox.jira import screens
from okrsync.store import Store, journal, known, queries
from okrsync.store import tables as t
from okrsync.writing import plan as planning
from okrsync.writing.settled import settled

OBJECTIVE = "customfield_10100"
WRITEBACK = f"""mode = "apply"
surfaces = ["label", "objective_label", "objective_field", "property", "comment"]

[writeback.jira]
objective_field = "{OBJECTIVE}"
"""
SECOND = """[[objectives]]
id = "O-PAY"
title = "Paying is easy"
owner = "cpo@acme.test"
cycle = "2026-Q4"

[[objectives.key_results]]
id = "KR-PAY\""""
LATER = timedelta(minutes=10)


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Company]:
    with small_company(Path(tmp_path_factory.mktemp("settled"))) as made:
        screens.define(
            made.site, {"id": OBJECTIVE, "name": "Objective", "type": "select", "options": ["O-SHOP", "O-PAY"]}
        )
        made.replace('mode = "apply"\n', WRITEBACK)
        made.replace('[[objectives.key_results]]\nid = "KR-PAY"', SECOND)
        for number in range(12):
            parent = ("SHOP-1", "SHOP-2", None)[number % 3]
            issue = made.create(summary=f"Step {number}", status="À faire", **({"parent": parent} if parent else {}))
            if number in (1, 4):
                made.edit(issue, labels=["okr:KR-UX"])
        made.create(summary="Traced, and mistyped", parent="SHOP-1", labels=["okr:KR-UXX"])
        made.wait(days=3)
        yield made


@pytest.fixture(scope="module")
def store(small: Company) -> Store:
    """All that should stand in the tool does."""
    found = small.store()
    small.sync(found)
    small.apply(found)
    small.wait(minutes=30)
    small.sync(found)
    assert small.plan(found).writes == ()
    return found


def compared(
    tx: Connection, small: Company, monkeypatch: pytest.MonkeyPatch, now: datetime, policy: dict[str, Any]
) -> tuple[rollup.Planned, int]:
    """What is due, the same as though nothing had been passed over; and how many items were."""
    config = small.config
    config = replace(config, writeback=replace(config.writeback, **policy))
    assessment = assess(tx, config, now)
    found = planning.compute(tx, config, assessment)
    bearing = rollup.bearing(config.writeback, planning.offers(config))
    calm = settled(tx, config, queries.spoken_to(tx), bearing, now)
    with monkeypatch.context() as patched:
        patched.setattr(planning, "settled", lambda *_: set())
        assert planning.compute(tx, config, assessment) == found
    return found, len(calm)


def test_a_quiet_plan_passes_over_what_stands(small: Company, store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    with store.begin() as tx:
        planned, calm = compared(tx, small, monkeypatch, small.now(), {})
        assert (planned.writes, planned.left) == ((), ())
        slots = journal.standing(tx)
        judged = {slot.remote_id for slot in slots if slot.name in ("okr-dangling", "acme")}  # one has a comment
        assert len(judged) == 3
        assert calm == len({slot.remote_id for slot in slots} - judged) > 12


def test_a_mark_that_is_missing_beside_others_is_due(
    small: Company, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    with store.trial() as tx:
        missing = [slot for slot in journal.standing(tx) if slot.name == "okr-dangling"]
        known.forget(tx, missing)
        planned, _ = compared(tx, small, monkeypatch, small.now(), {})
        assert {one.slot for one in planned.writes} == set(missing)


@pytest.mark.parametrize("seed", range(25))
def test_whatever_happened_the_plan_is_the_same(
    small: Company, store: Store, monkeypatch: pytest.MonkeyPatch, seed: int
) -> None:
    """People change, remove and add marks, work is finished, loses its goal, its age or its tool; time goes by."""
    dice = random.Random(seed)
    with store.trial() as tx:
        slots = sorted(journal.standing(tx), key=str)
        for slot in dice.sample(slots, 6):
            disturb(tx, slot, dice, small.now())
        uids = sorted(ticket.uid for ticket in queries.decided(tx))
        for uid in dice.sample(uids, 4):
            item, link = t.item.c, t.link.c
            match dice.randrange(5):
                case 0:
                    tx.execute(update(t.item).where(item.uid == uid).values(state="done"))
                case 1:
                    tx.execute(update(t.item).where(item.uid == uid).values(created_at=small.now()))
                case 2:
                    tx.execute(update(t.verdict).where(t.verdict.c.uid == uid).values(kind="unresolvable", orphan=None))
                case 3:
                    tx.execute(update(t.verdict).where(t.verdict.c.uid == uid).values(kind="exempt", orphan=None))
                case _:
                    tx.execute(update(t.link).where(link.uid == uid).values(target="KR-PAY"))
        now = small.now() + dice.choice([LATER, timedelta(days=8), timedelta(days=120)])
        policy = dice.choice([{}, {"quiet": timedelta(days=30)}, {"surfaces": frozenset({Surface.LABEL})}])
        compared(tx, small, monkeypatch, now, policy)


def disturb(tx: Connection, slot: Slot, dice: random.Random, when: datetime) -> None:
    where = [t.known.c[name] == value for name, value in zip(known.SLOT, known.columns(slot), strict=True)]
    match dice.randrange(5):
        case 0:
            tx.execute(delete(t.known).where(*where))
        case 1:
            tx.execute(update(t.known).where(*where).values(value=None))
        case 2:
            tx.execute(update(t.known).where(*where).values(value="O-PAY"))
        case 3:
            tx.execute(update(t.known).where(*where).values(name="okr-objective:O-GONE"))
        case _:
            known.forget(tx, [slot])
            known.saw(tx, slot, True, when)
