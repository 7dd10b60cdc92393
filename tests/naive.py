"""What okrsync has to find, said once more in plain words: which items count, what they serve, what that adds up to.

Nothing of ``mapping``, ``rollup`` or the connectors is used: this looks at what the sandbox itself holds. What of a
scope was seen last is kept while nobody may look into it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from statistics import median
from typing import Any

from playing import POINTS, SCOPES, Play

from okrsync.sandbox.asana.records import projects_of

Identity = tuple[str, str]
"""Source and remote id."""

NAMED = {"okr:kr-ux": "KR-UX", "okr-kr-pay": "KR-PAY"}
EXEMPT = "exempt"
ESTIMATED = 0.8


@dataclass(frozen=True)
class Work:
    """An item as its tool has it. ``scope`` is "" where it is of no configured one."""

    source: str
    id: str
    scope: str
    kind: str
    parent: str | None
    labels: frozenset[str]
    done: bool
    cancelled: bool
    points: float | None = None
    epic: bool = False  # which the configuration names

    @property
    def identity(self) -> Identity:
        return self.source, self.id


class Naive:
    """What there is to be seen, and what was seen of what is hidden now."""

    def __init__(self, play: Play) -> None:
        self.play = play
        payment = play.company.site.find("SHOP-2")
        assert payment is not None
        self.epic = payment.id
        self.held: dict[Identity, Work] = {}

    def look(self) -> None:
        """All that may be seen is as it is now; the rest is as it was, where it was in a scope that is hidden now."""
        found = {one.identity: one for one in (*self._jira(), *self._github(), *self._asana())}
        hidden = {scopes[1] for tool, scopes in SCOPES.items() if self.play.tools[tool].revoked}
        kept = {name: one for name, one in self.held.items() if one.scope in hidden and name not in found}
        self.held = found | kept

    def _jira(self) -> Iterator[Work]:
        site = self.play.company.site
        for issue in site.issues.values():
            if not site.sees(site.account, issue):
                continue
            project = issue.fields["project"]["key"]
            resolution = (issue.fields.get("resolution") or {}).get("name")
            yield Work(
                "jira",
                issue.id,
                project if project in SCOPES["jira"] else "",
                "ticket",
                (issue.fields.get("parent") or {}).get("id"),
                frozenset(one.casefold() for one in issue.fields["labels"]),
                issue.fields["status"]["statusCategory"]["key"] == "done",
                resolution == "Won't Do",
                issue.fields.get(POINTS),
                issue.id == self.epic,
            )

    def _github(self) -> Iterator[Work]:
        for where in self.play.github.repositories:
            if where.hidden:
                continue
            for number, issue in where.issues.items():
                above = issue.parent and where.directory.current(issue.parent)
                repository = above and where.directory.named(above.repository)
                yield Work(
                    "github",
                    f"{where.id}#{number}",
                    where.full_name,
                    "ticket" if issue.pull is None else "pull_request",
                    f"{repository.id}#{above.number}" if above and repository else None,
                    frozenset(issue.labels),
                    issue.state == "closed",
                    issue.state == "closed" and issue.state_reason in ("not_planned", "duplicate"),
                )

    def _asana(self) -> Iterator[Work]:
        space = self.play.trio.workspace
        for gid, task in space.held["task"].items():
            if not space.sees(task):
                continue
            parent = task.get("parent")
            yield Work(
                "asana",
                gid,
                self._home(task),
                "ticket",
                parent["gid"] if parent else None,
                frozenset(tag["name"].casefold() for tag in task.get("tags") or ()),
                bool(task.get("completed")),
                False,
            )

    def _home(self, task: Any) -> str:
        """The project that holds a task: its own, else that of the nearest task above."""
        space = self.play.trio.workspace
        own = [one["gid"] for one in projects_of(task) if one["gid"] not in space.hidden]
        chosen = next((one for one in own if one in SCOPES["asana"]), "")
        parent = task.get("parent")
        return chosen or (self._home(parent) if parent and space.sees(parent) else "")

    # ── what is to be found ──

    @property
    def counted(self) -> dict[Identity, Work]:
        return {name: one for name, one in self.held.items() if one.scope}

    def counts(self) -> Counter[tuple[str, str]]:
        """How many items of each source and kind count; commits are not looked at."""
        return Counter((one.source, one.kind) for one in self.counted.values())

    def serves(self, one: Work) -> frozenset[str] | str | None:
        """The key results that an item serves, ``EXEMPT``, or None: as its nearest ancestor says that says anything."""
        seen: set[str] = set()
        above: Work | None = one
        while above is not None and above.id not in seen:
            seen.add(above.id)
            if goals := frozenset(NAMED[label] for label in above.labels if label in NAMED):
                return goals
            if above.epic:
                return frozenset({"KR-PAY"})
            if "ktlo" in above.labels:
                return EXEMPT
            above = self.held.get((one.source, above.parent)) if above.parent else None
        return None

    def tickets(self) -> dict[Identity, frozenset[str] | str | None]:
        """What each ticket that counts serves."""
        return {name: self.serves(one) for name, one in self.counted.items() if one.kind == "ticket"}

    def scope(self, *goals: str) -> dict[Identity, Work]:
        """The tickets that serve one of these key results."""
        found = self.tickets()
        return {
            name: self.held[name] for name, said in found.items() if isinstance(said, frozenset) and said & {*goals}
        }

    def progress(self, goal: str) -> tuple[float, float, str]:
        """What is done of a key result, of how much, and in which unit."""
        leaves = self._leaves(self.scope(goal))
        known = [one.points for one in leaves if one.points is not None]
        if leaves and len(known) / len(leaves) >= ESTIMATED:
            weights = [one.points if one.points is not None else median(known) for one in leaves]
            unit = "points"
        else:
            weights, unit = [1.0] * len(leaves), "items"
        done = sum(weight for one, weight in zip(leaves, weights, strict=True) if one.done)
        return float(done), float(sum(weights)), unit

    def pieces(self, *goals: str) -> tuple[float, float]:
        """How many items of an objective are done, of how many; each counts once."""
        leaves = self._leaves(self.scope(*goals))
        return float(sum(one.done for one in leaves)), float(len(leaves))

    def _leaves(self, scope: Mapping[Identity, Work]) -> list[Work]:
        """Those that were not given up, and have none such below them; who stands on a circle stands below nobody."""
        live = {name: one for name, one in scope.items() if not one.cancelled}
        parents = {(one.source, one.parent) for one in live.values() if one.parent and not self._circles(one, live)}
        return [one for name, one in live.items() if name not in parents]

    def _circles(self, one: Work, within: Mapping[Identity, Work]) -> bool:
        """Whether who climbs from it comes back to it."""
        seen: set[str] = set()
        above = within.get((one.source, one.parent or ""))
        while above is not None and above.id not in seen:
            if above is one:
                return True
            seen.add(above.id)
            above = within.get((one.source, above.parent or ""))
        return False
