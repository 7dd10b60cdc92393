"""The work cut by team, by source, and so on: what of each group served no objective, and where to mend it first."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

import rollup
from config import Config
from okrsync.model import ItemKind, Say, Thresholds, VerdictKind
from okrsync.reports.common import Speak, short
from okrsync.reports.orphans.mends import Mends
from okrsync.store import orphaned
from okrsync.store.sources import scopes
from okrsync.teams import Teams
from okrsync.worked import Worked
from rollup.effort import EffortReport
from rollup.workload import Array

if TYPE_CHECKING:
    from sqlalchemy import Connection

AGES = ("week", "month", "quarter", "older")
"""The words for the ages of ``rollup.worked``."""


def groupings(config: Config) -> tuple[str, ...]:
    """What ``--group-by`` takes; people are grouped only where the configuration says so."""
    by_people = ("assignee",) if config.reports.by_assignee else ()
    return ("fix", "class", "source", "project", "team", "value_stream", "age", *by_people)


def beside(part: rollup.Part, kind: ItemKind) -> dict[str, Any]:
    """Of the pull requests or the commits of the period, how many served no objective, and their share of them all."""
    orphans, items = part.beside[kind]
    return {"items": items, "orphan": orphans, "orphan_rate": orphans / items if items else None}


class Cuts:
    """The groups of every cut. Each item is in one group of each."""

    def __init__(
        self, tx: Connection, config: Config, worked: Worked, effort: EffortReport, mends: Mends, speak: Speak
    ) -> None:
        self._tx, self._config, self._speak = tx, config, speak
        self._worked, self._effort, self._mends = worked, effort, mends

    def rows(self, name: str) -> list[dict[str, Any]]:
        """The groups, the most orphan effort first; ``items`` and ``effort`` are of the orphans, ``of_items`` and
        ``of_effort`` of all. The share of effort is one of the group's own, ``share_of_orphans`` of all orphan effort.
        """
        names, codes = self._codes(name)
        parts = rollup.cut(self._worked.work, self._effort, codes, len(names))
        first = self._mends.best(codes, len(names))
        trends = self._by_team if name == "team" else []
        titles = self._projects if name == "project" else {}
        orphans = self._effort.spent.orphan
        rows = []
        for place, (called, part) in enumerate(zip(names, parts, strict=True)):
            if part.empty:
                continue
            spent, mend = part.spent, first[place]
            row = {
                "name": called,
                "title": titles.get(called, ""),
                "items": part.items[VerdictKind.ORPHAN],
                "of_items": sum(part.items.values()),
                "effort": spent.orphan,
                "of_effort": spent.total,
                "effort_share_orphan": spent.orphan_share,
                "effort_share_exempt": spent.exempt_share,
                "share_of_orphans": spent.orphan / orphans if orphans else None,
                "pull_requests": beside(part, ItemKind.PULL_REQUEST),
                "commits": beside(part, ItemKind.COMMIT),
                "mend_first": None if mend is None else {"source": mend.source, "key": mend.key, "title": mend.title},
            }
            if trends:
                row["trend"] = [
                    {"week": week.name, "effort": week.spent.total, "effort_share_orphan": week.spent.orphan_share}
                    for week in trends[place]
                ]
            rows.append(row)
        return sorted(rows, key=lambda row: (-row["effort"], -row["items"], row["name"]))

    def trend(self) -> list[rollup.Week]:
        """The weeks of all teams together."""
        return together(self._by_team)

    @cached_property
    def _by_team(self) -> list[list[rollup.Week]]:
        return by_team(self._worked, self._config.thresholds)

    def groups(self, name: str) -> tuple[list[dict[str, Any]], int]:
        """The groups in which there are orphans, as ``--group-by`` lists them, and how many there are."""
        groups = [
            {
                "by": name,
                "source": None,
                "fix": None,
                "url": "",
                "class": row["name"] if name == "class" else None,
                **row,
                "suggestion": None,
            }
            for row in self.rows(name)
            if row["items"]
        ]
        return groups, len(groups)

    def _codes(self, name: str) -> tuple[list[str], Array]:
        """The groups of a cut, and for each row of the work the place of its own."""
        codes: dict[str, Callable[[], tuple[list[str], Array]]] = {
            "class": self._classes,
            "team": lambda: self._places("team", "report.no_team"),
            "value_stream": self._streams,
            "assignee": self._people,
            "age": lambda: ([self._speak(Say.of(f"report.age.{age}")) for age in AGES], self._worked.work["age"]),
        }
        return codes[name]() if name in codes else self._places(name, "report.no_source")

    def _places(self, name: str, nothing: str) -> tuple[list[str], Array]:
        names, codes = self._worked.codes(name)
        return [self._speak(Say.of(nothing)) if one is None else one for one in names], codes

    def _streams(self) -> tuple[list[str], Array]:
        teams, (known, codes) = Teams(self._config), self._worked.codes("team")
        streams = [teams.stream_of(team) or self._speak(Say.of("report.no_value_stream")) for team in known]
        names = sorted(set(streams))
        return names, np.array([names.index(one) for one in streams], np.uint32)[codes]

    def _people(self) -> tuple[list[str], Array]:
        nobody = self._speak(Say.of("report.nobody"))
        return [one or nobody for one in self._worked.people], self._worked.work["assignee"]

    def _classes(self) -> tuple[list[str], Array]:
        """The classes of orphans; the first group is what is none."""
        codes = np.zeros(len(self._worked.work), np.uint8)
        codes[self._mends.rows] = self._mends.orphans["class"] + 1
        return ["", *(one.value for one in orphaned.CLASSES)], codes

    @cached_property
    def _projects(self) -> dict[str, str]:
        """The names of the projects whose keys do not tell them."""
        found = ((one.id, scope) for one in self._config.sources for scope in scopes(self._tx, one.id))
        return {
            f"{source}:{scope.key}": scope.name
            for source, scope in found
            if scope.name.casefold() not in scope.key.casefold()
        }


def by_team(worked: Worked, thresholds: Thresholds) -> list[list[rollup.Week]]:
    """The weeks of each team, in order of their names."""
    names, codes = worked.codes("team")
    return rollup.weekly(worked.work, worked.period, thresholds, codes, len(names))


def together(groups: Sequence[Sequence[rollup.Week]]) -> list[rollup.Week]:
    """The weeks of all groups as those of one."""
    alike = zip(*groups, strict=True)
    return [rollup.Week(weeks[0].name, sum((one.spent for one in weeks), rollup.Spent())) for weeks in alike]


def called(group: Mapping[str, Any], speak: Speak) -> str:
    """What people call a group."""
    return speak(Say.of(f"report.class.{group['class']}")) if group["by"] == "class" else short(group["name"])
