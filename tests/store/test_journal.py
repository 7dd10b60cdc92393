"""The journal: a write from its plan to its end."""

from __future__ import annotations

from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import event

from okrsync.model import ItemKind, Page, Receipt, Say, Slot, Standing, State, Surface, Write, WriteState
from okrsync.store import journal, known, pages

T0 = datetime(2026, 1, 5, 9, 30, 15, 123456, tzinfo=UTC)
LABEL = Slot("jira", "1001", Surface.LABEL, "okr-orphan")
PROPERTY = Slot("jira", "1002", Surface.PROPERTY, "okrsync")
METRIC = Slot("asana", "goal:7", Surface.METRIC, "metric")
STATE = {"progress": 0.25, "status": "on_track", "items": [1, None, True]}


def planned():
    why = Say.of("write.orphan.direct", n=1, share=0.5, text="é")
    return [
        Write(LABEL, "SHOP-1", "https://acme.test/browse/SHOP-1", None, True, why),
        Write(PROPERTY, "SHOP-2", "https://acme.test/browse/SHOP-2", {"progress": 0.1}, STATE, why),
    ]


@pytest.fixture
def counting():
    @contextmanager
    def of(tx):
        statements = []

        def note(connection, cursor, statement, *rest):
            statements.append(statement)

        event.listen(tx, "before_cursor_execute", note)
        yield statements
        event.remove(tx, "before_cursor_execute", note)

    return of


@pytest.fixture
def run(store):
    with store.begin() as tx:
        return journal.save_run(tx, "ann", planned(), T0)


def values(tx):
    return {slot: one.value for slot, one in journal.standing(tx).items()}


def state_of(tx, run, n):
    return journal.entries(tx, run.id)[n].state


def test_a_plan_comes_back_as_it_was_made(store, run):
    with store.read() as tx:
        kept = journal.writes(tx, run.id)
        assert journal.run(tx, run.id) == journal.Run(run.id, T0, "ann")
        assert journal.run(tx, run.id + 1) is None
        assert values(tx) == {}
    assert [write.id for write in kept] == sorted(write.id for write in kept)
    for write, made in zip(kept, planned(), strict=True):
        assert (write.slot, write.key, write.url, write.before, write.after, write.why) == (
            *(made.slot, made.key, made.url, made.before, made.after, made.why),
        )


def test_a_write_is_intended_then_known(store, run):
    with store.begin() as tx:
        label, state = journal.writes(tx, run.id)
        journal.intend(tx, label.id, T0)
        assert [one.write for one in journal.pending(tx)] == [label]
        journal.confirm(tx, label.id, Receipt(True, "7"), T0 + timedelta(minutes=1))
        journal.confirm(tx, state.id, Receipt(STATE), T0 + timedelta(minutes=2))
        assert journal.pending(tx) == []
        assert values(tx) == {LABEL: True, PROPERTY: STATE}
        assert journal.standing(tx)[PROPERTY].at == T0 + timedelta(minutes=2)
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
        assert values(tx) == {}
        assert state_of(tx, run, 0) is WriteState.PLANNED


def test_what_was_taken_away_is_known_no_more(store, run):
    with store.begin() as tx:
        write, _ = journal.writes(tx, run.id)
        journal.confirm(tx, write.id, Receipt(True), T0)
        removal = journal.save_run(tx, "ann", [Write(LABEL, "SHOP-1", "", True, None, Say.of("w"))], T0)
        journal.confirm(tx, journal.writes(tx, removal.id)[0].id, Receipt(None), T0)
        assert values(tx) == {}


def test_what_stands_there_already_is_skipped_and_known(store, run):
    with store.begin() as tx:
        write, _ = journal.writes(tx, run.id)
        journal.adopt(tx, write.id, True, "stands there already", T0)
        assert state_of(tx, run, 0) is WriteState.SKIPPED
        assert values(tx) == {LABEL: True}
        assert journal.applied_count(tx) == 0


@pytest.mark.parametrize("lost", [WriteState.INTENDED, WriteState.UNKNOWN])
def test_what_was_on_its_way_and_arrived_is_applied(store, run, lost):
    with store.begin() as tx:
        write, _ = journal.writes(tx, run.id)
        journal.intend(tx, write.id, T0)
        if lost is WriteState.UNKNOWN:
            journal.settle(tx, write.id, lost, "the answer was lost", T0)
        assert [one.write for one in journal.pending(tx)] == [write]
        journal.adopt(tx, write.id, True, "read back", T0)
        assert state_of(tx, run, 0) is WriteState.APPLIED
        assert values(tx) == {LABEL: True}


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


# ── what is ours ──


def applied(tx, before, after, at=T0, *, slot=LABEL, why="write.first", kind="plan"):
    """One write that was sent and confirmed."""
    saved = journal.save_run(tx, "ann", [Write(slot, "SHOP-1", "", before, after, Say.of(why))], at, kind=kind)
    (write,) = journal.writes(tx, saved.id)
    journal.intend(tx, write.id, at)
    journal.confirm(tx, write.id, Receipt(after), at)
    return write


def test_what_was_found_is_not_ours(store, run):
    with store.begin() as tx:
        write, _ = journal.writes(tx, run.id)
        journal.adopt(tx, write.id, True, "stands there already", T0)
        assert journal.standing(tx)[LABEL] == Standing(True, None, T0, 0, T0)


def test_what_came_late_is_ours(store, run):
    """It was looked for, not found, planned anew, and stands there when that is to be sent."""
    with store.begin() as tx:
        write, _ = journal.writes(tx, run.id)
        journal.intend(tx, write.id, T0)
        journal.settle(tx, write.id, WriteState.FAILED, "did not arrive", T0)
        again = journal.save_run(tx, "ann", planned(), T0)
        late = journal.writes(tx, again.id)[0].id
        assert journal.adopt(tx, late, True, "stands there already", T0) is WriteState.APPLIED, "undo takes it back"
        assert journal.standing(tx)[LABEL].ours is True


def test_what_a_person_did_is_seen_and_ours_remembered(store):
    later = T0 + timedelta(days=1)
    with store.begin() as tx:
        applied(tx, None, {"done": 1}, slot=PROPERTY)
        assert journal.saw(tx, PROPERTY, {"done": 2}, later)
        assert not journal.saw(tx, PROPERTY, {"done": 2}, later)
        assert journal.standing(tx)[PROPERTY] == Standing({"done": 2}, {"done": 1}, T0, 0, later)
        applied(tx, {"done": 2}, {"done": 1}, later, slot=PROPERTY, why="write.restored")
        assert journal.standing(tx)[PROPERTY] == Standing({"done": 1}, {"done": 1}, later, 1, later)
        journal.saw(tx, PROPERTY, {"done": 3}, later)
        journal.accept(tx, [PROPERTY], later)
        assert journal.standing(tx)[PROPERTY] == Standing({"done": 3}, {"done": 3}, later, 0, later)


def test_what_a_person_took_away_is_remembered_until_it_is_handed_back(store):
    with store.begin() as tx:
        applied(tx, None, True)
        journal.saw(tx, LABEL, None, T0)
        assert journal.standing(tx)[LABEL] == Standing(None, True, T0, 0, T0)
        journal.accept(tx, [LABEL], T0)
        assert journal.standing(tx) == {}


@pytest.mark.parametrize("kind", ["undo", "undo_all"])
def test_what_stood_there_before_us_is_not_ours_once_it_is_put_back(store, kind):
    with store.begin() as tx:
        for before, after in ((0.05, 0.2), (0.2, 0.3)):
            applied(tx, before, after, slot=METRIC)
        assert journal.first_values(tx) == {METRIC: 0.05}
        applied(tx, 0.3, 0.2, slot=METRIC, kind=kind)
        assert journal.standing(tx)[METRIC].ours == 0.2
        applied(tx, 0.2, 0.05, slot=METRIC, kind=kind)
        assert (journal.standing(tx)[METRIC].value, journal.standing(tx)[METRIC].ours) == (0.05, None)
        assert journal.first_values(tx) == {}
        applied(tx, 0.5, 0.6, slot=METRIC)
        assert journal.first_values(tx) == {METRIC: 0.5}, "what a person set meanwhile"


def test_slots_are_looked_at_again_when_their_item_moved_or_a_day_went_by(store):
    with store.begin() as tx:
        applied(tx, None, True)
        journal.saw(tx, PROPERTY, None, T0)
        assert known.stale(tx, T0 - timedelta(days=1)) == []
        assert known.stale(tx, T0 + timedelta(minutes=1)) == [LABEL], "where nothing stands nothing is looked for daily"


def test_a_day_later_the_longest_unseen_comes_first_and_only_where_it_may_be_written(store, make, monkeypatch):
    """The marks of finished work and the statuses of former commits are looked at no more, unless their item moves."""
    pull = {"kind": ItemKind.PULL_REQUEST, "head": "abc"}
    items = [make(1), make(2, state=State.DONE), make(3), make(4, **pull), make(5, **pull, state=State.DONE)]
    slots = [
        *(Slot("jira", items[n].remote_id, Surface.LABEL, "okr-orphan") for n in range(3)),
        *(Slot("jira", items[3].remote_id, Surface.STATUS, commit) for commit in ("abc", "old")),
        Slot("jira", items[4].remote_id, Surface.STATUS, "abc"),
        Slot("jira", items[1].remote_id, Surface.COMMENT, "acme"),
        Slot("other", "milestone:7:3", Surface.BLOCK, "acme"),
    ]
    seen = T0 + timedelta(hours=1)
    with store.begin() as tx:
        pages.save_page(tx, "jira", Page(items, {}), T0)
        for n, slot in enumerate(slots):
            journal.saw(tx, slot, True, seen - timedelta(minutes=n))
        moving = [slot for slot in known.stale(tx, T0) if slot.remote_id != "milestone:7:3"]
        assert moving == []
        later = seen + timedelta(days=1)
        due = [slots[n] for n in (6, 3, 2, 0)]
        assert known.stale(tx, later) == [*due, slots[7]]
        monkeypatch.setattr(known, "LOOKS", 2)
        assert known.stale(tx, later) == [*due[:2], slots[7]]
        assert journal.looked(tx, dict.fromkeys(due[:2], True), later) is False
        assert known.stale(tx, later) == [*due[2:], slots[7]]
        pages.save_page(tx, "jira", Page([make(2, state=State.DONE, updated_at=later)], {}), later)
        assert set(known.stale(tx, T0)) == {slots[1], slots[6]}


def test_many_slots_are_seen_in_a_handful_of_statements(store, counting):
    slots = [Slot("jira", str(number), Surface.LABEL, "okr-orphan") for number in range(500)]
    with store.begin() as tx:
        assert journal.looked(tx, dict.fromkeys(slots, True), T0)
        with counting(tx) as statements:
            assert not journal.looked(tx, dict.fromkeys(slots, True), T0 + timedelta(days=1))
        assert len(statements) <= 2
        assert {one.seen_at for one in journal.standing(tx).values()} == {T0 + timedelta(days=1)}


# ── runs and time ──


def test_an_approval_is_for_one_write_that_waits(store, run):
    with store.begin() as tx:
        label, state = journal.writes(tx, run.id)
        assert journal.approved(tx) == {}
        assert journal.newest_approval(tx) is None
        assert journal.approve(tx, [label.id, state.id], "ada", T0) == 2
        assert journal.approve(tx, [label.id], "bob", T0) == 0
        journal.confirm(tx, label.id, Receipt(True), T0)
        assert {slot: entry.approved_by for slot, entry in journal.approved(tx).items()} == {PROPERTY: "ada"}
        assert journal.newest_approval(tx) == T0
        moved = journal.save_run(tx, "ann", planned(), T0, approvals={PROPERTY: journal.Approval("ada", T0)})
        assert [entry.approved_by for entry in journal.entries(tx, moved.id)] == [None, "ada"]


def test_a_write_whose_turn_did_not_come_is_planned_as_it_was(store, run):
    with store.begin() as tx:
        write, _ = journal.writes(tx, run.id)
        before = journal.entries(tx, run.id)
        journal.intend(tx, write.id, T0)
        journal.postpone(tx, write.id)
        assert journal.entries(tx, run.id) == before
        assert journal.pending(tx) == []


def test_touches_are_runs_and_what_was_sent_is_every_write(store):
    hour = timedelta(hours=1)
    with store.begin() as tx:
        applied(tx, None, True, T0)
        applied(tx, True, None, T0 + hour)
        applied(tx, None, True, T0 + 2 * hour, kind="undo")
        both = journal.save_run(tx, "ann", planned(), T0 + 3 * hour)
        for write in journal.writes(tx, both.id):
            journal.intend(tx, write.id, T0 + 3 * hour)
        assert journal.touched(tx, T0) == {("jira", "1001"): 3, ("jira", "1002"): 1}
        assert journal.touched(tx, T0 + 1.5 * hour) == {("jira", "1001"): 1, ("jira", "1002"): 1}
        assert journal.sent(tx, "jira", T0 + hour) == [
            (Surface.LABEL, T0 + hour),
            (Surface.LABEL, T0 + 2 * hour),
            (Surface.LABEL, T0 + 3 * hour),
            (Surface.PROPERTY, T0 + 3 * hour),
        ]
        assert journal.sent(tx, "github", T0) == []


def test_what_a_newer_plan_replaced_waits_no_more_but_for_what_was_approved(store, run):
    with store.begin() as tx:
        journal.save_run(tx, "bob", planned(), T0, kind=journal.UNDO, undoes=run.id)
        assert [(one.waiting, one.replaced) for one in journal.runs(tx)] == [(2, 0), (2, 0)], "an undo plans nothing"
        label, state = journal.writes(tx, run.id)
        journal.approve(tx, [state.id], "ann", T0)
        journal.save_run(tx, "ann", planned(), T0)
        assert [(one.waiting, one.replaced) for one in journal.runs(tx)] == [(2, 0), (2, 0), (1, 1)]
        assert journal.replaced(tx, run.id) == journal.replaced(tx) == {label.id}
