"""Numbers, blocks of milestones and objectives on tickets; restraint; and what is left to people, as gaps."""

from __future__ import annotations

from dataclasses import replace
from time import process_time

import pytest
from cases import cases
from hypothesis import given
from hypothesis import strategies as st
from written import COMMENT, DAY, EPIC, RECORD, World, confirm, orphan

import rollup
from okrsync.model import (
    UNASKED,
    Deleted,
    GapKind,
    GoalState,
    ItemRef,
    Link,
    Objective,
    Refusal,
    RuleName,
    Say,
    Slot,
    SourcePolicy,
    Standing,
    Status,
    Surface,
    Thresholds,
    Verdict,
    VerdictKind,
    WritebackPolicy,
    WriteMode,
)
from okrsync.texts import LANGUAGES, say

NUMBER = Slot("jira", "10012", Surface.NUMBER, "customfield_1")
MILESTONE = ItemRef("github", "milestone:acme/shop#3")
BLOCK = Slot("github", "milestone:7:3", Surface.BLOCK, "acme")
EVERYTHING = frozenset(Surface)
NOTHING = Say.of("link.label")


@pytest.fixture
def world(make):
    made = World(make, [make.kr("KR-1", write_to=(EPIC,))])
    made.progress["KR-1"] = make.measure(made.krs[0], make.steady(24, 16, make.middle))
    filled = SourcePolicy(objective_field="customfield_9", progress_field="customfield_1")
    made.policy = WritebackPolicy(quiet=DAY, sources={"jira": filled}, surfaces=EVERYTHING)
    return made


def traced(make, uid, *goals, state="todo", **more):
    links = tuple(Link(uid, goal, RuleName.LABEL, NOTHING, (), make.start) for goal in goals)
    return make.ticket(uid, state, **more), Verdict(uid, VerdictKind.TRACED, links=links)


def value(world, slot, **how):
    return {one.slot: (one.after, one.why) for one in world.plan(**how)}.get(slot)


# ── the number ──


def test_the_number_is_the_progress_in_whole_percent(world):
    assert value(world, NUMBER) == (60, Say.of("write.first", id="KR-1"))
    speaking = world.progress["KR-1"]
    world.progress["KR-1"] = replace(speaking, progress=1.4)
    assert value(world, NUMBER) == (140, Say.of("write.first", id="KR-1")), "an only one is told as it is"
    world.progress["KR-1"] = speaking
    world.policy = replace(world.policy, sources={})
    assert value(world, NUMBER) is None, "without the id of a field there is none"


@pytest.mark.parametrize("facts", [{"status": Status.TOO_EARLY}, {"status": Status.NO_DATA, "progress": None}])
def test_without_a_progress_the_number_stays(world, facts):
    speaking = world.progress["KR-1"]
    world.progress["KR-1"] = replace(speaking, **facts)
    assert value(world, NUMBER) is None
    world.progress["KR-1"] = speaking
    world.apply()
    world.progress["KR-1"] = replace(speaking, **facts)
    assert value(world, NUMBER, now=world.make.middle + 30 * DAY) is None


def test_the_number_goes_with_what_is_told_beside_it(world):
    world.apply()
    world.progress["KR-1"] = replace(world.progress["KR-1"], progress=0.62)
    assert world.plan() == []
    world.progress["KR-1"] = replace(world.progress["KR-1"], status=Status.AT_RISK)
    assert value(world, NUMBER) == (62, Say.of("write.told", id="KR-1"))
    without = frozenset({Surface.NUMBER})
    assert value(world, NUMBER, offers={"jira": without}) is None
    world.progress["KR-1"] = replace(world.progress["KR-1"], progress=0.65)
    assert value(world, NUMBER, offers={"jira": without}) == (65, Say.of("write.progress", id="KR-1", points=5))


@pytest.mark.parametrize("left", [None, "I said no."])
def test_a_comment_that_is_left_to_people_hurries_no_number(world, left):
    world.apply()
    world.standing[COMMENT] = replace(world.standing[COMMENT], value=left, restored=1)
    world.progress["KR-1"] = replace(world.progress["KR-1"], progress=0.62, status=Status.AT_RISK)
    assert value(world, NUMBER) is None
    world.progress["KR-1"] = replace(world.progress["KR-1"], progress=0.65)
    assert value(world, NUMBER) == (65, Say.of("write.progress", id="KR-1", points=5))


def test_a_comment_that_is_put_back_is_no_news_for_the_number(world):
    world.apply()
    world.found(COMMENT, "Please ignore this.")
    world.progress["KR-1"] = replace(world.progress["KR-1"], progress=0.62)
    assert [one.slot for one in world.plan()] == [COMMENT]


def test_several_key_results_come_to_their_objective_or_to_their_mean(make, world):
    world.krs = [make.kr("KR-1", write_to=(EPIC,)), make.kr("KR-2", weight=3.0, write_to=(EPIC,))]
    world.progress["KR-2"] = replace(world.progress["KR-1"], key_result="KR-2", progress=1.4)
    assert value(world, NUMBER) == (90, Say.of("write.number.objective", id="O-1"))
    world.krs.append(make.kr("KR-3"))
    world.progress["KR-3"] = replace(world.progress["KR-1"], key_result="KR-3", progress=0.0)
    assert value(world, NUMBER) == (90, Say.of("write.number.mean", ids="KR-1, KR-2"))
    world.krs[2] = replace(world.krs[2], state=GoalState.DROPPED)
    world.progress["KR-3"] = replace(world.progress["KR-3"], status=Status.DROPPED)
    assert value(world, NUMBER) == (90, Say.of("write.number.objective", id="O-1"))


def test_a_number_is_written_over_what_was_found_and_goes_when_its_key_result_does(world):
    world.found(NUMBER, 12)
    write = next(one for one in world.plan() if one.slot == NUMBER)
    assert (write.before, write.after) == (12, 60)
    world.apply()
    world.krs[0] = replace(world.krs[0], write_to=())
    assert value(world, NUMBER) == (None, Say.of("write.withdrawn"))


# ── the block of a milestone ──


def test_a_milestone_bears_the_same_text_and_shorter(make, world):
    world.krs[0] = replace(world.krs[0], write_to=(MILESTONE,))
    target = rollup.Target("milestone:7:3", MILESTONE.key, "https://hub/3", "acme/shop")
    world.targets = {MILESTONE: target}
    world.narratives = {"KR-1": "Nothing to decide this week."}
    offers = {"github": EVERYTHING}
    (write,) = world.plan(offers=offers)
    assert (write.slot, write.key) == (BLOCK, "milestone:acme/shop#3")
    assert write.after.split("\n") == [
        "KR-1 · Shop delivered",
        "- Status: on track, 60%",
        "Nothing to decide this week.",
        "- Objective: Lead (O-1), on track, 60%",
        "To see why: okrsync status --objective O-1",
    ]
    world.apply(offers=offers)
    assert world.plan(offers=offers) == []
    world.progress["KR-1"] = replace(world.progress["KR-1"], progress=0.66)
    assert [one.why.code for one in world.plan(offers=offers)] == ["write.moved"]
    goals = make.goals(world.krs)
    assert rollup.unresolved_targets(goals, world.targets, world.policy, offers) == []
    (gap,) = rollup.unresolved_targets(goals, world.targets, world.policy, {"github": {Surface.COMMENT}})
    assert gap.evidence.code == "goal.gap.write_to_nowhere"


def test_what_stands_where_nothing_is_known_any_more_goes_but_not_beyond_a_wave(world):
    offers = {"github": EVERYTHING}
    world.krs[0] = replace(world.krs[0], write_to=(MILESTONE,))
    world.targets = {MILESTONE: rollup.Target("milestone:7:3", MILESTONE.key, "https://hub/3", "acme/shop")}
    world.apply(offers=offers)
    world.krs[0], world.targets = replace(world.krs[0], write_to=()), {}
    (write,) = world.plan(offers=offers)
    assert (write.slot, write.after, write.why.code) == (BLOCK, None, "write.withdrawn")
    world.policy = replace(world.policy, only=(ItemRef("github", "acme/shop"),))
    assert world.plan(offers=offers) == []


# ── the objective on the ticket ──


@pytest.fixture
def marked(make, world):
    """Two objectives, and work that serves them."""
    world.objectives = [Objective("O-2", "Second", window=make.window), Objective("O-1", "Lead", window=make.window)]
    world.krs = [make.kr("KR-1"), make.kr("KR-2", objective="O-2")]
    world.progress["KR-2"] = replace(world.progress["KR-1"], key_result="KR-2")
    world.marked = [traced(make, 1, "KR-1"), traced(make, 2, "KR-1", "KR-2"), traced(make, 3, "O-2")]
    return world


def on_tickets(writes):
    return {(one.key, one.slot.name): one.after for one in writes}


def test_each_objective_is_a_label_and_the_first_stands_in_the_field(marked):
    writes = marked.apply()
    assert on_tickets(writes) == {
        ("SHOP-1", "okr-objective:O-1"): True, ("SHOP-1", "customfield_9"): "O-1",
        ("SHOP-2", "okr-objective:O-1"): True, ("SHOP-2", "okr-objective:O-2"): True,
        ("SHOP-2", "customfield_9"): "O-2",
        ("SHOP-3", "okr-objective:O-2"): True, ("SHOP-3", "customfield_9"): "O-2",
    }  # fmt: skip
    assert {one.why for one in writes if one.key != "SHOP-2"} == {
        Say.of("write.objective", id="O-1", goal="KR-1"),
        Say.of("write.objective_itself", id="O-2"),
    }
    assert marked.plan() == []


def test_the_label_is_written_only_where_it_is_asked_for(marked):
    marked.policy = replace(marked.policy, surfaces=UNASKED)
    assert {one.slot.surface for one in marked.plan()} == {Surface.OBJECTIVE_FIELD}
    assert rollup.bearing(marked.policy, {"jira": EVERYTHING, "github": EVERYTHING}) == {"jira"}
    assert rollup.bearing(replace(marked.policy, mode=WriteMode.OFF), {"jira": EVERYTHING}) == set()
    marked.policy = replace(marked.policy, sources={})
    assert marked.plan() == []
    assert rollup.bearing(marked.policy, {"jira": EVERYTHING}) == set()


def test_objectives_that_take_no_work_and_finished_work_are_passed_over(make, marked):
    marked.objectives[0] = replace(marked.objectives[0], state=GoalState.CLOSED)
    marked.marked.append(traced(make, 4, "KR-1", state="done"))
    assert {key for key, _ in on_tickets(marked.plan())} == {"SHOP-1", "SHOP-2"}
    assert all("O-2" not in str(one) for one in on_tickets(marked.plan()).items())


def test_a_ticket_that_moves_changes_its_objective_and_one_that_is_lost_has_none(make, marked):
    marked.apply()
    marked.marked = [traced(make, 1, "KR-2"), orphan(make, 2), traced(make, 3, "KR-1", state="done")]
    assert on_tickets(marked.plan()) == {
        ("SHOP-1", "okr-objective:O-1"): None, ("SHOP-1", "okr-objective:O-2"): True,
        ("SHOP-1", "customfield_9"): "O-2",
        ("SHOP-2", "okr-objective:O-1"): None, ("SHOP-2", "okr-objective:O-2"): None, ("SHOP-2", "customfield_9"): None,
        ("SHOP-2", "okr-orphan"): True,
    }  # fmt: skip
    assert marked.plan(late=["jira"]) == [], "while its tool was not read in time nobody knows better"
    marked.marked[1] = make.ticket(2), Verdict(2, VerdictKind.UNRESOLVABLE)
    assert {key for key, _ in on_tickets(marked.plan())} == {"SHOP-1"}


def test_what_people_chose_stays(make, marked):
    field = Slot("jira", "10001", Surface.OBJECTIVE_FIELD, "customfield_9")
    label = Slot("jira", "10001", Surface.OBJECTIVE_LABEL, "okr-objective:O-1")
    marked.found(field, "Mobile")
    marked.found(label, True)
    marked.marked = marked.marked[:1]
    planned = marked.planned()
    assert planned.writes == ()
    assert [(one.slot, one.why.code) for one in planned.left] == [(field, "write.left.filled")]
    marked.found(field, "o-1")
    assert marked.planned().left == ()
    marked.marked = [orphan(make, 1)]
    assert [one.slot.surface for one in marked.plan()] == [Surface.LABEL], "what was found is never taken away"


# ── restraint ──


def test_an_object_is_touched_so_often_a_day(world):
    world.touched = {("jira", "10012"): 2}
    assert {one.slot for one in world.plan()} == {RECORD, COMMENT, NUMBER}
    world.touched = {("jira", "10012"): 3}
    planned = world.planned()
    assert planned.writes == ()
    assert {(one.slot, one.key, one.why) for one in planned.left} == {
        (slot, "SHOP-12", Say.of("write.left.daily", daily=3)) for slot in (RECORD, COMMENT, NUMBER)
    }


def test_what_is_on_its_way_is_not_planned_again(world):
    world.pending = {COMMENT}
    planned = world.planned()
    assert {one.slot for one in planned.writes} == {RECORD, NUMBER}
    assert [(one.slot, one.why.code) for one in planned.left] == [(COMMENT, "write.left.pending")]


def test_what_was_refused_is_not_planned_again_in_the_same_words(world):
    (due,) = (one for one in world.plan() if one.slot == COMMENT)
    world.refused = {COMMENT: Refusal(due.after, "No right\nto comment.", world.make.middle, 7)}
    planned = world.planned()
    assert {one.slot for one in planned.writes} == {RECORD, NUMBER}
    (left,) = planned.left
    day = world.make.middle.date().isoformat()
    assert left.why == Say.of("write.left.refused", at=day, note="No right to comment")
    assert all("No right to comment" in say(left.why, language) for language in LANGUAGES)
    world.refused[COMMENT] = replace(world.refused[COMMENT], after="other words")
    assert world.planned().left == (), "there is news"


def test_the_thresholds_are_settings(make, world):
    wide = Thresholds(write_move=0.1, write_every=14 * DAY)
    world.apply()
    before = world.progress["KR-1"]
    world.progress["KR-1"] = replace(before, progress=0.69)
    assert world.plan(make.middle + 13 * DAY, thresholds=wide) == []
    assert {one.why.code for one in world.plan(make.middle + 14 * DAY, thresholds=wide)} >= {"write.weekly"}
    world.progress["KR-1"] = replace(before, progress=0.7)
    codes = {one.slot: one.why for one in world.plan(thresholds=wide)}
    assert codes[RECORD] == Say.of("write.progress", id="KR-1", points=10)
    assert "10 points" in say(codes[RECORD], "en")


def test_a_move_of_less_than_a_point_is_none(world):
    every = Thresholds(write_move=0.001)
    world.apply(thresholds=every)
    world.progress["KR-1"] = replace(world.progress["KR-1"], progress=0.601, done=24.04)
    assert world.plan(thresholds=every) == []
    world.progress["KR-1"] = replace(world.progress["KR-1"], progress=0.61)
    assert {one.slot for one in world.plan(thresholds=every)} == {RECORD, COMMENT, NUMBER}


def test_the_mode_of_one_object_stands_above_that_of_its_source(make, world):
    world.marked = [orphan(make, 1)]
    world.policy = replace(world.policy, targets={EPIC: WriteMode.OFF})
    assert {one.key for one in world.plan()} == {"SHOP-1"}
    world.policy = replace(world.policy, mode=WriteMode.OFF, targets={EPIC: WriteMode.DRAFT})
    assert {one.key for one in world.plan()} == {"SHOP-12"}


# ── what people did ──


def test_a_comment_is_put_back_once(world):
    world.apply()
    ours = world.standing[COMMENT].value
    world.found(COMMENT, "Please ignore this.")
    (write,) = world.apply()
    assert (write.before, write.after, write.why) == ("Please ignore this.", ours, Say.of("write.restored"))
    assert world.plan() == []
    world.progress["KR-1"] = replace(world.progress["KR-1"], progress=0.7)
    assert COMMENT in {one.slot for one in world.apply()}, "a comment that stands is kept up to date"
    world.found(COMMENT, "I said ignore this.")
    world.progress["KR-1"] = replace(world.progress["KR-1"], progress=0.8)
    planned = world.planned()
    assert COMMENT not in {one.slot for one in planned.writes}
    assert [(one.slot, one.why.code) for one in planned.left] == [(COMMENT, "write.left.changed")]


def test_a_mark_that_a_person_took_off_and_mended_is_forgotten(make, world):
    world.marked, world.krs[0] = [orphan(make, 1)], replace(world.krs[0], write_to=())
    (write,) = world.apply()
    world.found(write.slot, None)
    assert [one.why.code for one in world.planned().left] == ["write.left.deleted"]
    world.marked = [(make.ticket(1), Verdict(1, VerdictKind.EXEMPT))]
    planned = world.planned()
    assert (planned.writes, planned.left, planned.forgotten) == ((), (), (write.slot,))
    world.apply()
    world.marked = [orphan(make, 1)]
    assert [one.slot for one in world.plan()] == [write.slot], "an orphan again, and marked again"


EDITS = st.one_of(st.none(), st.tuples(st.sampled_from([COMMENT, RECORD, NUMBER]), st.sampled_from([None, "x", 7])))


@cases(80)
@given(
    st.sampled_from(Deleted),
    st.lists(
        st.tuples(
            EDITS,
            st.sampled_from(sorted(set(Status) - {Status.DROPPED})),
            st.one_of(st.none(), st.floats(-0.5, 1.5)),
            st.integers(0, 10),
        ),
        min_size=1,
        max_size=8,
    ),
)
def test_whatever_people_do_a_second_plan_is_empty(make, deleted, steps):
    made = World(make, [make.kr("KR-1", write_to=(EPIC,))])
    made.policy = WritebackPolicy(
        deleted=deleted, sources={"jira": SourcePolicy(progress_field=NUMBER.name)}, surfaces=EVERYTHING
    )
    base = make.measure(made.krs[0], make.steady(24, 16, make.middle))
    now, restored = make.middle, dict.fromkeys((COMMENT, RECORD, NUMBER), 0)
    for edit, status, progress, days in steps:
        now += days * DAY
        made.progress["KR-1"] = replace(base, status=status, progress=progress)
        if edit is not None and edit[0] in made.standing:
            made.found(*edit)
        for write in made.apply(now):
            restored[write.slot] += write.why.code == "write.restored"
        assert made.plan(now) == []
    assert max(restored.values()) <= 1


PLACES = {("jira", "10012"): "SHOP-12", ("jira", "10001"): "SHOP-1", ("jira", "10002"): "SHOP-2"}


def conflicts(world, **policy):
    return list(rollup.conflicts(world.standing, replace(world.policy, **policy), PLACES, world.touched))


def test_what_people_changed_is_a_gap_with_the_way_back(make, world):
    world.marked = [orphan(make, 1), orphan(make, 2)]
    world.apply()
    assert conflicts(world) == []
    world.found(NUMBER, 75)
    world.found(COMMENT, None)
    for uid in ("10001", "10002"):
        world.found(Slot("jira", uid, Surface.LABEL, "okr-orphan"), None)
    found = {gap.evidence.code: gap for gap in conflicts(world)}
    assert set(found) == {"write.gap.changed.number", "write.gap.deleted.comment", "write.gap.unlabelled"}
    assert {gap.kind for gap in found.values()} == {GapKind.WRITE_CONFLICT}
    number = found["write.gap.changed.number"]
    assert (number.subject, number.items, number.typed) == ("SHOP-12", ("SHOP-12",), "okrsync approve jira:SHOP-12")
    assert dict(number.evidence.args) == {"stands": 75, "ours": 60}
    label = found["write.gap.unlabelled"]
    assert (label.subject, label.items) == ("okr-orphan", ("SHOP-1", "SHOP-2"))
    for gap in found.values():
        for language in LANGUAGES:
            assert say(gap.evidence, language)
            assert say(gap.fix, language)
    assert {gap.evidence.code for gap in conflicts(world, deleted=Deleted.RESTORE)} == {"write.gap.changed.number"}
    assert conflicts(world, mode=WriteMode.OFF) == []
    assert {gap.evidence.code for gap in conflicts(world, surfaces=UNASKED - {Surface.LABEL, Surface.COMMENT})} == {
        "write.gap.changed.number"
    }


def test_an_object_that_is_written_too_often_is_a_gap(world):
    world.touched = {("jira", "10012"): 3, ("jira", "10001"): 2}
    (gap,) = conflicts(world)
    assert (gap.subject, gap.evidence) == ("SHOP-12", Say.of("write.gap.daily", runs=3))


def test_a_share_in_a_gap_is_told_in_percent(world):
    goal = Slot("asana", "goal:7", Surface.METRIC, "")
    world.standing[goal] = Standing(0.5, 0.72, world.make.middle)
    places = {("asana", "goal:7"): "goal:7"}
    for shares, told in ((), "to 0.5; okrsync had written 0.72,"), (places, "to 50%; okrsync had written 72%,"):
        (gap,) = rollup.conflicts(world.standing, world.policy, places, shares=shares)
        assert told in say(gap.evidence, "en")


def test_what_stands_in_a_gap_is_short_and_neutral(world):
    field = Slot("jira", "10001", Surface.OBJECTIVE_FIELD, "customfield_9")
    world.standing[field] = Standing("two\nlines \u202e" + "x" * 200, "O-1", world.make.middle)
    (gap,) = conflicts(world)
    said = str(dict(gap.evidence.args)["stands"])
    assert said.startswith("two lines x")
    assert len(said) <= 60


# ── scale ──


def test_tickets_go_by_one_at_a_time(make, marked):
    """Cost grows with the tickets and memory with what differs: once their objectives stand there, next to nothing."""

    def stream(count):
        for uid in range(1, count + 1):
            yield traced(make, uid, "KR-1" if uid % 3 else "KR-2")

    def seconds(count):
        marked.marked = stream(count)
        begun = process_time()
        planned = marked.planned()
        return process_time() - begun, planned

    few, _ = seconds(1_500)
    many, planned = seconds(12_000)
    assert len(planned.writes) == 2 * 12_000
    assert many < 16 * few + 0.4
    for write in planned.writes:
        confirm(marked.standing, write, make.middle)
    _, planned = seconds(12_000)
    assert (planned.writes, planned.left, planned.forgotten) == ((), (), ())
