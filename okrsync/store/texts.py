"""What pull requests and commits say in words: the texts to read, and the references that were read in them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import islice
from typing import Any

from sqlalchemy import BigInteger, Connection, and_, func, select, type_coerce

from okrsync import addresses
from okrsync.model import ItemKind, Place, Reference, Text
from okrsync.store import tables as t
from okrsync.store.bulk import AnySelect, among, delete_rows, insert_rows
from okrsync.store.dirty import join_dirty
from okrsync.store.items import REFERENCE, reference_rows
from okrsync.store.sources import is_pattern

PIECE = 500
"""So many texts are in memory at once; a body may hold 64 KiB and more."""

_KINDS = {kind.value: kind for kind in ItemKind}

# ── how items are named ──────────────────────────────────────────────────────────────────────────────────────────────


def places(tx: Connection, kinds: Mapping[str, str]) -> list[Place]:
    """How the items of these sources (id → kind) are named in texts, by source id.

    The projects are those of the configured scopes, under their present names and those that the configuration gives
    them, and those that items came from. ``web`` is "" as long as no item of the source is stored.
    """
    projects: dict[str, set[str]] = {source: set() for source in kinds}
    scope, alias = t.scope.c, t.alias.c
    for source, key, entry in tx.execute(select(scope.source, scope.key, scope.configured)):
        if source in projects:
            projects[source].update(name for name in (key, entry) if name and not is_pattern(name))
    former = func.rtrim(alias.key, "0123456789")
    live = and_(t.item.c.uid == alias.uid, t.item.c.deleted_at.is_(None))
    for source, name in tx.execute(select(alias.source, former).join(t.item, live).distinct()):
        if source in projects and name[-1:] in ("-", "#"):
            projects[source].add(name[:-1])
    return [
        Place(source, kinds[source], web(tx, source, kinds[source]), frozenset(projects[source]))
        for source in sorted(kinds)
    ]


def web(tx: Connection, source: str, kind: str) -> str:
    """What stands in front of every item's name at the site of a source; "" as long as no item of it is stored."""
    urls = select(t.item.c.url).where(t.item.c.source == source, t.LIVE, t.item.c.url != "").limit(1)
    return addresses.web(tx.scalar(urls) or "", kind)


# ── what there is to read ────────────────────────────────────────────────────────────────────────────────────────────


def has_texts(tx: Connection) -> bool:
    """Whether any pull request or commit is stored."""
    return tx.scalar(select(t.item.c.uid).where(t.WORDS).limit(1)) is not None


def texts(tx: Connection, *, everything: bool = False) -> Iterator[Text]:
    """The texts of the pull requests and commits that changed since they were last judged, or of all, by growing uid.

    They come in pieces, so that what was read may be saved between two of them.
    """
    uids = sorted(tx.scalars(select(t.item.c.uid).where(t.WORDS) if everything else select(t.dirty.c.uid)))
    for start in range(0, len(uids), PIECE):
        for row in tx.execute(_said(uids[start : start + PIECE])).all():
            uid, source, kind, key, project, title, body, branch = row
            yield Text(uid, source, _KINDS[kind], key, project, title, body or "", branch)


def _said(uids: Sequence[int]) -> AnySelect:
    """The texts of what has any among these items."""
    item = t.item.c
    return (
        select(item.uid, item.source, item.kind, item.key, item.project, item.title, t.body.c.text, item.branch)
        .outerjoin(t.body, t.body.c.uid == item.uid)
        .where(among(item.uid, uids), t.WORDS)
        .order_by(item.uid)
    )


# ── what was read ────────────────────────────────────────────────────────────────────────────────────────────────────


def save_read(tx: Connection, read: Iterable[tuple[int, Sequence[Reference]]]) -> int:
    """These are the references that the texts of these items hold; for how many they were others.

    Those items are queued for the judging that follows in the same job. What the tools themselves say stays.
    """
    rest = iter(read)
    changed = 0
    while piece := dict(islice(rest, PIECE)):
        changed += _save(tx, piece)
    return changed


def _save(tx: Connection, read: Mapping[int, Sequence[Reference]]) -> int:
    uids = list(read)
    sources: dict[int, str] = dict(
        tx.execute(select(t.item.c.uid, t.item.c.source).where(among(t.item.c.uid, uids))).all()
    )
    stored = _stored(tx, uids)
    said = {uid: reference_rows(source, read[uid], textual=True) for uid, source in sources.items()}
    differing = {uid: rows for uid, rows in said.items() if rows != stored.get(uid, [])}
    delete_rows(tx, t.reference, ("uid", "textual"), [(uid, True) for uid in differing if uid in stored])
    insert_rows(tx, t.reference, REFERENCE, [(uid, *row) for uid, rows in differing.items() for row in rows])
    join_dirty(tx, differing)
    return len(differing)


def _stored(tx: Connection, uids: Sequence[int]) -> dict[int, list[tuple[Any, ...]]]:
    """The references that were read so far, as rows without the uid."""
    reference = t.reference.c
    columns = [reference[name] for name in REFERENCE[1:-1]]
    statement = (
        select(reference.uid, *columns, type_coerce(reference.since, BigInteger))
        .where(among(reference.uid, uids), reference.textual)
        .order_by(reference.uid, reference.n)
    )
    found: dict[int, list[tuple[Any, ...]]] = {}
    for uid, *row in tx.execute(statement):
        found.setdefault(uid, []).append(tuple(row))
    return found
