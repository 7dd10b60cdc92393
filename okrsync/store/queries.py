"""What reports ask: totals, decisions, and one item by whatever name people have for it."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, and_, false, func, or_, select, true

from okrsync import addresses
from okrsync.model import ItemKind, ReferenceKind, State, Ticket, VerdictKind
from okrsync.store import codec
from okrsync.store import tables as t
from okrsync.store.bulk import among, raw
from okrsync.store.closures import FULL, SHORTEST, begins_with
from okrsync.store.sources import ScopeState
from okrsync.store.texts import web
from okrsync.store.tickets import read

_SHA_START = re.compile(f"[0-9a-f]{{{SHORTEST},{FULL - 1}}}")


@dataclass(frozen=True, slots=True)
class Found:
    """An item that somebody named."""

    uid: int
    source: str
    remote_id: str
    key: str
    kind: ItemKind
    title: str
    url: str
    project: str
    counted: bool
    readable: bool


# ── decisions ────────────────────────────────────────────────────────────────────────────────────────────────────────


def totals(tx: Connection) -> dict[VerdictKind, int]:
    """How many counted items got each verdict; items that were not judged yet are in none."""
    counts: dict[str, int] = dict(tx.execute(select(t.verdict.c.kind, func.count()).group_by(t.verdict.c.kind)).all())
    return {kind: counts.get(kind.value, 0) for kind in VerdictKind}


def decided(tx: Connection, *, unfinished: bool = False) -> Iterator[Ticket]:
    """The counted items that were judged, by growing uid; of ``unfinished`` work alone."""
    undone = select(t.item.c.uid).where(t.LIVE, t.item.c.state != State.DONE.value)
    found = read(tx, chosen=lambda uid: uid.in_(undone) if unfinished else true(), placed=False)
    return (ticket for ticket in found if ticket.verdict is not None)


def addressed(
    tx: Connection, objects: Collection[tuple[str, str]], traced: Collection[str] = (), but: Collection[int] = ()
) -> Iterator[Ticket]:
    """The counted items on which something may have to be written, by growing uid: open tickets that are orphans or
    name what is not there, open pull requests with a commit to bear their status, what (source, remote id) names, and
    in the sources of ``traced`` all open tickets that reach a goal; all ``but`` these.
    """
    item, verdict = t.item.c, t.verdict.c
    wrong = and_(item.kind == ItemKind.TICKET.value, or_(verdict.kind == VerdictKind.ORPHAN.value, t.DANGLING))
    bearing = and_(item.kind == ItemKind.PULL_REQUEST.value, item.head != "")
    reaching = and_(
        item.kind == ItemKind.TICKET.value,
        item.source.in_(list(traced)),
        verdict.kind == VerdictKind.TRACED.value,
    )
    ids: dict[str, list[str]] = {}
    for source, remote_id in objects:
        ids.setdefault(source, []).append(remote_id)
    named = (and_(item.source == source, among(item.remote_id, wanted)) for source, wanted in ids.items())
    open_work = and_(item.state != State.DONE.value, or_(wrong, bearing, reaching))
    rows = select(item.uid).join(t.verdict, verdict.uid == item.uid).where(t.LIVE, or_(open_work, *named))
    uids = [uid for (uid,) in raw(tx, rows) if uid not in but]
    return read(tx, chosen=lambda uid: among(uid, uids), placed=False)


def marked(tx: Connection) -> Iterator[tuple[Any, ...]]:
    """(uid, source, surface, name, value, ours, state, verdict, class, created at) of every slot on a ticket in which
    something was written or looked at, as the database keeps it, by growing uid."""
    item, known, verdict = t.item.c, t.known.c, t.verdict.c
    same = and_(item.source == known.source, item.remote_id == known.remote_id)
    rows = (
        select(item.uid, item.source, known.surface, known.name, known.value, known.ours, item.state)
        .add_columns(verdict.kind, verdict.orphan, item.created_at)
        .select_from(t.known.join(t.item, same).join(t.verdict, verdict.uid == item.uid))
        .where(t.LIVE, item.kind == ItemKind.TICKET.value)
    )
    return raw(tx, rows.order_by(item.uid))


def empty(tx: Connection) -> bool:
    """Whether nothing was ever read."""
    return tx.scalar(select(t.item.c.uid).limit(1)) is None


def young_orphans(tx: Connection, since: datetime) -> dict[tuple[str, str], int]:
    """(source, project) → how many open tickets that reach no objective were made since then."""
    item = t.item.c
    rows = (
        select(item.source, item.project, func.count())
        .join(t.verdict, t.verdict.c.uid == item.uid)
        .where(t.LIVE, t.verdict.c.kind == VerdictKind.ORPHAN.value, item.kind == ItemKind.TICKET.value)
        .where(item.state != State.DONE.value, item.created_at > since)
        .group_by(item.source, item.project)
    )
    return {(source, project): count for source, project, count in tx.execute(rows)}


def dangling(tx: Connection) -> set[int]:
    """The items of which something that they say of themselves names nothing."""
    return set(tx.scalars(select(t.verdict.c.uid).where(t.DANGLING)))


def spoken_to(tx: Connection) -> set[int]:
    """The unfinished items that are told in the tools what is wrong with them: tickets that name nothing by something
    that they say, and pull requests with a commit to bear their status."""
    item = t.item.c
    rows = select(item.uid).where(t.LIVE, item.state != State.DONE.value)
    tickets = rows.join(t.verdict, t.verdict.c.uid == item.uid).where(t.DANGLING, item.kind == ItemKind.TICKET.value)
    pulls = rows.where(t.WORDS, item.kind == ItemKind.PULL_REQUEST.value, item.head != "")
    return {*tx.scalars(tickets), *tx.scalars(pulls)}


def served(tx: Connection) -> Iterator[tuple[int, str]]:
    """(uid, goal) of what work that is not finished is linked to now, by growing uid."""
    link = t.link.c
    rows = select(link.uid, link.target).join(t.item, t.item.c.uid == link.uid)
    undone = t.item.c.state != State.DONE.value
    return raw(tx, rows.where(link.valid_to.is_(None), undone).order_by(link.uid, link.target))


def goals_of(tx: Connection, places: Collection[tuple[str, str]]) -> dict[tuple[str, str], list[str]]:
    """(source, remote id) → the goals that this item is linked to now, as far as it is one of these and linked."""
    item, link = t.item.c, t.link.c
    rows = (
        select(item.source, item.remote_id, link.target)
        .join(t.link, link.uid == item.uid)
        .where(among(item.remote_id, {remote_id for _, remote_id in places}), link.valid_to.is_(None))
        .order_by(item.source, item.remote_id, link.target)
    )
    found: dict[tuple[str, str], list[str]] = {}
    for source, remote_id, target in tx.execute(rows):
        if (source, remote_id) in places:
            found.setdefault((source, remote_id), []).append(target)
    return found


def open_work(tx: Connection, goals: Collection[str]) -> dict[int, list[str]]:
    """The items that are not finished and serve any of these goals now, each with those that it serves."""
    link = t.link.c
    rows = select(link.uid, link.target).distinct().join(t.item, t.item.c.uid == link.uid)
    undone = t.item.c.state != State.DONE.value
    found: dict[int, list[str]] = {}
    for uid, goal in raw(tx, rows.where(among(link.target, goals), link.valid_to.is_(None), undone)):
        found.setdefault(uid, []).append(goal)
    return found


def shared_work(tx: Connection) -> Iterator[tuple[int, str]]:
    """(uid, goal) of the unfinished tickets that serve several goals now, by growing uid."""
    link, item = t.link.c, t.item.c
    several = select(link.uid).where(link.valid_to.is_(None)).group_by(link.uid)
    rows = select(link.uid, link.target).distinct().join(t.item, item.uid == link.uid)
    open_tickets = and_(t.LIVE, item.state != State.DONE.value, item.kind == ItemKind.TICKET.value)
    uids = several.having(func.count(link.target.distinct()) > 1)
    return raw(
        tx, rows.where(link.valid_to.is_(None), open_tickets, link.uid.in_(uids)).order_by(link.uid, link.target)
    )


def label_sets(tx: Connection) -> dict[str, tuple[str, ...]]:
    """The labels that stand together on any counted item, by what they are stored as."""
    every = t.item.c.uid > 0  # or SQLite reads the items one by one, in the order of an index that holds no labels
    together = select(t.item.c.labels).where(every, t.LIVE, t.item.c.labels.is_not(None)).distinct()
    texts = [text for (text,) in raw(tx, together)]
    return dict(zip(texts, codec.load_label_sets(texts), strict=True))


def labelled(tx: Connection, sets: Collection[str]) -> set[int]:
    """The counted items on which one of these sets of labels stands."""
    return set(tx.scalars(select(t.item.c.uid).where(t.LIVE, among(t.item.c.labels, sets)))) if sets else set()


def namesakes(tx: Connection) -> set[int]:
    """The counted items, but for commits, whose key is that of another item too."""
    item = t.item.c
    shared = select(item.folded).group_by(item.folded).having(func.count() > 1)
    return set(tx.scalars(select(item.uid).where(t.LIVE, item.kind != ItemKind.COMMIT.value, item.folded.in_(shared))))


_HIDDEN = (
    select(t.item.c.source, t.item.c.remote_id)
    .join(t.scope, and_(t.scope.c.source == t.item.c.source, t.scope.c.remote_id == t.item.c.scope))
    .where(t.LIVE, t.scope.c.state != ScopeState.OK.value)
)


def unreachable(tx: Connection) -> set[tuple[str, str]]:
    """(source, remote id) of the counted items of scopes that cannot be read now."""
    return {(row.source, row.remote_id) for row in tx.execute(_HIDDEN)}


def is_held(tx: Connection, source: str, remote_id: str) -> bool:
    """Whether an item of this identity is stored, and not known to be gone."""
    mine = and_(t.item.c.source == source, t.item.c.remote_id == remote_id, t.LIVE)
    return tx.scalar(select(func.count()).select_from(t.item).where(mine)) != 0


def gone(tx: Connection) -> set[tuple[str, str]]:
    """(source, remote id) of what is gone from its tool and bore something that okrsync wrote or looked at; what stands
    in a scope that is configured no more is there still."""
    same = and_(t.item.c.source == t.known.c.source, t.item.c.remote_id == t.known.c.remote_id)
    home = and_(t.scope.c.source == t.item.c.source, t.scope.c.remote_id == t.item.c.scope)
    rows = select(t.known.c.source, t.known.c.remote_id).distinct().join(t.item, same).join(t.scope, home)
    return {(row.source, row.remote_id) for row in tx.execute(rows.where(t.item.c.deleted_at.is_not(None)))}


def unknown_statuses(tx: Connection) -> list[tuple[str, list[tuple[int, str]]]]:
    """(status, uids and keys of the counted items in it) for every status whose meaning the connector could not
    tell."""
    found: dict[str, list[tuple[int, str]]] = {}
    rows = select(t.item.c.status, t.item.c.uid, t.item.c.key).where(t.LIVE, t.item.c.state == State.UNKNOWN.value)
    for status, uid, key in tx.execute(rows.order_by(t.item.c.uid)):
        found.setdefault(status, []).append((uid, key))
    return sorted(found.items())


def inhabited(tx: Connection, source: str, containers: Collection[str]) -> set[str]:
    """Those of these containers of a source, by key in any case, that an item is a direct member of."""
    called = {codec.fold(key): key for key in containers}
    reference = t.reference.c
    rows = (
        select(reference.folded)
        .distinct()
        .join(t.item, t.item.c.uid == reference.uid)
        .where(t.LIVE, reference.source == source, reference.kind == ReferenceKind.MEMBER.value)
    )
    return {called[folded] for (folded,) in tx.execute(rows.where(reference.folded.in_(list(called))))}


# ── one item by name ─────────────────────────────────────────────────────────────────────────────────────────────────


def find(tx: Connection, text: str) -> list[Found]:
    """The stored items that ``text`` names, in the order of their sources.

    It is an address, a key in any case, ``SOURCE:KEY``, a key that an item had before, a remote id, or the first seven
    digits or more of a commit's sha; the first of these that fits anything decides.
    """
    name = codec.clean(text.strip())
    kinds: dict[str, str] = dict(tx.execute(select(t.source.c.id, t.source.c.kind)).all())
    if "://" in name:
        return _by_address(tx, kinds, name)
    source, _, rest = name.partition(":")
    if rest and source in kinds:
        return _by_name(tx, rest, t.item.c.source == source)
    return _by_name(tx, name, true())


def _by_name(tx: Connection, name: str, within: ColumnElement[bool]) -> list[Found]:
    folded = codec.fold(name)
    former = select(t.alias.c.uid).where(t.alias.c.folded == folded)
    identity = and_(t.item.c.source.in_(select(t.source.c.id)), t.item.c.remote_id == name)
    fits = [t.item.c.folded == folded, t.item.c.uid.in_(former), identity]
    if _SHA_START.fullmatch(folded):
        fits.append(begins_with(folded))
    for condition in fits:
        if found := _found(tx, and_(within, condition)):
            return found
    return []


def _by_address(tx: Connection, kinds: Mapping[str, str], address: str) -> list[Found]:
    """By the name that an address gives, whose item must live there; else by the address as it stands."""
    found: list[Found] = []
    for source, kind in sorted(kinds.items()):
        if named := addresses.named(address, kind, web(tx, source, kind)):
            found += _by_name(tx, named.key, t.item.c.source == source)
    bare = address.split("?")[0].split("#")[0].rstrip("/")
    return found or _found(tx, among(t.item.c.url, [address, bare]))


def samples(tx: Connection, sources: Collection[str]) -> list[Found]:
    """The newest item of each kind in each of these sources, those that reach a goal before the others."""
    item, verdict = t.item.c, t.verdict.c
    traced = verdict.kind == VerdictKind.TRACED.value
    newest = (
        select(func.max(item.uid))
        .join(t.verdict, verdict.uid == item.uid)
        .where(t.LIVE, item.source.in_(list(sources)), or_(traced, verdict.kind == VerdictKind.ORPHAN.value))
        .group_by(traced, item.source, item.kind)
        .order_by(traced.desc(), item.kind.desc(), item.source)
    )
    uids = list(tx.scalars(newest))
    known = named(tx, uids)
    return [known[uid] for uid in uids if uid in known]


def keys_of(tx: Connection, objects: Collection[tuple[str, str]]) -> dict[tuple[str, str], str]:
    """(source, remote id) → the key, of those of these that are stored items."""
    return _called(tx, objects, t.item.c.key)


def titles_of(tx: Connection, objects: Collection[tuple[str, str]]) -> dict[tuple[str, str], str]:
    """(source, remote id) → the title, of those of these that are stored items."""
    return _called(tx, objects, t.item.c.title)


def _called(
    tx: Connection, objects: Collection[tuple[str, str]], column: ColumnElement[str]
) -> dict[tuple[str, str], str]:
    item = t.item.c
    ids: dict[str, list[str]] = {}
    for source, remote_id in objects:
        ids.setdefault(source, []).append(remote_id)
    within = [and_(item.source == source, among(item.remote_id, wanted)) for source, wanted in ids.items()]
    rows = tx.execute(select(item.source, item.remote_id, column).where(or_(false(), *within)))
    return {(source, remote_id): called for source, remote_id, called in rows}


def named(tx: Connection, uids: Collection[int]) -> dict[int, Found]:
    """What these items are called, by uid."""
    return {one.uid: one for one in _found(tx, among(t.item.c.uid, uids))}


def _found(tx: Connection, condition: ColumnElement[bool]) -> list[Found]:
    item = t.item.c
    columns = (
        *(item.uid, item.source, item.remote_id, item.key, item.kind, item.title, item.url, item.project),
        *(item.counted, item.readable),
    )
    found = [
        Found(**{**row._mapping, "kind": ItemKind(row.kind)})
        for row in tx.execute(select(*columns).where(condition, item.deleted_at.is_(None)))
    ]
    return sorted(found, key=lambda one: (one.source, one.key))
