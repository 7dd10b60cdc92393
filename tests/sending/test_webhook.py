"""An incoming webhook, over a real server on this machine."""

from __future__ import annotations

import socket
import threading
import time
from datetime import UTC, datetime, timedelta

import pytest
from chat_server import channel
from mail_server import free_port
from running import LATE

from connectors import deadline
from okrsync.errors import ConfigError, RateLimited, Rejected, ToolError, Unavailable
from okrsync.model import Secret
from okrsync.sending.webhook import ALERTS, REPORT, TOLD, post

DOCUMENT = {"text": "Élan & co", "blocks": []}
MOMENT = 0.8  # seconds


def test_the_document_arrives_as_json() -> None:
    with channel() as chat:
        post(Secret(chat.url), DOCUMENT, REPORT)
    assert chat.posts == [("/services/T000/B000/secret-of-the-channel", DOCUMENT)]


@pytest.mark.parametrize(
    ("status", "kind", "words"),
    [
        (400, Rejected, "check that it still exists"),
        (403, Rejected, "check that it still exists"),
        (404, Rejected, "check that it still exists"),
        (408, Unavailable, "answered 408"),
        (500, Unavailable, "answered 500"),
        (503, Unavailable, "answered 503"),
        (307, Rejected, "nothing is followed"),
    ],
)
def test_a_refusal_is_one_line_with_the_first_words_of_the_answer(
    status: int, kind: type[ToolError], words: str
) -> None:
    with channel() as elsewhere, channel(status=status, body="é\n".encode() * 400) as chat:
        chat.headers["Location"] = elsewhere.url
        with pytest.raises(kind) as told:
            post(Secret(chat.url), DOCUMENT, REPORT)
    assert elsewhere.posts == [], "it was led to another host"
    said = str(told.value)
    assert said.startswith(f"127.0.0.1: the webhook answered {status}: é é é")
    assert words in said
    assert "\n" not in said
    assert said.count("é") <= TOLD
    assert "secret-of-the-channel" not in said
    assert told.value.status == status


def test_a_limit_names_the_time_of_the_next_try() -> None:
    with channel(status=429, headers={"Retry-After": "120"}) as chat, pytest.raises(RateLimited) as told:
        post(Secret(chat.url), DOCUMENT, REPORT)
    assert timedelta(seconds=100) < told.value.retry_at - datetime.now(UTC) < timedelta(seconds=130)


def test_no_answer_is_told_without_the_address() -> None:
    gone = f"http://127.0.0.1:{free_port()}/services/secret-of-the-channel"
    with pytest.raises(Unavailable, match="did not take the report: connection refused") as told:
        post(Secret(gone), DOCUMENT, REPORT)
    assert "secret" not in str(told.value)
    assert told.value.sent is False
    with channel(body=b"x" * 400, drip=0.05) as chat:
        began = time.monotonic()
        with pytest.raises(Unavailable, match=r"no complete answer within 0\.5 s"):
            post(Secret(chat.url), DOCUMENT, REPORT, timeout=timedelta(seconds=0.5))
        assert time.monotonic() - began < 0.5 + LATE


def test_once_okrsync_stops_what_is_on_its_way_has_a_moment(monkeypatch: pytest.MonkeyPatch) -> None:
    """An answer that comes within it counts; none is waited for longer, be it for a byte or for a connection."""
    monkeypatch.setattr(deadline, "LAST", MOMENT)
    stop = threading.Event()
    with channel(body=b"o" * 20, drip=0.03) as chat:
        set_soon(stop)
        post(Secret(chat.url), DOCUMENT, REPORT, stop=stop)
    with channel(body=b"o" * 800, drip=0.05) as chat:
        assert_given_up(chat.url)
    with socket.create_server(("127.0.0.1", 0), backlog=0) as full:
        queued = [socket.socket() for _ in range(4)]
        for one in queued:
            one.setblocking(False)
            one.connect_ex(full.getsockname())
        assert_given_up(f"http://127.0.0.1:{full.getsockname()[1]}/")
        for one in queued:
            one.close()


def set_soon(stop: threading.Event) -> None:
    threading.Timer(0.3, stop.set).start()


def assert_given_up(url: str) -> None:
    stop, began = threading.Event(), time.monotonic()
    set_soon(stop)
    with pytest.raises(Unavailable, match="did not take the report: okrsync is stopping"):
        post(Secret(url), DOCUMENT, REPORT, stop=stop)
    assert MOMENT < time.monotonic() - began < MOMENT + LATE


@pytest.mark.parametrize("text", ["xoxb-token", "ftp://acme.test/x", "https://", "http://[::1", "file:///etc/passwd"])
def test_a_secret_that_is_no_address_is_a_fault_of_the_configuration(text: str) -> None:
    with pytest.raises(ConfigError, match=r"\[reports\] webhook: the secret is no web address") as told:
        post(Secret(text), DOCUMENT, REPORT)
    assert text not in str(told.value)


def test_a_fault_names_what_was_not_taken_and_the_option_to_renew() -> None:
    with channel(status=404) as chat, pytest.raises(Rejected, match=r"renew \[alerts\] url"):
        post(Secret(chat.url), DOCUMENT, ALERTS)
    with pytest.raises(Unavailable, match="did not take the alerts: connection refused"):
        post(Secret(f"http://127.0.0.1:{free_port()}/"), DOCUMENT, ALERTS)
    with pytest.raises(ConfigError, match=r"\[alerts\] url: the secret is no web address"):
        post(Secret("slack"), DOCUMENT, ALERTS)
