"""What was decided of every counted item, small enough to be held twice, and what an item weighs where it matters."""

from __future__ import annotations

from array import array
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from sqlalchemy import Connection, and_, select

from okrsync.model import OrphanClass, State, VerdictKind
from okrsync.store import tables as t
from okrsync.store.bulk import among, stream

_KINDS = {kind.value: kind for kind in VerdictKind}
_ORPHANS = {orphan.value: orphan for orphan in OrphanClass}


class Decision(NamedTuple):
    """What an item is, and the goals that its links lead to now, by name."""

    kind: VerdictKind
    orphan: OrphanClass | None
    targets: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Decisions:
    """The decisions of all items: of ``uids[n]``, which grow, it is ``meanings[codes[n]]``; twelve bytes an item."""

    uids: Sequence[int]
    codes: Sequence[int]
    meanings: Sequence[Decision]


class Weighed(NamedTuple):
    """An item as far as its weight and its name go."""

    uid: int
    source: str
    key: str
    title: str
    url: str
    open: bool
    points: float | None


def decisions(tx: Connection) -> Decisions:
    """What is decided of the counted items as of now."""
    holds = and_(t.link.c.uid == t.verdict.c.uid, t.link.c.valid_to.is_(None))
    rows = stream(
        tx,
        select(t.verdict.c.uid, t.verdict.c.kind, t.verdict.c.orphan, t.link.c.target)
        .outerjoin(t.link, holds)
        .order_by(t.verdict.c.uid, t.link.c.target),
    )
    uids, codes = array("q"), array("i")
    book: dict[tuple[str, str | None, tuple[str, ...]], int] = {}
    last, targets = 0, ()  # type: int, tuple[str, ...]
    for uid, kind, orphan, target in rows:
        if uid != last or not codes:
            last, targets = uid, () if target is None else (target,)
            uids.append(uid)
            codes.append(book.setdefault((kind, orphan, targets), len(book)))
        elif target != targets[-1]:  # one target by several rules is one
            targets = (*targets, target)
            codes[-1] = book.setdefault((kind, orphan, targets), len(book))
    meanings = [Decision(_KINDS[kind], _ORPHANS[orphan] if orphan else None, goals) for kind, orphan, goals in book]
    return Decisions(uids, codes, meanings)


def weighed(tx: Connection, uids: Sequence[int]) -> Iterator[Weighed]:
    """These items by growing uid, those that are gone too; a batch of them."""
    item = t.item.c
    rows = select(item.uid, item.source, item.key, item.title, item.url, item.state, item.points)
    for row in tx.execute(rows.where(among(item.uid, uids)).order_by(item.uid)):
        yield Weighed(row.uid, row.source, row.key, row.title, row.url, row.state != State.DONE.value, row.points)
