"""The writes that are due: what should stand in the tools minus what was last confirmed to stand there."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from okrsync.model import Json, Slot, Write
from rollup.desired import Desired
from rollup.keys import natural


def plan(desired: Iterable[Desired], known: Mapping[Slot, Json]) -> list[Write]:
    """One write for every slot that differs, in the order of sources, keys and surfaces; empty after it was applied."""
    writes = [
        Write(one.slot, one.key, one.url, before=known.get(one.slot), after=one.value, why=one.why)
        for one in desired
        if plain(one.value) != plain(known.get(one.slot))
    ]
    return sorted(writes, key=_order)


def plain(value: Json) -> Json:
    """The value with every sequence a list and every mapping a dict, so that equal JSON is equal."""
    if isinstance(value, Mapping):
        return {key: plain(one) for key, one in value.items()}
    if isinstance(value, Sequence) and not isinstance(value, str):
        return [plain(one) for one in value]
    return value


def _order(write: Write) -> tuple[object, ...]:
    slot = write.slot
    return (slot.source, natural(write.key), slot.remote_id, slot.surface, slot.name)
