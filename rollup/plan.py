"""The writes that are due: what should stand in the tools minus what stands there, and what is left for people."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from okrsync.model import Refusal, Say, Slot, Standing, Write, WritebackPolicy
from rollup.desired import Desired
from rollup.facts import neutral, shortened
from rollup.keys import natural
from rollup.yielding import Move, decide, same

REPEATED = 300
"""Characters of what a tool said that are repeated."""

SAID = {
    **{status: status for status in ("on_track", "at_risk", "off_track")},
    **dict.fromkeys(("achieved", "partial", "missed", "dropped"), "ended"),
}
"""What a person can say of a goal, in the words that there are for it."""


@dataclass(frozen=True, slots=True)
class Left:
    """A slot in which something else should stand, and that okrsync does not touch now: why."""

    slot: Slot
    key: str
    url: str
    why: Say


@dataclass(frozen=True, slots=True)
class Planned:
    """The writes that are due, those on one object side by side; what is left; and the slots that okrsync may forget,
    for nothing should stand there and nothing of its own does."""

    writes: tuple[Write, ...]
    left: tuple[Left, ...] = ()
    forgotten: tuple[Slot, ...] = ()


def plan(
    desired: Iterable[Desired],
    standing: Mapping[Slot, Standing],
    policy: WritebackPolicy,
    *,
    touched: Mapping[tuple[str, str], int],
    pending: Collection[Slot],
    released: Mapping[str, datetime],
    refused: Mapping[Slot, Refusal] | None = None,
) -> Planned:
    """What is due, in the order of sources, keys and surfaces; without writes once it was applied.

    ``touched`` says how many runs of the last 24 hours wrote to an object, ``pending`` the slots whose last write has
    no known outcome yet, ``released`` since when a person lets okrsync speak again on the goals of a key result, and
    ``refused`` what their tools refused in those hours: just that is not sent again.
    """

    def kept_from(one: Desired, move: Move, stands: Standing | None) -> Say | None:
        """Why this slot is left as it stands."""
        if move is Move.YIELD and stands is not None:
            return yielded(stands)
        if one.slot in pending:
            return Say.of("write.left.pending")
        said = one.said
        if said is not None and not any(released[kr] >= said.at for kr in one.serves if kr in released):
            return Say.of(f"write.left.said.{SAID.get(said.status, 'other')}", by=said.by)
        no = (refused or {}).get(one.slot)
        if no is not None and same(one.slot.surface, no.after, one.value):
            return Say.of("write.left.refused", at=no.at.date().isoformat(), note=told(no))
        if touched.get((one.slot.source, one.slot.remote_id), 0) >= policy.daily:
            return Say.of("write.left.daily", daily=policy.daily)
        return None

    writes: list[Write] = []
    left: list[Left] = []
    forgotten: list[Slot] = []
    for one in desired:
        stands = standing.get(one.slot)
        move = decide(one.slot.surface, one.value, stands, policy.deleted)
        if move is Move.FORGET:
            forgotten.append(one.slot)
        elif move is not Move.REST:
            why = kept_from(one, move, stands)
            if why is not None:
                left.append(Left(one.slot, one.key, one.url, why))
            else:
                say = Say.of("write.restored") if move is Move.RESTORE else one.why
                before = None if stands is None else stands.value
                writes.append(Write(one.slot, one.key, one.url, before=before, after=one.value, why=say))
    return Planned(tuple(sorted(writes, key=_order)), tuple(sorted(left, key=_order)), tuple(forgotten))


def told(refusal: Refusal) -> str:
    """What the tool said, short enough to be repeated, without the stop at its end."""
    return shortened(neutral(refusal.note), REPEATED).rstrip(".")


def yielded(standing: Standing) -> Say:
    """In which way a person has the last word on a slot."""
    if standing.value is None:
        return Say.of("write.left.deleted")
    return Say.of("write.left.filled" if standing.ours is None else "write.left.changed")


def _order(one: Write | Left) -> tuple[object, ...]:
    slot = one.slot
    return (slot.source, natural(one.key), slot.remote_id, slot.surface, slot.name)
