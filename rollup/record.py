"""The issue property: what okrsync knows of the key results that an object stands for, for other programs to read."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from okrsync.model import Json, KeyResult, Progress, Say, Standing
from rollup.author import ADDRESS
from rollup.facts import percent, tidy
from rollup.restraint import Part, Restraint, last_said, said_at, speaks

VERSION = 1

Entry = Mapping[str, Json]


def record(
    restraint: Restraint,
    served: Sequence[tuple[KeyResult, Progress]],
    standing: Standing | None,
    *,
    instance: str,
    page: Callable[[str], str],
) -> tuple[Json, Say]:
    """The value that should stand there, None where there is nothing to say, and why. It holds nothing that changes
    by itself. ``page`` tells the address of the page of a key result, "" where there is none."""
    known = _entries(last_said(standing))
    stands = {kr: {name: one for name, one in entry.items() if name != "url"} for kr, entry in known.items()}
    parts = [_part(restraint, kr, progress, stands.get(kr.id)) for kr, progress in served]
    withdrawn = bool(stands.keys() - {kr.id for kr, _ in served})
    entries, why = restraint.settle(parts, withdrawn=withdrawn, written=said_at(standing))
    if not entries:
        return None, why
    told = [{**entry, "url": url} if (url := page(str(entry["id"]))) else entry for entry in entries]
    if entries == list(stands.values()) and told != list(known.values()):
        why = ADDRESS
    return {"instance": instance, "version": VERSION, "key_results": told}, why


def _part(restraint: Restraint, kr: KeyResult, progress: Progress, known: Entry | None) -> Part[Entry]:
    if not speaks(progress, str(known.get("status")) if known is not None else None):
        return Part(known, None, None)
    return Part(known, _entry(kr, progress), _moved(restraint, kr, progress, known))


def _moved(restraint: Restraint, kr: KeyResult, progress: Progress, known: Entry | None) -> Say | None:
    if known is None:
        return Say.of("write.first", id=kr.id)
    if known.get("status") != progress.status:
        return Say.of("write.status", id=kr.id)
    before = known.get("progress")
    stood = percent(before) if isinstance(before, int | float) else None
    if not restraint.apart(stood, _percent(progress)):
        return None
    return Say.of("write.progress", id=kr.id, points=restraint.move)


def _entry(kr: KeyResult, progress: Progress) -> Entry:
    whole = _percent(progress)
    return {
        "id": kr.id,
        "title": kr.title,
        "objective": kr.objective,
        "status": progress.status.value,
        "progress": None if whole is None else whole / 100,
        "done": None if progress.done is None else tidy(progress.done),
        "scope": None if progress.scope is None else tidy(progress.scope),
        "unit": progress.unit,
    }


def _percent(progress: Progress) -> int | None:
    return None if progress.progress is None else percent(progress.progress)


def _entries(known: Json) -> dict[str, Entry]:
    entries = known.get("key_results") if isinstance(known, Mapping) else None
    if not isinstance(entries, Sequence) or isinstance(entries, str):
        return {}
    return {str(one["id"]): one for one in entries if isinstance(one, Mapping) and "id" in one}
