"""The gaps of the chain, and when all verdicts have to be given again."""

from __future__ import annotations

import time
import unicodedata
from dataclasses import replace
from datetime import timedelta

import pytest

import mapping
from okrsync.model import (
    Exemption,
    GoalState,
    ItemKind,
    ItemRef,
    KeyResult,
    Reference,
    ReferenceKind,
    State,
    Ticket,
)


@pytest.fixture
def gaps(in_words):
    """The gaps of a world, as the shell would ask for them: tickets and verdicts from the store."""

    def of(world, kind):
        verdicts = world.judge()
        by_key = {(node.source, node.remote_id): node.uid for node in world.nodes.values()}
        tickets = []
        for node in world.nodes.values():
            parent = next((by_key.get((node.source, one.target_id)) for one in node.references), None)
            ticket = Ticket(
                node.uid,
                node.source,
                node.key,
                node.kind,
                node.state,
                node.created_at,
                labels=node.labels,
                parent=parent,
            )
            tickets.append(ticket)
        served = {
            node.uid: {link.target for link in verdicts[node.uid].links}
            for node in world.nodes.values()
            if node.state is not State.DONE
        }
        rest = verdicts, served, world.goals, world.rules, world.now
        found = mapping.chain_gaps(tickets, *rest)
        assert found == mapping.chain_gaps(reversed(tickets), *rest)
        for gap in found:
            in_words(gap.evidence), in_words(gap.fix)
        return [gap for gap in found if gap.kind == kind]

    return of


def test_dangling_label_on_traced_items_too(world, gaps, in_words):
    world.add("A-1", None, "okr:KR-UX")
    world.add("A-2", "A-1", "okr:KR-RETENTOIN")
    world.add("A-3", None, "okr:KR-RETENTOIN")
    (gap,) = gaps(world, "dangling_label")
    assert (gap.subject, gap.items) == ("okr:KR-RETENTOIN", ("A-2", "A-3"))
    assert in_words(gap.evidence)[0] == "the label okr:KR-RETENTOIN names no goal; it stands on A-2, A-3"
    assert in_words(gap.fix)[0] == "replace the label okr:KR-RETENTOIN of A-2, A-3 by okr:KR-RETENTION"


def test_twins_of_references_differ_by_case_or_form(world, gaps):
    nfc = unicodedata.normalize("NFC", "okr:O-É")
    nfd = unicodedata.normalize("NFD", "okr:O-É")
    world.goals.key_results["O-É"] = KeyResult("O-É", "O-LEADER", "…")
    world.add("A-1", None, "okr:KR-UX")
    world.add("A-2", None, "OKR:kr-ux", "KR-UX")
    world.add("A-3", None, nfc)
    world.add("A-4", None, nfd)
    twins = gaps(world, "label_twins")
    assert sorted(gap.items for gap in twins) == [("A-1", "A-2"), ("A-3", "A-4")]


def test_the_spelling_to_keep_is_none_that_hides_a_character(world, gaps, in_words):
    world.add("A-1", None, "okr:KR-UX")
    world.add("A-2", None, "okr:KR-UX\u200b")
    world.add("A-3", None, "okr:KR-UX\u200b")
    (gap,) = gaps(world, "label_twins")
    assert "such as okr:KR-UX:" in in_words(gap.fix)[0]


def test_a_word_that_names_no_goal_any_more_is_mended_by_a_command_that_runs(world, gaps, in_words):
    for key in ("A-1", "A-2"):
        world.add(key)
        world.link(key, "KR-RETENTOIN")
    (gap,) = gaps(world, "dangling_label")
    assert gap.items == ("A-1", "A-2")
    assert in_words(gap.fix)[0] == 'type: okrsync link A-1 KR-RETENTION --why "…"'


def test_of_other_labels_only_those_that_look_the_same_are_twins(world, gaps):
    world.add("A-1", None, "iOS", "caf\u00e9", "plain", "frontEnd")
    world.add("A-2", None, "ios", "cafe\u0301", "plain\u200b", "frontEnd")
    assert sorted(gap.subject for gap in gaps(world, "label_twins")) == ["cafe\u0301", "plain"]


def test_dead_goal_counts_open_work_only(world, gaps, in_words):
    world.add("A-1", None, "okr:KR-OLD")
    world.add("A-2", "A-1")
    world.add("A-3", "A-1", state=State.DONE)
    world.add("A-4", None, "okr:KR-OLD", "okr:KR-UX")
    world.add("A-5", None, "okr:KR-DROPPED", state=State.DONE)
    (gap,) = gaps(world, "dead_goal")
    assert (gap.subject, gap.items) == ("KR-OLD", ("A-1", "A-2", "A-4"))
    assert gap.since == world.goals.key_results["KR-OLD"].window.end
    assert in_words(gap.evidence)[0] == (
        "open items that lead to KR-OLD: 3, though KR-OLD (Of last quarter) ended on 2026-09-30"
    )


def test_parent_cycle_also_where_a_link_serves_it(world, gaps, in_words):
    world.add("A-1", "A-2", "okr:KR-UX", parent_id="10002")
    world.add("A-2", "A-1")
    world.add("A-3", "A-2")
    (gap,) = gaps(world, "parent_cycle")
    assert gap.items == ("A-1", "A-2")
    assert in_words(gap.evidence)[0] == "the parents run in a circle of 2: A-1 → A-2 → A-1"


def test_duplicate_key_in_two_sources(world, gaps):
    world.add("SHOP-1", source="jira")
    world.add("SHOP-1", source="jira2")
    world.add("SHOP-2")
    (gap,) = gaps(world, "duplicate_key")
    assert gap.items == ("jira:SHOP-1", "jira2:SHOP-1")


def test_a_trailer_that_names_no_goal_is_a_gap_that_is_mended_where_it_can_be(world, gaps, in_words):
    trailer = (Reference(ReferenceKind.TRAILER, "KR-RETENTOIN", evidence="body: KR: KR-RETENTOIN"),)
    world.add("acme/shop#9", kind=ItemKind.PULL_REQUEST, references=trailer)
    (gap,) = gaps(world, "dangling_label")
    assert in_words(gap.evidence)[0] == "the text says that it serves KR-RETENTOIN, which names no goal: acme/shop#9"
    assert in_words(gap.fix)[0] == "in the text of acme/shop#9, write KR-RETENTION instead of KR-RETENTOIN"
    world.change("acme/shop#9", kind=ItemKind.COMMIT)
    (gap,) = gaps(world, "dangling_label")
    assert in_words(gap.fix)[0] == 'type: okrsync link acme/shop#9 KR-RETENTION --why "…"', "a message is for ever"


def test_keys_that_name_no_item_are_one_gap_a_project(world, gaps, in_words):
    def named(*keys):
        return tuple(Reference(ReferenceKind.MENTIONS, key, evidence=f"body: {key}") for key in keys)

    commit = {"source": "github", "kind": ItemKind.COMMIT}
    for number in range(2000):
        world.add(f"{number:040d}", references=named(f"SHOP-{number + 100}", f"acme/shop#{number // 2}"), **commit)
    world.add("f" * 40, None, references=named("SHOP-100"), **commit)
    shop, repository = gaps(world, "dangling_key")
    assert (shop.subject, len(shop.items), repository.subject) == ("SHOP", 2001, "acme/shop")
    assert in_words(shop.evidence)[0] == (
        "keys of SHOP that no item has: 2000 (SHOP-100, SHOP-101, SHOP-102, SHOP-103, SHOP-104, …); "
        "pull requests and commits that name them: 2001"
    )
    assert gaps(world, "dangling_label") == []


def test_a_commit_in_two_sources_is_no_duplicate_key(world, gaps):
    for source in ("github", "ghe"):
        world.add("f" * 40, source=source, kind=ItemKind.COMMIT)
        world.add("acme/shop#9", source=source, kind=ItemKind.PULL_REQUEST)
    assert [gap.subject for gap in gaps(world, "duplicate_key")] == ["acme/shop#9"]


def test_a_healthy_world_has_no_gap(world, gaps):
    world.add("A-1", None, "okr:KR-UX", "frontEnd")
    world.add("A-2", "A-1")
    assert [
        gap for kind in ("dangling_label", "dangling_key", "label_twins", "dead_goal") for gap in gaps(world, kind)
    ] == []


# ── fingerprint ──────────────────────────────────────────────────────────────────────────────────────────────────────


def changed(goals, kind, name, **changes):
    table = getattr(goals, kind)
    return replace(goals, **{kind: {**table, name: replace(table[name], **changes)}})


def test_a_fingerprint_stays_while_verdicts_would(world):
    goals, rules, now = world.goals, world.rules, world.now
    before = mapping.fingerprint(goals, rules, now)
    same = [
        (changed(goals, "key_results", "KR-UX", owner="x", weight=3.0, target=5.0, baseline=1.0), rules, now),
        (changed(goals, "objectives", "O-LEADER", owner="x", weight=3.0), rules, now),
        (changed(goals, "key_results", "KR-UX", state=GoalState.DRAFT), rules, now),
        (goals, rules, now + timedelta(days=1)),
    ]
    assert [mapping.fingerprint(*one) == before for one in same] == [True] * len(same)


def test_a_fingerprint_changes_where_verdicts_might(world):
    goals, rules, now = world.goals, world.rules, world.now
    before = mapping.fingerprint(goals, rules, now)
    end = goals.key_results["KR-UX"].window.end
    others = [
        (changed(goals, "key_results", "KR-UX", title="Other"), rules, now),
        (changed(goals, "key_results", "KR-UX", state=GoalState.DROPPED), rules, now),
        (changed(goals, "key_results", "KR-UX", epics=(ItemRef("jira", "SHOP-13"),)), rules, now),
        (changed(goals, "key_results", "KR-UX", containers=("github:milestone:acme/shop#3",)), rules, now),
        (changed(goals, "key_results", "KR-UX", objective="O-CRAFT"), rules, now),
        (changed(goals, "objectives", "O-LEADER", parent=None), rules, now),
        (replace(goals, key_results={k: v for k, v in goals.key_results.items() if k != "KR-UX"}), rules, now),
        (goals, replace(rules, label_patterns=("x(?P<id>.)",)), now),
        (goals, replace(rules, exempt=(Exemption(labels=("ktlo",)),)), now),
        (goals, replace(rules, order=rules.order[1:]), now),
        (goals, replace(rules, conflict="first"), now),
        (goals, rules, end),
    ]
    prints = [mapping.fingerprint(*one) for one in others]
    assert before not in prints
    assert len(set(prints)) == len(prints)


def test_a_goal_dies_in_the_fingerprint_at_the_instant_of_its_end(world):
    end = world.goals.key_results["KR-UX"].window.end
    prints = [mapping.fingerprint(world.goals, world.rules, end + timedelta(microseconds=step)) for step in (-1, 0, 1)]
    assert prints[0] != prints[1] == prints[2]


# ── cost ─────────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_ten_thousand_labels_on_one_item(world):
    world.add("A-1", None, *(f"okr:KR-RETENTION-{number}" for number in range(10_000)))
    nodes = list(world.nodes.values())
    start = time.process_time()
    (verdict,) = mapping.judge(nodes, world.goals, world.rules, {}, world.now)
    assert time.process_time() - start < 2
    assert len(verdict.dangling) == 10_000
