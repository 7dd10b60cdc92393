"""The objective on the ticket itself, as a label or in a field, so that a team can filter its backlog by it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from okrsync.model import (
    OBJECTIVE_LABEL,
    Goals,
    ItemKind,
    Json,
    Say,
    Slot,
    State,
    Surface,
    Ticket,
    Verdict,
    VerdictKind,
    WritebackPolicy,
    WriteMode,
)
from rollup.alive import open_goals
from rollup.targets import Offers

SURFACES = frozenset({Surface.OBJECTIVE_LABEL, Surface.OBJECTIVE_FIELD})


@dataclass(frozen=True, slots=True)
class Compass:
    """``homes`` names the objective of every goal that takes work now, ``order`` ranks the objectives as the
    configuration lists them."""

    homes: Mapping[str, str]
    order: Mapping[str, int]

    @classmethod
    def at(cls, goals: Goals, now: datetime) -> Compass:
        key_results = goals.key_results
        homes = {goal: key_results[goal].objective if goal in key_results else goal for goal in open_goals(goals, now)}
        return cls(homes, {objective: n for n, objective in enumerate(goals.objectives)})

    def marks(self, ticket: Ticket, verdict: Verdict, field: str) -> Iterator[tuple[Slot, Json, Say]]:
        """What should stand on an open ticket that is traced: a label for each of its objectives, and the first of
        them in the field of this id ("": none)."""
        if bears_objective(ticket, verdict):
            for surface, name, value, why in self.named((link.target for link in verdict.links), field):
                yield Slot(ticket.source, ticket.remote_id, surface, name), value, why

    def named(self, goals: Iterable[str], field: str) -> Iterator[tuple[Surface, str, Json, Say]]:
        """(surface, name, value, why) of what should stand on a ticket that serves these goals."""
        served: dict[str, str] = {}
        for goal in goals:
            home = self.homes.get(goal)
            if home is not None:
                served.setdefault(home, goal)
        for n, objective in enumerate(sorted(served, key=self.order.__getitem__)):
            by = served[objective]
            say = (
                Say.of("write.objective_itself", id=objective)
                if by == objective
                else Say.of("write.objective", id=objective, goal=by)
            )
            yield Surface.OBJECTIVE_LABEL, OBJECTIVE_LABEL + objective, True, say
            if n == 0 and field:
                yield Surface.OBJECTIVE_FIELD, field, objective, say


def bears_objective(ticket: Ticket, verdict: Verdict) -> bool:
    """Whether it is an open ticket that is traced."""
    return ticket.kind is ItemKind.TICKET and ticket.state is not State.DONE and verdict.kind is VerdictKind.TRACED


def keeps_objective(ticket: Ticket, verdict: Verdict) -> bool:
    """Whether what stands on it of an objective stays, whatever is known now: finished work bears what it served, and
    of what leads to something unreadable nobody knows better."""
    return ticket.state is State.DONE or verdict.kind is VerdictKind.UNRESOLVABLE


def bearing(policy: WritebackPolicy, offers: Offers) -> frozenset[str]:
    """The sources in which every open ticket that is traced bears its objective."""
    return frozenset(
        source
        for source, offered in offers.items()
        if policy.of(source) is not WriteMode.OFF and SURFACES & policy.surfaces_of(source) & frozenset(offered)
    )
