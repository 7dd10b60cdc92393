"""The open work in the order in which it matters: what the worst objective waits for comes first (docs/status.md)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from okrsync.model import Goals, ObjectiveProgress, Progress, Say, State, Status, Ticket, Verdict, VerdictKind
from rollup.objectives import WORST_FIRST
from rollup.scope import natural


@dataclass(frozen=True, slots=True)
class Entry:
    """One open item, the goal that it serves (None: an orphan), and why it stands where it stands."""

    item: Ticket
    objective: str | None
    key_result: str | None
    why: Say


def backlog(
    items: Iterable[tuple[Ticket, Verdict]],
    goals: Goals,
    progress: Mapping[str, Progress],
    objectives: Mapping[str, ObjectiveProgress],
) -> list[Entry]:
    """Every open item that reaches a goal, once, under the worst goal that it serves; then the open orphans.

    In the order of: the objective's status, the key result's, work in progress before work to do, then the oldest.
    Exempt work is out: it waits for no objective.
    """
    ranks = {one: _rank(known.status) for one, known in objectives.items()}
    ranks |= {one: _rank(known.status) for one, known in progress.items()}
    places = {one: place for place, one in enumerate([*goals.objectives, *goals.key_results])}

    def order(entry: Entry) -> tuple[object, ...]:
        orphan = entry.objective is None
        above, below = entry.objective or "", entry.key_result or entry.objective or ""
        return (
            orphan,
            *(() if orphan else (ranks[above], places[above], ranks[below], places[below])),
            entry.item.state is not State.IN_PROGRESS,
            entry.item.created_at,
            entry.item.source,
            natural(entry.item.key),
        )

    served = (_entry(item, verdict, goals, progress, objectives, ranks) for item, verdict in items)
    return sorted((entry for entry in served if entry is not None), key=order)


def _entry(
    item: Ticket,
    verdict: Verdict,
    goals: Goals,
    progress: Mapping[str, Progress],
    objectives: Mapping[str, ObjectiveProgress],
    ranks: Mapping[str, int],
) -> Entry | None:
    if item.state is State.DONE or verdict.kind is VerdictKind.EXEMPT:
        return None
    targets = list(_targets(verdict, goals))
    if verdict.kind is not VerdictKind.TRACED or not targets:
        return Entry(item, None, None, Say.of("backlog.orphan"))
    objective, kr = min(targets, key=lambda target: (ranks[target[0]], ranks[target[1] or target[0]]))
    state = objectives[objective].status
    if kr is None:
        return Entry(item, objective, None, Say.of("backlog.objective", objective=objective, status=state.value))
    return Entry(item, objective, kr, _why(item, objective, state, kr, progress[kr].status))


def _why(item: Ticket, objective: str, state: Status, kr: str, status: Status) -> Say:
    code = "backlog.blocked" if item.flagged or any(one.open for one in item.blockers) else "backlog.key_result"
    return Say.of(code, objective=objective, objective_status=state.value, kr=kr, kr_status=status.value)


def _targets(verdict: Verdict, goals: Goals) -> Iterator[tuple[str, str | None]]:
    """(objective, key result) of every link whose goal still stands in the configuration."""
    for link in verdict.links:
        if link.target in goals.key_results:
            yield goals.key_results[link.target].objective, link.target
        elif link.target in goals.objectives:
            yield link.target, None


def _rank(status: Status) -> int:
    """The worst first; a dropped goal last of all."""
    return next((rank for rank, alike in enumerate(WORST_FIRST) if status in alike), len(WORST_FIRST))
