"""Faults do what they say, to the requests that they are meant for."""

from __future__ import annotations

import socket
import threading
import time
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import requests

from okrsync.errors import UsageError
from okrsync.sandbox import Fault, Sandbox
from okrsync.sandbox.faults import KINDS
from okrsync.sandbox.jira.adf import document

JQL = {"jql": "project = SHOP ORDER BY key", "fields": ["summary"], "maxResults": 2}


def test_a_fault_skips_hits_and_is_gone(client: Any, sandbox: Sandbox) -> None:
    sandbox.fault("answer", method="GET", path=r".*/myself", skip=1, times=2, status=503, headers={"Retry-After": "7"})
    codes = [client.get(client.base + "/myself", timeout=5).status_code for _ in range(4)]
    assert codes == [200, 503, 503, 200]
    assert [asked.status for asked in sandbox.requests] == codes
    sandbox.fault("answer", path=r".*/myself", times=None, status=429, headers={"Retry-After": "7"}, body="slow down")
    client.ask("GET", "/serverInfo")
    for _ in range(3):
        answer = client.get(client.base + "/myself", timeout=5)
        assert (answer.status_code, answer.headers["Retry-After"], answer.text) == (429, "7", "slow down")
    sandbox.clear()
    client.ask("GET", "/myself")
    assert len(sandbox.requests) == 1


def test_answers_that_look_like_success(client: Any, sandbox: Sandbox) -> None:
    sandbox.fault("login_page")
    page = client.get(client.base + "/myself", timeout=5)
    assert (page.status_code, page.headers["Content-Type"]) == (200, "text/html;charset=UTF-8")
    sandbox.fault("logged_out")
    page = client.post(client.base + "/search/jql", json=JQL, timeout=5)
    assert page.headers["X-Seraph-LoginReason"] == "AUTHENTICATED_FAILED"
    assert page.json() == {"issues": [], "isLast": True}
    sandbox.fault("truncated")
    with pytest.raises(requests.exceptions.JSONDecodeError):
        client.post(client.base + "/search/jql", json=JQL, timeout=5).json()


def test_connections_that_break(client: Any, sandbox: Sandbox) -> None:
    sandbox.fault("wrong_length")
    with pytest.raises(requests.exceptions.ChunkedEncodingError):
        client.get(client.base + "/myself", timeout=5)
    sandbox.fault("reset")
    with pytest.raises(requests.exceptions.ConnectionError):
        client.get(client.base + "/myself", timeout=5)
    assert sandbox.requests[-1].status == 0
    client.ask("GET", "/myself")


def test_a_lost_answer_is_no_lost_write(client: Any, sandbox: Sandbox) -> None:
    for after, total in ((False, 0), (True, 1)):
        sandbox.fault("reset", method="POST", path=r".*/comment", after=after)
        with pytest.raises(requests.exceptions.ConnectionError):
            client.post(client.base + "/issue/SHOP-1/comment", json={"body": document("x")}, timeout=5)
        assert client.ask("GET", "/issue/SHOP-1/comment")["total"] == total
    assert [asked.method for asked in sandbox.unsafe_requests()] == ["POST", "POST"]


@pytest.mark.parametrize("kind", ["drip_headers", "drip_body"])
def test_a_drip_is_slow_and_whole(client: Any, sandbox: Sandbox, kind: str) -> None:
    sandbox.fault(kind, seconds=0.001)
    started = time.monotonic()
    assert client.ask("GET", "/myself")["displayName"] == "okrsync"
    assert time.monotonic() - started > 0.2


def test_a_hang_outlasts_a_timeout_and_does_not_outlast_the_sandbox(sandbox: Sandbox, client: Any) -> None:
    sandbox.fault("hang", seconds=60)
    with pytest.raises(requests.exceptions.ReadTimeout):
        client.get(client.base + "/myself", timeout=0.2)
    started = time.monotonic()
    sandbox.stop()
    assert time.monotonic() - started < 20
    for _ in range(100):
        if not any(thread.name.startswith("Thread-") and thread.daemon for thread in threading.enumerate()):
            break
        time.sleep(0.02)
    else:
        pytest.fail("a handler thread still hangs")


def test_a_redirect_leads_away(client: Any, sandbox: Sandbox) -> None:
    sandbox.fault("redirect", status=307, location="http://elsewhere.test/")
    answer = client.get(client.base + "/myself", timeout=5, allow_redirects=False)
    assert (answer.status_code, answer.headers["Location"]) == (307, "http://elsewhere.test/")


def test_paging_that_goes_wrong(client: Any, sandbox: Sandbox) -> None:
    sandbox.fault("empty_page")
    empty = client.ask("POST", "/search/jql", JQL)
    assert (empty["issues"], empty["isLast"]) == ([], False)
    first = client.ask("POST", "/search/jql", {**JQL, "nextPageToken": empty["nextPageToken"]})
    assert [issue["key"] for issue in first["issues"]] == ["SHOP-1", "SHOP-2"]
    sandbox.fault("repeated_token")
    again = client.ask("POST", "/search/jql", {**JQL, "nextPageToken": first["nextPageToken"]})
    assert again["nextPageToken"] == first["nextPageToken"]


def test_a_comment_may_become_visible_late(client: Any, sandbox: Sandbox) -> None:
    sandbox.world.clock.set(None)
    sandbox.fault("late", method="POST", seconds=0.3)
    client.ask("POST", "/issue/SHOP-1/comment", {"body": document("x")}, status=201)
    assert client.ask("GET", "/issue/SHOP-1/comment")["total"] == 0
    time.sleep(0.4)
    assert client.ask("GET", "/issue/SHOP-1/comment")["total"] == 1


def test_a_share_of_what_is_written_shows_late_and_answers_get_lost_besides(client: Any, sandbox: Sandbox) -> None:
    """The same seed draws the same requests; a late one may lose its answer like any other."""
    counts = []
    for key in "SHOP-1", "SHOP-2":
        sandbox.fault("late", method="POST", times=None, share=0.2, seed=7, seconds=60)
        sandbox.fault("answer", method="POST", times=None, share=0.5, seed=8, status=502, after=True)
        statuses = [
            client.post(f"{client.base}/issue/{key}/comment", json={"body": document("x")}, timeout=5).status_code
            for _ in range(20)
        ]
        sandbox.faults.clear()
        counts.append((statuses, client.ask("GET", f"/issue/{key}/comment")["total"]))
    assert counts[0] == counts[1]
    statuses, shown = counts[0]
    assert 4 < statuses.count(502) < 16
    assert 10 < shown < 20
    sandbox.world.clock.advance(timedelta(minutes=2))
    assert client.ask("GET", "/issue/SHOP-1/comment")["total"] == 20


def test_a_bomb_is_small_on_the_way(client: Any, sandbox: Sandbox) -> None:
    sandbox.fault("gzip_bomb", megabytes=20)
    with client.get(client.base + "/myself", timeout=5, stream=True) as answer:
        assert int(answer.headers["Content-Length"]) < 100_000
        assert sum(len(chunk) for chunk in answer.iter_content(1 << 16)) == 20 << 20


def test_a_client_that_goes_away_harms_nobody(client: Any, sandbox: Sandbox, capsys: Any) -> None:
    for request in (b"GET /jira/acme/rest/api/3/field HTTP/1.1\r\nHost: x\r\n\r\n", b"POST / HTTP/1.1\r\nContent-"):
        with socket.create_connection((sandbox.host, sandbox.port)) as connection:
            connection.sendall(request)
    client.ask("GET", "/myself")
    assert capsys.readouterr().err == ""


def test_faults_are_armed_over_http(client: Any, sandbox: Sandbox) -> None:
    url = f"{sandbox.url}/_sandbox/faults"
    fault = {"kind": "answer", "path": ".*/myself", "status": 500, "times": 1}
    armed = client.post(url, json=fault, timeout=5)
    assert (armed.status_code, armed.json()[0]["kind"]) == (201, "answer")
    client.ask("GET", "/serverInfo")
    assert client.get(client.base + "/myself", timeout=5).status_code == 500
    assert client.get(url, timeout=5).json() == []
    client.post(url, json=fault, timeout=5)
    assert client.delete(url, timeout=5).status_code == 204
    client.ask("GET", "/myself")
    log = client.get(f"{sandbox.url}/_sandbox/requests", timeout=5).json()
    assert [(entry["method"], entry["path"].rsplit("/", 1)[-1], entry["status"]) for entry in log] == [
        ("GET", "serverInfo", 200),
        ("GET", "myself", 500),
        ("GET", "myself", 200),
    ]
    for wrong in ({"kind": "earthquake"}, {"kind": "reset", "colour": 1}, {"kind": "reset", "path": "("}, []):
        assert client.post(url, json=wrong, timeout=5).status_code == 400


def test_the_body_of_a_fault_may_be_an_object(client: Any, sandbox: Sandbox) -> None:
    refused = {"errorMessages": ["revoked"]}
    fault = {"kind": "answer", "status": 401, "headers": {"X-Why": "test"}, "body": refused}
    assert client.post(f"{sandbox.url}/_sandbox/faults", json=fault, timeout=5).status_code == 201
    answer = client.get(client.base + "/myself", timeout=5)
    assert (answer.status_code, answer.json(), answer.headers["X-Why"]) == (401, refused, "test")
    assert answer.headers["Content-Type"].startswith("application/json")


def test_every_fault_is_described() -> None:
    text = (Path(__file__).parents[2] / "docs" / "sandbox.md").read_text(encoding="utf-8")
    assert [kind for kind in sorted(KINDS) if f"`{kind}`" not in text] == []


def test_a_fault_that_does_not_exist_is_named() -> None:
    with pytest.raises(UsageError, match="unknown fault 'earthquake': one of answer"):
        Fault("earthquake")
