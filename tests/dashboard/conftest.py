"""The company of the demo behind a server, and installations where nothing was done yet; once for all tests here."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from demo_company import Company, worked_with
from web_server import Served, installed, served

from okrsync.dashboard import shelf

BARE = """
[okrsync]
database = "sqlite:///okrsync.db"
timezone = "Europe/Paris"
language = "en"
instance = "fresh"

[[sources]]
id = "jira"
kind = "jira"
url = "https://fresh.test"
auth = { email = "bot@fresh.test", token = { file = "token" } }
projects = ["SHOP"]
"""


@pytest.fixture(autouse=True)
def exact(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every answer is of now, however slow the machine: no older one is given meanwhile."""
    monkeypatch.setattr(shelf, "PATIENCE", 60.0)
    monkeypatch.setattr(shelf, "REST", 0.0)


@pytest.fixture(scope="session")
def company(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Company]:
    with worked_with(tmp_path_factory.mktemp("company")) as found:
        yield found


@pytest.fixture(scope="session")
def running(company: Company) -> Iterator[Served]:
    with served(company.config, company.store, company.now) as found:
        yield found


@pytest.fixture
def site(running: Served, company: Company) -> Iterator[Served]:
    """The server, with a daemon that is well and asks for no token; ``site.get("/", headers=…)``."""
    yield running
    running.config, running.now = company.config, company.now
    running.beside.__init__()  # type: ignore[misc]  # as it was


@pytest.fixture
def fresh(tmp_path: Path) -> Iterator[Served]:
    """An installation without objectives, which never synced."""
    with installed(tmp_path, BARE) as found:
        yield found


@pytest.fixture
def unread(tmp_path: Path, company: Company) -> Iterator[Served]:
    """The company's configuration over a database that holds nothing yet."""
    with installed(tmp_path, (company.folder / "okrsync.toml").read_text(encoding="utf-8")) as found:
        yield found
