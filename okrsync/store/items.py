"""Items as rows: encoded, compared by fingerprint, stored many at a time.

A row that says what is stored already is not written. What changed is queued for the link job in the same transaction.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import fields, is_dataclass, replace
from datetime import datetime
from hashlib import blake2b
from typing import Any, NamedTuple

import orjson
from sqlalchemy import BigInteger, Connection, and_, bindparam, select, type_coerce

from okrsync.model import Item, ItemKind, Reference, State
from okrsync.store import codec
from okrsync.store import tables as t
from okrsync.store.bulk import Many, among, delete_rows, insert_rows, update_rows, upsert_rows
from okrsync.store.dirty import mark_dirty
from okrsync.store.observing import Facts, Pointer, Seen, facts, observe

IDENTITY = ("source", "remote_id")
CONTENT = (
    *("key", "folded", "kind", "title", "url", "type", "level", "state", "status", "resolution", "scope", "project"),
    *("created_at", "completed_at", "due", "points", "assignee", "author", "labels", "fields", "flagged"),
    *("branch", "base", "head"),
)
STANDING = ("updated_at", "counted", "readable", "deleted_at", "fingerprint")
REFERENCE = (
    *("uid", "textual", "n", "source", "kind", "target", "target_id", "target_source"),
    *("folded", "evidence", "since"),
)
ALIAS = ("uid", "folded", "source", "key")
JUST_NOW = 24 * 3600 * 1_000_000
"""Microseconds: what was updated longer ago, and differs, was renamed with its project, or is read in another way."""

_NAMED = and_(
    t.item.c.source == bindparam("source"), among(t.item.c.remote_id, bindparam("ids", type_=Many(numbers=False)))
)
_UIDS = select(t.item.c.remote_id, t.item.c.uid).where(_NAMED)
_STORED = select(
    *(t.item.c.remote_id, t.item.c.uid, t.item.c.key, type_coerce(t.item.c.updated_at, BigInteger).label("updated_at")),
    *(t.item.c.fingerprint, t.item.c.counted, t.item.c.readable, t.item.c.deleted_at),
).where(_NAMED)


class Encoded(NamedTuple):
    """An item in the form of its rows; ``references`` lack the uid that only the database knows."""

    remote_id: str
    key: str
    scope: str
    content: tuple[Any, ...]
    references: list[tuple[Any, ...]]
    body: str
    updated_at: int
    fingerprint: int


def encode(item: Item) -> Encoded:
    """The rows of an item: clean, and with a fingerprint of all but the time of its update."""
    content = _content(item)
    references = reference_rows(item.source, item.references, textual=False)
    try:
        blob = orjson.dumps((item.remote_id, content, references, item.body))
    except TypeError:
        if (cleaned := _clean(item)) == item:
            raise
        return encode(cleaned)  # it held a lone surrogate
    if rb"\u0000" in blob and (cleaned := _clean(item)) != item:
        return encode(cleaned)
    return Encoded(
        remote_id=item.remote_id,
        key=item.key,
        scope=item.scope,
        content=content,
        references=references,
        body=item.body,
        updated_at=codec.micros(item.updated_at),
        fingerprint=int.from_bytes(blake2b(blob, digest_size=8).digest(), "little", signed=True),
    )


def store_items(
    tx: Connection,
    source: str,
    items: Iterable[Item],
    counted: Callable[[str], bool],
    former: Mapping[str, tuple[str, str]],
    now: datetime,
    *,
    observing: bool,
) -> int:
    """Store what changed among these items; how many did.

    ``counted`` tells of a scope whether totals count its items; an item that counts already stays counted. ``former``
    holds the scopes that the configuration still calls by another name, with both (now, before): their items had keys
    of that name. ``observing``: the tool keeps no histories, so what changed is noted as seen ``now``. Of another tool
    the history is read once more where an item is another than a moment ago, though it was updated at the same time:
    tools count in seconds, and the history may have been read between two changes of one second.
    """
    seen_at = codec.micros(now)
    encoded = _newest(items)
    stored = {row.remote_id: row for row in tx.execute(_STORED, {"source": source, "ids": list(encoded)})}
    changed: list[Encoded] = []
    touched: list[tuple[int, int]] = []
    rows: list[tuple[Any, ...]] = []
    aliases: dict[tuple[int, str], str] = {}
    seen: list[Seen] = []
    again: list[int] = []
    for remote_id, new in encoded.items():
        counts = counted(new.scope)
        old = stored.get(remote_id)
        if old is not None:
            if new.updated_at < old.updated_at:
                continue
            if (
                new.fingerprint == old.fingerprint
                and old.readable
                and old.deleted_at is None
                and (old.counted or not counts)
            ):
                if new.updated_at > old.updated_at:
                    touched.append((new.updated_at, old.uid))
                continue
            counts = counts or (old.counted and old.deleted_at is None)
            if old.key != new.key and old.readable:
                aliases[old.uid, codec.fold(old.key)] = old.key
            if not observing and new.updated_at == old.updated_at > seen_at - JUST_NOW:
                again.append(old.uid)
            if observing and old.readable:
                seen.append(Seen(old.uid, new.updated_at if new.updated_at > old.updated_at else None, _facts(new)))
        changed.append(new)
        rows.append((source, remote_id, *new.content, new.updated_at, counts, True, None, new.fingerprint))
    update_rows(tx, t.item, ("updated_at",), ("uid",), touched)
    update_rows(tx, t.item, ("history_at",), ("uid",), [(None, uid) for uid in again])
    if seen:
        observe(tx, seen, seen_at)
    if changed:
        upsert_rows(tx, t.item, (*IDENTITY, *CONTENT, *STANDING), rows)
        uids = uids_of(tx, source, [new.remote_id for new in changed])
        for new in changed:
            called, before = former.get(new.scope, ("", ""))
            if called and new.key.startswith((f"{called}-", f"{called}#")):
                key = before + new.key[len(called) :]
                aliases[uids[new.remote_id], codec.fold(key)] = key
        upsert_rows(tx, t.alias, ALIAS, [(*known, source, key) for known, key in aliases.items()])
        replaced = [row.uid for row in stored.values() if row.remote_id in uids]
        waiting = {*uids.values(), *_became(tx, replaced)}
        _attach(tx, changed, uids, replaced)
        mark_dirty(tx, waiting)
    return len(changed)


def store_unreadable(tx: Connection, source: str, keys: Mapping[str, str]) -> list[int]:
    """Of these items nothing is known but the remote id and the key by which others name them; their uids.

    They were created before all that is known, so that no link through them is dated by a sync.
    """
    unknown = (ItemKind.TICKET.value, "", "", "", None, State.UNKNOWN.value, "", None, "", "", 0)
    rest = (None, None, None, None, "", None, None, False, "", "", "")
    rows = [
        (source, remote_id, key, codec.fold(key), *unknown, *rest, 0, False, False, None, 0, None)
        for remote_id, key in keys.items()
    ]
    upsert_rows(tx, t.item, (*IDENTITY, *CONTENT, *STANDING, "history_at"), rows)
    uids = list(uids_of(tx, source, list(keys)).values())
    for table in (t.reference, t.body, t.change, t.alias):
        delete_rows(tx, table, ("uid",), [(uid,) for uid in uids])
    return uids


def uids_of(tx: Connection, source: str, remote_ids: Sequence[str]) -> dict[str, int]:
    """Remote id → uid of what is stored."""
    return dict(tx.execute(_UIDS, {"source": source, "ids": list(remote_ids)}).all())


def _became(tx: Connection, uids: Sequence[int]) -> list[int]:
    """The commits that these pull requests became, as far as was known: one that is named no more is found only now."""
    if not uids:
        return []
    named = select(t.reference.c.folded).where(among(t.reference.c.uid, uids), t.MERGED)
    return list(tx.scalars(select(t.item.c.uid).where(t.item.c.folded.in_(named))))


def _attach(tx: Connection, changed: Sequence[Encoded], uids: dict[str, int], replaced: Sequence[int]) -> None:
    """Replace what hangs on the changed items: long texts, and the references that the tool itself gives."""
    delete_rows(tx, t.reference, ("uid", "textual"), [(uid, False) for uid in replaced])
    delete_rows(tx, t.body, ("uid",), [(uid,) for uid in replaced])
    insert_rows(tx, t.reference, REFERENCE, [(uids[new.remote_id], *row) for new in changed for row in new.references])
    insert_rows(tx, t.body, ("uid", "text"), [(uids[new.remote_id], new.body) for new in changed if new.body])


def _facts(new: Encoded) -> Facts:
    columns = dict(zip(CONTENT, new.content, strict=True))
    return facts(columns, (Pointer(kind, target, target_id) for _, _, _, kind, target, target_id, *_ in new.references))


def _newest(items: Iterable[Item]) -> dict[str, Encoded]:
    """Each item once: where a page holds two states of one, the later."""
    found: dict[str, Encoded] = {}
    for item in items:
        new = encode(item)
        if (old := found.get(new.remote_id)) is None or old.updated_at <= new.updated_at:
            found[new.remote_id] = new
    return found


def _content(item: Item) -> tuple[Any, ...]:
    points = item.points
    return (
        item.key,
        codec.fold(item.key),
        item.kind.value,
        item.title,
        item.url,
        item.type,
        item.level,
        item.state.value,
        item.status,
        item.resolution,
        item.scope,
        item.project,
        codec.micros(item.created_at),
        codec.maybe_micros(item.completed_at),
        None if item.due is None else item.due.isoformat(),
        points if points is None or math.isfinite(points) else None,
        item.assignee,
        item.author,
        codec.dump_labels(item.labels),
        codec.dump_fields(item.fields),
        item.flagged,
        item.branch,
        item.base,
        item.head,
    )


def reference_rows(source: str, references: Iterable[Reference], *, textual: bool) -> list[tuple[Any, ...]]:
    """The references of an item of this source as rows, without its uid."""
    return [
        (
            textual,
            n,
            source,
            reference.kind.value,
            reference.target,
            reference.target_id,
            reference.target_source,
            codec.fold(reference.target),
            reference.evidence,
            codec.maybe_micros(reference.since),
        )
        for n, reference in enumerate(references)
    ]


def _clean(value: Any) -> Any:
    """The same value, every text in it clean."""
    if type(value) is str:
        return codec.clean(value)
    if isinstance(value, tuple):
        return tuple(_clean(inner) for inner in value)
    if is_dataclass(value) and not isinstance(value, type):
        return replace(value, **{part.name: _clean(getattr(value, part.name)) for part in fields(value)})
    return value
