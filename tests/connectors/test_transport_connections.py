"""Connections of the transport: one total deadline, nothing left behind, and certificates."""

from __future__ import annotations

import contextlib
import itertools
import socket
import ssl
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from misbehaving import Loopback, reply
from running import LATE
from sessions import HEAD, Open, sessions

from connectors.deadline import Watchdog
from connectors.transport import Transport
from okrsync.errors import ConfigError, Unavailable


@pytest.fixture
def connect(waits: Any) -> Iterator[Open]:
    with sessions(waits) as opened:
        yield opened


# ── one total deadline ───────────────────────────────────────────────────────────────────────────────────────────────


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
    assert time.monotonic() - begin < LATE
    assert caught.value.sent
    assert len(loopback.requests) == 1


def test_a_hang_in_the_tls_handshake_is_cut_off_and_was_not_sent(connect: Open) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"https://127.0.0.1:{silent.getsockname()[1]}"
        begin = time.monotonic()
        with pytest.raises(Unavailable, match="no complete answer within") as caught:
            connect(url, seconds=0.3).post(url, json={})
    assert time.monotonic() - begin < LATE
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
    assert 0.25 < time.monotonic() - begin < LATE
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


# ── nothing is left behind ───────────────────────────────────────────────────────────────────────────────────────────


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
    assert time.monotonic() - begin < LATE


def test_an_unknown_certificate_is_refused_at_once(secure: tuple[str, Path], connect: Open, waits: Any) -> None:
    url, _ = secure
    with pytest.raises(Unavailable, match=r"127\.0\.0\.1: GET /: TLS certificate refused: self-signed") as caught:
        connect(url).get(url)
    assert not caught.value.sent
    assert waits == []


def test_a_missing_authority_is_a_fault_of_the_configuration() -> None:
    with pytest.raises(ConfigError, match=r"ca_file: no such file: /nowhere\.pem"):
        Transport("https://acme.test", ca_file="/nowhere.pem")
