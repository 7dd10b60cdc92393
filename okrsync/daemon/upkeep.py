"""What is done now and then: accounts are looked at, and what is of no use any more is forgotten."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from time import monotonic

import structlog

from config import Config
from okrsync.connections import Connections
from okrsync.cycle import Clock
from okrsync.daemon.halting import Halt
from okrsync.errors import ConfigError, ToolError
from okrsync.model import SourceConfig
from okrsync.store import Store, accounts, retention

log = structlog.get_logger(__name__)

DAY, HOUR = 86_400.0, 3600.0  # seconds between two looks at an account, and two tries of one
TURN = 0.1  # seconds in which others have their turn to write


class Accounts:
    """What the tools say of our accounts: what a token may do, and until when. Asked once a day, and of each token that
    is another one; ``token`` tells them apart."""

    def __init__(self, store: Store, connections: Connections, token: Callable[[SourceConfig], str], clock: Clock):
        self._store, self._connections, self._token, self._clock = store, connections, token, clock
        self._next: dict[str, tuple[str, float]] = {}  # source → the token that was looked at, and when it is again

    def look(self, source: SourceConfig) -> None:
        """What is known of the account is at most a day old; what cannot be asked is asked again in an hour."""
        try:
            token = self._token(source)
            looked, at = self._next.get(source.id, ("", 0.0))
            if looked == token and monotonic() < at:
                return
            self._next[source.id] = token, monotonic() + HOUR
            with self._connections.borrow(source, token) as remote:
                account = remote.check()
        except (ToolError, ConfigError) as fault:
            log.debug("account not looked at", source=source.id, error=str(fault))
            return
        with self._store.begin() as tx:
            accounts.remember(tx, source.id, account, self._clock())
        self._next[source.id] = token, monotonic() + DAY


def forget(store: Store, config: Config, clock: Clock, halt: Halt) -> None:
    """Nothing is left that ``[retention]`` lets go: a piece at a time, so that nobody waits long to write."""
    gone: Counter[str] = Counter()
    while not halt.is_set():
        with store.begin() as tx:
            went = retention.forget_old(tx, config.retention, clock())
        if not went:
            break
        gone.update(went)
        halt.wait(TURN)
    if gone:
        log.info("forgotten", **gone)
