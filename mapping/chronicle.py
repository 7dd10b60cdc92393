"""The items, and the word on them, as they were at any instant, as their own histories tell it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from operator import attrgetter
from typing import TypeAlias

from mapping.book import CLIMBING
from mapping.words import fold
from okrsync.model import (
    Change,
    ChangeKind,
    FieldValue,
    Node,
    Override,
    Reference,
    ReferenceKind,
)

Words: TypeAlias = Mapping[int, Sequence[Override]]
"""By uid every word about that item, oldest first, those that were taken back included."""

NOW = datetime.max.replace(tzinfo=UTC)
"""The instant before which nothing has to be undone."""


# ── one item ─────────────────────────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True)
class Known:
    """What changes name by ids alone: (source, id) → the item, the name of the field."""

    items: Mapping[tuple[str, str], Node] = field(default_factory=dict)
    fields: Mapping[tuple[str, str], str] = field(default_factory=dict)


def as_of(node: Node, at: datetime, known: Known = Known()) -> Node:
    """The item as it was just before ``at``: every change since undone, the youngest first."""
    since = [change for change in node.changes if change.at >= at]
    if not since:
        return node
    labels, fields, references = list(node.labels), list(node.fields), list(node.references)
    for change in sorted(since, key=attrgetter("at"))[::-1]:
        match change.kind:
            case ChangeKind.LABEL_ADDED if change.after:
                labels = [label for label in labels if fold(label) != fold(change.after)]
            case ChangeKind.LABEL_REMOVED if change.before and change.before not in labels:
                labels.append(change.before)
            case ChangeKind.FIELD:
                fields = _fields_before(node, fields, change, known)
            case ChangeKind.MEMBER:
                references = _containers_before(references, change)
            case ChangeKind.PARENT:
                references = _parents_before(node, references, change, known)
    earlier = tuple(change for change in node.changes if change.at < at)
    return replace(node, labels=tuple(labels), fields=tuple(fields), references=tuple(references), changes=earlier)


def _fields_before(node: Node, fields: Sequence[FieldValue], change: Change, known: Known) -> list[FieldValue]:
    kept = [one for one in fields if f"{one.id}={one.value}" != change.after]
    if change.before:
        identity, _, value = change.before.partition("=")
        kept.append(FieldValue(identity, known.fields.get((node.source, identity), identity), value))
    return kept


def _containers_before(references: Sequence[Reference], change: Change) -> list[Reference]:
    member = ReferenceKind.MEMBER
    kept = [one for one in references if one.kind is not member or one.target not in (change.after, change.before)]
    return [*kept, Reference(member, change.before)] if change.before else kept


def _parents_before(node: Node, references: Sequence[Reference], change: Change, known: Known) -> list[Reference]:
    """An item has one parent. Where the one that it came under is not there any more, there was another change that
    nobody told, and whatever stands there came by that."""
    climbing = [one for one in references if one.kind in CLIMBING]
    undone = [one for one in climbing if change.after and _means(node, one, change.after, known)] or climbing
    kept = [one for one in references if one not in undone]
    if change.before:
        former = known.items.get((node.source, change.before))
        key, identity = (former.key, former.remote_id) if former else (change.before, None)
        kept.append(Reference(ReferenceKind.PARENT, key, identity))
    return kept


def _means(node: Node, reference: Reference, parent: str, known: Known) -> bool:
    """Whether the reference is to what a change of parent names: by its id or, where there was none, its key."""
    if parent in (reference.target_id, reference.target):
        return True
    item = known.items.get((node.source, parent))
    return item is not None and fold(reference.target) in map(fold, (item.key, *item.aliases))


# ── all items ────────────────────────────────────────────────────────────────────────────────────────────────────────


class Chronicle:
    """All items of one run at any instant, just before it."""

    def __init__(self, nodes: Mapping[int, Node], words: Words) -> None:
        self.nodes, self.words = nodes, words
        self._known = Known(
            {(node.source, node.remote_id): node for node in nodes.values()},
            {(node.source, one.id): one.name for node in nodes.values() for one in node.fields},
        )

    def node(self, uid: int, at: datetime) -> Node:
        """The item as it was."""
        return as_of(self.nodes[uid], at, self._known)

    def word(self, uid: int, at: datetime) -> Override | None:
        """The newest word on it that was given before that and not taken back by then."""
        given = [word for word in self.words.get(uid, ()) if word.at < at]
        holding = [word for word in given if word.removed_at is None or at <= word.removed_at]
        return holding[-1] if holding else None
