"""The direct rules, their order, and what they leave as evidence (DESIGN §4)."""

from __future__ import annotations

import unicodedata
from dataclasses import replace
from datetime import timedelta

import pytest

from okrsync.model import (
    Change,
    ChangeKind,
    Exemption,
    FieldValue,
    ItemRef,
    KeyResult,
    OverrideKind,
    Reference,
    ReferenceKind,
    RuleName,
    Rules,
    VerdictKind,
)


def rules_of(verdict):
    return [(link.target, link.rule) for link in verdict.links]


# ── label ────────────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    "label", ["okr:KR-UX", "okr/KR-UX", "okr-KR-UX", "KR-UX", "kr-ux", "OKR:kr-Ux", "okr: KR-UX", " KR-UX "]
)
def test_a_label_names_a_goal_in_every_form(world, label):
    world.add("A-1", None, label)
    assert rules_of(world.verdict("A-1")) == [("KR-UX", "label")]


@pytest.mark.parametrize("label", ["UX", "okrKR-UX", "my-okr:KR-UX", "KR-UX-2", "okr:KR-UX okr:KR-RETENTION", "okr"])
def test_other_labels_name_none(world, label):
    world.add("A-1", None, label)
    assert world.verdict("A-1").links == ()


@pytest.mark.parametrize("label", ["okr-orphan", "okr-dangling", "OKR-Orphan"])
def test_labels_that_okrsync_writes_are_no_references(world, label):
    world.add("A-1", None, label)
    verdict = world.verdict("A-1")
    assert (verdict.orphan, verdict.dangling) == ("direct", ())


def test_ids_of_any_letters_match_after_nfc_and_casefold(world, worlds):
    world = worlds()
    world.goals.key_results["O-Équipe-Straße"] = KeyResult("O-Équipe-Straße", "O-LEADER", "…")
    for form in ("NFC", "NFD"):
        label = unicodedata.normalize(form, "okr:o-équipe-STRASSE")
        node = world.add(f"A-{form}", None, label)
        assert world.targets(f"A-{form}") == ["O-Équipe-Straße"]
        assert node.labels == (label,)


def test_a_label_may_name_an_objective(world):
    world.add("A-1", None, "okr:O-LEADER")
    assert [hop.key for hop in world.verdict("A-1").links[0].path] == ["A-1", "O-LEADER", "O-ROOT"]


def test_own_patterns_stand_beside_the_built_in_forms(worlds):
    world = worlds(rules=Rules(label_patterns=(r"goal=(?P<id>[A-Z-]+)",)))
    world.add("A-1", None, "goal=kr-ux")
    world.add("A-2", None, "okr:KR-UX")
    world.add("A-3", None, "goal=KR-NOWHERE")
    world.add("A-4", None, "my-goal=kr-ux")
    assert world.targets("A-1") == world.targets("A-2") == ["KR-UX"]
    assert world.verdict("A-3").orphan == "dangling"
    assert world.verdict("A-4").orphan == "direct", "a pattern is held against the whole label"


def test_a_pattern_that_fits_any_word_makes_no_word_dangling(worlds):
    world = worlds(rules=Rules(label_patterns=(r"(?P<id>.+)",)))
    world.add("A-1", None, "frontEnd")
    assert world.verdict("A-1").orphan == "direct"


def test_two_labels_are_two_links(world):
    world.add("A-1", None, "okr:KR-UX", "okr:KR-RETENTION", "KR-UX")
    assert world.targets("A-1") == ["KR-UX", "KR-RETENTION"]


def test_conflict_first_keeps_one_and_shows_the_other(worlds):
    world = worlds(rules=Rules(conflict="first"))
    world.add("A-1", None, "okr:KR-RETENTION", "okr:KR-UX")
    world.add("A-2", "A-1")
    verdict = world.verdict("A-1")
    assert rules_of(verdict) == [("KR-RETENTION", "label")]
    assert [link.target for link in verdict.lost] == ["KR-UX"]
    assert world.targets("A-2") == ["KR-RETENTION"]


def test_of_several_key_results_that_name_an_epic_the_first_configured_counts_first(worlds):
    """By whichever of its keys, and however these sort."""
    world = worlds(rules=Rules(conflict="first"))
    results = world.goals.key_results
    for goal, epic in (("KR-UX", "SHOP-12"), ("KR-RETENTION", "OLD-1"), ("KR-CRAFT", "NEW-1")):
        results[goal] = replace(results[goal], epics=(ItemRef("jira", epic),))
    world.add("NEW-1", aliases=("OLD-1", "SHOP-12"))
    verdict = world.verdict("NEW-1")
    assert [link.target for link in verdict.links] == ["KR-UX"]
    assert [link.target for link in verdict.lost] == ["KR-RETENTION", "KR-CRAFT"]


def test_a_label_is_valid_since_it_was_last_put_on(world):
    day = timedelta(days=1)
    node = world.add("A-1", None, "okr:KR-UX", "okr:KR-RETENTION")
    born = node.created_at
    world.change(
        "A-1",
        changes=(
            Change(born + day, ChangeKind.LABEL_ADDED, None, "okr:KR-UX"),
            Change(born + 2 * day, ChangeKind.LABEL_REMOVED, "okr:KR-UX", None),
            Change(born + 3 * day, ChangeKind.LABEL_ADDED, None, "okr:KR-UX"),
            Change(born + 4 * day, ChangeKind.LABEL_ADDED, None, "other"),
        ),
    )
    since = {link.target: link.since for link in world.verdict("A-1").links}
    assert since == {"KR-UX": born + 3 * day, "KR-RETENTION": born}, "no word in the history: since creation"


# ── field ────────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_field_whose_whole_value_is_an_id(world, in_words):
    world.add("A-1", None, fields={"Goal": "kr-ux"})
    world.add("A-2", None, fields={"Summary": "about KR-UX"})
    link = world.verdict("A-1").links[0]
    assert (link.target, link.rule) == ("KR-UX", "field")
    assert in_words(link.evidence)[0] == "field Goal = kr-ux"
    assert world.verdict("A-2").orphan == "direct"


@pytest.mark.parametrize("named", ["customfield_Goal", "goal", "GOAL"])
def test_only_the_fields_that_are_named(worlds, named):
    world = worlds(rules=Rules(fields=(named,)))
    world.add("A-1", None, fields={"Goal": "KR-UX"})
    world.add("A-2", None, fields={"Other": "KR-UX"})
    assert world.targets("A-1") == ["KR-UX"]
    assert world.verdict("A-2").orphan == "direct"


def test_what_a_named_field_holds_was_meant_as_a_goal(worlds):
    world = worlds(rules=Rules(fields=("Goal",)))
    world.add("A-1", None, fields={"Goal": "Platform"})
    world.add("A-2", None, fields={"Goal": "  "})
    assert world.verdict("A-1").dangling[0].where == "field Goal"
    assert world.verdict("A-2").orphan == "direct", "empty is nothing"


def test_what_another_field_holds_was_meant_only_where_it_looks_so(world):
    world.add("A-1", None, fields={"Team": "Platform"})
    world.add("A-2", None, fields={"Team": "okr:Platform"})
    world.add("A-3", None, fields={"Team": "KR-RETENTOIN"})
    assert [world.verdict(key).orphan for key in ("A-1", "A-2", "A-3")] == ["direct", "dangling", "dangling"]


def test_a_field_is_valid_since_it_was_set(world):
    node = world.add("A-1", None, fields={"Goal": "KR-UX"})
    set_at = node.created_at + timedelta(days=9)
    world.change("A-1", changes=(Change(set_at, ChangeKind.FIELD, None, "customfield_Goal=KR-UX"),))
    assert world.verdict("A-1").links[0].since == set_at


# ── container ────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_the_epic_that_a_key_result_names(world, in_words):
    world.add("SHOP-12")
    world.add("SHOP-13", "SHOP-12")
    world.add("SHOP-121")
    link = world.verdict("SHOP-12").links[0]
    assert (link.target, link.rule, link.since) == ("KR-UX", "container", world["SHOP-12"].created_at)
    assert "jira:SHOP-12" in in_words(link.evidence)[0]
    assert rules_of(world.verdict("SHOP-13")) == [("KR-UX", "parent")]
    assert world.verdict("SHOP-121").orphan == "direct"


def test_a_key_of_another_source_is_another_epic(world):
    world.add("SHOP-12", source="jira2")
    assert world.verdict("SHOP-12").orphan == "direct"


def test_an_epic_that_moved_is_found_by_its_old_key_and_says_so(world, in_words):
    world.add("PAY-7", aliases=("SHOP-12",))
    link = world.verdict("PAY-7").links[0]
    assert link.target == "KR-UX"
    assert "jira:SHOP-12, the former key of PAY-7," in in_words(link.evidence)[0]


def held(worlds, *containers):
    world = worlds()
    world.goals.key_results["KR-UX"] = replace(world.goals.key_results["KR-UX"], containers=containers)
    return world


def member(target, since=None):
    return Reference(ReferenceKind.MEMBER, target, since=since)


@pytest.mark.parametrize(
    ("source", "container"),
    [
        ("github", "milestone:acme/shop#3"),
        ("asana", "project:1200"),
        ("asana", "section:1200"),
        ("asana", "goal:1200"),
    ],
)
def test_the_direct_members_of_a_container_that_a_key_result_names(worlds, in_words, source, container):
    world = held(worlds, f"{source}:{container}")
    day = timedelta(days=1)
    born = world.add("A-1", source=source, references=(member(container.upper()),)).created_at
    world.add("A-2", source=source, references=(member(container, born + day),))
    world.add("A-3", source=source, references=(member(container + "4"),))
    world.add("A-4", source="other", references=(member(container),))
    world.add("A-5", "A-1", source=source)
    link = world.verdict("A-1").links[0]
    assert (link.target, link.rule, link.since) == ("KR-UX", "container", born)
    assert f"belongs to {source}:{container}," in in_words(link.evidence)[0]
    assert world.verdict("A-2").links[0].since == born + day, "since it came in, where the tool tells"
    assert [world.verdict(key).orphan for key in ("A-3", "A-4")] == ["direct", "direct"]
    assert rules_of(world.verdict("A-5")) == [("KR-UX", "parent")], "what hangs below a member comes by parent"


@pytest.mark.parametrize(("source", "key"), [("github", "acme/shop#7"), ("asana", "1200000000000007")])
def test_an_epic_may_be_an_issue_of_github_or_a_task_of_asana(worlds, source, key):
    world = worlds()
    world.goals.key_results["KR-UX"] = replace(world.goals.key_results["KR-UX"], epics=(ItemRef(source, key),))
    world.add(key, source=source)
    world.add("A-2", key, source=source)
    world.add("moved", source=source, aliases=(key.upper(),))
    world.add("A-3", source="jira", aliases=(key,))
    assert rules_of(world.verdict(key)) == rules_of(world.verdict("moved")) == [("KR-UX", "container")]
    assert rules_of(world.verdict("A-2")) == [("KR-UX", "parent")]
    assert world.verdict("A-3").orphan == "direct"


def test_one_epic_may_serve_several_key_results(worlds):
    world = worlds()
    retention = world.goals.key_results["KR-RETENTION"]
    world.goals.key_results["KR-RETENTION"] = replace(retention, epics=(ItemRef("jira", "shop-12"),))
    world.add("SHOP-12")
    assert world.targets("SHOP-12") == ["KR-UX", "KR-RETENTION"]


# ── override ─────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_the_word_of_a_person_wins_and_keeps_who_when_and_why(world, in_words):
    world.add("A-1", None, "okr:KR-UX")
    world.link("A-1", "KR-RETENTION", "O-LEADER")
    verdict = world.verdict("A-1")
    assert rules_of(verdict) == [("KR-RETENTION", "override"), ("O-LEADER", "override")]
    assert verdict.links[0].since == world.overrides[1].at
    assert in_words(verdict.links[0].evidence)[0] == "linked by ana on 2026-10-08: we agreed so"
    assert [(link.target, link.rule) for link in verdict.lost] == [("KR-UX", "label")]


def test_a_person_may_exempt(world, in_words):
    world.add("A-1", None, "okr:KR-UX")
    world.link("A-1", kind=OverrideKind.EXEMPT)
    verdict = world.verdict("A-1")
    assert (verdict.kind, verdict.links) == (VerdictKind.EXEMPT, ())
    assert in_words(verdict.exemption)[0] == "exempted by ana on 2026-10-08: we agreed so"
    assert [link.target for link in verdict.lost] == ["KR-UX"]


def test_a_word_about_a_goal_that_is_no_more_gives_way_and_is_named(world):
    world.add("A-1", None, "okr:KR-UX")
    world.link("A-1", "KR-VANISHED")
    verdict = world.verdict("A-1")
    assert rules_of(verdict) == [("KR-UX", "label")]
    assert [(one.text, one.where) for one in verdict.dangling] == [("KR-VANISHED", "override")]


# ── order ────────────────────────────────────────────────────────────────────────────────────────────────────────────


def full(world):
    """SHOP-12 is named by KR-UX, has a label, a field, a word of ana, a parent with a link, and an exempting label."""
    world.goals.key_results["KR-LONGER"] = replace(
        world.goals.key_results["KR-LONGER"], epics=(ItemRef("jira", "A-0"),)
    )
    world.add("A-0", None, "okr:KR-LONGER", fields={"Goal": "KR-LONGER"})
    world.add("SHOP-12", "A-0", "okr:KR-RETENTION", "ktlo", fields={"Goal": "KR-CRAFT"})
    world.link("SHOP-12", "O-LEADER")
    return world


FOUND = {
    RuleName.OVERRIDE: "O-LEADER",
    RuleName.LABEL: "KR-RETENTION",
    RuleName.FIELD: "KR-CRAFT",
    RuleName.CONTAINER: "KR-UX",
    RuleName.EXEMPT: "",
    RuleName.PARENT: "KR-LONGER",
}


@pytest.mark.parametrize("off", range(4))
def test_each_rule_can_be_switched_off_and_then_the_next_one_wins(worlds, off):
    order = Rules().order[off:]
    world = full(worlds(rules=Rules(order=order, exempt=(Exemption(labels=("ktlo",)),))))
    verdict = world.verdict("SHOP-12")
    assert rules_of(verdict) == [(FOUND[order[0]], order[0])]
    assert [link.rule for link in verdict.lost] == [rule for rule in order[1:] if rule in FOUND], "in their order"


@pytest.mark.parametrize("first", list(FOUND))
def test_the_configured_order_decides(worlds, first):
    order = (first, *(rule for rule in Rules().order if rule is not first))
    world = full(worlds(rules=Rules(order=order, exempt=(Exemption(labels=("ktlo",)),))))
    verdict = world.verdict("SHOP-12")
    assert (verdict.kind == "exempt") == (first is RuleName.EXEMPT)
    assert verdict.links == () or {link.target for link in verdict.links} == {FOUND[first]}


def test_rules_that_agree_have_no_loser(world):
    world.add("SHOP-12", None, "okr:KR-UX")
    verdict = world.verdict("SHOP-12")
    assert (rules_of(verdict), verdict.lost) == ([("KR-UX", "label")], ())


def test_a_path_runs_from_the_item_to_the_root_and_names_each_step(world):
    world.add("SHOP-12")
    world.add("SHOP-13", "SHOP-12")
    world.add("SHOP-14", "SHOP-13")
    path = world.verdict("SHOP-14").links[0].path
    assert [(hop.hop, hop.kind, hop.source, hop.key) for hop in path] == [
        ("item", "ticket", "jira", "SHOP-14"),
        ("parent", "ticket", "jira", "SHOP-13"),
        ("parent", "ticket", "jira", "SHOP-12"),
        ("container", "key_result", "", "KR-UX"),
        ("contributes", "objective", "", "O-LEADER"),
        ("contributes", "objective", "", "O-ROOT"),
    ]
    assert path[0].title == "Title of SHOP-14"
    world.add("A-1", None, "KR-CRAFT")
    assert [hop.hop for hop in world.verdict("A-1").links[0].path] == ["item", "label", "contributes", "supports"]


def test_a_field_without_a_name_is_called_by_its_id(world, in_words):
    world.add("A-1")
    world.change("A-1", fields=(FieldValue("customfield_7", "", "KR-UX"),))
    assert in_words(world.verdict("A-1").links[0].evidence)[0] == "field customfield_7 = KR-UX"
