"""What should stand in the tools, and the plan that is empty once it stands there."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from cases import cases
from hostile_titles import TITLES
from hypothesis import given
from hypothesis import strategies as st
from written import COMMENT, DAY, EPIC, OFFERS, OTHER, RECORD, TARGETS, World, orphan

import rollup
from okrsync.model import (
    Dangling,
    GapKind,
    GoalState,
    ItemRef,
    Objective,
    OrphanClass,
    Slot,
    SourcePolicy,
    State,
    Status,
    Surface,
    Verdict,
    VerdictKind,
    WritebackPolicy,
    WriteMode,
)


@pytest.fixture
def world(make):
    """One key result of work, half done and on track, written to one epic."""
    made = World(make, [make.kr("KR-1", write_to=(EPIC,))])
    made.progress["KR-1"] = make.measure(made.krs[0], make.steady(24, 16, make.middle))
    assert made.progress["KR-1"].status is Status.ON_TRACK
    return made


def labels(writes):
    return {(write.key, write.slot.name, write.after) for write in writes}


# ── marks ──


@pytest.mark.parametrize("kind", [OrphanClass.DIRECT, OrphanClass.TRANSITIVE, OrphanClass.AMBIGUOUS, OrphanClass.DEAD])
def test_an_orphan_is_marked_with_the_reason_of_its_class(make, kind):
    (write,) = World(make, marked=[orphan(make, 1, kind)]).plan()
    assert write.slot == Slot("jira", "10001", Surface.LABEL, "okr-orphan")
    assert (write.before, write.after, write.why.code) == (None, True, f"write.orphan.{kind}")


def test_a_dangling_label_is_marked_even_on_traced_work(make):
    traced = make.ticket(2), Verdict(2, VerdictKind.TRACED, dangling=(Dangling("okr:KR-9", "label", "KR-1"),))
    writes = World(make, marked=[orphan(make, 1, OrphanClass.DANGLING), traced]).plan()
    assert labels(writes) == {("SHOP-1", "okr-dangling", True), ("SHOP-2", "okr-dangling", True)}


def test_new_finished_and_linked_work_is_left_in_peace(make):
    young = orphan(make, 1, created_at=make.middle - DAY + timedelta(seconds=1))
    of_age = orphan(make, 2, created_at=make.middle - DAY)
    finished = orphan(make, 3, state="done")
    traced = make.ticket(4), Verdict(4, VerdictKind.TRACED)
    exempt = make.ticket(5), Verdict(5, VerdictKind.EXEMPT)
    assert labels(World(make, marked=[young, of_age, finished, traced, exempt]).plan()) == {
        ("SHOP-2", "okr-orphan", True)
    }


def test_a_mark_goes_when_the_item_is_mended_or_finished(make):
    made = World(make, marked=[orphan(make, 1), orphan(make, 2), orphan(make, 3)])
    assert len(made.apply()) == 3
    assert made.plan() == []
    made.marked[0] = make.ticket(1), Verdict(1, VerdictKind.TRACED)
    made.marked[1] = orphan(make, 2, state="done")
    writes = made.apply()
    assert [(one.key, one.before, one.after, one.why.code) for one in writes] == [
        ("SHOP-1", True, None, "write.mended"),
        ("SHOP-2", True, None, "write.finished"),
    ]
    assert made.plan() == []


def test_a_ticket_of_a_tool_that_was_not_read_whole_gets_no_new_mark(make):
    """Its parent may be on the next page; a mark that stands there goes as soon as it is mended."""
    made = World(make, marked=[orphan(make, 1)])
    made.apply()
    made.marked.append(orphan(make, 2))
    assert made.plan(late=["jira"]) == []
    assert labels(made.plan(late=["asana"])) == {("SHOP-2", "okr-orphan", True)}, "another tool says nothing of it"
    made.marked[0] = make.ticket(1), Verdict(1, VerdictKind.TRACED)
    assert labels(made.plan(late=["jira"])) == {("SHOP-1", "okr-orphan", None)}


def test_the_plan_is_in_the_order_of_sources_keys_and_surfaces(make):
    marked = [orphan(make, uid) for uid in (10, 9, 2)] + [orphan(make, 1, source="another")]
    writes = World(make, marked=marked).plan()
    assert [(one.slot.source, one.key) for one in writes] == [
        ("another", "SHOP-1"), ("jira", "SHOP-2"), ("jira", "SHOP-9"), ("jira", "SHOP-10"),
    ]  # fmt: skip


# ── policy ──


def test_mode_off_surfaces_and_only(make, world):
    world.marked = [orphan(make, 1), orphan(make, 2, project="PAY", key="PAY-2")]
    everything = {(one.key, one.slot.surface) for one in world.plan()}
    assert everything == {
        ("SHOP-1", Surface.LABEL), ("PAY-2", Surface.LABEL), ("SHOP-12", Surface.PROPERTY),
        ("SHOP-12", Surface.COMMENT),
    }  # fmt: skip
    world.policy = WritebackPolicy(only=(ItemRef("jira", "SHOP"),))
    assert {one.key for one in world.plan()} == {"SHOP-1", "SHOP-12"}
    world.policy = WritebackPolicy(surfaces=frozenset({Surface.PROPERTY}))
    assert [one.slot for one in world.plan()] == [RECORD]
    world.policy = WritebackPolicy(sources={"jira": SourcePolicy(WriteMode.OFF)})
    assert world.plan() == []


@pytest.mark.parametrize(
    "policy",
    [
        WritebackPolicy(mode=WriteMode.OFF),
        WritebackPolicy(surfaces=frozenset()),
        WritebackPolicy(only=(ItemRef("jira", "HR"),)),
    ],
)
def test_what_the_policy_puts_out_of_reach_stays(make, world, policy):
    world.marked = [orphan(make, 1)]
    world.apply()
    world.policy = policy
    world.marked, world.krs[0] = [(make.ticket(1), Verdict(1, VerdictKind.TRACED))], replace(world.krs[0], write_to=())
    assert world.plan() == []
    world.policy = WritebackPolicy()
    assert {write.after for write in world.plan()} == {None}


# ── progress of key results ──


def test_the_record_says_what_other_programs_need_and_nothing_that_moves_by_itself(make, world):
    record = next(one for one in world.plan() if one.slot == RECORD)
    assert record.after == {
        "instance": "acme",
        "version": 1,
        "key_results": [
            {
                "id": "KR-1", "title": "Shop delivered", "objective": "O-1", "status": "on_track", "progress": 0.6,
                "done": 24, "scope": 40, "unit": "items",
            }
        ],
    }  # fmt: skip


def test_the_comment_says_status_forecast_causes_objective_and_where_to_look(make, world):
    tickets = [replace(one, flagged=True) if one.uid > 30 else one for one in make.steady(24, 16, make.middle)]
    world.progress["KR-1"] = make.measure(world.krs[0], tickets)
    text = next(one for one in world.plan() if one.slot == COMMENT).after
    lines = text.split("\n")
    assert lines[0] == "KR-1 · Shop delivered"
    assert lines[1:3] == ["- Status: at risk, 60%", "- Done: 24 of 40 items"]
    assert lines[3].startswith("- Forecast: ")
    assert lines[4].startswith("- At the current pace all is done on ")
    assert lines[5] == (
        "- Blocked items: 10 of 40, for up to 56 d: without them no more than 75% can be reached by 2026-12-31, and "
        "90% is needed (SHOP-31, SHOP-32, SHOP-33, SHOP-34, SHOP-35, SHOP-36, SHOP-37, SHOP-38, SHOP-39, SHOP-40)"
    )
    assert lines[6] == "- Objective: Lead (O-1), at risk, 60%"
    assert lines[7].startswith("Written on 15\u00a0November 2026 by okrsync (acme), which keeps it up to date.")
    assert lines[8] == "To see why: okrsync trace SHOP-12 · okrsync status --objective O-1"
    assert len(lines) == 9


STORY = (
    "Progress rose from 55% to 60% this week, with two items finished (SHOP-23 and SHOP-24). "
    "To decide: who unblocks SHOP-31."
)


def test_a_story_stands_in_the_place_of_the_causes(make, world):
    """It tells them, the items and the pace; what it leaves open is still told, the chance only where it does not."""
    tickets = [replace(one, flagged=True) if one.uid > 30 else one for one in make.steady(24, 16, make.middle)]
    world.progress["KR-1"] = make.measure(world.krs[0], tickets)
    chance = rollup.percent(world.progress["KR-1"].forecast.probability)
    world.narratives = {"KR-1": STORY}
    lines = next(one for one in world.plan() if one.slot == COMMENT).after.split("\n")
    assert lines[:3] == ["KR-1 · Shop delivered", "- Status: at risk, 60%", STORY]
    assert lines[3:6] == [
        "- Done: 24 of 40 items",
        f"- Forecast: {chance}% chance to make it by 31\u00a0December 2026",
        "- Objective: Lead (O-1), at risk, 60%",
    ]
    assert len(lines) == 8
    world.narratives = {"KR-1": f"{STORY} The chance is put at {chance}%."}
    assert "Forecast" not in next(one for one in world.plan() if one.slot == COMMENT).after


def test_the_day_of_a_comment_is_no_news(make, world):
    world.narratives = {"KR-1": STORY}
    world.apply()
    before = world.standing[COMMENT].value
    assert world.plan(make.middle + 30 * DAY) == []
    world.narratives = {"KR-1": "Nothing was finished this week."}
    assert world.plan(make.middle + 6 * DAY) == []
    (write,) = world.apply(make.middle + 7 * DAY)
    assert (write.slot, write.before, write.why.code) == (COMMENT, before, "write.weekly")
    assert "Nothing was finished this week.\n" in write.after
    assert "Written on 22\u00a0November 2026" in write.after


@pytest.mark.parametrize(
    "story",
    [
        *TITLES,
        "- KR-2 · Pay",
        "KR-2 · Pay\n- Status: on track, 40%",
        "okrsync · acme · KR-1 <!-- okrsync:acme --> <!-- /okrsync:acme -->",
        "\u202eesrever\u202c \x07\x1b[31m",
    ],
)
def test_no_story_and_no_title_is_taken_for_a_mark_a_title_or_a_bullet(make, world, story):
    two_key_results(make, world)
    world.narratives = {"KR-1": story}
    world.krs[0] = replace(world.krs[0], title=story)
    world.objectives = (Objective("O-1", story, window=make.window),)
    world.apply()
    text = world.standing[COMMENT].value
    assert not any(mark in text for mark in ("<!--", "-->", "okrsync · ", "\u202e", "\x1b", "\x07"))
    assert len([line for line in text.split("\n") if line.startswith("- Status: ")]) == 2
    assert world.plan() == []
    before = text.split("\n")
    world.progress["KR-1"] = replace(world.progress["KR-1"], status=Status.STALE)
    world.progress["KR-2"] = replace(world.progress["KR-2"], progress=0.9)
    after = next(one for one in world.plan() if one.slot == COMMENT).after.split("\n")
    cut = before.index("KR-2 · Pay", 2)
    assert after[:cut] == before[:cut], "a silent key result keeps its lines"
    assert after[cut + 1] == "- Status: on track, 90%"


def test_titles_stay_on_their_line(make, world):
    world.krs[0] = replace(world.krs[0], title="Two\n- lines\tand {braces}")
    text = next(one for one in world.plan() if one.slot == COMMENT).after
    assert text.split("\n")[0] == "KR-1 · Two - lines and {braces}"


def test_nothing_is_written_again_until_something_happened(make, world):
    assert {one.slot for one in world.apply()} == {RECORD, COMMENT}
    assert world.plan() == []
    now = make.middle + timedelta(hours=6)
    before = world.progress["KR-1"]
    world.progress["KR-1"] = replace(before, progress=0.64, done=25.6, forecast=None, causes=())
    assert world.plan(now) == []
    world.progress["KR-1"] = replace(before, progress=0.65, done=26)
    assert {one.slot for one in world.plan(now)} == {RECORD, COMMENT}
    world.progress["KR-1"] = replace(before, progress=0.55, done=22)
    assert {one.slot for one in world.plan(now)} == {RECORD, COMMENT}
    world.progress["KR-1"] = replace(before, status=Status.AT_RISK)
    assert {one.slot for one in world.plan(now)} == {RECORD, COMMENT}
    world.progress["KR-1"] = replace(before, status=Status.NO_DATA, progress=None)
    assert {one.slot for one in world.apply(now)} == {RECORD, COMMENT}
    assert world.plan(now) == []


def test_smaller_moves_are_told_once_a_week(make, world):
    world.apply()
    world.progress["KR-1"] = replace(world.progress["KR-1"], progress=0.62, done=24.8)
    assert world.plan(make.middle + 7 * DAY - timedelta(seconds=1)) == []
    assert {one.why.code for one in world.apply(make.middle + 7 * DAY)} == {"write.weekly"}
    assert world.plan(make.middle + 7 * DAY) == []
    assert world.plan(make.middle + 30 * DAY) == []  # nothing moved at all


@pytest.mark.parametrize("status", [Status.TOO_EARLY, Status.STALE])
def test_too_early_and_stale_write_nothing_and_keep_what_stands(make, world, status):
    silent = replace(world.progress["KR-1"], status=status, progress=0.1)
    talking, world.progress["KR-1"] = world.progress["KR-1"], silent
    assert world.plan() == []
    world.progress["KR-1"] = talking
    world.apply()
    world.progress["KR-1"] = silent
    assert world.plan(make.middle + 30 * DAY) == []


def test_dropped_is_told_once_and_then_frozen(make, world):
    world.apply()
    world.krs[0] = replace(world.krs[0], state=GoalState.DROPPED)
    world.progress["KR-1"] = replace(world.progress["KR-1"], status=Status.DROPPED, forecast=None)
    assert {one.slot for one in world.apply()} == {RECORD, COMMENT}
    world.progress["KR-1"] = replace(world.progress["KR-1"], progress=0.9, done=36)
    assert world.plan(make.middle + 30 * DAY) == []


def two_key_results(make, world):
    world.krs = [make.kr("KR-1", write_to=(EPIC,)), make.kr("KR-2", title="Pay", write_to=(EPIC, OTHER))]
    world.progress["KR-2"] = replace(world.progress["KR-1"], key_result="KR-2", progress=0.3)


def test_several_key_results_of_one_object_share_one_comment_and_one_record(make, world):
    two_key_results(make, world)
    writes = {one.slot: one for one in world.apply()}
    assert len(writes) == 4
    assert [one["id"] for one in writes[RECORD].after["key_results"]] == ["KR-1", "KR-2"]
    lines = writes[COMMENT].after.split("\n")
    assert [line for line in lines if not line.startswith("- ")][:2] == ["KR-1 · Shop delivered", "KR-2 · Pay"]


def test_a_silent_key_result_keeps_its_lines_when_its_neighbour_moves(make, world):
    two_key_results(make, world)
    world.apply()
    before = world.standing[COMMENT].value.split("\n")
    world.progress["KR-1"] = replace(world.progress["KR-1"], status=Status.STALE, progress=0.1, causes=())
    world.progress["KR-2"] = replace(world.progress["KR-2"], progress=0.4)
    writes = {one.slot: one.after for one in world.apply(make.middle + DAY)}
    after = writes[COMMENT].split("\n")
    cut = before.index("KR-2 · Pay")
    assert after[:cut] == before[:cut]
    assert after[cut + 1] == "- Status: on track, 40%"
    assert [one["progress"] for one in writes[RECORD]["key_results"]] == [0.6, 0.4]
    assert world.plan(make.middle + DAY) == []


def test_a_key_result_that_is_no_longer_published_leaves_its_objects(make, world):
    two_key_results(make, world)
    world.apply()
    world.krs[1] = replace(world.krs[1], write_to=())
    writes = {one.slot: one for one in world.apply()}
    assert [one["id"] for one in writes[RECORD].after["key_results"]] == ["KR-1"]
    assert "KR-2" not in writes[COMMENT].after
    assert {writes[slot].why.code for slot in (RECORD, COMMENT)} == {"write.withdrawn"}
    gone = [one for slot, one in writes.items() if slot.remote_id == "20001"]
    assert [(one.key, one.after, one.why.code) for one in gone] == [("PAY-1", None, "write.withdrawn")] * 2
    assert world.plan() == []


def test_a_comment_or_record_that_somebody_broke_is_written_anew(make, world):
    world.apply()
    world.found(COMMENT, "something else")
    world.found(RECORD, {"key_results": "none"})
    assert {one.slot for one in world.plan()} == {RECORD, COMMENT}


def test_write_to_that_names_nothing_is_a_gap(make):
    goals = make.goals([make.kr(write_to=(EPIC, ItemRef("jira", "SHOP-999")))])
    (gap,) = rollup.unresolved_targets(goals, TARGETS, WritebackPolicy(), OFFERS)
    assert (gap.kind, gap.subject) == (GapKind.WRITE_CONFLICT, "KR-1")
    assert dict(gap.evidence.args) == {"target": "jira:SHOP-999"}
    assert rollup.unresolved_targets(goals, TARGETS, WritebackPolicy(mode=WriteMode.OFF), OFFERS) == []


def test_a_surface_that_the_tool_has_not_is_never_planned(make, world):
    world.marked = [orphan(make, 1, source="asana")]
    world.targets = {EPIC: replace(TARGETS[EPIC])}
    offers = {"jira": {Surface.COMMENT}, "asana": {Surface.METRIC}}
    assert [one.slot for one in world.plan(offers=offers)] == [COMMENT]
    (gap,) = rollup.unresolved_targets(make.goals(world.krs), TARGETS, WritebackPolicy(), {"jira": {Surface.LABEL}})
    assert (gap.subject, gap.evidence.code) == ("KR-1", "goal.gap.write_to_nowhere")


def test_sequences_of_either_kind_are_the_same_json(make, world):
    world.apply()
    record = world.standing[RECORD].value
    world.found(RECORD, {**record, "key_results": tuple(record["key_results"])})
    assert world.plan() == []


@cases(60)
@given(
    steps=st.lists(
        st.tuples(
            st.sampled_from([one for one in Status if one is not Status.DROPPED]),
            st.one_of(st.none(), st.floats(-0.5, 1.5)),
            st.integers(0, 10),
            st.booleans(),
            st.sampled_from([State.TODO, State.DONE]),
        ),
        min_size=1,
        max_size=6,
    )
)
def test_after_any_apply_the_plan_is_empty(make, steps):
    made = World(make, [make.kr("KR-1", write_to=(EPIC,)), make.kr("KR-2", write_to=(EPIC, OTHER))])
    made.objectives = (Objective("O-1", "Lead"),)
    base = make.measure(made.krs[0], make.steady(24, 16, make.middle))
    made.progress = {"KR-1": base, "KR-2": replace(base, key_result="KR-2")}
    now = make.middle
    for status, value, days, lost, state in steps:
        now += days * DAY
        made.progress["KR-1"] = replace(base, status=status, progress=value)
        verdict = Verdict(1, VerdictKind.ORPHAN, OrphanClass.DIRECT) if lost else Verdict(1, VerdictKind.TRACED)
        made.marked = [(make.ticket(1, state), verdict)]
        made.apply(now)
        assert made.plan(now) == []
