"""The status update of a goal that a tool keeps itself: posted when the status changes, and never edited."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from okrsync.model import Json, KeyResult, Progress, Say, Status
from rollup.author import BETWEEN, Author, shown_percent
from rollup.facts import day

TYPES = {
    Status.ON_TRACK: "on_track",
    Status.AT_RISK: "at_risk",
    Status.OFF_TRACK: "off_track",
    Status.DONE: "achieved",
    Status.ACHIEVED: "achieved",
    Status.MISSED: "missed",
    Status.DROPPED: "dropped",
}
"""What a status is called on a goal; of any other nothing is told there."""

ENDED = {"achieved": "on_track", "missed": "off_track"}
"""The words that close a goal, and what they come to while another key result of it still runs."""

WORST_FIRST = ("missed", "off_track", "at_risk", "on_track", "achieved")


def update(author: Author, served: Sequence[tuple[KeyResult, Progress]], known: Json) -> tuple[Json, Say]:
    """The update that should be the newest of ours on the goal, and why; the one that stands there where nothing
    changed or nothing may be said.

    The last line of its text is the mark by which it is found again: ``okrsync · INSTANCE · KEY RESULTS``.
    """
    kind, stood = overall(progress.status for _, progress in served), told(known)
    names = ", ".join(kr.id for kr, _ in served)
    if kind is None or kind == stood:
        return known, Say.of("write.unchanged")
    lines = [_moved(author, kind, stood)]
    for kr, progress in served:
        lines += [author.title(kr), author.state(progress, shown_percent(progress)), *author.facts(kr, progress)]
    lines.append(author.explain(None, [kr for kr, _ in served]))
    lines.append(BETWEEN.join(("okrsync", author.instance, names)))
    value = {"status_type": kind, "title": _title(author, names, kind, served), "text": "\n".join(lines)}
    why = Say.of("write.first" if stood is None else "write.status", id=names)
    return {name: text.replace("\u00a0", " ") for name, text in value.items()}, why


def overall(statuses: Iterator[Status]) -> str | None:
    """What several key results come to on the goal that they share; None while one of them may not speak.

    The worst speaks for all. A goal is closed only when all that is not dropped has ended.
    """
    kinds = {TYPES.get(status) for status in statuses}
    if None in kinds:
        return None
    alive = {str(kind) for kind in kinds} - {"dropped"}
    if alive - ENDED.keys():
        alive = {ENDED.get(kind, kind) for kind in alive}
    return next((kind for kind in WORST_FIRST if kind in alive), "dropped")


def told(known: Json) -> str | None:
    """The status that an update tells."""
    kind = known.get("status_type") if isinstance(known, Mapping) else None
    return kind if isinstance(kind, str) else None


def _moved(author: Author, kind: str, stood: str | None) -> str:
    """What moved, and on which day it is told."""
    facts = {"at": day(author.now, author.goals.timezone), "status": author.render(Say.of(f"status.{kind}"))}
    if stood is None:
        return author.render(Say.of("update.first", **facts))
    before = author.render(Say.of(f"status.{stood}")) if stood in TYPES.values() else stood
    return author.render(Say.of("update.moved", **facts, before=before))


def _title(author: Author, names: str, kind: str, served: Sequence[tuple[KeyResult, Progress]]) -> str:
    status = author.render(Say.of(f"status.{kind}"))
    whole = shown_percent(served[0][1]) if len(served) == 1 else None
    if whole is not None:
        status = author.render(Say.of("update.state_progress", status=status, progress=whole))
    return f"{names}{BETWEEN}{status}"
