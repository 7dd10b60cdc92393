"""The status update of a goal that a tool keeps itself: posted when the status changes, and while the goal runs as the
word of the week; never edited."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from okrsync.model import Json, KeyResult, Progress, SaidStatus, Say, Standing, Status
from rollup.author import BETWEEN, Author, shown_percent
from rollup.facts import day
from rollup.restraint import last_said, said_at

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

RUNNING = frozenset({"on_track", "at_risk", "off_track"})
"""The words that are said again every week."""

WORST_FIRST = ("missed", "off_track", "at_risk", "on_track", "achieved")


def update(author: Author, served: Sequence[tuple[KeyResult, Progress]], standing: Standing | None) -> tuple[Json, Say]:
    """The update that should be the newest of ours on the goal, and why; the one that stands there where nothing is to
    be told or nothing may be said.

    The last line of its text is the mark by which it is found again: ``okrsync · INSTANCE · KEY RESULTS``.
    """
    known = last_said(standing)
    kind, stood = overall(progress.status for _, progress in served), told(known)
    weekly = kind is not None and kind == stood and kind in RUNNING and author.restraint.due(said_at(standing))
    if kind is None or (kind == stood and not weekly):
        return known, Say.of("write.unchanged")
    names = ", ".join(kr.id for kr, _ in served)
    lines = [_moved(author, kind, stood)]
    for kr, progress in served:
        lines += author.told(kr, progress, judged=len(served) > 1)  # of an only one the title tells it
    krs = [kr for kr, _ in served]
    lines += [author.explain(None, krs), *author.links(krs)]
    lines.append(BETWEEN.join(("okrsync", author.instance, names)))
    value = {"status_type": kind, "title": _title(author, names, kind, served), "text": "\n".join(lines)}
    why = Say.of("write.weekly") if weekly else Say.of("write.first" if stood is None else "write.status", id=names)
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


def overriding(said: SaidStatus | None, standing: Standing | None, instance: str) -> SaidStatus | None:
    """The word of somebody else on a goal that is newer than ours; None where there is none."""
    if said is None or standing is None or standing.ours is None or said.instance == instance:
        return None
    return said if said.at > standing.at else None


def _moved(author: Author, kind: str, stood: str | None) -> str:
    """What moved, and on which day it is told."""
    facts = {"at": day(author.now, author.goals.timezone), "status": author.render(Say.of(f"status.{kind}"))}
    if stood is None:
        return author.render(Say.of("update.first", **facts))
    if stood == kind:
        return author.render(Say.of("update.still", **facts))
    before = author.render(Say.of(f"status.{stood}")) if stood in TYPES.values() else stood
    return author.render(Say.of("update.moved", **facts, before=before))


def _title(author: Author, names: str, kind: str, served: Sequence[tuple[KeyResult, Progress]]) -> str:
    status = author.render(Say.of(f"status.{kind}"))
    whole = shown_percent(served[0][1]) if len(served) == 1 else None
    if whole is not None:
        status = author.render(Say.of("update.state_progress", status=status, progress=whole))
    return f"{names}{BETWEEN}{status}"
