"""What the link job looks at, put together from small pieces, and what it decided beside the explanation of it."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from datetime import datetime

from sqlalchemy import Connection, select

from config import Config
from okrsync.linking import explain
from okrsync.model import Verdict
from okrsync.store import graph
from okrsync.store import tables as t


def whole(tx: Connection, *, everything: bool = False) -> graph.Neighbourhood:
    """All pieces as one; each holds nothing to judge but its own share."""
    uids = None if everything else graph.to_judge(tx)
    nodes = {}
    affected: set[int] = set()
    for hood in graph.neighbourhoods(tx, tx.scalars(select(t.item.c.uid)) if uids is None else uids, piece=100):
        assert not affected & hood.affected, "judged twice"
        assert hood.affected <= {node.uid for node in hood.nodes}
        affected |= hood.affected
        nodes |= {node.uid: node for node in hood.nodes}
    return graph.Neighbourhood([nodes[uid] for uid in sorted(nodes)], frozenset(affected))


def explained(tx: Connection, config: Config, uids: Collection[int], now: datetime) -> Iterator[Verdict]:
    """The verdicts on those of these items that count, each of which is what was decided and stored."""
    verdict, link = t.verdict.c, t.link.c
    columns = (link.target, link.rule, link.valid_from)
    for said in explain(tx, config, uids, now):
        stored = tx.execute(
            select(verdict.kind, verdict.orphan, verdict.mend, verdict.dangling).where(verdict.uid == said.item)
        ).one()
        mend = said.broken_at.item if said.broken_at else None
        assert tuple(stored) == (said.kind, said.orphan, mend, bool(said.dangling)), said
        rows = tx.execute(select(*columns).where(link.uid == said.item, link.valid_to.is_(None)))
        links = {(one.target, one.rule, one.since) for one in said.links}
        assert {tuple(row) for row in rows} == links, said
        yield said


def the_verdict(tx: Connection, config: Config, uid: int, now: datetime) -> Verdict | None:
    """What is :func:`explained` of one item; None where it does not count."""
    return next(explained(tx, config, [uid], now), None)
