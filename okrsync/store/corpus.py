"""What suggestions are learnt from: the latest linked items with their texts, what they hang on, and the orphans."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, and_, exists, func, select

from okrsync.model import FieldValue, ItemKind, OrphanClass, ReferenceKind, RuleName, VerdictKind
from okrsync.store import codec
from okrsync.store import tables as t
from okrsync.store.bulk import among

START = 600  # characters of a text that are read
OPEN = t.link.c.valid_to.is_(None)
MENDABLE = (OrphanClass.DIRECT.value, OrphanClass.TRANSITIVE.value)
"""Orphans that lack a link; the others have one, which is wrong."""


@dataclass(frozen=True, slots=True)
class Entry:
    """An item with the start of its text."""

    uid: int
    source: str
    key: str
    kind: ItemKind
    title: str
    url: str
    body: str
    created_at: datetime
    type: str
    level: int | None
    project: str
    author: str
    assignee: str
    labels: tuple[str, ...]
    fields: tuple[FieldValue, ...]


@dataclass(frozen=True, slots=True, order=True)
class Tie:
    """A link of an item that holds now: the goal, the rule, and what made it (a label, a value, a key)."""

    target: str
    rule: RuleName
    via: str


def latest(tx: Connection, targets: Collection[str], count: int) -> list[int]:
    """The counted items that are linked to one of these goals now: uids, of the ``count`` that were created last."""
    served = select(t.link.c.uid).where(OPEN, among(t.link.c.target, targets))
    newest = select(t.item.c.uid).where(t.LIVE, t.item.c.uid.in_(served))
    newest = newest.order_by(t.item.c.created_at.desc(), t.item.c.uid.desc())
    return list(tx.scalars(newest.limit(count)))


def unlinked(tx: Connection, count: int) -> list[int]:
    """The orphans that lack a link: uids, of the ``count`` that were created last."""
    verdict, item = t.verdict.c, t.item.c
    lacking = and_(verdict.kind == VerdictKind.ORPHAN.value, verdict.orphan.in_(MENDABLE))
    newest = select(item.uid).join(t.verdict, verdict.uid == item.uid).where(lacking)
    return list(tx.scalars(newest.order_by(item.created_at.desc(), item.uid.desc()).limit(count)))


def ties(tx: Connection, uids: Collection[int]) -> dict[int, list[Tie]]:
    """The links of these items that hold now, in the order of their targets."""
    link = t.link.c
    rows = select(link.uid, link.target, link.rule, link.via).where(OPEN, among(link.uid, uids))
    found: dict[int, list[Tie]] = {}
    for uid, target, rule, via in tx.execute(rows):
        found.setdefault(uid, []).append(Tie(target, RuleName(rule), via))
    return {uid: sorted(some) for uid, some in found.items()}


def entries(tx: Connection, uids: Collection[int]) -> Iterator[Entry]:
    """These items, by growing uid."""
    item = t.item.c
    columns = (
        *(item.uid, item.source, item.key, item.kind, item.title, item.url, func.substr(t.body.c.text, 1, START)),
        *(item.created_at, item.type, item.level, item.project, item.author, item.assignee, item.labels, item.fields),
    )
    rows = select(*columns).outerjoin(t.body, t.body.c.uid == item.uid).where(among(item.uid, uids))
    for row in tx.execute(rows.order_by(item.uid)):
        uid, source, key, kind, title, url, body, *rest, assignee, labels, fields = row
        read = (codec.load_labels(labels), codec.load_fields(fields))
        yield Entry(*(uid, source, key, ItemKind(kind), title, url, body or "", *rest, assignee or "", *read))


def tickets(tx: Connection, keys: Iterable[str]) -> dict[tuple[str, str], int]:
    """(source, key) → uid of the tickets that have, or had, one of these keys; keys as they are compared."""
    wanted = sorted({codec.fold(key) for key in keys})
    item, alias = t.item.c, t.alias.c
    there = and_(item.deleted_at.is_(None), item.kind == ItemKind.TICKET.value)
    before = select(alias.source, alias.folded, alias.uid).join(t.item, item.uid == alias.uid)
    found = {(source, key): uid for source, key, uid in tx.execute(before.where(there, among(alias.folded, wanted)))}
    now = select(item.source, item.folded, item.uid).where(there, among(item.folded, wanted))
    return found | {(source, key): uid for source, key, uid in tx.execute(now)}


def above(tx: Connection, uids: Iterable[int]) -> dict[int, frozenset[int]]:
    """Each of these items → all above it, by the parents and epics that the tools tell."""
    item, reference = t.item.c, t.reference.c
    by_id = and_(item.source == reference.source, item.remote_id == reference.target_id)
    by_key = and_(item.source == reference.source, reference.target_id.is_(None), item.folded == reference.folded)
    up = reference.kind.in_([ReferenceKind.PARENT.value, ReferenceKind.EPIC.value])
    wanted = list(uids)
    parents: dict[int, set[int]] = {}
    waiting = set(wanted)
    while waiting:
        told = and_(up, among(reference.uid, sorted(waiting)))
        for named in (by_id, by_key):
            for uid, higher in tx.execute(select(reference.uid, item.uid).join(t.item, named).where(told)):
                parents.setdefault(uid, set()).add(higher)
        waiting = {higher for uid in waiting for higher in parents.get(uid, ())} - parents.keys() - waiting
    return {uid: _climbed(uid, parents) for uid in wanted}


def _climbed(uid: int, parents: Mapping[int, Collection[int]]) -> frozenset[int]:
    found: set[int] = set()
    fresh = {uid}
    while fresh:
        fresh = {higher for one in fresh for higher in parents.get(one, ())} - found
        found |= fresh
    return frozenset(found)


def to_mend(tx: Connection, sources: Collection[str] | None = None, uid: int | None = None) -> dict[int, int]:
    """The items where orphans that lack a link are to be mended → how many orphans that would serve; of these sources,
    or where ``uid`` is to be mended."""
    verdict = t.verdict.c
    node = func.coalesce(verdict.mend, verdict.uid)
    lacking: list[ColumnElement[bool]] = [verdict.kind == VerdictKind.ORPHAN.value, verdict.orphan.in_(MENDABLE)]
    if sources is not None:
        lacking.append(exists().where(t.item.c.uid == node, t.item.c.source.in_(sources)))
    if uid is not None:
        lacking.append(node == tx.scalar(select(node).where(verdict.uid == uid, *lacking)))
    return dict(tx.execute(select(node, func.count()).where(*lacking).group_by(node).order_by(node)).all())
