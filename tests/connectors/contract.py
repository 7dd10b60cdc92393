"""Requests of a connector held against its vendor's own OpenAPI file."""

from __future__ import annotations

import re
import warnings
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import contract_rules
import graphql_contract
import orjson
import places
import pytest
import requests
from places import Place
from requests.adapters import HTTPAdapter

SPECIFICATIONS = Path(__file__).resolve().parents[3] / "shared" / "specs"


@dataclass(frozen=True)
class Sent:
    """One request as it left, with what the same kind of request is recognised by."""

    method: str
    url: str
    headers: dict[str, str]
    body: bytes

    @property
    def kind(self) -> tuple[str, ...]:
        parts = urlsplit(self.url)
        held = orjson.loads(self.body) if self.body.startswith(b"{") else {}
        inner = held.get("data")
        names = sorted(held) + sorted(inner if isinstance(inner, dict) else ())
        if parts.path.endswith("/graphql"):
            names.append(re.sub(r"\d+", "0", str(held.get("query"))))
        query = sorted({name for name, _ in parse_qsl(parts.query)})
        return (self.method, re.sub(r"\d+", "0", parts.path), *query, "|", *names)


@dataclass
class Contract:
    """Holds requests to a tool against the specification, each kind once; ``server`` is the address that it names.

    Does nothing where the specification is not at hand; a test that the check can fail is then skipped and says why.
    """

    specification: Any
    server: str
    rule: contract_rules.Rule = lambda *_: iter(())
    _checked: set[tuple[str, ...]] = field(default_factory=set)
    places: set[Place] = field(default_factory=set)  # from which requests were sent that are as they should be

    def check(self, request: Any, site: str) -> None:
        """Raises where a request that was prepared for ``site`` is not as the specification has it."""
        if self.specification is not None:
            url = self.server + request.url.removeprefix(site)
            sent = Sent(request.method, url, dict(request.headers), request.body or b"")
            if sent.kind not in self._checked:
                self.validate(sent)
                self._checked.add(sent.kind)
        self.places.add(places.of(request))

    def validate(self, sent: Sent) -> None:
        from openapi_core.contrib.requests import RequestsOpenAPIRequest

        request = requests.Request(sent.method, sent.url, headers=sent.headers, data=sent.body)
        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", "Unsupported scheme type")  # a specification names OAuth beside basic
            warnings.filterwarnings("ignore", ".* is deprecated")  # one of Asana's schemas, somewhere below
            self.specification.validate_request(RequestsOpenAPIRequest(request))
        found = contract_rules.problems(self._described, self.rule, sent.method, sent.url, sent.body)
        assert not found, found

    @cached_property
    def _described(self) -> contract_rules.Described:
        return contract_rules.Described(self.specification.spec.read_value(), self.server)

    @contextmanager
    def watching(self, site: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
        """All that the block really sends to ``site`` is held against the specification at its end."""
        seen: list[Any] = []
        really_send = HTTPAdapter.send

        def send(adapter: HTTPAdapter, request: Any, **options: Any) -> Any:
            if request.url.startswith(site + "/"):
                seen.append(request)
            return really_send(adapter, request, **options)

        monkeypatch.setattr(HTTPAdapter, "send", send)
        yield
        for request in seen:
            self.check(request, site)


class JiraContract(Contract):
    """Atlassian's file is of Cloud, version 3. It names no address outside that API, and there is none of Data Center's
    version 2, whose few requests are held against what is known of them (facts on Jira, section 3)."""

    _UNTOLD = re.compile(r"/_edge/tenant_info$|/rest/pat/latest/tokens$")
    _HOOKS = re.compile(r"/rest/webhooks/1\.0/webhook(/\d+)?$")
    _HOOK: Mapping[str, type] = {
        "name": str,
        "url": str,
        "events": list,
        "filters": dict,
        "excludeBody": bool,
        "secret": str,
    }
    _DATACENTER = re.compile(
        r"GET /project(/\w+)?|GET /(serverInfo|myself|mypermissions|field|status|issueLinkType)|POST /search"
        r"|(GET|PUT) /issue/\d+|GET /issue/\d+/editmeta|(GET|PUT|DELETE) /issue/\d+/properties/[^/]+"
        r"|(GET|POST) /issue/\d+/comment|(PUT|DELETE) /issue/\d+/comment/\d+"
    )
    _BEAN: Mapping[str, type] = {
        "jql": str,
        "startAt": int,
        "maxResults": int,
        "fields": list,
        "expand": list,
        "validateQuery": bool,
    }

    def validate(self, sent: Sent) -> None:
        path = urlsplit(sent.url).path
        if self._UNTOLD.search(path):
            return
        if found := self._HOOKS.search(path):  # of administrators; what is known of them: facts on Jira, section 2.9
            assert (sent.method, bool(found[1])) in {("GET", False), ("POST", False), ("PUT", True), ("DELETE", True)}
            body = orjson.loads(sent.body or b"{}")
            assert all(type(value) is self._HOOK.get(name) for name, value in body.items()), body
            assert set(body.get("filters", ())) <= {"issue-related-events-section"}
            return
        if "/rest/api/2/" not in path:
            super().validate(sent)
            return
        below = path.partition("/rest/api/2")[2]
        assert self._DATACENTER.fullmatch(f"{sent.method} {below}"), f"{sent.method} {below}: not known in version 2"
        if below == "/search":
            body = orjson.loads(sent.body)
            assert all(type(value) is self._BEAN.get(name) for name, value in body.items()), body


def jira() -> Contract:
    """Atlassian's file, loaded unvalidated because it breaks its own rules."""
    server = "https://your-domain.atlassian.net"
    document = _document("jira-cloud-v3-openapi.json")
    if document is None:
        return Contract(None, server)
    from openapi_core import Config, OpenAPI

    return JiraContract(
        OpenAPI.from_dict(document, config=Config(spec_validator_cls=None)), server, contract_rules.jira
    )


def asana() -> Contract:
    """Asana's file, mended where it does not mean what it says: paths of ``opt_fields`` are free, bodies need data."""
    server = "https://app.asana.com/api/1.0"
    document = _document("asana-openapi.json")
    if document is None:
        return Contract(None, server)
    from openapi_core import OpenAPI

    for operations in document["paths"].values():
        for operation in operations.values():
            for parameter in operation.get("parameters", ()) if isinstance(operation, dict) else ():
                if parameter.get("name") == "opt_fields":
                    parameter["schema"] = {"type": "array", "items": {"type": "string", "pattern": r"^[a-z_.]+$"}}
            if isinstance(operation, dict) and "requestBody" in operation:
                for media in operation["requestBody"].get("content", {}).values():
                    media["schema"]["required"] = ["data"]
    return Contract(OpenAPI.from_dict(document), server, contract_rules.asana)


class GitHubContract(Contract):
    """Besides, no parameter that the description does not name, and no page of more than a hundred.

    Addresses by id are those that GitHub's own links have; the description names them by owner and name only. Queries
    are held against the published schema.
    """

    _BY_ID = re.compile(r"/repositories/\d+")
    _HOOKS = re.compile(r"/repos/[^/]+/[^/]+/hooks(/\d+)?$")
    _UNTOLD = re.compile(r"/app$|/users/[^/]+(/repos)?$|/branches/[^/]+$|/repos/[^/]+/[^/]+/labels/[^/]+$")

    def validate(self, sent: Sent) -> None:
        sent = replace(sent, url=self._BY_ID.sub("/repos/acme/shop", sent.url, count=1))
        path = urlsplit(sent.url).path
        if path.endswith("/graphql"):
            types = graphql_contract.schema(SPECIFICATIONS / "github-graphql-schema.graphql")
            found = graphql_contract.problems(types, orjson.loads(sent.body)["query"])
            assert not found, found
            return
        if self._UNTOLD.search(path):
            return
        if found := self._HOOKS.search(path):
            self._hook(sent, one=bool(found[1]))
            return
        super().validate(sent)

    def _hook(self, sent: Sent, *, one: bool) -> None:
        """The trimmed file lacks hooks; which events there are, the file of webhooks tells."""
        assert (sent.method, one) in {("GET", False), ("POST", False), ("PATCH", True), ("DELETE", True)}
        body = orjson.loads(sent.body or b"{}")
        assert set(body) <= {"name", "active", "events", "config"}, body
        assert set(body.get("config", ())) <= {"url", "content_type", "secret", "insecure_ssl"}, body
        known = (_document("github-webhooks-openapi.json") or {"webhooks": {}})["webhooks"]
        for event in body.get("events", ()):
            assert any(f"{name}-".startswith(f"{event.replace('_', '-')}-") for name in known), event


def github() -> Contract:
    """GitHub's file."""
    server = "https://api.github.com"
    document = _document("github-rest-openapi.json")
    if document is None:
        return Contract(None, server)
    from openapi_core import OpenAPI

    return GitHubContract(OpenAPI.from_dict(document), server, contract_rules.github)


def _document(name: str) -> Any:
    path = SPECIFICATIONS / name
    return orjson.loads(path.read_bytes()) if path.is_file() else None
