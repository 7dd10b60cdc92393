"""The open work in the order in which it matters: what the worst objective waits for comes first (docs/status.md)."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass

from okrsync.model import Goals, ObjectiveProgress, Progress, Say, State, Status, Ticket, VerdictKind
from rollup.keys import natural
from rollup.objectives import WORST_FIRST


@dataclass(frozen=True, slots=True)
class Entry:
    """One open item, the goal that it serves (None: an orphan), and why it stands where it stands."""

    item: Ticket
    objective: str | None
    key_result: str | None
    why: Say


def backlog(
    items: Iterable[tuple[Ticket, Collection[str]]],
    goals: Goals,
    progress: Mapping[str, Progress],
    objectives: Mapping[str, ObjectiveProgress],
) -> list[Entry]:
    """Every open item that reaches a goal, once, under the worst goal that it serves; then the open orphans. ``items``
    are those that were judged, each with the goals that it is linked to.

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

    served = (_entry(item, linked, goals, progress, objectives, ranks) for item, linked in items)
    return sorted((entry for entry in served if entry is not None), key=order)


def _entry(
    item: Ticket,
    linked: Collection[str],
    goals: Goals,
    progress: Mapping[str, Progress],
    objectives: Mapping[str, ObjectiveProgress],
    ranks: Mapping[str, int],
) -> Entry | None:
    if item.state is State.DONE or item.verdict is VerdictKind.EXEMPT:
        return None
    targets = list(_targets(linked, goals))
    if item.verdict is not VerdictKind.TRACED or not targets:
        return Entry(item, None, None, Say.of("backlog.orphan"))
    objective, kr = min(targets, key=lambda target: (ranks[target[0]], ranks[target[1] or target[0]]))
    state = objectives[objective].status
    if kr is None:
        return Entry(item, objective, None, Say.of("backlog.objective", objective=objective, status=state.value))
    return Entry(item, objective, kr, _why(item, objective, state, kr, progress[kr].status))


def _why(item: Ticket, objective: str, state: Status, kr: str, status: Status) -> Say:
    code = "backlog.blocked" if item.flagged or any(one.open for one in item.blockers) else "backlog.key_result"
    return Say.of(code, objective=objective, objective_status=state.value, kr=kr, kr_status=status.value)


def _targets(linked: Iterable[str], goals: Goals) -> Iterator[tuple[str, str | None]]:
    """(objective, key result) of every goal that still stands in the configuration."""
    for target in linked:
        if target in goals.key_results:
            yield goals.key_results[target].objective, target
        elif target in goals.objectives:
            yield target, None


def _rank(status: Status) -> int:
    """The worst first; a dropped goal last of all."""
    return next((rank for rank, alike in enumerate(WORST_FIRST) if status in alike), len(WORST_FIRST))
