"""What a query costs, as GitHub reckons: by the connections that it would follow if every one were full."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from okrsync.sandbox.github.graphql.language import Field, Fragment, Selection, Spread

MOST_NODES = 500_000


@dataclass(frozen=True, slots=True)
class Price:
    """``requests`` to fulfil the connections, and the ``nodes`` that these may give."""

    requests: int
    nodes: int

    @property
    def points(self) -> int:
        """What is taken from the hour: a hundredth of the requests, but one at least."""
        return max(1, round(self.requests / 100))


def priced(
    selections: Sequence[Selection], fragments: Mapping[str, Fragment], fill: Callable[[Any], Any], times: int = 1
) -> Price:
    """The price of these selections on so many values; ``fill`` puts variables into arguments."""
    requests = nodes = 0
    for one in selections:
        inner, below = times, one
        if isinstance(one, Field):
            arguments = fill(one.arguments)
            size = arguments.get("first") or arguments.get("last")
            if isinstance(size, int):
                requests, inner = requests + times, times * size
                nodes += inner
            elif isinstance(arguments.get("ids"), list):
                inner = times * len(arguments["ids"])
        elif isinstance(one, Spread):
            below = fragments[one.name]
        assert not isinstance(below, Spread)
        found = priced(below.selections, fragments, fill, inner)
        requests, nodes = requests + found.requests, nodes + found.nodes
    return Price(requests, nodes)
