"""The engine against the rules of docs/linking.md as one would write them for a single item, with no thought of speed.

Only worlds without circles: what those mean is told by tests of their own.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

import mapping
from mapping.instants import micros
from mapping.tree import GoalTree
from mapping.words import fold
from okrsync.model import (
    Change,
    ChangeKind,
    Exemption,
    Goals,
    ItemKind,
    ItemRef,
    Node,
    Override,
    OverrideKind,
    Reference,
    ReferenceKind,
    RuleName,
    Rules,
    State,
)

CLIMBS = (ReferenceKind.PARENT, ReferenceKind.EPIC)
EXEMPT = ""


class InCircle(Exception):
    """An item stands above itself."""


def is_sha(text: str) -> bool:
    return 7 <= len(text) <= 40 and set(text.lower()) <= set("0123456789abcdef")


@dataclass
class Plainly:
    nodes: list[Node]
    overrides: dict[int, Override]
    rules: Rules
    goals: Goals
    now: datetime
    known: dict[int, tuple[int, RuleName | None, dict[str, datetime]]] = field(default_factory=dict)
    open: set[int] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.ids = {fold(one): one for one in (*self.goals.objectives, *self.goals.key_results)}
        self.dead = GoalTree(self.goals, self.now).deaths

    def has(self, rule: RuleName) -> bool:
        return rule in self.rules.order

    # ── what is above ────────────────────────────────────────────────────────────────────────────────────────────────

    def means(self, node: Node, reference: Reference) -> list[Node]:
        """Every item that the reference fits best."""
        if reference.target_id is not None:
            return [one for one in self.nodes if (one.source, one.remote_id) == (node.source, reference.target_id)]
        said, source = fold(reference.target), reference.target_source or node.source
        reverts = reference.kind is ReferenceKind.REVERTS
        if reference.kind is ReferenceKind.MERGED_AS or (reverts and is_sha(said)):
            commits = [one for one in self.nodes if one.kind is ItemKind.COMMIT and one.source == source]
            fitting = [one for one in commits if one.key.startswith(said)]
            return [one for one in fitting if reverts and one.project == node.project] or fitting
        bearing = [one for one in self.nodes if fold(one.key) == said]
        before = [one for one in self.nodes if said in map(fold, one.aliases) and one not in bearing]
        for those in (bearing, before):
            if here := [one for one in those if one.source == source]:
                return here
        return [] if reference.target_source else bearing or before

    def parents(self, node: Node) -> list[tuple[Node, Reference]]:
        found: dict[int, tuple[Node, Reference]] = {}
        for reference in node.references:
            fitting = self.means(node, reference) if reference.kind in CLIMBS and self.has(RuleName.PARENT) else []
            if len(fitting) == 1 and fitting[0].kind is ItemKind.TICKET:
                parent = fitting[0]
                if parent.uid not in found or (reference.since and not found[parent.uid][1].since):
                    found[parent.uid] = parent, reference
        return list(found.values())

    def spoken(self, node: Node) -> Iterator[Reference]:
        """The references of a pull request or a commit that the rules in force look at."""
        kinds = {ReferenceKind.CLOSES, ReferenceKind.MENTIONS} if self.has(RuleName.REFERENCE) else set()
        kinds |= {ReferenceKind.REVERTS} if self.has(RuleName.REVERT) else set()
        return (one for one in node.references if one.kind in kinds and node.kind is not ItemKind.TICKET)

    def ties(self, node: Node) -> tuple[list[tuple[Node, Reference]], list[tuple[Node, Reference]]]:
        """What it inherits from by ``reference``, and what by ``revert``."""
        named: dict[int, tuple[Node, Reference]] = {}
        reverted: dict[int, tuple[Node, Reference]] = {}
        for reference in self.spoken(node):
            fitting = self.means(node, reference)
            if len(fitting) != 1 or fitting[0] is node:
                continue
            up, reverts = fitting[0], reference.kind is ReferenceKind.REVERTS
            of_pull = node.kind is ItemKind.COMMIT and up.kind is ItemKind.PULL_REQUEST
            if up.kind is ItemKind.TICKET or (of_pull and not reverts):
                into = named
            elif reverts:
                into = reverted
            else:
                continue
            if up.uid not in into or weight(reference) < weight(into[up.uid][1]):
                into[up.uid] = up, reference
        for pull in self.nodes:
            for one in pull.references:
                merged = one.kind is ReferenceKind.MERGED_AS and pull.kind is ItemKind.PULL_REQUEST
                if merged and node in self.means(pull, one):
                    named.setdefault(pull.uid, (pull, one))
        return (list(named.values()) if self.has(RuleName.REFERENCE) else []), list(reverted.values())

    def above(self, node: Node) -> list[Node]:
        named, reverted = self.ties(node)
        return [up for up, _ in (*self.parents(node), *named, *reverted)]

    # ── what it reaches ──────────────────────────────────────────────────────────────────────────────────────────────

    def named_by(self, text: str) -> str | None:
        """The goal of a label; "" where its form says that it means one, and none has that id."""
        folded = fold(text)
        if folded.startswith(("okr:", "okr/", "okr-")):
            return self.ids.get(folded[4:], "")
        return self.ids.get(folded)

    def says(self, node: Node, rule: RuleName) -> list[tuple[str, datetime]]:
        """What a direct rule finds in it; of what names nothing the goal is None."""

        def put(kind: ChangeKind, *texts: str) -> datetime:
            return max(
                (one.at for one in node.changes if one.kind is kind and one.after in texts), default=node.created_at
            )

        match rule:
            case RuleName.OVERRIDE if node.uid in self.overrides:
                word = self.overrides[node.uid]
                if word.kind is OverrideKind.EXEMPT:
                    return [(EXEMPT, word.at)]
                return [(self.ids.get(fold(one)), word.at) for one in word.targets]
            case RuleName.LABEL:
                read = [(self.named_by(one), put(ChangeKind.LABEL_ADDED, one, one.upper())) for one in node.labels]
                return [(goal or None, since) for goal, since in read if goal is not None]
            case RuleName.CONTAINER:
                return list(self.contained(node, put))
            case RuleName.TRAILER if node.kind is not ItemKind.TICKET:
                said = [one for one in node.references if one.kind is ReferenceKind.TRAILER]
                return [(self.ids.get(fold(one.target)), one.since or node.created_at) for one in said]
            case RuleName.EXEMPT if self.is_exempt(node):
                return [(EXEMPT, node.created_at)]
        return []

    def contained(self, node: Node, put) -> Iterator[tuple[str, datetime]]:
        keys = {fold(one) for one in (node.key, *node.aliases)}
        for kr in self.goals.key_results.values():
            if any(epic.source == node.source and fold(epic.key) in keys for epic in kr.epics):
                yield kr.id, node.created_at
            for one in node.references:
                held = map(fold, kr.containers)
                if one.kind is ReferenceKind.MEMBER and fold(f"{node.source}:{one.target}") in held:
                    yield kr.id, one.since or put(ChangeKind.MEMBER, one.target)

    def is_exempt(self, node: Node) -> bool:
        if any(not set(one.labels).isdisjoint(node.labels) for one in self.rules.exempt):
            return True
        merges = node.kind is ItemKind.COMMIT and (node.type == "merge" or node.title.startswith("Merge branch"))
        return self.rules.exempt_defaults and (merges or node.author.endswith("[bot]"))

    def inherited(self, node: Node) -> tuple[int, list[tuple[str, datetime]]]:
        """How far away the nearest that reach anything are, and what they hand down."""
        ups = [(up, by, *self.reach(up)) for up, by in self.parents(node)]
        near = min((depth for _, _, depth, _, serves in ups if serves), default=0)
        found = []
        for up, by, depth, _, serves in ups:
            if serves and depth == near:
                moves = [one.at for one in node.changes if one.kind is ChangeKind.PARENT and one.after == up.remote_id]
                joined = by.since or max(moves, default=node.created_at)
                found += [(goal, max(joined, since)) for goal, since in serves.items()]
        return near + 1, found

    def chosen(self, found: list[tuple[str, datetime]]) -> dict[str, datetime]:
        best: dict[str, datetime] = {}
        for goal, since in found:
            best[goal] = min(since, best.get(goal, since))
        best = {goal: since for goal, since in best.items() if goal != EXEMPT} or best
        return dict([*best.items()][:1]) if self.rules.conflict == "first" else best

    def reach(self, node: Node) -> tuple[int, RuleName | None, dict[str, datetime]]:
        """How far above what it serves stands, by which rule, and since when."""
        if node.uid not in self.known:
            if node.uid in self.open:
                raise InCircle
            self.open.add(node.uid)
            for up in self.above(node):
                self.reach(up)
            self.known[node.uid] = self.reached(node)
        return self.known[node.uid]

    def reached(self, node: Node) -> tuple[int, RuleName | None, dict[str, datetime]]:
        ties = dict(zip((RuleName.REFERENCE, RuleName.REVERT), self.ties(node), strict=True))
        for rule in self.rules.order:
            depth = 0
            if rule is RuleName.PARENT:
                depth, found = self.inherited(node)
            elif rule in ties:
                found = [
                    (goal, max(since, by.since or node.created_at))
                    for up, by in ties[rule]
                    for goal, since in self.reach(up)[2].items()
                ]
            else:
                found = [(goal, since) for goal, since in self.says(node, rule) if goal is not None]
            if found:
                return depth, rule, self.chosen(found)
        return 0, None, {}

    # ── what is said of it ───────────────────────────────────────────────────────────────────────────────────────────

    def in_vain(self, node: Node) -> list[Reference]:
        """What it refers to and what is not stored; a sha leads out of what is configured."""
        unknown = [one for one in self.spoken(node) if not self.means(node, one)]
        return [
            one
            for one in unknown
            if one.target_id is not None or not (one.kind is ReferenceKind.REVERTS and is_sha(one.target))
        ]

    def dangles(self, node: Node) -> bool:
        if any(goal is None for rule in self.rules.order for goal, _ in self.says(node, rule)):
            return True
        keys = [one.target for one in self.in_vain(node) if one.target_id is None and one.evidence]
        return self.has(RuleName.REFERENCE) and any("-" in key or "#" in key for key in keys)

    def is_closed(self, node: Node) -> bool:
        """Nobody can say what stands above it."""
        climbs = [one for one in node.references if one.kind in CLIMBS] if self.has(RuleName.PARENT) else []
        shut = not node.readable or any(not self.means(node, one) for one in climbs)
        by_tool = any(one.target_id is not None or not one.evidence for one in self.in_vain(node))
        return shut or by_tool or any(map(self.is_closed, self.above(node)))

    def is_ambiguous(self, node: Node) -> bool:
        climbs = [one for one in node.references if one.kind in CLIMBS] if self.has(RuleName.PARENT) else []
        return any(len(self.means(node, one)) > 1 for one in (*climbs, *self.spoken(node)))

    def verdict(self, node: Node) -> tuple[str, str | None]:
        serves = self.reach(node)[2]
        if EXEMPT in serves:
            return "exempt", None
        if serves:
            if node.state is State.DONE or any(goal not in self.dead for goal in serves):
                return "traced", None
            return "orphan", "dangling" if self.dangles(node) else "dead"
        if self.is_closed(node):
            return "unresolvable", None
        if self.dangles(node):
            return "orphan", "dangling"
        if self.is_ambiguous(node):
            return "orphan", "ambiguous"
        return "orphan", "transitive" if self.above(node) else "direct"

    def ruling(self, node: Node) -> tuple[object, ...]:
        _, rule, serves = self.reach(node)
        links = set() if EXEMPT in serves else {(goal, rule, micros(since)) for goal, since in serves.items()}
        return *self.verdict(node), self.dangles(node), links


def weight(reference: Reference) -> tuple[bool, bool]:
    """Closing tells more than naming, and a text more than the tool."""
    return reference.kind is not ReferenceKind.CLOSES, not reference.evidence


# ── worlds ───────────────────────────────────────────────────────────────────────────────────────────────────────────


class Chance(random.Random):
    """Worlds by the number that they are made from."""

    def rarely(self, share: float) -> bool:
        return self.random() < share

    def world(self, born: datetime) -> tuple[list[Node], dict[int, Override], Rules]:
        size = self.randint(1, 9)
        self.born = born
        self.kinds = [
            self.choice([*[ItemKind.TICKET] * 3, ItemKind.PULL_REQUEST, ItemKind.COMMIT]) for _ in range(size + 2)
        ]
        self.keys = [self.key(uid, kind) for uid, kind in enumerate(self.kinds)]
        nodes = [self.node(uid) for uid in range(1, size + 1)]
        words = [("KR-RETENTION",), ("KR-UX", "KR-NOPE"), ("KR-NOPE",)]
        overrides = {
            node.uid: Override(node.uid, self.choice([*OverrideKind]), self.choice(words), "why", "ana", self.moment())
            for node in nodes
            if self.rarely(0.07)
        }
        order = Rules().order
        if self.rarely(0.4):
            order = tuple(self.sample(order, self.randint(1, len(order))))
        exempt = (Exemption(labels=("ktlo",)),)
        conflict = self.choice(["all", "first"])
        return nodes, overrides, Rules(order, exempt=exempt, exempt_defaults=self.rarely(0.8), conflict=conflict)

    def moment(self) -> datetime:
        return self.born + timedelta(days=self.randint(0, 9))

    def key(self, uid: int, kind: ItemKind) -> str:
        if kind is ItemKind.COMMIT:
            return f"{self.choice(['abcdefab', 'abcdefac', f'{uid:08}'])}{self.randint(0, 3):032}"
        if self.rarely(0.3):
            return f"SHOP-{self.randint(1, 3)}"
        return f"acme/shop#{uid}" if kind is ItemKind.PULL_REQUEST else f"SHOP-{uid + 10}"

    def node(self, uid: int) -> Node:
        kind, key = self.kinds[uid], self.keys[uid]
        said = ["okr:KR-UX", "kr-retention", "OKR/kr-old", "okr:NOPE-X", "ktlo", "front", "okr-KR-CRAFT"]
        labels = tuple(self.sample(said, self.choice([0, 0, 0, 1, 1, 2])))
        former = self.sample(["OLD-2", "old-3", "SHOP-1"], self.choice([0, 0, 0, 1, 2]))
        return Node(
            uid=uid,
            source=self.choice(["jira", "jira", "gh"]),
            remote_id=str(uid),
            key=key,
            kind=kind,
            title="Merge branch x" if self.rarely(0.1) else f"Item {uid}",
            url="",
            state=self.choice([*State]),
            created_at=self.moment(),
            project=self.choice(["acme/shop", "acme/fork"]),
            type="merge" if self.rarely(0.05) else "",
            author="renovate[bot]" if self.rarely(0.1) else "ana",
            labels=labels,
            aliases=() if kind is ItemKind.COMMIT else tuple(one for one in former if fold(one) != fold(key)),
            references=tuple(self.reference(uid) for _ in range(self.randint(0, 3))),
            changes=tuple(self.change(uid, labels) for _ in range(self.randint(0, 3))),
            readable=not self.rarely(0.07),
        )

    def change(self, uid: int, labels: tuple[str, ...]) -> Change:
        up = str(self.randint(1, uid))
        texts = [(ChangeKind.PARENT, up), (ChangeKind.MEMBER, "project:seven")]
        texts += [(ChangeKind.LABEL_ADDED, form) for label in labels for form in (label, label.upper())]
        kind, after = self.choice(texts)
        return Change(self.moment(), kind, None, after)

    def reference(self, uid: int) -> Reference:
        up = self.randint(1, len(self.keys) - 1) if self.rarely(0.15) else self.randint(1, max(uid - 1, 1))
        since = self.moment() if self.rarely(0.3) else None
        if self.rarely(0.1):
            return Reference(ReferenceKind.MEMBER, self.choice(["project:seven", "project:SEVEN"]), since=since)
        if self.rarely(0.1):
            return Reference(ReferenceKind.TRAILER, self.choice(["KR-UX", "kr-old", "KR-NOPE"]), since=since)
        text = self.choice(["OLD-2", "OLD-3", "NOWHERE-1"]) if self.rarely(0.2) else self.keys[up]
        text = text.lower() if self.rarely(0.3) else text
        by_id = str(up) if self.rarely(0.4) else None
        if self.kinds[uid] is ItemKind.TICKET or self.rarely(0.1):
            return Reference(self.choice(CLIMBS), text, by_id, since=since)
        kind = self.choice([ReferenceKind.CLOSES, ReferenceKind.MENTIONS, ReferenceKind.REVERTS])
        if is_sha(text) and by_id is None and self.rarely(0.6):
            kind = self.choice([ReferenceKind.REVERTS, ReferenceKind.MERGED_AS])
            text = text[: self.choice([7, 8, 40])] if kind is ReferenceKind.REVERTS else text
        evidence = "" if self.rarely(0.2) else f"body: {text}"
        source = self.choice([None, None, None, "jira", "gh"]) if by_id is None else None
        return Reference(kind, text, by_id, evidence, since, source)


def test_the_engine_says_what_the_rules_say_of_one_item_at_a_time(world):
    results = world.goals.key_results
    both = (ItemRef("jira", "shop-1"), ItemRef("jira", "OLD-2"))
    results["KR-UX"] = replace(results["KR-UX"], epics=both[:1], containers=("jira:project:Seven",))
    results["KR-RETENTION"] = replace(results["KR-RETENTION"], epics=both, containers=("jira:project:seven",))
    judged = 0
    for seed in range(1500):
        nodes, overrides, rules = Chance(seed).world(world.now - timedelta(days=20))
        plainly = Plainly(nodes, overrides, rules, world.goals, world.now)
        try:
            expected = {node.uid: plainly.ruling(node) for node in nodes}
        except InCircle:
            continue
        judged += 1
        items = mapping.World.of(nodes, world.goals)
        for one in mapping.rulings(items, world.goals, rules, overrides, world.now):
            links = {(period.target, period.rule, period.since) for period in one.periods}
            assert (one.kind, one.orphan, one.dangling, links) == expected[one.item], (seed, one.item)
    assert judged > 800
