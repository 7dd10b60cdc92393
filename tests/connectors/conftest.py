"""What the connector tests share: a server that misbehaves, and waits that are written down instead of slept."""

from __future__ import annotations

import contextlib
import re
import socket
import sys
import threading
import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import orjson
import pytest
import requests
from requests.adapters import HTTPAdapter

sys.path.insert(0, str(Path(__file__).parent))  # the helper modules of this folder, which are no packages

from misbehaving import Loopback


@pytest.fixture
def loopback() -> Iterator[Loopback]:
    server = Loopback()
    listener = socket.create_server(("127.0.0.1", 0))
    server.url = f"http://127.0.0.1:{listener.getsockname()[1]}"
    threads: list[threading.Thread] = []

    def accept() -> None:
        with contextlib.suppress(OSError):
            while True:
                line, _ = listener.accept()
                threads.append(threading.Thread(target=server.serve, args=(line,), daemon=True))
                threads[-1].start()

    acceptor = threading.Thread(target=accept, daemon=True)
    acceptor.start()
    yield server
    server.stop.set()
    listener.shutdown(socket.SHUT_RDWR)
    listener.close()
    acceptor.join(5)
    for thread in threads:
        thread.join(5)


class Waits(list[float]):
    """An injected wait: writes down what it was asked and returns at once, not interrupted."""

    def __call__(self, seconds: float) -> bool:
        self.append(seconds)
        return False


@pytest.fixture
def waits() -> Waits:
    return Waits()


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
        names = sorted(orjson.loads(self.body)) if self.body.startswith(b"{") else []
        query = sorted({name for name, _ in parse_qsl(parts.query)})
        return (self.method, re.sub(r"\d+", "0", parts.path), *query, "|", *names)


@pytest.fixture(scope="session")
def _jira_specification() -> Any:
    """Atlassian's OpenAPI file, loaded unvalidated because it breaks its own rules; None where it is not at hand."""
    path = Path(__file__).resolve().parents[3] / "shared" / "specs" / "jira-cloud-v3-openapi.json"
    if not path.is_file():
        return None
    from openapi_core import Config, OpenAPI

    return OpenAPI.from_dict(orjson.loads(path.read_bytes()), config=Config(spec_validator_cls=None))


class JiraContract:
    """Holds requests to a Jira site against the specification, each kind once.

    Does nothing where the specification is not at hand; ``test_the_requests_are_checked`` is then skipped and says why.
    """

    def __init__(self, specification: Any) -> None:
        self._specification = specification
        self._checked: set[tuple[str, ...]] = set()

    def check(self, request: Any, site: str) -> None:
        """Raises where a request that was prepared for ``site`` is not as the specification has it."""
        if self._specification is not None:
            url = "https://your-domain.atlassian.net" + request.url.removeprefix(site)
            sent = Sent(request.method, url, dict(request.headers), request.body or b"")
            if sent.kind not in self._checked:
                self.validate(sent)
                self._checked.add(sent.kind)

    def validate(self, sent: Sent) -> None:
        from openapi_core.contrib.requests import RequestsOpenAPIRequest

        request = requests.Request(sent.method, sent.url, headers=sent.headers, data=sent.body)
        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", "Unsupported scheme type")  # the specification names OAuth beside basic
            self._specification.validate_request(RequestsOpenAPIRequest(request))


@pytest.fixture(scope="session")
def jira_contract(_jira_specification: Any) -> JiraContract:
    return JiraContract(_jira_specification)


@pytest.fixture
def watched_site(monkeypatch: pytest.MonkeyPatch, jira_contract: JiraContract) -> Iterator[Callable[[str], None]]:
    """Called with the address of a site, holds all that the test really sends there against the specification."""
    sites: list[str] = []
    seen: list[tuple[Any, str]] = []
    really_send = HTTPAdapter.send

    def send(self: HTTPAdapter, request: Any, **options: Any) -> Any:
        seen.extend((request, site) for site in sites if request.url.startswith(site + "/"))
        return really_send(self, request, **options)

    monkeypatch.setattr(HTTPAdapter, "send", send)
    yield sites.append
    for request, site in seen:
        jira_contract.check(request, site)


@pytest.fixture
def check_jira_request(jira_contract: JiraContract) -> Callable[[str, str, object], None]:
    """Raises where a request with this method, url and JSON body is not as Atlassian's specification has it."""

    def check(method: str, url: str, body: object) -> None:
        jira_contract.validate(Sent(method, url, {"Content-Type": "application/json"}, orjson.dumps(body)))

    return check
