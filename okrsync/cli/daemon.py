"""``run``: the daemon in this process, until it is told to end."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable

import structlog

from okrsync.cli import Ended
from okrsync.cli.session import Session
from okrsync.cli.signals import Signals

log = structlog.get_logger(__name__)


def run(session: Session, listening: Callable[[str], object] = lambda _: None) -> None:
    """Runs until SIGTERM or SIGINT, and raises Ended; Busy (75) where another okrsync holds the database. ``listening``
    is told the address at which it answers."""
    with Signals(session.stop) as signals:  # first of all: what follows takes a while to load
        _run(session, signals, listening)
    session.store.close()
    raise Ended


def _run(session: Session, signals: Signals, listening: Callable[[str], object]) -> None:
    from okrsync.daemon import Daemon
    from okrsync.daemon.memory import sparing
    from okrsync.daemon.notify import Notifier
    from okrsync.web.app import application
    from okrsync.web.server import Server

    sparing()  # before there are threads
    with session.store.lock():
        daemon = Daemon(
            session.store,
            session.config,
            connect=session.connect,
            token=session.token,
            clock=session.now,
            stop=session.stop,
            reread=session.reread,
            notifier=Notifier(os.environ, os.getpid()),
        )
        app = application(
            daemon.config,
            session.store,
            daemon,
            daemon,
            clock=session.now,
            token=daemon.server_token,
            hooks=daemon.receiver,
        )
        server = Server(app, session.config.server.listen)
        log.info("answering", dashboard=f"{server.url}/")
        listening(server.url)
        daemon.start()
        for number in signals:
            if number == signal.SIGHUP:
                daemon.reconfigure()
            else:
                daemon.tell()
        daemon.stop()
        server.stop()
