"""What a command works with: the configuration, the store, the tools, the clock; each opened when first asked for."""

from __future__ import annotations

import gc
import getpass
import hashlib
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path
from threading import Event
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from config import Config
    from okrsync.model import Secret, SourceConfig
    from okrsync.ports import Source
    from okrsync.store import Store


@dataclass
class Session:
    """One run of a command."""

    path: str | None = None
    flags: dict[str, str] = field(default_factory=dict)
    stop: Event = field(default_factory=Event)  # once set, no connection waits any longer

    @cached_property
    def config(self) -> Config:
        import config
        from connectors import registry

        found = config.find(self.path, os.environ, Path.cwd())
        return config.load(found, os.environ, registry.settings(), self.flags)

    def reread(self) -> Config:
        """What the same file says now; ``config`` stays as it was. ConfigError where it cannot be read or is wrong."""
        import config
        from connectors import registry

        return config.load(self.config.path, os.environ, registry.settings(), self.flags)

    @cached_property
    def store(self) -> Store:
        from okrsync.store import Store

        opened = Store.open(self.config.database)
        gc.freeze()  # what is loaded by now stays
        return opened

    def now(self) -> datetime:
        return datetime.now(UTC)

    @property
    def by(self) -> str:
        """Who gives a human's word here."""
        try:
            return getpass.getuser()
        except (KeyError, OSError):
            return f"uid {os.getuid()}"

    def connect(self, source: SourceConfig) -> Source:
        """Sign in to a source; its secret is protected from the log before anything is sent."""
        from connectors import registry

        return registry.connect(source, self._secret(source), stop=self.stop)

    def token(self, source: SourceConfig) -> str:
        """A digest of the source's token as it is now, by which it is known to be another one."""
        return hashlib.sha256(self._secret(source).reveal().encode()).hexdigest()

    def _secret(self, source: SourceConfig) -> Secret:
        from okrsync import logs, secrets

        if source.app:
            key = secrets.private_key(source.token, os.environ, self.config.base)
            logs.protect([key.reveal(), *secrets.pieces(key)])
            return key
        secret = secrets.resolve(source.token, os.environ, self.config.base)
        token = secret.reveal()
        logs.protect([token, f"{source.email}:{token}"])
        return secret

    def chosen(self, ids: list[str] | None) -> list[SourceConfig]:
        """The sources named, or all of them; UsageError for one that is not configured."""
        from okrsync import typed

        return typed.sources(self.config, ids or [])

    @contextmanager
    def linked(self, *, writing: bool = False) -> Iterator[Connection]:
        """A transaction in which links and verdicts are those of the configuration and of this moment. It holds up no
        writer where they are so already, unless it is for ``writing`` itself."""
        from okrsync.linking import is_current, relink

        if not writing:
            with self.store.read() as tx:
                if is_current(tx, self.config, self.now()):
                    yield tx
                    return
        with self.store.begin() as tx:
            relink(tx, self.config, self.now())
            yield tx
