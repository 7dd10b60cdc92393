"""The transport over real sockets: every fault of the network has one meaning, and no write is sent twice."""

from __future__ import annotations

import base64
import contextlib
import gzip
import itertools
import socket
import ssl
import struct
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from ipaddress import ip_address
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
import requests
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from misbehaving import Loopback, reply

import connectors.transport
from connectors.deadline import Watchdog
from connectors.transport import Lane, Transport, session
from okrsync.errors import AuthError, ConfigError, MalformedPage, RateLimited, Rejected, ToolError, Unavailable

TOKEN = "s3cr3t-canary"

Open = Callable[..., requests.Session]


@pytest.fixture
def connect(waits: Any) -> Iterator[Open]:
    """Opens a session over a transport with short deadlines and recorded waits; ``session.transport`` is at hand."""
    opened: list[requests.Session] = []

    def open_session(url: str, *, seconds: float = 0.4, **options: Any) -> requests.Session:
        options.setdefault("wait", waits)
        transport = Transport(url, timeout=timedelta(seconds=seconds), **options)
        made = session(transport)
        made.headers["Authorization"] = f"Bearer {TOKEN}"
        made.transport = transport  # type: ignore[attr-defined]
        opened.append(made)
        return made

    yield open_session
    for made in opened:
        made.close()


def test_a_good_answer_is_decoded_once_and_counted(loopback: Loopback, connect: Open) -> None:
    web = connect(loopback.script(reply({"a": "é"})))
    response = web.get(loopback.url + "/x")
    assert response.json() == {"a": "é"}
    assert response.content == b'{"a":"\xc3\xa9"}'
    assert web.transport.sent == 1


# ── one total deadline ───────────────────────────────────────────────────────────────────────────────────────────────

HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"


@pytest.mark.parametrize("where", ["headers", "body", "body without a length", "hang"])
def test_a_server_that_drips_or_hangs_is_cut_off_at_the_deadline(where: str, loopback: Loopback, connect: Open) -> None:
    behaviour = {
        "headers": loopback.drip(HEAD + b"X-Slow: ", b"x"),
        "body": loopback.drip(HEAD + b"Content-Length: 1000000\r\n\r\n[", b" "),
        "body without a length": loopback.drip(HEAD + b"Connection: close\r\n\r\n[", b" "),
        "hang": loopback.hang,
    }[where]
    web = connect(loopback.script(behaviour), seconds=0.3)
    begin = time.monotonic()
    with pytest.raises(Unavailable, match=r"127\.0\.0\.1: POST /x: no complete answer within 0\.3 s") as caught:
        web.post(loopback.url + "/x", json={})
    assert time.monotonic() - begin < 1.5
    assert caught.value.sent
    assert len(loopback.requests) == 1


def test_a_hang_in_the_tls_handshake_is_cut_off_and_was_not_sent(connect: Open) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"https://127.0.0.1:{silent.getsockname()[1]}"
        begin = time.monotonic()
        with pytest.raises(Unavailable, match="no complete answer within") as caught:
            connect(url, seconds=0.3).post(url, json={})
    assert time.monotonic() - begin < 1.5
    assert not caught.value.sent


def test_a_black_hole_is_given_up_at_the_deadline_and_was_not_sent(connect: Open) -> None:
    with socket.create_server(("127.0.0.1", 0), backlog=0) as full, contextlib.ExitStack() as waiting:
        for _ in range(3):  # the queue of connections that nobody accepts is full: a further SYN gets no answer
            line = waiting.enter_context(socket.socket())
            line.setblocking(False)
            line.connect_ex(full.getsockname())
        url = f"http://127.0.0.1:{full.getsockname()[1]}"
        begin = time.monotonic()
        with pytest.raises(Unavailable, match="no complete answer within") as caught:
            connect(url, seconds=0.3).post(url, json={})
    assert 0.25 < time.monotonic() - begin < 1.5
    assert not caught.value.sent


def test_threads_share_a_transport(loopback: Loopback, connect: Open) -> None:
    web = connect(loopback.script(reply({"n": 1})), seconds=5)
    with ThreadPoolExecutor(16) as pool:
        answers = list(pool.map(lambda _: web.get(loopback.url).json(), range(80)))
    assert answers == [{"n": 1}] * 80
    assert web.transport.sent == 80


def test_requests_after_a_cut_use_a_new_connection_and_one_watchdog(loopback: Loopback, connect: Open) -> None:
    before = set(threading.enumerate())

    def watchdogs() -> int:
        return sum(thread.name == "okrsync-watchdog" for thread in set(threading.enumerate()) - before)

    web = connect(loopback.script(loopback.hang, reply({"n": 1})), seconds=0.3)
    with pytest.raises(Unavailable):
        web.post(loopback.url)
    for _ in range(20):
        assert web.get(loopback.url).json() == {"n": 1}
    assert watchdogs() == 1
    web.close()
    assert watchdogs() == 0
    assert threading.active_count() <= len(before) + 25  # the server's own


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


def test_neither_requests_nor_transports_leave_threads_or_descriptors(loopback: Loopback, connect: Open) -> None:
    loopback.script(reply({}))

    def held() -> tuple[int, int]:
        return sum(one.name == "okrsync-watchdog" for one in threading.enumerate()), sum(
            1 for _ in Path("/proc/self/fd").iterdir()
        )

    before = held()
    for _ in range(50):
        web = connect(loopback.url)
        for _ in range(4):
            web.get(loopback.url)
        web.close()
    time.sleep(0.1)  # until the server has closed its own ends
    threads, descriptors = held()
    assert threads == before[0]
    assert descriptors <= before[1] + 2


def test_a_closed_watchdog_ends_though_a_request_starts_another_before_it_wakes_up(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    watchdog = Watchdog()
    with watchdog.watch(5):
        old = watchdog._thread
    assert old is not None
    with watchdog._wake:  # the old thread cannot wake up in here
        monkeypatch.setattr(old, "join", lambda: None)
        watchdog.close()
        with watchdog.watch(5):
            pass
    threading.Thread.join(old, 5)
    assert not old.is_alive()
    watchdog.close()


# ── answers that are none ────────────────────────────────────────────────────────────────────────────────────────────

LOGIN = b'<!doctype html><form action="/login"><input type="password" name="p"></form>'


@pytest.mark.parametrize(
    ("behaviour", "kind", "words"),
    [
        (reply(b"<!doctype html><p>Down", content_type="text/html"), MalformedPage, "an HTML page instead of JSON"),
        (reply(b"  <html>", content_type="application/json"), MalformedPage, "an HTML page instead of JSON"),
        (reply(LOGIN, content_type="text/html; charset=utf-8"), AuthError, "a login page"),
        (reply(b"OK", content_type="text/plain"), MalformedPage, "text/plain instead of JSON"),
        (reply(b""), MalformedPage, "an empty answer"),
        (reply(b'{"issues": [{"id": "1'), MalformedPage, "JSON that is cut off or broken"),
        (reply(b"[NaN]"), MalformedPage, "JSON that is cut off or broken"),
        (reply(b"\xff\xfe"), MalformedPage, "JSON that is cut off or broken"),
        (reply(b'{"a": ' * 200_000), MalformedPage, "JSON that is cut off or broken"),
        (reply(b"not gzip", Content_Encoding="gzip"), MalformedPage, "cannot be unpacked"),
    ],
)
def test_what_looks_like_success_and_is_not(
    behaviour: Any, kind: type[ToolError], words: str, loopback: Loopback, connect: Open
) -> None:
    web = connect(loopback.script(behaviour), seconds=5)
    with pytest.raises(kind, match=words):
        web.get(loopback.url)
    assert len(loopback.requests) == 1


def test_a_write_may_be_answered_with_nothing(loopback: Loopback, connect: Open) -> None:
    web = connect(loopback.script(reply(b"", "201 Created")))
    assert web.put(loopback.url, json={}).status_code == 201


def test_a_gzip_bomb_is_an_error_before_it_is_in_memory(
    loopback: Loopback, connect: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connectors.transport, "MAX_BYTES", 1_000_000)
    bomb = gzip.compress(b" " * 50_000_000)
    web = connect(loopback.script(reply(bomb, Content_Encoding="gzip")), seconds=5)
    with pytest.raises(MalformedPage, match="more than"):
        web.get(loopback.url)


def test_answers_that_are_not_read_to_the_end_give_their_connections_back(
    loopback: Loopback, connect: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connectors.transport, "MAX_BYTES", 1_000)
    endless, broken = reply(b"x" * 500_000), reply(b"not gzip", Content_Encoding="gzip")
    web = connect(loopback.script(*[endless] * 10, *[broken] * 10, reply({"ok": 1})), seconds=5)
    for _ in range(20):
        with pytest.raises(MalformedPage):
            web.get(loopback.url)
    assert web.get(loopback.url).json() == {"ok": 1}


@pytest.mark.parametrize("text", [b"\\u0000", b"\\ud83d"])
@pytest.mark.parametrize("status", ["200 x", "400 x"])
def test_what_has_to_be_cleaned_may_be_nested_too_deeply(
    text: bytes, status: str, loopback: Loopback, connect: Open
) -> None:
    web = connect(loopback.script(reply(b"[" * 900 + b'"' + text + b'"' + b"]" * 900, status)))
    with pytest.raises(MalformedPage if status == "200 x" else Rejected):
        web.get(loopback.url)


def test_nul_and_lone_surrogates_are_cleaned_at_the_door(loopback: Loopback, connect: Open) -> None:
    body = rb'{"a\u0000": ["x\u0000y", "\ud83d", "\ud83d\ude00", "\\u0000", 1, null, true]}'
    assert connect(loopback.script(reply(body))).get(loopback.url).json() == {
        "a": ["xy", "\ufffd", "😀", "\\u0000", 1, None, True]
    }


# ── words of refusal ─────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("status", [400, 403, 404, 409, 410, 413, 422])
def test_a_refusal_names_the_tools_own_words(status: int, loopback: Loopback, connect: Open) -> None:
    body = {
        "errorMessages": ["No project\x1b[31m could be found\u202e\nwith key 'X'."],
        "errors": {"labels": "Too long."},
    }
    web = connect(loopback.script(reply(body, f"{status} x")))
    with pytest.raises(Rejected) as caught:
        web.get(loopback.url + "/rest/api?jql=private")
    assert str(caught.value) == (
        f"127.0.0.1: GET /rest/api answered {status}: No project [31m could be found with key 'X'.; Too long."
    )
    assert caught.value.status == status


@pytest.mark.parametrize("auth", ["Bearer", "Basic"])
def test_no_token_comes_back_in_an_error(auth: str, loopback: Loopback, connect: Open) -> None:
    sent = base64.b64encode(f"me:{TOKEN}".encode()).decode() if auth == "Basic" else TOKEN
    body = {"message": f"bad token {TOKEN}; {sent}", "x": "y" * 999}
    for status in ("400 x", "401 x", "429 x", "500 x"):
        web = connect(loopback.script(reply(body, status)))
        if auth == "Basic":
            web.auth = ("me", TOKEN)
        with pytest.raises(ToolError) as caught:
            web.get(f"{loopback.url}/x?token={TOKEN}")
        shown = f"{caught.value} {caught.value!r} {caught.value.__cause__!r} {caught.value.__context__!r}"
        assert TOKEN not in shown
        assert sent not in shown
        assert "\n" not in str(caught.value)


def test_no_token_comes_back_in_another_form_or_in_half(loopback: Loopback, connect: Open) -> None:
    token = "ATATT3x/Ff+" + "Gf0=" * 45
    forms = (token, quote(token, safe=""), base64.b64encode(token.encode()).decode())
    for form in forms:
        web = connect(
            loopback.script(reply({"errorMessages": [f"the value of the token is {form} and so on"]}, "400 x"))
        )
        web.headers["Authorization"] = f"Bearer {token}"
        with pytest.raises(Rejected, match="the value of the token is … and so on") as caught:
            web.get(loopback.url)
        assert form[:12] not in str(caught.value)


@pytest.mark.parametrize("header", ["X-Redmine-API-Key", "PRIVATE-TOKEN", "x-api-key"])
def test_no_token_of_another_header_comes_back(header: str, loopback: Loopback, connect: Open) -> None:
    web = connect(loopback.script(reply({"message": f"the key {TOKEN} is unknown"}, "400 x")))
    web.headers[header] = TOKEN
    del web.headers["Authorization"]
    with pytest.raises(Rejected, match="the key … is unknown"):
        web.get(loopback.url)


def test_a_long_refusal_is_cut(loopback: Loopback, connect: Open) -> None:
    web = connect(loopback.script(reply({"message": "no " * 500}, "400 x")))
    with pytest.raises(Rejected) as caught:
        web.get(loopback.url)
    assert len(str(caught.value)) < 260


def test_a_401_is_confirmed_once(loopback: Loopback, connect: Open) -> None:
    web = connect(loopback.script(reply(status="401 x")))
    with pytest.raises(AuthError, match="renew the token"):
        web.get(loopback.url)
    assert len(loopback.requests) == 2
    loopback.requests.clear()
    assert connect(loopback.script(reply(status="401 x"), reply({"ok": 1}))).get(loopback.url).json() == {"ok": 1}


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


# ── TLS ──────────────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.fixture
def secure(tmp_path: Path) -> Iterator[tuple[str, Path]]:
    """A TLS server with a certificate of its own making: (url, the file to trust)."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "okrsync test")])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    trusted, private = tmp_path / "ca.pem", tmp_path / "key.pem"
    trusted.write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    private.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(trusted, private)
    listener = socket.create_server(("127.0.0.1", 0))
    stop = threading.Event()

    def serve() -> None:
        for number in itertools.count():
            try:
                plain, _ = listener.accept()
            except OSError:
                return
            try:
                with context.wrap_socket(plain, server_side=True) as line:
                    line.recv(65536)
                    if number == 0:
                        reply({"ok": 1})(line, b"")
                    else:  # drip
                        line.sendall(HEAD)
                        while not stop.wait(0.02):
                            line.sendall(b"X")
            except OSError:
                continue

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    yield f"https://127.0.0.1:{listener.getsockname()[1]}", trusted
    stop.set()
    listener.shutdown(socket.SHUT_RDWR)
    listener.close()
    thread.join(5)


def test_a_configured_authority_is_trusted_and_the_deadline_holds_over_tls(
    secure: tuple[str, Path], connect: Open
) -> None:
    url, trusted = secure
    web = connect(url, ca_file=str(trusted), seconds=0.5)
    assert web.get(url).json() == {"ok": 1}
    begin = time.monotonic()
    with pytest.raises(Unavailable, match="no complete answer within"):
        web.post(url)
    assert time.monotonic() - begin < 1.5


def test_an_unknown_certificate_is_refused_at_once(secure: tuple[str, Path], connect: Open, waits: Any) -> None:
    url, _ = secure
    with pytest.raises(Unavailable, match=r"127\.0\.0\.1: GET /: TLS certificate refused: self-signed") as caught:
        connect(url).get(url)
    assert not caught.value.sent
    assert waits == []


def test_a_missing_authority_is_a_fault_of_the_configuration() -> None:
    with pytest.raises(ConfigError, match=r"ca_file: no such file: /nowhere\.pem"):
        Transport("https://acme.test", ca_file="/nowhere.pem")
