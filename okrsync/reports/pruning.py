"""Key results in the order in which they are worth keeping, each place with its reason."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any

from rich.console import RenderableType
from rich.text import Text

import rollup
from config import Config
from okrsync import pruning
from okrsync.assess import freshness
from okrsync.model import KeyResultKind, Say
from okrsync.reports.common import (
    Speak,
    freshness_line,
    freshness_sentence,
    head,
    indented,
    number,
    plain,
    text,
    titled,
    typed,
)
from okrsync.reports.sheet import Sheet
from rollup.pruning import Rank

if TYPE_CHECKING:
    from sqlalchemy import Connection

COLUMNS = (
    *("rank", "keep", "id", "title", "objective", "state", "owner", "score", "effort", "items", "shared"),
    *("shared_with", "twin", "lacks", "why"),
)
SHOWN = ("rank", "keep", "id", "title", "objective", "score", "effort", "items", "why")


def answer(
    tx: Connection, config: Config, now: datetime, speak: Speak, *, keep: int | None, everything: bool
) -> dict[str, Any]:
    """DESIGN's ``prune``; ``keep`` says of how many it is proposed that they stay."""
    found = pruning.ranked(tx, config, now, everything=everything)
    rows = [_row(one, place, config, speak, keep) for place, one in enumerate(found.ranks, start=1)]
    return {
        **head(freshness(tx, config, now), config, now),
        "keep": keep,
        "all": everything,
        "standing": found.standing,
        "effort": plain(sum(one.effort for one in found.ranks), 3),
        "kept_effort": None if keep is None else plain(sum(one.effort for one in found.ranks[:keep]), 3),
        "key_results": rows,
    }


def _row(one: Rank, place: int, config: Config, speak: Speak, keep: int | None) -> dict[str, Any]:
    kr = config.goals.key_results[one.kr]
    return {
        "rank": place,
        "keep": None if keep is None else place <= keep,
        "id": kr.id,
        "title": kr.title,
        "objective": kr.objective,
        "state": kr.state.value,
        "owner": kr.owner,
        "score": round(one.score),
        "effort": plain(one.effort, 3),
        "items": one.items,
        "shared": one.shared,
        "shared_with": one.shared_with,
        "twin": one.twin,
        "lacks": [lack.value for lack in one.lacks],
        "why": _sentence(one, kr.kind, speak),
    }


def _sentence(one: Rank, kind: KeyResultKind, speak: Speak) -> str:
    """What speaks for it and against it, as one sentence."""
    parts = [speak(say) for say in _reasons(one, kind, speak)]
    told = speak(Say.of("prune.between")).join(parts)
    return speak(Say.of("prune.sentence", told=told[:1].upper() + told[1:]))


def _reasons(one: Rank, kind: KeyResultKind, speak: Speak) -> Iterator[Say]:
    if one.items:
        effort, ahead = number(one.effort, speak), speak(Say.of("report.percent", percent=rollup.percent(one.ahead)))
        place = ".most" if one.ahead == 1 else ".least" if one.ahead == 0 else ""
        yield Say.of(f"prune.effort{place}", effort=effort, ahead=ahead)
    elif kind is not KeyResultKind.WORK:
        yield Say.of("prune.value")
    else:
        yield Say.of("prune.no_work")
    if one.shared_with is not None and one.shared == one.items:
        yield Say.of("prune.all_shared", items=one.items, other=one.shared_with)
    elif one.shared_with is not None:
        yield Say.of("prune.shared", shared=one.shared, items=one.items, other=one.shared_with)
    if one.twin is not None:
        yield Say.of("prune.twin", other=one.twin)
    lacks = [speak(Say.of(f"prune.lack.{lack}")) for lack in one.lacks if lack != "work"]
    if lacks:
        yield Say.of("prune.lacks", what=", ".join(lacks))
    elif not one.lacks:
        yield Say.of("prune.whole")


# ── how it is told ───────────────────────────────────────────────────────────────────────────────────────────────────


def sheet(answer: Mapping[str, Any], speak: Speak) -> Sheet:
    """A row a key result, the best first."""
    lead = (freshness_sentence(answer, speak), *_lead(answer, speak))
    title = speak(Say.of("sheet.title.prune"))
    return Sheet(title, lead, COLUMNS, answer["key_results"], SHOWN, speak(Say.of("prune.nothing")))


def draw(answer: Mapping[str, Any], speak: Speak) -> list[RenderableType]:
    """A line a key result with its reason below it, and where the proposal draws the line."""
    parts: list[RenderableType] = [freshness_line(answer, speak)]
    rows = answer["key_results"]
    if not rows:
        return [*parts, Text(speak(Say.of("prune.nothing")))]
    parts += [text(one) for one in _lead(answer, speak)]
    keep = answer["keep"]
    for row in rows:
        if keep is not None and row["rank"] == keep + 1:
            parts += ["", text(speak(Say.of("prune.line", count=len(rows) - keep)), "yellow")]
        dim = "dim" if row["keep"] is False else "bold"
        points = speak(Say.of("prune.points", score=row["score"]))
        place = Text(f"{row['rank']:>3}  ")
        parts += [
            "",
            Text.assemble(place, text(row["id"], dim), "  ", titled(row["title"]), "  ", text(points, "cyan")),
        ]
        parts.append(indented(text(row["why"], "dim"), 5))
    dropped = [row["id"] for row in rows if row["keep"] is False]
    if dropped:
        parts += ["", text(speak(Say.of("prune.next", count=len(dropped))))]
        parts.append(typed(" ".join(("okrsync prune --drop", *dropped)), 2))
    return parts


def _lead(answer: Mapping[str, Any], speak: Speak) -> Iterator[str]:
    rows, keep = answer["key_results"], answer["keep"]
    if not rows:
        return
    code = "prune.ranked_all" if answer["all"] else "prune.ranked"
    yield speak(Say.of(code, count=len(rows), standing=answer["standing"]))
    if keep is not None and keep < len(rows):
        share = answer["kept_effort"] / answer["effort"] if answer["effort"] else None
        percent = "—" if share is None else speak(Say.of("report.percent", percent=rollup.percent(share)))
        yield speak(Say.of("prune.proposal", keep=keep, share=percent))
