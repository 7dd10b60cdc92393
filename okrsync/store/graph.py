"""What mapping sees: the neighbourhood of what changed, read as nodes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Connection, func, select

from okrsync.model import Change, ChangeKind, ItemKind, Node, Reference, ReferenceKind, State
from okrsync.store import codec
from okrsync.store import tables as t
from okrsync.store.bulk import Groups, among, stream
from okrsync.store.closures import Dependencies
from okrsync.store.dirty import clear_dirty, dirty_count, dirty_version, mark_dirty
from okrsync.store.meta import get_meta, set_meta
from okrsync.store.texts import has_texts, places, save_read, texts
from okrsync.store.verdicts import save_verdicts

__all__ = [
    "Neighbourhood",
    "clear_dirty",
    "dirty_count",
    "dirty_version",
    "get_meta",
    "has_texts",
    "mark_dirty",
    "neighbourhoods",
    "places",
    "save_read",
    "save_verdicts",
    "set_meta",
    "texts",
]

PIECE = 4000
"""So many items are judged at once: memory stays the same however many there are."""

LARGE = 1000
SHARE = 4
"""More dirty items than LARGE, and than one in SHARE of all: judging all is cheaper than finding out what depends."""

_TOLD = (
    ChangeKind.LABEL_ADDED.value,
    ChangeKind.LABEL_REMOVED.value,
    ChangeKind.PARENT.value,
    ChangeKind.KEY.value,
    ChangeKind.FIELD.value,
    ChangeKind.MEMBER.value,
)
_POINTING = [kind.value for kind in ReferenceKind if kind is not ReferenceKind.BLOCKED_BY]

_KINDS = {kind.value: kind for kind in ItemKind}
_STATES = {state.value: state for state in State}
_REFERENCES = {kind.value: kind for kind in ReferenceKind}
_CHANGES = {kind.value: kind for kind in ChangeKind}


@dataclass(frozen=True, slots=True)
class Neighbourhood:
    """Items to judge, ``affected`` by uid, and with them every node that their verdicts depend on.

    Nodes hold what linking asks for: no blockers among the references, and of the changes those of labels, parents,
    keys, fields and containers.
    """

    nodes: list[Node]
    affected: frozenset[int]


def neighbourhoods(tx: Connection, *, everything: bool = False, piece: int = PIECE) -> Iterator[Neighbourhood]:
    """What the link job has to look at: the items that changed and all below them, a piece at a time.

    The verdict of an item depends on nothing but what it climbs to, so each piece can be judged by itself.
    """
    dependencies = Dependencies(tx)
    if everything or _most(tx):
        affected = list(tx.scalars(select(t.item.c.uid).where(t.item.c.deleted_at.is_(None)).order_by(t.item.c.uid)))
    else:
        affected = sorted(dependencies.below(tx.scalars(select(t.dirty.c.uid))))
    for start in range(0, len(affected), piece):
        yield _around(tx, dependencies, frozenset(affected[start : start + piece]))


def _around(tx: Connection, dependencies: Dependencies, some: frozenset[int]) -> Neighbourhood:
    nodes = _nodes(tx, sorted(dependencies.above(some)))
    return Neighbourhood(nodes, some.intersection(node.uid for node in nodes))


def _most(tx: Connection) -> bool:
    waiting = dirty_count(tx)
    return waiting > LARGE and waiting * SHARE > (tx.scalar(select(func.count()).where(t.LIVE)) or 0)


# ── rows to nodes ────────────────────────────────────────────────────────────────────────────────────────────────────


def _nodes(tx: Connection, uids: Sequence[int]) -> list[Node]:
    """The live items among these as nodes, by growing uid."""

    def chosen(column: ColumnElement[Any]) -> ColumnElement[bool]:
        return among(column, uids)

    item, reference, change, alias = t.item.c, t.reference.c, t.change.c, t.alias.c
    items = stream(
        tx,
        select(
            *(item.uid, item.source, item.remote_id, item.key, item.kind, item.title, item.url, item.state),
            *(item.created_at, item.project, item.type, item.author, item.labels, item.fields),
            *(item.counted, item.readable),
        )
        .where(item.deleted_at.is_(None), chosen(item.uid))
        .order_by(item.uid),
    )
    references = Groups(
        stream(
            tx,
            select(
                *(reference.uid, reference.kind, reference.target, reference.target_id),
                *(reference.evidence, reference.since, reference.target_source),
            )
            .where(reference.kind.in_(_POINTING), chosen(reference.uid))
            .order_by(reference.uid, reference.textual, reference.n),
        )
    )
    changes = Groups(
        stream(
            tx,
            select(change.uid, change.at, change.kind, change.before, change.after, change.observed)
            .where(change.kind.in_(_TOLD), chosen(change.uid))
            .order_by(change.uid, change.n),
        )
    )
    aliases = Groups(
        stream(
            tx, select(alias.uid, alias.key, alias.folded).where(chosen(alias.uid)).order_by(alias.uid, alias.folded)
        )
    )
    share: dict[str, str] = {}
    return [
        Node(
            uid=uid,
            source=share.setdefault(source, source),
            remote_id=remote_id,
            key=key,
            kind=_KINDS[kind],
            title=title,
            url=url,
            state=_STATES[state],
            created_at=created_at,
            project=share.setdefault(project, project),
            type=share.setdefault(type_, type_),
            author=share.setdefault(author, author),
            labels=codec.load_labels(labels),
            fields=codec.load_fields(fields),
            aliases=tuple(row.key for row in aliases.take(uid) if row.folded != codec.fold(key)),
            references=tuple(
                Reference(_REFERENCES[kind], target, target_id, share.setdefault(evidence, evidence), since, elsewhere)
                for _, kind, target, target_id, evidence, since, elsewhere in references.take(uid)
            ),
            changes=tuple(
                Change(at, _CHANGES[kind], before, after, observed)
                for _, at, kind, before, after, observed in changes.take(uid)
            ),
            counted=counted,
            readable=readable,
        )
        for (
            uid,
            source,
            remote_id,
            key,
            kind,
            title,
            url,
            state,
            created_at,
            project,
            type_,
            author,
            labels,
            fields,
            counted,
            readable,
        ) in items
    ]
