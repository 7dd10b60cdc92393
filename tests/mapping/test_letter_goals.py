"""Rules 2 to 6 to the letter: labels, fields, containers, trailers, exemptions and parents, an example beside what only
looks like one."""

from __future__ import annotations

import unicodedata
from dataclasses import replace
from functools import partial
from pathlib import Path

import pytest
from letters import SHA, say

import config
from connectors import registry
from mapping.lexicon import Lexicon, Misnamed
from okrsync.errors import ConfigError
from okrsync.model import (
    MANAGED_LABELS,
    Exemption,
    ItemKind,
    ItemRef,
    OverrideKind,
    Reference,
    ReferenceKind,
    Rules,
    State,
)

# ── label ────────────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("label", [*MANAGED_LABELS, *(label.upper() for label in MANAGED_LABELS)])
def test_whatever_okrsync_itself_writes_is_no_reference_and_anything_near_it_is(world, label):
    world.add("A-1", None, label)
    world.add("A-2", None, f"{label}s")
    assert [(world.verdict(key).orphan, len(world.verdict(key).dangling)) for key in ("A-1", "A-2")] == [
        ("direct", 0),
        ("dangling", 1),
    ]


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("O-ÉQUIPE", "O-Équipe"),
        (unicodedata.normalize("NFD", "o-équipe"), "O-Équipe"),
        ("okr:STRASSE-Maß", "Straße-MASS"),
        ("okr/目標-1", "目標-1"),
        ("okr-ЦЕЛЬ-1", "цель-1"),
        # counter-examples: without its accent, with look-alikes, wide, or with what nobody sees, it names nothing
        ("O-EQUIPE", None),
        ("O-Équipé", None),
        ("КR-UX", None),
        ("ＫＲ－ＵＸ", None),
        ("KR-UX\u200b", None),
    ],
)
def test_ids_hold_any_letters_and_case_and_nfc_do_not_matter(written, read):
    found = Lexicon(["O-Équipe", "Straße-MASS", "目標-1", "цель-1", "KR-UX"]).label(written)
    assert found == read or (read is None and isinstance(found, Misnamed))


LOOK_ALIKES = {
    "Cyrillic К": "КR-UX",
    "Cyrillic х, in lower case": "kr-uх",
    "Greek Υ and Χ": "KR-UΧ",
    "all of it, as far as there are letters": "КR-UХ",
    "wide": "ＫＲ－ＵＸ",
    "mathematical": "𝐊𝐑-𝐔𝐗",
    "zero width space": "KR\u200b-UX",
    "soft hyphen": "KR-U\u00adX",
    "right-to-left mark": "\u200fKR-UX",
    "another hyphen": "KR‑UX",
}


@pytest.mark.parametrize("form", ["{}", "okr:{}", "OKR-{}"])
@pytest.mark.parametrize("how", LOOK_ALIKES)
def test_look_alikes_are_reported_with_the_goal_that_they_look_like_and_never_linked(world, how, form):
    label = form.format(LOOK_ALIKES[how])
    world.add("A-1", None, label)
    verdict = world.verdict("A-1")
    assert (verdict.orphan, verdict.links) == ("dangling", ())
    assert [(one.text, one.suggestion) for one in verdict.dangling] == [(label, "KR-UX")], "told as it is written"


def test_words_of_another_script_are_no_look_alikes():
    lexicon = Lexicon(["COP", "KR-UX", "RETENTION"])
    assert [lexicon.label(word) for word in ("сор", "СОР", "кр-ух", "Ретентион")] == [None] * 4


def test_twins_of_one_goal_on_one_item_are_one_link(world):
    world.add("A-1", None, "okr:KR-UX", "OKR:kr-ux", "okr/KR-UX", "KR-UX")
    assert [(link.target, link.rule) for link in world.verdict("A-1").links] == [("KR-UX", "label")]
    assert world.verdict("A-1").dangling == ()


@pytest.mark.parametrize(
    ("other", "refused"),
    [("kr-mobile", True), ("KR-MOBILE", True), ("Kr-Mobile", True), ("KR-MÖBILE", False), ("KR_MOBILE", False)],
)
def test_two_ids_that_differ_only_by_case_or_form_are_refused(tmp_path, other, refused):
    shipped = Path(config.__file__).parents[1] / "okrsync.toml"
    added = f'\n[[objectives]]\nid = "{other}"\ntitle = "Twin"\n'
    (tmp_path / "okrsync.toml").write_text(shipped.read_text("utf-8") + added, "utf-8")
    load = partial(config.load, tmp_path / "okrsync.toml", {}, registry.settings())
    if refused:
        with pytest.raises(ConfigError, match=other):
            load()
    else:
        assert other in load().goals.objectives


def test_accents_in_two_forms_are_one_id_and_refused(tmp_path):
    shipped = Path(config.__file__).parents[1] / "okrsync.toml"
    twins = [unicodedata.normalize(form, "O-ÉQUIPE") for form in ("NFC", "NFD")]
    added = "".join(f'\n[[objectives]]\nid = "{one}"\ntitle = "Twin"\n' for one in twins)
    (tmp_path / "okrsync.toml").write_text(shipped.read_text("utf-8") + added, "utf-8")
    with pytest.raises(ConfigError, match="Unicode form"):
        config.load(tmp_path / "okrsync.toml", {}, registry.settings())


# ── field ────────────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("value", "target"),
    [
        *((text, "KR-UX") for text in ("KR-UX", "kr-ux", " KR-UX ", "okr:KR-UX", "okr-KR-UX")),
        *((text, None) for text in ("KR-UX and more", "see KR-UX", "KR-UX, KR-CRAFT", "UX", "")),
    ],
)
def test_a_field_counts_where_its_whole_value_is_an_id(world, value, target):
    world.add("A-1", None, fields={"Goal": value})
    assert world.targets("A-1") == ([target] if target else [])


def test_where_fields_are_named_no_other_is_looked_at_not_even_for_typos(worlds):
    world = worlds(rules=Rules(fields=("Goal",)))
    world.add("A-1", None, fields={"Other": "KR-UX"})
    world.add("A-2", None, fields={"Other": "KR-RETENTOIN"})
    world.add("A-3", None, fields={"Other": "KR-CRAFT", "Goal": "KR-UX"})
    assert [world.verdict(key).dangling for key in ("A-1", "A-2")] == [(), ()]
    assert [world.targets(key) for key in ("A-1", "A-2", "A-3")] == [[], [], ["KR-UX"]]


# ── container ────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_below_a_named_epic_all_come_by_parent_and_beside_it_none(world):
    world.add("SHOP-12")
    world.add("SHOP-13", "SHOP-12")
    world.add("SHOP-14", "SHOP-13")
    world.add("SHOP-11")
    named = {key: [(link.target, link.rule) for link in world.verdict(key).links] for key in ("SHOP-13", "SHOP-14")}
    assert named == {key: [("KR-UX", "parent")] for key in named}
    assert world.verdict("SHOP-11").orphan == "direct"


def test_the_parent_of_a_named_epic_is_not_linked_by_it(world):
    world.add("SHOP-1")
    world.add("SHOP-12", "SHOP-1")
    assert (world.verdict("SHOP-1").orphan, world.targets("SHOP-12")) == ("direct", ["KR-UX"])


def test_what_is_no_longer_in_a_container_is_not_linked_by_it(world):
    kr = world.goals.key_results["KR-UX"]
    world.goals.key_results["KR-UX"] = replace(kr, containers=("asana:project:1200",))
    world.add("1", source="asana", references=(Reference(ReferenceKind.MEMBER, "project:1200"),))
    assert world.targets("1") == ["KR-UX"]
    world.change("1", references=(Reference(ReferenceKind.MEMBER, "project:12"),))
    assert world.targets("1") == []


# ── trailer ──────────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("body", "targets"),
    [
        ("OKR: KR-UX", ["KR-UX"]),
        ("kr: kr-ux", ["KR-UX"]),
        ("Cart\n\nwhy\n\nKR: KR-UX\nCo-authored-by: Ana <ana@acme.test>", ["KR-UX"]),
        ("* one\n\n    OKR: KR-UX\n\n* two\n\n    OKR: KR-CRAFT", ["KR-UX", "KR-CRAFT"]),  # a squash merge buries them
        ("OKR: KR-UX, KR-CRAFT", ["KR-UX", "KR-CRAFT"]),
        ("this serves OKR: KR-UX", []),
        ("OKR KR-UX", []),
        ("OKRs: KR-UX", []),
        ("> OKR: KR-UX", []),
        ("```\nOKR: KR-UX\n```", []),
    ],
)
@pytest.mark.parametrize("key", ["acme/shop#9", SHA])
def test_a_trailer_stands_on_a_line_of_its_own_wherever(world, key, body, targets):
    say(world, key, body)
    assert world.targets(key) == targets


def test_a_ticket_has_no_trailers_for_its_text_is_not_read(world):
    world.add("A-1", references=(Reference(ReferenceKind.TRAILER, "KR-UX", evidence="body: OKR: KR-UX"),))
    assert world.verdict("A-1").orphan == "direct"


# ── exempt ───────────────────────────────────────────────────────────────────────────────────────────────────────────

KTLO = Rules(exempt=(Exemption(labels=("ktlo",)),))


@pytest.mark.parametrize(
    ("direct", "kind"),
    [
        ({"labels": ("ktlo", "okr:KR-UX")}, "traced"),
        ({"labels": ("ktlo",), "fields": {"Goal": "KR-UX"}}, "traced"),
        ({"labels": ("ktlo",), "key": "SHOP-12"}, "traced"),
        ({"labels": ("ktlo",), "word": "KR-UX"}, "traced"),
        ({"labels": ("ktlo",), "parent": "okr:KR-UX"}, "exempt"),
        ({"labels": ("ktlo", "okr:KR-NOWHERE")}, "exempt"),  # a bad label is no link
    ],
)
def test_a_direct_link_beats_exemption_and_exemption_what_would_be_inherited(worlds, direct, kind):
    world = worlds(rules=KTLO)
    above = None
    if "parent" in direct:
        above = world.add("A-0", None, direct["parent"]).key
    key = direct.get("key", "A-1")
    world.add(key, above, *direct["labels"], fields=direct.get("fields"))
    if "word" in direct:
        world.link(key, direct["word"])
    assert world.verdict(key).kind == kind


def test_children_of_exempt_work_and_what_closes_names_or_reverts_it_are_exempt_unless_linked(worlds):
    world = worlds(rules=KTLO)
    world.add("SHOP-1", None, "ktlo")
    world.add("SHOP-2", "SHOP-1")
    world.add("SHOP-3", "SHOP-2", "okr:KR-UX")
    say(world, "acme/shop#7", "Fixes SHOP-2")
    say(world, "acme/shop#8", "see SHOP-1")
    say(world, SHA, title="Tidy (#7)")
    say(world, "b" * 40, f"This reverts commit {SHA}.")
    say(world, "acme/shop#9", "Fixes SHOP-2\n\nOKR: KR-UX")
    kinds = {key: str(world.verdict(key).kind) for key in ("SHOP-2", "acme/shop#7", "acme/shop#8", SHA, "b" * 40)}
    assert set(kinds.values()) == {"exempt"}
    assert {world.verdict(key).kind for key in ("SHOP-3", "acme/shop#9")} == {"traced"}


def test_a_label_of_an_exempt_kind_on_the_parent_of_a_linked_epic_does_not_reach_below_it(worlds):
    world = worlds(rules=KTLO)
    world.add("A-1", None, "ktlo")
    world.add("A-2", "A-1", "okr:KR-UX")
    world.add("A-3", "A-2")
    assert world.targets("A-3") == ["KR-UX"], "the nearest wins"


# ── override ─────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_the_newest_word_wins_over_every_rule_and_over_exemption(worlds):
    world = worlds(rules=KTLO)
    world.add("SHOP-12", None, "okr:KR-CRAFT", "ktlo", fields={"Goal": "KR-RETENTION"})
    world.link("SHOP-12", "O-LEADER")
    assert world.targets("SHOP-12") == ["O-LEADER"]
    world.link("SHOP-12", kind=OverrideKind.EXEMPT)
    assert world.verdict("SHOP-12").kind == "exempt"
    world.overrides.clear()
    assert world.targets("SHOP-12") == ["KR-CRAFT"], "a word that was taken back says nothing"


# ── parent ───────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_parent_above_a_linked_one_hands_nothing_down_past_it(world):
    world.add("A-1", None, "okr:KR-CRAFT")
    world.add("A-2", "A-1", "okr:KR-UX", "okr:KR-RETENTION")
    world.add("A-3", "A-2")
    world.add("A-4", "A-1")
    assert world.targets("A-3") == ["KR-UX", "KR-RETENTION"], "of the nearest linked ancestor all of them"
    assert world.targets("A-4") == ["KR-CRAFT"]


def test_no_pull_request_and_no_commit_is_a_parent(world):
    say(world, "acme/shop#9", "OKR: KR-UX")
    world.add("acme/shop#1", references=(Reference(ReferenceKind.PARENT, "acme/shop#9"),), source="github")
    assert world.targets("acme/shop#1") == []


# ── verdicts ─────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_link_of_its_own_is_known_whatever_may_not_be_read_above_or_beside(world):
    world.add("SHOP-1", counted=False, readable=False)
    world.add("SHOP-2", "SHOP-1")
    world.add("SHOP-3", "SHOP-1", "okr:KR-UX")
    say(world, "acme/shop#8", "SHOP-1")
    say(world, "acme/shop#9", "SHOP-1 and SHOP-3")
    kinds = [str(world.verdict(key).kind) for key in ("SHOP-2", "SHOP-3", "acme/shop#8", "acme/shop#9")]
    assert kinds == ["unresolvable", "traced", "unresolvable", "traced"]


@pytest.mark.parametrize("state", [State.TODO, State.IN_PROGRESS, State.UNKNOWN, State.DONE])
@pytest.mark.parametrize("goal", ["KR-DROPPED", "KR-CLOSED", "KR-OLD"])
def test_dead_is_a_verdict_on_open_work_and_the_link_stays_in_both_cases(world, state, goal):
    world.add("A-1", None, f"okr:{goal}", state=state)
    verdict = world.verdict("A-1")
    assert str(verdict.orphan) == ("None" if state is State.DONE else "dead")
    assert [link.target for link in verdict.links] == [goal]


FIRST_THAT_FITS = {
    "dangling": ("okr:KR-NOWHERE", "okr:KR-OLD"),
    "dead": ("okr:KR-OLD",),
}


@pytest.mark.parametrize(("orphan", "labels"), [*FIRST_THAT_FITS.items(), ("transitive", ()), ("direct", None)])
def test_of_the_classes_of_orphans_the_first_that_fits(world, orphan, labels):
    world.add("A-0")
    world.add("A-1", None if labels is None else "A-0", *(labels or ()))
    assert world.verdict("A-1").orphan == orphan


def test_the_four_verdicts_add_up_to_what_is_counted_whatever_else_is_there(world):
    world.add("A-1", None, "okr:KR-UX")
    world.add("A-2")
    world.add("A-3", author="renovate[bot]")
    world.add("X-1", counted=False, readable=False)
    world.add("A-4", "X-1")
    world.add("X-2", None, "okr:KR-UX", counted=False)
    kinds = sorted(str(verdict.kind) for verdict in world.judge().values())
    assert kinds == ["exempt", "orphan", "traced", "unresolvable"]


def test_an_epic_that_a_key_result_names_in_another_source_is_another_one(world):
    kr = world.goals.key_results["KR-UX"]
    world.goals.key_results["KR-UX"] = replace(kr, epics=(ItemRef("jira2", "SHOP-12"),))
    world.add("SHOP-12", source="jira")
    world.add("SHOP-12", source="jira2", kind=ItemKind.TICKET)
    by_source = {world.nodes[uid].source: [link.target for link in one.links] for uid, one in world.judge().items()}
    assert by_source == {"jira": [], "jira2": ["KR-UX"]}
