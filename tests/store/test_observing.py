"""What two syncs saw change, for tools that keep no log of it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import event

from okrsync.model import Change, ChangeKind, FieldValue, Page, Reference, ReferenceKind, State
from okrsync.store import pages, sources, tickets
from okrsync.store.observing import Facts, Pointer, differences

T0 = datetime(2026, 1, 5, 9, 30, 15, 123456, tzinfo=UTC)
HOUR = timedelta(hours=1)
EVERY = [kind.value for kind in ChangeKind]


@pytest.fixture
def observe(store):
    """Saves items as a source without histories tells them."""

    def save(*items, now=T0):
        with store.begin() as tx:
            return pages.save_page(tx, "jira", Page(items, {}), now, observing=True)

    return save


@pytest.fixture
def past(store):
    """The history of item n."""

    def read(n):
        with store.read() as tx:
            found = {one.remote_id: one.changes for one in tickets.read(tx, changes=EVERY)}
        return list(found[str(1000 + n)])

    return read


def blocked_by(n):
    return Reference(ReferenceKind.BLOCKED_BY, f"SHOP-{n}", str(1000 + n))


def member(of):
    return Reference(ReferenceKind.MEMBER, of)


def test_everything_that_moved_is_dated_by_the_update_that_brought_it(observe, past, make):
    before = {"labels": ("red", "okr-orphan"), "points": 3.0, "references": (blocked_by(8), member("section:1"))}
    observe(make(1, parent=7, **before))
    then = T0 + 5 * HOUR
    later = make(
        1,
        updated_at=then,
        key="PAY-1",
        state=State.IN_PROGRESS,
        labels=("blue",),
        points=5.0,
        flagged=True,
        fields=(FieldValue("f1", "Goal", "KR-1"),),
        parent=9,
        references=(blocked_by(6), member("section:2")),
    )
    observe(later, now=T0 + 9 * HOUR)
    found = past(1)
    assert all(change.observed and change.at == then for change in found)
    assert {(change.kind, change.before, change.after) for change in found} == {
        (ChangeKind.KEY, "SHOP-1", "PAY-1"),
        (ChangeKind.STATE, "todo", "in_progress"),
        (ChangeKind.LABEL_REMOVED, "red", None),
        (ChangeKind.LABEL_ADDED, None, "blue"),
        (ChangeKind.POINTS, "3", "5"),
        (ChangeKind.FLAG, None, "1"),
        (ChangeKind.FIELD, None, "f1=KR-1"),
        (ChangeKind.PARENT, "1007", "1009"),
        (ChangeKind.BLOCKED_BY, "SHOP-8", None),
        (ChangeKind.BLOCKED_BY, None, "SHOP-6"),
        (ChangeKind.MEMBER, "section:1", None),
        (ChangeKind.MEMBER, None, "section:2"),
    }


def test_what_moved_without_an_update_is_dated_by_the_sync_that_saw_it(observe, past, make):
    observe(make(1))
    observe(make(1, labels=("okr:KR-1",)), now=T0 + HOUR)
    assert past(1) == [Change(T0 + HOUR, ChangeKind.LABEL_ADDED, None, "okr:KR-1", observed=True)]


def test_a_completion_is_dated_by_the_tool_and_a_reopening_by_the_update(observe, past, make):
    observe(make(1))
    done = {"state": State.DONE, "completed_at": T0 + HOUR}
    observe(make(1, updated_at=T0 + 3 * HOUR, **done), now=T0 + 4 * HOUR)
    observe(make(1, updated_at=T0 + 6 * HOUR), now=T0 + 7 * HOUR)
    assert [(change.at - T0, change.after) for change in past(1)] == [(HOUR, "done"), (6 * HOUR, "todo")]


def test_no_change_comes_before_one_that_is_known(observe, past, make):
    """The clock of okrsync stands an hour behind the tool's, or is set back."""
    observe(make(1))
    observe(make(1, labels=("one",), updated_at=T0 + 2 * HOUR), now=T0 + HOUR)
    observe(make(1, labels=("one", "two"), updated_at=T0 + 2 * HOUR), now=T0 + HOUR)
    assert [(change.at - T0, change.after) for change in past(1)] == [(2 * HOUR, "one"), (2 * HOUR, "two")]


def test_no_change_comes_before_the_item_itself(observe, past, make):
    """It was made by the clock of the tool, which is ahead."""
    observe(make(1, created_at=T0 + HOUR, updated_at=T0 + HOUR))
    observe(make(1, created_at=T0 + HOUR, updated_at=T0 + HOUR, labels=("one",)))
    assert [change.at - T0 for change in past(1)] == [HOUR]


def test_a_full_reading_neither_loses_nor_doubles_what_was_observed(store, observe, past, make):
    observe(make(1))
    seen = make(1, labels=("one",), updated_at=T0 + 2 * HOUR)
    observe(seen)
    before = past(1)
    with store.begin() as tx:
        sources.forget(tx, "jira")
    observe(seen, now=T0 + 9 * HOUR)
    assert past(1) == before != []


def test_what_a_source_with_histories_tells_is_not_observed(store, save, past, make):
    save(make(1))
    save(make(1, labels=("one",), updated_at=T0 + HOUR))
    assert past(1) == []


def test_an_item_that_was_hidden_begins_anew(store, observe, past, make):
    """What could not be read differs in everything, and nothing of that happened."""
    observe(make(2, parent=1))
    with store.begin() as tx:
        pages.save_context(tx, "jira", (), ["1001"], T0, observing=True)
    observe(make(1, labels=("one",)), now=T0 + HOUR)
    assert past(1) == []


def test_nothing_is_looked_up_for_items_that_say_nothing_new(store, observe, make):
    known = [make(n, labels=("one",)) for n in range(50)]
    observe(*known)
    asked = []

    def note(connection, cursor, statement, parameters, state, executemany):
        asked.append(statement)

    event.listen(store._engine, "after_cursor_execute", note)
    observe(*known, now=T0 + HOUR)
    event.remove(store._engine, "after_cursor_execute", note)
    assert not [one for one in asked if "change" in one.split() or one.startswith(("INSERT", "UPDATE", "DELETE"))]


# ── the pure part ────────────────────────────────────────────────────────────────────────────────────────────────────

POINTERS = st.frozensets(
    st.builds(Pointer, st.sampled_from(["blocked_by", "member"]), st.sampled_from("abc"), st.none()), max_size=3
)
FACTS = st.builds(
    Facts,
    key=st.sampled_from(["A-1", "B-1"]),
    state=st.sampled_from(["todo", "done"]),
    completed_at=st.none(),
    points=st.sampled_from([None, 1.0, 2.5]),
    labels=st.sampled_from([None, '["one"]', '["one","two"]', '["okr-orphan"]']),
    fields=st.sampled_from([None, '[["f","Goal","KR-1"]]', '[["f","Goal","KR-1"],["f","Goal","KR-2"]]']),
    flagged=st.booleans(),
    pointers=POINTERS,
)


@given(FACTS, FACTS)
def test_there_and_back_again_is_the_reverse(before, after):
    there, back = differences(before, after), differences(after, before)
    swap = {
        ChangeKind.LABEL_ADDED: ChangeKind.LABEL_REMOVED,
        ChangeKind.LABEL_REMOVED: ChangeKind.LABEL_ADDED,
    }
    assert sorted(map(repr, there)) == sorted(repr((swap.get(kind, kind), new, old)) for kind, old, new in back)
    assert differences(before, before) == []
