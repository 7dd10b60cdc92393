"""What goals said, what was confirmed, and which links are suspect, as it is stored."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import insert

from okrsync.model import Goals, Hop, KeyResult, Link, Objective, RuleName, Say
from okrsync.store import revisions
from okrsync.store import tables as t
from okrsync.store.dirty import dirty_version

NOW = datetime(2026, 1, 10, tzinfo=UTC)


def day(number: int) -> datetime:
    return datetime(2026, 1, 1, tzinfo=UTC) + timedelta(days=number - 1)


@pytest.fixture
def goals() -> Goals:
    objective = Objective("O-1", "Lead")
    return Goals({}, {"O-1": objective}, {"KR-1": KeyResult("KR-1", "O-1", "Retention", target=85.0)})


def reworded(goals: Goals, **changes: object) -> Goals:
    return replace(goals, key_results={"KR-1": replace(goals.key_results["KR-1"], **changes)})


def test_what_goals_say_is_recorded_once_and_again_when_it_is_something_else(store, goals):
    with store.begin() as tx:
        assert not revisions.is_recorded(tx, goals)
        assert revisions.record(tx, goals, day(1)) == 2
        assert revisions.is_recorded(tx, goals)
        assert revisions.record(tx, goals, day(2)) == 0
        spaced = reworded(goals, title=" RETENTION ")
        assert not revisions.is_recorded(tx, spaced)
        assert revisions.record(tx, spaced, day(3)) == 0, "no revision"
        assert revisions.is_recorded(tx, spaced), "and nothing is left to record"
        assert revisions.record(tx, reworded(goals, target=90.0), day(4)) == 1
        found = revisions.revisions(tx)
        assert [(one.at, one.wording.target) for one in found["KR-1"]] == [(day(1), 85.0), (day(4), 90.0)]
        assert len(found["O-1"]) == 1
        assert revisions.revisions(tx, ["O-1"]).keys() == {"O-1"}


def test_a_goal_that_left_the_configuration_and_came_back_otherwise_is_a_revision(store, goals):
    with store.begin() as tx:
        revisions.record(tx, goals, day(1))
        assert revisions.record(tx, replace(goals, key_results={}), day(2)) == 0
        assert revisions.record(tx, reworded(goals, title="Growth"), day(3)) == 1


def test_links_made_before_a_revision_are_suspect_until_they_are_confirmed(store, goals, make, save, uid):
    now = reworded(goals, title="Growth")
    save(*(make(n) for n in range(1, 6)))
    uids = [uid(n) for n in range(1, 6)]
    with store.begin() as tx:
        for n, (rule, since, until) in enumerate(
            [("label", 1, None), ("field", 2, None), ("parent", 1, None), ("label", 6, None), ("label", 1, 3)]
        ):
            row = {"target": "KR-1", "rule": rule, "valid_from": day(since), "valid_to": until and day(until)}
            tx.execute(insert(t.link).values(uid=uids[n], via="", **row))
        revisions.record(tx, goals, day(1))
        assert not revisions.suspects(tx, goals)
        revisions.record(tx, now, day(5))
        assert keys(tx, now) == {"KR-1": ["SHOP-1", "SHOP-2"]}, "those that were made, before it, and hold"
        assert keys(tx, replace(now, key_results={})) == {}
        one = revisions.suspicions(tx, uids[0])["KR-1"]
        assert (one.since, one.was, one.now) == (day(5), "Retention", "Growth")
        assert revisions.suspicions(tx, uids[2]) == {}

        below = Link(
            uids[2],
            "KR-1",
            RuleName.PARENT,
            Say("link.label.inherited"),
            (
                Hop("ticket", "jira", "SHOP-3", "", "item"),
                Hop("ticket", "jira", "SHOP-1", "", "parent"),
                Hop("key_result", "", "KR-1", "", "label"),
                Hop("objective", "", "O-1", "", "contributes"),
            ),
            day(1),
        )
        assert revisions.suspicion_of(tx, below) == one, "an inherited link follows what it comes from"

        version = dirty_version(tx)
        revisions.confirm(tx, "KR-1", uids[1], why="same work", by="ana", now=day(7))
        assert dirty_version(tx) > version, "reports may tell something else"
        assert keys(tx, now) == {"KR-1": ["SHOP-1"]}
        revisions.confirm(tx, "KR-1", None, why="all of it", by="ana", now=day(8))
        assert keys(tx, now) == {}
        assert revisions.suspicion_of(tx, below) is None
        assert revisions.record(tx, goals, day(9)) == 1
        assert keys(tx, goals) == {"KR-1": ["SHOP-4"]}, "what was made to what it said before is good again"


def keys(tx, goals) -> dict[str, list[str]]:
    return {goal: [one.key for one in found] for goal, found in revisions.suspects(tx, goals).items()}
