"""Goals that a tool keeps itself: the value of their metric and their status updates, and the restraint in both."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from cases import cases
from hypothesis import given
from hypothesis import strategies as st

import rollup
from okrsync.model import (
    Cause,
    Deleted,
    Flag,
    Forecast,
    GoalState,
    ItemRef,
    MetricSource,
    RemoteGoal,
    SaidStatus,
    Say,
    Slot,
    Standing,
    Status,
    Surface,
    WritebackPolicy,
)
from okrsync.texts import LANGUAGES, say, speaker
from rollup.goal_update import TYPES, overall

DAY = timedelta(days=1)
OFFERS = {"asana": {Surface.LABEL, Surface.METRIC, Surface.UPDATE}}
REF = ItemRef("asana", "goal:777")
METRIC = Slot("asana", "goal:777", Surface.METRIC, "metric")
UPDATE = Slot("asana", "goal:777", Surface.UPDATE, "acme")
GOAL = RemoteGoal("777", "Mobile", "https://asana/777", "percentage", 0, 0.0, 1.0, 0.1, writable=True)


class Workspace:
    """One goal, the key results that are written to it, and what stands there."""

    def __init__(self, make, goal=GOAL):
        self.make, self.goal = make, goal
        self.krs = [make.kr("KR-UX", title="Refonte de l'UX mobile", write_to=(REF,))]
        self.progress = {"KR-UX": make.measure(self.krs[0], make.steady(24, 16, make.middle))}
        self.standing, self.released, self.narratives = {}, {}, {}
        self.policy = WritebackPolicy()
        self.now = make.middle

    def say(self, status, share=None, name="KR-UX", **more):
        """From now on the key result has this status."""
        old = self.progress[name]
        self.progress[name] = replace(old, status=status, progress=old.progress if share is None else share, **more)
        state = GoalState.DROPPED if status is Status.DROPPED else GoalState.APPROVED
        self.krs = [replace(kr, state=state) if kr.id == name else kr for kr in self.krs]

    @property
    def targets(self):
        return {REF: rollup.Target("goal:777", "goal:777", self.goal.url, goal=self.goal)}

    def planned(self, language="en"):
        goals = self.make.goals(self.krs)
        measured = rollup.measure_objectives(goals, self.progress, {}, self.make.thresholds, self.now)
        for slot, value in rollup.found_there(self.targets).items():
            before = self.standing.get(slot)
            self.standing[slot] = Standing(value, None, self.now) if before is None else replace(before, value=value)
        wanted = rollup.desired(
            goals, self.progress, measured, [], self.targets, self.standing, self.policy, offers=OFFERS, late=(),
            instance="acme", now=self.now, thresholds=self.make.thresholds, render=speaker(language),
            narratives=self.narratives,
        )  # fmt: skip
        return rollup.plan(wanted, self.standing, self.policy, touched={}, pending=(), released=self.released)

    def plan(self, language="en"):
        return {write.slot: write for write in self.planned(language).writes}

    def apply(self):
        writes = self.plan()
        for slot, write in writes.items():
            self.standing[slot] = Standing(write.after, write.after, self.now)
            if slot == METRIC:
                self.goal = replace(self.goal, current=write.after)
        assert self.plan() == {}
        return writes

    def value(self):
        write = self.plan().get(METRIC)
        return None if write is None else write.after


@pytest.fixture
def asana(make):
    made = Workspace(make)
    assert made.progress["KR-UX"].status is Status.ON_TRACK
    return made


# ── the metric ──


@pytest.mark.parametrize(
    ("goal", "share", "value"),
    [
        ({}, 0.604, 0.6),
        ({"precision": 1}, 0.6044, 0.604),
        ({"unit": "none", "initial": 80.0, "target": 85.0}, 0.604, 83),
        ({"unit": "none", "initial": 80.0, "target": 85.0, "precision": 1}, 0.604, 83.0),
        ({"unit": "none", "initial": 80.0, "target": 85.0, "precision": 3}, 0.604, 83.02),
        ({"unit": "currency", "initial": 50_000.0, "target": 20_000.0}, 0.5, 35_000),  # a falling target
        ({"unit": "none", "initial": 0.0, "target": 10.0}, 1.2, 12),  # exceeded
        (
            {"unit": "none", "initial": 0.0, "target": 10.0, "current": 4.0},
            -0.04,
            0,
        ),  # regressed, and no minus before a zero
    ],
)
def test_it_is_the_progress_on_the_scale_of_the_goal(asana, goal, share, value):
    asana.goal = replace(GOAL, **goal)
    asana.say(Status.ON_TRACK, share)
    found = asana.value()
    assert found == value
    assert not str(found).startswith("-0")


def test_what_people_had_set_there_is_what_undo_puts_back(asana):
    asana.goal = replace(GOAL, current=0.1000001)
    write = asana.plan()[METRIC]
    assert (write.before, write.after, write.why.code) == (0.1, 0.6, "write.first")


def test_a_goal_that_shows_the_progress_already_is_left_alone(asana):
    asana.goal = replace(GOAL, current=0.6)
    assert asana.value() is None


def test_the_value_that_comes_back_is_no_news(asana):
    asana.apply()
    asana.goal = replace(GOAL, current=0.6)
    assert asana.plan() == {}


@pytest.mark.parametrize(
    "goal",
    [
        {"writable": False, "why_not": "computed"},
        {"initial": None, "target": None, "current": None, "writable": False, "why_not": "no_metric"},
        {"initial": 1.0, "target": 1.0},
    ],
)
def test_no_metric_is_written_where_there_is_none_to_write(asana, goal):
    asana.goal = replace(GOAL, **goal)
    assert set(asana.plan()) == {UPDATE}


@pytest.mark.parametrize(
    "facts", [{"status": Status.TOO_EARLY}, {"status": Status.STALE}, {"status": Status.NO_DATA, "progress": None}]
)
def test_what_may_not_speak_writes_nothing_and_leaves_what_stands(asana, facts):
    speaking = asana.progress["KR-UX"]
    asana.progress["KR-UX"] = replace(speaking, **facts)
    assert asana.plan() == {}
    asana.progress["KR-UX"] = speaking
    asana.apply()
    asana.progress["KR-UX"] = replace(speaking, **facts)
    asana.now += 30 * DAY
    assert asana.plan() == {}


def test_small_moves_wait_a_week(asana):
    asana.say(Status.ON_TRACK, 0.60)
    asana.apply()
    asana.say(Status.ON_TRACK, 0.64)
    asana.now += 7 * DAY - timedelta(seconds=1)
    assert asana.plan() == {}
    asana.now += timedelta(seconds=1)
    assert {slot: one.why.code for slot, one in asana.apply().items()} == {
        METRIC: "write.weekly",
        UPDATE: "write.weekly",
    }
    asana.say(Status.ON_TRACK, 0.69)
    assert asana.plan()[METRIC].why.code == "write.progress"
    asana.say(Status.AT_RISK, 0.65)
    assert {slot: one.why.code for slot, one in asana.plan().items()} == {
        METRIC: "write.status",
        UPDATE: "write.status",
    }


@pytest.mark.parametrize("silent", ["switched off", "deleted by a person", "overruled"])
def test_a_status_that_is_not_told_hurries_no_metric(asana, silent):
    """The metric goes with a status update that is posted; without one it moves by five points or by the week."""
    asana.apply()
    if silent == "switched off":
        asana.policy = WritebackPolicy(surfaces=frozenset({Surface.METRIC}))
    elif silent == "deleted by a person":
        asana.standing[UPDATE] = replace(asana.standing[UPDATE], value=None)
    else:
        asana.goal = replace(asana.goal, said=said(ours=asana.now))
    asana.now += 2 * DAY
    asana.say(Status.AT_RISK, 0.62)
    assert asana.plan() == {}
    asana.say(Status.AT_RISK, 0.66)
    assert {slot: one.why.code for slot, one in asana.plan().items()} == {METRIC: "write.progress"}


def test_a_goal_that_is_read_is_never_written(make, asana):
    asana.krs.append(make.metric(id="KR-READ", metric=MetricSource("asana_goal", REF)))
    asana.progress["KR-READ"] = make.measure(asana.krs[1])
    assert set(asana.plan()) == {UPDATE}
    asana.krs[1] = replace(asana.krs[1], metric=MetricSource("asana_goal", ItemRef("asana", "goal:778")))
    assert set(asana.plan()) == {UPDATE, METRIC}


def test_several_key_results_are_weighed_as_an_objective_weighs_them(make, asana):
    asana.krs.append(make.kr("KR-2", title="Pay", weight=3.0, write_to=(REF,)))
    asana.progress["KR-2"] = replace(asana.progress["KR-UX"], key_result="KR-2", progress=1.4)
    assert asana.value() == 0.9
    asana.say(Status.DROPPED, name="KR-2")
    assert asana.value() == 0.6
    asana.say(Status.TOO_EARLY, name="KR-2")
    assert asana.value() is None


def test_what_the_configuration_no_longer_names_stays(asana):
    asana.apply()
    asana.krs[0] = replace(asana.krs[0], write_to=())
    assert asana.plan() == {}


def test_only_may_name_a_goal(asana):
    asana.policy = WritebackPolicy(only=(ItemRef("asana", "1200"),))
    assert asana.plan() == {}
    asana.policy = WritebackPolicy(only=(REF,))
    assert set(asana.plan()) == {METRIC, UPDATE}


def test_a_goal_that_cannot_be_written_is_a_gap_with_the_reason(make, asana):
    goals = make.goals(asana.krs)
    assert rollup.unresolved_targets(goals, asana.targets, WritebackPolicy(), OFFERS) == []
    for why, told in (("computed", "_computed"), ("no_metric", "_no_metric"), ("a word of later", "")):
        asana.goal = replace(GOAL, writable=False, why_not=why)
        (gap,) = rollup.unresolved_targets(goals, asana.targets, WritebackPolicy(), OFFERS)
        assert gap.evidence == Say.of(f"goal.gap.write_to_closed{told}", target="asana:goal:777")
        assert all("asana:goal:777" in say(gap.evidence, language) for language in LANGUAGES)
    without = WritebackPolicy(surfaces=frozenset({Surface.UPDATE}))
    assert rollup.unresolved_targets(goals, asana.targets, without, OFFERS) == []
    assert [one.evidence.code for one in rollup.unresolved_targets(goals, {}, without, OFFERS)] == [
        "goal.gap.write_to_unknown"
    ]


def test_a_metric_without_a_goal_to_read_is_a_gap_that_says_so(make):
    kr = make.metric(metric=MetricSource("asana_goal", REF), owner="cpo@acme.test")
    gaps = rollup.goal_gaps(make.goals([kr]), {"KR-1": make.measure(kr)})
    (gap,) = [one for one in gaps if one.subject == "KR-1"]
    assert (gap.evidence, gap.fix) == (
        Say.of("goal.gap.no_goal_value", goal="asana:goal:777"),
        Say.of("goal.fix.no_goal_value", id="KR-1", goal="asana:goal:777"),
    )


# ── the status update ──


def told(write):
    return write.after["status_type"], write.after["title"], write.after["text"].split("\n")


def test_the_first_update_in_english(make, asana):
    cause = Cause(Say.of("progress.stalled", since="2026-11-01", days=14), ("SHOP-4", "SHOP-9"))
    asana.say(Status.AT_RISK, causes=(cause,), forecast=Forecast(0.34, None), flags=frozenset({Flag.STALLED}))
    assert told(asana.plan("en")[UPDATE]) == (
        "at_risk",
        "KR-UX · at risk, 60%",
        [
            "First status, on 15 November 2026: at risk",
            "KR-UX · Refonte de l'UX mobile",
            "- Done: 24 of 40 items",
            "- Forecast: 34% chance to make it by 31 December 2026",
            "- Nothing has been finished since 2026-11-01 (14 d) (SHOP-4, SHOP-9)",
            "- Objective: Lead (O-1), at risk, 60%",
            "To see why: okrsync status --objective O-1",
            "okrsync · acme · KR-UX",
        ],
    )


def test_a_change_in_french_says_what_it_was_before(asana):
    asana.apply()
    asana.now += DAY
    asana.say(Status.OFF_TRACK, 0.42, causes=(), forecast=None)
    assert told(asana.plan("fr")[UPDATE]) == (
        "off_track",
        "KR-UX · hors trajectoire, 42 %",
        [
            "Depuis le 16 novembre 2026 : hors trajectoire (auparavant : en bonne voie)",
            "KR-UX · Refonte de l'UX mobile",
            "- Fait : 24 sur 40 éléments",
            "- Objectif : Lead (O-1), hors trajectoire, 42 %",
            "Pour comprendre : okrsync status --objective O-1",
            "okrsync · acme · KR-UX",
        ],
    )


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (Status.ON_TRACK, "on_track"),
        (Status.AT_RISK, "at_risk"),
        (Status.OFF_TRACK, "off_track"),
        (Status.DONE, "achieved"),
        (Status.ACHIEVED, "achieved"),
        (Status.MISSED, "missed"),
        (Status.DROPPED, "dropped"),
    ],
)
def test_each_status_that_a_goal_knows_is_told_once(asana, status, kind):
    asana.say(status)
    assert asana.apply()[UPDATE].after["status_type"] == kind
    asana.now += 6 * DAY
    asana.say(status, 0.2)
    assert UPDATE not in asana.plan()
    asana.now += 30 * DAY
    assert (UPDATE in asana.plan()) == (status in (Status.ON_TRACK, Status.AT_RISK, Status.OFF_TRACK))


def test_the_word_of_the_week_tells_the_story(asana):
    asana.apply()
    asana.now += 7 * DAY
    asana.say(Status.ON_TRACK, forecast=Forecast(0.8, None))
    asana.narratives = {
        "KR-UX": "L’avancement est passé de 55 à 60\u00a0% cette semaine. Rien à décider cette semaine."
    }
    write = asana.plan("fr")[UPDATE]
    assert write.why.code == "write.weekly"
    assert told(write) == (
        "on_track",
        "KR-UX · en bonne voie, 60 %",
        [
            "Semaine au 22 novembre 2026 : en bonne voie, comme auparavant",
            "KR-UX · Refonte de l'UX mobile",
            "L’avancement est passé de 55 à 60 % cette semaine. Rien à décider cette semaine.",
            "- Fait : 24 sur 40 éléments",
            "- Prévision : 80 % de chances d’y arriver d’ici au 31 décembre 2026",
            "- Objectif : Lead (O-1), en bonne voie, 60 %",
            "Pour comprendre : okrsync status --objective O-1",
            "okrsync · acme · KR-UX",
        ],
    )


def said(by="Ana", status="on_track", instance="", at=None, ours=None):
    return SaidStatus("900", status, by, at or ours + DAY, instance)


@pytest.mark.parametrize(
    ("status", "code"),
    [("at_risk", "at_risk"), ("partial", "ended"), ("dropped", "ended"), ("a word of later", "other")],
)
def test_while_somebody_else_has_the_last_word_nothing_is_said(asana, status, code):
    asana.apply()
    asana.goal = replace(asana.goal, said=said(status=status, ours=asana.now))
    asana.now += 2 * DAY
    asana.say(Status.OFF_TRACK, 0.2)
    planned = asana.planned()
    assert [one.slot for one in planned.writes] == [METRIC], "the metric is not what they spoke of"
    (left,) = planned.left
    assert (left.slot, left.key, left.why) == (UPDATE, "goal:777", Say.of(f"write.left.said.{code}", by="Ana"))
    asana.released = {"KR-UX": asana.goal.said.at}
    assert set(asana.plan()) == {METRIC, UPDATE}
    asana.goal = replace(asana.goal, said=said(at=asana.now + DAY))
    assert set(asana.plan()) == {METRIC}, "they spoke again since it was approved"


def test_our_own_word_and_an_older_one_hold_nobody_back(asana):
    asana.goal = replace(asana.goal, said=said(at=asana.now - DAY))
    asana.standing[UPDATE] = Standing(None, None, asana.now - 2 * DAY)
    assert UPDATE in asana.plan(), "looked for, and never spoken"
    asana.apply()
    asana.say(Status.OFF_TRACK)
    assert UPDATE in asana.plan()
    asana.goal = replace(asana.goal, said=said(instance="acme", ours=asana.now))
    assert UPDATE in asana.plan()
    asana.goal = replace(asana.goal, said=said(instance="another", ours=asana.now))
    assert UPDATE not in asana.plan()


def test_a_value_that_somebody_set_is_theirs(asana):
    asana.apply()
    asana.goal = replace(asana.goal, current=0.3)
    asana.now += 30 * DAY
    asana.say(Status.AT_RISK, 0.9)
    planned = asana.planned()
    assert [one.slot for one in planned.writes] == [UPDATE]
    assert [(one.slot, one.why.code) for one in planned.left] == [(METRIC, "write.left.changed")]
    asana.goal = replace(asana.goal, current=0.6)  # they put ours back
    assert asana.value() == 0.9


@pytest.mark.parametrize("status", sorted(set(Status) - TYPES.keys()))
def test_every_other_status_leaves_what_stands(asana, status):
    asana.apply()
    asana.say(status)
    assert UPDATE not in asana.plan()


def test_an_update_that_somebody_deleted_stays_so_or_comes_back_once(asana):
    asana.apply()
    asana.standing[UPDATE] = replace(asana.standing[UPDATE], value=None)
    assert asana.plan() == {}
    assert [one.why.code for one in asana.planned().left] == ["write.left.deleted"]
    asana.policy = replace(asana.policy, deleted=Deleted.RESTORE)
    assert {slot: one.why.code for slot, one in asana.plan().items()} == {UPDATE: "write.restored"}
    asana.standing[UPDATE] = replace(asana.standing[UPDATE], restored=1)
    assert asana.plan() == {}


@pytest.mark.parametrize(
    ("statuses", "kind"),
    [
        ("on_track at_risk", "at_risk"),
        ("on_track off_track at_risk", "off_track"),
        ("done on_track", "on_track"),  # a goal is closed when all has ended
        ("missed on_track", "off_track"),
        ("missed achieved", "missed"),
        ("done achieved", "achieved"),
        ("dropped achieved", "achieved"),
        ("dropped dropped", "dropped"),
        ("on_track too_early", None),
        ("dropped no_data", None),
    ],
)
def test_several_key_results_of_one_goal_share_one_word(statuses, kind):
    assert overall(map(Status, statuses.split())) == kind


def test_several_key_results_share_one_update(make, asana):
    asana.krs.append(make.kr("KR-2", title="Pay", write_to=(REF,)))
    asana.progress["KR-2"] = replace(asana.progress["KR-UX"], key_result="KR-2", status=Status.AT_RISK)
    kind, title, lines = told(asana.plan()[UPDATE])
    assert (kind, title, lines[-1]) == ("at_risk", "KR-UX, KR-2 · at risk", "okrsync · acme · KR-UX, KR-2")
    assert [line for line in lines if not line.startswith("- ")][1:3] == [
        "KR-UX · Refonte de l'UX mobile",
        "KR-2 · Pay",
    ]


def test_the_text_holds_nothing_that_a_tool_would_change(asana):
    value = asana.plan("fr")[UPDATE].after
    assert all("\u00a0" not in text and text == text.strip() for text in value.values())


@cases(80)
@given(
    steps=st.lists(
        st.tuples(
            st.sampled_from(list(Status)),
            st.one_of(st.none(), st.floats(-0.5, 1.5)),
            st.integers(0, 10),
            st.one_of(st.none(), st.floats(-2, 2)),
        ),
        min_size=1,
        max_size=8,
    )
)
def test_after_any_apply_the_plan_is_empty_and_silence_is_kept(make, steps):
    """Whatever the key result says, and whatever the goal is read to hold once it was written."""
    made = Workspace(make)
    for status, share, days, current in steps:
        made.now += days * DAY
        made.say(status)
        made.progress["KR-UX"] = replace(made.progress["KR-UX"], progress=share)
        met = made.standing.get(METRIC)
        if met is not None and current is not None:
            made.goal = replace(made.goal, current=current)
        writes = made.apply()  # asserts that the plan is empty then
        if status in (Status.TOO_EARLY, Status.STALE) or (share is None and status not in TYPES):
            assert writes == {}
        if METRIC in writes:
            assert met is None or met.ours is None or current is None or round(current, 2) == met.ours
