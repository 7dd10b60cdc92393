"""A small Jira site and a small Asana workspace, served, and clients that hold exchanges against the specifications."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import requests
from lumen_metadata import PROJECTS

from okrsync.sandbox import Sandbox, World
from okrsync.sandbox.asana.workspace import Workspace
from okrsync.sandbox.clock import Clock
from okrsync.sandbox.company.jira_metadata import FIELDS, ISSUE_TYPES, STATUSES
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


# ── Asana ────────────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.fixture
def workspace() -> Workspace:
    """Project 10 with sections 11 and 12 holds tasks 100 (subtasks 101 and below it 102), 103 and 104; project 20 holds
    104 too, and 105. Goal 500 has a metric and is supported by project 10, goal 501 by goal 500."""
    return Workspace(
        "77",
        users=[{"gid": "7", "name": "Ana", "email": "ana@example.test"}],
        projects=[{"gid": "10", "name": "Shop", "owner": "7"}, {"gid": "20", "name": "Pay", "archived": True}],
        sections=[{"gid": "11", "project": "10", "name": "To do"}, {"gid": "12", "project": "10", "name": "Doing"}],
        tags=[{"gid": "30", "name": "okr:KR-1"}],
        tasks=[
            _task(103, 9, memberships=[{"project": "10", "section": "12"}], approval_status="rejected"),
            _task(100, 7, memberships=[{"project": "10", "section": "11"}], tags=["30"], assignee="7"),
            _task(101, 8, parent="100"),
            _task(102, 8, parent="101", is_rendered_as_separator=True),
            _task(104, 10, projects=["10", "20"], dependencies=["100"], custom_fields=FIELD_VALUES),
            _task(105, 11, projects=["20"], completed=True, resource_subtype="milestone", due_on="2026-04-01"),
        ],
        time_periods=[{"gid": "55", "period": "Q1", "start_on": "2026-01-01", "end_on": "2026-03-31"}],
        goals=[
            {"gid": "500", "name": "Faster", "owner": "7", "time_period": "55", "metric": dict(PERCENT)},
            {"gid": "501", "name": "Better"},
        ],
        goal_relationships=[
            {"gid": "600", "supported_goal": "500", "supporting_resource": "10"},
            {"gid": "601", "supported_goal": "501", "supporting_resource": "500", "contribution_weight": 0.5},
        ],
        status_updates=[{"gid": "700", "parent": "500", "text": "Slow", "status_type": "at_risk", "author": "7"}],
        stories=[
            {"gid": "800", "target": "100", "text": "Hello", "created_by": "7"},
            {"gid": "801", "target": {"gid": "500", "resource_type": "goal"}, "text": "Why?", "created_by": "7"},
        ],
    )


PERCENT = {"unit": "percentage", "initial_number_value": 0, "target_number_value": 1, "current_number_value": 0.2}
FIELD_VALUES = [
    {"gid": "40", "name": "OKR", "enum_value": {"name": "KR-1"}, "enum_options": [{"name": "KR-1"}, {"name": "KR-2"}]},
    {"gid": "41", "name": "Points", "number_value": 3},
    {"gid": "42", "name": "Note", "text_value": "soon"},
    {"gid": "43", "name": "Teams", "multi_enum_values": [{"name": "A"}, {"name": "B"}]},
    {"gid": "44", "name": "From", "date_value": {"date": "2026-01-02"}},
    {"gid": "45", "name": "With", "people_value": [{"gid": "7", "name": "Ana"}]},
]


def _task(number: int, hour: int, **more: Any) -> dict[str, Any]:
    at = f"2026-03-02T{hour:02d}:00:00.000Z"
    return {"gid": str(number), "name": f"Task {number}", "created_at": at, "modified_at": at, **more}


@pytest.fixture
def asana_sandbox(workspace: Workspace) -> Iterator[Sandbox]:
    with Sandbox(World(asana=[workspace], clock=Clock(NOON))) as running:
        yield running


class AsanaClient(requests.Session):
    """A session on the Asana API. ``check`` gets every exchange."""

    def __init__(self, url: str, check: Callable[[requests.Response], None] | None = None) -> None:
        super().__init__()
        self.trust_env = False
        self.headers["Authorization"] = "Bearer token"
        self.base = f"{url}/asana/api/1.0"
        if check is not None:
            self.hooks["response"].append(lambda response, **_: check(response))

    def ask(self, method: str, path: str, data: object = None, status: int = 200, **query: Any) -> Any:
        """The ``data`` of the answer, or its errors; fails where the status is another."""
        body = None if data is None else {"data": data}
        response = self.request(method, self.base + path, json=body, params=query, timeout=10)
        assert response.status_code == status, f"{response.status_code}: {response.text}"
        answer = response.json()
        return answer["data"] if response.ok else [error["message"] for error in answer["errors"]]

    def page(self, path: str, **query: Any) -> tuple[list[str], str | None]:
        """The gids of a page, and the offset of the next one."""
        answer = self.get(self.base + path, params=query, timeout=10).json()
        following = answer["next_page"]
        return [one["gid"] for one in answer["data"]], following and following["offset"]

    def gids(self, path: str, **query: Any) -> list[str]:
        return [one["gid"] for one in self.ask("GET", path, **query)]


@pytest.fixture
def asana(asana_sandbox: Sandbox) -> Iterator[AsanaClient]:
    with AsanaClient(asana_sandbox.url) as client:
        yield client


@pytest.fixture
def checked_asana(asana_sandbox: Sandbox, shared: Path) -> Iterator[AsanaClient]:
    """A client that holds every exchange against Asana's specification."""
    with AsanaClient(asana_sandbox.url, _asana_check(shared, f"{asana_sandbox.url}/asana/api/1.0")) as client:
        yield client


def _asana_check(shared: Path, address: str) -> Callable[[requests.Response], None]:
    from openapi_core import Config, OpenAPI
    from openapi_core.contrib.requests import RequestsOpenAPIRequest, RequestsOpenAPIResponse
    from openapi_core.exceptions import OpenAPIError

    text = (shared / "specs" / "asana-openapi.json").read_text(encoding="utf-8")
    document = json.loads(text.replace('"allowEmptyValue":true', '"allowEmptyValue":false'))  # deprecated: it warns
    document["servers"] = [{"url": address}]
    _let_null(document["components"]["schemas"])
    api = OpenAPI.from_dict(document, config=Config(spec_validator_cls=None))

    def check(response: requests.Response) -> None:
        request = RequestsOpenAPIRequest(response.request)
        try:
            if response.ok:
                api.validate_request(request)
            api.validate_response(request, RequestsOpenAPIResponse(response))
        except OpenAPIError as error:
            why = [one.message for one in getattr(error.__cause__, "schema_errors", ())]
            pytest.fail(f"{response.request.method} {response.url}: {error!r} {why}")

    return check


def _let_null(schema: Any) -> None:
    """``nullable`` in one part of an ``allOf`` says that null may stand there; taken by the letter it does not. The
    parents of tasks, periods and events are null in recorded answers, and not marked at all."""
    for name, part in schema.items() if isinstance(schema, dict) else enumerate(schema):
        if not isinstance(part, dict | list):
            continue
        _let_null(part)
        parts = part.get("allOf", []) if isinstance(part, dict) else []
        if parts and (name == "parent" or any(one.get("nullable") for one in parts)):
            whole = [{key: value for key, value in one.items() if key != "nullable"} for one in parts]
            schema[name] = {"anyOf": [{"allOf": whole}, {"enum": [None], "nullable": True}]}
