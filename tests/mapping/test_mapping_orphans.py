"""The four verdicts, the classes of orphans, and the cheapest mend of each (DESIGN §5)."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

import mapping
from okrsync.model import Exemption, ItemRef, KeyResult, Objective, OverrideKind, Reference, ReferenceKind, Rules, State


def broken(verdict, in_words):
    at = verdict.broken_at
    return at.key, in_words(at.why)[0], in_words(at.fix)[0]


# ── direct, transitive ───────────────────────────────────────────────────────────────────────────────────────────────


def test_direct_nothing_points_anywhere(world, in_words):
    world.add("A-1", None, "frontEnd")
    verdict = world.verdict("A-1")
    assert (verdict.kind, verdict.orphan, verdict.links) == ("orphan", "direct", ())
    key, why, fix = broken(verdict, in_words)
    assert (key, why) == ("A-1", "nothing in A-1 points to a goal, and nothing stands above it")
    assert fix == (
        "add to A-1 the label of the goal that it serves (okr:KR-…); if it serves none, type: "
        'okrsync exempt A-1 --why "…"'
    )
    assert verdict.broken_at.url == world["A-1"].url


def test_transitive_one_link_at_the_top_serves_all(world, in_words):
    world.add("A-1")
    world.add("A-2", "A-1")
    for number in range(40):
        world.add(f"B-{number}", "A-2")
    verdicts = world.judge().values()
    assert {verdict.broken_at.key for verdict in verdicts} == {"A-1"}
    assert world.verdict("B-7").orphan == world.verdict("A-2").orphan == "transitive"
    assert world.verdict("A-1").orphan == "direct"
    assert broken(world.verdict("B-7"), in_words)[2].startswith("add to A-1 the label of the goal")
    mend = world.verdict("B-7").broken_at
    assert (mend.source, mend.title) == ("jira", "Title of A-1")
    assert [verdict.item for verdict in verdicts] == list(range(1, 43))
    assert in_words(mend.fix)[0].endswith("that links everything below it")
    world.change("A-1", labels=("okr:KR-UX",))
    assert {verdict.kind for verdict in world.judge().values()} == {"traced"}, "the mend mends"


def test_transitive_a_mistyped_label_on_the_way_is_the_cheaper_mend(world, in_words):
    world.add("A-1")
    world.add("A-2", "A-1", "okr:KR-RETENTOIN")
    world.add("A-3", "A-2")
    world.add("A-4", "A-3")
    verdict = world.verdict("A-4")
    assert verdict.orphan == "transitive"
    assert broken(verdict, in_words)[::2] == ("A-2", "replace the label okr:KR-RETENTOIN of A-2 by okr:KR-RETENTION")


def test_without_an_open_goal_the_fix_does_not_invent_one(worlds, in_words):
    from okrsync.model import Goals

    world = worlds(goals=Goals({}, {}, {}))
    world.add("A-1")
    world.add("A-2", "A-1")
    world.add("A-3", None, "okr:KR-UX")
    for key in ("A-1", "A-2", "A-3"):
        assert in_words(world.verdict(key).broken_at.fix)[0].startswith(
            "no configured goal is open: add [[objectives]]"
        )


def test_finished_work_without_a_link_is_an_orphan_too(world):
    world.add("A-1", state=State.DONE)
    assert world.verdict("A-1").orphan == "direct"


# ── dangling ─────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_dangling_names_the_likely_id_and_what_to_type(world, in_words):
    world.add("A-1", None, "okr:KR-RETENTOIN")
    verdict = world.verdict("A-1")
    assert verdict.orphan == "dangling"
    (one,) = verdict.dangling
    assert (one.text, one.where, one.suggestion) == ("okr:KR-RETENTOIN", "label", "KR-RETENTION")
    assert broken(verdict, in_words) == (
        "A-1",
        "the label okr:KR-RETENTOIN of A-1 names no goal",
        "replace the label okr:KR-RETENTOIN of A-1 by okr:KR-RETENTION",
    )


def test_dangling_without_a_likely_id_does_not_guess(world, in_words):
    world.add("A-1", None, "okr:PLATFORM")
    verdict = world.verdict("A-1")
    assert verdict.dangling[0].suggestion is None
    assert broken(verdict, in_words)[2] == (
        "replace the label okr:PLATFORM of A-1 by that of a configured goal (okr:KR-…), or remove it"
    )


def test_a_bad_label_under_a_linked_parent_is_traced_and_still_a_gap(world):
    world.add("A-1", None, "okr:KR-UX")
    world.add("A-2", "A-1", "okr:KR-NOWHERE")
    verdict = world.verdict("A-2")
    assert (verdict.kind, verdict.orphan, verdict.broken_at) == ("traced", None, None)
    assert [one.text for one in verdict.dangling] == ["okr:KR-NOWHERE"]


def test_dangling_comes_before_every_other_class(world):
    world.add("A-1", None, "okr:KR-OLD")
    world.add("A-2", "A-1", "okr:KR-NOWHERE")
    world.add("A-3")
    world.add("A-4", "A-3", "okr:KR-NOWHERE")
    assert [world.verdict(key).orphan for key in ("A-1", "A-2", "A-4")] == ["dead", "dangling", "dangling"]
    assert [link.target for link in world.verdict("A-2").links] == ["KR-OLD"], "the link stays"


def test_an_invisible_character_is_told_as_such(world, in_words):
    for number, label in enumerate(("okr:KR-UX\u200b", "okr:\u200fKR-UX", "KR\u200d-UX")):
        world.add(f"A-{number}", None, label)
        verdict = world.verdict(f"A-{number}")
        assert verdict.orphan == "dangling"
        assert verdict.dangling[0].text == label, "stored and shown unchanged"
        assert broken(verdict, in_words)[2].startswith(f"type the label of A-{number} anew as okr:KR-UX")


# ── dead ─────────────────────────────────────────────────────────────────────────────────────────────────────────────

DEAD = {
    "KR-DROPPED": "KR-DROPPED (Dropped) was dropped",
    "KR-CLOSED": "KR-CLOSED (Closed) is closed",
    "KR-OLD": "KR-OLD (Of last quarter) ended on 2026-09-30",
    "KR-BARE": "O-OLD (Last quarter) ended on 2026-09-30",
    "O-OLD": "O-OLD (Last quarter) ended on 2026-09-30",
    "O-GONE": "O-GONE (Given up) was dropped",
    "O-BELOW": "O-GONE (Given up) was dropped",
    "KR-BELOW": "O-GONE (Given up) was dropped",
}


@pytest.mark.parametrize("goal", DEAD)
def test_dead_open_work_on_a_goal_that_takes_none(world, in_words, goal):
    world.add("A-1", None, f"okr:{goal}")
    world.add("A-2", "A-1")
    world.add("A-3", "A-1", state=State.DONE)
    for key in ("A-1", "A-2"):
        verdict = world.verdict(key)
        assert (verdict.kind, verdict.orphan) == ("orphan", "dead")
        assert [link.target for link in verdict.links] == [goal], "the link stays"
        at, why, fix = broken(verdict, in_words)
        assert (at, why) == ("A-1", DEAD[goal]), "the mend is where the link stands"
        assert fix.startswith(f"on A-1, replace the label okr:{goal} by that of a goal that is open")
    assert world.verdict("A-3").kind == "traced", "finished work is traced"


@pytest.mark.parametrize("goal", ["KR-UX", "O-LEADER", "O-ROOT", "KR-LONGER", "KR-DRAFT", "O-BESIDE", "KR-BESIDE"])
def test_alive_are_open_goals_drafts_prolonged_ones_and_those_that_only_support_a_dropped_one(world, goal):
    world.add("A-1", None, f"okr:{goal}")
    assert world.verdict("A-1").kind == "traced"


def test_a_window_is_over_at_its_end_and_not_before(world):
    world.add("A-1", None, "okr:KR-UX")
    end = world.goals.key_results["KR-UX"].window.end
    world.now = end - timedelta(microseconds=1)
    assert world.verdict("A-1").kind == "traced"
    world.now = end
    assert world.verdict("A-1").orphan == "dead"


def test_work_that_also_serves_a_living_goal_is_traced(world):
    world.add("A-1", None, "okr:KR-OLD", "okr:KR-UX")
    assert world.verdict("A-1").kind == "traced"
    assert world.targets("A-1") == ["KR-OLD", "KR-UX"]


def test_unknown_states_are_not_finished(world):
    world.add("A-1", None, "okr:KR-OLD", state=State.UNKNOWN)
    assert world.verdict("A-1").orphan == "dead"


def test_dead_each_rule_has_a_mend_of_its_own(worlds, in_words):
    old = KeyResult("KR-OLD2", "O-OLD", "Old", epics=(ItemRef("jira", "A-1"),))
    world = worlds()
    world.goals.key_results["KR-OLD2"] = old
    world.add("A-1")
    world.add("A-2", None, fields={"Goal": "KR-OLD"})
    world.add("A-3")
    world.link("A-3", "KR-OLD")
    world.add("A-4", "A-1")
    fixes = {key: broken(world.verdict(key), in_words)[::2] for key in ("A-1", "A-2", "A-3", "A-4")}
    assert fixes["A-1"] == fixes["A-4"]
    assert fixes["A-4"][0] == "A-1"
    assert "move jira:A-1 from the epics of KR-OLD2" in fixes["A-1"][1]
    assert "set the field Goal to a goal that is open" in fixes["A-2"][1]
    assert fixes["A-3"][1].startswith("type: okrsync link A-3 KR-…")


# ── unresolvable ─────────────────────────────────────────────────────────────────────────────────────────────────────


def test_unresolvable_the_chain_meets_what_we_may_not_read(world, in_words):
    world.add("X-1", counted=False, readable=False)
    world.add("A-1", "X-1")
    world.add("A-2", "A-1")
    verdict = world.verdict("A-2")
    assert (verdict.kind, verdict.orphan) == ("unresolvable", None)
    assert broken(verdict, in_words) == (
        "X-1",
        "X-1 exists, but okrsync may not read it",
        "give the account of source jira the right to browse X-1, or name jira:X-1 in the epics of a key result",
    )


def test_unresolvable_a_parent_that_is_not_stored(world, in_words):
    world.add("A-1", "GONE-1", parent_id="999")
    world.add("A-2", "A-1")
    verdict = world.verdict("A-2")
    assert verdict.kind == world.verdict("A-1").kind == "unresolvable"
    at, why, _ = broken(verdict, in_words)
    assert (at, why) == ("GONE-1", "A-1 names GONE-1 as its parent, which is deleted or hidden from okrsync")


def test_a_link_of_its_own_or_nearer_than_what_is_hidden_is_enough(world):
    world.add("X-1", counted=False, readable=False)
    world.add("A-1", "X-1", "okr:KR-UX")
    world.add("A-2", "A-1")
    assert world.verdict("A-1").kind == world.verdict("A-2").kind == "traced"


def test_a_hidden_epic_that_a_key_result_names_still_carries_its_link(world):
    world.add("SHOP-12", counted=False, readable=False)
    world.add("A-1", "SHOP-12")
    assert world.targets("A-1") == ["KR-UX"]


def test_unresolvable_comes_before_a_bad_label_which_stays_a_gap(world):
    world.add("X-1", counted=False, readable=False)
    world.add("A-1", "X-1", "okr:KR-NOWHERE")
    verdict = world.verdict("A-1")
    assert (verdict.kind, len(verdict.dangling)) == ("unresolvable", 1)


def test_of_two_parents_one_that_is_hidden_leaves_the_answer_open(world):
    world.add("X-1", counted=False, readable=False)
    world.add("A-1")
    refs = tuple(Reference(ReferenceKind.PARENT, key, world[key].remote_id) for key in ("A-1", "X-1"))
    world.add("A-2", references=refs)
    assert world.verdict("A-2").kind == "unresolvable"


# ── ambiguous ────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_ambiguous_a_key_that_fits_two_sources(world, in_words):
    world.add("P-1", None, "okr:KR-UX", source="one")
    world.add("P-1", None, "okr:KR-UX", source="two")
    world.add("A-1", references=(Reference(ReferenceKind.EPIC, "P-1"),))
    world.add("A-2", "A-1")
    verdict = world.verdict("A-1")
    assert verdict.orphan == "ambiguous"
    at, why, fix = broken(verdict, in_words)
    assert (at, why) == ("A-1", "the parent of A-1 is given as P-1, which fits several items: one:P-1, two:P-1")
    assert fix.startswith("choose the parent of A-1 again")
    below = world.verdict("A-2")
    assert (below.orphan, below.broken_at.key) == ("transitive", "A-1")


def test_a_label_settles_what_is_ambiguous(world):
    world.add("P-1", source="one")
    world.add("P-1", source="two")
    world.add("A-1", None, "okr:KR-UX", references=(Reference(ReferenceKind.EPIC, "P-1"),))
    assert world.verdict("A-1").kind == "traced"


# ── exempt among the verdicts ────────────────────────────────────────────────────────────────────────────────────────


def test_exempt_stands_between_direct_and_inherited_links(worlds):
    world = worlds(rules=Rules(exempt=(Exemption(labels=("ktlo",)),)))
    world.add("A-1", None, "okr:KR-UX")
    world.add("A-2", "A-1", "KTLO")
    world.add("A-3", "A-2")
    world.add("A-4", "A-3", "okr:KR-RETENTION")
    world.add("A-5", "A-2", "ktlo", "okr:KR-RETENTION")
    kinds = {key: world.verdict(key).kind for key in ("A-2", "A-3", "A-4", "A-5")}
    assert kinds == {"A-2": "exempt", "A-3": "exempt", "A-4": "traced", "A-5": "traced"}
    assert [link.target for link in world.verdict("A-2").lost] == ["KR-UX"], "what exemption overruled"
    assert [(link.target, link.rule) for link in world.verdict("A-5").lost] == [("", "exempt"), ("", "parent")]


def test_exemption_beats_dead_inheritance_but_not_a_dead_label(worlds):
    world = worlds(rules=Rules(exempt=(Exemption(labels=("ktlo",)),)))
    world.add("A-1", None, "okr:KR-OLD")
    world.add("A-2", "A-1", "ktlo")
    world.add("A-3", None, "ktlo", "okr:KR-OLD")
    assert (world.verdict("A-2").kind, world.verdict("A-3").orphan) == ("exempt", "dead")


# ── together ─────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_the_four_verdicts_add_up(world):
    world.add("X-1", counted=False, readable=False)
    world.add("A-1", "X-1")
    world.add("A-2", None, "okr:KR-UX")
    world.add("A-3")
    world.add("A-4", author="dependabot[bot]")
    world.link("A-4", kind=OverrideKind.EXEMPT)
    assert sorted(verdict.kind for verdict in world.judge().values()) == ["exempt", "orphan", "traced", "unresolvable"]


def test_trace_explains_one_item_counted_or_not(world):
    world.add("X-1", None, "okr:KR-UX", counted=False)
    world.add("A-1", "X-1")
    args = (world.nodes.values(), world.goals, world.rules, world.overrides, world.now)
    assert mapping.trace(2, *args) == world.verdict("A-1")
    assert mapping.trace(1, *args).links[0].target == "KR-UX"
    with pytest.raises(KeyError):
        mapping.trace(99, *args)


def test_goals_in_a_circle_end(worlds):
    world = worlds(goals=None)
    world.goals.objectives["O-A"] = Objective("O-A", "a", parent="O-B")
    world.goals.objectives["O-B"] = Objective("O-B", "b", parent="O-A")
    world.add("A-1", None, "okr:O-A")
    assert [hop.key for hop in world.verdict("A-1").links[0].path] == ["A-1", "O-A", "O-B"]


def test_since_is_never_the_time_of_the_sync(world):
    world.add("A-1", None, "okr:KR-UX")
    world.add("A-2", "A-1")
    before = [link.since for verdict in world.judge().values() for link in verdict.links]
    world.now = datetime(2026, 12, 1, tzinfo=world.now.tzinfo)
    assert [link.since for verdict in world.judge().values() for link in verdict.links] == before


def test_of_two_unlinked_tops_the_nearer_is_to_be_mended(world):
    world.add("A-1")
    world.add("A-2", "A-1")
    world.add("B-1")
    both = tuple(Reference(ReferenceKind.PARENT, key, world[key].remote_id) for key in ("A-2", "B-1"))
    world.add("C-1", references=both)
    assert [world.verdict(key).broken_at.key for key in ("A-2", "C-1")] == ["A-1", "B-1"]
