"""Who may send writes: the one that took the fence last.

The lock of the database keeps a second okrsync away. One that was stopped for so long that its lock was given to
another may wake up and go on; the number that it took is no longer the newest then, and it sends nothing more.
"""

from __future__ import annotations

from sqlalchemy import Connection

from okrsync.errors import Busy
from okrsync.store.meta import get_meta, set_meta

FENCE = "fence"


def take(tx: Connection) -> int:
    """A number above all that were given; whoever holds an older one is refused from now on."""
    held = get_meta(tx, FENCE)
    number = (held if isinstance(held, int) else 0) + 1
    set_meta(tx, FENCE, number)
    return number


def check(tx: Connection, number: int) -> None:
    """Busy where another okrsync took the fence since; to be asked in the transaction just before a write is sent."""
    if get_meta(tx, FENCE) != number:
        raise Busy("another okrsync took over this database meanwhile; nothing more is sent from here")
