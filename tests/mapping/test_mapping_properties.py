"""What holds for every world: increments equal a full run, order is nothing, one verdict an item."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import replace
from datetime import timedelta

from cases import cases
from hypothesis import given
from hypothesis import strategies as st

import mapping
from mapping.instants import micros
from okrsync.model import (
    Change,
    ChangeKind,
    Exemption,
    ItemKind,
    Node,
    OrphanClass,
    Override,
    OverrideKind,
    Reference,
    ReferenceKind,
    RuleName,
    Rules,
    State,
    VerdictKind,
)

LABELS = st.lists(
    st.sampled_from(["okr:KR-UX", "kr-ux", "okr:KR-OLD", "okr:KR-NOPE", "ktlo", "frontEnd", "okr:O-LEADER"]), max_size=2
)
ORDERS = st.sampled_from(
    [
        Rules().order,
        (RuleName.OVERRIDE, RuleName.PARENT, RuleName.LABEL, RuleName.EXEMPT),
        (RuleName.LABEL, RuleName.EXEMPT, RuleName.PARENT, RuleName.CONTAINER),
        (RuleName.LABEL,),
        (RuleName.REVERT, RuleName.REFERENCE, RuleName.LABEL, RuleName.PARENT),
        (RuleName.PARENT, RuleName.REFERENCE, RuleName.TRAILER, RuleName.EXEMPT, RuleName.REVERT),
        (RuleName.LABEL, RuleName.REVERT),
    ]
)
CLIMBS = (ReferenceKind.PARENT, ReferenceKind.EPIC)
TIES = (ReferenceKind.CLOSES, ReferenceKind.MENTIONS, ReferenceKind.REVERTS, ReferenceKind.MERGED_AS)
KINDS = st.sampled_from([ItemKind.TICKET, ItemKind.TICKET, ItemKind.PULL_REQUEST, ItemKind.COMMIT])


def sha(number: int) -> str:
    """Of five numbers two share their first seven characters."""
    return f"{'abcdefab' if number % 5 < 2 else f'{number % 5:08d}'}{number % 5:032d}"


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
    kind = draw(KINDS)

    def reference():
        up = draw(st.integers(1, size + 1))  # size + 1 is not stored
        key = f"SHOP-{up % 5 + 10}"
        if draw(st.integers(0, 5)) == 0:
            return Reference(ReferenceKind.TRAILER, draw(st.sampled_from(["KR-UX", "KR-OLD", "KR-NOPE"])))
        if kind is ItemKind.TICKET or draw(st.integers(0, 5)) == 0:
            return Reference(draw(st.sampled_from(CLIMBS)), key, None if draw(st.booleans()) else str(up))
        tie = draw(st.sampled_from(TIES))
        if tie is ReferenceKind.MERGED_AS:
            return Reference(tie, sha(up))
        if tie is ReferenceKind.REVERTS and draw(st.booleans()):
            return Reference(tie, sha(up)[: draw(st.sampled_from([7, 8, 40]))], evidence="body: reverts commit")
        by_id = draw(st.integers(0, 3)) == 0
        source = draw(st.sampled_from([None, None, "jira2"])) if not by_id else None
        return Reference(tie, key, str(up) if by_id else None, "" if by_id else f"body: {key}", None, source)

    return replace(
        build["node"],
        uid=uid,
        remote_id=str(uid),
        title=f"Item {uid}",
        kind=kind,
        source=draw(st.sampled_from(["jira", "jira", "jira", "jira2"])),
        project=draw(st.sampled_from(["acme/shop", "acme/mobile"])),
        key=sha(uid) if kind is ItemKind.COMMIT else f"SHOP-{uid % 5 + 10}" if draw(st.booleans()) else f"A-{uid}",
        aliases=draw(st.sampled_from([(), (), ("SHOP-12",)])) if kind is not ItemKind.COMMIT else (),
        labels=tuple(draw(LABELS)),
        state=draw(st.sampled_from(State)),
        references=tuple(reference() for _ in range(draw(st.integers(0, 3)))),
        counted=draw(st.booleans()) or draw(st.booleans()),
        readable=draw(st.integers(0, 9)) > 0,
    )


def judged(nodes, overrides, rules, goals, now, only=None):
    return {one.item: one for one in mapping.judge(nodes, goals, rules, overrides, now, only=only)}


def names(node: Node) -> set[str]:
    """Whatever a reference can call the node."""
    starts = {node.key[:length] for length in (7, 8)} if node.kind is ItemKind.COMMIT else set()
    return {node.key, *node.aliases} | starts


def could_mean(reference: Reference, holder: Node, one: Node) -> bool:
    if reference.target_id is not None:
        return reference.target_id == one.remote_id and one.source == holder.source
    return reference.target in names(one)


def ways(nodes: list[Node]) -> dict[int, set[int]]:
    """By uid, every node that its verdict may depend on: the closure upwards that the store has to deliver.

    The targets of parents and epics; of pull requests and commits also those of what they close, name and revert, by
    key or sha in any source; and of a commit the pull requests that were merged as it.
    """
    up: dict[int, set[int]] = {node.uid: set() for node in nodes}
    for node in nodes:
        for reference in node.references:
            if reference.kind in CLIMBS or (reference.kind in TIES and node.kind is not ItemKind.TICKET):
                targets = {one.uid for one in nodes if could_mean(reference, node, one)}
                if reference.kind is ReferenceKind.MERGED_AS:
                    for uid in targets:
                        up[uid].add(node.uid)
                else:
                    up[node.uid] |= targets
    return up


def climb(uids: set[int], steps: dict[int, set[int]]) -> set[int]:
    seen, frontier = set(), set(uids)
    while frontier:
        seen |= frontier
        frontier = {up for uid in frontier for up in steps[uid]} - seen
    return seen


def build_from(world):
    return {"node": world.add("A-1"), "born": world.now}


def test_order_of_nodes_is_nothing_and_each_counted_one_has_one_verdict(world):
    build, goals, now = build_from(world), world.goals, world.now

    @cases(250)
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

    @cases(250)
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
            for below, ups in ways(nodes).items():
                for up in ups:
                    down[up].add(below)
            called = names(before[uid - 1]) | names(changed)
            touched = {node.uid for node in nodes if any(one.target in called for one in node.references)}
            merged = {one.target for node in (before[uid - 1], changed) for one in node.references}
            touched |= {node.uid for node in nodes if node.key in merged}
            affected |= climb({uid} | touched, down)
        hood = climb(affected, ways(after))

        update = judged([node for node in after if node.uid in hood], overrides, rules, goals, now, only=affected)
        merged = {key: one for key, one in (stored | update).items() if after[key - 1].counted}
        assert merged == judged(after, overrides, rules, goals, now)

    check()


def test_a_verdict_is_whole(world):
    build, goals, now = build_from(world), world.goals, world.now

    @cases(250)
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
                steps = [hop.title for hop in link.path if hop.source]
                assert len(steps) == len(set(steps)), "a path that comes back to where it was"
                assert link.since >= min(each.created_at for each in nodes)
            assert not {link.target for link in one.lost} & set(targets)

    check()


@st.composite
def tangles(draw, build):
    """A ticket, and pull requests and commits that name and revert one another in every way."""
    size = draw(st.integers(2, 7))
    nodes = [replace(build["node"], uid=1, remote_id="1", title="Item 1", labels=draw(LABELS), references=())]
    for uid in range(2, size + 1):
        kind = draw(st.sampled_from([ItemKind.PULL_REQUEST, ItemKind.COMMIT]))
        ties = st.sampled_from([ReferenceKind.REVERTS, ReferenceKind.REVERTS, ReferenceKind.MENTIONS])
        links = draw(st.lists(st.tuples(ties, st.integers(1, size)), max_size=3))
        references = tuple(Reference(tie, "", str(up), f"body: {up}") for tie, up in links)
        labels = tuple(draw(LABELS)) if draw(st.integers(0, 3)) == 0 else ()
        key = f"K-{uid}"
        node = replace(build["node"], uid=uid, remote_id=str(uid), key=key, kind=kind, title=f"Item {uid}")
        nodes.append(replace(node, labels=labels, references=references))
    return nodes


def test_whatever_reverts_whatever_paths_end_and_all_that_is_tied_to_a_link_has_one(world):
    build, goals, now = build_from(world), world.goals, world.now

    @cases(300)
    @given(tangles(build), st.sampled_from(["all", "first"]), st.randoms(use_true_random=False))
    def check(nodes, conflict, random):
        rules = Rules(conflict=conflict)
        verdicts = judged(nodes, {}, rules, goals, now)
        shuffled = random.sample(nodes, len(nodes))
        assert judged(shuffled, {}, rules, goals, now) == verdicts
        ups = ways(nodes)
        for uid, one in verdicts.items():
            hood = climb({uid}, ups)
            alone = judged([node for node in nodes if node.uid in hood], {}, rules, goals, now, only={uid})
            assert alone[uid] == one, "it depends on nothing but what it climbs to"
            for link in (*one.links, *one.lost):
                steps = [hop.title for hop in link.path if hop.source]
                assert len(steps) == len(set(steps)), "a path that comes back to where it was"
            linked = any(verdicts[up].links for up in ups[uid] if leads(nodes[uid - 1], nodes[up - 1]))
            assert one.links or not linked

    check()


def leads(node: Node, up: Node) -> bool:
    """A pull request inherits from a pull request only what it reverts; whatever else is tied hands down."""
    reverts = any(one.kind is ReferenceKind.REVERTS and one.target_id == up.remote_id for one in node.references)
    merely_named = up.kind is ItemKind.COMMIT or node.kind is up.kind is ItemKind.PULL_REQUEST
    return reverts or not merely_named


# ── decisions without words ──────────────────────────────────────────────────────────────────────────────────────────

ANY_ORDER = st.lists(st.sampled_from(RuleName), unique=True, min_size=1).map(tuple)


def decided(ruling):
    links = {(period.target, period.rule, period.since) for period in ruling.periods}
    assert all(period.until is None and period.via for period in ruling.periods)
    return ruling.kind, ruling.orphan, ruling.mend, ruling.dangling, links


def told(verdict):
    links = {(link.target, link.rule, micros(link.since)) for link in verdict.links}
    mend = verdict.broken_at.item if verdict.broken_at else None
    return verdict.kind, verdict.orphan, mend, bool(verdict.dangling), links


@st.composite
def dated(draw, build):
    """A world in which labels, parents and references have dates of their own."""
    nodes, overrides, rules = draw(worlds(build))

    def moment():
        return build["born"] - timedelta(days=draw(st.integers(1, 9)))

    def history(node):
        labels = [Change(moment(), ChangeKind.LABEL_ADDED, None, label) for label in node.labels]
        ups = [one.target_id for one in node.references if one.target_id]
        moves = [Change(moment(), ChangeKind.PARENT, None, up) for up in ups]
        return tuple(draw(st.lists(st.sampled_from(labels + moves), max_size=3))) if labels + moves else ()

    def since(reference):
        return replace(reference, since=moment()) if draw(st.integers(0, 4)) == 0 else reference

    nodes = [
        replace(node, changes=history(node), references=tuple(map(since, node.references)), created_at=moment())
        for node in nodes
    ]
    return nodes, overrides, replace(rules, order=draw(ANY_ORDER)) if draw(st.booleans()) else rules


def test_rulings_are_the_verdicts_without_the_words(world):
    build, goals, now = build_from(world), world.goals, world.now

    @cases(400)
    @given(dated(build), st.data())
    def check(case, data):
        nodes, overrides, rules = case
        verdicts = judged(nodes, overrides, rules, goals, now)
        items = mapping.World.of(nodes, goals)
        rulings = list(mapping.rulings(items, goals, rules, overrides, now))
        assert [one.item for one in rulings] == sorted(verdicts)
        assert {one.item: decided(one) for one in rulings} == {uid: told(one) for uid, one in verdicts.items()}
        some = data.draw(st.sets(st.integers(1, len(nodes) + 1)))
        assert list(mapping.rulings(items, goals, rules, overrides, now, only=some)) == [
            one for one in rulings if one.item in some
        ]

    check()


def test_a_world_of_rows_is_that_of_nodes(world):
    build, goals, now = build_from(world), world.goals, world.now

    @cases(250)
    @given(dated(build))
    def check(case):
        nodes, overrides, rules = case
        rows = mapping.World(goals)
        rows.add_references(
            (
                *(node.uid, node.source, one.kind.value, one.target, one.target_id, one.target_source),
                *(micros(one.since) if one.since else None, int(one.evidence.startswith("body: "))),
            )
            for node in nodes
            for one in node.references
        )
        rows.add_aliases((node.uid, alias) for node in nodes for alias in node.aliases)
        rows.add_items(
            (
                *(node.uid, json.dumps([node.source, node.kind, node.project, node.type]), node.author),
                *(node.remote_id, node.key, int(node.counted) + 2 * node.readable + 4 * (node.state is State.DONE)),
                *(micros(node.created_at), node.title if node.kind is ItemKind.COMMIT else None),
                *(json.dumps(node.labels) if node.labels else None, None),
            )
            for node in nodes
        )
        rows.add_changes(
            (node.uid, micros(one.at), one.kind.value, one.after)
            for node in nodes
            for one in node.changes
            if one.kind in mapping.DATING
        )
        same = list(mapping.rulings(mapping.World.of(nodes, goals), goals, rules, overrides, now))
        assert list(mapping.rulings(rows, goals, rules, overrides, now)) == same

    check()


def test_the_mend_that_is_told_links_what_names_it(world):
    """One label where an orphan is to be mended links it, and all that are to be mended there; besides these, what
    hangs below and is held by another break of its own: a bad label, a key of two items, a way up that is shut."""
    build, goals, now = build_from(world), world.goals, world.now
    reached = (VerdictKind.TRACED, VerdictKind.EXEMPT)

    @cases(300)
    @given(worlds(build), st.data())
    def check(case, data):
        nodes, overrides, rules = case
        rules = replace(rules, order=Rules().order)
        before = judged(nodes, overrides, rules, goals, now)
        mends: dict[int, set[int]] = {}
        for uid, one in before.items():
            if one.orphan in (OrphanClass.TRANSITIVE, OrphanClass.DIRECT):
                mends.setdefault(one.broken_at.item, set()).add(uid)
        if not mends:
            return
        mend = data.draw(st.sampled_from(sorted(mends)))
        mended = [replace(one, labels=(*one.labels, "okr:KR-CRAFT")) if one.uid == mend else one for one in nodes]
        after = judged(mended, overrides, rules, goals, now)
        linked = {uid for uid, one in after.items() if one.kind in reached and before[uid].kind not in reached}
        assert mends[mend] <= linked
        below = {uid for uid in linked if mend in climb({uid}, ways(nodes))}
        assert linked == below, "and nothing else"
        for uid in linked - mends[mend] - {mend}:
            one = before[uid]
            own = one.orphan in (OrphanClass.DANGLING, OrphanClass.AMBIGUOUS) or one.kind is VerdictKind.UNRESOLVABLE
            assert own or one.broken_at.item != mend, "another break held it"

    check()
