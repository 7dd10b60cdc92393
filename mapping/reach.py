"""What an item reaches, and how: the one value that rules make and that is handed down."""

from __future__ import annotations

from typing import NamedTuple

from mapping.rules import Finding
from okrsync.model import RuleName


class Reach(NamedTuple):
    """An item serves a goal (the target EXEMPT: it is exempt), since so many µs after 1970.

    It does so by a ``finding`` of a direct rule; or because the item ``above`` does, in the way that ``through`` tells,
    to which it is tied by the reference ``by``. So a chain of these is the whole way to the item that has the finding.
    """

    target: str
    rule: RuleName
    since: int
    via: str
    finding: Finding | None
    above: int = -1
    by: int = -1
    through: Reach | None = None


def inherited(rule: RuleName, through: Reach, since: int, via: str, above: int, by: int) -> Reach:
    """What an item reaches by way of the item above it, to which it is tied since ``since``."""
    return Reach(through.target, rule, max(since, through.since), via, None, above, by, through)


def once(result: list[Reach]) -> list[Reach]:
    """Each target once, in the order in which they were found, by the link that is valid since longest."""
    best: dict[str, Reach] = {}
    for one in result:
        known = best.get(one.target)
        if known is None or one.since < known.since:
            best[one.target] = one
    return list(best.values())
