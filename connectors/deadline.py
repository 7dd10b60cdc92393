"""One total deadline for a request, headers and body together.

A timeout of ``requests`` bounds the silence between two bytes, so a server that drips one byte a second outlives it.
Here a watchdog thread shuts the socket down when the deadline of a request is over, whatever phase it is in: connect,
TLS handshake, headers or body. The one thing it cannot cut short is a name lookup, which the system's resolver bounds.
"""

from __future__ import annotations

import contextlib
import os
import socket
import threading
import time
from collections.abc import Iterator
from typing import Any

from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.exceptions import ConnectTimeoutError, NameResolutionError, NewConnectionError

IDLE = 50.0  # seconds for which an unused connection is kept: less than what servers and routers commonly allow

LAST = 2.0  # seconds for what is on its way when okrsync stops
GLANCE = 0.2  # seconds between two looks whether it does

_thread = threading.local()


class Watch:
    """The deadline of one request, and the handle by which its socket can be shut down from another thread.

    The handle is a duplicate of the socket, so that it survives the TLS wrapping and the closing of the connection
    object, and never names a descriptor that somebody else has opened since.
    """

    __slots__ = ("_handle", "_lock", "end", "expired", "reused", "sent")

    def __init__(self, seconds: float) -> None:
        self.end = time.monotonic() + seconds
        self.expired = False
        self.sent = False  # the request may have left this machine
        self.reused = True  # over a connection that stood already
        self._handle: socket.socket | None = None
        self._lock = threading.Lock()

    def remaining(self) -> float:
        """Seconds left, never below a millisecond (0 would mean a socket that does not block)."""
        return max(0.001, self.end - time.monotonic())

    def hold(self, line: socket.socket) -> None:
        """Make ``line`` the socket that expiry shuts down."""
        handle = socket.socket(fileno=os.dup(line.fileno()))
        with self._lock:
            self._drop()
            self._handle = handle
            late = self.expired
        if late:
            self.expire()

    def expire(self) -> None:
        """Shut the socket down: whoever waits on it wakes up at once."""
        with self._lock:
            self.expired = True
            if self._handle is not None:
                with contextlib.suppress(OSError):
                    self._handle.shutdown(socket.SHUT_RDWR)

    def release(self) -> None:
        """Let the socket go; the deadline has no effect any more."""
        with self._lock:
            self._drop()

    def _drop(self) -> None:
        if self._handle is not None:
            self._handle.close()
            self._handle = None


class Watchdog:
    """The one thread that expires watches. It starts with the first request and ends with :meth:`close`.

    Once ``stop`` is set, what is on its way has :data:`LAST` seconds left.
    """

    def __init__(self, stop: threading.Event | None = None) -> None:
        self._stop = stop
        self._last = float("inf")  # when everything ends, because of ``stop``
        self._watches: set[Watch] = set()
        self._wake = threading.Condition()
        self._wakes_at = float("inf")
        self._thread: threading.Thread | None = None

    @contextlib.contextmanager
    def watch(self, seconds: float) -> Iterator[Watch]:
        """A watch over everything that this thread sends inside the block."""
        watch = Watch(seconds)
        with self._wake:
            self._watches.add(watch)
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="okrsync-watchdog", daemon=True)
                self._thread.start()
            elif watch.end < self._wakes_at:
                self._wake.notify()
        _thread.watch = watch
        try:
            yield watch
        finally:
            _thread.watch = None
            with self._wake:
                self._watches.discard(watch)
            watch.release()

    def close(self) -> None:
        """End the thread; a later request starts another."""
        with self._wake:
            thread, self._thread = self._thread, None
            self._wake.notify_all()
        if thread is not None:
            thread.join()

    def _run(self) -> None:
        with self._wake:
            while self._thread is threading.current_thread():  # another took over, or none: closed
                now = time.monotonic()
                if self._stop is not None and self._stop.is_set():
                    self._last = min(self._last, now + LAST)
                for watch in [watch for watch in self._watches if min(watch.end, self._last) <= now]:
                    self._watches.discard(watch)
                    watch.expire()
                self._wakes_at = min((watch.end for watch in self._watches), default=float("inf"))
                if self._stop is not None and self._watches:
                    self._wakes_at = min(self._wakes_at, now + GLANCE)
                self._wake.wait(None if self._wakes_at == float("inf") else self._wakes_at - now)


def _current() -> Watch | None:
    return getattr(_thread, "watch", None)


class _Watched(HTTPConnection):
    """A connection that hands its socket to the watch of the request in this thread."""

    idle_since = 0.0

    def _new_conn(self) -> socket.socket:
        watch = _current()
        if watch is None:
            return super()._new_conn()
        watch.reused = False
        try:
            addresses = socket.getaddrinfo(self.host, self.port, 0, socket.SOCK_STREAM)
        except (OSError, UnicodeError) as error:
            reason = error if isinstance(error, socket.gaierror) else socket.gaierror(str(error))
            raise NameResolutionError(self.host, self, reason) from error
        failure: OSError | None = None
        for family, kind, protocol, _, address in addresses:
            line = socket.socket(family, kind, protocol)
            try:
                for option in self.socket_options or ():
                    line.setsockopt(*option)
                line.settimeout(watch.remaining())
                watch.hold(line)
                line.connect(address)
            except OSError as error:
                line.close()
                failure = error
                if watch.expired or isinstance(error, TimeoutError):
                    raise ConnectTimeoutError(self, f"no connection to {self.host}") from error
            else:
                return line
        raise NewConnectionError(self, f"no connection to {self.host}: {failure}") from failure

    def request(self, *args: Any, **kwargs: Any) -> None:
        watch = _current()
        if watch is not None:
            if self.sock is None:
                self.connect()
            watch.hold(self.sock)
            watch.sent = True
        super().request(*args, **kwargs)


class _WatchedTLS(_Watched, HTTPSConnection):
    pass


class _Pool(HTTPConnectionPool):
    """Keeps connections for the next request, but none that was idle for long: who stands in between may have forgotten
    it without a word, and a request would then wait in vain."""

    ConnectionCls = _Watched

    def _get_conn(self, timeout: float | None = None) -> Any:
        connection: Any = super()._get_conn(timeout)
        if connection.sock is not None and time.monotonic() - connection.idle_since > IDLE:
            connection.close()
        return connection

    def _put_conn(self, connection: Any) -> None:
        if connection is not None:
            connection.idle_since = time.monotonic()
        super()._put_conn(connection)


class _PoolTLS(_Pool, HTTPSConnectionPool):
    ConnectionCls = _WatchedTLS


POOLS: dict[str, type[HTTPConnectionPool]] = {"http": _Pool, "https": _PoolTLS}
"""What an urllib3 ``PoolManager`` takes as ``pool_classes_by_scheme``."""
