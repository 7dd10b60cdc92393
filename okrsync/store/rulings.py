"""What mapping decided, as rows: verdicts, and links with the time in which each was true."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from itertools import islice
from operator import itemgetter
from typing import Any, TypeAlias

from sqlalchemy import ColumnElement, Connection, Table, delete, exists, or_, select, text

from okrsync.model import OrphanClass, Period, RuleName, Ruling, VerdictKind
from okrsync.store import codec
from okrsync.store import tables as t
from okrsync.store.bulk import among, insert_rows, raw

PIECE = 10_000
"""So many rulings are in memory at once."""

LOAD = 5000
"""So many changes make PostgreSQL's picture of the tables useless; until it looks again, it plans for empty ones."""

DENSE = 4
"""Where at least one uid in so many is judged, all between the first and the last are read at a stretch."""

VERDICT = ("uid", "kind", "orphan", "mend", "dangling")
LINK = ("uid", "target", "rule", "valid_from", "valid_to", "via")

VERDICTS = {kind.value: kind for kind in VerdictKind}
ORPHANS = {orphan.value: orphan for orphan in OrphanClass}

_TEXTS: Mapping[str | None, str | None] = {
    None: None,
    **{one: one.value for one in (*VerdictKind, *OrphanClass, *RuleName)},
}

Told: TypeAlias = "Sequence[Period | tuple[Any, ...]]"  # target, rule, valid from, valid to, via

_key = itemgetter(0, 1, 2)  # target, rule, valid from


def save_rulings(tx: Connection, rulings: Iterable[Ruling], now: datetime) -> int:
    """These items, all of them live and counted, are judged so; for how many a verdict or links had to be written.

    A link is known by its item, target and rule. An open one that is told no more ends now, and one that is told with
    another beginning is corrected, since the tool knows its own past better than we did; so is one that the tool's
    history tells to have ended. Periods that ended and are not told stay: two syncs saw them. What is equal is not
    written.
    """
    at, rest = codec.micros(now), iter(rulings)
    pieces = iter(lambda: list(islice(rest, PIECE)), [])
    if tx.scalar(select(or_(exists(select(t.verdict.c.uid)), exists(select(t.link.c.uid))))):
        written = sum(_renew(tx, piece, at) for piece in pieces)
    else:
        with _indexed_later(tx, t.verdict, t.link):
            written = sum(_begin(tx, piece) for piece in pieces)
    if written >= LOAD and tx.dialect.name == "postgresql":
        tx.execute(text("ANALYZE item, reference, change, link, verdict"))
    return written


def _begin(tx: Connection, rulings: Sequence[Ruling]) -> int:
    """Where nothing was said of any item."""
    insert_rows(tx, t.verdict, VERDICT, _verdicts(rulings))
    insert_rows(tx, t.link, LINK, _links((ruling.item, ruling.periods) for ruling in rulings if ruling.periods))
    return len(rulings)


@contextmanager
def _indexed_later(tx: Connection, *tables: Table) -> Iterator[None]:
    """In SQLite, where nobody waits for it, indexes are made in one go once their table is full. PostgreSQL would keep
    all who read from the table meanwhile."""
    indexes = [index for table in tables for index in table.indexes if tx.dialect.name == "sqlite"]
    for index in indexes:
        index.drop(tx)
    yield
    for index in indexes:
        index.create(tx)


def _renew(tx: Connection, rulings: Sequence[Ruling], now: int) -> int:
    """Compare with what is stored, and write what differs."""
    verdicts, links = _stored(tx, [ruling.item for ruling in rulings])
    judged: list[Ruling] = []
    relinked: dict[int, Told] = {}
    for ruling in rulings:
        uid, new = ruling.item, ruling.periods
        if verdicts.get(uid) != ruling[:5]:
            judged.append(ruling)
        old = links.get(uid, ())
        if (old or new) and not _same(old, new) and not _same(settled := _settled(old, new, now), old):
            relinked[uid] = settled
    _replace(tx, t.verdict.c.uid, [ruling.item for ruling in judged if ruling.item in verdicts])
    insert_rows(tx, t.verdict, VERDICT, _verdicts(judged))
    _replace(tx, t.link.c.uid, [uid for uid in relinked if uid in links])
    insert_rows(tx, t.link, LINK, _links(relinked.items()))
    return len(relinked.keys() | {ruling.item for ruling in judged})


def _verdicts(rulings: Iterable[Ruling]) -> list[tuple[Any, ...]]:
    return [
        (uid, _TEXTS[kind], _TEXTS[orphan], mend, int(dangling)) for uid, kind, orphan, mend, dangling, _ in rulings
    ]


def _links(told: Iterable[tuple[int, Told]]) -> list[tuple[Any, ...]]:
    return [
        (uid, target, _TEXTS[rule], since, until, via)
        for uid, periods in told
        for target, rule, since, until, via in periods
    ]


def _replace(tx: Connection, column: ColumnElement[Any], uids: Sequence[int]) -> None:
    """Make room for other rows on these items."""
    if uids:
        tx.execute(delete(column.table).where(among(column, uids)))


# ── what is stored ───────────────────────────────────────────────────────────────────────────────────────────────────


def _stored(tx: Connection, uids: Sequence[int]) -> tuple[dict[int, tuple[Any, ...]], dict[int, list[tuple[Any, ...]]]]:
    """The rows on these items, and on some of their neighbours where that is quicker."""
    verdict, link = t.verdict.c, t.link.c
    verdicts = raw(tx, select(*(verdict[name] for name in VERDICT)).where(_on(verdict.uid, uids)), few=True)
    links: dict[int, list[tuple[Any, ...]]] = {}
    for uid, *period in raw(tx, select(*(link[name] for name in LINK)).where(_on(link.uid, uids)), few=True):
        links.setdefault(uid, []).append(tuple(period))
    return {row[0]: tuple(row) for row in verdicts}, links


def _on(column: ColumnElement[Any], uids: Sequence[int]) -> ColumnElement[bool]:
    first, last = min(uids), max(uids)
    return column.between(first, last) if last - first < DENSE * len(uids) else among(column, uids)


# ── periods ──────────────────────────────────────────────────────────────────────────────────────────────────────────


def _same(one: Told, other: Told) -> bool:
    if len(one) != len(other):
        return False
    return tuple(one) == tuple(other) or sorted(one, key=_key) == sorted(other, key=_key)


def _settled(old: Told, new: Told, now: int) -> Told:
    """What is to stand after this judgement: closed periods stay, open ones are corrected, ended or begun."""
    settled = {_key(period): period for period in old if period[3] is not None}
    for target, rule, since, until, via in old:
        if until is None and not any(_corrects(period, target, rule, since) for period in new):
            settled[target, rule, since] = (target, rule, since, max(now, since), via)
    settled.update((_key(period), period) for period in new)
    return list(settled.values())


def _corrects(period: Period | tuple[Any, ...], target: str, rule: str, since: int) -> bool:
    """The period says of this open link what is right: that it began at another time, or when it ended."""
    return period[:2] == (target, rule) and (period[3] is None or period[3] > since)
