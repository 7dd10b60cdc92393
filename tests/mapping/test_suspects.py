"""When a link is suspect: its goal says something else than when it was made."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from mapping.suspects import Revision, Suspect, Wording, alike, suspect_gaps, suspicion, wordings
from okrsync.model import GapKind, KeyResult, KeyResultKind
from okrsync.texts import catalogue, say

FIRST = Wording("Retention", "metric", 80.0, 85.0, None, None, "%", "O-LEADER")


def day(number: int) -> datetime:
    return datetime(2026, 10, 1, tzinfo=UTC) + timedelta(days=number - 1)


def said(*wordings: Wording) -> list[Revision]:
    """The first was seen on the 5th, then another every ten days."""
    return [Revision(day(5 + 10 * place), one) for place, one in enumerate(wordings)]


def suspect(revisions: list[Revision], made: int, *confirmed: int) -> tuple[str, str] | None:
    one = suspicion("KR", revisions, day(made), map(day, confirmed))
    return None if one is None else (one.was, one.now)


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"title": "Growth"}, ("Retention", "Growth")),
        ({"target": 90.0}, ("80 → 85 %", "80 → 90 %")),
        ({"baseline": None}, ("80 → 85 %", "… → 85 %")),
        ({"unit": "pt"}, ("80 → 85 %", "80 → 85 pt")),
        ({"objective": "O-CRAFT"}, ("O-LEADER", "O-CRAFT")),
        ({"kind": "keep", "low": 1.0, "high": 2.0}, ("metric · 80 → 85 %", "keep · 1 – 2 %")),
        (
            {"kind": "work", "baseline": None, "target": None, "unit": ""},
            ("metric · 80 → 85 %", "work · —"),
        ),
        ({"title": "Growth", "target": 90.0}, ("Retention · 80 → 85 %", "Growth · 80 → 90 %")),
    ],
)
def test_a_link_from_before_a_revision_is_suspect_and_told_what_changed(changes, told):
    revisions = said(FIRST, replace(FIRST, **changes))
    assert suspect(revisions, 1) == suspect(revisions, 5) == suspect(revisions, 14) == told
    assert suspect(revisions, 15) is None, "it was made to what the goal says now"
    assert suspicion("KR", revisions, day(1), ()).since == day(15)


@pytest.mark.parametrize("title", ["retention", "  Retention ", "RETENTION"])
def test_letters_in_another_case_and_spaces_are_no_revision(title):
    assert alike(FIRST, replace(FIRST, title=title))
    assert not alike(FIRST, replace(FIRST, title="Retentions"))


def test_the_first_sighting_makes_nothing_suspect():
    assert suspect(said(FIRST), 1) is None


def test_a_confirmation_holds_for_what_the_goal_said_then():
    once = said(FIRST, replace(FIRST, target=90.0))
    assert suspect(once, 1, 14) == ("80 → 85 %", "80 → 90 %"), "of before the revision"
    assert suspect(once, 1, 15) is None
    assert suspect(once, 1, 20, 16) is None
    twice = [*once, Revision(day(25), replace(FIRST, target=95.0))]
    assert suspect(twice, 1, 20) == ("80 → 90 %", "80 → 95 %")
    assert suspicion("KR", twice, day(1), ()).since == day(15), "since it ceased to say what it said"


def test_a_goal_that_says_again_what_it_said_has_its_links_back():
    there_and_back = said(FIRST, replace(FIRST, target=90.0), FIRST)
    assert suspect(there_and_back, 1) is None
    assert suspect(there_and_back, 16) == ("80 → 90 %", "80 → 85 %")


def test_what_goals_say_comes_from_the_configuration(world):
    kr = KeyResult("KR-X", "O-LEADER", "Churn", KeyResultKind.METRIC, baseline=1.0, target=2.5, unit="pt")
    goals = replace(world.goals, key_results={"KR-X": kr})
    found = wordings(goals)
    assert found["KR-X"] == Wording("Churn", "metric", 1.0, 2.5, None, None, "pt", "O-LEADER")
    assert found["O-LEADER"] == Wording("Lead the market")
    moved = replace(goals, objectives={**goals.objectives, "O-LEADER": replace(goals.objectives["O-LEADER"], weight=3)})
    assert wordings(moved) == found, "what it weighs is not what it says"


def test_there_is_one_gap_a_goal_and_it_tells_what_most_links_were_made_to():
    twice = said(FIRST, replace(FIRST, target=90.0), replace(FIRST, target=95.0))
    old, new = suspicion("KR-B", twice, day(1), ()), suspicion("KR-B", twice, day(16), ())
    gaps = list(
        suspect_gaps(
            {
                "KR-B": [Suspect(1, "A-1", new), Suspect(2, "A-2", old), Suspect(3, "A-3", old)],
                "KR-A": [Suspect(9, "A-9", old)],
            }
        )
    )
    assert [(gap.kind, gap.subject) for gap in gaps] == [
        (GapKind.SUSPECT_LINK, "KR-A"),
        (GapKind.SUSPECT_LINK, "KR-B"),
    ]
    assert gaps[1].items == ("A-1", "A-2", "A-3")
    assert gaps[1].since == day(15)
    english = say(gaps[1].evidence, "en")
    assert "80 → 85 %" in english
    assert "80 → 95 %" in english
    assert "3" in english
    assert "okrsync confirm KR-B" in say(gaps[1].fix, "fr")
    assert {gaps[1].evidence.code, gaps[1].fix.code} <= catalogue().keys()
