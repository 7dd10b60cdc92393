"""The gateway of Jira Cloud: the door for tokens with scopes, with links of its own."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import requests

from okrsync.sandbox import Sandbox
from okrsync.sandbox.jira.site import Site


@pytest.fixture
def doors(site: Site, sandbox: Sandbox, connect: Callable[..., Any]) -> tuple[Any, Any]:
    """A client at the site and one at the gateway, both with a token that has scopes."""
    home, gateway = connect(f"{sandbox.url}/jira/acme"), connect(f"{sandbox.url}/ex/jira/{site.cloud_id}")
    for client in (home, gateway):
        client.auth = ("okrsync@example.test", "scoped-1")
    return home, gateway


def test_anybody_is_told_the_cloud_id(sandbox: Sandbox, site: Site) -> None:
    answer = requests.get(f"{sandbox.url}/jira/acme/_edge/tenant_info", timeout=5)
    assert answer.json() == {"cloudId": site.cloud_id}
    site.datacenter = True
    assert requests.get(f"{sandbox.url}/jira/acme/_edge/tenant_info", timeout=5).status_code == 404
    assert requests.get(f"{sandbox.url}/ex/jira/{site.cloud_id}/rest/api/3/myself", timeout=5).status_code == 404


def test_a_token_with_scopes_is_good_at_the_gateway_alone(doors: tuple[Any, Any], sandbox: Sandbox) -> None:
    home, gateway = doors
    home.ask("GET", "/myself", status=401)
    assert gateway.ask("GET", "/myself")["displayName"] == "okrsync"
    info = gateway.ask("GET", "/serverInfo")
    assert info["baseUrl"] == f"{sandbox.url}/jira/acme"
    (issue,) = gateway.ask("POST", "/search/jql", {"jql": "key = SHOP-1", "fields": ["summary"]})["issues"]
    assert issue["self"] == f"{gateway.base}/issue/10001"
    gateway.ask("PUT", "/issue/SHOP-1", {"update": {"labels": [{"add": "x"}]}}, status=204)
    gateway.auth = ("okrsync@example.test", "bad")
    gateway.ask("GET", "/myself", status=401)
    gateway.auth = None
    gateway.ask("GET", "/myself", status=401)


def test_a_token_may_lack_the_scope_to_write(doors: tuple[Any, Any]) -> None:
    gateway = doors[1]
    gateway.auth = ("okrsync@example.test", "scoped-readonly")
    assert gateway.keys("project = SHOP")
    refused = gateway.ask("PUT", "/issue/SHOP-1", {"update": {"labels": [{"add": "x"}]}}, status=401)
    assert refused == {"code": 401, "message": "Unauthorized; scope does not match"}


def test_no_such_site_behind_the_gateway(sandbox: Sandbox) -> None:
    for path in ("jira/nobody/rest/api/3/myself", "confluence/x", ""):
        assert requests.get(f"{sandbox.url}/ex/{path}", timeout=5).status_code == 404
