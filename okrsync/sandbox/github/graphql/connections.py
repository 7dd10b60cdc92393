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
    """A part of a list, from ``start``; ``total`` is the length of the list."""

    nodes: Sequence[Any]
    start: int
    total: int

    @property
    def end(self) -> int:
        return self.start + len(self.nodes)


def connected(
    name: str,
    find: Callable[..., Sequence[Any]],
    wrap: Callable[[Any, Any], Any] = lambda _value, one: one,
) -> Callable[..., Connection]:
    """A resolver of the connection ``name`` over what ``find`` gives; Problem where its bounds do not fit.

    ``wrap`` makes a node of the value that has the connection and one that was found; only those of the part are made.
    """

    def resolve(value: Any, args: Args, *root: Any) -> Connection:
        first, last = args.get("first"), args.get("last")
        if first is None and last is None:
            words = f"You must provide a `first` or `last` value to properly paginate the `{name}` connection."
            raise Problem("MISSING_PAGINATION_BOUNDARIES", words)
        for bound, count in (("first", first), ("last", last)):
            if count is not None and not 0 < count <= MOST:
                words = f"Requesting {count} records on the `{name}` connection exceeds the `{bound}` limit of {MOST}."
                raise Problem("EXCESSIVE_PAGINATION", words)
        found = find(value, args, *root)
        start = _position(args["after"]) if args.get("after") else 0
        if first is None and last is not None:
            start = max(start, len(found) - last)
        nodes = [wrap(value, one) for one in found[start : start + (first or last or 0)]]
        return Connection(nodes, start, len(found))

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


def _is_stuck(root: Any) -> bool:
    """Whether a fault has every page lead to itself."""
    fault = root.call.request.fault
    return fault is not None and fault.kind == "repeated_token"


def _end_cursor(found: Connection, _: Args, root: Any) -> str | None:
    if _is_stuck(root):
        return _cursor(found.start)
    return _cursor(found.end) if found.nodes else None


PAGE_INFO = {
    "hasNextPage": Kind(lambda found, _, root: found.end < found.total or _is_stuck(root), rooted=True),
    "hasPreviousPage": Kind(lambda found, _: found.start > 0),
    "startCursor": Kind(lambda found, _: _cursor(found.start + 1) if found.nodes else None),
    "endCursor": Kind(_end_cursor, rooted=True),
}
