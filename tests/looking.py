"""What the link job looks at, put together from small pieces."""

from __future__ import annotations

from sqlalchemy import Connection

from okrsync.store import graph


def whole(tx: Connection, *, everything: bool = False) -> graph.Neighbourhood:
    """All pieces as one; each holds nothing to judge but its own share."""
    nodes = {}
    affected: set[int] = set()
    for hood in graph.neighbourhoods(tx, everything=everything, piece=100):
        assert not affected & hood.affected, "judged twice"
        assert hood.affected <= {node.uid for node in hood.nodes}
        affected |= hood.affected
        nodes |= {node.uid: node for node in hood.nodes}
    return graph.Neighbourhood([nodes[uid] for uid in sorted(nodes)], frozenset(affected))
