"""What one mend brings: the items that a link on one item would trace, found by judging them again with that link."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING

import mapping
from config import Config
from mapping.tree import GoalTree
from okrsync.model import ItemKind, OrphanClass, Override, OverrideKind, RuleName, State, VerdictKind
from okrsync.store import graph, people, periods
from okrsync.store.closures import Dependencies

if TYPE_CHECKING:
    from sqlalchemy import Connection


@dataclass(frozen=True, slots=True)
class Gain:
    """The items, the one to mend included where it counts, that a link there would trace and that nothing traces now.

    ``likely`` is the goal that all linked items below it serve, where that is one, and ``serving`` how many do.
    """

    items: int
    open: int
    kinds: Mapping[ItemKind, int]
    classes: Mapping[OrphanClass, int]  # the unresolvable have none
    likely: str | None = None
    serving: int = 0


def gain(tx: Connection, config: Config, mend: int, goal: str | None, now: datetime) -> Gain:
    """What a link of the item ``mend`` would bring: to ``goal``, else to the likely one, else to any that takes work.

    It is the same whichever goal that is. The cost follows what hangs below the item.
    """
    below = sorted(Dependencies(tx).below([mend], former=False))
    living = GoalTree(config.goals, now).living
    serving = {one: count for one, count in periods.served(tx, below).items() if one in living}
    likely = next(iter(serving)) if len(serving) == 1 else None
    chosen = goal or likely or next(iter(living), None)
    if chosen is None:
        return Gain(0, 0, {}, {})
    kinds: Counter[ItemKind] = Counter()
    classes: Counter[OrphanClass] = Counter()
    still_open = 0
    word = Override(mend, OverrideKind.LINK, (chosen,), "", "", now)
    overrides = {**people.overrides(tx), mend: word}
    first = RuleName.OVERRIDE
    rules = replace(config.rules, order=(first, *(name for name in config.rules.order if name is not first)))
    for start in range(0, len(below), graph.PIECE):
        piece = below[start : start + graph.PIECE]
        decided = periods.decided(tx, piece)
        hood = graph.around(tx, piece)
        nodes = {node.uid: node for node in hood.nodes}
        for verdict in mapping.judge(hood.nodes, config.goals, rules, overrides, now, only=hood.affected):
            kind, orphan = decided.get(verdict.item, (VerdictKind.TRACED, None))
            if verdict.kind is VerdictKind.TRACED and kind in (VerdictKind.ORPHAN, VerdictKind.UNRESOLVABLE):
                kinds[nodes[verdict.item].kind] += 1
                still_open += nodes[verdict.item].state is not State.DONE
                if orphan is not None:
                    classes[orphan] += 1
    return Gain(kinds.total(), still_open, kinds, classes, likely, serving.get(likely, 0) if likely else 0)
