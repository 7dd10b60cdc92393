"""Every sentence that linking can say exists in both languages, and every one that exists can be said."""

from __future__ import annotations

from pathlib import Path
from string import Formatter

import pytest

import mapping
from okrsync.model import (
    MANAGED_LABELS,
    Exemption,
    Goals,
    ItemKind,
    ItemRef,
    KeyResult,
    OrphanClass,
    OverrideKind,
    Reference,
    ReferenceKind,
    Rules,
    Ticket,
    VerdictKind,
)
from okrsync.texts.chain import CATALOG


def fields(text):
    return {name for _, name, _, _ in Formatter().parse(text) if name}


@pytest.mark.parametrize("code", CATALOG)
def test_both_languages_tell_the_same_facts(code):
    english, french = CATALOG[code]
    assert english
    assert french
    assert english != french
    assert fields(english) == fields(french)


RULES = Rules(
    exempt=tuple(
        Exemption(**{what: (value,)}, why=why)
        for what, values in {
            "labels": ("l0", "l1"),
            "authors": ("a0", "a1"),
            "types": ("t0", "t1"),
            "projects": (ItemRef("jira", "P0"), ItemRef("jira", "P1")),
        }.items()
        for value, why in zip(values, ("", "because"), strict=True)
    )
)


def everything(world):
    """A world in which every way to be linked, exempt or lost occurs, each with an item below it."""
    world.goals.key_results["KR-OLD2"] = KeyResult("KR-OLD2", "O-OLD", "Old", epics=(ItemRef("jira", "EPIC-9"),))
    world.add("A-1", None, "okr:KR-UX")
    world.add("A-2", None, fields={"Goal": "KR-UX"})
    world.add("SHOP-12")
    world.link(world.add("A-3").key, "KR-UX")
    world.link(world.add("A-4").key, kind=OverrideKind.EXEMPT)
    world.change("SHOP-12", aliases=("OLD-1",))
    world.goals.key_results["KR-CRAFT"] = KeyResult("KR-CRAFT", "O-CRAFT", "…", epics=(ItemRef("jira", "OLD-2"),))
    world.add("A-5", aliases=("OLD-2",))
    for number in range(2):
        world.add(f"L-{number}", None, f"l{number}")
        world.add(f"AU-{number}", author=f"a{number}")
        world.add(f"T-{number}", type=f"t{number}")
        world.add(f"P-{number}", project=f"p{number}")
    world.add("A-6", author="x[bot]")
    world.add("A-7", kind=ItemKind.COMMIT, title="Merge branch 'x'")
    world.add("A-8", kind=ItemKind.COMMIT, title="v1.2.3")
    world.add("D-1")
    world.add("D-2")
    world.add("X-1", readable=False)
    world.add("M-1", "GONE-1", parent_id="0")
    world.add("DUP-1", source="one")
    world.add("DUP-1", source="two")
    world.add("B-1", references=(Reference(ReferenceKind.EPIC, "DUP-1"),))
    world.add("E-1", None, "okr:KR-RETENTOIN", "okr:kr-ux\u200b")
    world.add("E-2", None, "okr:NOWHERE")
    world.add("E-3", None, "okr:KR-UX\u200b")
    world.add("E-4", None, fields={"Goal": "okr:KR-RETENTOIN"})
    world.add("E-5", None, fields={"Goal": "okr:NOWHERE"})
    world.link(world.add("E-6").key, "KR-RETENTOIN")
    world.link(world.add("E-7").key, "NOWHERE")
    world.add("F-1", None, "okr:KR-OLD")
    world.add("F-2", None, fields={"Goal": "KR-DROPPED"})
    world.add("EPIC-9")
    world.link(world.add("F-3").key, "KR-CLOSED")
    world.add("T-10", None, "okr:KR-UX")
    world.add("T-11", None, "OKR:kr-ux")
    for key in [node.key for node in world.nodes.values() if node.source == "jira"]:
        world.add(f"{key}-BELOW", key)
    return world


def test_the_catalogue_is_what_linking_says_no_more_and_no_less(worlds, collect_codes, in_words):
    world = everything(worlds(rules=RULES))
    ring = world["D-2"]
    world.change("D-2", references=(Reference(ReferenceKind.PARENT, "D-2", ring.remote_id),))
    verdicts = world.judge()
    codes = collect_codes(verdicts.values())

    empty = worlds(goals=Goals({}, {}, {}))
    empty.add("A-1")
    codes |= collect_codes(empty.judge().values())

    tickets = [
        (Ticket(n.uid, n.source, n.key, n.kind, n.state, n.created_at, labels=n.labels), verdicts[n.uid])
        for n in world.nodes.values()
    ]
    own = Ticket(9_999, "jira", "R-1", ItemKind.TICKET, ring.state, ring.created_at, parent=9_999)
    tickets.append((own, verdicts[ring.uid]))
    for gap in mapping.chain_gaps(tickets, world.goals, world.rules, world.now):
        in_words(gap.evidence)
        in_words(gap.fix)
        codes |= {gap.evidence.code, gap.fix.code}

    assert codes == set(CATALOG)


def test_the_page_on_linking_tells_of_every_rule_verdict_and_class():
    page = (Path(__file__).parents[2] / "docs" / "linking.md").read_text("utf-8")
    words = [*Rules().order, *OrphanClass, *MANAGED_LABELS]
    assert [word for word in words if f"`{word}`" not in page] == []
    assert [kind for kind in VerdictKind if f"| {kind} |" not in page] == []
