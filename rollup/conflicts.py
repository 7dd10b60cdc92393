"""What people changed of what okrsync wrote, and that it leaves: gaps, each with the way to hand it back."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping

from okrsync.model import (
    Gap,
    GapKind,
    ItemRef,
    Json,
    Refusal,
    Say,
    Severity,
    Slot,
    Standing,
    Surface,
    WritebackPolicy,
    WriteMode,
)
from rollup.facts import neutral, percent, quantity, shortened
from rollup.keys import natural
from rollup.plan import told
from rollup.targets import ON_GOALS, ON_ITEMS, ON_MILESTONES
from rollup.yielding import LABELS, Move, decide

QUOTED = 60
"""Characters of what stands there that are repeated."""


def conflicts(
    standing: Mapping[Slot, Standing],
    policy: WritebackPolicy,
    places: Mapping[tuple[str, str], str],
    touched: Mapping[tuple[str, str], int] | None = None,
    shares: Collection[tuple[str, str]] = (),
    refused: Mapping[Slot, Refusal] | None = None,
) -> Iterator[Gap]:
    """A gap for every slot that a person has the last word on, one for all items of a label, one for every object
    that as many runs ``touched`` within a day as may, and one for whatever of a run was ``refused`` in the same words.

    ``places`` names the objects (source, remote id); of one that it does not name nothing is said. The metrics of those
    among ``shares`` are fractions, told in percent.
    """
    unlabelled: dict[tuple[str, str], list[str]] = {}
    for slot, one in standing.items():
        key = places.get((slot.source, slot.remote_id))
        if key is None or one.ours is None or not _asked(policy, slot, key):
            continue
        if decide(slot.surface, one.ours, one, policy.deleted) is not Move.YIELD:
            continue
        if slot.surface in LABELS:
            unlabelled.setdefault((slot.source, slot.name), []).append(key)
        else:
            yield _taken(slot, one, key, share=(slot.source, slot.remote_id) in shares)
    for (source, label), keys in unlabelled.items():
        yield _unlabelled(source, label, sorted(keys, key=natural))
    for place, runs in (touched or {}).items():
        if runs >= policy.daily and place in places:
            yield _often(places[place], runs)
    yield from _refused(refused or {}, policy, places)


def _refused(
    refused: Mapping[Slot, Refusal], policy: WritebackPolicy, places: Mapping[tuple[str, str], str]
) -> Iterator[Gap]:
    alike: dict[tuple[str, str, int], set[str]] = {}
    for slot, one in refused.items():
        key = places.get((slot.source, slot.remote_id))
        if key is not None and _asked(policy, slot, key):
            alike.setdefault((slot.source, told(one), one.run), set()).add(key)
    for (source, note, run), found in alike.items():
        keys = tuple(sorted(found, key=natural))
        evidence = Say.of("write.gap.refused", items=len(keys), note=note)
        typed = _approve(source, keys[0]) if len(keys) == 1 else f"okrsync approve {run}"
        yield _gap(keys[0] if len(keys) == 1 else source, evidence, Say.of("write.fix.refused"), keys, typed)


def _asked(policy: WritebackPolicy, slot: Slot, key: str) -> bool:
    return policy.at(slot.source, key) is not WriteMode.OFF and slot.surface in policy.surfaces_of(slot.source)


def _taken(slot: Slot, standing: Standing, key: str, *, share: bool) -> Gap:
    if standing.value is None:
        evidence = Say.of(f"write.gap.deleted.{slot.surface}")
    elif share and slot.surface is Surface.METRIC:
        shares = {"stands": _in_percent(standing.value), "ours": _in_percent(standing.ours)}
        evidence = Say.of("write.gap.changed.metric.share", **shares)
    elif slot.surface in (Surface.NUMBER, Surface.METRIC, Surface.OBJECTIVE_FIELD):
        facts = {"stands": _quoted(standing.value), "ours": _quoted(standing.ours)}
        evidence = Say.of(f"write.gap.changed.{slot.surface}", **facts)
    else:
        evidence = Say.of(f"write.gap.changed.{slot.surface}")
    named = slot.surface in ON_ITEMS | ON_MILESTONES | ON_GOALS
    fix = Say.of("write.fix.taken" if named else "write.fix.marked")
    return _gap(key, evidence, fix, (key,), _approve(slot.source, key))


def _unlabelled(source: str, label: str, keys: list[str]) -> Gap:
    evidence = Say.of("write.gap.unlabelled", items=len(keys))
    return _gap(label, evidence, Say.of("write.fix.unlabelled"), tuple(keys), _approve(source, keys[0]))


def _often(key: str, runs: int) -> Gap:
    return _gap(key, Say.of("write.gap.daily", runs=runs), Say.of("write.fix.daily"), (key,), "okrsync runs")


def _gap(subject: str, evidence: Say, fix: Say, items: tuple[str, ...], typed: str) -> Gap:
    return Gap(GapKind.WRITE_CONFLICT, Severity.MEDIUM, subject, evidence, fix, items=items, typed=typed)


def _approve(source: str, key: str) -> str:
    return f"okrsync approve {ItemRef(source, key)}"


def _in_percent(value: Json) -> str | int | float:
    """A fraction in whole percents."""
    return percent(value) if isinstance(value, int | float) else _quoted(value)


def _quoted(value: Json) -> str | int | float:
    """What stands in a field, short enough to be repeated."""
    if isinstance(value, int | float):
        number = quantity(value)
        return int(number) if number.is_integer() else number
    return shortened(neutral(str(value)), QUOTED)
