"""What begins and what ends between two looks. Pure."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from config import AlertKind
from okrsync.alerting.conditions import Condition, Found
from okrsync.model import Json


class Why(StrEnum):
    """How an alert ends."""

    OVER = "over"  # it holds no more
    CLOSED = "closed"  # the goal is over, closed or dropped: how it does is no news any more
    GONE = "gone"  # what it is about is not configured any more
    MUTED = "muted"  # nobody wants to know of its kind any more, so nobody is told


@dataclass(frozen=True, slots=True)
class Ended:
    """The alert with this id is over; ``facts`` are those of the end."""

    id: int
    why: Why
    facts: Mapping[str, Json] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Changes:
    opened: tuple[Condition, ...]
    ended: tuple[Ended, ...]


def changes(
    standing: Mapping[int, Condition], holding: Collection[Condition], found: Found, on: Collection[AlertKind]
) -> Changes:
    """What turns the ``standing`` alerts into those that are ``holding``; ``on`` are the kinds that are wanted."""
    known, held = {one.key for one in standing.values()}, {one.key for one in holding}
    opened = tuple(one for one in holding if one.key not in known)
    return Changes(opened, tuple(_end(id_, one, found, on) for id_, one in standing.items() if one.key not in held))


def _end(id_: int, one: Condition, found: Found, on: Collection[AlertKind]) -> Ended:
    configured = {
        AlertKind.STATUS: found.goals,
        AlertKind.SOURCE: found.sources,
        AlertKind.TOKEN: found.sources,
        AlertKind.GATE: found.gates,
    }
    if one.kind not in on:
        return Ended(id_, Why.MUTED)
    if one.subject not in configured[one.kind]:
        return Ended(id_, Why.GONE)
    if one.kind is AlertKind.STATUS and one.subject not in found.running:
        return Ended(id_, Why.CLOSED)
    return Ended(id_, Why.OVER, _facts(one, found))


def _facts(one: Condition, found: Found) -> dict[str, Json]:
    """How it stands now."""
    if one.kind is AlertKind.STATUS and found.statuses is not None:
        return {"status": found.statuses[one.subject].value}
    if one.kind is AlertKind.TOKEN and one.subject in found.tokens:
        return {"expires_at": found.tokens[one.subject].isoformat()}
    return {}
