"""The labels that open work should carry: that it reaches no objective, or that its label names nothing."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from okrsync.model import ItemKind, OrphanClass, Say, State, Ticket, Verdict, VerdictKind

ORPHAN = "okr-orphan"
DANGLING = "okr-dangling"


def marks(ticket: Ticket, verdict: Verdict, quiet: timedelta, now: datetime) -> Iterator[tuple[str, Say]]:
    """(label, why) of an open ticket past its quiet period; finished work is left in peace.

    ``okr-dangling`` stands on whatever has a label, field or word of its own that names no goal, traced or not;
    ``okr-orphan`` on orphans of the other classes.
    """
    if ticket.kind is not ItemKind.TICKET or ticket.state is State.DONE or now - ticket.created_at < quiet:
        return
    if verdict.dangling:
        yield DANGLING, Say.of("write.dangling", text=verdict.dangling[0].text)
    if is_lost(verdict.kind, verdict.orphan):
        yield ORPHAN, Say.of(f"write.orphan.{verdict.orphan}")


def is_lost(kind: VerdictKind, orphan: OrphanClass | None) -> bool:
    """Whether the label for orphans should stand on it; one that names what is not there has a label of its own."""
    return kind is VerdictKind.ORPHAN and orphan not in (None, OrphanClass.DANGLING)
