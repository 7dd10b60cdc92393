"""The HTTP side alone: a real server over a store that stands still, with a daemon of which a test says how it is."""

from __future__ import annotations

import socket
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import requests
from demo_company import NOW

from config import Config, load
from connectors import registry
from okrsync.model import Limit, Secret
from okrsync.store import Store
from okrsync.web.app import application
from okrsync.web.server import Server

BEGAN = datetime(2026, 11, 2, 8, tzinfo=UTC)


@dataclass
class Beside:
    """What the daemon says of itself; implements Pulse and Gauges."""

    well: bool = True
    token: Secret | None = None
    limited: Mapping[str, Sequence[Limit]] = field(default_factory=dict)
    counted: Mapping[str, int] = field(default_factory=dict)
    awaited: Mapping[str, datetime] = field(default_factory=dict)
    read_well: bool = True

    def alive(self) -> bool:
        return self.well

    def ready(self) -> dict[str, object]:
        return {"ready": self.well}

    def skipped(self) -> Mapping[str, int]:
        return self.counted

    def requests(self) -> Mapping[str, int]:
        return self.counted

    def limits(self) -> Mapping[str, Sequence[Limit]]:
        return self.limited

    def due(self) -> Mapping[str, datetime]:
        return self.awaited

    def reload(self) -> tuple[bool, datetime]:
        return self.read_well, BEGAN

    def deliveries(self) -> Mapping[tuple[str, str], int]:
        return {(source, "accepted"): count for source, count in self.counted.items()}

    def jobs(self) -> Mapping[str, float]:
        return {"link": 1.5}


@dataclass
class Served:
    """A server that runs, and what stands behind it; ``config`` may be another one from the next request on."""

    config: Config
    store: Store
    now: datetime
    beside: Beside = field(default_factory=Beside)
    server: Server | None = None

    @property
    def url(self) -> str:
        assert self.server is not None
        return self.server.url

    @property
    def address(self) -> tuple[str, int]:
        host, _, port = self.url.removeprefix("http://").rpartition(":")
        return host, int(port)

    def get(self, path: str, **how: Any) -> requests.Response:
        return requests.request(how.pop("method", "GET"), self.url + path, timeout=30, **how)

    def json(self, path: str, **how: Any) -> Any:
        """The answer of a request that must succeed."""
        answer = self.get(path, **how)
        assert answer.status_code == 200, (path, answer.status_code, answer.text)
        return answer.json()

    def speak(self, said: bytes, seconds: float = 15) -> bytes:
        """All that the server says to these bytes, until it ends the connection."""
        with socket.create_connection(self.address, timeout=seconds) as connection:
            connection.sendall(said)
            return heard(connection)


def heard(connection: socket.socket) -> bytes:
    """All that comes until the other side ends the connection."""
    parts = []
    try:
        while part := connection.recv(65536):
            parts.append(part)
    except ConnectionResetError:
        pass
    return b"".join(parts)


@contextmanager
def served(config: Config, store: Store, now: datetime, *, hooks: Any = None) -> Iterator[Served]:
    """The application on a free port of this machine, until the end of the block."""
    found = Served(config, store, now)
    app = application(
        lambda: found.config,
        store,
        found.beside,
        found.beside,
        clock=lambda: found.now,
        token=lambda: found.beside.token,
        hooks=hooks,
    )
    found.server = Server(app, "127.0.0.1:0")
    try:
        yield found
    finally:
        found.server.stop()


@contextmanager
def installed(folder: Path, told: str) -> Iterator[Served]:
    """An installation with this configuration, which never synced."""
    path = folder / "okrsync.toml"
    path.write_text(told, encoding="utf-8")
    (folder / "token").write_text("any but bad\n")
    found = load(path, {}, registry.settings())
    store = Store.open(found.database)
    try:
        with served(found, store, NOW) as site:
            yield site
    finally:
        store.close()
