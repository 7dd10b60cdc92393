"""Which writes stayed: undone ones, those that people changed, and those that only look like it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import update

from okrsync.model import Page, Receipt, Say, Slot, Surface, Write, WriteState
from okrsync.store import journal, pages, reversals
from okrsync.store import tables as t
from okrsync.store.codec import dump_labels
from okrsync.store.reversals import How

T0 = datetime(2026, 1, 5, 9, 30, tzinfo=UTC)
HOUR = timedelta(hours=1)
LABEL = Slot("jira", "1", Surface.LABEL, "okr-orphan")
COMMENT = Slot("jira", "1", Surface.COMMENT, "acme")


def write(tx, slot, before, after, at, *, why="write.orphan.direct", stands=None, applied=True):
    """A write that was carried out at an instant, or skipped because something else stood there."""
    planned = Write(slot, "SHOP-1", "https://acme.test/browse/SHOP-1", before, after, Say.of(why, run=1))
    run = journal.save_run(tx, "ann", [planned], at)
    [made] = journal.writes(tx, run.id)
    assert made.id is not None
    if applied:
        journal.intend(tx, made.id, at)
        journal.confirm(tx, made.id, Receipt(after), at)
    else:
        journal.adopt(tx, made.id, stands, "changed since the plan", at)
    return made.id


@pytest.fixture
def tx(store):
    with store.begin() as opened:
        yield opened


def found(tx, since=T0, source=None):
    kept = reversals.kept(tx, since, source)
    return kept.applied, [(one.id, one.how) for one in kept.reversals]


def test_nothing_written_is_nothing_to_have_a_share_of(tx):
    assert found(tx) == (0, [])


def test_an_undone_write_did_not_stay_and_its_undoing_is_no_write_of_its_own(tx):
    first = write(tx, LABEL, None, True, T0)
    write(tx, LABEL, True, None, T0 + HOUR, why=reversals.UNDO)
    journal.settle(tx, first, WriteState.UNDONE, "by run 2", T0 + HOUR)
    assert found(tx) == (1, [(first, How.UNDONE)])


def test_what_somebody_changed_is_seen_when_the_next_write_finds_it(tx):
    first = write(tx, COMMENT, None, "a", T0)
    second = write(tx, COMMENT, "a", "b", T0 + HOUR)
    assert found(tx) == (2, [])
    write(tx, COMMENT, "b", "c", T0 + 2 * HOUR, applied=False, stands="ours no more")
    write(tx, COMMENT, "b", "c", T0 + 3 * HOUR, applied=False, stands="nor now")
    assert found(tx) == (2, [(second, How.CHANGED)])
    assert first < second


def test_one_that_stands_there_already_was_changed_by_nobody(tx):
    write(tx, COMMENT, None, "a", T0)
    write(tx, COMMENT, "a", "b", T0 + HOUR, applied=False, stands="b")
    assert found(tx) == (1, [])


def test_the_window_is_that_of_the_sending(tx):
    early = write(tx, COMMENT, None, "a", T0)
    write(tx, COMMENT, "a", "b", T0 + 2 * HOUR, applied=False, stands="x")
    assert found(tx, T0) == (1, [(early, How.CHANGED)])
    assert found(tx, T0 + HOUR) == (0, [])
    journal.settle(tx, early, WriteState.UNDONE, "by run 9", T0 + 3 * HOUR)
    assert found(tx, T0 + HOUR) == (0, [])  # sent before, undone in it


def test_a_source_alone(tx):
    write(tx, COMMENT, None, "a", T0)
    write(tx, Slot("other", "9", Surface.COMMENT, "acme"), None, "a", T0)
    assert found(tx)[0] == 2
    assert found(tx, source="other")[0] == 1


@pytest.mark.parametrize(
    ("after", "labels", "later", "how"),
    [
        (True, (), HOUR, [How.CHANGED]),  # somebody took it away
        (True, (), -HOUR, []),  # not read since the write
        (True, ("okr-orphan", "x"), HOUR, []),
        (None, ("okr-orphan",), HOUR, [How.CHANGED]),  # somebody put it back
        (None, (), HOUR, []),
    ],
)
def test_a_label_that_is_not_borne_as_it_was_written(tx, make, after, labels, later, how):
    pages.save_page(tx, "jira", Page((make(1),), {}), T0)
    tx.execute(update(t.item).values(remote_id="1", labels=dump_labels(labels), updated_at=T0 + later))
    write(tx, LABEL, None if after else True, after, T0)
    assert [one.how for one in reversals.kept(tx, T0).reversals] == how
