"""Human wins, cell by cell, and as a promise over any sequence of what people and okrsync do to one slot."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from cases import cases
from hypothesis import given
from hypothesis import strategies as st

import rollup
from okrsync.model import Deleted, Say, Slot, Standing, Surface, WritebackPolicy
from rollup.yielding import RESTORES, Move, decide, theirs

NOW = datetime(2026, 11, 15, tzinfo=UTC)
LEAVE, RESTORE = Deleted.LEAVE, Deleted.RESTORE
MARKED = {Surface.COMMENT, Surface.BLOCK, Surface.PROPERTY, Surface.STATUS}
LABELS = {Surface.LABEL, Surface.OBJECTIVE_LABEL}
VALUES = {Surface.METRIC, Surface.NUMBER, Surface.OBJECTIVE_FIELD}
FIELD, UPDATE = {Surface.OBJECTIVE_FIELD}, {Surface.UPDATE}
EVERY = set(Surface)

# who, what should stand (D), what stands (S), what okrsync last wrote (W), restored, policy (None: either), the answer
A, B, C = "a", "b", "c"
TABLE = [
    # nothing of ours, nothing there
    (EVERY, A, None, None, 0, None, Move.WRITE),
    # it stands as it should, whoever put it there
    (EVERY, A, A, A, 0, None, Move.REST),
    (EVERY, A, A, None, 0, None, Move.REST),
    (EVERY, A, A, B, 1, None, Move.REST),
    # ours, and not touched
    (EVERY - LABELS, B, A, A, 0, None, Move.WRITE),
    (EVERY - LABELS, B, A, A, 1, None, Move.WRITE),
    (EVERY, None, A, A, 0, None, Move.WRITE),
    (EVERY, None, A, A, 1, None, Move.WRITE),
    # found, never ours
    (MARKED | UPDATE, A, B, None, 0, None, Move.WRITE),
    (VALUES - FIELD, A, B, None, 0, None, Move.WRITE),
    (FIELD, A, B, None, 0, None, Move.YIELD),
    (LABELS | VALUES, None, A, None, 0, None, Move.REST),
    (MARKED | UPDATE, None, A, None, 0, None, Move.WRITE),
    # somebody changed it: with and without news of ours
    (VALUES, A, B, A, 0, None, Move.YIELD),
    (VALUES, C, B, A, 0, None, Move.YIELD),
    (MARKED, A, B, A, 0, None, Move.RESTORE),
    (MARKED, C, B, A, 0, None, Move.RESTORE),
    (MARKED, A, B, A, 1, None, Move.YIELD),
    (MARKED, C, B, A, 1, None, Move.YIELD),
    (UPDATE, A, B, A, 0, None, Move.REST),
    (UPDATE, C, B, A, 0, None, Move.WRITE),
    (MARKED | UPDATE, None, B, A, 0, None, Move.YIELD),
    (VALUES, None, B, A, 0, None, Move.FORGET),
    # somebody took it away
    (EVERY, A, None, A, 0, LEAVE, Move.YIELD),
    (EVERY, A, None, A, 0, RESTORE, Move.RESTORE),
    (EVERY, A, None, A, 1, None, Move.YIELD),
    (EVERY - LABELS, B, None, A, 0, LEAVE, Move.YIELD),
    (EVERY - LABELS, B, None, A, 0, RESTORE, Move.RESTORE),
    (EVERY, None, None, A, 0, None, Move.FORGET),
    (EVERY, None, None, A, 1, None, Move.FORGET),
]
CELLS = [
    pytest.param(surface, *cell, policy, move, id=f"{surface}-{n}-{policy}")
    for n, (surfaces, *cell, either, move) in enumerate(TABLE)
    for surface in sorted(surfaces)
    for policy in (Deleted if either is None else (either,))
]


@pytest.mark.parametrize(("surface", "wanted", "stands", "ours", "restored", "deleted", "move"), CELLS)
def test_every_cell(surface, wanted, stands, ours, restored, deleted, move):
    standing = None if stands is None and ours is None else Standing(stands, ours, NOW, restored)
    assert decide(surface, wanted, standing, deleted) is move


@pytest.mark.parametrize("surface", Surface)
def test_nothing_wanted_where_nothing_is_known_is_nothing_to_do(surface):
    assert decide(surface, None, None, LEAVE) is Move.REST


def test_an_objective_is_the_same_in_any_case_and_form():
    standing = Standing("o-été", None, NOW)
    assert decide(Surface.OBJECTIVE_FIELD, "O-E\u0301TE\u0301", standing, LEAVE) is Move.REST
    assert decide(Surface.COMMENT, "O-ÉTÉ", standing, LEAVE) is Move.WRITE


def test_who_has_the_last_word():
    assert not theirs(Surface.COMMENT, Standing(A, A, NOW))
    assert not theirs(Surface.METRIC, Standing(A, None, NOW))
    assert theirs(Surface.OBJECTIVE_FIELD, Standing(A, None, NOW))
    assert theirs(Surface.LABEL, Standing(None, True, NOW))


# ── as a promise ──

STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("wanted"), st.sampled_from([A, B, C])),
        st.tuples(st.just("edited"), st.sampled_from([A, B, C, "theirs"])),
        st.tuples(st.just("deleted"), st.none()),
        st.tuples(st.just("applied"), st.none()),
    ),
    max_size=30,
)


class One:
    """One slot: what should stand there, what does, and what the journal knows of it."""

    def __init__(self, surface, deleted, found):
        self.slot = Slot("jira", "1", surface, "x")
        self.policy = WritebackPolicy(deleted=deleted)
        self.standing = {} if found is None else {self.slot: Standing(found, None, NOW)}
        self.there = found

    def see(self):
        """What stands there is read before a plan is made."""
        known = self.standing.get(self.slot)
        if known is not None:
            self.standing[self.slot] = Standing(self.there, known.ours, NOW, known.restored)
        elif self.there is not None:
            self.standing[self.slot] = Standing(self.there, None, NOW)

    def apply(self, wanted):
        """How many writes it took."""
        self.see()
        one = rollup.Desired(self.slot, wanted, "X-1", "", Say.of("write.unchanged"))
        planned = rollup.plan([one], self.standing, self.policy, touched={}, pending=(), released={})
        for slot in planned.forgotten:
            del self.standing[slot]
        for write in planned.writes:
            known = self.standing.pop(self.slot, None)
            assert write.before == self.there
            self.there = write.after
            if write.after is not None:
                restored = (known.restored if known else 0) + (write.why.code == "write.restored")
                self.standing[self.slot] = Standing(write.after, write.after, NOW, restored)
        return len(planned.writes)


@cases(300)
@given(st.sampled_from(Surface), st.sampled_from(Deleted), st.sampled_from([None, A, "theirs"]), STEPS)
def test_okrsync_never_fights(surface, deleted, found, steps):
    """It writes once for each of its own news, and once more at most; and once it was quiet it stays so."""
    one, wanted, news, writes = One(surface, deleted, found), A, 1, 0
    for what, value in [*steps, ("applied", None)]:
        match what:
            case "wanted":
                news += value != wanted
                wanted = value
            case "edited" | "deleted":
                one.there = value
            case _:
                writes += one.apply(wanted)
                assert one.apply(wanted) == 0
    assert writes <= news + RESTORES


@cases(300)
@given(st.sampled_from(sorted(LABELS | VALUES)), st.sampled_from(Deleted), st.sampled_from([None, A, "theirs"]), STEPS)
def test_what_it_did_not_write_it_never_takes_away(surface, deleted, found, steps):
    """Withdrawn is what okrsync wrote and nobody changed since, and nothing else."""
    one, wanted = One(surface, deleted, found), A
    for what, value in [*steps, ("applied", None)]:
        match what:
            case "wanted":
                wanted = None if value == C else value
            case "edited" | "deleted":
                one.there = value
            case _:
                known, stood = one.standing.get(one.slot), one.there
                one.apply(wanted)
                if one.there is None and stood is not None:
                    assert known is not None
                    assert stood == known.ours


class Another(One):
    """The same slot, as another installation knows it."""

    def __init__(self, other):
        super().__init__(other.slot.surface, other.policy.deleted, None)
        self.other = other

    def apply(self, wanted):
        self.there = self.other.there
        writes = super().apply(wanted)
        self.other.there = self.there
        return writes


@pytest.mark.parametrize("deleted", Deleted)
@pytest.mark.parametrize("surface", sorted(set(Surface) - LABELS))
def test_two_installations_on_one_slot_do_not_fight(surface, deleted):
    """Each says its own, and puts it back once at most; then whoever spoke last is left alone."""
    mine = One(surface, deleted, None)
    other = Another(mine)
    counts = [(mine.apply(A), other.apply(B)) for _ in range(20)]
    assert sum(map(sum, counts)) <= 2 * (1 + RESTORES)
    assert set(counts[2:]) == {(0, 0)}


@pytest.mark.parametrize("surface", sorted(LABELS))
def test_a_label_of_two_installations_goes_with_the_one_that_put_it_there(surface):
    mine = One(surface, LEAVE, None)
    other = Another(mine)
    assert (mine.apply(True), other.apply(True)) == (1, 0)
    assert (other.apply(None), mine.there) == (0, True)
    assert (mine.apply(None), mine.there) == (1, None)
