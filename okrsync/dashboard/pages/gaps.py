"""What is broken in the chain from the work to the goals, the gravest first, and how each of it is mended."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from itertools import groupby
from typing import Any

from pydantic import Field

from okrsync import typed
from okrsync.dashboard.export import Listing
from okrsync.dashboard.look import Asked, Look, Page
from okrsync.dashboard.marks import Marks, capital, goal, linked, objective, thread
from okrsync.mending import COMMAND
from okrsync.model import GapKind, Severity
from okrsync.reports import gaps as report
from okrsync.reports.common import line, short

SHOWN_ITEMS = 8  # of those that have part in a gap


class Wanted(Asked):
    """Which gaps; ``limit`` and ``offset`` count them."""

    kind: GapKind | None = None
    severity: Severity | None = None
    team: str | None = None
    source: str | None = None
    since: str | None = None
    limit: int = Field(50, ge=1, le=500)
    offset: int = Field(0, ge=0, le=2**53)


def view(look: Look, asked: Wanted) -> Mapping[str, Any]:
    every = _answer(look, asked)
    chosen = _chosen(every, asked)["gaps"]
    mark = Marks(look.speak)
    return {
        "title": look.say("site.gaps"),
        "summary": _summary(every, look),
        "severities": list(_severities(every["gaps"], mark)),
        "kinds": list(_kinds(every["gaps"], asked, look)),
        "count": len(chosen),
        "groups": list(_groups(chosen[asked.offset : asked.offset + asked.limit], Counter(map(_alike, chosen)), look)),
        "nothing": look.say(_nothing(every)),
        "well": not every["all"] and every["as_of"] is not None,
        "choices": {
            "team": [team.id for team in look.config.teams],
            "source": [source.id for source in look.config.sources],
        },
    }


def listing(look: Look, asked: Wanted) -> Listing:
    """All of what is asked for."""
    return Listing(_chosen(_answer(look, asked), asked), report.sheet)


def _answer(look: Look, asked: Wanted) -> dict[str, Any]:
    config = look.config
    since = None if asked.since is None else typed.past_start(config, asked.since, look.now, "since")
    chosen = [one.id for one in typed.sources(config, [asked.source])] if asked.source else ()
    cut = report.Cut(since, typed.team(config, asked.team), chosen)
    every = look.once("gaps", lambda: list(report.collect(look.tx, config, look.assess())))
    return report.answer(look.tx, config, look.assess(), look.speak, cut=cut, every=every)


def _chosen(answer: Mapping[str, Any], asked: Wanted) -> dict[str, Any]:
    kinds, severities = ([one] if one else [] for one in (asked.kind, asked.severity))
    return report.narrowed(answer, kinds, severities)


def _summary(answer: Mapping[str, Any], look: Look) -> str:
    count = len(answer["gaps"])
    return look.say("site.gaps.count.one" if count == 1 else "site.gaps.count", count=count) if count else ""


def _nothing(answer: Mapping[str, Any]) -> str:
    if answer["all"]:
        return "site.gaps.nothing.here"
    return "site.gaps.nothing" if answer["as_of"] else "site.gaps.nothing.known"


# ── how many ─────────────────────────────────────────────────────────────────────────────────────────────────────────


def _severities(gaps: Iterable[Mapping[str, Any]], mark: Marks) -> Iterator[dict[str, Any]]:
    counted = Counter(gap["severity"] for gap in gaps)
    for severity in Severity:
        if counted[severity]:
            yield {"name": severity.value, "badge": mark.severity(severity), "count": counted[severity]}


def _kinds(gaps: Iterable[Mapping[str, Any]], asked: Wanted, look: Look) -> Iterator[dict[str, Any]]:
    """The kinds that there are, of the severity that is asked for, the gravest first."""
    shown = [gap["kind"] for gap in gaps if asked.severity in (None, gap["severity"])]
    for kind, count in Counter(shown).items():
        yield {"name": kind, "word": look.say(f"report.gap_kind.{kind}"), "count": count}


# ── one by one ───────────────────────────────────────────────────────────────────────────────────────────────────────


def _alike(gap: Mapping[str, Any]) -> tuple[str, str]:
    return gap["severity"], gap["kind"]


def _groups(
    gaps: Iterable[Mapping[str, Any]], counts: Mapping[tuple[str, str], int], look: Look
) -> Iterator[dict[str, Any]]:
    mark = Marks(look.speak)
    for (severity, kind), alike in groupby(gaps, key=_alike):
        yield {
            "kind": kind,
            "word": look.say(f"report.gap_kind.{kind}"),
            "severity": mark.severity(severity),
            "count": counts[severity, kind],
            "gaps": [_gap(gap, look) for gap in alike],
        }


def _gap(gap: Mapping[str, Any], look: Look) -> dict[str, Any]:
    typed_lines = (gap["typed"] or "").splitlines()
    more = len(gap["items"]) - SHOWN_ITEMS
    return {
        "subject": line(gap["subject"]),
        "goal": _goal(gap["subject"], look),
        "evidence": capital(line(gap["evidence"])),
        "fix": capital(line(gap["fix"])),
        "steps": [linked(step) for step in map(capital, gap["steps"])],
        "commands": [one for one in typed_lines if one.startswith(COMMAND)],
        "lines": "\n".join(one for one in typed_lines if not one.startswith(COMMAND)),
        "since": gap["since"],
        "items": [{"key": short(line(key)), "thread": thread(None, key)} for key in gap["items"][:SHOWN_ITEMS]],
        "more": look.say("site.gaps.more", count=more) if more > 0 else "",
    }


def _goal(subject: str, look: Look) -> str:
    """The address of the goal that a gap is about; "" where it is about none of ours."""
    goals = look.config.goals
    if subject in goals.key_results:
        return goal(subject)
    return objective(subject) if subject in goals.objectives else ""


PAGE = Page("gaps", "/gaps", Wanted, view, export=listing)
