"""What reports ask: totals, verdicts, and one item by whatever name people have for it."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Connection, and_, func, select, true

from okrsync import addresses
from okrsync.model import ItemKind, ReferenceKind, State, Ticket, Verdict, VerdictKind
from okrsync.store import codec
from okrsync.store import tables as t
from okrsync.store.bulk import Groups, among, stream
from okrsync.store.closures import FULL, SHORTEST, begins_with
from okrsync.store.sources import ScopeState
from okrsync.store.texts import web
from okrsync.store.tickets import read
from okrsync.store.verdicts import LINKS, load_verdict

_SHA_START = re.compile(f"[0-9a-f]{{{SHORTEST},{FULL - 1}}}")


@dataclass(frozen=True, slots=True)
class ItemVerdict:
    item: Ticket
    verdict: Verdict


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


# ── verdicts ─────────────────────────────────────────────────────────────────────────────────────────────────────────


def totals(tx: Connection) -> dict[VerdictKind, int]:
    """How many counted items got each verdict; items that were not judged yet are in none."""
    counts: dict[str, int] = dict(tx.execute(select(t.verdict.c.kind, func.count()).group_by(t.verdict.c.kind)).all())
    return {kind: counts.get(kind.value, 0) for kind in VerdictKind}


def verdicts(
    tx: Connection,
    *,
    kinds: Collection[VerdictKind] | None = None,
    sources: Collection[str] | None = None,
    limit: int | None = None,
) -> Iterator[ItemVerdict]:
    """The counted items that were judged, with what was said of them, by growing uid."""
    wanted = select(t.verdict.c.uid).join(t.item, t.item.c.uid == t.verdict.c.uid).order_by(t.verdict.c.uid)
    if kinds is not None:
        wanted = wanted.where(t.verdict.c.kind.in_([kind.value for kind in kinds]))
    if sources is not None:
        wanted = wanted.where(t.item.c.source.in_(sources))
    if limit is not None:
        wanted = wanted.limit(limit)
    everything = kinds is None and sources is None and limit is None

    def chosen(uid: ColumnElement[Any]) -> ColumnElement[bool]:
        return true() if everything else uid.in_(wanted)

    said = Groups(stream(tx, select(t.verdict).where(chosen(t.verdict.c.uid)).order_by(t.verdict.c.uid)))
    links = Groups(stream(tx, LINKS.where(chosen(t.link.c.uid))))
    for ticket in read(tx, chosen=chosen):
        for uid, kind, orphan, details in said.take(ticket.uid):
            yield ItemVerdict(ticket, load_verdict(uid, kind, orphan, details, links.take(uid)))


def marked(tx: Connection) -> Iterator[tuple[Ticket, Verdict]]:
    """Every counted item that was judged, with its verdict."""
    return ((one.item, one.verdict) for one in verdicts(tx))


def unreachable(tx: Connection) -> set[tuple[str, str]]:
    """(source, remote id) of the counted items of scopes that cannot be read now."""
    scope = and_(t.scope.c.source == t.item.c.source, t.scope.c.remote_id == t.item.c.scope)
    hidden = t.scope.c.state != ScopeState.OK.value
    return {
        (row.source, row.remote_id)
        for row in tx.execute(select(t.item.c.source, t.item.c.remote_id).join(t.scope, scope).where(t.LIVE, hidden))
    }


def verdict_of(tx: Connection, uid: int) -> Verdict | None:
    """What was said of one item; None where it is not counted, or was not judged yet."""
    row = tx.execute(select(t.verdict).where(t.verdict.c.uid == uid)).one_or_none()
    if row is None:
        return None
    return load_verdict(uid, row.kind, row.orphan, row.details, tx.execute(LINKS.where(t.link.c.uid == uid)))


def unknown_statuses(tx: Connection) -> list[tuple[str, list[str]]]:
    """(status, keys of the counted items in it) for every status whose meaning the connector could not tell."""
    found: dict[str, list[str]] = {}
    rows = select(t.item.c.status, t.item.c.key).where(t.LIVE, t.item.c.state == State.UNKNOWN.value)
    for status, key in tx.execute(rows.order_by(t.item.c.uid)):
        found.setdefault(status, []).append(key)
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
