"""The labels that open work should carry: that it reaches no objective, or that its label names nothing."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta

from okrsync.model import ItemKind, OrphanClass, Say, State, Ticket, Verdict, VerdictKind

ORPHAN = "okr-orphan"
DANGLING = "okr-dangling"


def may_be_marked(verdict: Verdict) -> bool:
    """Whether a label may stand on an item with this verdict, whatever its age and state."""
    return bool(verdict.dangling) or verdict.kind is VerdictKind.ORPHAN


def marks(
    marked: Iterable[tuple[Ticket, Verdict]], quiet: timedelta, now: datetime
) -> Iterator[tuple[Ticket, str, Say]]:
    """(ticket, label, why) for open tickets past their quiet period; finished work is left in peace.

    ``okr-dangling`` stands on whatever has a label, field or word of its own that names no goal, traced or not;
    ``okr-orphan`` on orphans of the other classes.
    """
    for ticket, verdict in marked:
        if ticket.kind is not ItemKind.TICKET or ticket.state is State.DONE or now - ticket.created_at < quiet:
            continue
        if verdict.dangling:
            yield ticket, DANGLING, Say.of("write.dangling", text=verdict.dangling[0].text)
        if verdict.kind is VerdictKind.ORPHAN and verdict.orphan not in (None, OrphanClass.DANGLING):
            yield ticket, ORPHAN, Say.of(f"write.orphan.{verdict.orphan}")
