"""A line that leaves holds no secret and nothing that moves a terminal."""

from __future__ import annotations

import base64
import io
import json
import logging
import sys
import threading
from collections.abc import Iterator
from urllib.parse import quote, quote_plus

import pytest
import structlog

from okrsync import logs

CANARY = "canary/tok+en=42 é"


@pytest.fixture
def stream(monkeypatch: pytest.MonkeyPatch) -> Iterator[io.StringIO]:
    root = logging.getLogger()
    before, level = list(root.handlers), root.level
    monkeypatch.setattr(logs, "_secrets", ())
    output = io.StringIO()
    logs.configure(level=logging.DEBUG, stream=output)
    yield output
    root.handlers[:] = before
    root.setLevel(level)
    structlog.reset_defaults()


def test_no_secret_leaves_in_any_form_not_even_through_a_library(stream: io.StringIO) -> None:
    logs.protect([CANARY])
    encoded = base64.b64encode(CANARY.encode()).decode()
    structlog.get_logger("a").info("said", plain=CANARY, url=quote(CANARY, safe=""), deep={"list": [CANARY]})
    logging.getLogger("urllib3").debug("GET /x?token=%s Authorization: Basic %s", quote(CANARY, safe=""), encoded)
    try:
        raise ValueError(CANARY)
    except ValueError:
        structlog.get_logger("b").exception("failed")
    written = stream.getvalue()
    assert "said" in written
    assert "failed" in written
    for form in (CANARY, quote(CANARY, safe=""), encoded, json.dumps(CANARY)[1:-1]):
        assert form not in written


@pytest.mark.parametrize("before", ["", ":", "\0okrsync\0", "okrsync@acme.test:", "x-access-token:"])
def test_a_secret_within_what_is_encoded_is_known(stream: io.StringIO, before: str) -> None:
    """As libraries sign in: user:token in a header, \\0user\\0password to a mail server."""
    logs.protect([CANARY])
    encoded = base64.b64encode(f"{before}{CANARY}\n".encode()).decode()
    for form in (
        encoded,
        encoded.replace("+", "-").replace("/", "_"),
        quote(encoded, safe=""),
        quote(CANARY),
        quote_plus(CANARY),
    ):
        told = logs.redact(f"<{form}>")
        assert "…" in told
        assert not [form[at : at + 8] for at in range(2 * len(before), len(form) - 12) if form[at : at + 8] in told]


def test_a_secret_that_another_one_begins_with_leaves_no_rest(stream: io.StringIO) -> None:
    for longer, shorter in (("tok-1234567-of-asana", "tok-1234567"), ("key-7654321-of-github", "key-7654321")):
        logs.protect([shorter])
        logs.protect([longer])
        assert logs.redact(f"<{longer}>") == "<…>"


def test_tokens_that_nobody_told_of_are_known_by_their_form(stream: io.StringIO) -> None:
    """An app of GitHub's signs a word of its own and gets a token each hour: neither stands in the configuration."""
    signed = "eyJhbGciOiJSUzI1NiJ9.eyJpc3MiOiI0MiJ9.c2lnbmF0dXJlLXNpZ25hdHVyZQ"
    for token in ("ghs_" + "a1B2" * 9, "ghp_" + "x" * 36, "github_pat_11ABC_" + "y" * 59, signed):
        structlog.get_logger("a").info("said", body=f'{{"token":"{token}"}}')
        assert token not in stream.getvalue()
    assert logs.redact("ghosts, eyJam.co.uk and ghs_1") == "ghosts, eyJam.co.uk and ghs_1"


def test_lines_are_written_while_other_sources_sign_in(stream: io.StringIO) -> None:
    """Each source has a thread: one says something while another one's secret becomes known."""
    faults: list[BaseException] = []
    done = threading.Event()

    def speak() -> None:
        try:
            while not done.is_set():
                logs.redact("a line")
        except RuntimeError as fault:
            faults.append(fault)

    turn = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    try:
        speakers = [threading.Thread(target=speak) for _ in range(2)]
        for one in speakers:
            one.start()
        for number in range(400):
            logs.protect([f"secret-number-{number}"])
        done.set()
        for one in speakers:
            one.join()
    finally:
        sys.setswitchinterval(turn)
    assert faults == []


def test_a_password_in_an_address_and_an_authorization_header_are_hidden_though_nobody_named_them() -> None:
    hidden = logs.redact("postgresql://okr:s3cret@db/x Authorization: Bearer abcdefgh12345678")
    assert "s3cret" not in hidden
    assert "abcdefgh12345678" not in hidden


def test_lines_are_json_with_the_source_bound(stream: io.StringIO) -> None:
    structlog.get_logger("a").bind(source="jira").info("synced", pulled=3)
    line = json.loads(stream.getvalue())
    assert (line["event"], line["source"], line["pulled"], line["level"]) == ("synced", "jira", 3, "info")
    assert line["timestamp"].endswith("Z")


def test_a_title_cannot_move_the_cursor(stream: io.StringIO) -> None:
    structlog.get_logger("a").info("seen", title="a\x1b[2Jb\u202ec")
    assert json.loads(stream.getvalue())["title"] == "a[2Jbc"
