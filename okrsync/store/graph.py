"""What mapping sees: the neighbourhood of what changed, read as nodes."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Connection, and_, exists, func, select

from okrsync.model import Change, ChangeKind, ItemKind, Node, Reference, ReferenceKind, State
from okrsync.store import codec
from okrsync.store import tables as t
from okrsync.store.bulk import AnySelect, Groups, among, stream
from okrsync.store.dirty import clear_dirty, dirty_count, dirty_version, mark_dirty
from okrsync.store.meta import get_meta, set_meta
from okrsync.store.pages import CLIMBS
from okrsync.store.verdicts import save_verdicts

__all__ = [
    "Neighbourhood",
    "clear_dirty",
    "dirty_count",
    "dirty_version",
    "get_meta",
    "mark_dirty",
    "neighbourhoods",
    "save_verdicts",
    "set_meta",
]

PIECE = 10_000
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
    keys and fields.
    """

    nodes: list[Node]
    affected: frozenset[int]


def neighbourhoods(tx: Connection, *, everything: bool = False, piece: int = PIECE) -> Iterator[Neighbourhood]:
    """What the link job has to look at: the items that changed and all below them, a piece at a time.

    The verdict of an item depends on nothing but what it climbs to, so each piece can be judged by itself.
    """
    if everything or _most(tx):
        affected = list(tx.scalars(select(t.item.c.uid).where(t.item.c.deleted_at.is_(None)).order_by(t.item.c.uid)))
    else:
        affected = sorted(_closure(tx, set(tx.scalars(select(t.dirty.c.uid))), _below, _below_by_key))
    for start in range(0, len(affected), piece):
        some = frozenset(affected[start : start + piece])
        nodes = _nodes(tx, sorted(_closure(tx, set(some), _above, _above_by_key)))
        yield Neighbourhood(nodes, some.intersection(node.uid for node in nodes))


def _most(tx: Connection) -> bool:
    waiting = dirty_count(tx)
    return waiting > LARGE and waiting * SHARE > (tx.scalar(select(func.count()).where(t.LIVE)) or 0)


# ── who depends on whom ──────────────────────────────────────────────────────────────────────────────────────────────


def _closure(
    tx: Connection,
    start: set[int],
    by_id: Callable[[Sequence[int]], AnySelect],
    by_key: Callable[[Sequence[int]], AnySelect],
) -> set[int]:
    """``start`` and all that is reached from it, by ids in one recursive statement and by keys one step at a time."""
    reached = set(start)
    fresh = list(start)
    keyed = tx.scalar(select(exists().where(t.reference.c.target_id.is_(None), _climbing())))
    while fresh:
        found = set(tx.scalars(by_id(fresh)))
        reached |= found
        fresh = list(set(tx.scalars(by_key(list(found)))) - reached) if keyed else []
        reached.update(fresh)
    return reached


def _climbing() -> ColumnElement[bool]:
    return t.reference.c.kind.in_(CLIMBS)


def _below(uids: Sequence[int]) -> AnySelect:
    item, reference = t.item.c, t.reference.c
    start = select(item.uid).where(among(item.uid, uids)).cte("below", recursive=True)
    children = (
        select(reference.uid)
        .select_from(start)
        .join(t.item, item.uid == start.c.uid)
        .join(
            t.reference,
            and_(reference.source == item.source, reference.target_id == item.remote_id, _climbing()),
        )
    )
    return select(start.union(children).c.uid)


def _above(uids: Sequence[int]) -> AnySelect:
    item, reference = t.item.c, t.reference.c
    start = select(item.uid).where(among(item.uid, uids)).cte("above", recursive=True)
    parents = (
        select(item.uid)
        .select_from(start)
        .join(t.reference, and_(reference.uid == start.c.uid, _climbing()))
        .join(t.item, and_(item.source == reference.source, item.remote_id == reference.target_id))
    )
    return select(start.union(parents).c.uid)


def _below_by_key(uids: Sequence[int]) -> AnySelect:
    keys = select(t.item.c.folded).where(among(t.item.c.uid, uids))
    former = select(t.alias.c.folded).where(among(t.alias.c.uid, uids))
    return select(t.reference.c.uid).where(
        t.reference.c.target_id.is_(None), _climbing(), t.reference.c.folded.in_(keys.union(former))
    )


def _above_by_key(uids: Sequence[int]) -> AnySelect:
    """Every item that a key can mean, of whatever source: two that share it make the reference ambiguous."""
    keys = select(t.reference.c.folded).where(
        among(t.reference.c.uid, uids), t.reference.c.target_id.is_(None), _climbing()
    )
    now = select(t.item.c.uid).where(t.item.c.folded.in_(keys))
    once = select(t.alias.c.uid).where(t.alias.c.folded.in_(keys))
    either = now.union(once).subquery()
    return select(either.c.uid)


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
                *(reference.evidence, reference.since),
            )
            .where(reference.kind.in_(_POINTING), chosen(reference.uid))
            .order_by(reference.uid, reference.n),
        )
    )
    changes = Groups(
        stream(
            tx,
            select(change.uid, change.at, change.kind, change.before, change.after)
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
                Reference(_REFERENCES[kind], target, target_id, share.setdefault(evidence, evidence), since)
                for _, kind, target, target_id, evidence, since in references.take(uid)
            ),
            changes=tuple(
                Change(at, _CHANGES[kind], before, after) for _, at, kind, before, after in changes.take(uid)
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
