"""The direct rules: what one item says of itself, each rule a function, in the order that the configuration gives.

A rule is made once per run (``RULES[name](desk)``; None where it has nothing to look for) and then asked for each item.
It answers its findings in the order in which the facts stand in the item, and leaves what it read and could not resolve
in ``dangling``. ``parent``, ``reference`` and ``revert`` are no direct rules: what is inherited is found in
:mod:`mapping.links` and :mod:`mapping.ties`, at the rank that they have among these.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TypeAlias

from mapping.evidence import noted
from mapping.exemptions import exemption
from mapping.lexicon import Lexicon, Misnamed, Reading
from mapping.tree import GoalTree
from mapping.words import fold
from okrsync.model import (
    ChangeKind,
    Dangling,
    FieldValue,
    Goals,
    ItemKind,
    Node,
    Override,
    OverrideKind,
    Reference,
    ReferenceKind,
    RuleName,
    Rules,
    Say,
)

EXEMPT = ""
"""The target of a finding, or of a link that lost, that leads to no goal on purpose."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One result of a rule: a goal, or :data:`EXEMPT`."""

    target: str
    evidence: Say
    since: datetime


Rule: TypeAlias = Callable[[Node, list[Dangling]], Sequence[Finding]]


@dataclass(frozen=True, slots=True)
class Desk:
    """What the rules look things up in."""

    goals: Goals
    rules: Rules
    overrides: Mapping[int, Override]
    tree: GoalTree
    lexicon: Lexicon


def by_override(desk: Desk) -> Rule | None:
    """The word of a person, valid from when it was given; the newest is the only one here."""

    def rule(node: Node, dangling: list[Dangling]) -> Sequence[Finding]:
        word = desk.overrides.get(node.uid)
        if word is None:
            return ()
        facts: dict[str, str | int | float] = {"by": word.by, "day": desk.tree.day(word.at), "why": word.why}
        if word.kind is OverrideKind.EXEMPT:
            return (Finding(EXEMPT, Say.of("exempt.override", **facts), word.at),)
        found = []
        for target in word.targets:
            read = desk.lexicon.meant(target)
            if isinstance(read, Misnamed):
                dangling.append(Dangling(target, "override", read.suggestion))
            else:
                found.append(Finding(read, Say.of("link.override", **facts), word.at))
        return found

    return rule if desk.overrides else None


def by_label(desk: Desk) -> Rule:
    """Labels that name a goal, valid since they were put on."""
    read = desk.lexicon.label

    def rule(node: Node, dangling: list[Dangling]) -> Sequence[Finding]:
        found = []
        for label in node.labels:
            goal = read(label)
            if goal is None:
                continue
            if isinstance(goal, Misnamed):
                dangling.append(Dangling(label, "label", goal.suggestion))
            else:
                found.append(Finding(goal, Say.of("link.label", label=label), _labelled(node, label)))
        return found

    return rule


def by_field(desk: Desk) -> Rule:
    """Fields whose whole value names a goal; where the configuration names fields, in these alone."""
    wanted = frozenset(map(fold, desk.rules.fields))

    def read(field: FieldValue) -> Reading:
        if not wanted:
            return desk.lexicon.value(field.value)
        if fold(field.id) not in wanted and fold(field.name) not in wanted:
            return None
        known = desk.lexicon.value(field.value)
        return known if known is not None else desk.lexicon.meant(field.value)

    def rule(node: Node, dangling: list[Dangling]) -> Sequence[Finding]:
        found = []
        for field in node.fields:
            goal = read(field) if field.value.strip() else None
            if goal is None:
                continue
            if isinstance(goal, Misnamed):
                dangling.append(Dangling(field.value, f"field {field.name or field.id}", goal.suggestion))
            else:
                evidence = Say.of("link.field", field=field.name or field.id, value=field.value)
                found.append(Finding(goal, evidence, _filled(node, field)))
        return found

    return rule


def by_container(desk: Desk) -> Rule | None:
    """Epics that key results name, by the key that they have or by one that they had before they moved; and the direct
    members of the milestones, projects, sections and goals that they name."""
    named: dict[str, dict[str, list[tuple[str, str]]]] = defaultdict(lambda: defaultdict(list))
    for kr in desk.goals.key_results.values():
        for epic in kr.epics:
            named[epic.source][fold(epic.key)].append((kr.id, str(epic)))
    held: dict[str, dict[str, list[tuple[str, str]]]] = defaultdict(lambda: defaultdict(list))
    for kr in desk.goals.key_results.values():
        for container in kr.containers:
            source, _, key = container.partition(":")
            held[source][fold(key)].append((kr.id, container))

    def rule(node: Node, _: list[Dangling]) -> Sequence[Finding]:
        found: list[Finding] = []
        if epics := named.get(node.source):
            found += [
                Finding(kr, Say.of("link.container", container=epic), node.created_at)
                for kr, epic in epics.get(fold(node.key), ())
            ]
            for alias in node.aliases:
                found += [
                    Finding(kr, Say.of("link.container.alias", container=epic, key=node.key), node.created_at)
                    for kr, epic in epics.get(fold(alias), ())
                ]
        if containers := held.get(node.source):
            for reference in node.references:
                if reference.kind is ReferenceKind.MEMBER:
                    found += [
                        Finding(kr, Say.of("link.container.member", container=name), _joined(node, reference))
                        for kr, name in containers.get(fold(reference.target), ())
                    ]
        return found

    return rule if named or held else None


def by_trailer(desk: Desk) -> Rule:
    """What stands behind ``OKR:`` or ``KR:`` in the text of a pull request or a commit."""

    def rule(node: Node, dangling: list[Dangling]) -> Sequence[Finding]:
        if node.kind is ItemKind.TICKET:
            return ()
        found = []
        for reference in node.references:
            if reference.kind is ReferenceKind.TRAILER:
                goal = desk.lexicon.meant(reference.target)
                if isinstance(goal, Misnamed):
                    dangling.append(Dangling(reference.target, "trailer", goal.suggestion))
                else:
                    evidence = Say.of("link.trailer", text=noted(reference)[1])
                    found.append(Finding(goal, evidence, reference.since or node.created_at))
        return found

    return rule


def by_exemption(desk: Desk) -> Rule:
    """Work that the configuration declares to need no objective."""
    exempt = exemption(desk.rules)

    def rule(node: Node, _: list[Dangling]) -> Sequence[Finding]:
        why = exempt(node)
        return () if why is None else (Finding(EXEMPT, why, node.created_at),)

    return rule


RULES: Mapping[RuleName, Callable[[Desk], Rule | None]] = {
    RuleName.OVERRIDE: by_override,
    RuleName.LABEL: by_label,
    RuleName.FIELD: by_field,
    RuleName.CONTAINER: by_container,
    RuleName.TRAILER: by_trailer,
    RuleName.EXEMPT: by_exemption,
}


def _labelled(node: Node, label: str) -> datetime:
    """When the label that stands there now was put on; without a word in the history, with the item itself."""
    added = [
        change.at
        for change in node.changes
        if change.kind is ChangeKind.LABEL_ADDED and change.after is not None and fold(change.after) == fold(label)
    ]
    return max(added, default=node.created_at)


def _joined(node: Node, member: Reference) -> datetime:
    """When the item came to stand in the container that holds it now; without a word of that, with the item itself."""
    came = [change.at for change in node.changes if change.kind is ChangeKind.MEMBER and change.after == member.target]
    return member.since or max(came, default=node.created_at)


def _filled(node: Node, field: FieldValue) -> datetime:
    value = f"{field.id}={field.value}"
    set_to = [change.at for change in node.changes if change.kind is ChangeKind.FIELD and change.after == value]
    return max(set_to, default=node.created_at)
