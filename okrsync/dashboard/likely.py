"""Likely parents of what is linked to nothing; what finds them is loaded when somebody asks, for it takes 100 MB."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from okrsync.dashboard.marks import titled
from okrsync.reports.common import line, short

if TYPE_CHECKING:
    from okrsync.dashboard.look import Look


class Likely(NamedTuple):
    """What was found, and how sure such a word is here, in sentences."""

    lead: Sequence[str]
    found: Mapping[tuple[str, str], Mapping[str, Any]]
    """(source, key) of what is to be mended → its likely parent by its name, how sure that is, why, and the command
    that takes it."""


def likely(
    look: Look, *, item: int | None = None, team: str | None = None, sources: Collection[str] | None = None
) -> Likely:
    """Those that are sure enough, for the item (uid) or for every place of the team and the sources."""
    from okrsync.reports import suggest

    answer = suggest.answer(
        *(look.tx, look.config, look.now, look.speak),
        item=item,
        team=team,
        sources=sources,
        limit=None if item is None else 1,
        least=None,
    )
    flat = suggest.sheet(answer, look.speak)
    return Likely(flat.lead[:-1], {(one["source"], one["key"]): _parent(one) for one in flat.rows})


def _parent(one: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "candidate": f"{short(line(one['candidate']))} {titled(one['candidate_title'])}",
        "sure": one["sure"],
        "why": [line(said) for said in one["evidence"]],
        "command": one["command"],
    }
