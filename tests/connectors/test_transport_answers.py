"""What the transport makes of answers: those that are none, and refusals in the words of the tool."""

from __future__ import annotations

import base64
import gzip
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

import pytest
from misbehaving import Loopback, reply
from sessions import TOKEN, Open, sessions

import connectors.transport
from okrsync.errors import AuthError, MalformedPage, Rejected, ToolError


@pytest.fixture
def connect(waits: Any) -> Iterator[Open]:
    with sessions(waits) as opened:
        yield opened


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
