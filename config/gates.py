"""``[[gates]]``: what has to hold before the roll-out takes its next step."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import timedelta
from typing import Annotated, Literal, TypeVar

from pydantic import Field, ValidationInfo, field_validator

from config.context import Context
from config.faults import RawTable, Unfit, checked
from config.fields import Count, LastingDuration, Share, SourceReference, TeamReference, Text, Word
from config.outline import twins
from config.schema import TomlTable
from okrsync.errors import Problem
from okrsync.model import Gate, Measure

Value = TypeVar("Value")

MORE_IS_BETTER = frozenset({Measure.COVERAGE, Measure.SYNC_SUCCESS})
_EXAMPLES = {
    Measure.COVERAGE: "at_least = 0.8",
    Measure.SYNC_SUCCESS: "at_least = 0.99",
    Measure.FALSE_LINKS: "at_most = 0.02",
    Measure.REVERTED_WRITES: "at_most = 0.01",
}
_MEASURES_WITH = {
    "window": frozenset(Measure) - {Measure.FALSE_LINKS},
    "of": frozenset({Measure.COVERAGE}),
    "team": frozenset({Measure.COVERAGE}),
    "source": frozenset(Measure) - {Measure.FALSE_LINKS},
    "sample": frozenset({Measure.FALSE_LINKS}),
}


class GateTable(TomlTable):
    id: Annotated[Word, Field(examples=['"pilot-coverage"'])]
    measure: Annotated[Measure, Field(examples=['"coverage"'])]
    at_least: Annotated[Share | None, Field(validate_default=True)] = None
    at_most: Annotated[Share | None, Field(validate_default=True)] = None
    window: LastingDuration = timedelta(days=28)
    of: Literal["effort", "items"] = "effort"
    team: TeamReference | None = None
    source: SourceReference | None = None
    sample: Annotated[Text | None, Field(validate_default=True)] = None
    fewest: Count = 1
    why: Text = ""

    @field_validator("at_least", "at_most")
    @classmethod
    def _bounds_on_the_right_side(cls, value: float | None, info: ValidationInfo) -> float | None:
        measure = info.data.get("measure")
        if measure is None:
            return value
        mine = "at_least" if measure in MORE_IS_BETTER else "at_most"
        told = info.field_name == "at_most" and "at_least" not in info.data  # that the other is the wrong one
        if info.field_name == mine and value is None and not told:
            raise Unfit(f"missing; write for example: {_EXAMPLES[measure]}")
        if info.field_name != mine and value is not None:
            better = "more" if mine == "at_least" else "less"
            raise Unfit(f"of {measure}, {better} is better: write {mine} in its place", show=False)
        return value

    @field_validator(*_MEASURES_WITH)
    @classmethod
    def _belongs_to_the_measure(cls, value: Value, info: ValidationInfo) -> Value:
        measure, measures = info.data.get("measure"), _MEASURES_WITH[str(info.field_name)]
        if measure is None:
            return value
        if info.field_name == "sample" and value is None and measure in measures:
            raise Unfit('missing; it names a CSV or TOML file, such as sample = "labelled.csv"')
        if value is not None and measure not in measures:
            others = " or ".join(sorted(measures))
            raise Unfit(f"a gate of {measure} has none; it belongs to {others}", show=False)
        return value


def check(tables: Sequence[RawTable], context: Context, problems: list[Problem]) -> list[tuple[RawTable, GateTable]]:
    """The valid gates, each beside the text that it was read from; the faults of all are added to ``problems``."""
    problems.extend(twins(tables))
    return [(table, gate) for table in tables if (gate := checked(GateTable, table, context, problems))]


def build(gates: Iterable[tuple[RawTable, GateTable]]) -> tuple[Gate, ...]:
    """The gates of valid tables, in the order of the file."""
    return tuple(Gate(**dict(table)) for _, table in gates)
