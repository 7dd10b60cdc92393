"""What holds for every world: increments equal a full run, order is nothing, one verdict an item."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st

import mapping
from okrsync.model import Exemption, Node, Override, OverrideKind, Reference, ReferenceKind, RuleName, Rules, State

LABELS = st.lists(
    st.sampled_from(["okr:KR-UX", "kr-ux", "okr:KR-OLD", "okr:KR-NOPE", "ktlo", "frontEnd", "okr:O-LEADER"]), max_size=2
)
ORDERS = st.sampled_from(
    [
        Rules().order,
        (RuleName.OVERRIDE, RuleName.PARENT, RuleName.LABEL, RuleName.EXEMPT),
        (RuleName.LABEL, RuleName.EXEMPT, RuleName.PARENT, RuleName.CONTAINER),
        (RuleName.LABEL,),
    ]
)


@st.composite
def worlds(draw, build):
    size = draw(st.integers(1, 12))
    nodes = [draw(items(build, uid, size)) for uid in range(1, size + 1)]
    overrides = {
        uid: Override(uid, kind, ("KR-RETENTION",), "why", "ana", build["born"])
        for uid, kind in draw(st.dictionaries(st.integers(1, size), st.sampled_from(OverrideKind), max_size=2)).items()
    }
    rules = Rules(
        order=draw(ORDERS), conflict=draw(st.sampled_from(["all", "first"])), exempt=(Exemption(labels=("ktlo",)),)
    )
    return nodes, overrides, rules


@st.composite
def items(draw, build, uid, size):
    def reference():
        up = draw(st.integers(1, size + 1))  # size + 1 is not stored
        by_id = draw(st.booleans())
        key = f"SHOP-{up % 5 + 10}"
        return Reference(ReferenceKind.PARENT, key, None if by_id else str(up))

    return replace(
        build["node"],
        uid=uid,
        remote_id=str(uid),
        source=draw(st.sampled_from(["jira", "jira", "jira", "jira2"])),
        key=f"SHOP-{uid % 5 + 10}" if draw(st.booleans()) else f"A-{uid}",
        aliases=draw(st.sampled_from([(), (), ("SHOP-12",)])),
        labels=tuple(draw(LABELS)),
        state=draw(st.sampled_from(State)),
        references=tuple(reference() for _ in range(draw(st.integers(0, 2)))),
        counted=draw(st.booleans()) or draw(st.booleans()),
        readable=draw(st.integers(0, 9)) > 0,
    )


def judged(nodes, overrides, rules, goals, now, only=None):
    return {one.item: one for one in mapping.judge(nodes, goals, rules, overrides, now, only=only)}


def names(node: Node) -> set[str]:
    return {node.key, *node.aliases}


def parents(node: Node, nodes: list[Node]) -> set[int]:
    """Every node that a reference of this one could mean."""
    return {
        one.uid
        for reference in node.references
        for one in nodes
        if (reference.target_id == one.remote_id and one.source == node.source)
        or (reference.target_id is None and reference.target in names(one))
    }


def climb(uids: set[int], ways: dict[int, set[int]]) -> set[int]:
    seen, frontier = set(), set(uids)
    while frontier:
        seen |= frontier
        frontier = {up for uid in frontier for up in ways[uid]} - seen
    return seen


def build_from(world):
    return {"node": world.add("A-1"), "born": world.now}


def test_order_of_nodes_is_nothing_and_each_counted_one_has_one_verdict(world):
    build, goals, now = build_from(world), world.goals, world.now

    @settings(max_examples=300, deadline=None)
    @given(worlds(build), st.randoms(use_true_random=False))
    def check(case, random):
        nodes, overrides, rules = case
        verdicts = judged(nodes, overrides, rules, goals, now)
        shuffled = list(nodes)
        random.shuffle(shuffled)
        again = list(mapping.judge(shuffled, goals, rules, overrides, now))
        assert Counter(one.item for one in again) == Counter(node.uid for node in nodes if node.counted)
        assert {one.item: one for one in again} == verdicts

    check()


def test_an_increment_equals_a_full_run(world):
    build, goals, now = build_from(world), world.goals, world.now

    @settings(max_examples=300, deadline=None)
    @given(worlds(build), st.data())
    def check(case, data):
        before, overrides, rules = case
        stored = judged(before, overrides, rules, goals, now)
        uid = data.draw(st.integers(1, len(before)))
        changed = data.draw(items(build, uid, len(before)))
        after = [changed if node.uid == uid else node for node in before]

        affected: set[int] = set()
        for nodes in (before, after):
            down: dict[int, set[int]] = {node.uid: set() for node in nodes}
            for node in nodes:
                for up in parents(node, nodes):
                    down[up].add(node.uid)
            touched = {
                node.uid
                for node in nodes
                if any(
                    name in names(before[uid - 1]) | names(changed)
                    for name in (reference.target for reference in node.references)
                )
            }
            affected |= climb({uid} | touched, down)
        ups = {node.uid: parents(node, after) for node in after}
        hood = climb(affected, ups)

        update = judged([node for node in after if node.uid in hood], overrides, rules, goals, now, only=affected)
        merged = {key: one for key, one in (stored | update).items() if after[key - 1].counted}
        assert merged == judged(after, overrides, rules, goals, now)

    check()


def test_a_verdict_is_whole(world):
    build, goals, now = build_from(world), world.goals, world.now

    @settings(max_examples=300, deadline=None)
    @given(worlds(build))
    def check(case):
        nodes, overrides, rules = case
        by_uid = {node.uid: node for node in nodes}
        for one in judged(nodes, overrides, rules, goals, now).values():
            node = by_uid[one.item]
            assert (one.orphan is not None) == (one.kind == "orphan")
            assert (one.broken_at is not None) == (one.kind in ("orphan", "unresolvable"))
            assert (one.exemption is not None) == (one.kind == "exempt")
            assert bool(one.links) == (one.kind == "traced" or (one.kind == "orphan" and bool(one.links)))
            targets = [link.target for link in one.links]
            assert len(targets) == len(set(targets))
            for link in one.links:
                assert link.path[0].key == node.key
                assert any(hop.key == link.target for hop in link.path)
                assert link.since >= min(each.created_at for each in nodes)
            assert not {link.target for link in one.lost} & set(targets)

    check()
