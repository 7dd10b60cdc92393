"""The table by hand: costs, deciles, flips, and the rules of other tools at their borders."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from okrsync.model import Status, Thresholds
from rollup.calibration import Colour, Rule, calibrate, deciles, rules, score
from rollup.trials import Look, Trial, flips

LIMITS = Thresholds()
NOW = datetime(2026, 11, 16, tzinfo=UTC)
OURS = rules(LIMITS)[0]


def look(status: Status = Status.ON_TRACK, chance: float | None = 0.5, **more: object) -> Look:
    facts = {"elapsed": 0.5, "progress": 0.5, "items": 20.0, "uncalibrated": chance, "hindered": False}
    return Look(at=NOW, status=status, chance=chance, **(facts | more))


def trial(reached: bool, *looks: Look, weekly: tuple[Look, ...] = ()) -> Trial:
    return Trial("KR-1", "key_result", 13.0, NOW + timedelta(weeks=6), reached, looks, weekly)


GREEN, AMBER, RED, NOTHING = Status.ON_TRACK, Status.AT_RISK, Status.OFF_TRACK, Status.TOO_EARLY


def test_the_errors_by_hand():
    """Two healthy: of four looks one red, one amber, one silent. Two failing: of two looks one green."""
    trials = [
        trial(True, look(GREEN), look(RED), look(AMBER)),
        trial(True, look(NOTHING, None)),
        trial(False, look(GREEN)),
        trial(False, look(RED)),
    ]
    found = score(OURS, trials)
    assert (found.healthy_red, found.failing_green) == (0.25, 0.5)
    assert found.balanced == ((1 + 0.5 + 0.5) / 4 + 1 / 2) / 2
    assert found.hard == ((1 + 0.5) / 4 + 1 / 2) / 2
    assert found.amber == (1 / 4 + 0) / 2
    assert found.abstained == 1 / 6


def test_success_counts_as_much_as_failure_however_rare_it_is():
    many = [trial(False, look(RED))] * 99
    assert score(OURS, [*many, trial(True, look(RED))]).balanced == 0.5


def test_without_one_of_both_nothing_can_be_told():
    found = score(OURS, [trial(True, look(GREEN))])
    assert (found.balanced, found.hard, found.healthy_red, found.failing_green) == (None, None, 0.0, None)
    empty = calibrate([], LIMITS)
    assert (empty.trials, empty.looks) == (0, 0)
    assert all(one.balanced is one.abstained is one.flips is one.brier is None for one in empty.scores)
    assert [one.count for one in empty.deciles] == [0] * 10


def test_the_brier_score_is_of_chances_that_were_said():
    trials = [trial(True, look(chance=0.8), look(Status.DONE, None)), trial(False, look(chance=0.4))]
    assert score(OURS, trials).brier == pytest.approx((0.2**2 + 0.4**2) / 2)
    assert score(rules(LIMITS)[4], trials).brier is None


def test_deciles_hold_their_lower_border_and_the_last_one_holds_1():
    found = deciles([(0.1, True), (0.1999, False), (0.2, True), (1.0, True)])
    assert [one.count for one in found] == [0, 2, 1, 0, 0, 0, 0, 0, 0, 1]
    assert (found[1].said, found[1].happened) == (pytest.approx(0.14995), 0.5)
    low, high = found[1].interval
    assert low < 0.1
    assert high > 0.9


def test_flips_are_changes_a_quarter_and_silence_is_none():
    weeks = [look(one) for one in (NOTHING, GREEN, GREEN, AMBER, NOTHING, GREEN)]
    assert flips([OURS.colour(one) for one in weeks[1:4]]) == 1
    assert score(OURS, [trial(True, weekly=tuple(weeks))]).flips == pytest.approx(2 / 3 * 13)


@pytest.mark.parametrize(
    ("rule", "elapsed", "progress", "colour"),
    [
        ("pace_upraise", 0.4, 0.38, Colour.GREEN),
        ("pace_upraise", 0.4, 0.379, Colour.AMBER),
        ("pace_upraise", 0.4, 0.299, Colour.RED),
        ("pace_oboard", 0.5, 0.35, Colour.GREEN),
        ("pace_oboard", 0.5, 0.2, Colour.AMBER),
        ("pace_oboard", 0.5, 0.19, Colour.RED),
        ("gap_engagedly", 0.5, 0.335, Colour.GREEN),
        ("gap_engagedly", 0.5, 0.17, Colour.AMBER),
        ("gap_engagedly", 0.5, 0.169, Colour.RED),
        ("bands", 0.9, 0.7, Colour.GREEN),
        ("bands", 0.1, 0.4, Colour.AMBER),
        ("bands", 0.1, 0.39, Colour.RED),
    ],
)
def test_the_rules_of_other_tools(rule, elapsed, progress, colour):
    (found,) = [one for one in rules(LIMITS) if one.name == rule]
    assert found.colour(look(elapsed=elapsed, progress=progress)) is colour


def test_the_first_design_gave_up_only_what_lagged_clearly():
    first = next(one for one in rules(LIMITS) if one.name == "first")
    assert first.colour(look(chance=0.1, progress=0.2)) is Colour.RED
    assert first.colour(look(chance=0.1, progress=0.4)) is Colour.AMBER
    assert first.colour(look(chance=0.5, hindered=True)) is Colour.AMBER
    assert first.colour(look(chance=0.5)) is Colour.GREEN


COLOURS = st.sampled_from([GREEN, AMBER, RED, NOTHING])
TRIALS = st.lists(
    st.builds(lambda reached, said: trial(reached, *map(look, said)), st.booleans(), st.lists(COLOURS, min_size=1)),
    max_size=20,
)


@given(TRIALS, st.integers(0, 1000))
def test_errors_lie_in_0_to_1_and_the_order_is_irrelevant(trials, seed):
    shuffled = trials[:]
    random.Random(seed).shuffle(shuffled)
    table = calibrate(trials, LIMITS)
    assert table == calibrate(shuffled, LIMITS)
    for one in table.scores:
        if one.balanced is not None and one.hard is not None:
            assert 0 <= one.hard <= one.balanced <= 1


def test_nobody_who_always_says_amber_is_right_or_wrong():
    rule = Rule("amber", lambda _: Colour.AMBER)
    found = score(rule, [trial(True, look()), trial(False, look())])
    assert (found.balanced, found.hard) == (0.5, 0.0)
