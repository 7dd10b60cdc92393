"""What mapping sees: what has to be judged again, and items as nodes with all that they depend on."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from sqlalchemy import BindParameter, Connection, bindparam, select

from okrsync.model import Change, ChangeKind, ItemKind, Node, Reference, ReferenceKind, State
from okrsync.store import codec
from okrsync.store import tables as t
from okrsync.store.bulk import AnySelect, Groups, Many, among, stream
from okrsync.store.closures import Dependencies, Ever, Walk
from okrsync.store.dirty import clear_dirty, dirty_count, dirty_version, is_dirty, mark_dirty
from okrsync.store.meta import get_meta, set_meta
from okrsync.store.rulings import save_rulings
from okrsync.store.texts import has_texts, places, save_read, texts

__all__ = [
    "Dependencies",
    "Ever",
    "Neighbourhood",
    "around",
    "clear_dirty",
    "dirty_count",
    "dirty_version",
    "get_meta",
    "has_texts",
    "is_dirty",
    "mark_dirty",
    "neighbourhoods",
    "places",
    "save_read",
    "save_rulings",
    "set_meta",
    "texts",
    "to_judge",
]

PIECE = 4000
"""So many items are explained at once: memory stays the same however many there are."""

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
    """Live items, ``affected`` by uid, and with them every node that their verdicts depend on.

    Nodes hold what linking asks for: no blockers among the references, and of the changes those of labels, parents,
    keys, fields and containers.
    """

    nodes: list[Node]
    affected: frozenset[int]


def to_judge(tx: Connection) -> set[int] | None:
    """What has to be judged again: the items that changed, those that are gone too, and all below them; None: all."""
    if _most(tx):
        return None
    return Dependencies(tx).below(tx.scalars(select(t.dirty.c.uid)))


def around(tx: Connection, uids: Collection[int], *, above: Walk | None = None) -> Neighbourhood:
    """These items with all that stands above them now, or that ``above`` knows of."""
    climbed = (above or Dependencies(tx).above)(uids)
    nodes = _nodes(tx, sorted(climbed))
    return Neighbourhood(nodes, frozenset(node.uid for node in nodes).intersection(uids))


def neighbourhoods(
    tx: Connection, uids: Iterable[int], *, above: Walk | None = None, piece: int = PIECE
) -> Iterator[Neighbourhood]:
    """:func:`around` all of these items, a piece at a time, by growing uid.

    The verdict of an item depends on nothing but what it climbs to, so each piece can be judged by itself.
    """
    ordered = sorted(uids)
    for start in range(0, len(ordered), piece):
        yield around(tx, ordered[start : start + piece], above=above)


def _most(tx: Connection) -> bool:
    """Whether so many items wait; no more of them all are counted than it takes to tell."""
    waiting = dirty_count(tx)
    share = waiting * SHARE
    return waiting > LARGE and tx.scalar(select(t.item.c.uid).where(t.LIVE).limit(1).offset(share - 1)) is None


# ── rows to nodes ────────────────────────────────────────────────────────────────────────────────────────────────────


_UIDS: BindParameter[Any] = bindparam("uids", type_=Many(numbers=True))


@cache
def _written() -> tuple[AnySelect, AnySelect, AnySelect, AnySelect]:
    """The statements that read items, references, changes and aliases: made once."""
    item, reference, change, alias = t.item.c, t.reference.c, t.change.c, t.alias.c
    items = select(
        *(item.uid, item.source, item.remote_id, item.key, item.kind, item.title, item.url, item.state),
        *(item.created_at, item.project, item.type, item.author, item.labels, item.fields),
        *(item.counted, item.readable),
    )
    references = select(
        *(reference.uid, reference.kind, reference.target, reference.target_id),
        *(reference.evidence, reference.since, reference.target_source),
    ).where(reference.kind.in_(_POINTING), among(reference.uid, _UIDS))
    changes = select(change.uid, change.at, change.kind, change.before, change.after, change.observed)
    changes = changes.where(change.kind.in_(_TOLD), among(change.uid, _UIDS))
    aliases = select(alias.uid, alias.key, alias.folded).where(among(alias.uid, _UIDS))
    return (
        items.where(item.deleted_at.is_(None), among(item.uid, _UIDS)).order_by(item.uid),
        references.order_by(reference.uid, reference.textual, reference.n),
        changes.order_by(change.uid, change.n),
        aliases.order_by(alias.uid, alias.folded),
    )


def _nodes(tx: Connection, uids: Sequence[int]) -> list[Node]:
    """The live items among these as nodes, by growing uid."""
    items, *rest = (stream(tx, statement, {_UIDS.key: list(uids)}) for statement in _written())
    references, changes, aliases = map(Groups, rest)
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
