"""What comes in at /webhooks: only what the tool signed has an effect, once, and never more than a second look."""

from __future__ import annotations

import hmac
import threading
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import orjson
import pytest
import requests
from fastapi import FastAPI
from inbox import NOW, PROJECT, SECRET, THEIRS, Inbox, inbox, sign
from sqlalchemy import text

from connectors import github_hooks, jira_hooks, signed
from okrsync.hooks import memory
from okrsync.hooks.memory import Memory
from okrsync.hooks.receiver import Answer, Receiver
from okrsync.model import Secret, SecretRef
from okrsync.web.hooks import router
from okrsync.web.server import Server

HELLO = b'{"action":"closed","repository":{"id":7},"issue":{"number":3}}'


@pytest.fixture
def box(tmp_path: Path) -> Iterator[Inbox]:
    found = inbox(tmp_path)
    yield found
    found.store.close()


# ── signatures ───────────────────────────────────────────────────────────────────────────────────────────────────────


def test_the_vectors_of_github_and_jira_are_genuine() -> None:
    vector = "757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17"
    github = {"x-hub-signature-256": f"sha256={vector}"}
    assert github_hooks.is_genuine(github, b"Hello, World!", SECRET.encode())
    vector = "a4771c39fbe90f317c7824e83ddef3caae9cb3d976c214ace1f2937e133263c9"
    jira = {"x-hub-signature": f"sha256={vector}"}
    assert jira_hooks.is_genuine(jira, b"Hello World!", SECRET.encode())


GOOD = f"sha256={sign(HELLO)}"


@pytest.mark.parametrize(
    "given",
    [
        "",
        "sha256=",
        sign(HELLO),  # no method
        f"sha1={sign(HELLO)}",
        f"SHA256={sign(HELLO)}",
        f"sha256= {sign(HELLO)}",
        f"sha256={sign(HELLO).upper()}",
        f"{GOOD} ",
        f" {GOOD}",
        f"{GOOD}, {GOOD}",  # two headers
        f"{GOOD}0",
        GOOD[:-1],
        GOOD[:-1] + ("0" if GOOD[-1] != "0" else "1"),
        "sha256=" + "é" * 64,
        "sha256=" + "\u0660" * 64,  # digits, but none of hexadecimals
        f"sha256={sign(HELLO, 'another')}",
        f"sha256={sign(HELLO + b' ')}",
    ],
)
def test_any_other_signature_is_refused(given: str, box: Inbox) -> None:
    assert box.github(HELLO, {"X-GitHub-Event": "issues", "X-Hub-Signature-256": given}).status == 401
    assert box.github(HELLO, {"X-GitHub-Event": "issues", "X-Hub-Signature": given}).status == 401, "the old header"
    assert box.touched_ == []


def test_signatures_are_compared_once_and_in_constant_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """By construction: one compare_digest over two byte strings of one length, whatever came in."""
    seen: list[tuple[Any, Any]] = []
    really = hmac.compare_digest
    monkeypatch.setattr(signed.hmac, "compare_digest", lambda a, b: seen.append((a, b)) or really(a, b))
    for given in (GOOD, "sha256=" + "0" * 64, "sha256=" + "f" * 64, "", "sha256=0"):
        signed.is_signed({"x": given}, "x", "sha256=", HELLO, SECRET.encode())
    assert len(seen) == 3, "what has another form is not compared at all"
    assert all(type(a) is type(b) is bytes and len(a) == len(b) == 71 for a, b in seen)


def test_a_delivery_for_another_source_is_refused(box: Inbox) -> None:
    """Two of one tool: each knows its own secret alone."""
    named = {one.id: replace(one, webhook_secret=SecretRef("env", f"secret of {one.id}")) for one in box.config.sources}
    two = replace(
        box.config,
        sources=(named["github"], replace(named["github"], id="hub", webhook_secret=SecretRef("env", "another"))),
    )
    receiver = Receiver(box.store, lambda: two, lambda ref, _: Secret(ref.name), box, clock=lambda: NOW)
    for source, secret, status in (
        ("github", "secret of github", 202),
        ("hub", "secret of github", 401),
        ("hub", "another", 202),
    ):
        given = hmac.new(secret.encode(), HELLO, "sha256").hexdigest()
        headers = {"X-GitHub-Event": "issues", "X-GitHub-Delivery": secret, "X-Hub-Signature-256": f"sha256={given}"}
        assert receiver.receive(source, headers, HELLO, {}).status == status


def test_an_empty_secret_signs_nothing() -> None:
    """Anybody could sign with it."""
    assert signed.is_signed({"x": sign(HELLO)}, "x", "", HELLO, SECRET.encode())
    assert not signed.is_signed({"x": sign(HELLO, "")}, "x", "", HELLO, b"")


def test_no_secret_no_endpoint(box: Inbox, tmp_path: Path) -> None:
    headers = {"X-GitHub-Event": "issues", "X-Hub-Signature-256": GOOD}
    assert box.receiver.receive("closed", headers, HELLO, {}).status == 404
    assert box.receiver.receive("nobody", headers, HELLO, {}).status == 404
    (tmp_path / "secret").unlink()  # the file is not there: nothing can be told to be genuine
    assert box.github(HELLO).status == 503
    assert box.touched_ == []


# ── what is touched ──────────────────────────────────────────────────────────────────────────────────────────────────


def test_what_a_delivery_touches(box: Inbox) -> None:
    def told(event: str, **payload: Any) -> Any:
        body = orjson.dumps(payload)
        assert box.github(body, event=event, delivery=f"{event}{len(box.touched_)}").status == 202
        return box.touched_[-1][1:]

    here = {"id": 7}
    assert told("issues", action="closed", repository=here, issue={"number": 3}) == ({"7"}, set())
    assert told("issues", action="deleted", repository=here, issue={"number": 3}) == ({"7"}, {"7#3"})
    moved = {"new_repository": {"id": 8}, "new_issue": {"number": 1}}
    assert told("issues", action="transferred", repository=here, issue={"number": 3}, changes=moved) == (
        {"7", "8"},
        {"7#3"},
    )
    ends = {"sub_issue": {"number": 4}, "sub_issue_repo": {"id": 9}, "parent_issue": {"number": 1}}
    assert told("sub_issues", action="sub_issue_added", repository=here, **ends) == ({"7", "9"}, {"9#4", "7#1"})
    assert told("push", repository=here, ref="refs/heads/main") == ({"7"}, set())
    assert told("organization", action="renamed") == (None, set()), "what names no repository touches all"

    issue = {"id": "10012", "fields": {"project": {"id": "10000", "key": "SHOP"}}}
    box.jira(orjson.dumps({"webhookEvent": "jira:issue_updated", "issue": issue}))
    assert box.touched_[-1] == ("jira", {"10000"}, {"10012"})
    log = {"items": [{"field": "project", "from": "10001", "to": "10000"}]}
    box.jira(orjson.dumps({"webhookEvent": "jira:issue_updated", "issue": issue, "changelog": log}))
    assert box.touched_[-1] == ("jira", {"10000", "10001"}, {"10012"})
    box.jira(orjson.dumps({"webhookEvent": "sprint_closed", "sprint": {"id": 3}}))
    assert box.touched_[-1] == ("jira", None, set())

    box.know("h")
    assert box.asana(orjson.dumps({"events": [{"action": "changed", "resource": {"gid": "5"}}]})).status == 200
    assert box.touched_[-1] == ("asana", {PROJECT}, set())


@pytest.mark.parametrize("body", [b"", b"no json", b"[]", b"null", b'"x"', b"\xff\xfe", b'{"repository":[]}', b"1e999"])
def test_what_is_signed_and_cannot_be_read_touches_the_source(body: bytes, box: Inbox) -> None:
    box.know("h")
    assert box.github(body).status == 202
    assert box.jira(body).status == 202
    assert box.asana(body).status == 200
    github, jira, asana = (one[1:] for one in box.touched_)
    assert github == jira == (None, set())
    assert asana in ((None, set()), ({PROJECT}, set())), "whose hook it is, its address tells"


def test_pings_and_heartbeats_touch_nothing(box: Inbox) -> None:
    box.know("h")
    assert box.github(b'{"zen":"Keep it logically awesome.","repository":{"id":7}}', event="ping").status == 202
    assert box.asana(b'{"events":[]}').status == 200
    assert box.touched_ == []
    assert box.receiver.counts() == {("github", "accepted"): 1, ("asana", "accepted"): 1}


# ── the same again ───────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_delivery_that_comes_again_touches_nothing(box: Inbox) -> None:
    for _ in range(5):
        assert box.github(HELLO, delivery="a").status == 202
    assert len(box.touched_) == 1
    box.github(HELLO, delivery="b")
    assert len(box.touched_) == 2
    assert box.receiver.counts() == {("github", "accepted"): 2, ("github", "repeated"): 4}
    assert box.github(HELLO.replace(b"3", b"4"), delivery="a").status == 202
    assert len(box.touched_) == 3, "a name that somebody else took does not hide what is new"


def test_what_two_webhooks_tell_in_the_same_words_is_told_twice(box: Inbox) -> None:
    """Asana names no delivery, and its words may be the same for two projects."""
    for hook in "g", "h":
        box.know(hook)
        assert box.asana(b'{"events":[{"action":"changed"}]}', hook=hook).status == 200
    assert len(box.touched_) == 2


def test_a_delivery_that_did_not_get_through_may_come_again(box: Inbox) -> None:
    box.broken = True
    with pytest.raises(RuntimeError):
        box.github(HELLO)
    box.broken = False
    assert box.github(HELLO).status == 202
    assert len(box.touched_) == 1


def test_the_memory_is_bounded_in_number_and_time(box: Inbox) -> None:
    small = Memory(most=3)
    assert [small.is_new("a", bytes([number]), box.now) for number in (1, 2, 3, 1, 4)] == [
        True,
        True,
        True,
        False,
        True,
    ]
    assert small.is_new("a", bytes([2]), box.now), "the oldest made room"
    assert not small.is_new("a", bytes([1]), box.now)
    assert small.is_new("b", bytes([1]), box.now), "sources are apart"
    later = box.now + memory.KEPT + timedelta(seconds=1)
    assert small.is_new("a", bytes([1]), later)
    big = Memory()
    for number in range(2 * memory.MOST):
        big.is_new("a", number.to_bytes(4, "big"), box.now)
    assert len(big._seen["a"]) == memory.MOST


# ── Asana's handshake ────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_handshake_is_answered_only_while_the_webhook_is_made_and_once(box: Inbox) -> None:
    assert box.shake("h").status == 401, "nobody makes it"
    box.expect("h")
    assert box.shake("other").status == 401
    answer = box.shake("h")
    assert (answer.status, answer.headers) == (200, {"X-Hook-Secret": THEIRS})
    assert box.shake("h", "d" * 32).status == 401, "a second secret"
    body = b'{"events":[{"action":"changed"}]}'
    assert box.asana(body).status == 200
    assert box.asana(body, secret="d" * 32).status == 401
    assert box.asana(body, secret=SECRET).status == 401, "ours signs nothing of Asana's"
    assert box.asana(body, hook="").status == 401
    box.expect("late", timedelta(0))
    assert box.shake("late").status == 401
    assert len(box.touched_) == 1


@pytest.mark.parametrize("secret", ["", "short", "with space in it", "x" * 300, "é" * 20, "line\r\nX-Other: 1"])
def test_a_secret_that_is_none_is_not_told_back(secret: str, box: Inbox) -> None:
    box.expect("h")
    assert box.shake("h", secret).status == 401
    assert box.shake("h").status == 200


def test_the_secret_of_asana_is_stored_sealed(box: Inbox, tmp_path: Path) -> None:
    box.expect("h")
    box.shake("h")
    with box.store.begin() as tx:
        tx.execute(text("SELECT 1"))
    held = b"".join(path.read_bytes() for path in tmp_path.glob("okrsync.db*"))
    assert THEIRS.encode() not in held
    (tmp_path / "secret").write_text("another secret\n", encoding="utf-8")
    assert box.asana(b'{"events":[{}]}').status == 401, "without the secret that sealed it nothing is genuine"


def test_refusals_are_told_once(box: Inbox, capsys: pytest.CaptureFixture[str]) -> None:
    for number in range(10):
        box.github(HELLO, {"X-Hub-Signature-256": f"sha256={number:064x}"})
    assert capsys.readouterr().out.count("webhook refused") == 1
    box.github(HELLO)
    box.github(HELLO, {})
    assert capsys.readouterr().out.count("webhook refused") == 1
    assert box.receiver.counts()["github", "refused"] == 11


def test_what_waits_for_the_database_does_not_hold_up_the_end() -> None:
    """A handshake is written down, and somebody else may be writing: the process ends all the same."""
    seen: list[threading.Thread] = []

    class Waits:
        def receive(self, *_: Any) -> Answer:
            seen.append(threading.current_thread())
            return Answer(202)

    app = FastAPI()
    app.include_router(router(Waits()))  # type: ignore[arg-type]
    server = Server(app, "127.0.0.1:0")
    try:
        assert requests.post(f"{server.url}/webhooks/asana", b"{}", timeout=10).status_code == 202
    finally:
        server.stop()
    assert [one.daemon for one in seen] == [True]
