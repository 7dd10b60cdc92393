"""What to do next: the open work of all tools below what it serves, the worst objective first."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import groupby
from typing import Any

from pydantic import Field

from okrsync import typed
from okrsync.dashboard.export import Listing
from okrsync.dashboard.look import Asked, Look, Page
from okrsync.dashboard.marks import Marks, capital, goal, objective
from okrsync.reports import backlog as report
from okrsync.reports.common import line


class Wanted(Asked):
    """Which part of the list; ``limit`` and ``offset`` count items."""

    objective: str | None = None
    team: str | None = None
    source: str | None = None
    limit: int = Field(50, ge=1, le=500)
    offset: int = Field(0, ge=0, le=2**53)


def view(look: Look, asked: Wanted) -> Mapping[str, Any]:
    answer = _answer(look, asked, asked.limit)
    known = {one["id"]: one for one in answer["objectives"]}
    count = sum(one["open"] for one in known.values()) + answer["unlinked"]
    mark = Marks(look.speak)
    return {
        "title": look.say("site.backlog"),
        "count": count,
        "summary": look.say("site.backlog.count", count=count),
        "unlinked": look.say("site.backlog.unlinked", count=answer["unlinked"]) if answer["unlinked"] else "",
        "groups": list(_groups(answer, known, mark, look)),
        "nothing": look.say("site.backlog.nothing" if _narrowed(asked) else "site.backlog.nothing.at_all"),
        "choices": {
            "objective": [(name, f"{name} · {line(known[name]['title'])}") for name in known],
            "team": [(team.id, team.id) for team in look.config.teams],
            "source": [(source.id, source.id) for source in look.config.sources],
        },
    }


def listing(look: Look, asked: Wanted) -> Listing:
    """All of what is asked for."""
    return Listing(_answer(look, asked, None), report.sheet)


def _answer(look: Look, asked: Wanted, limit: int | None) -> dict[str, Any]:
    tx, config, assessment = look.tx, look.config, look.assess()
    every = look.once("backlog", lambda: report.ranked(tx, config, assessment))
    return report.answer(tx, config, assessment, look.speak, cut=_cut(look, asked, limit), every=every)


def _cut(look: Look, asked: Wanted, limit: int | None) -> report.Cut:
    config = look.config
    return report.Cut(
        typed.objectives(config, [asked.objective] if asked.objective else [], "objective ="),
        typed.team(config, asked.team),
        [one.id for one in typed.sources(config, [asked.source])] if asked.source else (),
        limit,
        start=asked.offset if limit is not None else 0,
    )


def _narrowed(asked: Wanted) -> bool:
    return bool(asked.objective or asked.team or asked.source or asked.offset)


def _objective(one: Mapping[str, Any], mark: Marks, look: Look) -> dict[str, Any]:
    """An objective in the list of them, with how much of it is open."""
    return {
        "id": one["id"],
        "url": objective(one["id"]),
        "title": line(one["title"]),
        "status": mark.status(one["status"]),
        "open": look.say("backlog.open", count=one["open"]),
    }


def _groups(
    answer: Mapping[str, Any], known: Mapping[str, Mapping[str, Any]], mark: Marks, look: Look
) -> Iterator[dict[str, Any]]:
    """The objectives of these items, in their order; in each what its goals wait for, and the items under that."""
    for name, found in groupby(answer["items"], key=lambda item: item["objective"]):
        whys = [
            {
                "key_result": key_result,
                "goal": goal(key_result) if key_result else "",
                "why": capital(line(why)),
                "items": [_item(item, mark, look) for item in alike],
            }
            for (key_result, why), alike in groupby(found, key=lambda item: (item["key_result"], item["of_goal"]))
        ]
        if name in known:
            yield {**_objective(known[name], mark, look), "whys": whys}
        else:
            title, counted = look.say("backlog.orphans"), look.say("backlog.open", count=answer["unlinked"])
            yield {"id": "", "url": "", "title": title, "status": None, "open": counted, "whys": whys}


def _item(item: Mapping[str, Any], mark: Marks, look: Look) -> dict[str, Any]:
    return {
        "rank": item["rank"],
        "item": mark.item(item),
        "why": capital(line(item["of_item"])),
        "state": look.say(f"state.{item['status']}"),
        "team": item["team"],
        "source": item["source"],
        "age": look.say("backlog.age", days=item["age_days"]),
    }


PAGE = Page("backlog", "/backlog", Wanted, view, export=listing)
