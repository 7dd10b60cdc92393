"""Whether the context of a source may have to grow or shrink.

Whatever changes an item of a source says so in its own transaction, and the sync that has looked takes it back: so a
cycle in which nothing changed looks at nothing, and one that died on the way leaves the question open.
"""

from __future__ import annotations

from sqlalchemy import Connection

from okrsync.store.meta import get_meta, set_meta


def unsettle(tx: Connection, source: str) -> None:
    """Items of the source changed."""
    if is_settled(tx, source):
        set_meta(tx, _key(source), value=False)


def settle(tx: Connection, source: str) -> None:
    """All that the items of the source need is stored, and nothing else."""
    set_meta(tx, _key(source), value=True)


def is_settled(tx: Connection, source: str) -> bool:
    """Whether no item changed since."""
    return get_meta(tx, _key(source)) is True


def _key(source: str) -> str:
    return f"settled:{source}"
