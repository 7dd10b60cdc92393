"""The company of the demo behind a server, once for all tests here."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest
from demo_company import Company, worked_with
from installation import Installation
from web_server import Served, served

from okrsync.cli.session import Session


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
    """The server, with a daemon that is well and asks for no token."""
    yield running
    running.config, running.now = company.config, company.now
    running.beside.__init__()  # type: ignore[misc]  # as it was


@pytest.fixture
def typed(company: Company, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Installation:
    """The commands that somebody types beside it, at the same instant."""
    for name in [name for name in os.environ if name.startswith("OKRSYNC_")]:
        monkeypatch.delenv(name)
    monkeypatch.setattr(Session, "now", lambda _: company.now)
    return Installation(company.folder, company.sandbox, capsys, monkeypatch)
