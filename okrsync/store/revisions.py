"""What goals said and say, as the link job saw it, and what people confirmed since. Nothing of it is ever deleted."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping
from dataclasses import asdict
from datetime import datetime
from typing import Any, TypeAlias, cast

from sqlalchemy import Connection, and_, insert, select

from mapping.suspects import MADE, Revision, Suspect, Suspicion, Wording, alike, suspicion, wordings
from okrsync.model import Goals, Link
from okrsync.store import ends
from okrsync.store import tables as t
from okrsync.store.bulk import stream, upsert_rows
from okrsync.store.codec import dumps, micros
from okrsync.store.dirty import touch
from okrsync.store.meta import get_meta, set_meta

SAID = "said"
"""The name of the digest of what all goals said when it was last recorded."""

_GOALS = ("key_result", "objective")

Confirmed: TypeAlias = "dict[tuple[str, int | None], list[datetime]]"  # by goal, and the item or None for all of them


def is_recorded(tx: Connection, goals: Goals) -> bool:
    """Whether what the goals say now is what was last recorded."""
    return get_meta(tx, SAID) == _digest(wordings(goals))


def record(tx: Connection, goals: Goals, now: datetime) -> int:
    """How many goals say something else than before, or are new; what they say counts from ``now``, and so does that
    one is dropped or closed."""
    ends.record(tx, goals, now)
    said = wordings(goals)
    digest = _digest(said)
    if get_meta(tx, SAID) == digest:
        return 0
    newest = {goal: known[-1] for goal, known in revisions(tx).items()}
    fresh = [
        (goal, micros(now), dumps(asdict(wording)))
        for goal, wording in said.items()
        if goal not in newest or not alike(newest[goal].wording, wording)
    ]
    upsert_rows(tx, t.revision, ("goal", "at", "document"), fresh)
    set_meta(tx, SAID, digest)
    if fresh:
        touch(tx)
    return len(fresh)


def revisions(tx: Connection, goals: Collection[str] | None = None) -> dict[str, list[Revision]]:
    """Goal → what it said, oldest first; of these goals, or of all that there ever were."""
    statement = select(t.revision).order_by(t.revision.c.goal, t.revision.c.at)
    if goals is not None:
        statement = statement.where(t.revision.c.goal.in_(goals))
    found: dict[str, list[Revision]] = defaultdict(list)
    for goal, at, document in tx.execute(statement):
        found[goal].append(Revision(at, Wording(**cast("Mapping[str, Any]", document))))
    return dict(found)


# ── what people confirmed ────────────────────────────────────────────────────────────────────────────────────────────


def confirm(tx: Connection, goal: str, uid: int | None, *, why: str, by: str, now: datetime) -> None:
    """The links of this item to the goal, or of all items (None), hold as the goal reads now."""
    tx.execute(insert(t.confirmation).values(goal=goal, uid=uid, why=why, by=by, at=now))
    touch(tx)


def confirmations(tx: Connection) -> Confirmed:
    """When the links to a goal were confirmed."""
    found: Confirmed = defaultdict(list)
    rows = select(t.confirmation.c.goal, t.confirmation.c.uid, t.confirmation.c.at)
    for goal, uid, at in tx.execute(rows.order_by(t.confirmation.c.id)):
        found[goal, uid].append(at)
    return found


# ── what is suspect ──────────────────────────────────────────────────────────────────────────────────────────────────


def suspicions(tx: Connection, uid: int) -> dict[str, Suspicion]:
    """Goal → why the link that this item has to it by itself is suspect."""
    made = {target: since for _, _, target, since in _made(tx, t.link.c.uid == uid)}
    if not made:
        return {}
    said, confirmed = revisions(tx, made.keys()), confirmations(tx)
    found = {goal: _suspicion(goal, uid, since, said.get(goal, []), confirmed) for goal, since in made.items()}
    return {goal: one for goal, one in found.items() if one is not None}


def suspicion_of(tx: Connection, link: Link) -> Suspicion | None:
    """Why this link is suspect, or the one that it was inherited from."""
    *_, holder = (hop for hop in link.path if hop.kind not in _GOALS)
    item = t.item.c
    named = and_(item.source == holder.source, item.key == holder.key, item.deleted_at.is_(None))
    uid = tx.scalar(select(item.uid).where(named))
    return None if uid is None else suspicions(tx, uid).get(link.target)


def suspects(tx: Connection, goals: Goals) -> dict[str, list[Suspect]]:
    """Goal → the items whose own links to it are suspect."""
    said = {goal: known for goal, known in revisions(tx).items() if len(known) > 1 and goal in _ids(goals)}
    found: dict[str, list[Suspect]] = defaultdict(list)
    if not said:
        return found
    confirmed = confirmations(tx)
    for uid, key, goal, since in _made(tx, t.link.c.target.in_(said)):
        if one := _suspicion(goal, uid, since, said[goal], confirmed):
            found[goal].append(Suspect(uid, key, one))
    return found


def _suspicion(goal: str, uid: int, since: datetime, said: list[Revision], confirmed: Confirmed) -> Suspicion | None:
    return suspicion(goal, said, since, (*confirmed.get((goal, None), ()), *confirmed.get((goal, uid), ())))


def _made(tx: Connection, condition: Any) -> Iterator[Any]:
    """uid, key, goal and beginning of the links that were made on the item itself and hold now."""
    link, item = t.link.c, t.item.c
    statement = (
        select(link.uid, item.key, link.target, link.valid_from)
        .join(t.item, item.uid == link.uid)
        .where(link.valid_to.is_(None), link.rule.in_([str(rule) for rule in MADE]), condition)
        .order_by(item.source, item.key)
    )
    return stream(tx, statement)


def _ids(goals: Goals) -> Collection[str]:
    return goals.objectives.keys() | goals.key_results.keys()


def _digest(said: Mapping[str, Wording]) -> str:
    return hashlib.sha256(repr(sorted((goal, repr(one)) for goal, one in said.items())).encode()).hexdigest()
