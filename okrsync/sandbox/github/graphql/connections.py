"""Connections: a part of a list, with the cursors that lead on."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from okrsync.sandbox.github.graphql.execute import Kind, Problem

MOST = 100
Args = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Connection:
    """A part of a list, from ``start``."""

    nodes: Sequence[Any]
    start: int
    total: int

    @property
    def end(self) -> int:
        return self.start + len(self.nodes)


def connected(name: str, find: Callable[[Any, Args], Sequence[Any]]) -> Callable[[Any, Args], Connection]:
    """A resolver of the connection ``name`` over what ``find`` gives; Problem where its bounds do not fit."""

    def resolve(value: Any, args: Args) -> Connection:
        first, last = args.get("first"), args.get("last")
        if first is None and last is None:
            words = f"You must provide a `first` or `last` value to properly paginate the `{name}` connection."
            raise Problem("MISSING_PAGINATION_BOUNDARIES", words)
        for bound, count in (("first", first), ("last", last)):
            if count is not None and not 0 < count <= MOST:
                words = f"Requesting {count} records on the `{name}` connection exceeds the `{bound}` limit of {MOST}."
                raise Problem("EXCESSIVE_PAGINATION", words)
        found = find(value, args)
        start = _position(args["after"]) if args.get("after") else 0
        if first is None and last is not None:
            start = max(start, len(found) - last)
        return Connection(found[start : start + (first or last or 0)], start, len(found))

    return resolve


def _cursor(position: int) -> str:
    return base64.b64encode(f"cursor:v2:{position}".encode()).decode()


def _position(cursor: str) -> int:
    try:
        return int(base64.b64decode(cursor, validate=True).decode().removeprefix("cursor:v2:"))
    except (binascii.Error, ValueError):
        raise Problem("INVALID_CURSOR_ARGUMENTS", f"`{cursor}` does not appear to be a valid cursor.") from None


def connection(node: str) -> dict[str, dict[str, Kind]]:
    """The types of a connection of these nodes."""
    return {
        f"{node}Connection": {
            "nodes": Kind(lambda found, _: list(found.nodes), node),
            "edges": Kind(lambda found, _: list(enumerate(found.nodes, found.start + 1)), f"{node}Edge"),
            "pageInfo": Kind(lambda found, _: found, "PageInfo"),
            "totalCount": Kind(lambda found, _: found.total),
        },
        f"{node}Edge": {
            "cursor": Kind(lambda edge, _: _cursor(edge[0])),
            "node": Kind(lambda edge, _: edge[1], node),
        },
    }


PAGE_INFO = {
    "hasNextPage": Kind(lambda found, _: found.end < found.total),
    "hasPreviousPage": Kind(lambda found, _: found.start > 0),
    "startCursor": Kind(lambda found, _: _cursor(found.start + 1) if found.nodes else None),
    "endCursor": Kind(lambda found, _: _cursor(found.end) if found.nodes else None),
}
