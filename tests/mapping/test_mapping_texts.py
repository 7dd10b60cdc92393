"""Every sentence that linking can say exists in both languages, and every one that exists can be said."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
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
    Window,
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
    text(world, "PR-1", Reference(ReferenceKind.TRAILER, "KR-UX", evidence="body: OKR: KR-UX"))
    retention = world.goals.key_results["KR-RETENTION"]
    world.goals.key_results["KR-RETENTION"] = replace(retention, containers=("jira:milestone:acme/shop#1",))
    old = world.goals.key_results["KR-OLD2"]
    world.goals.key_results["KR-OLD2"] = replace(old, containers=("jira:milestone:acme/shop#2",))
    for number in (1, 2):
        world.add(f"ME-{number}", references=(Reference(ReferenceKind.MEMBER, f"milestone:acme/shop#{number}"),))
    for key in [node.key for node in world.nodes.values() if node.source == "jira"]:
        if world[key].kind is ItemKind.TICKET:
            world.add(f"{key}-BELOW", key)
        tie_in_every_way(world, key)
    break_texts(world)
    return world


def text(world, key, *references, kind=ItemKind.PULL_REQUEST, **rest):
    return world.add(key, kind=kind, references=references, **rest)


def named(key, where="body", kind=ReferenceKind.MENTIONS):
    return Reference(kind, key, evidence=f"{where}: {key}")


def tie_in_every_way(world, key):
    """Commits that come to the item by each kind of reference; to a commit, by way of what reverts it."""
    if world[key].kind is ItemKind.COMMIT:
        text(world, f"{key}-reverted", named(key, kind=ReferenceKind.REVERTS))
        key = f"{key}-reverted"
    for where in ("title", "body", "branch"):
        text(world, f"{key}-{where}", named(key, where), kind=ItemKind.COMMIT)
    text(world, f"{key}-closes", Reference(ReferenceKind.CLOSES, key, world[key].remote_id), kind=ItemKind.COMMIT)
    sha = f"{world[key].uid:040x}"
    text(world, f"{key}-pull", named(key), Reference(ReferenceKind.MERGED_AS, sha))
    if world[key].kind is ItemKind.PULL_REQUEST:
        world.change(key, references=(*world[key].references, Reference(ReferenceKind.MERGED_AS, sha)))
    text(world, sha, kind=ItemKind.COMMIT)
    text(world, f"{key}-reverts", named(f"{key}-title", kind=ReferenceKind.REVERTS))


def break_texts(world):
    """Pull requests and commits that lead nowhere, in every way."""
    for number, kind in enumerate((ItemKind.PULL_REQUEST, ItemKind.COMMIT)):
        lost = text(world, f"N-{number}", kind=kind, title="Cart", source="github")
        way = Reference(ReferenceKind.REVERTS, lost.key, lost.remote_id)
        text(world, f"NB-{number}", way, kind=ItemKind.COMMIT, source="github")
        text(world, f"K-{number}", named("SHOP-404"), kind=kind, source="github")
        text(world, f"AM-{number}", named("DUP-1"), kind=kind, source="github")
        for place, wrong in enumerate(("KR-RETENTOIN", "NOWHERE", "KR-OLD")):
            text(world, f"TR-{number}{place}", Reference(ReferenceKind.TRAILER, wrong), kind=kind, source="github")
    text(world, "CL-1", Reference(ReferenceKind.CLOSES, "acme/secret#3", "9#3"), source="github")
    text(world, "RR-1", Reference(ReferenceKind.REVERTS, "RR-2", evidence="body: Reverts RR-2"), source="github")
    text(world, "RR-2", Reference(ReferenceKind.REVERTS, "RR-1", evidence="body: Reverts RR-1"), source="github")


def apart(day):
    """Two key results of cycles that follow each other."""
    windows = {"KR-A": Window(day - timedelta(days=9), day), "KR-B": Window(day, day + timedelta(days=9))}
    return Goals({}, {}, {one: KeyResult(one, "O", one, window=window) for one, window in windows.items()})


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
        Ticket(n.uid, n.source, n.key, n.kind, n.state, n.created_at, labels=n.labels) for n in world.nodes.values()
    ]
    tickets.append(Ticket(9_999, "jira", "R-1", ItemKind.TICKET, ring.state, ring.created_at, parent=9_999))
    served = {uid: {link.target for link in verdict.links} for uid, verdict in verdicts.items()}
    gaps = list(mapping.chain_gaps(tickets, verdicts, served, world.goals, world.rules, world.now))
    gaps += mapping.chain_gaps(tickets, {}, {9_999: {"KR-A", "KR-B"}}, apart(world.now), world.rules, world.now)
    for gap in gaps:
        in_words(gap.evidence)
        in_words(gap.fix)
        codes |= {gap.evidence.code, gap.fix.code}

    assert codes == set(CATALOG)


def test_the_page_on_linking_tells_of_every_rule_verdict_and_class():
    page = (Path(__file__).parents[2] / "docs" / "linking.md").read_text("utf-8")
    words = [*Rules().order, *OrphanClass, *MANAGED_LABELS]
    assert [word for word in words if f"`{word}`" not in page] == []
    assert [kind for kind in VerdictKind if f"| {kind} |" not in page] == []
