"""``run``: the daemon in this process, until it is told to end."""

from __future__ import annotations

import signal

from okrsync.cli.session import Session


def run(session: Session) -> None:
    """Runs until SIGTERM or SIGINT; Busy (75) where another okrsync holds the database."""
    for number in (signal.SIGTERM, signal.SIGINT):  # first of all: what follows takes a while to load
        signal.signal(number, lambda *_: session.stop.set())

    from okrsync.daemon import Daemon
    from okrsync.web.health import health
    from okrsync.web.server import Server

    with session.store.lock():
        daemon = Daemon(
            session.store,
            session.config,
            connect=session.connect,
            token=session.token,
            clock=session.now,
            stop=session.stop,
        )
        server = Server(health(daemon), session.config.server.listen)
        daemon.start()
        session.stop.wait()
        daemon.stop()
        server.stop()
