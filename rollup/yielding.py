"""Human wins: what becomes of one slot, by what should stand there, what stands there, and what okrsync last wrote.

The table of docs/status.md, cell by cell. What people fill in as well (a number, a field, a metric) is theirs once they
touched it; what bears our mark is put back once, and is theirs from then on; what they took away stays away, unless the
policy says that it comes back, once.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping, Sequence
from enum import Enum, auto

from okrsync.model import Deleted, Json, Standing, Surface

LABELS = frozenset({Surface.LABEL, Surface.OBJECTIVE_LABEL})
"""Shared names: whoever put one there first, it is the same one."""

OF_PEOPLE = frozenset({Surface.NUMBER, Surface.OBJECTIVE_FIELD, Surface.METRIC})
"""Values that people set as well, and that bear no mark of ours."""

RESTORES = 1
"""How often okrsync puts its own back."""


class Move(Enum):
    """What becomes of a slot."""

    REST = auto()  # it stands as it should, or it is not ours to touch
    WRITE = auto()
    RESTORE = auto()  # somebody changed it, and ours is put back
    YIELD = auto()  # somebody changed it, and it stays so
    FORGET = auto()  # nothing should stand there, and nothing of ours does any more


def decide(surface: Surface, wanted: Json, standing: Standing | None, deleted: Deleted) -> Move:
    """What becomes of a slot in which ``wanted`` should stand, None for nothing."""
    if standing is None:
        return Move.REST if wanted is None else Move.WRITE
    stands, ours = standing.value, standing.ours
    if same(surface, wanted, stands):
        return Move.FORGET if wanted is None and ours is not None else Move.REST
    if ours is None:
        return _found(surface, wanted, stands)
    if same(surface, stands, ours):
        return Move.WRITE
    if stands is None:
        return _again(standing) if deleted is Deleted.RESTORE else Move.YIELD
    if wanted is None:
        return Move.FORGET if surface in OF_PEOPLE | LABELS else Move.YIELD
    if surface in OF_PEOPLE:
        return Move.YIELD
    if surface is Surface.UPDATE:  # never edited: only news are posted
        return Move.REST if same(surface, wanted, ours) else Move.WRITE
    return _again(standing)


def theirs(surface: Surface, standing: Standing) -> bool:
    """Whether somebody else has the last word on this slot: they changed it or took it away, or had filled it in."""
    if standing.ours is None:
        return surface is Surface.OBJECTIVE_FIELD and standing.value is not None
    return not same(surface, standing.value, standing.ours)


def same(surface: Surface, one: Json, other: Json) -> bool:
    """Whether two values say the same in this surface; an id is the same in any case and in any form of Unicode."""
    if surface is Surface.OBJECTIVE_FIELD and isinstance(one, str) and isinstance(other, str):
        return _folded(one) == _folded(other)
    return plain(one) == plain(other)


def plain(value: Json) -> Json:
    """The value with every sequence a list and every mapping a dict, so that equal JSON is equal."""
    if isinstance(value, Mapping):
        return {key: plain(one) for key, one in value.items()}
    if isinstance(value, Sequence) and not isinstance(value, str):
        return [plain(one) for one in value]
    return value


def _found(surface: Surface, wanted: Json, stands: Json) -> Move:
    """Of what okrsync never wrote: a number is replaced where one should stand, a field that a person filled is not,
    and neither is ever taken away; a text with our mark is ours."""
    if stands is None:
        return Move.WRITE
    if surface in LABELS | OF_PEOPLE and wanted is None:
        return Move.REST
    return Move.YIELD if surface is Surface.OBJECTIVE_FIELD else Move.WRITE


def _again(standing: Standing) -> Move:
    return Move.RESTORE if standing.restored < RESTORES else Move.YIELD


def _folded(text: str) -> str:
    return unicodedata.normalize("NFC", unicodedata.normalize("NFC", text).casefold())
