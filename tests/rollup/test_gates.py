"""Gates: each ruling at its edges, what is covered, and which links are false."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as some

from mapping.wilson import wilson
from okrsync.model import Gate, ItemKind, Measure, Objective, VerdictKind
from rollup.gates import Observed, Ruling, compare, covered_items, judge
from rollup.worked import EVER, VERDICTS, WORK
from rollup.workload import KINDS, NOBODY

AT_LEAST = Gate("g", Measure.SYNC_SUCCESS, at_least=0.95)
AT_MOST = Gate("g", Measure.FALSE_LINKS, at_most=0.05, sample="x.csv")


@pytest.mark.parametrize(
    ("gate", "part", "ruling"),
    [
        (AT_LEAST, 19, Ruling.PASSED),  # just what is asked for
        (AT_LEAST, 20, Ruling.PASSED),
        (AT_LEAST, 18, Ruling.FAILED),
        (AT_MOST, 1, Ruling.PASSED),
        (AT_MOST, 0, Ruling.PASSED),
        (AT_MOST, 2, Ruling.FAILED),
    ],
)
def test_the_threshold_itself_passes(gate, part, ruling) -> None:
    assert judge(gate, Observed(part, 20, 20)).ruling is ruling


def test_what_was_not_measured_or_too_little_does_not_pass() -> None:
    assert judge(AT_MOST, Observed(0, 0, 0)).ruling is Ruling.NO_DATA
    few = Gate("g", Measure.FALSE_LINKS, at_most=0.05, sample="x.csv", fewest=30)
    assert judge(few, Observed(0, 29, 29)).ruling is Ruling.NO_DATA
    assert judge(few, Observed(0, 30, 30)).ruling is Ruling.PASSED


@given(whole=some.integers(1, 200), part=some.integers(0, 200), bound=some.floats(0, 1))
def test_a_bound_from_below_and_one_from_above_agree_only_where_they_meet(whole, part, bound) -> None:
    part = min(part, whole)
    above = judge(Gate("g", Measure.COVERAGE, at_least=bound), Observed(part, whole, whole)).ruling
    below = judge(Gate("g", Measure.FALSE_LINKS, at_most=bound), Observed(part, whole, whole)).ruling
    if above is below:
        assert above is Ruling.PASSED
        assert part / whole == pytest.approx(bound)


def test_a_share_of_a_sample_has_its_interval() -> None:
    judged = judge(AT_MOST, Observed(1, 20, 20), sampled=True)
    assert judged.interval == wilson(1, 20)
    low, high = judged.interval
    assert low < 0.05 < high
    assert judge(AT_LEAST, Observed(1, 20, 20)).interval is None


# ── coverage ─────────────────────────────────────────────────────────────────────────────────────────────────────────


def work(*rows: tuple[ItemKind, VerdictKind], **columns: object) -> np.ndarray:
    """Items of these kinds and verdicts, all worked on in the period and asked for."""
    made = np.zeros(len(rows), WORK)
    made["uid"], made["parent"] = np.arange(1, len(rows) + 1), NOBODY
    made["kind"] = [KINDS.index(kind) for kind, _ in rows]
    made["verdict"] = [VERDICTS.index(verdict) for _, verdict in rows]
    made["now"] = made["chosen"] = True
    made["weeks"] = EVER
    made["traced"] = np.where(made["verdict"] == VERDICTS.index(VerdictKind.TRACED), EVER, 0)
    made["exempt"] = np.where(made["verdict"] == VERDICTS.index(VerdictKind.EXEMPT), EVER, 0)
    for name, value in columns.items():
        made[name] = value
    return made


T, P, C = ItemKind.TICKET, ItemKind.PULL_REQUEST, ItemKind.COMMIT
TRACED, EXEMPT, ORPHAN, BEYOND = VerdictKind


def test_items_of_every_kind_count_one_each() -> None:
    found = covered_items(work((T, TRACED), (P, EXEMPT), (C, ORPHAN), (T, ORPHAN), (T, BEYOND)))
    assert (found.part, found.whole, found.count) == (2, 5, 5)


def test_sums_of_others_work_that_was_given_up_and_what_is_not_asked_for_count_nowhere() -> None:
    epic = covered_items(work((T, ORPHAN), (T, TRACED), parent=[NOBODY, 1]))
    assert (epic.part, epic.whole) == (1, 1)
    assert covered_items(work((T, ORPHAN), (C, ORPHAN), given_up=True)).whole == 0
    assert covered_items(work((T, ORPHAN), (T, TRACED), chosen=[True, False])).whole == 1
    assert covered_items(work((T, TRACED), now=False)).share is None


# ── false links ──────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.fixture
def goals(make):
    tree = (
        Objective("O-TOP", "All"),
        Objective("O-1", "One", parent="O-TOP"),
        Objective("O-2", "Two", parent="O-TOP"),
    )
    return make.goals([make.kr("KR-A"), make.kr("KR-B"), make.kr("KR-C", objective="O-2")], tree)


@pytest.mark.parametrize(
    ("expected", "said", "wrong", "missed"),
    [
        ({"KR-A"}, {"KR-A"}, [], []),
        ({"KR-A"}, {"KR-B"}, ["KR-B"], ["KR-A"]),
        (set(), {"KR-A"}, ["KR-A"], []),
        ({"KR-A"}, set(), [], ["KR-A"]),
        (set(), set(), [], []),
        ({"O-1"}, {"KR-A", "KR-B"}, [], []),  # whoever serves a key result serves its objective …
        ({"KR-A"}, {"O-1"}, [], []),  # … and to say less is not wrong
        ({"O-TOP"}, {"KR-C"}, [], []),
        ({"O-1"}, {"KR-C"}, ["KR-C"], ["O-1"]),
        ({"KR-A", "KR-C"}, {"KR-A", "KR-B"}, ["KR-B"], ["KR-C"]),
    ],
)
def test_a_link_is_right_along_one_line_of_goals(goals, expected, said, wrong, missed) -> None:
    found = compare({"X": expected}, {"X": said}, goals)
    assert found.links == len(said)
    assert found.wrong == tuple(("X", goal) for goal in wrong)
    assert found.missed == tuple(("X", goal) for goal in missed)


def test_links_are_counted_and_not_items(goals) -> None:
    found = compare({"X": {"KR-A"}, "Y": set()}, {"X": {"KR-A", "KR-C"}, "Y": set()}, goals)
    assert (found.observed.part, found.observed.whole) == (1, 2)
    assert compare({"Y": set()}, {"Y": set()}, goals).observed.share is None
