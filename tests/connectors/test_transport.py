"""The transport over real sockets: every fault of the network has one meaning, and no write is sent twice."""

from __future__ import annotations

import socket
import struct
import threading
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any

import pytest
from misbehaving import Loopback, reply
from sessions import HEAD, TOKEN, Open, sessions

from connectors.transport import Lane
from okrsync.errors import MalformedPage, RateLimited, Unavailable


@pytest.fixture
def connect(waits: Any) -> Iterator[Open]:
    with sessions(waits) as opened:
        yield opened


def test_a_good_answer_is_decoded_once_and_counted(loopback: Loopback, connect: Open) -> None:
    web = connect(loopback.script(reply({"a": "é"})))
    response = web.get(loopback.url + "/x")
    assert response.json() == {"a": "é"}
    assert response.content == b'{"a":"\xc3\xa9"}'
    assert web.transport.sent == 1


# ── trying again ─────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("status", ["500 x", "502 Bad Gateway", "503 x", "504 x", "408 x"])
def test_reads_are_tried_five_times_with_growing_jitter(
    status: str, loopback: Loopback, connect: Open, waits: Any
) -> None:
    web = connect(loopback.script(reply(b"<html>", status, "text/html")))
    with pytest.raises(Unavailable) as caught:
        web.get(loopback.url + "/x")
    assert caught.value.status == int(status[:3])
    assert len(loopback.requests) == 5
    assert len(waits) == 4
    assert all(0 <= wait <= 0.5 * 2**n for n, wait in enumerate(waits))


def test_a_post_that_only_reads_is_tried_again_and_any_other_is_not(loopback: Loopback, connect: Open) -> None:
    loopback.script(reply(status="502 x"), reply({"issues": []}))
    web = connect(loopback.url, reads=("/search/jql",))
    assert web.post(loopback.url + "/rest/search/jql", json={}).json() == {"issues": []}
    loopback.requests.clear()
    with pytest.raises(Unavailable) as caught:
        web.post(loopback.url + "/rest/issue", json={})
    assert caught.value.sent
    assert len(loopback.requests) == 1


def reset(line: socket.socket, request: bytes) -> None:
    line.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    line.close()


def reset_in_body(line: socket.socket, request: bytes) -> None:
    line.sendall(HEAD + b'Content-Length: 100\r\n\r\n{"a"')
    time.sleep(0.02)
    reset(line, request)


def lost_answer(line: socket.socket, request: bytes) -> None:
    line.close()


@pytest.mark.parametrize("fault", [reset, reset_in_body, lost_answer])
@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE"])
def test_a_write_with_a_lost_answer_is_sent_once(fault: Any, method: str, loopback: Loopback, connect: Open) -> None:
    web = connect(loopback.script(fault, reply({"ok": 1})))
    with pytest.raises(Unavailable) as caught:
        web.request(method, loopback.url + "/x", json={})
    assert caught.value.sent
    assert len(loopback.requests) == 1


@pytest.mark.parametrize("fault", [reset, reset_in_body, lost_answer])
def test_a_read_with_a_lost_answer_is_read_again(fault: Any, loopback: Loopback, connect: Open) -> None:
    web = connect(loopback.script(fault, fault, reply({"ok": 1})))
    assert web.get(loopback.url).json() == {"ok": 1}
    assert len(loopback.requests) == 3


def test_a_refused_connection_was_not_sent(connect: Open) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        url = f"http://127.0.0.1:{listener.getsockname()[1]}"
    with pytest.raises(Unavailable, match=r"^127\.0\.0\.1: POST /: connection refused$") as caught:
        connect(url).post(url)
    assert not caught.value.sent


def test_a_host_that_does_not_exist_was_not_sent(connect: Open) -> None:
    url = "http://no-such-host.invalid"
    with pytest.raises(Unavailable, match=r"^no-such-host\.invalid: POST /: no such host \(DNS\)$") as caught:
        connect(url).post(url)
    assert not caught.value.sent


def test_a_stop_interrupts_the_wait(loopback: Loopback, connect: Open) -> None:
    stop = threading.Event()
    stop.set()
    web = connect(loopback.script(reply(status="503 x")), wait=stop.wait)
    with pytest.raises(Unavailable, match="okrsync is stopping"):
        web.get(loopback.url)
    assert len(loopback.requests) == 1


# ── Retry-After ──────────────────────────────────────────────────────────────────────────────────────────────────────


def in_seconds(seconds: float) -> str:
    return format_datetime(datetime.now(UTC) + timedelta(seconds=seconds), usegmt=True)


@pytest.mark.parametrize("status", ["429 x", "503 x"])
@pytest.mark.parametrize(
    ("asked", "least"),
    [("7", 7.0), ("1.5", 1.5), ("0", 0.0), ("-5", 0.0), (None, 0.0), ("soon", 0.0), ("nan", 0.0), ("date", 7.0)],
)
def test_retry_after_is_a_minimum(
    status: str, asked: str | None, least: float, loopback: Loopback, connect: Open, waits: Any
) -> None:
    headers = {} if asked is None else {"Retry-After": in_seconds(9) if asked == "date" else asked}
    web = connect(loopback.script(reply(status=status, **headers), reply({"ok": 1})))
    assert web.get(loopback.url).json() == {"ok": 1}
    assert len(waits) == 1
    assert least <= waits[0] <= least + 2.5


def test_a_retry_after_date_is_measured_by_the_servers_own_clock(loopback: Loopback, connect: Open, waits: Any) -> None:
    ahead = datetime(2040, 1, 1, tzinfo=UTC)
    headers = {"Date": format_datetime(ahead), "Retry-After": format_datetime(ahead + timedelta(seconds=11))}
    web = connect(loopback.script(reply(status="429 x", **headers), reply({"ok": 1})))
    assert web.get(loopback.url).json() == {"ok": 1}
    assert 11 <= waits[0] <= 12


@pytest.mark.parametrize("asked", ["3600", "1000000000", "1e300", "inf", "date"])
def test_a_long_wait_gives_the_thread_back(asked: str, loopback: Loopback, connect: Open, waits: Any) -> None:
    web = connect(
        loopback.script(reply(status="429 x", **{"Retry-After": in_seconds(3605) if asked == "date" else asked}))
    )
    begin = datetime.now(UTC)
    with pytest.raises(RateLimited, match="asked to wait until") as caught:
        web.get(loopback.url)
    assert caught.value.retry_at >= begin + timedelta(seconds=3600)
    assert caught.value.status == 429
    assert waits == []


def test_short_waits_do_not_add_up_beyond_a_minute(loopback: Loopback, connect: Open, waits: Any) -> None:
    web = connect(loopback.script(reply(status="429 x", **{"Retry-After": "25"})))
    with pytest.raises(RateLimited):
        web.get(loopback.url)
    assert len(waits) == 2
    assert sum(waits) <= 60


def test_a_write_that_was_limited_is_tried_again_because_it_was_not_done(loopback: Loopback, connect: Open) -> None:
    web = connect(loopback.script(reply(status="429 x"), reply(status="204 No Content")))
    assert web.put(loopback.url, json={}).status_code == 204


def test_a_write_that_failed_with_a_retry_after_is_of_unknown_outcome(loopback: Loopback, connect: Open) -> None:
    web = connect(loopback.script(reply(status="503 x", **{"Retry-After": "1"})))
    with pytest.raises(Unavailable) as caught:
        web.put(loopback.url, json={})
    assert caught.value.sent
    assert len(loopback.requests) == 1


def test_the_lanes_spread_requests() -> None:
    lane = Lane(rate=10, burst=3)
    taken = [lane.take() for _ in range(6)]
    assert taken[:3] == [0, 0, 0]
    assert taken[3:] == pytest.approx([0.1, 0.2, 0.3], abs=0.02)


# ── redirects and other hosts ────────────────────────────────────────────────────────────────────────────────────────


def test_a_get_follows_its_own_host_only(loopback: Loopback, connect: Open) -> None:
    web = connect(loopback.script(reply(status="301 x", Location="/moved?b=1"), reply({"ok": 1})))
    assert web.get(loopback.url + "/x").json() == {"ok": 1}
    assert loopback.requests[1].startswith(b"GET /moved?b=1 ")
    assert TOKEN.encode() in loopback.requests[1]


@pytest.mark.parametrize("code", [301, 302, 303, 307, 308])
def test_no_request_goes_to_another_host_or_port(code: int, loopback: Loopback, connect: Open) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        other.settimeout(0.1)
        elsewhere = f"http://127.0.0.1:{other.getsockname()[1]}/steal"
        web = connect(loopback.script(reply(status=f"{code} x", Location=elsewhere)))
        with pytest.raises(MalformedPage, match="leads to another host"):
            web.get(loopback.url)
        with pytest.raises(MalformedPage, match="leads to another host"):
            web.get(elsewhere)
        with pytest.raises(TimeoutError):
            other.accept()


@pytest.mark.parametrize("target", ["http://[bad", "//[", "http://evil\x1b[31m]/"])
def test_a_redirect_to_what_is_no_address(target: str, loopback: Loopback, connect: Open) -> None:
    web = connect(loopback.script(reply(status="302 x", Location=target)))
    with pytest.raises(MalformedPage, match=r"redirected \(302\) to what is no address"):
        web.get(loopback.url + "/x")


@pytest.mark.parametrize("target", ["/a\x1bb", "http://evil\x1b/"])
def test_a_redirect_cannot_write_to_the_terminal(target: str, loopback: Loopback, connect: Open) -> None:
    web = connect(loopback.script(reply(status="302 x", Location=target)))
    with pytest.raises(MalformedPage) as caught:
        web.get(loopback.url + "/x")
    assert str(caught.value).isprintable()


def test_a_write_does_not_follow_a_redirect(loopback: Loopback, connect: Open) -> None:
    web = connect(loopback.script(reply(status="302 x", Location="/y"), reply({"ok": 1})))
    with pytest.raises(Unavailable, match="what it names has another address by now, or"):
        web.post(loopback.url + "/x", json={})
    assert len(loopback.requests) == 1


def test_a_circle_of_redirects_ends(loopback: Loopback, connect: Open) -> None:
    web = connect(loopback.script(reply(status="302 x", Location="/x")))
    with pytest.raises(MalformedPage, match="more than 5 times"):
        web.get(loopback.url + "/x")
    assert len(loopback.requests) == 6


def test_no_proxy_of_the_environment_is_used(
    loopback: Loopback, connect: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    monkeypatch.setenv("NO_PROXY", "")
    assert connect(loopback.script(reply({"ok": 1}))).get(loopback.url).json() == {"ok": 1}
