"""Which key results are worth keeping: every reason at its edge, and a hundred at once."""

from __future__ import annotations

import random
import re

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as some

from okrsync.model import KeyResultKind, Window
from rollup.pruning import TWIN, Candidate, Lack, rank

TITLES = ("Basket", "Cards", "Ledger", "Delivery", "Returns", "Search", "Invoices", "Stock", "Prices", "Sales")


@pytest.fixture(scope="session")
def candidate(make):
    def made(name, items=(), effort=None, **more):
        number = int(re.sub(r"\D", "", name))
        facts = {"title": f"{TITLES[number % 10]} {number}", "owner": "ann"} | more
        uids = np.array(list(items), "i8")
        return Candidate(make.kr(name, **facts), uids, float(len(uids)) if effort is None else effort)

    return made


def order(ranks):
    return [one.kr for one in ranks]


def test_more_effort_comes_first_and_says_how_far_ahead_it_is(candidate) -> None:
    found = rank([candidate("KR-1", [1]), candidate("KR-2", [2, 3, 4]), candidate("KR-3", [5, 6])])
    assert order(found) == ["KR-2", "KR-3", "KR-1"]
    assert [one.ahead for one in found] == [1.0, 0.5, 0.0]
    assert [one.effort for one in found] == [3.0, 2.0, 1.0]


def test_of_two_that_hold_the_same_work_the_second_brings_nothing(candidate) -> None:
    one, same, other = candidate("KR-1", range(20)), candidate("KR-2", range(20)), candidate("KR-3", range(30, 45))
    found = rank([one, same, other])
    assert order(found) == ["KR-1", "KR-3", "KR-2"]
    assert [(one.shared, one.shared_with) for one in found] == [(0, None), (0, None), (20, "KR-1")]


def test_what_an_approved_key_result_serves_already_is_not_brought(candidate) -> None:
    approved = candidate("KR-9", range(8))
    found = rank([candidate("KR-1", range(10))], [approved])
    assert (found[0].shared, found[0].shared_with, found[0].items) == (8, "KR-9", 10)
    assert order(found) == ["KR-1"]  # what stands is not ranked


def test_one_that_says_what_another_says_loses_to_it(candidate) -> None:
    first = candidate("KR-1", range(10), title="Réduire l’attrition des clients de 8 % à 5 %")
    second = candidate("KR-2", range(20, 29), title="réduire l'attrition des clients, de 8 % à 5 %")
    third = candidate("KR-3", range(30, 32), title="Livrer la nouvelle application mobile")
    found = {one.kr: one for one in rank([second, third, first])}
    assert (found["KR-1"].twin, found["KR-2"].twin, found["KR-3"].twin) == (None, "KR-1", None)
    alone = {one.kr: one for one in rank([second, third, candidate("KR-1", range(10), title="Un autre énoncé")])}
    assert found["KR-2"].score - alone["KR-2"].score == TWIN


def test_what_is_missing_is_named_and_costs(candidate, make) -> None:
    bare = candidate("KR-1", [1], owner=None, window=Window())
    whole = candidate("KR-2", [2])
    found = {one.kr: one for one in rank([bare, whole])}
    assert found["KR-1"].lacks == (Lack.OWNER, Lack.DUE_DATE)
    assert found["KR-2"].lacks == ()
    assert found["KR-2"].score - found["KR-1"].score == 20
    [empty] = rank([candidate("KR-1")])
    assert empty.lacks == (Lack.WORK,)
    metric = {"kind": KeyResultKind.METRIC, "target": 85.0}
    [unbased] = rank([candidate("KR-1", **metric)])
    [based] = rank([candidate("KR-1", baseline=80.0, **metric)])
    assert (unbased.lacks, based.lacks) == ((Lack.BASELINE,), ())
    assert based.score > unbased.score > empty.score


def test_a_metric_is_not_worth_less_for_the_work_that_moves_it(candidate) -> None:
    metric = {"kind": KeyResultKind.METRIC, "baseline": 80.0, "target": 85.0}
    busy = candidate("KR-9", range(100, 120))
    bare, served = candidate("KR-1", **metric), candidate("KR-1", [1], **metric)
    scores = [{one.kr: one.score for one in rank([some, busy])}["KR-1"] for some in (bare, served)]
    assert scores[0] <= scores[1]


def test_nothing_to_rank_is_an_empty_list_and_one_alone_is_first(candidate) -> None:
    assert rank([]) == []
    assert order(rank([candidate("KR-1", [1])])) == ["KR-1"]


@given(some.lists(some.sets(some.integers(0, 30), max_size=12), min_size=1, max_size=8), some.randoms())
def test_everyone_has_one_place_whatever_the_order_and_shares_only_with_what_stands_above(candidate, sets, luck):
    made = [candidate(f"KR-{number}", sorted(items)) for number, items in enumerate(sets)]
    found = rank(made)
    assert sorted(order(found)) == sorted(one.kr.id for one in made)
    held = {one.kr.id: set(one.items.tolist()) for one in made}
    above: set[int] = set()
    for one in found:
        assert one.shared == len(held[one.kr] & above)
        assert 0 <= one.score <= 100
        above |= held[one.kr]
    mixed = list(made)
    luck.shuffle(mixed)
    assert {one.kr: (one.effort, one.ahead) for one in rank(mixed)} == {
        one.kr: (one.effort, one.ahead) for one in found
    }


def test_of_a_hundred_the_thirty_that_are_kept_hold_the_work_and_none_twice(candidate) -> None:
    """Thirty that are worth it, thirty that repeat them, forty that nobody works on."""
    luck = random.Random(7)
    words = [f"{luck.choice(TITLES)} {luck.getrandbits(40):x}" for _ in range(100)]
    good = [candidate(f"KR-G{n}", range(1000 * n, 1000 * n + 20 + n), title=words[n], owner="ann") for n in range(30)]
    twins = [
        candidate(f"KR-T{n}", range(1000 * n, 1000 * n + 15 + n), title=words[n] + ".", owner="ann") for n in range(30)
    ]
    empty = [candidate(f"KR-E{n}", title=words[30 + n], owner=None) for n in range(40)]
    every = [*good, *twins, *empty]
    luck.shuffle(every)
    found = rank(every)
    assert {one.kr for one in found[:30]} == {one.kr.id for one in good}
    assert {one.twin for one in found[30:60]} == {one.kr.id for one in good}
    assert all(one.lacks == (Lack.OWNER, Lack.WORK) for one in found[60:])
