"""What the connector tests share: a server that misbehaves, and waits that are written down instead of slept."""

from __future__ import annotations

import contextlib
import socket
import sys
import threading
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import orjson
import pytest
import responses

sys.path.insert(0, str(Path(__file__).parent))  # the helper modules of this folder, which are no packages
sys.path.insert(0, str(Path(__file__).parent / "hour"))

import asana_site
import contract
import places
from contract import Contract, Sent
from github_world import NOW, Connect
from misbehaving import Loopback

from connectors import registry
from okrsync.model import Secret, SecretRef, SourceConfig
from okrsync.sandbox import Sandbox, World
from okrsync.sandbox.asana.workspace import Workspace
from okrsync.sandbox.clock import Clock
from okrsync.sandbox.github.repository import Repository


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


@pytest.fixture(scope="session", autouse=True)
def _every_request_says_from_where() -> Iterator[None]:
    with places.noting(("jira", "github", "asana")):
        yield


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What looks at all that was sent comes last."""
    items.sort(key=lambda item: item.get_closest_marker("afterwards") is not None)


@pytest.fixture(scope="session")
def jira_contract() -> Contract:
    return contract.jira()


@pytest.fixture(scope="session")
def asana_contract() -> Contract:
    return contract.asana()


@pytest.fixture(scope="session")
def github_contract() -> Contract:
    return contract.github()


@pytest.fixture
def shop() -> Repository:
    return Repository("acme/shop")


@pytest.fixture
def plan() -> Repository:
    return Repository("acme/plan")


@pytest.fixture
def hub(shop: Repository, plan: Repository) -> Iterator[Sandbox]:
    """GitHub with these repositories."""
    with Sandbox(World(github=[shop, plan], clock=Clock(NOW))) as running:
        yield running


@pytest.fixture
def connect(hub: Sandbox, watch: Callable[[Contract, str], None], github_contract: Contract) -> Iterator[Connect]:
    """A connector to it for these entries; what that sends is held against GitHub's description, its waits are kept."""
    from connectors.github import GitHubSettings  # not before a test wants it

    watch(github_contract, f"{hub.url}/github")
    opened: list[Any] = []

    def connected(
        *repositories: str, branches: tuple[str, ...] = (), token: str = "good", url: str = "", base: str = ""
    ) -> Any:
        source = SourceConfig(
            id="github",
            kind="github",
            url=url or f"{hub.url}/github",
            email=None,
            token=SecretRef("env", "GITHUB_TOKEN"),
            settings=GitHubSettings(repositories=repositories or ("acme/shop",), branches=branches),
            timeout=timedelta(seconds=5),
            base=base,
        )
        made: Any = registry.connect(source, Secret(token))
        made.waits = []
        made._api._transport._wait = lambda seconds: made.waits.append(seconds)
        opened.append(made)
        return made

    yield connected
    for source in opened:
        source.close()


@pytest.fixture(autouse=True)
def _close_what_was_connected() -> Iterator[None]:
    yield
    while asana_site.opened:
        asana_site.opened.pop().close()


@pytest.fixture
def asana_fake(asana_contract: Contract) -> Iterator[responses.RequestsMock]:
    """A site of answers that a test writes; every request to it is held against Asana's specification."""
    with responses.RequestsMock() as mock:
        yield mock
        assert len(mock.calls) > 0
        for call in mock.calls:
            asana_contract.check(call.request, asana_site.API)


@pytest.fixture
def asana_board(asana_fake: responses.RequestsMock) -> responses.RequestsMock:
    """The project of such a site that was never read: its events answer with a first token."""
    events = f"{asana_site.API}/events"
    asana_fake.get(events, status=412, json={"errors": [{"message": "no token"}], "sync": "first"})
    return asana_fake


@pytest.fixture
def asana_at(watch: Callable[[Contract, str], None], asana_contract: Contract) -> Iterator[asana_site.Site]:
    """A workspace of the sandbox with two projects; every request to it is held against Asana's specification."""
    gids = ((asana_site.SHOP, "Shop"), (asana_site.PAY, "Pay"))
    workspace = Workspace(asana_site.WORKSPACE, projects=[{"gid": gid, "name": name} for gid, name in gids])
    with Sandbox(World(asana=[workspace], clock=Clock(asana_site.NOON))) as running:
        watch(asana_contract, f"{running.url}/asana/api/1.0")
        yield asana_site.Site(running, workspace)


@pytest.fixture
def watch(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[Contract, str], None]]:
    """Called with a contract and the address of a site, holds all that the test really sends there against it."""
    with contextlib.ExitStack() as stack:
        yield lambda agreed, site: stack.enter_context(agreed.watching(site, monkeypatch))


@pytest.fixture
def check_jira_request(jira_contract: Contract) -> Callable[[str, str, object], None]:
    """Raises where a request with this method, url and JSON body is not as Atlassian's specification has it."""

    def check(method: str, url: str, body: object) -> None:
        jira_contract.validate(Sent(method, url, {"Content-Type": "application/json"}, orjson.dumps(body)))

    return check
