"""What begins and what ends, over any sequence of looks."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from config import AlertKind, Alerts
from okrsync.alerting.changes import Why, changes
from okrsync.alerting.conditions import AT_ONCE, LEVELS, Condition, Found, Memory, conditions, remembered
from okrsync.model import SourceState, Status
from okrsync.store.sources import Heartbeat

BEGIN = datetime.fromisoformat("2026-11-20T09:00:00+00:00")
MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)
SOURCES, GOALS, GATES = ("github", "jira"), ("KR-PAY", "KR-UX", "O-SHOP"), ("coverage", "links")
SETTINGS = Alerts(after=15 * MINUTE, expiring=14 * DAY)
ENDS = (BEGIN + 14 * DAY + 30 * MINUTE, BEGIN + 60 * MINUTE, BEGIN + 90 * DAY)


class Watched:
    """An alarm without store and clock."""

    def __init__(self) -> None:
        self.memory = Memory()
        self.standing: dict[int, Condition] = {}
        self.opened: list[tuple[datetime, Condition]] = []
        self.ended: list[tuple[int, Why]] = []

    def look(self, found: Found, settings: Alerts = SETTINGS) -> None:
        holding = conditions(found, self.memory, list(self.standing.values()), settings)
        news = changes(self.standing, holding, found, settings.on)
        self.memory = remembered(found, self.memory)
        for end in news.ended:
            del self.standing[end.id]
            self.ended.append((end.id, end.why))
        for one in news.opened:
            self.standing[len(self.opened)] = one
            self.opened.append((found.now, one))
        assert {one.key for one in self.standing.values()} == {one.key for one in holding}
        assert len({one.key for one in holding}) == len(holding) == len(self.standing)

    def of(self, kind: AlertKind, subject: str) -> list[Condition]:
        return [one for one in self.standing.values() if (one.kind, one.subject) == (kind, subject)]


def some(strategy: st.SearchStrategy[Any], names: tuple[str, ...]) -> st.SearchStrategy[dict[str, Any]]:
    return st.dictionaries(st.sampled_from(names), strategy, max_size=len(names))


looks = st.lists(
    st.fixed_dictionaries(
        {
            "after": st.integers(1, 20),
            "cycles": some(st.sampled_from(SourceState), SOURCES),
            "statuses": st.none() | some(st.sampled_from(Status), GOALS),
            "rulings": some(st.none() | st.booleans(), GATES),
            "tokens": some(st.sampled_from(ENDS), SOURCES),
            "configured": st.frozensets(st.sampled_from((*SOURCES, *GOALS, *GATES)), min_size=5),
            "over": st.frozensets(st.sampled_from(GOALS), max_size=1),
            "on": st.just(frozenset(AlertKind)) | st.frozensets(st.sampled_from(AlertKind)),
        }
    ),
    max_size=30,
)


@given(looks)
def test_each_condition_is_told_once_until_it_ends_whatever_happens(sequence: list[dict[str, Any]]) -> None:
    watched, now = Watched(), BEGIN
    beats = dict.fromkeys(SOURCES, Heartbeat(SourceState.NEVER))
    for step in sequence:
        now += step["after"] * MINUTE
        for source, state in step["cycles"].items():
            good = now if state is SourceState.OK else beats[source].last_success
            beats[source] = Heartbeat(state, now, good)
        goals = step["configured"].intersection(GOALS)
        found = Found(
            now=now,
            heard=BEGIN,
            sources={source: one for source, one in beats.items() if source in step["configured"]},
            tokens={source: end for source, end in step["tokens"].items() if source in step["configured"]},
            goals=goals,
            running=goals - step["over"],
            statuses=step["statuses"],
            gates=step["configured"].intersection(GATES),
            rulings={gate: (it, {}) for gate, it in step["rulings"].items() if gate in step["configured"]},
        )
        settings = replace(SETTINGS, on=step["on"])
        watched.look(found, settings)
        told = len(watched.opened), len(watched.ended)
        watched.look(found, settings)
        assert (len(watched.opened), len(watched.ended)) == told, "looked at again, nothing is new"
        for one in watched.standing.values():
            assert one.kind in step["on"]
            assert one.subject in step["configured"]
            assert one.kind is not AlertKind.STATUS or one.subject in found.running
            assert one.kind is not AlertKind.SOURCE or beats[one.subject].state is not SourceState.OK
    ids = [id_ for id_, _ in watched.ended]
    assert len(ids) == len(set(ids)), "an end is told once"
    assert set(ids) | watched.standing.keys() == set(range(len(watched.opened)))


@given(st.lists(st.tuples(st.integers(1, 9), st.none() | st.sampled_from(SourceState)), max_size=40))
def test_a_source_is_told_when_it_was_down_for_so_long_and_until_it_is_read(
    sequence: list[tuple[int, SourceState | None]],
) -> None:
    watched, now, beat = Watched(), BEGIN, Heartbeat(SourceState.NEVER)
    since: datetime | None = None
    stands = False
    for minutes, state in sequence:
        now += minutes * MINUTE
        if state is not None and state is not SourceState.NEVER:
            beat = Heartbeat(state, now, now if state is SourceState.OK else beat.last_success)
            since = None if state is SourceState.OK else since or now
        watched.look(Found(now=now, heard=BEGIN, sources={"jira": beat}))
        stands = since is not None and (stands or beat.state in AT_ONCE or now - since >= SETTINGS.after)
        assert bool(watched.of(AlertKind.SOURCE, "jira")) is stands


@given(st.lists(st.sampled_from(Status), max_size=40))
def test_a_goal_has_an_alert_for_each_step_down_from_where_it_never_was_again(sequence: list[Status]) -> None:
    watched = Watched()
    for place, status in enumerate(sequence):
        look = Found(now=BEGIN + place * MINUTE, heard=BEGIN, goals=GOALS, running=GOALS, statuses={"KR-UX": status})
        watched.look(look)
        levels = [LEVELS[one] for one in sequence[: place + 1] if one in LEVELS]
        steps = [
            (before, after) for place, (before, after) in enumerate(pairwise(levels), 1) if before > max(levels[place:])
        ]
        told = watched.of(AlertKind.STATUS, "KR-UX")
        stands = [(LEVELS[Status(one.document["from"])], LEVELS[Status(one.document["to"])]) for one in told]
        assert sorted(stands) == sorted(steps)


def test_a_failure_counts_from_the_attempt_that_was_seen() -> None:
    watched = Watched()
    down = Heartbeat(SourceState.UNREACHABLE, BEGIN - DAY, BEGIN - 2 * DAY, "gone")
    watched.look(Found(now=BEGIN, heard=BEGIN - MINUTE, sources={"jira": down}))
    assert watched.standing == {}, "nobody asked since"
    watched.look(Found(now=BEGIN + MINUTE, heard=BEGIN - MINUTE, sources={"jira": replace(down, at=BEGIN)}))
    (alert,) = watched.of(AlertKind.SOURCE, "jira")
    assert alert.document["down_since"] == (BEGIN - DAY).isoformat(), "it was down before, and still is"


def test_a_source_is_told_of_at_the_end_of_the_time_that_it_is_given() -> None:
    down = Heartbeat(SourceState.DEGRADED, BEGIN)
    for late, told in ((-timedelta(microseconds=1), False), (timedelta(0), True)):
        watched = Watched()
        watched.look(Found(now=BEGIN, heard=BEGIN, sources={"jira": down}))
        watched.look(Found(now=BEGIN + SETTINGS.after + late, heard=BEGIN, sources={"jira": down}))
        assert bool(watched.standing) is told, late


def test_a_gate_stands_until_it_passes() -> None:
    watched, seen = Watched(), defaultdict(list)
    for place, ruling in enumerate([None, False, None, "unjudged", False, True, True, False]):
        rulings = {} if ruling == "unjudged" else {"links": (ruling, {"value": 0.1})}
        watched.look(Found(now=BEGIN + place * MINUTE, heard=BEGIN, gates=GATES, rulings=rulings))
        seen["stands"].append(bool(watched.standing))
    assert seen["stands"] == [False, True, True, True, True, False, False, True]
    assert [why for _, why in watched.ended] == [Why.OVER]
