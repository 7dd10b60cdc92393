"""Periods of links that ended, as the histories of the items tell them."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from cases import cases
from hypothesis import given
from hypothesis import strategies as st

import mapping
from mapping import past
from mapping.chronicle import NOW, Chronicle, as_of
from okrsync.model import (
    Change,
    ChangeKind,
    Exemption,
    ItemKind,
    KeyResult,
    Override,
    OverrideKind,
    Reference,
    ReferenceKind,
    RuleName,
    Rules,
)

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def day(number: int) -> datetime:
    """So many days into October; items of the world are born on the 5th."""
    return datetime(2026, 10, 1, tzinfo=UTC) + timedelta(days=number - 1)


def labelled(at: int, label: str) -> Change:
    return Change(day(at), ChangeKind.LABEL_ADDED, None, label)


def unlabelled(at: int, label: str) -> Change:
    return Change(day(at), ChangeKind.LABEL_REMOVED, label, None)


def moved(at: int, before: str | None, after: str | None) -> Change:
    return Change(day(at), ChangeKind.PARENT, before, after)


def told(world, words=None, only=None) -> dict[str, list[tuple[str, str, int, int]]]:
    """Key → (target, rule, first day, day of the end) of each period that ended."""
    nodes = list(world.nodes.values())
    words = words if words is not None else {uid: [word] for uid, word in world.overrides.items()}
    only = set(world.nodes) if only is None else only
    found = past.periods(nodes, world.goals, world.rules, words, world.now, only)
    return {
        world.nodes[uid].key: [(one.target, str(one.rule), number(one.since), number(one.until)) for one in ended]
        for uid, ended in found.items()
    }


def number(micros: int) -> int:
    return (EPOCH + timedelta(microseconds=micros) - day(1)).days + 1


def micros(at: datetime) -> int:
    return (at - EPOCH) // timedelta(microseconds=1)


# ── what people do ───────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_label_that_moved_from_one_goal_to_another_keeps_both_periods(world):
    changes = (labelled(6, "okr:KR-UX"), unlabelled(10, "okr:KR-UX"), labelled(10, "okr:KR-RETENTION"))
    world.add("PAY-1", None, "okr:KR-RETENTION", changes=changes)
    assert told(world) == {"PAY-1": [("KR-UX", "label", 6, 10)]}


def test_what_hangs_below_an_epic_has_the_periods_of_its_label_while_it_hung_there(world):
    epic = world.add(
        "PAY-1",
        None,
        "okr:KR-RETENTION",
        changes=(labelled(6, "okr:KR-UX"), unlabelled(20, "okr:KR-UX"), labelled(20, "okr:KR-RETENTION")),
    )
    world.add("PAY-2", "PAY-1")
    world.add("PAY-3", "PAY-2", joined=day(9))
    world.add("PAY-4", None, changes=(moved(8, None, epic.remote_id), moved(15, epic.remote_id, None)))
    world.add("PAY-5", "PAY-1", joined=day(21), changes=(moved(21, None, epic.remote_id),))
    world.add(
        "acme/shop#1",
        kind=ItemKind.PULL_REQUEST,
        source="github",
        references=[Reference(ReferenceKind.MENTIONS, "PAY-3", evidence="title: PAY-3")],
    )
    assert told(world) == {
        "PAY-1": [("KR-UX", "label", 6, 20)],
        "PAY-2": [("KR-UX", "parent", 6, 20)],
        "PAY-3": [("KR-UX", "parent", 9, 20)],
        "PAY-4": [("KR-UX", "parent", 8, 15)],
        "acme/shop#1": [("KR-UX", "reference", 9, 20)],
    }


def test_an_item_that_was_moved_keeps_what_it_had_under_its_former_parent(world):
    first = world.add("PAY-1", None, "okr:KR-UX")
    second = world.add("PAY-2", None, "okr:KR-RETENTION")
    world.add("PAY-3", "PAY-2", changes=(moved(12, first.remote_id, second.remote_id),))
    world.add("PAY-4", "PAY-3")
    assert told(world) == {"PAY-3": [("KR-UX", "parent", 5, 12)], "PAY-4": [("KR-UX", "parent", 5, 12)]}


def test_a_label_of_its_own_ends_what_was_inherited(world):
    world.add("PAY-1", None, "okr:KR-UX")
    world.add("PAY-2", "PAY-1", "okr:KR-RETENTION", changes=(labelled(11, "okr:KR-RETENTION"),))
    assert told(world) == {"PAY-2": [("KR-UX", "parent", 5, 11)]}


def test_an_exemption_ends_what_was_inherited_too(worlds):
    world = worlds(rules=Rules(exempt=(Exemption(labels=("ktlo",)),)))
    world.add("PAY-1", None, "okr:KR-UX")
    world.add("PAY-2", "PAY-1", "KTLO", changes=(labelled(11, "KTLO"),))
    assert told(world) == {"PAY-2": [("KR-UX", "parent", 5, 11)]}


def test_fields_and_containers_have_a_past_too(worlds):
    goals = worlds().goals
    named = KeyResult("KR-SPRINT", "O-LEADER", "Of a sprint", containers=("jira:sprint:7",))
    world = worlds(replace(goals, key_results={**goals.key_results, named.id: named}), Rules(fields=("Objective",)))
    world.add("PAY-9", fields={"Objective": "KR-UX"})  # by which the name of the field is known
    filled = Change(day(9), ChangeKind.FIELD, "customfield_Objective=KR-UX", "customfield_Objective=KR-RETENTION")
    world.add("PAY-1", fields={"Objective": "KR-RETENTION"}, changes=(filled,))
    emptied = Change(day(9), ChangeKind.FIELD, "customfield_Objective=KR-UX", None)
    world.add("PAY-2", changes=(emptied,))
    joined, left = (
        Change(day(7), ChangeKind.MEMBER, None, "sprint:7"),
        Change(day(13), ChangeKind.MEMBER, "sprint:7", "sprint:8"),
    )
    world.add("PAY-3", references=[Reference(ReferenceKind.MEMBER, "sprint:8")], changes=(joined, left))
    assert told(world) == {
        "PAY-1": [("KR-UX", "field", 5, 9)],
        "PAY-2": [("KR-UX", "field", 5, 9)],
        "PAY-3": [("KR-SPRINT", "container", 7, 13)],
    }


def test_the_word_of_a_person_counts_from_when_it_was_given_until_it_was_taken_back(world):
    epic = world.add("PAY-1", None, "okr:KR-UX")
    item = world.add("PAY-2", "PAY-1")
    words = {
        item.uid: [
            Override(item.uid, OverrideKind.LINK, ("KR-RETENTION",), "first", "ana", day(8), day(20), "bob"),
            Override(item.uid, OverrideKind.LINK, ("O-ROOT",), "second", "ana", day(12), day(20), "bob"),
        ]
    }
    assert epic.uid not in words
    # KR-UX holds again since the 20th; a link that came back is told since its first day
    assert told(world, words) == {"PAY-2": [("KR-RETENTION", "override", 8, 12), ("O-ROOT", "override", 12, 20)]}
    still = {item.uid: [replace(words[item.uid][0], removed_at=None)]}
    assert told(world, still) == {"PAY-2": [("KR-UX", "parent", 5, 8)]}


def test_a_link_that_was_away_for_a_while_has_a_period_of_its_own_before_it(world):
    changes = (labelled(6, "okr:KR-UX"), unlabelled(10, "okr:KR-UX"), labelled(15, "okr:KR-UX"))
    world.add("PAY-1", None, "okr:KR-UX", changes=changes)
    assert told(world) == {"PAY-1": [("KR-UX", "label", 6, 10)]}


def test_a_period_of_what_was_overruled_for_a_while_has_a_gap_there(world):
    epic = (labelled(6, "okr:KR-UX"), unlabelled(20, "okr:KR-UX"))
    world.add("PAY-1", None, changes=epic)
    world.add("PAY-2", "PAY-1", changes=(labelled(9, "okr:KR-CRAFT"), unlabelled(12, "okr:KR-CRAFT")))
    assert told(world, only={2}) == {
        "PAY-2": [("KR-UX", "parent", 6, 9), ("KR-CRAFT", "label", 9, 12), ("KR-UX", "parent", 12, 20)]
    }


def test_changing_the_parent_for_another_of_the_same_goal_is_one_period(world):
    first, second = world.add("PAY-1", None, "okr:KR-UX"), world.add("PAY-2", None, "okr:KR-UX")
    changes = (moved(9, first.remote_id, second.remote_id), moved(14, second.remote_id, None))
    world.add("PAY-3", None, changes=changes)
    assert told(world) == {"PAY-3": [("KR-UX", "parent", 5, 14)]}


def test_changes_of_one_instant_are_undone_from_the_last_that_the_tool_told(world):
    world.add("PAY-1", None, "okr:KR-UX")
    second, third = world.add("PAY-2"), world.add("PAY-3", None, "okr:KR-RETENTION")
    first = world["PAY-1"]
    changes = (moved(9, first.remote_id, second.remote_id), moved(9, second.remote_id, third.remote_id))
    world.add("PAY-4", "PAY-3", changes=changes)
    assert told(world) == {"PAY-4": [("KR-UX", "parent", 5, 9)]}


def test_a_first_parent_that_is_nearer_ends_what_came_from_further_above(world):
    world.add("PAY-1", None, "okr:KR-UX")
    world.add("PAY-2", "PAY-1")
    near = world.add("PAY-3", None, "okr:KR-RETENTION")
    far = Reference(ReferenceKind.EPIC, "PAY-2")
    world.add("PAY-4", "PAY-3", references=[far], changes=(moved(9, None, near.remote_id),))
    assert told(world) == {"PAY-4": [("KR-UX", "parent", 5, 9)]}


def test_a_ticket_that_gets_a_parent_ends_what_a_revert_had_from_what_it_reverts(world):
    epic = world.add("PAY-1", None, "okr:KR-RETENTION")
    world.add("PAY-2", "PAY-1", changes=(moved(9, None, epic.remote_id),))
    pull = {"kind": ItemKind.PULL_REQUEST, "source": "github"}
    world.add("acme/shop#1", None, "okr:KR-UX", **pull)
    reverts = Reference(ReferenceKind.REVERTS, "acme/shop#1", evidence="body: Reverts #1")
    named = Reference(ReferenceKind.MENTIONS, "PAY-2", evidence="title: PAY-2")
    world.add("acme/shop#2", references=[named, reverts], **pull)
    assert told(world) == {"acme/shop#2": [("KR-UX", "revert", 5, 9)]}


def test_a_first_parent_ends_a_label_where_the_parent_ranks_higher(worlds):
    world = worlds(rules=Rules(order=(RuleName.PARENT, RuleName.LABEL)))
    epic = world.add("PAY-1", None, "okr:KR-RETENTION")
    world.add("PAY-2", "PAY-1", "okr:KR-UX", changes=(moved(9, None, epic.remote_id),))
    assert told(world) == {"PAY-2": [("KR-UX", "label", 5, 9)]}


def test_a_period_tells_what_made_the_link(world):
    epic = world.add("SHOP-12", None, "kr-craft", changes=(labelled(6, "kr-craft"),))  # KR-UX names it
    world.add("PAY-2", None, changes=(moved(12, epic.remote_id, None),))
    found = past.periods(world.nodes.values(), world.goals, world.rules, {}, world.now, {1, 2})
    assert [(one.target, one.via) for one in found[1]] == [("KR-UX", "jira:SHOP-12")]
    assert [(one.target, one.via) for one in found[2]] == [("KR-UX", "SHOP-12"), ("KR-CRAFT", "SHOP-12")]


def test_labels_that_name_no_goal_say_nothing(world):
    tells = past.telling(world.goals, replace(world.rules, exempt=(Exemption(labels=("ktlo",)),)))
    said = [labelled(6, "frontend"), unlabelled(6, "okr:KR-NOPE"), Change(day(6), ChangeKind.KEY, "SHOP-1", "PAY-1")]
    assert not any(map(tells, said))
    assert all(map(tells, [labelled(6, "kr-ux"), unlabelled(6, "KTLO"), moved(6, None, "1")]))


def test_a_first_parent_tells_nothing_but_above_what_is_torn(world):
    first, other = moved(6, None, "1"), moved(6, "1", "2")
    plain = past.telling(world.goals, world.rules, torn=False)
    assert [plain(first), plain(other)] == [False, True]
    assert past.telling(world.goals, world.rules)(first)
    for rules in (Rules(conflict="first"), Rules(order=(RuleName.PARENT, RuleName.LABEL))):
        assert past.telling(world.goals, rules, torn=False)(first)
    assert not past.telling(world.goals, Rules(order=(RuleName.LABEL,)))(other)


def test_a_former_parent_that_nobody_knows_ends_nothing(world):
    world.add("PAY-1", None, changes=(moved(9, "77", None),))
    assert told(world) == {}


def test_a_history_that_leaves_out_a_change_of_parent_still_leads_to_one_parent(world):
    first, second = world.add("PAY-1", None, "okr:KR-UX"), world.add("PAY-2", None, "okr:KR-RETENTION")
    item = world.add("PAY-3", "PAY-2", changes=(moved(9, first.remote_id, "77"),))
    before = Chronicle(world.nodes, {}).node(item.uid, day(9))
    assert [one.target for one in before.references] == ["PAY-1"]
    assert second.key not in {one.target for one in before.references}


def test_undoing_the_changes_of_an_item_leaves_what_it_was(world):
    item = world.add(
        "PAY-1",
        None,
        "okr:KR-UX",
        "beta",
        fields={"Size": "L"},
        changes=(
            labelled(6, "Alpha"),
            unlabelled(7, "alpha"),
            labelled(8, "beta"),
            Change(day(9), ChangeKind.FIELD, "customfield_Size=M", "customfield_Size=L"),
        ),
    )
    before = as_of(item, day(8))
    assert (before.labels, [one.value for one in before.fields]) == (("okr:KR-UX",), ["M"])
    assert before.changes == item.changes[:2]
    assert as_of(item, day(7)).labels == ("okr:KR-UX", "alpha")
    assert as_of(item, day(6)).labels == ("okr:KR-UX",)
    assert as_of(item, day(10)) is item


def test_what_only_begins_is_no_turn(world):
    epic = world.add("PAY-1", None, "okr:KR-UX", changes=(labelled(6, "okr:KR-UX"),))
    below = world.add("PAY-2", "PAY-1", "okr:KR-RETENTION", changes=(labelled(9, "okr:KR-RETENTION"),))
    moving = world.add("PAY-3", "PAY-1", changes=(moved(8, None, epic.remote_id), moved(12, below.remote_id, None)))

    def turns(torn=()):
        nodes = world.nodes.values()
        return past.turning(nodes, world.goals, world.rules, {}, world.now, world.nodes, torn)

    assert turns() == {below.uid: {day(9)}, moving.uid: {day(12)}}
    assert turns({epic.uid}) == {epic.uid: {day(6)}, **turns()}
    world.rules = Rules(conflict="first")
    assert turns() == {epic.uid: {day(6)}, below.uid: {day(9)}, moving.uid: {day(8), day(12)}}


# ── any history ──────────────────────────────────────────────────────────────────────────────────────────────────────

LABELS = ("okr:KR-UX", "kr-ux", "okr:KR-RETENTION", "ktlo", "frontend")
TICKETS = 5
PULL = TICKETS + 1  # names two of the tickets
ORDERS = st.sampled_from(
    [Rules().order, (RuleName.PARENT, RuleName.LABEL, RuleName.OVERRIDE, RuleName.EXEMPT, RuleName.REFERENCE)]
)


@st.composite
def deeds(draw):
    """What people did, one deed a day: to an item its labels, its parent, or a word about it."""
    found = []
    for number in range(draw(st.integers(0, 9))):
        uid = draw(st.integers(1, PULL))
        label, parent = st.sampled_from(LABELS), st.sampled_from([None, *range(1, TICKETS + 1)])
        kinds = ["label", "label", "word"] + (["parent"] * 3 if uid <= TICKETS else [])
        kind = draw(st.sampled_from(kinds))
        word = st.sampled_from([None, "KR-CRAFT", ""])
        found.append((day(6 + number), uid, kind, draw({"label": label, "parent": parent, "word": word}[kind])))
    return found


def lived(build, done, upto: datetime):
    """The items after what was done before ``upto``, with their histories, and all words."""
    labels: dict[int, list[str]] = {uid: [] for uid in range(1, PULL + 1)}
    parents: dict[int, int | None] = {1: None, 2: 1, 3: 2, 4: 2, 5: None}
    changes: dict[int, list[Change]] = {uid: [] for uid in labels}
    words: dict[int, list[Override]] = {}
    for at, uid, kind, what in done:
        if at >= upto:
            break
        if kind == "label" and what in labels[uid]:
            labels[uid].remove(what)
            changes[uid].append(Change(at, ChangeKind.LABEL_REMOVED, what, None))
        elif kind == "label":
            labels[uid].append(what)
            changes[uid].append(Change(at, ChangeKind.LABEL_ADDED, None, what))
        elif kind == "parent" and what != parents[uid]:
            before, parents[uid] = parents[uid], what
            changes[uid].append(Change(at, ChangeKind.PARENT, before and str(before), what and str(what)))
        elif kind == "word" and what is None:
            words[uid] = [replace(one, removed_at=one.removed_at or at) for one in words.get(uid, [])]
        elif kind == "word":
            kind = OverrideKind.LINK if what else OverrideKind.EXEMPT
            words.setdefault(uid, []).append(Override(uid, kind, (what,) if what else (), "why", "ana", at))
    named = tuple(Reference(ReferenceKind.MENTIONS, f"PAY-{uid}", evidence="title: PAY") for uid in (3, 4))
    nodes = [
        replace(
            build,
            uid=uid,
            remote_id=str(uid),
            key=f"PAY-{uid}",
            kind=ItemKind.PULL_REQUEST if uid == PULL else ItemKind.TICKET,
            labels=tuple(labels[uid]),
            references=named
            if uid == PULL
            else (Reference(ReferenceKind.PARENT, f"PAY-{parents[uid]}", str(parents[uid])),)
            if parents[uid]
            else (),
            changes=tuple(changes[uid]),
        )
        for uid in labels
    ]
    return nodes, words


def test_at_every_instant_the_periods_are_the_links_of_the_world_as_it_was(world):
    build, goals, now = world.add("PAY-0"), world.goals, world.now

    @given(done=deeds(), order=ORDERS)
    @cases(100)
    def check(done, order):
        rules = Rules(order=order, exempt=(Exemption(labels=("ktlo",)),))
        nodes, words = lived(build, done, now)
        everything = range(1, PULL + 1)
        ended = past.periods(nodes, goals, rules, words, now, everything)

        def links(upto):
            then, said = lived(build, done, upto)
            valid = {uid: [one for one in given if one.removed_at is None] for uid, given in said.items()}
            holding = {uid: given[-1] for uid, given in valid.items() if given}
            judged = mapping.judge(then, goals, rules, holding, now)
            return {one.item: {(link.target, link.rule): micros(link.since) for link in one.links} for one in judged}

        standing = links(now)
        for uid, found in ended.items():
            assert all(one.since < one.until for one in found)
            for target, rule in standing[uid]:
                began = standing[uid][target, rule]
                assert all(one.until <= began for one in found if one.target == target), (uid, found, standing[uid])
        for at in (day(number) + timedelta(hours=12) for number in range(5, 17)):
            held = links(at)
            for uid in everything:
                told = {(one.target, one.rule) for one in ended.get(uid, ()) if one.since <= micros(at) < one.until}
                assert told <= held[uid].keys(), (uid, at)
                open_ = {target for (target, _), since in standing[uid].items() if since <= micros(at)}
                assert {key for key in held[uid] if key[0] not in open_} <= told, (uid, at)

    check()


@st.composite
def tangles(draw, build):
    """Items of two sites that point at each other in every way there is, with any past; keys are shared by some."""
    size = draw(st.integers(2, 7))
    number = st.integers(1, size)
    nodes = []
    for uid in range(1, size + 1):
        kind = draw(st.sampled_from([ItemKind.TICKET, ItemKind.TICKET, ItemKind.PULL_REQUEST, ItemKind.COMMIT]))
        is_commit, labels, changes = kind is ItemKind.COMMIT, [], []
        references = [draw(pointers(kind, up)) for up in draw(st.lists(number, max_size=2))]
        parent = draw(st.none() | number) if kind is ItemKind.TICKET else None
        for at in sorted(draw(st.lists(st.integers(6, 16), max_size=3))):
            label, up = draw(st.sampled_from(LABELS)), draw(number if references else st.none() | number)
            if kind is ItemKind.TICKET and draw(st.booleans()) and up != parent:
                changes.append(moved(at, parent and str(parent), up and str(up)))
                parent = up
            elif label in labels:
                labels.remove(label)
                changes.append(unlabelled(at, label))
            else:
                labels.append(label)
                changes.append(labelled(at, label))
        if parent:
            references.append(Reference(ReferenceKind.PARENT, f"PAY-{parent % 5}", str(parent)))
        node = replace(
            build,
            uid=uid,
            remote_id=str(uid),
            source=draw(st.sampled_from(["jira", "jira", "sister"])),
            key=f"{uid % 3:040x}" if is_commit else f"PAY-{uid % 5}",
            aliases=draw(st.sampled_from([(), ("SHOP-12",)])) if kind is ItemKind.TICKET else (),
            kind=kind,
            labels=tuple(labels),
            references=tuple(references),
            changes=tuple(changes),
        )
        nodes.append(node)
    said = Override(draw(number), OverrideKind.LINK, ("KR-CRAFT",), "why", "ana", day(draw(st.integers(6, 16))))
    return nodes, {said.item: [replace(said, removed_at=draw(st.sampled_from([None, day(17)])))]}


@st.composite
def pointers(draw, kind, up):
    """A reference to an item, by id, key or sha."""
    naming = (ReferenceKind.CLOSES, ReferenceKind.MENTIONS, ReferenceKind.REVERTS, ReferenceKind.MERGED_AS)
    sort = ReferenceKind.EPIC if kind is ItemKind.TICKET else draw(st.sampled_from(naming))
    by_sha = sort is ReferenceKind.MERGED_AS or (sort is ReferenceKind.REVERTS and draw(st.booleans()))
    identity = None if by_sha or draw(st.booleans()) else str(up)
    since = draw(st.sampled_from([None, day(8), day(11)]))
    return Reference(sort, f"{up % 3:040x}" if by_sha else f"PAY-{up % 5}", identity, since=since)


def at_every_instant(nodes, goals, rules, words, now):
    """The periods that ended, by judging the whole world as it was before every change and word."""
    court, chronicle = mapping.Court(goals, rules, now), Chronicle({node.uid: node for node in nodes}, words)
    instants = {change.at for node in nodes for change in node.changes}
    instants |= {at for said in words.values() for word in said for at in (word.at, word.removed_at) if at}
    times = {node.uid: [] for node in nodes}
    for at in (NOW, *sorted(instants, reverse=True)):
        world = court.world([chronicle.node(node.uid, at) for node in nodes])
        valid = {uid: word for uid in words if (word := chronicle.word(uid, at))}
        for one in court.rulings(world, valid):
            times[one.item].append((at, one.periods))
    return {uid: [one[:4] for one in ended] for uid, had in times.items() if (ended := past._ended(had))}


def test_what_is_judged_at_once_is_what_is_judged_at_every_instant(world):
    build, goals, now = world.add("PAY-0"), world.goals, world.now

    @given(tangle=tangles(build), order=ORDERS, conflict=st.sampled_from(["all", "first"]))
    @cases(200)
    def check(tangle, order, conflict):
        nodes, words = tangle
        rules = Rules(order=order, conflict=conflict, exempt=(Exemption(labels=("ktlo",)),))
        told = past.periods(nodes, goals, rules, words, now, range(1, len(nodes) + 1))
        periods = {uid: [one[:4] for one in ended] for uid, ended in told.items()}
        assert periods == at_every_instant(nodes, goals, rules, words, now)

    check()


def test_neither_the_order_of_changes_nor_what_else_is_asked_for_matters(world):
    build, goals, now = world.add("PAY-0"), world.goals, world.now
    rules = world.rules

    @given(done=deeds(), mixed=st.randoms(use_true_random=False))
    @cases(60)
    def check(done, mixed):
        nodes, words = lived(build, done, now)
        told = past.periods(nodes, goals, rules, words, now, range(1, PULL + 1))
        shuffled = [replace(node, changes=tuple(mixed.sample(node.changes, len(node.changes)))) for node in nodes]
        mixed.shuffle(shuffled)
        assert past.periods(shuffled, goals, rules, words, now, range(1, PULL + 1)) == told
        for uid in range(1, PULL + 1):
            alone = past.periods(nodes, goals, rules, words, now, {uid})
            assert alone == {one: found for one, found in told.items() if one == uid}

    check()


def test_going_back_in_a_history_finds_the_items_as_they_were(world):
    build, now = world.add("PAY-0"), world.now

    @given(done=deeds(), upto=st.integers(5, 16))
    @cases(60)
    def check(done, upto):
        chronicle = Chronicle({node.uid: node for node in lived(build, done, now)[0]}, {})
        for was in lived(build, done, day(upto))[0]:
            node = chronicle.node(was.uid, day(upto))
            assert sorted(node.labels) == sorted(was.labels)
            assert replace(node, labels=()) == replace(was, labels=())

    check()
