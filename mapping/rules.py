"""The direct rules: what one item says of itself, each rule a function, in the order that the configuration gives.

A rule is made once for each world (``RULES[name](desk, world, overrides)``; None where it has nothing to look for) and
then asked for single items, by their position. It answers its findings in the order in which the facts stand in the
item, and what it read and could not resolve. What many items share, labels and fields, is read once for all of them.

``parent``, ``reference`` and ``revert`` are no direct rules: what is inherited is found in :mod:`mapping.links` and
:mod:`mapping.ties`, at the rank that they have among these.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import lru_cache
from operator import and_
from typing import Generic, NamedTuple, Protocol, TypeAlias, TypeVar

from mapping.exemptions import Exemptions
from mapping.instants import micros
from mapping.lexicon import Lexicon, Misnamed, Reading
from mapping.tree import GoalTree
from mapping.words import fold
from mapping.world import EXEMPT_TITLE, Column, World
from okrsync.model import ChangeKind, Dangling, FieldValue, Goals, Override, OverrideKind, RuleName, Rules, Say

EXEMPT = ""
"""The target of a finding, or of a link that lost, that leads to no goal on purpose."""

SPEAKS, DANGLES = 1, 2
"""What is known of an item before any rule is asked: one finds something; something that it says names nothing."""

_REMEMBERED = 1 << 16
_Value = TypeVar("_Value")


class Finding(NamedTuple):
    """One result of a rule: a goal, or :data:`EXEMPT`. It is valid since an instant that is told, else since the last
    change that put its ``mark`` on the item, else since the item is there."""

    target: str
    via: str  # what made it, in few characters
    evidence: Say | None  # None: the item is exempt by the configuration, and ``Exemptions.why`` tells
    since: int | None = None
    mark: tuple[ChangeKind, str] | None = None


class Found(NamedTuple):
    """What a rule read in an item."""

    findings: tuple[Finding, ...]
    dangling: tuple[Dangling, ...] = ()


class Desk:
    """What the rules look things up in: a configuration at one instant."""

    def __init__(self, goals: Goals, rules: Rules, tree: GoalTree) -> None:
        self.goals = goals
        self.rules = rules
        self.tree = tree
        self.lexicon = Lexicon(tree.ids, rules.label_patterns)
        self.exemptions = Exemptions(rules)
        self.label = lru_cache(_REMEMBERED)(self._label)
        self.field = lru_cache(_REMEMBERED)(self._field)
        self._fields = frozenset(map(fold, rules.fields))

    def _label(self, label: str) -> Finding | Dangling | None:
        goal = self.lexicon.label(label)
        if goal is None:
            return None
        if isinstance(goal, Misnamed):
            return Dangling(label, "label", goal.suggestion)
        return Finding(goal, label, Say.of("link.label", label=label), mark=(ChangeKind.LABEL_ADDED, fold(label)))

    def _field(self, field: FieldValue) -> Finding | Dangling | None:
        goal = self._meant(field) if field.value.strip() else None
        if goal is None:
            return None
        name = field.name or field.id
        if isinstance(goal, Misnamed):
            return Dangling(field.value, f"field {name}", goal.suggestion)
        evidence = Say.of("link.field", field=name, value=field.value)
        return Finding(goal, field.value, evidence, mark=(ChangeKind.FIELD, f"{field.id}={field.value}"))

    def _meant(self, field: FieldValue) -> Reading:
        """The goal in a field; where the configuration names fields, in these alone, and it was meant to be one."""
        if not self._fields:
            return self.lexicon.value(field.value)
        if fold(field.id) not in self._fields and fold(field.name) not in self._fields:
            return None
        known = self.lexicon.value(field.value)
        return known if known is not None else self.lexicon.meant(field.value)


class Rule(Protocol):
    """A rule made for one world."""

    def __call__(self, position: int) -> Found | None:
        """What it read in this item; None: nothing."""

    def notes(self) -> Iterable[int]:
        """SPEAKS and DANGLES of each item, added up."""


class Shared(Generic[_Value]):
    """A rule on what many items share."""

    def __init__(self, column: Column[_Value], read: Callable[[_Value], Found | None]) -> None:
        self._index = column.index
        self._found = [read(value) for value in column.values]

    def __call__(self, position: int) -> Found | None:
        return self._found[self._index[position]]

    def notes(self) -> Iterable[int]:
        notes = [_note(found) for found in self._found]
        return map(notes.__getitem__, self._index) if any(notes) else bytes(len(self._index))


class Sparse:
    """A rule on what few items have."""

    def __init__(self, found: Mapping[int, Found], size: int) -> None:
        """``found`` of so many items."""
        self._found = found
        self._size = size

    def __call__(self, position: int) -> Found | None:
        return self._found.get(position)

    def notes(self) -> Iterable[int]:
        notes = bytearray(self._size)
        for position, found in self._found.items():
            notes[position] = _note(found)
        return notes


class Exempting:
    """The rule ``exempt``: work that the configuration declares to need no objective."""

    def __init__(self, exemptions: Exemptions, world: World) -> None:
        self._origins = [exemptions.of_origin(one) for one in world.origins.values]
        self._authors = [exemptions.of_author(one) for one in world.authors.values]
        self._labels = [exemptions.of_labels(one) for one in world.labels.values]
        self._origin_at, self._author_at, self._labels_at = (
            column.index for column in (world.origins, world.authors, world.labels)
        )
        self._titles = world.flags if exemptions.by_title else bytes(len(world))

    def __call__(self, position: int) -> Found | None:
        origin, author = self._origins[self._origin_at[position]], self._authors[self._author_at[position]]
        if origin & author & self._labels[self._labels_at[position]]:
            return _EXEMPTED
        return _EXEMPTED if self._titles[position] & EXEMPT_TITLE else None

    def notes(self) -> Iterable[int]:
        titles = self._titles.translate(_TITLES)
        if not any(self._authors):
            return titles
        origins = map(self._origins.__getitem__, self._origin_at)
        authors = map(self._authors.__getitem__, self._author_at)
        labels = map(self._labels.__getitem__, self._labels_at)
        return map(max, map(bool, map(and_, map(and_, origins, authors), labels)), titles)


def by_override(desk: Desk, world: World, overrides: Mapping[int, Override]) -> Rule | None:
    """The word of a person, valid from when it was given; the newest is the only one here."""
    found = {}
    for uid, word in overrides.items():
        if (position := world.position(uid)) >= 0:
            found[position] = _said(desk, word)
    return Sparse(found, len(world)) if found else None


def _said(desk: Desk, word: Override) -> Found:
    facts: dict[str, str | int | float] = {"by": word.by, "day": desk.tree.day(word.at), "why": word.why}
    since = micros(word.at)
    if word.kind is OverrideKind.EXEMPT:
        return Found((Finding(EXEMPT, word.by, Say.of("exempt.override", **facts), since),))
    findings, dangling = [], []
    for target in word.targets:
        read = desk.lexicon.meant(target)
        if isinstance(read, Misnamed):
            dangling.append(Dangling(target, "override", read.suggestion))
        else:
            findings.append(Finding(read, word.by, Say.of("link.override", **facts), since))
    return Found(tuple(findings), tuple(dangling))


def by_label(desk: Desk, world: World, _: Mapping[int, Override]) -> Rule | None:
    """Labels that name a goal, valid since they were put on."""
    return Shared(world.labels, lambda labels: _read(desk.label, labels))


def by_field(desk: Desk, world: World, _: Mapping[int, Override]) -> Rule | None:
    """Fields whose whole value names a goal; where the configuration names fields, in these alone."""
    return Shared(world.fields, lambda fields: _read(desk.field, fields))


def by_container(desk: Desk, world: World, _: Mapping[int, Override]) -> Rule | None:
    """Epics that key results name, by the key that they have or by one that they had before they moved; and the direct
    members of the milestones, projects, sections and goals that they name; in the order of the configuration."""
    found: dict[int, list[Finding]] = defaultdict(list)
    for position, finding in (*_epics(desk, world), *_members(desk, world)):
        found[position].append(finding)
    if not found:
        return None
    rank = {kr: place for place, kr in enumerate(desk.goals.key_results)}
    for findings in found.values():
        findings.sort(key=lambda one: rank[one.target])
    return Sparse({position: Found(tuple(findings)) for position, findings in found.items()}, len(world))


def _epics(desk: Desk, world: World) -> Iterator[tuple[int, Finding]]:
    named: dict[tuple[str, str], list[tuple[str, str]]] = defaultdict(list)
    for one in desk.goals.key_results.values():
        for ref in one.epics:
            named[ref.source, fold(ref.key)].append((one.id, str(ref)))
    for (source, key), epics in named.items():
        for position in world.book.bearing(key):
            if world.origins[position].source == source:
                for kr, epic in epics:
                    yield position, Finding(kr, epic, Say.of("link.container", container=epic))
    for position, aliases in world.aliases.items():
        for alias in aliases:
            for kr, epic in named.get((world.origins[position].source, alias), ()):
                evidence = Say.of("link.container.alias", container=epic, key=world.keys[position] or "")
                yield position, Finding(kr, epic, evidence)


def _members(desk: Desk, world: World) -> Iterator[tuple[int, Finding]]:
    held: dict[tuple[str, str], list[tuple[str, str]]] = defaultdict(list)
    for one in desk.goals.key_results.values():
        for container in one.containers:
            source, _, key = container.partition(":")
            held[source, fold(key)].append((one.id, container))
    for position, members in world.members.items():
        for member in members:
            for kr, name in held.get((world.origins[position].source, fold(member.container)), ()):
                evidence = Say.of("link.container.member", container=name)
                yield position, Finding(kr, name, evidence, member.since, (ChangeKind.MEMBER, member.container))


def by_trailer(desk: Desk, world: World, _: Mapping[int, Override]) -> Rule | None:
    """What stands behind ``OKR:`` or ``KR:`` in the text of a pull request or a commit."""
    found = {}
    for position, trailers in world.trailers.items():
        findings, dangling = [], []
        for trailer in trailers:
            goal = desk.lexicon.meant(trailer.target)
            if isinstance(goal, Misnamed):
                dangling.append(Dangling(trailer.target, "trailer", goal.suggestion))
            else:
                evidence = Say.of("link.trailer", text=trailer.text)
                findings.append(Finding(goal, trailer.target, evidence, trailer.since))
        found[position] = Found(tuple(findings), tuple(dangling))
    return Sparse(found, len(world)) if found else None


def by_exemption(desk: Desk, world: World, _: Mapping[int, Override]) -> Rule | None:
    """Work that the configuration declares to need no objective."""
    return Exempting(desk.exemptions, world)


_Maker: TypeAlias = Callable[[Desk, World, "Mapping[int, Override]"], "Rule | None"]

RULES: Mapping[RuleName, _Maker] = {
    RuleName.OVERRIDE: by_override,
    RuleName.LABEL: by_label,
    RuleName.FIELD: by_field,
    RuleName.CONTAINER: by_container,
    RuleName.TRAILER: by_trailer,
    RuleName.EXEMPT: by_exemption,
}

_EXEMPTED = Found((Finding(EXEMPT, "", None),))
_TITLES = bytes(SPEAKS if flags & EXEMPT_TITLE else 0 for flags in range(256))


def _read(read: Callable[[_Value], Finding | Dangling | None], values: Iterable[_Value]) -> Found | None:
    findings, dangling = [], []
    for value in values:
        one = read(value)
        if isinstance(one, Finding):
            findings.append(one)
        elif one is not None:
            dangling.append(one)
    return Found(tuple(findings), tuple(dangling)) if findings or dangling else None


def _note(found: Found | None) -> int:
    return 0 if found is None else SPEAKS * bool(found.findings) + DANGLES * bool(found.dangling)
