"""Inheriting: the nearest wins, whatever the shape of what hangs above (DESIGN §4 parent, promises P25)."""

from __future__ import annotations

import time
from datetime import timedelta

import pytest

import mapping
from okrsync.model import Change, ChangeKind, Exemption, OverrideKind, Reference, ReferenceKind, RuleName, Rules

DAY = timedelta(days=1)


def reached(verdict):
    return [(link.target, link.rule, [hop.key for hop in link.path if hop.source]) for link in verdict.links]


def test_the_nearest_linked_ancestor_wins_with_all_its_ids(world):
    world.add("A-1", None, "okr:KR-CRAFT")
    world.add("A-2", "A-1", "okr:KR-UX", "okr:KR-RETENTION")
    world.add("A-3", "A-2")
    world.add("A-4", "A-3")
    assert reached(world.verdict("A-4")) == [
        ("KR-UX", "parent", ["A-4", "A-3", "A-2"]),
        ("KR-RETENTION", "parent", ["A-4", "A-3", "A-2"]),
    ]
    assert world.verdict("A-4").lost == ()
    assert [(link.target, link.rule) for link in world.verdict("A-2").lost] == [("KR-CRAFT", "parent")]


def test_evidence_is_that_of_the_ancestor_and_names_it(world, in_words):
    world.add("A-1", None, "okr:KR-UX")
    world.add("A-2", "A-1")
    world.add("A-3", "A-2")
    english, french = in_words(world.verdict("A-3").links[0].evidence)
    assert english == "inherited from A-1: label okr:KR-UX"
    assert french == "hérité de A-1 : étiquette okr:KR-UX"


def test_an_override_and_an_exemption_are_inherited(world, in_words):
    world.add("A-1")
    world.add("A-2", "A-1")
    world.link("A-1", "KR-UX")
    assert world.targets("A-2") == ["KR-UX"]
    world.link("A-1", kind=OverrideKind.EXEMPT)
    verdict = world.verdict("A-2")
    assert verdict.kind == "exempt"
    assert in_words(verdict.exemption)[0] == "inherited from A-1: exempted by ana on 2026-10-08: we agreed so"


def test_a_link_is_valid_from_the_last_of_all_that_made_it(world):
    epic = world.add("A-1", None, "okr:KR-UX")
    born = epic.created_at
    world.change("A-1", changes=(Change(born + 5 * DAY, ChangeKind.LABEL_ADDED, None, "okr:KR-UX"),))
    world.add("A-2", "A-1", joined=born + 3 * DAY)
    world.add("A-3", "A-2", joined=born + 9 * DAY)
    world.add("A-4", "A-2", created_at=born + 4 * DAY)
    world.add("A-5", "A-2", created_at=born + 7 * DAY)
    since = {key: (world.verdict(key).links[0].since - born) // DAY for key in ("A-2", "A-3", "A-4", "A-5")}
    assert since == {"A-2": 5, "A-3": 9, "A-4": 5, "A-5": 7}, "label, own move, label, own creation"


def test_a_move_in_the_history_dates_the_parent(world):
    epic = world.add("A-1", None, "okr:KR-UX")
    moves = (
        Change(epic.created_at + 2 * DAY, ChangeKind.PARENT, None, epic.remote_id),
        Change(epic.created_at + 3 * DAY, ChangeKind.PARENT, epic.remote_id, "777"),
        Change(epic.created_at + 6 * DAY, ChangeKind.PARENT, "777", epic.remote_id),
    )
    world.add("A-2", "A-1", changes=moves)
    assert world.verdict("A-2").links[0].since == epic.created_at + 6 * DAY


def test_context_carries_links_and_is_not_judged(world):
    context = world.add("X-1", None, "okr:KR-UX", counted=False)
    world.add("A-1", "X-1")
    verdicts = world.judge()
    assert context.uid not in verdicts
    assert [link.target for link in verdicts[world["A-1"].uid].links] == ["KR-UX"]


def two_parents(world, first, second):
    refs = tuple(Reference(ReferenceKind.PARENT, key, world[key].remote_id) for key in (first, second))
    world.add("A-9", references=refs)
    return world.verdict("A-9")


def test_two_parents_at_equal_distance_add_up(world):
    world.add("A-1", None, "okr:KR-UX")
    world.add("A-2", None, "okr:KR-RETENTION", "okr:KR-UX")
    assert reached(two_parents(world, "A-1", "A-2")) == [
        ("KR-UX", "parent", ["A-9", "A-1"]),
        ("KR-RETENTION", "parent", ["A-9", "A-2"]),
    ]


def test_of_two_parents_the_nearer_link_wins(world):
    world.add("A-0", None, "okr:KR-CRAFT")
    world.add("A-1", "A-0")
    world.add("A-2", None, "okr:KR-UX")
    assert reached(two_parents(world, "A-1", "A-2")) == [("KR-UX", "parent", ["A-9", "A-2"])]


def test_of_two_parents_one_that_serves_a_goal_beats_one_that_is_exempt(worlds):
    world = worlds(rules=Rules(exempt=(Exemption(labels=("ktlo",)),)))
    world.add("A-1", None, "ktlo")
    world.add("A-2", None, "okr:KR-UX")
    verdict = two_parents(world, "A-1", "A-2")
    assert [link.target for link in verdict.links] == ["KR-UX"]
    assert [link.target for link in verdict.lost] == [""], "the exemption that lost has no target"


def test_an_epic_field_is_a_parent_too_and_the_same_one_counts_once(world):
    epic = world.add("A-1", None, "okr:KR-UX")
    world.add("A-2", references=(Reference(ReferenceKind.EPIC, "a-1"),))
    both = (Reference(ReferenceKind.PARENT, "A-1", epic.remote_id), Reference(ReferenceKind.EPIC, "A-1"))
    world.add("A-3", references=both)
    assert reached(world.verdict("A-2")) == [("KR-UX", "parent", ["A-2", "A-1"])]
    assert reached(world.verdict("A-3")) == [("KR-UX", "parent", ["A-3", "A-1"])]


@pytest.mark.parametrize("kind", [ReferenceKind.BLOCKED_BY, ReferenceKind.MENTIONS, ReferenceKind.CLOSES])
def test_a_ticket_that_mentions_a_ticket_inherits_nothing(world, kind):
    epic = world.add("A-1", None, "okr:KR-UX")
    world.add("A-2", references=(Reference(kind, "A-1", epic.remote_id),))
    assert world.verdict("A-2").orphan == "direct"


def test_an_id_means_the_item_of_its_own_source(world):
    world.add("A-1", None, "okr:KR-UX", source="one", remote_id="7")
    world.add("B-1", None, "okr:KR-CRAFT", source="two", remote_id="7")
    world.add("B-2", "?", source="two", parent_id="7")
    assert world.targets("B-2") == ["KR-CRAFT"]


def test_a_key_means_its_own_source_then_an_old_key_there_then_the_others(world):
    def child(key, parent):
        world.add(key, source="one", references=(Reference(ReferenceKind.EPIC, parent),))
        return world.targets(key)

    world.add("P-1", None, "okr:KR-UX", source="one")
    world.add("P-1", None, "okr:KR-CRAFT", source="two")
    world.add("Q-9", None, "okr:KR-RETENTION", source="one", aliases=("P-1", "P-2"))
    world.add("P-2", None, "okr:KR-CRAFT", source="two")
    world.add("P-3", None, "okr:KR-CRAFT", source="two")
    assert [child("C-1", "p-1"), child("C-2", "P-2"), child("C-3", "P-3")] == [
        ["KR-UX"],
        ["KR-RETENTION"],
        ["KR-CRAFT"],
    ]


# ── P25: circles and depth ───────────────────────────────────────────────────────────────────────────────────────────


def ring(world, size):
    ids = [str(50_000 + number) for number in range(size)]
    for number in range(size):
        up = (number + 1) % size
        reference = Reference(ReferenceKind.PARENT, f"R-{up}", ids[up])
        world.add(f"R-{number}", remote_id=ids[number], references=(reference,))


@pytest.mark.parametrize("size", [1, 2, 1000])
def test_a_circle_of_parents_ends_and_is_named(world, in_words, size):
    ring(world, size)
    world.add("BELOW", "R-0")
    start = time.process_time()
    verdicts = world.judge()
    assert time.process_time() - start < 1
    assert {verdict.orphan for verdict in verdicts.values()} == {"transitive"}
    assert {verdict.broken_at.key for verdict in verdicts.values()} == {"R-0"}
    english = in_words(verdicts[1].broken_at.why)[0]
    assert english.startswith(f"the parents run in a circle of {size}: R-0 → ")
    assert english.endswith(" → R-0")
    fix = in_words(verdicts[1].broken_at.fix)[0]
    assert fix.startswith("add to R-0 the label of the goal that it serves (okr:KR-…): that links the whole circle")
    assert f"remove its parent R-{1 % size}" in fix


def test_a_link_inside_a_circle_serves_all_of_it(world):
    ring(world, 1000)
    world.change("R-10", labels=("okr:KR-UX",))
    verdicts = world.judge()
    assert {verdict.kind for verdict in verdicts.values()} == {"traced"}
    assert len(verdicts[world["R-11"].uid].links[0].path) == 1000 + 3, "all the way round"


def test_a_chain_of_ten_thousand(world):
    ids = [str(50_000 + number) for number in range(10_000)]
    for number, remote_id in enumerate(ids):
        above = (Reference(ReferenceKind.PARENT, "?", ids[number - 1]),) if number else ()
        world.add(f"C-{number}", remote_id=remote_id, references=above)
    nodes = list(world.nodes.values())
    start = time.process_time()
    unlinked = list(mapping.judge(nodes, world.goals, world.rules, {}, world.now))
    assert time.process_time() - start < 5
    assert {(one.orphan, one.broken_at.key) for one in unlinked} == {("direct", "C-0"), ("transitive", "C-0")}


# ── where parent stands in the order ─────────────────────────────────────────────────────────────────────────────────

PARENT_FIRST = Rules(order=(RuleName.OVERRIDE, RuleName.PARENT, RuleName.LABEL))


def test_where_parent_comes_first_what_is_inherited_beats_the_label(worlds):
    world = worlds(rules=PARENT_FIRST)
    world.add("A-1", None, "okr:KR-UX")
    world.add("A-2", "A-1", "okr:KR-CRAFT")
    world.add("A-3", "A-2", "okr:KR-RETENTION")
    world.add("B-1")
    world.add("B-2", "B-1", "okr:KR-CRAFT")
    world.add("B-3", "B-2")
    named = {key: world.targets(key) for key in ("A-1", "A-2", "A-3", "B-2", "B-3")}
    assert named == {"A-1": ["KR-UX"], "A-2": ["KR-UX"], "A-3": ["KR-UX"], "B-2": ["KR-CRAFT"], "B-3": ["KR-CRAFT"]}
    assert [link.target for link in world.verdict("A-3").lost] == ["KR-RETENTION"]


def test_where_parent_comes_first_nobody_inherits_from_himself(worlds):
    world = worlds(rules=PARENT_FIRST)
    ring(world, 3)
    world.change("R-1", labels=("okr:KR-UX",))
    assert reached(world.verdict("R-1")) == [("KR-UX", "label", ["R-1"])]
    assert reached(world.verdict("R-0")) == [("KR-UX", "parent", ["R-0", "R-1"])]


def test_where_parent_is_off_nobody_inherits_and_no_parent_is_blamed(worlds):
    world = worlds(rules=Rules(order=(RuleName.LABEL,)))
    world.add("A-1", None, "okr:KR-UX")
    world.add("A-2", "A-1")
    assert world.verdict("A-2").orphan == "direct"
