"""Who holds the connections to the tools: a command makes one a cycle, the daemon keeps them from cycle to cycle.

A connector that is kept sends on connections that are open, and remembers what a site seldom changes. It goes with the
first failure, whatever that was, and with the token and the configuration that it was made with: so the next cycle
begins from nothing.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import TypeAlias

import structlog

from okrsync.model import SourceConfig
from okrsync.ports import Source

log = structlog.get_logger(__name__)

Connect: TypeAlias = Callable[[SourceConfig], Source]
"""Signs in to a source; ConfigError where its secret is missing."""

Borrow: TypeAlias = Callable[[SourceConfig], AbstractContextManager[Source]]
"""Lends a connector for one cycle."""

_Made: TypeAlias = tuple[str, SourceConfig]
"""With what a connector was made: what tells its token apart, and its source."""


def once(connect: Connect) -> Borrow:
    """Lends connectors that are made for one cycle and closed after it."""

    @contextmanager
    def borrow(source: SourceConfig) -> Iterator[Source]:
        remote = connect(source)
        try:
            yield remote
        finally:
            _close(source.id, remote)

    return borrow


class Connections:
    """The connectors of a process that runs for long: at most one idle one a source, for any number of threads."""

    def __init__(self, connect: Connect) -> None:
        self._connect = connect
        self._lock = threading.Lock()
        self._idle: dict[str, tuple[_Made, Source]] = {}
        self._closed = False

    @contextmanager
    def borrow(self, source: SourceConfig, token: str = "") -> Iterator[Source]:
        """A connector that nobody else has meanwhile; a failure closes it. ``token`` tells tokens apart: the connector
        of another one, or of other settings, is not used again."""
        wanted = (token, source)
        with self._lock:
            made_with, remote = self._idle.pop(source.id, (wanted, None))
        if remote is not None and made_with != wanted:
            _close(source.id, remote)
            remote = None
        remote = remote or self._connect(source)
        try:
            yield remote
        except BaseException:
            _close(source.id, remote)
            raise
        self._give_back(wanted, remote)

    def close(self) -> None:
        """Close what is idle; what is still borrowed is closed when it comes back."""
        with self._lock:
            self._closed = True
            idle, self._idle = self._idle, {}
        for source, (_, remote) in idle.items():
            _close(source, remote)

    def drop(self, source: str) -> None:
        """It is not configured any more: its idle connector is closed."""
        with self._lock:
            _, remote = self._idle.pop(source, (None, None))
        if remote is not None:
            _close(source, remote)

    def _give_back(self, made_with: _Made, remote: Source) -> None:
        source = made_with[1].id
        with self._lock:
            surplus = self._closed or source in self._idle
            if not surplus:
                self._idle[source] = made_with, remote
        if surplus:
            _close(source, remote)


def _close(source: str, remote: Source) -> None:
    """The connector is given up; what goes wrong then takes nothing from what it did, nor from what it said."""
    try:
        remote.close()
    except Exception:
        log.exception("not closed", source=source)
