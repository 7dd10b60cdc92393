"""Webhooks of the sandbox: made over HTTP, signed and sent as the tools do, from a thread that no answer waits for."""

from __future__ import annotations

import hashlib
import hmac
import json
import threading
from collections.abc import Iterator
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
import requests
from github_client import Client
from running import until

from okrsync.sandbox import Sandbox, World
from okrsync.sandbox.asana import hooks as of_asana
from okrsync.sandbox.asana.workspace import Workspace
from okrsync.sandbox.clock import Clock
from okrsync.sandbox.company.jira_metadata import FIELDS, ISSUE_TYPES, STATUSES
from okrsync.sandbox.github.repository import Repository
from okrsync.sandbox.jira.site import Site

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
SECRET = "It's a Secret to Everybody"
HOOKS = "/repos/acme/shop/hooks"
JIRA = "/jira/acme/rest/webhooks/1.0/webhook"
ASANA = "/asana/api/1.0/webhooks"
FILTER = "issue-related-events-section"


class Ear:
    """An address that takes webhooks: what came, and what it says to each."""

    def __init__(self) -> None:
        self.came: list[tuple[dict[str, str], bytes, str]] = []
        self.status, self.echoes, self.answered = 202, True, 0
        self.goes = threading.Event()  # until then it answers nobody
        self.goes.set()
        ear = self

        class Handler(BaseHTTPRequestHandler):
            def log_message(self, *_: Any) -> None:
                """Nothing."""

            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                ear.came.append(({name.lower(): value for name, value in self.headers.items()}, body, self.path))
                ear.goes.wait(30)
                secret = self.headers.get("X-Hook-Secret")
                self.send_response(200 if secret else ear.status)
                if secret and ear.echoes:
                    self.send_header("X-Hook-Secret", secret)
                self.send_header("Content-Length", "0")
                ear.answered += 1
                self.end_headers()

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}/in"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()


@pytest.fixture
def ear() -> Iterator[Ear]:
    found = Ear()
    yield found
    found.close()


@pytest.fixture
def shop() -> Repository:
    found = Repository("acme/shop", commits=[{"commit": {"message": "first"}}])
    found.issue("Epic", body="All of it", labels=["okr:KR-UX"], by="ada", at=NOON)
    found.issue("Part", by="bo", at=NOON)
    return found


@pytest.fixture
def world(shop: Repository) -> World:
    projects = [{"id": "10000", "key": "SHOP", "name": "Shop"}, {"id": "10001", "key": "PAY", "name": "Pay"}]
    site = Site("acme", projects=projects, statuses=map(dict, STATUSES), issue_types=ISSUE_TYPES, fields=FIELDS)
    workspace = Workspace(
        "77",
        projects=[{"gid": "10", "name": "Board"}, {"gid": "11", "name": "Other"}],
        tasks=[{"gid": "100", "name": "Flyer", "projects": [{"gid": "10"}]}],
    )
    return World([site], [shop], [workspace], clock=Clock(NOON))


@pytest.fixture
def sandbox(world: World) -> Iterator[Sandbox]:
    with Sandbox(world) as running:
        yield running


@pytest.fixture
def hub(sandbox: Sandbox) -> Iterator[Client]:
    with Client(sandbox.url) as client:
        yield client


def signature(body: bytes, secret: str = SECRET) -> str:
    return hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()


def ask(sandbox: Sandbox, method: str, path: str, body: Any = None, status: int = 200) -> Any:
    signed = {"Authorization": "Bearer good"}
    answer = requests.request(method, sandbox.url + path, json=body, headers=signed, timeout=20)
    assert answer.status_code == status, f"{answer.status_code}: {answer.text}"
    return answer.json() if answer.content else None


def person(sandbox: Sandbox, path: str, **what: Any) -> Any:
    answer = requests.post(f"{sandbox.url}/_sandbox/{path}", json=what, timeout=10)
    assert answer.ok, answer.text
    sandbox.world.posted()
    return answer.json()


# ── GitHub ───────────────────────────────────────────────────────────────────────────────────────────────────────────


def hooked(hub: Client, ear: Ear, *events: str) -> int:
    config = {"url": ear.url, "content_type": "json", "secret": SECRET, "insecure_ssl": "0"}
    made = hub.ask("POST", HOOKS, {"name": "web", "config": config, "events": list(events) or ["*"]}, status=201)
    return int(made["id"])


def test_hooks_of_a_repository(hub: Client, ear: Ear, sandbox: Sandbox) -> None:
    number = hooked(hub, ear, "issues", "push")
    sandbox.world.posted()
    headers, body, _ = ear.came.pop()
    assert (headers["x-github-event"], json.loads(body)["hook_id"]) == ("ping", number)
    assert headers["x-hub-signature-256"] == f"sha256={signature(body)}"
    shown = hub.ask("GET", f"{HOOKS}/{number}")
    assert shown["config"]["secret"] == "********"
    assert shown["last_response"]["status"] == "active"
    assert [one["id"] for one in hub.ask("GET", HOOKS)] == [number]
    hub.ask("POST", HOOKS, {"config": {"url": ear.url, "content_type": "json"}, "events": ["push"]}, status=422)
    hub.ask("PATCH", f"{HOOKS}/{number}", {"active": False})
    person(sandbox, "github/acme/shop/issues/1", state="closed")
    assert ear.came == []
    hub.ask("POST", f"{HOOKS}/{number}/pings", status=204)
    hub.ask("DELETE", f"{HOOKS}/{number}", status=204)
    hub.ask("GET", f"{HOOKS}/{number}", status=404)


def test_a_redelivery_has_the_name_of_the_first(hub: Client, ear: Ear, sandbox: Sandbox) -> None:
    number = hooked(hub, ear)
    sandbox.world.posted()
    ear.status = 500
    person(sandbox, "github/acme/shop/issues/1", state="closed")
    failed = [one for one in hub.ask("GET", f"{HOOKS}/{number}/deliveries") if one["status_code"] == 500]
    assert [(one["event"], one["action"]) for one in failed] == [("issues", "closed")]
    ear.status = 202
    hub.ask("POST", f"{HOOKS}/{number}/deliveries/{failed[0]['id']}/attempts", status=202)
    sandbox.world.posted()
    (first, body, _), (again, same, _) = ear.came[-2:]
    assert first["x-github-delivery"] == again["x-github-delivery"] == failed[0]["guid"]
    assert body == same
    newest = hub.ask("GET", f"{HOOKS}/{number}/deliveries")[0]
    assert (newest["redelivery"], newest["status_code"]) == (True, 202)


def test_every_change_is_told_by_its_own_word(hub: Client, ear: Ear, sandbox: Sandbox, shop: Repository) -> None:
    hooked(hub, ear)
    sandbox.world.posted()
    ear.came.clear()

    def told() -> list[tuple[str, Any]]:
        sandbox.world.posted()
        found = [(headers["x-github-event"], json.loads(body).get("action")) for headers, body, _ in ear.came]
        ear.came.clear()
        return found

    person(sandbox, "github/acme/shop/issues", title="New")
    assert told() == [("issues", "opened")]
    person(sandbox, "github/acme/shop/issues/3", labels=["okr:KR-UX"], state="closed", title="Newer")
    assert told() == [("issues", "edited"), ("issues", "labeled"), ("issues", "closed")]
    person(sandbox, "github/acme/shop/issues/2", parent="#1")
    assert told() == [("sub_issues", "parent_issue_added")]
    person(sandbox, "github/acme/shop/issues/2", blocked_by=["#1"])
    assert ("issue_dependencies", "blocked_by_added") in told()
    person(sandbox, "github/acme/shop/issues/3", delete=True)
    assert told() == [("issues", "deleted")]
    person(sandbox, "github/acme/shop/pulls", title="Do it", head="feat", commits=["one"])
    assert ("pull_request", "opened") in told()
    shop.commit("second")
    sandbox.world.notice()
    assert told() == [("push", None)]
    hub.ask("PATCH", "/repos/acme/shop/issues/1", {"state": "closed"})
    assert told() == [("issues", "closed")], "a program's changes are told as well"
    hub.ask("GET", "/repos/acme/shop/issues")
    assert told() == []


def test_a_slow_listener_holds_no_answer_up(hub: Client, ear: Ear, sandbox: Sandbox) -> None:
    hooked(hub, ear)
    sandbox.world.posted()
    before = ear.answered
    ear.goes.clear()
    hub.ask("PATCH", "/repos/acme/shop/issues/1", {"state": "closed"})
    hub.ask("GET", "/repos/acme/shop/issues")
    assert ear.answered == before
    ear.goes.set()
    sandbox.world.posted()
    assert ear.answered == before + 1
    assert ear.came[-1][0]["x-github-event"] == "issues"


def test_payloads_are_as_specified(hub: Client, ear: Ear, sandbox: Sandbox, shop: Repository, shared: Path) -> None:
    document = json.loads((shared / "specs" / "github-webhooks-openapi.json").read_text("utf-8"))
    hooked(hub, ear, "*")
    shop.milestone("v1", at=NOON)
    person(sandbox, "github/acme/shop/issues/2", parent="#1", labels=["bug"], milestone=1, assignees=["bo"])
    person(sandbox, "github/acme/shop/issues/2", blocked_by=["#1"], labels=[], milestone=None, state="closed")
    person(sandbox, "github/acme/shop/issues/2", state="open", title="Renamed", body="text", parent=None, blocked_by=[])
    person(sandbox, "github/acme/shop/pulls", title="Do it", head="feat", commits=["one"])
    person(sandbox, "github/acme/shop/pulls/3", labels=["bug"], merge="squash")
    person(sandbox, "github/acme/shop/issues/2", delete=True)
    shop.commit("More")
    sandbox.world.notice()
    sandbox.world.posted()
    checked = set()
    for headers, body, _ in ear.came:
        event, payload = headers["x-github-event"], json.loads(body)
        name = "-".join(
            [event.replace("_", "-"), *([payload["action"].replace("_", "-")] if "action" in payload else [])]
        )
        if name not in document["webhooks"]:
            continue
        schema = document["webhooks"][name]["post"]["requestBody"]["content"]["application/json"]["schema"]
        lacks = required(document, schema, payload)
        assert not lacks, f"{name}: {lacks}"
        checked.add(name)
    assert {
        "issues-closed",
        "issues-labeled",
        "push",
        "pull-request-opened",
        "sub-issues-parent-issue-added",
    } <= checked
    assert {"issue-dependencies-blocked-by-added", "issues-deleted", "milestone-created"} <= checked


def required(document: Any, schema: Any, payload: Any) -> list[str]:
    """The members of an event that the specification demands and the payload lacks, or has with another type."""
    schema = document["components"]["schemas"][schema["$ref"].rpartition("/")[2]] if "$ref" in schema else schema
    lacks = [name for name in schema.get("required", ()) if name not in payload and name not in ("organization",)]
    kinds = {"string": str, "object": dict, "array": list, "boolean": bool, "integer": int}
    for name, value in payload.items():
        kind = kinds.get(str(schema.get("properties", {}).get(name, {}).get("type")))
        if kind and value is not None and not isinstance(value, kind):
            lacks.append(f"{name} is a {type(value).__name__}")
    return lacks


# ── Jira ─────────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_hooks_of_a_site(ear: Ear, sandbox: Sandbox) -> None:
    events = ["jira:issue_created", "jira:issue_updated", "jira:issue_deleted"]
    body = {"name": "n", "url": ear.url, "events": events, "filters": {FILTER: "project in (10000)"}, "secret": SECRET}
    made = ask(sandbox, "POST", JIRA, body, 201)
    number = made["self"].rpartition("/")[2]
    assert "secret" not in made
    issue = person(sandbox, "jira/acme/issues", fields={"project": "SHOP", "summary": "One", "issuetype": "Histoire"})
    person(sandbox, "jira/acme/issues", fields={"project": "PAY", "summary": "Not ours", "issuetype": "Histoire"})
    person(sandbox, f"jira/acme/issues/{issue['key']}", status="Terminé")
    person(sandbox, f"jira/acme/issues/{issue['key']}", delete=True)
    found = []
    for headers, raw, _ in ear.came:
        payload = json.loads(raw)
        assert headers["x-hub-signature"] == f"sha256={signature(raw)}"
        assert payload["issue"]["fields"]["project"]["id"] == "10000"
        found.append(payload["webhookEvent"].rpartition("_")[2])
    assert found == ["created", "updated", "deleted"]
    assert len({headers["x-atlassian-webhook-identifier"] for headers, _, _ in ear.came}) == 3
    items = json.loads(ear.came[1][1])["changelog"]["items"]
    assert "status" in [item["field"] for item in items]
    ask(sandbox, "PUT", f"{JIRA}/{number}", {"enabled": False})
    assert ask(sandbox, "GET", f"{JIRA}/{number}")["enabled"] is False
    ask(sandbox, "DELETE", f"{JIRA}/{number}", status=204)
    assert ask(sandbox, "GET", JIRA) == []


def test_only_administrators_see_them(sandbox: Sandbox, world: World) -> None:
    world.jira.sites["acme"].account.denied.add("ADMINISTER")
    ask(sandbox, "GET", JIRA, status=403)


# ── Asana ────────────────────────────────────────────────────────────────────────────────────────────────────────────


def subscribed(sandbox: Sandbox, url: str, status: int = 201, **more: Any) -> Any:
    return ask(sandbox, "POST", ASANA, {"data": {"resource": "10", "target": url, **more}}, status)


def test_the_handshake_and_what_is_sent(ear: Ear, sandbox: Sandbox, world: World) -> None:
    filters = [{"resource_type": "task", "action": "changed"}]
    ear.status = 200  # 202 is a failure to Asana
    made = subscribed(sandbox, f"{ear.url}?hook=1", filters=filters)["data"]
    headers, _, path = ear.came.pop()
    secret = headers["x-hook-secret"]
    assert path == "/in?hook=1"
    person(sandbox, "asana/77/tasks/100", completed=True)
    person(sandbox, "asana/77/tasks", name="In the other project", project="11")
    (headers, body, _) = ear.came.pop()
    assert ear.came == []
    assert headers["x-hook-signature"] == signature(body, secret)
    events = json.loads(body)["events"]
    assert {one["resource"]["gid"] for one in events} == {"100"}
    assert {one["action"] for one in events} == {"changed"}
    assert all("name" not in one["resource"] for one in events)
    of_asana.beat(world.asana.workspaces["77"])
    sandbox.world.posted()
    assert json.loads(ear.came.pop()[1]) == {"events": []}
    assert ask(sandbox, "GET", f"{ASANA}/{made['gid']}")["data"]["last_success_at"]
    subscribed(sandbox, f"{ear.url}?hook=1", 403)
    assert len(ask(sandbox, "GET", f"{ASANA}?workspace=77&resource=10")["data"]) == 1
    ask(sandbox, "DELETE", f"{ASANA}/{made['gid']}")
    ask(sandbox, "GET", f"{ASANA}/{made['gid']}", status=404)


def test_an_address_that_does_not_answer_the_handshake_is_refused(ear: Ear, sandbox: Sandbox) -> None:
    ear.echoes = False
    subscribed(sandbox, ear.url, 400)
    subscribed(sandbox, "http://localhost:1/x", 403)
    subscribed(sandbox, "http://127.0.0.1:1/x", 400)
    assert ask(sandbox, "GET", f"{ASANA}?workspace=77")["data"] == []


def test_nobody_waits_for_a_handshake(ear: Ear, sandbox: Sandbox) -> None:
    ear.goes.clear()
    making = threading.Thread(target=subscribed, args=(sandbox, ear.url))
    making.start()
    until(lambda: ear.came)
    ask(sandbox, "GET", "/asana/api/1.0/tasks/100")
    assert ear.answered == 0
    ear.goes.set()
    making.join()
