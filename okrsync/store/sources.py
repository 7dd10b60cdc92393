"""Sources and their scopes: what is configured, how far it was read, and how it went."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import Connection, and_, bindparam, delete, func, select, update

from okrsync.model import Cursor, Scope, SourceConfig, SourceState, SourceStatus
from okrsync.store import attempts, veil
from okrsync.store import tables as t
from okrsync.store.bulk import AnyRow, among, insert_rows
from okrsync.store.codec import clean
from okrsync.store.departures import drop_scopes, drop_sources


class ScopeState(StrEnum):
    """Of a scope that is configured; any other has no row."""

    OK = "ok"
    UNREACHABLE = "unreachable"
    REFUSED = "refused"  # the tool names it, and would not show it when it was read last


UNREAD = {"cursor": None, "mark": ""}
"""A scope that is to be read from its beginning."""


@dataclass(frozen=True, slots=True)
class ScopeStatus:
    """What the store remembers of a scope. ``error`` is what the tool said where it is not readable."""

    id: str
    key: str
    name: str
    readable: bool
    error: str
    cursor: Cursor | None
    last_success: datetime | None
    census_at: datetime | None


@dataclass(frozen=True, slots=True)
class Heartbeat:
    """How the last cycle of a source went; ``error`` says why where it failed."""

    state: SourceState
    at: datetime | None = None
    last_success: datetime | None = None
    error: str = ""


# ── sources ──────────────────────────────────────────────────────────────────────────────────────────────────────────


def register(tx: Connection, sources: Sequence[SourceConfig]) -> None:
    """Every configured source has its row."""
    stored = dict(tx.execute(select(t.source.c.id, t.source.c.kind)).all())
    new = [(config.id, config.kind, SourceState.NEVER.value, "", 0, 0) for config in sources if config.id not in stored]
    insert_rows(tx, t.source, ("id", "kind", "state", "error", "ok", "cycles"), new)
    for config in sources:
        if config.id in stored and stored[config.id] != config.kind:
            tx.execute(update(t.source).where(t.source.c.id == config.id).values(kind=config.kind))


def retire(tx: Connection, configured: Mapping[str, Collection[str]], now: datetime) -> int:
    """What is configured no more counts no items, and is read in full when it comes back: sources, and of the others
    the scopes whose entry went; how many items ceased to count.

    ``configured`` holds the entries of each source; one without entries does not say what it names.
    """
    retired = strays(tx, configured)
    gone = [source for source in retired if source not in configured]
    if gone:
        never = {"state": SourceState.NEVER.value, "last_success": None, "error": ""}
        tx.execute(update(t.source).where(among(t.source.c.id, gone)).values(**never))
        tx.execute(delete(t.goal).where(among(t.goal.c.source, gone)))
    dropped = sum(_drop(tx, source, scopes, now) for source, scopes in retired.items())
    drop_sources(tx, gone, now)
    return dropped


def strays(tx: Connection, configured: Mapping[str, Collection[str]]) -> dict[str, list[str]]:
    """Source → the stored scopes of it that are configured no more, as ``retire`` takes them."""
    entries = {source: {entry.casefold() for entry in named} for source, named in configured.items()}
    found: dict[str, list[str]] = {}
    for source, scope, entry in tx.execute(select(t.scope.c.source, t.scope.c.remote_id, t.scope.c.configured)):
        named = entries.get(source)
        if named is None or (named and entry and entry.casefold() not in named):
            found.setdefault(source, []).append(scope)
    return found


def mark(
    tx: Connection, source: str, state: SourceState, now: datetime, *, error: str = "", success: bool = False
) -> None:
    """How the cycle of a source went: its one heartbeat row, which counts the cycles of its day too."""
    values = attempts.counted(tx, source, now, ok=success)
    values |= {"state": state.value, "last_attempt": now, "error": error}
    if success:
        values["last_success"] = now
    tx.execute(update(t.source).where(t.source.c.id == source).values(**values))


def states(tx: Connection) -> dict[str, str]:
    """Source → how its last cycle ended."""
    return dict(tx.execute(select(t.source.c.id, t.source.c.state)).all())


def heartbeats(tx: Connection) -> dict[str, Heartbeat]:
    """Source → how its last cycle went; counts nothing, and is cheap to ask."""
    held = t.source.c
    rows = tx.execute(select(held.id, held.state, held.last_attempt, held.last_success, held.error))
    return {id_: Heartbeat(SourceState(state), *told) for id_, state, *told in rows}


def statuses(tx: Connection) -> list[SourceStatus]:
    """Every source that was ever registered, by id; ``items`` are those that count and still exist."""
    counts = select(t.item.c.source, func.count()).where(t.LIVE).group_by(t.item.c.source)
    items: dict[str, int] = dict(tx.execute(counts).all())
    rows = sorted(tx.execute(select(t.source)), key=lambda row: str(row.id))
    return [
        SourceStatus(
            id=row.id,
            kind=row.kind,
            state=SourceState(row.state),
            last_success=row.last_success,
            items=items.get(row.id, 0),
            error=row.error,
        )
        for row in rows
    ]


# ── scopes ───────────────────────────────────────────────────────────────────────────────────────────────────────────


def save_scopes(tx: Connection, source: str, scopes: Sequence[Scope], now: datetime, *, confirmed: bool = False) -> int:
    """The scopes are these; how many items ceased to count because theirs is configured no more.

    Such a scope is forgotten, so that it is read in full when it comes back. An unreadable one keeps its items and its
    cursor; a tool that hides a project hides its id too, so it is known again by the entry that names it, or by its
    key, and an unreadable pattern stands for all that it ever listed. What a pattern lists no more may be gone or
    hidden: it is unreachable, and keeps its items until a person has ``confirmed`` that it is gone. One that was
    refused stays so until it was read (``mark_scopes``). One that got another key forgets its cursor, for its items got
    other keys without being updated. Nothing is written where nothing changed.
    """
    stored = {row.remote_id: row for row in tx.execute(select(t.scope).where(t.scope.c.source == source))}
    told = [one for scope in scopes for one in _known(scope, stored)]
    if scopes:
        unlisted = stored.keys() - {scope.id for scope in told}
        hidden = [] if confirmed else sorted(scope for scope in unlisted if _was_listed(stored[scope]))
        told += [_unlisted(stored[scope]) for scope in hidden]
        dropped = sorted(unlisted.difference(hidden))
    else:
        dropped = []
    last_success = tx.scalar(select(t.source.c.last_success).where(t.source.c.id == source))
    veiled = veil.stored(tx)
    for scope in told:
        state = ScopeState.OK if scope.readable else ScopeState.UNREACHABLE
        said: dict[str, Any] = {
            "key": clean(scope.key),
            "name": veiled.text(clean(scope.name)),
            "configured": clean(scope.configured),
            "state": state.value,
            "error": "" if scope.readable else clean(scope.why),
        }
        old = stored.get(scope.id)
        if old is not None and old.state == ScopeState.REFUSED and scope.readable:
            said |= {"state": old.state, "error": old.error}
        if old is None:
            tx.execute(t.scope.insert().values(source=source, remote_id=scope.id, **said))
        elif any(getattr(old, name) != value for name, value in said.items()):
            if old.state == ScopeState.OK and not scope.readable:
                said["last_success"] = last_success
            if old.key != said["key"]:
                said |= UNREAD
            tx.execute(update(t.scope).where(_is(source, scope.id)).values(**said))
    return _drop(tx, source, dropped, now)


def mark_scopes(tx: Connection, source: str, read: Collection[str], refused: Mapping[str, str]) -> None:
    """The scopes that were just ``read`` are readable, but those that the tool ``refused`` (scope id → why): they keep
    their items and their cursors. Nothing is written where nothing changed."""
    states = select(t.scope.c.remote_id, t.scope.c.state, t.scope.c.error).where(t.scope.c.source == source)
    for scope, state, error in tx.execute(states).all():
        if scope in refused:
            said: dict[str, Any] = {"state": ScopeState.REFUSED.value, "error": clean(refused[scope])}
        elif scope in read:
            said = {"state": ScopeState.OK.value, "error": ""}
        else:
            continue
        if said != {"state": state, "error": error}:
            if state == ScopeState.OK:
                said["last_success"] = tx.scalar(select(t.source.c.last_success).where(t.source.c.id == source))
            tx.execute(update(t.scope).where(_is(source, scope)).values(**said))


def refused(tx: Connection, source: str) -> set[str]:
    """Ids of the scopes that the tool names, and would not show when they were read last."""
    scope = t.scope.c
    return set(tx.scalars(select(scope.remote_id).where(scope.source == source, scope.state == ScopeState.REFUSED)))


def named(tx: Connection, source: str, name: str) -> Scope | None:
    """The readable scope of this key, or that the configuration calls so, in any case; None where there is none."""
    told = select(t.scope).where(t.scope.c.source == source, t.scope.c.state == ScopeState.OK)
    rows = [row for row in tx.execute(told) if name.casefold() in (row.key.casefold(), row.configured.casefold())]
    rows.sort(key=lambda row: (row.key.casefold() != name.casefold(), row.remote_id))
    return Scope(rows[0].remote_id, rows[0].key, rows[0].name, configured=rows[0].configured) if rows else None


def _known(scope: Scope, stored: Mapping[str, AnyRow]) -> list[Scope]:
    """The scope as it is told; where it cannot be read, the stored ones that it must be, under the names they had."""
    if scope.readable:
        return [scope]
    entry, key = scope.configured.casefold(), scope.key.casefold()
    rows = [stored[scope.id]] if scope.id in stored else []
    rows = rows or [row for row in stored.values() if entry and row.configured.casefold() == entry]
    rows = rows or [row for row in stored.values() if row.key.casefold() == key][:1]
    return [replace(scope, id=row.remote_id, key=row.key, name=row.name) for row in rows] or [scope]


def _was_listed(row: AnyRow) -> bool:
    """Whether a pattern names it, and it is not that pattern itself, which nothing was known of but its silence."""
    return row.configured != row.remote_id and is_pattern(row.configured)


def _unlisted(row: AnyRow) -> Scope:
    why = row.error if row.state != ScopeState.OK else f"no longer among what {row.configured} names"
    return Scope(row.remote_id, row.key, row.name, readable=False, why=why, configured=row.configured)


def _drop(tx: Connection, source: str, scopes: Sequence[str], now: datetime) -> int:
    if not scopes:
        return 0
    tx.execute(delete(t.scope).where(t.scope.c.source == source, among(t.scope.c.remote_id, scopes)))
    return drop_scopes(tx, source, scopes, now)


def former_names(tx: Connection, source: str) -> dict[str, tuple[str, str]]:
    """Scope → its key, and the one that it had when it was configured, where these are two: it was renamed since."""
    rows = tx.execute(
        select(t.scope.c.remote_id, t.scope.c.key, t.scope.c.configured).where(t.scope.c.source == source)
    )
    return {
        scope: (key, entry)
        for scope, key, entry in rows
        if entry and entry.casefold() != key.casefold() and not is_pattern(entry)
    }


def is_pattern(entry: str) -> bool:
    """Whether an entry of the configuration names every scope of some form."""
    return any(sign in entry for sign in "*?[")


def cursors(tx: Connection, source: str) -> dict[str, Cursor | None]:
    """Where each scope that can be asked for is to be resumed; None: from its beginning."""
    scope = t.scope.c
    statement = (
        select(scope.remote_id, scope.cursor, scope.mark)
        .where(scope.source == source, scope.state != ScopeState.UNREACHABLE)
        .order_by(scope.key, scope.remote_id)
    )
    return {id_: None if at is None else Cursor(at, mark) for id_, at, mark in tx.execute(statement)}


_SCOPES = (  # made once, for it is asked for often
    select(t.scope, t.source.c.last_success.label("read_at"))
    .join(t.source, t.source.c.id == t.scope.c.source)
    .where(t.scope.c.source == bindparam("source_id"))
)


def scopes(tx: Connection, source: str) -> list[ScopeStatus]:
    """The configured scopes of a source, by key."""
    rows = tx.execute(_SCOPES, {"source_id": source})
    return sorted((_status(row) for row in rows), key=lambda status: (status.key, status.id))


def forget(tx: Connection, source: str) -> None:
    """Every scope is read from its beginning next time, and every history again."""
    tx.execute(update(t.scope).where(t.scope.c.source == source).values(**UNREAD))
    tx.execute(update(t.item).where(t.item.c.source == source).values(history_at=None))


def census_due(tx: Connection, source: str, every: timedelta, now: datetime) -> list[str]:
    """Ids of the readable scopes whose last census is so long ago."""
    scope = t.scope.c
    statement = (
        select(scope.remote_id, scope.census_at)
        .where(scope.source == source, scope.state == ScopeState.OK)
        .order_by(scope.key, scope.remote_id)
    )
    return [id_ for id_, at in tx.execute(statement) if at is None or now - at >= every]


def census_done(tx: Connection, source: str, scopes: Collection[str], now: datetime) -> None:
    """The census of these scopes is as of now."""
    counted = and_(t.scope.c.source == source, among(t.scope.c.remote_id, scopes))
    tx.execute(update(t.scope).where(counted).values(census_at=now))


def _is(source: str, scope: str) -> Any:
    return and_(t.scope.c.source == source, t.scope.c.remote_id == scope)


def _status(row: AnyRow) -> ScopeStatus:
    readable = row.state == ScopeState.OK
    return ScopeStatus(
        id=row.remote_id,
        key=row.key,
        name=row.name,
        readable=readable,
        error=row.error,
        cursor=None if row.cursor is None else Cursor(row.cursor, row.mark),
        last_success=row.read_at if readable else row.last_success,
        census_at=row.census_at,
    )
