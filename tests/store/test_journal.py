"""The journal: a write from its plan to its end."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from okrsync.model import Receipt, Say, Slot, Surface, Write, WriteState
from okrsync.store import journal

T0 = datetime(2026, 1, 5, 9, 30, 15, 123456, tzinfo=UTC)
LABEL = Slot("jira", "1001", Surface.LABEL, "okr-orphan")
PROPERTY = Slot("jira", "1002", Surface.PROPERTY, "okrsync")
STATE = {"progress": 0.25, "status": "on_track", "items": [1, None, True]}


def planned():
    why = Say.of("write.orphan.direct", n=1, share=0.5, text="é")
    return [
        Write(LABEL, "SHOP-1", "https://acme.test/browse/SHOP-1", None, True, why),
        Write(PROPERTY, "SHOP-2", "https://acme.test/browse/SHOP-2", {"progress": 0.1}, STATE, why),
    ]


@pytest.fixture
def run(store):
    with store.begin() as tx:
        return journal.save_run(tx, "ann", planned(), T0)


def state_of(tx, run, n):
    return journal.entries(tx, run.id)[n].state


def test_a_plan_comes_back_as_it_was_made(store, run):
    with store.read() as tx:
        kept = journal.writes(tx, run.id)
        assert journal.run(tx, run.id) == journal.Run(run.id, T0, "ann")
        assert journal.run(tx, run.id + 1) is None
        assert journal.known(tx) == {}
    assert [write.id for write in kept] == sorted(write.id for write in kept)
    for write, made in zip(kept, planned(), strict=True):
        assert (write.slot, write.key, write.url, write.before, write.after, write.why) == (
            *(made.slot, made.key, made.url, made.before, made.after, made.why),
        )


def test_a_write_is_intended_then_known(store, run):
    with store.begin() as tx:
        label, state = journal.writes(tx, run.id)
        journal.intend(tx, label.id, T0)
        assert journal.pending(tx) == [label]
        journal.confirm(tx, label.id, Receipt(True, "7"), T0 + timedelta(minutes=1))
        journal.confirm(tx, state.id, Receipt(STATE), T0 + timedelta(minutes=2))
        assert journal.pending(tx) == []
        assert journal.known(tx) == {LABEL: True, PROPERTY: STATE}
        assert journal.known_at(tx)[PROPERTY] == T0 + timedelta(minutes=2)
        entry = journal.entries(tx, run.id)[0]
        assert (entry.state, entry.receipt, entry.intent_at) == (WriteState.APPLIED, Receipt(True, "7"), T0)
        assert journal.applied_count(tx) == 2


def test_a_confirmation_and_what_is_known_are_stored_together(store, run):
    with store.read() as tx:
        write, _ = journal.writes(tx, run.id)
    with pytest.raises(RuntimeError), store.begin() as tx:  # noqa: PT012 (the crash is part of the transaction)
        journal.confirm(tx, write.id, Receipt(True), T0)
        raise RuntimeError
    with store.read() as tx:
        assert journal.known(tx) == {}
        assert state_of(tx, run, 0) is WriteState.PLANNED


def test_what_was_taken_away_is_known_no_more(store, run):
    with store.begin() as tx:
        write, _ = journal.writes(tx, run.id)
        journal.confirm(tx, write.id, Receipt(True), T0)
        removal = journal.save_run(tx, "ann", [Write(LABEL, "SHOP-1", "", True, None, Say.of("w"))], T0)
        journal.confirm(tx, journal.writes(tx, removal.id)[0].id, Receipt(None), T0)
        assert journal.known(tx) == {}


def test_what_stands_there_already_is_skipped_and_known(store, run):
    with store.begin() as tx:
        write, _ = journal.writes(tx, run.id)
        journal.adopt(tx, write.id, True, "stands there already", T0)
        assert state_of(tx, run, 0) is WriteState.SKIPPED
        assert journal.known(tx) == {LABEL: True}
        assert journal.applied_count(tx) == 0


@pytest.mark.parametrize("lost", [WriteState.INTENDED, WriteState.UNKNOWN])
def test_what_was_on_its_way_and_arrived_is_applied(store, run, lost):
    with store.begin() as tx:
        write, _ = journal.writes(tx, run.id)
        journal.intend(tx, write.id, T0)
        if lost is WriteState.UNKNOWN:
            journal.settle(tx, write.id, lost, "the answer was lost", T0)
        assert journal.pending(tx) == [write]
        journal.adopt(tx, write.id, True, "read back", T0)
        assert state_of(tx, run, 0) is WriteState.APPLIED
        assert journal.known(tx) == {LABEL: True}


def test_runs_tell_how_their_writes_ended(store, run):
    with store.begin() as tx:
        label, state = journal.writes(tx, run.id)
        journal.confirm(tx, label.id, Receipt(True), T0)
        journal.settle(tx, state.id, WriteState.FAILED, "404: gone", T0)
        second = journal.save_run(tx, "bob", planned(), T0 + timedelta(days=1))
        assert journal.runs(tx) == [
            journal.RunSummary(second.id, T0 + timedelta(days=1), "bob", 2, 0, 0, 0, 0, 2),
            journal.RunSummary(run.id, T0, "ann", 2, 1, 0, 1, 0, 0),
        ]
        assert journal.entries(tx, run.id)[1].error == "404: gone"
