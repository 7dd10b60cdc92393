"""Requests of a connector held against its vendor's own OpenAPI file."""

from __future__ import annotations

import re
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import orjson
import pytest
import requests
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
        query = sorted({name for name, _ in parse_qsl(parts.query)})
        return (self.method, re.sub(r"\d+", "0", parts.path), *query, "|", *names)


@dataclass
class Contract:
    """Holds requests to a tool against the specification, each kind once; ``server`` is the address that it names.

    Does nothing where the specification is not at hand; a test that the check can fail is then skipped and says why.
    """

    specification: Any
    server: str
    _checked: set[tuple[str, ...]] = field(default_factory=set)

    def check(self, request: Any, site: str) -> None:
        """Raises where a request that was prepared for ``site`` is not as the specification has it."""
        if self.specification is not None:
            url = self.server + request.url.removeprefix(site)
            sent = Sent(request.method, url, dict(request.headers), request.body or b"")
            if sent.kind not in self._checked:
                self.validate(sent)
                self._checked.add(sent.kind)

    def validate(self, sent: Sent) -> None:
        from openapi_core.contrib.requests import RequestsOpenAPIRequest

        request = requests.Request(sent.method, sent.url, headers=sent.headers, data=sent.body)
        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", "Unsupported scheme type")  # a specification names OAuth beside basic
            warnings.filterwarnings("ignore", ".* is deprecated")  # one of Asana's schemas, somewhere below
            self.specification.validate_request(RequestsOpenAPIRequest(request))

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


def jira() -> Contract:
    """Atlassian's file, loaded unvalidated because it breaks its own rules."""
    server = "https://your-domain.atlassian.net"
    document = _document("jira-cloud-v3-openapi.json")
    if document is None:
        return Contract(None, server)
    from openapi_core import Config, OpenAPI

    return Contract(OpenAPI.from_dict(document, config=Config(spec_validator_cls=None)), server)


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
    return Contract(OpenAPI.from_dict(document), server)


class GitHubContract(Contract):
    """Besides, no parameter that the description does not name, and no page of more than a hundred.

    Addresses by id are those that GitHub's own links have; the description names them by owner and name only.
    """

    _BY_ID = re.compile(r"/repositories/\d+")
    _UNTOLD = re.compile(r"/graphql$|/users/[^/]+/repos$|/branches/[^/]+$|/repos/[^/]+/[^/]+/labels/[^/]+$")

    def validate(self, sent: Sent) -> None:
        sent = replace(sent, url=self._BY_ID.sub("/repos/acme/shop", sent.url, count=1))
        path = urlsplit(sent.url).path
        if self._UNTOLD.search(path):
            return
        super().validate(sent)
        query = dict(parse_qsl(urlsplit(sent.url).query, keep_blank_values=True))
        assert set(query) <= self._named(sent.method, path), f"{sent.method} {path} has no parameter for all of {query}"
        assert int(query.get("per_page", 1)) <= 100

    def _named(self, method: str, path: str) -> set[str]:
        """The query parameters of an operation, and those of GitHub's own next links."""
        document = self.specification.spec.read_value()
        for pattern, operations in document["paths"].items():
            if re.fullmatch(re.sub(r"\{\w+\}", "[^/]+", pattern), path) and method.lower() in operations:
                parameters = operations[method.lower()].get("parameters", [])
                named = [
                    document["components"]["parameters"][one["$ref"].rpartition("/")[2]] if "$ref" in one else one
                    for one in parameters
                ]
                return {one["name"] for one in named if one["in"] == "query"} | {"after"}
        raise AssertionError(f"{method} {path} is not described")


def github() -> Contract:
    """GitHub's file."""
    server = "https://api.github.com"
    document = _document("github-rest-openapi.json")
    if document is None:
        return Contract(None, server)
    from openapi_core import OpenAPI

    return GitHubContract(OpenAPI.from_dict(document), server)


def _document(name: str) -> Any:
    path = SPECIFICATIONS / name
    return orjson.loads(path.read_bytes()) if path.is_file() else None
