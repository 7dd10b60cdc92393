"""A small Jira site, served, and a client that holds every exchange against Atlassian's specification."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import requests

from okrsync.sandbox import Sandbox, World
from okrsync.sandbox.clock import Clock
from okrsync.sandbox.company_metadata import FIELDS, ISSUE_TYPES, PROJECTS, STATUSES
from okrsync.sandbox.jira import changes
from okrsync.sandbox.jira.account import Account
from okrsync.sandbox.jira.changes import Hand
from okrsync.sandbox.jira.issue import Issue
from okrsync.sandbox.jira.site import Site

NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
PERSON = Account("acc-1", "Ada")


@pytest.fixture
def site() -> Site:
    """SHOP-1 (epic), SHOP-2 and SHOP-3 below it, SHOP-4 (sub-task of SHOP-2), PAY-1: an hour apart until noon."""
    found = Site("acme", projects=PROJECTS, statuses=STATUSES, issue_types=ISSUE_TYPES, fields=FIELDS)

    def add(hour: int, **fields: Any) -> Issue:
        at = NOON.replace(hour=hour)
        return changes.create(found, {"project": "SHOP", "issuetype": "Histoire", **fields}, Hand(PERSON, at))

    add(7, summary="Epic", issuetype="Epic", labels=["okr:KR-UX"])
    add(8, summary="First", parent="SHOP-1", customfield_10016=3)
    add(9, summary="Second", parent="SHOP-1", status="Terminé", assignee={"accountId": "acc-2", "displayName": "Bo"})
    add(10, summary="Part", issuetype="Sous-tâche", parent="SHOP-2", labels=["Blue", "red"])
    add(11, summary="Pay", project="PAY", status="En cours", customfield_10016=8, duedate="2026-04-01")
    return found


@pytest.fixture
def sandbox(site: Site) -> Iterator[Sandbox]:
    with Sandbox(World([site], clock=Clock(NOON))) as running:
        yield running


class Client(requests.Session):
    """A session on one Jira site. ``check`` gets every exchange."""

    def __init__(self, url: str, check: Callable[[requests.Response], None] | None = None) -> None:
        super().__init__()
        self.trust_env = False
        self.auth = ("okrsync@example.test", "token")
        self.base = f"{url}/rest/api/3"
        if check is not None:
            self.hooks["response"].append(lambda response, **_: check(response))

    def ask(self, method: str, path: str, body: object = None, status: int = 200, **query: Any) -> Any:
        """The decoded answer; fails where the status is another."""
        response = self.request(method, self.base + path, json=body, params=query, timeout=10)
        assert response.status_code == status, f"{response.status_code}: {response.text}"
        return response.json() if response.content else None

    def keys(self, jql: str, **more: Any) -> list[str]:
        answer = self.ask("POST", "/search/jql", {"jql": jql, "fields": ["key"], "maxResults": 5000, **more})
        return [issue["key"] for issue in answer["issues"]]

    def refusal(self, jql: str) -> str:
        answer = self.ask("POST", "/search/jql", {"jql": jql}, status=400)
        assert answer["errors"] == {}
        (message,) = answer["errorMessages"]
        return str(message)


@pytest.fixture
def connect() -> Iterator[Callable[..., Client]]:
    """Opens clients and closes them at the end."""
    opened: list[Client] = []

    def connected(url: str, check: Callable[[requests.Response], None] | None = None) -> Client:
        opened.append(Client(url, check))
        return opened[-1]

    yield connected
    for session in opened:
        session.close()


@pytest.fixture
def client(sandbox: Sandbox, connect: Callable[..., Client]) -> Client:
    return connect(f"{sandbox.url}/jira/acme")


_OFFSET = re.compile(rb"(\d\d:\d\d:\d\d\.\d{3}[+-]\d\d)(\d\d)\"")


def _mend(document: dict[str, Any]) -> None:
    """Let the specification take what Jira really sends: recorded answers hold keys and nulls that it does not know."""
    schemas = document["components"]["schemas"]
    for name in ("IssueTypeDetails", "Project", "ChangeDetails"):
        schemas[name]["additionalProperties"] = True
    for value in schemas["ChangeDetails"]["properties"].values():
        value["nullable"] = True


@pytest.fixture(scope="session")
def contract(shared: Path) -> Callable[[str], Callable[[requests.Response], None]]:
    """A check of whole exchanges with the site at this address against Atlassian's OpenAPI file.

    It is loaded unvalidated, because it breaks its own rules; offsets such as ``+0100`` get their colon before formats
    are checked, because Jira does not write RFC 3339.
    """
    from openapi_core import Config, OpenAPI
    from openapi_core.contrib.requests import RequestsOpenAPIRequest, RequestsOpenAPIResponse

    text = (shared / "specs" / "jira-cloud-v3-openapi.json").read_text(encoding="utf-8")

    def at(address: str) -> Callable[[requests.Response], None]:
        document = json.loads(text)
        _mend(document)
        document["servers"] = [{"url": address}]
        api = OpenAPI.from_dict(document, config=Config(spec_validator_cls=None))

        def check(response: requests.Response) -> None:
            request = RequestsOpenAPIRequest(response.request)
            if response.ok:
                api.validate_request(request)
            if response.content:
                mended = requests.Response()
                mended.status_code, mended.headers = response.status_code, response.headers
                mended._content = _OFFSET.sub(rb'\1:\2"', response.content)
                api.validate_response(request, RequestsOpenAPIResponse(mended))

        return check

    return at
