"""The daemon's HTTP server, in a thread beside its work."""

from __future__ import annotations

import socket
import threading
import time
from typing import TYPE_CHECKING

from okrsync.errors import ConfigError, Problem

if TYPE_CHECKING:
    from starlette.types import ASGIApp

STOPPING = 2.0  # seconds that answers under way are given, and the thread to end …
GRACE = 1  # … of which this many are for the answers
IDLE = 15  # seconds that a connection without a request is kept; Prometheus asks every 15 by default
CONNECTIONS = 256  # at once; whoever comes beyond is told 503


class Server:
    """Answers at ``listen`` (HOST:PORT) from construction to :meth:`stop`; ConfigError where it cannot listen there."""

    def __init__(self, app: ASGIApp, listen: str) -> None:
        import uvicorn

        from okrsync.web.patience import Impatient

        self._socket = _bound(listen)
        host, port = self._socket.getsockname()[:2]
        self.url = f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"
        self._server = uvicorn.Server(
            uvicorn.Config(
                app,
                http=Impatient,
                ws="none",
                lifespan="on",
                log_config=None,
                log_level="critical",  # of what clients do wrong nobody needs a line each
                access_log=False,
                proxy_headers=False,
                server_header=False,
                limit_concurrency=CONNECTIONS,
                timeout_keep_alive=IDLE,
                timeout_graceful_shutdown=GRACE,
            )
        )
        self._thread = threading.Thread(target=self._serve, name="server", daemon=True)
        self._thread.start()
        while not self._server.started and self._thread.is_alive():
            time.sleep(0.01)

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
        bound = socket.create_server((host, int(port)), family=family)
        bound.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)  # else each body waits for the ACK of its headers
        return bound
    except OSError as error:
        reason = str(error.strerror or error).partition(" (")[0]  # Python adds the address once more
        message = f"cannot listen on {listen}: {reason}; choose another address"
        raise ConfigError([Problem("[server] listen", message)]) from None
