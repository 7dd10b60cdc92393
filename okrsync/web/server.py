"""The daemon's HTTP server, in a thread beside its work."""

from __future__ import annotations

import socket
import threading
from typing import TYPE_CHECKING

from okrsync.errors import ConfigError, Problem

if TYPE_CHECKING:
    from fastapi import FastAPI

STOPPING = 2.0  # seconds that answers under way are given


class Server:
    """Answers at ``listen`` (HOST:PORT) from construction to :meth:`stop`; ConfigError where it cannot listen there."""

    def __init__(self, app: FastAPI, listen: str) -> None:
        import uvicorn

        self._socket = _bound(listen)
        host, port = self._socket.getsockname()[:2]
        self.url = f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"
        self._server = uvicorn.Server(
            uvicorn.Config(
                app,
                lifespan="off",
                log_config=None,
                log_level="warning",
                access_log=False,
                server_header=False,
                timeout_graceful_shutdown=1,
            )
        )
        self._thread = threading.Thread(target=self._serve, name="server", daemon=True)
        self._thread.start()

    def _serve(self) -> None:
        self._server.run(sockets=[self._socket])

    def stop(self) -> None:
        """Nothing listens any more."""
        self._server.should_exit = True
        self._thread.join(STOPPING)
        self._socket.close()


def _bound(listen: str) -> socket.socket:
    host, _, port = listen.rpartition(":")
    host = host.strip("[]")
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        return socket.create_server((host, int(port)), family=family)
    except OSError as error:
        reason = str(error.strerror or error).partition(" (")[0]  # Python adds the address once more
        message = f"cannot listen on {listen}: {reason}; choose another address"
        raise ConfigError([Problem("[server] listen", message)]) from None
