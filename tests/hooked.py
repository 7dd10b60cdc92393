"""The small company with three tools, whose daemon takes webhooks: polling is an hour away, so nothing but a webhook
tells of a change."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import requests
from trio import Trio, three_tools

from config import Config
from okrsync.daemon import Daemon
from okrsync.hooks.making import Done, Making
from okrsync.model import SourceConfig
from okrsync.store import Store
from okrsync.web.app import application
from okrsync.web.server import Server
from okrsync.weekly import revealer

SECRET = "It's a Secret to Everybody"
TOOLS = ("jira", "github", "asana")


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])


class Hooked:
    """The daemon, its server, and the tools that send to it."""

    def __init__(self, trio: Trio, folder: Path) -> None:
        self.trio, self.company = trio, trio.company
        self.company.census = timedelta(days=400)
        (folder / "secret").write_text(f"{SECRET}\n", encoding="utf-8")
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        text = self.company.text
        text = text.replace("auth = {{", 'every = "1h"\nwebhook_secret = {{ file = "secret" }}\nauth = {{')
        server = f'[server]\nlisten = "127.0.0.1:{self.port}"\nurl = "{self.url}"\n\n[[sources]]'
        self.company.text = text.replace("[[sources]]", server, 1).replace('mode = "apply"', 'mode = "off"')
        self.company.replace("unused.db", "okrsync-0.db")  # the store that is opened first
        self.config: Config = self.company.config
        self.store: Store = trio.synced()
        self.stop = threading.Event()
        self.daemon = Daemon(
            self.store,
            self.config,
            connect=self.company.connect,
            token=lambda _: "one",
            clock=self.company.now,
            stop=self.stop,
        )
        app = application(
            self.daemon.config,
            self.store,
            self.daemon,
            self.daemon,
            clock=self.company.now,
            token=lambda: None,
            hooks=self.daemon.receiver,
        )
        self.server = Server(app, self.config.server.listen)

    def source(self, name: str) -> SourceConfig:
        return next(one for one in self.config.sources if one.id == name)

    def making(self, name: str) -> Iterator[Making]:
        source = self.source(name)
        remote = self.company.connect(source)
        secret = revealer(self.config)(source.webhook_secret, "webhook_secret") if source.webhook_secret else None
        try:
            yield Making(self.store, self.config, source, remote, secret, self.company.now)
        finally:
            remote.close()

    def create(self, name: str) -> list[Done]:
        with contextmanager(self.making)(name) as making:
            return list(making.create())

    def person(self, path: str, **what: Any) -> None:
        """Somebody does this in a tool."""
        done = requests.post(f"{self.company.sandbox.url}/_sandbox/{path}", json=what, timeout=10)
        assert done.ok, done.text

    def calm(self) -> None:
        """All sources were read, and judged."""
        self.until(lambda: {*self.daemon.reading.states} == {*TOOLS} and not self.busy())

    def busy(self) -> bool:
        return self.daemon.reading.busy or bool(self.daemon.jobs())

    def until(self, holds: Any, seconds: float = 20.0) -> float:
        """Seconds until it holds."""
        began = time.monotonic()
        while not holds():
            assert time.monotonic() - began < seconds, "it never came to hold"
            time.sleep(0.01)
        return time.monotonic() - began

    def post(self, source: str, body: bytes, headers: dict[str, str], query: str = "") -> requests.Response:
        return requests.post(f"{self.url}/webhooks/{source}{query}", data=body, headers=headers, timeout=10)


@contextmanager
def hooked(folder: Path) -> Iterator[Hooked]:
    """Running; no webhook is made yet."""
    with three_tools(folder) as trio:
        found = Hooked(trio, folder)
        found.daemon.start()
        try:
            found.calm()
            yield found
        finally:
            found.daemon.stop()
            found.server.stop()
