"""Mail against a real server on this machine: what arrives, and what is said when it does not."""

from __future__ import annotations

import socket
import ssl
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest
from mail_server import PASSWORD, Post, certificates, free_port, serving

from config import Smtp
from okrsync.errors import AuthError, ConfigError, Rejected, ToolError, Unavailable
from okrsync.model import Secret, SecretRef
from okrsync.sending.mail import Letter, check, message, send

AT = datetime(2026, 11, 23, 7, 0, tzinfo=UTC)
TO = ["cto@acme.test", "léa@bücher.test", "cpo@acme.test"]
LETTER = Letter(
    "Objectifs Ormeraie", "Trois à regarder.\n", "<!doctype html><p>élan</p>", "okrsync-2026-W47.html", "one.2026-W47"
)
ASCII = ["cto@acme.test", "cpo@acme.test"]


def made(letter: Letter = LETTER, to: list[str] = ASCII) -> EmailMessage:
    return message(letter, to, "okrsync@acme.test", AT, "fr")


def server(port: int, **how: Any) -> Smtp:
    return Smtp(**({"host": "127.0.0.1", "port": port, "security": "none", "sender": "okrsync@acme.test"} | how))


@pytest.fixture(scope="module")
def trust(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, ssl.SSLContext]:
    return certificates(tmp_path_factory.mktemp("certificates"))


def test_a_letter_arrives_whole_as_text_as_page_and_as_a_file() -> None:
    with serving(Post()) as here:
        assert send(made(), ASCII, server(here.port), None) == {}
    (mail,) = here.post.mails
    assert here.post.envelopes == [ASCII]
    assert mail["Subject"] == "Objectifs Ormeraie"
    assert mail["From"] == "okrsync <okrsync@acme.test>"
    assert mail["To"] == "cto@acme.test, cpo@acme.test"
    assert mail["Message-ID"] == "<one.2026-W47@acme.test>"
    assert (mail["Auto-Submitted"], mail["Content-Language"]) == ("auto-generated", "fr")
    assert mail["Date"].datetime == AT
    body, page = mail.get_body(("plain",)), mail.get_body(("html",))
    assert body is not None
    assert page is not None
    assert body.get_content().replace("\r\n", "\n") == LETTER.text
    assert page.get_content().strip() == LETTER.page
    (attached,) = mail.iter_attachments()
    assert attached.get_filename() == LETTER.name
    assert attached.get_content_type() == "text/html"
    assert attached.get_content().strip() == LETTER.page


@pytest.mark.parametrize(
    "subject",
    ["one\r\nBcc: eve@evil.test", "one\nSubject: two", "é" * 300, "\u202eevil\u2028x\x00", "=?utf-8?q?x?=", "a\rb"],
)
def test_no_title_becomes_a_header(subject: str) -> None:
    with serving(Post()) as here:
        send(made(replace(LETTER, subject=subject)), ASCII, server(here.port), None)
    (mail,) = here.post.mails
    assert here.post.envelopes == [ASCII]
    assert mail["Bcc"] is None
    assert len(mail.get_all("Subject", [])) == 1
    assert not set("\r\n\x00\u202e\u2028") & set(mail["Subject"])


def test_letters_beyond_ascii_in_a_domain_and_in_a_name() -> None:
    """The domain has a form that every server knows; a name needs one that says it takes it, as this one does."""
    with serving(Post()) as here:
        assert send(made(to=["cto@bücher.test"]), ["cto@bücher.test"], server(here.port), None) == {}
        assert send(made(to=TO), TO, server(here.port), None) == {}
    assert here.post.envelopes == [
        ["cto@xn--bcher-kva.test"],
        ["cto@acme.test", "léa@xn--bcher-kva.test", "cpo@acme.test"],
    ]


def test_starttls_and_tls_verify_and_sign_in(trust: tuple[Path, ssl.SSLContext]) -> None:
    ca_file, context = trust
    for security in ("starttls", "tls"):
        with serving(Post(), security=security, login=security == "starttls", context=context) as here:
            how: dict[str, Any] = {"security": security, "ca_file": str(ca_file)}
            if security == "starttls":
                how |= {"user": "okrsync", "password": SecretRef("env", "X")}
            known = server(here.port, **how)
            check(known, Secret(PASSWORD))
            assert send(made(), ASCII, known, Secret(PASSWORD)) == {}
            assert len(here.post.mails) == 1
            with pytest.raises(
                Unavailable, match=r"its certificate is refused .*; name the certificates to trust under ca"
            ):
                send(made(), ASCII, replace(known, ca_file=None), Secret(PASSWORD))
            assert len(here.post.mails) == 1


def test_a_refused_login_says_whose_and_never_the_password(trust: tuple[Path, ssl.SSLContext]) -> None:
    ca_file, context = trust
    with serving(Post(), security="starttls", login=True, context=context) as here:
        known = server(here.port, security="starttls", ca_file=str(ca_file), user="okrsync")
        for act in (lambda: check(known, Secret("wrong-one")), lambda: send(made(), ASCII, known, Secret("wrong-one"))):
            with pytest.raises(AuthError, match=r"refused the login of okrsync: 535 .*; renew the password") as told:
                act()
            assert "wrong-one" not in str(told.value)
            assert "\n" not in str(told.value)
    assert here.post.mails == []


def test_one_refused_recipient_takes_nothing_from_the_others() -> None:
    post = Post(refused={"cpo@acme.test": "550 5.1.1 nobody of that name\x1b[31m"})
    with serving(post) as here:
        refused = send(made(), ASCII, server(here.port), None)
        assert here.post.envelopes == [["cto@acme.test"]]
        assert list(refused) == ["cpo@acme.test"]
        assert isinstance(refused["cpo@acme.test"], Rejected)
        assert "takes no mail for cpo@acme.test: 550 5.1.1 nobody of that name" in str(refused["cpo@acme.test"])
        post.refused |= {"cpo@acme.test": "450 4.7.1 come back later", "cto@acme.test": "550 none"}
        all_refused = send(made(), ASCII, server(here.port), None)
        assert {name: type(fault) for name, fault in all_refused.items()} == {
            "cto@acme.test": Rejected,
            "cpo@acme.test": Unavailable,
        }


@pytest.mark.parametrize(
    ("answer", "kind"), [("451 the disk is full", Unavailable), ("554 no such thing here", Rejected)]
)
def test_a_message_that_is_not_taken_says_whether_to_come_back(answer: str, kind: type[ToolError]) -> None:
    with serving(Post(data=answer)) as here, pytest.raises(kind, match=f"did not take the mail: {answer}"):
        send(made(), ASCII, server(here.port), None)


def test_a_server_that_is_not_there_is_slow_or_goes_away(trust: tuple[Path, ssl.SSLContext]) -> None:
    with pytest.raises(Unavailable, match=r"127\.0\.0\.1:\d+: refused the connection; check host and port") as told:
        check(server(free_port()), None)
    assert not told.value.sent
    with pytest.raises(Unavailable, match=r"there is no such host \(DNS\)"):
        check(server(25, host="nowhere.invalid"), None)
    with serving(Post(delay=60)) as here:
        began = time.monotonic()
        with pytest.raises(Unavailable, match=r"was not taken within 2 s"):
            send(made(), ASCII, server(here.port, timeout=timedelta(seconds=2)), None)
        assert time.monotonic() - began < 30
    with serving(Post(cut=True)) as here, pytest.raises(Unavailable, match="broke the connection off"):
        send(made(), ASCII, server(here.port), None)
    with serving(Post()) as here, pytest.raises(Rejected, match='offers no STARTTLS; set security = "tls"'):
        check(server(here.port, security="starttls"), None)
    with serving(Post()) as here, pytest.raises(Unavailable, match="speaks no TLS on this port"):
        check(server(here.port, security="tls"), None)
    with serving(Post()) as here, pytest.raises(Rejected, match="takes no login on this connection"):
        check(server(here.port, user="okrsync"), Secret("x"))


@contextmanager
def dripping(every: float) -> Iterator[int]:
    """A server that greets a byte at a time, so that no single silence is long."""
    stop = threading.Event()
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.settimeout(0.1)

        def serve() -> None:
            while not stop.is_set():
                try:
                    line, _ = listener.accept()
                except TimeoutError:
                    continue
                with line:
                    for byte in b"220 " + b"x" * 500:
                        if stop.wait(every):
                            break
                        try:
                            line.sendall(bytes([byte]))
                        except OSError:
                            break

        thread = threading.Thread(target=serve)
        thread.start()
        try:
            yield listener.getsockname()[1]
        finally:
            stop.set()
            thread.join()


def test_one_deadline_covers_the_whole_exchange() -> None:
    with dripping(0.05) as port:
        began = time.monotonic()
        with pytest.raises(Unavailable, match="was not taken within 1 s"):
            check(server(port, timeout=timedelta(seconds=1)), None)
        assert time.monotonic() - began < 10


def test_certificates_that_cannot_be_read_are_a_fault_of_the_configuration(tmp_path: Path) -> None:
    (tmp_path / "ca.pem").write_text("none")
    with pytest.raises(ConfigError, match=r"\[reports\.smtp\] ca_file: .*ca\.pem holds no certificates"):
        check(server(free_port(), security="tls", ca_file=str(tmp_path / "ca.pem")), None)
