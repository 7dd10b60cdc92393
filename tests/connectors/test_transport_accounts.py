"""The transport over time: one deadline for all tries, one pause for all of an account, connections that are kept."""

from __future__ import annotations

import contextlib
import socket
import struct
import threading
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any

import pytest
import requests
from misbehaving import Loopback, reply

from connectors import deadline
from connectors.transport import Lane, Transport, session
from okrsync.errors import RateLimited, Unavailable

Open = Callable[..., requests.Session]


@pytest.fixture
def connect(waits: Any) -> Iterator[Open]:
    opened: list[requests.Session] = []

    def open_session(url: str, *, seconds: float = 5, **options: Any) -> requests.Session:
        options.setdefault("wait", waits)
        opened.append(session(Transport(url, timeout=timedelta(seconds=seconds), **options)))
        return opened[-1]

    yield open_session
    for made in opened:
        made.close()


# ── one deadline ─────────────────────────────────────────────────────────────────────────────────────────────────────


def test_all_tries_share_one_deadline(loopback: Loopback, connect: Open, monkeypatch: pytest.MonkeyPatch) -> None:
    """P18: each has what those before it left."""
    left, once = list[float](), Transport._try

    def noted(transport: Transport, request: Any, seconds: float) -> Any:
        left.append(seconds)
        return once(transport, request, seconds)

    def slow(line: socket.socket, request: bytes) -> None:
        time.sleep(0.1)
        reply(status="502 x")(line, request)

    monkeypatch.setattr(Transport, "_try", noted)
    with pytest.raises(Unavailable):
        connect(loopback.script(slow), seconds=30).get(loopback.url)
    assert len(loopback.requests) == len(left) > 2
    assert all(earlier - later >= 0.1 for earlier, later in pairwise(left))


def test_a_request_that_ran_into_its_deadline_is_not_tried_again(loopback: Loopback, connect: Open) -> None:
    web = connect(loopback.script(loopback.hang, reply({"ok": 1})), seconds=0.2)
    with pytest.raises(Unavailable, match=r"no complete answer within 0\.2 s"):
        web.get(loopback.url)
    assert len(loopback.requests) == 1


# ── limits ───────────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("status", ["429 x", "503 x"])
def test_a_stop_keeps_what_the_tool_asked_for(status: str, loopback: Loopback, connect: Open) -> None:
    """P13: however short the wait, the process that ends leaves it to the one that comes after."""
    stop = threading.Event()
    stop.set()
    web = connect(loopback.script(reply(status=status, **{"Retry-After": "20"})), wait=stop.wait)
    begin = datetime.now(UTC)
    with pytest.raises(RateLimited, match="asked to wait until") as caught:
        web.get(loopback.url)
    assert begin + timedelta(seconds=20) <= caught.value.retry_at <= begin + timedelta(seconds=22)


def test_a_limit_stops_all_of_an_account_and_nobody_else(loopback: Loopback, connect: Open, waits: Any) -> None:
    loopback.script(reply(status="429 x", **{"Retry-After": "3600"}), reply({"ok": 1}))
    one, same = (connect(loopback.url, owner="ada") for _ in range(2))
    other = connect(loopback.url, owner="bo")
    with pytest.raises(RateLimited):
        one.get(loopback.url)
    for held in (same.get, same.post, one.get):
        with pytest.raises(
            RateLimited, match="not sent, this account was asked to wait; asked to wait until"
        ) as caught:
            held(loopback.url)
        assert caught.value.retry_at > datetime.now(UTC) + timedelta(minutes=59)
    assert len(loopback.requests) == 1
    assert other.get(loopback.url).json() == {"ok": 1}
    one.close()
    same.close()
    assert connect(loopback.url, owner="ada").get(loopback.url).json() == {"ok": 1}, "nobody remembers"
    assert waits == []


def test_a_short_limit_is_waited_for_by_all_of_an_account(loopback: Loopback, connect: Open, waits: Any) -> None:
    limited = reply(status="429 x", **{"Retry-After": "40"})
    loopback.script(limited, limited, reply({"ok": 1}))
    one, same = (connect(loopback.url, owner="ada") for _ in range(2))
    with pytest.raises(RateLimited):
        one.get(loopback.url)  # 40 s twice are more than a thread is held
    assert same.get(loopback.url).json() == {"ok": 1}
    assert [38 < wait <= 42 for wait in waits] == [True, True]


def test_a_limit_of_one_object_stops_nobody_else(loopback: Loopback, connect: Open) -> None:
    limited = reply(status="429 x", **{"Retry-After": "3600", "RateLimit-Reason": "one-issue"})
    loopback.script(limited, reply({"ok": 1}))
    web = connect(loopback.url, alone=lambda headers: headers.get("RateLimit-Reason") == "one-issue")
    with pytest.raises(RateLimited):
        web.get(loopback.url)
    assert web.get(loopback.url).json() == {"ok": 1}


def test_a_limit_that_is_over_holds_nobody(loopback: Loopback, connect: Open, waits: Any) -> None:
    loopback.script(reply(status="429 x", **{"Retry-After": "30"}), reply({"ok": 1}))
    web = connect(loopback.url)
    for _ in range(3):
        assert web.get(loopback.url).json() == {"ok": 1}
    assert len(waits) == 1


def test_the_transports_of_an_account_share_its_lanes(loopback: Loopback, connect: Open, waits: Any) -> None:
    loopback.script(reply({"ok": 1}))
    for _ in range(3):
        connect(loopback.url, owner="ada", read_lane=Lane(rate=1, burst=2)).get(loopback.url)
    assert len(waits) == 1
    connect(loopback.url, read_lane=Lane(rate=1, burst=2)).get(loopback.url)
    assert len(waits) == 1


# ── connections that are kept ────────────────────────────────────────────────────────────────────────────────────────


class Kept:
    """Keeps connections; each answers the first of its requests and does ``then`` to the others."""

    def __init__(self, then: Callable[[socket.socket], None]) -> None:
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._listener.getsockname()[1]}"
        self.then, self.connections, self.requests = then, 0, 0
        self._threads = [threading.Thread(target=self._accept, daemon=True)]
        self._threads[0].start()

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                line, _ = self._listener.accept()
                self.connections += 1
                self._threads.append(threading.Thread(target=self._serve, args=(line,), daemon=True))
                self._threads[-1].start()

    def _serve(self, line: socket.socket) -> None:
        with line, contextlib.suppress(OSError):
            first = True
            while line.recv(65536):
                self.requests += 1
                if not first:
                    self.then(line)
                    return
                line.sendall(b'HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 8\r\n\r\n{"ok":1}')
                first = False

    def close(self) -> None:
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        for thread in self._threads:
            thread.join(5)


def reset(line: socket.socket) -> None:
    line.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


@pytest.mark.parametrize("then", [reset, socket.socket.close])
def test_a_kept_connection_that_the_server_gave_up_is_no_failure(
    then: Callable[[socket.socket], None], connect: Open, waits: Any
) -> None:
    server = Kept(then)
    web = connect(server.url)
    for _ in range(3):
        assert web.get(server.url).json() == {"ok": 1}
    assert waits == [], "repeated at once"
    assert (server.connections, server.requests) == (3, 5)
    with pytest.raises(Unavailable) as caught:
        web.post(server.url)
    assert caught.value.sent, "a write is never repeated"
    web.close()
    server.close()


def test_a_connection_that_was_idle_for_long_is_not_used_again(connect: Open, monkeypatch: pytest.MonkeyPatch) -> None:
    """Who stands in between forgets such a connection without a word: a request over it would wait in vain."""
    monkeypatch.setattr(deadline, "IDLE", 0.05)
    server = Kept(lambda line: line.settimeout(5))
    web = connect(server.url)
    assert web.get(server.url).json() == {"ok": 1}
    time.sleep(0.1)
    assert web.post(server.url).json() == {"ok": 1}
    assert server.connections == 2
    web.close()
    server.close()
