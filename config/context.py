"""What a value may refer to while it is validated: the rest of the configuration, as far as it can be read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path

from pydantic import BaseModel, ValidationInfo


@dataclass(frozen=True, slots=True)
class Context:
    """The names that references may use; None where they are not all known, so that nothing is called unknown.

    ``first`` and ``last`` are the days of the cycle that stands behind the goal in hand.
    """

    base: Path
    kinds: Mapping[str, type[BaseModel]] = field(default_factory=dict)
    sources: Mapping[str, str] | None = None  # id → kind
    cycles: frozenset[str] | None = None
    objectives: frozenset[str] | None = None
    teams: frozenset[str] | None = None
    first: date | None = None
    last: date | None = None

    def with_sources(self, kinds: Mapping[str, str]) -> Context:
        return replace(self, sources=kinds)

    def with_teams(self, teams: frozenset[str] | None) -> Context:
        return replace(self, teams=teams)


def context_of(info: ValidationInfo) -> Context:
    context = info.context
    assert isinstance(context, Context), "tables are validated by config.faults.checked, which passes the context"
    return context
