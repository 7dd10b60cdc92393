"""The transport sits under all three libraries, over a real server and under ``responses``.

Each library comes as its connector uses it.
"""

from __future__ import annotations

import re
import threading
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
import responses
from misbehaving import Loopback, reply
from requests.exceptions import ReadTimeout

from connectors.github import GitHubSettings
from connectors.transport import Transport
from okrsync.errors import AuthError, MalformedPage, RateLimited, Rejected, ToolError, Unavailable
from okrsync.model import Secret, SecretRef, SourceConfig

TOKEN = "s3cr3t-canary"


class Library:
    """One library over one transport: a read and a write of its own making."""

    def __init__(self, url: str, wait: Any) -> None:
        self.transport = Transport(url, timeout=timedelta(seconds=0.4), wait=wait)

    def read(self) -> Any: ...
    def write(self) -> Any: ...
    def close(self) -> None:
        self.transport.close()


class JiraLibrary(Library):
    def __init__(self, url: str, wait: Any) -> None:
        from jira import JIRA

        super().__init__(url, wait)
        self.client: Any = JIRA(
            url, basic_auth=("me@acme.test", TOKEN), get_server_info=False, max_retries=0, logging=False
        )
        self.transport.mount(self.client._session)

    def read(self) -> Any:
        return self.client.myself()["name"]

    def write(self) -> Any:
        return self.client.add_comment("A-1", "text").id

    def close(self) -> None:
        self.client.close()


class GithubLibrary(Library):
    def __init__(self, url: str, wait: Any) -> None:
        from connectors.github_api import Api

        settings, token = GitHubSettings(repositories=("acme/shop",)), SecretRef("env", "TOKEN")
        timeout = timedelta(seconds=0.4)
        self.client = Api(SourceConfig("github", "github", url, None, token, settings, timeout=timeout), Secret(TOKEN))
        self.transport = self.client._transport
        self.transport._wait = wait

    def read(self) -> Any:
        return self.client.get("/users/bo").value["name"]

    def write(self) -> Any:
        return self.client.call("POST", "/repos/acme/shop/issues", {"title": "title"})["number"]


class AsanaLibrary(Library):
    def __init__(self, url: str, wait: Any) -> None:
        from connectors.asana_api import Api

        source = SourceConfig("a", "asana", url, None, SecretRef("env", "X"), None, timeout=timedelta(seconds=0.4))
        self.client = Api(source, Secret(TOKEN), quota=1500)
        self.transport = self.client._transport
        self.transport._wait = wait

    def read(self) -> Any:
        return self.client.get("/users/me")["name"]

    def write(self) -> Any:
        return self.client.post("/tags", {"name": "x"})["gid"]

    def close(self) -> None:
        self.client.close()


LIBRARIES = {"jira": JiraLibrary, "PyGithub": GithubLibrary, "asana": AsanaLibrary}
ANSWERS: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    "jira": ({"name": "bo"}, {"id": "7"}),
    "PyGithub": ({"name": "bo"}, {"number": 7}),
    "asana": ({"data": {"name": "bo"}}, {"data": {"gid": "7"}}),
}


@pytest.fixture(params=list(LIBRARIES))
def name(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def mount(name: str, waits: Any) -> Iterator[Callable[[str], Library]]:
    opened: list[Library] = []

    def open_library(url: str) -> Library:
        opened.append(LIBRARIES[name](url, waits))
        return opened[-1]

    yield open_library
    for library in opened:
        library.close()


def test_reads_and_writes_go_through(name: str, mount: Callable[[str], Library], loopback: Loopback) -> None:
    read, written = ANSWERS[name]
    library = mount(loopback.script(reply(read), reply(written, "201 Created")))
    assert library.read() == "bo"
    assert str(library.write()) == "7"
    assert library.transport.sent == len(loopback.requests) == 2
    assert not any(TOKEN.encode() in request.split(b"\r\n\r\n")[1] for request in loopback.requests)


@pytest.mark.parametrize(
    ("fault", "meaning", "times"),
    [
        (reply(b"<html><title>Log in</title>", content_type="text/html"), AuthError, 1),
        (reply(b"<html>down", content_type="text/html"), MalformedPage, 1),
        (reply(b"<html>", "502 x", "text/html"), Unavailable, 5),
        (reply(status="429 x", **{"Retry-After": "3600"}), RateLimited, 1),
        (reply(status="429 x", **{"Retry-After": "Wed, 21 Oct 2065 07:28:00 GMT"}), RateLimited, 1),
        (reply({"message": "no"}, "404 x"), Rejected, 1),
        (reply({"message": "no"}, "401 x"), AuthError, 2),
    ],
)
def test_no_library_has_its_own_idea_of_a_failure(
    fault: Any, meaning: type[ToolError], times: int, mount: Callable[[str], Library], loopback: Loopback
) -> None:
    library = mount(loopback.script(fault))
    with pytest.raises(ToolError) as caught:
        library.read()
    assert type(caught.value) is meaning
    assert len(loopback.requests) == times
    assert TOKEN not in str(caught.value)


def test_no_library_repeats_a_write_or_hangs(mount: Callable[[str], Library], loopback: Loopback) -> None:
    library = mount(loopback.script(loopback.hang))
    with pytest.raises(Unavailable, match="no complete answer within") as caught:
        library.write()
    assert caught.value.sent
    assert len(loopback.requests) == 1


def test_no_library_leaves_threads(mount: Callable[[str], Library], loopback: Loopback) -> None:
    before = set(threading.enumerate())
    mount(loopback.url)
    assert set(threading.enumerate()) == before


def test_responses_intercepts(name: str, mount: Callable[[str], Library]) -> None:
    read, written = ANSWERS[name]
    with responses.RequestsMock() as fake:
        fake.get(url=_anything(), json=read)
        fake.post(url=_anything(), json=written, status=201)
        library = mount("http://tool.test")
        assert library.read() == "bo"
        assert str(library.write()) == "7"
        assert len(fake.calls) == 2


def test_responses_shows_a_lost_answer_to_a_write(mount: Callable[[str], Library]) -> None:
    with responses.RequestsMock() as fake:
        fake.post(url=_anything(), body=ReadTimeout())
        with pytest.raises(Unavailable) as caught:
            mount("http://tool.test").write()
        assert caught.value.sent
        assert len(fake.calls) == 1


def _anything() -> Any:
    return re.compile(r"http://tool\.test.*")
