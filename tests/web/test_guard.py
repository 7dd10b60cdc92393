"""Who is let in: host, method, token; what a body may be; and what slow or broken clients take from others."""

from __future__ import annotations

import base64
import re
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import replace
from typing import Any

import pytest
import requests
from running import LATE
from web_server import Served, heard, served

from okrsync import __version__
from okrsync.hooks.receiver import Answer
from okrsync.model import Secret
from okrsync.web import guard, patience
from okrsync.web.guard import LONGEST

TOKEN = "tökén-0123456789"
REFUSED = "okrsync answers to those of [server] hosts"


def ask(site: Served, path: str = "/healthz", *, host: str | None = None, method: str = "GET", **headers: str) -> bytes:
    """A request, word for word, on a connection that is closed after it."""
    lines = [f"{method} {path} HTTP/1.1", "Connection: close"]
    lines += [] if host == "" else [f"Host: {site.url.removeprefix('http://') if host is None else host}"]
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
    return site.speak("\r\n".join([*lines, "", ""]).encode())


def status_of(said: bytes) -> int:
    return int(said.split(b" ", 2)[1]) if said else 0


# ── hosts ────────────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("host", "status"),
    [
        ("localhost", 200),
        ("LOCALHOST:80", 200),
        ("localhost.", 200),
        ("127.0.0.1:1", 200),
        ("[::1]:8017", 200),
        ("okrsync.acme.test", 200),
        ("evil.test", 421),
        ("127.0.0.1.evil.test", 421),
        ("localhost.evil.test:8017", 421),
        ("evil.test#localhost", 421),
        ("localhost@evil.test", 421),
        ("[::1].evil.test", 421),
        ("[::1", 421),
        ("", 400),
        ("localhost\r\nHost: evil.test", 400),
    ],
)
def test_only_names_of_ours_are_answered(site: Served, host: str, status: int) -> None:
    """A page of somebody else's whose name is made to lead to 127.0.0.1 reads nothing here (DNS rebinding)."""
    hosts = site.config.server.hosts | {"okrsync.acme.test"}
    site.config = replace(site.config, server=replace(site.config.server, hosts=hosts))
    for path in ("/healthz", "/api/v1/version", "/metrics"):
        said = ask(site, path, host=host)
        assert status_of(said) == status, said
        assert (REFUSED.encode() in said) == (status == 421)


def test_an_old_request_without_a_host(site: Served) -> None:
    assert status_of(site.speak(b"GET /healthz HTTP/1.0\r\n\r\n")) == 421


# ── the token ────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_without_a_token_everybody_of_this_machine_reads(site: Served) -> None:
    assert site.get("/api/v1/version").status_code == 200
    assert site.get("/metrics", headers={"Authorization": "Bearer whatever"}).status_code == 200


def test_with_a_token_nothing_but_health_is_open(site: Served) -> None:
    site.beside.token = Secret(TOKEN)
    assert site.get("/healthz").status_code == site.get("/readyz").status_code == 200
    for path in ("/metrics", "/api/v1/status", "/api/v1/openapi.json", "/nothing", "/", "//healthz", "/healthz/"):
        said = ask(site, path)
        assert status_of(said) == 401, (path, said)
        assert b'www-authenticate: bearer realm="okrsync"' in said.lower()
        assert b'www-authenticate: Basic realm="okrsync", charset="UTF-8"' in said
        assert TOKEN.encode() not in said
    right = f"Bearer {TOKEN}".encode()
    assert site.get("/api/v1/version", headers={"Authorization": right}).status_code == 200
    assert site.get("/metrics", headers={"Authorization": f"bearer  {TOKEN}".encode()}).status_code == 200


@pytest.mark.parametrize(
    "given",
    [
        "",
        "Bearer",
        "Bearer ",
        f"Basic {TOKEN}",
        TOKEN,
        f"Bearer {TOKEN}x",
        f"Bearer {TOKEN[:-1]}",
        f"Bearer {TOKEN} {TOKEN}",
        f"Bearer {TOKEN.upper()}",
        "Bearer é",
    ],
)
def test_no_other_token_is_taken(site: Served, given: str) -> None:
    site.beside.token = Secret(TOKEN)
    assert site.get("/api/v1/version", headers={"Authorization": given.encode()}).status_code == 401


def basic(user: str, password: str) -> dict[str, str]:
    return {"Authorization": f"Basic {base64.b64encode(f'{user}:{password}'.encode()).decode()}"}


@pytest.mark.parametrize("token", [TOKEN, "with:colons::1", " spaces at both ends "])
@pytest.mark.parametrize("user", ["", "ada", "été", "okrsync"])
def test_a_browser_gets_in_with_the_token_as_password(site: Served, user: str, token: str) -> None:
    """Whatever user name somebody types; to pages and to what they load."""
    site.beside.token = Secret(token)
    page = site.get("/sources", headers=basic(user, token))
    assert page.status_code == 200
    loaded = re.findall(r'(?:href|src)="(/static/[^"]+)"', page.text)
    assert len(loaded) >= 4
    for path in loaded:
        assert site.get(path).status_code == 401
        assert site.get(path, headers=basic(user, token)).status_code == 200
    for path in ("/api/v1/version", "/metrics"):
        assert site.get(path, headers=basic(user, token)).status_code == 200


@pytest.mark.parametrize(
    "given",
    [
        *("Basic", "Basic ", "Basic Og==", "Basic !!!!", "Basic YWRh", "Basic YTpi YTpi", "Basic é"),
        *(basic("ada", other)["Authorization"] for other in ("", f"{TOKEN}x", TOKEN[:-1], TOKEN.upper(), f":{TOKEN}")),
        basic(TOKEN, "")["Authorization"],
        basic("ada", TOKEN)["Authorization"].replace("Basic", "Bearer"),
        basic("ada", TOKEN)["Authorization"].replace("Basic", "Digest"),
        basic("ada", TOKEN)["Authorization"] + "\r\nAuthorization: Bearer x",
    ],
)
def test_no_other_password_is_taken(site: Served, given: str) -> None:
    site.beside.token = Secret(TOKEN)
    said = site.speak(f"GET /sources HTTP/1.1\r\nHost: localhost\r\nAuthorization: {given}\r\n\r\n".encode())
    assert status_of(said) == 401, said


def test_who_is_not_let_in_is_shown_a_page_without_anything_of_ours(site: Served) -> None:
    site.beside.token = Secret(TOKEN)
    browser = {"Accept": "text/html,application/xhtml+xml,*/*;q=0.8"}
    for language, words in (("fr-FR", "comme mot de passe"), ("en", "as the password")):
        answer = site.get("/", headers={**browser, "Accept-Language": language})
        assert answer.status_code == 401
        assert answer.headers["Content-Type"] == "text/html; charset=utf-8"
        assert f'<html lang="{language[:2]}">' in answer.text
        assert words in answer.text
        for ours in (site.config.instance, "/static/", __version__, "<nav", TOKEN):
            assert ours not in answer.text
    assert site.get("/api/v1/status", headers=browser).json() == {
        "error": "send the token of [server] token as Authorization: Bearer …"
    }
    stranger = site.get("/", headers={**browser, "Host": "evil.test", "Accept-Language": "en"})
    assert stranger.status_code == 421
    assert "[server] hosts" in stranger.text
    assert site.config.instance not in stranger.text
    posted = site.get("/", method="POST", headers=browser)
    assert (posted.status_code, posted.headers["Allow"]) == (405, "GET, HEAD")
    assert "text/html" in posted.headers["Content-Type"]


@pytest.mark.parametrize(("one", "other"), [("Bearer abcd1234", "Bearer other"), ("Bearer abcd", "1234")])
def test_two_tokens_are_none(site: Served, one: str, other: str) -> None:
    site.beside.token = Secret("abcd1234")
    said = site.speak(
        b"GET /metrics HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n"
        + f"Authorization: {one}\r\nAuthorization: {other}\r\n\r\n".encode()
    )
    assert status_of(said) == 401


def test_a_reload_changes_the_token_at_once(site: Served) -> None:
    site.beside.token = Secret("before-1")
    assert site.get("/metrics", headers={"Authorization": "Bearer before-1"}).status_code == 200
    site.beside.token = Secret("after-22")
    assert site.get("/metrics", headers={"Authorization": "Bearer before-1"}).status_code == 401
    assert site.get("/metrics", headers={"Authorization": "Bearer after-22"}).status_code == 200


# ── methods and headers ──────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "CONNECT", "BREW"])
@pytest.mark.parametrize("path", ["/healthz", "/api/v1/status", "/metrics", "/nothing"])
def test_everything_is_read_only(site: Served, method: str, path: str) -> None:
    said = ask(site, path, method=method, Content_Length="0", Origin="http://evil.test")
    assert status_of(said) == 405, said
    assert b"allow: get, head" in said.lower()
    assert b"access-control" not in said.lower()


def test_head_is_get_without_its_body(site: Served) -> None:
    for path in ("/healthz", "/api/v1/version", "/metrics"):
        said = ask(site, path, method="HEAD")
        assert status_of(said) == 200
        assert said.endswith(b"\r\n\r\n")


@pytest.mark.parametrize("path", ["/healthz", "/api/v1/version", "/api/v1/nothing", "/metrics", "/api/v1/runs/x"])
def test_every_answer_is_of_no_use_to_another_page(site: Served, path: str) -> None:
    headers = site.get(path, headers={"Origin": "http://evil.test"}).headers
    assert headers["Content-Security-Policy"] == "default-src 'self'; frame-ancestors 'none'"
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "no-referrer"
    assert headers["Cache-Control"] == "no-store"
    assert "Server" not in headers
    assert not [name for name in headers if name.lower().startswith("access-control")]


# ── bodies ───────────────────────────────────────────────────────────────────────────────────────────────────────────


class Hears:
    """Takes what comes."""

    def __init__(self) -> None:
        self.lengths: list[int] = []

    def receive(self, source: str, headers: Any, body: bytes, query: Any) -> Answer:
        self.lengths.append(len(body))
        return Answer(202, {}, b"")


@pytest.fixture
def hears() -> Hears:
    return Hears()


@pytest.fixture
def hooked(site: Served, hears: Hears) -> Iterator[Served]:
    with served(site.config, site.store, site.now, hooks=hears) as found:
        found.beside.token = Secret(TOKEN)  # of no concern to a tool
        yield found


def post(length: int | None, *, path: str = "/webhooks/github") -> bytes:
    told = "Transfer-Encoding: chunked" if length is None else f"Content-Length: {length}"
    return f"POST {path} HTTP/1.1\r\nHost: localhost\r\n{told}\r\n\r\n".encode()


def test_a_body_up_to_25_mb_is_taken(hooked: Served, hears: Hears) -> None:
    assert hooked.get("/webhooks/github", method="POST", data=b"x" * LONGEST).status_code == 202
    assert hears.lengths == [LONGEST]
    assert ask(hooked, "/webhooks/github").startswith(b"HTTP/1.1 405")


@pytest.mark.parametrize("length", [LONGEST + 1, 10**18])
def test_a_longer_one_is_refused_before_it_comes(hooked: Served, hears: Hears, length: int) -> None:
    began = time.monotonic()
    assert status_of(hooked.speak(post(length))) == 413
    assert time.monotonic() - began < LATE
    assert hears.lengths == []


def test_one_byte_more_is_too_long_however_it_comes(hooked: Served, hears: Hears) -> None:
    answer = hooked.get("/webhooks/github", method="POST", data=iter([b"x" * LONGEST, b"x"]))
    assert answer.status_code == 413
    assert hears.lengths == []


def test_one_that_does_not_say_how_long_it_is_is_cut_off(hooked: Served, hears: Hears) -> None:
    chunk = b"100000\r\n" + b"x" * 0x100000 + b"\r\n"
    with socket.create_connection(hooked.address, timeout=15) as connection:
        connection.sendall(post(None))
        sent = 0
        try:
            for _ in range(64):
                connection.sendall(chunk)
                sent += 0x100000
        except OSError:  # it hung up
            pass
        said = heard(connection)
    assert sent < 40 * 1024**2 or status_of(said) == 413
    assert status_of(said) in (413, 0), "refused, as far as a client that sends on can hear it"
    assert hears.lengths == []


def test_a_slow_body_is_given_up(hooked: Served, hears: Hears, monkeypatch: pytest.MonkeyPatch) -> None:
    """A byte now and then keeps nobody waiting for longer than the whole may take."""
    monkeypatch.setattr(guard, "PATIENCE", 1.0)
    began = time.monotonic()
    with socket.create_connection(hooked.address, timeout=15) as connection:
        connection.sendall(post(1000))
        dripping = threading.Event()

        def drip() -> None:
            while not dripping.wait(0.1):
                try:
                    connection.sendall(b"x")
                except OSError:
                    return

        thread = threading.Thread(target=drip)
        thread.start()
        said = heard(connection)
        dripping.set()
        thread.join()
    assert status_of(said) == 408, said
    assert 0.9 < time.monotonic() - began < 1 + LATE
    assert hears.lengths == []


def test_long_bodies_of_strangers_fill_no_memory(hooked: Served, hears: Hears) -> None:
    """Four are held at once, whoever sends them; what tools usually send passes all the same, and so does a long one
    once there is room."""
    long, piece = 20 * 1024**2, b"x" * (2 * 1024**2)
    with ExitStack() as stack:
        begun = [
            stack.enter_context(socket.create_connection(hooked.address, timeout=15)) for _ in range(guard.LONG_ONES)
        ]
        for connection in begun:
            connection.sendall(post(long) + piece)
        until = time.monotonic() + 5
        while status_of(refused := hooked.speak(post(len(piece)) + piece)) != 503:
            assert time.monotonic() < until
        assert b"retry-after: 10" in refused.lower()
        hears.lengths.clear()
        assert hooked.get("/webhooks/github", method="POST", data=b"x" * guard.MODEST).status_code == 202
        assert hears.lengths == [guard.MODEST]
    until = time.monotonic() + 5
    while hooked.get("/webhooks/github", method="POST", data=piece).status_code != 202:
        assert time.monotonic() < until, "their connections ended, and so did their bodies"


@pytest.mark.parametrize("lengths", ["chunked\r\nContent-Length: 4", "chunked\r\ncontent-length: 0"])
def test_a_body_of_two_lengths_smuggles_no_request(hooked: Served, hears: Hears, lengths: str) -> None:
    """What a proxy takes for the body is not another request to us."""
    begun = (
        f"POST /webhooks/github HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: {lengths}\r\n\r\n0\r\n\r\n".encode()
    )
    said = hooked.speak(begun + b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n")
    assert status_of(said) == 400
    assert b"two lengths" in said
    assert said.count(b"HTTP/1.1 ") == 1
    assert hears.lengths == []


@pytest.mark.parametrize("said", [b"zz\r\nabc\r\n", b"-1\r\n", b"3\r\nabcdef\r\n0\r\n\r\n", b"3;" + b"a" * 200_000])
def test_chunks_that_lie_are_no_delivery(hooked: Served, hears: Hears, said: bytes) -> None:
    assert status_of(hooked.speak(post(None) + said)) in (0, 400)
    assert hears.lengths == []
    assert hooked.get("/healthz").status_code == 200


def test_a_client_that_goes_in_the_middle_of_its_body_is_no_delivery(hooked: Served, hears: Hears) -> None:
    with socket.create_connection(hooked.address, timeout=15) as connection:
        connection.sendall(post(1000) + b"x")
    assert hooked.get("/webhooks/github", method="POST", data=b"whole").status_code == 202
    assert hears.lengths == [5]


def test_requests_in_a_row_are_answered_in_their_order(site: Served) -> None:
    asked = [f"GET /api/v1/runs/{n}000 HTTP/1.1\r\nHost: localhost\r\n" for n in range(1, 20)]
    said = site.speak(
        "\r\n".join([*asked, "GET /healthz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"]).encode()
    )
    assert [int(number) for number in re.findall(rb"there is no run (\d+)000", said)] == list(range(1, 20))


# ── hostile addresses ────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    "path",
    [
        *("/%2e%2e/%2e%2e/etc/passwd", "/api/v1/../../metrics", "/webhooks/%2e%2e/metrics", "//localhost/metrics"),
        *("/api/v1/trace/%00", "/api/v1/trace/%ed%a0%80", "/api/v1/trace/%ff", "/api/v1/trace/%0d%0aX-Evil:1"),
        *("http://evil.test/healthz", "/metrics/", "/metrics%00", "/METRICS", "/docs", "/" + "a" * 60_000),
        *("/api/v1/trace/" + "AB-%20" * 10_000, "/api/v1/runs/" + "1" * 60_000),
    ],
)
@pytest.mark.parametrize("token", [None, Secret(TOKEN)])
def test_a_strange_address_leads_nowhere(site: Served, path: str, token: Secret | None) -> None:
    """Not past the token, not to a file, and to no long answer."""
    site.beside.token = token
    said = ask(site, path)
    expected = {404, 422} if token is None else {401}
    assert status_of(said) in (expected | ({405} if path.startswith("/webhooks/") else set())), said
    assert b"x-evil" not in said.partition(b"\r\n\r\n")[0].lower()
    assert len(said) < 5000


@pytest.mark.parametrize("upgrade", ["websocket", "h2c"])
def test_nothing_is_upgraded(site: Served, upgrade: str) -> None:
    site.beside.token = Secret(TOKEN)
    said = ask(site, "/api/v1/status", Upgrade=upgrade, Sec_WebSocket_Key="dGhlIHNhbXBsZSBub25jZQ==")
    assert status_of(said) == 401


def test_slow_headers_are_given_up(site: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of a first request, of a second one on the same connection, and of one that never comes."""
    monkeypatch.setattr(patience, "HEADERS", 0.8)
    whole = b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n"
    for first, begun in ((b"", b""), (b"", b"GET /hea"), (whole, b"GET /healthz HTT")):
        with socket.create_connection(site.address, timeout=15) as connection:
            connection.sendall(first)
            if first:
                said = b""
                while not said.endswith(b"true}"):
                    said += connection.recv(1000)
            began = time.monotonic()
            connection.sendall(begun)
            assert heard(connection) == b""
            assert time.monotonic() - began < 1 + LATE, (first, begun)


def test_a_request_with_a_body_that_nobody_reads(site: Served) -> None:
    """The answer ends the connection: what would still come is not waited for."""
    said = site.speak(b"GET /healthz HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1000\r\n\r\nx", 5)
    assert status_of(said) == 200
    assert b"connection: close" in said.lower()


@pytest.mark.parametrize(
    "said", [b"\x16\x03\x01\x02\x00", b"GET\r\n\r\n", b"\x00" * 100, b"GET / HTTP/1.1\r\n" + b"x" * 200_000]
)
def test_what_is_no_http_is_told_so(site: Served, said: bytes) -> None:
    assert status_of(site.speak(said)) in (0, 400)
    assert site.get("/healthz").status_code == 200


def test_many_slow_clients_keep_nobody_out(site: Served) -> None:
    with ExitStack() as stack:
        for n in range(100):
            slow = stack.enter_context(socket.create_connection(site.address, timeout=5))
            slow.sendall(b"GET /healthz HTTP/1.1\r\n" if n % 2 else b"")
        began = time.monotonic()
        assert site.get("/healthz").status_code == 200
        assert time.monotonic() - began < LATE


def test_a_kept_connection_waits_for_no_acknowledgement(site: Served) -> None:
    """Header and body are two packets; on a connection that is kept the second would wait 40 ms for the first."""
    took = []
    with requests.Session() as session:
        for _ in range(20):
            began = time.monotonic()
            assert session.get(f"{site.url}/healthz", timeout=5).status_code == 200
            took.append(time.monotonic() - began)
    assert min(took[1:]) < 0.03, took


# ── the end ──────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_the_end_waits_for_nobody(site: Served, hears: Hears, monkeypatch: pytest.MonkeyPatch) -> None:
    """Open keep-alive connections, half-sent requests and a report that takes its time hold nothing up."""
    slow = threading.Event()
    with ExitStack() as stack:
        stopping = stack.enter_context(served(site.config, site.store, site.now, hooks=hears))
        monkeypatch.setattr(stopping.beside, "ready", lambda: {"ready": slow.wait(30)})
        opened = [stack.enter_context(socket.create_connection(stopping.address, timeout=10)) for _ in range(6)]
        opened[0].sendall(b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n")
        assert opened[0].recv(1000).startswith(b"HTTP/1.1 200")
        opened[1].sendall(b"GET /healthz HTT")
        opened[2].sendall(post(1000) + b"x")
        opened[3].sendall(post(None) + b"5\r\nab")
        opened[4].sendall(b"GET /readyz HTTP/1.1\r\nHost: localhost\r\n\r\n")
        time.sleep(0.3)
        began = time.monotonic()
        assert stopping.server is not None
        stopping.server.stop()
        assert time.monotonic() - began < 2.5 + LATE
        for one in opened:
            heard(one)
        with pytest.raises(OSError):
            socket.create_connection(stopping.address, timeout=1)
        assert not [one for one in threading.enumerate() if one.name == "answer" and not one.daemon]
        slow.set()
